/* test_io_source.c: the same bytes from file, pipe and gzip, at any pace; endings good and bad; recall. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <pthread.h>

#include "analyzer/io/source.h"
#include "tests/unit/files.h"

#define OPTIONS(...) (&(struct source_options){.copy_max = INT64_MAX, __VA_ARGS__})

static struct arena scratch;
static const char *folder;

static int folder_begin(void **state)
{
    (void)state;
    folder = folder_make();
    return 0;
}

static int folder_end(void **state)
{
    (void)state;
    static const char *const names[] = {"a", "b", "c"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        unlink(in_folder(folder, names[i]));
    arena_free(&scratch);
    return rmdir(folder);
}

struct all {
    struct str bytes;
    enum status status;
    enum diag_code problem; /* DIAG_COUNT: none */
    struct str detail;
};

static struct all read_all(struct source *s, size_t piece)
{
    struct all all = {STR(""), STATUS_OK, DIAG_COUNT, STR_NONE};
    size_t cap = piece + 1, n = 0, got;
    char *buf = mem_alloc(cap);
    while ((all.status = source_read(s, buf + n, piece, &got)) == STATUS_OK) {
        assert_true(got > 0 && got <= piece);
        n += got;
        if (cap - n < piece)
            buf = mem_grow(buf, cap = cap * 2 + piece);
    }
    assert_int_equal(got, 0);
    assert_int_equal(source_read(s, buf, 1, &got), all.status); /* and stays so */
    all.bytes = arena_str(&scratch, (struct str){buf, (ptrdiff_t)n});
    mem_free(buf);
    source_problem(s, &all.problem, &all.detail);
    return all;
}

static struct source *opened(const char *path, const struct source_options *o)
{
    struct str why = STR_NONE;
    struct source *s = source_open(str_of(path), o, &why);
    assert_non_null(s);
    return s;
}

/* Reads path; the answer's status and problem are for the caller to judge. */
static struct all read_path(const char *path, struct str stored, const struct source_options *o,
                            size_t piece)
{
    struct source *s = opened(path, o);
    struct all all = read_all(s, piece);
    assert_int_equal(source_file_bytes(s), stored.n);
    assert_int_equal(source_size_hint(s), stored.n);
    if (source_hashes_itself(s)) {
        struct sha256 got = source_sha256(s), want = sha256_of(stored);
        assert_memory_equal(got.b, want.b, 32);
    }
    source_close(s);
    return all;
}

static void plain_file(void **state)
{
    (void)state;
    static const size_t sizes[] = {0, 1, 2, 3, 5000, 700000};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        struct str text = some_lines(&scratch, sizes[i]);
        const char *path = in_folder(folder, "a");
        file_write(path, text, O_TRUNC);
        for (size_t piece = 1; piece <= 1000000; piece *= 100) {
            size_t read_max = sizes[i] < 10000 ? 1 : 0;
            struct all r = read_path(path, text, OPTIONS(.read_max = read_max), piece);
            assert_int_equal(r.status, STATUS_END);
            assert_int_equal(r.problem, DIAG_COUNT);
            assert_true(str_eq(r.bytes, text));
        }
    }
    struct source *s = opened(in_folder(folder, "a"), OPTIONS(.hash_outside = true));
    assert_false(source_hashes_itself(s));
    assert_string_equal(source_compression(s), "none");
    source_close(s);
    s = opened(in_folder(folder, "a"), OPTIONS(.hash_outside = false));
    assert_true(source_hashes_itself(s));
    source_close(s);
}

static void gzip_file(void **state)
{
    (void)state;
    struct str text = some_lines(&scratch, 900000);
    struct str gz = joined(&scratch, gzip_member(&scratch, str_sub(text, 0, 1000), 6), gzip_member(&scratch, STR(""), 6));
    gz = joined(&scratch, gz, gzip_member(&scratch, str_sub(text, 1000, text.n), 6));
    const char *path = in_folder(folder, "a");
    file_write(path, gz, O_TRUNC);
    for (size_t piece = 10; piece <= 1000000; piece *= 10) {
        struct all r = read_path(path, gz, OPTIONS(.hash_outside = true), piece);
        assert_int_equal(r.status, STATUS_END);
        assert_int_equal(r.problem, DIAG_COUNT);
        assert_true(str_eq(r.bytes, text));
    }
    struct all r = read_path(path, gz, OPTIONS(.read_max = 1), 65536);
    assert_true(str_eq(r.bytes, text));
    struct source *s = opened(path, OPTIONS(.hash_outside = true));
    assert_string_equal(source_compression(s), "gzip");
    assert_true(source_hashes_itself(s));
    source_close(s);
}

static void bad_endings_of_gzip(void **state)
{
    (void)state;
    struct str text = some_lines(&scratch, 50000);
    struct str gz = gzip_member(&scratch, text, 6);
    char *wrong = arena_alloc(&scratch, (size_t)gz.n, 1);
    memcpy(wrong, gz.p, (size_t)gz.n);
    wrong[gz.n - 6] ^= 1;
    struct str padding = {"\0\0\0\0\0\0\0\0", 8}, behind = STR("not gzip at all");
    const struct {
        struct str stored;
        enum status status;
        enum diag_code problem;
        bool whole;
    } rows[] = {
        {str_sub(gz, 0, gz.n / 2), STATUS_FAILED, DIAG_gzip_truncated, false},
        {str_sub(gz, 0, gz.n - 1), STATUS_FAILED, DIAG_gzip_truncated, true},
        {str_sub(gz, 0, 2), STATUS_FAILED, DIAG_gzip_truncated, false},
        {{wrong, gz.n}, STATUS_FAILED, DIAG_gzip_damaged, true},
        {joined(&scratch, (struct str){wrong, gz.n}, some_lines(&scratch, 600000)), STATUS_FAILED,
         DIAG_gzip_damaged, true},
        {joined(&scratch, gz, padding), STATUS_END, DIAG_COUNT, true},
        {joined(&scratch, gz, behind), STATUS_END, DIAG_gzip_trailing, true},
        {joined(&scratch, joined(&scratch, gz, padding), behind), STATUS_END, DIAG_gzip_trailing, true},
    };
    const char *path = in_folder(folder, "a");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        file_write(path, rows[i].stored, O_TRUNC);
        struct all r = read_path(path, rows[i].stored, OPTIONS(.hash_outside = true), 100000);
        struct all again = read_path(path, rows[i].stored, OPTIONS(.read_max = 1), 100000);
        assert_int_equal(r.status, rows[i].status);
        assert_int_equal(r.problem, rows[i].problem);
        assert_true(str_starts(text, r.bytes));
        assert_int_equal(r.bytes.n == text.n, rows[i].whole);
        assert_true(str_eq(again.bytes, r.bytes) && again.problem == r.problem);
    }
}

static void cannot_be_opened(void **state)
{
    (void)state;
    struct str why = STR_NONE;
    assert_null(source_open(str_of(in_folder(folder, "nothing")), OPTIONS(.read_max = 0), &why));
    assert_true(str_eq(why, STR("No such file or directory")));
    assert_null(source_open(str_of(folder), OPTIONS(.read_max = 0), &why));
    assert_true(str_eq(why, STR("Is a directory")));
    assert_true(source_is_folder(str_of(folder)));
    assert_false(source_is_folder(str_of(in_folder(folder, "nothing"))));
}

static void file_that_shrinks(void **state)
{
    (void)state;
    struct str text = some_lines(&scratch, 600000);
    const char *path = in_folder(folder, "a");
    static const off_t left[] = {0, 1000, 400000};
    for (size_t i = 0; i < sizeof left / sizeof *left; i++) {
        file_write(path, text, O_TRUNC);
        struct source *s = opened(path, OPTIONS(.hash_outside = true));
        static char buf[300000];
        size_t got;
        assert_int_equal(source_read(s, buf, sizeof buf, &got), STATUS_OK);
        assert_int_equal(truncate(path, left[i]), 0);
        struct all r = read_all(s, 100000);
        assert_int_equal(r.status, STATUS_FAILED);
        assert_int_equal(r.problem, DIAG_source_truncated_while_read);
        source_close(s);
    }
}

static void file_that_grows(void **state)
{
    (void)state;
    struct str text = some_lines(&scratch, 1000);
    const char *path = in_folder(folder, "a");
    file_write(path, text, O_TRUNC);
    struct source *s = opened(path, OPTIONS(.hash_outside = true));
    file_write(path, text, O_APPEND);
    struct all r = read_all(s, 100000);
    assert_int_equal(r.status, STATUS_END);
    assert_int_equal(r.bytes.n, 2000);
    source_close(s);
}

struct feeder {
    int fd;
    struct str bytes;
};

static void *feed(void *user)
{
    struct feeder *f = user;
    for (ptrdiff_t at = 0; at < f->bytes.n;) {
        ptrdiff_t n = f->bytes.n - at < 7777 ? f->bytes.n - at : 7777;
        ssize_t done = write(f->fd, f->bytes.p + at, (size_t)n);
        if (done <= 0)
            break;
        at += done;
    }
    close(f->fd);
    return NULL;
}

struct given {
    struct str stream;
    struct range range;
    int times;
};

static void give(void *user, struct str bytes)
{
    struct given *g = user;
    g->times++;
    assert_true(str_eq(bytes, (struct str){g->stream.p + g->range.offset, g->range.length}));
}

/* Ranges that overlap, repeat, are empty, come unsorted, and lie at both ends. */
static void recall_some(struct source *s, struct str stream)
{
    enum { N = 200 };
    static struct given given[N];
    struct range ranges[N];
    uint64_t random = 7;
    for (int i = 0; i < N; i++) {
        random = random * UINT64_C(6364136223846793005) + 1442695040888963407u;
        uint64_t at = i == 0 ? 0 : (random >> 20) % (uint64_t)stream.n;
        uint64_t n = i == 1 ? (uint64_t)stream.n : (random >> 10) % 300;
        uint64_t left = (uint64_t)stream.n - at;
        ranges[i] = (struct range){at, (uint32_t)(n < left ? n : left), &given[i]};
        given[i] = (struct given){stream, ranges[i], 0};
    }
    struct str why;
    for (int round = 1; round <= 2; round++) {
        assert_int_equal(source_recall(s, ranges, N, give, &why), STATUS_OK);
        for (int i = 0; i < N; i++)
            assert_int_equal(given[i].times, round);
    }
    given[0] = (struct given){stream, {0, 1, &given[0]}, 0};
    struct range beyond[] = {{(uint64_t)stream.n - 1, 2, NULL}, {0, 1, &given[0]}};
    assert_int_equal(source_recall(s, beyond, 2, give, &why), STATUS_FAILED);
    assert_int_equal(given[0].times, 1); /* the one that is there was given all the same */
    assert_int_equal(source_recall(s, NULL, 0, give, &why), STATUS_OK);
}

static void from_stdin(struct str stored, struct str stream, bool keep)
{
    int ends[2], old = dup(STDIN_FILENO);
    pthread_t thread;
    assert_int_equal(pipe(ends), 0);
    dup2(ends[0], STDIN_FILENO);
    close(ends[0]);
    struct feeder f = {ends[1], stored};
    pthread_create(&thread, NULL, feed, &f);
    struct source *s = opened("-", OPTIONS(.hash_outside = true, .keep_copy = keep));
    assert_int_equal(source_size_hint(s), 0);
    struct all r = read_all(s, 65536);
    pthread_join(thread, NULL);
    assert_int_equal(r.status, STATUS_END);
    assert_true(str_eq(r.bytes, stream));
    assert_int_equal(source_file_bytes(s), stored.n);
    assert_int_equal(source_hashes_itself(s), stored.n != stream.n);
    struct str why = STR_NONE;
    struct range one = {0, 1, NULL};
    if (keep)
        recall_some(s, stream);
    else
        assert_int_equal(source_recall(s, &one, 1, give, &why), STATUS_FAILED);
    source_close(s);
    dup2(old, STDIN_FILENO);
    close(old);
}

static void pipes(void **state)
{
    (void)state;
    struct str text = some_lines(&scratch, 400000);
    from_stdin(text, text, true);
    from_stdin(text, text, false);
    from_stdin(gzip_member(&scratch, text, 6), text, true);
}

static void recall_of_files(void **state)
{
    (void)state;
    struct str text = some_lines(&scratch, 1500000);
    const char *path = in_folder(folder, "b");
    struct str stored[] = {text, joined(&scratch, gzip_member(&scratch, str_sub(text, 0, 700001), 6),
                                        gzip_member(&scratch, str_sub(text, 700001, text.n), 1))};
    for (int i = 0; i < 2; i++) {
        file_write(path, stored[i], O_TRUNC);
        struct source *s = opened(path, OPTIONS(.hash_outside = true));
        recall_some(s, text); /* before it was read, */
        struct all r = read_all(s, 65536);
        assert_true(str_eq(r.bytes, text));
        recall_some(s, text); /* and after */
        source_close(s);
    }
}

/* Standard input may be a file of which a part was read before. */
static void stdin_that_is_a_file(void **state)
{
    (void)state;
    struct str text = some_lines(&scratch, 200000);
    const char *path = in_folder(folder, "c");
    int old = dup(STDIN_FILENO);
    file_write(path, text, O_TRUNC);
    int fd = open(path, O_RDONLY);
    lseek(fd, 1234, SEEK_SET);
    dup2(fd, STDIN_FILENO);
    close(fd);
    struct str part = str_sub(text, 1234, text.n);
    struct source *s = opened("-", OPTIONS(.hash_outside = true));
    assert_int_equal(source_size_hint(s), part.n);
    struct all r = read_all(s, 10000);
    assert_int_equal(r.status, STATUS_END);
    assert_true(str_eq(r.bytes, part));
    recall_some(s, part);
    source_close(s);
    dup2(old, STDIN_FILENO);
    close(old);
}

static void copy_that_is_full(void **state)
{
    (void)state;
    struct str text = some_lines(&scratch, 30000);
    int ends[2], old = dup(STDIN_FILENO);
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(write(ends[1], text.p, 30000), 30000);
    close(ends[1]);
    dup2(ends[0], STDIN_FILENO);
    close(ends[0]);
    struct source_options o = {.read_max = 1000, .hash_outside = true, .keep_copy = true, .copy_max = 10000};
    struct source *s = opened("-", &o);
    struct all r = read_all(s, 65536);
    assert_int_equal(r.status, STATUS_END);
    assert_true(str_eq(r.bytes, text)); /* everything is read all the same */
    assert_int_equal(r.problem, DIAG_spool_full);
    struct given kept = {text, {9000, 1000, &kept}, 0};
    struct range ranges[] = {{9000, 1000, &kept}, {10000, 1, NULL}};
    struct str why;
    assert_int_equal(source_recall(s, ranges, 1, give, &why), STATUS_OK);
    assert_int_equal(source_recall(s, ranges, 2, give, &why), STATUS_FAILED);
    source_close(s);
    dup2(old, STDIN_FILENO);
    close(old);
}

/* Looked at and parked, a source gives the same bytes and the same hash as one that was not. */
static void parked(void **state)
{
    (void)state;
    struct str text = some_lines(&scratch, 600000);
    const struct str contents[] = {STR(""), str_sub(text, 0, 2), text, gzip_member(&scratch, text, 6)};
    const char *path = in_folder(folder, "a");
    for (size_t i = 0; i < sizeof contents / sizeof *contents; i++) {
        for (size_t looked_at = 0; looked_at < 300000; looked_at = 70000 * looked_at + 1) {
            char *head = mem_alloc(looked_at + 1);
            size_t got;
            file_write(path, contents[i], O_TRUNC);
            struct source *s = opened(path, OPTIONS(.hash_outside = i % 2 == 1));
            source_read(s, head, looked_at, &got);
            assert_true(source_park(s));
            assert_true(source_park(s));
            struct all r = read_all(s, 65536);
            assert_int_equal(r.status, STATUS_END);
            assert_true(str_eq(r.bytes, i == 3 ? text : contents[i]));
            assert_int_equal(source_file_bytes(s), contents[i].n);
            if (source_hashes_itself(s)) {
                struct sha256 sum = source_sha256(s), want = sha256_of(contents[i]);
                assert_memory_equal(sum.b, want.b, 32);
            }
            source_close(s);
            mem_free(head);
        }
    }
}

static void written_over(void **state)
{
    (void)state;
    struct str text = some_lines(&scratch, 300000), more = joined(&scratch, text, STR("more\n"));
    struct sha256 first = sha256_of(text);
    const char *path = in_folder(folder, "a");
    file_write(path, text, O_TRUNC);
    struct source *s = opened(path, OPTIONS(.read_max = 0));
    read_all(s, 65536);
    assert_true(source_unchanged(s, &first));
    file_write(path, more, O_TRUNC); /* what was read is still there */
    assert_true(source_unchanged(s, &first));
    file_write(path, str_sub(more, 1, more.n), O_TRUNC);
    assert_false(source_unchanged(s, &first));
    source_close(s);
}

/* A pipe whose writer says nothing does not keep a stopped run waiting. */
static void silent_pipe(void **state)
{
    (void)state;
    int ends[2], old = dup(STDIN_FILENO);
    const volatile int stop = 1;
    size_t got = 1;
    char byte;
    assert_int_equal(pipe(ends), 0);
    dup2(ends[0], STDIN_FILENO);
    struct source *s = opened("-", OPTIONS(.stop = &stop));
    assert_int_equal(source_read(s, &byte, 1, &got), STATUS_END);
    assert_int_equal(got, 0);
    assert_false(source_park(s));
    source_close(s);
    dup2(old, STDIN_FILENO);
    close(old);
    close(ends[0]);
    close(ends[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_file),           cmocka_unit_test(gzip_file),
        cmocka_unit_test(bad_endings_of_gzip),  cmocka_unit_test(cannot_be_opened),
        cmocka_unit_test(file_that_shrinks),    cmocka_unit_test(file_that_grows),
        cmocka_unit_test(pipes),                cmocka_unit_test(recall_of_files),
        cmocka_unit_test(stdin_that_is_a_file), cmocka_unit_test(copy_that_is_full),
        cmocka_unit_test(parked),               cmocka_unit_test(written_over),
        cmocka_unit_test(silent_pipe),
    };
    hash_init();
    return cmocka_run_group_tests(tests, folder_begin, folder_end);
}
