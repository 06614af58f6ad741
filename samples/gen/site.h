/* site.h: the two booking sites as a server answers them: pages, bodies, slots, load.
 *
 * Paths and field names of ez-booking are those its public clients use; of rdvpref only the first three
 * pages are public, the later ones are a model.  Every call logs its requests and says when the answer
 * was complete and which page a browser would show next. */
#ifndef GEN_SITE_H
#define GEN_SITE_H

#include "samples/gen/world.h"

struct page_model {
    const char *get, *post;    /* with {form} and {token}; NULL: no such request */
    const char *image;         /* the page's own picture, or NULL */
    enum page next, otherwise; /* after a POST that was taken, and one that was not */
    uint32_t bytes;
    const char *when_failed;   /* query of the page that is shown again, or NULL */
};

struct site_model {
    const char *name, *cookie_name, *origin, *form;
    struct page_model pages[PAGE_COUNT];
    const char *const *assets;
    const char *grid, *pick;   /* NULL: the planning page itself shows and takes slots */
    enum page retry;           /* where a visitor who found nothing begins again */
    enum page shortcut[8];     /* pages a script posts, in order; ends with PAGE_DONE */
};

struct reply {
    int64_t end_us;
    uint16_t status;
    enum page next;
};

const struct site_model *site_model_find(const char *name);

struct reply site_open(struct world *w, struct runner *r, enum page page, int64_t at_us);
struct reply site_send(struct world *w, struct runner *r, enum page page, int64_t at_us);
/* Takes hold of the runner's chosen slot by its link; the next page is the planning when it went. */
struct reply site_pick(struct world *w, struct runner *r, int slot, int64_t at_us);
/* The week's slots as the page's script asks for them; next is PLANNING when there are any. */
struct reply site_grid(struct world *w, struct runner *r, int week, int64_t at_us);
/* The AJAX check of an AGDREF number, where the site has one. */
struct reply site_check(struct world *w, struct runner *r, int64_t at_us);
/* Style sheets, scripts and pictures of a page; the time the last one arrived. */
int64_t site_assets(struct world *w, struct runner *r, enum page page, int64_t at_us);
/* A fresh session cookie as the site sets it. */
const char *site_cookie(struct world *w, struct rng *rng);
/* Index of a free slot: the nth of those free now, or -1. */
int site_free_slot(struct world *w, int64_t at_us, size_t nth);
size_t site_free_count(struct world *w, int64_t at_us);

#endif
