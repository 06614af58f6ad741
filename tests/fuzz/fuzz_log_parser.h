/* fuzz_log_parser.h: the body of every log parser's fuzz target; the target names its parser.
 *
 * With FUZZ_FORMAT the first line of the input is a format string, and FUZZ_FORMAT serves when it
 * is not a valid one; every further line is parsed.  What comes out must lie within the line or the
 * arena, which the sanitizers and the walk over every slice check, and be the same again when the
 * line is parsed again. */
#ifndef VIGIE_TESTS_FUZZ_LOG_PARSER_H
#define VIGIE_TESTS_FUZZ_LOG_PARSER_H

#include <stdlib.h>

#include "analyzer/base/json.h"
#include "analyzer/base/out.h"
#include "parsers/log/log.h"

static struct log_format *fuzz_open(struct arena *a, struct str *input)
{
    enum diag_code code;
    struct str why, spec = STR(FUZZ_PARSER);
#ifdef FUZZ_FORMAT
    struct str first;
    *input = str_cut(*input, '\n', &first);
    spec = arena_printf(a, "%s:%.*s", FUZZ_PARSER, STR_ARG(first));
    struct log_format *f = log_format_open(a, spec, STR_NONE, 0, STR_NONE, &code, &why);
    if (f != NULL)
        return f;
    spec = STR(FUZZ_PARSER ":" FUZZ_FORMAT);
#else
    (void)input;
#endif
    return log_format_open(a, spec, STR_NONE, 3600, STR_NONE, &code, &why);
}

static struct str fuzz_written(struct arena *a, const struct event *e, struct str line)
{
    struct out o = out_memory();
    struct jw w = jw_open(&o, true);
    event_write_json(&w, e, STR("fuzz"), line);
    struct str s = arena_str(a, out_slice(&o));
    out_close(&o);
    return s;
}

static void fuzz_line(const struct log_format *f, struct log_thread *t, struct str line)
{
    struct arena a = {.chunk_len = 4096};
    struct log_thread fresh = {0};
    struct event e = {0}, again;
    char *copy = malloc((size_t)line.n + 1); /* its own block: one byte too far is seen */
    if (line.n > 0)
        memcpy(copy, line.p, (size_t)line.n);
    struct str own = {copy, line.n};
    memset((char *)&again + offsetof(struct event, time_us), 0xa5,
           sizeof again - offsetof(struct event, time_us));
    memset(&again, 0, offsetof(struct event, time_us));
    enum reject reason = log_line(f, t, &a, own, &e);
    if (reason != log_line(f, &fresh, &a, own, &again))
        abort();
    if (reason == REJECT_NONE) {
        bool lies = false;
        event_unescape(&a, (enum escaping)e.escaping, e.target, &lies);
        event_unescape(&a, (enum escaping)e.escaping, e.agent, &lies);
        if ((e.absent & ~e.has) != 0 ||
            !str_eq(fuzz_written(&a, &e, own), fuzz_written(&a, &again, own)))
            abort();
    }
    arena_free(&a);
    free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena a = {.chunk_len = 4096};
    struct log_thread t = {0};
    struct str line, input = {(const char *)data, (ptrdiff_t)size};
    struct log_format *f = fuzz_open(&a, &input);
    if (f == NULL)
        abort();
    f->parser->bid(input);
    while (input.n > 0) {
        input = str_cut(input, '\n', &line);
        fuzz_line(f, &t, line);
    }
    arena_free(&a);
    return 0;
}

#endif
