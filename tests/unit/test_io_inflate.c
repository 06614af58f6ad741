/* test_io_inflate.c: every library, fed in every way, gives the same bytes and the same answer. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "analyzer/io/inflate.h"
#include "tests/unit/files.h"
#include "tests/unit/guard.h"

struct pace {
    size_t in, out; /* largest pieces */
};
static const struct pace paces[] = {{1, 1}, {1, 70000}, {3, 5}, {70000, 1}, {64, 64}, {1 << 20, 1 << 20}};
enum { PACES = sizeof paces / sizeof *paces };

struct result {
    struct str bytes;
    enum status status;
    const char *problem;
    size_t left; /* input not used */
};

static struct result inflate_all(struct arena *a, const struct inflate_backend *b, struct str in,
                                 struct pace pace)
{
    struct inflate *z = inflate_open(b);
    size_t cap = 1 << 12, n = 0, at = 0, stuck = 0;
    uint8_t *out = mem_alloc(cap);
    enum status status = STATUS_OK;
    while (status == STATUS_OK || status == STATUS_MORE) {
        if (cap - n < pace.out)
            out = mem_grow(out, cap = cap * 2 + pace.out);
        size_t give = (size_t)in.n - at < pace.in ? (size_t)in.n - at : pace.in;
        if (give == 0 && status == STATUS_MORE) {
            status = inflate_finish(z);
            break;
        }
        struct inflate_io io = {(const uint8_t *)in.p + at, give, out + n, pace.out};
        status = inflate_run(z, &io);
        stuck = io.in_n == give && io.out_n == pace.out ? stuck + 1 : 0;
        assert_true(stuck < 3);
        at += give - io.in_n;
        n += pace.out - io.out_n;
    }
    struct result r = {arena_str(a, (struct str){(char *)out, (ptrdiff_t)n}), status,
                       inflate_problem(z), (size_t)in.n - at};
    inflate_close(z);
    mem_free(out);
    return r;
}

/* The same from all libraries at all paces. */
static struct result inflate_agreed(struct arena *a, struct str in)
{
    struct result first = {0};
    bool any = false;
    for (const struct inflate_backend *const *b = inflate_backends; *b != NULL; b++)
        for (int i = 0; i < PACES; i++) {
            struct result r = inflate_all(a, *b, in, paces[i]);
            if (!any)
                first = r;
            any = true;
            assert_int_equal(r.status, first.status);
            assert_true(str_eq(r.bytes, first.bytes));
            assert_int_equal(r.problem != NULL, first.problem != NULL);
            if (r.problem != NULL)
                assert_string_equal(r.problem, first.problem);
            if (r.status == STATUS_END)
                assert_int_equal(r.left, first.left);
        }
    return first;
}

static void one_member(void **state)
{
    (void)state;
    static const size_t sizes[] = {0, 1, 100, 32768, 65536, 65537, 140000};
    struct arena a = {0};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        for (int level = 0; level <= 9; level += 3) {
            struct str text = some_lines(&a, sizes[i]);
            struct result r = inflate_agreed(&a, guarded(gzip_member(&a, text, level)));
            assert_int_equal(r.status, STATUS_END);
            assert_true(str_eq(r.bytes, text));
        }
    arena_free(&a);
}

static void many_members(void **state)
{
    (void)state;
    struct arena a = {0};
    struct str all = STR(""), text = STR("");
    for (size_t i = 0; i < 40; i++) {
        struct str piece = some_lines(&a, i % 4 == 0 ? 0 : i * 37);
        text = joined(&a, text, piece);
        all = joined(&a, all, gzip_member(&a, piece, (int)(i % 10)));
    }
    struct result r = inflate_agreed(&a, guarded(all));
    assert_int_equal(r.status, STATUS_END);
    assert_true(str_eq(r.bytes, text));
    assert_int_equal(r.left, 0);
    arena_free(&a);
}

static void what_follows(void **state)
{
    (void)state;
    struct arena a = {0};
    struct str member = gzip_member(&a, STR("hello"), 6);
    static const struct {
        struct str tail;
        enum status status;
        size_t left;
    } rows[] = {
        {{"", 0}, STATUS_END, 0},
        {{"\0\0\0\0", 4}, STATUS_END, 0},
        {{"x", 1}, STATUS_END, 1},
        {{"\0\0x\x1f\x8b", 5}, STATUS_END, 3},
        {{"\x1f", 1}, STATUS_FAILED, 0},
        {{"\x1f\x8b", 2}, STATUS_FAILED, 0},
        {{"\x1f\x8b\x08\0\0\0\0\0", 8}, STATUS_FAILED, 0},
        {{"\x1f\x9d garbage", 10}, STATUS_END, 9},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct result r = inflate_agreed(&a, guarded(joined(&a, member, rows[i].tail)));
        assert_int_equal(r.status, rows[i].status);
        assert_int_equal(r.left, rows[i].left);
        assert_true(str_eq(r.bytes, STR("hello")));
    }
    struct result r = inflate_agreed(&a, joined(&a, joined(&a, member, (struct str){"\0\0\0", 3}), member));
    assert_int_equal(r.status, STATUS_END);
    assert_true(str_eq(r.bytes, STR("hellohello")));
    arena_free(&a);
}

/* All optional parts of RFC 1952 section 2.3.1, with a right and a wrong header checksum. */
static void headers_with_everything(void **state)
{
    (void)state;
    struct arena a = {0};
    struct str text = STR("the text"), plain = gzip_member(&a, text, 6);
    for (unsigned flags = 0; flags < 32; flags++) {
        char head[64] = "\x1f\x8b\x08";
        size_t n = 10;
        head[3] = (char)flags;
        if ((flags & 4) != 0) {
            memcpy(head + n, "\x05\x00" "extra", 7);
            n += 7;
        }
        if ((flags & 8) != 0) {
            memcpy(head + n, "name", 5);
            n += 5;
        }
        if ((flags & 16) != 0) {
            memcpy(head + n, "a comment", 10);
            n += 10;
        }
        uLong crc = crc32(0, (const Bytef *)head, (uInt)n);
        struct str good = {head, (ptrdiff_t)n}, rest = str_sub(plain, 10, plain.n);
        if ((flags & 2) != 0) {
            head[n] = (char)crc;
            head[n + 1] = (char)(crc >> 8);
            good.n += 2;
        }
        struct result r = inflate_agreed(&a, joined(&a, good, rest));
        assert_int_equal(r.status, STATUS_END);
        assert_true(str_eq(r.bytes, text));
        if ((flags & 2) == 0)
            continue;
        head[n] = (char)~head[n];
        r = inflate_agreed(&a, joined(&a, good, rest));
        assert_int_equal(r.status, STATUS_FAILED);
        assert_string_equal(r.problem, "invalid data");
    }
    arena_free(&a);
}

static void cut_at_every_byte(void **state)
{
    (void)state;
    struct arena a = {0};
    struct str text = some_lines(&a, 3000);
    struct str member = gzip_member(&a, text, 6);
    ptrdiff_t most = 0;
    for (ptrdiff_t n = 3; n < member.n; n++) {
        struct result r = inflate_agreed(&a, guarded(str_sub(member, 0, n)));
        assert_int_equal(r.status, STATUS_FAILED);
        assert_null(r.problem); /* cut off, not damaged */
        assert_true(str_starts(text, r.bytes));
        assert_true(r.bytes.n >= most); /* whatever was readable before still is */
        most = r.bytes.n;
    }
    assert_int_equal(most, text.n); /* all of it, without the trailer */
    arena_free(&a);
}

/* Where exactly damage is noticed is the library's affair, and igzip's depends on the sizes of buffers;
 * but it is always noticed, and what zlib can read before it, igzip can too. */
static void one_byte_wrong(void **state)
{
    (void)state;
    struct arena a = {0};
    struct str text = some_lines(&a, 2000);
    struct str member = gzip_member(&a, text, 6);
    char *copy = arena_alloc(&a, (size_t)member.n, 1);
    for (ptrdiff_t i = 10; i < member.n; i++) { /* behind the header, whose bytes need not matter */
        memcpy(copy, member.p, (size_t)member.n);
        copy[i] = (char)(copy[i] ^ 0x41);
        struct arena scratch = {0};
        struct str damaged = {copy, member.n};
        struct result zlib = inflate_all(&scratch, &inflate_zlib, damaged, paces[0]);
        for (int k = 0; inflate_backends[k] != NULL; k++)
            for (int pace = 0; pace < PACES; pace++) {
                struct result r = inflate_all(&scratch, inflate_backends[k], damaged, paces[pace]);
                assert_int_equal(r.status, STATUS_FAILED);
                assert_true(str_starts(r.bytes, zlib.bytes));
                if (i < member.n - 8)
                    continue;
                assert_non_null(r.problem); /* damage before the trailer may also read as a cut */
                assert_string_equal(r.problem, "checksum or length does not agree");
                assert_true(str_eq(r.bytes, text));
            }
        arena_free(&scratch);
    }
    arena_free(&a);
}

static void recognition(void **state)
{
    (void)state;
    static const struct {
        struct str s;
        bool gzip;
    } rows[] = {
        {{"", 0}, false}, {{"\x1f", 1}, false}, {{"\x1f\x8b", 2}, true}, {{"\x1f\x8b\x08", 3}, true},
        {{"\x1f\x8b\x07", 3}, false}, {{"\x1f\x8b\x08\0\0\0", 6}, true}, {{"BZh9", 4}, false}, {{"192.", 4}, false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct str s = guarded(rows[i].s);
        assert_int_equal(inflate_recognises((const uint8_t *)s.p, (size_t)s.n), rows[i].gzip);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_member),
        cmocka_unit_test(many_members),
        cmocka_unit_test(what_follows),
        cmocka_unit_test(headers_with_everything),
        cmocka_unit_test(cut_at_every_byte),
        cmocka_unit_test(one_byte_wrong),
        cmocka_unit_test(recognition),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
