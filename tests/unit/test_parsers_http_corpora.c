/* test_parsers_http_corpora.c: other projects' captures, through reader, decoder, streams and HTTP, compared
 * with the answers they state.
 *
 * Runs only where ../shared/corpora exists; prints one line and skips elsewhere.  A disagreement must stand in
 * tests/corpora/DIFFERENCES.md ("| set http | record | field | ..."), and what stands there must still occur. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <fcntl.h>
#include <unistd.h>
#include <cmocka.h>

#include "analyzer/base/json.h"
#include "analyzer/base/out.h"
#include "parsers/net/http.h"
#include "parsers/net/stream.h"

#define CORPORA "../shared/corpora/"

/* ---- what a capture holds ---- */

struct seen { /* one transaction, as far as the answers speak of it */
    struct seen *next;
    struct str client, server; /* "address port" */
    uint64_t connection;
    uint32_t number;
    bool has_request, has_response;
    struct str method, target, version /* of the response */, host, body;
    bool used; /* by a row */
    uint16_t status, interim;
    uint64_t request_body_len, response_body_len;
    enum completeness completeness;
};
struct reading {
    struct arena *arena;
    struct limits limits;
    struct http_sink sink;
    struct seen *first, **last;
    uint64_t differences;
};

static struct str endpoint(struct arena *a, const struct ip *ip, uint16_t port)
{
    char text[IP_TEXT_MAX];
    size_t n = ip_format(ip, text);
    return arena_printf(a, "%.*s %u", (int)n, text, port);
}

static struct str header_of(const struct http_transaction *t, struct str name)
{
    for (size_t i = 0; i < t->request_headers_count; i++)
        if (str_eq_nocase(t->request_headers[i].name, name))
            return t->request_headers[i].value;
    return STR_NONE;
}

static void on_transaction(void *user, const struct http_transaction *t)
{
    struct reading *r = user;
    struct seen *s = ARENA_NEW(r->arena, struct seen);
    const struct connection *c = t->connection;
    *s = (struct seen){
        .client = endpoint(r->arena, &c->client, c->client_port),
        .server = endpoint(r->arena, &c->server, c->server_port),
        .connection = c->number,
        .number = t->number,
        .has_request = t->has_request,
        .has_response = t->has_response,
        .method = arena_str(r->arena, t->method),
        .target = arena_str(r->arena, t->target),
        .version = arena_str(r->arena, t->response_version_text),
        .host = arena_str(r->arena, header_of(t, STR("host"))),
        .body = arena_str(r->arena, t->response_body),
        .status = t->status,
        .interim = t->interim,
        .request_body_len = t->request_body_len,
        .response_body_len = t->response_body_len,
        .completeness = t->completeness,
    };
    *r->last = s;
    r->last = &s->next;
}

/* HTTP is what begins as HTTP does, on either side. */
static void recognise(struct reading *r, struct connection *c, enum stream_side side,
                      struct str bytes)
{
    if (c->user == NULL &&
        (side == STREAM_CLIENT ? http_recognises(bytes) : str_starts(bytes, STR("HTTP/"))))
        c->user = http_open(&r->limits, &r->sink, c);
}

static void on_opened(void *user, struct connection *c)
{
    (void)user;
    c->user = NULL;
}

static void on_bytes(void *user, struct connection *c, enum stream_side side, struct str bytes,
                     const struct stream_ref *ref)
{
    recognise(user, c, side, bytes);
    if (c->user != NULL)
        http_bytes(c->user, side, bytes, ref);
}

static void on_gap(void *user, struct connection *c, enum stream_side side, uint64_t n,
                   const struct stream_ref *ref)
{
    (void)user;
    if (c->user != NULL)
        http_gap(c->user, side, n, ref);
}

static void on_finished(void *user, struct connection *c, enum stream_side side)
{
    (void)user;
    if (c->user != NULL)
        http_finished(c->user, side);
}

static void on_closed(void *user, struct connection *c)
{
    (void)user;
    http_close(c->user);
}

static void on_differs(void *user, struct connection *c, enum stream_side side,
                       const struct stream_difference *d)
{
    struct reading *r = user;
    r->differences++;
    if (c->user != NULL)
        http_differs(c->user, side, d);
}

static bool read_capture(struct reading *r, struct arena *a, const char *path,
                         enum stream_policy policy)
{
    static const struct source_options options;
    struct str why;
    *r = (struct reading){.arena = a, .limits = limits_default()};
    r->last = &r->first;
    r->sink = (struct http_sink){.user = r, .transaction = on_transaction};
    struct source *source = source_open(str_of(path), &options, &why);
    if (source == NULL)
        return false;
    struct stream_sink sink = {r, on_opened, on_bytes, on_gap, on_finished, on_closed, on_differs};
    struct capture *capture = capture_open(source, STR(""), &r->limits);
    struct decoder *decoder = decoder_new(&r->limits);
    struct streams *streams = streams_new(&r->limits, &sink);
    struct packet p;
    struct segment segment;
    streams_set_policy(streams, policy);
    while (capture_next(capture, &p, &why) == STATUS_OK)
        if (decoder_run(decoder, &p, &segment) == DECODED_TCP)
            streams_segment(streams, &segment, &p);
    streams_free(streams);
    decoder_free(decoder);
    capture_close(capture);
    source_close(source);
    return true;
}

/* ---- agreeing and disagreeing ---- */

struct tally {
    struct arena arena;
    const char *set;
    struct str list; /* DIFFERENCES.md */
    size_t stated, agree, listed, unlisted;
};

static struct str slurp(struct arena *a, const char *path)
{
    struct out o = out_memory();
    char buffer[16384];
    ssize_t n;
    int fd = open(path, O_RDONLY);
    while (fd >= 0 && (n = read(fd, buffer, sizeof buffer)) > 0)
        out_bytes(&o, buffer, (size_t)n);
    struct str s = fd >= 0 ? arena_str(a, out_slice(&o)) : STR_NONE;
    if (fd >= 0)
        close(fd);
    out_close(&o);
    return s;
}

static const char *path_in(struct tally *t, struct str file)
{
    return arena_cstr(&t->arena, arena_printf(&t->arena, CORPORA "%s/%.*s", t->set, STR_ARG(file)));
}

/* The answers of a set; missing, with a line said, where it is not there. */
static struct str answers_of(struct tally *t, const char *set)
{
    *t = (struct tally){.set = set};
    t->list = slurp(&t->arena, "tests/corpora/DIFFERENCES.md");
    struct str answers = slurp(&t->arena, path_in(t, STR("expected.jsonl")));
    if (answers.p == NULL) {
        print_message("SKIP: no " CORPORA "%s\n", set);
        arena_free(&t->arena);
    }
    return answers;
}

static void agree_or_list(struct tally *t, struct str record, struct str field, bool agree,
                          struct str ours, struct str theirs)
{
    t->stated++;
    t->agree += agree;
    if (agree)
        return;
    struct str row = arena_printf(&t->arena, "| %s http | %.*s | %.*s |", t->set, STR_ARG(record),
                                  STR_ARG(field));
    bool listed = str_find_str(t->list, row) >= 0;
    t->listed += listed;
    t->unlisted += !listed;
    if (!listed)
        print_error("%.*s %.*s | %.*s |\n", STR_ARG(row), STR_ARG(ours), STR_ARG(theirs));
}

static void close_tally(struct tally *t)
{
    size_t rows = 0;
    struct str rest = t->list, line, start = arena_printf(&t->arena, "| %s http |", t->set);
    while (rest.n > 0) {
        rest = str_cut(rest, '\n', &line);
        rows += str_starts(line, start);
    }
    print_message("%s: %zu of %zu agree, %zu listed disagreements\n", t->set, t->agree, t->stated,
                  t->listed);
    assert_true(t->stated > 0);
    assert_int_equal(t->unlisted, 0);
    assert_int_equal(t->listed, rows);
    arena_free(&t->arena);
}

static const struct json *next_answer(struct tally *t, struct str *rest)
{
    struct str line;
    *rest = str_cut(*rest, '\n', &line);
    const struct json *answer = json_parse(&t->arena, line, NULL);
    assert_non_null(answer);
    return answer;
}

static struct str text_of(const struct json *object, const char *key)
{
    const struct json *v = json_get(object, str_of(key));
    return v != NULL && v->kind == JSON_KIND_STRING ? v->text : STR_NONE;
}

/* ---- zeek: rows of http.log ---- */

static struct str percent_decoded(struct arena *a, struct str s)
{
    char *p = ARENA_ARRAY(a, char, s.n + 1);
    ptrdiff_t n = 0;
    for (ptrdiff_t i = 0; i < s.n; i++) {
        bool escape = s.p[i] == '%' && i + 2 < s.n && hex_digit(s.p[i + 1]) >= 0 &&
                      hex_digit(s.p[i + 2]) >= 0;
        p[n++] =
            escape ? (char)(uint8_t)(hex_digit(s.p[i + 1]) * 16 + hex_digit(s.p[i + 2])) : s.p[i];
        i += escape ? 2 : 0;
    }
    return (struct str){p, n};
}

/* Zeek writes bytes that are not printable ASCII as \xNN. */
static struct str zeek_written(struct arena *a, struct str s)
{
    struct out o = out_memory();
    for (ptrdiff_t i = 0; i < s.n; i++) {
        uint8_t c = (uint8_t)s.p[i];
        if (c < ' ' || c >= 0x7f)
            out_printf(&o, "\\x%02x", c);
        else
            out_char(&o, (char)c);
    }
    struct str text = arena_str(a, out_slice(&o));
    out_close(&o);
    return text;
}

static struct str ours_as_text(struct tally *t, const struct seen *s, struct str field)
{
    struct arena *a = &t->arena;
    struct str target = s->method.p == NULL ? STR_NONE : s->target;
    struct str decoded = target.p == NULL ? target : zeek_written(a, percent_decoded(a, target));
    bool versioned = str_starts(s->version, STR("HTTP/"));
    struct str version = s->has_response ? STR("0.9") : STR_NONE;
    const struct {
        struct str name, value;
    } fields[] = {
        {STR("method"), s->method},
        {STR("target"), target},
        {STR("target_decoded"), decoded},
        {STR("host"), s->host},
        {STR("version"), versioned ? str_sub(s->version, 5, s->version.n) : version},
        {STR("status"), s->has_response ? arena_printf(a, "%u", s->status) : STR_NONE},
        {STR("info_code"), s->interim != 0 ? arena_printf(a, "%u", s->interim) : STR_NONE},
        {STR("request_body_len"), arena_printf(a, "%llu", (unsigned long long)s->request_body_len)},
        {STR("response_body_len"),
         arena_printf(a, "%llu", (unsigned long long)s->response_body_len)},
    };
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        if (str_eq(fields[i].name, field))
            return fields[i].value;
    return STR("(not compared)");
}

static void compare_row(struct tally *t, struct str record, const struct json *row,
                        const struct seen *s)
{
    static const char *const fields[] = {"method",    "target",           "target_decoded",
                                         "host",      "version",          "status",
                                         "info_code", "request_body_len", "response_body_len"};
    if (s == NULL) {
        agree_or_list(t, record, STR("row"), false, STR("none"), STR("a transaction"));
        return;
    }
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        const struct json *v = json_get(row, str_of(fields[i]));
        bool whole = json_get(row, STR("target")) != NULL;
        if (v == NULL || (whole && str_eq(str_of(fields[i]), STR("target_decoded"))))
            continue;
        struct str ours = ours_as_text(t, s, str_of(fields[i]));
        struct str theirs = v->kind == JSON_KIND_NULL ? STR_NONE : v->text;
        bool agree = (ours.p == NULL) == (theirs.p == NULL) && str_eq(ours, theirs);
        agree_or_list(t, record, str_of(fields[i]), agree, ours, theirs);
    }
}

static struct str port_of(struct str endpoint)
{
    struct str address;
    return str_cut(endpoint, ' ', &address);
}

/* Addresses may be masked: the ports and the target tell. */
static bool row_fits(struct tally *t, const struct json *row, const struct seen *s)
{
    struct str client = text_of(row, "client"), server = text_of(row, "server");
    if (client.p != NULL)
        return str_eq(port_of(client), port_of(s->client)) && str_eq(server, s->server);
    if (text_of(row, "target_decoded").p == NULL)
        return true;
    return str_eq(text_of(row, "target_decoded"),
                  zeek_written(&t->arena, percent_decoded(&t->arena, s->target)));
}

/* The first transaction that fits the row and that no row before it took. */
static const struct seen *take_for(struct tally *t, struct reading *r, const struct json *row)
{
    struct seen *best = NULL;
    for (struct seen *s = r->first; s != NULL; s = s->next) {
        bool sooner = best == NULL || s->connection < best->connection ||
                      (s->connection == best->connection && s->number < best->number);
        if (!s->used && sooner && row_fits(t, row, s))
            best = s;
    }
    if (best != NULL)
        best->used = true;
    return best;
}

static void zeek_file(struct tally *t, const struct json *x)
{
    struct reading r;
    struct str file = text_of(x, "file");
    const struct json *rows = json_get(x, STR("http"));
    if (rows == NULL || !read_capture(&r, &t->arena, path_in(t, file), STREAM_FIRST))
        return;
    size_t number = 0, ours = 0;
    for (const struct json *row = rows->child; row != NULL; row = row->next) {
        struct str record = arena_printf(&t->arena, "%.*s:%zu", STR_ARG(file), ++number);
        compare_row(t, record, row, take_for(t, &r, row));
    }
    for (const struct seen *s = r.first; s != NULL; s = s->next)
        ours++;
    agree_or_list(t, file, STR("rows"), ours == number, arena_printf(&t->arena, "%zu", ours),
                  arena_printf(&t->arena, "%zu", number));
}

static void zeek(void **state)
{
    struct tally t;
    (void)state;
    struct str answers = answers_of(&t, "captures/zeek");
    if (answers.p == NULL)
        skip();
    while (answers.n > 0)
        zeek_file(&t, next_answer(&t, &answers));
    close_tally(&t);
}

/* ---- bodies that must be found ---- */

static bool body_holds(const struct reading *r, const struct json *texts)
{
    for (const struct seen *s = r->first; s != NULL; s = s->next) {
        bool all = true;
        for (const struct json *x = texts->child != NULL ? texts->child : texts; x != NULL;
             x = x->next) {
            all = all && str_find_str(s->body, x->text) >= 0;
            if (texts->child == NULL)
                break;
        }
        if (all)
            return true;
    }
    return false;
}

static void bodies_of(const char *set)
{
    struct tally t;
    struct reading r;
    struct str answers = answers_of(&t, set);
    if (answers.p == NULL)
        skip();
    while (answers.n > 0) {
        const struct json *x = next_answer(&t, &answers),
                          *texts = json_get(x, STR("response_body_contains"));
        struct str file = text_of(x, "file");
        if (texts == NULL || !read_capture(&r, &t.arena, path_in(&t, file), STREAM_FIRST))
            continue;
        agree_or_list(&t, file, STR("body"), body_holds(&r, texts), STR("not found"), STR("found"));
    }
    close_tally(&t);
}

static void http_evader(void **state)
{
    (void)state;
    bodies_of("captures/http-evader");
}

/* ---- wireshark: order and brotli ---- */

static void wireshark(void **state)
{
    struct tally t;
    struct reading r;
    (void)state;
    struct str answers = answers_of(&t, "captures/wireshark");
    if (answers.p == NULL)
        skip();
    while (answers.n > 0) {
        const struct json *x = next_answer(&t, &answers), *rows = json_get(x, STR("http"));
        struct str file = text_of(x, "file");
        if (rows == NULL ||
            (!str_starts(file, STR("http-ooo")) && !str_starts(file, STR("http-brotli"))) ||
            !read_capture(&r, &t.arena, path_in(&t, file), STREAM_FIRST))
            continue;
        int64_t n = 1;
        for (const struct json *row = rows->child; row != NULL; row = row->next, n++) {
            struct str record = arena_printf(&t.arena, "%.*s:%lld", STR_ARG(file), (long long)n);
            const struct json *text = json_get(row, STR("response_body_contains"));
            const struct seen *s = r.first;
            for (int64_t i = 1; i < n && s != NULL; i++)
                s = s->next;
            compare_row(&t, record, row, s);
            if (text != NULL)
                agree_or_list(&t, record, STR("body"), body_holds(&r, text), STR("not found"),
                              STR("found"));
        }
    }
    close_tally(&t);
}

/* ---- suricata: gaps, overlaps, data that must be ignored ---- */

static bool row_matches(const struct json *row, const struct seen *s)
{
    struct str target = text_of(row, "target");
    const struct json *status = json_get(row, STR("status")),
                      *len = json_get(row, STR("response_body_len"));
    return (target.p == NULL || str_eq(target, s->target)) &&
           (status == NULL || status->integer == s->status) &&
           (len == NULL || (uint64_t)len->integer == s->response_body_len);
}

static void suricata(void **state)
{
    struct tally t;
    struct reading r;
    (void)state;
    struct str answers = answers_of(&t, "captures/suricata");
    if (answers.p == NULL)
        skip();
    while (answers.n > 0) {
        const struct json *x = next_answer(&t, &answers), *rows = json_get(x, STR("http"));
        bool overlap = str_find_str(text_of(x, "file"), STR("overlap")) >= 0;
        if (!read_capture(&r, &t.arena, path_in(&t, text_of(x, "file")), STREAM_FIRST))
            continue;
        if (overlap)
            agree_or_list(&t, text_of(x, "test"), STR("differences"), r.differences == 1, STR("-"),
                          STR("1"));
        size_t number = 0;
        for (const struct json *row = rows != NULL ? rows->child : NULL; row != NULL;
             row = row->next) {
            int64_t n = 0;
            const struct json *want = json_get(row, STR("count"));
            for (const struct seen *s = r.first; s != NULL; s = s->next)
                n += row_matches(row, s);
            struct str record =
                arena_printf(&t.arena, "%.*s:%zu", STR_ARG(text_of(x, "test")), ++number);
            agree_or_list(&t, record, STR("count"), want != NULL && want->integer == n,
                          arena_printf(&t.arena, "%lld", (long long)n), STR("see there"));
        }
    }
    close_tally(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(zeek),
        cmocka_unit_test(http_evader),
        cmocka_unit_test(wireshark),
        cmocka_unit_test(suricata),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
