/* fuzz_json.c: no text crashes the reader; what it reads has one canonical form, which it reads
 * again. */
#include <stdlib.h>

#include "analyzer/base/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void tokens_only(struct str text, bool lax)
{
    struct json_lexer l = json_lexer_of(text);
    l.lax_utf8 = lax;
    struct arena a = {.chunk_len = 4096};
    for (enum json_token t; (t = json_next(&l)) != JSON_END && t != JSON_ERROR;) {
        if (l.depth < 0 || l.depth > 64 || l.at < 0 || l.at > text.n)
            abort();
        if (t == JSON_STRING || t == JSON_KEY)
            (void)json_unescape(&a, l.value, NULL);
    }
    arena_free(&a);
}

static struct out canonical(struct arena *a, struct str text)
{
    struct out o = out_memory();
    struct json *v = json_parse(a, text, NULL);
    if (v != NULL)
        json_canonical(&o, v);
    return o;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str text = {(const char *)data, (ptrdiff_t)size};
    tokens_only(text, false);
    tokens_only(text, true);
    struct arena a = {.chunk_len = 4096};
    struct out once = canonical(&a, text);
    if (once.len > 0) {
        struct out twice = canonical(&a, out_slice(&once));
        if (!str_eq(out_slice(&once), out_slice(&twice)))
            abort();
        out_close(&twice);
    }
    out_close(&once);
    struct str plain;
    (void)base64_decode(&a, text, &plain);
    arena_free(&a);
    return 0;
}
