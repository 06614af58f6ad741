/* explain.h: decisions in words: of one record, of one session. */
#ifndef VIGIE_CLI_EXPLAIN_H
#define VIGIE_CLI_EXPLAIN_H

#include "analyzer/cli/run.h"

/* A record as the analysis saw it, copied out of its block. */
struct told {
    struct event event;
    struct hit hit;
    struct str raw;
    struct rejected rejected;
    enum { TOLD_NOTHING, TOLD_EVENT, TOLD_REJECTED } what;
};

struct teller {
    struct cli *cli;
    struct run *run;
    struct out *o;
};

/* "\n== Title\n" */
void tell_title(const struct teller *t, const char *en, const char *fr);
/* One indented line, wrapped by the terminal alone: what is quoted may be long. */
void tell(const struct teller *t, const char *en, const char *fr, ...)
    __attribute__((format(printf, 2, 4), format(printf, 3, 4)));

void told_keep(struct told *d, struct arena *a, const struct event *e, const struct hit *h, struct str raw);
void tell_source(const struct teller *t, uint32_t source);
void tell_record(const struct teller *t, const struct told *d);
/* kept: the session is among the findings' sessions. */
void tell_session(const struct teller *t, const struct session *s, bool kept);

#endif
