/* mem.h: allocation that never returns NULL, and arenas for what shares a lifetime.
 *
 * Sizes come from our own limits, never from a number in the input.  When the system refuses memory
 * (or the fault counter says so) the handler that cli installed prints one line, removes unfinished
 * output and ends the process with exit code 70; the functions below therefore never fail. */
#ifndef VIGIE_BASE_MEM_H
#define VIGIE_BASE_MEM_H

#include "analyzer/base/str.h"

void *mem_alloc(size_t n);           /* zeroed */
void *mem_grow(void *p, size_t n);   /* realloc; the new part is not zeroed */
void mem_free(void *p);              /* NULL is fine */
/* handler must not return.  Any thread may call it. */
void mem_on_exhausted(void (*handler)(void));
_Noreturn void mem_exhausted(void); /* for libraries that report a failed allocation themselves */

/* Bytes of one lifetime (run, session, block): allocate freely, rewind once.  Chunks are kept on
 * rewind and poisoned under AddressSanitizer, so a slice that outlives its record is caught. */
struct arena {
    struct arena_chunk *first, *now;
    size_t used;      /* of the current chunk */
    size_t chunk_len; /* smallest chunk; 0 means 64 KiB */
    size_t total;     /* bytes held from the system by all chunks */
};

void *arena_alloc(struct arena *a, size_t n, size_t align); /* zeroed */
struct str arena_str(struct arena *a, struct str s);        /* copy; a missing slice stays missing */
struct str arena_printf(struct arena *a, const char *format, ...) __attribute__((format(printf, 2, 3)));
const char *arena_cstr(struct arena *a, struct str s);      /* NUL-terminated copy, for system calls */
void arena_rewind(struct arena *a);
void arena_free(struct arena *a);

#define ARENA_NEW(a, type) ((type *)arena_alloc((a), sizeof(type), _Alignof(type)))
#define ARENA_ARRAY(a, type, n) ((type *)arena_alloc((a), sizeof(type) * (size_t)(n), _Alignof(type)))

#endif
