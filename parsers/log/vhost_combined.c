/* vhost_combined.c: combined behind the name of the virtual host: Apache's "%v:%p %h ..." as Debian
 * ships it, and "$host $remote_addr ..." of nginx. */
#include "parsers/log/program.h"

static bool vhost_combined_open(struct log_format *f, struct str spec, struct str *why)
{
    (void)spec;
    return builtin_open(f, STR("%V %h %l %u %t \"%r\" %>s %b \"%{Referer}i\" \"%{User-Agent}i\""),
                        TAIL_NONE, why);
}

extern const struct log_parser log_parser_vhost_combined;

static uint32_t vhost_combined_bid(struct str lines)
{
    return format_bid(&log_parser_vhost_combined, lines);
}

const struct log_parser log_parser_vhost_combined = {
    .name = "vhost_combined",
    .what = {{"virtual host and combined", "hôte virtuel et combined"}},
    .sample = "samples/logs/vhost_combined.log",
    .bid = vhost_combined_bid,
    .open = vhost_combined_open,
    .line = program_line,
};
