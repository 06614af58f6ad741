/* event.h: one normalised request, whatever recorded it.
 *
 * Provenance first, then time with its meaning and resolution, then fields.  `has` says which fields
 * the format carries, `absent` which of them this record logged as missing ("-"): not in the format,
 * logged as missing, and empty are three different facts.  Text is kept as logged, escapes included;
 * slices point into the record or the block's arena and live as long as the block. */
#ifndef VIGIE_MODEL_EVENT_H
#define VIGIE_MODEL_EVENT_H

#include "analyzer/base/hash.h"
#include "analyzer/base/ip.h"
#include "analyzer/base/lang.h"
#include "analyzer/base/mem.h"

/* FIELD(NAME, json_name, English, French): bit, name in JSON and what it is; field.def. */
enum event_field {
#define FIELD(id, name, en, fr) FIELD_##id,
#include "analyzer/model/field.def"
#undef FIELD
    FIELD_COUNT
};
#define HAS(id) (1u << FIELD_##id)

/* ODDITY(NAME, json_name, English, French): usable but noteworthy; oddity.def. */
enum oddity {
#define ODDITY(id, name, en, fr) ODDITY_##id,
#include "analyzer/model/oddity.def"
#undef ODDITY
    ODDITY_COUNT
};
#define ODD(id) (1u << ODDITY_##id)

struct named_text {
    const char *name; /* in JSON */
    struct text what;
};
extern const struct named_text field_table[FIELD_COUNT];
extern const struct named_text oddity_table[ODDITY_COUNT];

enum time_meaning {
    TIME_MEANS_UNKNOWN,       /* start or write: the format does not say which server wrote it */
    TIME_MEANS_REQUEST_START, /* first byte received (Apache %t) */
    TIME_MEANS_RESPONSE_END,  /* last byte sent */
    TIME_MEANS_LOG_WRITE      /* nginx: when the line was written, at the request's end */
};
const char *time_meaning_name(enum time_meaning m); /* "unknown", "request_start", ... */

enum method {
    METHOD_NONE, /* no request line, or not a token */
    METHOD_OTHER, METHOD_GET, METHOD_POST, METHOD_HEAD, METHOD_PUT, METHOD_DELETE, METHOD_OPTIONS, METHOD_PATCH
};

enum client_rule { CLIENT_PEER, CLIENT_FORWARDED, CLIENT_NONE, CLIENT_PROXY /* PROXY protocol */ };

/* Extra named values a format may carry (a cookie, a header): looked up by the site profile. */
enum extra_kind { EXTRA_COOKIE, EXTRA_REQUEST_HEADER, EXTRA_RESPONSE_HEADER, EXTRA_OTHER };
struct extra {
    enum extra_kind kind;
    struct str name; /* as in the format string; header names lower case with '-' */
    struct str value;
};
enum { EVENT_EXTRAS_MAX = 12 };

/* What a TLS client said before anything was secret. */
struct event_hello {
    struct str sni; /* missing: none sent */
    struct str *alpn;
    size_t alpn_count;
    struct str ja3, ja3_raw, ja4, ja4_raw;
};

/* What a capture knows of a request beyond a log; of a ClientHello it is all there is.  A line of it in the
 * header list is as it was sent: order, case and spelling tell programs apart. */
struct event_header {
    struct str name, value;
};
struct event_net {
    uint64_t connection;   /* order of first packet within the capture, from 1 */
    uint32_t transaction;  /* within the connection, from 1; of a hello: which one */
    const char *completeness; /* "complete", "gap_in_body", ...: static */
    const uint64_t *packets;  /* numbers, ascending; what does not fit is counted */
    uint32_t packets_count, packets_more;
    uint64_t request_body_len, response_body_len; /* decoded */
    struct sha256 request_body_sha256, response_body_sha256;
    bool has_request_body, has_response_body;
    struct str response_body; /* when the parser was asked to keep it */
    const struct event_header *request_headers;
    size_t request_headers_count;
    const char *const *anomalies; /* names, static */
    size_t anomalies_count;
    struct ip proxied;     /* client address of a PROXY header; zero without one */
    uint16_t proxied_port;
    const struct event_hello *hello; /* NULL: a transaction */
};

struct event {
    /* provenance */
    uint64_t record; /* line number within the source, from 1 (relative to the block until consumed) */
    uint64_t offset; /* of the first byte, in the decompressed stream */
    uint32_t length; /* without the line end */
    uint32_t source; /* index in the run */
    const char *raw; /* the record's first byte, while the block lives */

    /* time: start of the request where the duration allows it, else the stamp */
    int64_t time_us;       /* as stamped */
    int64_t duration_us;   /* when HAS(DURATION) */
    uint32_t resolution_us;
    uint8_t meaning;       /* enum time_meaning */

    uint8_t method;        /* enum method */
    uint8_t http_version;  /* 0 none, 9, 10, 11, 20, 30 */
    uint8_t client_rule;   /* enum client_rule */
    uint16_t status;       /* 0: none */
    uint16_t client_port;  /* 0: not logged */
    uint32_t has, absent, odd;
    int64_t bytes;

    struct ip peer;   /* the address the server saw; zero when the format has none */
    struct ip client; /* after the site's trusted proxies; equals peer when none is trusted */

    struct str peer_text;  /* as logged: may be a host name */
    struct str time_text;
    struct str method_text;
    struct str request;    /* the whole request line as logged */
    struct str target;
    struct str host, user, referer, agent;
    struct str body;       /* logged request body, escaped as the format escapes */
    struct str cookies;    /* a whole Cookie header */
    struct str forwarded;  /* X-Forwarded-For or the like */
    uint8_t escaping;      /* enum escaping, of every text above */
    const struct event_net *net; /* NULL: out of a log */
    uint8_t extras_count;
    struct extra extras[EVENT_EXTRAS_MAX];
};

/* How the format wrote bytes that it could not write plainly. */
enum escaping { ESCAPING_NONE, ESCAPING_NGINX, ESCAPING_APACHE, ESCAPING_JSON_DECODED };
/* The bytes the client sent: undoes the escaping into a; returns s itself when nothing was escaped.
 * A backslash that starts no valid escape is kept as it is and *lies is set. */
struct str event_unescape(struct arena *a, enum escaping e, struct str s, bool *lies);

/* A copy that outlives the block; the response body is left out.  NULL stays NULL. */
const struct event_net *event_net_keep(struct arena *a, const struct event_net *n);

struct jw;
/* One JSON line of `vigie events`: the golden format, keys in byte order. */
void event_write_json(struct jw *w, const struct event *e, struct str source_name, struct str raw);

#endif
