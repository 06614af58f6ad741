/* fault.h: the one switch by which tests make allocations and writes fail.
 *
 * VIGIE_FAULT_ALLOC=N lets the N-th allocation fail, VIGIE_FAULT_WRITE=N the N-th write (ENOSPC) and
 * every later one.  Read once at start; costs one predictable branch when unset. */
#ifndef VIGIE_BASE_FAULT_H
#define VIGIE_BASE_FAULT_H

#include <stdbool.h>

void fault_init(void);  /* reads the environment */
bool fault_alloc(void); /* true: this allocation must fail */
bool fault_write(void); /* true: this write must fail */

#endif
