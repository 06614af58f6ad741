/* fuzz_site_profile.c: no profile crashes the loader; one that loads can be matched and checked,
 * one that does not says where. */
#include <stdlib.h>

#include "analyzer/site/check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void use(struct arena *a, const struct site *s)
{
    static const char *const targets[] = {"/", "/a/b/c", "/booking/create/1/5/2?email=a%40b.fr",
                                          "/x.css", "/%2e/;x"};
    struct site_check *c = site_check_new(s);
    struct out o = out_memory();
    struct hit h;
    for (size_t i = 0; i < sizeof targets / sizeof *targets; i++) {
        struct event e = {.method = METHOD_GET, .target = str_of(targets[i])};
        site_read(s, a, &e, &h);
        if (h.step > s->steps_count || h.referer_step > s->steps_count)
            abort();
        site_check_add(c, &e, &h);
    }
    for (size_t i = 0; i < s->steps_count; i++) /* a template without parts matches itself */
        if (str_find(s->steps[i].path, '{', 0) < 0 && s->prefixes_count == 0 &&
            !str_eq(s->steps[i].method, STR("*")) &&
            site_match(s, s->steps[i].method, s->steps[i].path) == 0)
            abort();
    site_check_write(c, &o, LANG_FR);
    out_close(&o);
    site_check_free(c);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena a = {.chunk_len = 4096};
    struct str why, text = {(const char *)data, (ptrdiff_t)size};
    hash_init();
    const struct site *s = site_parse(&a, STR("p.json"), text, &why);
    if (s != NULL)
        use(&a, s);
    else if (!str_starts(why, STR("p.json:")))
        abort();
    arena_free(&a);
    return 0;
}
