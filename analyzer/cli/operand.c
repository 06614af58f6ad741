/* operand.c: commands that take one folder. */
#include "analyzer/cli/operand.h"

#include <errno.h>
#include <sys/stat.h>

bool folder_exists(struct cli *c, struct str folder, enum exit_code *code)
{
    struct stat st;
    if (folder.p == NULL)
        return true;
    *code = EXIT_UNREADABLE;
    if (stat(arena_cstr(&c->arena, folder), &st) != 0)
        return refuse(c, "%s: %s", "%s : %s", shown(c, folder), cause_of(c, errno));
    return S_ISDIR(st.st_mode) || refuse(c, "%s: is not a folder", "%s : n'est pas un répertoire", shown(c, folder));
}

bool one_folder(struct cli *c, struct str *folder, enum exit_code *code)
{
    const struct command_info *info = &command_table[c->command];
    if (c->argv.of[OPTION_INPUTS].count != 1) {
        *code = EXIT_USAGE;
        return refuse(c, "%s takes exactly one operand: vigie %s %s", "%s attend exactement un opérande : vigie %s %s",
                      info->name, info->name, info->operands);
    }
    *folder = c->argv.of[OPTION_INPUTS].items[0].text;
    return folder_exists(c, *folder, code);
}
