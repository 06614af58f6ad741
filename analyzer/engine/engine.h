/* engine.h: the one loop that knows the whole way; batch is a stream that ended. */
#ifndef VIGIE_ENGINE_ENGINE_H
#define VIGIE_ENGINE_ENGINE_H

#include "analyzer/model/settings.h"
#include "analyzer/model/ledger.h"
#include "analyzer/model/finding.h"
#include "analyzer/site/site.h"
#include "analyzer/base/out.h"

struct engine;

struct engine_progress {
    uint64_t bytes, bytes_total; /* as stored; total 0 when unknown */
    uint64_t lines;
    uint64_t decompressed;
};
struct engine_hooks {
    void *user;
    /* Not 0 once a signal asked for the end: no read waits for a silent pipe any longer.  May be NULL. */
    const volatile int *stop;
    bool bodies; /* events of captures come with their response bodies */
    /* Every consumed event in order, or NULL: `vigie events` and `explain`. */
    void (*event)(void *user, const struct event *e, const struct hit *h, struct str raw, struct str source_name);
    /* Every rejected line in order. */
    void (*reject)(void *user, uint32_t source, const struct rejected *r, struct str raw);
    /* Every closed session. */
    void (*session)(void *user, const struct session *s, bool kept);
    /* Now and then from the consuming thread; false asks the engine to stop in order. */
    bool (*progress)(void *user, const struct engine_progress *p);
    /* watch: a conclusion was reached for the first time. */
    void (*alert)(void *user, const struct cluster *c, const struct findings *f);
};

struct engine *engine_new(const struct settings *s, const struct site *site, const struct engine_hooks *hooks);
/* Reads all inputs to their end.  FAILED: at least one source was unreadable (see diags). */
enum status engine_run(struct engine *e);
/* Follows the inputs until stop is set (a signal) or stdin ends. */
enum status engine_watch(struct engine *e, const volatile int *stop);
const struct findings *engine_findings(struct engine *e); /* after run or watch */
const struct ledger *engine_ledger(const struct engine *e);
struct diags *engine_diags(struct engine *e);
/* Writes the bundle (settings.out); FAILED with *why. */
enum status engine_bundle(struct engine *e, struct str *why);
uint64_t engine_cited(const struct engine *e); /* records that the bundle cites; 0 before it is written */
void engine_free(struct engine *e);
/* Canonical JSON of the settings that shape data/. */
struct str settings_effective(struct arena *a, const struct settings *s, const struct site *site);

#endif
