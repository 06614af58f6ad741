/* records.c: one line for each cited record.  The parsed fields arrive as finished canonical JSON
 * and are put in as they are, so the line is spelled out here instead of going through the JSON
 * writer. */
#include "reports/records.h"

#include "reports/put.h"

static void write_number(struct out *o, const char *key, uint64_t v)
{
    out_text(o, key);
    out_u64(o, v);
}

static void write_hash(struct out *o, const char *key, const struct sha256 *h)
{
    char hex[65];
    sha256_hex(h, hex);
    out_text(o, key);
    json_quote(o, str_of(hex));
}

static void write_raw(struct out *o, struct str raw)
{
    out_text(o, ",\"raw_b64\":");
    if (raw.p == NULL) {
        out_text(o, "null");
        return;
    }
    out_char(o, '"');
    base64_encode(o, raw);
    out_char(o, '"');
}

static void write_record(struct out *o, const struct bundle_input *in, size_t seq)
{
    const struct cited *c = &in->cited[seq];
    char source[SOURCE_ID_MAX];
    source_id(c->source, source);
    out_text(o, "{\"fields\":");
    out_str(o, c->fields.p != NULL && !str_eq(c->fields, STR("{}")) ? c->fields : STR("null"));
    write_number(o, ",\"length\":", c->length);
    write_number(o, ",\"offset\":", c->offset);
    write_raw(o, c->raw);
    write_number(o, ",\"record\":", c->record);
    write_number(o, ",\"seq\":", seq);
    if (c->raw.p != NULL) {
        struct sha256 sha = sha256_of(c->raw);
        write_hash(o, ",\"sha256\":", &sha);
    } else {
        out_text(o, ",\"sha256\":null");
    }
    out_text(o, ",\"source\":");
    json_quote(o, str_of(source));
    write_hash(o, ",\"source_sha256\":", &in->ledger->sources[c->source].sha256);
    out_text(o, "}\n");
}

void records_write(struct out *o, const struct bundle_input *in)
{
    for (size_t seq = 0; seq < in->cited_count; seq++)
        write_record(o, in, seq);
}
