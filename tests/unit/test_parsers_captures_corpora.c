/* test_parsers_captures_corpora.c: other people's captures: each is read to its end, or says why not.
 *
 * Runs only where ../shared/corpora exists; prints one line and skips elsewhere.  Against Zeek's answers the
 * TCP segments of each connection are counted, which tries every link layer and tunnel of that set; where
 * ours differ, tests/corpora/DIFFERENCES.md says why ("| captures/zeek | file | segments ... |"). */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <fcntl.h>
#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "analyzer/base/hash.h"
#include "analyzer/base/json.h"
#include "parsers/net/packet.h"

#define CORPORA "../shared/corpora/captures/"

static struct limits limits;

/* ---- one capture ---- */

struct found {
    struct source *source;
    struct capture *capture;
    struct decoder *decoder;
    enum status last;
    struct str why;
};

static bool found_open(struct found *f, const char *path)
{
    struct source_options o = {0};
    *f = (struct found){.source = source_open(str_of(path), &o, &f->why)};
    if (f->source == NULL)
        return false;
    f->capture = capture_open(f->source, STR_NONE, &limits);
    f->decoder = decoder_new(&limits);
    return true;
}

static bool found_next(struct found *f, struct packet *p)
{
    f->last = capture_next(f->capture, p, &f->why);
    return f->last == STATUS_OK;
}

static void found_close(struct found *f)
{
    capture_close(f->capture);
    decoder_free(f->decoder);
    source_close(f->source);
}

/* ---- all of them ---- */

static struct {
    uint64_t files, ended, packets, kinds[DECODED_KINDS], no_captures;
} tally;

static void check_end(const struct found *f, const char *path)
{
    const struct capture_counts *n = capture_counts(f->capture);
    assert_int_equal(n->packet_bytes + n->other_bytes + n->rejected_bytes, n->bytes);
    if (strcmp(source_compression(f->source), "none") == 0)
        assert_int_equal(n->bytes, source_size_hint(f->source));
    if (f->last == STATUS_FAILED) {
        assert_true(f->why.n > 0 && capture_trouble(f->capture) != CAPTURE_FINE);
        print_message("%s: %.*s\n", path, STR_ARG(f->why));
    }
    tally.files++;
    tally.ended += f->last == STATUS_END;
    tally.packets += n->packets;
    for (int i = 0; i < DECODED_KINDS; i++)
        tally.kinds[i] += decoder_counts(f->decoder)->decoded[i];
}

static bool is_capture(const char *path)
{
    struct str name = str_of(path);
    return str_find_str(name, STR(".pcap")) >= 0;
}

static int visit(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    struct found f;
    struct packet p;
    (void)st;
    (void)ftw;
    if (type != FTW_F || !is_capture(path))
        return 0;
    assert_true(found_open(&f, path));
    uint64_t number = 0, end = 0;
    while (found_next(&f, &p)) {
        struct segment s;
        assert_int_equal(p.number, ++number);
        assert_true(p.offset >= end && p.data_offset > p.offset);
        end = p.data_offset + p.captured;
        decoder_run(f.decoder, &p, &s);
    }
    check_end(&f, path);
    found_close(&f);
    return 0;
}

static void every_file(void **state)
{
    static const char *const sets[] = {"zeek", "wireshark", "suricata", "http-evader", "ndpi42", "ja4"};
    (void)state;
    for (size_t i = 0; i < sizeof sets / sizeof *sets; i++) {
        char path[64] = CORPORA;
        memcpy(path + sizeof CORPORA - 1, sets[i], strlen(sets[i]) + 1);
        if (access(path, R_OK) != 0) {
            print_message("SKIP: no %s\n", path);
            continue;
        }
        assert_int_equal(nftw(path, visit, 16, FTW_PHYS), 0);
    }
    if (tally.files == 0)
        skip();
    print_message("captures: %llu files, %llu read to their end, %llu packets: %llu TCP, %llu other, %llu fragments "
                  "waiting, %llu broken, %llu too deep, %llu of other link types\n",
                  (unsigned long long)tally.files, (unsigned long long)tally.ended, (unsigned long long)tally.packets,
                  (unsigned long long)tally.kinds[DECODED_TCP], (unsigned long long)tally.kinds[DECODED_OTHER],
                  (unsigned long long)tally.kinds[DECODED_FRAGMENT], (unsigned long long)tally.kinds[DECODED_BROKEN],
                  (unsigned long long)tally.kinds[DECODED_TOO_DEEP], (unsigned long long)tally.kinds[DECODED_LINK]);
    assert_true(tally.packets > 0 && tally.kinds[DECODED_TCP] > 0);
}

/* ---- Zeek's connections ---- */

struct way { /* one direction of a connection */
    struct ip src, dst;
    uint16_t src_port, dst_port;
    int64_t zeek, ours;
};
enum { WAYS_MAX = 4096 };

struct ways {
    struct way items[WAYS_MAX];
    size_t n;
};

static struct str slurp(struct arena *a, const char *path)
{
    struct out o = out_memory();
    char buffer[16384];
    int fd = open(path, O_RDONLY);
    for (ssize_t n = 0; fd >= 0 && (n = read(fd, buffer, sizeof buffer)) > 0;)
        out_bytes(&o, buffer, (size_t)n);
    struct str s = fd >= 0 ? arena_str(a, out_slice(&o)) : STR_NONE;
    if (fd >= 0)
        close(fd);
    out_close(&o);
    return s;
}

static struct way *way_of(struct ways *w, const struct way *wanted)
{
    for (size_t i = 0; i < w->n; i++)
        if (ip_eq(&w->items[i].src, &wanted->src) && ip_eq(&w->items[i].dst, &wanted->dst) &&
            w->items[i].src_port == wanted->src_port && w->items[i].dst_port == wanted->dst_port)
            return &w->items[i];
    return NULL;
}

static void want(struct ways *w, const struct way *way, int64_t n)
{
    struct way *known = way_of(w, way);
    if (known == NULL) {
        assert_in_range(w->n, 0, WAYS_MAX - 1);
        known = &w->items[w->n++];
        *known = *way;
    }
    known->zeek += n;
}

static int64_t integer_of(const struct json *object, const char *key)
{
    const struct json *v = json_get(object, str_of(key));
    return v != NULL && v->kind == JSON_KIND_NUMBER ? v->integer : -1;
}

static struct str text_of(const struct json *object, const char *key)
{
    const struct json *v = json_get(object, str_of(key));
    return v != NULL && v->kind == JSON_KIND_STRING ? v->text : STR_NONE;
}

/* Both directions of every TCP connection for which the packets are stated. */
static void collect(struct ways *w, const struct json *capture)
{
    const struct json *rows = json_get(capture, STR("conn"));
    w->n = 0;
    for (const struct json *c = rows != NULL ? rows->child : NULL; c != NULL; c = c->next) {
        struct way up = {0}, down;
        if (!str_eq(text_of(c, "proto"), STR("tcp")) || integer_of(c, "orig_pkts") < 0 ||
            !ip_parse(text_of(c, "client_ip"), &up.src) || !ip_parse(text_of(c, "server_ip"), &up.dst))
            continue;
        up.src_port = (uint16_t)integer_of(c, "client_port");
        up.dst_port = (uint16_t)integer_of(c, "server_port");
        down = (struct way){.src = up.dst, .dst = up.src, .src_port = up.dst_port, .dst_port = up.src_port};
        want(w, &up, integer_of(c, "orig_pkts"));
        want(w, &down, integer_of(c, "resp_pkts"));
    }
}

static void count_segments(struct ways *w, const char *path)
{
    struct found f;
    struct packet p;
    struct segment s;
    assert_true(found_open(&f, path));
    while (found_next(&f, &p)) {
        if (decoder_run(f.decoder, &p, &s) != DECODED_TCP)
            continue;
        struct way *way = way_of(w, &(struct way){.src = s.src, .dst = s.dst, .src_port = s.src_port,
                                                  .dst_port = s.dst_port});
        if (way != NULL)
            way->ours++;
    }
    found_close(&f);
}

/* True when the list knows this difference. */
static bool listed(struct arena *a, struct str list, struct str file, const struct way *way)
{
    struct str row = arena_printf(a, "| captures/zeek | %.*s | segments %u > %u | %lld | %lld |", STR_ARG(file),
                                  way->src_port, way->dst_port, (long long)way->ours, (long long)way->zeek);
    if (str_find_str(list, row) >= 0)
        return true;
    print_error("%.*s\n", STR_ARG(row));
    return false;
}

static size_t rows_of(struct str list)
{
    size_t rows = 0;
    struct str line;
    while (list.n > 0) {
        list = str_cut(list, '\n', &line);
        rows += str_starts(line, STR("| captures/zeek |")) && str_find_str(line, STR("| segments ")) >= 0;
    }
    return rows;
}

static void zeek_connections(void **state)
{
    static struct ways ways;
    struct arena a = {0};
    struct str answers = slurp(&a, CORPORA "zeek/expected.jsonl"), line;
    struct str list = slurp(&a, "tests/corpora/DIFFERENCES.md");
    size_t stated = 0, agree = 0, known = 0;
    (void)state;
    if (answers.p == NULL) {
        print_message("SKIP: no " CORPORA "zeek\n");
        skip();
    }
    while (answers.n > 0) {
        answers = str_cut(answers, '\n', &line);
        const struct json *x = json_parse(&a, line, NULL);
        struct str file = text_of(x, "file");
        collect(&ways, x);
        if (ways.n == 0)
            continue;
        count_segments(&ways, arena_cstr(&a, arena_printf(&a, CORPORA "zeek/%.*s", STR_ARG(file))));
        for (size_t i = 0; i < ways.n; i++) {
            bool same = ways.items[i].zeek == ways.items[i].ours;
            stated++;
            agree += same;
            known += !same && listed(&a, list, file, &ways.items[i]);
        }
    }
    print_message("captures/zeek: segments of %zu of %zu directions agree, %zu listed disagreements\n", agree, stated,
                  known);
    assert_true(stated > 0);
    assert_int_equal(agree + known, stated);
    assert_int_equal(known, rows_of(list));
    arena_free(&a);
}

/* ---- what libpcap cannot read or does not show ---- */

static void wireshark_files(void **state)
{
    static const struct {
        const char *path;
        uint64_t packets, interfaces_least;
        bool secrets;
    } files[] = {
        {CORPORA "wireshark/many_interfaces.pcapng.1", 64, 2, false},
        {CORPORA "wireshark/many_interfaces.pcapng.2", 0, 2, false},
        {CORPORA "wireshark/many_interfaces.pcapng.3", 0, 2, false},
        {CORPORA "wireshark/tls12-dsb.pcapng", 0, 1, true},
        {CORPORA "wireshark/dhcp-nanosecond.pcap", 4, 1, false},
        {CORPORA "wireshark/dhcp-nanosecond.pcapng", 4, 1, false},
    };
    uint64_t nanoseconds[2] = {0};
    (void)state;
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        struct found f;
        struct packet p;
        if (!found_open(&f, files[i].path)) {
            print_message("SKIP: no %s\n", files[i].path);
            skip();
        }
        while (found_next(&f, &p))
            nanoseconds[i % 2] = nanoseconds[i % 2] * 31 + (uint64_t)p.time_us * 1000 + p.time_ns;
        const struct capture_counts *n = capture_counts(f.capture);
        assert_int_equal(f.last, STATUS_END);
        if (files[i].packets != 0)
            assert_int_equal(n->packets, files[i].packets);
        assert_true(n->interfaces >= files[i].interfaces_least);
        assert_int_equal(capture_secrets(f.capture).n > 0, files[i].secrets);
        found_close(&f);
        if (i == 3)
            nanoseconds[0] = nanoseconds[1] = 0;
    }
    assert_true(nanoseconds[0] == nanoseconds[1] && nanoseconds[0] % 1000 != 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_file),
        cmocka_unit_test(zeek_connections),
        cmocka_unit_test(wireshark_files),
    };
    hash_init();
    limits = limits_default();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
