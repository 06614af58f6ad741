/* event_json.c: one event as one JSON object, the golden format of the parsers.
 *
 * A key is there when the format carries the field, null when the record logged it as missing, ""
 * when it is empty.  Keys come in byte order, hence the three parts of the alphabet below. */
#include "analyzer/base/civil.h"
#include "analyzer/base/json.h"
#include "analyzer/model/event.h"

enum { EXTRA_KEY_MAX = 160 };

static bool carries(const struct event *e, uint32_t fields)
{
    return (e->has & fields) != 0;
}

static bool missing(const struct event *e, uint32_t fields)
{
    return (e->absent & fields) != 0;
}

static void write_text(struct jw *w, const char *key, const struct event *e, uint32_t field,
                       struct str s)
{
    if (carries(e, field))
        jw_str(w, key, missing(e, field) ? STR_NONE : s);
}

static void write_int(struct jw *w, const char *key, const struct event *e, uint32_t field,
                      int64_t v)
{
    if (!carries(e, field))
        return;
    if (missing(e, field))
        jw_null(w, key);
    else
        jw_int(w, key, v);
}

/* An address, or the name that was logged in its place. */
static void write_address(struct jw *w, const char *key, const struct ip *a, struct str text)
{
    if (ip_is_zero(a) && text.p != NULL)
        jw_str(w, key, text);
    else
        jw_ip(w, key, a);
}

struct extra_key {
    char text[EXTRA_KEY_MAX];
    const struct extra *extra;
};

/* Names may come out of a hostile JSON line: what is not plain ASCII is percent-encoded. */
static void extra_key_make(struct extra_key *k, const struct extra *x)
{
    static const char *const prefix[] = {
        [EXTRA_COOKIE] = "cookie:",
        [EXTRA_REQUEST_HEADER] = "header:",
        [EXTRA_RESPONSE_HEADER] = "response:",
        [EXTRA_OTHER] = "",
    };
    static const char digits[] = "0123456789ABCDEF";
    size_t n = strlen(prefix[x->kind]);
    memcpy(k->text, prefix[x->kind], n);
    k->extra = x;
    for (ptrdiff_t i = 0; i < x->name.n && n + 4 < EXTRA_KEY_MAX; i++) {
        unsigned char c = (unsigned char)x->name.p[i];
        bool plain = c > ' ' && c < 0x7f && c != '"' && c != '\\' && c != '%';
        if (plain) {
            k->text[n++] = (char)c;
            continue;
        }
        k->text[n++] = '%';
        k->text[n++] = digits[c >> 4];
        k->text[n++] = digits[c & 15];
    }
    k->text[n] = '\0';
}

/* Sorted, and the first of two with equal names: JSON has no other place for the second. */
static void write_extras(struct jw *w, const struct event *e)
{
    struct extra_key keys[EVENT_EXTRAS_MAX];
    int order[EVENT_EXTRAS_MAX], n = 0;
    for (int i = 0; i < e->extras_count; i++) {
        int at = n;
        extra_key_make(&keys[i], &e->extras[i]);
        while (at > 0 && strcmp(keys[order[at - 1]].text, keys[i].text) > 0)
            at--;
        if (at > 0 && strcmp(keys[order[at - 1]].text, keys[i].text) == 0)
            continue;
        memmove(order + at + 1, order + at, sizeof *order * (size_t)(n - at));
        order[at] = i;
        n++;
    }
    jw_object(w, "extras");
    for (int i = 0; i < n; i++)
        jw_str(w, keys[order[i]].text, keys[order[i]].extra->value);
    jw_object_end(w);
}

static void write_oddities(struct jw *w, uint32_t odd)
{
    jw_array(w, "oddities");
    for (int i = 0; i < ODDITY_COUNT; i++)
        if ((odd >> i & 1) != 0)
            jw_text(w, NULL, oddity_table[i].name);
    jw_array_end(w);
}

static void write_http_version(struct jw *w, const struct event *e)
{
    char major = (char)('0' + e->http_version / 10 % 10), minor = (char)('0' + e->http_version % 10);
    char text[4] = {major, '.', minor, '\0'};
    if (e->http_version == 0)
        jw_null(w, "http_version");
    else
        jw_text(w, "http_version", text);
}

/* Then the log has no Cookie header of its own: single cookies stand among the extras. */
static bool has_single_cookie(const struct event *e)
{
    for (int i = 0; i < e->extras_count; i++)
        if (e->extras[i].kind == EXTRA_COOKIE)
            return true;
    return false;
}

/* ---- what only captures have; the same three parts and more ---- */

static void write_alpn(struct jw *w, const struct event_hello *h)
{
    jw_array(w, "alpn");
    for (size_t i = 0; i < h->alpn_count; i++)
        jw_str(w, NULL, h->alpn[i]);
    jw_array_end(w);
}

/* The names as they were sent: order, case and spelling are the program's own. */
static void write_header_names(struct jw *w, const struct event_net *n)
{
    jw_array(w, "header_names");
    for (size_t i = 0; i < n->request_headers_count; i++)
        jw_str(w, NULL, n->request_headers[i].name);
    jw_array_end(w);
}

static void write_anomalies(struct jw *w, const struct event_net *n)
{
    if (n->anomalies_count == 0)
        return;
    jw_array(w, "http_anomalies");
    for (size_t i = 0; i < n->anomalies_count; i++)
        jw_text(w, NULL, n->anomalies[i]);
    jw_array_end(w);
}

static void write_ja(struct jw *w, const struct event_hello *h)
{
    jw_str(w, "ja3", h->ja3);
    jw_str(w, "ja3_raw", h->ja3_raw);
    jw_str(w, "ja4", h->ja4);
    jw_str(w, "ja4_raw", h->ja4_raw);
}

static void write_packets(struct jw *w, const struct event_net *n)
{
    jw_array(w, "packets");
    for (uint32_t i = 0; i < n->packets_count; i++)
        jw_int(w, NULL, (int64_t)n->packets[i]);
    jw_array_end(w);
    if (n->packets_more > 0)
        jw_int(w, "packets_more", n->packets_more);
}

/* Decoded lengths; a hash only where there was a body. */
static void write_bodies(struct jw *w, const struct event *e)
{
    const struct event_net *n = e->net;
    jw_int(w, "request_body_len", (int64_t)n->request_body_len);
    if (n->has_request_body)
        jw_hex(w, "request_body_sha256", n->request_body_sha256.b, sizeof n->request_body_sha256.b);
    write_int(w, "response_body_len", e, HAS(BYTES), (int64_t)n->response_body_len);
    if (n->has_response_body)
        jw_hex(w, "response_body_sha256", n->response_body_sha256.b, sizeof n->response_body_sha256.b);
}

/* ---- the whole ---- */

static void write_b_to_h(struct jw *w, const struct event *e)
{
    static const char *const rules[] = {[CLIENT_PEER] = "peer", [CLIENT_FORWARDED] = "forwarded",
                                        [CLIENT_NONE] = "none", [CLIENT_PROXY] = "proxy_protocol"};
    const struct event_net *net = e->net;
    if (net != NULL && net->hello != NULL)
        write_alpn(w, net->hello);
    write_int(w, "bytes", e, HAS(BYTES), e->bytes);
    if (carries(e, HAS(PEER) | HAS(FORWARDED))) {
        bool by_name = e->client_rule != CLIENT_FORWARDED;
        write_address(w, "client_ip", &e->client, by_name ? e->peer_text : STR_NONE);
    }
    if (carries(e, HAS(PORT)) && e->client_port == 0)
        jw_null(w, "client_port");
    else
        write_int(w, "client_port", e, HAS(PORT), e->client_port);
    if (carries(e, HAS(PEER) | HAS(FORWARDED)))
        jw_text(w, "client_rule", rules[e->client_rule]);
    if (net != NULL) {
        jw_text(w, "completeness", net->completeness);
        jw_int(w, "connection", (int64_t)net->connection);
    }
    if (e->cookies.p != NULL || !has_single_cookie(e))
        write_text(w, "cookies", e, HAS(COOKIES), e->cookies);
    write_int(w, "duration_us", e, HAS(DURATION), e->duration_us);
    if (e->extras_count > 0)
        write_extras(w, e);
    write_text(w, "forwarded_for", e, HAS(FORWARDED), e->forwarded);
    if (net != NULL && net->hello == NULL)
        write_header_names(w, net);
    write_text(w, "host", e, HAS(HOST), e->host);
    if (net != NULL)
        write_anomalies(w, net);
    if (carries(e, HAS(REQUEST) | HAS(VERSION)))
        write_http_version(w, e);
}

/* In JSON raw bytes can only be told apart from their replacement by giving them again. */
static bool needs_raw(struct str raw)
{
    for (ptrdiff_t i = 0; i < raw.n; i++)
        if ((unsigned char)raw.p[i] < 0x20 || raw.p[i] == 0x7f)
            return true;
    return !str_utf8_valid(raw);
}

static void write_l_to_r(struct jw *w, const struct event *e, struct str raw)
{
    uint32_t not_http = ODD(REQUEST_EMPTY) | ODD(REQUEST_NOT_HTTP) | ODD(REQUEST_SPACES);
    const struct event_net *net = e->net;
    if (net != NULL && net->hello != NULL)
        write_ja(w, net->hello);
    jw_int(w, "length", e->length);
    if (carries(e, HAS(REQUEST) | HAS(METHOD)))
        jw_str(w, "method", e->method == METHOD_NONE ? STR_NONE : e->method_text);
    if (e->odd != 0)
        write_oddities(w, e->odd);
    jw_int(w, "offset", (int64_t)e->offset);
    if (net != NULL)
        write_packets(w, net);
    if (carries(e, HAS(PEER)))
        write_address(w, "peer_ip", &e->peer, e->peer_text);
    if (net != NULL && !ip_is_zero(&net->proxied)) {
        jw_ip(w, "proxied_ip", &net->proxied);
        jw_int(w, "proxied_port", net->proxied_port);
    }
    if (net == NULL && needs_raw(raw))
        jw_base64(w, "raw_b64", raw);
    jw_int(w, "record", (int64_t)e->record);
    write_text(w, "referer", e, HAS(REFERER), e->referer);
    if ((e->odd & not_http) != 0)
        write_text(w, "request", e, HAS(REQUEST), e->request);
    write_text(w, "request_body", e, HAS(BODY), e->body);
    if (net != NULL && net->hello == NULL)
        write_bodies(w, e);
}

static void write_s_to_u(struct jw *w, const struct event *e, struct str source_name)
{
    char iso[ISO_TEXT_MAX];
    uint32_t request = HAS(REQUEST) | HAS(TARGET);
    if (e->net != NULL && e->net->hello != NULL)
        jw_str(w, "sni", e->net->hello->sni);
    jw_str(w, "source", source_name);
    if (carries(e, HAS(STATUS)) && e->status == 0)
        jw_null(w, "status");
    else
        write_int(w, "status", e, HAS(STATUS), e->status);
    write_text(w, "target", e, request, e->target.p != NULL ? e->target : e->request);
    if (carries(e, HAS(TIME))) {
        iso_format(e->time_us, iso);
        jw_text(w, "time_iso", iso);
        jw_text(w, "time_meaning", time_meaning_name((enum time_meaning)e->meaning));
        jw_int(w, "time_resolution_us", e->resolution_us);
        jw_str(w, "time_text", e->time_text);
        jw_int(w, "time_us", e->time_us);
    }
    if (e->net != NULL)
        jw_int(w, "transaction", e->net->transaction);
    write_text(w, "user", e, HAS(USER), e->user);
    write_text(w, "user_agent", e, HAS(AGENT), e->agent);
}

void event_write_json(struct jw *w, const struct event *e, struct str source_name, struct str raw)
{
    jw_object(w, NULL);
    write_b_to_h(w, e);
    write_l_to_r(w, e, raw);
    write_s_to_u(w, e, source_name);
    jw_object_end(w);
}
