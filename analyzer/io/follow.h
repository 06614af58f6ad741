/* follow.h: one growing log, read across rotation by rename, by copytruncate and by disappearance.
 *
 * A rotated file is read to its end before its successor; a truncated one begins anew at offset 0 as a
 * new generation.  Each generation is a source of its own in the ledger. */
#ifndef VIGIE_IO_FOLLOW_H
#define VIGIE_IO_FOLLOW_H

#include "analyzer/base/hash.h"
#include "analyzer/base/status.h"

struct follow;
enum follow_event {
    FOLLOW_BYTES,      /* *got bytes were read */
    FOLLOW_IDLE,       /* nothing new; wait */
    FOLLOW_GENERATION, /* the generation ended: finish its last line; reading goes on with the next one */
    FOLLOW_END,        /* stdin ended */
    FOLLOW_ERROR
};

struct follow *follow_open(struct str path, struct str *why); /* "-" is stdin */
enum follow_event follow_read(struct follow *f, char *buf, size_t n, size_t *got);
/* Sleeps until something may have changed (inotify where there is one, else polling) or ms passed; returns
 * early when a signal arrives. */
void follow_wait(struct follow *const *all, size_t n, int ms);
/* SHA-256 and size of the generation that ended (after FOLLOW_GENERATION or FOLLOW_END) or of what was
 * read so far. */
struct sha256 follow_sha256(struct follow *f, uint64_t *bytes);
/* Bytes of the current generation again, from the still open file or the copy. */
bool follow_recall(struct follow *f, uint64_t offset, uint32_t length, char *buf);
void follow_close(struct follow *f);

#endif
