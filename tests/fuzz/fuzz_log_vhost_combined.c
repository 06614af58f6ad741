/* fuzz_log_vhost_combined.c: lines of the format "vhost_combined". */
#define FUZZ_PARSER "vhost_combined"
#include "tests/fuzz/fuzz_log_parser.h"
