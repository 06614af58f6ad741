/* fuzz_log_common.c: lines of the format "common". */
#define FUZZ_PARSER "common"
#include "tests/fuzz/fuzz_log_parser.h"
