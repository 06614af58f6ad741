/* put.c: the few shapes that recur in evidence.json. */
#include "reports/put.h"

#include <stdio.h>

#define EXACT_MAX ((INT64_C(1) << 53) - 1)

void put_text(struct jw *w, const char *key, struct text t)
{
    jw_object(w, key);
    jw_text(w, "en", t.in[LANG_EN] != NULL ? t.in[LANG_EN] : "");
    jw_text(w, "fr", t.in[LANG_FR] != NULL ? t.in[LANG_FR] : "");
    jw_object_end(w);
}

void put_two(struct jw *w, const char *key, struct str en, struct str fr)
{
    jw_object(w, key);
    put_logged(w, "en", en.p != NULL ? en : STR(""));
    put_logged(w, "fr", fr.p != NULL ? fr : STR(""));
    jw_object_end(w);
}

void put_logged(struct jw *w, const char *key, struct str s)
{
    if (s.p == NULL) {
        jw_null(w, key);
        return;
    }
    struct out o = out_memory();
    out_escaped(&o, s);
    jw_str(w, key, out_slice(&o));
    out_close(&o);
}

void put_int(struct jw *w, const char *key, int64_t v)
{
    jw_int(w, key, v > EXACT_MAX ? EXACT_MAX : v < -EXACT_MAX ? -EXACT_MAX : v);
}

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
