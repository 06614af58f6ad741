/* originals.c: see originals.h.  A file is hashed when it is first asked about, and once. */
#include "analyzer/io/originals.h"

#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "analyzer/io/stored.h"

enum { READ_BYTES = 256 << 10 };

struct candidate {
    struct str path, name; /* name: the last part */
    uint64_t size;
    struct sha256 sha256;
    bool hashed, unreadable;
};
struct originals {
    struct arena arena;
    struct candidate *items; /* in byte order of their paths */
    size_t count, cap;
};

static struct str last_part(struct str path)
{
    ptrdiff_t at = path.n;
    while (at > 0 && path.p[at - 1] != '/')
        at--;
    return str_sub(path, at, path.n);
}

/* ---- what is there ---- */

static void add(struct originals *o, const char *path)
{
    struct stat st;
    if (stat(path, &st) != 0 || !S_ISREG(st.st_mode))
        return;
    if (o->count == o->cap) {
        o->cap = o->cap == 0 ? 64 : 2 * o->cap;
        o->items = mem_grow(o->items, o->cap * sizeof *o->items);
    }
    struct str kept = str_of(arena_cstr(&o->arena, str_of(path))); /* with its NUL */
    o->items[o->count++] = (struct candidate){.path = kept, .name = last_part(kept), .size = (uint64_t)st.st_size};
}

static int by_path(const void *a, const void *b)
{
    return str_cmp(((const struct candidate *)a)->path, ((const struct candidate *)b)->path);
}

static bool list(struct originals *o, FTS *walk, struct str *why)
{
    for (FTSENT *e; (e = fts_read(walk)) != NULL;) {
        if (e->fts_info == FTS_D && e->fts_level > ORIGINALS_DEEP_MAX) {
            *why = STR("folders are nested too deeply");
            return false;
        }
        bool failed = e->fts_info == FTS_DNR || e->fts_info == FTS_NS || e->fts_info == FTS_ERR;
        if (failed && e->fts_level == 0) {
            *why = error_text(e->fts_errno);
            return false;
        }
        if (e->fts_info == FTS_F || e->fts_info == FTS_SL)
            add(o, e->fts_path);
        if (o->count > ORIGINALS_FILES_MAX) {
            *why = STR("more files than are looked through");
            return false;
        }
    }
    return true;
}

struct originals *originals_open(struct str folder, struct str *why)
{
    struct originals *o = mem_alloc(sizeof *o);
    *o = (struct originals){0};
    while (folder.n > 1 && folder.p[folder.n - 1] == '/')
        folder.n--;
    char *path = ARENA_ARRAY(&o->arena, char, folder.n + 1);
    memcpy(path, folder.p, (size_t)folder.n);
    path[folder.n] = '\0';
    char *roots[] = {path, NULL};
    FTS *walk = fts_open(roots, FTS_COMFOLLOW | FTS_PHYSICAL | FTS_NOCHDIR, NULL);
    bool listed = walk != NULL && list(o, walk, why);
    if (walk == NULL)
        *why = error_text(errno);
    else
        fts_close(walk);
    if (!listed) {
        originals_close(o);
        return NULL;
    }
    if (o->count > 0)
        qsort(o->items, o->count, sizeof *o->items, by_path);
    return o;
}

void originals_close(struct originals *o)
{
    if (o == NULL)
        return;
    mem_free(o->items);
    arena_free(&o->arena);
    mem_free(o);
}

/* ---- their bytes ---- */

/* SHA-256 of the first `limit` bytes; false when it cannot be read or is shorter than a given limit. */
static bool hash_file(const struct candidate *c, uint64_t limit, struct sha256 *out)
{
    int fd = open(c->path.p, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return false;
    char *buf = mem_alloc(READ_BYTES);
    struct sha256_stream *sha = sha256_open();
    uint64_t left = limit;
    ssize_t got = 1;
    while (left > 0 && (got = read(fd, buf, left < READ_BYTES ? (size_t)left : READ_BYTES)) != 0) {
        if (got < 0 && errno != EINTR)
            break;
        sha256_add(sha, buf, got > 0 ? (size_t)got : 0);
        left -= got > 0 ? (uint64_t)got : 0;
    }
    *out = sha256_close(sha);
    mem_free(buf);
    close(fd);
    return got >= 0 && (limit == UINT64_MAX || left == 0);
}

static bool same_hash(const struct sha256 *a, const struct sha256 *b)
{
    return memcmp(a->b, b->b, sizeof a->b) == 0;
}

static bool has_bytes(struct candidate *c, const struct original *wanted)
{
    if (!c->hashed) {
        c->hashed = true;
        c->unreadable = !hash_file(c, UINT64_MAX, &c->sha256);
    }
    return !c->unreadable && same_hash(&c->sha256, &wanted->sha256);
}

static bool has_grown(const struct candidate *c, const struct original *wanted)
{
    struct sha256 head;
    return c->size > wanted->bytes && hash_file(c, wanted->bytes, &head) && same_hash(&head, &wanted->sha256);
}

bool original_streamed(const struct original *wanted)
{
    return wanted->name.p == NULL || str_eq(wanted->name, STR("-"));
}

static bool has_name(const struct candidate *c, const struct original *wanted)
{
    return !original_streamed(wanted) && str_eq(c->name, last_part(wanted->name));
}

/* Among the files of that name; *named is the first of them.  Two sources may share one name. */
static struct candidate *by_name(struct originals *o, const struct original *wanted, struct candidate **named)
{
    for (size_t i = 0; i < o->count; i++) {
        if (!has_name(&o->items[i], wanted))
            continue;
        *named = *named == NULL ? &o->items[i] : *named;
        if (!wanted->hashed || has_bytes(&o->items[i], wanted))
            return &o->items[i];
    }
    return NULL;
}

static struct candidate *by_bytes(struct originals *o, const struct original *wanted)
{
    for (size_t i = 0; wanted->hashed && i < o->count; i++)
        if (o->items[i].size == wanted->bytes && has_bytes(&o->items[i], wanted))
            return &o->items[i];
    return NULL;
}

static struct candidate *grown(struct originals *o, const struct original *wanted)
{
    for (size_t i = 0; wanted->hashed && i < o->count; i++)
        if (has_name(&o->items[i], wanted) && has_grown(&o->items[i], wanted))
            return &o->items[i];
    return NULL;
}

enum original_found originals_find(struct originals *o, const struct original *wanted, struct str *path)
{
    struct candidate *named = NULL, *found = by_name(o, wanted, &named);
    enum original_found how = ORIGINAL_SAME;
    if (found == NULL) {
        how = ORIGINAL_RENAMED;
        found = by_bytes(o, wanted);
    }
    if (found == NULL && named != NULL) {
        how = ORIGINAL_GROWN;
        found = grown(o, wanted);
    }
    if (found == NULL) {
        how = named != NULL ? ORIGINAL_CHANGED : ORIGINAL_ABSENT;
        found = named;
    }
    *path = found != NULL ? found->path : STR_NONE;
    return how;
}
