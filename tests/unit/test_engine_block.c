/* Framing: however the bytes arrive, the same lines at the same offsets; a line too long to hold is one reject. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>

#include "analyzer/engine/block.h"

enum { LINE_MAX = 16 };

/* What framing found, as text: "offset:line|..." with "offset!length" for a line too long to hold. */
static void describe(struct out *o, const struct block *b)
{
    if (b->broken_line)
        out_printf(o, "%d!%d%s|", (int)b->too_long.offset, (int)b->too_long.length, b->too_long_end ? "" : "$");
    const char *p = b->lines.p, *end = p + b->lines.n;
    while (p < end) {
        const char *newline = memchr(p, '\n', (size_t)(end - p));
        const char *stop = newline != NULL ? newline : end;
        int offset = (int)(b->offset + (uint64_t)(p - b->lines.p));
        if (stop - p > LINE_MAX) /* whole in its block: the parser refuses it */
            out_printf(o, "%d!%d%s|", offset, (int)(stop - p), newline != NULL ? "" : "$");
        else
            out_printf(o, "%d:%.*s%s|", offset, (int)(stop - p), p, newline != NULL ? "" : "$");
        p = stop + 1;
    }
}

static void frame_all(const char *text, size_t piece, char *got, size_t room)
{
    struct limits l = limits_default();
    struct framer f = {.line_max = LINE_MAX};
    struct block *b = block_new(&l);
    struct out o = out_memory();
    size_t n = strlen(text), at = 0;
    uint64_t fresh_bytes = 0;

    do {
        block_clear(b);
        size_t front = frame_begin(&f, b), k = n - at < piece ? n - at : piece;
        memcpy(b->data + front, text + at, k);
        at += k;
        frame_block(&f, b, k, at == n);
        assert_int_equal(b->fresh.n, k);
        fresh_bytes += (uint64_t)b->fresh.n;
        describe(&o, b);
    } while (at < n);
    assert_int_equal(fresh_bytes, n);
    struct str s = out_slice(&o);
    assert_true((size_t)s.n < room);
    memcpy(got, s.p, (size_t)s.n);
    got[s.n] = '\0';
    out_close(&o);
    mem_free(f.carry);
    block_free(b);
}

static void pieces_change_nothing(void **state)
{
    (void)state;
    static const struct {
        const char *text, *want;
    } cases[] = {
        {"a\nbb\nccc\n", "0:a|2:bb|5:ccc|"},
        {"a\nbb\nccc", "0:a|2:bb|5:ccc$|"},
        {"\n\n\n", "0:|1:|2:|"},
        {"a\r\nb\n", "0:a\r|3:b|"},
        {"0123456789abcdef\nx\n", "0:0123456789abcdef|17:x|"},
        {"0123456789abcdefg\nx\n", "0!17|18:x|"},
        {"x\n0123456789abcdefghijklmnopqrstuvwxyz\ny\n", "0:x|2!36|39:y|"},
        {"x\n0123456789abcdefghijklmnopqrstuvwxyz", "0:x|2!36$|"},
        {"0123456789abcdefghij\n0123456789abcdefghij\nz", "0!20|21!20|42:z$|"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        for (size_t piece = 1; piece <= strlen(cases[i].text) + 1; piece++) {
            char got[512];
            frame_all(cases[i].text, piece, got, sizeof got);
            if (strcmp(got, cases[i].want) != 0)
                print_error("case %zu in pieces of %zu\n", i, piece);
            assert_string_equal(got, cases[i].want);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(pieces_change_nothing)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
