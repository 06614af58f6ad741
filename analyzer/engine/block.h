/* block.h: a piece of one source on its way: read, hashed, parsed, consumed.
 *
 * A block holds whole lines.  What it holds of a line that was begun before is copied to its front; a
 * line longer than line_bytes_max is not held at all, only its place and length.  Reading is done by one
 * thread at a time for each source, parsing by any, consuming in order; nothing in here is shared
 * between threads except by handing the block over under the pipeline's lock. */
#ifndef VIGIE_ENGINE_BLOCK_H
#define VIGIE_ENGINE_BLOCK_H

#include "analyzer/model/ledger.h"
#include "analyzer/model/settings.h"
#include "analyzer/site/site.h"
#include "parsers/log/log.h"
#include "parsers/net/net.h"

/* The first bytes of a source, taken to recognise its format, go into its first block. */
enum { BLOCK_HEAD_BYTES = 65536 };

struct block {
    struct block *next;
    char *data;
    size_t cap;
    size_t want;             /* fresh bytes to read into it */
    struct str lines;        /* whole lines, the last one perhaps without its line end */
    struct str fresh;        /* bytes as they came from the source, for hashing */
    uint64_t offset;         /* of lines.p in the stream */
    bool last;               /* the source ended here */
    bool no_final_newline;
    bool broken_line;        /* a line too long to hold ended in this block (before lines) */
    struct rejected too_long;
    uint32_t too_long_end;   /* 1 when it had a line end */

    struct event *events;
    struct hit *hits;
    size_t count, cap_events;
    size_t at;               /* events consumed so far */
    struct rejected *rejects; /* record relative to the block, from 1 */
    size_t rejects_count, rejects_cap;
    struct arena arena;
    struct log_thread *thread_state;

    bool packets;            /* out of a capture: no lines, and records are numbered already */
    uint64_t physical, parsed_records, parsed_bytes, rejected_bytes, excluded, excluded_bytes;
    uint64_t already_seen_bytes; /* of packets only */
    uint64_t explained;      /* events that are a step of the site profile */
    uint64_t oddities[ODDITY_COUNT];
    uint32_t has;
    uint32_t resolution_us;
    uint8_t meaning;
    int64_t first_us, last_us;        /* smallest and largest stamp */
    int64_t front_us, back_us;        /* first and last stamp in line order */
    uint64_t backward_steps;
    int64_t backward_us_max;
    bool parsed, hashed, consumed;
};

struct block *block_new(const struct limits *l);
void block_clear(struct block *b); /* for reuse; keeps the memory */
void block_free(struct block *b);

/* The framing state of one stream. */
struct framer {
    char *carry;
    size_t carry_len;
    uint64_t offset;  /* of the next byte to be framed: carry included */
    bool skipping;
    uint64_t skip_offset, skip_length;
    size_t line_max;
};

/* b->data holds the carry and then `fresh` new bytes; sets lines and keeps the rest as carry.  end: nothing
 * follows. */
void frame_block(struct framer *f, struct block *b, size_t fresh, bool end);
/* Where the next fresh bytes go: copies the carry to the front of b->data and returns its length. */
size_t frame_begin(struct framer *f, struct block *b);

struct parse_context {
    const struct settings *settings;
    const struct site *site;
    const struct log_format *format;
    uint32_t source;
};
/* Parses every line of b. */
void block_parse(struct block *b, const struct parse_context *c, struct log_thread *thread);
/* Counts its physical lines without looking at them. */
void block_count_lines(struct block *b);

/* A capture's block: n's next packets into it.  OK: more may follow; END, FAILED with *why as net_next. */
enum status block_read_packets(struct block *b, struct net_parser *n, struct str *why);
/* Does for its events what block_parse does for lines that were read. */
void block_settle(struct block *b, const struct parse_context *c);
/* Keeps nothing of them but their number. */
void block_count_packets(struct block *b);
/* Of the stream. */
uint64_t block_bytes_of(const struct block *b);
/* Adds the block's counts to the ledger; *records is the number of physical lines before it and is advanced;
 * previous_us is the stamp of the last record before it (INT64_MIN: none). */
void block_account(struct block *b, struct ledger_source *s, uint64_t *records, int64_t *previous_us,
                   int64_t rejects_listed_max);

#endif
