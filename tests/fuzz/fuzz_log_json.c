/* fuzz_log_json.c: lines of the format "json". */
#define FUZZ_PARSER "json"
#include "tests/fuzz/fuzz_log_parser.h"
