/* fault.c: counters that make the N-th allocation or write fail, for tests only. */
#include "analyzer/base/fault.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "analyzer/base/str.h"

static atomic_uint_fast64_t allocs_done, writes_done;
static uint64_t alloc_fails_at, write_fails_from; /* 0: never */

static uint64_t number_from(const char *name)
{
    uint64_t n = 0;
    return str_u64(str_of(getenv(name)), &n) ? n : 0;
}

void fault_init(void)
{
    alloc_fails_at = number_from("VIGIE_FAULT_ALLOC");
    write_fails_from = number_from("VIGIE_FAULT_WRITE");
    atomic_store(&allocs_done, 0);
    atomic_store(&writes_done, 0);
}

bool fault_alloc(void)
{
    if (__builtin_expect(alloc_fails_at == 0, 1))
        return false;
    return atomic_fetch_add(&allocs_done, 1) + 1 == alloc_fails_at;
}

bool fault_write(void)
{
    if (__builtin_expect(write_fails_from == 0, 1))
        return false;
    return atomic_fetch_add(&writes_done, 1) + 1 >= write_fails_from;
}
