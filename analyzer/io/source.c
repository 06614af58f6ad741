/* source.c: one source from opening to closing.
 *
 * Opening looks at the first three bytes.  Plain bytes go from read(2) straight into the caller's
 * buffer, gzip data through a buffer of stored bytes and the inflater. */
#include "analyzer/io/source.h"

#include <errno.h>

#include "analyzer/io/inflate.h"
#include "analyzer/io/stored.h"

enum { IN_LEN = 256 * 1024, SNIFF = 3 };

struct source {
    struct stored stored;
    bool gzip;
    bool parked;             /* nothing read, no buffers: they come with the first byte */
    bool hash_outside;
    struct inflate *inflate; /* of gzip data that are not over */
    uint8_t *in;             /* stored bytes not used yet; NULL when there are none for good */
    size_t in_at, in_end;
    enum status last; /* OK until the stream is over */
    bool troubled;
    enum diag_code problem;
    struct str detail;
};

/* The most severe problem is kept, of equals the first. */
static void note_problem(struct source *s, enum diag_code code, struct str detail)
{
    if (s->troubled && diag_table[s->problem].severity >= diag_table[code].severity)
        return;
    s->troubled = true;
    s->problem = code;
    s->detail = detail;
}

/* Reads on until at least this many stored bytes wait, or there are no more. */
static void fill(struct source *s, size_t least)
{
    size_t got = 1;
    while (s->in_end < least && got > 0) {
        got = stored_read(&s->stored, s->in + s->in_end, IN_LEN - s->in_end);
        s->in_end += got;
    }
}

static void sniff(struct source *s)
{
    s->in = mem_alloc(IN_LEN);
    if (!s->hash_outside)
        s->stored.sha = sha256_open();
    fill(s, SNIFF);
    s->gzip = inflate_recognises(s->in, s->in_end);
    if (!s->gzip)
        return;
    s->inflate = inflate_open(inflate_backends[0]);
    if (s->stored.sha == NULL) {
        s->stored.sha = sha256_open();
        sha256_add(s->stored.sha, s->in, s->in_end);
    }
}

struct source *source_open(struct str name, const struct source_options *o, struct str *why)
{
    struct stored stored;
    if (!stored_open(&stored, name, o, why))
        return NULL;
    struct source *s = mem_alloc(sizeof *s);
    s->stored = stored;
    s->hash_outside = o->hash_outside;
    sniff(s);
    return s;
}

struct source *source_again(struct source *s, struct str *why)
{
    struct stored stored;
    if (!stored_can_repeat(&s->stored)) {
        *why = STR("a pipe of which no copy was kept");
        return NULL;
    }
    if (!stored_repeat(&s->stored, &stored)) {
        *why = error_text(errno);
        stored_close(&stored);
        return NULL;
    }
    struct source *again = mem_alloc(sizeof *again);
    again->stored = stored;
    again->hash_outside = true;
    sniff(again);
    return again;
}

/* What only reading on needs. */
static void drop_buffers(struct source *s)
{
    mem_free(s->in);
    s->in = NULL;
    s->in_at = s->in_end = 0;
    inflate_close(s->inflate);
    s->inflate = NULL;
}

static void take_buffers(struct source *s)
{
    s->parked = false;
    if (!s->gzip)
        return;
    s->in = mem_alloc(IN_LEN);
    s->inflate = inflate_open(inflate_backends[0]);
}

bool source_park(struct source *s)
{
    if (!stored_rewind(&s->stored))
        return false;
    drop_buffers(s);
    if (s->gzip || !s->hash_outside)
        s->stored.sha = sha256_open();
    s->parked = true;
    s->last = STATUS_OK;
    return true;
}

/* The stored bytes are over: was that all of them? */
static enum status stored_end(struct source *s)
{
    if (s->stored.error != 0) {
        note_problem(s, DIAG_source_broke_off, error_text(s->stored.error));
        return STATUS_FAILED;
    }
    if (stored_shrank(&s->stored)) {
        note_problem(s, DIAG_source_truncated_while_read, STR_NONE);
        return STATUS_FAILED;
    }
    return STATUS_END;
}

static enum status read_plain(struct source *s, char *buf, size_t n, size_t *got)
{
    if (s->in_at < s->in_end) {
        *got = s->in_end - s->in_at < n ? s->in_end - s->in_at : n;
        memcpy(buf, s->in + s->in_at, *got);
        s->in_at += *got;
        return STATUS_OK;
    }
    if (s->in != NULL)
        drop_buffers(s);
    *got = stored_read(&s->stored, buf, n);
    return *got > 0 ? STATUS_OK : stored_end(s);
}

/* The rest of the stored bytes counts and is hashed even when it means nothing. */
static void drain(struct source *s)
{
    while (stored_read(&s->stored, s->in, IN_LEN) > 0)
        ;
}

static enum status gzip_end(struct source *s, enum status inflated)
{
    enum status status = inflated;
    if (inflated == STATUS_END)
        note_problem(s, DIAG_gzip_trailing, STR_NONE);
    if (inflated == STATUS_FAILED)
        note_problem(s, DIAG_gzip_damaged, str_of(inflate_problem(s->inflate)));
    drain(s);
    enum status stored = stored_end(s);
    if (inflated == STATUS_MORE) {
        status = inflate_finish(s->inflate);
        if (status == STATUS_FAILED)
            note_problem(s, DIAG_gzip_truncated, STR_NONE);
    }
    drop_buffers(s);
    return stored == STATUS_FAILED ? stored : status;
}

/* The inflater gets its input in pieces of IN_LEN however the bytes came: where exactly igzip
 * notices damage depends on the pieces, and the result must not. */
static enum status read_gzip(struct source *s, char *buf, size_t n, size_t *got)
{
    struct inflate_io io = {.out = (uint8_t *)buf, .out_n = n};
    enum status status = STATUS_OK;
    fill(s, s->in_at == 0 ? IN_LEN : 0);
    while (io.out_n > 0 && (status == STATUS_OK || status == STATUS_MORE)) {
        if (status == STATUS_MORE) {
            s->in_at = s->in_end = 0;
            fill(s, IN_LEN);
            if (s->in_end == 0)
                break;
        }
        io.in = s->in + s->in_at;
        io.in_n = s->in_end - s->in_at;
        status = inflate_run(s->inflate, &io);
        s->in_at = s->in_end - io.in_n;
    }
    *got = n - io.out_n;
    /* With something to hand over, an end or a failure waits for the next call to find it again. */
    return *got > 0 ? STATUS_OK : gzip_end(s, status);
}

enum status source_read(struct source *s, char *buf, size_t n, size_t *got)
{
    *got = 0;
    if (s->last != STATUS_OK || n == 0)
        return s->last;
    if (s->parked)
        take_buffers(s);
    enum status status =
        s->gzip ? read_gzip(s, buf, n, got) : read_plain(s, buf, n, got);
    if (s->stored.spool.full)
        note_problem(s, DIAG_spool_full,
                     s->stored.spool.error != 0 ? error_text(s->stored.spool.error) : STR_NONE);
    s->last = status;
    return status;
}

bool source_hashes_itself(const struct source *s)
{
    return s->stored.sha != NULL;
}

struct sha256 source_sha256(struct source *s)
{
    return sha256_so_far(s->stored.sha);
}

uint64_t source_file_bytes(const struct source *s)
{
    return s->stored.bytes;
}

uint64_t source_size_hint(const struct source *s)
{
    return s->stored.size;
}

const char *source_compression(const struct source *s)
{
    return s->gzip ? "gzip" : "none";
}

bool source_problem(const struct source *s, enum diag_code *code, struct str *detail)
{
    if (s->troubled) {
        *code = s->problem;
        *detail = s->detail;
    }
    return s->troubled;
}

struct stored *source_stored(struct source *s)
{
    return &s->stored;
}

void source_close(struct source *s)
{
    if (s == NULL)
        return;
    if (s->stored.sha != NULL)
        sha256_close(s->stored.sha);
    inflate_close(s->inflate);
    stored_close(&s->stored);
    mem_free(s->in);
    mem_free(s);
}
