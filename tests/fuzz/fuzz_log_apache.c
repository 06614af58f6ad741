/* fuzz_log_apache.c: a LogFormat string and lines for it. */
#define FUZZ_PARSER "apache"
#define FUZZ_FORMAT                                                                 \
    "%v:%p %a %l %u %{%d/%b/%Y:%T}t.%{usec_frac}t %{%z}t \"%m %U%q %H\" %>s %b %D " \
    "\"%{User-Agent}i\" %{PHPSESSID}C"
#include "tests/fuzz/fuzz_log_parser.h"
