/* test_reports_conformance.c: the BagIt conformance suite, where ../shared/corpora is there.
 *
 * "valid" and "warning" bags must verify, a "warning" bag with at least one warning; the others
 * must fail.  What the suite's list holds that is no bag is left out: see
 * tests/corpora/DIFFERENCES.md. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "analyzer/base/json.h"
#include "reports/verify.h"

#define SUITE "../shared/corpora/vectors/bagit"

struct suite {
    char folder[64]; /* where the tars were unpacked */
    struct arena arena;
    struct str list;
};

static struct str member(const struct json *o, struct str key)
{
    const struct json *v = json_get(o, key);
    return v != NULL ? v->text : STR_NONE;
}

static struct str read_whole(struct arena *a, const char *name)
{
    int fd = open(name, O_RDONLY);
    if (fd < 0)
        return STR_NONE;
    char *p = arena_alloc(a, 1 << 20, 1);
    ssize_t n = read(fd, p, 1 << 20);
    close(fd);
    return (struct str){p, n < 0 ? 0 : n};
}

static int unpack(void **state)
{
    static struct suite s;
    char command[400];
    s.list = read_whole(&s.arena, SUITE "/expected.jsonl");
    if (s.list.p != NULL) {
        snprintf(s.folder, sizeof s.folder, "/tmp/vigie_bagit_XXXXXX");
        if (mkdtemp(s.folder) == NULL)
            return -1;
        snprintf(command, sizeof command,
                 "for t in v0.97 v1.0; do tar -xf " SUITE "/$t.tar -C %s; done", s.folder);
        if (system(command) != 0)
            return -1;
    }
    *state = &s;
    return 0;
}

static int clean(void **state)
{
    struct suite *s = *state;
    char command[120];
    snprintf(command, sizeof command, "rm -rf -- %s", s->folder);
    int rc = s->folder[0] != '\0' ? system(command) : 0;
    arena_free(&s->arena);
    return rc;
}

/* "v0.97/warning/Makefile" and its like are part of the suite's machinery. */
static bool is_folder(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static int judge(struct suite *s, const struct json *c)
{
    struct str bag = member(c, STR("bag")), expect = member(c, STR("expect"));
    struct str path = arena_printf(&s->arena, "%s/%.*s", s->folder, STR_ARG(bag));
    if (!is_folder(arena_cstr(&s->arena, path)))
        return 0;
    struct out o = out_memory();
    struct verify_result r;
    enum status got = verify_bag(&(struct verify_options){.bag = path}, &o, &r);
    bool want_ok = !str_eq(expect, STR("invalid"));
    bool warned = !str_eq(expect, STR("warning")) || r.warnings > 0;
    bool right = (got == STATUS_OK) == want_ok && r.foreign && warned;
    /* A bag that fails must say why, one line a failure or warning. */
    size_t lines = 0;
    for (size_t i = 0; i < o.len; i++)
        lines += o.buf[i] == '\n';
    right = right && lines == r.failures + r.warnings;
    if (!right)
        print_message("%.*s: expected %.*s\n%.*s", STR_ARG(bag), STR_ARG(expect),
                      STR_ARG(out_slice(&o)));
    out_close(&o);
    return right ? 0 : 1;
}

static void suite(void **state)
{
    struct suite *s = *state;
    if (s->list.p == NULL) {
        print_message("SKIP: the BagIt conformance suite of ../shared/corpora is not here\n");
        skip();
    }
    int wrong = 0, bags = 0;
    struct str line, rest = s->list;
    while (rest.n > 0) {
        rest = str_cut(rest, '\n', &line);
        struct json *c = line.n > 0 ? json_parse(&s->arena, line, NULL) : NULL;
        if (c == NULL)
            continue;
        wrong += judge(s, c);
        bags++;
    }
    assert_int_equal(wrong, 0);
    assert_true(bags >= 42);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(suite)};
    return cmocka_run_group_tests(tests, unpack, clean);
}
