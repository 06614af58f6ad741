/* verify_text.c: the checks an expert types by hand.  A line that starts with four spaces is a
 * command for bash; each ends with status 0 and prints OK, or fails (tests/stream/verify_text.sh
 * runs them all). */
#include "reports/verify_text.h"

enum wants { WANTS_NOTHING, WANTS_RECORDS };

struct step {
    enum wants wants;
    struct text title, note;
    const char *commands;
};

static const struct step bag_steps[] = {
    {WANTS_NOTHING,
     {{"No file was changed or removed", "Aucun fichier n'a été modifié ni supprimé"}},
     {{"Both manifests list SHA-256 values; the second list covers the first.",
       "Les deux manifestes contiennent des empreintes SHA-256 ; le second couvre le premier."}},
     "    sha256sum --strict --quiet -c tagmanifest-sha256.txt && sha256sum --strict --quiet -c "
     "manifest-sha256.txt && echo OK\n"},
    {WANTS_NOTHING,
     {{"No file was added", "Aucun fichier n'a été ajouté"}},
     {{"sha256sum alone does not see files that no manifest lists.",
       "sha256sum seul ne voit pas les fichiers absents des manifestes."}},
     "    [ -z \"$(comm -3 <(find data ! -type d | LC_ALL=C sort) <(cut -c67- manifest-sha256.txt "
     "| LC_ALL=C sort))\" ] && echo OK\n"},
    {WANTS_NOTHING,
     {{"data/evidence.json is in canonical form (RFC 8785)",
       "data/evidence.json est sous forme canonique (RFC 8785)"}},
     {{"Nothing can hide in spaces, key order or repeated keys.",
       "Rien ne peut se dissimuler dans les espaces, l'ordre des clés ou des clés répétées."}},
     "    [ \"$(jq -cSj . data/evidence.json | sha256sum)\" = \"$(sha256sum < "
     "data/evidence.json)\" ] && echo OK\n"},
    {WANTS_NOTHING,
     {{"The documents name each other correctly", "Les documents se désignent correctement"}},
     {{"Rules, scoring rule, configuration, ledger and records have the hashes that evidence.json gives.",
       "Règles, pondération, configuration, registre et enregistrements ont les empreintes indiquées par "
       "evidence.json."}},
     "    jq -r '.rules[], .scoring, .records, .ledger, .configuration.effective | \"\\(.sha256)  "
     "\\(.file)\"' data/evidence.json "
     "| sha256sum --strict --quiet -c && echo OK\n"},
    {WANTS_NOTHING,
     {{"No record is missing", "Aucun enregistrement ne manque"}},
     {{"Records are numbered from 0 without a gap, as many as evidence.json says.",
       "Les enregistrements sont numérotés à partir de 0 sans lacune, au nombre annoncé par "
       "evidence.json."}},
     "    jq -s -e '[.[].seq] == [range(length)]' data/records.jsonl > /dev/null "
     "&& [ \"$(wc -l < data/records.jsonl)\" = \"$(jq .records.count data/evidence.json)\" ] && "
     "echo OK\n"},
    {WANTS_NOTHING,
     {{"Every statement leads to a record", "Chaque énoncé mène à un enregistrement"}},
     {{"The numbers in findings, reasons and sessions exist in records.jsonl.",
       "Les numéros cités par les constatations, motifs et sessions existent dans records.jsonl."}},
     "    jq -e '.records.count as $n | [.findings[].records[], .findings[].reasons[].records[], "
     ".sessions[].acts[].record] "
     "| all(. < $n)' data/evidence.json > /dev/null && echo OK\n"},
    {WANTS_RECORDS,
     {{"Each record's bytes have the hash beside them",
       "Les octets de chaque enregistrement ont l'empreinte indiquée"}},
     {{"Slow on many records (a few processes each); a sample is enough once step 1 passed.",
       "Lent sur de nombreux enregistrements ; un échantillon suffit une fois l'étape 1 réussie."}},
     "    jq -r 'select(.raw_b64) | [.raw_b64, .sha256] | join(\" \")' data/records.jsonl | while "
     "read -r b h; do "
     "[ \"$(base64 -d <<< \"$b\" | sha256sum | cut -c1-64)\" = \"$h\" ] || { echo \"$h\"; exit 1; "
     "}; done && echo OK\n"},
};

/* A source is found by its size and its SHA-256: names may have changed, two files may share one, and
 * data from a pipe never had any. */
static const char find_source[] =
    "    source_file() { find -L \"$INPUTS\" -type f -size \"$1c\" -exec bash -c "
    "'[ \"$(sha256sum < \"$0\" | cut -c1-64)\" = \"$1\" ]' {} \"$2\" \\; -print -quit; }\n";

static const struct step source_steps[] = {
    {WANTS_NOTHING,
     {{"The files are those that were analysed", "Les fichiers sont ceux qui ont été analysés"}},
     {{"Looks for a file with the size and SHA-256 of each source, compressed files as they are "
       "stored, whatever\n   their names are now.  A log that has grown since is not found: compare "
       "head -c SIZE FILE | sha256sum.",
       "Recherche, pour chaque source, un fichier ayant sa taille et son empreinte SHA-256, tel "
       "qu'il est conservé,\n   quel que soit son nom actuel.  Un journal qui s'est allongé depuis "
       "n'est pas trouvé : comparer\n   head -c TAILLE FICHIER | sha256sum."}},
     "    jq -r '.sources[] | select(.sha256) | \"\\(.file_bytes) \\(.sha256) \\(.name | @json)\"' "
     "data/evidence.json | while read -r b h n; do "
     "[ -n \"$(source_file \"$b\" \"$h\")\" ] || { echo \"$n: $h\"; exit 1; }; done && echo OK\n"},
    {WANTS_RECORDS,
     {{"A cited record stands in its source, at its place",
       "Un enregistrement cité figure dans sa source, à sa place"}},
     {{"For record number N; \"zcat -f\" also reads files that are not compressed.  The last "
       "command shows the line itself.",
       "Pour l'enregistrement numéro N ; « zcat -f » lit aussi les fichiers non compressés.  La "
       "dernière commande affiche la ligne."}},
     "    R=$(jq -c \"select(.seq == $N)\" data/records.jsonl)\n"
     "    OFF=$(jq .offset <<< \"$R\") LEN=$(jq .length <<< \"$R\")\n"
     "    FILE=$(source_file $(jq -r --arg s \"$(jq -r .source <<< \"$R\")\" '.sources[] | select(.id == "
     "$s) | .file_bytes, .sha256' data/evidence.json))\n"
     "    [ \"$(zcat -f < \"$FILE\" | tail -c +$((OFF+1)) | head -c $LEN | sha256sum | cut "
     "-c1-64)\" = \"$(jq -r .sha256 <<< \"$R\")\" ] && echo OK\n"
     "    zcat -f < \"$FILE\" | tail -c +$((OFF+1)) | head -c $LEN | cat -v\n"},
};

static const struct text heading = {
    {"HOW TO CHECK THIS BUNDLE WITHOUT THE PROGRAM THAT MADE IT",
     "COMMENT VÉRIFIER CE DOSSIER SANS LE PROGRAMME QUI L'A PRODUIT"}};
static const struct text intro = {
    {"Needed: bash, GNU coreutils and findutils, gzip, jq (1.6 or later).\n"
     "Type the indented lines in bash, in the folder that holds this file.  A check that\n"
     "passes prints OK; whatever else is printed names what differs.\n",
     "Outils nécessaires : bash, GNU coreutils et findutils, gzip, jq (1.6 ou plus récent).\n"
     "Saisir les lignes en retrait dans bash, depuis le dossier contenant ce fichier.  Un\n"
     "contrôle réussi affiche OK ; tout autre affichage désigne ce qui diffère.\n"}};
static const struct text with_sources = {
    {"WITH THE ORIGINAL LOG FILES\n\nGive the folder that holds them; sub-folders are looked at "
     "too:\n\n",
     "AVEC LES JOURNAUX D'ORIGINE\n\nIndiquer le dossier qui les contient ; ses sous-dossiers sont "
     "examinés aussi :\n\n"}};
static const struct text streamed = {
    {"Data that came from a pipe (\"-\") can be checked where they were kept in a file: put it into "
     "that\nfolder, under any name.  Where they were not kept, the steps below do not find them.\n\n",
     "Un flux (« - ») ne peut être contrôlé que s'il a été conservé dans un fichier : le placer dans "
     "ce\ndossier, sous un nom quelconque.  À défaut, les étapes ci-dessous ne le trouvent pas.\n\n"}};
static const struct text closing = {
    {"WHAT THESE CHECKS DO NOT SHOW\n\n"
     "They show that the bundle is whole and that its statements rest on the bytes it names.\n"
     "They do not show who made it, when, or that the logs were not altered before they were\n"
     "analysed.  To fix its state, note the value printed by this command and keep it apart:\n\n"
     "    sha256sum tagmanifest-sha256.txt\n",
     "CE QUE CES CONTRÔLES NE MONTRENT PAS\n\n"
     "Ils montrent que le dossier est complet et que ses énoncés reposent sur les octets "
     "désignés.\n"
     "Ils ne montrent ni qui l'a produit, ni quand, ni que les journaux n'ont pas été altérés "
     "avant\n"
     "l'analyse.  Pour en figer l'état, relever la valeur affichée par cette commande et la\n"
     "conserver séparément :\n\n"
     "    sha256sum tagmanifest-sha256.txt\n"}};
static const struct text no_records = {
    {"This bundle cites no record.\n\n", "Ce dossier ne cite aucun enregistrement.\n\n"}};

static void write_step(struct out *o, const struct step *s, int number, enum lang lang)
{
    out_printf(o, "%d. %s\n", number, SAY(s->title, lang));
    out_printf(o, "   %s\n\n", SAY(s->note, lang));
    out_text(o, s->commands);
    out_char(o, '\n');
}

static void write_language(struct out *o, const struct verify_steps *t, enum lang lang)
{
    const int64_t record = t->record;
    int number = 1;
    out_printf(o, "%s\n\n%s\n", SAY(heading, lang), SAY(intro, lang));
    for (size_t i = 0; i < sizeof bag_steps / sizeof bag_steps[0]; i++)
        if (record >= 0 || bag_steps[i].wants != WANTS_RECORDS)
            write_step(o, &bag_steps[i], number++, lang);
    if (record < 0)
        out_text(o, SAY(no_records, lang));
    out_printf(o, "%s    INPUTS=${INPUTS:-..}\n%s", SAY(with_sources, lang), find_source);
    if (record >= 0)
        out_printf(o, "    N=%lld\n", (long long)record);
    out_char(o, '\n');
    if (t->streamed)
        out_text(o, SAY(streamed, lang));
    for (size_t i = 0; i < sizeof source_steps / sizeof source_steps[0]; i++)
        if (record >= 0 || source_steps[i].wants != WANTS_RECORDS)
            write_step(o, &source_steps[i], number++, lang);
    out_text(o, SAY(closing, lang));
}

struct verify_steps verify_text_of(const struct bundle_input *in)
{
    struct verify_steps t = {.record = -1};
    for (size_t i = 0; i < in->cited_count && t.record < 0; i++)
        if (in->cited[i].raw.p != NULL)
            t.record = (int64_t)i;
    for (size_t i = 0; i < in->ledger->count; i++)
        t.streamed |= str_eq(in->ledger->sources[i].name, STR("-"));
    return t;
}

void verify_text_write(struct out *o, const struct verify_steps *t)
{
    write_language(o, t, LANG_EN);
    out_text(o, "\n----------------------------------------------------------------------\n\n");
    write_language(o, t, LANG_FR);
}
