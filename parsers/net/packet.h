/* packet.h: packets of a capture file, each with the place of its bytes.
 *
 * Formats: libpcap (draft-ietf-opsawg-pcap: micro- and nanosecond, both byte orders, modified
 * variants) and pcapng (draft-ietf-opsawg-pcapng: sections, interfaces with their own link type,
 * snap length and clock, simple and enhanced packets, statistics, name resolution, comments,
 * decryption secrets).  libpcap refuses files whose interfaces differ and hides offsets, drop
 * counts and secrets; hence our own reader. */
#ifndef VIGIE_PARSERS_NET_PACKET_H
#define VIGIE_PARSERS_NET_PACKET_H

#include "analyzer/base/ip.h"
#include "analyzer/base/limits.h"
#include "analyzer/base/status.h"
#include "analyzer/io/source.h"

struct packet {
    uint64_t number;    /* within the file, from 1 */
    uint64_t offset;    /* of the packet's record or block in the decompressed stream */
    uint64_t data_offset; /* of its first captured byte */
    int64_t time_us;    /* 0 when the block carries none */
    uint32_t time_ns;   /* 0-999: what the microsecond leaves out */
    uint32_t captured, original;
    uint32_t interface; /* within its section */
    uint16_t linktype;  /* LINKTYPE_ registry */
    bool has_time;
    const uint8_t *data; /* captured bytes; valid until the next call */
    uint32_t section;   /* from 1; a libpcap file is one section */
};

/* Bytes from the start of its record to its last captured byte: what is cited of it. */
static inline uint32_t packet_span(const struct packet *p)
{
    return (uint32_t)(p->data_offset - p->offset) + p->captured;
}

struct capture; /* opaque */
/* At any time bytes = packet_bytes + other_bytes + rejected_bytes; after END or FAILED it is the
 * whole stream. */
struct capture_counts {
    uint64_t packets, bytes;        /* read; bytes of the whole stream accounted so far */
    uint64_t blocks_skipped;        /* of known types that hold nothing we use, or of unknown types */
    uint64_t rejected, rejected_bytes; /* unusable records: bad lengths and the like */
    uint64_t dropped;               /* as interface statistics say (kernel and interface) */
    uint64_t cut;                   /* packets shorter than they were on the wire */
    uint64_t packet_bytes;          /* of packets' records, their headers included */
    uint64_t other_bytes;           /* file and section headers, interfaces, blocks without packets */
    uint64_t undated;               /* packets without a usable time */
    uint64_t sections, interfaces;
    uint64_t secrets_left_out;      /* bytes of secrets beyond capture_secrets_bytes_max */
};

/* True when these first bytes are a capture file's. */
bool capture_recognises(struct str head);
/* Reads through s; head: first bytes already taken from it. */
struct capture *capture_open(struct source *s, struct str head, const struct limits *l);
/* The same from anything that hands over bytes as source_read does. */
typedef enum status capture_read(void *user, char *buf, size_t n, size_t *got);
struct capture *capture_open_read(capture_read *read, void *user, struct str head, const struct limits *l);
/* OK: *p is set.  END.  FAILED: broken off or damaged beyond repair; *why says how and where (until
 * capture_close).  What follows the damage is read to the stream's end, so that it can be hashed
 * whole. */
enum status capture_next(struct capture *c, struct packet *p, struct str *why);
const struct capture_counts *capture_counts(const struct capture *c);
/* Decryption secrets blocks seen so far (TLS key log text), concatenated; missing when none. */
struct str capture_secrets(const struct capture *c);
/* After FAILED: whether the stream ended inside a record, or does not make sense from here on. */
enum capture_trouble { CAPTURE_FINE, CAPTURE_CUT_OFF, CAPTURE_DAMAGED };
enum capture_trouble capture_trouble(const struct capture *c);
const char *capture_format_name(const struct capture *c); /* "pcap" or "pcapng" */
void capture_close(struct capture *c);

/* ---- decoding: link layer, tunnels, IP, fragments, TCP ---- */

enum { SEGMENT_FIN = 1, SEGMENT_SYN = 2, SEGMENT_RST = 4, SEGMENT_PSH = 8, SEGMENT_ACK = 16, SEGMENT_URG = 32 };

struct piece { /* a packet that a fragment came in */
    uint64_t packet, offset;
};

struct segment {
    struct ip src, dst;
    uint16_t src_port, dst_port;
    uint32_t seq, ack;
    uint16_t window, urgent;
    uint8_t flags;         /* SEGMENT_ */
    uint8_t hops;          /* TTL or hop limit */
    const uint8_t *payload;
    uint32_t length;       /* bytes at payload */
    uint32_t missing;      /* payload bytes that the snap length cut off behind them */
    const uint8_t *options;
    uint8_t options_length;
    bool fragmented;       /* put together from IP fragments */
    bool tunnelled;        /* inside another IP packet, or a tunnel over UDP */
    bool overlapped;       /* fragments said different things of the same bytes; the first was kept */
    const struct piece *pieces; /* the earlier packets that it was put together from; until the next call */
    uint32_t pieces_count;
};

enum decoded {
    DECODED_TCP,
    DECODED_OTHER,     /* UDP, ARP, ...: counted */
    DECODED_FRAGMENT,  /* waits for the rest */
    DECODED_BROKEN,    /* lengths lie, or cut off before the TCP header */
    DECODED_TOO_DEEP,  /* more layers than decode_layers_max */
    DECODED_LINK       /* link type not known */
};
enum { DECODED_KINDS = DECODED_LINK + 1 };

/* IP fragments are put together under the policy "first": of bytes sent twice those that came first
 * count, whatever the system behind would have kept; a fragment that contradicts the known end of
 * its datagram is left out.  Bounds: fragments_open_max, fragments_bytes_max, fragments_pieces_max,
 * fragments_wait_us_max. */
struct decoder_counts {
    uint64_t decoded[DECODED_KINDS];
    uint64_t fragments, reassembled;     /* fragments taken; datagrams made whole */
    uint64_t fragments_refused;          /* lengths that lie, or against the known end */
    uint64_t overlaps, overlaps_different; /* fragments that repeat bytes; with other content */
    uint64_t datagrams_expired, datagrams_evicted; /* given up incomplete: time, a bound */
    uint64_t datagrams_waiting;          /* incomplete now */
};
struct decoder;
struct decoder *decoder_new(const struct limits *l);
/* Slices of *out point into p->data or into the decoder (fragments), until the next call. */
enum decoded decoder_run(struct decoder *d, const struct packet *p, struct segment *out);
const struct decoder_counts *decoder_counts(const struct decoder *d);
void decoder_free(struct decoder *d);

#endif
