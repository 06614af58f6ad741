/* originals.h: the files that a bundle was made from, found again below a folder.
 *
 * One way of looking for all who need them: by name and SHA-256, then by SHA-256 alone (among files of
 * the right size), then a log of that name which has grown since.  Sub-folders are looked into, links to
 * files followed, links to folders not. */
#ifndef VIGIE_IO_ORIGINALS_H
#define VIGIE_IO_ORIGINALS_H

#include "analyzer/base/hash.h"
#include "analyzer/base/mem.h"

#define ORIGINALS_FILES_MAX (1 << 20)
#define ORIGINALS_DEEP_MAX 32 /* folders inside one another */

struct original {
    struct str name; /* as the ledger gives it; "-" or missing: came from a pipe, has none */
    struct sha256 sha256;
    bool hashed;    /* false: only the name can be looked for */
    uint64_t bytes; /* as stored */
};
enum original_found {
    ORIGINAL_ABSENT,
    ORIGINAL_CHANGED, /* the name is there, with other bytes */
    ORIGINAL_GROWN,   /* the name is there, and begins with the bytes */
    ORIGINAL_RENAMED, /* the bytes are there, under another name */
    ORIGINAL_SAME
};

struct originals;

/* Lists the folder.  NULL with *why when it cannot be read or goes beyond a bound. */
struct originals *originals_open(struct str folder, struct str *why);
/* *path: the file, valid until the close; missing when absent. */
enum original_found originals_find(struct originals *o, const struct original *wanted, struct str *path);
bool original_streamed(const struct original *wanted);
void originals_close(struct originals *o);

#endif
