/* What a finding cites: order, limits, and the way from a statement to a record number. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "reports/facts.h"
#include "tests/unit/reports_fixture.h"

static void cites_every_act_once_in_order(void **state)
{
    (void)state;
    struct fixture *x = fixture_new();
    assert_int_equal(x->in.cited_count, FIXTURE_LINES);
    for (size_t i = 0; i < x->in.cited_count; i++) {
        const struct cited *c = &x->cited[i];
        assert_int_equal(c->source, i / 8);
        assert_int_equal(c->offset, x->acts[i].offset);
        assert_int_equal(c->length, x->acts[i].length);
        assert_int_equal(c->record, i % 8 + 1);
        assert_int_equal(facts_find(x->cited, x->in.cited_count, c->source, c->offset), i);
    }
    assert_true(facts_find(x->cited, x->in.cited_count, 0, 1) == SIZE_MAX);
    assert_true(facts_find(x->cited, x->in.cited_count, 9, 0) == SIZE_MAX);
    assert_true(facts_find(NULL, 0, 0, 0) == SIZE_MAX);
    fixture_free(x);
}

static void shared_records_are_cited_once(void **state)
{
    (void)state;
    struct fixture *x = fixture_new();
    struct cited *cited;
    x->sessions[2].acts = x->acts + 4; /* as if two clusters rested on the same lines */
    assert_int_equal(bundle_cited(&x->arena, &x->findings, &x->settings.limits, &cited), 8);
    fixture_free(x);
}

/* Acts 1 and 3 of sessions 0 and 1 are named by reasons: they come before all others. */
static void reasons_keep_their_records_at_the_limit(void **state)
{
    static const struct {
        int64_t limit;
        size_t count;
        bool truncated;
        uint64_t first, last; /* record numbers */
    } cases[] = {
        {100, 8, false, 1, 8}, {8, 8, false, 1, 8}, {5, 5, true, 1, 8},
        {4, 4, true, 2, 8},    {1, 1, true, 2, 2},  {0, 0, true, 0, 0},
    };
    (void)state;
    struct fixture *x = fixture_new();
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct limits l = x->settings.limits;
        l.v[LIMIT_finding_records_max] = cases[i].limit;
        struct own_records own = facts_records(&x->arena, &x->findings, &x->clusters[0], &l);
        assert_int_equal(own.count, cases[i].count);
        assert_int_equal(own.truncated, cases[i].truncated);
        if (own.count > 0) {
            assert_int_equal(own.items[0].record, cases[i].first);
            assert_int_equal(own.items[own.count - 1].record, cases[i].last);
        }
    }
    fixture_free(x);
}

static void sessions_are_bounded(void **state)
{
    (void)state;
    struct fixture *x = fixture_new();
    struct limits l = x->settings.limits;
    l.v[LIMIT_cluster_sessions_max] = 1;
    x->clusters[0].reasons_count = 0;
    struct own_records own = facts_records(&x->arena, &x->findings, &x->clusters[0], &l);
    assert_int_equal(own.sessions, 1);
    assert_int_equal(own.count, 4);
    assert_true(own.truncated);
    fixture_free(x);
}

static void nothing_found_cites_nothing(void **state)
{
    (void)state;
    struct fixture *x = fixture_new();
    struct cited *cited = NULL;
    x->findings.clusters_count = 0;
    assert_int_equal(bundle_cited(&x->arena, &x->findings, &x->settings.limits, &cited), 0);
    assert_non_null(cited);
    fixture_free(x);
}

static void counts_the_cluster(void **state)
{
    (void)state;
    struct fixture *x = fixture_new();
    x->identities[1].canonical = STR("b@example.org");
    x->sessions[1].clients[x->sessions[1].clients_count++] =
        x->sessions[0].client; /* the same twice */
    const struct cluster_facts f = facts_of(&x->arena, &x->findings, &x->clusters[0]);
    assert_int_equal(f.sessions, 2);
    assert_int_equal(f.bookings, 3);
    assert_int_equal(f.requests, 8);
    assert_int_equal(f.addresses, 2);
    assert_int_equal(f.identities[IDENTITY_EMAIL], 2);
    assert_int_equal(f.identities[IDENTITY_NAME], 0);
    assert_true(f.first_us == FIXTURE_T0 && f.last_us == FIXTURE_T0 + 7000000);
    assert_null(facts_session(&x->findings, 1));
    assert_ptr_equal(facts_session(&x->findings, 6), &x->sessions[2]);
    fixture_free(x);
}

int main(void)
{
    hash_init();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cites_every_act_once_in_order),
        cmocka_unit_test(shared_records_are_cited_once),
        cmocka_unit_test(reasons_keep_their_records_at_the_limit),
        cmocka_unit_test(sessions_are_bounded),
        cmocka_unit_test(nothing_found_cites_nothing),
        cmocka_unit_test(counts_the_cluster),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
