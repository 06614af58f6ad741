/* parse_log.h: one line through one format, the text at a guard page. */
#ifndef VIGIE_TESTS_PARSE_LOG_H
#define VIGIE_TESTS_PARSE_LOG_H

#include "parsers/log/log.h"
#include "tests/unit/guard.h"

struct parsed {
    struct log_format *format;
    struct log_thread thread;
    struct arena arena;
    struct event e;
    enum reject reason;
    enum diag_code code;
    struct str why;
};

static inline bool parse_open(struct parsed *p, const char *spec, const char *key_map)
{
    p->format =
        log_format_open(&p->arena, str_of(spec), str_of(key_map), 0, STR_NONE, &p->code, &p->why);
    return p->format != NULL;
}

static inline enum reject parse_line(struct parsed *p, struct str line)
{
    memset(&p->e, 0xa5, sizeof p->e); /* the parser must set all it owns */
    p->reason = log_line(p->format, &p->thread, &p->arena, guarded(line), &p->e);
    return p->reason;
}

static inline void parse_close(struct parsed *p)
{
    arena_free(&p->arena);
    *p = (struct parsed){0};
}

/* For messages of assertions: "" for a missing slice. */
static inline const char *shown(struct parsed *p, struct str s)
{
    return s.p == NULL ? "(missing)" : arena_cstr(&p->arena, s);
}

static inline struct str extra_of(const struct event *e, enum extra_kind kind, const char *name)
{
    for (int i = 0; i < e->extras_count; i++)
        if (e->extras[i].kind == kind && str_eq(e->extras[i].name, str_of(name)))
            return e->extras[i].value;
    return STR("(no such extra)");
}

#endif
