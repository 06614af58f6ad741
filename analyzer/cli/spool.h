/* spool.h: closed sessions put aside on disk until their sources are hashed.
 *
 * A session's public id contains the SHA-256 of its source, which is known when the source has been
 * read to its end; until then sessions wait in an unlinked temporary file, so that memory does not
 * follow their number. */
#ifndef VIGIE_CLI_SPOOL_H
#define VIGIE_CLI_SPOOL_H

#include "analyzer/cli/cli.h"
#include "analyzer/model/session.h"

struct spool;

/* folder: where the temporary file is made; missing: TMPDIR or /tmp.  NULL with c->problem. */
struct spool *spool_open(struct cli *c, struct str folder);
void spool_add(struct spool *s, const struct session *session);
/* Goes back to the start; false with c->problem when something could not be written. */
bool spool_rewind(struct cli *c, struct spool *s);
/* The next session, in the order of spool_add; it lives in a.  False at the end. */
bool spool_next(struct spool *s, struct arena *a, struct session *session);
void spool_close(struct spool *s);

#endif
