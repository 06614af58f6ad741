/* test_io_follow.c: a log that grows, is rotated in every way, and stdin; nothing is lost or doubled. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "analyzer/io/follow.h"
#include "analyzer/io/source.h"
#include "tests/unit/files.h"

enum { WAIT_MS = 50, PATIENCE = 200 /* waits; far more than any step needs */ };

struct seen {
    char text[1 << 16];
    size_t n;
    int generations;
    struct sha256 sha;   /* of the generation that ended last */
    uint64_t bytes;
};

static const char *folder;
static char log_path[160];

static int begin(void **state)
{
    (void)state;
    folder = folder_make();
    snprintf(log_path, sizeof log_path, "%s/access.log", folder);
    return 0;
}

static int end(void **state)
{
    (void)state;
    struct arena a = {0};
    struct str *names, why;
    size_t count;
    source_list_folder(&a, str_of(folder), &names, &count, &why);
    for (size_t i = 0; i < count; i++)
        unlink(names[i].p);
    arena_free(&a);
    return rmdir(folder);
}

/* Reads until there is nothing new for now; generations are marked with a bar. */
static enum follow_event drink(struct follow *f, struct seen *s, size_t piece)
{
    size_t got;
    for (;;) {
        enum follow_event e = follow_read(f, s->text + s->n, piece, &got);
        s->n += got;
        if (e == FOLLOW_GENERATION) {
            s->sha = follow_sha256(f, &s->bytes);
            s->generations++;
            s->text[s->n++] = '|';
        } else if (e != FOLLOW_BYTES) {
            return e;
        }
    }
}

/* Drinks until n generations ended and the text is as long as want. */
static void expect(struct follow *f, struct seen *s, int generations, const char *want)
{
    for (int i = 0; i < PATIENCE; i++) {
        assert_int_equal(drink(f, s, 1000), FOLLOW_IDLE);
        if (s->generations >= generations && s->n >= strlen(want))
            break;
        follow_wait(&f, 1, WAIT_MS);
    }
    s->text[s->n] = '\0';
    assert_string_equal(s->text, want);
    assert_int_equal(s->generations, generations);
}

static struct follow *start(struct seen *s, const char *text)
{
    struct str why;
    *s = (struct seen){.n = 0};
    file_write(log_path, str_of(text), O_TRUNC);
    struct follow *f = follow_open(str_of(log_path), &why);
    assert_non_null(f);
    return f;
}

static void append(const char *text)
{
    file_write(log_path, str_of(text), O_APPEND);
}

static void assert_generation(const struct seen *s, const char *want)
{
    struct sha256 h = sha256_of(str_of(want));
    assert_int_equal(s->bytes, strlen(want));
    assert_memory_equal(s->sha.b, h.b, 32);
}

static void growing(void **state)
{
    (void)state;
    static struct seen s;
    struct follow *f = start(&s, "one\n");
    expect(f, &s, 0, "one\n");
    append("two\n");
    append("three");
    expect(f, &s, 0, "one\ntwo\nthree");
    char again[4];
    assert_true(follow_recall(f, 4, 3, again));
    assert_memory_equal(again, "two", 3);
    assert_false(follow_recall(f, 10, 4, again));
    append("\n");
    assert_int_equal(drink(f, &s, 1), FOLLOW_IDLE);
    uint64_t bytes;
    struct sha256 got = follow_sha256(f, &bytes), want = sha256_of(STR("one\ntwo\nthree\n"));
    assert_int_equal(bytes, 14);
    assert_memory_equal(got.b, want.b, 32);
    follow_close(f);
}

static void renamed(void **state)
{
    (void)state;
    static struct seen s;
    struct follow *f = start(&s, "one\n");
    expect(f, &s, 0, "one\n");
    const char *old = in_folder(folder, "access.log.1");
    assert_int_equal(rename(log_path, old), 0);
    file_write(old, STR("late\n"), O_APPEND); /* the server has not reopened yet */
    expect(f, &s, 0, "one\nlate\n");
    append("new\n");
    file_write(old, STR("later\n"), O_APPEND); /* one worker still has not */
    expect(f, &s, 1, "one\nlate\nlater\n|new\n");
    assert_generation(&s, "one\nlate\nlater\n");
    append("more\n");
    expect(f, &s, 1, "one\nlate\nlater\n|new\nmore\n");
    char again[4];
    assert_true(follow_recall(f, 0, 3, again)); /* of the new generation */
    assert_memory_equal(again, "new", 3);
    follow_close(f);
}

static void copied_and_truncated(void **state)
{
    (void)state;
    static struct seen s;
    struct follow *f = start(&s, "one\ntwo\n");
    expect(f, &s, 0, "one\ntwo\n");
    append("unread\n"); /* between our last look and the rotation */
    file_write(in_folder(folder, "access.log.1"), STR("one\ntwo\nunread\n"), O_TRUNC);
    file_write(in_folder(folder, "access.log.2"), STR("one\nsomething else, but as long\n"), O_TRUNC);
    assert_int_equal(truncate(log_path, 0), 0);
    append("x\n");
    size_t got;
    char buf[100];
    assert_int_equal(follow_read(f, buf, sizeof buf, &got), FOLLOW_BYTES);
    assert_int_equal(got, 7);
    assert_memory_equal(buf, "unread\n", 7);
    assert_int_equal(follow_read(f, buf, sizeof buf, &got), FOLLOW_GENERATION);
    s.sha = follow_sha256(f, &s.bytes);
    assert_generation(&s, "one\ntwo\nunread\n");
    assert_true(follow_recall(f, 0, 3, buf)); /* still citable, from the copy */
    assert_memory_equal(buf, "one", 3);
    s.n = 0;
    expect(f, &s, 0, "x\n");
    follow_close(f);
}

static void truncated_without_a_copy(void **state)
{
    (void)state;
    static struct seen s;
    struct follow *f = start(&s, "one\ntwo\n");
    expect(f, &s, 0, "one\ntwo\n");
    assert_int_equal(truncate(log_path, 0), 0);
    append("x\n");
    char again[4];
    assert_false(follow_recall(f, 0, 3, again));
    expect(f, &s, 1, "one\ntwo\n|x\n");
    assert_generation(&s, "one\ntwo\n");
    follow_close(f);
}

/* The size alone would not show it. */
static void truncated_and_longer_again(void **state)
{
    (void)state;
    static struct seen s;
    struct follow *f = start(&s, "one\ntwo\n");
    expect(f, &s, 0, "one\ntwo\n");
    file_write(log_path, STR("other lines, and more of them\n"), O_TRUNC);
    expect(f, &s, 1, "one\ntwo\n|other lines, and more of them\n");
    follow_close(f);
}

static void deleted_and_made_again(void **state)
{
    (void)state;
    static struct seen s;
    struct follow *f = start(&s, "one\n");
    expect(f, &s, 0, "one\n");
    unlink(log_path);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(drink(f, &s, 100), FOLLOW_IDLE);
        follow_wait(&f, 1, 1);
    }
    append("two\n");
    expect(f, &s, 1, "one\n|two\n");
    follow_close(f);
}

/* Renamed, and the new one is there only after the old generation was told to end. */
static void several_rotations(void **state)
{
    (void)state;
    static struct seen s;
    struct follow *f = start(&s, "1\n");
    expect(f, &s, 0, "1\n");
    for (int i = 0; i < 2; i++) {
        assert_int_equal(rename(log_path, in_folder(folder, i == 0 ? "old.1" : "old.2")), 0);
        append(i == 0 ? "2\n" : "3\n");
        expect(f, &s, i + 1, i == 0 ? "1\n|2\n" : "1\n|2\n|3\n");
    }
    follow_close(f);
}

static void standard_input(void **state)
{
    (void)state;
    static struct seen s;
    int ends[2], old = dup(STDIN_FILENO);
    struct str why;
    s = (struct seen){.n = 0};
    assert_int_equal(pipe(ends), 0);
    dup2(ends[0], STDIN_FILENO);
    close(ends[0]);
    struct follow *f = follow_open(STR("-"), &why);
    assert_non_null(f);
    assert_int_equal(drink(f, &s, 100), FOLLOW_IDLE);
    assert_int_equal(write(ends[1], "one\ntwo\n", 8), 8);
    expect(f, &s, 0, "one\ntwo\n");
    char again[4];
    assert_true(follow_recall(f, 4, 3, again)); /* a pipe has no second reading, the copy has */
    assert_memory_equal(again, "two", 3);
    close(ends[1]);
    assert_int_equal(drink(f, &s, 100), FOLLOW_END);
    assert_int_equal(drink(f, &s, 100), FOLLOW_END);
    s.sha = follow_sha256(f, &s.bytes);
    assert_generation(&s, "one\ntwo\n");
    assert_true(follow_recall(f, 0, 3, again));
    follow_close(f);
    dup2(old, STDIN_FILENO);
    close(old);
}

static void cannot_be_opened(void **state)
{
    (void)state;
    struct str why = STR_NONE;
    assert_null(follow_open(str_of(in_folder(folder, "nothing")), &why));
    assert_true(str_eq(why, STR("No such file or directory")));
    assert_null(follow_open(str_of(folder), &why));
    assert_true(str_eq(why, STR("Is a directory")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(growing, begin, end),
        cmocka_unit_test_setup_teardown(renamed, begin, end),
        cmocka_unit_test_setup_teardown(copied_and_truncated, begin, end),
        cmocka_unit_test_setup_teardown(truncated_without_a_copy, begin, end),
        cmocka_unit_test_setup_teardown(truncated_and_longer_again, begin, end),
        cmocka_unit_test_setup_teardown(deleted_and_made_again, begin, end),
        cmocka_unit_test_setup_teardown(several_rotations, begin, end),
        cmocka_unit_test_setup_teardown(standard_input, begin, end),
        cmocka_unit_test_setup_teardown(cannot_be_opened, begin, end),
    };
    hash_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
