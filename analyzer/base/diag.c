/* diag.c: the table of diag.def, and counting. */
#include "analyzer/base/diag.h"

const struct diag_info diag_table[DIAG_COUNT] = {
#define DIAG(name, severity, en, fr) [DIAG_##name] = {#name, SEVERITY_##severity, {{(en), (fr)}}},
#include "analyzer/base/diag.def"
#undef DIAG
};

const char *severity_name(enum severity s)
{
    static const char *const names[] = {
        [SEVERITY_note] = "note",
        [SEVERITY_warning] = "warning",
        [SEVERITY_partial] = "partial",
        [SEVERITY_unreadable] = "unreadable",
    };
    return names[s];
}

/* From the end: diagnostics of the source being read are the youngest. */
static struct diag *find(struct diags *d, enum diag_code code, uint32_t source)
{
    for (size_t i = d->count; i > 0; i--)
        if (d->items[i - 1].code == code && d->items[i - 1].source == source)
            return &d->items[i - 1];
    return NULL;
}

void diag_add(struct diags *d, enum diag_code code, uint32_t source, uint64_t n, struct str detail)
{
    struct diag *known = find(d, code, source);
    if (known != NULL) {
        known->count += n;
        return;
    }
    if (d->count == d->cap) {
        d->cap = d->cap > 0 ? 2 * d->cap : 16;
        d->items = mem_grow(d->items, d->cap * sizeof *d->items);
    }
    d->items[d->count++] = (struct diag){
        .code = code, .source = source, .count = n, .detail = arena_str(&d->arena, detail)};
}

enum severity diag_worst(const struct diags *d)
{
    enum severity worst = SEVERITY_note;
    for (size_t i = 0; i < d->count; i++)
        if (diag_table[d->items[i].code].severity > worst)
            worst = diag_table[d->items[i].code].severity;
    return worst;
}

void diags_free(struct diags *d)
{
    mem_free(d->items);
    arena_free(&d->arena);
    *d = (struct diags){0};
}
