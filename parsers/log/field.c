/* field.c: values that every format writes alike: request line, address, status, numbers. */
#include "parsers/log/field.h"

#include "parsers/log/scan.h"

enum { VERSION_LENGTH = 8 /* "HTTP/1.1" */, VERSION_SHORT = 6 /* "HTTP/2" */ };
#define SCALED_MAX ((int64_t)1 << 53)

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* RFC 9110 section 5.6.2. */
static bool is_token(struct str s)
{
    static const char marks[] = "!#$%&'*+-.^_`|~";
    for (ptrdiff_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        bool letter = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
        if (!letter && !is_digit(c) && memchr(marks, c, sizeof marks - 1) == NULL)
            return false;
    }
    return s.n > 0;
}

enum method field_method(struct str s)
{
    static const struct {
        struct str name;
        enum method method;
    } known[] = {
        {STR_INIT("GET"), METHOD_GET},       {STR_INIT("POST"), METHOD_POST},
        {STR_INIT("HEAD"), METHOD_HEAD},     {STR_INIT("PUT"), METHOD_PUT},
        {STR_INIT("DELETE"), METHOD_DELETE}, {STR_INIT("OPTIONS"), METHOD_OPTIONS},
        {STR_INIT("PATCH"), METHOD_PATCH},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (str_eq(s, known[i].name))
            return known[i].method;
    return is_token(s) ? METHOD_OTHER : METHOD_NONE;
}

uint8_t field_version(struct str s)
{
    if (s.n < 6 || memcmp(s.p, "HTTP/", 5) != 0 || !is_digit(s.p[5]))
        return 0;
    int major = s.p[5] - '0', minor = 0;
    if (s.n == VERSION_LENGTH && s.p[6] == '.' && is_digit(s.p[7]))
        minor = s.p[7] - '0';
    else if (s.n != 6)
        return 0;
    return (uint8_t)(major * 10 + minor);
}

static bool looks_like_target(enum method method, struct str method_text, struct str s)
{
    if (method == METHOD_NONE || s.n == 0)
        return false;
    if (s.p[0] == '/' || (s.n == 1 && s.p[0] == '*'))
        return true;
    return str_find_str(s, STR("://")) > 0 || str_eq(method_text, STR("CONNECT"));
}

/* The rarer forms: no version, no target, not HTTP at all. */
static void request_odd(struct event *e, struct str r)
{
    if (r.n == 0) {
        e->odd |= ODD(REQUEST_EMPTY);
        return;
    }
    ptrdiff_t space = str_find(r, ' ', 0);
    struct str method = str_sub(r, 0, space < 0 ? 0 : space);
    struct str rest = space < 0 ? STR_NONE : str_sub(r, space + 1, r.n);
    enum method code = field_method(method);
    if (!looks_like_target(code, method, rest)) {
        e->odd |= ODD(REQUEST_NOT_HTTP);
        e->target = r;
        return;
    }
    e->odd |= ODD(VERSION_MISSING);
    if (str_find(rest, ' ', 0) >= 0)
        e->odd |= ODD(REQUEST_SPACES);
    e->method = (uint8_t)code;
    e->method_text = method;
    e->target = rest;
}

/* Length of the first word where it is one of the three methods that make up a log; else 0. */
static ptrdiff_t common_method(const char *p, enum method *method)
{
    if (memcmp(p, "GET ", 4) == 0) {
        *method = METHOD_GET;
        return 3;
    }
    if (memcmp(p, "POST ", 5) == 0) {
        *method = METHOD_POST;
        return 4;
    }
    if (memcmp(p, "HEAD ", 5) == 0) {
        *method = METHOD_HEAD;
        return 4;
    }
    return 0;
}

/* The version behind the last space: its length and its number, or 0. */
static ptrdiff_t version_at_end(struct str r, uint8_t *version)
{
    for (ptrdiff_t n = VERSION_LENGTH; n >= VERSION_SHORT; n -= VERSION_LENGTH - VERSION_SHORT) {
        if (r.n <= n || r.p[r.n - n - 1] != ' ')
            continue;
        *version = field_version((struct str){r.p + r.n - n, n});
        if (*version != 0)
            return n;
    }
    return 0;
}

void field_request(struct event *e, struct str r)
{
    enum method method = METHOD_NONE;
    uint8_t code = 0;
    ptrdiff_t version = version_at_end(r, &code), word = 0;
    e->request = r;
    if (version == 0) {
        request_odd(e, r);
        return;
    }
    word = common_method(r.p, &method);
    if (word == 0) {
        word = str_find(r, ' ', 0);
        method = field_method((struct str){r.p, word});
    }
    struct str target = {r.p + word + 1, r.n - version - 1 - word - 1};
    if (method == METHOD_NONE || target.n <= 0) {
        request_odd(e, r);
        return;
    }
    e->method = (uint8_t)method;
    e->method_text = (struct str){r.p, word};
    e->target = target;
    e->http_version = code;
    if (scan_pair(r.p, target.p, target.p + target.n, ' ', ' ') != target.p + target.n)
        e->odd |= ODD(REQUEST_SPACES);
}

bool field_peer(struct event *e, struct str s)
{
    uint16_t port = 0;
    e->peer_text = s;
    if (s.n == 0)
        return false;
    if (field_dash(s)) {
        e->peer_text = STR_NONE;
        e->absent |= HAS(PEER);
        e->client_rule = CLIENT_NONE;
        return true;
    }
    if (!ip_parse(s, &e->peer) && !ip_parse_port(s, &e->peer, &port)) {
        e->odd |= ODD(PEER_NOT_ADDRESS);
        return true;
    }
    e->client = e->peer;
    if (port != 0) {
        e->client_port = port;
        e->has |= HAS(PORT);
    }
    return true;
}

void field_host(struct event *e, struct str s)
{
    ptrdiff_t colon = s.n;
    while (colon > 0 && is_digit(s.p[colon - 1]))
        colon--;
    if (field_dash(s)) {
        e->absent |= HAS(HOST);
        return;
    }
    bool port = colon > 1 && colon < s.n && s.n - colon <= 5 && s.p[colon - 1] == ':';
    /* "::1" is an address, "[::1]:443" has a port. */
    if (port && s.p[0] != '[' && str_find(s, ':', 0) != colon - 1)
        port = false;
    e->host = port ? str_sub(s, 0, colon - 1) : s;
    if (port)
        field_extra(e, EXTRA_OTHER, STR("server_port"), str_sub(s, colon, s.n));
}

bool field_status(struct event *e, struct str s)
{
    uint64_t v;
    e->status = 0;
    if (field_dash(s) || s.n == 0) {
        e->absent |= HAS(STATUS);
        return true;
    }
    if (s.n > 3 || !str_u64(s, &v))
        return false;
    e->status = (uint16_t)v;
    if (v < 100)
        e->odd |= ODD(STATUS_INVALID);
    return true;
}

bool field_bytes(struct event *e, struct str s)
{
    e->bytes = 0;
    if (field_dash(s) || s.n == 0) {
        e->absent |= HAS(BYTES);
        return true;
    }
    return str_i64(s, &e->bytes) && e->bytes >= 0;
}

bool field_port(struct event *e, struct str s)
{
    uint64_t v = 0;
    if (field_dash(s) || s.n == 0)
        e->absent |= HAS(PORT);
    else if (s.n > 5 || !str_u64(s, &v) || v > UINT16_MAX)
        return false;
    e->client_port = (uint16_t)v;
    return true;
}

bool field_scaled(struct str s, int64_t unit_us, int64_t *us)
{
    int64_t v = 0, part = unit_us;
    ptrdiff_t i = 0;
    for (; i < s.n && is_digit(s.p[i]); i++) {
        v = v * 10 + (s.p[i] - '0');
        if (v > SCALED_MAX / unit_us)
            return false;
    }
    if (i == 0)
        return false;
    v *= unit_us;
    if (i < s.n && s.p[i] == '.')
        for (i++; i < s.n && is_digit(s.p[i]); i++) {
            part /= 10;
            v += (s.p[i] - '0') * part;
        }
    *us = v;
    return i == s.n;
}

bool field_duration(struct event *e, struct str s, int64_t unit_us)
{
    e->duration_us = 0;
    if (s.n > 0 && s.p[0] != '-')
        return field_scaled(s, unit_us, &e->duration_us);
    e->absent |= HAS(DURATION);
    int64_t set_back;
    return s.n <= 1 || field_scaled(str_sub(s, 1, s.n), unit_us, &set_back);
}

void field_extra(struct event *e, enum extra_kind kind, struct str name, struct str value)
{
    if (e->extras_count == EVENT_EXTRAS_MAX) {
        e->odd |= ODD(EXTRAS_CUT);
        return;
    }
    struct extra *x = &e->extras[e->extras_count++];
    x->kind = kind;
    x->name = name;
    x->value = field_dash(value) ? STR_NONE : value;
}

void field_check_escapes(struct event *e, enum escaping escaping, struct str s)
{
    if (escaping != ESCAPING_NGINX && escaping != ESCAPING_APACHE)
        return;
    for (ptrdiff_t i = str_find(s, '\\', 0); i >= 0; i = str_find(s, '\\', i)) {
        char next = i + 1 < s.n ? s.p[i + 1] : '\0';
        if (next == 'x' && i + 3 < s.n && hex_digit(s.p[i + 2]) >= 0 &&
            hex_digit(s.p[i + 3]) >= 0) {
            i += 4;
            continue;
        }
        if (escaping == ESCAPING_NGINX || memchr("\"\\bnrtv", next, 7) == NULL) {
            e->odd |= ODD(ESCAPE_INVALID);
            return;
        }
        i += 2;
    }
}

bool field_is_list(struct str s)
{
    return str_find_str(s, STR(", ")) >= 0 || str_find_str(s, STR(" : ")) >= 0;
}
