/* log.h: log formats: one const descriptor a parser, one line in parsers.def.
 *
 * A format is opened once (a format string is compiled to a small program then), is read-only
 * afterwards and shared by the parsing threads; what a thread needs to remember between lines (the
 * day it last converted) is in struct log_thread. */
#ifndef VIGIE_PARSERS_LOG_LOG_H
#define VIGIE_PARSERS_LOG_LOG_H

#include "analyzer/base/lang.h"
#include "analyzer/base/mem.h"
#include "analyzer/base/status.h"
#include "analyzer/model/event.h"
#include "analyzer/model/ledger.h"

/* The minute (with its zone) that was converted last: most lines only add their seconds to it.  All
 * zero is "none yet". */
struct log_minute {
    uint64_t head[2]; /* the first 16 bytes of the stamp as logged */
    uint32_t zone;    /* ... and what stands after the seconds */
    uint16_t turn;    /* the bytes between head and seconds */
    uint16_t zone_last;
    int64_t base_us; /* of second 0 */
    bool known;
};
struct log_thread {
    bool plain; /* the caller knows that every byte is printable ASCII (log_bytes_plain) */
    struct log_minute clf; /* 10/Oct/2026:13:55:36 +0200 */
    struct log_minute iso; /* 2026-10-10T13:55:36+02:00 */
};

struct log_format {
    const struct log_parser *parser;
    struct str name;   /* "combined", "nginx", "apache", "json" */
    struct str string; /* the format string as written, or missing */
    uint32_t fields;   /* HAS() bits the format can carry */
    enum time_meaning meaning;
    uint32_t resolution_us;
    int tz_offset_s;   /* for stamps without zone */
    bool zone_in_line; /* false: every stamp is read as UTC + tz_offset_s */
    enum escaping escaping;
    struct str key_map;  /* json: {"theirs": "ours"}, or missing */
    struct str note;     /* what the format cannot keep, in words; missing when it keeps all */
    uint32_t unnamed;    /* further fields of the first line that fits, of which only the number is known */
    void *program;       /* the parser's own */
    struct arena *arena; /* holds program and strings */
};

struct log_parser {
    const char *name;
    struct text what;
    const char *sample; /* file in samples/logs that shows it */
    bool further_fields; /* takes fields of which nothing but their place is known */
    /* How well the first lines fit: the number of bits that were verified in them (8 for each
     * literal byte, digit or checked token that had to be what it is), 0 when it cannot be this
     * format. */
    uint32_t (*bid)(struct str lines);
    /* spec: what follows "name:" in --format, or missing.  False with *why. */
    bool (*open)(struct log_format *f, struct str spec, struct str *why);
    /* line: without its line end and not empty.  REJECT_NONE: everything of *e but its provenance
     * and the extras beyond extras_count is set, whatever was there before; else *e holds nothing.
     */
    enum reject (*line)(const struct log_format *f, struct log_thread *t, struct arena *a,
                        struct str line, struct event *e);
};

extern const struct log_parser *const log_parsers[]; /* in the order of parsers.def */
extern const size_t log_parsers_count;

struct log_bid {
    const struct log_parser *parser;
    uint32_t bits;
};
/* bids must hold log_parsers_count; sorted, best first. */
void log_bids(struct str lines, struct log_bid *bids);
/* spec: "auto", a parser's name, "nginx:<log_format>" or "apache:<LogFormat>", with or without the
 * directive's own words around the string; "auto" decides by bids over `lines` (the first block of
 * the source).  key_map: JSON text {"theirs": "ours"} or missing.  NULL with *why, which names the
 * bids or the place in the format string, when nothing or more than one fits; *code says which.
 * Everything lives in a; the texts given need not. */
struct log_format *log_format_open(struct arena *a, struct str spec, struct str key_map,
                                   int tz_offset_s, struct str lines, enum diag_code *code,
                                   struct str *why);
/* Whether a block of lines holds nothing but printable ASCII and line feeds; then no line of it needs to be
 * looked at for that. */
bool log_bytes_plain(struct str lines);
/* One physical line without its '\n', of any length that the caller admits: strips a CR and a byte
 * order mark, refuses empty lines and those of NULs, then the parser. */
enum reject log_line(const struct log_format *f, struct log_thread *t, struct arena *a,
                     struct str line, struct event *e);

#endif
