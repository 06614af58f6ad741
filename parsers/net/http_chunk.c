/* http_chunk.c: the line before a chunk (RFC 9112 section 7.1), read as the most patient recipients do and
 * described as the strict ones would. */
#include "parsers/net/http_priv.h"

enum { SIZE_DIGITS_MAX = 15 };

/* quoted-string with backslash pairs, or token; as RFC 9112 section 7.1.1 has chunk-ext. */
static bool extensions_fine(struct str s)
{
    bool quoted = false, name = false;
    for (ptrdiff_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (quoted && c == '\\' && i + 1 < s.n) {
            i++;
        } else if (c == '"') {
            quoted = !quoted;
        } else if (!quoted && c == ';') {
            if (i > 0 && !name)
                return false;
            name = false;
        } else if ((uint8_t)c > ' ') {
            name = true;
        } else if ((uint8_t)c < ' ' && c != '\t') {
            return false;
        }
    }
    return !quoted && name;
}

bool chunk_line(struct str line, uint64_t *size, uint32_t *odd)
{
    struct str rest = line, text = head_line(&rest, odd);
    ptrdiff_t start = 0, at;
    while (start < text.n && (uint8_t)text.p[start] <= ' ')
        start++;
    for (at = start; at < text.n && text.p[at] == '0'; at++)
        continue;
    ptrdiff_t significant = at;
    for (*size = 0; at < text.n && hex_digit(text.p[at]) >= 0; at++)
        *size = at - significant < SIZE_DIGITS_MAX ? *size << 4 | (uint64_t)hex_digit(text.p[at])
                                                   : *size;
    if (at == start)
        return false;
    if (at - significant >
        SIZE_DIGITS_MAX) { /* more than any body: what follows is no chunk of that size */
        *odd |= HTTP_ODD(CHUNK);
        return false;
    }
    struct str behind = str_sub(text, at, text.n);
    if (start > 0)
        *odd |= HTTP_ODD(CHUNK);
    if (behind.n == 0)
        return true;
    if (behind.p[0] == ';')
        *odd |= extensions_fine(behind) ? HTTP_ODD(CHUNK_EXTENSION) : HTTP_ODD(CHUNK);
    else
        *odd |= HTTP_ODD(CHUNK);
    return true;
}
