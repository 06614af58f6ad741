/* session.c: the public name of a session. */
#include "analyzer/model/session.h"

static void add_text(struct sha256_stream *s, struct str text)
{
    uint8_t length[8];
    for (int i = 0; i < 8; i++)
        length[i] = (uint8_t)((uint64_t)text.n >> (8 * i));
    sha256_add(s, length, sizeof length); /* so that two texts never run into each other */
    sha256_add(s, text.p, (size_t)text.n);
}

/* A session without a kept act is told apart by the time of its first request instead. */
void session_public_id(const struct session *s, char out[SESSION_ID_MAX])
{
    uint8_t where[10], kind = (uint8_t)s->key_kind;
    unsigned source = s->acts_count > 0 ? s->acts[0].source : 0;
    char hex[65];
    uint64_t at = s->acts_count > 0 ? s->acts[0].offset : (uint64_t)s->first_us;
    for (int i = 0; i < 8; i++)
        where[i] = (uint8_t)(at >> (8 * i));
    where[8] = (uint8_t)source;
    where[9] = (uint8_t)(source >> 8);
    struct sha256_stream *stream = sha256_open();
    sha256_add(stream, &kind, 1);
    add_text(stream, s->key_value);
    if (s->key_kind == KEY_ADDRESS_AGENT) {
        sha256_add(stream, s->client.b, sizeof s->client.b);
        add_text(stream, s->agent);
    }
    sha256_add(stream, where, sizeof where);
    struct sha256 h = sha256_close(stream);
    sha256_hex(&h, hex);
    memcpy(out, "S-", 2);
    memcpy(out + 2, hex, SESSION_ID_MAX - 3);
    out[SESSION_ID_MAX - 1] = '\0';
}
