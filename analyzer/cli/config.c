/* config.c: configuration files in and out, by the option table. */
#include "analyzer/cli/config.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "analyzer/base/json.h"

enum { READ_BYTES = 1 << 14 };

/* ---- in ---- */

struct reading {
    struct cli *cli;
    struct str text;
};

static struct choice at_value(const struct reading *r, ptrdiff_t at, struct str text)
{
    struct choice v = {.text = text};
    json_position(r->text, at, &v.line, &v.column);
    return v;
}

static const char *type_wanted(enum option_type t, enum lang lang)
{
    static const struct text wanted[] = {
        [TYPE_FLAG] = {{"true or false", "true ou false"}},
        [TYPE_WORD] = {{"a string", "une chaîne"}},
        [TYPE_CHOICE] = {{"a string", "une chaîne"}},
        [TYPE_NUMBER] = {{"an integer", "un entier"}},
        [TYPE_FILE] = {{"a string", "une chaîne"}},
        [TYPE_FOLDER] = {{"a string", "une chaîne"}},
        [TYPE_STAMP] = {{"a string or an integer", "une chaîne ou un entier"}},
        [TYPE_ZONE] = {{"a string", "une chaîne"}},
        [TYPE_SITE] = {{"a string", "une chaîne"}},
        [TYPE_FORMAT] = {{"a string", "une chaîne"}},
        [TYPE_KEY_MAP] = {{"an object of strings, or a string", "un objet de chaînes, ou une chaîne"}},
        [TYPE_LIMITS] = {{"an object of integers", "un objet d'entiers"}},
        [TYPE_PARAMS] = {{"an object of integers", "un objet d'entiers"}},
        [TYPE_INPUTS] = {{"an array of strings", "un tableau de chaînes"}},
    };
    return SAY(wanted[t], lang);
}

static bool wrong_type(const struct reading *r, const struct json *v, enum option o)
{
    struct choice where = at_value(r, v->at, STR_NONE);
    return refuse(r->cli, "%s: expected %s", "%s : attendu : %s", choice_where(r->cli, o, &where),
                  type_wanted(option_table[o].type, r->cli->lang));
}

static struct str canonical_text(struct arena *a, const struct json *v)
{
    struct out o = out_memory();
    json_canonical(&o, v);
    struct str text = arena_str(a, out_slice(&o));
    (void)out_close(&o); /* memory writers do not fail */
    return text;
}

static bool read_members(const struct reading *r, const struct json *v, enum option o)
{
    if (v->kind != JSON_KIND_OBJECT)
        return wrong_type(r, v, o);
    for (const struct json *m = v->child; m != NULL; m = m->next) {
        if (!m->is_int)
            return wrong_type(r, m, o);
        struct str pair = arena_printf(&r->cli->arena, "%.*s=%lld", STR_ARG(m->key), (long long)m->integer);
        choice_add(r->cli, &r->cli->config, o, at_value(r, m->key_at, pair));
    }
    return true;
}

static bool read_inputs(const struct reading *r, const struct json *v, enum option o)
{
    if (v->kind != JSON_KIND_ARRAY)
        return wrong_type(r, v, o);
    for (const struct json *m = v->child; m != NULL; m = m->next) {
        if (m->kind != JSON_KIND_STRING)
            return wrong_type(r, m, o);
        choice_add(r->cli, &r->cli->config, o, at_value(r, m->at, m->text));
    }
    return true;
}

/* The value as it would be typed on the command line; missing when its type is wrong. */
static struct str scalar_text(struct arena *a, const struct json *v, enum option_type t)
{
    if (t == TYPE_FLAG)
        return v->kind != JSON_KIND_BOOL ? STR_NONE : v->boolean ? STR("true") : STR("false");
    if ((t == TYPE_NUMBER || t == TYPE_STAMP) && v->is_int)
        return v->text;
    if (t == TYPE_KEY_MAP && v->kind == JSON_KIND_OBJECT)
        return canonical_text(a, v);
    return t != TYPE_NUMBER && v->kind == JSON_KIND_STRING ? v->text : STR_NONE;
}

static bool read_member(const struct reading *r, const struct json *v)
{
    enum option o = option_by_key(v->key);
    if (o == OPTION_COUNT && str_eq(v->key, STR("$schema")))
        return true;
    if (o == OPTION_COUNT) {
        struct choice where = at_value(r, v->key_at, STR_NONE);
        return refuse(r->cli, "%s:%d:%d: unknown key '%s'%s", "%s:%d:%d : clé inconnue « %s »%s",
                      shown(r->cli, r->cli->config_name), where.line, where.column, shown(r->cli, v->key),
                      did_you_mean(r->cli, "", nearest_key(v->key)));
    }
    if (v->kind == JSON_KIND_NULL)
        return true;
    enum option_type t = option_table[o].type;
    if (t == TYPE_LIMITS || t == TYPE_PARAMS)
        return read_members(r, v, o);
    if (t == TYPE_INPUTS)
        return read_inputs(r, v, o);
    struct str text = scalar_text(&r->cli->arena, v, t);
    if (text.p == NULL)
        return wrong_type(r, v, o);
    choice_add(r->cli, &r->cli->config, o, at_value(r, v->at, text));
    return true;
}

bool config_parse(struct cli *c, struct str name, struct str text)
{
    struct reading r = {c, text};
    struct json_error error;
    c->config_name = name;
    const struct json *root = json_parse(&c->arena, text, &error);
    if (root == NULL)
        return refuse(c, "%s:%d:%d: %s", "%s:%d:%d : JSON non valide : %s", shown(c, name), error.line, error.column,
                      error.what);
    if (root->kind != JSON_KIND_OBJECT)
        return refuse(c, "%s:1:1: a configuration file is one JSON object",
                      "%s:1:1 : un fichier de configuration est un objet JSON", shown(c, name));
    for (const struct json *m = root->child; m != NULL; m = m->next)
        if (!read_member(&r, m))
            return false;
    return true;
}

/* 0, or the error; the memory grows by what is there. */
static int read_upto(int fd, uint64_t most, struct out *o)
{
    char bytes[READ_BYTES];
    while (o->written <= most) {
        ssize_t got = read(fd, bytes, sizeof bytes);
        if (got == 0 || (got < 0 && errno != EINTR))
            return got < 0 ? errno : 0;
        out_bytes(o, bytes, got > 0 ? (size_t)got : 0);
    }
    return 0;
}

bool config_file_upto(struct cli *c, struct str name, uint64_t most, struct str *text)
{
    int fd = open(arena_cstr(&c->arena, name), O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return refuse(c, "%s: %s", "%s : %s", shown(c, name), cause_of(c, errno));
    struct out o = out_memory();
    int error = read_upto(fd, most, &o);
    bool fits = o.written <= most;
    close(fd);
    if (error == 0 && fits)
        *text = arena_str(&c->arena, out_slice(&o));
    (void)out_close(&o); /* memory writers do not fail */
    if (error != 0)
        return refuse(c, "%s: %s", "%s : %s", shown(c, name), cause_of(c, error));
    return fits || refuse(c, "%s: larger than %llu bytes", "%s : plus de %llu octets", shown(c, name),
                          (unsigned long long)most);
}

bool config_file(struct cli *c, struct str name, struct str *text)
{
    return config_file_upto(c, name, CONFIG_BYTES_MAX, text);
}

bool config_read(struct cli *c)
{
    const struct choice *file = choice_of(c, OPTION_CONFIG);
    struct str text;
    if (file == NULL)
        return true;
    return config_file(c, file->text, &text) && config_parse(c, file->text, text);
}

/* ---- out ---- */

static void set_pair(struct arena *a, struct json *object, struct str pair)
{
    struct str name, value = str_cut(pair, '=', &name);
    int64_t v;
    if (!str_i64(value, &v))
        return;
    struct json *there = json_get(object, name);
    if (there != NULL)
        *there = (struct json){.kind = JSON_KIND_NUMBER, .is_int = true, .integer = v, .text = value,
                               .key = there->key, .next = there->next};
    else
        json_set(object, name, json_int(a, v));
}

static struct json *members_json(struct cli *c, enum option o)
{
    struct json *object = json_new(&c->arena, JSON_KIND_OBJECT);
    for (size_t i = 0; i < c->config.of[o].count; i++)
        set_pair(&c->arena, object, c->config.of[o].items[i].text);
    for (size_t i = 0; i < c->argv.of[o].count; i++)
        set_pair(&c->arena, object, c->argv.of[o].items[i].text);
    return object;
}

static struct json *inputs_json(struct cli *c)
{
    struct json *array = json_new(&c->arena, JSON_KIND_ARRAY);
    const struct choices *from = c->argv.of[OPTION_INPUTS].count > 0 ? &c->argv : &c->config;
    for (size_t i = 0; i < from->of[OPTION_INPUTS].count; i++)
        json_push(array, json_str(&c->arena, from->of[OPTION_INPUTS].items[i].text));
    return array;
}

static struct json *value_json(struct cli *c, enum option o)
{
    enum option_type t = option_table[o].type;
    struct json_error error;
    int64_t v;
    if (t == TYPE_LIMITS || t == TYPE_PARAMS)
        return members_json(c, o);
    if (t == TYPE_INPUTS)
        return inputs_json(c);
    if (t == TYPE_FLAG)
        return json_bool(&c->arena, choice_flag(c, o));
    struct str text = choice_text(c, o);
    if (text.p == NULL)
        return json_new(&c->arena, JSON_KIND_NULL);
    if (t == TYPE_NUMBER && str_i64(text, &v))
        return json_int(&c->arena, v);
    struct json *map = t == TYPE_KEY_MAP ? json_parse(&c->arena, text, &error) : NULL;
    return map != NULL ? map : json_str(&c->arena, text);
}

void config_print(struct cli *c, struct out *o)
{
    struct json *root = json_new(&c->arena, JSON_KIND_OBJECT);
    for (int i = 0; i < OPTION_COUNT; i++)
        if (option_table[i].key != NULL && option_of_command((enum option)i, c->command))
            json_set(root, str_of(option_table[i].key), value_json(c, (enum option)i));
    json_pretty(o, root);
    out_char(o, '\n');
}

/* ---- schema ---- */

static void schema_types(struct jw *w, const char *first, const char *second)
{
    jw_array(w, "type");
    jw_text(w, NULL, first);
    if (second != NULL)
        jw_text(w, NULL, second);
    jw_text(w, NULL, "null");
    jw_array_end(w);
}

static void schema_of(struct jw *w, const char *key, const char *type)
{
    jw_object(w, key);
    jw_text(w, "type", type);
    jw_object_end(w);
}

static void schema_choice(struct jw *w, const struct option_info *info)
{
    struct str rest = str_of(info->arg);
    jw_array(w, "enum");
    while (rest.p != NULL)
        jw_str(w, NULL, option_word(&rest));
    jw_null(w, NULL);
    jw_array_end(w);
}

static void schema_value(struct jw *w, const struct option_info *info)
{
    switch (info->type) {
    case TYPE_FLAG: schema_types(w, "boolean", NULL); return;
    case TYPE_CHOICE: schema_choice(w, info); return;
    case TYPE_STAMP: schema_types(w, "string", "integer"); return;
    case TYPE_NUMBER:
        schema_types(w, "integer", NULL);
        jw_int(w, "minimum", info->min);
        jw_int(w, "maximum", info->max);
        return;
    case TYPE_KEY_MAP:
        schema_types(w, "object", "string");
        schema_of(w, "additionalProperties", "string");
        return;
    case TYPE_LIMITS:
    case TYPE_PARAMS:
        schema_types(w, "object", NULL);
        schema_of(w, "additionalProperties", "integer");
        return;
    case TYPE_INPUTS:
        schema_types(w, "array", NULL);
        schema_of(w, "items", "string");
        return;
    case TYPE_WORD:
    case TYPE_FILE:
    case TYPE_FOLDER:
    case TYPE_ZONE:
    case TYPE_SITE:
    case TYPE_FORMAT: schema_types(w, "string", NULL); return;
    }
}

void config_schema(struct out *o)
{
    struct jw w = jw_open(o, false);
    jw_object(&w, NULL);
    jw_text(&w, "$schema", "https://json-schema.org/draft/2020-12/schema");
    jw_text(&w, "$id", "urn:vigie:schema:config:1");
    jw_text(&w, "title", "Configuration of vigie");
    jw_text(&w, "type", "object");
    jw_bool(&w, "additionalProperties", false);
    jw_object(&w, "properties");
    schema_of(&w, "$schema", "string");
    for (int i = 0; i < OPTION_COUNT; i++) {
        const struct option_info *info = &option_table[i];
        if (info->key == NULL)
            continue;
        jw_object(&w, info->key);
        jw_text(&w, "description", SAY(info->help, LANG_EN));
        schema_value(&w, info);
        jw_object_end(&w);
    }
    jw_object_end(&w);
    jw_object_end(&w);
    out_char(o, '\n');
}
