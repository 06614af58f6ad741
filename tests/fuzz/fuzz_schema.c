/* fuzz_schema.c: a schema on the first line, a document on the rest; and a pattern on its text. */
#include "reports/pattern.h"
#include "reports/schema.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void ignore(void *user, struct str pointer, struct str keyword)
{
    (void)user;
    (void)pointer;
    (void)keyword;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str first,
        rest = str_cut((struct str){(const char *)data, (ptrdiff_t)size}, '\n', &first);
    struct arena a = {.chunk_len = 4096};
    struct json *schema = json_parse(&a, first, NULL), *document = json_parse(&a, rest, NULL);
    if (schema != NULL && document != NULL && schema_usable(schema, ignore, NULL))
        (void)schema_valid(schema, document, ignore, NULL);
    (void)pattern_match(first, rest);
    arena_free(&a);
    return 0;
}
