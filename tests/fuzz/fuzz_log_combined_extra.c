/* fuzz_log_combined_extra.c: lines of the format "combined_extra". */
#define FUZZ_PARSER "combined_extra"
#include "tests/fuzz/fuzz_log_parser.h"
