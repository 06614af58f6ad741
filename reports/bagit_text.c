/* bagit_text.c: lines, encodings and paths of BagIt tag files; no file is touched here. */
#include "reports/bagit_text.h"

#include "analyzer/base/utf8.h"

static bool blank(char c)
{
    return c == ' ' || c == '\t';
}

static struct str trim_blank(struct str s)
{
    while (s.n > 0 && blank(s.p[s.n - 1]))
        s.n--;
    while (s.n > 0 && blank(s.p[0])) {
        s.p++;
        s.n--;
    }
    return s;
}

/* ---- encodings ---- */

bool bagit_encoding_of(struct str name, enum bagit_encoding *out)
{
    const struct {
        struct str name;
        enum bagit_encoding encoding;
    } known[] = {
        {STR("UTF-8"), ENCODING_UTF8},       {STR("US-ASCII"), ENCODING_ASCII},
        {STR("ASCII"), ENCODING_ASCII},      {STR("ISO-8859-1"), ENCODING_LATIN1},
        {STR("UTF-16"), ENCODING_UTF16},     {STR("UTF-16BE"), ENCODING_UTF16BE},
        {STR("UTF-16LE"), ENCODING_UTF16LE},
    };
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (str_eq_nocase(name, known[i].name)) {
            *out = known[i].encoding;
            return true;
        }
    }
    return false;
}

static struct str latin1_to_utf8(struct arena *a, struct str s)
{
    char *out = arena_alloc(a, (size_t)s.n * 2 + 1, 1);
    ptrdiff_t n = 0;
    for (ptrdiff_t i = 0; i < s.n; i++)
        n += utf8_write(out + n, (uint8_t)s.p[i]);
    return (struct str){out, n};
}

static uint32_t unit16(struct str s, ptrdiff_t i, bool little)
{
    uint8_t first = (uint8_t)s.p[i], second = (uint8_t)s.p[i + 1];
    return little ? (uint32_t)(second << 8 | first) : (uint32_t)(first << 8 | second);
}

static struct str utf16_to_utf8(struct arena *a, struct str s, bool little, bool *exact)
{
    char *out = arena_alloc(a, (size_t)s.n / 2 * 3 + 1, 1);
    ptrdiff_t n = 0, i = 0;
    *exact = s.n % 2 == 0;
    while (i + 1 < s.n) {
        uint32_t code = unit16(s, i, little);
        i += 2;
        if (code >= 0xD800 && code <= 0xDFFF) {
            uint32_t low = i + 1 < s.n ? unit16(s, i, little) : 0;
            bool pair = code < 0xDC00 && low >= 0xDC00 && low <= 0xDFFF;
            *exact = *exact && pair;
            code = pair ? 0x10000U + ((code - 0xD800U) << 10) + (low - 0xDC00U) : 0xFFFD;
            i += pair ? 2 : 0;
        }
        n += utf8_write(out + n, code);
    }
    return (struct str){out, n};
}

/* "UTF-16" without a byte order mark is big-endian (RFC 2781 section 4.3). */
static struct str utf16_marked(struct arena *a, struct str s, bool *exact)
{
    bool little = s.n >= 2 && (uint8_t)s.p[0] == 0xFF && (uint8_t)s.p[1] == 0xFE;
    bool big = s.n >= 2 && (uint8_t)s.p[0] == 0xFE && (uint8_t)s.p[1] == 0xFF;
    return utf16_to_utf8(a, little || big ? str_sub(s, 2, s.n) : s, little, exact);
}

static bool all_ascii(struct str s)
{
    for (ptrdiff_t i = 0; i < s.n; i++) {
        if ((uint8_t)s.p[i] >= 0x80)
            return false;
    }
    return true;
}

struct str bagit_decode(struct arena *a, struct str s, enum bagit_encoding e, bool *exact)
{
    *exact = true;
    switch (e) {
    case ENCODING_ASCII:
        *exact = all_ascii(s);
        return s;
    case ENCODING_LATIN1:
        return latin1_to_utf8(a, s);
    case ENCODING_UTF16:
        return utf16_marked(a, s, exact);
    case ENCODING_UTF16BE:
        return utf16_to_utf8(a, s, false, exact);
    case ENCODING_UTF16LE:
        return utf16_to_utf8(a, s, true, exact);
    case ENCODING_UTF8:
    default:
        *exact = str_utf8_valid(s);
        return s;
    }
}

/* ---- lines ---- */

bool bagit_line(struct str *rest, struct str *line)
{
    if (rest->n <= 0)
        return false;
    ptrdiff_t end = 0;
    while (end < rest->n && rest->p[end] != '\n' && rest->p[end] != '\r')
        end++;
    *line = (struct str){rest->p, end};
    ptrdiff_t next = end + (end < rest->n);
    if (end + 1 < rest->n && rest->p[end] == '\r' && rest->p[end + 1] == '\n')
        next++;
    *rest = str_sub(*rest, next, rest->n);
    return true;
}

bool bagit_label(struct str line, struct str *label, struct str *value, bool *exact)
{
    ptrdiff_t colon = str_find(line, ':', 0);
    if (colon < 0)
        return false;
    struct str before = str_sub(line, 0, colon), after = str_sub(line, colon + 1, line.n);
    *label = trim_blank(before);
    *value = trim_blank(after);
    *exact = label->n == before.n && after.n == value->n + 1 && after.p[0] == ' ';
    return label->n > 0;
}

/* Two decimal numbers with a point between, nothing else. */
static bool two_numbers(struct str s, uint64_t *first, uint64_t *second)
{
    ptrdiff_t point = str_find(s, '.', 0);
    return point > 0 && str_u64(str_sub(s, 0, point), first) &&
           str_u64(str_sub(s, point + 1, s.n), second);
}

bool bagit_version(struct str s, int *major, int *minor)
{
    uint64_t first, second;
    if (!two_numbers(s, &first, &second) || first > 999 || second > 999)
        return false;
    *major = (int)first;
    *minor = (int)second;
    return true;
}

bool bagit_oxum(struct str s, uint64_t *octets, uint64_t *files)
{
    return two_numbers(s, octets, files);
}

/* Cuts the leading run of non-blanks off *rest, and the blanks behind it. */
static bool cut_word(struct str *rest, struct str *word)
{
    ptrdiff_t end = 0;
    while (end < rest->n && !blank(rest->p[end]))
        end++;
    *word = str_sub(*rest, 0, end);
    ptrdiff_t next = end;
    while (next < rest->n && blank(rest->p[next]))
        next++;
    bool parted = end > 0 && next > end;
    *rest = str_sub(*rest, next, rest->n);
    return parted;
}

bool bagit_entry(struct str line, struct str *checksum, struct str *path, bool *star)
{
    *path = line;
    *star = false;
    if (!cut_word(path, checksum))
        return false;
    if (path->n > 0 && path->p[0] == '*') {
        *star = true;
        *path = str_sub(*path, 1, path->n);
    }
    return path->n > 0;
}

bool bagit_fetch(struct str line, struct str *url, uint64_t *length, struct str *path)
{
    struct str number;
    *path = line;
    if (!cut_word(path, url) || !cut_word(path, &number) || path->n == 0)
        return false;
    *length = UINT64_MAX;
    return str_eq(number, STR("-")) || str_u64(number, length);
}

/* ---- paths ---- */

static int encoded_byte(struct str s, ptrdiff_t i, bool percent25)
{
    if (s.p[i] != '%' || i + 2 >= s.n)
        return -1;
    int high = hex_digit(s.p[i + 1]), low = hex_digit(s.p[i + 2]);
    int byte = high < 0 || low < 0 ? -1 : high << 4 | low;
    return byte == '\n' || byte == '\r' || (percent25 && byte == '%') ? byte : -1;
}

static struct str decode_percent(struct arena *a, struct str raw, bool percent25)
{
    if (str_find(raw, '%', 0) < 0)
        return raw;
    char *out = arena_alloc(a, (size_t)raw.n, 1);
    ptrdiff_t n = 0;
    for (ptrdiff_t i = 0; i < raw.n; i++) {
        int byte = encoded_byte(raw, i, percent25);
        out[n++] = byte >= 0 ? (char)byte : raw.p[i];
        i += byte >= 0 ? 2 : 0;
    }
    return (struct str){out, n};
}

static bool drive_letter(struct str s)
{
    return s.n >= 2 && s.p[1] == ':' && ((s.p[0] | 0x20) >= 'a' && (s.p[0] | 0x20) <= 'z');
}

static bool next_part(struct str path, ptrdiff_t *at, struct str *part)
{
    if (*at > path.n)
        return false;
    ptrdiff_t end = str_find(path, '/', *at);
    if (end < 0)
        end = path.n;
    *part = str_sub(path, *at, end);
    *at = end + 1;
    return true;
}

/* True when ".." stands between separators of any system, with or without escaping backslashes. */
static bool has_dot_dot(struct str part)
{
    char kept[4];
    int n = 0;
    for (ptrdiff_t i = 0; i < part.n && n < 4; i++) {
        if (part.p[i] != '\\')
            kept[n++] = part.p[i];
    }
    return (n == 2 && kept[0] == '.' && kept[1] == '.') ||
           (str_find(part, '\\', 0) >= 0 && str_find_str(part, STR("..")) >= 0);
}

static enum bagit_path judge(struct str path)
{
    enum bagit_path verdict = str_find(path, '\0', 0) >= 0 ? PATH_ODD : PATH_PLAIN;
    struct str part;
    for (ptrdiff_t at = 0; next_part(path, &at, &part);) {
        if (has_dot_dot(part))
            return PATH_LEAVES;
        if (part.n == 0 || str_eq(part, STR(".")))
            verdict = PATH_ODD;
    }
    return verdict;
}

enum bagit_path bagit_path(struct arena *a, struct str raw, bool percent25, struct str *path)
{
    *path = decode_percent(a, raw, percent25);
    if (path->n > 0 && (path->p[0] == '/' || drive_letter(*path)))
        return PATH_ABSOLUTE;
    if (path->n > 0 && path->p[0] == '~')
        return PATH_HOME;
    bool dot = str_starts(*path, STR("./")) && path->n > 2;
    if (dot)
        *path = str_sub(*path, 2, path->n);
    enum bagit_path verdict = judge(*path);
    return verdict == PATH_PLAIN && dot ? PATH_DOT : verdict;
}

/* ---- names that a file system may take for one another ---- */

struct latin {
    uint16_t composed;
    char base;
    uint16_t mark;
};
static const struct latin latin_table[] = {
#define LATIN(composed, base, mark) {composed, base, mark},
#include "reports/latin.def"
#undef LATIN
};

/* A name, letter by letter, in lower case and decomposed. */
struct folded {
    struct str rest;
    uint32_t pending; /* mark that follows the base letter given last; 0: none */
};

static const struct latin *find_latin(uint32_t code)
{
    for (size_t i = 0; i < sizeof latin_table / sizeof latin_table[0]; i++) {
        if (latin_table[i].composed == code)
            return &latin_table[i];
    }
    return NULL;
}

/* Next letter; 0 at the end.  What is not UTF-8 stands for itself above the Unicode range. */
static uint32_t next_folded(struct folded *f)
{
    uint32_t code = f->pending;
    f->pending = 0;
    if (code != 0 || f->rest.n == 0)
        return code;
    int len = utf8_read(f->rest.p, f->rest.n, &code);
    if (len == 0)
        code = 0x110000U + (uint8_t)f->rest.p[0];
    f->rest = str_sub(f->rest, len > 0 ? len : 1, f->rest.n);
    const struct latin *l = code >= 0xC0 && code < 0x180 ? find_latin(code) : NULL;
    if (l != NULL) {
        code = (uint8_t)l->base;
        f->pending = l->mark;
    }
    return code >= 'A' && code <= 'Z' ? code + 32 : code;
}

bool bagit_alias(struct str a, struct str b)
{
    struct folded x = {.rest = a}, y = {.rest = b};
    for (;;) {
        uint32_t p = next_folded(&x), q = next_folded(&y);
        if (p != q)
            return false;
        if (p == 0)
            return true;
    }
}
