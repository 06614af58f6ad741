/* same.c: is this the file that was given already? */
#include <sys/stat.h>

#include "analyzer/io/stored.h"

/* Once for each file: among many of equal size every pair is compared. */
static struct sha256 whole_file(struct stored *in)
{
    enum { PIECE = 256 * 1024 };
    if (in->whole_known)
        return in->whole;
    struct sha256_stream *sha = sha256_open();
    char *buf = mem_alloc(PIECE);
    size_t got;

    for (uint64_t at = 0; (got = stored_again(in, at, buf, PIECE)) > 0; at += got)
        sha256_add(sha, buf, got);
    mem_free(buf);
    in->whole = sha256_close(sha);
    in->whole_known = true;
    return in->whole;
}

bool source_same_bytes(struct source *a, struct source *b)
{
    struct stored *x = source_stored(a), *y = source_stored(b);
    struct stat p, q;

    if (!x->regular || !y->regular || x->size != y->size || x->size == 0)
        return false;
    if (fstat(x->fd, &p) == 0 && fstat(y->fd, &q) == 0 && p.st_dev == q.st_dev && p.st_ino == q.st_ino)
        return true;
    struct sha256 h = whole_file(x), k = whole_file(y);
    return memcmp(h.b, k.b, sizeof h.b) == 0;
}
