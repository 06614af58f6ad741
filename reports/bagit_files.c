/* bagit_files.c: what is in the folder of a bag, and its bytes. */
#include "reports/bagit.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define READ_BYTES (256 << 10)

/* Folders still to be listed; depth counts from 0 for the bag itself. */
struct folder {
    struct str path; /* empty for the bag itself */
    int depth;
};
struct folders {
    struct folder *items;
    size_t count, cap;
};

static void push_folder(struct folders *q, struct str path, int depth)
{
    if (q->count == q->cap) {
        q->cap = q->cap == 0 ? 16 : q->cap * 2;
        q->items = mem_grow(q->items, q->cap * sizeof(*q->items));
    }
    q->items[q->count++] = (struct folder){path, depth};
}

static void push_file(struct bagit *b, struct str path, uint64_t size)
{
    if (b->count == b->cap) {
        b->cap = b->cap == 0 ? 64 : b->cap * 2;
        b->files = mem_grow(b->files, b->cap * sizeof(*b->files));
    }
    b->files[b->count++] = (struct bagit_file){.path = path, .size = size};
}

static struct str join(struct bagit *b, struct str folder, const char *name)
{
    size_t n = strlen(name);
    size_t head = folder.n > 0 ? (size_t)folder.n + 1 : 0;
    char *p = arena_alloc(&b->arena, head + n + 1, 1);
    if (head > 0) {
        memcpy(p, folder.p, (size_t)folder.n);
        p[folder.n] = '/';
    }
    memcpy(p + head, name, n);
    return (struct str){p, (ptrdiff_t)(head + n)};
}

static void add_entry(struct bagit *b, struct folders *q, const struct folder *in, const char *name)
{
    struct stat st;
    struct str path = join(b, in->path, name);
    if (fstatat(b->root, path.p, &st, AT_SYMLINK_NOFOLLOW) != 0) {
        verdict(b->v, CAUSE_unreadable, path, str_of(strerror(errno)));
    } else if (S_ISDIR(st.st_mode) && in->depth + 1 < BAGIT_FOLDERS_DEEP_MAX) {
        push_folder(q, path, in->depth + 1);
        b->has_data = b->has_data || str_eq(path, STR("data"));
    } else if (S_ISDIR(st.st_mode)) {
        verdict(b->v, CAUSE_too_deep, path, STR_NONE);
    } else if (S_ISREG(st.st_mode)) {
        push_file(b, path, (uint64_t)st.st_size);
    } else {
        verdict(b->v, CAUSE_not_regular, path, STR_NONE);
    }
}

static bool list_folder(struct bagit *b, struct folders *q, struct folder in)
{
    const char *path = in.path.n > 0 ? arena_cstr(&b->arena, in.path) : ".";
    int fd = openat(b->root, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    DIR *d = fd >= 0 ? fdopendir(fd) : NULL;
    if (d == NULL) {
        verdict(b->v, CAUSE_unreadable, in.path.n > 0 ? in.path : b->name, str_of(strerror(errno)));
        if (fd >= 0)
            close(fd);
        return false;
    }
    for (struct dirent *e; (e = readdir(d)) != NULL;) {
        bool self = strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0;
        if (!self)
            add_entry(b, q, &in, e->d_name);
    }
    closedir(d);
    return true;
}

static int by_path(const void *x, const void *y)
{
    return str_cmp(((const struct bagit_file *)x)->path, ((const struct bagit_file *)y)->path);
}

bool bagit_list(struct bagit *b)
{
    struct folders q = {0};
    push_folder(&q, STR(""), 0);
    bool readable = list_folder(b, &q, q.items[0]);
    for (size_t i = 1; i < q.count; i++)
        list_folder(b, &q, q.items[i]);
    mem_free(q.items);
    if (b->count > 0)
        qsort(b->files, b->count, sizeof(*b->files), by_path);
    return readable;
}

struct bagit_file *bagit_find(const struct bagit *b, struct str path)
{
    struct bagit_file key = {.path = path};
    return b->count == 0 ? NULL : bsearch(&key, b->files, b->count, sizeof(*b->files), by_path);
}

int bagit_file_open(const struct bagit *b, const struct bagit_file *f)
{
    /* The listing made the path NUL-terminated. */
    return openat(b->root, f->path.p, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
}

static ssize_t read_some(int fd, void *p, size_t n)
{
    ssize_t got;
    do
        got = read(fd, p, n);
    while (got < 0 && errno == EINTR);
    return got;
}

/* The arena grows by what is there, not by what the file's size claims. */
static bool read_all(int fd, uint64_t max, struct out *o)
{
    char *buf = mem_alloc(READ_BYTES);
    ssize_t got;
    while ((got = read_some(fd, buf, READ_BYTES)) > 0 && o->written + (uint64_t)got <= max)
        out_bytes(o, buf, (size_t)got);
    mem_free(buf);
    return got == 0;
}

bool bagit_read(struct bagit *b, const struct bagit_file *f, struct arena *a, uint64_t max,
                struct str *out)
{
    if (f->size > max) {
        verdict(b->v, CAUSE_too_large, f->path, STR_NONE);
        return false;
    }
    int fd = bagit_file_open(b, f);
    struct out o = out_memory();
    bool whole = fd >= 0 && read_all(fd, max, &o);
    if (whole)
        *out = arena_str(a, out_slice(&o));
    else
        verdict(b->v, CAUSE_unreadable, f->path, fd < 0 ? str_of(strerror(errno)) : STR_NONE);
    out_close(&o);
    if (fd >= 0)
        close(fd);
    return whole;
}

/* ---- digests: every file is read once, whatever the number of manifests ---- */

struct digests {
    struct digest_stream *stream[DIGEST_COUNT];
};

static struct digests digests_open(struct bagit *b, uint8_t wanted)
{
    struct digests d = {0};
    for (int k = 0; k < DIGEST_COUNT; k++) {
        if ((wanted >> k & 1) == 0)
            continue;
        d.stream[k] = digest_open((enum digest_kind)k);
        if (d.stream[k] == NULL && b->v->seen[CAUSE_algorithm_off] == 0)
            verdict(b->v, CAUSE_algorithm_off, b->name, str_of(digest_table[k].name));
    }
    return d;
}

static void digests_add(struct digests *d, const void *p, size_t n)
{
    for (int k = 0; k < DIGEST_COUNT; k++) {
        if (d->stream[k] != NULL)
            digest_add(d->stream[k], p, n);
    }
}

static void digests_close(struct digests *d, uint8_t (*out)[DIGEST_BYTES_MAX])
{
    for (int k = 0; k < DIGEST_COUNT; k++) {
        if (d->stream[k] != NULL)
            digest_close(d->stream[k], out[k]);
    }
}

static void digest_file(struct bagit *b, struct bagit_file *f, char *buf)
{
    int fd = bagit_file_open(b, f);
    ssize_t got = -1;
    f->digest = (void *)arena_alloc(&b->arena, DIGEST_COUNT * sizeof(*f->digest), 1);
    struct digests d = digests_open(b, f->wanted);
    while (fd >= 0 && (got = read_some(fd, buf, READ_BYTES)) > 0)
        digests_add(&d, buf, (size_t)got);
    digests_close(&d, f->digest);
    if (got < 0) {
        verdict(b->v, CAUSE_unreadable, f->path, str_of(strerror(errno)));
        f->unreadable = true;
    }
    if (fd >= 0)
        close(fd);
    b->v->result->files++;
}

bool bagit_sha256(struct bagit *b, struct bagit_file *f, struct sha256 *out)
{
    if (f->digest == NULL || (f->wanted >> DIGEST_SHA256 & 1) == 0) {
        char *buf = mem_alloc(READ_BYTES);
        f->wanted |= 1U << DIGEST_SHA256;
        digest_file(b, f, buf);
        mem_free(buf);
    }
    memcpy(out->b, f->digest[DIGEST_SHA256], sizeof out->b);
    return !f->unreadable;
}

void bagit_digest_wanted(struct bagit *b)
{
    char *buf = mem_alloc(READ_BYTES);
    for (size_t i = 0; i < b->count; i++) {
        if (b->files[i].wanted != 0)
            digest_file(b, &b->files[i], buf);
    }
    mem_free(buf);
}
