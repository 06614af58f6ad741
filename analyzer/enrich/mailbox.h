/* mailbox.h: exact and canonical forms of identities, with the rule that made them.
 *
 * A false merge is a false accusation: an unknown provider gets its domain lower-cased (IDNA by
 * libidn2) and nothing else.  Rules: DETECTION section 4 (validator.js normalizeEmail, gabrola). */
#ifndef VIGIE_ENRICH_MAILBOX_H
#define VIGIE_ENRICH_MAILBOX_H

#include "analyzer/base/lang.h"
#include "analyzer/base/mem.h"
#include "analyzer/model/session.h"

#define MAILBOX_RULES_VERSION 1
/* False when s is no e-mail address at all. */
bool mailbox_canonical(struct arena *a, struct str s, struct str *canonical, struct str *rule);
/* Digits only, 9 or 10 of them; false otherwise. */
bool agdref_canonical(struct arena *a, struct str s, struct str *canonical, struct str *rule);
/* French national numbers to +33...; others: digits with their '+'. */
bool phone_canonical(struct arena *a, struct str s, struct str *canonical, struct str *rule);
/* Fills canonical and rule by kind; false when the value is not of its kind. */
bool identity_canonical(struct arena *a, struct identity *i);
struct mailbox_rule {
    const char *id;
    const char *domains; /* space separated */
    struct text what;
};
extern const struct mailbox_rule mailbox_rules[];
extern const size_t mailbox_rules_count;

#endif
