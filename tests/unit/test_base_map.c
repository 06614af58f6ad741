/* test_base_map.c: the index against a plain array, under collisions and removals. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "analyzer/base/map.h"

enum { KEYS = 5000 };

static bool same(const void *items, uint32_t item, const void *key)
{
    return ((const uint64_t *)items)[item] == *(const uint64_t *)key;
}

/* mask 0 puts every key into one bucket with one hash. */
static void against_an_array(uint64_t mask, uint32_t keys)
{
    static uint64_t items[KEYS];
    static bool in[KEYS];
    struct map m = {0};
    uint64_t random = 12345, live = 0;
    memset(in, 0, sizeof in);
    for (uint32_t i = 0; i < keys; i++)
        items[i] = i * UINT64_C(0x9E3779B97F4A7C15);
    for (uint32_t step = 0; step < 20 * keys; step++) {
        random = random * UINT64_C(6364136223846793005) + 1442695040888963407u;
        uint32_t k = (uint32_t)(random >> 33) % keys;
        uint64_t hash = items[k] & mask;
        assert_int_equal(map_find(&m, hash, same, items, &items[k]), in[k] ? k : MAP_NONE);
        if (in[k])
            assert_true(map_remove(&m, hash, k));
        else
            map_put(&m, hash, k);
        assert_true(in[k] || !map_remove(&m, hash ^ 1, k));
        live += in[k] ? (uint64_t)-1 : 1;
        in[k] = !in[k];
        assert_true(m.count == live && m.full >= m.count && m.full <= m.mask);
    }
    for (uint32_t k = 0; k < keys; k++)
        assert_int_equal(map_find(&m, items[k] & mask, same, items, &items[k]), in[k] ? k : MAP_NONE);
    map_free(&m);
    assert_null(m.slots);
}

static void spread_keys(void **state)
{
    (void)state;
    against_an_array(~UINT64_C(0), KEYS);
}

static void few_buckets(void **state)
{
    (void)state;
    against_an_array(7, 300);
}

static void one_bucket(void **state)
{
    (void)state;
    against_an_array(0, 100);
}

static void empty_map(void **state)
{
    (void)state;
    struct map m = {0};
    uint64_t key = 1;
    map_prefetch(&m, 1);
    assert_int_equal(map_find(&m, 1, same, &key, &key), MAP_NONE);
    assert_false(map_remove(&m, 1, 0));
    map_free(&m);
}

/* Sessions come and go by the million: removed slots must not make the table grow. */
static void churn_stays_small(void **state)
{
    (void)state;
    struct map m = {0};
    for (uint32_t i = 0; i < 200000; i++) {
        uint64_t hash = i * UINT64_C(0x9E3779B97F4A7C15);
        map_put(&m, hash, i);
        if (i >= 20)
            assert_true(map_remove(&m, (i - 20) * UINT64_C(0x9E3779B97F4A7C15), i - 20));
    }
    assert_int_equal(m.count, 20);
    assert_int_equal(m.mask, 63);
    map_free(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(spread_keys), cmocka_unit_test(few_buckets), cmocka_unit_test(one_bucket),
        cmocka_unit_test(empty_map),   cmocka_unit_test(churn_stays_small),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
