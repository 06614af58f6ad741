/* log.c: the table of formats, how one is chosen, and what every line meets before its parser. */
#include "parsers/log/log.h"

#include "analyzer/base/json.h"
#include "parsers/log/scan.h"

enum { FIRST_LINE_SHOWN = 80 };

#define PARSER(id) extern const struct log_parser log_parser_##id;
#include "parsers/log/parsers.def"
#undef PARSER

const struct log_parser *const log_parsers[] = {
#define PARSER(id) &log_parser_##id,
#include "parsers/log/parsers.def"
#undef PARSER
};
const size_t log_parsers_count = sizeof log_parsers / sizeof *log_parsers;

/* ---- choosing ---- */

void log_bids(struct str lines, struct log_bid *bids)
{
    for (size_t i = 0; i < log_parsers_count; i++) {
        struct log_bid bid = {log_parsers[i], log_parsers[i]->bid(lines)};
        size_t at = i;
        for (; at > 0 && bids[at - 1].bits < bid.bits; at--)
            bids[at] = bids[at - 1];
        bids[at] = bid;
    }
}

static struct str first_line(struct str lines)
{
    struct str line;
    do {
        lines = str_cut(lines, '\n', &line);
        line = str_trim(line);
    } while (line.n == 0 && lines.p != NULL);
    return line;
}

/* What is not text at all, by its first bytes (the magic numbers of file(1)), and what to type instead. */
static struct str packed_how(struct str lines)
{
    static const struct {
        struct str magic, how;
    } kinds[] = {
        {STR_INIT("BZh"), STR_INIT("bzip2: bzip2 -dc FILE | vigie analyze -")},
        {STR_INIT("\xFD\x37zXZ\0"), STR_INIT("xz: xz -dc FILE | vigie analyze -")},
        {STR_INIT("\x28\xB5\x2F\xFD"), STR_INIT("zstd: zstd -dc FILE | vigie analyze -")},
        {STR_INIT("\x04\x22\x4D\x18"), STR_INIT("lz4: lz4 -dc FILE | vigie analyze -")},
        {STR_INIT("\x1F\x9D"), STR_INIT("compress: zcat FILE | vigie analyze -")},
        {STR_INIT("PK\x03\x04"), STR_INIT("zip: unzip -p FILE | vigie analyze -")},
        {STR_INIT("7z\xBC\xAF\x27\x1C"), STR_INIT("7z: 7z x -so FILE | vigie analyze -")},
        {STR_INIT("\xFF\xFE"), STR_INIT("UTF-16: iconv -f UTF-16 -t UTF-8 FILE | vigie analyze -")},
        {STR_INIT("\xFE\xFF"), STR_INIT("UTF-16: iconv -f UTF-16 -t UTF-8 FILE | vigie analyze -")},
    };
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (str_starts(lines, kinds[i].magic))
            return kinds[i].how;
    return STR_NONE;
}

static struct str json_example(struct arena *a, struct str line)
{
    struct out o = out_memory();
    out_text(&o, "--key-map '{\"client\":\"peer_ip\",\"when\":\"time_iso\",\"verb\":\"method\",\"uri\":\"target\"}'; ");
    out_escaped(&o, str_sub(line, 0, FIRST_LINE_SHOWN));
    out_text(&o, line.n > FIRST_LINE_SHOWN ? "..." : "");
    struct str text = arena_str(a, out_slice(&o));
    out_close(&o);
    return text;
}

/* A whole object in a line; what the format "json" could read, if it knew the names. */
static bool is_json(struct str line)
{
    struct json_lexer l = json_lexer_of(line);
    l.lax_utf8 = true;
    return json_next(&l) == JSON_OBJECT_OPEN && json_skip(&l, JSON_OBJECT_OPEN);
}

static struct str no_format(struct arena *a, const struct log_bid *bids, struct str lines)
{
    struct out o = out_memory();
    struct str line = first_line(lines);
    for (size_t i = 0; i < log_parsers_count; i++)
        out_printf(&o, "%s%s %u", i > 0 ? ", " : "", bids[i].parser->name, bids[i].bits);
    out_text(&o, "; \"");
    out_escaped(&o, str_sub(line, 0, FIRST_LINE_SHOWN));
    out_text(&o, line.n > FIRST_LINE_SHOWN ? "...\"" : "\"");
    struct str text = arena_str(a, out_slice(&o));
    out_close(&o);
    return text;
}

static const struct log_parser *choose(struct arena *a, struct str lines, enum diag_code *code,
                                       struct str *why)
{
    struct log_bid bids[sizeof log_parsers / sizeof *log_parsers];
    if (first_line(lines).n == 0) {
        *code = DIAG_empty_source;
        *why = STR("no line to recognise a format by");
        return NULL;
    }
    log_bids(lines, bids);
    if (bids[0].bits > 0 && (log_parsers_count == 1 || bids[1].bits < bids[0].bits))
        return bids[0].parser;
    if (bids[0].bits == 0 && is_json(first_line(lines))) {
        *code = DIAG_format_json;
        *why = json_example(a, first_line(lines));
        return NULL;
    }
    *code = bids[0].bits > 0 ? DIAG_format_tie : DIAG_format_unknown;
    *why = no_format(a, bids, lines);
    return NULL;
}

static const struct log_parser *by_name(struct arena *a, struct str name, struct str *why)
{
    const struct log_parser *near = log_parsers[0];
    for (size_t i = 0; i < log_parsers_count; i++) {
        struct str known = str_of(log_parsers[i]->name);
        if (str_eq(name, known))
            return log_parsers[i];
        if (str_distance(name, known) < str_distance(name, str_of(near->name)))
            near = log_parsers[i];
    }
    *why = arena_printf(a, "there is no format \"%.*s\"; did you mean \"%s\"?", STR_ARG(name),
                        near->name);
    return NULL;
}

/* Formats that take whatever stands behind: how much of it there is. */
static uint32_t count_unnamed(struct log_format *f, struct str lines)
{
    struct arena scratch = {.chunk_len = 8192};
    struct log_thread thread = {0};
    struct event *e = ARENA_NEW(&scratch, struct event);
    uint32_t count = 0;
    for (struct str rest = lines, line; count == 0 && rest.n > 0;) {
        rest = str_cut(rest, '\n', &line);
        if (log_line(f, &thread, &scratch, line, e) == REJECT_NONE)
            count = e->extras_count;
    }
    arena_free(&scratch);
    return count;
}

struct log_format *log_format_open(struct arena *a, struct str spec, struct str key_map,
                                   int tz_offset_s, struct str lines, enum diag_code *code,
                                   struct str *why)
{
    struct str name, string = STR_NONE;
    const struct log_parser *parser;
    *why = packed_how(lines);
    if (why->p != NULL) {
        *code = DIAG_format_packed;
        return NULL;
    }
    if (key_map.n > 0 && (spec.n == 0 || str_eq(spec, STR("auto"))))
        spec = STR("json"); /* only there a key map means something */
    if (spec.n == 0 || str_eq(spec, STR("auto"))) {
        parser = choose(a, lines, code, why);
    } else {
        *code = DIAG_format_wrong;
        string = arena_str(a, str_cut(spec, ':', &name));
        parser = by_name(a, name, why);
    }
    if (parser == NULL)
        return NULL;
    struct log_format *f = ARENA_NEW(a, struct log_format);
    *f = (struct log_format){.parser = parser,
                             .name = str_of(parser->name),
                             .tz_offset_s = tz_offset_s,
                             .key_map = arena_str(a, key_map),
                             .arena = a};
    if (parser->open(f, string, why)) {
        f->unnamed = parser->further_fields ? count_unnamed(f, lines) : 0;
        return f;
    }
    *code = DIAG_format_wrong;
    return NULL;
}

/* ---- one line ---- */

/* What is odd about the bytes of a line that are not printable ASCII; a line of NULs is what a
 * crash leaves. */
static enum reject odd_bytes(struct str line, uint32_t *odd)
{
    ptrdiff_t nuls = 0, controls = 0;
    bool high = false;
    for (ptrdiff_t i = 0; i < line.n; i++) {
        unsigned char c = (unsigned char)line.p[i];
        nuls += c == '\0';
        controls += (c < ' ' && c != '\t') || c == 0x7f;
        high |= c >= 0x80;
    }
    if (2 * nuls > line.n)
        return REJECT_NUL_BYTES;
    if (controls > 0)
        *odd |= ODD(CONTROL_BYTES);
    if (high && !str_utf8_valid(line))
        *odd |= ODD(UTF8_INVALID);
    return REJECT_NONE;
}

/* Sixteen bytes at a time: wider vectors than the machine has are taken apart byte by byte. */
typedef uint8_t bytes16 __attribute__((vector_size(16)));
typedef int8_t mask16 __attribute__((vector_size(16)));

bool log_bytes_plain(struct str lines)
{
    mask16 odd = {0};
    ptrdiff_t i = 0;
    for (; lines.n - i >= (ptrdiff_t)sizeof(bytes16); i += (ptrdiff_t)sizeof(bytes16)) {
        bytes16 v;
        memcpy(&v, lines.p + i, sizeof v);
        odd |= (mask16)((v - 0x20) > 0x5e) & (mask16)(v != '\n');
    }
    bool any = false;
    for (size_t k = 0; k < sizeof odd; k++)
        any |= odd[k] != 0;
    for (; i < lines.n; i++)
        any |= (uint8_t)(lines.p[i] - 0x20) > 0x5e && lines.p[i] != '\n';
    return !any;
}

/* June 2255: no reader of JSON may round a stamp (RFC 8785 section 3.2.2.3, integers up to 2^53). */
#define TIME_US_MAX ((INT64_C(1) << 53) - 1)

enum reject log_line(const struct log_format *f, struct log_thread *t, struct arena *a,
                     struct str line, struct event *e)
{
    uint32_t odd = 0;
    enum reject reason = REJECT_NONE;
    if (line.n > 0 && line.p[line.n - 1] == '\r') {
        line.n--;
        odd |= ODD(CRLF);
    }
    if (str_starts(line, STR("\xEF\xBB\xBF"))) {
        line = str_sub(line, 3, line.n);
        odd |= ODD(BYTE_ORDER_MARK);
    }
    if (line.n == 0)
        return REJECT_EMPTY_LINE;
    if (!t->plain && !scan_plain(line))
        reason = odd_bytes(line, &odd);
    if (reason == REJECT_NONE)
        reason = f->parser->line(f, t, a, line, e);
    if (reason == REJECT_NONE && e->time_us > TIME_US_MAX)
        reason = REJECT_TIME_INVALID;
    e->odd |= odd;
    return reason;
}
