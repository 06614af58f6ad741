/* progress.h: one line on a terminal, rewritten in place: bytes, lines a second, time left. */
#ifndef VIGIE_CLI_PROGRESS_H
#define VIGIE_CLI_PROGRESS_H

#include "analyzer/base/lang.h"
#include "analyzer/base/out.h"
#include "analyzer/engine/engine.h"

struct progress {
    bool wanted, shown;
    enum lang lang;
    uint64_t start_ms, last_ms; /* of the monotonic clock: for this line only, never for a result */
};

struct progress progress_start(bool wanted, enum lang lang);
/* Shows at most a few lines a second, and none in the first second: short inputs show nothing. */
void progress_show(struct progress *p, const struct engine_progress *now);
void progress_clear(struct progress *p);
/* The line itself, without control bytes; for tests. */
void progress_line(struct out *o, const struct engine_progress *now, uint64_t elapsed_ms, enum lang lang);

#endif
