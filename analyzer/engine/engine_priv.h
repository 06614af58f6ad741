/* engine_priv.h: what the files of the engine share. */
#ifndef VIGIE_ENGINE_ENGINE_PRIV_H
#define VIGIE_ENGINE_ENGINE_PRIV_H

#include "analyzer/engine/engine.h"
#include "analyzer/engine/lane.h"
#include "analyzer/sessions/sessions.h"
#include "detectors/conclude.h"
#include "reports/bundle.h"

struct engine {
    const struct settings *settings;
    const struct site *site;
    struct engine_hooks hooks;
    struct arena arena;
    struct ledger ledger;
    struct diags diags;
    struct sessions *sessions;
    struct conclude *conclude;
    struct lane **lanes;
    size_t lanes_count, lanes_cap;
    uint64_t parsed, explained; /* events, and those that are a step of the profile */
    uint64_t lines;          /* consumed so far */
    uint32_t fields;         /* union of HAS() */
    uint64_t sources_dropped; /* beyond sources_max */
    bool interrupted;
    const struct findings *findings;
    uint64_t cited;          /* records in the bundle */
    struct keep *keep;       /* watch: raw lines of acts, to cite them later */
};

/* path: what to open; name: what the ledger calls it. */
struct lane *engine_lane(struct engine *e, struct str path, struct str name);
struct str base_name(struct str path);
/* Opens, recognises and primes a lane.  False: unreadable or of no known format (diagnosed). */
bool lane_prepare(struct engine *e, struct lane *l);
/* Chooses the format by these first bytes. */
bool lane_recognise(struct engine *e, struct lane *l, struct str head);
/* packets.c: a lane that is a capture.  The first bytes decide; what is said of it at the end. */
void packets_recognise(struct engine *e, struct lane *l, struct str head);
void packets_finish(struct engine *e, struct lane *l);
void packets_close(struct lane *l);
/* Gives the cited records of this lane, sorted by offset, their fields: the capture is read a second time. */
void packets_describe(struct engine *e, struct arena *a, struct lane *l, struct cited *cited, size_t n);
/* A run of parsed events into the session table. */
void engine_events(struct engine *e, struct lane *l, struct block *b, size_t from, size_t to);
void engine_account(struct engine *e, struct lane *l, struct block *b);
/* After the last byte of a lane: hash, sizes, problems and notes into the ledger. */
void lane_finish(struct engine *e, struct lane *l);
/* The notes on a source that lane_finish ends with. */
void lane_note_quality(struct engine *e, const struct lane *l);
void engine_conclude(struct engine *e, enum closed_by why);

/* keep.c: an unlinked temporary file with the lines of decision events, for sources that cannot be read
 * again.  Never fails loudly: a full disk is a diagnostic at the end. */
struct keep *keep_open(struct str *why);
void keep_line(struct keep *k, uint32_t source, uint64_t offset, struct str raw);
bool keep_failed(const struct keep *k);
/* Fills raw of each cited record it holds; cited is sorted by (source, offset). */
void keep_recall(struct keep *k, struct arena *a, struct cited *cited, size_t n);
void keep_close(struct keep *k);

#endif
