/* check.h: which requests of a log a profile explains, and which it does not.
 *
 * Fed with every event of a run, in any order; the report is the same for the same events.
 * Unexplained requests are grouped by method and path, numbers and tokens generalised
 * ("/rdv/{number}/edit"), so that they can be copied into a profile. */
#ifndef VIGIE_SITE_CHECK_H
#define VIGIE_SITE_CHECK_H

#include "analyzer/base/out.h"
#include "analyzer/site/site.h"

enum {
    SITE_CHECK_PATHS_MAX = 1024, /* groups told apart; requests to later ones are only counted */
    SITE_CHECK_PATH_BYTES_MAX = 200, /* of a group's path; a longer one ends in "..." */
    SITE_CHECK_SHOWN_MAX = 30        /* groups printed */
};

struct site_check;

struct site_check *site_check_new(const struct site *s); /* s must outlive it */
void site_check_add(struct site_check *c, const struct event *e, const struct hit *h);
/* Without any event the report is of the profile alone. */
void site_check_write(const struct site_check *c, struct out *o, enum lang lang);
/* The part of requests, in thousandths, that are steps or assets; -1 without requests. */
int site_check_explained_permille(const struct site_check *c);
void site_check_free(struct site_check *c);

#endif
