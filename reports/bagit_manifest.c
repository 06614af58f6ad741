/* bagit_manifest.c: manifests: which files they list, under which names, with which checksums. */
#include "reports/bagit.h"

static bool is_payload(struct str path)
{
    return str_starts(path, STR("data/"));
}

static bool since_1_0(const struct bagit *b)
{
    return b->major >= 1;
}

/* "manifest-sha256.txt:12" */
static struct str place(struct bagit *b, const struct bagit_manifest *m, uint64_t line)
{
    return arena_printf(&b->arena, "%.*s:%llu", STR_ARG(m->name), (unsigned long long)line);
}

/* ---- which manifests there are ---- */

static bool manifest_name(struct str path, struct str *algorithm, bool *tag)
{
    *tag = str_starts(path, STR("tagmanifest-"));
    struct str prefix = *tag ? STR("tagmanifest-") : STR("manifest-");
    if (!str_starts(path, prefix) || !str_ends(path, STR(".txt")) || path.n < prefix.n + 4 ||
        str_find(path, '/', 0) >= 0)
        return false;
    *algorithm = str_sub(path, prefix.n, path.n - 4);
    return true;
}

static bool digest_kind_of(struct str name, enum digest_kind *out)
{
    for (int k = 0; k < DIGEST_COUNT; k++) {
        if (str_eq_nocase(name, str_of(digest_table[k].name))) {
            *out = (enum digest_kind)k;
            return true;
        }
    }
    return false;
}

/* ---- lines ---- */

/* What operating systems put beside files, unasked; losing one loses nothing of a payload. */
static bool system_file(struct str path)
{
    const struct str names[] = {STR(".DS_Store"), STR("Thumbs.db"), STR("desktop.ini")};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        struct str base = str_sub(path, path.n - names[i].n, path.n);
        bool whole = path.n > names[i].n && path.p[path.n - names[i].n - 1] == '/';
        if (whole && str_eq_nocase(base, names[i]))
            return true;
    }
    return false;
}

static struct bagit_file *find_alias(struct bagit *b, struct str path)
{
    if (b->aliases_sought++ >= BAGIT_ALIASES_MAX)
        return NULL;
    for (size_t i = 0; i < b->count; i++) {
        if (bagit_alias(b->files[i].path, path))
            return &b->files[i];
    }
    return NULL;
}

/* The file an entry means, or NULL after a verdict.  Aliases are judged once checksums are known. */
static struct bagit_file *resolve(struct bagit *b, struct str at, struct str path, bool *alias)
{
    struct bagit_file *f = bagit_find(b, path);
    *alias = false;
    if (f != NULL || b->v->strict) {
        if (f == NULL)
            verdict(b->v, CAUSE_listed_missing, path, at);
        return f;
    }
    f = find_alias(b, path);
    *alias = f != NULL;
    if (f == NULL && system_file(path)) {
        verdict(b->v, CAUSE_listed_system, path, at);
        b->system_missing++;
    } else if (f == NULL) {
        verdict(b->v, CAUSE_listed_missing, path, at);
    }
    return f;
}

static bool checksum_form(enum digest_kind kind, struct str s)
{
    if ((size_t)s.n != 2 * digest_table[kind].bytes)
        return false;
    for (ptrdiff_t i = 0; i < s.n; i++) {
        if (hex_digit(s.p[i]) < 0)
            return false;
    }
    return true;
}

bool bagit_path_allowed(struct bagit *b, struct str file, enum bagit_path kind, struct str path)
{
    static const enum cause cause_of[] = {
        [PATH_DOT] = CAUSE_path_dot,   [PATH_ABSOLUTE] = CAUSE_path_absolute,
        [PATH_HOME] = CAUSE_path_home, [PATH_LEAVES] = CAUSE_path_leaves,
        [PATH_ODD] = CAUSE_path_odd,
    };
    if (kind != PATH_PLAIN)
        verdict(b->v, cause_of[kind], file, path);
    return kind == PATH_PLAIN || kind == PATH_DOT;
}

static void say_twice(struct bagit *b, const struct bagit_manifest *m, struct str at,
                      struct bagit_entry e)
{
    const struct bagit_entry *first = &m->entries[m->first[e.file] - 1];
    bool same = str_eq_nocase(first->checksum, e.checksum);
    if (first->alias != e.alias && same)
        return; /* two spellings of one file: said as an alias */
    enum cause c = !same          ? CAUSE_listed_differs
                   : since_1_0(b) ? CAUSE_listed_twice_1_0
                                  : CAUSE_listed_twice;
    verdict(b->v, c, at, b->files[e.file].path);
}

static void push_entry(struct bagit *b, int manifest, struct str at, struct bagit_entry e)
{
    struct bagit_manifest *m = &b->manifests[manifest];
    struct bagit_file *f = &b->files[e.file];
    uint32_t bit = UINT32_C(1) << manifest;
    if ((f->listed_in & bit) != 0)
        say_twice(b, m, at, e);
    f->listed_in |= bit;
    f->wanted |= (uint8_t)(1U << m->kind);
    if (m->count == m->cap) {
        m->cap = m->cap == 0 ? 64 : m->cap * 2;
        m->entries = mem_grow(m->entries, m->cap * sizeof(*m->entries));
    }
    m->entries[m->count++] = e;
    if (m->first[e.file] == 0)
        m->first[e.file] = (uint32_t)m->count;
}

static void read_entry(struct bagit *b, int manifest, struct str at, struct str line)
{
    struct bagit_manifest *m = &b->manifests[manifest];
    struct str raw, path;
    struct bagit_entry e = {0};
    bool star;
    if (!bagit_entry(line, &e.checksum, &raw, &star)) {
        verdict(b->v, CAUSE_line_form, at, STR_NONE);
        return;
    }
    if (star)
        verdict(b->v, CAUSE_path_star, at, STR_NONE);
    enum bagit_path kind = bagit_path(&b->arena, raw, since_1_0(b), &path);
    if (!bagit_path_allowed(b, at, kind, path))
        return;
    if (is_payload(path) == m->tag) {
        verdict(b->v, m->tag ? CAUSE_path_payload : CAUSE_path_outside, at, path);
        return;
    }
    if (!checksum_form(m->kind, e.checksum)) {
        verdict(b->v, CAUSE_checksum_form, at, path);
        return;
    }
    const struct bagit_file *f = resolve(b, at, path, &e.alias);
    if (f == NULL)
        return;
    e.file = (uint32_t)(f - b->files);
    push_entry(b, manifest, at, e);
}

/* ---- the exact form of vigie's own manifests, in which no byte is free ---- */

static bool exact_line(struct str line, struct str *path)
{
    if (line.n < 67 || line.p[64] != ' ' || line.p[65] != ' ')
        return false;
    for (int i = 0; i < 64; i++) {
        char c = line.p[i];
        if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f')))
            return false;
    }
    for (ptrdiff_t i = 66; i < line.n; i++) {
        if ((uint8_t)line.p[i] < 0x20 || line.p[i] == 0x7F)
            return false; /* a CR would be taken for part of the line's end */
    }
    *path = str_sub(line, 66, line.n);
    return true;
}

static bool exact_form(struct str text)
{
    struct str last = STR_NONE;
    while (text.n > 0) {
        ptrdiff_t end = str_find(text, '\n', 0);
        struct str path;
        if (end < 0 || !exact_line(str_sub(text, 0, end), &path))
            return false;
        if (last.p != NULL && str_cmp(last, path) >= 0)
            return false;
        last = path;
        text = str_sub(text, end + 1, text.n);
    }
    return true;
}

static void read_manifest(struct bagit *b, int manifest, const struct bagit_file *f)
{
    struct bagit_manifest *m = &b->manifests[manifest];
    struct str raw, line;
    if (!bagit_read(b, f, &b->arena, BAGIT_TAG_FILE_MAX, &raw))
        return;
    if (b->v->strict && m->kind == DIGEST_SHA256 && !exact_form(raw))
        verdict(b->v, CAUSE_manifest_form, m->name, STR_NONE);
    bool exact;
    struct str text = bagit_decode(&b->arena, raw, b->encoding, &exact);
    if (!exact)
        verdict(b->v, CAUSE_not_encoded_so, m->name, STR_NONE);
    for (uint64_t n = 1; bagit_line(&text, &line); n++)
        read_entry(b, manifest, place(b, m, n), line);
}

static void add_manifest(struct bagit *b, const struct bagit_file *f)
{
    struct bagit_manifest m = {.name = f->path};
    struct str algorithm;
    if (!manifest_name(f->path, &algorithm, &m.tag))
        return;
    if (!digest_kind_of(algorithm, &m.kind)) {
        verdict(b->v, CAUSE_algorithm, f->path, STR_NONE);
        return;
    }
    if (b->manifests_count == BAGIT_MANIFESTS_MAX) {
        verdict(b->v, CAUSE_manifests_many, f->path, STR_NONE);
        return;
    }
    m.first = ARENA_ARRAY(&b->arena, uint32_t, b->count);
    b->manifests[b->manifests_count++] = m;
    read_manifest(b, b->manifests_count - 1, f);
}

void bagit_read_manifests(struct bagit *b)
{
    for (size_t i = 0; i < b->count; i++)
        add_manifest(b, &b->files[i]);
    for (int i = 0; i < b->manifests_count; i++) {
        if (!b->manifests[i].tag)
            return;
    }
    verdict(b->v, CAUSE_no_manifest, b->name, STR_NONE);
}

/* ---- after the digests ---- */

static bool same_checksum(const struct bagit_file *f, enum digest_kind kind, struct str hex)
{
    for (size_t i = 0; i < digest_table[kind].bytes; i++) {
        int byte = hex_digit(hex.p[2 * i]) << 4 | hex_digit(hex.p[2 * i + 1]);
        if (byte != f->digest[kind][i])
            return false;
    }
    return true;
}

static void compare_entry(struct bagit *b, const struct bagit_manifest *m,
                          const struct bagit_entry *e)
{
    const struct bagit_file *f = &b->files[e->file];
    if (f->unreadable)
        return;
    bool same = same_checksum(f, m->kind, e->checksum);
    if (!same)
        verdict(b->v, e->alias ? CAUSE_listed_missing : CAUSE_checksum, f->path, m->name);
    else if (e->alias)
        verdict(b->v, CAUSE_listed_alias, f->path, m->name);
}

void bagit_compare(struct bagit *b)
{
    for (int i = 0; i < b->manifests_count; i++) {
        const struct bagit_manifest *m = &b->manifests[i];
        for (size_t k = 0; k < m->count; k++)
            compare_entry(b, m, &m->entries[k]);
    }
}

static uint32_t payload_manifests(const struct bagit *b)
{
    uint32_t bits = 0;
    for (int i = 0; i < b->manifests_count; i++)
        bits |= b->manifests[i].tag ? 0 : UINT32_C(1) << i;
    return bits;
}

/* Every manifest must list every payload file since 1.0; before, one of them sufficed. */
static void check_payload_listed(struct bagit *b, const struct bagit_file *f, uint32_t all)
{
    uint32_t in = f->listed_in & all;
    if (in != 0 && (in == all || !since_1_0(b)))
        return;
    for (int i = 0; i < b->manifests_count; i++) {
        if ((all & ~in) >> i & 1)
            verdict(b->v, CAUSE_unlisted_payload, f->path, b->manifests[i].name);
    }
    if (all == 0)
        verdict(b->v, CAUSE_unlisted_payload, f->path, STR_NONE);
}

/* In vigie's bags every tag file is listed but what is added after sealing. */
static bool may_be_unlisted(struct str path)
{
    return str_starts(path, STR("signatures/")) || str_starts(path, STR("custody/")) ||
           str_eq(path, STR("tagmanifest-sha256.txt"));
}

void bagit_check_listed(struct bagit *b)
{
    uint32_t payload = payload_manifests(b);
    for (size_t i = 0; i < b->count; i++) {
        const struct bagit_file *f = &b->files[i];
        if (is_payload(f->path))
            check_payload_listed(b, f, payload);
        else if (b->v->strict && f->listed_in == 0 && !may_be_unlisted(f->path))
            verdict(b->v, CAUSE_unlisted_tag, f->path, STR_NONE);
    }
}
