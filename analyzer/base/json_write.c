/* json_write.c: trees to text (canonical, or for people) and the streaming writer of JSON lines. */
#include "analyzer/base/json.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include "analyzer/base/ip.h"
#include "analyzer/base/utf8.h"

enum style { STYLE_CANONICAL, STYLE_PRETTY };

/* One open container on the way through a tree. */
struct level {
    const struct json *container;
    const struct json *next;    /* when the members are taken in the order they are linked */
    const struct json **sorted; /* else the order to take them in; owned */
    size_t at;
};

struct walk {
    struct out *o;
    enum style style;
    struct level level[JSON_DEPTH_MAX];
    int depth;
};

/* ---- strings ---- */

static void quote_control(struct out *o, uint8_t c)
{
    static const char hex[] = "0123456789abcdef";
    static const char short_form[32] = {
        ['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f', ['\r'] = 'r'};
    if (c == '"' || c == '\\') {
        out_bytes(o, (char[2]){'\\', (char)c}, 2);
    } else if (short_form[c] != 0) {
        out_bytes(o, (char[2]){'\\', short_form[c]}, 2);
    } else {
        out_bytes(o, (char[6]){'\\', 'u', '0', '0', hex[c >> 4], hex[c & 15]}, 6);
    }
}

/* Length of the character at i written as it is; 0 when it must be escaped or replaced. */
static int plain_len(const struct out *o, struct str s, ptrdiff_t i)
{
    uint8_t c = (uint8_t)s.p[i];
    uint32_t code;
    if (c < 0x7F)
        return c >= 0x20 && c != '"' && c != '\\';
    int len = utf8_read(s.p + i, s.n - i, &code);
    return o->shown && len > 0 && out_shows_wrongly(code) ? 0 : len;
}

/* Writes what plain_len refused at i and returns its length. */
static int quote_other(struct out *o, struct str s, ptrdiff_t i)
{
    uint8_t c = (uint8_t)s.p[i];
    uint32_t code;
    int len = utf8_read(s.p + i, s.n - i, &code);
    if (c < 0x20 || c == '"' || c == '\\') {
        quote_control(o, c);
        return 1;
    }
    if (len > 0) {
        out_printf(o, "\\u%04x", (unsigned)code); /* none lies above U+FFFF */
        return len;
    }
    out_text(o, "\xEF\xBF\xBD");
    return 1;
}

void json_quote(struct out *o, struct str s)
{
    out_char(o, '"');
    for (ptrdiff_t i = 0; i < s.n;) {
        ptrdiff_t start = i;
        int len = 0;
        while (i < s.n && (len = plain_len(o, s, i)) > 0)
            i += len;
        out_bytes(o, s.p + start, (size_t)(i - start));
        if (i == s.n)
            break;
        i += quote_other(o, s, i);
    }
    out_char(o, '"');
}

/* UTF-16 puts U+10000 and above (lead byte F0-F4) before U+E000 to U+FFFF (lead byte EE, EF). */
static int utf16_rank(uint8_t b)
{
    return b >= 0xF0 ? 0xEE : b >= 0xEE ? b + 16 : b;
}

int json_key_cmp(struct str a, struct str b)
{
    ptrdiff_t n = a.n < b.n ? a.n : b.n;
    for (ptrdiff_t i = 0; i < n; i++) {
        uint8_t x = (uint8_t)a.p[i], y = (uint8_t)b.p[i];
        if (x == y)
            continue;
        int rank = utf16_rank(x) - utf16_rank(y);
        return rank != 0 ? rank : x - y;
    }
    return (a.n > b.n) - (a.n < b.n);
}

/* ---- trees ---- */

static void write_number(struct out *o, const struct json *v)
{
    if (v->is_int) {
        out_i64(o, v->integer);
        return;
    }
    char *text = mem_alloc((size_t)v->text.n + 1);
    char shortest[JSON_DOUBLE_MAX];
    memcpy(text, v->text.p, (size_t)v->text.n);
    out_bytes(o, shortest, json_double(strtod(text, NULL), shortest));
    mem_free(text);
}

static void write_scalar(struct out *o, const struct json *v)
{
    switch (v->kind) {
    case JSON_KIND_BOOL:
        out_text(o, v->boolean ? "true" : "false");
        return;
    case JSON_KIND_NUMBER:
        write_number(o, v);
        return;
    case JSON_KIND_STRING:
        json_quote(o, v->text);
        return;
    case JSON_KIND_NULL:
    case JSON_KIND_ARRAY:
    case JSON_KIND_OBJECT:
    default:
        out_text(o, "null");
        return;
    }
}

static int by_key(const void *x, const void *y)
{
    const struct json *a = *(const struct json *const *)x, *b = *(const struct json *const *)y;
    return json_key_cmp(a->key, b->key);
}

static bool in_order(const struct json *object)
{
    for (const struct json *v = object->child; v != NULL && v->next != NULL; v = v->next) {
        if (json_key_cmp(v->key, v->next->key) > 0)
            return false;
    }
    return true;
}

static const struct json **sorted_members(const struct json *object)
{
    const struct json **all = mem_alloc(object->count * sizeof(*all));
    size_t n = 0;
    for (const struct json *v = object->child; v != NULL; v = v->next)
        all[n++] = v;
    qsort(all, n, sizeof(*all), by_key);
    return all;
}

static void new_line(struct walk *w)
{
    if (w->style != STYLE_PRETTY)
        return;
    out_char(w->o, '\n');
    for (int i = 0; i < w->depth; i++)
        out_text(w->o, "  ");
}

static void enter(struct walk *w, const struct json *v)
{
    if (w->depth == JSON_DEPTH_MAX) {
        w->o->error = w->o->error != 0 ? w->o->error : EOVERFLOW;
        return;
    }
    struct level *l = &w->level[w->depth++];
    *l = (struct level){.container = v, .next = v->child};
    if (w->style == STYLE_CANONICAL && v->kind == JSON_KIND_OBJECT && !in_order(v))
        l->sorted = sorted_members(v);
    out_char(w->o, v->kind == JSON_KIND_OBJECT ? '{' : '[');
}

static void leave(struct walk *w)
{
    struct level *l = &w->level[--w->depth];
    mem_free(l->sorted);
    if (l->container->count > 0)
        new_line(w);
    out_char(w->o, l->container->kind == JSON_KIND_OBJECT ? '}' : ']');
}

static const struct json *take(struct level *l)
{
    const struct json *v = l->next;
    if (l->sorted != NULL)
        return l->at < l->container->count ? l->sorted[l->at++] : NULL;
    if (v != NULL) {
        l->next = v->next;
        l->at++;
    }
    return v;
}

static void write_value(struct walk *w, const struct json *v)
{
    if (v->kind == JSON_KIND_OBJECT || v->kind == JSON_KIND_ARRAY)
        enter(w, v);
    else
        write_scalar(w->o, v);
}

static void write_tree(struct out *o, const struct json *root, enum style style)
{
    struct walk w = {.o = o, .style = style};
    write_value(&w, root);
    while (w.depth > 0) {
        struct level *l = &w.level[w.depth - 1];
        const struct json *v = take(l);
        if (v == NULL) {
            leave(&w);
            continue;
        }
        if (l->at > 1)
            out_char(o, ',');
        new_line(&w);
        if (l->container->kind == JSON_KIND_OBJECT) {
            json_quote(o, v->key);
            out_text(o, style == STYLE_PRETTY ? ": " : ":");
        }
        write_value(&w, v);
    }
}

void json_canonical(struct out *o, const struct json *value)
{
    write_tree(o, value, STYLE_CANONICAL);
}

void json_pretty(struct out *o, const struct json *value)
{
    write_tree(o, value, STYLE_PRETTY);
}

/* ---- streaming writer ---- */

struct jw jw_open(struct out *o, bool sorted)
{
    return (struct jw){.o = o, .sorted = sorted};
}

static void before(struct jw *w, const char *key)
{
    if (w->comma[w->depth])
        out_char(w->o, ',');
    w->comma[w->depth] = w->depth > 0; /* values at top level stand on lines of their own */
    if (key == NULL)
        return;
    assert(!w->sorted || w->last[w->depth] == NULL || strcmp(w->last[w->depth], key) < 0);
    w->last[w->depth] = key;
    json_quote(w->o, str_of(key));
    out_char(w->o, ':');
}

static void open_container(struct jw *w, const char *key, char bracket)
{
    before(w, key);
    out_char(w->o, bracket);
    assert(w->depth + 1 < JSON_DEPTH_MAX_WRITER);
    w->depth++;
    w->comma[w->depth] = false;
    w->last[w->depth] = NULL;
}

static void close_container(struct jw *w, char bracket)
{
    assert(w->depth > 0);
    w->depth--;
    out_char(w->o, bracket);
}

void jw_object(struct jw *w, const char *key)
{
    open_container(w, key, '{');
}

void jw_object_end(struct jw *w)
{
    close_container(w, '}');
}

void jw_array(struct jw *w, const char *key)
{
    open_container(w, key, '[');
}

void jw_array_end(struct jw *w)
{
    close_container(w, ']');
}

void jw_str(struct jw *w, const char *key, struct str s)
{
    if (s.p == NULL) {
        jw_null(w, key);
        return;
    }
    before(w, key);
    json_quote(w->o, s);
}

void jw_text(struct jw *w, const char *key, const char *s)
{
    jw_str(w, key, str_of(s));
}

void jw_int(struct jw *w, const char *key, int64_t v)
{
    before(w, key);
    out_i64(w->o, v);
}

void jw_bool(struct jw *w, const char *key, bool v)
{
    before(w, key);
    out_text(w->o, v ? "true" : "false");
}

void jw_null(struct jw *w, const char *key)
{
    before(w, key);
    out_text(w->o, "null");
}

void jw_hex(struct jw *w, const char *key, const void *p, size_t n)
{
    static const char hex[] = "0123456789abcdef";
    const uint8_t *b = p;
    before(w, key);
    out_char(w->o, '"');
    for (size_t i = 0; i < n; i++)
        out_bytes(w->o, (char[2]){hex[b[i] >> 4], hex[b[i] & 15]}, 2);
    out_char(w->o, '"');
}

void jw_base64(struct jw *w, const char *key, struct str s)
{
    before(w, key);
    out_char(w->o, '"');
    base64_encode(w->o, s);
    out_char(w->o, '"');
}

void jw_ip(struct jw *w, const char *key, const void *ip16)
{
    const struct ip *a = ip16;
    if (ip_is_zero(a)) {
        jw_null(w, key);
        return;
    }
    char text[IP_TEXT_MAX];
    size_t n = ip_format(a, text);
    jw_str(w, key, (struct str){text, (ptrdiff_t)n});
}
