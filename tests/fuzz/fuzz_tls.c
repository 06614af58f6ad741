/* fuzz_tls.c: a ClientHello is the same in one piece and in any two; its fingerprints have their form. */
#include <stdlib.h>

#include "parsers/net/tls.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool ok)
{
    if (!ok)
        abort();
}

static void check_form(const struct client_hello *h)
{
    check(strlen(h->ja4) == 36 && h->ja4[10] == '_' && h->ja4[23] == '_');
    check(str_starts(h->ja4_raw, (struct str){h->ja4, 11}));
    check((h->ja4[3] == 'd') == (h->sni.p != NULL));
    check(h->ja3_raw.n > 4);
}

/* The first byte says where the stream is cut in two. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena a = {.chunk_len = 4096};
    struct client_hello whole, parts = {.ja4 = ""};
    struct hello_reader r = {.left = 0};
    if (size == 0)
        return 0;
    struct str bytes = {(const char *)data + 1, (ptrdiff_t)size - 1};
    struct str first = str_sub(bytes, 0, data[0]), second = str_sub(bytes, data[0], bytes.n);
    enum status st = tls_client_hello(&a, bytes, &whole);
    enum status in_parts = hello_read(&r, &a, &first, &parts);
    if (in_parts == STATUS_MORE)
        in_parts = hello_read(&r, &a, &second, &parts);
    check(st == in_parts);
    if (st == STATUS_OK) {
        check_form(&whole);
        check(memcmp(whole.ja4, parts.ja4, sizeof whole.ja4) == 0 && str_eq(whole.ja3_raw, parts.ja3_raw));
        check(tls_recognises(bytes) || bytes.n < 6 || bytes.p[0] == 20);
    }
    hello_reader_free(&r);
    arena_free(&a);
    return 0;
}
