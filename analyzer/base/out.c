/* out.c: the sticky buffered writer.  One place calls write(2) and knows of a full disk. */
#include "analyzer/base/out.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "analyzer/base/fault.h"
#include "analyzer/base/utf8.h"

#define OUT_MEMORY_FIRST 256
#define OUT_BUFFER_MIN 64
#define PRINTF_STACK 512

struct out out_memory(void)
{
    return (struct out){.fd = -1};
}

struct out out_fd(int fd, size_t buffer)
{
    struct out o = {.fd = fd};
    o.cap = buffer < OUT_BUFFER_MIN ? OUT_BUFFER_MIN : buffer;
    o.buf = mem_alloc(o.cap);
    return o;
}

/* Everything at p reaches the descriptor, or o->error is set. */
static void write_all(struct out *o, const char *p, size_t n)
{
    while (n > 0 && o->error == 0) {
        if (o->fd != STDERR_FILENO && fault_write()) { /* the disk is full, the terminal is not */
            o->error = ENOSPC;
            return;
        }
        ssize_t done = write(o->fd, p, n);
        if (done > 0) {
            p += done;
            n -= (size_t)done;
        } else if (done < 0 && errno != EINTR) {
            o->error = errno;
        } else if (done == 0) {
            o->error = EIO; /* a regular file never takes nothing; do not spin on what does */
        }
    }
}

void out_flush(struct out *o)
{
    if (o->fd < 0 || o->error != 0)
        return;
    write_all(o, o->buf, o->len);
    o->len = 0;
}

static void grow_to(struct out *o, size_t need)
{
    size_t cap = o->cap == 0 ? OUT_MEMORY_FIRST : o->cap;
    while (cap < need)
        cap *= 2;
    if (cap != o->cap) {
        o->buf = mem_grow(o->buf, cap);
        o->cap = cap;
    }
}

void out_bytes(struct out *o, const void *p, size_t n)
{
    if (o->error != 0 || n == 0)
        return;
    o->written += n;
    if (o->sha != NULL)
        sha256_add(o->sha, p, n);
    if (o->fd < 0) {
        grow_to(o, o->len + n);
    } else if (n > o->cap - o->len) {
        out_flush(o);
        if (n >= o->cap) {
            write_all(o, p, n);
            return;
        }
    }
    memcpy(o->buf + o->len, p, n);
    o->len += n;
}

void out_str(struct out *o, struct str s)
{
    out_bytes(o, s.p, (size_t)s.n);
}

void out_text(struct out *o, const char *c)
{
    out_bytes(o, c, strlen(c));
}

void out_char(struct out *o, char c)
{
    out_bytes(o, &c, 1);
}

void out_u64(struct out *o, uint64_t v)
{
    char digits[20];
    size_t at = sizeof digits;
    do {
        digits[--at] = (char)('0' + v % 10);
        v /= 10;
    } while (v != 0);
    out_bytes(o, digits + at, sizeof digits - at);
}

void out_i64(struct out *o, int64_t v)
{
    if (v < 0)
        out_char(o, '-');
    out_u64(o, v < 0 ? -(uint64_t)v : (uint64_t)v);
}

void out_printf(struct out *o, const char *format, ...)
{
    char small[PRINTF_STACK];
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int n = vsnprintf(small, sizeof small, format, args);
    va_end(args);
    if (n >= 0 && (size_t)n < sizeof small) {
        out_bytes(o, small, (size_t)n);
    } else if (n >= 0) {
        char *large = mem_alloc((size_t)n + 1);
        vsnprintf(large, (size_t)n + 1, format, again);
        out_bytes(o, large, (size_t)n);
        mem_free(large);
    }
    va_end(again);
}

bool out_shows_wrongly(uint32_t code)
{
    return code < 0x20 || (code >= 0x7F && code <= 0x9F) || code == 0x061C ||
           (code >= 0x200B && code <= 0x200F) || (code >= 0x2028 && code <= 0x202E) ||
           (code >= 0x2066 && code <= 0x2069) || code == 0xFEFF;
}

void out_escaped(struct out *o, struct str s)
{
    static const char hex[] = "0123456789abcdef";
    ptrdiff_t plain = 0; /* start of what can be written as it is */
    if (s.n == 0)
        return;
    for (ptrdiff_t i = 0; i < s.n;) {
        uint32_t code = 0;
        int len = utf8_read(s.p + i, s.n - i, &code);
        if (len > 0 && !out_shows_wrongly(code)) {
            i += len;
            continue;
        }
        out_bytes(o, s.p + plain, (size_t)(i - plain));
        for (ptrdiff_t end = i + (len > 0 ? len : 1); i < end; i++) {
            uint8_t b = (uint8_t)s.p[i];
            out_bytes(o, (char[4]){'\\', 'x', hex[b >> 4], hex[b & 15]}, 4);
        }
        plain = i;
    }
    out_bytes(o, s.p + plain, (size_t)(s.n - plain));
}

struct str out_slice(const struct out *o)
{
    return (struct str){o->buf != NULL ? o->buf : "", (ptrdiff_t)o->len};
}

int out_close(struct out *o)
{
    out_flush(o);
    int error = o->error;
    mem_free(o->buf);
    o->buf = NULL;
    o->len = o->cap = 0;
    return error;
}
