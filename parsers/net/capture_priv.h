/* capture_priv.h: what the two file formats share: a window over the stream, and the accounting of
 * every byte.
 *
 * The window holds whole records of at most packet_bytes_max and then some; what is longer passes
 * through it unread.  A format describes one file format; capture.c owns the window and the one
 * call that fails. */
#ifndef VIGIE_PARSERS_NET_CAPTURE_PRIV_H
#define VIGIE_PARSERS_NET_CAPTURE_PRIV_H

#include "parsers/net/bytes.h"
#include "parsers/net/packet.h"

enum lengths { /* of a libpcap record */
    LENGTHS_CAPTURED_FIRST,
    LENGTHS_SMALLER_CAPTURED, /* written both ways by version 2.3 */
    LENGTHS_ORIGINAL_FIRST
};

struct pcap_state {
    uint32_t snaplen;
    uint16_t linktype;
    uint8_t record;    /* bytes of a record's header */
    bool nanoseconds;
    enum lengths lengths;
};

struct pcapng_interface {
    uint32_t snaplen;
    uint16_t linktype;
    uint8_t resolution; /* if_tsresol: 10^-n s, or 2^-n s with the top bit */
    bool usable;
    int64_t offset_s;   /* if_tsoffset */
    uint64_t dropped;   /* by its latest statistics */
};

struct pcapng_state {
    struct pcapng_interface *interfaces; /* of this section */
    size_t count, cap;
};

struct capture_format {
    const char *name;
    bool (*recognises)(struct str head);
    /* Reads the file's header.  OK, or FAILED after capture_fail. */
    enum status (*open)(struct capture *c);
    /* OK: a packet.  SKIP: something else was consumed, call again.  END, FAILED. */
    enum status (*next)(struct capture *c, struct packet *p);
};
extern const struct capture_format capture_pcap, capture_pcapng;

struct capture {
    capture_read *read;
    void *user;
    struct source *source; /* NULL: the bytes come from elsewhere */
    const struct capture_format *format;
    uint64_t packet_max, interfaces_max, secrets_max; /* from the limits */
    uint8_t *buf;
    size_t cap, at, end;
    uint64_t offset;       /* of buf[at] in the stream */
    enum status stream;    /* OK while there may be more to read */
    enum status over;      /* OK until END or FAILED was returned */
    enum capture_trouble trouble;
    bool opened, big;      /* big: the numbers of the file are big-endian */
    struct pcap_state pcap;
    struct pcapng_state ng;
    struct capture_counts counts;
    char *secrets;
    size_t secrets_len, secrets_cap;
    char why[256];
};

/* True when n bytes (at most c->cap) stand at capture_at(c); reads on for them. */
bool capture_need(struct capture *c, size_t n);
/* Passes over n bytes, also more than the window holds; false when the stream ends before. */
bool capture_pass(struct capture *c, uint64_t n, uint64_t *account);
/* The stream is over, at the boundary of a record: END, or FAILED when the source broke off. */
enum status capture_end(struct capture *c);
/* Nothing sensible can follow: counts what is left as rejected and says why.  Returns FAILED. */
enum status capture_damaged(struct capture *c, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* The same when the stream ended within something; what: "packet", "block", "file header". */
enum status capture_cut_off(struct capture *c, const char *what, uint64_t start, uint64_t wanted);
/* Numbers the packet, sets what its record says of all formats, and counts it; span: the record's
 * bytes. */
void capture_packet(struct capture *c, struct packet *p, uint64_t span);

static inline const uint8_t *capture_at(const struct capture *c)
{
    return c->buf + c->at;
}

static inline size_t capture_held(const struct capture *c)
{
    return c->end - c->at;
}

static inline uint16_t capture_u16(const struct capture *c, const uint8_t *p)
{
    return c->big ? be16(p) : le16(p);
}

static inline uint32_t capture_u32(const struct capture *c, const uint8_t *p)
{
    return c->big ? be32(p) : le32(p);
}

static inline uint64_t capture_u64(const struct capture *c, const uint8_t *p)
{
    return c->big ? be64(p) : le64(p);
}

#endif
