/* reports_fixture.h: a small case made by hand: two logs, three sessions, one concluded cluster and
 * one that only carries a weak reason.  What the reports are given here, the engine gives them in
 * earnest. */
#ifndef VIGIE_TESTS_REPORTS_FIXTURE_H
#define VIGIE_TESTS_REPORTS_FIXTURE_H

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "detectors/score.h"
#include "reports/bundle.h"

enum { FIXTURE_SOURCES = 2, FIXTURE_LINES = 12, FIXTURE_SESSIONS = 3, FIXTURE_CLUSTERS = 2 };
#define FIXTURE_T0 INT64_C(1772352000000000) /* 2026-03-01T08:00:00Z */

struct fixture {
    struct arena arena;
    struct settings settings;
    struct site site;
    struct site_step steps[3];
    struct ledger ledger;
    struct diags diags;
    struct findings findings;
    struct session sessions[FIXTURE_SESSIONS];
    const struct session *session_list[FIXTURE_SESSIONS];
    struct act acts[FIXTURE_LINES];
    struct identity identities[2];
    struct cluster clusters[FIXTURE_CLUSTERS];
    struct reason reasons[4];
    struct reason own_reasons[FIXTURE_SESSIONS]; /* one of each session, in their order */
    uint32_t session_reasons[FIXTURE_SESSIONS + 1];
    struct link link;
    struct hypothesis hypothesis;
    struct text limit;
    const char *limit_code;
    struct not_testable not_testable;
    uint32_t cluster_sessions[FIXTURE_SESSIONS];
    uint32_t cited_acts[2];
    struct str text[FIXTURE_SOURCES];
    struct cited *cited;
    struct bundle_input in;
    char folder[64]; /* temporary: holds the logs and what is written */
};

/* Lines 0-3 are session 0, 4-7 session 1 (source 0), 8-11 session 2 (source 1). */
static inline void fixture_lines(struct fixture *x)
{
    for (int i = 0; i < FIXTURE_LINES; i++) {
        const int source = i / 8, session = i / 4;
        struct str line =
            arena_printf(&x->arena,
                         "192.0.2.%d - - [01/Mar/2026:08:00:%02d +0000] \"POST "
                         "/booking/create/7/%d HTTP/1.1\" 200 512 \"-\" \"caf\xc3\xa9\x7f %d\"",
                         session + 1, i, i % 4, i);
        struct act *a = &x->acts[i];
        *a = (struct act){.time_us = FIXTURE_T0 + i * INT64_C(1000000),
                          .method = METHOD_POST,
                          .meaning = MEANING_SLOT,
                          .source = (uint16_t)source,
                          .status = 200,
                          .duration_us = i == 0 ? 1500 : UINT32_MAX};
        a->offset = (uint64_t)x->text[source].n & ((UINT64_C(1) << 44) - 1);
        a->length = (uint64_t)line.n & 0xFFFFF;
        a->record = (uint64_t)(i % 8 + 1) & 0xFF;
        a->step = (uint64_t)i & 3;
        if (i % 4 == 3) {
            a->meaning = MEANING_SUBMITTED;
            a->flags = ACT_IDENTITY;
        }
        x->text[source] =
            arena_printf(&x->arena, "%.*s%.*s\n", STR_ARG(x->text[source]), STR_ARG(line));
    }
    x->text[1] = arena_printf(&x->arena, "%.*sgarbage\n", STR_ARG(x->text[1]));
}

static inline void fixture_sources(struct fixture *x)
{
    static const char *const names[] = {"access.log.1", "access.log"};
    for (int i = 0; i < FIXTURE_SOURCES; i++) {
        struct ledger_source *s = ledger_add(&x->ledger, str_of(names[i]));
        s->compression = "none";
        s->format = STR("combined");
        s->format_string = i == 0 ? STR("%h %l %u %t \"%r\" %>s %b") : STR_NONE;
        s->file_bytes = s->bytes = (uint64_t)x->text[i].n;
        s->parsed_bytes = s->bytes - (i == 1 ? sizeof "garbage" : 0);
        s->sha256 = sha256_of(x->text[i]);
        s->hashed = s->complete = true;
        s->physical = s->parsed = i == 0 ? 8 : 4;
        s->first_us = x->acts[i * 8].time_us;
        s->last_us = x->acts[i == 0 ? 7 : 11].time_us;
        s->resolution_us = 1000000;
        s->meaning = TIME_MEANS_REQUEST_START;
        s->has = HAS(PEER) | HAS(TIME) | HAS(REQUEST) | HAS(STATUS) | HAS(AGENT);
        s->oddities[ODDITY_CONTROL_BYTES] = s->parsed;
    }
    struct ledger_source *last = &x->ledger.sources[1];
    struct rejected garbage = {
        .record = 5, .offset = last->parsed_bytes, .length = 7, .reason = REJECT_LITERAL_MISMATCH};
    ledger_reject(last, &garbage, 10);
    last->physical++;
    last->rejected_bytes = sizeof "garbage";
    diag_add(&x->diags, DIAG_time_resolution, 0, 8, STR_NONE);
    diag_add(&x->diags, DIAG_no_port, DIAG_RUN, 1, STR_NONE);
}

static inline void fixture_sessions(struct fixture *x)
{
    for (uint32_t i = 0; i < FIXTURE_SESSIONS; i++) {
        struct session *s = &x->sessions[i];
        *s = (struct session){
            .id = i * 3,
            .key_kind = i < 2 ? KEY_COOKIE : KEY_ADDRESS_AGENT,
            .key_value = i < 2 ? arena_printf(&x->arena, "c00kie\x7f%u", (unsigned)i) : STR_NONE,
            .agent = STR("caf\xc3\xa9\x7f"),
            .clients_count = 1,
            .first_us = x->acts[4 * i].time_us,
            .last_us = x->acts[4 * i + 3].time_us,
            .requests = 4,
            .acts_total = 4,
            .acts = &x->acts[4 * i],
            .acts_count = 4,
            .steps_mask = 1u << MEANING_SLOT | 1u << MEANING_SUBMITTED,
            .posts = 4,
            .submissions = i == 0 ? 2 : 1,
            .closed_by = CLOSED_END,
            .resolution_us = 1000000,
            .time_meaning = TIME_MEANS_REQUEST_START};
        ip_parse(arena_printf(&x->arena, "192.0.2.%u", (unsigned)i + 1), &s->client);
        s->clients[0] = s->client;
        x->session_list[i] = s;
    }
    for (int i = 0; i < 2; i++) {
        x->identities[i] = (struct identity){.kind = IDENTITY_EMAIL,
                                             .value = STR("A.Durand@Example.org"),
                                             .canonical = STR("a.durand@example.org"),
                                             .rule = STR("domain-lower"),
                                             .act = 3,
                                             .times = 1};
        x->sessions[i].identities = &x->identities[i];
        x->sessions[i].identities_count = 1;
    }
}

static inline void fixture_reasons(struct fixture *x)
{
    x->cited_acts[0] = 1;
    x->cited_acts[1] = 3;
    struct reason r = {
        .detector = detectors[0],
        .family = FAMILY_LATENCY,
        .automated = true,
        .bulk = true,
        .llr_milli = 1500,
        .cap_milli = 1892,
        .pool_cap_milli = 1892,
        .n = 4,
        .null_model = "builtin-human-gaps-1",
        .inputs = {{"below_floor", 4}, {"floor_us", 500000}},
        .inputs_count = 2,
        .acts = x->cited_acts,
        .acts_count = 2,
        .session = 0,
        .says = {{"4 of 4 forms were sent back less than 0.5 s after they were delivered.",
                  "4 formulaires sur 4 ont été renvoyés moins de 0,5 s après leur réception."}}};
    x->reasons[0] = r;
    x->reasons[1] = r;
    x->reasons[1].session = 3;
    x->reasons[2] = (struct reason){
        .detector = detectors[detectors_count - 1],
        .family = FAMILY_IDENTITY,
        .bulk = true,
        .llr_milli = 1400,
        .cap_milli = 1400,
        .pool_cap_milli = 1400,
        .n = 2,
        .null_model = "builtin-mailbox-1",
        .inputs = {{"bookings", 2}},
        .inputs_count = 1,
        .session = UINT32_MAX,
        .subject = STR("a.durand@example.org\x1b[31m"),
        .says = {{"One mailbox was used for 2 bookings; the posted limit is 1.",
                  "Une même boîte a servi à 2 réservations ; la limite affichée est de 1."}}};
    x->reasons[3] = r;
    x->reasons[3].session = 6;
    x->reasons[3].llr_milli = -400;
}

static inline void fixture_clusters(struct fixture *x)
{
    x->link = (struct link){.a = 0,
                            .b = 3,
                            .kind = "email",
                            .value = STR("a.durand@example.org"),
                            .weight_milli = 9000};
    x->hypothesis = (struct hypothesis){
        .id = "H3",
        .name = {{"an association or adviser booking for several people",
                  "une association ou un intermédiaire réservant pour plusieurs personnes"}},
        .expected = {{"time to fill each form", "le temps de remplir chaque formulaire"}},
        .observed = {{"forms sent back at once", "des formulaires renvoyés aussitôt"}},
        .status = "not_tested"};
    x->limit = (struct text){{"Stamps are to the second.", "Les horodatages sont à la seconde."}};
    x->limit_code = "time_resolution";
    for (uint32_t i = 0; i < FIXTURE_SESSIONS; i++)
        x->cluster_sessions[i] = 3 * i;
    x->clusters[0] = (struct cluster){.id = 0,
                                      .sessions = x->cluster_sessions,
                                      .sessions_count = 2,
                                      .links = &x->link,
                                      .links_count = 1,
                                      .reasons = x->reasons,
                                      .reasons_count = 3,
                                      .hypotheses = &x->hypothesis,
                                      .hypotheses_count = 1,
                                      .limits = &x->limit,
                                      .limit_codes = &x->limit_code,
                                      .limits_count = 1};
    x->clusters[1] = (struct cluster){.id = 6,
                                      .sessions = x->cluster_sessions + 2,
                                      .sessions_count = 1,
                                      .reasons = x->reasons + 3,
                                      .reasons_count = 1};
}

/* Two sessions of instant forms and one mailbox: 1892 for automated access, 1513 + 1120 for bulk. */
static inline void fixture_score(struct fixture *x)
{
    static const uint32_t indices[FIXTURE_SESSIONS] = {0, 1, 2};
    for (uint32_t i = 0; i < FIXTURE_SESSIONS; i++) {
        x->own_reasons[i] = x->reasons[i < 2 ? i : 3];
        x->session_reasons[i + 1] = i + 1;
    }
    x->findings.reasons = x->own_reasons;
    x->findings.reasons_count = FIXTURE_SESSIONS;
    x->findings.session_reasons = x->session_reasons;
    for (uint32_t i = 0; i < FIXTURE_CLUSTERS; i++) {
        struct extent e = {.bookings = i == 0 ? 3 : 1, .mailboxes = 1 - i, .persons = 1 - i};
        score_cluster(&x->clusters[i], &x->findings, indices + 2 * i, &e, SCORE_BULK_PERSONS);
    }
}

static inline void fixture_findings(struct fixture *x)
{
    fixture_reasons(x);
    fixture_clusters(x);
    x->not_testable = (struct not_testable){
        .detector = detectors[1],
        .why = {{"the log holds no referrer", "le journal ne contient pas de page d'origine"}}};
    x->findings = (struct findings){.sessions = x->session_list,
                                    .sessions_count = FIXTURE_SESSIONS,
                                    .clusters = x->clusters,
                                    .clusters_count = FIXTURE_CLUSTERS,
                                    .not_testable = &x->not_testable,
                                    .not_testable_count = 1,
                                    .sessions_seen = 41,
                                    .addresses_seen = 17};
    fixture_score(x);
}

/* What the engine reads in a line, with every field that a format may carry. */
static inline struct str fixture_fields(struct fixture *x, const struct cited *c)
{
    struct event e = {.record = c->record,
                      .offset = c->offset,
                      .length = c->length,
                      .source = c->source,
                      .time_us = FIXTURE_T0,
                      .duration_us = 1500,
                      .resolution_us = 1000000,
                      .meaning = TIME_MEANS_REQUEST_START,
                      .method = METHOD_POST,
                      .http_version = 11,
                      .client_rule = CLIENT_PEER,
                      .status = 200,
                      .client_port = 40000,
                      .bytes = 512,
                      .odd = ODD(CONTROL_BYTES) | ODD(REQUEST_SPACES)};
    for (int i = 0; i < FIELD_COUNT; i++)
        e.has |= 1u << i;
    e.client = e.peer = x->sessions[0].client;
    e.peer_text = STR("192.0.2.1");
    e.time_text = STR("01/Mar/2026:08:00:00 +0000");
    e.method_text = STR("POST");
    e.request = STR("POST /a b HTTP/1.1");
    e.target = STR("/a b");
    e.host = e.user = e.referer = e.body = e.cookies = e.forwarded = e.agent = STR("x");
    e.extras[e.extras_count++] = (struct extra){EXTRA_COOKIE, STR("eZSESSID"), STR("c00kie")};
    struct out o = out_memory();
    struct jw w = jw_open(&o, true);
    event_write_json(&w, &e, x->ledger.sources[c->source].name, c->raw);
    struct str fields = arena_str(&x->arena, out_slice(&o));
    out_close(&o);
    return fields;
}

static inline void fixture_write_inputs(const struct fixture *x)
{
    for (size_t i = 0; i < FIXTURE_SOURCES; i++) {
        char path[128];
        snprintf(path, sizeof path, "%s/%.*s", x->folder, STR_ARG(x->ledger.sources[i].name));
        int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
        if (fd < 0 || write(fd, x->text[i].p, (size_t)x->text[i].n) != x->text[i].n)
            abort();
        close(fd);
    }
}

static inline struct fixture *fixture_new(void)
{
    struct fixture *x = mem_alloc(sizeof *x);
    static const struct text label = {{"Slot", "Créneau"}};
    snprintf(x->folder, sizeof x->folder, "/tmp/vigie-reports-XXXXXX");
    if (mkdtemp(x->folder) == NULL)
        abort();
    for (int i = 0; i < 3; i++)
        x->steps[i] = (struct site_step){.name = STR("slot"),
                                         .method = STR("POST"),
                                         .path = STR("/booking/create/{form}/{step}"),
                                         .label = label};
    x->site = (struct site){.name = STR("ez-booking"),
                            .source = STR("{\"name\":\"ez-booking\"}\n"),
                            .label = label,
                            .steps = x->steps,
                            .steps_count = 3};
    x->settings = settings_default();
    x->settings.case_id = STR("AFF-2026-0042");
    x->settings.since_us = FIXTURE_T0;
    x->settings.until_us = FIXTURE_T0 + INT64_C(60000000);
    x->settings.out = arena_printf(&x->arena, "%s/AFF-2026-0042", x->folder);
    fixture_lines(x);
    fixture_sources(x);
    fixture_sessions(x);
    fixture_findings(x);
    fixture_write_inputs(x);
    size_t n = bundle_cited(&x->arena, &x->findings, &x->settings.limits, &x->cited);
    for (size_t i = 0; i < n; i++) {
        struct cited *c = &x->cited[i];
        c->raw =
            str_sub(x->text[c->source], (ptrdiff_t)c->offset, (ptrdiff_t)(c->offset + c->length));
        c->fields = fixture_fields(x, c);
    }
    x->in = (struct bundle_input){
        .settings = &x->settings,
        .effective =
            STR("{\"case\":\"AFF-2026-0042\",\"format\":\"auto\",\"inputs\":[\"access.log.1\","
                "\"access.log\"],\"key_map\":null,\"limits\":{},"
                "\"max_rejects_permille\":50,\"params\":{},\"since\":\"2026-03-01T08:00:00Z\","
                "\"site\":\"ez-booking\",\"tz\":\"+00:00\",\"until\":\"2026-03-01T08:01:00Z\"}"),
        .site = &x->site,
        .ledger = &x->ledger,
        .diags = &x->diags,
        .findings = &x->findings,
        .cited = x->cited,
        .cited_count = n};
    return x;
}

/* Takes a tree away; depth is bounded by the bag's own. */
static inline void fixture_remove(const char *path)
{
    DIR *d = opendir(path);
    for (struct dirent *e = d != NULL ? readdir(d) : NULL; e != NULL; e = readdir(d)) {
        char child[512];
        if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
            continue;
        snprintf(child, sizeof child, "%s/%s", path, e->d_name);
        if (e->d_type == DT_DIR)
            fixture_remove(child);
        else
            unlink(child);
    }
    if (d != NULL)
        closedir(d);
    rmdir(path);
}

static inline void fixture_free(struct fixture *x)
{
    fixture_remove(x->folder);
    ledger_free(&x->ledger);
    diags_free(&x->diags);
    arena_free(&x->arena);
    mem_free(x);
}

/* A whole file, in the fixture's arena. */
static inline struct str fixture_read(struct fixture *x, struct str folder, const char *file)
{
    struct str path = arena_printf(&x->arena, "%.*s/%s", STR_ARG(folder), file);
    struct stat st;
    int fd = open(path.p, O_RDONLY);
    if (fd < 0 || fstat(fd, &st) != 0)
        return STR_NONE;
    char *bytes = arena_alloc(&x->arena, (size_t)st.st_size + 1, 1);
    ssize_t n = read(fd, bytes, (size_t)st.st_size);
    close(fd);
    return (struct str){bytes, n};
}

#endif
