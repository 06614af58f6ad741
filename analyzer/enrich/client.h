/* client.h: who the client is, read from the right through trusted hops only.
 *
 * The chain (TCP peer, in captures the PROXY protocol's address, then Forwarded / X-Forwarded-For /
 * CF-Connecting-IP by the profile) is walked from the right while the hop on the right is a trusted
 * proxy; the first address that is not trusted is the client.  Everything left of it was written by
 * the client and is never believed. */
#ifndef VIGIE_ENRICH_CLIENT_H
#define VIGIE_ENRICH_CLIENT_H

#include "analyzer/model/event.h"
#include "analyzer/site/site.h"

/* Sets e->client, e->client_rule and oddities. */
void client_resolve(const struct site *s, struct event *e);

#endif
