/* Opening a source: list folders, look at the first bytes, choose the format, note the first stamp; and
 * closing it: hash, sizes and what is to be said about it. */
#include <stdlib.h>

#include "analyzer/base/civil.h"
#include "analyzer/engine/engine_priv.h"

enum { LANE_CHUNK = 2048 }; /* there may be thousands of lanes, each with a small format */

struct str base_name(struct str path)
{
    ptrdiff_t slash = -1;

    for (ptrdiff_t i = 0; i + 1 < path.n; i++)
        if (path.p[i] == '/')
            slash = i;
    return str_sub(path, slash + 1, path.n);
}

struct lane *engine_lane(struct engine *e, struct str path, struct str name)
{
    struct lane *l = mem_alloc(sizeof *l);

    if (e->lanes_count == e->lanes_cap) {
        e->lanes_cap = e->lanes_cap == 0 ? 16 : e->lanes_cap * 2;
        e->lanes = mem_grow(e->lanes, e->lanes_cap * sizeof *e->lanes);
    }
    l->arena.chunk_len = LANE_CHUNK;
    l->index = (uint32_t)e->ledger.count;
    l->name = arena_str(&e->arena, path);
    l->previous_us = INT64_MIN;
    l->front_us = INT64_MIN;
    l->framer.line_max = (size_t)e->settings->limits.v[LIMIT_line_bytes_max];
    ledger_add(&e->ledger, name);
    e->lanes[e->lanes_count++] = l;
    return l;
}

/* Tests read byte by byte to show that the pieces in which bytes arrive change nothing. */
static size_t read_max(void)
{
    uint64_t n = 0;
    return str_u64(str_of(getenv("VIGIE_READ_MAX")), &n) ? (size_t)n : 0;
}

static struct source_options options_for(const struct engine *e)
{
    return (struct source_options){.read_max = read_max(), .hash_outside = true,
                                   .keep_copy = e->settings->out.n > 0,
                                   .copy_max = e->settings->limits.v[LIMIT_spool_bytes_max],
                                   .stop = e->hooks.stop};
}

/* The first BLOCK_HEAD_BYTES of the stream. */
static struct str read_head(struct lane *l)
{
    char *buf = l->head_buffer = mem_alloc(BLOCK_HEAD_BYTES);
    size_t n = 0;

    while (n < BLOCK_HEAD_BYTES) {
        size_t got = 0;
        if (source_read(l->source, buf + n, BLOCK_HEAD_BYTES - n, &got) != STATUS_OK) {
            n += got;
            break;
        }
        n += got;
    }
    return (struct str){buf, (ptrdiff_t)n};
}

/* Whole lines for the bids; a head without any line end is one line. */
static struct str whole_lines(struct str head)
{
    const char *newline = head.n > 0 ? memrchr(head.p, '\n', (size_t)head.n) : NULL;
    return newline == NULL ? head : (struct str){head.p, newline - head.p + 1};
}

static void note_front(struct engine *e, struct lane *l, struct str lines)
{
    struct log_thread thread = {0};
    struct arena scratch = {0};
    struct event *ev = ARENA_NEW(&e->arena, struct event);

    for (struct str rest = lines, line; rest.n > 0;) {
        rest = str_cut(rest, '\n', &line);
        if (log_line(l->format, &thread, &scratch, line, ev) == REJECT_NONE) {
            l->front_us = ev->time_us;
            break;
        }
    }
    arena_free(&scratch);
}

static int zone_of(const struct engine *e)
{
    return e->settings->tz_offset_s != 0 || !e->site->has_tz ? e->settings->tz_offset_s : e->site->tz_offset_s;
}

static void unreadable(struct engine *e, struct lane *l, enum diag_code code, struct str why)
{
    diag_add(&e->diags, code, l->index, 1, why);
    e->ledger.sources[l->index].complete = false;
}

/* The error logs of nginx ("2026/03/01 08:00:00 [error] ...") and Apache ("[Sun Mar 01 08:00:00.000 2026] ...")
 * lie beside the access logs; anything else that is not understood may be the log that was meant. */
static bool is_error_log(struct str head)
{
    static const char nginx[] = "dddd/dd/dd dd:dd:dd [", apache[] = "[aaa aaa dd dd:dd:dd";
    bool fits[2] = {true, true};

    for (size_t i = 0; i < sizeof nginx - 1 || i < sizeof apache - 1; i++)
        for (int k = 0; k < 2; k++) {
            char want = k == 0 ? nginx[i < sizeof nginx ? i : sizeof nginx - 1]
                               : apache[i < sizeof apache ? i : sizeof apache - 1];
            char have = (ptrdiff_t)i < head.n ? head.p[i] : '\0';
            bool digit = have >= '0' && have <= '9', letter = (have | 32) >= 'a' && (have | 32) <= 'z';
            if (want != '\0' && want != (digit ? 'd' : letter ? 'a' : have))
                fits[k] = false;
        }
    return fits[0] || fits[1];
}

bool lane_recognise(struct engine *e, struct lane *l, struct str head)
{
    enum diag_code code = DIAG_format_unknown;
    struct str why = STR_NONE;
    struct ledger_source *s = &e->ledger.sources[l->index];

    if (capture_recognises(head)) { /* whatever --format says of the logs beside it */
        packets_recognise(e, l, head);
        return true;
    }
    l->format = log_format_open(&l->arena, e->settings->format, e->settings->key_map, zone_of(e),
                                whole_lines(head), &code, &why);
    bool unknown = code == DIAG_format_unknown || code == DIAG_format_packed || code == DIAG_format_json;
    if (l->format == NULL && l->from_folder && unknown) {
        l->left_out = true;
        s->format = STR("none");
        s->first_us = INT64_MAX;
        s->last_us = INT64_MIN;
        diag_add(&e->diags, is_error_log(head) ? DIAG_not_a_log : DIAG_folder_file_unknown, l->index, 1, why);
        return true;
    }
    if (l->format == NULL) {
        unreadable(e, l, code, why);
        return false;
    }
    s->format = l->format->name;
    s->format_string = l->format->string;
    s->meaning = (uint8_t)l->format->meaning;
    s->resolution_us = 0;
    s->first_us = INT64_MAX;
    s->last_us = INT64_MIN;
    note_front(e, l, whole_lines(head));
    return true;
}

/* What can be read again need not be kept until the merge comes to it. */
static bool park(struct lane *l)
{
    if (!source_park(l->source))
        return false;
    mem_free(l->head_buffer);
    l->head_buffer = NULL;
    l->taken = STR_NONE;
    return true;
}

/* Beside sources that are logs a file of unknown format is still hashed and counted, as left out: whoever
 * reads the ledger sees what it was. */
static void refuse_format(struct lane *l, struct ledger_source *s)
{
    l->refused = l->left_out = true;
    s->format = STR("none");
    s->first_us = INT64_MAX;
    s->last_us = INT64_MIN;
}

bool lane_prepare(struct engine *e, struct lane *l)
{
    struct source_options o = options_for(e);
    struct ledger_source *s = &e->ledger.sources[l->index];
    struct str why = STR_NONE, head;

    l->source = source_open(l->name, &o, &why);
    if (l->source == NULL) {
        unreadable(e, l, DIAG_source_unreadable, why);
        return false;
    }
    s->compression = source_compression(l->source);
    if (!source_hashes_itself(l->source))
        l->sha = sha256_open();
    head = read_head(l);
    l->taken = head;
    if (head.n == 0) {
        diag_add(&e->diags, DIAG_empty_source, l->index, 1, STR_NONE);
        s->format = STR("none");
        s->first_us = INT64_MAX;
        s->last_us = INT64_MIN;
        return true;
    }
    bool known = lane_recognise(e, l, head);
    l->head_hash = hash_bytes(head.p, (size_t)head.n);
    bool again = park(l);
    if (!known && again)
        refuse_format(l, s);
    return known;
}

static void finish_hash(struct lane *l, struct ledger_source *s)
{
    if (l->source == NULL)
        return;
    s->file_bytes = source_file_bytes(l->source);
    if (l->sha != NULL) {
        s->sha256 = sha256_close(l->sha);
        l->sha = NULL;
    } else {
        s->sha256 = source_sha256(l->source);
    }
    s->hashed = true;
}

static struct str count_text(struct arena *a, uint64_t n, uint64_t of)
{
    return arena_printf(a, "%llu / %llu", (unsigned long long)n, (unsigned long long)of);
}

void lane_note_quality(struct engine *e, const struct lane *l)
{
    const struct ledger_source *s = &e->ledger.sources[l->index];
    struct diags *d = &e->diags;

    if (s->rejected > 0) {
        bool many = s->rejected * 1000 > s->physical * (uint64_t)e->settings->rejects_permille_max;
        diag_add(d, many ? DIAG_too_many_rejects : DIAG_rejects, l->index, s->rejected,
                 count_text(&e->arena, s->rejected, s->physical));
    }
    if (s->oddities[ODDITY_NO_LINE_END] > 0)
        diag_add(d, DIAG_no_final_newline, l->index, 1, STR_NONE);
    if (s->excluded > 0 && s->excluded == s->physical && !l->left_out)
        diag_add(d, DIAG_all_excluded, l->index, 1, STR_NONE);
    if (s->parsed == 0 || s->has == 0)
        return;
    if (s->resolution_us >= 1000000)
        diag_add(d, DIAG_time_resolution, l->index, 1, STR_NONE);
    if (l->format != NULL && !l->format->zone_in_line && zone_of(e) == 0 && !e->site->has_tz)
        diag_add(d, DIAG_no_zone, l->index, 1, STR_NONE);
    if (l->format != NULL && l->format->note.p != NULL)
        diag_add(d, DIAG_format_note, l->index, 1, l->format->note);
    if (l->format != NULL && l->format->unnamed > 0)
        diag_add(d, DIAG_fields_unnamed, l->index, 1, arena_printf(&e->arena, "%u", (unsigned)l->format->unnamed));
    if (!(s->has & HAS(PEER)))
        diag_add(d, DIAG_no_client, l->index, 1, STR_NONE);
    else if (!(s->has & HAS(PORT)))
        diag_add(d, DIAG_no_port, l->index, 1, STR_NONE);
    if (s->backward_steps > 0 && l->packets == NULL) /* transactions come as they complete */
        diag_add(d, DIAG_time_backwards, l->index, s->backward_steps,
                 arena_printf(&e->arena, "%llu, <= %lld.%03lld s", (unsigned long long)s->backward_steps,
                              (long long)(s->backward_us_max / 1000000),
                              (long long)(s->backward_us_max / 1000 % 1000)));
    if (s->oddities[ODDITY_FORWARDED_UNTRUSTED] > 0)
        diag_add(d, DIAG_forwarded_untrusted, l->index, s->oddities[ODDITY_FORWARDED_UNTRUSTED], STR_NONE);
}

void lane_finish(struct engine *e, struct lane *l)
{
    struct ledger_source *s = &e->ledger.sources[l->index];
    enum diag_code code;
    struct str detail = STR_NONE;

    finish_hash(l, s);
    s->complete = l->source != NULL && l->ready && !l->refused && !e->interrupted;
    if (l->source != NULL && source_problem(l->source, &code, &detail)) {
        diag_add(&e->diags, code, l->index, 1, detail);
        s->complete &= diag_table[code].severity < SEVERITY_partial;
    }
    packets_finish(e, l);
    lane_note_quality(e, l);
}
