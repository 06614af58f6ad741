/* http_fixture.h: an HTTP/1 conversation told in many ways.  Needs cmocka's headers before it. */
#ifndef VIGIE_TESTS_UNIT_HTTP_FIXTURE_H
#define VIGIE_TESTS_UNIT_HTTP_FIXTURE_H

#include "tests/unit/guard.h"
#include "tests/unit/http_tell.h"

/* What is said of the conversation, however it is cut. */
static inline struct str tell_all_ways(struct arena *a, const struct told *steps, size_t count)
{
    struct str once = tell(a, steps, count, IN_ONE, 0);
    for (uint32_t i = 0; i < 8; i++) {
        struct str again = tell(a, steps, count, i == 0 ? BY_BYTES : AT_RANDOM, i);
        if (!str_eq(once, again)) {
            print_error("in one piece:\n%.*s\nin pieces (%u):\n%.*s\n", STR_ARG(once), i, STR_ARG(again));
            fail();
        }
    }
    return once;
}

#endif
