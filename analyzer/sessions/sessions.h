/* sessions.h: the table of open sessions.
 *
 * Events arrive in the engine's merged order.  The clock is the data's: the watermark is the largest
 * stamp seen, and a session closes when the watermark passes its last event by the site's idle time,
 * when its booking is complete and a new one begins, at the end of input, or when too many are open.
 * Nothing here depends on block sizes, threads or hash order. */
#ifndef VIGIE_SESSIONS_SESSIONS_H
#define VIGIE_SESSIONS_SESSIONS_H

#include "analyzer/base/limits.h"
#include "analyzer/base/diag.h"
#include "analyzer/model/session.h"
#include "analyzer/site/site.h"

struct sessions;

/* The closed session lives until the callback returns; acts are sorted, slices point into the table. */
typedef void session_closed(void *user, const struct session *s);

struct sessions *sessions_new(const struct site *site, const struct limits *limits, session_closed *closed,
                              void *user);
/* e->record must be absolute.  h as made by site_read for the same event. */
void sessions_add(struct sessions *t, const struct event *e, const struct hit *h);
/* Hints some events ahead, to hide the cache misses of sessions_add: first the index, then the session. */
void sessions_prefetch_index(const struct sessions *t, const struct hit *h);
void sessions_prefetch(const struct sessions *t, const struct hit *h);
/* Shows the open sessions that have gone as far as a captcha or an identity, as they stand; nothing is
 * closed.  The further people of a mixture have no lasting id here. */
void sessions_peek(const struct sessions *t, session_closed *look, void *user);
void sessions_end(struct sessions *t, enum closed_by why); /* closes all, by id */
int64_t sessions_watermark(const struct sessions *t);      /* INT64_MIN before the first event */
uint64_t sessions_open_count(const struct sessions *t);
void sessions_report(const struct sessions *t, struct diags *d); /* evicted, truncated, dropped */
void sessions_free(struct sessions *t);

#endif
