/* test_base_mem.c: allocation, arenas, and the fault counter. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdlib.h>

#include "analyzer/base/fault.h"
#include "analyzer/base/mem.h"

#if defined(__SANITIZE_ADDRESS__)
#define WITH_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define WITH_ASAN 1
#endif
#endif
#ifdef WITH_ASAN
#include <sanitizer/asan_interface.h>
#endif

static jmp_buf exhausted;

static void on_exhausted(void)
{
    longjmp(exhausted, 1);
}

static void fault_from_env(const char *name, const char *value)
{
    if (value != NULL)
        setenv(name, value, 1);
    else
        unsetenv(name);
    fault_init();
}

static void allocations_are_zeroed(void **state)
{
    (void)state;
    static const char zero[1000];
    char *p = mem_alloc(sizeof zero);
    assert_memory_equal(p, zero, sizeof zero);
    p = mem_grow(p, 2000);
    assert_memory_equal(p, zero, sizeof zero);
    mem_free(p);
    p = mem_alloc(0);
    assert_non_null(p);
    mem_free(p);
    mem_free(NULL);
}

static void nth_allocation_fails(void **state)
{
    (void)state;
    volatile int done = 0;
    void *volatile kept[3] = {NULL, NULL, NULL};
    mem_on_exhausted(on_exhausted);
    fault_from_env("VIGIE_FAULT_ALLOC", "3");
    if (setjmp(exhausted) == 0)
        for (int i = 0; i < 5; i++) {
            kept[i] = i % 2 == 0 ? mem_alloc(8) : mem_grow(NULL, 8);
            done = done + 1;
        }
    fault_from_env("VIGIE_FAULT_ALLOC", NULL);
    assert_int_equal(done, 2);
    mem_free(kept[0]);
    mem_free(kept[1]);
    assert_false(fault_alloc());
    mem_on_exhausted(NULL);
}

static void later_writes_fail_too(void **state)
{
    (void)state;
    fault_from_env("VIGIE_FAULT_WRITE", "2");
    assert_false(fault_write());
    assert_true(fault_write());
    assert_true(fault_write());
    assert_false(fault_alloc());
    fault_from_env("VIGIE_FAULT_WRITE", NULL);
    assert_false(fault_write());
    fault_from_env("VIGIE_FAULT_WRITE", "many"); /* not a number: off */
    assert_false(fault_write());
    fault_from_env("VIGIE_FAULT_WRITE", NULL);
}

static void arena_aligns_and_zeroes(void **state)
{
    (void)state;
    struct arena a = {.chunk_len = 256};
    for (int round = 0; round < 3; round++) {
        for (size_t n = 0; n < 600; n += 7)
            for (size_t align = 1; align <= 64; align *= 2) {
                unsigned char *p = arena_alloc(&a, n, align);
                assert_non_null(p);
                assert_int_equal((uintptr_t)p % align, 0);
                for (size_t i = 0; i < n; i++)
                    assert_int_equal(p[i], 0);
                memset(p, 0xA5, n);
            }
        arena_rewind(&a);
    }
    arena_free(&a);
    assert_int_equal(a.total, 0);
    assert_null(a.first);
}

static void rewound_chunks_are_used_again(void **state)
{
    (void)state;
    struct arena a = {.chunk_len = 1024};
    static const size_t sizes[] = {10, 5000, 900, 40, 300, 20000, 7, 1000, 64};
    size_t held = 0;
    for (int round = 0; round < 50; round++) {
        for (size_t i = 0; i < 60; i++) /* another order every round */
            arena_alloc(&a, sizes[(i * 7 + (size_t)round) % 9], 8);
        if (round == 10)
            held = a.total;
        arena_rewind(&a);
    }
    assert_true(a.total <= held + held / 2);
    arena_free(&a);
}

static void text_is_copied(void **state)
{
    (void)state;
    struct arena a = {0};
    char text[] = "abc";
    struct str copy = arena_str(&a, (struct str){text, 3});
    text[0] = 'X';
    assert_true(str_eq(copy, STR("abc")));
    assert_null(arena_str(&a, STR_NONE).p);
    struct str empty = arena_str(&a, (struct str){text, 0});
    assert_non_null(empty.p);
    assert_int_equal(empty.n, 0);
    assert_string_equal(arena_cstr(&a, (struct str){"abcdef", 3}), "abc");
    assert_string_equal(arena_cstr(&a, STR_NONE), "");
    struct str said = arena_printf(&a, "%d-%s-%0200d", 7, "x", 1);
    assert_int_equal(said.n, 204);
    assert_true(str_starts(said, STR("7-x-000")));
    assert_int_equal(arena_printf(&a, "%s", "").n, 0);
    arena_free(&a);
}

static void slices_die_with_their_lifetime(void **state)
{
    (void)state;
#ifdef WITH_ASAN
    struct arena a = {0};
    struct str s = arena_str(&a, STR("one record"));
    struct str t = arena_str(&a, STR("another"));
    assert_false(__asan_address_is_poisoned(s.p));
    assert_false(__asan_address_is_poisoned(s.p + s.n - 1));
    assert_true(__asan_address_is_poisoned(s.p + s.n + 6)); /* the gap up to the next */
    arena_rewind(&a);
    assert_true(__asan_address_is_poisoned(s.p));
    assert_true(__asan_address_is_poisoned(t.p));
    arena_free(&a);
#else
    skip();
#endif
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(allocations_are_zeroed),
        cmocka_unit_test(nth_allocation_fails),
        cmocka_unit_test(later_writes_fail_too),
        cmocka_unit_test(arena_aligns_and_zeroes),
        cmocka_unit_test(rewound_chunks_are_used_again),
        cmocka_unit_test(text_is_copied),
        cmocka_unit_test(slices_die_with_their_lifetime),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
