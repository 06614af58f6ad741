/* apache.c: any Apache LogFormat string (mod_log_config, mod_logio, mod_ssl's %{...}x).
 *
 * Accepts the bare string, the whole directive 'LogFormat "..." name', and the names that Apache's
 * own configuration defines.  %t is the time the request was received, so lines come in the order
 * of their ends with the stamps of their starts. */
#include "parsers/log/program.h"

static const struct {
    struct str name, string;
} nicknames[] = {
    {STR_INIT("common"), STR_INIT("%h %l %u %t \"%r\" %>s %b")},
    {STR_INIT("combined"),
     STR_INIT("%h %l %u %t \"%r\" %>s %b \"%{Referer}i\" \"%{User-Agent}i\"")},
    {STR_INIT("vhost_combined"),
     STR_INIT("%v:%p %h %l %u %t \"%r\" %>s %O \"%{Referer}i\" \"%{User-Agent}i\"")},
};

/* One directive: %[!200,304<>]{arg}X */
struct directive {
    ptrdiff_t at;
    struct str arg; /* missing when there are no braces */
    char original;  /* '<' or '>' as given, else NUL */
    char letter;
    bool trailer; /* %^X */
};

static bool parse_directive(struct builder *b, ptrdiff_t *i, struct directive *d, struct str *why)
{
    struct str s = b->source;
    ptrdiff_t p = *i + 1;
    *d = (struct directive){.at = *i};
    for (; p < s.n && (s.p[p] == '!' || s.p[p] == ',' || s.p[p] == '<' || s.p[p] == '>' ||
                       (s.p[p] >= '0' && s.p[p] <= '9') || s.p[p] == '{');
         p++) {
        if (s.p[p] == '<' || s.p[p] == '>')
            d->original = s.p[p];
        if (s.p[p] != '{')
            continue;
        ptrdiff_t close = str_find(s, '}', p);
        if (close < 0) {
            *why = format_error(b->format->arena, "'{' without '}'", s, d->at);
            return false;
        }
        d->arg = str_sub(s, p + 1, close);
        p = close;
    }
    d->trailer = p < s.n && s.p[p] == '^';
    p += d->trailer ? 2 : 0; /* %^FB, %^ti, %^to: the letter after tells */
    if (p >= s.n) {
        *why = format_error(b->format->arena, "'%' without a directive", s, d->at);
        return false;
    }
    d->letter = s.p[p];
    *i = p + 1;
    return true;
}

/* ---- %{...}t ---- */

static void time_part(struct builder *b, const struct directive *d, enum date_part part,
                      uint8_t which)
{
    struct value v = {.kind = STEP_PART,
                      .slot = SLOT_TIME,
                      .unit_us = part,
                      .which = which,
                      .resolution_us = 1000000,
                      .meaning = which == 0 ? TIME_MEANS_REQUEST_START : TIME_MEANS_RESPONSE_END};
    builder_value(b, d->at, &v);
}

/* The composite conversions of strftime that stand for simple ones. */
static const char *composite(char c)
{
    return c == 'T' ? "%H:%M:%S" : c == 'F' ? "%Y-%m-%d" : c == 'R' ? "%H:%M" : NULL;
}

static bool time_conversion(struct builder *b, const struct directive *d, char c, uint8_t which)
{
    static const struct {
        char letter;
        enum date_part part;
    } parts[] = {{'Y', DATE_YEAR},       {'m', DATE_MONTH},  {'b', DATE_MONTH_NAME},
                 {'h', DATE_MONTH_NAME}, {'d', DATE_DAY},    {'e', DATE_DAY},
                 {'H', DATE_HOUR},       {'M', DATE_MINUTE}, {'S', DATE_SECOND},
                 {'z', DATE_ZONE},       {'a', DATE_WEEKDAY}};
    if (c == '%') {
        builder_literal(b, '%');
        return true;
    }
    if (c == 's') {
        struct value v = {.kind = STEP_EPOCH,
                          .slot = SLOT_TIME,
                          .unit_us = 1000000,
                          .resolution_us = 1000000,
                          .which = which,
                          .meaning =
                              which == 0 ? TIME_MEANS_REQUEST_START : TIME_MEANS_RESPONSE_END};
        builder_value(b, d->at, &v);
        return true;
    }
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (parts[i].letter == c) {
            time_part(b, d, parts[i].part, which);
            return true;
        }
    return false;
}

static bool time_text(struct builder *b, const struct directive *d, struct str s, uint8_t which,
                      struct str *why)
{
    if (str_eq(s, STR("%d/%b/%Y:%H:%M:%S %z"))) {
        struct value v = {.kind = STEP_CLF,
                          .slot = SLOT_TIME,
                          .resolution_us = 1000000,
                          .which = which,
                          .meaning =
                              which == 0 ? TIME_MEANS_REQUEST_START : TIME_MEANS_RESPONSE_END};
        builder_value(b, d->at, &v);
        return true;
    }
    for (ptrdiff_t i = 0; i < s.n; i++) {
        if (s.p[i] != '%') {
            builder_literal(b, s.p[i]);
            continue;
        }
        char c = ++i < s.n ? s.p[i] : '\0';
        struct str simple = str_of(composite(c));
        bool known = simple.p != NULL || time_conversion(b, d, c, which);
        for (ptrdiff_t k = 0; k < simple.n; k++) {
            if (simple.p[k] == '%')
                time_conversion(b, d, simple.p[++k], which);
            else
                builder_literal(b, simple.p[k]);
        }
        if (!known) {
            *why = format_error(b->format->arena, "a strftime conversion that cannot be read back",
                                b->source, d->at);
            return false;
        }
    }
    return true;
}

static bool time_directive(struct builder *b, const struct directive *d, struct str *why)
{
    static const struct {
        struct str name;
        enum step_kind kind;
        int64_t unit_us;
        uint32_t resolution_us;
    } words[] = {
        {STR_INIT("sec"), STEP_EPOCH, 1000000, 1000000},
        {STR_INIT("msec"), STEP_EPOCH, 1000, 1000},
        {STR_INIT("usec"), STEP_EPOCH, 1, 1},
        {STR_INIT("msec_frac"), STEP_FRACTION, 1000, 1000},
        {STR_INIT("usec_frac"), STEP_FRACTION, 1, 1},
    };
    struct str arg = d->arg;
    uint8_t which = 0;
    if (str_starts(arg, STR("begin:")))
        arg = str_sub(arg, 6, arg.n);
    else if (str_starts(arg, STR("end:"))) {
        arg = str_sub(arg, 4, arg.n);
        which = 1;
    }
    if (arg.n == 0) {
        builder_literal(b, '[');
        time_text(b, d, STR("%d/%b/%Y:%H:%M:%S %z"), which, why);
        builder_literal(b, ']');
        return true;
    }
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (!str_eq(arg, words[i].name))
            continue;
        struct value v = {.kind = words[i].kind,
                          .slot = SLOT_TIME,
                          .unit_us = words[i].unit_us,
                          .resolution_us = words[i].resolution_us,
                          .which = which,
                          .meaning =
                              which == 0 ? TIME_MEANS_REQUEST_START : TIME_MEANS_RESPONSE_END};
        builder_value(b, d->at, &v);
        return true;
    }
    return time_text(b, d, arg, which, why);
}

/* ---- headers ---- */

static struct str lower(struct arena *a, struct str s)
{
    char *p = ARENA_ARRAY(a, char, s.n + 1);
    for (ptrdiff_t i = 0; i < s.n; i++)
        p[i] = (char)(s.p[i] >= 'A' && s.p[i] <= 'Z' ? s.p[i] - 'A' + 'a' : s.p[i]);
    return (struct str){p, s.n};
}

static const struct named_value headers[] = {
    {STR_INIT("referer"), {.kind = STEP_TEXT, .slot = SLOT_REFERER}},
    {STR_INIT("user-agent"), {.kind = STEP_TEXT, .slot = SLOT_AGENT}},
    {STR_INIT("host"), {.kind = STEP_HOST, .slot = SLOT_HOST}},
    {STR_INIT("cookie"), {.kind = STEP_TEXT, .slot = SLOT_COOKIES}},
    {STR_INIT("x-forwarded-for"), {.kind = STEP_TEXT, .slot = SLOT_FORWARDED}},
};

static struct value header_value(struct str name)
{
    for (size_t i = 0; i < sizeof headers / sizeof *headers; i++)
        if (str_eq(name, headers[i].name))
            return headers[i].value;
    return (struct value){.kind = STEP_EXTRA, .slot = SLOT_EXTRA};
}

/* %{NAME}i, o, C, e, n, x. */
static struct value named_value(struct builder *b, const struct directive *d)
{
    bool header = d->letter == 'i' || d->letter == 'o';
    struct str name = header ? lower(b->format->arena, d->arg) : d->arg;
    struct value v = {.kind = STEP_EXTRA, .slot = SLOT_EXTRA, .extra = EXTRA_OTHER};
    if (d->letter == 'i' && !d->trailer) {
        v = header_value(name);
        v.extra = EXTRA_REQUEST_HEADER;
    }
    if (d->letter == 'o' && !d->trailer)
        v.extra = EXTRA_RESPONSE_HEADER;
    if (d->letter == 'C')
        v.extra = EXTRA_COOKIE;
    v.name = name;
    return v;
}

/* ---- single letters ---- */

/* Ranks as in nginx.c; what = the name as an extra, when another directive fills the field. */
static const struct {
    char letter;
    const char *arg; /* NULL: whatever the braces hold, or none */
    const char *name;
    struct value value;
} letters[] = {
    {'a', "c", "peer_ip", {.kind = STEP_PEER, .slot = SLOT_PEER, .rank = 2}},
    {'a', NULL, "client_ip", {.kind = STEP_PEER, .slot = SLOT_PEER}},
    {'h', "c", "peer_host", {.kind = STEP_PEER, .slot = SLOT_PEER, .rank = 3}},
    {'h', NULL, "remote_host", {.kind = STEP_PEER, .slot = SLOT_PEER, .rank = 1}},
    {'A', NULL, "local_ip", {.kind = STEP_EXTRA, .slot = SLOT_EXTRA}},
    {'l', NULL, "ident", {.kind = STEP_IDENT, .slot = SLOT_IDENT}},
    {'u', NULL, "user", {.kind = STEP_TEXT, .slot = SLOT_USER}},
    {'r', NULL, "request", {.kind = STEP_REQUEST, .slot = SLOT_REQUEST}},
    {'m', NULL, "method", {.kind = STEP_METHOD, .slot = SLOT_METHOD}},
    {'U', NULL, "path", {.kind = STEP_TEXT, .slot = SLOT_TARGET, .rank = 1}},
    {'q', NULL, "query", {.kind = STEP_QUERY, .slot = SLOT_QUERY}},
    {'H', NULL, "protocol", {.kind = STEP_VERSION, .slot = SLOT_VERSION}},
    {'s', NULL, "status", {.kind = STEP_STATUS, .slot = SLOT_STATUS, .rank = 1}},
    {'b', NULL, "bytes", {.kind = STEP_BYTES, .slot = SLOT_BYTES}},
    {'B', NULL, "bytes", {.kind = STEP_BYTES, .slot = SLOT_BYTES}},
    {'O', NULL, "bytes_sent", {.kind = STEP_BYTES, .slot = SLOT_BYTES, .rank = 1}},
    {'I', NULL, "bytes_received", {.kind = STEP_EXTRA, .slot = SLOT_EXTRA}},
    {'S', NULL, "bytes_transferred", {.kind = STEP_EXTRA, .slot = SLOT_EXTRA}},
    {'D', NULL, "duration_us", {.kind = STEP_DURATION, .slot = SLOT_DURATION, .unit_us = 1}},
    {'T', "us", "duration_us", {.kind = STEP_DURATION, .slot = SLOT_DURATION, .unit_us = 1}},
    {'T',
     "ms",
     "duration_ms",
     {.kind = STEP_DURATION, .slot = SLOT_DURATION, .rank = 1, .unit_us = 1000}},
    {'T',
     NULL,
     "duration_s",
     {.kind = STEP_DURATION, .slot = SLOT_DURATION, .rank = 2, .unit_us = 1000000}},
    {'V', NULL, "server_name", {.kind = STEP_HOST, .slot = SLOT_HOST, .rank = 1}},
    {'v', NULL, "server_name", {.kind = STEP_HOST, .slot = SLOT_HOST, .rank = 2}},
    {'p', "remote", "remote_port", {.kind = STEP_PORT, .slot = SLOT_PORT}},
    {'p', NULL, "server_port", {.kind = STEP_EXTRA, .slot = SLOT_EXTRA}},
    {'P', NULL, "process", {.kind = STEP_EXTRA, .slot = SLOT_EXTRA}},
    {'X', NULL, "connection_status", {.kind = STEP_EXTRA, .slot = SLOT_EXTRA}},
    {'k', NULL, "keepalive_requests", {.kind = STEP_EXTRA, .slot = SLOT_EXTRA}},
    {'L', NULL, "log_id", {.kind = STEP_EXTRA, .slot = SLOT_EXTRA}},
    {'f', NULL, "file", {.kind = STEP_EXTRA, .slot = SLOT_EXTRA}},
    {'R', NULL, "handler", {.kind = STEP_EXTRA, .slot = SLOT_EXTRA}},
};

static bool letter_value(const struct directive *d, struct value *v)
{
    for (size_t i = 0; i < sizeof letters / sizeof *letters; i++) {
        if (letters[i].letter != d->letter ||
            (letters[i].arg != NULL && !str_eq(d->arg, str_of(letters[i].arg))))
            continue;
        *v = letters[i].value;
        v->extra = EXTRA_OTHER;
        v->name = str_of(letters[i].name);
        if (d->original == '>' && v->rank > 0)
            v->rank--;
        if (d->original == '<')
            v->rank++;
        return true;
    }
    return false;
}

static bool add_directive(struct builder *b, const struct directive *d, struct str *why)
{
    struct value v;
    if (d->letter == '%') {
        builder_literal(b, '%');
        return true;
    }
    if (d->letter == 't' && !d->trailer)
        return time_directive(b, d, why);
    if (d->trailer && d->letter == 'B') { /* %^FB */
        v = (struct value){.kind = STEP_EXTRA,
                           .slot = SLOT_EXTRA,
                           .extra = EXTRA_OTHER,
                           .name = STR("first_byte_us")};
        builder_value(b, d->at, &v);
        return true;
    }
    if (d->arg.p != NULL && memchr("ioCenx", d->letter, 6) != NULL) {
        v = named_value(b, d);
        builder_value(b, d->at, &v);
        return true;
    }
    if (!letter_value(d, &v)) {
        *why = format_error(b->format->arena, "an unknown directive", b->source, d->at);
        return false;
    }
    /* "%U%q" is one target. */
    struct value *last = builder_adjacent(b);
    if (v.slot == SLOT_QUERY && last != NULL && last->slot == SLOT_TARGET)
        last->rank = 0;
    else
        builder_value(b, d->at, &v);
    return true;
}

static bool names_meant(struct builder *b, struct str *why)
{
    for (int i = 0; i < b->count && i < PROGRAM_STEPS_MAX; i++)
        if (b->values[i].slot == SLOT_EXTRA && b->values[i].extra == EXTRA_REQUEST_HEADER &&
            !builder_name_meant(b, i, b->values[i].name, headers, sizeof headers / sizeof *headers, why))
            return false;
    return true;
}

bool apache_compile(struct builder *b, struct str *why)
{
    struct str s = b->source;
    struct directive d;
    for (ptrdiff_t i = 0; i < s.n;) {
        if (s.p[i] == '%') {
            if (!parse_directive(b, &i, &d, why) || !add_directive(b, &d, why))
                return false;
            continue;
        }
        /* Backslashes of the configuration file: \" \\ \n \t. */
        char c = s.p[i++];
        if (c == '\\' && i < s.n && memchr("\"\\nt", s.p[i], 4) != NULL) {
            c = s.p[i] == 'n' ? '\n' : s.p[i] == 't' ? '\t' : s.p[i];
            i++;
        }
        builder_literal(b, c);
    }
    return names_meant(b, why);
}

/* What stands in quotes after LogFormat; its backslashes are undone later, with those of a bare
 * string. */
static struct str directive_string(struct str s)
{
    s = str_trim(s);
    char quote = s.n > 0 && (s.p[0] == '"' || s.p[0] == '\'') ? s.p[0] : '\0';
    if (quote == '\0')
        return s;
    for (ptrdiff_t i = 1; i < s.n; i++) {
        if (s.p[i] == '\\')
            i++;
        else if (s.p[i] == quote)
            return str_sub(s, 1, i);
    }
    return str_sub(s, 1, s.n);
}

static bool apache_open(struct log_format *f, struct str spec, struct str *why)
{
    struct builder b;
    if (spec.n == 0) {
        *why = STR("apache needs its LogFormat string: --format 'apache:%h %l ...'");
        return false;
    }
    f->escaping = ESCAPING_APACHE;
    f->string =
        str_starts(spec, STR("LogFormat")) ? directive_string(str_sub(spec, 9, spec.n)) : spec;
    for (size_t i = 0; i < sizeof nicknames / sizeof *nicknames; i++)
        if (str_eq(spec, nicknames[i].name))
            f->string = nicknames[i].string;
    builder_open(&b, f, f->string);
    return apache_compile(&b, why) && builder_close(&b, why);
}

/* Without its string it cannot know its lines. */
static uint32_t apache_bid(struct str lines)
{
    (void)lines;
    return 0;
}

const struct log_parser log_parser_apache = {
    .name = "apache",
    .what = {{"any Apache LogFormat string, given as apache:STRING",
              "toute chaîne LogFormat d'Apache, donnée par apache:CHAÎNE"}},
    .sample = "samples/logs/apache.log",
    .bid = apache_bid,
    .open = apache_open,
    .line = program_line,
};
