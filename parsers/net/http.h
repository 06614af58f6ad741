/* http.h: HTTP/1.x out of both sides of a connection: one transaction, one event.
 *
 * Incremental, strict with anomaly flags; after a gap it resynchronises at the next request line; pairing of
 * requests and responses never shifts after a lost or extra one.  Bodies are decoded (chunked, gzip, deflate,
 * brotli) within named bounds. */
#ifndef VIGIE_PARSERS_NET_HTTP_H
#define VIGIE_PARSERS_NET_HTTP_H

#include "analyzer/base/hash.h"
#include "analyzer/base/lang.h"
#include "analyzer/model/event.h"
#include "parsers/net/stream.h"

enum completeness {
    COMPLETE, GAP_IN_HEAD, GAP_IN_BODY, ONE_SIDE_ONLY, DIFFERENT_RETRANSMISSION, CUT_BY_SNAPLEN,
    COMPLETENESS_COUNT
};
extern const char *const completeness_names[COMPLETENESS_COUNT]; /* "complete", "gap_in_head", ... */

/* HTTP_ODDITY(NAME, json_name, invalid, English, French): what is noteworthy about a message; http_odd.def. */
enum http_odd {
#define HTTP_ODDITY(id, name, invalid, en, fr) HTTP_ODD_BIT_##id,
#include "parsers/net/http_odd.def"
#undef HTTP_ODDITY
    HTTP_ODD_COUNT
};
#define HTTP_ODD(id) (1u << HTTP_ODD_BIT_##id)
struct http_odd_info {
    const char *name;
    bool invalid; /* a strict recipient (RFC 9112, RFC 9110) refuses such a message */
    struct text what;
};
extern const struct http_odd_info http_odd_table[HTTP_ODD_COUNT];

struct http_header {
    struct str name, value; /* as sent */
};

/* Everything lives until `transaction` returns. */
struct http_transaction {
    const struct connection *connection;
    uint32_t number;               /* within the connection, from 1 */
    struct str method, target, version_text;
    uint8_t http_version;          /* as in struct event */
    struct http_header *request_headers, *response_headers;
    size_t request_headers_count, response_headers_count;
    uint16_t status;               /* 0: no response seen */
    struct str reason;
    struct str response_version_text;
    struct str request_body, response_body; /* decoded; cut at body_bytes_max */
    uint64_t request_body_len, response_body_len; /* decoded length, also of what was cut */
    struct sha256 request_body_sha256, response_body_sha256; /* of the decoded whole */
    bool has_request_body, has_response_body;
    enum completeness completeness;
    uint32_t anomalies;            /* HTTP_ODD bits of both messages */
    uint32_t request_anomalies, response_anomalies;
    uint16_t interim;              /* last 1xx status before the final one; 0: none */
    bool has_request, has_response; /* at least a first line (or what stands for it) was seen */
    int64_t request_first_us, request_last_us, response_first_us, response_last_us; /* INT64_MIN: not seen */
    uint64_t *packets;             /* numbers, ascending, without repeats; at most packets_cited_max */
    uint32_t packets_count;
    uint64_t first_offset;         /* of the first packet's record */
    uint32_t first_length;         /* struct stream_ref's length of it */
    uint32_t packets_more;
};

struct http_sink {
    void *user;
    void (*transaction)(void *user, const struct http_transaction *t);
    /* What follows a 101 answer, an accepted CONNECT, or "PRI * HTTP/2.0" and its blank line; NULL: not wanted. */
    void (*tunnel)(void *user, const struct connection *c, enum stream_side side, struct str bytes,
                   const struct stream_ref *ref);
    bool no_hashes; /* the digests of bodies are not wanted: they stay zero */
    uint64_t *held; /* bytes that all connections of one run hold, within http_held_all_max; NULL: each for itself */
};
struct http_conn; /* one connection's state */
struct http_conn *http_open(const struct limits *l, const struct http_sink *sink, const struct connection *c);
void http_bytes(struct http_conn *h, enum stream_side side, struct str bytes, const struct stream_ref *ref);
void http_gap(struct http_conn *h, enum stream_side side, uint64_t n, const struct stream_ref *ref);
/* To be called with what the stream says of differing retransmissions: the transactions concerned state it. */
void http_differs(struct http_conn *h, enum stream_side side, const struct stream_difference *d);
void http_finished(struct http_conn *h, enum stream_side side);
void http_close(struct http_conn *h); /* hands over what is pending, frees h */
/* True when these first client bytes may begin an HTTP/1 request. */
bool http_recognises(struct str head);

#endif
