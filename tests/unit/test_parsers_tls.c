/* test_parsers_tls.c: ClientHellos, their fingerprints, and what must not be taken for one. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "tests/unit/guard.h"
#include "tests/unit/hello_fixture.h"
#include "parsers/net/tls.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

static struct arena arena;
static struct bytes message;

static struct str hello_bytes(const struct hello *h, size_t record)
{
    message.n = 0;
    put_hello(&message, h);
    return guarded(in_records(&arena, &message, record));
}

static void assert_text(struct str got, const char *wanted)
{
    assert_int_equal(got.n, strlen(wanted));
    assert_memory_equal(got.p, wanted, strlen(wanted));
}

/* ---- the vectors ---- */

static const uint16_t old_ciphers[] = {47, 53, 5, 10, 49161, 49162, 49171, 49172, 50, 56, 19, 4};
static const struct extension old_extensions[] = {
    {0x0000, STR_INIT("\x00\x0e\x00\x00\x0b" "example.org")},
    {0x000a, STR_INIT("\x00\x06\x00\x17\x00\x18\x00\x19")},
    {0x000b, STR_INIT("\x01\x00")},
};
static const struct hello old = {0x0301, old_ciphers, COUNT(old_ciphers), old_extensions, COUNT(old_extensions), false};

static const uint16_t bare_ciphers[] = {4, 5, 10, 9, 100, 98, 3, 6, 19, 18, 99};
static const struct hello bare = {0x0301, bare_ciphers, COUNT(bare_ciphers), NULL, 0, true};

/* GREASE in every list; the lists in no order. */
static const uint16_t chrome_ciphers[] = {0x4a4a, 0x1301, 0x1302, 0x1303, 0xc02b, 0xc02f, 0xc02c, 0xc030,
                                          0xcca9, 0xcca8, 0xc013, 0xc014, 0x009c, 0x009d, 0x002f, 0x0035};
static const struct extension chrome_extensions[] = {
    {0x2a2a, STR_INIT("")},
    {0x0012, STR_INIT("")},
    {0x4469, STR_INIT("\x00\x03\x02h2")},
    {0x000d, STR_INIT("\x00\x12\x1a\x1a\x04\x03\x08\x04\x04\x01\x05\x03\x08\x05\x05\x01\x08\x06\x06\x01")},
    {0x0000, STR_INIT("\x00\x0e\x00\x00\x0b" "example.org")},
    {0x002b, STR_INIT("\x06\xfa\xfa\x03\x04\x03\x03")},
    {0x0010, STR_INIT("\x00\x0c\x02h2\x08http/1.1")},
    {0x0005, STR_INIT("\x01\x00\x00\x00\x00")},
    {0x000a, STR_INIT("\x00\x08\x9a\x9a\x00\x1d\x00\x17\x00\x18")},
    {0x000b, STR_INIT("\x01\x00")},
    {0x0015, STR_INIT("\x00\x00")},
    {0x0017, STR_INIT("")},
    {0x001b, STR_INIT("\x02\x00\x02")},
    {0x0023, STR_INIT("")},
    {0x002d, STR_INIT("\x01\x01")},
    {0x0033, STR_INIT("\x00\x00")},
    {0xff01, STR_INIT("\x00")},
    {0x6a6a, STR_INIT("\x00")},
};
static const struct hello chrome = {0x0303, chrome_ciphers, COUNT(chrome_ciphers), chrome_extensions,
                                    COUNT(chrome_extensions), false};

static const struct {
    const struct hello *hello;
    const char *ja3_raw, *ja3, *ja4_raw, *ja4;
} vectors[] = {
    {&old, "769,47-53-5-10-49161-49162-49171-49172-50-56-19-4,0-10-11,23-24-25,0",
     "ada70206e40642a3e4461f35503241d5",
     "t10d120300_0004,0005,000a,0013,002f,0032,0035,0038,c009,c00a,c013,c014_000a,000b", NULL},
    {&bare, "769,4-5-10-9-100-98-3-6-19-18-99,,,", "de350869b8c85de67a350c8d186f11e6",
     "t10i110000_0003,0004,0005,0006,0009,000a,0012,0013,0062,0063,0064_", NULL},
    {&chrome,
     "771,4865-4866-4867-49195-49199-49196-49200-52393-52392-49171-49172-156-157-47-53,"
     "18-17513-13-0-43-16-5-10-11-21-23-27-35-45-51-65281,29-23-24,0",
     NULL,
     "t13d1516h2_002f,0035,009c,009d,1301,1302,1303,c013,c014,c02b,c02c,c02f,c030,cca8,cca9_"
     "0005,000a,000b,000d,0012,0015,0017,001b,0023,002b,002d,0033,4469,ff01_"
     "0403,0804,0401,0503,0805,0501,0806,0601",
     "t13d1516h2_8daaf6152771_e5627efa2ab1"},
};

static void vectors_agree(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(vectors); i++) {
        struct client_hello h;
        assert_int_equal(tls_client_hello(&arena, hello_bytes(vectors[i].hello, 16384), &h), STATUS_OK);
        assert_text(h.ja3_raw, vectors[i].ja3_raw);
        assert_text(h.ja4_raw, vectors[i].ja4_raw);
        if (vectors[i].ja3 != NULL)
            assert_string_equal(h.ja3, vectors[i].ja3);
        if (vectors[i].ja4 != NULL)
            assert_string_equal(h.ja4, vectors[i].ja4);
        assert_int_equal(strlen(h.ja4), 36);
    }
}

static void empty_lists_have_zero_hashes(void **state)
{
    (void)state;
    struct client_hello h;
    static const struct hello nothing = {0x0303, NULL, 0, NULL, 0, false};
    static const uint16_t grease[] = {0x0a0a, 0xfafa};
    static const struct extension only_sni[] = {{0x0000, STR_INIT("\x00\x04\x00\x00\x01" "a")}, {0x3a3a, STR_INIT("")}};
    static const struct hello greased = {0x0303, grease, 2, only_sni, 2, false};
    assert_int_equal(tls_client_hello(&arena, hello_bytes(&nothing, 100), &h), STATUS_OK);
    assert_string_equal(h.ja4, "t12i000000_000000000000_000000000000");
    assert_text(h.ja3_raw, "771,,,,");
    assert_int_equal(tls_client_hello(&arena, hello_bytes(&greased, 100), &h), STATUS_OK);
    assert_string_equal(h.ja4, "t12d000100_000000000000_000000000000");
    assert_int_equal(tls_client_hello(&arena, hello_bytes(&bare, 100), &h), STATUS_OK);
    assert_string_equal(h.ja4 + 23, "_000000000000");
}

static void hash_of_extensions_without_algorithms(void **state)
{
    (void)state;
    struct extension list[COUNT(chrome_extensions)];
    struct client_hello h;
    memcpy(list, chrome_extensions, sizeof list);
    list[3].body = STR("\x00\x00"); /* the extension is there, its list is empty */
    struct hello silent = chrome;
    silent.extensions = list;
    assert_int_equal(tls_client_hello(&arena, hello_bytes(&silent, 16384), &h), STATUS_OK);
    assert_string_equal(h.ja4, "t13d1516h2_8daaf6152771_6d807ffa2a79");
}

static void extensions_of_the_chrome_hello(void **state)
{
    (void)state;
    struct client_hello h;
    assert_int_equal(tls_client_hello(&arena, hello_bytes(&chrome, 16384), &h), STATUS_OK);
    assert_text(h.sni, "example.org");
    assert_int_equal(h.alpn_count, 2);
    assert_text(h.alpn[0], "h2");
    assert_text(h.alpn[1], "http/1.1");
    assert_int_equal(h.legacy_version, 0x0303);
    assert_int_equal(h.versions_count, 3);
    assert_int_equal(h.versions[0], 0xfafa);
    assert_int_equal(h.versions[1], 0x0304);
}

static const struct {
    struct str alpn; /* the extension's body */
    const char *shown;
} alpns[] = {
    {STR_INIT("\x00\x09\x08http/1.1"), "h1"},
    {STR_INIT("\x00\x03\x02h2"), "h2"},
    {STR_INIT("\x00\x02\x01" "x"), "xx"},
    {STR_INIT("\x00\x02\x01\xab"), "ab"},
    {STR_INIT("\x00\x03\x02\xab\xcd"), "ad"},
    {STR_INIT("\x00\x03\x02\x30\xab"), "3b"},
    {STR_INIT("\x00\x05\x04\x30\x31\xab\xcd"), "3d"},
    {STR_INIT("\x00\x05\x04\xba\x31\x32\x33"), "b3"},
    {STR_INIT("\x00\x01\x00"), "00"},        /* an empty name */
    {STR_INIT("\x00\x00"), "00"},            /* no names */
    {STR_INIT(""), "00"},                    /* not even a list */
    {STR_INIT("\x00\x09\x20http/1.1"), "00"}, /* the name is longer than the list */
    {STR_INIT("\x00\x03\x02h\x00"), "60"},
    {STR_INIT("\x00\x03\x02-2"), "22"},      /* 0x2d 0x32 */
};

static void first_protocol_in_ja4(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(alpns); i++) {
        const struct extension list[] = {{0x0010, alpns[i].alpn}};
        const struct hello one = {0x0303, bare_ciphers, 1, list, 1, false};
        struct client_hello h;
        assert_int_equal(tls_client_hello(&arena, hello_bytes(&one, 16384), &h), STATUS_OK);
        assert_memory_equal(h.ja4 + 8, alpns[i].shown, 2);
    }
}

static void every_byte_in_a_protocol_name(void **state)
{
    (void)state;
    for (int byte = 0; byte < 256; byte++) {
        char body[] = {0, 2, 1, (char)byte};
        const struct extension list[] = {{0x0010, {body, sizeof body}}};
        const struct hello one = {0x0303, bare_ciphers, 1, list, 1, false};
        struct client_hello h;
        assert_int_equal(tls_client_hello(&arena, hello_bytes(&one, 16384), &h), STATUS_OK);
        assert_true((h.ja4[8] >= '0' && h.ja4[8] <= 'z') && (h.ja4[9] >= '0' && h.ja4[9] <= 'z'));
    }
}

static const struct {
    uint16_t legacy;
    struct str offered; /* body of supported_versions; missing: no extension */
    const char *shown;
} versions[] = {
    {0x0303, STR_INIT("\x04\x03\x04\x03\x03"), "13"},
    {0x0303, STR_INIT("\x02\x03\x02"), "11"},
    {0x0304, {NULL, 0}, "13"},
    {0x0302, {NULL, 0}, "11"},
    {0x0300, {NULL, 0}, "s3"},
    {0x0002, {NULL, 0}, "s2"},
    {0xfeff, {NULL, 0}, "d1"},
    {0x0505, {NULL, 0}, "00"},
    {0x0303, STR_INIT("\x02\x0a\x0a"), "12"},     /* GREASE only */
    {0x0303, STR_INIT("\x00"), "12"},             /* an empty list */
    {0x0303, STR_INIT("\x02\x7f\x1c"), "00"},     /* a draft */
};

static void version_in_ja4(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(versions); i++) {
        const struct extension list[] = {{0x002b, versions[i].offered}};
        const struct hello one = {versions[i].legacy, bare_ciphers, 1, list, versions[i].offered.p != NULL, false};
        struct client_hello h;
        assert_int_equal(tls_client_hello(&arena, hello_bytes(&one, 16384), &h), STATUS_OK);
        assert_memory_equal(h.ja4 + 1, versions[i].shown, 2);
    }
}

/* ---- server names ---- */

static const struct {
    struct str body;
    const char *name;
} names[] = {
    {STR_INIT("\x00\x04\x00\x00\x01" "a"), "a"},
    {STR_INIT(""), ""},
    {STR_INIT("\x00\x00"), ""},
    {STR_INIT("\x00\x04\x01\x00\x01" "a"), ""},     /* not a host name */
    {STR_INIT("\x00\x04\x00\x00\x09" "a"), ""},     /* longer than the list */
    {STR_INIT("\x00\xff\x00\x00\x01" "a"), ""},     /* a list longer than the extension */
};

static void server_names(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(names); i++) {
        const struct extension list[] = {{0x0000, names[i].body}};
        const struct hello one = {0x0303, bare_ciphers, 1, list, 1, false};
        struct client_hello h;
        assert_int_equal(tls_client_hello(&arena, hello_bytes(&one, 16384), &h), STATUS_OK);
        assert_text(h.sni, names[i].name);
        assert_int_equal(h.ja4[3], 'd');
    }
}

static void a_name_with_nul_and_one_of_64_kib(void **state)
{
    (void)state;
    static char body[65000];
    struct client_hello h;
    const struct extension list[] = {{0x0000, {body, sizeof body}}};
    const struct hello one = {0x0303, bare_ciphers, 1, list, 1, false};
    body[0] = (char)((sizeof body - 2) >> 8);
    body[1] = (char)((sizeof body - 2) & 0xff);
    body[3] = (char)((sizeof body - 5) >> 8);
    body[4] = (char)((sizeof body - 5) & 0xff);
    assert_int_equal(tls_client_hello(&arena, hello_bytes(&one, 16384), &h), STATUS_OK);
    assert_int_equal(h.sni.n, sizeof body - 5);
    assert_int_equal(h.sni.p[7], 0);
}

/* ---- pieces ---- */

static void any_record_size_gives_the_same(void **state)
{
    (void)state;
    for (size_t size = 1; size < 600; size += size < 16 ? 1 : 37) {
        struct client_hello h;
        assert_int_equal(tls_client_hello(&arena, hello_bytes(&chrome, size), &h), STATUS_OK);
        assert_string_equal(h.ja4, "t13d1516h2_8daaf6152771_e5627efa2ab1");
    }
}

static void every_truncation_waits(void **state)
{
    (void)state;
    struct str whole = hello_bytes(&chrome, 50);
    for (ptrdiff_t n = 0; n < whole.n; n++) {
        struct client_hello h;
        struct str cut = guarded(str_sub(whole, 0, n));
        assert_int_equal(tls_client_hello(&arena, cut, &h), STATUS_MORE);
        assert_true(n < 3 || tls_recognises(cut));
    }
}

static void byte_by_byte_with_a_second_hello(void **state)
{
    (void)state;
    struct hello_reader r = {.left = 0};
    struct client_hello h;
    int hellos = 0;
    struct str first = hello_bytes(&chrome, 7), second = hello_bytes(&old, 300);
    const struct str stream[] = {first, STR("\x14\x03\x03\x00\x01\x01"), second};
    for (size_t k = 0; k < COUNT(stream); k++)
        for (ptrdiff_t i = 0; i < stream[k].n; i++) {
            struct str one = str_sub(stream[k], i, i + 1);
            enum status st = hello_read(&r, &arena, &one, &h);
            assert_int_equal(one.n, 0);
            assert_int_not_equal(st, STATUS_SKIP);
            hellos += st == STATUS_OK;
        }
    assert_int_equal(hellos, 2);
    assert_string_equal(h.ja3, "ada70206e40642a3e4461f35503241d5");
    struct str data = STR("\x17\x03\x03\x00\x02xx");
    assert_int_equal(hello_read(&r, &arena, &data, &h), STATUS_SKIP);
    hello_reader_free(&r);
}

static void records_of_no_length_do_not_stop_it(void **state)
{
    (void)state;
    char many[5000];
    struct client_hello h;
    for (size_t i = 0; i < sizeof many; i += 5)
        memcpy(many + i, "\x16\x03\x01\x00\x00", 5);
    assert_int_equal(tls_client_hello(&arena, (struct str){many, sizeof many}, &h), STATUS_MORE);
}

/* ---- what is none ---- */

static const struct {
    const char *why;
    struct str bytes;
} not_hellos[] = {
    {"HTTP", STR_INIT("GET / HTTP/1.1\r\n")},
    {"an alert", STR_INIT("\x15\x03\x01\x00\x02\x02\x28")},
    {"application data", STR_INIT("\x17\x03\x03\x00\x02zz")},
    {"a server's hello", STR_INIT("\x16\x03\x03\x00\x04\x02\x00\x00\x00")},
    {"not version 3", STR_INIT("\x16\x02\x00\x00\x04\x01\x00\x00\x00")},
    {"a record of 64 KiB", STR_INIT("\x16\x03\x01\xff\xff\x01\x00\x00\x00")},
    {"a message of 16 MiB", STR_INIT("\x16\x03\x01\x40\x00\x01\xff\xff\xff")},
    {"an empty message", STR_INIT("\x16\x03\x01\x00\x04\x01\x00\x00\x00")},
    {"SSL 2", STR_INIT("\x80\x2e\x01\x00\x02\x00\x15\x00\x00\x00\x10")},
};

static void others_are_not_taken_for_it(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(not_hellos); i++) {
        struct client_hello h;
        if (tls_client_hello(&arena, guarded(not_hellos[i].bytes), &h) != STATUS_SKIP)
            fail_msg("taken for a ClientHello: %s", not_hellos[i].why);
    }
}

/* A length that lies anywhere in the frame makes it no hello; nothing is read past the end. */
static void lying_lengths(void **state)
{
    (void)state;
    struct client_hello h;
    struct str whole = hello_bytes(&chrome, 16384);
    char copy[1024];
    assert_true(whole.n < (ptrdiff_t)sizeof copy);
    for (ptrdiff_t i = 3; i < whole.n; i++)
        for (int bit = 0; bit < 8; bit++) {
            memcpy(copy, whole.p, (size_t)whole.n);
            copy[i] = (char)(copy[i] ^ 1 << bit);
            tls_client_hello(&arena, guarded((struct str){copy, whole.n}), &h);
        }
    memcpy(copy, whole.p, (size_t)whole.n);
    copy[5 + 4 + 34] = 33; /* a session id longer than one may be */
    assert_int_equal(tls_client_hello(&arena, guarded((struct str){copy, whole.n}), &h), STATUS_SKIP);
}

static void a_last_extension_past_the_end(void **state)
{
    (void)state;
    struct client_hello h;
    message.n = 0;
    put_hello(&message, &old);
    message.p[message.n - 3] = 9; /* point formats: 2 bytes, says 9 */
    assert_int_equal(tls_client_hello(&arena, guarded(in_records(&arena, &message, 16384)), &h), STATUS_SKIP);
}

static void counts_stop_at_99(void **state)
{
    (void)state;
    static uint16_t many[30000];
    struct client_hello h;
    for (size_t i = 0; i < COUNT(many); i++)
        many[i] = (uint16_t)(i * 2 + 1);
    const struct hello huge = {0x0303, many, COUNT(many), NULL, 0, true};
    assert_int_equal(tls_client_hello(&arena, hello_bytes(&huge, 1000), &h), STATUS_OK);
    assert_memory_equal(h.ja4, "t12i990000_", 11);
}

static int tear_down(void **state)
{
    (void)state;
    arena_free(&arena);
    arena = (struct arena){0};
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(vectors_agree, tear_down),
        cmocka_unit_test_teardown(empty_lists_have_zero_hashes, tear_down),
        cmocka_unit_test_teardown(hash_of_extensions_without_algorithms, tear_down),
        cmocka_unit_test_teardown(extensions_of_the_chrome_hello, tear_down),
        cmocka_unit_test_teardown(first_protocol_in_ja4, tear_down),
        cmocka_unit_test_teardown(every_byte_in_a_protocol_name, tear_down),
        cmocka_unit_test_teardown(version_in_ja4, tear_down),
        cmocka_unit_test_teardown(server_names, tear_down),
        cmocka_unit_test_teardown(a_name_with_nul_and_one_of_64_kib, tear_down),
        cmocka_unit_test_teardown(any_record_size_gives_the_same, tear_down),
        cmocka_unit_test_teardown(every_truncation_waits, tear_down),
        cmocka_unit_test_teardown(byte_by_byte_with_a_second_hello, tear_down),
        cmocka_unit_test_teardown(records_of_no_length_do_not_stop_it, tear_down),
        cmocka_unit_test_teardown(others_are_not_taken_for_it, tear_down),
        cmocka_unit_test_teardown(lying_lengths, tear_down),
        cmocka_unit_test_teardown(a_last_extension_past_the_end, tear_down),
        cmocka_unit_test_teardown(counts_stop_at_99, tear_down),
    };
    return cmocka_run_group_tests_name("parsers_tls", tests, NULL, NULL);
}
