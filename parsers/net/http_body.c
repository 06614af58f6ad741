/* http_body.c: what is kept of a body, its length and its hash. */
#include "parsers/net/http_body.h"

#include "parsers/net/http.h"

enum { BUFFER_MIN = 256, RATIO_FREE = 65536 }; /* a ratio means nothing on few bytes */

bool buffer_add(const struct http_store *store, struct http_buffer *b, struct str bytes)
{
    size_t need = b->n + (size_t)bytes.n, cap = b->cap > 0 ? b->cap : BUFFER_MIN;
    while (cap < need)
        cap *= 2;
    if (cap != b->cap) {
        if (*store->held + cap - b->cap > (uint64_t)store->limits->v[LIMIT_http_held_all_max])
            return false;
        *store->held += cap - b->cap;
        b->p = mem_grow(b->p, cap);
        b->cap = cap;
    }
    if (bytes.n > 0)
        memcpy(b->p + b->n, bytes.p, (size_t)bytes.n);
    b->n = need;
    return true;
}

void buffer_free(const struct http_store *store, struct http_buffer *b)
{
    *store->held -= b->cap;
    mem_free(b->p);
    *b = (struct http_buffer){0};
}

void body_open(struct http_body *b, const struct http_store *store)
{
    *b = (struct http_body){.store = store};
}

bool body_coding(struct http_body *b, enum http_coding coding)
{
    if (b->codings >= (uint64_t)b->store->limits->v[LIMIT_http_codings_max]) {
        b->odd |= HTTP_ODD(DECODED_TOO_LARGE);
        return false;
    }
    b->codings++;
    struct http_layer *l = layer_open(coding);
    if (b->layers == NULL)
        b->layers = l;
    else
        layer_inside(b->layers, l);
    return true;
}

/* What is not kept is hashed as it comes. */
static void hash_cut(struct http_body *b, struct str decoded)
{
    if (b->sha != NULL)
        sha256_add(b->sha, decoded.p, (size_t)decoded.n);
}

static void cut_here(struct http_body *b)
{
    b->cut = true;
    b->odd |= HTTP_ODD(BODY_CUT);
    if (b->store->no_hashes)
        return;
    b->sha = sha256_open();
    sha256_add(b->sha, b->kept.p, b->kept.n);
}

void body_put(struct http_body *b, struct str decoded)
{
    uint64_t max = (uint64_t)b->store->limits->v[LIMIT_body_bytes_max];
    b->length += (uint64_t)decoded.n;
    if (b->cut) {
        hash_cut(b, decoded);
        return;
    }
    uint64_t room = max - b->kept.n;
    struct str fits = str_sub(decoded, 0, (uint64_t)decoded.n < room ? decoded.n : (ptrdiff_t)room);
    bool kept = buffer_add(b->store, &b->kept, fits);
    if (kept && fits.n == decoded.n)
        return;
    ptrdiff_t rest = kept ? fits.n : 0;
    cut_here(b);
    hash_cut(b, str_sub(decoded, rest, decoded.n));
}

bool body_may_make(struct http_body *b, size_t n)
{
    b->made += n;
    if (b->made <=
        RATIO_FREE + b->coded * (uint64_t)b->store->limits->v[LIMIT_http_decoded_ratio_max])
        return true;
    b->odd |= HTTP_ODD(DECODED_TOO_LARGE);
    b->stopped = true;
    return false;
}

void body_add(struct http_body *b, struct str bytes)
{
    if (bytes.n == 0 || b->stopped)
        return;
    if (b->layers != NULL)
        layer_add(b, b->layers, bytes);
    else
        body_put(b, bytes);
}

void body_lost(struct http_body *b)
{
    if (b->layers == NULL)
        return;
    layer_end(b, b->layers); /* what came before the gap still counts */
    b->stopped = true;
    b->odd |= HTTP_ODD(CODING_DAMAGED);
    layer_lost(b->layers);
}

void body_end(struct http_body *b)
{
    if (b->layers != NULL)
        layer_end(b, b->layers);
    layer_free(b->layers);
    b->layers = NULL;
}

struct sha256 body_sha256(const struct http_body *b)
{
    if (b->store->no_hashes)
        return (struct sha256){{0}};
    return b->sha != NULL ? sha256_so_far(b->sha) : sha256_of(buffer_text(&b->kept));
}

void body_free(struct http_body *b)
{
    if (b->store == NULL)
        return;
    layer_free(b->layers);
    buffer_free(b->store, &b->kept);
    if (b->sha != NULL)
        sha256_close(b->sha);
    *b = (struct http_body){0};
}
