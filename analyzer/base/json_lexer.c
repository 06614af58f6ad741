/* json_lexer.c: JSON text to tokens (RFC 8259), one pass, nothing copied, no recursion.
 *
 * The grammar is a small machine: `expect` says what may come next, `nest` holds one bit a level.
 * Strings are scanned eight bytes at a time for the first byte that needs a look. */
#include "analyzer/base/json.h"
#include "analyzer/base/utf8.h"

#define EACH_BYTE 0x0101010101010101ULL

enum expect {
    WANT_VALUE,          /* at the start, after ':' and after ',' in an array */
    WANT_VALUE_OR_CLOSE, /* after '[' */
    WANT_KEY_OR_CLOSE,   /* after '{' */
    WANT_COMMA_OR_CLOSE,
    WANT_END,
    WANT_NOTHING /* after an error */
};

struct json_lexer json_lexer_of(struct str text)
{
    return (struct json_lexer){.text = text};
}

static enum json_token fail(struct json_lexer *l, ptrdiff_t at, const char *what)
{
    l->at = at;
    l->error = what;
    l->expect = WANT_NOTHING;
    return JSON_ERROR;
}

static void skip_space(struct json_lexer *l)
{
    while (l->at < l->text.n) {
        char c = l->text.p[l->at];
        if (c != ' ' && c != '\n' && c != '\r' && c != '\t')
            return;
        l->at++;
    }
}

static bool in_object(const struct json_lexer *l)
{
    return (l->nest & 1) != 0;
}

static uint8_t after_value(const struct json_lexer *l)
{
    return l->depth == 0 ? WANT_END : WANT_COMMA_OR_CLOSE;
}

/* Non-zero when one of the eight bytes is a quote, a backslash, below 0x20 or above 0x7F. */
static uint64_t needs_a_look(uint64_t w)
{
    uint64_t quote = w ^ (EACH_BYTE * '"');
    uint64_t slash = w ^ (EACH_BYTE * '\\');
    uint64_t found = (quote - EACH_BYTE) | (slash - EACH_BYTE) | (w - EACH_BYTE * 0x20) | w;
    return found & (EACH_BYTE * 0x80);
}

static ptrdiff_t skip_plain(struct str t, ptrdiff_t i)
{
    for (uint64_t w; t.n - i >= (ptrdiff_t)sizeof w; i += (ptrdiff_t)sizeof w) {
        memcpy(&w, t.p + i, sizeof w);
        if (needs_a_look(w) != 0)
            break;
    }
    while (i < t.n && (uint8_t)t.p[i] >= 0x20 && (uint8_t)t.p[i] < 0x80 && t.p[i] != '"' &&
           t.p[i] != '\\')
        i++;
    return i;
}

/* Length of the escape at i (its backslash), or 0 with the error set. */
static int read_escape(struct json_lexer *l, ptrdiff_t i)
{
    struct str t = l->text;
    if (i + 1 >= t.n) {
        fail(l, t.n, "string is not closed");
        return 0;
    }
    char c = t.p[i + 1];
    if (c == 'u') {
        for (ptrdiff_t k = i + 2; k < i + 6; k++) {
            if (k >= t.n || hex_digit(t.p[k]) < 0) {
                fail(l, k, "\\u needs four hexadecimal digits");
                return 0;
            }
        }
        return 6;
    }
    if (memchr("\"\\/bfnrt", c, 8) == NULL) {
        fail(l, i + 1, "unknown escape");
        return 0;
    }
    return 2;
}

/* Length of the character at i that skip_plain stopped at, or 0 with the error set. */
static int read_special(struct json_lexer *l, ptrdiff_t i)
{
    uint8_t c = (uint8_t)l->text.p[i];
    if (c == '\\') {
        l->escaped = true;
        return read_escape(l, i);
    }
    if (c < 0x20) {
        fail(l, i, "control character inside a string");
        return 0;
    }
    if (l->lax_utf8)
        return 1;
    uint32_t code;
    int len = utf8_read(l->text.p + i, l->text.n - i, &code);
    if (len == 0)
        fail(l, i, "not UTF-8");
    return len;
}

static bool read_string(struct json_lexer *l)
{
    struct str t = l->text;
    ptrdiff_t start = l->at + 1;
    l->escaped = false;
    for (ptrdiff_t i = start;;) {
        i = skip_plain(t, i);
        if (i >= t.n) {
            fail(l, t.n, "string is not closed");
            return false;
        }
        if (t.p[i] == '"') {
            l->value = (struct str){t.p + start, i - start};
            l->at = i + 1;
            return true;
        }
        int len = read_special(l, i);
        if (len == 0)
            return false;
        i += len;
    }
}

static bool is_digit(struct str t, ptrdiff_t i)
{
    return i < t.n && t.p[i] >= '0' && t.p[i] <= '9';
}

static ptrdiff_t skip_digits(struct str t, ptrdiff_t i)
{
    while (is_digit(t, i))
        i++;
    return i;
}

static enum json_token read_number(struct json_lexer *l)
{
    struct str t = l->text;
    ptrdiff_t i = l->at + (t.p[l->at] == '-');
    if (!is_digit(t, i))
        return fail(l, i, "a digit is missing");
    if (t.p[i] == '0' && is_digit(t, i + 1))
        return fail(l, i + 1, "a number may not start with 0");
    i = skip_digits(t, i);
    if (i < t.n && t.p[i] == '.') {
        if (!is_digit(t, i + 1))
            return fail(l, i + 1, "a digit is missing after the point");
        i = skip_digits(t, i + 1);
    }
    if (i < t.n && (t.p[i] == 'e' || t.p[i] == 'E')) {
        i++;
        if (i < t.n && (t.p[i] == '+' || t.p[i] == '-'))
            i++;
        if (!is_digit(t, i))
            return fail(l, i, "a digit is missing in the exponent");
        i = skip_digits(t, i);
    }
    l->value = str_sub(t, l->at, i);
    l->at = i;
    l->expect = after_value(l);
    return JSON_NUMBER;
}

static enum json_token read_word(struct json_lexer *l, struct str word, enum json_token token)
{
    if (!str_starts(str_sub(l->text, l->at, l->text.n), word))
        return fail(l, l->at, "a value is expected");
    l->at += word.n;
    l->expect = after_value(l);
    return token;
}

static enum json_token open_level(struct json_lexer *l, enum json_token token)
{
    if (l->depth == JSON_DEPTH_MAX)
        return fail(l, l->at, "nested more than 64 levels deep");
    bool object = token == JSON_OBJECT_OPEN;
    l->depth++;
    l->nest = l->nest << 1 | (object ? 1U : 0U);
    l->expect = object ? WANT_KEY_OR_CLOSE : WANT_VALUE_OR_CLOSE;
    l->at++;
    return token;
}

static enum json_token close_level(struct json_lexer *l)
{
    bool object = in_object(l);
    if (l->text.p[l->at] != (object ? '}' : ']'))
        return fail(l, l->at, object ? "',' or '}' is expected" : "',' or ']' is expected");
    l->depth--;
    l->nest >>= 1;
    l->expect = after_value(l);
    l->at++;
    return object ? JSON_OBJECT_CLOSE : JSON_ARRAY_CLOSE;
}

static enum json_token read_value(struct json_lexer *l)
{
    switch (l->text.p[l->at]) {
    case '"':
        if (!read_string(l))
            return JSON_ERROR;
        l->expect = after_value(l);
        return JSON_STRING;
    case '{':
        return open_level(l, JSON_OBJECT_OPEN);
    case '[':
        return open_level(l, JSON_ARRAY_OPEN);
    case 't':
        return read_word(l, STR("true"), JSON_TRUE);
    case 'f':
        return read_word(l, STR("false"), JSON_FALSE);
    case 'n':
        return read_word(l, STR("null"), JSON_NULL);
    case '-':
    case '0':
    case '1':
    case '2':
    case '3':
    case '4':
    case '5':
    case '6':
    case '7':
    case '8':
    case '9':
        return read_number(l);
    default:
        return fail(l, l->at, "a value is expected");
    }
}

static enum json_token read_key(struct json_lexer *l)
{
    if (l->text.p[l->at] != '"')
        return fail(l, l->at, "a key in quotes is expected");
    if (!read_string(l))
        return JSON_ERROR;
    skip_space(l);
    if (l->at >= l->text.n || l->text.p[l->at] != ':')
        return fail(l, l->at, "':' is expected");
    l->at++;
    l->expect = WANT_VALUE;
    return JSON_KEY;
}

static enum json_token read_after_comma(struct json_lexer *l)
{
    l->at++;
    skip_space(l);
    if (l->at >= l->text.n)
        return fail(l, l->at, "the text ends too early");
    return in_object(l) ? read_key(l) : read_value(l);
}

enum json_token json_next(struct json_lexer *l)
{
    if (l->expect == WANT_NOTHING)
        return JSON_ERROR;
    skip_space(l);
    if (l->at >= l->text.n) {
        if (l->expect == WANT_END)
            return JSON_END;
        return fail(l, l->at, "the text ends too early");
    }
    char c = l->text.p[l->at];
    switch ((enum expect)l->expect) {
    case WANT_COMMA_OR_CLOSE:
        return c == ',' ? read_after_comma(l) : close_level(l);
    case WANT_KEY_OR_CLOSE:
        return c == '}' ? close_level(l) : read_key(l);
    case WANT_VALUE_OR_CLOSE:
        return c == ']' ? close_level(l) : read_value(l);
    case WANT_VALUE:
        return read_value(l);
    case WANT_END:
    case WANT_NOTHING:
    default:
        return fail(l, l->at, "something follows the value");
    }
}

bool json_skip(struct json_lexer *l, enum json_token first)
{
    if (first == JSON_ERROR || first == JSON_END)
        return false;
    if (first != JSON_OBJECT_OPEN && first != JSON_ARRAY_OPEN)
        return true;
    for (int outside = l->depth - 1; l->depth > outside;) {
        enum json_token t = json_next(l);
        if (t == JSON_ERROR || t == JSON_END)
            return false;
    }
    return true;
}

static int hex4(struct str s, ptrdiff_t i)
{
    int v = 0;
    for (ptrdiff_t k = i; k < i + 4; k++) {
        int d = k < s.n ? hex_digit(s.p[k]) : -1;
        if (d < 0)
            return -1;
        v = v << 4 | d;
    }
    return v;
}

/* The code point of the \u escape at *i, a surrogate pair taken together; *i moves behind it. */
static uint32_t unescape_u(struct str s, ptrdiff_t *i, bool *lossy)
{
    int first = hex4(s, *i + 2);
    *i += 6;
    if (first >= 0 && (first < 0xD800 || first > 0xDFFF))
        return (uint32_t)first;
    bool pair =
        first >= 0 && first < 0xDC00 && *i + 1 < s.n && s.p[*i] == '\\' && s.p[*i + 1] == 'u';
    int second = pair ? hex4(s, *i + 2) : -1;
    if (second >= 0xDC00 && second <= 0xDFFF) {
        *i += 6;
        return 0x10000U + (((uint32_t)first - 0xD800U) << 10) + ((uint32_t)second - 0xDC00U);
    }
    *lossy = true;
    return 0xFFFD;
}

struct str json_unescape(struct arena *a, struct str raw, bool *lossy)
{
    static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
    bool lost = false;
    ptrdiff_t i = str_find(raw, '\\', 0);
    if (i < 0) {
        if (lossy != NULL)
            *lossy = false;
        return raw;
    }
    /* No escape is shorter than what it stands for, so the raw length is enough. */
    char *out = arena_alloc(a, (size_t)raw.n, 1);
    memcpy(out, raw.p, (size_t)i);
    ptrdiff_t n = i;
    while (i < raw.n) {
        if (raw.p[i] != '\\' || i + 1 >= raw.n) {
            out[n++] = raw.p[i++];
        } else if (raw.p[i + 1] == 'u' && i + 6 <= raw.n) {
            n += utf8_write(out + n, unescape_u(raw, &i, &lost));
        } else {
            const char *known = memchr(from, raw.p[i + 1], sizeof from - 1);
            out[n++] = known != NULL ? to[known - from] : raw.p[i + 1];
            i += 2;
        }
    }
    if (lossy != NULL)
        *lossy = lost;
    return (struct str){out, n};
}
