/* test_parsers_corpora.c: the logs of other projects with the answers they state.
 *
 * Runs only where ../shared/corpora exists; prints one line and skips elsewhere.  A set's lines are
 * chosen by the format that the set states for them; every line is recognised by itself, unasked.
 * A disagreement must stand in tests/corpora/DIFFERENCES.md ("| set | file:line | field | ..."),
 * and what stands there must still occur. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "analyzer/base/civil.h"
#include "analyzer/base/json.h"
#include "analyzer/base/out.h"
#include "parsers/log/log.h"

#define CORPORA "../shared/corpora/logs/"

struct tally {
    struct arena arena;
    const char *set;
    struct str list; /* DIFFERENCES.md */
    size_t stated, agree, listed, unlisted;
};

static struct str slurp(struct arena *a, int fd)
{
    struct out o = out_memory();
    char buffer[16384];
    ssize_t n;
    while (fd >= 0 && (n = read(fd, buffer, sizeof buffer)) > 0)
        out_bytes(&o, buffer, (size_t)n);
    struct str s = fd >= 0 ? arena_str(a, out_slice(&o)) : STR_NONE;
    if (fd >= 0)
        close(fd);
    out_close(&o);
    return s;
}

/* What gzip makes of the file. */
static struct str unpacked(struct arena *a, const char *path)
{
    char *const arguments[] = {(char[]){"gzip"}, (char[]){"-dc"}, NULL};
    posix_spawn_file_actions_t actions;
    int ends[2], status;
    pid_t child;
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(posix_spawn_file_actions_init(&actions), 0);
    posix_spawn_file_actions_addopen(&actions, 0, path, O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, ends[1], 1);
    posix_spawn_file_actions_addclose(&actions, ends[0]);
    int failed = posix_spawnp(&child, "gzip", &actions, NULL, arguments, environ);
    posix_spawn_file_actions_destroy(&actions);
    close(ends[1]);
    struct str s = slurp(a, ends[0]);
    assert_int_equal(failed, 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    return s;
}

static struct str read_named(struct arena *a, const char *set, struct str name)
{
    const char *path = arena_cstr(a, arena_printf(a, CORPORA "%s/%.*s", set, STR_ARG(name)));
    return str_ends(name, STR(".gz")) ? unpacked(a, path) : slurp(a, open(path, O_RDONLY));
}

static bool tally_open(struct tally *t, const char *set)
{
    *t = (struct tally){.set = set};
    t->list = slurp(&t->arena, open("tests/corpora/DIFFERENCES.md", O_RDONLY));
    if (read_named(&t->arena, set, STR("expected.jsonl")).p != NULL)
        return true;
    print_message("SKIP: no " CORPORA "%s\n", set);
    arena_free(&t->arena);
    return false;
}

/* Rows of the list that name this set; each must have occurred. */
static size_t rows_of_set(struct tally *t)
{
    struct str rest = t->list, line, start = arena_printf(&t->arena, "| logs/%s |", t->set);
    size_t rows = 0;
    while (rest.n > 0) {
        rest = str_cut(rest, '\n', &line);
        rows += str_starts(line, start);
    }
    return rows;
}

static void tally_close(struct tally *t)
{
    print_message("logs/%s: %zu of %zu agree, %zu listed disagreements\n", t->set, t->agree,
                  t->stated, t->listed);
    assert_true(t->stated > 0);
    assert_int_equal(t->unlisted, 0);
    assert_int_equal(t->listed, rows_of_set(t));
    arena_free(&t->arena);
}

static void count(struct tally *t, struct str record, struct str field, bool agree, struct str ours,
                  struct str theirs)
{
    t->stated++;
    if (agree) {
        t->agree++;
        return;
    }
    struct str row = arena_printf(&t->arena, "| logs/%s | %.*s | %.*s |", t->set, STR_ARG(record),
                                  STR_ARG(field));
    if (str_find_str(t->list, row) >= 0) {
        t->listed++;
        return;
    }
    t->unlisted++;
    print_error("%.*s ours: %.*s theirs: %.*s\n", STR_ARG(row), STR_ARG(ours), STR_ARG(theirs));
}

/* ---- our value of a field, as text ---- */

static struct str number(struct arena *a, const struct event *e, uint32_t bit, int64_t v)
{
    return (e->absent & bit) != 0 ? STR_NONE : arena_printf(a, "%lld", (long long)v);
}

static struct str ours_of(struct arena *a, const struct event *e, struct str field)
{
    const struct {
        const char *name;
        struct str text;
    } texts[] = {
        {"client_ip", e->peer_text},
        {"method", e->method_text},
        {"target", e->target},
        {"referer", e->referer},
        {"user_agent", e->agent},
        {"host", e->host},
        {"user", e->user},
        {"time_text", e->time_text},
        {"status", number(a, e, HAS(STATUS), e->status)},
        {"bytes", number(a, e, HAS(BYTES), e->bytes)},
        {"http_version", arena_printf(a, "%d.%d", e->http_version / 10, e->http_version % 10)},
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (str_eq(field, str_of(texts[i].name)))
            return texts[i].text;
    return STR_NONE;
}

/* Central European summer time: last Sunday of March to last Sunday of October, 01:00 UTC. */
static int64_t zurich_of(int64_t us)
{
    struct civil c = civil_from_us(us);
    int64_t turn[2];
    for (int i = 0; i < 2; i++) {
        int month = i == 0 ? 3 : 10;
        int64_t last = days_from_civil(c.year, month, 31);
        last -= (last + 4) % 7; /* 1970-01-01 was a Thursday: Sunday is 0 */
        turn[i] = (last * 86400 + 3600) * INT64_C(1000000);
    }
    return us + (us >= turn[0] && us < turn[1] ? 2 : 1) * INT64_C(3600000000);
}

static bool same(struct arena *a, const struct event *e, struct str field, struct str theirs,
                 struct str *ours)
{
    int64_t us;
    bool zone;
    *ours = ours_of(a, e, field);
    if (str_eq(field, STR("time_iso")))
        return iso_parse(theirs, 0, &us, &zone) && us == e->time_us;
    if (str_eq(field, STR("time_zurich")))
        return iso_parse(theirs, 0, &us, &zone) && us == zurich_of(e->time_us);
    if (str_eq(field, STR("time_text"))) /* some state it without the zone */
        return str_starts(*ours, theirs);
    if (str_eq(field, STR("time_zone")))
        return str_ends(e->time_text, theirs);
    if (ours->p == NULL)
        return theirs.p == NULL || str_eq(theirs, STR("-"));
    return str_eq(*ours, theirs);
}

static void compare(struct tally *t, struct str record, const struct event *e,
                    const struct json *fields)
{
    for (const struct json *f = fields->child; f != NULL; f = f->next) {
        struct str ours = STR_NONE, theirs = f->kind == JSON_KIND_NULL ? STR_NONE : f->text;
        bool agree = e != NULL && same(&t->arena, e, f->key, theirs, &ours);
        count(t, record, f->key, agree, ours, theirs);
    }
}

/* Recognises and reads one line; NULL when it is none of ours. */
static const struct event *read_alone(struct tally *t, struct str line, struct event *e)
{
    enum diag_code code;
    struct str why;
    struct log_thread thread = {0};
    struct log_format *f = log_format_open(&t->arena, STR("auto"), STR_NONE, 0, line, &code, &why);
    return f != NULL && log_line(f, &thread, &t->arena, line, e) == REJECT_NONE ? e : NULL;
}

static struct str text_of(const struct json *object, const char *key)
{
    const struct json *v = json_get(object, str_of(key));
    return v != NULL && v->kind == JSON_KIND_STRING ? v->text : STR_NONE;
}

static struct str line_of(struct str text, int64_t number_from_1)
{
    struct str line = STR_NONE;
    for (int64_t i = 0; i < number_from_1 && text.p != NULL; i++)
        text = str_cut(text, '\n', &line);
    return line;
}

/* Formats of later work; what is left are requests in common, combined, their vhost forms, and
 * nginx's JSON. */
static bool ours_to_read(struct str format)
{
    static const char *const others[] = {"proxy-manager", "npmplus", "haproxy",     "traefik",
                                         "caddy",         "envoy",   "AWS",         "IIS",
                                         "ModSecurity",   "squid",   "W3C",         "custom",
                                         "(ovh)",         "bzip2",   "nginx error", "apache error"};
    static const char *const wanted[] = {"combined", "common", "nginx JSON"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (str_find_str(format, str_of(others[i])) >= 0)
            return false;
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++)
        if (str_find_str(format, str_of(wanted[i])) >= 0)
            return true;
    return false;
}

/* Sets with one answer a line, or with one for the first record. */
static void stated_fields(const char *set)
{
    struct tally t;
    struct str line;
    if (!tally_open(&t, set))
        skip();
    for (struct str rest = read_named(&t.arena, set, STR("expected.jsonl")); rest.n > 0;) {
        rest = str_cut(rest, '\n', &line);
        const struct json *x = json_parse(&t.arena, line, NULL),
                          *fields = json_get(x, STR("fields"));
        const struct json *line_no = json_get(x, STR("line_no")),
                          *accepted = json_get(x, STR("accepted"));
        if (fields == NULL || !ours_to_read(text_of(x, "format")) ||
            (accepted != NULL && !accepted->boolean))
            continue;
        int64_t n = line_no != NULL ? line_no->integer : 1;
        struct event e = {0};
        struct str text = line_of(read_named(&t.arena, set, text_of(x, "file")), n);
        struct str record =
            arena_printf(&t.arena, "%.*s:%lld", STR_ARG(text_of(x, "file")), (long long)n);
        const struct event *got = read_alone(&t, text, &e);
        if (got == NULL) /* one row for the whole line */
            count(&t, record, STR("line"), false, STR("rejected"), STR("read"));
        else
            compare(&t, record, got, fields);
    }
    tally_close(&t);
}

static void crowdsec_hub(void **state)
{
    (void)state;
    stated_fields("crowdsec-hub");
}

static void fail2ban(void **state)
{
    (void)state;
    stated_fields("fail2ban");
}

static void matomo(void **state)
{
    (void)state;
    stated_fields("matomo");
}

static void logstash_patterns(void **state)
{
    struct tally t;
    struct str line;
    (void)state;
    if (!tally_open(&t, "logstash-patterns"))
        skip();
    for (struct str rest = read_named(&t.arena, t.set, STR("expected.jsonl")); rest.n > 0;) {
        rest = str_cut(rest, '\n', &line);
        const struct json *x = json_parse(&t.arena, line, NULL);
        if (!str_eq(text_of(x, "pattern"), STR("HTTPD_COMBINEDLOG")) &&
            !str_eq(text_of(x, "pattern"), STR("HTTPD_COMMONLOG")))
            continue;
        struct event e = {0};
        compare(&t, text_of(x, "test"), read_alone(&t, text_of(x, "input"), &e),
                json_get(x, STR("fields")));
    }
    tally_close(&t);
}

/* ---- whole files ---- */

struct counts {
    uint64_t lines, accepted;
};

static struct counts read_all(struct tally *t, const char *spec, struct str text,
                              void (*each)(void *, const struct event *), void *context)
{
    enum diag_code code;
    struct str why, line;
    struct counts c = {0};
    struct event e = {0};
    struct log_thread thread = {0};
    struct log_format *f = log_format_open(&t->arena, str_of(spec), STR_NONE, 0, text, &code, &why);
    if (f == NULL)
        return c;
    while (text.n > 0) {
        text = str_cut(text, '\n', &line);
        c.lines++;
        if (log_line(f, &thread, &t->arena, line, &e) != REJECT_NONE)
            continue;
        c.accepted++;
        if (each != NULL)
            each(context, &e);
    }
    return c;
}

/* Every physical line of these is a request. */
static void lnav(void **state)
{
    struct tally t;
    struct str line;
    (void)state;
    if (!tally_open(&t, "lnav"))
        skip();
    for (struct str rest = read_named(&t.arena, t.set, STR("expected.jsonl")); rest.n > 0;) {
        rest = str_cut(rest, '\n', &line);
        const struct json *x = json_parse(&t.arena, line, NULL),
                          *lines = json_get(x, STR("physical_lines"));
        if (!ours_to_read(text_of(x, "format")))
            continue;
        struct counts c =
            read_all(&t, "auto", read_named(&t.arena, t.set, text_of(x, "file")), NULL, NULL);
        count(&t, text_of(x, "file"), STR("lines"),
              c.accepted == (uint64_t)lines->integer && c.lines == c.accepted, STR_NONE, STR_NONE);
    }
    tally_close(&t);
}

struct clients {
    struct ip seen[1024];
    int count;
};

static void note_client(void *context, const struct event *e)
{
    struct clients *c = context;
    for (int i = 0; i < c->count; i++)
        if (ip_eq(&c->seen[i], &e->client))
            return;
    if (c->count < 1024)
        c->seen[c->count++] = e->client;
}

static void hackers_access(void **state)
{
    struct tally t;
    static struct clients clients;
    (void)state;
    if (!tally_open(&t, "hackers-access"))
        skip();
    const struct json *x =
        json_parse(&t.arena, read_named(&t.arena, t.set, STR("expected.jsonl")), NULL);
    struct counts c = read_all(&t, "auto", read_named(&t.arena, t.set, text_of(x, "file")),
                               note_client, &clients);
    count(&t, text_of(x, "file"), STR("lines"),
          (int64_t)c.accepted == json_get(x, STR("physical_lines"))->integer, STR_NONE, STR_NONE);
    count(&t, text_of(x, "file"), STR("clients"),
          clients.count == json_get(x, STR("distinct_clients"))->integer, STR_NONE, STR_NONE);
    tally_close(&t);
}

/* ---- CERTH: sessions by cookie, through a format string ---- */

struct cookie_count {
    struct str name;
    int64_t lines;
};
struct cookies {
    struct cookie_count at[4096];
    int count;
};

static void note_cookie(void *context, const struct event *e)
{
    struct cookies *c = context;
    struct str v = e->extras_count > 0 ? e->extras[0].value : STR_NONE;
    int i = 0;
    while (i < c->count && !str_eq(c->at[i].name, v))
        i++;
    if (i == 4096)
        return;
    c->at[i].name = v;
    c->at[i].lines++;
    c->count += i == c->count;
}

static int64_t lines_with(const struct cookies *c, struct str name)
{
    for (int i = 0; i < c->count; i++)
        if (str_eq(c->at[i].name, name))
            return c->at[i].lines;
    return 0;
}

static void certh_phase1(void **state)
{
    struct tally t;
    struct str line;
    static struct cookies cookies;
    (void)state;
    if (!tally_open(&t, "certh-phase1"))
        skip();
    struct str expected = read_named(&t.arena, t.set, STR("expected.jsonl"));
    for (struct str files = read_named(&t.arena, t.set, STR("files.jsonl")); files.n > 0;) {
        files = str_cut(files, '\n', &line);
        const struct json *file = json_parse(&t.arena, line, NULL);
        struct str name = text_of(file, "file");
        cookies.count = 0;
        memset(cookies.at, 0, sizeof cookies.at);
        struct counts c = read_all(
            &t, "apache:%l %u %t \"%r\" %>s %b \"%{Referer}i\" %{PHPSESSID}C \"%{User-Agent}i\"",
            read_named(&t.arena, t.set, name), note_cookie, &cookies);
        count(&t, name, STR("lines"), c.lines > 0 && c.accepted == c.lines,
              arena_printf(&t.arena, "%llu of %llu", (unsigned long long)c.accepted,
                           (unsigned long long)c.lines),
              STR_NONE);
        for (struct str rest = expected; rest.n > 0;) {
            rest = str_cut(rest, '\n', &line);
            const struct json *x = json_parse(&t.arena, line, NULL);
            const struct json *n = json_get(json_get(x, STR("lines_by_file")), name);
            if (n != NULL)
                count(&t, name, text_of(x, "session"),
                      lines_with(&cookies, text_of(x, "session")) == n->integer, STR_NONE,
                      STR_NONE);
        }
    }
    tally_close(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(crowdsec_hub), cmocka_unit_test(fail2ban),
        cmocka_unit_test(matomo),       cmocka_unit_test(logstash_patterns),
        cmocka_unit_test(lnav),         cmocka_unit_test(hackers_access),
        cmocka_unit_test(certh_phase1),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
