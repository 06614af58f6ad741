/* json.h: one strict JSON reader (RFC 8259) and one canonical writer (RFC 8785, JCS).
 *
 * The tokenizer takes a slice, copies nothing and does not recurse; the tree is built from it for
 * configuration, site profiles and verification, and keeps the position of every value so that an
 * unknown key is reported with line and column.  Duplicate keys are errors in a tree; the tokenizer
 * hands them on, because in a log line a duplicate key is evidence.  (jansson keeps no positions,
 * keeps the last of two equal keys, and escapes in upper-case hexadecimal, which JCS forbids.) */
#ifndef VIGIE_BASE_JSON_H
#define VIGIE_BASE_JSON_H

#include "analyzer/base/mem.h"
#include "analyzer/base/out.h"
#include "analyzer/base/status.h"

/* ---- tokens ---- */
enum json_token {
    JSON_END,   /* the text ended in order */
    JSON_ERROR, /* see error and at */
    JSON_OBJECT_OPEN,
    JSON_OBJECT_CLOSE,
    JSON_ARRAY_OPEN,
    JSON_ARRAY_CLOSE,
    JSON_KEY,    /* text: raw between the quotes */
    JSON_STRING, /* text: raw between the quotes */
    JSON_NUMBER, /* text: as written */
    JSON_TRUE,
    JSON_FALSE,
    JSON_NULL
};

#define JSON_DEPTH_MAX 64 /* containers in one another, read or written: one bit of nest a level */

struct json_lexer {
    struct str text;
    ptrdiff_t at; /* next byte; on an error, the byte that is wrong */
    int depth;
    uint64_t nest;    /* one bit a level: 1 object, 0 array */
    uint8_t expect;   /* private */
    bool lax_utf8;    /* accept bytes >= 0x80 that are not UTF-8 inside strings (logs) */
    bool escaped;     /* the last string or key holds a backslash: decode before use */
    const char *error;
    struct str value; /* of the last KEY, STRING or NUMBER */
};

struct json_lexer json_lexer_of(struct str text);
enum json_token json_next(struct json_lexer *l);
/* Decodes the raw inside of a JSON string; lone surrogates become U+FFFD and *lossy is set.  Returns s
 * itself when there is no backslash. */
struct str json_unescape(struct arena *a, struct str raw, bool *lossy);
/* Skips the value whose first token was just read. */
bool json_skip(struct json_lexer *l, enum json_token first);

/* ---- tree ---- */
enum json_kind {
    JSON_KIND_NULL,
    JSON_KIND_BOOL,
    JSON_KIND_NUMBER,
    JSON_KIND_STRING,
    JSON_KIND_ARRAY,
    JSON_KIND_OBJECT
};
struct json {
    enum json_kind kind;
    bool boolean;
    bool is_int;           /* NUMBER written as an integer within int64 */
    int64_t integer;
    struct str text;       /* STRING decoded; NUMBER as written */
    struct str key;        /* decoded name when this is a member of an object */
    size_t count;          /* children */
    struct json *child;    /* first child; siblings by next, in the order written */
    struct json *next;
    struct json *last;     /* last child, so that building is linear */
    ptrdiff_t at;          /* byte position in the text */
    ptrdiff_t key_at;
};
struct json_error {
    const char *what; /* static text */
    int line, column; /* from 1; column in bytes */
};

/* NULL on an error.  Everything lives in a; slices may point into text. */
struct json *json_parse(struct arena *a, struct str text, struct json_error *error);
struct json *json_get(const struct json *object, struct str key); /* NULL: absent or not an object */
void json_position(struct str text, ptrdiff_t at, int *line, int *column);
/* Building a tree by hand (for documents that are written canonically at the end). */
struct json *json_new(struct arena *a, enum json_kind kind);
struct json *json_int(struct arena *a, int64_t v);
struct json *json_str(struct arena *a, struct str s);  /* not copied; must be valid UTF-8 */
struct json *json_text(struct arena *a, const char *s); /* not copied */
struct json *json_bool(struct arena *a, bool v);
void json_set(struct json *object, struct str key, struct json *value); /* key not copied; must be new */
void json_push(struct json *array, struct json *value);
/* RFC 8785: members sorted by UTF-16 code units, shortest strings and ECMAScript numbers.  Integers
 * beyond 2^53, which RFC 8785 leaves out, are written exactly rather than rounded. */
void json_canonical(struct out *o, const struct json *value);
/* The same tree for people: two spaces of indent, members in the order given. */
void json_pretty(struct out *o, const struct json *value);

/* The parts of the writers: a string with its quotes as RFC 8785 has it (not UTF-8 becomes U+FFFD), and
 * a finite number as ECMAScript's Number::toString has it (shortest digits that read back the same). */
void json_quote(struct out *o, struct str s);
#define JSON_DOUBLE_MAX 32
size_t json_double(double v, char out[JSON_DOUBLE_MAX]);
/* < 0, 0, > 0 by UTF-16 code units, for the order of members. */
int json_key_cmp(struct str a, struct str b);

/* ---- streaming writer, for JSON lines ----
 * Members are written in the order of the calls, which must be byte order of the keys when the
 * document promises canonical form (a debug build asserts it); keys are literals in ASCII. */
#define JSON_DEPTH_MAX_WRITER 16
struct jw {
    struct out *o;
    int depth;
    bool comma[JSON_DEPTH_MAX_WRITER];
    bool sorted; /* assert key order */
    const char *last[JSON_DEPTH_MAX_WRITER];
};
struct jw jw_open(struct out *o, bool sorted);
void jw_object(struct jw *w, const char *key); /* key NULL inside arrays and at top level */
void jw_object_end(struct jw *w);
void jw_array(struct jw *w, const char *key);
void jw_array_end(struct jw *w);
/* Bytes that are not valid UTF-8 become U+FFFD; a missing slice becomes null. */
void jw_str(struct jw *w, const char *key, struct str s);
void jw_text(struct jw *w, const char *key, const char *s);
void jw_int(struct jw *w, const char *key, int64_t v);
void jw_bool(struct jw *w, const char *key, bool v);
void jw_null(struct jw *w, const char *key);
void jw_hex(struct jw *w, const char *key, const void *p, size_t n);
void jw_base64(struct jw *w, const char *key, struct str s); /* RFC 4648 section 4 */
void jw_ip(struct jw *w, const char *key, const void *ip16);  /* struct ip; zero becomes null */

/* RFC 4648 section 4, strict: padded, no line ends, unused bits zero. */
void base64_encode(struct out *o, struct str s);
bool base64_decode(struct arena *a, struct str s, struct str *out);

#endif
