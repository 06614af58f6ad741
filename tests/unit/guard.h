/* guard.h: text under test, placed so that reading one byte too many is a fault.
 *
 * The bytes end right before a page without access.  Pages stay mapped until the test ends: slices of
 * results point into them. */
#ifndef VIGIE_TESTS_UNIT_GUARD_H
#define VIGIE_TESTS_UNIT_GUARD_H

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "analyzer/base/str.h"

/* A copy of s whose last byte is the last one that may be read; it may not be written either.  A
 * missing slice stays missing, an empty one points at the forbidden page. */
static inline struct str guarded(struct str s)
{
    if (s.p == NULL)
        return s;
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    size_t len = ((size_t)s.n + page - 1) / page * page;
    char *base = mmap(NULL, len + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (base == MAP_FAILED)
        abort();
    char *at = base + len - s.n;
    if (s.n > 0)
        memcpy(at, s.p, (size_t)s.n);
    if (mprotect(base + len, page, PROT_NONE) != 0 ||
        (len > 0 && mprotect(base, len, PROT_READ) != 0))
        abort();
    return (struct str){at, s.n};
}

/* The same of a literal. */
#define GUARDED(literal) guarded(STR(literal))

#endif
