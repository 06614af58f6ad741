/* follow.c: a log that grows.
 *
 * Rotation by rename: the path names another file.  The old one is read until it has been silent
 * for ROTATE_GRACE_MS, because a server's workers reopen their log one after another.
 * copytruncate: the file is shorter than what was read, or begins differently.  The copy that the
 * rotation left beside it is recognised by its first and last bytes that we read; when it is found,
 * the generation is read to its end from there and can still be cited.
 * Only the monotonic clock is asked, and only for that grace. */
#include "analyzer/io/follow.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "analyzer/base/limits.h"
#include "analyzer/io/stored.h"

enum { ROTATE_GRACE_MS = 1000, MARK_LEN = 256, POLL_MS = 200 };

enum state {
    READING,  /* fd is the file that the path names, as far as we know */
    REPLACED, /* the path names another file; the grace runs */
    ON_COPY,  /* fd is the copy of a truncated file, next_fd the file itself */
    ENDED,    /* the end of the generation was told; the next call goes on */
    ABSENT    /* between generations, and there is no file */
};

struct follow {
    struct arena names;
    const char *path, *folder, *base;
    bool is_stdin;
    enum state state;
    int fd, next_fd; /* next_fd -1: open by path */
    int inotify;     /* -1: poll */
    uint64_t origin; /* where stdin began, when it is a file */
    uint64_t pos;    /* bytes of this generation read */
    struct sha256_stream *sha;
    struct spool spool; /* of a pipe on stdin */
    int64_t silent_since_ms;
    /* What was read first and last of this generation, to know the file again. */
    char head[MARK_LEN], tail[MARK_LEN];
    size_t head_n, tail_n;
};

static int64_t now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void split_path(struct follow *f, struct str path)
{
    f->path = arena_cstr(&f->names, path);
    ptrdiff_t slash = path.n;
    while (slash > 0 && path.p[slash - 1] != '/')
        slash--;
    f->base = arena_cstr(&f->names, str_sub(path, slash, path.n));
    f->folder = slash == 0 ? "." : arena_cstr(&f->names, str_sub(path, 0, slash));
}

/* The folder tells of new names, the file itself of new bytes even behind a symbolic link. */
static void watch(struct follow *f)
{
    if (f->inotify < 0)
        return;
    inotify_add_watch(f->inotify, f->folder, IN_CREATE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE);
    inotify_add_watch(f->inotify, f->path, IN_MODIFY | IN_ATTRIB);
}

static void generation_begin(struct follow *f, int fd)
{
    f->fd = fd;
    f->next_fd = -1;
    f->state = READING;
    f->pos = 0;
    f->head_n = f->tail_n = 0;
    f->sha = sha256_open();
    watch(f);
}

static void generation_drop(struct follow *f)
{
    if (f->sha != NULL)
        sha256_close(f->sha);
    f->sha = NULL;
    if (f->fd >= 0 && !f->is_stdin)
        close(f->fd);
    f->fd = -1;
}

struct follow *follow_open(struct str path, struct str *why)
{
    struct stat st;
    struct follow *f = mem_alloc(sizeof *f);
    f->inotify = f->next_fd = f->spool.fd = -1;
    f->is_stdin = str_eq(path, STR("-"));
    split_path(f, path);
    int fd = f->is_stdin ? STDIN_FILENO : open(f->path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (fd < 0 || fstat(fd, &st) != 0 || S_ISDIR(st.st_mode)) {
        *why = error_text(fd < 0 || !S_ISDIR(st.st_mode) ? errno : EISDIR);
        f->fd = fd;
        follow_close(f);
        return NULL;
    }
    if (!f->is_stdin)
        f->inotify = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
    else if (S_ISREG(st.st_mode))
        f->origin = (uint64_t)lseek(fd, 0, SEEK_CUR);
    else
        f->spool = spool_open(limit_table[LIMIT_spool_bytes_max].value);
    generation_begin(f, fd);
    return f;
}

static void keep_tail(struct follow *f, const char *p, size_t n)
{
    if (n >= MARK_LEN) {
        memcpy(f->tail, p + n - MARK_LEN, MARK_LEN);
        f->tail_n = MARK_LEN;
        return;
    }
    size_t kept = f->tail_n + n > MARK_LEN ? MARK_LEN - n : f->tail_n;
    memmove(f->tail, f->tail + f->tail_n - kept, kept);
    memcpy(f->tail + kept, p, n);
    f->tail_n = kept + n;
}

static void took(struct follow *f, const char *p, size_t n)
{
    size_t head = MARK_LEN - f->head_n < n ? MARK_LEN - f->head_n : n;
    memcpy(f->head + f->head_n, p, head);
    f->head_n += head;
    keep_tail(f, p, n);
    sha256_add(f->sha, p, n);
    spool_add(&f->spool, p, n);
    f->pos += n;
}

/* False when fd begins with other bytes than those that were read. */
static bool same_head(const struct follow *f, int fd)
{
    char now[MARK_LEN];
    size_t n = read_fully_at(fd, f->origin, now, f->head_n);
    return memcmp(now, f->head, n) == 0;
}

static bool same_tail(const struct follow *f, int fd)
{
    char now[MARK_LEN];
    return read_fully_at(fd, f->pos - f->tail_n, now, f->tail_n) == f->tail_n &&
           memcmp(now, f->tail, f->tail_n) == 0;
}

static bool was_truncated(const struct follow *f)
{
    struct stat st;
    if (fstat(f->fd, &st) != 0 || !S_ISREG(st.st_mode))
        return false;
    return (uint64_t)st.st_size < f->pos || !same_head(f, f->fd);
}

/* A plain file beside ours that holds everything we read; -1 when there is none. */
static int find_copy(const struct follow *f)
{
    struct arena a = {0};
    struct str *names, why;
    size_t count = 0;
    int found = -1;
    struct stat own, st;
    if (f->head_n == 0 || fstat(f->fd, &own) != 0 ||
        source_list_folder(&a, str_of(f->folder), &names, &count, &why) != STATUS_OK)
        count = 0;
    const char *slash = str_ends(str_of(f->folder), STR("/")) ? "" : "/";
    struct str prefix = arena_printf(&a, "%s%s%s", f->folder, slash, f->base);
    for (size_t i = count; i > 0 && found < 0; i--) {
        if (!str_starts(names[i - 1], prefix))
            continue;
        int fd = open(names[i - 1].p, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
        bool other = fd >= 0 && fstat(fd, &st) == 0 && st.st_ino != own.st_ino &&
                     (uint64_t)st.st_size >= f->pos;
        if (other && same_head(f, fd) && same_tail(f, fd))
            found = fd;
        else if (fd >= 0)
            close(fd);
    }
    arena_free(&a);
    return found;
}

static bool path_names_another(const struct follow *f)
{
    struct stat ours, there;
    return fstat(f->fd, &ours) == 0 && stat(f->path, &there) == 0 &&
           (ours.st_ino != there.st_ino || ours.st_dev != there.st_dev);
}

static enum follow_event end_generation(struct follow *f)
{
    f->state = ENDED;
    return FOLLOW_GENERATION;
}

static enum follow_event truncated(struct follow *f)
{
    int copy = find_copy(f);
    if (copy < 0) {
        f->next_fd = dup(f->fd);
        return end_generation(f);
    }
    f->next_fd = f->fd;
    f->fd = copy;
    f->state = ON_COPY;
    return FOLLOW_IDLE;
}

/* The file gave nothing: why? */
static enum follow_event nothing_new(struct follow *f)
{
    if (f->state == ON_COPY)
        return end_generation(f);
    if (was_truncated(f))
        return truncated(f);
    if (!path_names_another(f)) {
        f->state = READING;
        return FOLLOW_IDLE;
    }
    if (f->state == READING) {
        f->state = REPLACED;
        f->silent_since_ms = now_ms();
    }
    return now_ms() - f->silent_since_ms >= ROTATE_GRACE_MS ? end_generation(f) : FOLLOW_IDLE;
}

static enum follow_event read_file(struct follow *f, char *buf, size_t n, size_t *got)
{
    ssize_t done;
    do
        done = pread(f->fd, buf, n, (off_t)f->pos);
    while (done < 0 && errno == EINTR);
    if (done < 0)
        return FOLLOW_ERROR;
    if (done == 0)
        return nothing_new(f);
    if (f->state != ON_COPY && !same_head(f, f->fd))
        return truncated(f); /* and grown again past our place: these bytes are not the next ones */
    took(f, buf, (size_t)done);
    *got = (size_t)done;
    f->silent_since_ms = now_ms();
    return FOLLOW_BYTES;
}

static enum follow_event read_stdin(struct follow *f, char *buf, size_t n, size_t *got)
{
    struct pollfd ready = {.fd = f->fd, .events = POLLIN};
    if (poll(&ready, 1, 0) == 0)
        return FOLLOW_IDLE;
    ssize_t done = read(f->fd, buf, n);
    if (done < 0)
        return errno == EINTR || errno == EAGAIN ? FOLLOW_IDLE : FOLLOW_ERROR;
    if (done == 0) {
        f->state = ENDED;
        return FOLLOW_END;
    }
    took(f, buf, (size_t)done);
    *got = (size_t)done;
    return FOLLOW_BYTES;
}

/* After the end of one generation: the next, or false while there is none. */
static bool next_generation(struct follow *f)
{
    int next = f->next_fd;
    generation_drop(f);
    f->state = ABSENT;
    if (next < 0)
        next = open(f->path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (next < 0)
        return false;
    generation_begin(f, next);
    return true;
}

enum follow_event follow_read(struct follow *f, char *buf, size_t n, size_t *got)
{
    *got = 0;
    if (f->is_stdin)
        return f->state == ENDED ? FOLLOW_END : read_stdin(f, buf, n, got);
    if ((f->state == ENDED || f->state == ABSENT) && !next_generation(f))
        return FOLLOW_IDLE;
    enum follow_event event = read_file(f, buf, n, got);
    if (event == FOLLOW_IDLE && f->state == ON_COPY)
        event = read_file(f, buf, n, got);
    return event;
}

/* What is waited for, and how long at most. */
static int wait_on(const struct follow *f, struct pollfd *p, int ms)
{
    *p = (struct pollfd){.fd = f->is_stdin ? f->fd : f->inotify, .events = POLLIN};
    if (f->is_stdin)
        return ms;
    int most = f->inotify < 0 || f->state == ABSENT ? POLL_MS : ms;
    if (f->state == REPLACED && most > POLL_MS)
        most = POLL_MS;
    return most < ms ? most : ms;
}

static void forget_events(const struct follow *f)
{
    char events[4096];
    while (f->inotify >= 0 && read(f->inotify, events, sizeof events) > 0)
        ;
}

void follow_wait(struct follow *const *all, size_t n, int ms)
{
    struct pollfd *fds = mem_alloc(n * sizeof *fds);
    for (size_t i = 0; i < n; i++) {
        int most = wait_on(all[i], &fds[i], ms);
        ms = most < ms ? most : ms;
    }
    poll(fds, (nfds_t)n, ms);
    for (size_t i = 0; i < n; i++)
        forget_events(all[i]);
    mem_free(fds);
}

struct sha256 follow_sha256(struct follow *f, uint64_t *bytes)
{
    *bytes = f->pos;
    return f->sha != NULL ? sha256_so_far(f->sha) : sha256_of(STR(""));
}

bool follow_recall(struct follow *f, uint64_t offset, uint32_t length, char *buf)
{
    if (offset + length > f->pos)
        return false;
    if (f->spool.fd >= 0)
        return spool_read(&f->spool, offset, buf, length) == length;
    return f->fd >= 0 && !was_truncated(f) &&
           read_fully_at(f->fd, f->origin + offset, buf, length) == length;
}

void follow_close(struct follow *f)
{
    if (f == NULL)
        return;
    generation_drop(f);
    if (f->next_fd >= 0)
        close(f->next_fd);
    if (f->inotify >= 0)
        close(f->inotify);
    spool_close(&f->spool);
    arena_free(&f->names);
    mem_free(f);
}
