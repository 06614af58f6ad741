/* verify_inputs.c: the sources themselves, where the verifier has them: their hash, size and every
 * cited byte range.  A source is looked for by its name, then by its SHA-256 among the folder's
 * files. */
#include "reports/verify_bundle.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "analyzer/io/source.h"

#define READ_BYTES (256 << 10)

/* A file of the folder; its hash is computed when it is first asked for. */
struct input {
    struct str path;
    struct str name; /* last part */
    struct sha256 sha256;
    bool hashed, unreadable;
};
struct inputs {
    struct bundle_check *x;
    struct input *items;
    size_t count;
};

static struct str last_part(struct str path)
{
    ptrdiff_t at = path.n;
    while (at > 0 && path.p[at - 1] != '/')
        at--;
    return str_sub(path, at, path.n);
}

/* SHA-256 of the first `limit` bytes; false when it cannot be read or is shorter than a given
 * limit. */
static bool hash_file(struct bundle_check *x, struct str path, uint64_t limit, struct sha256 *out)
{
    int fd = open(arena_cstr(&x->arena, path), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return false;
    char *buf = mem_alloc(READ_BYTES);
    struct sha256_stream *sha = sha256_open();
    uint64_t left = limit;
    ssize_t got = 1;
    while (left > 0 && (got = read(fd, buf, left < READ_BYTES ? (size_t)left : READ_BYTES)) != 0) {
        if (got < 0 && errno != EINTR)
            break;
        sha256_add(sha, buf, got > 0 ? (size_t)got : 0);
        left -= got > 0 ? (uint64_t)got : 0;
    }
    *out = sha256_close(sha);
    mem_free(buf);
    close(fd);
    return got >= 0 && (limit == UINT64_MAX || left == 0);
}

static bool same_hash(const struct sha256 *a, const struct sha256 *b)
{
    return memcmp(a->b, b->b, sizeof a->b) == 0;
}

static bool input_is(struct inputs *in, struct input *i, const struct sha256 *want)
{
    if (!i->hashed) {
        i->hashed = true;
        i->unreadable = !hash_file(in->x, i->path, UINT64_MAX, &i->sha256);
    }
    return !i->unreadable && same_hash(&i->sha256, want);
}

static struct input *by_name(struct inputs *in, struct str name)
{
    for (size_t i = 0; i < in->count; i++) {
        if (name.n > 0 && str_eq(in->items[i].name, name))
            return &in->items[i];
    }
    return NULL;
}

static struct input *by_hash(struct inputs *in, const struct sha256 *want)
{
    for (size_t i = 0; i < in->count; i++) {
        if (input_is(in, &in->items[i], want))
            return &in->items[i];
    }
    return NULL;
}

/* A log that was still growing: what was analysed is its beginning. */
static bool has_grown(struct inputs *in, const struct input *i, const struct bundle_source *s)
{
    struct stat st;
    struct sha256 head;
    bool longer =
        stat(arena_cstr(&in->x->arena, i->path), &st) == 0 && (uint64_t)st.st_size > s->file_bytes;
    return longer && hash_file(in->x, i->path, s->file_bytes, &head) &&
           same_hash(&head, &s->sha256);
}

static struct str place_of(struct bundle_check *x, const struct bundle_source *s)
{
    return s->name.p != NULL ? s->name : arena_str(&x->arena, s->id);
}

/* The file that holds the source, or NULL after a verdict. */
static struct input *find_input(struct inputs *in, const struct bundle_source *s)
{
    struct bundle_check *x = in->x;
    bool streamed = s->name.p == NULL || str_eq(s->name, STR("-"));
    struct input *named = streamed ? NULL : by_name(in, last_part(s->name));
    if (named != NULL && input_is(in, named, &s->sha256))
        return named;
    struct input *found = by_hash(in, &s->sha256);
    if (found != NULL) {
        verdict(x->v, streamed ? CAUSE_source_stream : CAUSE_source_renamed, place_of(x, s),
                found->path);
        return found;
    }
    if (named != NULL && has_grown(in, named, s)) {
        verdict(x->v, CAUSE_source_grew, place_of(x, s), named->path);
        return named;
    }
    verdict(x->v, named != NULL ? CAUSE_source_sha256 : CAUSE_source_absent, place_of(x, s),
            named != NULL ? named->path : STR_NONE);
    return NULL;
}

/* ---- cited ranges ---- */

struct cited_range {
    struct inputs *in;
    const struct bundle_source *source;
    const struct bundle_record *record;
};

static void compare_range(void *user, struct str bytes)
{
    const struct cited_range *c = user;
    struct bundle_check *x = c->in->x;
    struct sha256 sum = sha256_of(bytes);
    x->v->result->ranges++;
    if ((uint64_t)bytes.n != c->record->length || !same_hash(&sum, &c->record->sha256))
        verify_say(x, CAUSE_range_differs, place_of(x, c->source),
                   arena_printf(&x->arena, "%llu+%lu", (unsigned long long)c->record->offset,
                                (unsigned long)c->record->length));
}

static size_t ranges_of(struct inputs *in, uint32_t source, struct range *ranges,
                        struct cited_range *users)
{
    size_t n = 0;
    for (size_t i = 0; i < in->x->records_count; i++) {
        const struct bundle_record *r = &in->x->records[i];
        if (r->source != source || !r->has_raw)
            continue;
        users[n] = (struct cited_range){in, &in->x->sources[source], r};
        ranges[n] = (struct range){.offset = r->offset, .length = r->length, .user = &users[n]};
        n++;
    }
    return n;
}

static void recall(struct inputs *in, const struct input *i, uint32_t source)
{
    struct bundle_check *x = in->x;
    struct range *ranges = mem_alloc((x->records_count + 1) * sizeof *ranges);
    struct cited_range *users = mem_alloc((x->records_count + 1) * sizeof *users);
    size_t n = ranges_of(in, source, ranges, users);
    struct str why = STR_NONE;
    struct source *s = source_open(i->path, &(struct source_options){0}, &why);
    if (s == NULL || (n > 0 && source_recall(s, ranges, n, compare_range, &why) != STATUS_OK))
        verdict(x->v, CAUSE_range_gone, i->path, why);
    if (s != NULL)
        source_close(s);
    mem_free(ranges);
    mem_free(users);
}

static bool list_inputs(struct inputs *in, struct str folder)
{
    struct str *names = NULL, why = STR_NONE;
    size_t count = 0;
    if (source_list_folder(&in->x->arena, folder, &names, &count, &why) != STATUS_OK) {
        verdict(in->x->v, CAUSE_inputs, folder, why);
        return false;
    }
    in->items = ARENA_ARRAY(&in->x->arena, struct input, count + 1);
    in->count = count;
    for (size_t i = 0; i < count; i++)
        in->items[i] = (struct input){.path = names[i], .name = last_part(names[i])};
    return true;
}

void verify_inputs(struct bundle_check *x, struct str inputs)
{
    struct inputs in = {.x = x};
    if (!list_inputs(&in, inputs))
        return;
    for (uint32_t i = 0; i < x->sources_count; i++) {
        const struct bundle_source *s = &x->sources[i];
        if (!s->hashed)
            continue; /* the ledger says it could not be read to its end */
        const struct input *file = find_input(&in, s);
        if (file != NULL)
            recall(&in, file, i);
    }
}
