/* fuzz_config.c: a configuration file is read, and what is printed of it reads back as the same. */
#include <stdlib.h>

#include "analyzer/cli/config.h"
#include "analyzer/cli/resolve.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct str print(struct cli *c)
{
    struct out o = out_memory();
    config_print(c, &o);
    struct str text = arena_str(&c->arena, out_slice(&o));
    (void)out_close(&o);
    return text;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str text = {(const char *)data, (ptrdiff_t)size};
    struct cli a = {.command = COMMAND_watch}, b = {.command = COMMAND_watch};
    int64_t us;
    int offset_s;
    (void)stamp_parse(text, 0, &us);
    (void)stamp_is_relative(text);
    (void)zone_parse(text, &offset_s);
    if (config_parse(&a, STR("a"), text)) {
        (void)resolve_general(&a);
        struct str first = print(&a);
        if (!config_parse(&b, STR("b"), first) || !str_eq(print(&b), first))
            abort();
    } else if (a.problem.p == NULL || !str_utf8_valid(a.problem)) {
        abort();
    }
    arena_free(&a.arena);
    arena_free(&b.arena);
    return 0;
}
