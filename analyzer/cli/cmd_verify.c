/* cmd_verify.c: a bag checked without trusting who made it. */
#include <unistd.h>

#include "analyzer/cli/commands.h"
#include "analyzer/cli/operand.h"
#include "analyzer/cli/result.h"
#include "analyzer/model/sentence.h"
#include "reports/verify.h"

static void say_counts(struct out *o, struct cli *c, const struct verify_result *r)
{
    const struct named_int values[] = {{"files", (int64_t)r->files},
                                       {"records", (int64_t)r->records},
                                       {"links", (int64_t)r->links},
                                       {"ranges", (int64_t)r->ranges}};
    struct text files = TEXT("{files} {files:file|files}", "{files} {files:fichier|fichiers}");
    struct text all = TEXT("{files} {files:file|files}, {records} {records:record|records}, {links} {links:link|links}, "
                           "{ranges} {ranges:range|ranges} read again in the sources",
                           "{files} {files:fichier|fichiers}, {records} {records:enregistrement|enregistrements}, {links} "
                           "{links:lien|liens}, {ranges} {ranges:plage relue|plages relues} dans les sources");
    struct text said = sentence(&c->arena, r->foreign ? files : all, values, sizeof values / sizeof values[0]);
    out_printf(o, " (%s)\n", SAY(said, c->lang));
}

static void say_result(struct out *o, struct cli *c, const struct verify_result *r, struct str bag)
{
    bool fr = c->lang == LANG_FR;
    const struct named_int failures = {"n", (int64_t)r->failures};
    struct text failed = sentence(&c->arena, TEXT("NOT VERIFIED: {n} {n:failure|failures}: ",
                                                  "NON CONFORME : {n} {n:échec|échecs} : "), &failures, 1);
    out_text(o, r->failures > 0 ? SAY(failed, c->lang) : fr ? "conforme : " : "verified: ");
    out_escaped(o, bag);
    say_counts(o, c, r);
    if (r->foreign)
        out_text(o, fr ? "Ce sac n'a pas été produit par vigie : seules les règles BagIt ont été contrôlées.\n"
                       : "This bag was not made by vigie: only the rules of BagIt were checked.\n");
}

enum exit_code cmd_verify(struct cli *c)
{
    struct verify_options options = {.inputs = choice_text(c, OPTION_INPUTS_FOLDER), .lang = c->lang};
    struct verify_result result = {0};
    enum exit_code code;
    if (!one_folder(c, &options.bag, &code) || !folder_exists(c, options.inputs, &code))
        return code;
    struct out o = out_fd(STDOUT_FILENO, 1 << 16);
    enum status status = verify_bag(&options, &o, &result);
    if (!choice_flag(c, OPTION_QUIET) && status != STATUS_FATAL)
        say_result(&o, c, &result, options.bag);
    if (!stdout_close(c, &o))
        return EXIT_INTERNAL;
    return status == STATUS_OK ? EXIT_NOTHING : EXIT_UNVERIFIED;
}
