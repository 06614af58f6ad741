/* bench_parse.c: nanoseconds a line of each log parser, over one file's lines held in memory.
 *
 * usage: bench_parse FORMAT FILE [SECONDS]; without a file it makes combined lines of about 240
 * bytes of its own. The best of many passes counts: the machine's noise only ever adds. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "parsers/log/log.h"

enum { LINES_MADE = 20000 };

static int64_t now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static struct str make_lines(struct out *o)
{
    for (int i = 0; i < LINES_MADE; i++)
        out_printf(o,
                   "203.0.113.%d - - [10/Oct/2026:13:%02d:%02d +0200] \"GET "
                   "/booking/create/%d/0?step=%d HTTP/1.1\" 200 %d "
                   "\"https://www.example.org/booking/create/%d/1\" \"Mozilla/5.0 (Windows NT "
                   "10.0; Win64; x64) "
                   "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.0.0 Safari/537.36\"\n",
                   i % 250, i / 334 % 60, i % 60, i % 9999, i % 7, 5000 + i, i % 9999);
    return out_slice(o);
}

static struct str read_file(struct out *o, const char *name)
{
    char buffer[65536];
    size_t n;
    FILE *f = fopen(name, "rb");
    if (f == NULL)
        exit(2);
    while ((n = fread(buffer, 1, sizeof buffer, f)) > 0)
        out_bytes(o, buffer, n);
    fclose(f);
    return out_slice(o);
}

/* One pass; returns the lines read and adds up the accepted ones. */
static uint64_t pass(const struct log_format *f, struct arena *a, struct str text,
                     uint64_t *accepted)
{
    struct log_thread thread = {0};
    struct event e = {0};
    uint64_t lines = 0;
    while (text.n > 0) {
        const char *end = memchr(text.p, '\n', (size_t)text.n);
        ptrdiff_t n = end != NULL ? end - text.p : text.n;
        *accepted += log_line(f, &thread, a, (struct str){text.p, n}, &e) == REJECT_NONE;
        lines++;
        text = str_sub(text, n + 1, text.n);
        if (lines % 1000 == 0)
            arena_rewind(a);
    }
    return lines;
}

int main(int argc, char **argv)
{
    struct arena a = {0}, block = {0};
    struct out o = out_memory();
    enum diag_code code;
    struct str why, text = argc > 2 ? read_file(&o, argv[2]) : make_lines(&o);
    struct log_format *f =
        log_format_open(&a, str_of(argc > 1 ? argv[1] : "auto"), STR_NONE, 0, text, &code, &why);
    if (f == NULL) {
        printf("%.*s\n", STR_ARG(why));
        return 2;
    }
    uint64_t seconds = 2;
    if (argc > 3 && !str_u64(str_of(argv[3]), &seconds))
        return 2;
    double best = 1e18;
    uint64_t lines = 0, accepted = 0;
    int64_t until = now_ns() + (int64_t)seconds * 1000000000;
    do {
        int64_t start = now_ns();
        accepted = 0;
        lines = pass(f, &block, text, &accepted);
        double ns = (double)(now_ns() - start) / (double)lines;
        best = ns < best ? ns : best;
    } while (now_ns() < until);
    printf("%.*s: %llu lines, %llu accepted, %.1f bytes a line, %.1f ns a line\n", STR_ARG(f->name),
           (unsigned long long)lines, (unsigned long long)accepted, (double)text.n / (double)lines,
           best);
    arena_free(&a);
    arena_free(&block);
    return out_close(&o) != 0;
}
