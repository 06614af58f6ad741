/* write.h: the log as three formats write it, and the truth beside it. */
#ifndef GEN_WRITE_H
#define GEN_WRITE_H

#include <stdio.h>

#include "samples/gen/world.h"

struct log_writer {
    const char *name;   /* of --format */
    const char *suffix; /* of the file */
    const char *string; /* what `vigie analyze --format` wants, with {name} for the cookie's; NULL: not needed */
    void (*line)(FILE *f, const struct world *w, const struct request *q);
};
extern const struct log_writer log_writers[];
extern const size_t log_writers_count;

/* "03/Mar/2026:10:00:00 +0100" of a stamp at a fixed offset; out must hold STAMP_MAX. */
enum { STAMP_MAX = 40 };
void write_stamp(char *out, int64_t us, int32_t zone_s);
/* JSON lines: what the run was, then one object an actor with the line numbers of its requests. */
void write_truth(FILE *f, const struct world *w, const char *scenario);

#endif
