/* capture_pcapng.c: the pcapng file format, one function for each type of block that is used.
 *
 * Source: draft-ietf-opsawg-pcapng.  A block is taken only when its length stands at both of its
 * ends; what contradicts itself inside such a block costs that block alone.  Interfaces count from
 * 0 in each section, and also an unusable description takes up its number: later packets must not
 * move to a neighbour's. */
#include "parsers/net/capture_priv.h"

enum {
    BLOCK_SECTION = 0x0a0d0d0a,
    BYTE_ORDER = 0x1a2b3c4d,
    BLOCK_HEAD = 8,  /* type, length */
    BLOCK_FRAME = 12, /* and the length again at the end */
    OPTION_END = 0,
    IDB_RESOLUTION = 9,
    IDB_OFFSET = 14,
    ISB_IFDROP = 5,
    ISB_OSDROP = 7,
    SECRETS_TLS = 0x544c534b,
    RESOLUTION_US = 6
};

struct block {
    uint32_t type, span;  /* span: with its frame, on a boundary of four bytes */
    uint64_t start;
    const uint8_t *body;
    uint32_t len;         /* of the body */
};

/* ---- options ---- */

struct option {
    uint16_t code;
    const uint8_t *value;
    uint16_t len;
};

/* The next option at *at; false at the end, or where lengths lie. */
static bool option_next(const struct capture *c, const struct block *b, uint32_t *at,
                        struct option *o)
{
    if (*at > b->len || b->len - *at < 4)
        return false;
    o->code = capture_u16(c, b->body + *at);
    o->len = capture_u16(c, b->body + *at + 2);
    *at += 4;
    if (o->code == OPTION_END || o->len > b->len - *at)
        return false;
    o->value = b->body + *at;
    *at += (o->len + 3U) & ~3U;
    return true;
}

/* ---- time ---- */

static uint64_t power_of_ten(unsigned n)
{
    uint64_t v = 1;
    while (n-- > 0)
        v *= 10;
    return v;
}

/* Seconds and nanoseconds of ts units of 10^-n s; from 10^-20 on no 64 bits make a second. */
static uint32_t split_decimal(uint64_t ts, unsigned n, uint64_t *seconds)
{
    uint64_t unit = n <= 19 ? power_of_ten(n) : 0;
    *seconds = unit > 0 ? ts / unit : 0;
    uint64_t rest = unit > 0 ? ts % unit : ts;
    if (n <= 9)
        return (uint32_t)(rest * power_of_ten(9 - n));
    return n - 9 <= 19 ? (uint32_t)(rest / power_of_ten(n - 9)) : 0;
}

/* The same of 2^-n s: the fraction, as 64 binary places, times 10^9 in two halves. */
static uint32_t split_binary(uint64_t ts, unsigned n, uint64_t *seconds)
{
    *seconds = n < 64 ? ts >> n : 0;
    if (n == 0)
        return 0;
    uint64_t places = n <= 64 ? ts << (64 - n) : n < 128 ? ts >> (n - 64) : 0;
    uint64_t low = (places & UINT32_MAX) * 1000000000, high = (places >> 32) * 1000000000;
    return (uint32_t)((high + (low >> 32)) >> 32);
}

static void set_time(struct packet *p, const struct pcapng_interface *i, uint64_t ts)
{
    uint64_t seconds;
    int64_t whole, us;
    uint32_t ns = (i->resolution & 0x80) != 0 ? split_binary(ts, i->resolution & 0x7f, &seconds)
                                              : split_decimal(ts, i->resolution, &seconds);
    p->has_time = seconds <= INT64_MAX &&
                  !__builtin_add_overflow((int64_t)seconds, i->offset_s, &whole) &&
                  !__builtin_mul_overflow(whole, INT64_C(1000000), &us) &&
                  !__builtin_add_overflow(us, (int64_t)(ns / 1000), &us);
    p->time_us = p->has_time ? us : 0;
    p->time_ns = p->has_time ? ns % 1000 : 0;
}

/* ---- blocks ---- */

/* Consumes a block that says something impossible; the next one may be fine. */
static enum status reject(struct capture *c, const struct block *b)
{
    c->counts.rejected++;
    capture_pass(c, b->span, &c->counts.rejected_bytes);
    return STATUS_SKIP;
}

static enum status done(struct capture *c, const struct block *b)
{
    capture_pass(c, b->span, &c->counts.other_bytes);
    return STATUS_SKIP;
}

static enum status skip_block(struct capture *c, const struct block *b, struct packet *p)
{
    (void)p;
    c->counts.blocks_skipped++;
    return done(c, b);
}

static enum status section_block(struct capture *c, const struct block *b, struct packet *p)
{
    (void)p;
    uint16_t major = capture_u16(c, b->body + 4);
    if (major != 1)
        return capture_damaged(c, "a section of version %u", major);
    c->counts.sections++;
    c->ng.count = 0;
    return done(c, b);
}

static void interface_options(const struct capture *c, const struct block *b,
                              struct pcapng_interface *i)
{
    struct option o;
    uint32_t at = 8;
    while (option_next(c, b, &at, &o)) {
        if (o.code == IDB_RESOLUTION && o.len == 1)
            i->resolution = o.value[0];
        if (o.code == IDB_OFFSET && o.len == 8)
            i->offset_s = (int64_t)capture_u64(c, o.value);
    }
}

/* NULL when the section has as many as we keep. */
static struct pcapng_interface *add_interface(struct capture *c)
{
    struct pcapng_state *ng = &c->ng;
    if (ng->count >= c->interfaces_max)
        return NULL;
    if (ng->count == ng->cap) {
        ng->cap = ng->cap > 0 ? 2 * ng->cap : 8;
        ng->interfaces = mem_grow(ng->interfaces, ng->cap * sizeof *ng->interfaces);
    }
    c->counts.interfaces++;
    ng->interfaces[ng->count] = (struct pcapng_interface){.resolution = RESOLUTION_US};
    return &ng->interfaces[ng->count++];
}

static enum status interface_block(struct capture *c, const struct block *b, struct packet *p)
{
    (void)p;
    struct pcapng_interface *i = add_interface(c);
    if (i == NULL)
        return reject(c, b);
    i->linktype = capture_u16(c, b->body);
    i->snaplen = capture_u32(c, b->body + 4);
    i->usable = true;
    interface_options(c, b, i);
    return done(c, b);
}

/* Hands over `captured` bytes at body + head of a packet block, when all that it says can be so. */
static enum status give_packet(struct capture *c, const struct block *b, uint32_t head,
                               struct packet *p)
{
    if (p->interface >= c->ng.count || !c->ng.interfaces[p->interface].usable ||
        p->captured > b->len - head || p->captured > c->packet_max)
        return reject(c, b);
    p->linktype = c->ng.interfaces[p->interface].linktype;
    p->data = b->body + head;
    capture_packet(c, p, b->span);
    return STATUS_OK;
}

/* Enhanced and (obsolete) packet blocks differ in how wide the interface's number is. */
static enum status timed_packet(struct capture *c, const struct block *b, struct packet *p,
                                uint32_t interface)
{
    *p = (struct packet){.interface = interface,
                         .captured = capture_u32(c, b->body + 12),
                         .original = capture_u32(c, b->body + 16)};
    if (interface < c->ng.count)
        set_time(p, &c->ng.interfaces[interface],
                 (uint64_t)capture_u32(c, b->body + 4) << 32 | capture_u32(c, b->body + 8));
    return give_packet(c, b, 20, p);
}

static enum status enhanced_block(struct capture *c, const struct block *b, struct packet *p)
{
    return timed_packet(c, b, p, capture_u32(c, b->body));
}

static enum status obsolete_block(struct capture *c, const struct block *b, struct packet *p)
{
    return timed_packet(c, b, p, capture_u16(c, b->body));
}

/* No length of its own: the shortest of block, original and the interface's snap length. */
static enum status simple_block(struct capture *c, const struct block *b, struct packet *p)
{
    uint32_t original = capture_u32(c, b->body), captured = original;
    uint32_t snaplen = c->ng.count > 0 ? c->ng.interfaces[0].snaplen : 0;
    if (snaplen != 0 && captured > snaplen)
        captured = snaplen;
    *p = (struct packet){.captured = captured, .original = original};
    return give_packet(c, b, 4, p);
}

/* Counters run from the interface's start: the latest statistics replace the ones before. */
static enum status statistics_block(struct capture *c, const struct block *b, struct packet *p)
{
    (void)p;
    struct option o;
    uint32_t at = 12, number = capture_u32(c, b->body);
    uint64_t dropped = 0;
    if (number >= c->ng.count)
        return reject(c, b);
    while (option_next(c, b, &at, &o))
        if ((o.code == ISB_IFDROP || o.code == ISB_OSDROP) && o.len == 8)
            dropped += capture_u64(c, o.value);
    c->counts.dropped += dropped - c->ng.interfaces[number].dropped;
    c->ng.interfaces[number].dropped = dropped;
    return done(c, b);
}

/* Keeps what the bound leaves room for. */
static void add_secrets(struct capture *c, const uint8_t *p, size_t n)
{
    size_t room = c->secrets_max > c->secrets_len ? (size_t)(c->secrets_max - c->secrets_len) : 0;
    size_t taken = n < room ? n : room;
    c->counts.secrets_left_out += n - taken;
    while (c->secrets_cap - c->secrets_len < taken) {
        c->secrets_cap = c->secrets_cap > 0 ? 2 * c->secrets_cap : 4096;
        c->secrets = mem_grow(c->secrets, c->secrets_cap);
    }
    if (taken > 0)
        memcpy(c->secrets + c->secrets_len, p, taken);
    c->secrets_len += taken;
}

static enum status secrets_block(struct capture *c, const struct block *b, struct packet *p)
{
    uint32_t len = capture_u32(c, b->body + 4);
    if (capture_u32(c, b->body) != SECRETS_TLS)
        return skip_block(c, b, p);
    if (len > b->len - 8)
        return reject(c, b);
    add_secrets(c, b->body + 8, len);
    if (len > 0 && b->body[8 + len - 1] != '\n')
        add_secrets(c, (const uint8_t *)"\n", 1);
    return done(c, b);
}

static const struct block_type {
    uint32_t type, least; /* least: fixed bytes of the body */
    enum status (*read)(struct capture *c, const struct block *b, struct packet *p);
} block_types[] = {
    {6, 20, enhanced_block},
    {3, 4, simple_block},
    {2, 20, obsolete_block},
    {1, 8, interface_block},
    {5, 12, statistics_block},
    {10, 8, secrets_block},
    {BLOCK_SECTION, 16, section_block},
};

static const struct block_type *type_of(uint32_t type)
{
    for (size_t i = 0; i < sizeof block_types / sizeof *block_types; i++)
        if (block_types[i].type == type)
            return &block_types[i];
    return NULL;
}

/* ---- frames ---- */

/* Byte order, type and length of the block that begins here; its twelve bytes are there. */
static enum status read_frame(struct capture *c, struct block *b)
{
    const uint8_t *p = capture_at(c);
    if (be32(p) == BLOCK_SECTION) {
        c->big = be32(p + 8) == BYTE_ORDER;
        if (!c->big && le32(p + 8) != BYTE_ORDER)
            return capture_damaged(c, "a section without a byte order");
    }
    uint32_t length = capture_u32(c, p + 4);
    *b = (struct block){.type = capture_u32(c, p), .start = c->offset};
    if (length < BLOCK_FRAME || length > UINT32_MAX - 3)
        return capture_damaged(c, "a block of %u bytes", length);
    b->span = (length + 3) & ~3U; /* some writers leave the padding out of the length */
    b->len = b->span - BLOCK_FRAME;
    return STATUS_OK;
}

static bool ends_agree(const struct capture *c, const uint8_t *head, const uint8_t *tail)
{
    return capture_u32(c, head + 4) == capture_u32(c, tail);
}

/* The body of a secrets block that is longer than the window, piece by piece. */
static bool pass_long_secrets(struct capture *c, const struct block *b)
{
    uint64_t left = b->span - BLOCK_HEAD - 8 - 4;
    const uint8_t *p = capture_at(c) + BLOCK_HEAD;
    uint32_t len = capture_u32(c, p) == SECRETS_TLS ? capture_u32(c, p + 4) : 0;
    capture_pass(c, BLOCK_HEAD + 8, &c->counts.other_bytes);
    if (len > left)
        len = (uint32_t)left;
    while (len > 0 && capture_need(c, 1)) {
        size_t held = capture_held(c), now = len < held ? len : held;
        add_secrets(c, capture_at(c), now);
        capture_pass(c, now, &c->counts.other_bytes);
        left -= now;
        len -= (uint32_t)now;
    }
    return len == 0 && capture_pass(c, left, &c->counts.other_bytes);
}

static enum status long_block_over(struct capture *c, const struct block_type *type)
{
    if (type == NULL)
        c->counts.blocks_skipped++;
    if (type == NULL || type->read == secrets_block)
        return STATUS_SKIP;
    c->counts.rejected++;
    if (type->read == interface_block)
        add_interface(c); /* unusable, but it has its number */
    return STATUS_SKIP;
}

/* A block that is longer than the window: of none but secrets is anything used. */
static enum status pass_long_block(struct capture *c, struct block *b,
                                   const struct block_type *type)
{
    uint8_t head[BLOCK_HEAD];
    bool secrets = type != NULL && type->read == secrets_block, whole;
    uint64_t *account =
        type == NULL || secrets ? &c->counts.other_bytes : &c->counts.rejected_bytes;
    if (type != NULL && type->read == section_block)
        return capture_damaged(c, "a section header of %u bytes", b->span);
    if (secrets && !capture_need(c, BLOCK_HEAD + 8))
        return capture_cut_off(c, "block", b->start, b->span);
    memcpy(head, capture_at(c), sizeof head);
    whole = secrets ? pass_long_secrets(c, b) : capture_pass(c, (uint64_t)b->span - 4, account);
    if (!whole || !capture_need(c, 4))
        return capture_cut_off(c, "block", b->start, b->span);
    if (!ends_agree(c, head, capture_at(c)))
        return capture_damaged(c, "the two lengths of a block differ");
    capture_pass(c, 4, account);
    return long_block_over(c, type);
}

/* Too short for what its type says it holds. */
static enum status short_block(struct capture *c, const struct block *b,
                               const struct block_type *type)
{
    if (type->read == section_block)
        return capture_damaged(c, "a section header of %u bytes", b->span);
    if (type->read == interface_block)
        add_interface(c);
    return reject(c, b);
}

static enum status next_pcapng(struct capture *c, struct packet *p)
{
    struct block b;
    if (!capture_need(c, BLOCK_FRAME))
        return capture_held(c) == 0 ? capture_end(c)
                                    : capture_cut_off(c, "block", c->offset, BLOCK_FRAME);
    if (read_frame(c, &b) != STATUS_OK)
        return STATUS_FAILED;
    const struct block_type *type = type_of(b.type);
    if (b.span > c->cap)
        return pass_long_block(c, &b, type);
    if (!capture_need(c, b.span))
        return capture_cut_off(c, "block", b.start, b.span);
    const uint8_t *at = capture_at(c);
    if (!ends_agree(c, at, at + b.span - 4))
        return capture_damaged(c, "the two lengths of a block differ");
    b.body = at + BLOCK_HEAD;
    if (type == NULL)
        return skip_block(c, &b, p);
    return b.len < type->least ? short_block(c, &b, type) : type->read(c, &b, p);
}

static bool recognises(struct str head)
{
    const uint8_t *p = (const uint8_t *)head.p;
    return head.n >= BLOCK_FRAME && be32(p) == BLOCK_SECTION &&
           (be32(p + 8) == BYTE_ORDER || le32(p + 8) == BYTE_ORDER);
}

/* The first section's header is a block like the others. */
static enum status open_pcapng(struct capture *c)
{
    (void)c;
    return STATUS_OK;
}

const struct capture_format capture_pcapng = {"pcapng", recognises, open_pcapng, next_pcapng};
