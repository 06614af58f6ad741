/* log.h: log formats: one const descriptor a parser, one line in parsers.def.
 *
 * A format is opened once (a format string is compiled to a small program then), is read-only
 * afterwards and shared by the parsing threads; what a thread needs to remember between lines (the day
 * it last converted) is in struct log_thread. */
#ifndef VIGIE_PARSERS_LOG_LOG_H
#define VIGIE_PARSERS_LOG_LOG_H

#include "analyzer/base/lang.h"
#include "analyzer/base/mem.h"
#include "analyzer/base/status.h"
#include "analyzer/model/event.h"
#include "analyzer/model/ledger.h"

struct log_thread {
    uint64_t stamp_head[3]; /* the last converted "10/Oct/2026:13:55" as bytes */
    int64_t stamp_base_us;
    struct str stamp_zone;  /* private copies below */
    char zone_bytes[8];
    bool stamp_known;
};

struct log_format {
    const struct log_parser *parser;
    struct str name;          /* "combined", "nginx", "apache", "json" */
    struct str string;        /* the format string as written, or missing */
    uint32_t fields;          /* HAS() bits the format can carry */
    enum time_meaning meaning;
    uint32_t resolution_us;
    int tz_offset_s;          /* for stamps without zone */
    enum escaping escaping;
    void *program;            /* the parser's own */
    struct arena *arena;      /* holds program and strings */
};

struct log_parser {
    const char *name;
    struct text what;
    const char *sample;       /* file in samples/logs that shows it */
    /* How well the first lines fit: the number of bits that were verified in them (8 for each literal byte,
     * digit or checked token that had to be what it is), 0 when it cannot be this format. */
    uint32_t (*bid)(struct str lines);
    /* spec: what follows "name:" in --format, or missing.  False with *why. */
    bool (*open)(struct log_format *f, struct str spec, struct str *why);
    /* line: without its line end.  OK fills *e (zeroed by the caller but for provenance); else a reason. */
    enum reject (*line)(const struct log_format *f, struct log_thread *t, struct arena *a, struct str line,
                        struct event *e);
};

extern const struct log_parser *const log_parsers[]; /* in the order of parsers.def */
extern const size_t log_parsers_count;

struct log_bid {
    const struct log_parser *parser;
    uint32_t bits;
};
/* bids must hold log_parsers_count; sorted, best first. */
void log_bids(struct str lines, struct log_bid *bids);
/* spec "auto": decide by bids over `lines` (the first block of the source).  NULL with *why, which names the
 * bids, when nothing or more than one fits; *code says which. */
struct log_format *log_format_open(struct arena *a, struct str spec, struct str key_map, int tz_offset_s,
                                   struct str lines, enum diag_code *code, struct str *why);
/* One physical line without its '\n': strips a CR, checks length and emptiness, then the parser. */
enum reject log_line(const struct log_format *f, struct log_thread *t, struct arena *a, struct str line,
                     struct event *e);

#endif
