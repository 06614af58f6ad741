/* fuzz_inflate.c: no gzip data crash a library or make it spin, and the libraries agree on what is read.
 *
 * The first byte chooses the sizes of the pieces, the rest is the input.  Where damage lies, igzip
 * may put out a little more before it notices, and it takes incomplete Huffman codes that zlib
 * refuses (the checksum still has to agree); everything else must be the same. */
#include <stdlib.h>

#include "analyzer/base/mem.h"
#include "analyzer/io/inflate.h"

enum { OUT_MAX = 1 << 22 }; /* a bomb is cut here */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct run {
    uint8_t *out;
    size_t n, left;
    enum status status;
    bool damaged;
};

static struct run run_all(const struct inflate_backend *b, const uint8_t *data, size_t size, uint8_t pace)
{
    static const size_t pieces[] = {1, 7, 300, 70000};
    size_t in_most = pieces[pace & 3], out_most = pieces[pace >> 2 & 3], cap = 0, at = 0;
    unsigned stuck = 0;
    struct run r = {.status = STATUS_OK};
    struct inflate *z = inflate_open(b);
    while ((r.status == STATUS_OK || r.status == STATUS_MORE) && r.n < OUT_MAX) {
        if (cap - r.n < out_most)
            r.out = mem_grow(r.out, cap = 2 * cap + out_most);
        size_t give = size - at < in_most ? size - at : in_most;
        if (give == 0 && r.status == STATUS_MORE) {
            r.status = inflate_finish(z);
            break;
        }
        struct inflate_io io = {data + at, give, r.out + r.n, out_most};
        r.status = inflate_run(z, &io);
        stuck = io.in_n == give && io.out_n == out_most ? stuck + 1 : 0;
        if (stuck > 2)
            abort();
        at += give - io.in_n;
        r.n += out_most - io.out_n;
    }
    r.left = size - at;
    r.damaged = inflate_problem(z) != NULL;
    inflate_close(z);
    return r;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    struct run want = run_all(&inflate_zlib, data + 1, size - 1, 15);
    for (int i = 0; inflate_backends[i] != NULL; i++) {
        struct run got = run_all(inflate_backends[i], data + 1, size - 1, data[0]);
        size_t common = got.n < want.n ? got.n : want.n;
        bool whole = want.status == STATUS_END && got.n < OUT_MAX && want.n < OUT_MAX;
        if (common > 0 && memcmp(got.out, want.out, common) != 0)
            abort();
        if (whole && (got.status != STATUS_END || got.n != want.n || got.left != want.left))
            abort();
        mem_free(got.out);
    }
    mem_free(want.out);
    return 0;
}
