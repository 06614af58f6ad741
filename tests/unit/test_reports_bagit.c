/* test_reports_bagit.c: lines, encodings and paths of BagIt tag files. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "analyzer/base/hash.h"
#include "analyzer/base/json.h"
#include "reports/bagit_text.h"
#include "tests/unit/guard.h"

static void lines_end_in_three_ways(void **state)
{
    (void)state;
    static const char *const want[] = {"a", "b", "c", "", "d"};
    struct str rest = guarded(STR("a\nb\r\nc\r\rd")), line;
    size_t n = 0;
    while (bagit_line(&rest, &line)) {
        assert_true(n < sizeof want / sizeof want[0]);
        assert_true(str_eq(line, str_of(want[n++])));
    }
    assert_int_equal(n, 5);
    struct str none = STR("");
    assert_false(bagit_line(&none, &line));
}

static void entries(void **state)
{
    (void)state;
    const struct {
        struct str line, checksum, path;
        bool star, ok;
    } table[] = {
        {STR("abc  data/x"), STR("abc"), STR("data/x"), false, true},
        {STR("abc data/x"), STR("abc"), STR("data/x"), false, true},
        {STR("abc\t \tdata/x y"), STR("abc"), STR("data/x y"), false, true},
        {STR("abc *data/x"), STR("abc"), STR("data/x"), true, true},
        {STR("abc  data/x "), STR("abc"), STR("data/x "), false,
         true}, /* the space is part of the name */
        {STR("abc"), STR(""), STR(""), false, false},
        {STR("abc "), STR(""), STR(""), false, false},
        {STR("abc *"), STR(""), STR(""), false, false},
        {STR(" abc data/x"), STR(""), STR(""), false, false},
        {STR(""), STR(""), STR(""), false, false},
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        struct str checksum, path;
        bool star, ok = bagit_entry(guarded(table[i].line), &checksum, &path, &star);
        assert_int_equal(ok, table[i].ok);
        if (!ok)
            continue;
        assert_true(str_eq(checksum, table[i].checksum));
        assert_true(str_eq(path, table[i].path));
        assert_int_equal(star, table[i].star);
    }
}

static void paths(void **state)
{
    (void)state;
    const struct {
        struct str raw;
        bool percent25;
        enum bagit_path kind;
        struct str path;
    } table[] = {
        {STR("data/a b"), true, PATH_PLAIN, STR("data/a b")},
        {STR("data/a%0Ab%0d"), true, PATH_PLAIN, STR("data/a\nb\r")},
        {STR("data/100%25"), true, PATH_PLAIN, STR("data/100%")},
        {STR("data/100%25"), false, PATH_PLAIN, STR("data/100%25")},
        {STR("data/%7Ex%2e%2E/%"), true, PATH_PLAIN,
         STR("data/%7Ex%2e%2E/%")},                             /* nothing else is decoded */
        {STR("data/%250A"), true, PATH_PLAIN, STR("data/%0A")}, /* once only */
        {STR("./data/x"), true, PATH_DOT, STR("data/x")},
        {STR("/etc/passwd"), true, PATH_ABSOLUTE, STR("/etc/passwd")},
        {STR("C:\\x"), true, PATH_ABSOLUTE, STR("C:\\x")},
        {STR("~/x"), true, PATH_HOME, STR("~/x")},
        {STR("~root/x"), true, PATH_HOME, STR("~root/x")},
        {STR("data/~x"), true, PATH_PLAIN, STR("data/~x")},
        {STR("data/../x"), true, PATH_LEAVES, STR("data/../x")},
        {STR("data/.."), true, PATH_LEAVES, STR("data/..")},
        {STR("./../x"), true, PATH_LEAVES, STR("../x")},
        {STR("data/..\\..\\x"), true, PATH_LEAVES, STR("data/..\\..\\x")},
        {STR("\\.\\./x"), true, PATH_LEAVES, STR("\\.\\./x")},
        {STR("data/..."), true, PATH_PLAIN, STR("data/...")},
        {STR("data/..x"), true, PATH_PLAIN, STR("data/..x")},
        {STR("data//x"), true, PATH_ODD, STR("data//x")},
        {STR("data/./x"), true, PATH_ODD, STR("data/./x")},
        {STR("data/"), true, PATH_ODD, STR("data/")},
        {STR("data/a\0b"), true, PATH_ODD, STR("data/a\0b")},
        {STR(""), true, PATH_ODD, STR("")},
    };
    struct arena a = {0};
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        struct str path;
        enum bagit_path kind = bagit_path(&a, guarded(table[i].raw), table[i].percent25, &path);
        if (kind != table[i].kind || !str_eq(path, table[i].path))
            fail_msg("%.*s: %d, %.*s", STR_ARG(table[i].raw), (int)kind, STR_ARG(path));
    }
    arena_free(&a);
}

static void fetch_lines(void **state)
{
    (void)state;
    struct str url, path;
    uint64_t n;
    assert_true(bagit_fetch(guarded(STR("http://x/%20 12 data/a b")), &url, &n, &path));
    assert_true(str_eq(url, STR("http://x/%20")) && n == 12 && str_eq(path, STR("data/a b")));
    assert_true(bagit_fetch(guarded(STR("http://x\t-\tdata/a")), &url, &n, &path));
    assert_true(n == UINT64_MAX);
    assert_false(bagit_fetch(guarded(STR("http://x data/a")), &url, &n, &path));
    assert_false(bagit_fetch(guarded(STR("http://x 1x data/a")), &url, &n, &path));
    assert_false(
        bagit_fetch(guarded(STR("http://x 18446744073709551616 data/a")), &url, &n, &path));
    assert_false(bagit_fetch(guarded(STR("http://x -")), &url, &n, &path));
}

static void labels_versions_sums(void **state)
{
    (void)state;
    struct str label, value;
    bool exact;
    int major, minor;
    uint64_t octets, files;
    assert_true(bagit_label(guarded(STR("A: b: c")), &label, &value, &exact));
    assert_true(exact && str_eq(label, STR("A")) && str_eq(value, STR("b: c")));
    assert_true(bagit_label(guarded(STR("A :  b ")), &label, &value, &exact));
    assert_true(!exact && str_eq(label, STR("A")) && str_eq(value, STR("b")));
    assert_true(bagit_label(guarded(STR("A:")), &label, &value, &exact) && !exact);
    assert_false(bagit_label(guarded(STR(": b")), &label, &value, &exact));
    assert_false(bagit_label(guarded(STR("none")), &label, &value, &exact));
    assert_true(bagit_version(guarded(STR("0.97")), &major, &minor) && major == 0 && minor == 97);
    assert_false(bagit_version(guarded(STR(".97")), &major, &minor));
    assert_false(bagit_version(guarded(STR("1.")), &major, &minor));
    assert_false(bagit_version(guarded(STR("1.0.0")), &major, &minor));
    assert_false(bagit_version(guarded(STR("1.0 ")), &major, &minor));
    assert_true(bagit_oxum(guarded(STR("18446744073709551615.3")), &octets, &files) &&
                octets == UINT64_MAX && files == 3);
    assert_false(bagit_oxum(guarded(STR("18446744073709551616.3")), &octets, &files));
    assert_false(bagit_oxum(guarded(STR("12")), &octets, &files));
}

static void encodings(void **state)
{
    (void)state;
    const struct {
        enum bagit_encoding encoding;
        struct str in, out;
        bool exact;
    } table[] = {
        {ENCODING_UTF8, STR("caf\xC3\xA9"), STR("caf\xC3\xA9"), true},
        {ENCODING_UTF8, STR("caf\xE9"), STR("caf\xE9"), false},
        {ENCODING_ASCII, STR("cafe"), STR("cafe"), true},
        {ENCODING_ASCII, STR("caf\xE9"), STR("caf\xE9"), false},
        {ENCODING_LATIN1, STR("caf\xE9"), STR("caf\xC3\xA9"), true},
        {ENCODING_UTF16, STR("\xFE\xFF\0a\0\xE9"), STR("a\xC3\xA9"), true},
        {ENCODING_UTF16,
         STR("\xFF\xFE"
             "a\0\xE9\0"),
         STR("a\xC3\xA9"), true},
        {ENCODING_UTF16, STR("\0a"), STR("a"), true},
        {ENCODING_UTF16BE, STR("\xD8\x3D\xDE\x02"), STR("\xF0\x9F\x98\x82"), true},
        {ENCODING_UTF16LE, STR("\x3D\xD8"), STR("\xEF\xBF\xBD"), false},
        {ENCODING_UTF16BE, STR("\xDE\x02\0a"),
         STR("\xEF\xBF\xBD"
             "a"),
         false},
        {ENCODING_UTF16LE, STR("a\0b"), STR("a"), false},
    };
    struct arena a = {0};
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        bool exact;
        struct str out = bagit_decode(&a, guarded(table[i].in), table[i].encoding, &exact);
        assert_true(str_eq(out, table[i].out));
        assert_int_equal(exact, table[i].exact);
    }
    enum bagit_encoding e;
    assert_true(bagit_encoding_of(STR("utf-8"), &e) && e == ENCODING_UTF8);
    assert_false(bagit_encoding_of(STR("EBCDIC"), &e));
    arena_free(&a);
}

static void aliases(void **state)
{
    (void)state;
    const struct {
        struct str a, b;
        bool same;
    } table[] = {
        {STR("data/HELLO.txt"), STR("data/hello.TXT"), true},
        {STR("N\xC3\xBA\xC3\xB1"
             "ez"),
         STR("Nu\xCC\x81n\xCC\x83"
             "ez"),
         true},
        {STR("\xC3\x89t\xC3\xA9"), STR("e\xCC\x81t\xC3\xA9"), true}, /* case and composition */
        {STR("N\xC3\xBAnez"), STR("Nunez"), false},
        {STR("a"), STR("ab"), false},
        {STR("a\xFF"), STR("a\xFE"), false},
        {STR("a\xFF"), STR("A\xFF"), true},
        {STR(""), STR(""), true},
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        assert_int_equal(bagit_alias(guarded(table[i].a), guarded(table[i].b)), table[i].same);
        assert_int_equal(bagit_alias(table[i].b, table[i].a), table[i].same);
    }
}

/* FIPS 180-4 and RFC 1321: the digests of "abc". */
static void digests(void **state)
{
    (void)state;
    static const char *const want[DIGEST_COUNT] = {
        [DIGEST_MD5] = "900150983cd24fb0d6963f7d28e17f72",
        [DIGEST_SHA1] = "a9993e364706816aba3e25717850c26c9cd0d89d",
        [DIGEST_SHA224] = "23097d223405d8228642a477bda255b32aadbce4bda0b3f7e36c9da7",
        [DIGEST_SHA256] = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        [DIGEST_SHA384] = "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed"
                          "8086072ba1e7cc2358baeca134c825a7",
        [DIGEST_SHA512] = "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
                          "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
    };
    for (int k = 0; k < DIGEST_COUNT; k++) {
        uint8_t bytes[DIGEST_BYTES_MAX];
        struct digest_stream *d = digest_open((enum digest_kind)k);
        if (d == NULL)
            continue; /* not offered here */
        digest_add(d, "a", 1);
        digest_add(d, "bc", 2);
        size_t n = digest_close(d, bytes);
        assert_int_equal(n, digest_table[k].bytes);
        struct out o = out_memory();
        struct jw w = jw_open(&o, false);
        jw_hex(&w, NULL, bytes, n);
        struct str hex = out_slice(&o);
        assert_true(str_eq(str_sub(hex, 1, hex.n - 1), str_of(want[k])));
        out_close(&o);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_end_in_three_ways),
        cmocka_unit_test(entries),
        cmocka_unit_test(paths),
        cmocka_unit_test(fetch_lines),
        cmocka_unit_test(labels_versions_sums),
        cmocka_unit_test(encodings),
        cmocka_unit_test(aliases), cmocka_unit_test(digests),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
