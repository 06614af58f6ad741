/* common.c: Common Log Format (NCSA httpd): eight values, the last is the size. */
#include "parsers/log/program.h"

static bool common_open(struct log_format *f, struct str spec, struct str *why)
{
    (void)spec;
    return builtin_open(f, STR("%h %l %u %t \"%r\" %>s %b"), TAIL_NONE, why);
}

extern const struct log_parser log_parser_common;

static uint32_t common_bid(struct str lines)
{
    return format_bid(&log_parser_common, lines);
}

const struct log_parser log_parser_common = {
    .name = "common",
    .what = {{"Common Log Format", "Common Log Format (format NCSA)"}},
    .sample = "samples/logs/common.log",
    .bid = common_bid,
    .open = common_open,
    .line = program_line,
};
