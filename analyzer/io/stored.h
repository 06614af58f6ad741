/* stored.h: the bytes of a source as stored: read once in order, and read again by place. */
#ifndef VIGIE_IO_STORED_H
#define VIGIE_IO_STORED_H

#include <time.h>

#include "analyzer/base/hash.h"
#include "analyzer/io/source.h"
#include "analyzer/io/spool.h"

struct stored {
    int fd;
    bool owned;   /* fd is closed at the end */
    bool regular; /* a file with a size and places, not a pipe */
    uint64_t base; /* where it began: stdin may be a file that was read in part */
    uint64_t size; /* at opening, from base; 0 for a pipe */
    uint64_t bytes; /* read so far */
    struct timespec touched; /* st_ctim at opening, which nobody can set */
    size_t read_max;
    const volatile int *stop; /* of a pipe; NULL: it is waited for */
    bool ended;
    int error; /* errno of the read that failed */
    struct sha256_stream *sha; /* NULL: somebody else hashes */
    struct sha256 whole;       /* of the file, when it was compared with another one */
    bool whole_known;
    struct spool spool;        /* of a pipe; fd -1 when none is kept */
};

bool stored_open(struct stored *in, struct str name, const struct source_options *o,
                 struct str *why);
/* The next bytes, at most n: 0 at the end or after an error. */
size_t stored_read(struct stored *in, void *buf, size_t n);
/* To the first byte again, nothing read or hashed; false for a pipe. */
bool stored_rewind(struct stored *in);
/* At the end: the file is shorter than it was, or than what was read of it. */
bool stored_shrank(const struct stored *in);
/* Bytes that were read before, or that a file has. */
size_t stored_again(const struct stored *in, uint64_t offset, void *buf, size_t n);
bool stored_can_repeat(const struct stored *in);
/* Opens the same bytes at their beginning, hashed by nobody.  Both share a reading position: this one is read
 * when the other one is done. */
bool stored_repeat(const struct stored *in, struct stored *again);
void stored_close(struct stored *in);

/* For source_recall, which reads by place and leaves the reading position alone. */
struct stored *source_stored(struct source *s);

/* What errno means, in English whatever the locale. */
struct str error_text(int error);

#endif
