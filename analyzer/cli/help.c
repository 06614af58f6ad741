/* help.c: --help in two languages, wrapped at 80 columns. */
#include "analyzer/cli/help.h"

#include <stdio.h>

enum { WIDTH = 80, COMMAND_COLUMN = 12, OPTION_COLUMN = 30 };

static int columns_of(struct str s)
{
    int n = 0;
    for (ptrdiff_t i = 0; i < s.n; i++)
        n += ((unsigned char)s.p[i] & 0xC0) != 0x80; /* one a character: no wide ones in our texts */
    return n;
}

static void spaces(struct out *o, int n)
{
    for (; n > 0; n--)
        out_char(o, ' ');
}

/* The next word; French punctuation stays with the word that it follows or opens. */
static struct str next_word(struct str *text)
{
    struct str all = *text, word;
    *text = str_cut(all, ' ', &word);
    while (text->p != NULL) {
        bool closes = text->n > 0 && memchr(":;!?", text->p[0], 4) != NULL;
        if (!closes && !str_starts(*text, STR("»")) && !str_ends(word, STR("«")))
            break;
        struct str more;
        *text = str_cut(*text, ' ', &more);
        word.n = more.p + more.n - all.p;
    }
    return word;
}

void help_wrap(struct out *o, struct str text, int indent)
{
    int column = indent;
    while (text.p != NULL) {
        struct str word = next_word(&text);
        int n = columns_of(word);
        if (column > indent && column + 1 + n > WIDTH) {
            out_char(o, '\n');
            spaces(o, indent);
            column = indent;
        }
        if (column > indent) {
            out_char(o, ' ');
            column++;
        }
        out_str(o, word);
        column += n;
    }
    out_char(o, '\n');
}

static void write_option(struct out *o, const struct option_info *info, enum lang lang)
{
    char left[96];
    int n;
    if (info->letter != 0)
        n = snprintf(left, sizeof left, "  -%c, --%s", info->letter, info->name);
    else
        n = snprintf(left, sizeof left, "      --%s", info->name);
    if (info->arg != NULL)
        n += snprintf(left + n, sizeof left - (size_t)n, " %s", info->arg);
    out_text(o, left);
    if (n >= OPTION_COLUMN - 1) {
        out_char(o, '\n');
        n = 0;
    }
    spaces(o, OPTION_COLUMN - n);
    struct out text = out_memory();
    out_text(&text, SAY(info->help, lang));
    if (info->value != NULL)
        out_printf(&text, " [%s]", info->value);
    help_wrap(o, out_slice(&text), OPTION_COLUMN);
    (void)out_close(&text); /* memory writers do not fail */
}

static bool shows(enum option o, enum command command)
{
    if (option_hidden(o))
        return false;
    return command == COMMAND_COUNT ? option_table[o].group == GROUP_GENERAL : option_of_command(o, command);
}

static void write_options(struct out *o, enum command command, enum lang lang)
{
    for (int g = 0; g < GROUP_COUNT; g++) {
        bool headed = false;
        for (int i = 0; i < OPTION_COUNT; i++) {
            if ((int)option_table[i].group != g || !shows((enum option)i, command))
                continue;
            if (!headed)
                out_printf(o, "\n%s%s\n", SAY(option_groups[g], lang), lang == LANG_FR ? " :" : ":");
            headed = true;
            write_option(o, &option_table[i], lang);
        }
    }
}

static void write_command(struct out *o, enum command command, enum lang lang)
{
    const struct command_info *info = &command_table[command];
    out_printf(o, "%s vigie %s %s [OPTION...]\n\n", lang == LANG_FR ? "Usage :" : "Usage:", info->name, info->operands);
    help_wrap(o, str_of(SAY(info->detail, lang)), 0);
    write_options(o, command, lang);
}

static const struct text purpose = {
    {"vigie reads the access logs of an appointment-booking site, rebuilds its sessions and writes an evidence bundle "
     "that verifies.",
     "vigie lit les journaux d'accès d'un site de prise de rendez-vous, reconstitue les sessions et écrit un dossier de "
     "preuve vérifiable."}};
static const struct text exit_codes = {
    {"Exit codes: 0 nothing found, 1 findings, 2 usage or configuration, 3 source unreadable or of unknown format, 4 "
     "partial, 5 verification failed, 70 internal error or a result that could not be written.",
     "Code de retour : 0 rien constaté, 1 constatations, 2 usage ou configuration, 3 source illisible ou de format "
     "inconnu, 4 résultat partiel, 5 vérification en échec, 70 erreur interne ou résultat non écrit."}};

static void write_program(struct out *o, enum lang lang)
{
    out_text(o, lang == LANG_FR ? "Usage : vigie COMMANDE [OPTION...]\n\n" : "Usage: vigie COMMAND [OPTION...]\n\n");
    help_wrap(o, str_of(SAY(purpose, lang)), 0);
    out_text(o, lang == LANG_FR ? "\nCommandes :\n" : "\nCommands:\n");
    for (int i = 0; i < COMMAND_COUNT; i++) {
        int n = (int)strlen(command_table[i].name);
        out_printf(o, "  %s", command_table[i].name);
        spaces(o, COMMAND_COLUMN - 2 - n);
        help_wrap(o, str_of(SAY(command_table[i].summary, lang)), COMMAND_COLUMN);
    }
    write_options(o, COMMAND_COUNT, lang);
    out_char(o, '\n');
    help_wrap(o, str_of(SAY(exit_codes, lang)), 0);
    out_text(o, lang == LANG_FR ? "\nvigie COMMANDE --help décrit une commande ; man vigie les décrit toutes.\n"
                                : "\nvigie COMMAND --help describes one command; man vigie describes all.\n");
}

void help_write(struct out *o, enum command command, enum lang lang)
{
    if (command == COMMAND_COUNT)
        write_program(o, lang);
    else
        write_command(o, command, lang);
}
