/* completions.c: bash, zsh and fish completions out of the option table.
 *
 * Names that depend on the installation (sites, formats, limits) are asked of `vigie list -q` when the
 * user presses Tab. */
#include "analyzer/cli/help.h"

/* What `vigie list` knows of a type's values; NULL when nothing. */
static const char *list_of(enum option_type t)
{
    switch (t) {
    case TYPE_SITE: return "sites";
    case TYPE_FORMAT: return "formats";
    case TYPE_LIMITS: return "limits";
    case TYPE_PARAMS: return "detectors";
    case TYPE_FLAG:
    case TYPE_WORD:
    case TYPE_CHOICE:
    case TYPE_NUMBER:
    case TYPE_FILE:
    case TYPE_FOLDER:
    case TYPE_STAMP:
    case TYPE_ZONE:
    case TYPE_KEY_MAP:
    case TYPE_INPUTS: return NULL;
    }
    return NULL;
}

static bool takes_file(enum option_type t)
{
    return t == TYPE_FILE || t == TYPE_KEY_MAP || t == TYPE_SITE;
}

static void words_of(struct out *o, const struct option_info *info)
{
    struct str rest = str_of(info->arg);
    for (const char *gap = ""; rest.p != NULL; gap = " ") {
        out_text(o, gap);
        out_str(o, option_word(&rest));
    }
}

static void command_words(struct out *o)
{
    for (int i = 0; i < COMMAND_COUNT; i++)
        out_printf(o, "%s%s", i > 0 ? " " : "", command_table[i].name);
}

/* ---- bash ---- */

static void bash_values(struct out *o)
{
    for (int i = 0; i < OPTION_COUNT; i++) {
        const struct option_info *info = &option_table[i];
        if (option_hidden((enum option)i) || info->type == TYPE_FLAG)
            continue;
        out_printf(o, "        --%s", info->name);
        if (info->letter != 0)
            out_printf(o, "|-%c", info->letter);
        out_text(o, ") ");
        if (info->type == TYPE_CHOICE) {
            out_text(o, "COMPREPLY=($(compgen -W '");
            words_of(o, info);
            out_text(o, "' -- \"$cur\"))");
        } else if (info->type == TYPE_FOLDER) {
            out_text(o, "COMPREPLY=($(compgen -d -- \"$cur\"))");
        } else if (info->type == TYPE_PARAMS) { /* their names stand below each detector */
            out_text(o, "COMPREPLY=($(compgen -W \"$(vigie list detectors 2>/dev/null | sed -n "
                        "'s/^  \\([a-z-]*[.][a-z_0-9]*\\)$/\\1/p')\" -- \"$cur\"))");
        } else if (list_of(info->type) != NULL) {
            out_printf(o, "COMPREPLY=($(compgen %s-W \"$(vigie list %s -q 2>/dev/null)\" -- \"$cur\"))",
                       takes_file(info->type) ? "-f " : "", list_of(info->type));
        } else if (takes_file(info->type)) {
            out_text(o, "COMPREPLY=($(compgen -f -- \"$cur\"))");
        } else {
            out_text(o, ":");
        }
        out_text(o, "; return ;;\n");
    }
}

static void bash_options(struct out *o)
{
    for (int c = 0; c < COMMAND_COUNT; c++) {
        out_printf(o, "        %s) options='", command_table[c].name);
        for (int i = 0; i < OPTION_COUNT; i++)
            if (!option_hidden((enum option)i) && option_of_command((enum option)i, (enum command)c))
                out_printf(o, "--%s ", option_table[i].name);
        out_text(o, "' ;;\n");
    }
}

/* The options whose value is a word of its own, as a pattern. */
static void bash_valued(struct out *o)
{
    const char *bar = "";
    for (int i = 0; i < OPTION_COUNT; i++) {
        const struct option_info *info = &option_table[i];
        if (option_hidden((enum option)i) || info->type == TYPE_FLAG)
            continue;
        out_printf(o, "%s--%s", bar, info->name);
        bar = "|";
        if (info->letter != 0)
            out_printf(o, "|-%c", info->letter);
    }
}

static void bash_write(struct out *o)
{
    out_text(o, "# bash completion for vigie; generated from its option table\n"
                "_vigie()\n{\n"
                "    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} command='' options='' word value=''\n"
                "    COMPREPLY=()\n"
                "    [[ $prev == = ]] && prev=${COMP_WORDS[COMP_CWORD-2]} # --site=NAME comes in three words\n"
                "    [[ $cur == = ]] && cur=''\n"
                "    case $prev in\n");
    bash_values(o);
    out_text(o, "    esac\n"
                "    for word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n"
                "        case $word in\n"
                "        ");
    bash_valued(o);
    out_text(o, ") value=yes ;;\n"
                "        =) value=yes ;;\n"
                "        -*) value='' ;;\n"
                "        *) [[ -n $value ]] || { command=$word; break; }; value='' ;;\n"
                "        esac\n"
                "    done\n"
                "    if [[ -z $command && $cur != -* ]]; then\n"
                "        COMPREPLY=($(compgen -W '");
    command_words(o);
    out_text(o, "' -- \"$cur\"))\n        return\n    fi\n    case $command in\n");
    bash_options(o);
    out_text(o, "        *) options='--help --version --lang' ;;\n"
                "    esac\n"
                "    if [[ $cur == -* ]]; then\n"
                "        COMPREPLY=($(compgen -W \"$options\" -- \"$cur\"))\n"
                "    elif [[ $command == list ]]; then\n"
                "        COMPREPLY=($(compgen -W 'formats detectors sites limits diagnostics fields' -- \"$cur\"))\n"
                "    elif [[ $command == site && $prev == site ]]; then\n"
                "        COMPREPLY=($(compgen -W check -- \"$cur\"))\n"
                "    else\n"
                "        COMPREPLY=($(compgen -f -- \"$cur\"))\n"
                "    fi\n}\n"
                "complete -o filenames -F _vigie vigie\n");
}

/* ---- zsh ---- */

/* Inside '...[...]': quotes, brackets and colons are escaped. */
static void zsh_text(struct out *o, const char *text)
{
    for (const char *c = text; *c != '\0'; c++) {
        if (*c == '\'')
            out_text(o, "'\\''");
        else if (*c == '[' || *c == ']' || *c == ':' || *c == '\\')
            out_printf(o, "\\%c", *c);
        else
            out_char(o, *c);
    }
}

static void zsh_action(struct out *o, const struct option_info *info)
{
    out_text(o, ":value:");
    if (info->type == TYPE_CHOICE) {
        out_char(o, '(');
        words_of(o, info);
        out_char(o, ')');
    } else if (info->type == TYPE_FOLDER) {
        out_text(o, "_files -/");
    } else if (list_of(info->type) != NULL) {
        out_printf(o, "_vigie_names %s", list_of(info->type));
    } else if (takes_file(info->type)) {
        out_text(o, "_files");
    }
}

static void zsh_option(struct out *o, const struct option_info *info)
{
    const char *star = info->type == TYPE_LIMITS || info->type == TYPE_PARAMS ? "*" : "";
    out_printf(o, " \\\n            '%s--%s%s[", star, info->name, info->arg != NULL ? "=" : "");
    zsh_text(o, SAY(info->help, LANG_EN));
    out_char(o, ']');
    if (info->arg != NULL)
        zsh_action(o, info);
    out_char(o, '\'');
}

static void zsh_write(struct out *o)
{
    out_text(o, "#compdef vigie\n# zsh completion for vigie; generated from its option table\n"
                "_vigie_names()\n{\n"
                "    compadd -- ${(f)\"$(vigie list $1 -q 2>/dev/null)\"}\n"
                "    [[ $1 == sites ]] && _files\n}\n\n"
                "_vigie()\n{\n    local -a commands\n    commands=(\n");
    for (int c = 0; c < COMMAND_COUNT; c++) {
        out_printf(o, "        '%s:", command_table[c].name);
        zsh_text(o, SAY(command_table[c].summary, LANG_EN));
        out_text(o, "'\n");
    }
    out_text(o, "    )\n    if (( CURRENT == 2 )); then\n        _describe command commands\n        return\n    fi\n"
                "    case $words[2] in\n");
    for (int c = 0; c < COMMAND_COUNT; c++) {
        out_printf(o, "        %s) _arguments", command_table[c].name);
        for (int i = 0; i < OPTION_COUNT; i++)
            if (!option_hidden((enum option)i) && option_of_command((enum option)i, (enum command)c))
                zsh_option(o, &option_table[i]);
        out_printf(o, " \\\n            '*:operand:%s' ;;\n",
                   c == COMMAND_list ? "(formats detectors sites limits diagnostics fields)" : "_files");
    }
    out_text(o, "    esac\n}\n\n"
                "if [[ $funcstack[1] == _vigie ]]; then\n    _vigie \"$@\"\nelse\n    compdef _vigie vigie\nfi\n");
}

/* ---- fish ---- */

static void fish_text(struct out *o, const char *text)
{
    out_char(o, '\'');
    for (const char *c = text; *c != '\0'; c++) {
        if (*c == '\'' || *c == '\\')
            out_char(o, '\\');
        out_char(o, *c);
    }
    out_char(o, '\'');
}

static void fish_condition(struct out *o, const struct option_info *info)
{
    out_text(o, " -n '__fish_seen_subcommand_from");
    for (int c = 0; c < COMMAND_COUNT; c++)
        if ((info->commands >> c & 1) != 0)
            out_printf(o, " %s", command_table[c].name);
    out_char(o, '\'');
}

static void fish_option(struct out *o, const struct option_info *info)
{
    out_text(o, "complete -c vigie");
    if (info->group != GROUP_GENERAL)
        fish_condition(o, info);
    out_printf(o, " -l %s", info->name);
    if (info->letter != 0)
        out_printf(o, " -s %c", info->letter);
    if (info->arg != NULL)
        out_text(o, takes_file(info->type) ? " -r -F" : " -x");
    if (info->type == TYPE_CHOICE) {
        out_text(o, " -a '");
        words_of(o, info);
        out_char(o, '\'');
    } else if (info->type == TYPE_FOLDER) {
        out_text(o, " -a '(__fish_complete_directories)'");
    } else if (list_of(info->type) != NULL) {
        out_printf(o, " -a '(vigie list %s -q 2>/dev/null)'", list_of(info->type));
    }
    out_text(o, " -d ");
    fish_text(o, SAY(info->help, LANG_EN));
    out_char(o, '\n');
}

static void fish_write(struct out *o)
{
    out_text(o, "# fish completion for vigie; generated from its option table\n");
    for (int c = 0; c < COMMAND_COUNT; c++) {
        out_printf(o, "complete -c vigie -n __fish_use_subcommand -f -a %s -d ", command_table[c].name);
        fish_text(o, SAY(command_table[c].summary, LANG_EN));
        out_char(o, '\n');
    }
    out_text(o, "complete -c vigie -n '__fish_seen_subcommand_from list' -f -a "
                "'formats detectors sites limits diagnostics fields'\n"
                "complete -c vigie -n '__fish_seen_subcommand_from site' -a check\n");
    for (int i = 0; i < OPTION_COUNT; i++)
        if (!option_hidden((enum option)i))
            fish_option(o, &option_table[i]);
}

void completions_write(struct out *o, struct str shell)
{
    if (str_eq(shell, STR("bash")))
        bash_write(o);
    else if (str_eq(shell, STR("zsh")))
        zsh_write(o);
    else
        fish_write(o);
}
