/* explain_record.c: what was made of one line: format, fields, oddities, client, step, key. */
#include <stdarg.h>
#include <stdio.h>

#include "analyzer/base/civil.h"
#include "analyzer/base/json.h"
#include "analyzer/cli/explain.h"
#include "analyzer/enrich/mailbox.h"
#include "analyzer/io/source.h"
#include "analyzer/model/sentence.h"
#include "parsers/log/log.h"

enum { HEAD_BYTES = 1 << 16 };

void tell_title(const struct teller *t, const char *en, const char *fr)
{
    out_printf(t->o, "\n== %s\n", t->cli->lang == LANG_FR ? fr : en);
}

void tell(const struct teller *t, const char *en, const char *fr, ...)
{
    va_list args;
    char line[4096];
    va_start(args, fr);
    int n = vsnprintf(line, sizeof line, t->cli->lang == LANG_FR ? fr : en, args);
    va_end(args);
    out_text(t->o, "  ");
    out_str(t->o, (struct str){line, n < 0 ? 0 : n < (int)sizeof line ? n : (int)sizeof line - 1});
    out_char(t->o, '\n');
}

/* ---- copying ---- */

static void keep_str(struct arena *a, struct str *s)
{
    *s = arena_str(a, *s);
}

void told_keep(struct told *d, struct arena *a, const struct event *e, const struct hit *h, struct str raw)
{
    *d = (struct told){.event = *e, .hit = *h, .raw = arena_str(a, raw), .what = TOLD_EVENT};
    struct event *c = &d->event;
    struct str *const texts[] = {&c->peer_text, &c->time_text, &c->method_text, &c->request, &c->target, &c->host,
                                 &c->user,      &c->referer,   &c->agent,       &c->body,    &c->cookies,
                                 &c->forwarded, &d->hit.cookie};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        keep_str(a, texts[i]);
    for (uint8_t i = 0; i < c->extras_count; i++) {
        keep_str(a, &c->extras[i].name);
        keep_str(a, &c->extras[i].value);
    }
    d->hit.sightings = ARENA_ARRAY(a, struct sighting, h->sightings_count + 1);
    for (uint8_t i = 0; i < h->sightings_count; i++) {
        d->hit.sightings[i] = h->sightings[i];
        keep_str(a, &d->hit.sightings[i].value);
    }
    c->net = event_net_keep(a, e->net);
    c->raw = d->raw.p;
}

/* ---- source and format ---- */

static struct str first_lines(struct cli *c, struct str name)
{
    const struct source_options options = {0};
    struct str why = STR_NONE;
    size_t n = 0, got = 0;
    struct source *s = str_eq(name, STR("-")) ? NULL : source_open(name, &options, &why);
    if (s == NULL)
        return STR_NONE;
    char *bytes = ARENA_ARRAY(&c->arena, char, HEAD_BYTES);
    while (n < HEAD_BYTES && source_read(s, bytes + n, HEAD_BYTES - n, &got) == STATUS_OK)
        n += got;
    source_close(s);
    return (struct str){bytes, (ptrdiff_t)n};
}

static void tell_bids(const struct teller *t)
{
    struct str lines = first_lines(t->cli, t->run->settings.inputs[0]);
    if (lines.p == NULL) {
        tell(t, "Bids of the formats: not shown for this source.", "Scores des formats : non affichés pour cette source.");
        return;
    }
    struct log_bid *bids = ARENA_ARRAY(&t->cli->arena, struct log_bid, log_parsers_count + 1);
    log_bids(lines, bids);
    tell(t, "The format was recognised by the first lines; bits that each format could verify in them:",
         "Format reconnu à ses premières lignes ; nombre de bits que chaque format a pu y vérifier :");
    for (size_t i = 0; i < log_parsers_count; i++)
        tell(t, "  %-16s %u", "  %-16s %u", bids[i].parser->name, bids[i].bits);
}

void tell_source(const struct teller *t, uint32_t source)
{
    const struct ledger *l = engine_ledger(t->run->engine);
    if (source >= l->count)
        return;
    const struct ledger_source *s = &l->sources[source];
    char hex[65] = "-";
    if (s->hashed)
        sha256_hex(&s->sha256, hex);
    tell_title(t, "Source and format", "Source et format");
    tell(t, "%s, %llu bytes, SHA-256 %s", "%s, %llu octets, SHA-256 %s", shown(t->cli, s->name),
         (unsigned long long)s->file_bytes, hex);
    tell(t, "%llu lines: %llu parsed, %llu rejected, %llu excluded, %llu already seen",
         "%llu lignes : %llu analysées, %llu rejetées, %llu écartées, %llu déjà vues", (unsigned long long)s->physical,
         (unsigned long long)s->parsed, (unsigned long long)s->rejected, (unsigned long long)s->excluded,
         (unsigned long long)s->already_seen);
    tell(t, "Format: %s %s", "Format : %s %s", shown(t->cli, s->format), shown(t->cli, s->format_string));
    if (str_eq(t->run->settings.format, STR("auto")))
        tell_bids(t);
    else
        tell(t, "The format was given with --format; no bids were taken.", "Format indiqué par --format ; aucune reconnaissance n'a eu lieu.");
}

/* ---- the line ---- */

static void tell_place(const struct teller *t, uint64_t record, uint64_t offset, uint64_t length, struct str raw)
{
    tell_title(t, "Record", "Enregistrement");
    tell(t, "Line %llu, offset %llu, %llu bytes", "Ligne %llu, position %llu, %llu octets", (unsigned long long)record,
         (unsigned long long)offset, (unsigned long long)length);
    out_text(t->o, "  ");
    out_escaped(t->o, raw);
    out_char(t->o, '\n');
}

static void tell_rejected(const struct teller *t, const struct told *d)
{
    const struct rejected *r = &d->rejected;
    tell_place(t, r->record, r->offset, r->length, d->raw);
    tell(t, "Rejected (%s): %s. No event, no session and no finding rests on this line; it is counted in the ledger.",
         "Rejetée (%s) : %s. Aucun événement, aucune session, aucune constatation ne repose sur cette ligne ; elle est "
         "comptée au registre.",
         reject_table[r->reason].name, SAY(reject_table[r->reason].what, t->cli->lang));
}

static void tell_fields(const struct teller *t, const struct told *d)
{
    struct out line = out_memory();
    struct json_error error;
    struct jw w = jw_open(&line, false);
    event_write_json(&w, &d->event, engine_ledger(t->run->engine)->sources[d->event.source].name, d->raw);
    const struct json *tree = json_parse(&t->cli->arena, arena_str(&t->cli->arena, out_slice(&line)), &error);
    (void)out_close(&line); /* memory writers do not fail */
    tell_title(t, "Fields", "Champs");
    if (tree != NULL)
        json_pretty(t->o, tree);
    out_char(t->o, '\n');
    for (int i = 0; i < FIELD_COUNT; i++) {
        const char *what = SAY(field_table[i].what, t->cli->lang);
        if ((d->event.has >> i & 1) == 0)
            tell(t, "Not in this format: %s", "Absent de ce format : %s", what);
        else if ((d->event.absent >> i & 1) != 0)
            tell(t, "Logged as absent: %s", "Journalisé comme absent : %s", what);
    }
}

static void tell_time(const struct teller *t, const struct event *e)
{
    static const struct text meanings[] = {
        [TIME_MEANS_UNKNOWN] = {{"The format does not say whether the stamp is the start or the end of the request",
                                 "Le format ne dit pas si l'horodatage est le début ou la fin de la requête"}},
        [TIME_MEANS_REQUEST_START] = {{"The stamp is the start of the request", "L'horodatage est le début de la requête"}},
        [TIME_MEANS_RESPONSE_END] = {{"The stamp is the end of the response", "L'horodatage est la fin de la réponse"}},
        [TIME_MEANS_LOG_WRITE] = {{"The stamp is the writing of the line, at the end of the request",
                                   "L'horodatage est l'écriture de la ligne, à la fin de la requête"}},
    };
    char iso[ISO_TEXT_MAX];
    size_t n = iso_format(e->time_us, iso);
    tell_title(t, "Time", "Date et heure");
    const struct named_int resolution = {"x", e->resolution_us};
    struct text said = sentence(&t->cli->arena, TEXT("{x us}", "{x us}"), &resolution, 1);
    tell(t, "%s is read as %.*s (UTC); resolution %s.", "%s se lit %.*s (UTC) ; résolution : %s.",
         shown(t->cli, e->time_text), (int)n, iso, SAY(said, t->cli->lang));
    tell(t, "%s.", "%s.", SAY(meanings[e->meaning], t->cli->lang));
}

static void tell_oddities(const struct teller *t, const struct event *e)
{
    tell_title(t, "Oddities", "Singularités");
    if (e->odd == 0)
        tell(t, "None.", "Aucune.");
    for (int i = 0; i < ODDITY_COUNT; i++)
        if ((e->odd >> i & 1) != 0)
            tell(t, "%s: %s", "%s : %s", oddity_table[i].name, SAY(oddity_table[i].what, t->cli->lang));
}

static const char *ip_shown(struct cli *c, const struct ip *a)
{
    char text[IP_TEXT_MAX];
    if (ip_is_zero(a))
        return "-";
    return arena_cstr(&c->arena, (struct str){text, (ptrdiff_t)ip_format(a, text)});
}

static void tell_client(const struct teller *t, const struct event *e)
{
    tell_title(t, "Client address", "Adresse du client");
    tell(t, "The server saw %s.", "Le serveur a vu %s.", ip_shown(t->cli, &e->peer));
    if (e->forwarded.p != NULL)
        tell(t, "Forwarded chain: %s", "Chaîne transmise : %s", shown(t->cli, e->forwarded));
    switch ((enum client_rule)e->client_rule) {
    case CLIENT_PEER:
        tell(t, "Client: %s, the peer itself: no trusted proxy names another address.",
             "Client : %s, le pair lui-même : aucun mandataire de confiance n'en désigne un autre.",
             ip_shown(t->cli, &e->client));
        return;
    case CLIENT_FORWARDED:
        tell(t, "Client: %s, the first address from the right of the chain that is no trusted proxy.",
             "Client : %s, première adresse, depuis la droite de la chaîne, qui n'est pas un mandataire de confiance.",
             ip_shown(t->cli, &e->client));
        return;
    case CLIENT_PROXY:
        tell(t, "Client: %s, as the PROXY protocol header of the connection names it.",
             "Client : %s, désigné par l'en-tête PROXY de la connexion.", ip_shown(t->cli, &e->client));
        return;
    case CLIENT_NONE:
        tell(t, "Client: none; the line carries no usable address.", "Client : aucun ; la ligne ne porte aucune adresse utilisable.");
        return;
    }
}

static void tell_sightings(const struct teller *t, const struct hit *h)
{
    for (uint8_t i = 0; i < h->sightings_count; i++) {
        struct identity id = {.kind = h->sightings[i].kind, .value = h->sightings[i].value};
        if (identity_canonical(&t->cli->arena, &id))
            tell(t, "Identity value (%s): %s, canonical %s by rule %s", "Valeur d'identité (%s) : %s, forme canonique %s par la règle %s",
                 identity_names[id.kind], shown(t->cli, id.value), shown(t->cli, id.canonical), shown(t->cli, id.rule));
        else
            tell(t, "Value in a field for %s that is not one: %s", "Valeur d'un champ %s qui n'en est pas une : %s",
                 identity_names[id.kind], shown(t->cli, id.value));
    }
}

static void tell_step(const struct teller *t, const struct hit *h)
{
    const struct site *site = t->run->site;
    tell_title(t, "Site", "Site");
    tell(t, "Profile: %s", "Profil : %s", shown(t->cli, site->name));
    if (h->step > 0 && h->step <= site->steps_count) {
        const struct site_step *s = &site->steps[h->step - 1];
        tell(t, "Step '%s' (%s): method %s and path match %s", "Étape « %s » (%s) : la méthode %s et le chemin concordent avec %s",
             shown(t->cli, s->name), meaning_names[s->meaning], shown(t->cli, s->method), shown(t->cli, s->path));
    } else {
        tell(t, "No step of the funnel: no path template of the profile matches.",
             "Aucune étape du parcours : aucun modèle de chemin du profil ne concorde.");
    }
    if (h->asset)
        tell(t, "Asset: loaded by the page itself; it says nothing of what a person or a script decided.",
             "Élément de page : chargé par la page elle-même ; il ne révèle aucune décision d'une personne ou d'un script.");
    else if (h->decision)
        tell(t, "Decision event: an act of a person or a script; only these are timed.",
             "Acte de décision, d'une personne ou d'un script ; seuls ces actes sont chronométrés.");
    else
        tell(t, "Neither an asset nor a decision event: counted, not timed.",
             "Ni élément de page ni acte de décision : compté, non chronométré.");
    if (h->referer_step > 0 && h->referer_step <= site->steps_count)
        tell(t, "The referer names step '%s'.", "Le référent désigne l'étape « %s ».",
             shown(t->cli, site->steps[h->referer_step - 1].name));
    if (h->captcha)
        tell(t, "Carries an answer to a security code.", "Contient une réponse à un code de sécurité.");
    tell_sightings(t, h);
}

static void tell_key(const struct teller *t, const struct told *d)
{
    tell_title(t, "Session key", "Clé de session");
    if (d->hit.cookie.p != NULL)
        tell(t, "Session cookie %s", "Cookie de session %s", shown(t->cli, d->hit.cookie));
    else
        tell(t, "No session cookie in the record, hence address and agent: %s, %s",
             "Pas de cookie de session, donc adresse et agent : %s, %s", ip_shown(t->cli, &d->event.client),
             d->event.agent.p != NULL ? shown(t->cli, d->event.agent) : "-");
}

void tell_record(const struct teller *t, const struct told *d)
{
    if (d->what == TOLD_REJECTED) {
        tell_rejected(t, d);
        return;
    }
    tell_place(t, d->event.record, d->event.offset, d->event.length, d->raw);
    tell_fields(t, d);
    tell_time(t, &d->event);
    tell_oddities(t, &d->event);
    tell_client(t, &d->event);
    tell_step(t, &d->hit);
    tell_key(t, d);
}
