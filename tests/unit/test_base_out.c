/* test_base_out.c: the writer is sticky, counts what it took, and shows no byte that could act. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "analyzer/base/fault.h"
#include "analyzer/base/out.h"

#define assert_slice(slice, literal)                                                               \
    do {                                                                                           \
        struct str got_ = (slice);                                                                 \
        assert_int_equal(got_.n, sizeof(literal) - 1);                                             \
        assert_memory_equal(got_.p, (literal), sizeof(literal) - 1);                               \
    } while (0)

static void numbers_and_text(void **state)
{
    (void)state;
    struct out o = out_memory();
    out_u64(&o, 0);
    out_char(&o, ' ');
    out_u64(&o, UINT64_MAX);
    out_char(&o, ' ');
    out_i64(&o, INT64_MIN);
    out_text(&o, " ");
    out_i64(&o, -7);
    out_printf(&o, " %03d|%s", 5, "x");
    assert_slice(out_slice(&o), "0 18446744073709551615 -9223372036854775808 -7 005|x");
    assert_int_equal(o.written, (uint64_t)out_slice(&o).n);
    assert_int_equal(out_close(&o), 0);
}

static void memory_grows(void **state)
{
    (void)state;
    struct out o = out_memory();
    for (int i = 0; i < 10000; i++)
        out_printf(&o, "%04d", i);
    out_printf(&o, "%2000s", "end");
    struct str s = out_slice(&o);
    assert_int_equal(s.n, 42000);
    assert_memory_equal(s.p + 4 * 9999, "9999", 4);
    assert_memory_equal(s.p + s.n - 4, " end", 4);
    out_close(&o);
}

static void nothing_is_an_empty_slice(void **state)
{
    (void)state;
    struct out o = out_memory();
    out_str(&o, STR_NONE);
    out_escaped(&o, STR_NONE);
    assert_slice(out_slice(&o), "");
    assert_int_equal(out_close(&o), 0);
}

static void escaping(void **state)
{
    (void)state;
    const struct {
        struct str in, out;
    } table[] = {
        {STR("plain / \\x41"), STR("plain / \\x41")},
        {STR("a\x1b[31mb"), STR("a\\x1b[31mb")},
        {STR("l1\nl2\t"), STR("l1\\x0al2\\x09")},
        {STR("\x7f"), STR("\\x7f")},
        {STR("caf\xC3\xA9"), STR("caf\xC3\xA9")},
        {STR("\xC2\x9B"
             "1m"),
         STR("\\xc2\\x9b1m")}, /* C1: CSI */
        {STR("a\xE2\x80\xAE"
             "b"),
         STR("a\\xe2\\x80\\xaeb")},                    /* right-to-left override */
        {STR("\xE2\x81\xA6"), STR("\\xe2\\x81\\xa6")}, /* isolate */
        {STR("\xD8\x9C"), STR("\\xd8\\x9c")},          /* Arabic letter mark */
        {STR("\xE2\x80\xA8"), STR("\\xe2\\x80\\xa8")}, /* line separator */
        {STR("\xFF\xC3"), STR("\\xff\\xc3")},          /* not UTF-8, then cut short */
        {STR("\xC0\xAF"), STR("\\xc0\\xaf")},          /* over-long */
        {STR("\xED\xA0\x80"), STR("\\xed\\xa0\\x80")}, /* surrogate */
        {STR("\xF0\x9F\x98\x82"), STR("\xF0\x9F\x98\x82")},
        {STR("\0x"), STR("\\x00x")},
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        struct out o = out_memory();
        out_escaped(&o, table[i].in);
        assert_int_equal(out_slice(&o).n, table[i].out.n);
        assert_memory_equal(out_slice(&o).p, table[i].out.p, (size_t)table[i].out.n);
        out_close(&o);
    }
}

static void descriptor_and_hash(void **state)
{
    (void)state;
    char name[] = "/tmp/vigie_out_XXXXXX";
    int fd = mkstemp(name);
    assert_true(fd >= 0);
    unlink(name);
    struct out o = out_fd(fd, 64);
    o.sha = sha256_open();
    for (int i = 0; i < 1000; i++)
        out_printf(&o, "line %d\n", i);
    char big[500];
    memset(big, 'x', sizeof big);
    out_bytes(&o, big, sizeof big); /* larger than the buffer: written at once */
    uint64_t written = o.written;
    struct sha256 sum = sha256_close(o.sha);
    o.sha = NULL;
    assert_int_equal(out_close(&o), 0);
    char *back = malloc(written + 1);
    assert_non_null(back);
    assert_int_equal(pread(fd, back, written + 1, 0), written);
    assert_memory_equal(back, "line 0\nline 1\n", 14);
    struct sha256 of_file = sha256_of((struct str){back, (ptrdiff_t)written});
    assert_memory_equal(sum.b, of_file.b, 32);
    free(back);
    close(fd);
}

static void first_error_stays(void **state)
{
    (void)state;
    int fd = open("/dev/full", O_WRONLY);
    if (fd < 0)
        skip();
    struct out o = out_fd(fd, 64);
    for (int i = 0; i < 100; i++)
        out_text(&o, "0123456789");
    assert_int_equal(o.error, ENOSPC);
    uint64_t written = o.written;
    out_text(&o, "more");
    assert_int_equal(o.written, written);
    assert_int_equal(out_close(&o), ENOSPC);
    close(fd);
}

static void the_second_write_fails(void **state)
{
    (void)state;
    int fd = open("/dev/null", O_WRONLY);
    assert_true(fd >= 0);
    setenv("VIGIE_FAULT_WRITE", "2", 1);
    fault_init();
    struct out o = out_fd(fd, 64);
    out_text(&o, "first");
    out_flush(&o);
    assert_int_equal(o.error, 0);
    out_text(&o, "second");
    out_flush(&o);
    assert_int_equal(o.error, ENOSPC);
    assert_int_equal(out_close(&o), ENOSPC);
    unsetenv("VIGIE_FAULT_WRITE");
    fault_init();
    close(fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_and_text),          cmocka_unit_test(memory_grows),
        cmocka_unit_test(nothing_is_an_empty_slice), cmocka_unit_test(escaping),
        cmocka_unit_test(descriptor_and_hash),       cmocka_unit_test(first_error_stays),
        cmocka_unit_test(the_second_write_fails),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
