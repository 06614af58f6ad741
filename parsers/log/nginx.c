/* nginx.c: any nginx log_format string (ngx_http_log_module).
 *
 * Accepts the bare string, the whole directive "log_format name [escape=...] '...' '...';", and
 * "combined", which nginx predefines.  A line is written when the request ends, hence the meaning
 * of its stamps. */
#include "parsers/log/program.h"

static const struct str combined =
    STR_INIT("$remote_addr - $remote_user [$time_local] \"$request\" $status $body_bytes_sent "
             "\"$http_referer\" \"$http_user_agent\"");

/* Variables that fill a field; of several for one field the smallest rank wins. */
static const struct named_value variables[] = {
    {STR_INIT("remote_addr"), {.kind = STEP_PEER, .slot = SLOT_PEER}},
    {STR_INIT("binary_remote_addr"), {.kind = STEP_SKIP, .slot = SLOT_SKIP}},
    {STR_INIT("realip_remote_addr"), {.kind = STEP_PEER, .slot = SLOT_PEER, .rank = 1}},
    {STR_INIT("proxy_protocol_addr"), {.kind = STEP_PEER, .slot = SLOT_PEER, .rank = 2}},
    {STR_INIT("remote_port"), {.kind = STEP_PORT, .slot = SLOT_PORT}},
    {STR_INIT("realip_remote_port"), {.kind = STEP_PORT, .slot = SLOT_PORT, .rank = 1}},
    {STR_INIT("remote_user"), {.kind = STEP_TEXT, .slot = SLOT_USER}},
    {STR_INIT("time_local"), {.kind = STEP_CLF, .slot = SLOT_TIME, .resolution_us = 1000000}},
    {STR_INIT("time_iso8601"), {.kind = STEP_ISO, .slot = SLOT_TIME, .resolution_us = 1000000}},
    {STR_INIT("msec"),
     {.kind = STEP_EPOCH, .slot = SLOT_TIME, .unit_us = 1000000, .resolution_us = 1000}},
    {STR_INIT("request_time"), {.kind = STEP_DURATION, .slot = SLOT_DURATION, .unit_us = 1000000}},
    {STR_INIT("request"), {.kind = STEP_REQUEST, .slot = SLOT_REQUEST}},
    {STR_INIT("request_method"), {.kind = STEP_METHOD, .slot = SLOT_METHOD}},
    {STR_INIT("request_uri"), {.kind = STEP_TEXT, .slot = SLOT_TARGET}},
    {STR_INIT("uri"), {.kind = STEP_TEXT, .slot = SLOT_TARGET, .rank = 1}},
    {STR_INIT("document_uri"), {.kind = STEP_TEXT, .slot = SLOT_TARGET, .rank = 2}},
    {STR_INIT("args"), {.kind = STEP_QUERY, .slot = SLOT_QUERY}},
    {STR_INIT("query_string"), {.kind = STEP_QUERY, .slot = SLOT_QUERY, .rank = 1}},
    {STR_INIT("server_protocol"), {.kind = STEP_VERSION, .slot = SLOT_VERSION}},
    {STR_INIT("status"), {.kind = STEP_STATUS, .slot = SLOT_STATUS}},
    {STR_INIT("body_bytes_sent"), {.kind = STEP_BYTES, .slot = SLOT_BYTES}},
    {STR_INIT("bytes_sent"), {.kind = STEP_BYTES, .slot = SLOT_BYTES, .rank = 1}},
    {STR_INIT("http_referer"), {.kind = STEP_TEXT, .slot = SLOT_REFERER}},
    {STR_INIT("http_user_agent"), {.kind = STEP_TEXT, .slot = SLOT_AGENT}},
    {STR_INIT("host"), {.kind = STEP_HOST, .slot = SLOT_HOST, .rank = 1}},
    {STR_INIT("http_host"), {.kind = STEP_HOST, .slot = SLOT_HOST}},
    {STR_INIT("server_name"), {.kind = STEP_HOST, .slot = SLOT_HOST, .rank = 2}},
    {STR_INIT("request_body"), {.kind = STEP_TEXT, .slot = SLOT_BODY}},
    {STR_INIT("http_cookie"), {.kind = STEP_TEXT, .slot = SLOT_COOKIES}},
    {STR_INIT("http_x_forwarded_for"), {.kind = STEP_TEXT, .slot = SLOT_FORWARDED}},
    {STR_INIT("proxy_add_x_forwarded_for"), {.kind = STEP_TEXT, .slot = SLOT_FORWARDED, .rank = 1}},
};

static bool is_name(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/* Header names as on the wire: lower case, '-' for '_'. */
static struct str header_name(struct arena *a, struct str s)
{
    char *p = ARENA_ARRAY(a, char, s.n + 1);
    for (ptrdiff_t i = 0; i < s.n; i++) {
        char c = s.p[i] == '_' ? '-' : s.p[i];
        p[i] = (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
    }
    return (struct str){p, s.n};
}

static struct value extra_of(struct arena *a, struct str name)
{
    static const struct {
        struct str prefix;
        enum extra_kind kind;
        bool header;
    } families[] = {
        {STR_INIT("http_"), EXTRA_REQUEST_HEADER, true},
        {STR_INIT("sent_http_"), EXTRA_RESPONSE_HEADER, true},
        {STR_INIT("cookie_"), EXTRA_COOKIE, false},
    };
    struct value v = {.kind = STEP_EXTRA, .slot = SLOT_EXTRA, .extra = EXTRA_OTHER, .name = name};
    v.list = str_starts(name, STR("upstream_"));
    for (size_t i = 0; i < sizeof families / sizeof *families; i++) {
        if (!str_starts(name, families[i].prefix))
            continue;
        struct str rest = str_sub(name, families[i].prefix.n, name.n);
        v.extra = families[i].kind;
        v.name = families[i].header ? header_name(a, rest) : rest;
    }
    return v;
}

struct value nginx_variable(struct arena *a, struct str name)
{
    for (size_t i = 0; i < sizeof variables / sizeof *variables; i++) {
        if (!str_eq(name, variables[i].name))
            continue;
        struct value v = variables[i].value;
        v.name = name;
        v.extra = EXTRA_OTHER;
        v.meaning = TIME_MEANS_LOG_WRITE;
        return v;
    }
    return extra_of(a, name);
}

/* "$uri$is_args$args" is one target. */
static bool joins_target(struct builder *b, struct str name)
{
    struct value *last = builder_adjacent(b);
    bool query = str_eq(name, STR("is_args")) || str_eq(name, STR("args")) ||
                 str_eq(name, STR("query_string"));
    if (last == NULL || last->slot != SLOT_TARGET || !query)
        return false;
    if (!str_eq(name, STR("is_args")))
        last->rank = 0;
    return true;
}

/* Families whose members are named freely. */
static bool named_freely(struct str name)
{
    static const struct str prefixes[] = {STR_INIT("arg_"), STR_INIT("cookie_"), STR_INIT("sent_http_"),
                                          STR_INIT("upstream_")};
    for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++)
        if (str_starts(name, prefixes[i]))
            return true;
    return false;
}

/* nginx itself refuses unknown variables, but sites define their own: only what looks like a slip is refused. */
static bool names_meant(struct builder *b, struct str *why)
{
    for (int i = 0; i < b->count && i < PROGRAM_STEPS_MAX; i++) {
        ptrdiff_t from = b->at[i] + 1, to;
        if (b->values[i].slot != SLOT_EXTRA)
            continue;
        from += from < b->source.n && b->source.p[from] == '{' ? 1 : 0;
        for (to = from; to < b->source.n && is_name(b->source.p[to]); to++)
            ;
        struct str name = str_sub(b->source, from, to);
        if (!named_freely(name) &&
            !builder_name_meant(b, i, name, variables, sizeof variables / sizeof *variables, why))
            return false;
    }
    return true;
}

bool nginx_compile(struct builder *b, struct str *why)
{
    struct str s = b->source;
    struct arena *a = b->format->arena;
    for (ptrdiff_t i = 0; i < s.n;) {
        if (s.p[i] != '$') {
            builder_literal(b, s.p[i++]);
            continue;
        }
        ptrdiff_t at = i++;
        bool braces = i < s.n && s.p[i] == '{';
        ptrdiff_t from = i += braces ? 1 : 0;
        while (i < s.n && is_name(s.p[i]))
            i++;
        struct str name = str_sub(s, from, i);
        if (name.n == 0 || (braces && (i == s.n || s.p[i] != '}'))) {
            *why =
                format_error(a, name.n == 0 ? "'$' without a variable" : "'${' without '}'", s, at);
            return false;
        }
        i += braces ? 1 : 0;
        if (joins_target(b, name))
            continue;
        struct value v = nginx_variable(a, name);
        builder_value(b, at, &v);
    }
    return names_meant(b, why);
}

/* ---- the directive as it stands in nginx.conf ---- */

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* The next word of a configuration text, quotes and backslashes undone (ngx_conf_read_token);
 * missing at its end.  *s moves behind it. */
static struct str conf_word(struct arena *a, struct str *s)
{
    ptrdiff_t i = 0, n = 0;
    while (i < s->n && is_space(s->p[i]))
        i++;
    if (i == s->n || s->p[i] == ';')
        return STR_NONE;
    char quote = s->p[i] == '"' || s->p[i] == '\'' ? s->p[i++] : '\0';
    char *out = ARENA_ARRAY(a, char, s->n + 1);
    for (; i < s->n; i++) {
        char c = s->p[i];
        if (quote != '\0' ? c == quote : is_space(c) || c == ';')
            break;
        if (c == '\\' && i + 1 < s->n) {
            static const char from[] = "\"'\\trn", to[] = "\"'\\\t\r\n";
            const char *known = memchr(from, s->p[i + 1], sizeof from - 1);
            c = known != NULL ? to[known - from] : '\\';
            i += known != NULL ? 1 : 0;
        }
        out[n++] = c;
    }
    i += quote != '\0' && i < s->n ? 1 : 0;
    *s = str_sub(*s, i, s->n);
    return (struct str){out, n};
}

static bool read_escape(struct log_format *f, struct str word, struct str *why)
{
    if (str_eq(word, STR("escape=default")))
        f->escaping = ESCAPING_NGINX;
    else if (str_eq(word, STR("escape=json")))
        f->escaping = ESCAPING_JSON_DECODED;
    else if (str_eq(word, STR("escape=none")))
        f->escaping = ESCAPING_NONE;
    else {
        *why =
            arena_printf(f->arena, "%.*s: nginx knows escape=default, escape=json and escape=none",
                         STR_ARG(word));
        return false;
    }
    return true;
}

/* The words after the name: an optional escape=, then pieces of the string. */
static bool read_directive(struct log_format *f, struct str s, struct str *why)
{
    struct str all = STR_NONE;
    struct str word = conf_word(f->arena, &s);
    if (str_starts(word, STR("escape="))) {
        if (!read_escape(f, word, why))
            return false;
        word = conf_word(f->arena, &s);
    }
    for (; word.p != NULL; word = conf_word(f->arena, &s))
        all = arena_printf(f->arena, "%.*s%.*s", STR_ARG(all), STR_ARG(word));
    f->string = all;
    return true;
}

static bool read_spec(struct log_format *f, struct str spec, struct str *why)
{
    f->escaping = ESCAPING_NGINX;
    f->string = str_eq(spec, STR("combined")) ? combined : spec;
    if (str_starts(spec, STR("log_format"))) {
        struct str rest = str_sub(spec, 10, spec.n);
        conf_word(f->arena, &rest); /* its name */
        return read_directive(f, rest, why);
    }
    if (str_starts(spec, STR("escape=")) || str_starts(spec, STR("'")))
        return read_directive(f, spec, why);
    return true;
}

static bool nginx_open(struct log_format *f, struct str spec, struct str *why)
{
    struct builder b;
    if (spec.n == 0) {
        *why = STR("nginx needs its log_format string: --format 'nginx:$remote_addr - ...'");
        return false;
    }
    if (!read_spec(f, spec, why))
        return false;
    builder_open(&b, f, f->string);
    return nginx_compile(&b, why) && builder_close(&b, why);
}

/* Without its string it cannot know its lines. */
static uint32_t nginx_bid(struct str lines)
{
    (void)lines;
    return 0;
}

const struct log_parser log_parser_nginx = {
    .name = "nginx",
    .what = {{"any nginx log_format string, given as nginx:STRING",
              "toute chaîne log_format de nginx, donnée par nginx:CHAÎNE"}},
    .sample = "samples/logs/nginx.log",
    .bid = nginx_bid,
    .open = nginx_open,
    .line = program_line,
};
