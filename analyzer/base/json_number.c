/* json_number.c: a finite double as ECMAScript writes it (ECMA-262, Number::toString, radix 10).
 *
 * The shortest digits are found by trying 1 to 17 of them until one reads back the same: slower
 * than Ryu, but exact by construction, and our own documents hold integers only. */
#include "analyzer/base/json.h"

#include <stdio.h>
#include <stdlib.h>

#define DIGITS_MAX 17 /* enough for every IEEE 754 binary64 */

struct decimal {
    char digits[DIGITS_MAX];
    int count;
    int point; /* value = 0.DIGITS * 10^point */
};

/* text is "d.ddde±xx" as printf's %e writes it. */
static struct decimal cut_exponent_form(const char *text)
{
    struct decimal d = {.count = 0};
    const char *c = text;
    for (; *c != 'e'; c++) {
        if (*c != '.')
            d.digits[d.count++] = *c;
    }
    d.point = (int)strtol(c + 1, NULL, 10) + 1;
    return d;
}

static struct decimal shortest(double v)
{
    char text[40];
    for (int n = 0; n < DIGITS_MAX; n++) {
        snprintf(text, sizeof text, "%.*e", n, v);
        if (strtod(text, NULL) == v)
            break;
    }
    return cut_exponent_form(text);
}

static size_t put(char *out, const char *p, int n)
{
    memcpy(out, p, (size_t)n);
    return (size_t)n;
}

static size_t put_zeros(char *out, int n)
{
    memset(out, '0', (size_t)n);
    return (size_t)n;
}

static size_t put_exponent_form(char *out, const struct decimal *d)
{
    size_t n = put(out, d->digits, 1);
    if (d->count > 1) {
        out[n++] = '.';
        n += put(out + n, d->digits + 1, d->count - 1);
    }
    int exponent = d->point - 1;
    out[n++] = 'e';
    n += (size_t)snprintf(out + n, JSON_DOUBLE_MAX - n, "%+d", exponent);
    return n;
}

size_t json_double(double v, char out[JSON_DOUBLE_MAX])
{
    if (v == 0)
        return put(out, "0", 1);
    size_t n = v < 0 ? put(out, "-", 1) : 0;
    struct decimal d = shortest(v < 0 ? -v : v);
    if (d.point > 21 || d.point <= -6)
        return n + put_exponent_form(out + n, &d);
    if (d.point <= 0) {
        n += put(out + n, "0.", 2);
        n += put_zeros(out + n, -d.point);
        return n + put(out + n, d.digits, d.count);
    }
    if (d.count <= d.point) {
        n += put(out + n, d.digits, d.count);
        return n + put_zeros(out + n, d.point - d.count);
    }
    n += put(out + n, d.digits, d.point);
    out[n++] = '.';
    return n + put(out + n, d.digits + d.point, d.count - d.point);
}
