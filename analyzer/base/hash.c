/* hash.c: XXH3 under a random secret, and libcrypto's SHA-256. */
#include "analyzer/base/hash.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "analyzer/base/mem.h"

enum { SECRET_LEN = 192 };

static unsigned char secret[SECRET_LEN];
/* Fetched once: an implicit fetch costs more than hashing a log line. */
static EVP_MD *sha256_md;

void hash_init(void)
{
    if (sha256_md != NULL)
        return;
    /* Up to 256 bytes come whole or not at all (getrandom(2)). */
    if (getrandom(secret, sizeof secret, 0) != (ssize_t)sizeof secret) {
        fputs("vigie: the system gives no random bytes\n", stderr);
        abort();
    }
    sha256_md = EVP_MD_fetch(NULL, "SHA256", NULL);
    if (sha256_md == NULL)
        mem_exhausted();
}

uint64_t hash_bytes(const void *p, size_t n)
{
    return XXH3_64bits_withSecret(p, n, secret, sizeof secret);
}

/* Not XXH3's own seed: with one, short inputs are hashed under the public secret. */
uint64_t hash_bytes_seed(const void *p, size_t n, uint64_t seed)
{
    uint64_t h = hash_bytes(p, n) ^ (seed * UINT64_C(0x9E3779B97F4A7C15));
    h ^= h >> 32;
    h *= UINT64_C(0xD6E8FEB86659FD93);
    return h ^ (h >> 32);
}

struct sha256_stream {
    EVP_MD_CTX *ctx;
};

struct sha256_stream *sha256_open(void)
{
    struct sha256_stream *s = mem_alloc(sizeof *s);
    s->ctx = EVP_MD_CTX_new();
    if (s->ctx == NULL ||
        EVP_DigestInit_ex(s->ctx, sha256_md != NULL ? sha256_md : EVP_sha256(), NULL) != 1)
        mem_exhausted();
    return s;
}

void sha256_add(struct sha256_stream *s, const void *p, size_t n)
{
    if (n > 0 && EVP_DigestUpdate(s->ctx, p, n) != 1)
        mem_exhausted();
}

struct sha256 sha256_close(struct sha256_stream *s)
{
    struct sha256 h;
    if (EVP_DigestFinal_ex(s->ctx, h.b, NULL) != 1)
        mem_exhausted();
    EVP_MD_CTX_free(s->ctx);
    mem_free(s);
    return h;
}

struct sha256 sha256_so_far(const struct sha256_stream *s)
{
    struct sha256 h;
    EVP_MD_CTX *copy = EVP_MD_CTX_new();
    if (copy == NULL || EVP_MD_CTX_copy_ex(copy, s->ctx) != 1 ||
        EVP_DigestFinal_ex(copy, h.b, NULL) != 1)
        mem_exhausted();
    EVP_MD_CTX_free(copy);
    return h;
}

struct sha256 sha256_of(struct str s)
{
    struct sha256 h;
    const EVP_MD *md = sha256_md != NULL ? sha256_md : EVP_sha256();
    if (EVP_Digest(s.n > 0 ? s.p : "", (size_t)s.n, h.b, NULL, md, NULL) != 1)
        mem_exhausted();
    return h;
}

void sha256_hex(const struct sha256 *h, char out[65])
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < sizeof h->b; i++) {
        out[2 * i] = digits[h->b[i] >> 4];
        out[2 * i + 1] = digits[h->b[i] & 15];
    }
    out[64] = '\0';
}

bool sha256_parse(struct str hex, struct sha256 *out)
{
    struct sha256 h;
    if (hex.n != 64)
        return false;
    for (size_t i = 0; i < sizeof h.b; i++) {
        int high = hex_digit(hex.p[2 * i]), low = hex_digit(hex.p[2 * i + 1]);
        if (high < 0 || low < 0)
            return false;
        h.b[i] = (uint8_t)(high << 4 | low);
    }
    *out = h;
    return true;
}

const struct digest_info digest_table[DIGEST_COUNT] = {
    [DIGEST_MD5] = {"md5", 16},       [DIGEST_SHA1] = {"sha1", 20},
    [DIGEST_SHA224] = {"sha224", 28}, [DIGEST_SHA256] = {"sha256", 32},
    [DIGEST_SHA384] = {"sha384", 48}, [DIGEST_SHA512] = {"sha512", 64},
};

struct digest_stream {
    EVP_MD_CTX *ctx;
};

struct digest_stream *digest_open(enum digest_kind kind)
{
    struct digest_stream *s = mem_alloc(sizeof *s);
    s->ctx = EVP_MD_CTX_new();
    if (s->ctx == NULL)
        mem_exhausted();
    const EVP_MD *md = EVP_get_digestbyname(digest_table[kind].name);
    if (md != NULL && EVP_DigestInit_ex(s->ctx, md, NULL) == 1)
        return s;
    EVP_MD_CTX_free(s->ctx);
    mem_free(s);
    return NULL;
}

void digest_add(struct digest_stream *s, const void *p, size_t n)
{
    if (n > 0 && EVP_DigestUpdate(s->ctx, p, n) != 1)
        mem_exhausted();
}

size_t digest_close(struct digest_stream *s, uint8_t out[DIGEST_BYTES_MAX])
{
    unsigned n = 0;
    if (EVP_DigestFinal_ex(s->ctx, out, &n) != 1)
        mem_exhausted();
    EVP_MD_CTX_free(s->ctx);
    mem_free(s);
    return n;
}
