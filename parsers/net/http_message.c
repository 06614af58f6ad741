/* http_message.c: one message while it is read, with the packets that it came in. */
#include "parsers/net/http_priv.h"

struct http_message *message_new(const struct http_store *store, uint64_t position)
{
    struct http_message *m = mem_alloc(sizeof *m);
    *store->held += sizeof *m;
    m->begin = position;
    m->first_us = m->last_us = INT64_MIN;
    body_open(&m->body, store);
    return m;
}

bool message_text(struct http_message *m, struct str bytes)
{
    struct str *const slices[] = {&m->head.method, &m->head.target, &m->head.version_text,
                                  &m->head.reason};
    ptrdiff_t at[sizeof slices / sizeof *slices];
    for (size_t i = 0; i < sizeof slices / sizeof *slices; i++)
        at[i] = slices[i]->p != NULL ? slices[i]->p - m->text.p : 0;
    bool kept = buffer_add(m->body.store, &m->text, bytes);
    for (size_t i = 0; i < sizeof slices / sizeof *slices; i++)
        if (slices[i]->p != NULL)
            slices[i]->p = m->text.p + at[i];
    return kept;
}

static void cite_packet(struct http_message *m, uint64_t packet, uint32_t max)
{
    if (m->packets_count > 0 && m->packets[m->packets_count - 1] == packet)
        return;
    if (m->packets_count >= max) {
        m->packets_more++;
        m->packets[m->packets_count - 1] = packet; /* the last one is always named */
        return;
    }
    if (m->packets_count == m->packets_cap) {
        m->packets_cap = m->packets_cap == 0 ? 4 : m->packets_cap * 2;
        m->packets = mem_grow(m->packets, m->packets_cap * sizeof *m->packets);
    }
    m->packets[m->packets_count++] = packet;
}

void message_cite(struct http_message *m, const struct stream_ref *ref, uint32_t max)
{
    if (m->first_us == INT64_MIN)
        m->first_us = ref->time_us;
    m->last_us = ref->time_us;
    if (ref->packet == 0 || max == 0)
        return;
    if (m->packets_count == 0 || m->packets[m->packets_count - 1] != ref->packet)
        for (uint32_t i = 0; i < ref->pieces_count; i++)
            cite_packet(m, ref->pieces[i].packet, max);
    cite_packet(m, ref->packet, max);
    if (m->first_cite.packet == 0 || ref->packet < m->first_cite.packet)
        m->first_cite = (struct cite){ref->packet, ref->offset, ref->length};
}

void message_free(const struct http_store *store, struct http_message *m)
{
    if (m == NULL)
        return;
    buffer_free(store, &m->text);
    body_free(&m->body);
    mem_free(m->head.headers);
    mem_free(m->packets);
    *store->held -= sizeof *m;
    mem_free(m);
}
