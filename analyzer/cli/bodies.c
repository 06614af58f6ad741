/* bodies.c: see bodies.h.  A source's name is reduced to letters, digits, dot, minus and underscore: it was
 * chosen by others and becomes part of a file's name. */
#include "analyzer/cli/bodies.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "analyzer/base/fault.h"
#include "analyzer/base/out.h"

enum { NAME_BYTES_MAX = 64 };

bool bodies_open(struct cli *c, struct bodies *b, struct str folder)
{
    *b = (struct bodies){.folder = -1};
    if (folder.p == NULL)
        return true;
    const char *path = arena_cstr(&c->arena, folder);
    if (mkdir(path, 0777) == 0)
        b->folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (b->folder >= 0)
        return true;
    return refuse(c, "%s: cannot be made: %s", "%s : création impossible : %s", shown(c, folder), cause_of(c, errno));
}

static bool is_plain(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '.' || c == '-' ||
           c == '_';
}

static struct str plain_name(struct arena *a, struct str name)
{
    struct str s = arena_str(a, str_sub(name, 0, NAME_BYTES_MAX));
    char *p = ARENA_ARRAY(a, char, s.n + 1);
    for (ptrdiff_t i = 0; i < s.n; i++)
        p[i] = is_plain(s.p[i]) ? s.p[i] : '_';
    return (struct str){p, s.n};
}

static void write_one(struct cli *c, struct bodies *b, const char *name, struct str body)
{
    int fd = fault_write() ? -1 : openat(b->folder, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    struct out o = out_fd(fd, 1 << 16);
    int error = fd < 0 ? errno : 0;
    if (fd >= 0) {
        out_str(&o, body);
        error = out_close(&o);
        close(fd);
    }
    if (error == 0)
        return;
    b->failed = true;
    refuse(c, "%s: cannot be written: %s", "%s : écriture impossible : %s", name, cause_of(c, error));
}

void bodies_write(struct cli *c, struct bodies *b, const struct event *e, struct str source_name)
{
    const struct event_net *n = e->net;
    struct arena a = {.chunk_len = 4096};
    if (b->folder < 0 || b->failed || n == NULL || n->hello != NULL)
        return;
    struct str stem = arena_printf(&a, "%04u-%.*s.c%llu.t%u", e->source + 1, STR_ARG(plain_name(&a, source_name)),
                                   (unsigned long long)n->connection, n->transaction);
    if (n->has_request_body)
        write_one(c, b, arena_cstr(&a, arena_printf(&a, "%.*s.request", STR_ARG(stem))), e->body);
    if (n->has_response_body && !b->failed)
        write_one(c, b, arena_cstr(&a, arena_printf(&a, "%.*s.response", STR_ARG(stem))), n->response_body);
    arena_free(&a);
}

void bodies_close(struct bodies *b)
{
    if (b->folder >= 0)
        close(b->folder);
    b->folder = -1;
}
