/* program.h: a log format as a small program: one step a value, compiled once, run on every line.
 *
 * nginx.c and apache.c translate their notation into values and the literal text between them;
 * program.c decides how the end of each value is found and which of several values for one field
 * counts; program_run.c walks the steps.
 *
 * Where a value ends: at the first place where the literal text behind it stands and where, if a
 * number, a stamp or a protocol version must follow, one really does.  In quotes a backslash takes
 * the next byte along; when no end is found that way the backslashes are taken as plain bytes.  A
 * quote at which the literal does not stand is part of the value (ODDITY_QUOTE_INSIDE).  A quoted
 * value that ends the format reaches to the last quote of the line, unless what follows its first
 * closing quote is a row of well-formed further fields. */
#ifndef VIGIE_PARSERS_LOG_PROGRAM_H
#define VIGIE_PARSERS_LOG_PROGRAM_H

#include "parsers/log/log.h"

enum { PROGRAM_STEPS_MAX = 64 };

enum step_kind {
    STEP_TEXT,  /* into the struct str at `offset` */
    STEP_EXTRA, /* into the extras, under `name` */
    STEP_SKIP,
    STEP_MORE, /* further fields up to the line's end, at least one; into the extras */
    STEP_PEER,
    STEP_PORT,
    STEP_IDENT,
    STEP_REQUEST,
    STEP_METHOD,
    STEP_QUERY, /* joined to the target */
    STEP_VERSION,
    STEP_STATUS,
    STEP_BYTES,
    STEP_DURATION, /* in units of `unit_us` */
    STEP_HOST,
    STEP_CLF,
    STEP_ISO,
    STEP_EPOCH,    /* in units of `unit_us` */
    STEP_FRACTION, /* of a second, in units of `unit_us` */
    STEP_PART      /* a piece of a date, `unit_us` is enum date_part */
};

enum date_part {
    DATE_YEAR,
    DATE_MONTH,
    DATE_MONTH_NAME,
    DATE_DAY,
    DATE_HOUR,
    DATE_MINUTE,
    DATE_SECOND,
    DATE_ZONE,
    DATE_WEEKDAY
};

enum scan_kind {
    SCAN_UNTIL,       /* the literal */
    SCAN_QUOTED,      /* the same, inside quotes */
    SCAN_QUOTED_LAST, /* the closing quote ends the format */
    SCAN_LIST,        /* a space ends it, but not around "," and ":" */
    SCAN_SLASH,       /* the next value starts with '/' */
    SCAN_FIXED,       /* `width` bytes */
    SCAN_REST         /* the end of the line */
};

/* What must stand behind the literal for a place to be the end of a value. */
enum follow_kind {
    FOLLOW_ANY,
    FOLLOW_NUMBER,
    FOLLOW_CLF,
    FOLLOW_ISO,
    FOLLOW_PART,
    FOLLOW_VERSION,
    FOLLOW_FIELDS,
    FOLLOW_END
};

struct step {
    enum step_kind kind;
    enum scan_kind scan;
    enum follow_kind follow;
    bool chosen;   /* time: this is the stamp that counts */
    bool decode;   /* JSON escapes inside */
    uint8_t which; /* time: 0 of the start (or unsaid), 1 of the end */
    uint8_t width;
    char stop;        /* first byte of the literal */
    uint32_t bit;     /* HAS() */
    ptrdiff_t offset; /* within struct event */
    int64_t unit_us;
    uint64_t literal_word, literal_mask; /* its first eight bytes, for one comparison */
    struct str literal;                  /* what stands behind the value */
    enum extra_kind extra;
    struct str name;
};

struct program {
    struct str prefix; /* literal before the first value */
    struct step *steps;
    int count;
    struct event blank;    /* what every event starts as, ... */
    size_t blank_bytes;    /* ... as many of its bytes (not a constant: memcpy beats rep movs) */
    uint32_t literal_bits; /* 8 a literal byte: for bids */
    enum escaping escaping;
    int tz_offset_s;
    bool joins_query;
    bool assembles_time; /* the stamp is put together at the line's end */
    bool from_parts;     /* ... from STEP_PART */
    bool from_fraction;
    uint8_t which;
};

/* ---- building ---- */

/* The field that a value is for; several values for one field compete by rank, the losers become
 * extras. */
enum slot {
    SLOT_EXTRA,
    SLOT_SKIP,
    SLOT_PEER,
    SLOT_PORT,
    SLOT_IDENT,
    SLOT_USER,
    SLOT_TIME,
    SLOT_DURATION,
    SLOT_REQUEST,
    SLOT_METHOD,
    SLOT_TARGET,
    SLOT_QUERY,
    SLOT_VERSION,
    SLOT_STATUS,
    SLOT_BYTES,
    SLOT_REFERER,
    SLOT_AGENT,
    SLOT_HOST,
    SLOT_BODY,
    SLOT_COOKIES,
    SLOT_FORWARDED,
    SLOT_COUNT
};

struct value {
    enum step_kind kind;
    enum slot slot;
    uint8_t rank; /* smaller wins */
    uint8_t which;
    bool list; /* may be "a, b : c" */
    int64_t unit_us;
    uint32_t resolution_us; /* of a stamp */
    enum time_meaning meaning;
    enum extra_kind extra;
    struct str name; /* as an extra; lives as long as the format */
};

struct builder {
    struct log_format *format;
    struct str source; /* the format string, for messages */
    char *literals;    /* all of them, one after the other */
    ptrdiff_t literals_n, literals_cap;
    struct value values[PROGRAM_STEPS_MAX];
    ptrdiff_t at[PROGRAM_STEPS_MAX]; /* where it stands in source */
    ptrdiff_t literal_from[PROGRAM_STEPS_MAX +
                           1]; /* of the literal behind value i at [i + 1]; [0] is the prefix */
    int count;
};
enum { SAMPLE_LINES_MAX = 64, SAMPLE_BYTES_MAX = 65536 }; /* what a bid looks at */

void builder_open(struct builder *b, struct log_format *f, struct str source);
void builder_literal(struct builder *b, char c);
void builder_value(struct builder *b, ptrdiff_t at, const struct value *v);
/* The last value, when no literal stands behind it yet; else NULL. */
struct value *builder_adjacent(struct builder *b);
/* Value i has a name that fills no field.  False with *why when it is all but the name of one that nothing else in
 * the format fills: a slip that would otherwise cost the whole field in silence. */
struct named_value {
    struct str name;
    struct value value;
};
bool builder_name_meant(struct builder *b, int i, struct str name, const struct named_value *known, size_t count,
                        struct str *why);
/* False with *why.  Sets f->program, fields, meaning, resolution_us, zone_in_line, note. */
bool builder_close(struct builder *b, struct str *why);
/* A message that quotes the place: "... at byte N: near the text". */
struct str format_error(struct arena *a, const char *what, struct str source, ptrdiff_t at);

/* ---- running ---- */
enum reject program_line(const struct log_format *f, struct log_thread *t, struct arena *a,
                         struct str line, struct event *e);
/* Bits that were verified in a line which gave e. */
uint32_t program_bits(const struct program *p, const struct event *e);

/* ---- the two notations: b->source to values and literals; false with *why ---- */
bool apache_compile(struct builder *b, struct str *why);
bool nginx_compile(struct builder *b, struct str *why);
/* What a variable fills; one that fills no field is an extra (a cookie, a header, any other). */
struct value nginx_variable(struct arena *a, struct str name);

/* ---- the formats that are recognised unasked: an Apache LogFormat string each ----
 * nginx and Apache write them alike, so what the stamp means is not known and both escapings are
 * read. */
enum builtin_tail { TAIL_NONE, TAIL_FURTHER_FIELDS };
bool builtin_open(struct log_format *f, struct str log_format, enum builtin_tail tail,
                  struct str *why);
/* Verified bits over the first lines; 0 unless at least a quarter of them are of this format. */
uint32_t format_bid(const struct log_parser *p, struct str lines);

#endif
