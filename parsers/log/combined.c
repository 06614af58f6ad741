/* combined.c: common and the two headers, as nginx and Apache write by default. */
#include "parsers/log/program.h"

static bool combined_open(struct log_format *f, struct str spec, struct str *why)
{
    (void)spec;
    return builtin_open(f, STR("%h %l %u %t \"%r\" %>s %b \"%{Referer}i\" \"%{User-Agent}i\""),
                        TAIL_NONE, why);
}

extern const struct log_parser log_parser_combined;

static uint32_t combined_bid(struct str lines)
{
    return format_bid(&log_parser_combined, lines);
}

const struct log_parser log_parser_combined = {
    .name = "combined",
    .what = {{"combined: common and Referer, User-Agent",
              "combined : common, Referer et User-Agent"}},
    .sample = "samples/logs/combined.log",
    .bid = combined_bid,
    .open = combined_open,
    .line = program_line,
};
