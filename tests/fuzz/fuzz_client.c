/* fuzz_client.c: forwarded chains from a trusted peer.  Whatever the client wrote on the left, the
 * hop our own proxy appended on the right decides. */
#include <stdlib.h>

#include "analyzer/enrich/client.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char profile[] =
    "{\"name\":\"f\",\"label\":{\"en\":\"f\",\"fr\":\"f\"},\"steps\":[{\"name\":\"a\",\"label\":{\"en\":\"a\",\"fr\":\"a\"},"
    "\"method\":\"GET\",\"path\":\"/\",\"meaning\":\"desk\",\"order\":1}],\"trusted_proxies\":[\"10.0.0.0/8\"],"
    "\"client_headers\":[\"cf-connecting-ip\",\"forwarded\",\"x-forwarded-for\"]}";

static void resolve(const struct site *s, struct event *e, struct str chain, enum extra_kind kind,
                    const char *header)
{
    *e = (struct event){.has = HAS(PEER), .forwarded = header == NULL ? chain : STR_NONE};
    (void)ip_parse(STR("10.0.0.1"), &e->peer);
    if (header != NULL)
        e->extras[e->extras_count++] = (struct extra){kind, str_of(header), chain};
    client_resolve(s, e);
    if (e->client_rule == CLIENT_NONE || ip_is_zero(&e->client))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct arena lasting;
    static const struct site *site;
    struct arena a = {.chunk_len = 4096};
    struct str why, chain = {(const char *)data, (ptrdiff_t)size};
    struct event e;
    struct ip honest;
    if (site == NULL)
        site = site_parse(&lasting, STR("f.json"), STR(profile), &why);
    if (site == NULL || !ip_parse(STR("203.0.113.9"), &honest))
        abort();
    resolve(site, &e, chain, EXTRA_REQUEST_HEADER, NULL);
    resolve(site, &e, chain, EXTRA_REQUEST_HEADER, "forwarded");
    resolve(site, &e, chain, EXTRA_REQUEST_HEADER, "cf-connecting-ip");
    resolve(site, &e, chain, EXTRA_RESPONSE_HEADER, "forwarded");
    resolve(site, &e, arena_printf(&a, "%.*s, 203.0.113.9", STR_ARG(chain)), EXTRA_REQUEST_HEADER,
            NULL);
    if (!ip_eq(&e.client, &honest))
        abort();
    resolve(site, &e, arena_printf(&a, "%.*s, for=203.0.113.9", STR_ARG(chain)),
            EXTRA_REQUEST_HEADER, "forwarded");
    if (!ip_eq(&e.client, &honest))
        abort();
    arena_free(&a);
    return 0;
}
