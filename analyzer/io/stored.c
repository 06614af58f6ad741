/* stored.c: see stored.h. */
#include "analyzer/io/stored.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LOOK_MS = 100 }; /* how long a silent pipe may keep us from a signal */

struct str error_text(int error)
{
    const char *text = strerrordesc_np(error);
    return text != NULL ? str_of(text) : STR("unknown error");
}

static int open_named(struct str name)
{
    struct arena a = {.chunk_len = 4096};
    int fd = open(arena_cstr(&a, name), O_RDONLY | O_CLOEXEC | O_NOCTTY);
    int error = errno;
    arena_free(&a);
    errno = error;
    return fd;
}

/* Sizes and places are those from the current position on. */
static void measure(struct stored *in, const struct stat *st)
{
    off_t here = lseek(in->fd, 0, SEEK_CUR);
    in->regular = S_ISREG(st->st_mode) && here >= 0;
    if (!in->regular)
        return;
    in->base = (uint64_t)here;
    in->touched = st->st_ctim;
    in->size = st->st_size > here ? (uint64_t)(st->st_size - here) : 0;
    posix_fadvise(in->fd, here, 0, POSIX_FADV_SEQUENTIAL);
}

bool stored_open(struct stored *in, struct str name, const struct source_options *o,
                 struct str *why)
{
    struct stat st;
    *in = (struct stored){.read_max = o->read_max, .stop = o->stop, .spool = {.fd = -1}};
    in->owned = !str_eq(name, STR("-"));
    in->fd = in->owned ? open_named(name) : STDIN_FILENO;
    if (in->fd < 0 || fstat(in->fd, &st) != 0) {
        *why = error_text(errno);
        stored_close(in);
        return false;
    }
    if (S_ISDIR(st.st_mode)) {
        *why = error_text(EISDIR);
        stored_close(in);
        return false;
    }
    measure(in, &st);
    if (!in->regular && o->keep_copy)
        in->spool = spool_open(o->copy_max);
    return true;
}

/* The signal may have come to another thread, or before the read: it is looked for, not waited for. */
static bool stopped_while_waiting(const struct stored *in)
{
    struct pollfd p = {.fd = in->fd, .events = POLLIN};
    if (in->regular || in->stop == NULL)
        return false;
    while (*in->stop == 0)
        if (poll(&p, 1, LOOK_MS) > 0)
            return false;
    return true;
}

size_t stored_read(struct stored *in, void *buf, size_t n)
{
    ssize_t got;
    if (in->ended || n == 0)
        return 0;
    if (stopped_while_waiting(in)) {
        in->ended = true;
        return 0;
    }
    if (in->read_max > 0 && n > in->read_max)
        n = in->read_max;
    do
        got = read(in->fd, buf, n);
    while (got < 0 && errno == EINTR);
    if (got <= 0) {
        in->ended = true;
        in->error = got < 0 ? errno : 0;
        return 0;
    }
    in->bytes += (uint64_t)got;
    if (in->sha != NULL)
        sha256_add(in->sha, buf, (size_t)got);
    spool_add(&in->spool, buf, (size_t)got);
    return (size_t)got;
}

bool stored_rewind(struct stored *in)
{
    if (!in->regular || lseek(in->fd, (off_t)in->base, SEEK_SET) < 0)
        return false;
    if (in->sha != NULL)
        sha256_close(in->sha);
    in->sha = NULL;
    in->bytes = 0;
    in->ended = false;
    in->error = 0;
    return true;
}

bool stored_shrank(const struct stored *in)
{
    struct stat st;
    if (!in->regular || fstat(in->fd, &st) != 0)
        return false;
    uint64_t now = (uint64_t)st.st_size;
    return in->bytes < in->size || now < in->base + in->bytes;
}

bool stored_can_repeat(const struct stored *in)
{
    return in->regular || in->spool.fd >= 0;
}

size_t stored_again(const struct stored *in, uint64_t offset, void *buf, size_t n)
{
    if (in->regular)
        return read_fully_at(in->fd, in->base + offset, buf, n);
    return spool_read(&in->spool, offset, buf, n);
}

bool stored_repeat(const struct stored *in, struct stored *again)
{
    *again = (struct stored){.owned = true, .regular = true, .spool = {.fd = -1}, .read_max = in->read_max};
    again->base = in->regular ? in->base : 0;
    again->size = in->regular ? in->size : in->spool.bytes;
    again->fd = fcntl(in->regular ? in->fd : in->spool.fd, F_DUPFD_CLOEXEC, 0);
    return again->fd >= 0 && lseek(again->fd, (off_t)again->base, SEEK_SET) >= 0;
}

void stored_close(struct stored *in)
{
    if (in->owned && in->fd >= 0)
        close(in->fd);
    in->fd = -1;
    spool_close(&in->spool);
}
