/* shelf.c: sessions as they lie in memory, their slices behind them; read by the same process only. */
#include "analyzer/cli/shelf.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "analyzer/base/out.h"

enum { SHELF_BUFFER = 1 << 18 };

struct shelf {
    struct out out;
    FILE *in; /* after shelf_rewind */
    int fd;
};

struct shelf *shelf_open(struct cli *c, struct str folder)
{
    const char *set = getenv("TMPDIR");
    if (folder.p == NULL)
        folder = set != NULL && set[0] != '\0' ? str_of(set) : STR("/tmp");
    struct str path = arena_printf(&c->arena, "%.*s/vigie-shelf-XXXXXX", STR_ARG(folder));
    char *template = ARENA_ARRAY(&c->arena, char, path.n + 1);
    memcpy(template, path.p, (size_t)path.n);
    int fd = mkostemp(template, O_CLOEXEC);
    if (fd < 0) {
        refuse(c, "%s: no temporary file: %s", "%s : fichier temporaire impossible : %s", shown(c, folder),
               cause_of(c, errno));
        return NULL;
    }
    (void)unlink(template);
    struct shelf *s = mem_alloc(sizeof *s);
    s->fd = fd;
    s->out = out_fd(fd, SHELF_BUFFER);
    return s;
}

static void put(struct out *o, const void *p, size_t n)
{
    if (n > 0)
        out_bytes(o, p, n);
}

static void put_str(struct out *o, struct str s)
{
    put(o, s.p, s.n > 0 ? (size_t)s.n : 0);
}

void shelf_add(struct shelf *s, const struct session *session)
{
    struct out *o = &s->out;
    put(o, session, sizeof *session);
    put_str(o, session->key_value);
    put_str(o, session->agent);
    put(o, session->acts, session->acts_count * sizeof session->acts[0]);
    put(o, session->identities, session->identities_count * sizeof session->identities[0]);
    for (uint32_t i = 0; i < session->identities_count; i++) {
        put_str(o, session->identities[i].value);
        put_str(o, session->identities[i].canonical);
        put_str(o, session->identities[i].rule);
    }
}

bool shelf_rewind(struct cli *c, struct shelf *s)
{
    int error = out_close(&s->out);
    s->out = (struct out){.fd = -1};
    if (error == 0 && s->in == NULL && (s->in = fdopen(s->fd, "r")) == NULL)
        error = errno;
    if (error != 0)
        return refuse(c, "temporary file: %s", "fichier temporaire : %s", cause_of(c, error));
    rewind(s->in);
    return true;
}

static bool get(struct shelf *s, void *p, size_t n)
{
    return n == 0 || fread(p, 1, n, s->in) == n;
}

static bool get_str(struct shelf *s, struct arena *a, struct str *text)
{
    if (text->n <= 0)
        return true;
    char *bytes = ARENA_ARRAY(a, char, text->n);
    text->p = bytes;
    return get(s, bytes, (size_t)text->n);
}

bool shelf_next(struct shelf *s, struct arena *a, struct session *session)
{
    if (!get(s, session, sizeof *session) || !get_str(s, a, &session->key_value) || !get_str(s, a, &session->agent))
        return false;
    session->acts = ARENA_ARRAY(a, struct act, session->acts_count + 1);
    session->identities = ARENA_ARRAY(a, struct identity, session->identities_count + 1);
    if (!get(s, session->acts, session->acts_count * sizeof session->acts[0]) ||
        !get(s, session->identities, session->identities_count * sizeof session->identities[0]))
        return false;
    for (uint32_t i = 0; i < session->identities_count; i++) {
        struct identity *id = &session->identities[i];
        if (!get_str(s, a, &id->value) || !get_str(s, a, &id->canonical) || !get_str(s, a, &id->rule))
            return false;
    }
    return true;
}

struct session shelf_copy(struct arena *a, const struct session *session)
{
    struct session copy = *session;
    copy.key_value = arena_str(a, session->key_value);
    copy.agent = arena_str(a, session->agent);
    copy.acts = ARENA_ARRAY(a, struct act, session->acts_count + 1);
    copy.identities = ARENA_ARRAY(a, struct identity, session->identities_count + 1);
    if (session->acts_count > 0)
        memcpy(copy.acts, session->acts, session->acts_count * sizeof copy.acts[0]);
    for (uint32_t i = 0; i < session->identities_count; i++) {
        copy.identities[i] = session->identities[i];
        copy.identities[i].value = arena_str(a, session->identities[i].value);
        copy.identities[i].canonical = arena_str(a, session->identities[i].canonical);
        copy.identities[i].rule = arena_str(a, session->identities[i].rule);
    }
    return copy;
}

void shelf_close(struct shelf *s)
{
    if (s == NULL)
        return;
    if (s->out.buf != NULL)
        (void)out_close(&s->out); /* abandoned */
    if (s->in != NULL)
        fclose(s->in);
    else
        close(s->fd);
    mem_free(s);
}
