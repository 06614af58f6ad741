/* site.h: what is known of a booking site: the profile, compiled, and what it says of one request.
 *
 * A profile is a JSON file (schema: samples/sites/site.schema.json).  Paths are templates with
 * {named} parts that match one path segment (or a trailing {rest...}); no regular expressions. */
#ifndef VIGIE_SITE_SITE_H
#define VIGIE_SITE_SITE_H

#include "analyzer/base/json.h"
#include "analyzer/base/lang.h"
#include "analyzer/model/session.h"

enum {
    SITE_STEPS_MAX = 63, /* an act stores index + 1 in six bits */
    SITE_SIGHTINGS_MAX = 16,
    SITE_VALUE_BYTES_MAX = 1024
};

struct site_step {
    struct str name;        /* "slot", "captcha-image", ...; unique in the profile */
    struct str method;      /* "GET", "POST", "*" */
    struct str path;        /* template as written */
    enum meaning meaning;
    int order;              /* position in the funnel; a step with a smaller order comes before */
    bool needs_before;      /* an honest visitor must have seen a step of the preceding order */
    bool decision;          /* an act of a person or a script (false: loaded by the page itself) */
    bool completes;         /* after it the booking is done */
    struct text label;
};

struct site {
    struct str name, file;
    struct sha256 sha256;   /* of the profile's bytes */
    struct str source;      /* the profile's bytes, for data/config */
    struct text label;
    struct site_step *steps;
    size_t steps_count;
    struct str *cookies;    /* names of session cookies */
    size_t cookies_count;
    struct str *fields[IDENTITY_KINDS]; /* form and query names that carry each kind */
    size_t fields_count[IDENTITY_KINDS];
    struct str *captcha_fields, *email_check_fields;
    size_t captcha_fields_count, email_check_fields_count;
    struct cidr *proxies;   /* trusted */
    size_t proxies_count;
    struct str *client_headers; /* "x-forwarded-for", in order of preference */
    size_t client_headers_count;
    struct str *assets;     /* suffixes ".css", prefixes "/design/", whole paths "/manifest.json" */
    size_t assets_count;
    int tz_offset_s;        /* for stamps without a zone; the profile says "+01:00" */
    bool has_tz;
    int64_t idle_us;        /* inactivity that ends a session */
    int64_t booking_limit;  /* posted bookings per e-mail; 0: none posted */
    int64_t beacon_bytes;   /* a POST answered 200 or 204 with fewer bytes, without an identity or a captcha answer,
                             * is a call the page makes by itself, no act; 0: none is */
    int64_t form_floor_us;  /* below it a delivered form cannot have been filled, even by auto-fill */
    struct site_release {   /* posted release times */
        int weekday;        /* 0 Sunday .. 6, -1 every day */
        int seconds;        /* after local midnight */
    } *releases;
    size_t releases_count;
    struct str *hosts;      /* names it answers to, lower case; ".gouv.fr" is every name below it */
    size_t hosts_count;
    struct str *prefixes;   /* dropped from the front of a path before matching: "/index.php" */
    size_t prefixes_count;
    struct text *notes;     /* what in the profile is unverified or to be confirmed by the operator */
    size_t notes_count;
    struct site_index *index; /* private: compiled matcher */
};

/* name: a profile shipped with vigie, or a path when it contains '/' or ends in ".json".  NULL with *why
 * (one line, with line and column for a bad file, the nearest name for an unknown one). */
const struct site *site_load(struct arena *a, struct str name, struct str *why);
/* The same from bytes at hand; file is only named in messages.  text must live as long as a. */
const struct site *site_parse(struct arena *a, struct str file, struct str text, struct str *why);
/* Names of the shipped profiles in byte order (of site_folder). */
size_t site_names(struct arena *a, struct str **names);
/* The folder profiles are looked up in: $VIGIE_SITES, else samples/sites beside the build, else
 * ../share/vigie/sites beside the program, else VIGIE_SITES_DIR; missing when there is none. */
struct str site_folder(struct arena *a);

/* What the profile says of one request; made by the parsing threads, so it must not allocate but in a. */
struct sighting {
    struct str value;   /* decoded */
    enum identity_kind kind;
};
struct hit {
    uint64_t key_hash;        /* of the session key */
    uint64_t agent_hash;      /* of the agent text; 0 when missing */
    struct str cookie;        /* session cookie's value; missing when there is none */
    uint8_t step;             /* index + 1; 0: no step */
    uint8_t meaning;          /* enum meaning */
    uint8_t referer_step;     /* of an act: the step the referer names; 0: none or foreign */
    bool decision;            /* counts as an act */
    bool asset;
    bool referer_own;         /* of an act: the referer is a page of this site */
    bool captcha;             /* carried a captcha answer */
    bool sightings_more;      /* more identity values than SITE_SIGHTINGS_MAX, or one too long to be one */
    uint8_t sightings_count;
    struct sighting *sightings;
};
/* Fills everything of *h.  Pure: the same event gives the same hit in any thread. */
void site_read(const struct site *s, struct arena *a, const struct event *e, struct hit *h);
/* The session key of a request without a cookie. */
static inline uint64_t site_address_key(const struct ip *client, uint64_t agent_hash)
{
    return hash_bytes_seed(client->b, sizeof client->b, agent_hash);
}
/* Step index + 1 of a method and decoded path without query, or 0. */
int site_match(const struct site *s, struct str method, struct str path);

#endif
