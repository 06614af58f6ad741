/* pipeline.h: reading, hashing, parsing and consuming overlap on the threads there are.
 *
 * Each thread takes whatever piece of work is ready; blocks are parsed in parallel and consumed in order
 * by one thread at a time, so nothing that is consumed depends on how many threads there are.  One lock is
 * taken twice for each block and piece of work, none for a record. */
#ifndef VIGIE_ENGINE_PIPELINE_H
#define VIGIE_ENGINE_PIPELINE_H

#include "analyzer/engine/lane.h"

struct pipeline_hooks {
    void *user;
    /* A run of consecutive events of one lane's head block, in merged order. */
    void (*events)(void *user, struct lane *l, struct block *b, size_t from, size_t to);
    /* A block whose counts are about to be added to the ledger: its rejects are absolute afterwards. */
    void (*account)(void *user, struct lane *l, struct block *b);
    /* After each block; false stops reading (what was read is still consumed). */
    bool (*tick)(void *user);
};

struct pipeline_config {
    const struct settings *settings;
    const struct site *site;
    struct lane **lanes;
    size_t lanes_count;
    struct pipeline_hooks hooks;
};

/* Runs until every ready lane is consumed.  Lanes are opened when the merge reaches their first stamp. */
void pipeline_run(const struct pipeline_config *c);

#endif
