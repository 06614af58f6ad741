/* program_run.c: one line through the steps of a format; every byte of every log passes here.
 *
 * A step takes its value and the literal behind it and returns the place after both, or NULL with
 * the reason in the run.  The position travels by value so that it stays in a register; the common
 * shape of each value is read in place, everything else goes the slow way through a slice. */
#include "parsers/log/field.h"
#include "parsers/log/program.h"
#include "parsers/log/scan.h"
#include "parsers/log/stamp.h"

/* How many quotes of one line may be tried as the end of a value before a row of further fields;
 * each try may read the rest of the line, and the client chose how many quotes there are. */
enum { FURTHER_TRIES_MAX = 16 };

/* What is collected for the end of the line. */
struct pieces {
    struct civil civil;
    int offset_s;
    int64_t whole_us, fraction_us;
};

struct run {
    const char *begin, *end;
    const struct program *program;
    struct event *e;
    struct arena *arena;
    struct log_thread *thread;
    enum reject reason;
    bool escaped; /* the value just cut holds a backslash */
    int further_tries;
    struct str query;
    struct pieces pieces[2];
};

static inline const char *give_up(struct run *r, enum reject reason)
{
    r->reason = reason;
    return NULL;
}

static inline uint64_t word_at(const char *p)
{
    uint64_t w;
    memcpy(&w, p, sizeof w);
    return w;
}

static inline bool literal_here(const struct run *r, const struct step *s, const char *p)
{
    if (r->end - p >= 8 && s->literal.n <= 8)
        return (word_at(p) & s->literal_mask) == s->literal_word;
    return r->end - p >= s->literal.n && memcmp(p, s->literal.p, (size_t)s->literal.n) == 0;
}

/* p behind a value: over the literal. */
static inline const char *over_literal(struct run *r, const struct step *s, const char *p)
{
    if (literal_here(r, s, p))
        return p + s->literal.n;
    return give_up(r, r->end - p < s->literal.n ? REJECT_FIELD_MISSING : REJECT_LITERAL_MISMATCH);
}

static int two_digits(const char *p)
{
    unsigned tens = (unsigned char)p[0] - (unsigned)'0', ones = (unsigned char)p[1] - (unsigned)'0';
    return tens <= 9 && ones <= 9 ? (int)(tens * 10 + ones) : -1;
}

static bool zone_part(const char *p, int *offset_s)
{
    int hours = two_digits(p + 1), minutes = two_digits(p + 3);
    if ((*p != '+' && *p != '-') || hours < 0 || hours > 23 || minutes < 0 || minutes > 59)
        return false;
    *offset_s = (hours * 60 + minutes) * (*p == '-' ? -60 : 60);
    return true;
}

static bool date_part(struct pieces *c, enum date_part part, const char *p)
{
    int two = two_digits(p);
    switch (part) {
    case DATE_YEAR:
        c->civil.year = two * 100 + two_digits(p + 2);
        return two >= 0 && two_digits(p + 2) >= 0;
    case DATE_MONTH:
        c->civil.month = two;
        return two >= 1;
    case DATE_MONTH_NAME:
        c->civil.month = stamp_month(p);
        return c->civil.month >= 1;
    case DATE_DAY:
        c->civil.day = p[0] == ' ' ? p[1] - '0' : two; /* %e */
        return c->civil.day >= 1;
    case DATE_HOUR:
        c->civil.hour = two;
        return two >= 0;
    case DATE_MINUTE:
        c->civil.minute = two;
        return two >= 0;
    case DATE_SECOND:
        c->civil.second = two;
        return two >= 0;
    case DATE_ZONE:
        return zone_part(p, &c->offset_s);
    case DATE_WEEKDAY:
    default:
        return true;
    }
}

/* One further field at p, which is a space: "...", [...] or a word without quotes.  NULL when it is
 * none. */
static const char *further_field(const struct run *r, const char *p)
{
    const char *start = ++p;
    if (p == r->end)
        return NULL;
    char close = *p == '"' ? '"' : *p == '[' ? ']' : ' ';
    if (close == ' ') {
        p = scan_pair(r->begin, p, r->end, ' ', '"');
        return p == start || (p < r->end && *p == '"') ? NULL : p;
    }
    p = scan_pair(r->begin, p + 1, r->end, close, '\\');
    while (r->end - p > 1 && *p == '\\')
        p = scan_pair(r->begin, p + 2, r->end, close, '\\');
    if (p == r->end || *p != close)
        return NULL;
    return p + 1 == r->end || p[1] == ' ' ? p + 1 : NULL;
}

/* At least one, up to the line's end. */
static bool further_fields(struct run *r, const char *p)
{
    if (p == r->end || ++r->further_tries > FURTHER_TRIES_MAX)
        return false;
    while (p != NULL && p < r->end)
        p = *p == ' ' ? further_field(r, p) : NULL;
    return p != NULL;
}

/* next is the step that must be able to start at p. */
static bool number_follows(const struct run *r, const struct step *next, const char *p)
{
    if (p < r->end && *p == '-')
        p++;
    while (p < r->end && ((*p >= '0' && *p <= '9') || *p == '.'))
        p++;
    return p == r->end ? next->stop == '\0' : *p == next->stop;
}

static bool part_follows(const struct run *r, const struct step *next, const char *p)
{
    struct pieces scratch;
    return r->end - p >= next->width && date_part(&scratch, (enum date_part)next->unit_us, p) &&
           literal_here(r, next, p + next->width);
}

static bool version_follows(const struct run *r, const char *p)
{
    return (r->end - p >= 6 && memcmp(p, "HTTP/", 5) == 0) || (p < r->end && *p == '-') ||
           (p < r->end && *p == '"');
}

static bool stamp_follows(const struct run *r, enum follow_kind follow, const char *p)
{
    if (follow == FOLLOW_CLF)
        return r->end - p >= STAMP_CLF_LENGTH && stamp_clf_shape(p);
    return r->end - p >= STAMP_ISO_LENGTH && p[4] == '-' && p[7] == '-' && p[13] == ':';
}

static bool follows(struct run *r, const struct step *s, const char *p)
{
    switch (s->follow) {
    case FOLLOW_NUMBER:
        return number_follows(r, s + 1, p);
    case FOLLOW_CLF:
    case FOLLOW_ISO:
        return stamp_follows(r, s->follow, p);
    case FOLLOW_PART:
        return part_follows(r, s + 1, p);
    case FOLLOW_VERSION:
        return version_follows(r, p);
    case FOLLOW_FIELDS:
        return further_fields(r, p);
    case FOLLOW_END:
        return p == r->end;
    case FOLLOW_ANY:
    default:
        return true;
    }
}

/* Whether the value may end at p: the literal stands there and what must follow follows. */
static inline bool ends_here(struct run *r, const struct step *s, const char *p)
{
    if (!literal_here(r, s, p))
        return false;
    return s->follow == FOLLOW_ANY || follows(r, s, p + s->literal.n);
}

/* Backslashes as plain bytes: for servers that do not escape. */
static const char *cut_plain(struct run *r, const struct step *s, const char *p)
{
    for (; p < r->end; p++) {
        p = scan_pair(r->begin, p, r->end, s->stop, s->stop);
        if (p < r->end && ends_here(r, s, p))
            return p;
        if (p < r->end && s->scan == SCAN_QUOTED)
            r->e->odd |= ODD(QUOTE_INSIDE);
    }
    return NULL;
}

/* No end was found: without backslashes, else where the literal stands although something else
 * follows, so that what is wrong there gets the blame. */
static const char *cut_again(struct run *r, const struct step *s, const char *start,
                             const char *near)
{
    const char *found = r->escaped || s->stop == '\\' ? cut_plain(r, s, start) : NULL;
    if (found != NULL)
        return found;
    if (near != NULL)
        return near;
    return give_up(r, s->scan == SCAN_QUOTED ? REJECT_QUOTE_OPEN : REJECT_FIELD_MISSING);
}

/* The end of the value that starts at p, or NULL with the reason. */
static inline const char *cut_until(struct run *r, const struct step *s, const char *start)
{
    const char *near = NULL;
    uint32_t odd = r->e->odd;
    bool quoted = s->scan == SCAN_QUOTED;
    for (const char *p = start; p < r->end; p++) {
        p = scan_pair(r->begin, p, r->end, s->stop, '\\');
        if (p == r->end)
            break;
        if (ends_here(r, s, p))
            return p;
        if (*p == '\\') {
            r->escaped = true;
            p += quoted && r->end - p > 1 ? 1 : 0;
            continue;
        }
        if (near == NULL && literal_here(r, s, p))
            near = p;
        if (quoted)
            r->e->odd |= ODD(QUOTE_INSIDE);
    }
    r->e->odd = odd;
    return cut_again(r, s, start, near);
}

/* The first quote is not the line's last byte. */
static const char *cut_last_odd(struct run *r, const char *quote)
{
    if (quote == r->end)
        return give_up(r, REJECT_QUOTE_OPEN);
    if (further_fields(r, quote + 1))
        return give_up(r, REJECT_TRAILING);
    if (r->end[-1] != '"' || r->end - 1 == quote)
        return give_up(r, REJECT_TRAILING);
    r->e->odd |= ODD(QUOTE_INSIDE);
    return r->end - 1;
}

static inline const char *first_quote(struct run *r, const char *p)
{
    for (;;) {
        p = scan_pair(r->begin, p, r->end, '"', '\\');
        if (p == r->end || *p == '"')
            return p;
        r->escaped = true;
        p = r->end - p > 2 ? p + 2 : r->end;
    }
}

static inline const char *cut_quoted_last(struct run *r, const char *start)
{
    const char *p = first_quote(r, start);
    if (p + 1 == r->end)
        return p;
    /* "...\" at the very end: the backslash was meant as a plain byte. */
    if (p == r->end && r->escaped && p > start && p[-1] == '"')
        return p - 1;
    return cut_last_odd(r, p);
}

/* "10.0.0.1:80, 10.0.0.2:80 : 10.0.0.3:80" in front of a space. */
static const char *cut_list(struct run *r, const struct step *s, const char *p)
{
    for (; p < r->end; p++) {
        p = scan_pair(r->begin, p, r->end, s->stop, s->stop);
        if (p == r->end)
            break;
        if (p > r->begin && p[-1] == ',')
            continue;
        if (r->end - p > 2 && p[1] == ':' && p[2] == ' ') {
            p += 2;
            continue;
        }
        if (ends_here(r, s, p))
            return p;
    }
    return give_up(r, REJECT_FIELD_MISSING);
}

static const char *cut_rare(struct run *r, const struct step *s, const char *p)
{
    switch (s->scan) {
    case SCAN_LIST:
        return s->literal.n == 0 ? r->end : cut_list(r, s, p);
    case SCAN_SLASH:
        p = scan_pair(r->begin, p, r->end, '/', '/');
        return p < r->end ? p : give_up(r, REJECT_FIELD_MISSING);
    case SCAN_FIXED:
        return r->end - p >= s->width ? p + s->width : give_up(r, REJECT_FIELD_MISSING);
    case SCAN_REST:
        r->escaped = scan_pair(r->begin, p, r->end, '\\', '\\') != r->end;
        return r->end;
    case SCAN_UNTIL:
    case SCAN_QUOTED:
    case SCAN_QUOTED_LAST:
    default:
        return cut_until(r, s, p);
    }
}

/* Cuts the value at p and returns the place behind its literal. */
static inline const char *cut(struct run *r, const struct step *s, const char *p, struct str *value)
{
    const char *end;
    r->escaped = false;
    if (s->scan == SCAN_UNTIL || s->scan == SCAN_QUOTED)
        end = cut_until(r, s, p);
    else if (s->scan == SCAN_QUOTED_LAST)
        end = cut_quoted_last(r, p);
    else
        end = cut_rare(r, s, p);
    if (end == NULL)
        return NULL;
    *value = (struct str){p, end - p};
    if (s->scan <= SCAN_LIST) /* those were found by their literal */
        return end + (end < r->end ? s->literal.n : 0);
    return over_literal(r, s, end);
}

/* A value as it is kept: JSON is decoded, other escapes are only looked at. */
static inline struct str kept(struct run *r, const struct step *s, struct str value)
{
    bool lossy = false;
    if (!r->escaped)
        return value;
    if (!s->decode) {
        field_check_escapes(r->e, r->program->escaping, value);
        return value;
    }
    value = json_unescape(r->arena, value, &lossy);
    if (lossy)
        r->e->odd |= ODD(ESCAPE_INVALID);
    return value;
}

static inline const char *take_text(struct run *r, const struct step *s, const char *p)
{
    struct str value;
    p = cut(r, s, p, &value);
    if (p == NULL)
        return NULL;
    if (field_dash(value)) {
        r->e->absent |= s->bit;
        return p;
    }
    *(struct str *)(void *)((char *)r->e + s->offset) = kept(r, s, value);
    return p;
}

static const char *take_extra(struct run *r, const struct step *s, const char *p)
{
    struct str value;
    p = cut(r, s, p, &value);
    if (p == NULL)
        return NULL;
    if (s->scan == SCAN_LIST && field_is_list(value))
        r->e->odd |= ODD(UPSTREAM_LIST);
    field_extra(r->e, s->extra, s->name, kept(r, s, value));
    return p;
}

static const char *take_more(struct run *r, const char *p)
{
    static const char names[EVENT_EXTRAS_MAX][8] = {"extra1", "extra2",  "extra3",  "extra4",
                                                    "extra5", "extra6",  "extra7",  "extra8",
                                                    "extra9", "extra10", "extra11", "extra12"};
    if (p == r->end)
        return give_up(r, REJECT_FIELD_MISSING);
    for (int i = 0; p < r->end; i++) {
        const char *start = p + 1;
        p = *p == ' ' ? further_field(r, p) : NULL;
        if (p == NULL)
            return give_up(r, REJECT_TRAILING);
        struct str value = {start, p - start};
        if (*start == '"')
            value = str_sub(value, 1, value.n - 1);
        if (i < EVENT_EXTRAS_MAX)
            field_extra(r->e, EXTRA_OTHER, str_of(names[i]), value);
    }
    return p;
}

/* Dotted quad at p, in front of the literal's first byte; returns its end or NULL. */
static inline const char *quad(const char *p, uint8_t out[4])
{
    for (int i = 0; i < 4; i++) {
        unsigned v = (unsigned)(unsigned char)*p - '0', digit;
        if (v > 9)
            return NULL;
        const char *start = p++;
        while ((digit = (unsigned)(unsigned char)*p - '0') <= 9 && p - start < 3) {
            v = v * 10 + digit;
            p++;
        }
        if (v > 255 || (*start == '0' && p - start > 1))
            return NULL;
        out[i] = (uint8_t)v;
        if (i < 3 && *p++ != '.')
            return NULL;
    }
    return p;
}

static inline const char *take_peer(struct run *r, const struct step *s, const char *p)
{
    struct event *e = r->e;
    if (r->end - p >= 24) { /* room for the longest quad and a literal */
        const char *end = quad(p, e->peer.b + 12);
        if (end != NULL && *end == s->stop && ends_here(r, s, end)) {
            e->peer.b[10] = e->peer.b[11] = 0xff;
            e->client = e->peer;
            e->peer_text = (struct str){p, end - p};
            return end + s->literal.n;
        }
        memset(e->peer.b + 12, 0, 4);
    }
    struct str value;
    p = cut(r, s, p, &value);
    if (p != NULL && !field_peer(e, value))
        return give_up(r, REJECT_ADDRESS_INVALID);
    return p;
}

/* With a host name in front of the address, the name would be taken for the client and the address
 * for the identity: no identity server answers with an address, so the line is of another format.
 */
static inline const char *take_ident(struct run *r, const struct step *s, const char *p)
{
    struct str value;
    struct ip address;
    p = cut(r, s, p, &value);
    if (p == NULL)
        return NULL;
    if (field_dash(value)) {
        r->e->absent |= s->bit;
        return p;
    }
    if ((r->e->odd & ODD(PEER_NOT_ADDRESS)) != 0 && ip_parse(value, &address))
        return give_up(r, REJECT_LITERAL_MISMATCH);
    field_extra(r->e, EXTRA_OTHER, STR("ident"), value);
    return p;
}

static inline const char *take_request(struct run *r, const struct step *s, const char *p)
{
    struct str value;
    p = cut(r, s, p, &value);
    if (p == NULL)
        return NULL;
    if (field_dash(value))
        r->e->absent |= HAS(REQUEST) | HAS(METHOD) | HAS(TARGET) | HAS(VERSION);
    else
        field_request(r->e, kept(r, s, value));
    return p;
}

/* Method and version alone, the query, a host: none of them in every line of every log. */
static const char *take_rare(struct run *r, const struct step *s, const char *p)
{
    struct str value;
    p = cut(r, s, p, &value);
    if (p == NULL)
        return NULL;
    value = kept(r, s, value);
    if (s->kind == STEP_HOST) {
        field_host(r->e, value);
        return p;
    }
    if (s->kind == STEP_QUERY) {
        r->query = field_dash(value) ? STR_NONE : value;
        return p;
    }
    if (field_dash(value) || value.n == 0) {
        r->e->absent |= s->bit;
        return p;
    }
    if (s->kind == STEP_VERSION) {
        r->e->http_version = field_version(value);
        return p;
    }
    r->e->method = (uint8_t)field_method(value);
    r->e->method_text = value;
    return p;
}

/* Digits at p in front of the literal; NULL when it is not that plain. */
static inline const char *plain_number(const struct run *r, const struct step *s, const char *p,
                                       int64_t *out)
{
    int64_t v = 0;
    const char *start = p, *most = r->end - p > 18 ? p + 18 : r->end;
    while (p < most && (unsigned)(unsigned char)*p - '0' <= 9)
        v = v * 10 + (*p++ - '0');
    *out = v;
    if (p == start || !literal_here(r, s, p))
        return NULL;
    return p + s->literal.n;
}

static const char *take_number_odd(struct run *r, const struct step *s, const char *p)
{
    struct str value;
    struct event *e = r->e;
    bool last = s->scan == SCAN_REST;
    p = cut(r, s, p, &value);
    if (p == NULL)
        return NULL;
    if (s->kind == STEP_STATUS && !field_status(e, value))
        return give_up(r, REJECT_STATUS_INVALID);
    if (s->kind == STEP_BYTES && !field_bytes(e, value))
        return give_up(r, last && str_find(value, ' ', 0) > 0 ? REJECT_TRAILING
                                                              : REJECT_NUMBER_INVALID);
    if (s->kind == STEP_PORT && !field_port(e, value))
        return give_up(r, REJECT_NUMBER_INVALID);
    if (s->kind == STEP_DURATION && !field_duration(e, value, s->unit_us))
        return give_up(r, REJECT_NUMBER_INVALID);
    return p;
}

static inline const char *take_status(struct run *r, const struct step *s, const char *p)
{
    int64_t v;
    const char *next = plain_number(r, s, p, &v);
    if (next == NULL || v < 100 || v > 999 || next - s->literal.n - p != 3)
        return take_number_odd(r, s, p);
    r->e->status = (uint16_t)v;
    return next;
}

static inline const char *take_bytes(struct run *r, const struct step *s, const char *p)
{
    const char *next = plain_number(r, s, p, &r->e->bytes);
    if (next == NULL || (s->literal.n == 0 && next != r->end))
        return take_number_odd(r, s, p);
    return next;
}

static inline void note_time_text(struct run *r, const struct step *s, const char *from,
                                  const char *to)
{
    struct str *text = &r->e->time_text;
    if (!s->chosen)
        return;
    if (text->p == NULL)
        text->p = from;
    text->n = to - text->p;
}

static inline const char *take_clf(struct run *r, const struct step *s, const char *p)
{
    int64_t us;
    if (r->end - p < STAMP_CLF_LENGTH)
        return give_up(r, REJECT_FIELD_MISSING);
    if (!stamp_clf(&r->thread->clf, p, &us))
        return give_up(r, REJECT_TIME_INVALID);
    note_time_text(r, s, p, p + STAMP_CLF_LENGTH);
    if (s->chosen)
        r->e->time_us = us;
    return over_literal(r, s, p + STAMP_CLF_LENGTH);
}

static const char *take_iso_or_epoch(struct run *r, const struct step *s, const char *p)
{
    int64_t us;
    struct str value;
    p = cut(r, s, p, &value);
    if (p == NULL)
        return NULL;
    bool fine = s->kind == STEP_ISO
                    ? stamp_iso(&r->thread->iso, value, r->program->tz_offset_s, &us)
                    : field_scaled(value, s->unit_us, &us);
    if (!fine)
        return give_up(r, REJECT_TIME_INVALID);
    note_time_text(r, s, value.p, value.p + value.n);
    if (s->kind == STEP_FRACTION)
        r->pieces[s->which].fraction_us = us;
    else if (s->chosen)
        r->e->time_us = us;
    return p;
}

static const char *take_part(struct run *r, const struct step *s, const char *p)
{
    if (r->end - p < s->width)
        return give_up(r, REJECT_FIELD_MISSING);
    if (!date_part(&r->pieces[s->which], (enum date_part)s->unit_us, p))
        return give_up(r, REJECT_TIME_INVALID);
    note_time_text(r, s, p, p + s->width);
    return over_literal(r, s, p + s->width);
}

static inline const char *take(struct run *r, const struct step *s, const char *p)
{
    struct str ignored;
    switch (s->kind) {
    case STEP_TEXT:
        return take_text(r, s, p);
    case STEP_PEER:
        return take_peer(r, s, p);
    case STEP_IDENT:
        return take_ident(r, s, p);
    case STEP_REQUEST:
        return take_request(r, s, p);
    case STEP_STATUS:
        return take_status(r, s, p);
    case STEP_BYTES:
        return take_bytes(r, s, p);
    case STEP_CLF:
        return take_clf(r, s, p);
    case STEP_EXTRA:
        return take_extra(r, s, p);
    case STEP_ISO:
    case STEP_EPOCH:
    case STEP_FRACTION:
        return take_iso_or_epoch(r, s, p);
    case STEP_PORT:
    case STEP_DURATION:
        return take_number_odd(r, s, p);
    case STEP_PART:
        return take_part(r, s, p);
    case STEP_MORE:
        return take_more(r, p);
    case STEP_METHOD:
    case STEP_VERSION:
    case STEP_QUERY:
    case STEP_HOST:
        return take_rare(r, s, p);
    case STEP_SKIP:
    default:
        return cut(r, s, p, &ignored);
    }
}

/* target + "?" + query, where the format writes them apart. */
static void join_query(struct run *r)
{
    struct event *e = r->e;
    struct str q = r->query;
    if (q.n == 0)
        return;
    char *joined = arena_alloc(r->arena, (size_t)(e->target.n + 1 + q.n), 1);
    ptrdiff_t n = e->target.n;
    if (n > 0)
        memcpy(joined, e->target.p, (size_t)n);
    if (q.p[0] != '?')
        joined[n++] = '?';
    memcpy(joined + n, q.p, (size_t)q.n);
    e->target = (struct str){joined, n + q.n};
}

static bool assemble_time(struct run *r)
{
    const struct program *g = r->program;
    struct pieces *c = &r->pieces[g->which];
    if (g->from_parts && !civil_to_us(&c->civil, c->offset_s, &r->e->time_us))
        return false;
    if (g->from_fraction)
        r->e->time_us += c->fraction_us;
    return true;
}

enum reject program_line(const struct log_format *f, struct log_thread *t, struct arena *a,
                         struct str line, struct event *e)
{
    const struct program *g = f->program;
    struct run r;
    memcpy(&e->time_us, &g->blank.time_us, g->blank_bytes);
    r.begin = line.p;
    r.end = line.p + line.n;
    r.program = g;
    r.e = e;
    r.arena = a;
    r.thread = t;
    r.reason = REJECT_NONE;
    r.further_tries = 0;
    r.query = STR_NONE;
    if (g->assembles_time)
        r.pieces[0] = r.pieces[1] = (struct pieces){.offset_s = g->tz_offset_s};
    if (!str_starts(line, g->prefix))
        return REJECT_LITERAL_MISMATCH;
    const char *p = line.p + g->prefix.n;
    for (const struct step *s = g->steps, *last = s + g->count; s < last; s++) {
        p = take(&r, s, p);
        if (p == NULL)
            return r.reason;
    }
    if (p != r.end)
        return REJECT_TRAILING;
    if (g->joins_query)
        join_query(&r);
    if (g->assembles_time && !assemble_time(&r))
        return REJECT_TIME_INVALID;
    return REJECT_NONE;
}

uint32_t program_bits(const struct program *g, const struct event *e)
{
    uint32_t bits = g->literal_bits;
    if ((e->has & HAS(TIME)) != 0)
        bits += 8 * (uint32_t)e->time_text.n;
    if ((e->has & HAS(STATUS)) != 0)
        bits += 24;
    if ((e->has & HAS(BYTES)) != 0)
        bits += 8;
    if ((e->has & HAS(PEER)) != 0 && (e->odd & ODD(PEER_NOT_ADDRESS)) == 0 && e->peer_text.n > 0)
        bits += 32;
    if ((e->has & HAS(REQUEST)) != 0 && e->http_version != 0)
        bits += 64;
    return bits + 8U * e->extras_count;
}
