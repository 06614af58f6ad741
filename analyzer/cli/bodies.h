/* bodies.h: the decoded bodies of a capture's transactions as files, for whoever has to read them. */
#ifndef VIGIE_CLI_BODIES_H
#define VIGIE_CLI_BODIES_H

#include "analyzer/cli/cli.h"
#include "analyzer/model/event.h"

struct bodies {
    int folder;  /* -1: nothing is wanted */
    bool failed; /* c->problem says why; nothing more is written */
};

/* Makes the folder, which must not exist; folder missing: nothing is wanted.  False with c->problem. */
bool bodies_open(struct cli *c, struct bodies *b, struct str folder);
/* "0001-capture.pcap.c12.t3.request" and ".response": source by its place and name, connection, transaction. */
void bodies_write(struct cli *c, struct bodies *b, const struct event *e, struct str source_name);
void bodies_close(struct bodies *b);

#endif
