/* fuzz_log_combined.c: lines of the format "combined". */
#define FUZZ_PARSER "combined"
#include "tests/fuzz/fuzz_log_parser.h"
