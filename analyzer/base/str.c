/* str.c: the parts of str.h that are not one-liners. */
#include "analyzer/base/str.h"

#include "analyzer/base/utf8.h"

enum { DISTANCE_MAX = 64 };

struct str str_sub(struct str s, ptrdiff_t from, ptrdiff_t to)
{
    if (s.p == NULL)
        return s;
    if (from < 0)
        from = 0;
    if (to > s.n)
        to = s.n;
    if (from > to)
        from = to > 0 ? to : 0;
    return (struct str){s.p + from, to > from ? to - from : 0};
}

ptrdiff_t str_find(struct str s, char c, ptrdiff_t from)
{
    if (from < 0)
        from = 0;
    if (from >= s.n)
        return -1;
    const char *hit = memchr(s.p + from, c, (size_t)(s.n - from));
    return hit == NULL ? -1 : hit - s.p;
}

ptrdiff_t str_find_str(struct str s, struct str needle)
{
    if (needle.n == 0)
        return 0;
    if (needle.n > s.n)
        return -1;
    const char *hit = memmem(s.p, (size_t)s.n, needle.p, (size_t)needle.n);
    return hit == NULL ? -1 : hit - s.p;
}

struct str str_cut(struct str s, char c, struct str *head)
{
    ptrdiff_t at = str_find(s, c, 0);
    if (at < 0) {
        *head = s;
        return STR_NONE;
    }
    *head = (struct str){s.p, at};
    return (struct str){s.p + at + 1, s.n - at - 1};
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct str str_trim(struct str s)
{
    while (s.n > 0 && is_blank(s.p[s.n - 1]))
        s.n--;
    while (s.n > 0 && is_blank(s.p[0])) {
        s.p++;
        s.n--;
    }
    return s;
}

int str_cmp(struct str a, struct str b)
{
    ptrdiff_t n = a.n < b.n ? a.n : b.n;
    int order = n == 0 ? 0 : memcmp(a.p, b.p, (size_t)n);
    if (order != 0)
        return order;
    return (a.n > b.n) - (a.n < b.n);
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

bool str_eq_nocase(struct str a, struct str b)
{
    if (a.n != b.n)
        return false;
    for (ptrdiff_t i = 0; i < a.n; i++)
        if (lower(a.p[i]) != lower(b.p[i]))
            return false;
    return true;
}

bool str_u64(struct str s, uint64_t *out)
{
    uint64_t v = 0;
    if (s.n <= 0)
        return false;
    for (ptrdiff_t i = 0; i < s.n; i++) {
        unsigned digit = (unsigned)(unsigned char)s.p[i] - '0';
        if (digit > 9 || v > (UINT64_MAX - digit) / 10)
            return false;
        v = v * 10 + digit;
    }
    *out = v;
    return true;
}

bool str_i64(struct str s, int64_t *out)
{
    uint64_t v;
    bool negative = s.n > 0 && s.p[0] == '-';
    if (!str_u64(negative ? str_sub(s, 1, s.n) : s, &v))
        return false;
    if (v > (uint64_t)INT64_MAX + (negative ? 1 : 0))
        return false;
    *out = negative ? (int64_t)(0 - v) : (int64_t)v;
    return true;
}

bool str_seconds_us(struct str s, int64_t *out)
{
    struct str whole;
    struct str fraction = str_cut(s, '.', &whole);
    uint64_t seconds;
    int64_t us = 0;
    if (!str_u64(whole, &seconds) || seconds > (uint64_t)(INT64_MAX / 1000000) - 1)
        return false;
    if (fraction.p != NULL && fraction.n == 0)
        return false;
    int64_t unit = 100000;
    for (ptrdiff_t i = 0; i < fraction.n; i++, unit /= 10) {
        unsigned digit = (unsigned)(unsigned char)fraction.p[i] - '0';
        if (digit > 9)
            return false;
        us += (int64_t)digit * unit;
    }
    *out = (int64_t)seconds * 1000000 + us;
    return true;
}

const uint8_t hex_values[256] = {['0'] = 1,  ['1'] = 2,  ['2'] = 3,  ['3'] = 4,  ['4'] = 5,  ['5'] = 6,
                                 ['6'] = 7,  ['7'] = 8,  ['8'] = 9,  ['9'] = 10, ['A'] = 11, ['B'] = 12,
                                 ['C'] = 13, ['D'] = 14, ['E'] = 15, ['F'] = 16, ['a'] = 11, ['b'] = 12,
                                 ['c'] = 13, ['d'] = 14, ['e'] = 15, ['f'] = 16};

bool str_utf8_valid(struct str s)
{
    ptrdiff_t i = 0;
    while (i < s.n) {
        uint64_t eight = ~UINT64_C(0);
        uint32_t code;
        if (s.n - i >= 8)
            memcpy(&eight, s.p + i, 8);
        if ((eight & 0x8080808080808080u) == 0) { /* eight bytes of ASCII */
            i += 8;
            continue;
        }
        int n = utf8_read(s.p + i, s.n - i, &code);
        if (n == 0)
            return false;
        i += n;
    }
    return true;
}

static int least(int a, int b)
{
    return a < b ? a : b;
}

/* Optimal string alignment: Levenshtein with swaps of neighbours, three rows at a time. */
int str_distance(struct str a, struct str b)
{
    int rows[3][DISTANCE_MAX + 1];
    int an = (int)(a.n < DISTANCE_MAX ? a.n : DISTANCE_MAX);
    int bn = (int)(b.n < DISTANCE_MAX ? b.n : DISTANCE_MAX);
    for (int j = 0; j <= bn; j++)
        rows[0][j] = j;
    for (int i = 1; i <= an; i++) {
        int *now = rows[i % 3], *up = rows[(i + 2) % 3], *up2 = rows[(i + 1) % 3];
        now[0] = i;
        for (int j = 1; j <= bn; j++) {
            now[j] = least(up[j], now[j - 1]) + 1;
            now[j] = least(now[j], up[j - 1] + (a.p[i - 1] != b.p[j - 1]));
            if (i > 1 && j > 1 && a.p[i - 1] == b.p[j - 2] && a.p[i - 2] == b.p[j - 1])
                now[j] = least(now[j], up2[j - 2] + 1);
        }
    }
    return rows[an % 3][bn];
}
