/* utf8.h: one UTF-8 sequence at a time (RFC 3629: no surrogates, no over-long forms, at most
 * U+10FFFF). */
#ifndef VIGIE_BASE_UTF8_H
#define VIGIE_BASE_UTF8_H

#include "analyzer/base/str.h"

/* Length of the well-formed sequence at p, of which n bytes may be read; 0 when there is none. */
static inline int utf8_read(const char *p, ptrdiff_t n, uint32_t *code)
{
    static const uint32_t smallest[5] = {0, 0, 0x80, 0x800, 0x10000};
    uint8_t lead = (uint8_t)*p;
    if (lead < 0x80) {
        *code = lead;
        return 1;
    }
    int len = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    if (lead < 0xC2 || lead > 0xF4 || n < len)
        return 0;
    uint32_t c = lead & (0x7FU >> len);
    for (int i = 1; i < len; i++) {
        if (((uint8_t)p[i] & 0xC0) != 0x80)
            return 0;
        c = c << 6 | ((uint8_t)p[i] & 0x3FU);
    }
    if (c < smallest[len] || c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF))
        return 0;
    *code = c;
    return len;
}

/* Writes code (a valid scalar value) to p, which has room for 4 bytes; returns the length. */
static inline int utf8_write(char *p, uint32_t code)
{
    if (code < 0x80) {
        p[0] = (char)code;
        return 1;
    }
    int len = code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    static const uint8_t lead[5] = {0, 0, 0xC0, 0xE0, 0xF0};
    for (int i = len - 1; i > 0; i--) {
        p[i] = (char)(0x80U | (code & 0x3FU));
        code >>= 6;
    }
    p[0] = (char)(lead[len] | code);
    return len;
}

#endif
