/* mailbox.c: identities in canonical form, each with the id of the rule that made it.
 *
 * Two people must never become one: a rule merges only what the provider itself delivers to one
 * mailbox, and equalities that are merely probable (Yahoo's '-', iCloud's three domains, Proton's
 * dots) are left alone.  Whatever no rule knows keeps its local part byte for byte. */
#include <idn2.h>

#include "analyzer/enrich/mailbox.h"

enum {
    LOCAL_BYTES_MAX = 64,   /* RFC 5321 section 4.5.3.1.1 */
    DOMAIN_BYTES_MAX = 255, /* section 4.5.3.1.2 */
    PHONE_DIGITS_MIN = 6,
    PHONE_DIGITS_MAX = 15, /* ITU-T E.164 */
    NAME_BYTES_MAX = 512
};

enum action {
    FOLD = 1, /* local part in small letters */
    DROP_DOTS = 2,
    CUT_PLUS = 4,
    ONE_DOMAIN = 8, /* all domains of the rule are one: the first one listed */
    BELOW = 16,     /* subdomains count too */
    USER_BELOW = 32 /* x@user.domain is user@domain */
};

const struct mailbox_rule mailbox_rules[] = {
    {"gmail-dots-plus",
     "gmail.com googlemail.com",
     {{"small letters, dots dropped, cut at '+'; both domains are one",
       "minuscules, points supprimés, coupure à « + » ; les deux domaines n'en font qu'un"}}},
    {"outlook-plus",
     "outlook.com outlook.fr hotmail.com hotmail.fr live.com live.fr msn.com msn.fr",
     {{"small letters, cut at '+'; dots count",
       "minuscules, coupure à « + » ; les points comptent"}}},
    {"yahoo-lower",
     "yahoo.com yahoo.fr yahoo.co.uk yahoo.de yahoo.es yahoo.it ymail.com rocketmail.com",
     {{"small letters only; that '-' starts a tag is probable but not certain, so nothing is cut",
       "minuscules seulement ; « - » ouvre probablement un suffixe, sans certitude : rien n'est coupé"}}},
    {"icloud-plus",
     "icloud.com me.com mac.com",
     {{"small letters, cut at '+'; the three domains stay apart, their equality is unverified",
       "minuscules, coupure à « + » ; les trois domaines restent distincts, leur équivalence n'étant pas vérifiée"}}},
    {"proton-plus",
     "proton.me protonmail.com pm.me",
     {{"small letters, cut at '+'; the three domains are one; dots, hyphens and underscores count",
       "minuscules, coupure à « + » ; les trois domaines n'en font qu'un ; points, tirets et soulignés comptent"}}},
    {"fastmail-plus",
     "fastmail.com fastmail.fm",
     {{"small letters, cut at '+'; x@user.fastmail.com is user@fastmail.com",
       "minuscules, coupure à « + » ; x@user.fastmail.com équivaut à user@fastmail.com"}}},
    {"provider-lower",
     "orange.fr wanadoo.fr free.fr laposte.net sfr.fr neuf.fr bbox.fr",
     {{"small letters only; '+' counts, no two of the domains are one",
       "minuscules seulement ; « + » compte, aucun de ces domaines n'équivaut à un autre"}}},
    {"relay",
     "privaterelay.appleid.com mozmail.com duck.com simplelogin.com simplelogin.co simplelogin.fr",
     {{"relay address, protects privacy; never brought to another form",
       "adresse de relais, protège la vie privée ; jamais ramenée à une autre forme"}}},
    {"domain-lower",
     "",
     {{"any other provider: the domain in small letters (IDNA), the local part as given",
       "autre fournisseur : domaine en minuscules (IDNA), partie locale inchangée"}}},
};
const size_t mailbox_rules_count = sizeof mailbox_rules / sizeof *mailbox_rules;

/* By index in mailbox_rules. */
static const unsigned actions[sizeof mailbox_rules / sizeof *mailbox_rules] = {
    FOLD | DROP_DOTS | CUT_PLUS | ONE_DOMAIN,
    FOLD | CUT_PLUS,
    FOLD,
    FOLD | CUT_PLUS,
    FOLD | CUT_PLUS | ONE_DOMAIN,
    FOLD | CUT_PLUS | USER_BELOW,
    FOLD,
    BELOW,
    0,
};

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

static struct str lowered(struct arena *a, struct str s)
{
    char *p = ARENA_ARRAY(a, char, s.n + 1);
    for (ptrdiff_t i = 0; i < s.n; i++)
        p[i] = lower(s.p[i]);
    return (struct str){p, s.n};
}

/* ---- e-mail ---- */

static bool is_local(struct str s)
{
    if (s.n < 1 || s.n > LOCAL_BYTES_MAX)
        return false;
    bool quoted = s.n >= 2 && s.p[0] == '"' && s.p[s.n - 1] == '"';
    for (ptrdiff_t i = 0; i < s.n; i++)
        if ((uint8_t)s.p[i] < ' ' || s.p[i] == 0x7F ||
            (!quoted && memchr(" @,;:<>()[]\"\\", s.p[i], 13) != NULL))
            return false;
    return true;
}

/* At least two labels, none empty, of letters, digits, '-', '_' or bytes beyond ASCII. */
static bool is_domain(struct str s)
{
    ptrdiff_t label = 0;
    int labels = 0;
    if (s.n > DOMAIN_BYTES_MAX)
        return false;
    for (ptrdiff_t i = 0; i <= s.n; i++) {
        if (i == s.n || s.p[i] == '.') {
            if (label == 0)
                return false;
            labels++;
            label = 0;
            continue;
        }
        char c = lower(s.p[i]);
        bool fits = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
                    (uint8_t)c >= 0x80;
        if (!fits)
            return false;
        label++;
    }
    return labels >= 2;
}

static bool is_ascii(struct str s)
{
    for (ptrdiff_t i = 0; i < s.n; i++)
        if ((uint8_t)s.p[i] >= 0x80)
            return false;
    return true;
}

/* Small letters, and the A-label form of a name beyond ASCII; such a name that IDNA refuses stays
 * as it is. */
static struct str domain_form(struct arena *a, struct str domain)
{
    uint8_t *found = NULL;
    struct str small = lowered(a, domain);
    if (is_ascii(domain) || !str_utf8_valid(domain))
        return small;
    int rc = idn2_lookup_u8((const uint8_t *)arena_cstr(a, domain), &found,
                            IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL);
    struct str mapped = rc == IDN2_OK ? lowered(a, str_of((const char *)found)) : STR_NONE;
    if (mapped.n > 0 && is_domain(mapped)) /* U+037E would become a ';' */
        small = mapped;
    idn2_free(found);
    return small;
}

/* The rule's domain that this one is or lies below; missing when there is none. */
static struct str domain_in(struct str domain, struct str list, unsigned action)
{
    while (list.p != NULL) {
        struct str one;
        list = str_cut(list, ' ', &one);
        if (one.n > 0 && str_eq(one, domain))
            return one;
        bool below =
            domain.n > one.n + 1 && str_ends(domain, one) && domain.p[domain.n - one.n - 1] == '.';
        bool user = below && str_find(str_sub(domain, 0, domain.n - one.n - 1), '.', 0) < 0;
        if (one.n > 0 && ((below && (action & BELOW) != 0) || (user && (action & USER_BELOW) != 0)))
            return one;
    }
    return STR_NONE;
}

static size_t rule_of(struct str domain, struct str *known)
{
    size_t last = mailbox_rules_count - 1;
    for (size_t i = 0; i < last; i++) {
        *known = domain_in(domain, str_of(mailbox_rules[i].domains), actions[i]);
        if (known->p != NULL)
            return i;
    }
    *known = STR_NONE;
    return last;
}

static struct str local_form(struct arena *a, struct str local, unsigned action)
{
    char *p = ARENA_ARRAY(a, char, local.n + 1);
    ptrdiff_t n = 0;
    for (ptrdiff_t i = 0; i < local.n; i++) {
        char c = local.p[i];
        if (c == '+' && (action & CUT_PLUS) != 0)
            break;
        if (c != '.' || (action & DROP_DOTS) == 0)
            p[n++] = (action & FOLD) != 0 ? lower(c) : c;
    }
    return (struct str){p, n};
}

/* Brings both parts into the rule's form; false when no mailbox would be left ("+x@gmail.com"). */
static bool apply(struct arena *a, size_t rule, struct str known, struct str *local,
                  struct str *domain)
{
    unsigned action = actions[rule];
    bool user_below = (action & USER_BELOW) != 0 && domain->n > known.n;
    struct str user = str_sub(*domain, 0, domain->n - known.n - 1);
    struct str form = user_below ? local_form(a, user, FOLD) : local_form(a, *local, action);
    if (!is_local(form))
        return false;
    *local = form;
    if (user_below)
        *domain = known;
    if ((action & ONE_DOMAIN) != 0)
        str_cut(str_of(mailbox_rules[rule].domains), ' ', domain);
    return true;
}

bool mailbox_canonical(struct arena *a, struct str s, struct str *canonical, struct str *rule)
{
    struct str known;
    s = str_trim(s);
    const char *at = s.n > 0 ? memrchr(s.p, '@', (size_t)s.n) : NULL;
    if (at == NULL)
        return false;
    struct str local = str_sub(s, 0, at - s.p), domain = str_sub(s, at - s.p + 1, s.n);
    if (domain.n > 0 && domain.p[domain.n - 1] == '.')
        domain.n--; /* the root's dot */
    if (!is_local(local) || !is_domain(domain))
        return false;
    domain = domain_form(a, domain);
    size_t i = rule_of(domain, &known);
    if (local.p[0] == '"' || !apply(a, i, known, &local, &domain))
        i = mailbox_rules_count - 1;
    *canonical = arena_printf(a, "%.*s@%.*s", STR_ARG(local), STR_ARG(domain));
    *rule = str_of(mailbox_rules[i].id);
    return true;
}

/* ---- numbers ---- */

static struct str digits_of(struct arena *a, struct str s)
{
    char *p = ARENA_ARRAY(a, char, s.n + 1);
    ptrdiff_t n = 0;
    for (ptrdiff_t i = 0; i < s.n; i++)
        if (s.p[i] >= '0' && s.p[i] <= '9')
            p[n++] = s.p[i];
    return (struct str){p, n};
}

bool agdref_canonical(struct arena *a, struct str s, struct str *canonical, struct str *rule)
{
    struct str digits = digits_of(a, s);
    if (digits.n != 9 && digits.n != 10)
        return false;
    *canonical = digits;
    *rule = STR("agdref-digits");
    return true;
}

static bool is_phone_text(struct str s)
{
    for (ptrdiff_t i = 0; i < s.n; i++)
        if (memchr("0123456789+ .-/()", s.p[i], 17) == NULL || (s.p[i] == '+' && i > 0))
            return false;
    return true;
}

/* National significant number of a French form ("06...", "+33 6...", "0033 (0)6..."), or missing.
 */
static struct str french_number(struct str digits, bool international)
{
    ptrdiff_t skip = 0;
    if (international && str_starts(digits, STR("33")))
        skip = 2;
    else if (!international && str_starts(digits, STR("0033")))
        skip = 4;
    bool trunk = digits.n > skip && digits.p[skip] == '0';
    struct str rest = str_sub(digits, skip + trunk, digits.n);
    bool french = skip > 0 || (trunk && !international);
    return french && rest.n == 9 && rest.p[0] != '0' ? rest : STR_NONE;
}

bool phone_canonical(struct arena *a, struct str s, struct str *canonical, struct str *rule)
{
    s = str_trim(s);
    if (s.n == 0 || s.n > 64 || !is_phone_text(s))
        return false;
    bool international = s.p[0] == '+';
    struct str digits = digits_of(a, s);
    struct str french = french_number(digits, international);
    if (french.p != NULL) {
        *canonical = arena_printf(a, "+33%.*s", STR_ARG(french));
        *rule = STR("phone-fr");
        return true;
    }
    if (!international && str_starts(digits, STR("00"))) {
        international = true;
        digits = str_sub(digits, 2, digits.n);
    }
    if (digits.n < PHONE_DIGITS_MIN || digits.n > PHONE_DIGITS_MAX)
        return false;
    *canonical = arena_printf(a, "%s%.*s", international ? "+" : "", STR_ARG(digits));
    *rule = international ? STR("phone-e164") : STR("phone-digits");
    return true;
}

/* ---- names ---- */

/* Small letters for ASCII and the capitals of Latin-1 (É, Ç, ...); runs of blanks become one space.
 */
static bool name_canonical(struct arena *a, struct str s, struct str *canonical, struct str *rule)
{
    s = str_trim(s);
    if (s.n == 0 || s.n > NAME_BYTES_MAX)
        return false;
    char *p = ARENA_ARRAY(a, char, s.n);
    ptrdiff_t n = 0;
    for (ptrdiff_t i = 0; i < s.n; i++) {
        uint8_t c = (uint8_t)s.p[i], before = i > 0 ? (uint8_t)s.p[i - 1] : 0;
        bool blank = c == ' ' || c == '\t' || c == '\r' || c == '\n';
        if (blank && p[n - 1] == ' ')
            continue;
        if (blank)
            c = ' ';
        else if (before == 0xC3 && c >= 0x80 && c <= 0x9E && c != 0x97)
            c = (uint8_t)(c + 0x20);
        p[n++] = lower((char)c);
    }
    *canonical = (struct str){p, n};
    *rule = STR("name-fold");
    return true;
}

bool identity_canonical(struct arena *a, struct identity *i)
{
    switch (i->kind) {
    case IDENTITY_EMAIL:
        return mailbox_canonical(a, i->value, &i->canonical, &i->rule);
    case IDENTITY_AGDREF:
        return agdref_canonical(a, i->value, &i->canonical, &i->rule);
    case IDENTITY_PHONE:
        return phone_canonical(a, i->value, &i->canonical, &i->rule);
    case IDENTITY_NAME:
        return name_canonical(a, i->value, &i->canonical, &i->rule);
    case IDENTITY_KINDS:
        break;
    }
    return false;
}
