/* fuzz_site_read.c: target, body, cookie and referer bytes, each behind a line of its own; the
 * first byte chooses method, escaping and profile. */
#include <stdlib.h>

#include "analyzer/site/site.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char profile[] =
    "{\"name\":\"f\",\"label\":{\"en\":\"f\",\"fr\":\"f\"},\"path_prefixes\":[\"/index.php\"],"
    "\"hosts\":[\".gouv.fr\"],\"steps\":["
    "{\"name\":\"a\",\"label\":{\"en\":\"a\",\"fr\":\"a\"},\"method\":\"GET\",\"path\":\"/booking/create/{form}/{step}\","
    "\"meaning\":\"desk\",\"order\":1},"
    "{\"name\":\"b\",\"label\":{\"en\":\"b\",\"fr\":\"b\"},\"method\":\"*\",\"path\":\"/call/grid::{a}::{b}::{c}\","
    "\"meaning\":\"planning\",\"order\":2},"
    "{\"name\":\"c\",\"label\":{\"en\":\"c\",\"fr\":\"c\"},\"method\":\"POST\",\"path\":\"/{rest...}\","
    "\"meaning\":\"submitted\",\"order\":3}],"
    "\"fields\":{\"email\":[\"email\",\"user[email]\",\"user.mail\"],\"email_check\":[\"check\"],\"agdref\":[\"agdref\"],"
    "\"name\":[\"last\",\"first\"],\"captcha\":[\"captcha\"]},\"cookies\":[\"sid\",\"eZSESSID\"],"
    "\"assets\":[\".css\",\"/design/\",\"/manifest.json\",\".webmanifest\"]}";

static struct str next_line(struct str *left)
{
    struct str line;
    if (left->p == NULL)
        return STR_NONE;
    *left = str_cut(*left, '\n', &line);
    return line;
}

static void same(const struct hit *a, const struct hit *b)
{
    if (a->key_hash != b->key_hash || a->step != b->step || a->asset != b->asset ||
        a->decision != b->decision || a->referer_step != b->referer_step ||
        a->sightings_count != b->sightings_count || !str_eq(a->cookie, b->cookie))
        abort();
    for (size_t i = 0; i < a->sightings_count; i++)
        if (!str_eq(a->sightings[i].value, b->sightings[i].value) || a->sightings[i].value.n == 0)
            abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct arena lasting; /* of the profile */
    static const struct site *site;
    struct arena a = {.chunk_len = 4096};
    struct str why, left = {(const char *)data, (ptrdiff_t)size};
    hash_init();
    if (site == NULL)
        site = site_parse(&lasting, STR("f.json"), STR(profile), &why);
    if (site == NULL || size == 0)
        return 0;
    struct event e = {.method = data[0] % (METHOD_PATCH + 1), .escaping = data[0] / 16 % 4};
    left = str_sub(left, 1, left.n);
    e.target = next_line(&left);
    e.referer = next_line(&left);
    e.host = next_line(&left);
    e.cookies = next_line(&left);
    e.extras[0] = (struct extra){EXTRA_COOKIE, STR("SID"), next_line(&left)};
    e.extras_count = e.extras[0].value.p != NULL;
    e.body = left;
    struct hit h, again;
    site_read(site, &a, &e, &h);
    site_read(site, &a, &e, &again);
    same(&h, &again);
    if (h.step > site->steps_count || h.referer_step > site->steps_count ||
        h.sightings_count > SITE_SIGHTINGS_MAX)
        abort();
    arena_free(&a);
    return 0;
}
