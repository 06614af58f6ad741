/* fuzz_mailbox.c: canonical forms are never empty, have a rule, and are their own canonical form.
 */
#include <stdlib.h>

#include "analyzer/enrich/mailbox.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena a = {.chunk_len = 4096};
    struct str given = {(const char *)data, (ptrdiff_t)size};
    for (int kind = 0; kind < IDENTITY_KINDS; kind++) {
        struct identity i = {.kind = (enum identity_kind)kind, .value = given};
        if (!identity_canonical(&a, &i))
            continue;
        if (i.canonical.n <= 0 || i.rule.n <= 0)
            abort();
        struct identity again = {.kind = i.kind, .value = i.canonical};
        if (!identity_canonical(&a, &again) || !str_eq(again.canonical, i.canonical))
            abort();
    }
    arena_free(&a);
    return 0;
}
