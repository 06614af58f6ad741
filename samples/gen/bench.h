/* bench.h: a large combined log of ordinary traffic, written as fast as it can be read. */
#ifndef GEN_BENCH_H
#define GEN_BENCH_H

#include <stdint.h>
#include <stdio.h>

struct bench_plan {
    uint64_t lines, seed;
    uint32_t clients; /* visits go round them, so more lines are more visits of the same clients */
    uint32_t hours;
};

/* 0, or -1 when writing failed (errno). */
int bench_write(FILE *f, const struct bench_plan *plan);

#endif
