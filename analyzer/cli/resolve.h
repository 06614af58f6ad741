/* resolve.h: from choices to settings; the one place where values are checked. */
#ifndef VIGIE_CLI_RESOLVE_H
#define VIGIE_CLI_RESOLVE_H

#include "analyzer/cli/cli.h"
#include "analyzer/model/settings.h"
#include "analyzer/site/site.h"

/* Each is false with c->problem. */
bool resolve_general(struct cli *c); /* every choice and number of the table; language */
bool resolve_settings(struct cli *c, struct settings *s, const struct site **site);
/* Inputs that do not exist and an --out that does are refused before anything is read; the exit code
 * says which. */
enum exit_code resolve_paths(struct cli *c, const struct settings *s);
bool out_is_free(struct cli *c, struct str out); /* missing: free */
bool resolve_number(struct cli *c, enum option o, int64_t *v); /* false when none was given */
/* Colours or progress: auto, always, never. */
bool resolve_when(const struct cli *c, enum option o, bool automatic);
/* An absolute time: "2026-03-01", "2026-03-01T08:00", with seconds, fraction and zone, or seconds since
 * 1970 (nine digits or more). */
bool stamp_parse(struct str s, int offset_s, int64_t *us);
bool zone_parse(struct str s, int *offset_s); /* "Z", "UTC", "+01:00", "-0330" */
/* What is wrong with a stamp is that it counts from now. */
bool stamp_is_relative(struct str s);

#endif
