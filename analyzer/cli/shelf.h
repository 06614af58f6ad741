/* shelf.h: closed sessions put aside on disk until the run is over.
 *
 * What is concluded of a session, and the SHA-256 of the sources it cites, are known at the end; until
 * then sessions wait in an unlinked temporary file, so that memory does not follow their number. */
#ifndef VIGIE_CLI_SHELF_H
#define VIGIE_CLI_SHELF_H

#include "analyzer/cli/cli.h"
#include "analyzer/model/session.h"

struct shelf;

/* folder: where the temporary file is made; missing: TMPDIR or /tmp.  NULL with c->problem. */
struct shelf *shelf_open(struct cli *c, struct str folder);
void shelf_add(struct shelf *s, const struct session *session);
/* Goes back to the start; false with c->problem when something could not be written. */
bool shelf_rewind(struct cli *c, struct shelf *s);
/* The next session, in the order of shelf_add; it lives in a.  False at the end. */
bool shelf_next(struct shelf *s, struct arena *a, struct session *session);
/* With everything it points to. */
struct session shelf_copy(struct arena *a, const struct session *session);
void shelf_close(struct shelf *s);

#endif
