/* http_priv.h: what the parts of the HTTP/1 parser share.
 *
 * http_side.c walks through the bytes of one side, http_head.c reads heads, http_chunk.c chunk lines,
 * http_find.c first lines after a loss, http_message.c keeps messages, http.c pairs them. */
#ifndef VIGIE_PARSERS_NET_HTTP_PRIV_H
#define VIGIE_PARSERS_NET_HTTP_PRIV_H

#include "parsers/net/http.h"
#include "parsers/net/http_body.h"

/* ---- http_head.c ---- */

struct http_head { /* slices point into the text that was read */
    struct str method, target, version_text, reason;
    uint8_t version; /* as in struct event */
    uint16_t status;
    struct http_header *headers; /* allocated; the caller frees */
    size_t count;
    uint32_t odd;
};
enum http_first { FIRST_FINE, FIRST_BARE, FIRST_NONE }; /* BARE: a request without version */

/* The first line, without its line end. */
enum http_first head_request_line(struct http_head *h, struct str line);
enum http_first head_status_line(struct http_head *h, struct str line);
/* The lines behind the first one, up to the end of text. */
void head_fields(struct http_head *h, struct str text, size_t max);
/* Cuts the next line off *rest; its line end is left out, and described in *odd. */
struct str head_line(struct str *rest, uint32_t *odd);
/* What stands behind an odd blank line: 1 more head, -1 something else, 0 more is needed to know. */
int head_goes_on(struct str behind);

enum http_framing { FRAMING_NONE, FRAMING_LENGTH, FRAMING_CHUNKED, FRAMING_CLOSE, FRAMING_UNKNOWN };
struct http_frame {
    enum http_framing framing;
    enum http_framing fallback; /* if the body does not begin with a chunk although it should */
    bool perhaps_chunked;       /* look at the body's first line before believing in chunks */
    bool claims_body;           /* by its headers alone */
    bool closes;                /* the sender announced the end of the connection */
    uint64_t length;
    enum http_coding codings[8]; /* outermost first */
    size_t codings_count;
    uint32_t odd;
};
enum http_kind { HTTP_REQUEST, HTTP_RESPONSE };
void head_frame(struct http_frame *f, const struct http_head *h, struct str text, enum http_kind kind);

/* ---- http_chunk.c ---- */

/* The line before a chunk, line end included.  False: no chunk size. */
bool chunk_line(struct str line, uint64_t *size, uint32_t *odd);

/* ---- http_find.c ---- */

/* Where in the line a request line or a status line begins; -1: nowhere. */
ptrdiff_t find_request(struct str line);
ptrdiff_t find_status(struct str line);

/* ---- http_message.c ---- */

struct cite {
    uint64_t packet, offset;
    uint32_t length;
};
struct http_message {
    struct http_buffer text; /* the head as sent */
    struct http_head head;
    struct http_body body;
    bool has_body, done, gap_head, gap_body, cut, differs;
    uint32_t odd;
    uint64_t begin, end; /* positions within the side */
    int64_t first_us, last_us;
    struct cite first_cite;
    uint64_t *packets;
    uint32_t packets_count, packets_cap, packets_more;
};
struct http_message *message_new(const struct http_store *store, uint64_t position);
/* Adds to the text of the head, which may move: what the first line said moves with it. */
bool message_text(struct http_message *m, struct str bytes);
void message_cite(struct http_message *m, const struct stream_ref *ref, uint32_t max);
void message_free(const struct http_store *store, struct http_message *m);

/* One request with its answer; either may be missing. */
struct exchange {
    struct exchange *next;
    struct http_message *request, *response;
    bool lost_request; /* stands for a request that a gap swallowed */
    bool lost_response;
    bool junk;         /* the answer was none */
    uint16_t interim;
    uint32_t number;
};

/* ---- http_side.c ---- */

enum side_state {
    SIDE_IDLE, SIDE_HEAD, SIDE_PEEK, SIDE_LENGTH, SIDE_CLOSE, SIDE_CHUNK_LINE, SIDE_CHUNK_DATA, SIDE_CHUNK_END,
    SIDE_TRAILER, SIDE_LOST, SIDE_TUNNEL,
    SIDE_STATES
};
enum { DIFFERENCES = 4 };
struct http_side {
    enum side_state state;
    struct http_message *message; /* the one being read */
    struct http_frame frame;
    uint64_t at;          /* position: bytes and gaps so far */
    uint64_t left;        /* of the body or the chunk */
    struct http_buffer line; /* chunk line, trailer line, or what is searched after a loss */
    size_t line_at;       /* within the head: where its current line begins */
    size_t blank_at;      /* behind an odd blank line; 0: none */
    bool first_known;     /* the first line was looked at */
    bool bare;            /* ... and has no version */
    bool sniffing;        /* the first chunk line decides whether there are chunks */
    bool junk, closing, ended;
    struct {
        uint64_t from, to;
    } differences[DIFFERENCES];
    uint32_t differences_count;
};

struct http_conn {
    const struct limits *limits;
    struct http_sink sink;
    const struct connection *connection;
    struct http_store store;
    uint64_t held; /* when the sink has no common number */
    struct http_side side[2];
    struct exchange *first, *last;
    uint32_t count, numbers;
    uint64_t unanswered; /* requests already told as unanswered: their answers stand alone */
    uint32_t lost_answers; /* requests that waited when a gap swallowed answers; 0: no such gap */
    struct http_message **late; /* answers whose request is not known yet */
    uint32_t late_count, late_cap;
};

void http_side_bytes(struct http_conn *h, enum stream_side side, struct str bytes, const struct stream_ref *ref);
void http_side_gap(struct http_conn *h, enum stream_side side, uint64_t n, const struct stream_ref *ref);
/* The sender said that nothing more comes (FIN); fin false: the capture ended instead. */
void http_side_over(struct http_conn *h, enum stream_side side, bool fin);
/* The other side went on: what waited for more bytes is decided now. */
void http_side_settle(struct http_conn *h, enum stream_side side);
void http_side_free(struct http_conn *h, enum stream_side side);

/* ---- http.c ---- */

/* A message begins: it takes its place. */
void pair_request(struct http_conn *h, struct http_message *m);
void pair_response(struct http_conn *h, struct http_message *m);
/* It is whole, or as whole as it will be. */
void pair_done(struct http_conn *h, enum stream_side side, struct http_message *m);
/* A gap between messages swallowed at least one. */
void pair_gap(struct http_conn *h, enum stream_side side);
/* The method that the response being read answers; missing when not known. */
struct str pair_method(const struct http_conn *h, const struct http_message *response);
/* True when the response may answer a request without version. */
bool pair_expects_bare(const struct http_conn *h);
void pair_junk(struct http_conn *h);

#endif
