/* verify_records.c: data/records.jsonl, line by line: each record by itself and in its place. */
#include "reports/verify_bundle.h"

#include <errno.h>
#include <unistd.h>

#define READ_BYTES (1 << 20)

static const struct str records_path = STR_INIT("data/records.jsonl");

/* Lines of a file; a line lies in the buffer until the next one is taken. */
struct lines {
    int fd;
    char *buf;
    size_t from, to, cap;
    bool ended, too_long, failed;
};

static void lines_fill(struct lines *l)
{
    if (l->from > 0) {
        memmove(l->buf, l->buf + l->from, l->to - l->from);
        l->to -= l->from;
        l->from = 0;
    }
    if (l->to == l->cap) {
        l->cap = l->cap == 0 ? READ_BYTES : l->cap * 2;
        l->buf = mem_grow(l->buf, l->cap);
    }
    ssize_t got;
    do
        got = read(l->fd, l->buf + l->to, l->cap - l->to);
    while (got < 0 && errno == EINTR);
    l->failed = got < 0;
    l->ended = got <= 0;
    l->to += got > 0 ? (size_t)got : 0;
}

/* False at the end; *whole: the line had its LF. */
static bool lines_next(struct lines *l, struct str *line, bool *whole)
{
    for (;;) {
        size_t have = l->to - l->from;
        const char *start = l->buf + l->from;
        const char *end = have > 0 ? memchr(start, '\n', have) : NULL;
        if (end != NULL || l->ended) {
            *whole = end != NULL;
            *line = (struct str){start, end != NULL ? end - start : (ptrdiff_t)have};
            l->from += (size_t)line->n + (end != NULL);
            return have > 0;
        }
        if (have > VERIFY_LINE_MAX) {
            l->too_long = true;
            return false;
        }
        lines_fill(l);
    }
}

static uint32_t source_index(const struct bundle_check *x, struct str id)
{
    for (size_t i = 0; i < x->sources_count; i++) {
        if (str_eq(x->sources[i].id, id))
            return (uint32_t)i;
    }
    return UINT32_MAX;
}

/* raw_b64 and sha256, which are null together when the bytes could not be read again. */
static void check_raw(struct bundle_check *x, struct str place, const struct json *line,
                      struct arena *a, struct bundle_record *r)
{
    struct str coded = verify_string(line, "raw_b64"), hex = verify_string(line, "sha256"), raw;
    r->has_raw = coded.p != NULL && sha256_parse(hex, &r->sha256);
    if (coded.p == NULL && hex.p == NULL)
        return;
    if (coded.p == NULL || !base64_decode(a, coded, &raw)) {
        verify_say(x, CAUSE_record_base64, place, STR_NONE);
        return;
    }
    struct sha256 sum = sha256_of(raw);
    if ((uint64_t)raw.n != r->length)
        verify_say(x, CAUSE_record_length, place, STR_NONE);
    if (!r->has_raw || memcmp(sum.b, r->sha256.b, sizeof sum.b) != 0)
        verify_say(x, CAUSE_record_sha256, place, STR_NONE);
}

static void check_source(struct bundle_check *x, struct str place, const struct json *line,
                         const struct bundle_record *r)
{
    if (x->evidence == NULL)
        return; /* said already; nothing to compare with */
    if (r->source == UINT32_MAX) {
        verify_say(x, CAUSE_record_source, place, verify_string(line, "source"));
        return;
    }
    const struct bundle_source *s = &x->sources[r->source];
    struct sha256 stated;
    bool same = sha256_parse(verify_string(line, "source_sha256"), &stated) &&
                memcmp(stated.b, s->sha256.b, sizeof stated.b) == 0;
    if (s->hashed && !same)
        verify_say(x, CAUSE_record_source_sha256, place, STR_NONE);
    if (r->offset > s->bytes || r->length > s->bytes - r->offset)
        verify_say(x, CAUSE_record_outside, place, STR_NONE);
    if ((uint64_t)verify_int(line, "record") > s->lines)
        verify_say(x, CAUSE_record_line, place, STR_NONE);
}

/* Against the record before: by source, then offset, without sharing a byte or a line number. */
static void check_order(struct bundle_check *x, struct str place, const struct bundle_record *r,
                        int64_t line, int64_t line_before)
{
    if (x->records_count == 0)
        return;
    const struct bundle_record *before = &x->records[x->records_count - 1];
    if (r->source != before->source) {
        if (r->source < before->source)
            verify_say(x, CAUSE_record_order, place, STR_NONE);
        return;
    }
    if (r->offset <= before->offset)
        verify_say(x, CAUSE_record_order, place, STR_NONE);
    else if (r->offset - before->offset < before->length)
        verify_say(x, CAUSE_record_overlap, place, STR_NONE);
    if (line <= line_before)
        verify_say(x, CAUSE_record_line, place, STR_NONE);
}

/* What stands both beside the fields and among them. */
static void check_fields(struct bundle_check *x, struct str place, const struct json *line)
{
    static const char *const numbers[] = {"length", "offset", "record"};
    const struct json *fields = json_get(line, STR("fields"));
    if (fields == NULL || fields->kind != JSON_KIND_OBJECT)
        return;
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        if (verify_int(fields, numbers[i]) != verify_int(line, numbers[i]))
            verify_say(x, CAUSE_record_fields, place, str_of(numbers[i]));
    }
    struct str raw = verify_string(fields, "raw_b64");
    if (raw.p != NULL && !str_eq(raw, verify_string(line, "raw_b64")))
        verify_say(x, CAUSE_record_fields, place, STR("raw_b64"));
}

static void keep_record(struct bundle_check *x, const struct bundle_record *r)
{
    if (x->records_count == x->records_cap) {
        x->records_cap = x->records_cap == 0 ? 1024 : x->records_cap * 2;
        x->records = mem_grow(x->records, x->records_cap * sizeof(*x->records));
    }
    x->records[x->records_count++] = *r;
}

/* Line number of the record in its source; *before is that of the record ahead of it. */
static void check_record(struct bundle_check *x, struct str place, const struct json *line,
                         struct arena *a, int64_t *before)
{
    int64_t length = verify_int(line, "length");
    struct bundle_record r = {.offset = (uint64_t)verify_int(line, "offset"),
                              .length = (uint32_t)length};
    r.source = source_index(x, verify_string(line, "source"));
    if (length > UINT32_MAX)
        verify_say(x, CAUSE_record_length, place, STR_NONE);
    if (verify_int(line, "seq") != (int64_t)x->records_count)
        verify_say(x, CAUSE_record_seq, place, STR_NONE);
    check_raw(x, place, line, a, &r);
    check_source(x, place, line, &r);
    check_order(x, place, &r, verify_int(line, "record"), *before);
    check_fields(x, place, line);
    *before = verify_int(line, "record");
    keep_record(x, &r);
}

static void check_lines(struct bundle_check *x, struct lines *l)
{
    struct arena a = {0};
    struct str text;
    bool whole = true;
    int64_t before = 0;
    while (lines_next(l, &text, &whole)) {
        struct str place = arena_printf(&a, "%s:%zu", records_path.p, x->records_count + 1);
        const struct json *line = verify_text(x, &a, place, text, DOCUMENT_record);
        if (line != NULL)
            check_record(x, place, line, &a, &before);
        else
            keep_record(
                x, &(struct bundle_record){.source = UINT32_MAX}); /* keeps the count of lines */
        if (!whole)
            verdict(x->v, CAUSE_last_newline, records_path, STR_NONE);
        arena_rewind(&a);
    }
    arena_free(&a);
}

void verify_records(struct bundle_check *x)
{
    const struct bagit_file *f = bagit_find(x->b, records_path);
    if (f == NULL)
        return;
    struct lines l = {.fd = bagit_file_open(x->b, f)};
    if (l.fd >= 0)
        check_lines(x, &l);
    if (l.fd < 0 || l.failed)
        verdict(x->v, CAUSE_unreadable, records_path, STR_NONE);
    if (l.too_long)
        verdict(x->v, CAUSE_too_large, records_path, STR_NONE);
    if (l.fd >= 0)
        close(l.fd);
    mem_free(l.buf);
    x->v->result->records = x->records_count;
}
