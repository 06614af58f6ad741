/* bag_write.h: writes a BagIt 1.0 bag (RFC 8493) that is there complete or not at all.
 *
 * Everything goes into `.<name>.partial-<random>` beside the target; every file and folder is
 * synced, then the folder is renamed.  Sticky: after the first failure every call does nothing,
 * bag_finish says FAILED and nothing is left behind.  One bag is written at a time in a process. */
#ifndef VIGIE_REPORTS_BAG_WRITE_H
#define VIGIE_REPORTS_BAG_WRITE_H

#include "analyzer/base/lang.h"
#include "analyzer/base/out.h"
#include "analyzer/base/status.h"

struct bag_entry {
    struct str path; /* "data/..." for payload, else a tag file */
    struct sha256 sha256;
};

struct bag_tag { /* one line of bag-info.txt */
    struct str label, value;
};

struct bag {
    struct arena arena;
    struct str name, partial; /* within the parent folder */
    int parent, root;         /* open folders */
    struct bag_entry *entries;
    size_t count, cap;
    uint64_t payload_bytes, payload_files;
    struct out out;  /* of the file that is open */
    struct str open; /* its path; missing when none */
    int fd;
    int error;         /* errno of the first failure */
    struct str failed; /* the path it happened at */
};

/* Makes the temporary folder; refuses a target that exists. */
void bag_begin(struct bag *b, struct str target);
/* Opens one new file for writing; folders are made as needed.  Never NULL. */
struct out *bag_open(struct bag *b, struct str path);
struct sha256 bag_close(struct bag *b);
struct sha256 bag_put(struct bag *b, struct str path, struct str bytes);
/* Writes bagit.txt, bag-info.txt (tags and Payload-Oxum, sorted) and both manifests, syncs,
 * renames. FAILED: bag_why says why; the temporary folder is gone. */
enum status bag_finish(struct bag *b, const struct bag_tag *tags, size_t n);
/* "file: cause", in a. */
struct str bag_why(const struct bag *b, struct arena *a, enum lang lang);
void bag_free(struct bag *b);
/* Removes the unfinished folder, if any.  Only async-signal-safe calls, no allocation. */
void bag_abandon(void);

#endif
