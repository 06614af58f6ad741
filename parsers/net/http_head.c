/* http_head.c: first lines and headers, and what they say of the body (RFC 9112).
 *
 * Two readings at once: the lenient one finds what a patient recipient would take, the odd bits say where a
 * strict one would have refused.  Names and values are slices of the bytes as sent. */
#include "parsers/net/http_priv.h"

enum { TOKENS_MAX = 8, LIST_TEXT_MAX = 256, HEADERS_MIN = 16 };

/* RFC 9110 section 5.6.2: tchar; one bit a character. */
static const uint64_t tchars[4] = {UINT64_C(0x03FF6CFA00000000), UINT64_C(0x57FFFFFFC7FFFFFE)};

static bool is_tchar(char c)
{
    return (tchars[(uint8_t)c >> 6] >> ((uint8_t)c & 63) & 1) != 0;
}

static bool is_token(struct str s)
{
    for (ptrdiff_t i = 0; i < s.n; i++)
        if (!is_tchar(s.p[i]))
            return false;
    return s.n > 0;
}

static bool is_blank(char c)
{
    return (uint8_t)c <= ' ';
}

static bool is_white(char c)
{
    return c == ' ' || c == '\t';
}

static struct str trim_value(struct str s)
{
    while (s.n > 0 && is_white(s.p[0]))
        s = str_sub(s, 1, s.n);
    while (s.n > 0 && is_white(s.p[s.n - 1]))
        s.n--;
    return s;
}

static struct str trim_start(struct str s)
{
    ptrdiff_t at = 0;
    while (at < s.n && is_blank(s.p[at]))
        at++;
    return str_sub(s, at, s.n);
}

/* Cuts off the text before the next blank. */
static struct str cut_word(struct str *rest)
{
    ptrdiff_t at = 0;
    while (at < rest->n && !is_blank(rest->p[at]))
        at++;
    struct str word = str_sub(*rest, 0, at);
    *rest = str_sub(*rest, at, rest->n);
    return word;
}

struct str head_line(struct str *rest, uint32_t *odd)
{
    ptrdiff_t lf = str_find(*rest, '\n', 0), n = lf < 0 ? rest->n : lf;
    struct str line = str_sub(*rest, 0, n);
    *rest = str_sub(*rest, lf < 0 ? rest->n : lf + 1, rest->n);
    if (line.n > 0 && line.p[line.n - 1] == '\r')
        line.n--;
    else if (lf >= 0)
        *odd |= HTTP_ODD(BARE_LF);
    if (line.n > 0 && memchr(line.p, '\r', (size_t)line.n) != NULL)
        *odd |= HTTP_ODD(BARE_CR);
    return line;
}

/* ---- first lines ---- */

/* "HTTP/1.1" and what comes near it. */
static uint8_t version_of(struct str text, uint32_t *odd)
{
    static const struct {
        struct str text;
        uint8_t version;
        bool fine;
    } known[] = {{STR_INIT("HTTP/1.1"), 11, true}, {STR_INIT("HTTP/1.0"), 10, true},
                 {STR_INIT("HTTP/0.9"), 9, false}, {STR_INIT("HTTP/2.0"), 20, false},
                 {STR_INIT("HTTP/2"), 20, false},  {STR_INIT("HTTP/3"), 30, false}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (str_eq(text, known[i].text)) {
            *odd |= known[i].fine ? 0 : HTTP_ODD(VERSION_INVALID);
            return known[i].version;
        }
    *odd |= HTTP_ODD(VERSION_INVALID);
    return str_starts(text, STR("HTTP/1.0")) ? 10 : 11;
}

static bool starts_http(struct str s)
{
    return s.n >= 5 && str_eq_nocase(str_sub(s, 0, 5), STR("HTTP/"));
}

/* "RTSP/1.0", "SIP/2.0": the version of another protocol. */
static bool other_protocol(struct str word)
{
    ptrdiff_t slash = str_find(word, '/', 0);
    if (slash <= 0 || slash + 1 >= word.n || word.p[slash + 1] < '0' || word.p[slash + 1] > '9')
        return false;
    for (ptrdiff_t i = 0; i < slash; i++)
        if (word.p[i] < 'A' || word.p[i] > 'Z')
            return false;
    return true;
}

static uint32_t target_odd(struct str target)
{
    uint32_t odd = 0;
    for (ptrdiff_t i = 0; i < target.n; i++)
        if ((uint8_t)target.p[i] <= ' ' || (uint8_t)target.p[i] >= 0x7f)
            odd = HTTP_ODD(TARGET);
    if (target.n > 0 && is_tchar(target.p[0]) && str_find_str(target, STR("://")) > 0 &&
        target.p[0] != '*')
        odd |= HTTP_ODD(ABSOLUTE);
    return odd;
}

/* What was sent instead is kept as the target. */
static enum http_first no_request_line(struct http_head *h, struct str line)
{
    h->method = STR_NONE;
    h->target = line;
    return FIRST_NONE;
}

enum http_first head_request_line(struct http_head *h, struct str line)
{
    struct str rest = trim_value(line);
    ptrdiff_t blank = 0;
    while (blank < rest.n && !is_white(rest.p[blank]))
        blank++;
    h->method = str_sub(rest, 0, blank);
    if (!is_token(h->method) || blank == rest.n)
        return no_request_line(h, line);
    h->odd |= rest.n < line.n || rest.p[blank] != ' ' ? HTTP_ODD(REQUEST_LINE) : 0;
    rest = str_sub(rest, blank + 1, rest.n);
    ptrdiff_t last = rest.n;
    while (last > 0 && !is_white(rest.p[last - 1]))
        last--;
    struct str word = str_sub(rest, last, rest.n);
    if (word.n == 0 || (last > 0 && !starts_http(word) && other_protocol(word)))
        return no_request_line(h, line);
    if (!starts_http(word)) {
        h->target = trim_value(rest);
        if (!str_starts(h->target, STR("/")) && !str_starts(h->target, STR("http")))
            return no_request_line(h, line);
        h->version = 9;
        h->odd |= HTTP_ODD(VERSION_MISSING) | target_odd(h->target);
        return FIRST_BARE;
    }
    h->version_text = word;
    h->version = version_of(word, &h->odd);
    h->target = str_sub(rest, 0, last > 0 ? last - 1 : 0);
    if (h->target.n == 0)
        h->odd |= HTTP_ODD(REQUEST_LINE);
    h->odd |= target_odd(h->target);
    return FIRST_FINE;
}

static bool three_digits(struct str s)
{
    for (ptrdiff_t i = 0; i < s.n; i++)
        if (s.p[i] < '0' || s.p[i] > '9')
            return false;
    return s.n == 3 && s.p[0] != '0';
}

enum http_first head_status_line(struct http_head *h, struct str line)
{
    struct str rest = trim_start(line);
    if (!starts_http(rest))
        return FIRST_NONE;
    h->odd |= rest.n < line.n ? HTTP_ODD(STATUS_LINE) : 0;
    h->version_text = cut_word(&rest);
    h->version = version_of(h->version_text, &h->odd);
    struct str status = trim_start(rest);
    bool one_blank = rest.n - status.n == 1 && rest.p[0] == ' ';
    rest = status;
    status = cut_word(&rest);
    uint64_t number;
    h->status = str_u64(status, &number) && number >= 100 && number <= 999 ? (uint16_t)number : 0;
    if (!one_blank || !three_digits(status) || (rest.n > 0 && rest.p[0] != ' '))
        h->odd |= HTTP_ODD(STATUS_LINE);
    h->reason = str_sub(rest, 1, rest.n);
    return FIRST_FINE;
}

/* ---- headers ---- */

static uint32_t value_odd(struct str s)
{
    uint32_t bad = 0;
    for (ptrdiff_t i = 0; i < s.n; i++) {
        uint8_t c = (uint8_t)s.p[i];
        bad |= (c < ' ' && c != '\t' && c != '\r') || c == 0x7f;
    }
    return bad ? HTTP_ODD(VALUE_CONTROL) : 0;
}

static struct http_header *header_room(struct http_head *h, size_t max, size_t *cap)
{
    if (h->count >= max) {
        h->odd |= HTTP_ODD(HEAD_CUT);
        return NULL;
    }
    if (h->count == *cap) {
        *cap = *cap == 0 ? HEADERS_MIN : *cap * 2;
        h->headers = mem_grow(h->headers, *cap * sizeof *h->headers);
    }
    return &h->headers[h->count++];
}

/* A line that is no header of its own: it belongs to the one before. */
static bool folded(struct http_head *h, struct str line, ptrdiff_t colon)
{
    if (h->count == 0 || (!is_white(line.p[0]) && (colon >= 0 || !is_blank(line.p[0]))))
        return false;
    struct str *value = &h->headers[h->count - 1].value;
    *value = trim_value((struct str){value->p, line.p + line.n - value->p});
    h->odd |= HTTP_ODD(OBS_FOLD) | value_odd(line);
    return true;
}

static void add_field(struct http_head *h, struct str line, size_t max, size_t *cap)
{
    ptrdiff_t colon = str_find(line, ':', 0);
    if (trim_start(line).n == 0) {
        h->odd |= HTTP_ODD(BLANK_ODD);
        return;
    }
    if (folded(h, line, colon))
        return;
    struct http_header *x = header_room(h, max, cap);
    if (x == NULL)
        return;
    ptrdiff_t name_end = colon < 0 ? line.n : colon;
    x->name = str_sub(line, 0, name_end);
    x->value = trim_value(str_sub(line, colon < 0 ? line.n : colon + 1, line.n));
    if (colon < 0)
        h->odd |= HTTP_ODD(NO_COLON);
    else if (!is_token(x->name))
        h->odd |= HTTP_ODD(NAME_INVALID);
    h->odd |= value_odd(x->value);
}

void head_fields(struct http_head *h, struct str text, size_t max)
{
    size_t cap = 0;
    while (text.n > 0) {
        struct str line = head_line(&text, &h->odd);
        if (line.n == 0)
            break;
        add_field(h, line, max, &cap);
    }
}

int head_goes_on(struct str behind)
{
    enum { NAME_MAX_SEEN = 128 };
    ptrdiff_t at = 0;
    if (behind.n == 0)
        return 0;
    if (strchr(" \t\r\n", behind.p[0]) != NULL && behind.p[0] != '\0')
        return 1;
    while (at < behind.n && is_tchar(behind.p[at]))
        at++;
    if (at == behind.n && at < NAME_MAX_SEEN)
        return 0;
    return at > 0 && at < behind.n && behind.p[at] == ':' ? 1 : -1;
}

/* ---- what the headers say of the body ---- */

/* The name without the blanks and control characters that some recipients overlook. */
static bool name_near(struct str name, struct str want)
{
    ptrdiff_t at = 0;
    for (ptrdiff_t i = 0; i < name.n; i++) {
        if (is_blank(name.p[i]) || name.p[i] == 0x7f)
            continue;
        if (at == want.n || !str_eq_nocase(str_sub(name, i, i + 1), str_sub(want, at, at + 1)))
            return false;
        at++;
    }
    return at == want.n;
}

struct tokens {
    char text[LIST_TEXT_MAX];
    ptrdiff_t n;
    bool other; /* bytes were left out that no token may hold */
};

/* A list's text in lower case, without what no token may hold; a line end counts as a blank. */
static void tokens_add(struct tokens *t, struct str value)
{
    for (ptrdiff_t i = 0; i < value.n; i++) {
        uint8_t c = (uint8_t)value.p[i];
        if (c == '\r' || c == '\n' || c == '\t')
            c = ' ';
        if (c < ' ' || c >= 0x7f || c == ':' || t->n >= LIST_TEXT_MAX - 1) {
            t->other = true;
            continue;
        }
        t->text[t->n++] = (char)(c >= 'A' && c <= 'Z' ? c + 32 : c);
    }
    if (t->n < LIST_TEXT_MAX)
        t->text[t->n++] = ',';
}

static bool next_token(struct str *rest, const char *separators, struct str *token)
{
    ptrdiff_t from = 0, to;
    while (from < rest->n && strchr(separators, rest->p[from]) != NULL)
        from++;
    for (to = from; to < rest->n && strchr(separators, rest->p[to]) == NULL; to++)
        continue;
    *token = str_sub(*rest, from, to);
    *rest = str_sub(*rest, to, rest->n);
    return token->n > 0;
}

static bool coding_of(struct str token, enum http_coding *coding)
{
    static const struct {
        struct str name;
        enum http_coding coding;
    } codings[] = {{STR_INIT("gzip"), CODING_GZIP},
                   {STR_INIT("x-gzip"), CODING_GZIP},
                   {STR_INIT("deflate"), CODING_DEFLATE},
                   {STR_INIT("x-deflate"), CODING_DEFLATE},
                   {STR_INIT("br"), CODING_BROTLI}};
    for (size_t i = 0; i < sizeof codings / sizeof *codings; i++)
        if (str_eq(token, codings[i].name)) {
            *coding = codings[i].coding;
            return true;
        }
    return false;
}

struct said { /* by the headers, in the order sent */
    struct tokens transfer, content;
    bool transfer_seen, transfer_near; /* near: under a name that only some recognise */
    size_t lengths; /* valid ones */
    uint64_t length;
    bool close, keep_alive;
};

/* The number a Content-Length states; a list of equal numbers is one. */
static void say_length(struct said *s, struct str value, uint32_t *odd)
{
    struct str rest = value, part;
    bool more = true;
    while (more) {
        uint64_t n;
        rest = str_cut(rest, ',', &part);
        more = rest.p != NULL;
        if (more)
            *odd |= HTTP_ODD(LENGTH_REPEATED);
        if (!str_u64(trim_value(part), &n) || n > INT64_MAX) {
            *odd |= HTTP_ODD(LENGTH_INVALID);
            continue;
        }
        if (s->lengths > 0)
            *odd |= n == s->length ? HTTP_ODD(LENGTH_REPEATED) : HTTP_ODD(LENGTH_CONFLICT);
        else
            s->length = n;
        s->lengths++;
    }
}

static bool has_token(struct str value, struct str want)
{
    struct tokens t = {.n = 0};
    struct str token;
    tokens_add(&t, value);
    struct str rest = {t.text, t.n};
    while (next_token(&rest, ", ", &token))
        if (str_eq(token, want))
            return true;
    return false;
}

static void say(struct said *s, const struct http_header *x, enum http_kind kind, uint32_t *odd)
{
    bool patient = kind == HTTP_RESPONSE; /* a server's own answer hides nothing from its log */
    if (x->name.n < 10 || x->name.n > 40)
        return;
    if (str_eq_nocase(x->name, STR("transfer-encoding"))) {
        s->transfer_seen = true;
        tokens_add(&s->transfer, x->value);
    } else if (str_eq_nocase(x->name, STR("content-length"))) {
        say_length(s, x->value, odd);
    } else if (str_eq_nocase(x->name, STR("connection"))) {
        s->close |= has_token(x->value, STR("close"));
        s->keep_alive |= has_token(x->value, STR("keep-alive"));
    } else if (patient ? name_near(x->name, STR("content-encoding"))
                       : str_eq_nocase(x->name, STR("content-encoding"))) {
        tokens_add(&s->content, x->value);
    } else if (name_near(x->name, STR("transfer-encoding"))) {
        s->transfer_near = true;
    }
}

static bool mentions_chunked(struct str text)
{
    const struct str want = STR("chunked");
    for (ptrdiff_t at = 0; at + want.n <= text.n; at++)
        if ((text.p[at] | 0x20) == want.p[0] && str_eq_nocase(str_sub(text, at, at + want.n), want))
            return true;
    return false;
}

/* Codings are listed in the order applied: the last one is outermost. */
static void add_codings(struct http_frame *f, struct str list, const char *separators,
                        uint32_t odd_if_unknown)
{
    struct str token;
    enum http_coding found[TOKENS_MAX];
    size_t n = 0;
    while (next_token(&list, separators, &token)) {
        bool none = str_eq(token, STR("identity")) || str_eq(token, STR("chunked"));
        if (none)
            continue;
        if (n < TOKENS_MAX && coding_of(token, &found[n]))
            n++;
        else
            f->odd |= odd_if_unknown;
    }
    while (n > 0 && f->codings_count < sizeof f->codings / sizeof *f->codings)
        f->codings[f->codings_count++] = found[--n];
}

enum transfer { TRANSFER_NONE, TRANSFER_CHUNKED, TRANSFER_OTHER };

static enum transfer transfer_of(struct http_frame *f, const struct said *s)
{
    struct str list = {s->transfer.text, s->transfer.n}, token, last = STR_NONE;
    size_t chunked = 0, others = 0;
    while (next_token(&list, ",", &token)) {
        token = str_trim(token);
        if (token.n == 0)
            continue;
        last = token;
        chunked += str_eq(last, STR("chunked"));
        others += !str_eq(last, STR("chunked")) && !str_eq(last, STR("identity"));
    }
    add_codings(f, (struct str){s->transfer.text, s->transfer.n}, ", ", HTTP_ODD(TRANSFER_CODING));
    if (s->transfer.other || chunked > 1)
        f->odd |= HTTP_ODD(TRANSFER_CODING);
    if (chunked > 0 && str_eq(last, STR("chunked")))
        return TRANSFER_CHUNKED;
    if (chunked > 0 || others > 0)
        f->odd |= HTTP_ODD(TRANSFER_CODING);
    return chunked > 0 || others > 0 ? TRANSFER_OTHER : TRANSFER_NONE;
}

static enum http_framing by_length(const struct http_frame *f, const struct said *s,
                                   enum http_kind kind)
{
    bool doubtful = (f->odd & (HTTP_ODD(LENGTH_CONFLICT) | HTTP_ODD(LENGTH_INVALID))) != 0;
    if (kind == HTTP_REQUEST)
        return doubtful ? FRAMING_UNKNOWN : s->lengths > 0 ? FRAMING_LENGTH : FRAMING_NONE;
    if (s->lengths == 0 || (doubtful && f->closes))
        return FRAMING_CLOSE;
    return FRAMING_LENGTH;
}

void head_frame(struct http_frame *f, const struct http_head *h, struct str text,
                enum http_kind kind)
{
    struct said s = {.lengths = 0};
    *f = (struct http_frame){.framing = FRAMING_NONE};
    for (size_t i = 0; i < h->count; i++)
        say(&s, &h->headers[i], kind, &f->odd);
    f->closes = s.close || (h->version < 11 && !s.keep_alive);
    f->length = s.length;
    enum transfer transfer = transfer_of(f, &s);
    add_codings(f, (struct str){s.content.text, s.content.n}, ", ;", HTTP_ODD(CODING_UNKNOWN));
    if (s.transfer_seen && (s.lengths > 0 || (f->odd & HTTP_ODD(LENGTH_INVALID))))
        f->odd |= HTTP_ODD(LENGTH_AND_CODING);
    f->fallback = by_length(f, &s, kind);
    f->framing = f->fallback;
    f->claims_body = transfer == TRANSFER_CHUNKED || (s.lengths > 0 && s.length > 0);
    if (kind == HTTP_REQUEST) {
        if (transfer != TRANSFER_NONE)
            f->framing = transfer == TRANSFER_CHUNKED ? FRAMING_CHUNKED : FRAMING_UNKNOWN;
        return;
    }
    if (transfer == TRANSFER_CHUNKED || s.transfer_near || s.transfer_seen ||
        mentions_chunked(text)) {
        f->framing = FRAMING_CHUNKED;
        f->perhaps_chunked = true;
    }
}
