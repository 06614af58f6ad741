/* hash.h: keyed 64-bit hashing for tables, and SHA-256 for evidence.
 *
 * Table hashes are XXH3 under a secret drawn at start from getrandom(2): an attacker who chooses
 * every logged byte cannot aim at one bucket.  The secret never reaches the output, because tables
 * are walked in insertion order only.  SHA-256 is libcrypto's; its header is included in hash.c only. */
#ifndef VIGIE_BASE_HASH_H
#define VIGIE_BASE_HASH_H

#include "analyzer/base/str.h"

void hash_init(void); /* once, before the first hash_bytes */
uint64_t hash_bytes(const void *p, size_t n);
uint64_t hash_bytes_seed(const void *p, size_t n, uint64_t seed); /* to chain parts of a key */

struct sha256 {
    uint8_t b[32];
};
struct sha256_stream; /* opaque */

struct sha256_stream *sha256_open(void);
void sha256_add(struct sha256_stream *s, const void *p, size_t n);
struct sha256 sha256_close(struct sha256_stream *s); /* frees s */
struct sha256 sha256_so_far(const struct sha256_stream *s); /* of what was added until now */
struct sha256 sha256_of(struct str s);
void sha256_hex(const struct sha256 *h, char out[65]); /* lower case, NUL-terminated */
bool sha256_parse(struct str hex, struct sha256 *out);

/* Any of the digests that a BagIt manifest may name, for bags that others made. */
enum digest_kind {
    DIGEST_MD5,
    DIGEST_SHA1,
    DIGEST_SHA224,
    DIGEST_SHA256,
    DIGEST_SHA384,
    DIGEST_SHA512,
    DIGEST_COUNT
};
#define DIGEST_BYTES_MAX 64
struct digest_info {
    const char *name; /* "md5", "sha256": as in the name of a manifest */
    size_t bytes;
};
extern const struct digest_info digest_table[DIGEST_COUNT];
struct digest_stream; /* opaque */

/* NULL: this libcrypto does not offer it (MD5 under FIPS). */
struct digest_stream *digest_open(enum digest_kind kind);
void digest_add(struct digest_stream *s, const void *p, size_t n);
size_t digest_close(struct digest_stream *s, uint8_t out[DIGEST_BYTES_MAX]); /* frees s */

#endif
