/* effective.c: the settings that shape data/, as the configuration file that would set them again.
 *
 * Keys are those of analyzer/cli/options.def, so `vigie rederive` reads the document back with the same
 * code as --config.  Every key is always there (null: not set), times are in UTC, inputs are named without
 * their folders, and limits and parameters stand there when they differ from their defaults.  What cannot
 * change data/ (threads, language, output files, block size) is left out. */
#include "analyzer/engine/engine.h"

#include "analyzer/base/civil.h"
#include "analyzer/base/json.h"

static struct str last_part(struct str path)
{
    while (path.n > 1 && path.p[path.n - 1] == '/')
        path.n--;
    for (ptrdiff_t i = path.n - 1; i >= 0; i--)
        if (path.p[i] == '/' && path.n > 1)
            return str_sub(path, i + 1, path.n);
    return path;
}

/* A JSON string holds Unicode only: bytes of a file name that are not UTF-8 become U+FFFD, as elsewhere in
 * the bundle. */
static struct json *text_json(struct arena *a, struct str s)
{
    return s.p != NULL ? json_str(a, s) : json_new(a, JSON_KIND_NULL);
}

static struct json *stamp_json(struct arena *a, int64_t us)
{
    char text[ISO_TEXT_MAX];
    if (us == INT64_MIN || us == INT64_MAX)
        return json_new(a, JSON_KIND_NULL);
    return json_str(a, arena_str(a, (struct str){text, (ptrdiff_t)iso_format(us, text)}));
}

static struct json *zone_json(struct arena *a, int offset_s)
{
    unsigned minutes = (unsigned)(offset_s < 0 ? -offset_s : offset_s) / 60;
    return json_str(a, arena_printf(a, "%c%02u:%02u", offset_s < 0 ? '-' : '+', minutes / 60, minutes % 60));
}

static struct json *inputs_json(struct arena *a, const struct settings *s)
{
    struct json *array = json_new(a, JSON_KIND_ARRAY);
    for (size_t i = 0; i < s->inputs_count; i++)
        json_push(array, json_str(a, last_part(s->inputs[i])));
    return array;
}

static struct json *key_map_json(struct arena *a, const struct settings *s)
{
    struct json_error error;
    struct json *map = s->key_map.p != NULL ? json_parse(a, s->key_map, &error) : NULL;
    return map != NULL ? map : json_new(a, JSON_KIND_NULL);
}

static bool shapes_data(enum limit l)
{
    return l != LIMIT_block_bytes;
}

static struct json *limits_json(struct arena *a, const struct settings *s)
{
    struct json *object = json_new(a, JSON_KIND_OBJECT);
    for (int i = 0; i < LIMIT_COUNT; i++)
        if (shapes_data((enum limit)i) && s->limits.v[i] != limit_table[i].value)
            json_set(object, str_of(limit_table[i].name), json_int(a, s->limits.v[i]));
    return object;
}

static struct json *params_json(struct arena *a, const struct settings *s)
{
    struct json *object = json_new(a, JSON_KIND_OBJECT);
    for (size_t i = 0; i < s->params_count; i++)
        json_set(object, s->params[i].name, json_int(a, s->params[i].value));
    return object;
}

struct str settings_effective(struct arena *a, const struct settings *s, const struct site *site)
{
    struct json *root = json_new(a, JSON_KIND_OBJECT);
    json_set(root, STR("case"), text_json(a, s->case_id));
    json_set(root, STR("format"), text_json(a, s->format));
    json_set(root, STR("inputs"), inputs_json(a, s));
    json_set(root, STR("key_map"), key_map_json(a, s));
    json_set(root, STR("limits"), limits_json(a, s));
    json_set(root, STR("max_rejects_permille"), json_int(a, s->rejects_permille_max));
    json_set(root, STR("params"), params_json(a, s));
    json_set(root, STR("since"), stamp_json(a, s->since_us));
    json_set(root, STR("site"), text_json(a, site->name));
    json_set(root, STR("tz"), zone_json(a, s->tz_offset_s));
    json_set(root, STR("until"), stamp_json(a, s->until_us));
    struct out o = out_memory();
    json_canonical(&o, root);
    struct str text = arena_str(a, out_slice(&o));
    (void)out_close(&o); /* memory writers do not fail */
    return text;
}
