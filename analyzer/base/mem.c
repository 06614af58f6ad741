/* mem.c: checked allocation, and arenas as lists of chunks that survive a rewind.
 *
 * After a rewind, chunks are taken up again in list order; a request that the next chunk cannot
 * hold pulls the first later one that can to the front, so that a repeated pattern of sizes stops
 * asking the system for memory after its first round. */
#include "analyzer/base/mem.h"

#include <stdalign.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "analyzer/base/fault.h"

#if defined(__SANITIZE_ADDRESS__)
#define POISONING 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define POISONING 1
#endif
#endif

#ifdef POISONING
#include <sanitizer/asan_interface.h>
/* Poisoned bytes behind every allocation; ASan's granule is 8 bytes. */
enum { REDZONE = 8, ALIGN_MIN = 8 };
#define POISON(p, n) ASAN_POISON_MEMORY_REGION(p, n)
#define UNPOISON(p, n) ASAN_UNPOISON_MEMORY_REGION(p, n)
#else
enum { REDZONE = 0, ALIGN_MIN = 1 };
#define POISON(p, n) ((void)0)
#define UNPOISON(p, n) ((void)0)
#endif

enum { CHUNK_LEN = 64 * 1024 };

struct arena_chunk {
    struct arena_chunk *next;
    size_t size; /* of data */
    alignas(max_align_t) char data[];
};

static void (*on_exhausted)(void);

void mem_on_exhausted(void (*handler)(void))
{
    on_exhausted = handler;
}

void mem_exhausted(void)
{
    static const char line[] = "vigie: out of memory\n";
    if (on_exhausted != NULL)
        on_exhausted();
    ssize_t ignored = write(STDERR_FILENO, line, sizeof line - 1);
    (void)ignored;
    abort();
}

void *mem_alloc(size_t n)
{
    void *p = fault_alloc() ? NULL : calloc(1, n > 0 ? n : 1);
    if (p == NULL)
        mem_exhausted();
    return p;
}

void *mem_grow(void *p, size_t n)
{
    void *grown = fault_alloc() ? NULL : realloc(p, n > 0 ? n : 1);
    if (grown == NULL)
        mem_exhausted();
    return grown;
}

void mem_free(void *p)
{
    free(p);
}

static struct arena_chunk *chunk_new(struct arena *a, size_t n)
{
    size_t least = a->chunk_len > 0 ? a->chunk_len : CHUNK_LEN;
    size_t size = n > least ? n : least;
    struct arena_chunk *chunk = mem_grow(NULL, sizeof *chunk + size);
    *chunk = (struct arena_chunk){.size = size};
    POISON(chunk->data, size);
    a->total += sizeof *chunk + size;
    return chunk;
}

/* Makes a chunk with at least n free bytes the current one. */
static void chunk_enter(struct arena *a, size_t n)
{
    struct arena_chunk **rest = a->now == NULL ? &a->first : &a->now->next;
    struct arena_chunk **at = rest;
    while (*at != NULL && (*at)->size < n)
        at = &(*at)->next;
    struct arena_chunk *chunk = *at;
    if (chunk == NULL)
        chunk = chunk_new(a, n);
    else
        *at = chunk->next;
    chunk->next = *rest;
    *rest = chunk;
    a->now = chunk;
    a->used = 0;
}

static size_t padding(const struct arena *a, size_t align)
{
    uintptr_t at = (uintptr_t)(a->now->data + a->used);
    return (size_t)(-at & (align - 1));
}

void *arena_alloc(struct arena *a, size_t n, size_t align)
{
    if (n > PTRDIFF_MAX / 2)
        mem_exhausted();
    if (align < ALIGN_MIN)
        align = ALIGN_MIN;
    size_t need = n + REDZONE;
    if (a->now == NULL || padding(a, align) + need > a->now->size - a->used)
        chunk_enter(a, need + align - 1);
    a->used += padding(a, align);
    char *p = a->now->data + a->used;
    a->used += need;
    UNPOISON(p, n);
    return memset(p, 0, n);
}

struct str arena_str(struct arena *a, struct str s)
{
    if (s.p == NULL)
        return s;
    if (s.n == 0)
        return STR("");
    char *p = arena_alloc(a, (size_t)s.n, 1);
    memcpy(p, s.p, (size_t)s.n);
    return (struct str){p, s.n};
}

struct str arena_printf(struct arena *a, const char *format, ...)
{
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int n = vsnprintf(NULL, 0, format, args);
    va_end(args);
    char *p = arena_alloc(a, n > 0 ? (size_t)n + 1 : 1, 1);
    if (n > 0)
        vsnprintf(p, (size_t)n + 1, format, again);
    va_end(again);
    return (struct str){p, n > 0 ? n : 0};
}

const char *arena_cstr(struct arena *a, struct str s)
{
    char *p = arena_alloc(a, (size_t)s.n + 1, 1);
    if (s.n > 0)
        memcpy(p, s.p, (size_t)s.n);
    return p;
}

void arena_rewind(struct arena *a)
{
#ifdef POISONING
    for (struct arena_chunk *c = a->first; c != NULL; c = c->next)
        POISON(c->data, c->size);
#endif
    a->now = NULL;
    a->used = 0;
}

void arena_free(struct arena *a)
{
    struct arena_chunk *next;
    for (struct arena_chunk *c = a->first; c != NULL; c = next) {
        next = c->next;
        UNPOISON(c->data, c->size);
        mem_free(c);
    }
    *a = (struct arena){.chunk_len = a->chunk_len};
}
