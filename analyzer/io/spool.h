/* spool.h: a copy of what a pipe delivered, in a temporary file without a name. */
#ifndef VIGIE_IO_SPOOL_H
#define VIGIE_IO_SPOOL_H

#include "analyzer/base/str.h"

struct spool {
    int fd;         /* -1: none */
    uint64_t bytes; /* kept */
    int64_t max;
    bool full;      /* the limit was reached or the disk is full: nothing is added any more */
    int error;      /* errno, when the disk is the reason */
};

/* In $TMPDIR, else /var/tmp, else /tmp; full from the start when none of them works. */
struct spool spool_open(int64_t max);
void spool_add(struct spool *s, const void *p, size_t n);
/* Up to n bytes at offset; how many were there. */
size_t spool_read(const struct spool *s, uint64_t offset, void *buf, size_t n);
void spool_close(struct spool *s);

/* pread(2) until n bytes, the end or an error; offset from the file's start. */
size_t read_fully_at(int fd, uint64_t offset, void *buf, size_t n);

#endif
