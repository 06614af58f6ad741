/* The lines of decision events, on disk, for sources that cannot be read a second time: a followed log is
 * rotated, truncated or gone by the time its evidence is written.  The file has no name; its disk space
 * comes back by itself however the program ends. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "analyzer/base/fault.h"
#include "analyzer/engine/engine_priv.h"

struct kept_line {
    uint64_t offset;
    uint32_t source;
    uint32_t length;
};

struct keep {
    FILE *file;
    bool failed;
};

struct keep *keep_open(struct str *why)
{
    const char *folder = getenv("TMPDIR");
    struct arena a = {0};
    struct keep *k = NULL;
    char *name = NULL;

    if (folder == NULL || folder[0] != '/')
        folder = "/var/tmp";
    struct str text = arena_printf(&a, "%s/vigie-XXXXXX", folder);
    name = mem_alloc((size_t)text.n + 1);
    memcpy(name, text.p, (size_t)text.n);
    int fd = mkostemp(name, O_CLOEXEC);
    if (fd >= 0) {
        unlink(name);
        k = mem_alloc(sizeof *k);
        k->file = fdopen(fd, "w+b");
    } else {
        *why = str_of(strerror(errno));
    }
    mem_free(name);
    arena_free(&a);
    return k;
}

void keep_line(struct keep *k, uint32_t source, uint64_t offset, struct str raw)
{
    const struct kept_line head = {offset, source, (uint32_t)raw.n};

    if (k->failed)
        return;
    k->failed = fault_write() || fwrite(&head, sizeof head, 1, k->file) != 1 ||
                (raw.n > 0 && fwrite(raw.p, (size_t)raw.n, 1, k->file) != 1);
}

static struct cited *find_cited(struct cited *cited, size_t n, const struct kept_line *h)
{
    size_t lo = 0, hi = n;

    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        const struct cited *c = &cited[mid];
        if (c->source < h->source || (c->source == h->source && c->offset < h->offset))
            lo = mid + 1;
        else
            hi = mid;
    }
    if (lo == n || cited[lo].source != h->source || cited[lo].offset != h->offset)
        return NULL;
    return &cited[lo];
}

bool keep_failed(const struct keep *k)
{
    return k->failed;
}

void keep_recall(struct keep *k, struct arena *a, struct cited *cited, size_t n)
{
    struct kept_line head;

    if (fflush(k->file) != 0 || fseeko(k->file, 0, SEEK_SET) != 0)
        return;
    while (fread(&head, sizeof head, 1, k->file) == 1) {
        struct cited *c = find_cited(cited, n, &head);
        if (c == NULL || c->raw.p != NULL || c->length != head.length) {
            if (fseeko(k->file, head.length, SEEK_CUR) != 0)
                break;
            continue;
        }
        char *bytes = arena_alloc(a, head.length + 1, 1);
        if (head.length > 0 && fread(bytes, head.length, 1, k->file) != 1)
            break;
        c->raw = (struct str){bytes, head.length};
    }
    fseeko(k->file, 0, SEEK_END);
}

void keep_close(struct keep *k)
{
    if (k == NULL)
        return;
    fclose(k->file);
    mem_free(k);
}
