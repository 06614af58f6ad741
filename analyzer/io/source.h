/* source.h: bytes from a file, a pipe or a gzip file, hashed as they are stored.
 *
 * A source is read by one thread at a time.  Compression is recognised by content, never by name.
 * Files are read with read(2), not mapped: a file that shrinks ends early with a diagnostic. */
#ifndef VIGIE_IO_SOURCE_H
#define VIGIE_IO_SOURCE_H

#include "analyzer/base/diag.h"
#include "analyzer/base/hash.h"
#include "analyzer/base/status.h"

struct source;

struct source_options {
    size_t read_max;     /* largest read(2); 0: what the caller asks for; 1 in the one-byte tests */
    bool hash_outside;   /* the caller hashes plain bytes itself (see source_hashes_itself) */
    bool keep_copy;      /* spool a pipe to an unlinked temporary file so that records can be cited */
    int64_t copy_max;    /* spool_bytes_max */
    const volatile int *stop; /* when not 0, a pipe that says nothing has ended; NULL: wait for ever */
};

/* name "-" is stdin.  NULL with *why set when it cannot be opened (directories included). */
struct source *source_open(struct str name, const struct source_options *o, struct str *why);
/* Back to the first byte, holding no buffers until it is read: a folder may have thousands of files open.
 * False, and nothing done, for what cannot be read twice. */
bool source_park(struct source *s);
/* Up to n bytes of the decompressed stream.  OK: *got > 0.  END: nothing left, in order.  FAILED: broke
 * off; source_problem() says how, and what was delivered before stays valid. */
enum status source_read(struct source *s, char *buf, size_t n, size_t *got);
/* False: the stream is the file's own bytes and the caller may hash them in another thread. */
bool source_hashes_itself(const struct source *s);
/* After END or FAILED, when it hashes itself.  On FAILED the rest of the file is read and hashed too. */
struct sha256 source_sha256(struct source *s);
uint64_t source_file_bytes(const struct source *s);  /* read so far, as stored */
uint64_t source_size_hint(const struct source *s);   /* for progress: size of the file, 0 for a pipe */
const char *source_compression(const struct source *s); /* "none" or "gzip" */
bool source_problem(const struct source *s, enum diag_code *code, struct str *detail);
/* True when both are the same file, or files of equal size and equal SHA-256 (both are read for it, without
 * moving either).  Never true for a pipe. */
bool source_same_bytes(struct source *a, struct source *b);
/* True when a plain file is, byte for byte, the beginning of a longer one: a copy taken while it grew. */
bool source_begins(struct source *shorter, struct source *longer);
/* After the end: what was read of the file still has this SHA-256.  It is read again only when the file was
 * touched since it was opened; a pipe cannot change. */
bool source_unchanged(struct source *s, const struct sha256 *first);
void source_close(struct source *s);

/* Citing records again: calls back for every wanted range in ascending order, with its bytes.  The source
 * is read a second time (a pipe from its copy).  FAILED when a range can no longer be read. */
struct range {
    uint64_t offset;
    uint32_t length;
    void *user;
};
enum status source_recall(struct source *s, const struct range *ranges, size_t n,
                          void (*give)(void *user, struct str bytes), struct str *why);

/* The same bytes from the first on, for what has to be parsed a second time: a source of its own, that hashes
 * nothing.  NULL with *why for a pipe of which no copy was kept. */
struct source *source_again(struct source *s, struct str *why);

/* A folder's regular files in name order with rotation numbers understood ("access.log.2.gz" before
 * "access.log.1" before "access.log"); hidden files are left out.  FAILED when it cannot be listed. */
enum status source_list_folder(struct arena *a, struct str folder, struct str **names, size_t *count,
                               struct str *why);
/* Sub-folders and special files of a folder, which the list leaves out; hidden ones are not counted. */
uint64_t source_folder_passed_over(struct str folder);
bool source_is_folder(struct str name);

#endif
