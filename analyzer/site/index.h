/* index.h: the compiled form of a profile, shared by the files of this folder only.
 *
 * Every step owns one bit of a 64-bit mask, the most specific template the lowest one.  Matching
 * walks the segments of a path and keeps the steps that still agree. */
#ifndef VIGIE_SITE_INDEX_H
#define VIGIE_SITE_INDEX_H

#include "analyzer/site/site.h"

enum {
    SITE_SEGMENTS_MAX = 12,      /* segments of one template */
    SITE_SEGMENT_PARTS_MAX = 8,  /* {parts} inside one segment */
    SITE_EXTENSION_BYTES_MAX = 8, /* an asset suffix up to this long is looked up by hash */
    SITE_EXTENSIONS_SLOTS = 128
};

/* What a form or query name carries: an identity kind, or one of the two below. */
enum { ROLE_NONE = -1, ROLE_EMAIL_CHECK = IDENTITY_KINDS, ROLE_CAPTCHA, ROLES };

struct segment_literal {
    struct str text;
    uint64_t steps;
};
struct segment_pattern { /* literals[0] {part} literals[1] ... {part} literals[count - 1] */
    struct str *literals;
    size_t count;
    uint64_t steps;
};
struct segment_rules {
    struct segment_literal *literals;
    size_t literals_count;
    struct segment_pattern *patterns;
    size_t patterns_count;
    uint64_t any; /* steps with a plain {name} here */
};
struct field_role {
    struct str name;
    int role;
    size_t rank; /* position in the profile's list of that role */
};

struct site_index {
    struct segment_rules at[SITE_SEGMENTS_MAX];
    uint64_t ends[SITE_SEGMENTS_MAX + 1];  /* steps of exactly that many segments */
    uint64_t rests[SITE_SEGMENTS_MAX + 1]; /* steps whose {rest...} stands after that many */
    uint64_t by_method[METHOD_PATCH + 1];
    uint64_t all;
    uint8_t step[SITE_STEPS_MAX];          /* bit to index */
    uint64_t extensions[SITE_EXTENSIONS_SLOTS]; /* packed suffixes, 0: free */
    struct str *suffixes, *folders, *files; /* asset rules that are no short extension */
    size_t suffixes_count, folders_count, files_count;
    bool folder_starts[256];               /* second byte of any entry of folders or files */
    struct field_role *roles;
    size_t roles_count;
    uint64_t role_lengths;                 /* bit n: some name has n bytes (63: that many or more) */
};

struct site_path {
    struct str path;      /* up to '?' or '#'; missing when the target names none */
    struct str query;     /* behind '?', without fragment; missing without one */
    struct str authority; /* of the absolute form; missing in the origin form */
    struct str segments[SITE_SEGMENTS_MAX + 1]; /* without empty ones; the last one means "and more" */
    size_t count;
    bool dirty;           /* clean it before use */
};

static inline size_t site_extension_slot(uint64_t packed)
{
    return (size_t)(packed * 0x9E3779B97F4A7C15ULL >> 57); /* 7 bits: SITE_EXTENSIONS_SLOTS */
}

/* Compiles templates, assets and field names.  False with *why and the step's index when a template is
 * malformed, equals another one, or can never match (*why is missing on success). */
bool site_compile(struct arena *a, struct site *s, size_t *step, struct str *why);
/* A suffix of a path, packed from its last byte to its dot; 0 when there is no short one. */
uint64_t site_packed_extension(struct str path);
bool site_is_asset(const struct site_index *x, struct str path);
/* Bits of the steps that agree with a clean path, out of among. */
uint64_t site_match_bits(const struct site *s, const struct site_path *p, uint64_t among);
/* Step index + 1 of the most specific of these bits, 0 for none. */
int site_step_of(const struct site_index *x, uint64_t bits);

/* Origin-form or absolute-form target, as logged. */
void site_path_cut(struct str target, struct site_path *p);
/* The path of a target that needs no cleaning to tell its extension; false when it may. */
bool site_path_plain(struct str target, struct str *path);
bool site_has_asset_extension(const struct site_index *x, struct str path);
/* A decoded path without query: every byte but '/' stands for itself. */
void site_path_cut_clean(struct str path, struct site_path *p);
/* Undoes the log's escapes, ;parameters, percent-encoding and dot segments; for a dirty path. */
void site_path_clean(struct arena *a, enum escaping escaping, struct site_path *p);
/* Percent-decoding into a; s itself when nothing is encoded.  plus: '+' is a space. */
enum site_plus { SITE_PLUS_LITERAL, SITE_PLUS_SPACE };
struct str site_percent_decode(struct arena *a, struct str s, enum site_plus plus);

/* Identity values and captcha answers of query and body, into h. */
void site_sight(const struct site *s, struct arena *a, const struct event *e, struct str query, struct hit *h);

#endif
