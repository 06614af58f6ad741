/* test_parsers_http_llhttp.c: llhttp's cases: what Node.js refuses, and what it reads.
 *
 * Ours reads on where llhttp refuses, and says so by an oddity that a strict recipient refuses: that is compared
 * with llhttp's verdict; of accepted input the messages too.  A relaxed case is compared by its messages.  Cases
 * of bare URLs are left out: a target is kept whole.  Disagreements stand in tests/corpora/DIFFERENCES.md. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <fcntl.h>
#include <unistd.h>
#include <cmocka.h>

#include "analyzer/base/json.h"
#include "tests/unit/http_fixture.h"

#define CASES "../shared/corpora/captures/llhttp/cases.jsonl"
enum { MESSAGES_MAX = 64, PAUSED_FOR_UPGRADE = 22 };

struct read_message {
    struct str method, target, version, reason;
    uint16_t status;
    uint64_t body_len;
    struct sha256 body;
    bool has_body;
};
struct reading {
    struct arena *arena;
    bool response, wrong;
    struct read_message messages[MESSAGES_MAX];
    size_t count;
};

static void on_transaction(void *user, const struct http_transaction *t)
{
    struct reading *r = user;
    for (uint32_t i = 0; i < HTTP_ODD_COUNT; i++)
        r->wrong |= (t->anomalies >> i & 1) && http_odd_table[i].invalid;
    if (r->count == MESSAGES_MAX || !(r->response ? t->has_response : t->has_request))
        return;
    struct str version = r->response ? t->response_version_text : t->version_text;
    r->messages[r->count++] = (struct read_message){
        .method = arena_str(r->arena, t->method),
        .target = arena_str(r->arena, t->target),
        .version =
            arena_str(r->arena, str_starts(version, STR("HTTP/")) ? str_sub(version, 5, version.n)
                                                                  : STR("0.9")),
        .reason = arena_str(r->arena, t->reason),
        .status = t->status,
        .has_body = r->response ? t->has_response_body : t->has_request_body,
        .body_len = r->response ? t->response_body_len : t->request_body_len,
        .body = r->response ? t->response_body_sha256 : t->request_body_sha256,
    };
}

static void read_case(struct reading *r, struct str type, struct str input, bool skip_body)
{
    struct limits limits = limits_default();
    struct http_sink sink = {.user = r, .transaction = on_transaction};
    struct connection c = {.number = 1};
    struct stream_ref ref = {.packet = 1};
    struct http_conn *h = http_open(&limits, &sink, &c);
    enum stream_side side = r->response ? STREAM_SERVER : STREAM_CLIENT;
    if (skip_body && r->response)
        http_bytes(h, STREAM_CLIENT, STR("HEAD / HTTP/1.1\r\n\r\nHEAD / HTTP/1.1\r\n\r\n"), &ref);
    http_bytes(h, side, guarded(input), &ref);
    if (str_find_str(type, STR("-finish")) > 0)
        http_finished(h, side);
    http_close(h);
}

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

struct tally {
    struct arena *arena;
    struct str list;
    size_t cases, agree, listed, unlisted;
};

static bool same_text(const struct json *v, struct str ours)
{
    return v == NULL || v->kind != JSON_KIND_STRING || str_eq(v->text, ours);
}

/* What differs first between one message as stated and as read; NULL: nothing. */
static const char *message_differs(const struct json *want, const struct read_message *m)
{
    char hex[65];
    const struct json *status = json_get(want, STR("status")),
                      *len = json_get(want, STR("body_len"));
    const struct json *sha = json_get(want, STR("body_sha256")),
                      *whole = json_get(want, STR("complete"));
    if (json_get(want, STR("headers_complete")) == NULL)
        return NULL; /* llhttp did not come to its end */
    if (!same_text(json_get(want, STR("method")), m->method))
        return "method";
    if (!same_text(json_get(want, STR("target")), m->target))
        return "target";
    if (!same_text(json_get(want, STR("version")), m->version))
        return "version";
    if (status != NULL && status->integer != m->status)
        return "status";
    if (len != NULL && whole != NULL && whole->boolean && (uint64_t)len->integer != m->body_len)
        return "body_len";
    sha256_hex(&m->body, hex);
    if (sha != NULL && sha->kind == JSON_KIND_STRING && m->has_body && whole != NULL &&
        whole->boolean && !str_eq(sha->text, str_of(hex)))
        return "body";
    return NULL;
}

static const char *case_differs(const struct json *x, const struct reading *r)
{
    const struct json *error = json_get(x, STR("error")), *messages = json_get(x, STR("messages"));
    const struct json *code = error != NULL ? json_get(error, STR("code")) : NULL;
    bool refused =
        error != NULL && error->kind == JSON_KIND_OBJECT && code->integer != PAUSED_FOR_UPGRADE;
    bool relaxed = str_find_str(json_get(x, STR("type"))->text, STR("-lenient")) > 0;
    if (!relaxed && refused != r->wrong)
        return refused ? "refused" : "accepted";
    if (refused)
        return NULL;
    size_t n = 0;
    for (const struct json *m = messages != NULL ? messages->child : NULL; m != NULL;
         m = m->next, n++) {
        if (n >= r->count)
            return "messages";
        const char *what = message_differs(m, &r->messages[n]);
        if (what != NULL)
            return what;
    }
    return NULL;
}

static void run_case(struct tally *t, const struct json *x)
{
    struct str type = json_get(x, STR("type"))->text, id = json_get(x, STR("id"))->text, input;
    if (str_starts(type, STR("url")))
        return;
    struct reading r = {.arena = t->arena, .response = str_starts(type, STR("response"))};
    assert_true(base64_decode(t->arena, json_get(x, STR("input_b64"))->text, &input));
    read_case(&r, type, input, json_get(x, STR("skipBody")) != NULL);
    const char *what = case_differs(x, &r);
    t->cases++;
    t->agree += what == NULL;
    if (what == NULL)
        return;
    struct str row = arena_printf(t->arena, "| captures/llhttp | %.*s | %s |", STR_ARG(id), what);
    bool listed = str_find_str(t->list, row) >= 0;
    t->listed += listed;
    t->unlisted += !listed;
    if (!listed)
        print_error("%.*s %.*s\n", STR_ARG(row), STR_ARG(json_get(x, STR("name"))->text));
}

static void llhttp(void **state)
{
    struct arena a = {0};
    struct str cases = slurp(&a, CASES), line;
    (void)state;
    if (cases.p == NULL) {
        print_message("SKIP: no " CASES "\n");
        skip();
    }
    struct tally t = {.arena = &a, .list = slurp(&a, "tests/corpora/DIFFERENCES.md")};
    while (cases.n > 0) {
        cases = str_cut(cases, '\n', &line);
        run_case(&t, json_parse(&a, line, NULL));
    }
    size_t rows = 0;
    for (struct str rest = t.list; rest.n > 0;) {
        rest = str_cut(rest, '\n', &line);
        rows += str_starts(line, STR("| captures/llhttp |"));
    }
    print_message("captures/llhttp: %zu of %zu agree, %zu listed disagreements\n", t.agree, t.cases,
                  t.listed);
    assert_true(t.cases > 0);
    assert_int_equal(t.unlisted, 0);
    assert_int_equal(t.listed, rows);
    arena_free(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(llhttp)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
