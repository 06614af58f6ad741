/* combined_extra.c: combined with further fields behind it.
 *
 * nginx's packaged configuration adds "$http_x_forwarded_for", others a time or an id: which one it
 * is cannot be seen in the line, so they are kept as extra1, extra2, ... and a format string says
 * more. */
#include "parsers/log/program.h"

static bool combined_extra_open(struct log_format *f, struct str spec, struct str *why)
{
    (void)spec;
    return builtin_open(f, STR("%h %l %u %t \"%r\" %>s %b \"%{Referer}i\" \"%{User-Agent}i\""),
                        TAIL_FURTHER_FIELDS, why);
}

extern const struct log_parser log_parser_combined_extra;

static uint32_t combined_extra_bid(struct str lines)
{
    return format_bid(&log_parser_combined_extra, lines);
}

const struct log_parser log_parser_combined_extra = {
    .name = "combined_extra",
    .what = {{"combined with further fields, kept as extra1, extra2, ...",
              "combined suivi d'autres champs, conservés sous extra1, extra2, ..."}},
    .sample = "samples/logs/combined_extra.log",
    .further_fields = true,
    .bid = combined_extra_bid,
    .open = combined_extra_open,
    .line = program_line,
};
