/* bagit.c: a bag as a whole: declaration, description, completeness. */
#include "reports/bagit.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

enum status bagit_open(struct bagit *b, struct str folder, struct verdicts *v)
{
    *b = (struct bagit){.name = folder, .v = v, .root = -1};
    const char *path = arena_cstr(&b->arena, folder);
    b->root = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (b->root < 0) {
        verdict(v, CAUSE_unreadable, folder, str_of(strerror(errno)));
        return STATUS_FATAL;
    }
    return bagit_list(b) ? STATUS_OK : STATUS_FATAL;
}

void bagit_close(struct bagit *b)
{
    if (b->root >= 0)
        close(b->root);
    for (int i = 0; i < b->manifests_count; i++)
        mem_free(b->manifests[i].entries);
    mem_free(b->files);
    arena_free(&b->arena);
}

/* ---- bagit.txt ---- */

static bool known_version(int major, int minor)
{
    return (major == 1 && minor == 0) || (major == 0 && minor >= 93 && minor <= 97);
}

/* One of the two lines; white space is free before version 1.0 only. */
static bool declaration_line(struct str *text, struct str label, struct str *value, bool *exact)
{
    struct str line, name;
    bool here;
    if (!bagit_line(text, &line) || !bagit_label(line, &name, value, &here))
        return false;
    *exact = *exact && here && str_eq(name, label);
    return str_eq_nocase(name, label);
}

static void read_declaration(struct bagit *b, struct str text)
{
    const struct str file = STR("bagit.txt");
    struct str version, encoding;
    bool exact = true;
    if (str_starts(text, STR("\xEF\xBB\xBF"))) {
        verdict(b->v, CAUSE_bom, file, STR_NONE);
        text = str_sub(text, 3, text.n);
    }
    bool both = declaration_line(&text, STR("BagIt-Version"), &version, &exact) &&
                declaration_line(&text, STR("Tag-File-Character-Encoding"), &encoding, &exact);
    if (!both) {
        verdict(b->v, CAUSE_declaration, file, STR_NONE);
        return;
    }
    if (!bagit_version(version, &b->major, &b->minor) || !known_version(b->major, b->minor))
        verdict(b->v, CAUSE_version, file, version);
    if ((b->major >= 1 && !exact) || str_trim(text).n > 0)
        verdict(b->v, CAUSE_declaration, file, STR_NONE);
    if (!bagit_encoding_of(encoding, &b->encoding))
        verdict(b->v, CAUSE_encoding, file, encoding);
}

static void check_declaration(struct bagit *b)
{
    const struct bagit_file *f = bagit_find(b, STR("bagit.txt"));
    struct str text;
    if (f == NULL)
        verdict(b->v, CAUSE_missing, STR("bagit.txt"), STR_NONE);
    else if (bagit_read(b, f, &b->arena, BAGIT_TAG_FILE_MAX, &text))
        read_declaration(b, text);
}

/* ---- bag-info.txt ---- */

static void check_oxum(struct bagit *b, struct str file, struct str value)
{
    uint64_t octets, files, have_octets = 0, have_files = b->system_missing;
    if (!bagit_oxum(value, &octets, &files)) {
        verdict(b->v, CAUSE_oxum_form, file, value);
        return;
    }
    for (size_t i = 0; i < b->count; i++) {
        if (str_starts(b->files[i].path, STR("data/"))) {
            have_octets += b->files[i].size;
            have_files++;
        }
    }
    /* Of a file that is not there the size is not known, so only too much can be told. */
    bool octets_agree = b->system_missing > 0 ? have_octets <= octets : have_octets == octets;
    if (!octets_agree || have_files != files)
        verdict(b->v, CAUSE_oxum, file,
                arena_printf(&b->arena, "%llu.%llu", (unsigned long long)have_octets,
                             (unsigned long long)have_files));
}

static bool continues(struct str line)
{
    return line.n > 0 && (line.p[0] == ' ' || line.p[0] == '\t');
}

static bool read_info(struct bagit *b, struct str *text)
{
    const struct bagit_file *f = bagit_find(b, STR("bag-info.txt"));
    struct str raw;
    bool exact;
    if (f == NULL || !bagit_read(b, f, &b->arena, BAGIT_TAG_FILE_MAX, &raw))
        return false;
    *text = bagit_decode(&b->arena, raw, b->encoding, &exact);
    if (!exact)
        verdict(b->v, CAUSE_not_encoded_so, f->path, STR_NONE);
    return true;
}

static void check_info(struct bagit *b)
{
    const struct str file = STR("bag-info.txt");
    struct str text, line, label, value;
    bool exact, oxum = false, first = true;
    if (!read_info(b, &text))
        return;
    for (; bagit_line(&text, &line); first = false) {
        if (line.n == 0 || (continues(line) && !first))
            continue;
        if (!bagit_label(line, &label, &value, &exact)) {
            verdict(b->v, CAUSE_info_line, file, line);
            continue;
        }
        if (!str_eq_nocase(label, STR("Payload-Oxum")))
            continue;
        if (oxum)
            verdict(b->v, CAUSE_oxum_twice, file, STR_NONE);
        oxum = true;
        check_oxum(b, file, value);
    }
}

/* ---- fetch.txt ---- */

static bool in_every_manifest(const struct bagit *b, const struct bagit_file *f)
{
    for (int i = 0; i < b->manifests_count; i++) {
        if (!b->manifests[i].tag && (f->listed_in >> i & 1) == 0)
            return false;
    }
    return true;
}

static void check_fetch_line(struct bagit *b, struct str at, struct str line)
{
    struct str url, raw, path;
    uint64_t length;
    if (!bagit_fetch(line, &url, &length, &raw)) {
        verdict(b->v, CAUSE_fetch_form, at, STR_NONE);
        return;
    }
    enum bagit_path kind = bagit_path(&b->arena, raw, b->major >= 1, &path);
    if (!bagit_path_allowed(b, at, kind, path))
        return;
    struct bagit_file *f = bagit_find(b, path);
    if (!str_starts(path, STR("data/")))
        verdict(b->v, CAUSE_path_outside, at, path);
    else if (f == NULL)
        verdict(b->v, CAUSE_fetch_absent, at, path);
    else if (!in_every_manifest(b, f))
        verdict(b->v, CAUSE_fetch_unlisted, at, path);
    else if (length != UINT64_MAX && length != f->size)
        verdict(b->v, CAUSE_fetch_length, at, path);
}

static void check_fetch(struct bagit *b)
{
    const struct bagit_file *f = bagit_find(b, STR("fetch.txt"));
    struct str raw, line;
    bool exact;
    if (f == NULL || !bagit_read(b, f, &b->arena, BAGIT_TAG_FILE_MAX, &raw))
        return;
    struct str text = bagit_decode(&b->arena, raw, b->encoding, &exact);
    if (!exact)
        verdict(b->v, CAUSE_not_encoded_so, f->path, STR_NONE);
    for (unsigned long n = 1; bagit_line(&text, &line); n++)
        check_fetch_line(b, arena_printf(&b->arena, "fetch.txt:%lu", n), line);
}

void bagit_check(struct bagit *b)
{
    check_declaration(b);
    if (!b->has_data)
        verdict(b->v, CAUSE_data_missing, STR("data"), STR_NONE);
    bagit_read_manifests(b);
    check_fetch(b);
    bagit_digest_wanted(b);
    bagit_compare(b);
    bagit_check_listed(b);
    check_info(b);
}
