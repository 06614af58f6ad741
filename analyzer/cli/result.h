/* result.h: a file of results: written under a temporary name, renamed when complete.
 *
 * "-" is standard output; what is not a regular file (a pipe, /dev/null) is written directly. */
#ifndef VIGIE_CLI_RESULT_H
#define VIGIE_CLI_RESULT_H

#include "analyzer/base/out.h"
#include "analyzer/cli/cli.h"

enum result_mode {
    RESULT_REPLACE, /* complete under its name or not there */
    RESULT_APPEND   /* alerts: each line counts as soon as it is written */
};

struct result {
    struct out out;
    struct str name;       /* missing: nothing is written */
    const char *temporary; /* NULL: written directly */
    int fd;
};

/* name missing: r stays closed, and that is fine.  False with c->problem. */
bool result_open(struct cli *c, struct result *r, struct str name, enum result_mode mode);
bool result_wanted(const struct result *r);
/* The reader of the pipe went away: not an error, but nothing more need be written. */
bool result_unread(const struct result *r);
/* False with c->problem; then nothing stands under the final name. */
bool result_close(struct cli *c, struct result *r);
void result_abandon(struct result *r);
/* Removes every unfinished temporary file; safe in the handler of mem_on_exhausted. */
void results_abandon(void);
/* Standard output for text: false with c->problem when it could not be written; EPIPE is no problem. */
bool stdout_close(struct cli *c, struct out *o);

#endif
