/* fuzz_log_nginx.c: a log_format string and lines for it. */
#define FUZZ_PARSER "nginx"
#define FUZZ_FORMAT                                                                    \
    "$remote_addr:$remote_port $remote_user [$time_local] $msec \"$request\" $status " \
    "$body_bytes_sent $request_time "                                                  \
    "$upstream_addr \"$http_user_agent\""
#include "tests/fuzz/fuzz_log_parser.h"
