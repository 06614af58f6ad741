/* site.c: answers of the two booking sites: latency and failure under load, slots that are held and taken. */
#include "samples/gen/site.h"

#include <stdio.h>
#include <string.h>

#define HOLD_US (15 * MINUTE_US)

static const char *const ez_assets[] = {
    "/extension/bookingserver/design/standard/stylesheets/booking.css",
    "/design/internet/stylesheets/core.css",
    "/design/internet/javascript/jquery-3.6.0.min.js",
    "/extension/bookingserver/design/standard/javascript/planning.js",
    "/design/internet/images/logo-marianne.png",
    NULL,
};
static const char *const rdv_assets[] = {
    "/rdvpref/dsfr/dsfr.min.css", "/rdvpref/dsfr/dsfr.module.min.js", "/rdvpref/assets/app.4f1c2e.js",
    "/rdvpref/assets/app.77aa01.css", "/rdvpref/dsfr/fonts/Marianne-Regular.woff2", NULL,
};

static const struct site_model models[] = {
    {
        .name = "ez-booking",
        .cookie_name = "eZSESSID",
        .origin = "https://rdv.example.org",
        .form = "14056",
        .assets = ez_assets,
        .grid = "/ezjscore/call/bookingserver::planning::assign::{form}::17481::",
        .pick = "/booking/create/{form}/5/",
        .retry = PAGE_LANDING,
        .shortcut = {PAGE_LANDING, PAGE_NATURE, PAGE_PLANNING, PAGE_CAPTCHA, PAGE_FORM, PAGE_DONE},
        .pages = {
            [PAGE_LANDING] = {"/booking/create/{form}/0", "/booking/create/{form}/0", "/etape_0r.png",
                              PAGE_DESK, PAGE_LANDING, 14210, NULL},
            [PAGE_DESK] = {"/booking/create/{form}/1", "/booking/create/{form}/1", "/etape_1r.png", PAGE_NATURE,
                           PAGE_NONE, 12874, NULL},
            [PAGE_NONE] = {"/booking/create/{form}/2", NULL, NULL, PAGE_NONE, PAGE_NONE, 11032, NULL},
            [PAGE_NATURE] = {"/booking/create/{form}/3", "/booking/create/{form}/3", "/etape_3r.png",
                             PAGE_PLANNING, PAGE_NONE, 12655, NULL},
            [PAGE_PLANNING] = {"/booking/create/{form}/4", "/booking/create/{form}/4", "/etape_4r.png",
                               PAGE_CAPTCHA, PAGE_NONE, 13920, NULL},
            [PAGE_CAPTCHA] = {"/booking/create/{form}/6", "/booking/create/{form}/6", "/etape_6r.png", PAGE_FORM,
                              PAGE_CAPTCHA, 13377, NULL},
            [PAGE_FORM] = {"/booking/create/{form}/8", "/booking/create/{form}/8", NULL, PAGE_DONE, PAGE_FORM,
                           16988, NULL},
            [PAGE_DONE] = {"/booking/create/{form}/9", NULL, NULL, PAGE_DONE, PAGE_DONE, 11716, NULL},
            [PAGE_CONFIRM] = {"/booking/confirm/{form}/{token}", "/booking/confirm/{form}/{token}", NULL, PAGE_DONE,
                              PAGE_CONFIRM, 12240, NULL},
            [PAGE_CANCEL] = {"/booking/remove/{form}/{token}", "/booking/remove/{form}/{token}", NULL, PAGE_DONE,
                             PAGE_CANCEL, 11873, NULL},
        },
    },
    {
        .name = "rdvpref",
        .cookie_name = "JSESSIONID",
        .origin = "https://rdvpref.example.org",
        .form = "4231",
        .assets = rdv_assets,
        .retry = PAGE_PLANNING,
        .shortcut = {PAGE_CAPTCHA, PAGE_PLANNING, PAGE_FORM, PAGE_RECAP, PAGE_DONE},
        .pages = {
            [PAGE_LANDING] = {"/rdvpref/reservation/demarche/{form}/", NULL, "/rdvpref/assets/etape-1.svg",
                              PAGE_CAPTCHA, PAGE_LANDING, 18322, NULL},
            [PAGE_CAPTCHA] = {"/rdvpref/reservation/demarche/{form}/cgu/",
                              "/rdvpref/reservation/demarche/{form}/_validerCaptcha",
                              "/rdvpref/assets/etape-2.svg", PAGE_PLANNING, PAGE_CAPTCHA, 21450,
                              "?error=invalidCaptcha"},
            [PAGE_PLANNING] = {"/rdvpref/reservation/demarche/{form}/creneau/",
                               "/rdvpref/reservation/demarche/{form}/creneau/", "/rdvpref/assets/etape-3.svg",
                               PAGE_FORM, PAGE_NONE, 23764, NULL},
            [PAGE_NONE] = {"/rdvpref/reservation/demarche/{form}/creneau/", NULL, NULL, PAGE_NONE, PAGE_NONE, 19530,
                           NULL},
            [PAGE_FORM] = {"/rdvpref/reservation/demarche/{form}/informations/",
                           "/rdvpref/reservation/demarche/{form}/informations/", "/rdvpref/assets/etape-4.svg",
                           PAGE_RECAP, PAGE_FORM, 24118, NULL},
            [PAGE_RECAP] = {"/rdvpref/reservation/demarche/{form}/confirmation/",
                            "/rdvpref/reservation/demarche/{form}/confirmation/", NULL, PAGE_DONE, PAGE_RECAP,
                            20881, NULL},
            [PAGE_DONE] = {"/rdvpref/reservation/demarche/{form}/fin/", NULL, NULL, PAGE_DONE, PAGE_DONE, 17005,
                           NULL},
            [PAGE_CONFIRM] = {"/rdvpref/reservation/confirmer/{token}/", "/rdvpref/reservation/confirmer/{token}/",
                              NULL, PAGE_DONE, PAGE_CONFIRM, 17760, NULL},
            [PAGE_CANCEL] = {"/rdvpref/reservation/annuler/{token}/", "/rdvpref/reservation/annuler/{token}/", NULL,
                             PAGE_DONE, PAGE_CANCEL, 17512, NULL},
        },
    },
};

const struct site_model *site_model_find(const char *name)
{
    for (size_t i = 0; i < sizeof models / sizeof *models; i++)
        if (strcmp(models[i].name, name) == 0)
            return &models[i];
    return NULL;
}

static const char *random_text(struct world *w, struct rng *rng, const char *alphabet, uint32_t n)
{
    char text[65];
    rng_letters(rng, alphabet, text, n < 64 ? n : 64);
    return world_text(w, "%s", text);
}

const char *site_cookie(struct world *w, struct rng *rng)
{
    if (strcmp(w->site->name, "rdvpref") == 0)
        return world_text(w, "VM-01-01~VM-01%s.VM-01-02", random_text(w, rng, "0123456789abcdef", 16));
    return random_text(w, rng, "abcdefghijklmnopqrstuvwxyz0123456789", 26);
}

static const char *path_of(struct world *w, const struct runner *r, const char *pattern)
{
    const char *form = strstr(pattern, "{form}"), *token = strstr(pattern, "{token}");
    const char *f = form ? form : token ? token : pattern + strlen(pattern);
    const char *t = token ? token : pattern + strlen(pattern);
    if (form && token)
        return world_text(w, "%.*s%s%.*s%s%s", (int)(f - pattern), pattern, w->site->form, (int)(t - f - 6), f + 6,
                          r->token, t + 7);
    if (form)
        return world_text(w, "%.*s%s%s", (int)(f - pattern), pattern, w->site->form, f + 6);
    if (token)
        return world_text(w, "%.*s%s%s", (int)(t - pattern), pattern, r->token ? r->token : "", t + 7);
    return pattern;
}

/* Pages in the second of at_us: the busier, the slower, and past the capacity some answers fail. */
static bool overloaded(struct world *w, struct runner *r, int64_t at_us, int64_t *took_us)
{
    int64_t second = at_us / SECOND_US;
    struct load *l = &w->loads[(uint64_t)second % 256], *last = &w->loads[(uint64_t)(second - 1) % 256];
    if (l->second != second)
        *l = (struct load){.second = second};
    l->pages++;
    uint32_t load = l->pages;
    if (last->second == second - 1 && last->pages > load)
        load = last->pages;
    int64_t base = rng_lognormal_us(&r->rng, -2400, 350);
    *took_us = base + base * 5 * load / w->capacity * load / w->capacity;
    if (load <= w->capacity)
        return false;
    return rng_chance(&r->rng, 1000 - 800 * w->capacity / load);
}

static struct reply serve(struct world *w, struct runner *r, int64_t at_us, struct request q)
{
    int64_t took_us;
    if (overloaded(w, r, at_us, &took_us)) {
        q.status = 502;
        q.bytes = 559;
        took_us += 300000;
    } else if (rng_chance(&r->rng, r->browser.refused_permille)) {
        q.status = 403;
        q.bytes = 153;
        took_us = rng_between(&r->rng, 300, 1500);
    }
    q.start_us = at_us;
    q.end_us = at_us + took_us;
    q.cookie = r->browser.greeted ? r->browser.cookie : "";
    r->browser.greeted |= q.status != 502;
    if (!q.referer)
        q.referer = r->browser.referer ? r->browser.referer : "";
    if (!q.body)
        q.body = "";
    world_request(w, r, q);
    return (struct reply){q.end_us, q.status, PAGE_NONE};
}

static bool is_free(const struct slot *s, int64_t at_us)
{
    if (s->release_us > at_us || s->state == SLOT_TAKEN)
        return false;
    return s->state == SLOT_FREE || s->held_until_us < at_us;
}

int site_free_slot(struct world *w, int64_t at_us, size_t nth)
{
    for (size_t i = 0; i < w->slots_count; i++)
        if (is_free(&w->slots[i], at_us) && nth-- == 0)
            return (int)i;
    return -1;
}

size_t site_free_count(struct world *w, int64_t at_us)
{
    size_t n = 0;
    for (size_t i = 0; i < w->slots_count; i++)
        n += is_free(&w->slots[i], at_us);
    return n;
}

static bool hold(struct world *w, struct runner *r, int slot, int64_t at_us)
{
    if (slot < 0 || !is_free(&w->slots[slot], at_us))
        return false;
    r->slot = slot;
    w->slots[slot].state = SLOT_HELD;
    w->slots[slot].held_until_us = at_us + HOLD_US;
    return true;
}

struct reply site_open(struct world *w, struct runner *r, enum page page, int64_t at_us)
{
    const struct page_model *p = &w->site->pages[page];
    bool none = page == PAGE_PLANNING && !w->site->pick && site_free_count(w, at_us) == 0;
    const char *target = path_of(w, r, p->get);
    if (r->browser.failed && p->when_failed)
        target = world_text(w, "%s%s", target, p->when_failed);
    uint32_t bytes = (none ? w->site->pages[PAGE_NONE].bytes : p->bytes) + rng_below(&r->rng, 40);
    struct reply a = serve(w, r, at_us, (struct request){.method = "GET", .target = target, .status = 200,
                                                         .bytes = bytes});
    if (a.status == 200 && r->browser.assets)
        r->browser.referer = world_text(w, "%s%s", w->site->origin, target);
    a.next = none ? PAGE_NONE : page;
    return a;
}

struct reply site_grid(struct world *w, struct runner *r, int week, int64_t at_us)
{
    const char *target = world_text(w, "%s%d", path_of(w, r, w->site->grid), week);
    size_t n = site_free_count(w, at_us);
    struct reply a = serve(w, r, at_us, (struct request){.method = "GET", .target = target, .status = 200,
                                                         .bytes = (uint32_t)(1840 + 96 * (n > 20 ? 20 : n))});
    a.next = n > 0 ? PAGE_PLANNING : PAGE_NONE;
    return a;
}

struct reply site_pick(struct world *w, struct runner *r, int slot, int64_t at_us)
{
    const char *target = world_text(w, "%s%lld", path_of(w, r, w->site->pick), (long long)w->slots[slot].start);
    struct reply a = serve(w, r, at_us, (struct request){.method = "GET", .target = target, .status = 302});
    if (a.status == 302)
        a.next = hold(w, r, slot, at_us) ? PAGE_CAPTCHA : PAGE_PLANNING;
    return a;
}

struct reply site_check(struct world *w, struct runner *r, int64_t at_us)
{
    if (!w->site->grid)
        return (struct reply){at_us, 0, PAGE_FORM};
    const char *body = world_text(w, "number_agdref=%s&validity=%s", r->person.agdref, r->person.validity);
    return serve(w, r, at_us, (struct request){.method = "POST", .status = 200, .body = body, .bytes = 21,
                                               .target = "/ezjscore/call/bookingserver::verification"});
}

/* A label as a browser sends it, or as a script does that copied it with its plus signs. */
static const char *label(struct world *w, const struct runner *r, const char *text)
{
    if (!r->browser.quoted)
        return text;
    char out[120];
    size_t n = 0;
    for (const char *p = text; *p && n + 4 < sizeof out; p++) {
        if (*p != '+') {
            out[n++] = *p;
            continue;
        }
        memcpy(out + n, "%2B", 3);
        n += 3;
    }
    out[n] = 0;
    return world_text(w, "%s", out);
}

static const char *at_encoded(struct world *w, const char *email)
{
    const char *at = strchr(email, '@');
    return world_text(w, "%.*s%%40%s", (int)(at - email), email, at + 1);
}

static const char *ez_body(struct world *w, struct runner *r, enum page page)
{
    const char *next = label(w, r, "Etape+suivante");
    const char *mail;
    if (page == PAGE_LANDING)
        return world_text(w, "condition=on&nextButton=%s",
                          label(w, r, "Effectuer+une+demande+de+rendez-vous"));
    if (page == PAGE_DESK)
        return world_text(w, "planning=17481&nextButton=%s", next);
    if (page == PAGE_NATURE)
        return world_text(w, "nextButton=%s", next);
    if (page == PAGE_PLANNING)
        return world_text(w, "nextButton=%s", label(w, r, "Premi%C3%A8re+plage+horaire+libre"));
    if (page == PAGE_CAPTCHA)
        return world_text(w, "g-recaptcha-response=03AGdBq2%s&nextButton=%s",
                          random_text(w, &r->rng, "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ0123456789-_", 48),
                          next);
    if (page == PAGE_CONFIRM)
        return "createButton=Confirmer";
    if (page == PAGE_CANCEL)
        return "removeButton=Annuler";
    mail = at_encoded(w, r->person.email);
    return world_text(w,
                      "firstname=%s&lastname=%s&email=%s&emailcheck=%s&number_agdref=%s&end_date_validity=%s"
                      "&post_code=%s&nextButton=%s",
                      r->person.first, r->person.last, mail, mail, r->person.agdref, r->person.validity,
                      r->person.postcode, next);
}

static const char *rdv_body(struct world *w, struct runner *r, enum page page)
{
    if (page == PAGE_CAPTCHA) {
        const char *id = random_text(w, &r->rng, "0123456789abcdef", 32);
        return world_text(w, "captchaId=%s&captchaUsercode=%s", id,
                          random_text(w, &r->rng, "ABCDEFGHJKLMNPQRSTUVWXYZ23456789", 6));
    }
    if (page == PAGE_PLANNING)
        return world_text(w, "trhId_%d=on", r->slot >= 0 ? 88100 + r->slot : 0);
    if (page == PAGE_FORM) {
        const char *mail = at_encoded(w, r->person.email);
        return world_text(w, "nom=%s&prenom=%s&email=%s&emailConfirmation=%s&numeroEtranger=%s&codePostal=%s",
                          r->person.last, r->person.first, mail, mail, r->person.agdref, r->person.postcode);
    }
    return page == PAGE_CANCEL ? "annuler=Oui" : "confirmer=Oui";
}

/* What the server makes of a form that arrived. */
static bool accepted(struct world *w, struct runner *r, enum page page, int64_t at_us)
{
    struct slot *s = r->slot >= 0 ? &w->slots[r->slot] : NULL;
    switch (page) {
    case PAGE_DESK:
        return site_free_count(w, at_us) > 0;
    case PAGE_PLANNING:
        if (w->site->pick)
            return hold(w, r, site_free_slot(w, at_us, 0), at_us);
        return hold(w, r, r->slot, at_us);
    case PAGE_CAPTCHA:
        return rng_chance(&r->rng, r->browser.assets ? 880 : 940);
    case PAGE_FORM:
        return !r->browser.assets || rng_chance(&r->rng, 930);
    case PAGE_CONFIRM:
        if (s && s->state == SLOT_HELD) {
            s->state = SLOT_TAKEN;
            w->visits[r->visit].slot = s->start;
        }
        return true;
    case PAGE_CANCEL:
        if (s && s->state == SLOT_TAKEN) {
            s->state = SLOT_FREE;
            s->release_us = at_us;
        }
        return true;
    case PAGE_LANDING:
    case PAGE_NATURE:
    case PAGE_NONE:
    case PAGE_RECAP:
    case PAGE_DONE:
    case PAGE_COUNT:
        break;
    }
    return true;
}

static void submitted(struct world *w, struct runner *r)
{
    w->visits[r->visit].email = r->person.email;
    if (r->slot < 0)
        return;
    w->slots[r->slot].token = random_text(w, &r->rng, "0123456789abcdef", 32);
    r->token = w->slots[r->slot].token;
}

struct reply site_send(struct world *w, struct runner *r, enum page page, int64_t at_us)
{
    const struct page_model *p = &w->site->pages[page];
    if (!p->post) /* a link */
        return (struct reply){at_us, 302, p->next};
    const char *body = w->site->grid ? ez_body(w, r, page) : rdv_body(w, r, page);
    struct reply a = serve(w, r, at_us, (struct request){.method = "POST", .target = path_of(w, r, p->post),
                                                         .status = 302, .body = body});
    a.next = page;
    if (a.status != 302)
        return a;
    bool taken = accepted(w, r, page, at_us);
    r->browser.failed = !taken;
    a.next = taken ? p->next : p->otherwise;
    if (page == PAGE_FORM && taken)
        submitted(w, r);
    return a;
}

static uint32_t size_of(const char *target)
{
    uint32_t h = 2166136261u;
    for (const char *p = target; *p; p++)
        h = (h ^ (uint32_t)*p) * 16777619u;
    return 2100 + h % 38000;
}

static void fetch(struct world *w, struct runner *r, const char *target, int64_t at_us, bool cached)
{
    bool fresh = !cached || rng_chance(&r->rng, 80);
    struct request q = {.method = "GET", .target = target, .referer = r->browser.referer, .body = "",
                        .cookie = r->browser.cookie, .start_us = at_us};
    q.status = fresh ? 200 : 304;
    q.bytes = fresh ? size_of(target) : 0;
    q.end_us = at_us + rng_between(&r->rng, 900, 6000);
    world_request(w, r, q);
}

int64_t site_assets(struct world *w, struct runner *r, enum page page, int64_t at_us)
{
    if (!r->browser.assets)
        return at_us;
    int64_t at = at_us + rng_between(&r->rng, 20000, 90000);
    if (!r->browser.warm || rng_chance(&r->rng, 120)) {
        for (const char *const *a = w->site->assets; *a; a++) {
            fetch(w, r, *a, at, r->browser.warm);
            at += rng_between(&r->rng, 1000, 40000);
        }
        r->browser.warm = true;
    }
    bool cached = r->browser.pictures >> page & 1;
    if (w->site->pages[page].image && (!cached || rng_chance(&r->rng, 300)))
        fetch(w, r, w->site->pages[page].image, at, cached);
    r->browser.pictures = (uint16_t)(r->browser.pictures | 1u << page);
    return at;
}
