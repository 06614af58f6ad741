/* json.c: one JSON object a line: nginx's escape=json, our own `events`, and whatever a key map
 * names.
 *
 * The line is read token by token, no tree is built.  Nested objects are flattened ("request.uri"),
 * of an array the first value counts.  First all values are collected, one a field, then they are
 * converted: the order of the keys means nothing.  A value that is left out ("status":,) is what
 * nginx writes for an unquoted variable that is missing; such a line is read again with null in its
 * place. */
#include "analyzer/base/json.h"

#include "parsers/log/field.h"
#include "parsers/log/program.h"
#include "parsers/log/stamp.h"

enum { KEYS_MAX = 256, PATH_MAX_BYTES = 256 };

/* Beside the fields: what only our own `events` says. */
enum { SLOT_RESOLUTION = SLOT_COUNT, SLOT_MEANING, SLOT_OWN, SLOTS_ALL };

struct key {
    struct str name;
    struct value value;
};
struct keys {
    struct key at[KEYS_MAX]; /* open addressing; never more than half full */
    int count;
};

/* Names other than nginx's variables.  Rank: the more exact, the smaller. */
static const struct key known_keys[] = {
    {STR_INIT("peer_ip"), {.kind = STEP_PEER, .slot = SLOT_PEER}},
    {STR_INIT("client_ip"), {.kind = STEP_PEER, .slot = SLOT_PEER, .rank = 3}},
    {STR_INIT("remote_ip"), {.kind = STEP_PEER, .slot = SLOT_PEER, .rank = 4}},
    {STR_INIT("ip"), {.kind = STEP_PEER, .slot = SLOT_PEER, .rank = 5}},
    {STR_INIT("client_port"), {.kind = STEP_PORT, .slot = SLOT_PORT}},
    {STR_INIT("ident"), {.kind = STEP_IDENT, .slot = SLOT_IDENT}},
    {STR_INIT("user"), {.kind = STEP_TEXT, .slot = SLOT_USER, .rank = 1}},
    {STR_INIT("time_us"), {.kind = STEP_EPOCH, .slot = SLOT_TIME, .unit_us = 1}},
    {STR_INIT("time_iso"), {.kind = STEP_ISO, .slot = SLOT_TIME, .rank = 2}},
    {STR_INIT("time_text"), {.kind = STEP_ISO, .slot = SLOT_TIME, .rank = 9}},
    {STR_INIT("timestamp"), {.kind = STEP_ISO, .slot = SLOT_TIME, .rank = 4}},
    {STR_INIT("@timestamp"), {.kind = STEP_ISO, .slot = SLOT_TIME, .rank = 5}},
    {STR_INIT("time"), {.kind = STEP_ISO, .slot = SLOT_TIME, .rank = 6}},
    {STR_INIT("date"), {.kind = STEP_ISO, .slot = SLOT_TIME, .rank = 7}},
    {STR_INIT("ts"), {.kind = STEP_ISO, .slot = SLOT_TIME, .rank = 8}},
    {STR_INIT("duration_us"), {.kind = STEP_DURATION, .slot = SLOT_DURATION, .unit_us = 1}},
    {STR_INIT("duration_ms"),
     {.kind = STEP_DURATION, .slot = SLOT_DURATION, .rank = 1, .unit_us = 1000}},
    {STR_INIT("generation_time_milli"),
     {.kind = STEP_DURATION, .slot = SLOT_DURATION, .rank = 2, .unit_us = 1000}},
    {STR_INIT("method"), {.kind = STEP_METHOD, .slot = SLOT_METHOD, .rank = 1}},
    {STR_INIT("target"), {.kind = STEP_TEXT, .slot = SLOT_TARGET}},
    {STR_INIT("url"), {.kind = STEP_TEXT, .slot = SLOT_TARGET, .rank = 3}},
    {STR_INIT("path"), {.kind = STEP_TEXT, .slot = SLOT_TARGET, .rank = 4}},
    {STR_INIT("query"), {.kind = STEP_QUERY, .slot = SLOT_QUERY, .rank = 2}},
    {STR_INIT("http_version"), {.kind = STEP_VERSION, .slot = SLOT_VERSION, .rank = 1}},
    {STR_INIT("protocol"), {.kind = STEP_VERSION, .slot = SLOT_VERSION, .rank = 2}},
    {STR_INIT("bytes"), {.kind = STEP_BYTES, .slot = SLOT_BYTES}},
    {STR_INIT("length"), {.kind = STEP_BYTES, .slot = SLOT_BYTES, .rank = 3}},
    {STR_INIT("referer"), {.kind = STEP_TEXT, .slot = SLOT_REFERER, .rank = 1}},
    {STR_INIT("referrer"), {.kind = STEP_TEXT, .slot = SLOT_REFERER, .rank = 2}},
    {STR_INIT("user_agent"), {.kind = STEP_TEXT, .slot = SLOT_AGENT, .rank = 1}},
    {STR_INIT("cookies"), {.kind = STEP_TEXT, .slot = SLOT_COOKIES, .rank = 1}},
    {STR_INIT("forwarded_for"), {.kind = STEP_TEXT, .slot = SLOT_FORWARDED, .rank = 2}},
    {STR_INIT("time_resolution_us"), {.kind = STEP_SKIP, .slot = (enum slot)SLOT_RESOLUTION}},
    {STR_INIT("time_meaning"), {.kind = STEP_SKIP, .slot = (enum slot)SLOT_MEANING}},
    {STR_INIT("offset"), {.kind = STEP_SKIP, .slot = (enum slot)SLOT_OWN}},
    {STR_INIT("record"), {.kind = STEP_SKIP, .slot = SLOT_SKIP}},
    {STR_INIT("source"), {.kind = STEP_SKIP, .slot = SLOT_SKIP}},
    {STR_INIT("client_rule"), {.kind = STEP_SKIP, .slot = SLOT_SKIP}},
    {STR_INIT("oddities"), {.kind = STEP_SKIP, .slot = SLOT_SKIP}},
    {STR_INIT("raw_b64"), {.kind = STEP_SKIP, .slot = SLOT_SKIP}},
};
static const struct str nginx_keys[] = {
    STR_INIT("remote_addr"),
    STR_INIT("realip_remote_addr"),
    STR_INIT("proxy_protocol_addr"),
    STR_INIT("remote_port"),
    STR_INIT("realip_remote_port"),
    STR_INIT("remote_user"),
    STR_INIT("time_local"),
    STR_INIT("time_iso8601"),
    STR_INIT("msec"),
    STR_INIT("request_time"),
    STR_INIT("request"),
    STR_INIT("request_method"),
    STR_INIT("request_uri"),
    STR_INIT("uri"),
    STR_INIT("document_uri"),
    STR_INIT("args"),
    STR_INIT("query_string"),
    STR_INIT("server_protocol"),
    STR_INIT("status"),
    STR_INIT("body_bytes_sent"),
    STR_INIT("bytes_sent"),
    STR_INIT("http_referer"),
    STR_INIT("http_user_agent"),
    STR_INIT("host"),
    STR_INIT("http_host"),
    STR_INIT("server_name"),
    STR_INIT("request_body"),
    STR_INIT("http_cookie"),
    STR_INIT("http_x_forwarded_for"),
    STR_INIT("proxy_add_x_forwarded_for"),
};

/* ---- keys ---- */

static uint64_t word_at(const char *p)
{
    uint64_t w;
    memcpy(&w, p, sizeof w);
    return w;
}

/* First and last eight bytes and the length: enough to tell names apart.  Logged names that collide
 * cost some comparisons more; the table does not grow by them. */
static uint32_t key_hash(struct str s)
{
    uint64_t a = 0, b = 0;
    if (s.n >= 8) {
        a = word_at(s.p);
        b = word_at(s.p + s.n - 8);
    } else {
        for (ptrdiff_t i = 0; i < s.n; i++)
            a = a << 8 | (unsigned char)s.p[i];
    }
    a = (a ^ (b << 7 | b >> 57) ^ (uint64_t)s.n) * 0x9E3779B97F4A7C15u;
    return (uint32_t)(a >> 40);
}

static const struct key *key_find(const struct keys *k, struct str name)
{
    for (uint32_t i = key_hash(name);; i++) {
        const struct key *key = &k->at[i % KEYS_MAX];
        if (key->name.p == NULL)
            return NULL;
        if (str_eq(key->name, name))
            return key;
    }
}

/* A name that is there already gets the new meaning: the key map wins. */
static bool key_put(struct keys *k, struct str name, struct value v)
{
    uint32_t i = key_hash(name) % KEYS_MAX;
    while (k->at[i].name.p != NULL && !str_eq(k->at[i].name, name))
        i = (i + 1) % KEYS_MAX;
    if (k->at[i].name.p == NULL && ++k->count > KEYS_MAX / 2)
        return false;
    k->at[i] = (struct key){name, v};
    return true;
}

/* "cookie:NAME", "header:NAME", "response:NAME" as `events` writes them. */
static bool extra_prefix(struct str name, enum extra_kind *kind, struct str *rest)
{
    static const struct {
        struct str prefix;
        enum extra_kind kind;
    } prefixes[] = {
        {STR_INIT("cookie:"), EXTRA_COOKIE},
        {STR_INIT("header:"), EXTRA_REQUEST_HEADER},
        {STR_INIT("response:"), EXTRA_RESPONSE_HEADER},
    };
    for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++)
        if (str_starts(name, prefixes[i].prefix)) {
            *kind = prefixes[i].kind;
            *rest = str_sub(name, prefixes[i].prefix.n, name.n);
            return true;
        }
    return false;
}

/* A name that fills no field. */
static struct value unknown_key(struct arena *a, struct str name)
{
    struct value v;
    if (str_starts(name, STR("extras.")))
        name = str_sub(name, 7, name.n);
    v = nginx_variable(a, name);
    if (v.slot != SLOT_EXTRA)
        v = (struct value){
            .kind = STEP_EXTRA, .slot = SLOT_EXTRA, .extra = EXTRA_OTHER, .name = name};
    extra_prefix(name, &v.extra, &v.name);
    return v;
}

static bool map_key(struct log_format *f, struct keys *k, const struct json *pair, struct str *why)
{
    const struct key *ours = pair->kind == JSON_KIND_STRING ? key_find(k, pair->text) : NULL;
    struct value v = {.kind = STEP_EXTRA, .slot = SLOT_EXTRA};
    if (ours != NULL) {
        v = ours->value;
        v.rank = 0;
    } else if (pair->kind != JSON_KIND_STRING || !extra_prefix(pair->text, &v.extra, &v.name)) {
        *why = arena_printf(
            f->arena,
            "key map: \"%.*s\" is mapped to no field that is known; see 'vigie list fields'",
            STR_ARG(pair->key));
        return false;
    }
    if (key_put(k, pair->key, v))
        return true;
    *why = arena_printf(f->arena, "key map: more than %d names", KEYS_MAX / 2);
    return false;
}

static bool read_key_map(struct log_format *f, struct keys *k, struct str *why)
{
    struct json_error error;
    const struct json *map = json_parse(f->arena, f->key_map, &error);
    if (map == NULL || map->kind != JSON_KIND_OBJECT) {
        *why = map != NULL ? STR("key map: not a JSON object {\"theirs\": \"ours\"}")
                           : arena_printf(f->arena, "key map: line %d, column %d: %s", error.line,
                                          error.column, error.what);
        return false;
    }
    for (const struct json *pair = map->child; pair != NULL; pair = pair->next)
        if (!map_key(f, k, pair, why))
            return false;
    return true;
}

static bool json_open(struct log_format *f, struct str spec, struct str *why)
{
    struct keys *k = ARENA_NEW(f->arena, struct keys);
    if (spec.n > 0)
        f->key_map = spec; /* --format 'json:{"theirs":"ours"}' */
    for (size_t i = 0; i < sizeof nginx_keys / sizeof *nginx_keys; i++) {
        struct value v = nginx_variable(f->arena, nginx_keys[i]);
        if (v.slot == SLOT_TIME && v.resolution_us > 1000)
            v.rank = 3;
        key_put(k, nginx_keys[i], v);
    }
    for (size_t i = 0; i < sizeof known_keys / sizeof *known_keys; i++)
        key_put(k, known_keys[i].name, known_keys[i].value);
    f->program = k;
    f->fields = (1u << FIELD_COUNT) - 1;
    f->meaning = TIME_MEANS_UNKNOWN; /* each line says by its key */
    f->resolution_us = 1;
    f->zone_in_line = true;
    f->escaping = ESCAPING_JSON_DECODED;
    return f->key_map.n == 0 || read_key_map(f, k, why);
}

/* ---- collecting ---- */

struct reading {
    struct json_lexer lexer;
    const struct keys *keys;
    struct event *e;
    struct arena *arena;
    int depth;                                   /* objects open */
    ptrdiff_t path_n[JSON_DEPTH_MAX_WRITER + 1]; /* length of the path at each depth */
    char path[PATH_MAX_BYTES];
    struct str got[SLOTS_ALL];
    const struct value *by[SLOTS_ALL]; /* what filled it; valid where seen */
    uint32_t seen;              /* slots */
    uint64_t keys_seen[KEYS_MAX / 64];
};

/* The flattened name; at the outer level the key itself. */
static struct str full_name(struct reading *r, struct str key)
{
    ptrdiff_t n = r->path_n[r->depth];
    if (n == 0)
        return key;
    if (n + key.n > PATH_MAX_BYTES) {
        r->e->odd |= ODD(EXTRAS_CUT);
        return STR_NONE;
    }
    memcpy(r->path + n, key.p, (size_t)key.n);
    return (struct str){r->path, n + key.n};
}

static bool enter(struct reading *r, struct str key)
{
    struct str name = full_name(r, key);
    if (name.p == NULL || name.n + 1 > PATH_MAX_BYTES || r->depth == JSON_DEPTH_MAX_WRITER) {
        r->e->odd |= ODD(EXTRAS_CUT);
        return json_skip(&r->lexer, JSON_OBJECT_OPEN);
    }
    memmove(r->path, name.p, (size_t)name.n);
    r->path[name.n] = '.';
    r->path_n[++r->depth] = name.n + 1;
    return true;
}

static bool extra_seen(const struct event *e, const struct value *v)
{
    for (int i = 0; i < e->extras_count; i++)
        if (e->extras[i].kind == v->extra && str_eq(e->extras[i].name, v->name))
            return true;
    return false;
}

/* Cookies and headers take the place of other values when there is no room. */
static void keep_extra(struct reading *r, const struct value *v, struct str text)
{
    struct event *e = r->e;
    if (extra_seen(e, v)) {
        e->odd |= ODD(DUPLICATE_KEY);
        return;
    }
    if (v->extra == EXTRA_COOKIE)
        e->has |= HAS(COOKIES);
    if (v->list && field_is_list(text))
        e->odd |= ODD(UPSTREAM_LIST);
    for (int i = e->extras_count - 1;
         v->extra != EXTRA_OTHER && e->extras_count == EVENT_EXTRAS_MAX && i >= 0; i--)
        if (e->extras[i].kind == EXTRA_OTHER) {
            e->odd |= ODD(EXTRAS_CUT);
            memmove(e->extras + i, e->extras + i + 1,
                    sizeof *e->extras * (size_t)(EVENT_EXTRAS_MAX - 1 - i));
            e->extras_count--;
        }
    field_extra(e, v->extra, v->name, text);
}

static bool twice(struct reading *r, const struct key *key)
{
    size_t i = (size_t)(key - r->keys->at);
    uint64_t bit = (uint64_t)1 << (i % 64);
    bool seen = (r->keys_seen[i / 64] & bit) != 0;
    r->keys_seen[i / 64] |= bit;
    return seen;
}

static void collect(struct reading *r, struct str name, struct str text)
{
    const struct key *key = key_find(r->keys, name);
    if (key == NULL || key->value.slot == SLOT_EXTRA) {
        if (r->depth > 1) /* the path is about to change */
            name = arena_str(r->arena, name);
        struct value v = key != NULL ? key->value : unknown_key(r->arena, name);
        keep_extra(r, &v, text);
        return;
    }
    int slot = (int)key->value.slot;
    if (twice(r, key)) {
        r->e->odd |= ODD(DUPLICATE_KEY);
        return;
    }
    if (slot == SLOT_SKIP || ((r->seen >> slot & 1) != 0 && r->by[slot]->rank <= key->value.rank))
        return;
    r->seen |= 1u << slot;
    r->got[slot] = text;
    r->by[slot] = &key->value;
}

/* The text of a scalar; null and what is no scalar are missing. */
static struct str scalar(struct reading *r, enum json_token t)
{
    bool lossy = false;
    struct str s = r->lexer.value;
    if (t == JSON_TRUE)
        return STR("true");
    if (t == JSON_FALSE)
        return STR("false");
    if (t == JSON_STRING && r->lexer.escaped)
        s = json_unescape(r->arena, s, &lossy);
    if (lossy)
        r->e->odd |= ODD(ESCAPE_INVALID);
    return t == JSON_STRING || t == JSON_NUMBER ? s : STR_NONE;
}

/* Its first value; more than one is an oddity. */
static bool read_array(struct reading *r, struct str name)
{
    enum json_token t = json_next(&r->lexer);
    if (t == JSON_ARRAY_CLOSE)
        return true;
    if (t == JSON_OBJECT_OPEN || t == JSON_ARRAY_OPEN || t == JSON_ERROR || t == JSON_END) {
        if (!json_skip(&r->lexer, t))
            return false;
    } else if (name.p != NULL) {
        collect(r, name, scalar(r, t));
    }
    while ((t = json_next(&r->lexer)) != JSON_ARRAY_CLOSE) {
        r->e->odd |= ODD(UPSTREAM_LIST);
        if (!json_skip(&r->lexer, t))
            return false;
    }
    return true;
}

static bool read_member(struct reading *r)
{
    struct str key = r->lexer.value;
    if (r->lexer.escaped)
        key = json_unescape(r->arena, key, NULL);
    enum json_token t = json_next(&r->lexer);
    if (t == JSON_ERROR || t == JSON_END)
        return false;
    if (t == JSON_OBJECT_OPEN)
        return enter(r, key);
    struct str name = full_name(r, key);
    if (t == JSON_ARRAY_OPEN)
        return read_array(r, name);
    if (name.p != NULL)
        collect(r, name, scalar(r, t));
    return true;
}

static enum reject read_object(struct reading *r)
{
    enum json_token t = json_next(&r->lexer);
    if (t != JSON_OBJECT_OPEN)
        return t == JSON_ERROR || t == JSON_END ? REJECT_JSON_INVALID : REJECT_NOT_OBJECT;
    r->depth = 1;
    while (r->depth > 0) {
        t = json_next(&r->lexer);
        if (t == JSON_OBJECT_CLOSE)
            r->depth--;
        else if (t != JSON_KEY || !read_member(r))
            return REJECT_JSON_INVALID;
    }
    return json_next(&r->lexer) == JSON_END ? REJECT_NONE : REJECT_JSON_INVALID;
}

/* ---- converting ---- */

static bool has(const struct reading *r, int slot)
{
    return (r->seen >> slot & 1) != 0;
}

/* Nothing is known of the value: null, "-" or, for a number, "". */
static bool none(struct str s)
{
    return s.p == NULL || field_dash(s);
}

static void put_text(struct reading *r, int slot, uint32_t bit, struct str *to)
{
    if (!has(r, slot))
        return;
    r->e->has |= bit;
    if (none(r->got[slot]))
        r->e->absent |= bit;
    else
        *to = r->got[slot];
}

static void put_texts(struct reading *r)
{
    struct event *e = r->e;
    put_text(r, SLOT_USER, HAS(USER), &e->user);
    put_text(r, SLOT_REFERER, HAS(REFERER), &e->referer);
    put_text(r, SLOT_AGENT, HAS(AGENT), &e->agent);
    put_text(r, SLOT_BODY, HAS(BODY), &e->body);
    put_text(r, SLOT_COOKIES, HAS(COOKIES), &e->cookies);
    put_text(r, SLOT_FORWARDED, HAS(FORWARDED), &e->forwarded);
    if (has(r, SLOT_IDENT)) {
        e->has |= HAS(IDENT);
        if (none(r->got[SLOT_IDENT]))
            e->absent |= HAS(IDENT);
        else
            field_extra(e, EXTRA_OTHER, STR("ident"), r->got[SLOT_IDENT]);
    }
    if (has(r, SLOT_HOST)) {
        e->has |= HAS(HOST);
        field_host(e, none(r->got[SLOT_HOST]) ? STR("-") : r->got[SLOT_HOST]);
    }
}

static uint32_t decimal_resolution(struct str s, int64_t unit_us)
{
    ptrdiff_t point = str_find(s, '.', 0), places = point < 0 ? 0 : s.n - point - 1;
    int64_t us = unit_us;
    for (; places > 0 && us > 1; places--)
        us /= 10;
    return (uint32_t)(us < 1 ? 1 : us);
}

static enum reject put_time(struct reading *r, const struct log_format *f, struct log_thread *t)
{
    struct event *e = r->e;
    struct str s = r->got[SLOT_TIME];
    const struct value *by = r->by[SLOT_TIME];
    uint64_t stated;
    if (!has(r, SLOT_TIME) || none(s) || s.n == 0)
        return REJECT_NO_TIME;
    if (by->kind == STEP_EPOCH && field_scaled(s, by->unit_us, &e->time_us))
        e->resolution_us = decimal_resolution(s, by->unit_us);
    else if (!stamp_any(t, s, f->tz_offset_s, &e->time_us, &e->resolution_us))
        return REJECT_TIME_INVALID;
    e->has |= HAS(TIME);
    e->time_text = s;
    e->meaning = (uint8_t)by->meaning;
    if (has(r, SLOT_RESOLUTION) && str_u64(r->got[SLOT_RESOLUTION], &stated) && stated > 0 &&
        stated <= UINT32_MAX)
        e->resolution_us = (uint32_t)stated;
    for (enum time_meaning m = TIME_MEANS_UNKNOWN;
         has(r, SLOT_MEANING) && m <= TIME_MEANS_LOG_WRITE; m++)
        if (str_eq(r->got[SLOT_MEANING], str_of(time_meaning_name(m))))
            e->meaning = (uint8_t)m;
    return REJECT_NONE;
}

static bool put_number(struct reading *r, int slot, uint32_t bit)
{
    struct event *e = r->e;
    struct str s = has(r, slot) ? r->got[slot] : STR_NONE;
    if (!has(r, slot))
        return true;
    e->has |= bit;
    switch (slot) {
    case SLOT_STATUS:
        return field_status(e, s);
    case SLOT_BYTES:
        return field_bytes(e, s);
    case SLOT_PORT:
        return field_port(e, s);
    default:
        return field_duration(e, s, r->by[slot]->unit_us);
    }
}

/* "HTTP/1.1", "1.1" or 2. */
static uint8_t version_of(struct str s)
{
    char text[8] = "HTTP/";
    if (s.n == 0 || s.n > 3 || s.p[0] < '0' || s.p[0] > '9')
        return field_version(s);
    memcpy(text + 5, s.p, (size_t)s.n);
    return field_version((struct str){text, 5 + s.n});
}

static void put_target(struct reading *r)
{
    struct event *e = r->e;
    struct str query = has(r, SLOT_QUERY) ? r->got[SLOT_QUERY] : STR_NONE;
    put_text(r, SLOT_TARGET, HAS(TARGET), &e->target);
    if (query.n == 0 || field_dash(query) || e->target.n == 0 || r->by[SLOT_TARGET]->rank == 0)
        return;
    e->target = arena_printf(r->arena, "%.*s%s%.*s", STR_ARG(e->target),
                             query.p[0] == '?' ? "" : "?", STR_ARG(query));
}

/* The line as the client sent it, or its three parts. */
static void put_request(struct reading *r)
{
    struct event *e = r->e;
    uint32_t parts = HAS(REQUEST) | HAS(METHOD) | HAS(TARGET) | HAS(VERSION);
    if (has(r, SLOT_REQUEST) && str_find(r->got[SLOT_REQUEST], ' ', 0) >= 0) {
        e->has |= parts;
        field_request(e, r->got[SLOT_REQUEST]);
        return;
    }
    if (has(r, SLOT_REQUEST) && !has(r, SLOT_TARGET)) {
        e->has |= parts;
        if (none(r->got[SLOT_REQUEST]))
            e->absent |= parts;
        else
            field_request(e, r->got[SLOT_REQUEST]);
        return;
    }
    put_target(r);
    put_text(r, SLOT_METHOD, HAS(METHOD), &e->method_text);
    e->method = (uint8_t)(e->method_text.n > 0 ? field_method(e->method_text) : METHOD_NONE);
    if (has(r, SLOT_VERSION)) {
        e->has |= HAS(VERSION);
        e->http_version = version_of(r->got[SLOT_VERSION]);
    }
}

static enum reject convert(struct reading *r, const struct log_format *f, struct log_thread *t)
{
    struct event *e = r->e;
    bool asked = has(r, SLOT_REQUEST) || has(r, SLOT_TARGET);
    if (!asked && !has(r, SLOT_TIME))
        return REJECT_LITERAL_MISMATCH;
    enum reject reason = put_time(r, f, t);
    if (reason != REJECT_NONE)
        return reason;
    if (!asked) /* a message of an application, not a request */
        return REJECT_LITERAL_MISMATCH;
    if (has(r, SLOT_PEER)) {
        e->has |= HAS(PEER);
        e->client_rule = CLIENT_PEER;
        if (!field_peer(e, r->got[SLOT_PEER].p == NULL ? STR("-") : r->got[SLOT_PEER]))
            return REJECT_ADDRESS_INVALID;
    }
    if (has(r, SLOT_OWN) && has(r, SLOT_BYTES) && r->by[SLOT_BYTES]->rank == 3)
        r->seen &= ~(1u << SLOT_BYTES); /* "length" of our own events is that of the line */
    put_request(r);
    put_texts(r);
    if (!put_number(r, SLOT_STATUS, HAS(STATUS)))
        return REJECT_STATUS_INVALID;
    if (!put_number(r, SLOT_BYTES, HAS(BYTES)) || !put_number(r, SLOT_PORT, HAS(PORT)) ||
        !put_number(r, SLOT_DURATION, HAS(DURATION)))
        return REJECT_NUMBER_INVALID;
    return REJECT_NONE;
}

/* ---- the line ---- */

/* A copy of the line with null where a value is left out or is a bare '-'; missing when there is
 * none. */
static struct str fill_gaps(struct arena *a, struct str s)
{
    enum { NULL_LENGTH = 4 };
    bool quoted = false, gap = false;
    char *out = arena_alloc(a, (size_t)s.n * (NULL_LENGTH + 1), 1);
    ptrdiff_t n = 0;
    for (ptrdiff_t i = 0; i < s.n; i++) {
        out[n++] = s.p[i];
        if (s.p[i] == '"')
            quoted = !quoted;
        if (quoted && s.p[i] == '\\' && i + 1 < s.n)
            out[n++] = s.p[++i];
        if (quoted || s.p[i] != ':')
            continue;
        ptrdiff_t k = i + 1;
        while (k < s.n && (s.p[k] == ' ' || s.p[k] == '-'))
            k++;
        if (k == s.n || (s.p[k] != ',' && s.p[k] != '}'))
            continue;
        memcpy(out + n, "null", NULL_LENGTH);
        n += NULL_LENGTH;
        gap = true;
        i = k - 1;
    }
    return gap ? (struct str){out, n} : STR_NONE;
}

static void start(struct reading *r, const struct log_format *f, struct arena *a, struct str line,
                  struct event *e)
{
    enum { FROM = offsetof(struct event, time_us), TO = offsetof(struct event, extras) };
    memset((char *)e + FROM, 0, TO - FROM);
    e->escaping = ESCAPING_JSON_DECODED;
    e->client_rule = CLIENT_NONE;
    r->lexer = json_lexer_of(line);
    r->lexer.lax_utf8 = true;
    r->keys = f->program;
    r->e = e;
    r->arena = a;
    r->seen = 0;
    r->path_n[1] = 0;
    memset(r->keys_seen, 0, sizeof r->keys_seen);
}

static enum reject json_line(const struct log_format *f, struct log_thread *t, struct arena *a,
                             struct str line, struct event *e)
{
    struct reading r;
    start(&r, f, a, line, e);
    enum reject reason = read_object(&r);
    if (reason == REJECT_JSON_INVALID && line.p[0] == '{') {
        struct str filled = fill_gaps(a, line);
        if (filled.p != NULL) {
            start(&r, f, a, filled, e);
            reason = read_object(&r);
            e->odd |= ODD(VALUE_MISSING);
        }
    }
    return reason == REJECT_NONE ? convert(&r, f, t) : reason;
}

extern const struct log_parser log_parser_json;

static uint32_t json_bid(struct str lines)
{
    return format_bid(&log_parser_json, lines);
}

const struct log_parser log_parser_json = {
    .name = "json",
    .what = {{"one JSON object a line: nginx's variable names, those of `vigie events`, others by "
              "a key map",
              "un objet JSON par ligne : noms de variables de nginx, noms de « vigie events », "
              "autres par une "
              "table de correspondance"}},
    .sample = "samples/logs/json.log",
    .bid = json_bid,
    .open = json_open,
    .line = json_line,
};
