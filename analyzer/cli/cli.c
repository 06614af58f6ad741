/* cli.c: choices, messages and exit codes. */
#include "analyzer/cli/cli.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "analyzer/base/out.h"

void choice_add(struct cli *c, struct choices *where, enum option o, struct choice value)
{
    struct choice *items = where->of[o].items;
    size_t count = where->of[o].count;
    if (!option_repeats(o) && count == 1) {
        items[0] = value;
        return;
    }
    if ((count & (count - 1)) == 0) { /* full at every power of two */
        struct choice *wider = ARENA_ARRAY(&c->arena, struct choice, count == 0 ? 1 : 2 * count);
        if (count > 0)
            memcpy(wider, items, count * sizeof *items);
        items = where->of[o].items = wider;
    }
    items[count] = value;
    where->of[o].count = count + 1;
}

const struct choice *choice_of(const struct cli *c, enum option o)
{
    if (c->argv.of[o].count > 0)
        return &c->argv.of[o].items[c->argv.of[o].count - 1];
    if (c->config.of[o].count > 0)
        return &c->config.of[o].items[c->config.of[o].count - 1];
    return NULL;
}

struct str choice_text(const struct cli *c, enum option o)
{
    const struct choice *v = choice_of(c, o);
    return v != NULL ? v->text : str_of(option_table[o].value);
}

bool choice_flag(const struct cli *c, enum option o)
{
    return str_eq(choice_text(c, o), STR("true"));
}

const char *choice_where(struct cli *c, enum option o, const struct choice *v)
{
    if (v->line > 0)
        return arena_printf(&c->arena, "%s:%d:%d: %s", shown(c, c->config_name), v->line, v->column,
                            option_table[o].key).p;
    if (option_table[o].name[0] == '\0')
        return option_table[o].arg;
    return arena_printf(&c->arena, "--%s", option_table[o].name).p;
}

bool refuse(struct cli *c, const char *en, const char *fr, ...)
{
    if (c->problem.p != NULL)
        return false;
    va_list args;
    char line[4096];
    va_start(args, fr);
    int n = vsnprintf(line, sizeof line, c->lang == LANG_FR ? fr : en, args);
    va_end(args);
    n = n < 0 ? 0 : n < (int)sizeof line ? n : (int)sizeof line - 1;
    c->problem = arena_str(&c->arena, (struct str){line, n});
    return false;
}

void complain_line(struct str line)
{
    struct out o = out_fd(STDERR_FILENO, 4096);
    out_text(&o, "vigie: ");
    out_str(&o, line);
    out_char(&o, '\n');
    (void)out_close(&o); /* there is nowhere left to say that standard error is gone */
}

void complain(const struct cli *c, const char *en, const char *fr, ...)
{
    va_list args;
    char line[4096];
    va_start(args, fr);
    int n = vsnprintf(line, sizeof line, c->lang == LANG_FR ? fr : en, args);
    va_end(args);
    n = n < 0 ? 0 : n < (int)sizeof line ? n : (int)sizeof line - 1;
    complain_line((struct str){line, n});
}

/* The program sets no locale: strerror speaks English. */
const char *cause_of(const struct cli *c, int error)
{
    static const struct {
        int error;
        const char *fr;
    } causes[] = {
        {EACCES, "permission refusée"},
        {EEXIST, "existe déjà"},
        {EIO, "erreur d'entrée-sortie"},
        {EISDIR, "est un répertoire"},
        {ELOOP, "trop de liens symboliques"},
        {EMFILE, "trop de fichiers ouverts"},
        {ENAMETOOLONG, "nom trop long"},
        {ENOENT, "fichier ou répertoire inexistant"},
        {ENOSPC, "plus d'espace disponible sur le disque"},
        {ENOTDIR, "n'est pas un répertoire"},
        {EPERM, "opération non permise"},
        {EROFS, "système de fichiers en lecture seule"},
    };
    for (size_t i = 0; c->lang == LANG_FR && i < sizeof causes / sizeof causes[0]; i++)
        if (causes[i].error == error)
            return causes[i].fr;
    return strerror(error);
}

const char *shown(struct cli *c, struct str s)
{
    struct out o = out_memory();
    out_escaped(&o, s);
    const char *text = arena_cstr(&c->arena, out_slice(&o));
    (void)out_close(&o); /* memory writers do not fail */
    return text;
}

const char *did_you_mean(struct cli *c, const char *before, struct str near)
{
    if (near.p == NULL)
        return "";
    return arena_printf(&c->arena, c->lang == LANG_FR ? " ; vouliez-vous dire « %s%s » ?" : "; did you mean '%s%s'?",
                        before, shown(c, near)).p;
}

static int exit_rank(enum exit_code e)
{
    switch (e) {
    case EXIT_NOTHING: return 0;
    case EXIT_FINDINGS: return 1;
    case EXIT_PARTIAL: return 2;
    case EXIT_UNVERIFIED: return 3;
    case EXIT_UNREADABLE: return 4;
    case EXIT_USAGE: return 5;
    case EXIT_INTERNAL: return 6;
    }
    return 6;
}

enum exit_code exit_worse(enum exit_code a, enum exit_code b)
{
    return exit_rank(a) >= exit_rank(b) ? a : b;
}
