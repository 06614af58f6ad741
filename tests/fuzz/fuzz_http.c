/* fuzz_http.c: a conversation over HTTP/1 means the same however its bytes are cut.
 *
 * 0xFF and a letter begin a step: C and S text of the client and the server, c and s a gap (its length is the
 * next byte), f and F the end of either. */
#include "tests/unit/http_tell.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { STEPS_MAX = 64 };

static size_t steps_of(struct str text, struct told *steps)
{
    static const struct {
        char letter;
        enum stream_side side;
        enum what what;
    } letters[] = {{'C', STREAM_CLIENT, SAYS}, {'S', STREAM_SERVER, SAYS},
                   {'c', STREAM_CLIENT, GAP},  {'s', STREAM_SERVER, GAP},
                   {'f', STREAM_CLIENT, FIN},  {'F', STREAM_SERVER, FIN}};
    size_t n = 0;
    steps[n++] = (struct told){STREAM_CLIENT, SAYS, str_sub(text, 0, 0), 0};
    ptrdiff_t from = 0;
    for (ptrdiff_t i = 0; i + 1 < text.n && n < STEPS_MAX; i++) {
        if ((uint8_t)text.p[i] != 0xff)
            continue;
        for (size_t k = 0; k < sizeof letters / sizeof *letters; k++) {
            if (text.p[i + 1] != letters[k].letter)
                continue;
            if (steps[n - 1].what == SAYS)
                steps[n - 1].text = str_sub(text, from, i);
            uint64_t gap = i + 2 < text.n ? (uint8_t)text.p[i + 2] : 1;
            steps[n++] = (struct told){letters[k].side, letters[k].what, STR_NONE, gap};
            from = i + 2;
        }
    }
    if (steps[n - 1].what == SAYS)
        steps[n - 1].text = str_sub(text, from, text.n);
    return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct told steps[STEPS_MAX + 1];
    struct arena a = {.chunk_len = 4096};
    struct str text = {(const char *)data, (ptrdiff_t)size};
    size_t n = steps_of(text, steps);
    struct str once = tell(&a, steps, n, IN_ONE, 0);
    for (uint32_t seed = 0; seed < 2; seed++)
        if (!str_eq(once, tell(&a, steps, n, seed == 0 ? BY_BYTES : AT_RANDOM, seed)))
            abort();
    (void)http_recognises(text);
    arena_free(&a);
    return 0;
}
