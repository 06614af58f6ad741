/* cmd_verify.c: a bag checked without trusting who made it. */
#include <unistd.h>

#include "analyzer/cli/commands.h"
#include "analyzer/cli/operand.h"
#include "analyzer/cli/result.h"
#include "reports/verify.h"

static void say_result(struct out *o, const struct cli *c, const struct verify_result *r, struct str bag)
{
    bool fr = c->lang == LANG_FR;
    if (r->failures > 0)
        out_printf(o, fr ? "NON CONFORME : %llu échec(s) : " : "NOT VERIFIED: %llu failure(s): ",
                   (unsigned long long)r->failures);
    else
        out_text(o, fr ? "conforme : " : "verified: ");
    out_escaped(o, bag);
    out_printf(o, fr ? " (%llu fichiers" : " (%llu files", (unsigned long long)r->files);
    if (!r->foreign)
        out_printf(o, fr ? ", %llu enregistrements, %llu liens, %llu plages relues dans les sources"
                         : ", %llu records, %llu links, %llu ranges read again in the sources",
                   (unsigned long long)r->records, (unsigned long long)r->links, (unsigned long long)r->ranges);
    out_text(o, ")\n");
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
