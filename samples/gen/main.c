/* main.c: vigie-gen: a made-up day on a booking site, the same bytes for the same seed on any machine. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "samples/gen/bench.h"
#include "samples/gen/scenario.h"
#include "samples/gen/site.h"
#include "samples/gen/write.h"

struct options {
    const char *scenario, *site, *format, *out;
    uint64_t seed, lines;
    uint32_t people, clients, hours;
};

static const int64_t day_us = INT64_C(1772492400) * SECOND_US; /* 3 March 2026, midnight at +01:00 */

static void usage(FILE *f)
{
    fputs("usage: vigie-gen SCENARIO [--site ez-booking|rdvpref] [--seed N] [--people N]\n"
          "                 [--format full|combined|json|all] --out DIR\n"
          "       vigie-gen bench [--lines N] [--clients N] [--hours N] [--seed N] > access.log\n\n"
          "Writes access logs of invented visitors and the truth about them. Scenarios:\n", f);
    for (size_t i = 0; i < scenarios_count; i++)
        fprintf(f, "  %-10s %s\n", scenarios[i].name, scenarios[i].what);
    fputs("  bench      ordinary traffic in combined lines on standard output\n", f);
}

static bool number(const char *text, uint64_t max, uint64_t *out)
{
    char *end;
    errno = 0;
    unsigned long long n = strtoull(text, &end, 10);
    if (errno || end == text || *end || *text == '-' || n > max)
        return false;
    *out = n;
    return true;
}

static bool option(struct options *o, const char *name, const char *value)
{
    uint64_t n = 0;
    if (strcmp(name, "--site") == 0)
        o->site = value;
    else if (strcmp(name, "--format") == 0)
        o->format = value;
    else if (strcmp(name, "--out") == 0)
        o->out = value;
    else if (strcmp(name, "--seed") == 0)
        return number(value, UINT64_MAX, &o->seed);
    else if (strcmp(name, "--lines") == 0)
        return number(value, UINT64_C(1) << 40, &o->lines);
    else if (!number(value, 1u << 24, &n) || n == 0)
        return false;
    else if (strcmp(name, "--people") == 0)
        o->people = (uint32_t)n;
    else if (strcmp(name, "--clients") == 0)
        o->clients = (uint32_t)n;
    else if (strcmp(name, "--hours") == 0)
        o->hours = (uint32_t)n;
    else
        return false;
    return true;
}

static FILE *create(const struct options *o, const char *suffix)
{
    char path[1024];
    int n = snprintf(path, sizeof path, "%s/%s-%s-seed%llu%s", o->out, o->scenario, o->site,
                     (unsigned long long)o->seed, suffix);
    FILE *f = n < (int)sizeof path ? fopen(path, "wb") : NULL;
    if (!f)
        fprintf(stderr, "vigie-gen: cannot write %s: %s\n", path, strerror(errno));
    return f;
}

static bool done(FILE *f)
{
    bool ok = !ferror(f);
    if (fclose(f) != 0 || !ok) {
        fprintf(stderr, "vigie-gen: cannot write: %s\n", strerror(errno));
        return false;
    }
    return true;
}

static bool write_format(const struct options *o, const struct world *w, const struct log_writer *writer)
{
    FILE *f = create(o, writer->suffix);
    if (!f)
        return false;
    for (size_t i = 0; i < w->requests_count; i++)
        writer->line(f, w, &w->requests[i]);
    if (!done(f))
        return false;
    if (!writer->string)
        return true;
    f = create(o, ".format");
    if (!f)
        return false;
    const char *name = strstr(writer->string, "{name}");
    fprintf(f, "%.*s%s%s\n", (int)(name - writer->string), writer->string, w->site->cookie_name, name + 6);
    return done(f);
}

static int simulate(const struct options *o, const struct scenario *s, const struct site_model *site)
{
    struct world w;
    world_init(&w, site, o->seed, day_us);
    struct rng rng;
    rng_seed(&rng, o->seed, 0);
    s->fill(&w, &rng, o->people ? o->people : s->people);
    world_run(&w);
    world_order(&w);
    bool ok = mkdir(o->out, 0777) == 0 || errno == EEXIST;
    if (!ok)
        fprintf(stderr, "vigie-gen: cannot make %s: %s\n", o->out, strerror(errno));
    bool any = false;
    for (size_t i = 0; i < log_writers_count; i++)
        if (strcmp(o->format, "all") == 0 || strcmp(o->format, log_writers[i].name) == 0) {
            any = true;
            ok = ok && write_format(o, &w, &log_writers[i]);
        }
    if (!any)
        fprintf(stderr, "vigie-gen: no format '%s': full, combined, json or all\n", o->format);
    FILE *f = ok && any ? create(o, ".truth.jsonl") : NULL;
    if (f) {
        write_truth(f, &w, s->name);
        ok = done(f);
    }
    world_free(&w);
    return !any ? 2 : ok && f ? 0 : 1;
}

static int bench(const struct options *o)
{
    const struct bench_plan plan = {.lines = o->lines, .seed = o->seed, .clients = o->clients, .hours = o->hours};
    if (bench_write(stdout, &plan) == 0)
        return 0;
    fprintf(stderr, "vigie-gen: cannot write: %s\n", strerror(errno));
    return 1;
}

static int run(const struct options *o)
{
    if (strcmp(o->scenario, "bench") == 0)
        return bench(o);
    const struct scenario *s = NULL;
    for (size_t i = 0; i < scenarios_count; i++)
        if (strcmp(scenarios[i].name, o->scenario) == 0)
            s = &scenarios[i];
    const struct site_model *site = site_model_find(o->site);
    if (!s || !site || !o->out) {
        fprintf(stderr, "vigie-gen: %s '%s'\n", !s ? "no scenario" : !site ? "no site" : "--out is missing for",
                !s ? o->scenario : !site ? o->site : o->scenario);
        usage(stderr);
        return 2;
    }
    return simulate(o, s, site);
}

int main(int argc, char **argv)
{
    struct options o = {.site = "ez-booking", .format = "full", .seed = 42, .lines = 3000000, .clients = 200000,
                        .hours = 24};
    if (argc < 2 || strcmp(argv[1], "--help") == 0) {
        usage(argc < 2 ? stderr : stdout);
        return argc < 2 ? 2 : 0;
    }
    o.scenario = argv[1];
    for (int i = 2; i < argc; i += 2)
        if (i + 1 == argc || !option(&o, argv[i], argv[i + 1])) {
            fprintf(stderr, "vigie-gen: cannot take %s %s\n", argv[i], i + 1 == argc ? "" : argv[i + 1]);
            return 2;
        }
    return run(&o);
}
