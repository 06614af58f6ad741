/* run.h: one run of the engine as the commands share it: settings, result files, messages, exit code. */
#ifndef VIGIE_CLI_RUN_H
#define VIGIE_CLI_RUN_H

#include "analyzer/cli/cli.h"
#include "analyzer/cli/progress.h"
#include "analyzer/cli/result.h"
#include "analyzer/cli/shelf.h"
#include "analyzer/engine/engine.h"

struct run {
    struct cli *cli;
    struct settings settings;
    const struct site *site;
    struct engine *engine;
    struct result sessions, findings, rejects, alerts;
    struct shelf *shelf; /* of closed sessions; NULL when nobody asked for them */
    struct progress progress;
    bool stopped;        /* the reader of standard output went away */
};

/* Settings from choices; --print-config is answered here.  False: over, with *code. */
bool run_settle(struct run *r, struct cli *c, enum exit_code *code);
/* Inputs and --out are looked at, result files opened.  False: over, with *code. */
bool run_open(struct run *r, enum exit_code *code);
/* The hooks that the open results need; user is r. */
struct engine_hooks run_hooks(struct run *r);
/* Progress and signals alone, for hooks of another user. */
bool run_goes_on(struct run *r, const struct engine_progress *p);
/* Results, bundle, summary and messages; the exit code of the run. */
enum exit_code run_finish(struct run *r, enum status status);
/* Diagnostics on standard error, and the exit code that they and the findings make. */
enum exit_code run_verdict(struct run *r, enum status status);
void run_free(struct run *r);

#endif
