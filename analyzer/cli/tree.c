/* tree.c: folders walked without following links. */
#include "analyzer/cli/tree.h"

#include <errno.h>
#include <fts.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { TREE_FILES_MAX = 1 << 20, COMPARE_BUFFER = 1 << 16 };

static FTS *walk_open(struct cli *c, struct str root)
{
    char *path = ARENA_ARRAY(&c->arena, char, root.n + 1);
    memcpy(path, root.p, (size_t)root.n);
    char *roots[] = {path, NULL};
    return fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
}

static int by_name(const void *a, const void *b)
{
    return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

static void add_name(struct cli *c, struct str **names, size_t *count, struct str name)
{
    if ((*count & (*count - 1)) == 0) { /* full at every power of two */
        struct str *wider = ARENA_ARRAY(&c->arena, struct str, *count == 0 ? 1 : 2 * *count);
        if (*count > 0)
            memcpy(wider, *names, *count * sizeof **names);
        *names = wider;
    }
    (*names)[(*count)++] = arena_str(&c->arena, name);
}

bool tree_files(struct cli *c, struct str root, struct str **names, size_t *count)
{
    FTS *walk = walk_open(c, root);
    *count = 0;
    if (walk == NULL)
        return refuse(c, "%s: %s", "%s : %s", shown(c, root), cause_of(c, errno));
    for (const FTSENT *e; (e = fts_read(walk)) != NULL && *count < TREE_FILES_MAX;) {
        if (e->fts_info == FTS_D || e->fts_info == FTS_DP)
            continue;
        struct str path = str_of(e->fts_path);
        add_name(c, names, count, str_sub(path, root.n + 1, path.n));
    }
    (void)fts_close(walk);
    if (*count == TREE_FILES_MAX)
        return refuse(c, "%s: more than %d files", "%s : plus de %d fichiers", shown(c, root), TREE_FILES_MAX);
    if (*count > 0)
        qsort(*names, *count, sizeof **names, by_name);
    return true;
}

/* First byte that differs, or -1; *size counts the bytes that are equal.  A file that cannot be read
 * differs at 0. */
static int64_t first_difference(FILE *a, FILE *b, uint64_t *size)
{
    static char x[COMPARE_BUFFER], y[COMPARE_BUFFER];
    if (a == NULL || b == NULL)
        return 0;
    for (*size = 0;;) {
        size_t n = fread(x, 1, sizeof x, a), m = fread(y, 1, sizeof y, b);
        size_t common = n < m ? n : m, i = 0;
        while (i < common && x[i] == y[i])
            i++;
        *size += i;
        if (i < common || n != m || ferror(a) || ferror(b))
            return (int64_t)*size;
        if (n == 0)
            return -1;
    }
}

static FILE *open_in(struct cli *c, struct str root, struct str name)
{
    const char *path = arena_printf(&c->arena, "%.*s/%.*s", STR_ARG(root), STR_ARG(name)).p;
    struct stat st;
    return lstat(path, &st) == 0 && S_ISREG(st.st_mode) ? fopen(path, "re") : NULL;
}

static void compare_one(struct cli *c, const struct str roots[2], struct str name, struct out *o,
                        struct tree_difference *d)
{
    FILE *a = open_in(c, roots[0], name), *b = open_in(c, roots[1], name);
    uint64_t size = 0;
    int64_t at = first_difference(a, b, &size);
    if (at < 0) {
        d->same++;
        d->bytes += size;
    } else {
        d->different++;
        out_printf(o, c->lang == LANG_FR ? "data/%s : diffère à partir de l'octet %lld\n"
                                         : "data/%s: differs from byte %lld on\n", shown(c, name), (long long)at);
    }
    if (a != NULL)
        fclose(a);
    if (b != NULL)
        fclose(b);
}

static void only_in(struct cli *c, struct str name, struct out *o, struct tree_difference *d, struct text where)
{
    d->different++;
    out_printf(o, c->lang == LANG_FR ? "data/%s : seulement dans %s\n" : "data/%s: only in %s\n", shown(c, name),
               SAY(where, c->lang));
}

bool tree_compare(struct cli *c, struct str bag, struct str again, struct out *o, struct tree_difference *d)
{
    const struct str roots[2] = {bag, again};
    struct str *a = NULL, *b = NULL;
    size_t n, m, i = 0, k = 0;
    *d = (struct tree_difference){0};
    if (!tree_files(c, bag, &a, &n) || !tree_files(c, again, &b, &m))
        return false;
    while (i < n || k < m) {
        int order = i == n ? 1 : k == m ? -1 : str_cmp(a[i], b[k]);
        if (order < 0)
            only_in(c, a[i++], o, d, TEXT("the bundle", "le dossier"));
        else if (order > 0)
            only_in(c, b[k++], o, d, TEXT("the new derivation", "la nouvelle dérivation"));
        else {
            compare_one(c, roots, a[i++], o, d);
            k++;
        }
    }
    return true;
}

void tree_remove(struct cli *c, struct str root)
{
    FTS *walk = walk_open(c, root);
    if (walk == NULL)
        return;
    for (const FTSENT *e; (e = fts_read(walk)) != NULL;) {
        if (e->fts_info == FTS_DP)
            (void)rmdir(e->fts_accpath);
        else if (e->fts_info != FTS_D)
            (void)unlink(e->fts_accpath);
    }
    (void)fts_close(walk);
}
