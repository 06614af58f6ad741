/* out.h: a sticky buffered writer: call freely, check once at close.
 *
 * Writes to a file descriptor, to memory, or to both ends of a temporary name that becomes final on
 * close.  After the first error every call is a no-op and out_close says so. */
#ifndef VIGIE_BASE_OUT_H
#define VIGIE_BASE_OUT_H

#include "analyzer/base/mem.h"
#include "analyzer/base/hash.h"

struct out {
    char *buf;
    size_t len, cap;
    int fd;                   /* -1: memory only, the buffer grows */
    int error;                /* errno of the first failure, 0 when none */
    uint64_t written;         /* bytes accepted so far, buffered ones included */
    bool shown;               /* people read it: JSON strings escape what out_escaped would */
    struct sha256_stream *sha; /* not NULL: everything written is also hashed */
};

struct out out_memory(void);
struct out out_fd(int fd, size_t buffer); /* does not own fd */
void out_bytes(struct out *o, const void *p, size_t n);
void out_str(struct out *o, struct str s);
void out_text(struct out *o, const char *c);
void out_char(struct out *o, char c);
void out_u64(struct out *o, uint64_t v);
void out_i64(struct out *o, int64_t v);
void out_printf(struct out *o, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* What may reorder, hide or break the text around it when it is shown. */
bool out_shows_wrongly(uint32_t code);
/* For a terminal or a report: control bytes, DEL, invalid UTF-8, C1 and bidi controls as \xHH. */
void out_escaped(struct out *o, struct str s);
void out_flush(struct out *o);
struct str out_slice(const struct out *o); /* memory writers: what was written so far */
/* Flushes and frees the buffer; returns errno of the first failure or 0. */
int out_close(struct out *o);

#endif
