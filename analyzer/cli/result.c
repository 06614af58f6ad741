/* result.c: result files. */
#include "analyzer/cli/result.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { RESULT_BUFFER = 1 << 16, RESULTS_MAX = 4 };

/* What the handler of an exhausted memory must remove: it is given nothing else. */
static const char *unfinished[RESULTS_MAX];

static void remember(const char *temporary)
{
    for (int i = 0; i < RESULTS_MAX; i++)
        if (unfinished[i] == NULL) {
            unfinished[i] = temporary;
            return;
        }
}

static void forget(const char *temporary)
{
    for (int i = 0; i < RESULTS_MAX; i++)
        if (unfinished[i] == temporary)
            unfinished[i] = NULL;
}

void results_abandon(void)
{
    for (int i = 0; i < RESULTS_MAX; i++)
        if (unfinished[i] != NULL)
            (void)unlink(unfinished[i]);
}

static int open_temporary(struct cli *c, struct result *r)
{
    mode_t mask = umask(0);
    (void)umask(mask);
    struct str temporary = arena_printf(&c->arena, "%.*s.partial-XXXXXX", STR_ARG(r->name));
    char *template = ARENA_ARRAY(&c->arena, char, temporary.n + 1);
    memcpy(template, temporary.p, (size_t)temporary.n);
    int fd = mkostemp(template, O_CLOEXEC);
    if (fd < 0)
        return -1;
    (void)fchmod(fd, 0666 & ~mask); /* mkostemp makes 0600; the user's mask decides */
    r->temporary = template;
    remember(template);
    return fd;
}

static int open_named(struct cli *c, struct result *r, enum result_mode mode)
{
    struct stat st;
    const char *path = arena_cstr(&c->arena, r->name);
    if (str_eq(r->name, STR("-")))
        return STDOUT_FILENO;
    if (mode == RESULT_APPEND)
        return open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
    if (stat(path, &st) == 0 && !S_ISREG(st.st_mode))
        return open(path, O_WRONLY | O_CLOEXEC);
    return open_temporary(c, r);
}

bool result_open(struct cli *c, struct result *r, struct str name, enum result_mode mode)
{
    *r = (struct result){.name = name, .fd = -1};
    if (name.p == NULL)
        return true;
    r->fd = open_named(c, r, mode);
    if (r->fd < 0) {
        int error = errno;
        r->name = STR_NONE;
        return refuse(c, "%s: cannot be written: %s", "%s : écriture impossible : %s", shown(c, name),
                      cause_of(c, error));
    }
    r->out = out_fd(r->fd, RESULT_BUFFER);
    r->out.shown = true; /* a file is looked at on a terminal too */
    return true;
}

bool result_wanted(const struct result *r)
{
    return r->name.p != NULL;
}

bool result_unread(const struct result *r)
{
    return r->name.p != NULL && r->out.error == EPIPE;
}

static int finish(struct result *r, const char *final)
{
    int error = out_close(&r->out);
    if (error == 0 && r->temporary != NULL && fsync(r->fd) != 0)
        error = errno;
    if (r->fd != STDOUT_FILENO && close(r->fd) != 0 && error == 0)
        error = errno;
    if (r->temporary == NULL)
        return error;
    if (error == 0 && rename(r->temporary, final) != 0)
        error = errno;
    if (error != 0)
        (void)unlink(r->temporary);
    forget(r->temporary);
    return error;
}

bool result_close(struct cli *c, struct result *r)
{
    if (!result_wanted(r))
        return true;
    struct str name = r->name;
    int error = finish(r, arena_cstr(&c->arena, name));
    r->name = STR_NONE;
    if (error == 0 || (error == EPIPE && r->temporary == NULL))
        return true;
    return refuse(c, "%s: cannot be written: %s", "%s : écriture impossible : %s", shown(c, name), cause_of(c, error));
}

void result_abandon(struct result *r)
{
    if (!result_wanted(r))
        return;
    (void)out_close(&r->out); /* abandoned: whether it could be written no longer matters */
    if (r->fd != STDOUT_FILENO)
        (void)close(r->fd);
    if (r->temporary != NULL) {
        (void)unlink(r->temporary);
        forget(r->temporary);
    }
    r->name = STR_NONE;
}

bool stdout_close(struct cli *c, struct out *o)
{
    int error = out_close(o);
    if (error == 0 || error == EPIPE)
        return true;
    return refuse(c, "standard output: %s", "sortie standard : %s", cause_of(c, error));
}
