/* test_base_hash.c: SHA-256 against FIPS 180 vectors, and what table hashes must keep. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "analyzer/base/hash.h"
#include "tests/unit/guard.h"

static const struct {
    const char *text;
    const char *hex;
} vectors[] = {
    {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
    {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
    {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
     "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
};

static void assert_hex(struct sha256 h, const char *want)
{
    char hex[65];
    sha256_hex(&h, hex);
    assert_string_equal(hex, want);
}

static void known_answers(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++) {
        struct str s = guarded(str_of(vectors[i].text));
        assert_hex(sha256_of(s), vectors[i].hex);
        struct sha256_stream *stream = sha256_open();
        for (ptrdiff_t k = 0; k < s.n; k++)
            sha256_add(stream, s.p + k, 1);
        assert_hex(sha256_so_far(stream), vectors[i].hex);
        sha256_add(stream, NULL, 0);
        assert_hex(sha256_close(stream), vectors[i].hex);
    }
    assert_hex(sha256_of(STR_NONE), vectors[0].hex);
}

static void so_far_changes_nothing(void **state)
{
    (void)state;
    struct sha256_stream *stream = sha256_open();
    sha256_add(stream, "a", 1);
    sha256_so_far(stream);
    sha256_add(stream, "bc", 2);
    assert_hex(sha256_close(stream), vectors[1].hex);
}

static void hex_is_read_back(void **state)
{
    (void)state;
    struct sha256 h, untouched = {{7}};
    assert_true(sha256_parse(guarded(str_of(vectors[1].hex)), &h));
    assert_hex(h, vectors[1].hex);
    char bad[66];
    memcpy(bad, vectors[1].hex, 65);
    assert_false(sha256_parse((struct str){bad, 63}, &untouched));
    assert_false(sha256_parse((struct str){bad, 65}, &untouched));
    bad[63] = 'g';
    assert_false(sha256_parse((struct str){bad, 64}, &untouched));
    assert_int_equal(untouched.b[0], 7);
}

static void table_hashes(void **state)
{
    (void)state;
    static const char text[] = "203.0.113.7 Mozilla/5.0 (X11; Linux x86_64) and so on and so forth";
    uint64_t seen[sizeof text];
    for (size_t n = 0; n < sizeof text; n++) {
        struct str s = guarded((struct str){text, (ptrdiff_t)n});
        seen[n] = hash_bytes(s.p, n);
        assert_true(seen[n] == hash_bytes(text, n)); /* the place in memory plays no part */
        for (size_t k = 0; k < n; k++)
            assert_true(seen[k] != seen[n]);
    }
    uint64_t a = hash_bytes_seed("b", 1, hash_bytes("a", 1));
    uint64_t b = hash_bytes_seed("a", 1, hash_bytes("b", 1));
    assert_true(a != b);
    assert_true(a == hash_bytes_seed("b", 1, hash_bytes("a", 1)));
    assert_true(hash_bytes_seed("x", 1, 1) != hash_bytes_seed("x", 1, 2));
}

static int start(void **state)
{
    (void)state;
    hash_init();
    uint64_t first = hash_bytes("k", 1);
    hash_init(); /* a second call keeps the secret */
    return first == hash_bytes("k", 1) ? 0 : -1;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_answers),
        cmocka_unit_test(so_far_changes_nothing),
        cmocka_unit_test(hex_is_read_back),
        cmocka_unit_test(table_hashes),
    };
    return cmocka_run_group_tests(tests, start, NULL);
}
