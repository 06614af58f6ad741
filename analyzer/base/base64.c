/* base64.c: RFC 4648 section 4, one spelling for every sequence of bytes. */
#include "analyzer/base/json.h"

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void base64_encode(struct out *o, struct str s)
{
    for (ptrdiff_t i = 0; i < s.n; i += 3) {
        ptrdiff_t have = s.n - i < 3 ? s.n - i : 3;
        uint32_t v = (uint32_t)(uint8_t)s.p[i] << 16;
        if (have > 1)
            v |= (uint32_t)(uint8_t)s.p[i + 1] << 8;
        if (have > 2)
            v |= (uint8_t)s.p[i + 2];
        char four[4] = {alphabet[v >> 18], alphabet[v >> 12 & 63], alphabet[v >> 6 & 63],
                        alphabet[v & 63]};
        if (have < 3)
            four[3] = '=';
        if (have < 2)
            four[2] = '=';
        out_bytes(o, four, sizeof four);
    }
}

static int digit_of(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/* Four characters, the last `pad` of which are '='; false when one is no digit or spare bits are
 * set. */
static bool decode_four(const char *p, int pad, char *out)
{
    uint32_t v = 0;
    for (int i = 0; i < 4; i++) {
        int d = i < 4 - pad ? digit_of(p[i]) : 0;
        if (d < 0)
            return false;
        v = v << 6 | (uint32_t)d;
    }
    for (int i = 0; i < 3 - pad; i++)
        out[i] = (char)(v >> (16 - 8 * i));
    return (v & ((1U << (8 * pad)) - 1)) == 0;
}

bool base64_decode(struct arena *a, struct str s, struct str *out)
{
    if (s.n % 4 != 0)
        return false;
    int pad = 0;
    while (pad < 2 && pad < s.n && s.p[s.n - 1 - pad] == '=')
        pad++;
    char *bytes = arena_alloc(a, (size_t)(s.n / 4 * 3) + 1, 1);
    ptrdiff_t n = 0;
    for (ptrdiff_t i = 0; i < s.n; i += 4) {
        int here = i + 4 == s.n ? pad : 0;
        if (!decode_four(s.p + i, here, bytes + n))
            return false;
        n += 3 - here;
    }
    *out = (struct str){bytes, n};
    return true;
}
