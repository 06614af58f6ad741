/* test_reports_verify.c: a bundle verifies; every way of touching it is seen, and named.
 *
 * The tampers are shell commands run in a copy of the bag.  RESEAL recomputes Payload-Oxum and both
 * manifests, as someone would who knows BagIt; AGAIN also sets the hashes in evidence.json. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "reports/verify.h"
#include "tests/unit/reports_fixture.h"

#define FLIPS_A_FILE 24

#define RESEAL                                                                                     \
    ";o=$(cat $(find data -type f) | wc -c).$(find data -type f | wc -l);"                         \
    "sed -i \"s/^Payload-Oxum: .*/Payload-Oxum: $o/\" bag-info.txt;"                               \
    "find data -type f | LC_ALL=C sort | xargs sha256sum > manifest-sha256.txt;"                   \
    "ls -p | grep -v / | grep -v ^tagmanifest | LC_ALL=C sort | xargs sha256sum > tagmanifest-sha256.txt"
#define AGAIN                                                                                                                             \
    ";h=$(sha256sum < data/records.jsonl | cut -c1-64);"                                                                                  \
    "sed -i -E 's/(\"not_produced\",\"why\":\\{[^{}]*\\}\\},\"sha256\":\")[0-9a-f]{64}(\"\\},\"rules\")/\\1'$h'\\2/' data/evidence.json;" \
    "h=$(sha256sum < data/ledger.json | cut -c1-64);"                                                                                     \
    "sed -i -E 's/(\"file\":\"data\\/ledger.json\",\"sha256\":\")[0-9a-f]{64}/\\1'$h'/' data/evidence.json" RESEAL

struct bench {
    struct fixture *x;
    char bag[128], copy[128];
    struct str inputs;
};

static void run(const char *folder, const char *commands)
{
    static char line[4096];
    int n = snprintf(line, sizeof line, "set -e; cd '%s'; %s", folder, commands);
    assert_true(n > 0 && (size_t)n < sizeof line);
    if (system(line) != 0)
        fail_msg("failed: %s", line);
}

static int make(void **state)
{
    static struct bench b;
    struct str why;
    b.x = fixture_new();
    if (bundle_write(&b.x->in, &why) != STATUS_OK)
        return -1;
    snprintf(b.bag, sizeof b.bag, "%.*s", STR_ARG(b.x->settings.out));
    snprintf(b.copy, sizeof b.copy, "%s/copy", b.x->folder);
    b.inputs = str_of(b.x->folder);
    *state = &b;
    return 0;
}

static int unmake(void **state)
{
    struct bench *b = *state;
    fixture_free(b->x);
    return 0;
}

static void copy_bag(const struct bench *b)
{
    char commands[300];
    snprintf(commands, sizeof commands, "rm -rf copy; cp -r '%s' copy", b->bag);
    run(b->x->folder, commands);
}

static enum status verify(const char *bag, struct str inputs, enum lang lang, struct out *o,
                          struct verify_result *r)
{
    *o = out_memory();
    return verify_bag(&(struct verify_options){.bag = str_of(bag), .inputs = inputs, .lang = lang},
                      o, r);
}

static void untouched_verifies(void **state)
{
    struct bench *b = *state;
    struct out o;
    struct verify_result r;
    enum status got = verify(b->bag, b->inputs, LANG_EN, &o, &r);
    if (got != STATUS_OK || out_slice(&o).n != 0)
        fail_msg("%.*s", STR_ARG(out_slice(&o)));
    assert_int_equal(r.failures, 0);
    assert_int_equal(r.warnings, 0);
    assert_false(r.foreign);
    assert_int_equal(r.records, b->x->in.cited_count);
    assert_int_equal(r.ranges, b->x->in.cited_count);
    assert_true(r.links > 2 * r.records);
    assert_true(r.files >= 15);
    out_close(&o);
}

struct tamper {
    const char *what, *commands;
    const char *says; /* part of a line; NULL: verify cannot see it, as documented */
    bool with_inputs;
};

static const struct tamper tampers[] = {
    {"digit flipped", "sed -i '1s/\"record\":1,/\"record\":2,/' data/records.jsonl",
     "data/records.jsonl: checksum differs", false},
    {"digit flipped, resealed",
     "sed -i '1s/,\"record\":1,\"seq\"/,\"record\":2,\"seq\"/' data/records.jsonl" RESEAL,
     "data/records.jsonl: differs from the sha256 in evidence.json", false},
    {"digit flipped, all recomputed",
     "sed -i '1s/,\"record\":1,\"seq\"/,\"record\":2,\"seq\"/' data/records.jsonl" AGAIN,
     "data/records.jsonl:1: fields contradict the record (record)", false},
    {"last record cut, resealed", "sed -i '$d' data/records.jsonl" AGAIN,
     "cites a record that is not there", false},
    {"last record cut, count set",
     "sed -i '$d' data/records.jsonl; n=$(wc -l < data/records.jsonl);"
     "sed -i 's/\"records\":{\"count\":[0-9]*/\"records\":{\"count\":'$n'/' data/evidence.json" AGAIN,
     "cites a record that is not there", false},
    {"records swapped", "sed -i '1{h;d};2{G}' data/records.jsonl" AGAIN,
     "data/records.jsonl:1: seq is not the number of the line", false},
    {"records swapped with seq",
     "sed -i -e '1{h;d};2{G}' data/records.jsonl;"
     "sed -i -e '1s/\"seq\":1/\"seq\":0/' -e '2s/\"seq\":0/\"seq\":1/' data/records.jsonl" AGAIN,
     "data/records.jsonl:2: records are not ordered by source and offset", false},
    {"raw bytes exchanged",
     "sed -i -E '1s/(.*)\"raw_b64\":\"MTky/\\1\"raw_b64\":\"MTkz/' data/records.jsonl" AGAIN,
     "data/records.jsonl:1: sha256 differs from that of the raw bytes", false},
    {"offset outside the source",
     "sed -i '$s/\"offset\":[0-9]*,\"raw/\"offset\":999999,\"raw/' data/records.jsonl" AGAIN,
     "offset and length lie outside the source", false},
    {"record that nothing cites",
     "sed -n '1p' data/records.jsonl | sed -E 's/\"seq\":0/\"seq\":12/' >> data/records.jsonl" AGAIN,
     "no finding cites this record (seq 12)", false},
    {"unlisted file", "echo x > data/extra.txt",
     "data/extra.txt: payload file that the manifest does not list", false},
    {"listed, but without a place", "echo x > data/extra.txt" RESEAL,
     "data/extra.txt: file that has no place", false},
    {"unlisted tag file", "echo x > note.txt", "note.txt: file that no tag manifest lists", false},
    {"unlisted hidden file", "echo x > .note", ".note: file that no tag manifest lists", false},
    {"rule deleted", "rm data/rules/$(ls data/rules | head -1)", "listed, but not in the bag",
     false},
    {"rule deleted, resealed", "rm data/rules/$(ls data/rules | head -1)" RESEAL,
     ": missing (data/evidence.json)", false},
    {"rule changed, resealed",
     "sed -i 's/\"version\":[0-9]/\"version\":9/' data/rules/$(ls data/rules | head -1)" RESEAL,
     "differs from the sha256 in evidence.json", false},
    {"rule added, resealed",
     "cp data/rules/$(ls data/rules | head -1) data/rules/other.v1.json" RESEAL,
     "data/rules/other.v1.json: rule file that evidence.json does not name", false},
    {"evidence with a space", "sed -i 's/,\"case\"/, \"case\"/' data/evidence.json" RESEAL,
     "data/evidence.json: not in canonical form", false},
    {"evidence ends with a line end", "echo >> data/evidence.json" RESEAL,
     "data/evidence.json: not in canonical form", false},
    {"key twice", "sed -i 's/^{/{\"a\":1,\"a\":2,/' data/evidence.json" RESEAL,
     "data/evidence.json: not valid JSON", false},
    {"unknown key", "sed -i 's/^{/{\"a\":1,/' data/evidence.json" RESEAL,
     "data/evidence.json: does not satisfy its schema (/a: additionalProperties)", false},
    {"fraction",
     "sed -i 's/\"score_permille\":987/\"score_permille\":987.5/' data/evidence.json" RESEAL,
     "data/evidence.json: a number that is not an integer (987.5)", false},
    {"level raised",
     "sed -i 's/\"level\":\"moderately_strong\"/\"level\":\"extremely_strong\"/' data/evidence.json" RESEAL,
     "level, its text or score_permille does not follow from llr_milli", false},
    {"ratio raised", "sed -i 's/\"llr_milli\":2633/\"llr_milli\":7000/' data/evidence.json" RESEAL,
     "level, its text or score_permille does not follow from llr_milli", false},
    {"score raised", "sed -i 's/\"score_permille\":324/\"score_permille\":990/' data/evidence.json" RESEAL,
     "level, its text or score_permille does not follow from llr_milli (F-0002: none)", false},
    {"conclusion reversed", "sed -i 's/\"concluded\":false/\"concluded\":true/' data/evidence.json" RESEAL,
     "concluded or tested does not follow from the weights and counts by the scoring rule (F-0002: automated)", false},
    {"total lowered with its level",
     "sed -i -e 's/\"llr_milli\":2633,\"score_permille\":997/\"llr_milli\":2640,\"score_permille\":997/' "
     "data/evidence.json" RESEAL,
     "does not follow from the reasons listed by the scoring rule (F-0001: bulk_booking.llr_milli)", false},
    {"family taken away",
     "sed -i -E 's/\\{\"cap_milli\":1892,\"family\":\"latency\"[^}]*\\},?//g' data/evidence.json" RESEAL,
     "does not follow from the reasons listed by the scoring rule (F-0001: automated.families)", false},
    {"what speaks against taken away",
     "sed -i -E 's/\\{\"cap_milli\":0,\"family\":\"latency\"[^}]*\\}//g' data/evidence.json" RESEAL,
     "does not follow from the reasons listed by the scoring rule (F-0002: automated.families)", false},
    {"weight of a reason changed",
     "sed -i 's/\"llr_milli\":-400,/\"llr_milli\":-700,/' data/evidence.json" RESEAL,
     "does not follow from the reasons listed by the scoring rule (F-0002: automated.families)", false},
    {"fewer bookings", "sed -i 's/\"bookings\":3,/\"bookings\":2,/' data/evidence.json" RESEAL,
     "concluded or tested does not follow from the weights and counts by the scoring rule (F-0001: bulk_booking)",
     false},
    {"factor changed, resealed",
     "sed -i 's/\"automated_permille\":700/\"automated_permille\":900/' data/rules/scoring.v1.json;"
     "h=$(sha256sum < data/rules/scoring.v1.json | cut -c1-64);"
     "sed -i -E 's/(\"id\":\"scoring\",\"sha256\":\")[0-9a-f]{64}/\\1'$h'/' data/evidence.json" RESEAL,
     "data/rules/scoring.v1.json: differs from the scoring rule of this version", false},
    {"scoring rule removed", "rm data/rules/scoring.v1.json" RESEAL, "data/rules/scoring.v1.json: missing", false},
    {"another scoring rule", "sed -i -E 's/(\"id\":\"scoring\"[^{}]*\"title\":\\{[^{}]*\\},\"version\":)1/\\17/' data/evidence.json" RESEAL,
     "version of the scoring rule unknown to this program", false},
    {"session renamed",
     "sed -i -E '0,/\"id\":\"S-[0-9a-f]{16}\"/s//\"id\":\"S-0000000000000000\"/' data/evidence.json" RESEAL,
     "cites a session that is not there", false},
    {"rule of a reason renamed",
     "sed -i -E '0,/\"detector\":\"[a-z-]*\"/s//\"detector\":\"other\"/' data/evidence.json" RESEAL,
     "cites a rule that is not there", false},
    {"ledger unbalanced", "sed -i 's/\"parsed\":8/\"parsed\":7/' data/ledger.json" AGAIN,
     "data/ledger.json: parsed + rejected + excluded + already_seen is not physical (SRC-0001)",
     false},
    {"ledger against evidence",
     "sed -i -e 's/\"parsed\":8/\"parsed\":7/' -e 's/\"physical\":8/\"physical\":7/' data/ledger.json" AGAIN,
     "ledger.json and evidence.json state different things about a source (SRC-0001: physical)",
     false},
    {"ledger not recomputed", "sed -i 's/\"parsed\":8/\"parsed\":7/' data/ledger.json" RESEAL,
     "data/ledger.json: differs from the sha256 in evidence.json", false},
    {"forged schema",
     "sed -i 's/\"additionalProperties\": false/\"additionalProperties\": true/' data/schema/evidence.schema.json" RESEAL,
     "data/schema/evidence.schema.json: differs from the schema", false},
    {"schema removed", "rm data/schema/rule.schema.json" RESEAL,
     "data/schema/rule.schema.json: missing", false},
    {"unknown schema_version",
     "sed -i 's/\"schema_version\":1/\"schema_version\":2/' data/evidence.json" RESEAL,
     "data/evidence.json: schema_version is unknown to this program", false},
    {"evidence removed", "rm data/evidence.json" RESEAL, "data/evidence.json: missing", false},
    {"all documents but one removed",
     "rm -r data/evidence.json data/records.jsonl data/rules data/schema data/config" RESEAL,
     "data/evidence.json: missing", false},
    {"symlink to the payload", "mv data/ledger.json ledger; ln -s ../ledger data/ledger.json",
     "data/ledger.json: neither a regular file nor a folder", false},
    {"folder replaced by a symlink",
     "mv data/rules /tmp/vigie-rules-$$; ln -s /tmp/vigie-rules-$$ data/rules; rm -r /tmp/vigie-rules-$$",
     "data/rules: neither a regular file nor a folder", false},
    {"CRLF manifest",
     "sed -i 's/$/\\r/' manifest-sha256.txt; ls -p | grep -v / | grep -v ^tagmanifest | LC_ALL=C sort |"
     "xargs sha256sum > tagmanifest-sha256.txt",
     "manifest-sha256.txt: not in the exact form", false},
    {"manifest unsorted", "sort -r -k2 -o tagmanifest-sha256.txt tagmanifest-sha256.txt",
     "tagmanifest-sha256.txt: not in the exact form", false},
    {"upper-case checksum", "sed -i '1s/^[0-9a-f]*/\\U&/' tagmanifest-sha256.txt",
     "tagmanifest-sha256.txt: not in the exact form", false},
    {"tag manifest removed", "rm tagmanifest-sha256.txt", "tagmanifest-sha256.txt: missing", false},
    {"tag manifest forgets VERIFY.txt", "sed -i '/VERIFY.txt/d' tagmanifest-sha256.txt",
     "VERIFY.txt: file that no tag manifest lists", false},
    {"VERIFY.txt changed", "sed -i 's/OK/KO/' VERIFY.txt", "VERIFY.txt: checksum differs", false},
    {"VERIFY.txt replaced, resealed", "echo 'All is well: echo OK' > VERIFY.txt" RESEAL,
     "VERIFY.txt: differs from the steps that this program writes", false},
    {"VERIFY.txt replaced, the build renamed",
     "echo 'All is well' > VERIFY.txt; sed -i 's/\"name\":\"vigie\",\"version\":\"/&9/' data/evidence.json" RESEAL,
     NULL, false}, /* only warned about: the text of another build is not known */
    {"fetch.txt", "echo 'http://example.org/x - data/x' > fetch.txt" RESEAL,
     "fetch.txt:1: to be fetched, but not in the bag", false},
    {"bagit.txt removed", "rm bagit.txt" RESEAL, "bagit.txt: missing", false},
    {"older version",
     "sed -i 's/1.0/0.97/' bagit.txt; sed -i 's/  /  .\\//' manifest-sha256.txt; ls -p | grep -v / | grep -v ^tagmanifest |"
     "LC_ALL=C sort | xargs sha256sum > tagmanifest-sha256.txt",
     "path starts with \"./\"", false},
    {"source changed", "sed -i 's/POST/PUT_/' ../access.log",
     "access.log: source has another SHA-256", true},
    {"source gone", "rm ../access.log", "access.log: source not found in the folder",
     true},
    /* Signatures and custody notes come after sealing. */
    {"signature added",
     "mkdir signatures custody; echo x > signatures/tagmanifest.p7s; echo x > custody/0001.json",
     NULL, true},
    /* Consistent words need the sources and `vigie rederive`: verify says what it checks, not more.
     */
    {"sentence changed, resealed",
     "sed -i 's/4 of 4 forms/9 of 9 forms/' data/evidence.json" RESEAL, NULL, true},
};

static bool contains(struct str text, const char *part)
{
    return str_find_str(text, str_of(part)) >= 0;
}

static int check_tamper(struct bench *b, const struct tamper *t)
{
    struct out o;
    struct verify_result r;
    copy_bag(b);
    run(b->copy, t->commands);
    enum status got = verify(b->copy, t->with_inputs ? b->inputs : STR_NONE, LANG_EN, &o, &r);
    bool right = t->says == NULL ? got == STATUS_OK
                                 : got == STATUS_FAILED && contains(out_slice(&o), t->says);
    if (!right)
        print_message("%s: got\n%.*s\n", t->what, STR_ARG(out_slice(&o)));
    out_close(&o);
    fixture_write_inputs(b->x);
    return right ? 0 : 1;
}

static void tampers_are_seen(void **state)
{
    int wrong = 0;
    for (size_t i = 0; i < sizeof tampers / sizeof tampers[0]; i++)
        wrong += check_tamper(*state, &tampers[i]);
    assert_int_equal(wrong, 0);
}

static const char *const flip_files[] = {"bagit.txt",
                                         "bag-info.txt",
                                         "manifest-sha256.txt",
                                         "tagmanifest-sha256.txt",
                                         "VERIFY.txt",
                                         "data/evidence.json",
                                         "data/records.jsonl",
                                         "data/ledger.json",
                                         "data/config/effective.json",
                                         "data/config/site.json",
                                         "data/schema/record.schema.json",
                                         "data/schema/evidence.schema.json"};

static void flip(const char *path, off_t at, int bit)
{
    char c;
    int fd = open(path, O_RDWR);
    assert_true(fd >= 0);
    assert_int_equal(pread(fd, &c, 1, at), 1);
    c = (char)(c ^ 1 << bit);
    assert_int_equal(pwrite(fd, &c, 1, at), 1);
    close(fd);
}

static void one_flipped_bit_is_seen(void **state)
{
    struct bench *b = *state;
    copy_bag(b);
    for (size_t i = 0; i < sizeof flip_files / sizeof flip_files[0]; i++) {
        char path[256];
        struct stat st;
        snprintf(path, sizeof path, "%s/%s", b->copy, flip_files[i]);
        assert_int_equal(stat(path, &st), 0);
        for (int k = 0; k < FLIPS_A_FILE; k++) {
            off_t at = k * (st.st_size - 1) / (FLIPS_A_FILE - 1);
            struct out o;
            struct verify_result r;
            flip(path, at, k % 8);
            if (verify(b->copy, STR_NONE, LANG_EN, &o, &r) != STATUS_FAILED)
                fail_msg("%s, byte %ld, bit %d: not seen", flip_files[i], (long)at, k % 8);
            out_close(&o);
            flip(path, at, k % 8);
        }
    }
}

static void sources_by_hash_and_grown(void **state)
{
    struct bench *b = *state;
    struct out o;
    struct verify_result r;
    run(b->x->folder,
        "mv access.log.1 renamed; echo '192.0.2.9 - - more' >> access.log; gzip -c access.log > other.gz");
    assert_int_equal(verify(b->bag, b->inputs, LANG_EN, &o, &r), STATUS_OK);
    assert_int_equal(r.failures, 0);
    assert_int_equal(r.ranges, b->x->in.cited_count);
    assert_true(contains(out_slice(&o),
                         "access.log.1: warning: source found by its SHA-256 under another name"));
    assert_true(contains(out_slice(&o), "access.log: warning: source has grown since"));
    out_close(&o);
    run(b->x->folder, "rm renamed other.gz access.log");
    fixture_write_inputs(b->x);
}

static void speaks_french(void **state)
{
    struct bench *b = *state;
    struct out o;
    struct verify_result r;
    copy_bag(b);
    run(b->copy, "echo x > data/extra.txt");
    assert_int_equal(verify(b->copy, STR_NONE, LANG_FR, &o, &r), STATUS_FAILED);
    assert_true(contains(out_slice(&o),
                         "data/extra.txt: fichier de la charge utile non cité par le manifeste"));
    out_close(&o);
}

static void what_is_no_bag(void **state)
{
    struct bench *b = *state;
    struct out o;
    struct verify_result r;
    assert_int_equal(verify("/nonexistent", STR_NONE, LANG_EN, &o, &r), STATUS_FATAL);
    assert_true(contains(out_slice(&o), "/nonexistent: cannot be read"));
    out_close(&o);
    assert_int_equal(verify(b->bag, STR("/nonexistent"), LANG_EN, &o, &r), STATUS_FAILED);
    assert_true(contains(out_slice(&o), "/nonexistent: the folder of the sources cannot be read"));
    out_close(&o);
    run(b->x->folder, "mkdir empty");
    char empty[160];
    snprintf(empty, sizeof empty, "%s/empty", b->x->folder);
    assert_int_equal(verify(empty, STR_NONE, LANG_EN, &o, &r), STATUS_FAILED);
    assert_true(r.foreign);
    out_close(&o);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(untouched_verifies),      cmocka_unit_test(tampers_are_seen),
        cmocka_unit_test(one_flipped_bit_is_seen), cmocka_unit_test(sources_by_hash_and_grown),
        cmocka_unit_test(speaks_french),           cmocka_unit_test(what_is_no_bag),
    };
    return cmocka_run_group_tests(tests, make, unmake);
}
