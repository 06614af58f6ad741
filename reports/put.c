/* put.c: the few shapes that recur in evidence.json. */
#include "reports/put.h"

#include <stdio.h>

#define EXACT_MAX ((INT64_C(1) << 53) - 1)

void put_count(struct jw *w, const char *key, uint64_t v)
{
    jw_int(w, key, v > (uint64_t)EXACT_MAX ? EXACT_MAX : (int64_t)v);
}

void put_us(struct jw *w, const char *key, int64_t us)
{
    if (us > EXACT_MAX || us < -EXACT_MAX)
        jw_null(w, key);
    else
        jw_int(w, key, us);
}

void put_sha256(struct jw *w, const char *key, const struct sha256 *h)
{
    jw_hex(w, key, h->b, sizeof h->b);
}

void source_id(uint32_t source, char out[SOURCE_ID_MAX])
{
    snprintf(out, SOURCE_ID_MAX, "SRC-%04u", (unsigned)source + 1);
}

void put_source_id(struct jw *w, const char *key, uint32_t source)
{
    char id[SOURCE_ID_MAX];
    source_id(source, id);
    jw_text(w, key, id);
}

void put_not_produced(struct jw *w, const char *key, struct text why)
{
    jw_object(w, key);
    jw_text(w, "status", "not_produced");
    put_text(w, "why", why);
    jw_object_end(w);
}
