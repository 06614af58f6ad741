/* spool.c: see spool.h; the file never has a name for long, so nothing is left behind. */
#include "analyzer/io/spool.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "analyzer/base/fault.h"

static int open_in(const char *folder)
{
    return folder == NULL ? -1 : open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
}

/* For file systems without O_TMPFILE. */
static int open_and_unlink(void)
{
    char name[] = "/tmp/vigie-XXXXXX";
    int fd = mkostemp(name, O_CLOEXEC);
    if (fd >= 0)
        unlink(name);
    return fd;
}

struct spool spool_open(int64_t max)
{
    struct spool s = {.fd = open_in(getenv("TMPDIR")), .max = max};
    if (s.fd < 0)
        s.fd = open_in("/var/tmp");
    if (s.fd < 0)
        s.fd = open_in("/tmp");
    if (s.fd < 0)
        s.fd = open_and_unlink();
    s.full = s.fd < 0;
    s.error = s.fd < 0 ? errno : 0;
    return s;
}

void spool_add(struct spool *s, const void *p, size_t n)
{
    if (s->fd < 0 || s->full)
        return;
    if (s->max - (int64_t)s->bytes < (int64_t)n) {
        s->full = true;
        return;
    }
    const char *at = p;
    while (n > 0) {
        ssize_t done = -1;
        errno = ENOSPC;
        if (!fault_write())
            done = write(s->fd, at, n);
        if (done < 0 && errno == EINTR)
            continue;
        if (done <= 0) {
            s->full = true;
            s->error = errno;
            return;
        }
        at += done;
        n -= (size_t)done;
        s->bytes += (uint64_t)done;
    }
}

size_t read_fully_at(int fd, uint64_t offset, void *buf, size_t n)
{
    size_t got = 0;
    while (got < n) {
        ssize_t done = pread(fd, (char *)buf + got, n - got, (off_t)(offset + got));
        if (done < 0 && errno == EINTR)
            continue;
        if (done <= 0)
            break;
        got += (size_t)done;
    }
    return got;
}

size_t spool_read(const struct spool *s, uint64_t offset, void *buf, size_t n)
{
    if (s->fd < 0 || offset >= s->bytes)
        return 0;
    uint64_t left = s->bytes - offset;
    return read_fully_at(s->fd, offset, buf, n < left ? n : (size_t)left);
}

void spool_close(struct spool *s)
{
    if (s->fd >= 0)
        close(s->fd);
    s->fd = -1;
}
