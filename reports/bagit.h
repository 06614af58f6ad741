/* bagit.h: reads and checks a BagIt bag (RFC 8493; drafts 0.93 to 0.97 too), whoever made it.
 *
 * The bag is listed once, without following symbolic links; afterwards files are opened only by a
 * path that the listing found, so that no manifest can lead outside.  fetch.txt is read, nothing is
 * fetched. */
#ifndef VIGIE_REPORTS_BAGIT_H
#define VIGIE_REPORTS_BAGIT_H

#include "analyzer/base/hash.h"
#include "reports/bagit_text.h"
#include "reports/verdict.h"

#define BAGIT_MANIFESTS_MAX 32
#define BAGIT_FOLDERS_DEEP_MAX 64
#define BAGIT_ALIASES_MAX 1000         /* missing names for which another spelling is looked for */
#define BAGIT_TAG_FILE_MAX (256 << 20) /* bytes of one manifest, bag-info.txt or fetch.txt */

struct bagit_file {
    struct str path; /* within the bag, parts parted by '/' */
    uint64_t size;
    uint32_t listed_in; /* bit i: manifest i lists it */
    uint8_t wanted;     /* bit of enum digest_kind */
    bool unreadable;
    uint8_t (
        *digest)[DIGEST_BYTES_MAX]; /* DIGEST_COUNT of them; those wanted are set after the check */
};

/* One line of a manifest that names a file of the bag. */
struct bagit_entry {
    uint32_t file;
    struct str checksum; /* hexadecimal, of the right length */
    bool alias;          /* the file has another spelling */
};

struct bagit_manifest {
    struct str name; /* "manifest-sha256.txt" */
    enum digest_kind kind;
    bool tag;
    struct bagit_entry *entries;
    size_t count, cap;
    uint32_t *first; /* by file: number of its first entry + 1, or 0 */
};

struct bagit {
    struct arena arena;
    struct str name;          /* as given, for messages */
    int root;                 /* open folder, or -1 */
    struct bagit_file *files; /* in byte order of their paths */
    size_t count, cap;
    bool has_data;
    int major, minor; /* of the version; 0.0 while unknown */
    enum bagit_encoding encoding;
    struct bagit_manifest manifests[BAGIT_MANIFESTS_MAX];
    int manifests_count;
    uint32_t aliases_sought;
    uint64_t system_missing; /* listed files of an operating system that are not there */
    struct verdicts *v;
};

/* Lists the bag.  FATAL when the folder cannot be read. */
enum status bagit_open(struct bagit *b, struct str folder, struct verdicts *v);
/* Everything BagIt asks for; what is wrong goes to v. */
void bagit_check(struct bagit *b);
void bagit_close(struct bagit *b);

struct bagit_file *bagit_find(const struct bagit *b, struct str path);  /* NULL: not there */
int bagit_file_open(const struct bagit *b, const struct bagit_file *f); /* descriptor, or -1 */
/* The whole file, in a; false with a verdict when it is unreadable or larger than max. */
bool bagit_read(struct bagit *b, const struct bagit_file *f, struct arena *a, uint64_t max,
                struct str *out);

/* SHA-256 of a file, from the check when a manifest asked for it; false with a verdict when
 * unreadable. */
bool bagit_sha256(struct bagit *b, struct bagit_file *f, struct sha256 *out);

/* ---- parts, for each other ---- */
bool bagit_list(struct bagit *b); /* bagit_files.c */
void bagit_digest_wanted(struct bagit *b);
void bagit_read_manifests(struct bagit *b); /* bagit_manifest.c */
void bagit_compare(struct bagit *b);
void bagit_check_listed(struct bagit *b);
/* Says what is wrong with a path a tag file names; false when the path may not be used at all. */
bool bagit_path_allowed(struct bagit *b, struct str file, enum bagit_path kind, struct str path);

#endif
