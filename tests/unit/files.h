/* files.h: temporary files and gzip data for the tests of analyzer/io. */
#ifndef VIGIE_TESTS_UNIT_FILES_H
#define VIGIE_TESTS_UNIT_FILES_H

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "analyzer/base/mem.h"

/* A fresh folder; removed again, with the files in it, by folder_remove. */
static inline const char *folder_make(void)
{
    static char name[64];
    const char *tmp = getenv("TMPDIR");
    snprintf(name, sizeof name, "%.40s/vigie-test-XXXXXX", tmp != NULL ? tmp : "/tmp");
    if (mkdtemp(name) == NULL)
        abort();
    return name;
}

static inline const char *in_folder(const char *folder, const char *base)
{
    static char names[4][160];
    static unsigned turn;
    char *name = names[turn++ % 4];
    snprintf(name, sizeof names[0], "%s/%s", folder, base);
    return name;
}

static inline void file_write(const char *path, struct str s, int flags)
{
    int fd = open(path, O_WRONLY | O_CREAT | flags, 0600);
    if (fd < 0 || write(fd, s.n > 0 ? s.p : "", (size_t)s.n) != s.n)
        abort();
    close(fd);
}

/* One gzip member; into a. */
static inline struct str gzip_member(struct arena *a, struct str s, int level)
{
    z_stream z = {0};
    size_t most = (size_t)s.n + (size_t)s.n / 100 + 1000;
    char *out = arena_alloc(a, most, 1);
    struct str in = s.n > 0 ? s : STR("");
    if (deflateInit2(&z, level, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK)
        abort();
    z.next_in = (Bytef *)(uintptr_t)in.p;
    z.avail_in = (uInt)in.n;
    z.next_out = (Bytef *)out;
    z.avail_out = (uInt)most;
    if (deflate(&z, Z_FINISH) != Z_STREAM_END)
        abort();
    struct str got = {out, (ptrdiff_t)z.total_out};
    deflateEnd(&z);
    return got;
}

static inline struct str joined(struct arena *a, struct str x, struct str y)
{
    char *p = arena_alloc(a, (size_t)(x.n + y.n) + 1, 1);
    if (x.n > 0)
        memcpy(p, x.p, (size_t)x.n);
    if (y.n > 0)
        memcpy(p + x.n, y.p, (size_t)y.n);
    return (struct str){p, x.n + y.n};
}

/* n bytes that look like log lines: compressible, but no two pages the same. */
static inline struct str some_lines(struct arena *a, size_t n)
{
    char *p = arena_alloc(a, n + 200, 1);
    size_t at = 0;
    uint32_t random = 1;
    while (at < n) {
        random = random * 1103515245u + 12345u;
        at += (size_t)snprintf(p + at, 100, "192.0.2.%u - - \"GET /p/%u HTTP/1.1\" 200 %u\n",
                               random >> 24, random >> 8 & 0xffff, random % 9999);
    }
    return (struct str){p, (ptrdiff_t)n};
}

#endif
