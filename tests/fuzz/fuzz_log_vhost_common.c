/* fuzz_log_vhost_common.c: lines of the format "vhost_common". */
#define FUZZ_PARSER "vhost_common"
#include "tests/fuzz/fuzz_log_parser.h"
