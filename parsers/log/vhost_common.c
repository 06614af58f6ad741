/* vhost_common.c: common behind the name of the virtual host, with or without its port. */
#include "parsers/log/program.h"

static bool vhost_common_open(struct log_format *f, struct str spec, struct str *why)
{
    (void)spec;
    return builtin_open(f, STR("%V %h %l %u %t \"%r\" %>s %b"), TAIL_NONE, why);
}

extern const struct log_parser log_parser_vhost_common;

static uint32_t vhost_common_bid(struct str lines)
{
    return format_bid(&log_parser_vhost_common, lines);
}

const struct log_parser log_parser_vhost_common = {
    .name = "vhost_common",
    .what = {{"virtual host and common", "hôte virtuel et common"}},
    .sample = "samples/logs/vhost_common.log",
    .bid = vhost_common_bid,
    .open = vhost_common_open,
    .line = program_line,
};
