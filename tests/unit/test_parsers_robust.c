/* test_parsers_robust.c: every sample again, with junk in between, other line ends, cut lines, huge
 * fields.
 *
 * Reads samples/logs from the source root, which is where the tests run. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <stdio.h>
#include <cmocka.h>

#include "analyzer/base/json.h"
#include "analyzer/base/out.h"
#include "tests/unit/parse_log.h"

enum { HUGE_FIELD = 65536, ROOM_BYTES = 1 << 20, EXPECTED_JSON_REJECTS = 1 };

/* One mapping for all lines; each is placed against its forbidden page. */
static char *room;

static struct str placed(struct str s)
{
    if (room == NULL) {
        room = mmap(NULL, ROOM_BYTES + 65536, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
                    -1, 0);
        assert_true(room != MAP_FAILED);
        assert_int_equal(mprotect(room + ROOM_BYTES, 65536, PROT_NONE), 0);
    }
    memmove(room + ROOM_BYTES - s.n, s.p, (size_t)s.n);
    return (struct str){room + ROOM_BYTES - s.n, s.n};
}

static struct str read_whole(struct arena *a, const char *folder, const char *name,
                             const char *ending)
{
    struct out o = out_memory();
    char buffer[4096];
    size_t n;
    FILE *f = fopen(arena_cstr(a, arena_printf(a, "%s%s%s", folder, name, ending)), "rb");
    while (f != NULL && (n = fread(buffer, 1, sizeof buffer, f)) > 0)
        out_bytes(&o, buffer, n);
    struct str s = f != NULL ? arena_str(a, out_slice(&o)) : STR_NONE;
    if (f != NULL)
        fclose(f);
    out_close(&o);
    return s;
}

struct sample {
    struct arena arena;
    struct str text;
    struct log_format *format;
    struct log_thread thread;
    struct event e;
};

static void sample_open(struct sample *s, const struct log_parser *p)
{
    enum diag_code code;
    struct str why;
    *s = (struct sample){0};
    struct str string = read_whole(&s->arena, "samples/logs/", p->name, ".format");
    s->text = read_whole(&s->arena, "samples/logs/", p->name, ".log");
    assert_true(s->text.n > 0);
    struct str spec = string.n > 0 ? arena_printf(&s->arena, "%s:%.*s", p->name, STR_ARG(string))
                                   : str_of(p->name);
    s->format = log_format_open(&s->arena, spec, STR_NONE, 0, s->text, &code, &why);
    assert_non_null(s->format);
}

static enum reject run(struct sample *s, struct str line)
{
    memset(&s->e, 0xa5, sizeof s->e);
    return log_line(s->format, &s->thread, &s->arena, placed(line), &s->e);
}

/* The event as JSON, without its oddities when those are expected to differ. */
static struct str written(struct sample *s, uint32_t but_odd)
{
    struct out o = out_memory();
    struct jw w = jw_open(&o, true);
    s->e.odd &= ~but_odd;
    s->e.record = s->e.offset = s->e.length = 0;
    event_write_json(&w, &s->e, STR("sample"), STR_NONE);
    struct str text = arena_str(&s->arena, out_slice(&o));
    out_close(&o);
    return text;
}

static void samples_are_read_and_recognised(void **state)
{
    (void)state;
    for (size_t i = 0; i < log_parsers_count; i++) {
        struct sample s;
        struct str rest, line;
        size_t lines = 0, rejects = 0;
        sample_open(&s, log_parsers[i]);
        for (rest = s.text; rest.n > 0; lines++) {
            rest = str_cut(rest, '\n', &line);
            rejects += run(&s, line) != REJECT_NONE;
        }
        assert_in_range(lines, 9, 30);
        assert_int_equal(rejects,
                         strcmp(log_parsers[i]->name, "json") == 0 ? EXPECTED_JSON_REJECTS : 0);
        if (s.format->string.n == 0) {
            enum diag_code code;
            struct str why;
            struct log_format *f =
                log_format_open(&s.arena, STR("auto"), STR_NONE, 0, s.text, &code, &why);
            assert_non_null(f);
            assert_ptr_equal(f->parser, log_parsers[i]);
        }
        arena_free(&s.arena);
    }
}

static void junk_between_changes_nothing(void **state)
{
    static const char *const junk[] = {"",
                                       "junk",
                                       "\"",
                                       "[",
                                       "{",
                                       "{\"a\":",
                                       "\\",
                                       "203.0.113.7 - - [02/Mar/2026:08:00:01 +0100] \"",
                                       "\x16\x03\x01",
                                       "{\"time\":\"02/Mar/2026:08:00:01 +0100\"}"};
    (void)state;
    for (size_t i = 0; i < log_parsers_count; i++) {
        struct sample s;
        struct str rest, line;
        size_t n = 0;
        sample_open(&s, log_parsers[i]);
        for (rest = s.text; rest.n > 0; n++) {
            rest = str_cut(rest, '\n', &line);
            enum reject reason = run(&s, line);
            struct str before = reason == REJECT_NONE ? written(&s, 0) : STR_NONE;
            assert_int_not_equal(run(&s, str_of(junk[n % (sizeof junk / sizeof *junk)])),
                                 REJECT_NONE);
            assert_int_equal(run(&s, line), reason);
            if (reason == REJECT_NONE)
                assert_true(str_eq(before, written(&s, 0)));
        }
        arena_free(&s.arena);
    }
}

static void line_ends_and_marks(void **state)
{
    (void)state;
    for (size_t i = 0; i < log_parsers_count; i++) {
        struct sample s;
        struct str rest, line;
        sample_open(&s, log_parsers[i]);
        for (rest = s.text; rest.n > 0;) {
            rest = str_cut(rest, '\n', &line);
            enum reject reason = run(&s, line);
            struct str before = reason == REJECT_NONE ? written(&s, 0) : STR_NONE;
            assert_int_equal(run(&s, arena_printf(&s.arena, "%.*s\r", STR_ARG(line))), reason);
            if (reason != REJECT_NONE)
                continue;
            assert_true((s.e.odd & ODD(CRLF)) != 0);
            assert_true(str_eq(before, written(&s, ODD(CRLF))));
            assert_int_equal(run(&s, arena_printf(&s.arena, "\xEF\xBB\xBF%.*s", STR_ARG(line))),
                             reason);
            assert_true(str_eq(before, written(&s, ODD(BYTE_ORDER_MARK))));
        }
        arena_free(&s.arena);
    }
}

/* A line cut anywhere, or with one byte changed: any answer but a crash; no slice may leave the
 * line or be longer than it. */
static void check_inside(struct sample *s, struct str value, struct str line)
{
    (void)s;
    if (value.p == NULL)
        return;
    assert_true(value.n >= 0);
    assert_true(value.n <= 2 * line.n + 16);
    volatile char sum = 0;
    for (ptrdiff_t i = 0; i < value.n; i++)
        sum = (char)(sum ^ value.p[i]);
}

static void check_event(struct sample *s, struct str line)
{
    const struct event *e = &s->e;
    const struct str all[] = {e->peer_text, e->time_text, e->method_text, e->request,
                              e->target,    e->host,      e->user,        e->referer,
                              e->agent,     e->body,      e->cookies,     e->forwarded};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        check_inside(s, all[i], line);
    assert_true(e->extras_count <= EVENT_EXTRAS_MAX);
    for (int i = 0; i < e->extras_count; i++) {
        check_inside(s, e->extras[i].name, line);
        check_inside(s, e->extras[i].value, line);
    }
    assert_true((e->absent & ~e->has) == 0);
}

static void cut_and_changed_lines(void **state)
{
    static const char changes[] = {'"', '\\', ' ', '\0', '-', '[', '{', ',', '9', '\xff'};
    (void)state;
    for (size_t i = 0; i < log_parsers_count; i++) {
        struct sample s;
        struct str rest, line;
        sample_open(&s, log_parsers[i]);
        char *copy = arena_alloc(&s.arena, (size_t)s.text.n, 1);
        for (rest = s.text; rest.n > 0;) {
            rest = str_cut(rest, '\n', &line);
            for (ptrdiff_t n = 0; n < line.n; n++)
                if (run(&s, str_sub(line, 0, n)) == REJECT_NONE)
                    check_event(&s, line);
            for (ptrdiff_t n = 0; n < line.n; n++) {
                memcpy(copy, line.p, (size_t)line.n);
                copy[n] = changes[(size_t)n % sizeof changes];
                if (run(&s, (struct str){copy, line.n}) == REJECT_NONE)
                    check_event(&s, line);
            }
        }
        arena_free(&s.arena);
    }
}

/* Every place of a line is filled up with 64 KiB of one byte. */
static void huge_fields(void **state)
{
    static const char fillers[] = {'a', '"', '\\', ' ', '9', '[', ':', '{', '\0', '\x80'};
    (void)state;
    for (size_t i = 0; i < log_parsers_count; i++) {
        struct sample s;
        struct str line;
        sample_open(&s, log_parsers[i]);
        str_cut(s.text, '\n', &line);
        char *big = arena_alloc(&s.arena, (size_t)line.n + HUGE_FIELD, 1);
        for (ptrdiff_t at = 0; at <= line.n; at += 7) {
            memcpy(big, line.p, (size_t)at);
            memset(big + at, fillers[(size_t)at % sizeof fillers], HUGE_FIELD);
            memcpy(big + at + HUGE_FIELD, line.p + at, (size_t)(line.n - at));
            struct str all = {big, line.n + HUGE_FIELD};
            if (run(&s, all) == REJECT_NONE)
                check_event(&s, all);
        }
        arena_free(&s.arena);
    }
}

static void an_agent_of_64_kib_is_kept_whole(void **state)
{
    struct sample s;
    (void)state;
    sample_open(&s, log_parsers[1]);
    assert_string_equal(log_parsers[1]->name, "combined");
    struct str head =
        STR("203.0.113.7 - - [02/Mar/2026:08:00:01 +0100] \"GET / HTTP/1.1\" 200 5 \"-\" \"");
    char *big = arena_alloc(&s.arena, (size_t)head.n + HUGE_FIELD + 1, 1);
    memcpy(big, head.p, (size_t)head.n);
    memset(big + head.n, 'a', HUGE_FIELD);
    big[head.n + HUGE_FIELD] = '"';
    assert_int_equal(run(&s, (struct str){big, head.n + HUGE_FIELD + 1}), REJECT_NONE);
    assert_int_equal(s.e.agent.n, HUGE_FIELD);
    arena_free(&s.arena);
}

/* The same request from an IPv6 address differs in nothing but the address. */
static void the_other_family(void **state)
{
    (void)state;
    for (size_t i = 0; i < log_parsers_count; i++) {
        struct sample s;
        struct str line, old = STR("203.0.113.7");
        sample_open(&s, log_parsers[i]);
        str_cut(s.text, '\n', &line);
        ptrdiff_t at = str_find_str(line, old);
        assert_true(at >= 0);
        assert_int_equal(run(&s, line), REJECT_NONE);
        struct event v4 = s.e;
        struct str v6 = arena_printf(&s.arena, "%.*s2001:db8::7%.*s", (int)at, line.p,
                                     (int)(line.n - at - old.n), line.p + at + old.n);
        assert_int_equal(run(&s, v6), REJECT_NONE);
        assert_true(str_eq(s.e.peer_text, STR("2001:db8::7")));
        assert_false(ip_is_v4(&s.e.peer));
        assert_false(ip_is_zero(&s.e.peer));
        assert_int_equal(s.e.time_us, v4.time_us);
        assert_int_equal(s.e.status, v4.status);
        assert_int_equal(s.e.odd, v4.odd);
        assert_int_equal(s.e.client_port, v4.client_port);
        arena_free(&s.arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(samples_are_read_and_recognised),
        cmocka_unit_test(junk_between_changes_nothing),
        cmocka_unit_test(line_ends_and_marks),
        cmocka_unit_test(cut_and_changed_lines),
        cmocka_unit_test(huge_fields),
        cmocka_unit_test(an_agent_of_64_kib_is_kept_whole),
        cmocka_unit_test(the_other_family),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
