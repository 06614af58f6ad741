/* fuzz_bagit.c: lines of manifests, bag-info.txt, fetch.txt and bagit.txt, in every encoding. */
#include <stdlib.h>

#include "reports/bagit_text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A path that was judged usable never leaves the bag. */
static void try_path(struct arena *a, struct str raw)
{
    struct str path;
    enum bagit_path kind = bagit_path(a, raw, raw.n % 2 == 0, &path);
    if (kind != PATH_PLAIN && kind != PATH_DOT)
        return;
    if (path.n == 0 || path.p[0] == '/' || str_find_str(path, STR("/../")) >= 0 ||
        str_starts(path, STR("../")) || str_ends(path, STR("/..")) || str_find(path, '\0', 0) >= 0)
        abort();
    if (!bagit_alias(path, path))
        abort();
}

static void try_line(struct arena *a, struct str line)
{
    struct str first, second;
    bool flag;
    uint64_t n, m;
    int major, minor;
    if (bagit_entry(line, &first, &second, &flag))
        try_path(a, second);
    if (bagit_fetch(line, &first, &n, &second))
        try_path(a, second);
    if (bagit_label(line, &first, &second, &flag)) {
        enum bagit_encoding e;
        (void)bagit_version(second, &major, &minor);
        (void)bagit_oxum(second, &n, &m);
        (void)bagit_encoding_of(second, &e);
    }
    (void)bagit_alias(line, str_sub(line, 1, line.n));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    struct arena a = {.chunk_len = 4096};
    bool exact;
    struct str text = bagit_decode(&a, (struct str){(const char *)data + 1, (ptrdiff_t)size - 1},
                                   (enum bagit_encoding)(data[0] % 6), &exact);
    struct str line;
    while (bagit_line(&text, &line))
        try_line(&a, line);
    arena_free(&a);
    return 0;
}
