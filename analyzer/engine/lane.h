/* lane.h: one source on its way through the engine. */
#ifndef VIGIE_ENGINE_LANE_H
#define VIGIE_ENGINE_LANE_H

#include "analyzer/engine/block.h"
#include "analyzer/io/source.h"

struct lane;

/* The reading side of a capture. */
struct packet_lane {
    struct net_parser *net;
    struct net_options options;
    struct str why;          /* how the capture broke off; missing when it did not */
    struct block *block;     /* the bytes read go in here too, when the pipeline hashes them */
    void (*make_room)(void *user, struct lane *l); /* hashes what is in there */
    void *user;
    bool stop;               /* what was read is to be brought to an end */
};

struct lane {
    struct packet_lane *packets; /* a capture; NULL: a log */
    uint32_t index;          /* of the source in the ledger */
    struct str name;
    struct source *source;   /* NULL while not open */
    struct log_format *format;
    struct arena arena;      /* holds the format */
    struct framer framer;
    struct sha256_stream *sha; /* when the pipeline hashes plain bytes */
    struct str taken;        /* first bytes, already taken from a pipe for recognition */
    char *head_buffer;       /* holds them */
    uint64_t head_hash;      /* of a file's first bytes: which ones could be the same file */
    bool from_folder;        /* nobody named it: it need not be a log */
    bool left_out;           /* no log: counted as excluded, not parsed */
    bool refused;            /* somebody named it: left out, and the run says so */
    bool seen_before;        /* the same bytes as an earlier source: counted, not parsed */
    bool ready;              /* recognised */
    bool active;             /* open and part of the merge */
    bool done;               /* everything consumed */
    int64_t front_us;        /* stamp of the first record, for the order of activation */

    /* under the pipeline's lock */
    struct block *first, *last;    /* in stream order, until hashed and consumed */
    struct block *head;            /* next block to consume */
    struct block *unhashed;        /* next block to hash */
    bool reading, hashing, ended;
    int blocks;

    /* consuming side */
    uint64_t records;
    int64_t previous_us;
    bool accounted;          /* head block's counts are in the ledger */
    bool hash_done;
};

#endif
