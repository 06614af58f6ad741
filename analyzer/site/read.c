/* read.c: what the profile says of one request; runs in the parsing threads.
 *
 * The common request (an asset, or a page without query, body and cookie) costs a few table
 * look-ups and three hashes, and allocates nothing.
 *
 * An act is what a person or a script decided: a step whose profile says so, else any request that
 * changes or fetches a page and is no asset.  HEAD, OPTIONS and unknown methods are no acts:
 * browsers and monitoring send them unasked.  A fetch of /robots.txt is one: no browser loads it by
 * itself. */
#include "analyzer/site/index.h"

/* Parts of a session key never collide with each other's hashes. */
enum { SEED_COOKIE = 0x434F4F4B };

static bool is_value(struct str s)
{
    return s.n > 0 && !(s.n == 1 && s.p[0] == '-');
}

struct cookie {
    struct str name, value;
    size_t rank; /* in the profile's list; cookies_count: none found */
};

static void offer(const struct site *s, struct cookie *best, struct str name, struct str value)
{
    if (!is_value(value))
        return;
    for (size_t i = 0; i < best->rank; i++)
        if (str_eq(s->cookies[i], name)) {
            *best = (struct cookie){s->cookies[i], value, i};
            return;
        }
}

/* Single cookies: nginx lower-cases the name of $cookie_NAME, so the case of letters does not
 * count. */
static void offer_logged(const struct site *s, struct cookie *best, struct str name,
                         struct str value)
{
    if (!is_value(value))
        return;
    for (size_t i = 0; i < best->rank; i++)
        if (str_eq_nocase(s->cookies[i], name)) {
            *best = (struct cookie){s->cookies[i], value, i};
            return;
        }
}

/* RFC 6265 section 4.2.1, taken leniently: pairs between semicolons. */
static void offer_header(const struct site *s, struct cookie *best, struct str header)
{
    while (header.p != NULL) {
        struct str pair, name;
        header = str_cut(header, ';', &pair);
        struct str value = str_cut(pair, '=', &name);
        if (value.p != NULL)
            offer(s, best, str_trim(name), str_trim(value));
    }
}

static struct cookie session_cookie(const struct site *s, const struct event *e)
{
    struct cookie best = {.value = STR_NONE, .rank = s->cookies_count};
    if (is_value(e->cookies))
        offer_header(s, &best, e->cookies);
    for (size_t i = 0; i < e->extras_count; i++) {
        const struct extra *x = &e->extras[i];
        if (x->kind == EXTRA_COOKIE)
            offer_logged(s, &best, x->name, x->value);
        else if (x->kind == EXTRA_REQUEST_HEADER && str_eq_nocase(x->name, STR("cookie")))
            offer_header(s, &best, x->value);
    }
    return best;
}

static void read_key(const struct site *s, struct arena *a, const struct event *e, struct hit *h)
{
    struct cookie c = {.value = STR_NONE};
    if (s->cookies_count > 0 && (e->cookies.n > 0 || e->extras_count > 0))
        c = session_cookie(s, e);
    if (c.value.p != NULL) {
        bool lies = false;
        h->cookie = event_unescape(a, (enum escaping)e->escaping, c.value, &lies);
        uint64_t name = hash_bytes_seed(c.name.p, (size_t)c.name.n, SEED_COOKIE);
        h->key_hash = hash_bytes_seed(h->cookie.p, (size_t)h->cookie.n, name);
        return;
    }
    h->key_hash = site_address_key(&e->client, h->agent_hash);
}

static bool is_act(uint8_t method)
{
    return method == METHOD_GET || method == METHOD_POST || method == METHOD_PUT ||
           method == METHOD_PATCH || method == METHOD_DELETE;
}

static void read_step(const struct site *s, const struct event *e, const struct site_path *p,
                      struct hit *h)
{
    const struct site_index *x = s->index;
    bool fetches = e->method == METHOD_GET || e->method == METHOD_HEAD;
    if (p->path.p == NULL)
        return;
    h->asset = fetches && site_is_asset(x, p->path);
    if (h->asset)
        return;
    h->decision = is_act(e->method);
    uint64_t among = e->method <= METHOD_PATCH ? x->by_method[e->method] : 0;
    int step = site_step_of(x, site_match_bits(s, p, among));
    if (step == 0)
        return;
    h->step = (uint8_t)step;
    h->meaning = (uint8_t)s->steps[step - 1].meaning;
    h->decision = s->steps[step - 1].decision;
}

/* "host:port" or "user@host" to the host alone. */
static struct str bare_host(struct str authority)
{
    ptrdiff_t at = str_find(authority, '@', 0);
    struct str host = at < 0 ? authority : str_sub(authority, at + 1, authority.n);
    ptrdiff_t close = host.n > 0 && host.p[0] == '[' ? str_find(host, ']', 0) : 0;
    ptrdiff_t colon = str_find(host, ':', close < 0 ? 0 : close);
    return colon < 0 ? host : str_sub(host, 0, colon);
}

static bool is_own_host(const struct site *s, struct str host)
{
    for (size_t i = 0; i < s->hosts_count; i++) {
        struct str own = s->hosts[i];
        if (str_eq_nocase(own, host))
            return true;
        if (own.p[0] == '.' && host.n > own.n &&
            str_eq_nocase(str_sub(host, host.n - own.n, host.n), own))
            return true;
    }
    return false;
}

static bool same_host(struct str logged, struct str host)
{
    return str_eq(logged, host) || str_eq_nocase(bare_host(logged), host);
}

/* Foreign is only what is known to be: where neither the log nor the profile names the site's host,
 * the benefit of the doubt goes to the visitor. */
static void read_referer(const struct site *s, struct arena *a, const struct event *e,
                         struct hit *h)
{
    struct site_path p;
    if (!is_value(e->referer) || e->referer.p[0] == '/')
        return;
    site_path_cut(e->referer, &p);
    if (p.path.p == NULL)
        return;
    if (p.dirty)
        site_path_clean(a, (enum escaping)e->escaping, &p);
    struct str host = bare_host(p.authority);
    bool logged = is_value(e->host);
    if (logged && !same_host(e->host, host) && !is_own_host(s, host))
        return;
    const struct site_index *x = s->index;
    uint64_t bits = site_match_bits(s, &p, x->all);
    uint64_t pages = bits & x->by_method[METHOD_GET];
    h->referer_step = (uint8_t)site_step_of(x, pages != 0 ? pages : bits);
    h->referer_own = logged || h->referer_step != 0 || s->hosts_count == 0 || is_own_host(s, host);
}

/* Telemetry and the like: a form is answered by a redirect or by a page, and an identity is always an act. */
static bool is_beacon(const struct site *s, const struct event *e, const struct hit *h)
{
    bool answered = e->status == 200 || e->status == 204;
    bool small = (e->has & HAS(BYTES)) && ((e->absent & HAS(BYTES)) || e->bytes < s->beacon_bytes);
    return s->beacon_bytes > 0 && e->method == METHOD_POST && answered && small && !h->captcha &&
           h->sightings_count == 0;
}

void site_read(const struct site *s, struct arena *a, const struct event *e, struct hit *h)
{
    struct site_path p;
    struct str plain;
    *h = (struct hit){.cookie = STR_NONE};
    if (e->agent.p != NULL)
        h->agent_hash = hash_bytes(e->agent.p, (size_t)e->agent.n);
    read_key(s, a, e, h);
    /* Most requests of a page are for its images, styles and scripts. */
    h->asset = (e->method == METHOD_GET || e->method == METHOD_HEAD) && site_path_plain(e->target, &plain) &&
               site_has_asset_extension(s->index, plain);
    if (h->asset)
        return;
    site_path_cut(e->target, &p);
    if (p.dirty)
        site_path_clean(a, (enum escaping)e->escaping, &p);
    read_step(s, e, &p, h);
    if (h->decision)
        read_referer(s, a, e, h);
    if ((p.query.n > 0 || e->body.n > 0) && !h->asset)
        site_sight(s, a, e, p.query, h);
    if (h->decision && is_beacon(s, e, h)) {
        h->decision = false;
        h->step = h->meaning = 0;
    }
}
