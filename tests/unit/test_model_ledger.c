/* test_model_ledger.c: every line is accounted for, and the ledger as a document. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "analyzer/model/event.h"
#include "analyzer/model/ledger.h"
#include "analyzer/model/settings.h"
#include "tests/unit/guard.h"

static void a_source_filled(struct ledger_source *s)
{
    s->physical = 10;
    s->parsed = 6;
    s->excluded = 1;
    s->already_seen = 1;
    s->bytes = 1000;
    s->parsed_bytes = 700;
    s->rejected_bytes = 100;
    s->excluded_bytes = 150;
    s->already_seen_bytes = 50;
    ledger_reject(s, &(struct rejected){3, 200, 0, REJECT_EMPTY_LINE}, 1);
    ledger_reject(s, &(struct rejected){4, 201, 98, REJECT_TIME_INVALID}, 1);
}

static void balance(void **state)
{
    (void)state;
    struct ledger l = {0};
    struct ledger_source *s = ledger_add(&l, STR("x"));
    assert_true(ledger_balances(s)); /* an empty source */
    a_source_filled(s);
    assert_true(ledger_balances(s));
    assert_int_equal(s->rejected, 2);
    assert_int_equal(s->rejects_count, 1); /* one is listed, both are counted */
    uint64_t *counted[] = {&s->physical, &s->parsed, &s->rejected, &s->excluded, &s->already_seen, &s->bytes,
                           &s->parsed_bytes, &s->rejected_bytes, &s->excluded_bytes, &s->already_seen_bytes,
                           &s->rejects_by_reason[REJECT_TOO_LONG]};
    for (size_t i = 0; i < sizeof counted / sizeof *counted; i++) {
        ++*counted[i];
        assert_false(ledger_balances(s));
        --*counted[i];
    }
    assert_true(ledger_balances(s));
    ledger_free(&l);
}

static void many_sources_and_rejects(void **state)
{
    (void)state;
    struct ledger l = {0};
    char name[] = "log0";
    for (int i = 0; i < 100; i++) {
        name[3] = (char)('0' + i % 10);
        struct ledger_source *s = ledger_add(&l, (struct str){name, 4});
        s->physical = 1000;
        for (uint64_t k = 0; k < 1000; k++)
            ledger_reject(s, &(struct rejected){k + 1, k * 10, 9, REJECT_TRAILING}, 100);
    }
    assert_int_equal(l.count, 100);
    for (size_t i = 0; i < l.count; i++) {
        assert_true(l.sources[i].name.p[3] == (char)('0' + i % 10)); /* a copy of the name is kept */
        assert_true(ledger_balances(&l.sources[i]));
        assert_int_equal(l.sources[i].rejects_count, 100);
        assert_int_equal(l.sources[i].rejects[99].offset, 990);
    }
    ledger_free(&l);
}

static void document(void **state)
{
    (void)state;
    struct ledger l = {0};
    struct diags d = {0};
    struct arena a = {0};
    struct ledger_source *s = ledger_add(&l, STR("a\xFF.log"));
    a_source_filled(s);
    s->file_bytes = 1000;
    s->format = STR("combined");
    s->sha256 = sha256_of(STR(""));
    s->hashed = true;
    s->meaning = TIME_MEANS_LOG_WRITE;
    s->resolution_us = 1000000;
    s->first_us = 1;
    s->last_us = 2;
    s->has = HAS(PEER) | HAS(AGENT);
    s->oddities[ODDITY_CRLF] = 4;
    s->complete = true;
    ledger_add(&l, STR("-"));
    diag_add(&d, DIAG_rejects, 0, 2, STR("2 of 10"));
    diag_add(&d, DIAG_empty_source, 1, 1, STR_NONE);
    diag_add(&d, DIAG_interrupted, DIAG_RUN, 1, STR_NONE);
    diag_add(&d, DIAG_rejects, 0, 3, STR("a later detail"));
    struct out o = out_memory();
    json_canonical(&o, ledger_json(&a, &l, &d));
    static const char want[] =
        "{\"diagnostics\":[{\"code\":\"interrupted\",\"count\":1,\"detail\":null,\"severity\":\"partial\"}],"
        "\"sources\":[{\"already_seen\":1,\"already_seen_bytes\":50,\"bytes\":1000,"
        "\"clock\":{\"backward_steps\":0,\"backward_us_max\":0,\"first_us\":1,\"last_us\":2,"
        "\"meaning\":\"log_write\",\"resolution_us\":1000000},\"complete\":true,\"compression\":\"none\","
        "\"diagnostics\":[{\"code\":\"rejects\",\"count\":5,\"detail\":\"2 of 10\",\"severity\":\"warning\"}],"
        "\"excluded\":1,\"excluded_bytes\":150,\"fields\":[\"peer_ip\",\"user_agent\"],\"file_bytes\":1000,"
        "\"format\":\"combined\",\"format_string\":null,\"name\":\"a\\\\xff.log\",\"oddities\":{\"crlf\":4},"
        "\"parsed\":6,\"parsed_bytes\":700,\"physical\":10,\"rejected\":2,\"rejected_bytes\":100,"
        "\"rejects\":[{\"length\":0,\"offset\":200,\"reason\":\"empty_line\",\"record\":3}],"
        "\"rejects_by_reason\":{\"empty_line\":1,\"time_invalid\":1},\"rejects_listed\":1,"
        "\"sha256\":\"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\","
        "\"source\":\"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\"},"
        "{\"already_seen\":0,\"already_seen_bytes\":0,\"bytes\":0,"
        "\"clock\":{\"backward_steps\":0,\"backward_us_max\":0,\"first_us\":null,\"last_us\":null,"
        "\"meaning\":\"unknown\",\"resolution_us\":0},\"complete\":false,\"compression\":\"none\","
        "\"diagnostics\":[{\"code\":\"empty_source\",\"count\":1,\"detail\":null,\"severity\":\"warning\"}],"
        "\"excluded\":0,\"excluded_bytes\":0,\"fields\":[],\"file_bytes\":0,\"format\":null,"
        "\"format_string\":null,\"name\":\"-\",\"oddities\":{},\"parsed\":0,\"parsed_bytes\":0,"
        "\"physical\":0,\"rejected\":0,\"rejected_bytes\":0,\"rejects\":[],\"rejects_by_reason\":{},"
        "\"rejects_listed\":0,\"sha256\":null,\"source\":null}],"
        "\"totals\":{\"already_seen\":1,\"already_seen_bytes\":50,\"bytes\":1000,\"excluded\":1,"
        "\"excluded_bytes\":150,\"file_bytes\":1000,\"parsed\":6,\"parsed_bytes\":700,\"physical\":10,"
        "\"rejected\":2,\"rejected_bytes\":100,\"sources\":2}}";
    if (!str_eq(out_slice(&o), STR(want)))
        fail_msg("got  %.*s\nwant %s", STR_ARG(out_slice(&o)), want);
    assert_int_equal(diag_worst(&d), SEVERITY_partial);
    out_close(&o);
    diags_free(&d);
    assert_int_equal(diag_worst(&d), SEVERITY_note);
    arena_free(&a);
    ledger_free(&l);
}

static void tables_are_whole(void **state)
{
    (void)state;
    for (int i = 0; i < REJECT_COUNT; i++)
        assert_true(reject_table[i].name != NULL && SAY(reject_table[i].what, LANG_FR) != NULL);
    for (int i = 0; i < DIAG_COUNT; i++) {
        assert_true(diag_table[i].name != NULL && SAY(diag_table[i].what, LANG_FR) != NULL);
        assert_non_null(severity_name(diag_table[i].severity));
    }
    struct settings s = settings_default();
    for (int i = 0; i < LIMIT_COUNT; i++) {
        assert_true(limit_table[i].name != NULL && SAY(limit_table[i].what, LANG_FR) != NULL);
        assert_true(s.limits.v[i] == limit_table[i].value && s.limits.v[i] > 0);
    }
    assert_true(str_eq(s.site, STR("generic")) && str_eq(s.format, STR("auto")));
    assert_true(s.since_us == INT64_MIN && s.until_us == INT64_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(balance),
        cmocka_unit_test(many_sources_and_rejects),
        cmocka_unit_test(document),
        cmocka_unit_test(tables_are_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
