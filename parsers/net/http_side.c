/* http_side.c: the bytes of one side, state by state.
 *
 * Every decision depends on the bytes and on the order of both sides' calls alone, never on how the bytes
 * were cut: what needs a whole line waits for it in a buffer with a bound. */
#include "parsers/net/http_priv.h"

enum { PEEK_BYTES = 5, BLANK_BYTES_MAX = 64, SEARCH_BYTES_MAX = 16384, TRAILER_BYTES_MAX = 16384 };
static const char peek_text[PEEK_BYTES + 1] = "HTTP/";

static struct http_side *side_of(struct http_conn *h, enum stream_side side)
{
    return &h->side[side];
}

static void cite(struct http_conn *h, struct http_side *s, const struct stream_ref *ref)
{
    if (s->message != NULL)
        message_cite(s->message, ref, (uint32_t)h->limits->v[LIMIT_packets_cited_max]);
}

/* ---- beginning and end of a message ---- */

static void begin(struct http_conn *h, enum stream_side side)
{
    struct http_side *s = side_of(h, side);
    s->message = message_new(&h->store, s->at);
    s->line_at = s->blank_at = 0;
    s->first_known = s->bare = s->sniffing = false;
    s->frame = (struct http_frame){.framing = FRAMING_NONE};
    s->state = SIDE_HEAD;
    http_side_settle(h, side == STREAM_CLIENT ? STREAM_SERVER : STREAM_CLIENT);
    if (side == STREAM_CLIENT)
        pair_request(h, s->message);
}

static void note_differences(struct http_side *s, struct http_message *m)
{
    for (uint32_t i = 0; i < s->differences_count && i < DIFFERENCES; i++)
        if (s->differences[i].from < m->end && s->differences[i].to > m->begin)
            m->differs = true;
}

static void end(struct http_conn *h, enum stream_side side)
{
    struct http_side *s = side_of(h, side);
    struct http_message *m = s->message;
    if (s->state != SIDE_TUNNEL && s->state != SIDE_LOST)
        s->state = SIDE_IDLE;
    s->message = NULL;
    s->blank_at = 0;
    s->closing |= s->frame.closes;
    body_end(&m->body);
    m->odd |= m->head.odd | m->body.odd | s->frame.odd;
    m->end = s->at;
    m->done = true;
    note_differences(s, m);
    pair_done(h, side, m);
}

static void lose(struct http_conn *h, struct http_side *s)
{
    s->state = SIDE_LOST;
    buffer_free(&h->store, &s->line);
}

/* ---- from the head to the body ---- */

static bool forbids_body(const struct http_head *head, struct str method)
{
    uint16_t status = head->status;
    return status / 100 == 1 || status == 204 || status == 304 || str_eq(method, STR("HEAD"));
}

static void open_codings(struct http_side *s)
{
    for (size_t i = 0; i < s->frame.codings_count; i++)
        if (!body_coding(&s->message->body, s->frame.codings[i]))
            return;
}

static void enter_body(struct http_conn *h, enum stream_side side, enum http_framing framing)
{
    struct http_side *s = side_of(h, side);
    struct http_message *m = s->message;
    static const enum side_state states[] = {[FRAMING_LENGTH] = SIDE_LENGTH,
                                             [FRAMING_CHUNKED] = SIDE_CHUNK_LINE,
                                             [FRAMING_CLOSE] = SIDE_CLOSE};
    if (framing == FRAMING_UNKNOWN)
        lose(h, s);
    if (framing == FRAMING_UNKNOWN || framing == FRAMING_NONE ||
        (framing == FRAMING_LENGTH && s->frame.length == 0)) {
        m->has_body = false;
        end(h, side);
        return;
    }
    m->has_body = true;
    s->left = s->frame.length;
    s->sniffing = framing == FRAMING_CHUNKED && s->frame.perhaps_chunked;
    s->state = states[framing];
    s->line_at = 0;
    buffer_free(&h->store, &s->line);
}

static void start_tunnel(struct http_conn *h)
{
    for (int i = 0; i < 2; i++) {
        struct http_side *s = &h->side[i];
        s->state = SIDE_TUNNEL;
        if (s->message != NULL)
            end(h, (enum stream_side)i);
    }
}

static void response_body(struct http_conn *h)
{
    struct http_side *s = side_of(h, STREAM_SERVER);
    const struct http_head *head = &s->message->head;
    struct str method = pair_method(h, s->message);
    bool tunnel =
        head->status == 101 || (str_eq(method, STR("CONNECT")) && head->status / 100 == 2);
    if (tunnel) {
        start_tunnel(h);
        return;
    }
    if (!forbids_body(head, method)) {
        enter_body(h, STREAM_SERVER, s->frame.framing);
        return;
    }
    if (!s->frame.claims_body) {
        s->frame.codings_count = 0;
        enter_body(h, STREAM_SERVER, FRAMING_NONE);
        return;
    }
    s->state = SIDE_PEEK;
    buffer_free(&h->store, &s->line);
}

/* The head is whole: text[0, n) of the buffer. */
static void head_done(struct http_conn *h, enum stream_side side, size_t n)
{
    struct http_side *s = side_of(h, side);
    struct http_message *m = s->message;
    struct str text = str_sub(buffer_text(&m->text), 0, (ptrdiff_t)n), rest = text;
    uint32_t odd = 0;
    head_line(&rest, &odd);
    m->head.odd |= odd;
    head_fields(&m->head, rest, (size_t)h->limits->v[LIMIT_http_headers_max]);
    enum http_kind kind = side == STREAM_CLIENT ? HTTP_REQUEST : HTTP_RESPONSE;
    head_frame(&s->frame, &m->head, text, kind);
    if (side == STREAM_SERVER) {
        open_codings(s);
        response_body(h);
        return;
    }
    bool preface =
        str_eq(m->head.method, STR("PRI")) && str_eq(m->head.version_text, STR("HTTP/2.0"));
    if (preface) {
        start_tunnel(h);
        return;
    }
    if (str_eq(m->head.method, STR("CONNECT")))
        s->frame.framing = FRAMING_NONE;
    open_codings(s);
    enter_body(h, side, s->frame.framing);
}

/* ---- the head, line by line ---- */

/* No request at all: one message stands for it, then the next request line is looked for. */
static void head_refused(struct http_conn *h, enum stream_side side, uint32_t odd)
{
    struct http_side *s = side_of(h, side);
    s->message->odd |= odd;
    s->message->has_body = false;
    s->frame = (struct http_frame){.framing = FRAMING_UNKNOWN};
    lose(h, s);
    end(h, side);
}

/* The server said something that is no status line: an answer without head, or nothing of HTTP. */
static void no_status_line(struct http_conn *h)
{
    struct http_side *s = side_of(h, STREAM_SERVER);
    struct http_message *m = s->message;
    if (pair_expects_bare(h)) {
        pair_response(h, m);
        s->frame.framing = FRAMING_CLOSE;
        m->head.odd |= HTTP_ODD(VERSION_MISSING);
        m->head.version = 9;
        enter_body(h, STREAM_SERVER, FRAMING_CLOSE);
        body_add(&m->body, buffer_text(&m->text));
        return;
    }
    s->junk = true;
    s->message = NULL;
    message_free(&h->store, m);
    pair_junk(h);
    lose(h, s);
}

/* The first line is whole.  False: this is no head. */
static bool first_line(struct http_conn *h, enum stream_side side, struct str line)
{
    struct http_side *s = side_of(h, side);
    struct http_message *m = s->message;
    uint32_t odd = 0;
    struct str text = head_line(&line, &odd);
    s->first_known = true;
    if (s->junk)
        m->odd |= HTTP_ODD(JUNK);
    if (s->closing)
        m->odd |= HTTP_ODD(AFTER_CLOSE);
    s->junk = false;
    if (side == STREAM_SERVER) {
        if (head_status_line(&m->head, text) != FIRST_NONE) {
            pair_response(h, m);
            return true;
        }
        no_status_line(h);
        return false;
    }
    enum http_first first = head_request_line(&m->head, text);
    s->bare = first == FIRST_BARE;
    if (s->bare)
        s->blank_at = m->text.n; /* ends here unless headers follow */
    if (first != FIRST_NONE)
        return true;
    head_refused(h, side, HTTP_ODD(REQUEST_LINE));
    return false;
}

/* Bytes that were read as head but stand behind it. */
static void give_back(struct http_conn *h, enum stream_side side, const struct stream_ref *ref,
                      size_t from)
{
    struct http_side *s = side_of(h, side);
    struct http_message *m = s->message;
    struct http_buffer behind = {0};
    struct str text = buffer_text(&m->text);
    bool kept = buffer_add(&h->store, &behind, str_sub(text, (ptrdiff_t)from, text.n));
    s->at -= behind.n;
    head_done(h, side, from);
    if (kept)
        http_side_bytes(h, side, buffer_text(&behind), ref);
    buffer_free(&h->store, &behind);
}

static bool is_end_of_head(struct str line)
{
    return str_eq(line, STR("\n")) || str_eq(line, STR("\r\n"));
}

static bool is_odd_blank(struct str line)
{
    for (ptrdiff_t i = 0; i < line.n; i++)
        if ((uint8_t)line.p[i] > ' ')
            return false;
    return true;
}

/* A line of the head is whole. */
static void head_line_done(struct http_conn *h, enum stream_side side)
{
    struct http_side *s = side_of(h, side);
    struct http_message *m = s->message;
    struct str line = str_sub(buffer_text(&m->text), (ptrdiff_t)s->line_at, (ptrdiff_t)m->text.n);
    s->line_at = m->text.n;
    if (!s->first_known) {
        first_line(h, side, line);
        return;
    }
    if (is_end_of_head(line))
        head_done(h, side, m->text.n);
    else if (is_odd_blank(line))
        s->blank_at = m->text.n;
}

/* Behind an odd blank line: a byte at a time until it is clear what it was. */
static ptrdiff_t look_behind(struct http_conn *h, enum stream_side side, struct str bytes,
                             const struct stream_ref *ref)
{
    struct http_side *s = side_of(h, side);
    struct http_message *m = s->message;
    s->at++;
    if (!message_text(m, str_sub(bytes, 0, 1))) {
        head_refused(h, side, HTTP_ODD(HEAD_CUT));
        return 1;
    }
    struct str text = buffer_text(&m->text);
    int goes_on = head_goes_on(str_sub(text, (ptrdiff_t)s->blank_at, text.n));
    if (goes_on < 0) {
        give_back(h, side, ref, s->blank_at);
        return 1;
    }
    if (goes_on > 0) {
        s->blank_at = 0;
        cite(h, s, ref);
        if (bytes.p[0] == '\n')
            head_line_done(h, side);
    }
    return 1;
}

/* More head than is kept: what is there counts, the rest is skipped. */
static void head_too_long(struct http_conn *h, enum stream_side side)
{
    struct http_side *s = side_of(h, side);
    struct http_message *m = s->message;
    if (!s->first_known && side == STREAM_SERVER) {
        no_status_line(h);
        return;
    }
    if (s->first_known) {
        struct str text = str_sub(buffer_text(&m->text), 0, (ptrdiff_t)s->line_at), rest = text;
        head_line(&rest, &m->head.odd);
        head_fields(&m->head, rest, (size_t)h->limits->v[LIMIT_http_headers_max]);
    }
    head_refused(h, side, HTTP_ODD(HEAD_CUT) | (s->first_known ? 0 : HTTP_ODD(REQUEST_LINE)));
}

static ptrdiff_t on_head(struct http_conn *h, enum stream_side side, struct str bytes,
                         const struct stream_ref *ref)
{
    struct http_side *s = side_of(h, side);
    struct http_message *m = s->message;
    if (s->blank_at > 0)
        return look_behind(h, side, bytes, ref);
    ptrdiff_t lf = str_find(bytes, '\n', 0), n = lf < 0 ? bytes.n : lf + 1;
    ptrdiff_t room = (ptrdiff_t)h->limits->v[LIMIT_http_head_bytes_max] - (ptrdiff_t)m->text.n;
    bool whole = lf >= 0 && n <= room;
    n = n < room ? n : room;
    bool kept = n > 0 && message_text(m, str_sub(bytes, 0, n));
    n = n > 0 ? n : 0;
    s->at += (uint64_t)n;
    if (!kept || (!whole && n == room))
        head_too_long(h, side);
    else if (whole)
        head_line_done(h, side);
    return n;
}

/* ---- between messages ---- */

static ptrdiff_t on_idle(struct http_conn *h, enum stream_side side, struct str bytes,
                         const struct stream_ref *ref)
{
    struct http_side *s = side_of(h, side);
    ptrdiff_t n = 0;
    while (n < bytes.n && (bytes.p[n] == '\r' || bytes.p[n] == '\n'))
        n++;
    s->at += (uint64_t)n;
    if (n < bytes.n) {
        begin(h, side);
        cite(h, s, ref);
    }
    return n;
}

/* A status that allows no body, and headers that promise one: the next bytes tell. */
static ptrdiff_t on_peek(struct http_conn *h, enum stream_side side, struct str bytes,
                         const struct stream_ref *ref)
{
    struct http_side *s = side_of(h, side);
    size_t seen = s->line.n;
    char c = bytes.p[0];
    bool blank = seen == 0 && (c == '\r' || c == '\n');
    s->at++;
    if (blank || c != peek_text[seen]) {
        struct http_buffer held = s->line;
        s->line = (struct http_buffer){0};
        if (blank) {
            end(h, side);
        } else {
            s->message->odd |= HTTP_ODD(BODY_UNEXPECTED);
            cite(h, s, ref);
            enter_body(h, side, s->frame.framing);
        }
        s->at -= held.n + 1;
        http_side_bytes(h, side, buffer_text(&held), ref);
        buffer_free(&h->store, &held);
        return 0;
    }
    buffer_add(&h->store, &s->line, str_sub(bytes, 0, 1));
    if (s->line.n < PEEK_BYTES)
        return 1;
    s->at -= PEEK_BYTES;
    end(h, side);
    http_side_bytes(h, side, STR("HTTP/"), ref);
    return 1;
}

/* ---- bodies ---- */

static ptrdiff_t on_length(struct http_conn *h, enum stream_side side, struct str bytes,
                           const struct stream_ref *ref)
{
    struct http_side *s = side_of(h, side);
    ptrdiff_t n = (uint64_t)bytes.n < s->left ? bytes.n : (ptrdiff_t)s->left;
    (void)ref;
    body_add(&s->message->body, str_sub(bytes, 0, n));
    s->at += (uint64_t)n;
    s->left -= (uint64_t)n;
    if (s->left == 0)
        end(h, side);
    return n;
}

static ptrdiff_t on_close(struct http_conn *h, enum stream_side side, struct str bytes,
                          const struct stream_ref *ref)
{
    struct http_side *s = side_of(h, side);
    (void)ref;
    body_add(&s->message->body, bytes);
    s->at += (uint64_t)bytes.n;
    return bytes.n;
}

/* What should have been a chunk line is none: for good, or because there never were chunks. */
static void no_chunk(struct http_conn *h, enum stream_side side, const struct stream_ref *ref)
{
    struct http_side *s = side_of(h, side);
    if (!s->sniffing) {
        s->message->odd |= HTTP_ODD(CHUNK) | HTTP_ODD(BODY_BROKEN_OFF);
        lose(h, s);
        end(h, side);
        return;
    }
    struct http_buffer held = s->line;
    s->line = (struct http_buffer){0};
    s->message->odd |= HTTP_ODD(TRANSFER_CODING);
    s->at -= held.n;
    enter_body(h, side, s->frame.fallback);
    http_side_bytes(h, side, buffer_text(&held), ref);
    buffer_free(&h->store, &held);
}

static void chunk_line_done(struct http_conn *h, enum stream_side side,
                            const struct stream_ref *ref)
{
    struct http_side *s = side_of(h, side);
    struct str text = buffer_text(&s->line), line = str_sub(text, (ptrdiff_t)s->line_at, text.n);
    uint32_t odd = 0;
    if (is_odd_blank(line) && text.n < BLANK_BYTES_MAX) { /* kept: they may turn out to be body */
        s->message->odd |= HTTP_ODD(CHUNK);
        s->line_at = s->line.n;
        return;
    }
    if (!chunk_line(line, &s->left, &odd)) {
        no_chunk(h, side, ref);
        return;
    }
    s->message->odd |= odd;
    s->sniffing = false;
    s->line.n = 0;
    s->line_at = 0;
    s->state = s->left > 0 ? SIDE_CHUNK_DATA : SIDE_TRAILER;
}

static ptrdiff_t on_chunk_line(struct http_conn *h, enum stream_side side, struct str bytes,
                               const struct stream_ref *ref)
{
    struct http_side *s = side_of(h, side);
    ptrdiff_t lf = str_find(bytes, '\n', 0), n = lf < 0 ? bytes.n : lf + 1;
    ptrdiff_t room =
        (ptrdiff_t)h->limits->v[LIMIT_http_chunk_line_bytes_max] - (ptrdiff_t)s->line.n;
    n = n < room ? n : room;
    bool kept = n > 0 && buffer_add(&h->store, &s->line, str_sub(bytes, 0, n));
    n = n > 0 ? n : 0;
    s->at += (uint64_t)n;
    s->message->odd |= kept || room <= 0 ? 0 : HTTP_ODD(BODY_CUT);
    if (kept && bytes.p[n - 1] == '\n')
        chunk_line_done(h, side, ref);
    else if (!kept || n == room)
        no_chunk(h, side, ref);
    return n;
}

static ptrdiff_t on_chunk_data(struct http_conn *h, enum stream_side side, struct str bytes,
                               const struct stream_ref *ref)
{
    struct http_side *s = side_of(h, side);
    ptrdiff_t n = (uint64_t)bytes.n < s->left ? bytes.n : (ptrdiff_t)s->left;
    (void)h;
    (void)ref;
    body_add(&s->message->body, str_sub(bytes, 0, n));
    s->at += (uint64_t)n;
    s->left -= (uint64_t)n;
    if (s->left == 0)
        s->state = SIDE_CHUNK_END;
    return n;
}

/* The line end behind a chunk. */
static ptrdiff_t on_chunk_end(struct http_conn *h, enum stream_side side, struct str bytes,
                              const struct stream_ref *ref)
{
    struct http_side *s = side_of(h, side);
    (void)h;
    (void)ref;
    char c = bytes.p[0];
    bool after_cr = s->line_at == 1;
    if (c == '\r' && !after_cr) {
        s->line_at = 1;
        s->at++;
        return 1;
    }
    s->line_at = 0;
    s->state = SIDE_CHUNK_LINE;
    if (c != '\n') {
        s->message->odd |= HTTP_ODD(CHUNK);
        return 0;
    }
    s->message->odd |= after_cr ? 0 : HTTP_ODD(BARE_LF);
    s->at++;
    return 1;
}

/* Lines behind the last chunk; they are measured and left out. */
static ptrdiff_t on_trailer(struct http_conn *h, enum stream_side side, struct str bytes,
                            const struct stream_ref *ref)
{
    struct http_side *s = side_of(h, side);
    (void)ref;
    ptrdiff_t lf = str_find(bytes, '\n', 0), n = lf < 0 ? bytes.n : lf + 1;
    size_t before = s->line.n;
    if (before < PEEK_BYTES) /* only a blank line matters */
        buffer_add(&h->store, &s->line, str_sub(bytes, 0, n < PEEK_BYTES ? n : PEEK_BYTES));
    s->at += (uint64_t)n;
    s->line_at += (size_t)n;
    bool blank = lf >= 0 && is_end_of_head(buffer_text(&s->line));
    if (!blank && (s->line.n > 2 || lf >= 0))
        s->message->odd |= HTTP_ODD(TRAILERS);
    if (lf >= 0)
        s->line.n = 0;
    if (blank) {
        end(h, side);
    } else if (s->line_at > TRAILER_BYTES_MAX) {
        s->message->odd |= HTTP_ODD(HEAD_CUT);
        lose(h, s);
        end(h, side);
    }
    return n;
}

/* ---- after a loss, and behind the last message ---- */

static ptrdiff_t on_lost(struct http_conn *h, enum stream_side side, struct str bytes,
                         const struct stream_ref *ref)
{
    struct http_side *s = side_of(h, side);
    ptrdiff_t lf = str_find(bytes, '\n', 0), n = lf < 0 ? bytes.n : lf + 1;
    if (s->line.n >
        SEARCH_BYTES_MAX) { /* a first line is shorter: only the end may hold its beginning */
        memmove(s->line.p, s->line.p + s->line.n - SEARCH_BYTES_MAX / 2, SEARCH_BYTES_MAX / 2);
        s->line.n = SEARCH_BYTES_MAX / 2;
    }
    n = n < SEARCH_BYTES_MAX ? n : SEARCH_BYTES_MAX;
    buffer_add(&h->store, &s->line, str_sub(bytes, 0, n));
    s->at += (uint64_t)n;
    if (bytes.p[n - 1] != '\n')
        return n;
    struct str line = buffer_text(&s->line);
    ptrdiff_t found = side == STREAM_CLIENT ? find_request(line) : find_status(line);
    if (found < 0) {
        s->junk |= !is_odd_blank(line);
        s->line.n = 0;
        return n;
    }
    s->junk |= found > 0;
    struct http_buffer held = s->line;
    s->line = (struct http_buffer){0};
    s->at -= (uint64_t)(line.n - found);
    s->state = SIDE_IDLE;
    http_side_bytes(h, side, str_sub(line, found, line.n), ref);
    buffer_free(&h->store, &held);
    return n;
}

static ptrdiff_t on_tunnel(struct http_conn *h, enum stream_side side, struct str bytes,
                           const struct stream_ref *ref)
{
    struct http_side *s = side_of(h, side);
    s->at += (uint64_t)bytes.n;
    if (h->sink.tunnel != NULL)
        h->sink.tunnel(h->sink.user, h->connection, side, bytes, ref);
    return bytes.n;
}

typedef ptrdiff_t state_step(struct http_conn *h, enum stream_side side, struct str bytes,
                             const struct stream_ref *ref);
/* Each takes at least one byte or changes the state. */
static state_step *const steps[SIDE_STATES] = {
    [SIDE_IDLE] = on_idle,
    [SIDE_HEAD] = on_head,
    [SIDE_PEEK] = on_peek,
    [SIDE_LENGTH] = on_length,
    [SIDE_CLOSE] = on_close,
    [SIDE_CHUNK_LINE] = on_chunk_line,
    [SIDE_CHUNK_DATA] = on_chunk_data,
    [SIDE_CHUNK_END] = on_chunk_end,
    [SIDE_TRAILER] = on_trailer,
    [SIDE_LOST] = on_lost,
    [SIDE_TUNNEL] = on_tunnel,
};

void http_side_bytes(struct http_conn *h, enum stream_side side, struct str bytes,
                     const struct stream_ref *ref)
{
    struct http_side *s = side_of(h, side);
    if (s->state != SIDE_PEEK &&
        s->blank_at == 0) /* else it is not known yet whose bytes these are */
        cite(h, s, ref);
    while (bytes.n > 0) {
        ptrdiff_t n = steps[s->state](h, side, bytes, ref);
        bytes = str_sub(bytes, n, bytes.n);
    }
}

/* ---- gaps and ends ---- */

static void mark_gap(struct http_message *m, const struct stream_ref *ref, bool head)
{
    m->cut |= ref->cut;
    m->gap_head |= !ref->cut && head;
    m->gap_body |= !ref->cut && !head;
}

/* What is there of a head that will not be completed. */
static void head_so_far(struct http_conn *h, enum stream_side side, uint32_t odd)
{
    struct http_side *s = side_of(h, side);
    struct http_message *m = s->message;
    struct str text = buffer_text(&m->text);
    if (!s->first_known) {
        if (!first_line(h, side, text))
            return;
        m->head.status = m->head.status < 100 ? 0 : m->head.status;
        m->head.version = s->bare ? 0 : m->head.version;
        m->head.odd &= ~HTTP_ODD(VERSION_MISSING); /* cut off rather than not sent */
    }
    struct str lines = str_sub(text, 0, (ptrdiff_t)s->line_at),
               rest = lines; /* a cut line says nothing */
    struct http_frame frame;
    head_line(&rest, &m->head.odd);
    head_fields(&m->head, rest, (size_t)h->limits->v[LIMIT_http_headers_max]);
    head_frame(&frame, &m->head, lines, side == STREAM_CLIENT ? HTTP_REQUEST : HTTP_RESPONSE);
    head_refused(h, side, odd | frame.odd);
}

/* A gap within a body whose end is known ends within it or behind it. */
static void gap_in_counted(struct http_conn *h, enum stream_side side, uint64_t n)
{
    struct http_side *s = side_of(h, side);
    uint64_t inside = n < s->left ? n : s->left;
    bool chunk = s->state == SIDE_CHUNK_DATA;
    s->left -= inside;
    s->at += inside;
    if (s->left > 0)
        return;
    if (chunk && n == inside) {
        s->state = SIDE_CHUNK_END;
        return;
    }
    if (chunk || n > inside)
        lose(h, s);
    end(h, side);
    s->at += n - inside;
    if (n > inside && !chunk)
        pair_gap(h, side);
}

void http_side_gap(struct http_conn *h, enum stream_side side, uint64_t n,
                   const struct stream_ref *ref)
{
    struct http_side *s = side_of(h, side);
    bool counted = s->state == SIDE_LENGTH || s->state == SIDE_CHUNK_DATA;
    if (s->state == SIDE_PEEK)
        end(h, side);
    if (s->message != NULL) {
        mark_gap(s->message, ref, s->state == SIDE_HEAD);
        cite(h, s, ref);
        if (counted || s->state == SIDE_CLOSE)
            body_lost(&s->message->body);
    }
    if (counted) {
        gap_in_counted(h, side, n);
        return;
    }
    s->at += n;
    if (s->state == SIDE_TUNNEL || s->state == SIDE_CLOSE)
        return;
    if (s->state == SIDE_HEAD) {
        head_so_far(h, side, 0);
    } else if (s->message != NULL) {
        lose(h, s);
        end(h, side);
    } else {
        lose(h, s);
        pair_gap(h, side);
    }
    lose(h, s);
}

void http_side_settle(struct http_conn *h, enum stream_side side)
{
    struct http_side *s = side_of(h, side);
    if (s->state == SIDE_PEEK && s->line.n == 0) {
        end(h, side);
        return;
    }
    if (s->state != SIDE_HEAD || s->blank_at == 0 || s->blank_at != s->message->text.n)
        return;
    head_done(h, side, s->blank_at);
}

/* Within a chunk line when the end came: a last one may lack its line end. */
static bool is_last_chunk(struct http_side *s)
{
    uint32_t odd = 0;
    uint64_t size = 1;
    struct str line = str_sub(buffer_text(&s->line), (ptrdiff_t)s->line_at, (ptrdiff_t)s->line.n);
    return line.n > 0 && chunk_line(line, &size, &odd) && size == 0;
}

static void head_over(struct http_conn *h, enum stream_side side, bool fin)
{
    static const struct stream_ref nowhere = {.packet = 0};
    struct http_side *s = side_of(h, side);
    if (s->blank_at > 0) {
        if (s->blank_at == s->message->text.n)
            head_done(h, side, s->blank_at);
        else
            give_back(h, side, &nowhere, s->blank_at);
        if (s->message != NULL)
            http_side_over(h, side, fin);
        return;
    }
    s->message->gap_head |= !fin;
    head_so_far(h, side, HTTP_ODD(HEAD_BROKEN_OFF));
    if (s->message != NULL) /* an answer without head, which ends here */
        end(h, side);
}

void http_side_over(struct http_conn *h, enum stream_side side, bool fin)
{
    static const struct stream_ref nowhere = {.packet = 0};
    struct http_side *s = side_of(h, side);
    s->ended = true;
    if (s->message != NULL && s->state == SIDE_CHUNK_LINE && s->sniffing)
        no_chunk(h, side, &nowhere);
    if (s->message == NULL)
        return;
    if (s->state == SIDE_HEAD) {
        head_over(h, side, fin);
        return;
    }
    bool whole = s->state == SIDE_PEEK || s->state == SIDE_TRAILER ||
                 (s->state == SIDE_CLOSE && fin) ||
                 (s->state == SIDE_CHUNK_LINE && is_last_chunk(s));
    if (!whole && fin)
        s->message->odd |= HTTP_ODD(BODY_BROKEN_OFF);
    if (!whole && !fin)
        s->message->gap_body = true;
    end(h, side);
}

void http_side_free(struct http_conn *h, enum stream_side side)
{
    buffer_free(&h->store, &side_of(h, side)->line);
    message_free(&h->store, side_of(h, side)->message);
}
