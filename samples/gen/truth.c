/* truth.c: who was behind which line. */
#include <stdlib.h>
#include <string.h>

#include "samples/gen/site.h"
#include "samples/gen/write.h"

/* Line numbers of each visit, in one table cut by visit. */
struct lines {
    uint32_t *numbers, *starts; /* starts has one entry more than there are visits */
};

static struct lines lines_by_visit(const struct world *w)
{
    struct lines l = {calloc(w->requests_count + 1, sizeof *l.numbers),
                      calloc(w->visits_count + 2, sizeof *l.starts)};
    if (!l.numbers || !l.starts)
        exit(70);
    for (size_t v = 0; v < w->visits_count; v++)
        l.starts[v + 2] = l.starts[v + 1] + w->visits[v].requests;
    for (size_t i = 0; i < w->requests_count; i++)
        l.numbers[l.starts[w->requests[i].visit + 1]++] = (uint32_t)i;
    return l; /* filling moved each start to the next one's place: starts[v] .. starts[v + 1] is visit v */
}

static void put_once(FILE *f, const char **seen, size_t *count, const char *text)
{
    for (size_t i = 0; i < *count; i++)
        if (strcmp(seen[i], text) == 0)
            return;
    if (*count < 256)
        seen[(*count)++] = text;
    fprintf(f, "%s\"%s\"", *count > 1 ? "," : "", text);
}

static void put_records(FILE *f, const uint32_t *numbers, uint32_t n)
{
    for (uint32_t i = 0, run; i < n; i += run) {
        for (run = 1; i + run < n && numbers[i + run] == numbers[i] + run; run++)
            ;
        fprintf(f, "%s[%u,%u]", i ? "," : "", (unsigned)numbers[i] + 1, (unsigned)(numbers[i] + run));
    }
}

static void put_visit(FILE *f, const struct world *w, const struct lines *l, uint32_t v)
{
    const struct visit *x = &w->visits[v];
    fprintf(f, "{\"cookie\":\"%s\",", x->cookie);
    if (x->email)
        fprintf(f, "\"email\":\"%s\",", x->email);
    fprintf(f, "\"booked\":%s,\"records\":[", x->slot ? "true" : "false");
    put_records(f, l->numbers + l->starts[v], x->requests);
    fputs("]}", f);
}

static void put_party(FILE *f, const struct world *w, const struct lines *l, const uint32_t *visits, uint32_t n)
{
    const struct party *p = &w->parties[w->visits[visits[0]].party];
    const char *seen[256];
    size_t count = 0;
    fprintf(f, "{\"actor\":\"%s\",\"class\":\"%s\",\"offender\":%s,\"automated\":%s,\"bulk\":%s,\"addresses\":[", p->id,
            p->class, p->offender ? "true" : "false", p->automated ? "true" : "false", p->bulk ? "true" : "false");
    for (uint32_t i = 0; i < n; i++)
        for (uint32_t k = l->starts[visits[i]]; k < l->starts[visits[i]] + w->visits[visits[i]].requests; k++)
            put_once(f, seen, &count, w->requests[l->numbers[k]].address);
    fputs("],\"emails\":[", f);
    count = 0;
    for (uint32_t i = 0; i < n; i++)
        if (w->visits[visits[i]].email)
            put_once(f, seen, &count, w->visits[visits[i]].email);
    fputs("],\"sessions\":[", f);
    for (uint32_t i = 0; i < n; i++) {
        fputs(i ? "," : "", f);
        put_visit(f, w, l, visits[i]);
    }
    fputs("]}\n", f);
}

void write_truth(FILE *f, const struct world *w, const char *scenario)
{
    struct lines l = lines_by_visit(w);
    uint32_t *starts = calloc(w->parties_count + 2, sizeof *starts);
    uint32_t *visits = calloc(w->visits_count + 1, sizeof *visits);
    if (!starts || !visits)
        exit(70);
    fprintf(f, "{\"truth\":1,\"scenario\":\"%s\",\"site\":\"%s\",\"seed\":%llu,\"lines\":%zu}\n", scenario,
            w->site->name, (unsigned long long)w->seed, w->requests_count);
    for (size_t v = 0; v < w->visits_count; v++)
        if (w->visits[v].requests)
            starts[w->visits[v].party + 2]++;
    for (size_t p = 1; p <= w->parties_count; p++)
        starts[p + 1] += starts[p];
    for (uint32_t v = 0; v < w->visits_count; v++)
        if (w->visits[v].requests)
            visits[starts[w->visits[v].party + 1]++] = v;
    for (size_t p = 0; p < w->parties_count; p++)
        if (starts[p] < starts[p + 1])
            put_party(f, w, &l, visits + starts[p], starts[p + 1] - starts[p]);
    free(starts);
    free(visits);
    free(l.numbers);
    free(l.starts);
}
