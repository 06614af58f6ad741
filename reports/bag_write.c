/* bag_write.c: the writing side of BagIt.  What was made so far is kept by name in static memory,
 * so that a signal handler can take it away again without allocating. */
#include "reports/bag_write.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "analyzer/base/fault.h"

enum {
    MADE_MAX = 256,      /* files and folders of one bag */
    MADE_NAME_MAX = 128, /* bytes of a path inside the bag */
    NAME_TRIES = 16,
    FILE_BUFFER = 1 << 16,
    FOLDER_MODE = 0750, /* a bundle holds personal data: not for everyone on the machine */
    FILE_MODE = 0640
};

struct made {
    char path[MADE_NAME_MAX];
    bool folder;
};

/* The unfinished folder, in order of making. */
static struct {
    int parent, root;
    char partial[NAME_MAX + 1];
    struct made made[MADE_MAX];
    volatile int count;
    volatile bool active;
} unfinished;

void bag_abandon(void)
{
    if (!unfinished.active)
        return;
    for (int i = unfinished.count; i-- > 0;)
        unlinkat(unfinished.root, unfinished.made[i].path,
                 unfinished.made[i].folder ? AT_REMOVEDIR : 0);
    unlinkat(unfinished.parent, unfinished.partial, AT_REMOVEDIR);
    unfinished.active = false;
    unfinished.count = 0;
}

static void fail(struct bag *b, int error, struct str at)
{
    if (b->error != 0)
        return;
    b->error = error != 0 ? error : EIO;
    b->failed = at;
}

/* True when the test's fault counter lets this operation on the disk fail. */
static bool refused(struct bag *b, struct str at)
{
    if (b->error == 0 && fault_write())
        fail(b, ENOSPC, at);
    return b->error != 0;
}

/* Remembers a path before it is made, so that an interruption in between costs nothing. */
static const char *remember(struct bag *b, struct str path, bool folder)
{
    int i = unfinished.count;
    if (i == MADE_MAX || path.n >= MADE_NAME_MAX) {
        fail(b, ENAMETOOLONG, path);
        return NULL;
    }
    struct made *m = &unfinished.made[i];
    memcpy(m->path, path.p, (size_t)path.n);
    m->path[path.n] = '\0';
    m->folder = folder;
    unfinished.count = i + 1;
    return m->path;
}

static bool remembered(struct str path)
{
    for (int i = 0; i < unfinished.count; i++)
        if (str_eq(str_of(unfinished.made[i].path), path))
            return true;
    return false;
}

static void make_folders(struct bag *b, struct str path)
{
    for (ptrdiff_t slash = str_find(path, '/', 0); slash >= 0;
         slash = str_find(path, '/', slash + 1)) {
        struct str folder = str_sub(path, 0, slash);
        if (remembered(folder))
            continue;
        const char *name = refused(b, folder) ? NULL : remember(b, folder, true);
        if (name == NULL)
            return;
        if (mkdirat(b->root, name, FOLDER_MODE) != 0)
            fail(b, errno, folder);
    }
}

/* Splits the target into its parent folder, opened, and its last part. */
static void find_parent(struct bag *b, struct str target)
{
    while (target.n > 1 && target.p[target.n - 1] == '/')
        target.n--;
    ptrdiff_t cut = target.n;
    while (cut > 0 && target.p[cut - 1] != '/')
        cut--;
    b->name = arena_str(&b->arena, str_sub(target, cut, target.n));
    struct str folder = cut == 0 ? STR(".") : cut == 1 ? STR("/") : str_sub(target, 0, cut - 1);
    b->failed = STR_NONE;
    if (b->name.n == 0 || str_eq(b->name, STR(".")) || str_eq(b->name, STR("..")) ||
        b->name.n > NAME_MAX - 24) {
        fail(b, EINVAL, arena_str(&b->arena, target));
        return;
    }
    b->parent = open(arena_cstr(&b->arena, folder), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (b->parent < 0)
        fail(b, errno, arena_str(&b->arena, folder));
}

static void make_partial(struct bag *b)
{
    struct stat there;
    if (fstatat(b->parent, arena_cstr(&b->arena, b->name), &there, AT_SYMLINK_NOFOLLOW) == 0) {
        fail(b, EEXIST, b->name);
        return;
    }
    for (int i = 0; i < NAME_TRIES && !refused(b, b->name); i++) {
        uint32_t random = 0; /* only keeps two runs apart; gone with the rename */
        if (getrandom(&random, sizeof random, 0) != (ssize_t)sizeof random)
            random = (uint32_t)i;
        b->partial =
            arena_printf(&b->arena, ".%.*s.partial-%08x", STR_ARG(b->name), (unsigned)random);
        if (mkdirat(b->parent, b->partial.p, FOLDER_MODE) == 0)
            return;
        if (errno != EEXIST)
            break;
    }
    fail(b, errno, b->name);
}

void bag_begin(struct bag *b, struct str target)
{
    *b = (struct bag){.parent = -1, .root = -1, .fd = -1};
    find_parent(b, target);
    if (b->error == 0)
        make_partial(b);
    if (b->error != 0)
        return;
    unfinished.parent = b->parent;
    unfinished.count = 0;
    snprintf(unfinished.partial, sizeof unfinished.partial, "%.*s", STR_ARG(b->partial));
    unfinished.active = true;
    b->root =
        openat(b->parent, unfinished.partial, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    unfinished.root = b->root;
    if (b->root < 0)
        fail(b, errno, b->partial);
}

struct out *bag_open(struct bag *b, struct str path)
{
    b->open = arena_str(&b->arena, path);
    make_folders(b, b->open);
    const char *name = refused(b, b->open) ? NULL : remember(b, b->open, false);
    if (name != NULL) {
        b->fd =
            openat(b->root, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, FILE_MODE);
        if (b->fd < 0)
            fail(b, errno, b->open);
    }
    b->out = b->error == 0 ? out_fd(b->fd, FILE_BUFFER) : (struct out){.fd = -1, .error = b->error};
    b->out.sha = sha256_open();
    return &b->out;
}

static void add_entry(struct bag *b, struct sha256 sha)
{
    if (b->count == b->cap) {
        b->cap = b->cap == 0 ? 64 : 2 * b->cap;
        b->entries = mem_grow(b->entries, b->cap * sizeof *b->entries);
    }
    b->entries[b->count++] = (struct bag_entry){b->open, sha};
    if (str_starts(b->open, STR("data/"))) {
        b->payload_files++;
        b->payload_bytes += b->out.written;
    }
}

struct sha256 bag_close(struct bag *b)
{
    int error = out_close(&b->out);
    struct sha256 sha = sha256_close(b->out.sha);
    if (error != 0)
        fail(b, error, b->open);
    if (b->fd >= 0) {
        if (!refused(b, b->open) && fsync(b->fd) != 0)
            fail(b, errno, b->open);
        if (close(b->fd) != 0)
            fail(b, errno, b->open);
        b->fd = -1;
    }
    add_entry(b, sha);
    b->open = STR_NONE;
    return sha;
}

struct sha256 bag_put(struct bag *b, struct str path, struct str bytes)
{
    out_str(bag_open(b, path), bytes);
    return bag_close(b);
}

static int entry_cmp(const void *a, const void *b)
{
    return str_cmp(((const struct bag_entry *)a)->path, ((const struct bag_entry *)b)->path);
}

static int tag_cmp(const void *a, const void *b)
{
    return str_cmp(((const struct bag_tag *)a)->label, ((const struct bag_tag *)b)->label);
}

static void write_info(struct bag *b, const struct bag_tag *tags, size_t n)
{
    struct bag_tag *all = ARENA_ARRAY(&b->arena, struct bag_tag, n + 1);
    if (n > 0)
        memcpy(all, tags, n * sizeof *all);
    all[n] =
        (struct bag_tag){STR("Payload-Oxum"),
                         arena_printf(&b->arena, "%llu.%llu", (unsigned long long)b->payload_bytes,
                                      (unsigned long long)b->payload_files)};
    qsort(all, n + 1, sizeof *all, tag_cmp);
    struct out *o = bag_open(b, STR("bag-info.txt"));
    for (size_t i = 0; i <= n; i++) {
        out_str(o, all[i].label);
        out_text(o, ": ");
        out_escaped(o, all[i].value); /* one line, whatever a name holds */
        out_char(o, '\n');
    }
    bag_close(b);
}

enum covers { COVERS_PAYLOAD, COVERS_TAGS };

static void write_manifest(struct bag *b, struct str name, enum covers covers)
{
    if (b->count > 0)
        qsort(b->entries, b->count, sizeof *b->entries, entry_cmp);
    struct out *o = bag_open(b, name);
    for (size_t i = 0; i < b->count; i++) {
        const struct bag_entry *e = &b->entries[i];
        if (str_starts(e->path, STR("data/")) != (covers == COVERS_PAYLOAD))
            continue;
        char hex[65];
        sha256_hex(&e->sha256, hex);
        out_text(o, hex);
        out_text(o, "  ");
        out_str(o, e->path);
        out_char(o, '\n');
    }
    bag_close(b);
}

static void sync_folder(struct bag *b, int at, const char *name, struct str shown)
{
    if (refused(b, shown))
        return;
    int fd = openat(at, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0 || fsync(fd) != 0)
        fail(b, errno, shown);
    if (fd >= 0)
        close(fd);
}

/* rename(2) would silently replace an empty folder; where the file system cannot refuse, look
 * first. */
static void rename_into_place(struct bag *b)
{
    const char *name = arena_cstr(&b->arena, b->name);
    struct stat there;
    if (refused(b, b->name))
        return;
    if (renameat2(b->parent, unfinished.partial, b->parent, name, RENAME_NOREPLACE) == 0)
        return;
    if (errno != EINVAL && errno != ENOSYS) {
        fail(b, errno, b->name);
    } else if (fstatat(b->parent, name, &there, AT_SYMLINK_NOFOLLOW) == 0) {
        fail(b, EEXIST, b->name);
    } else if (renameat(b->parent, unfinished.partial, b->parent, name) != 0) {
        fail(b, errno, b->name);
    }
}

static void put_in_place(struct bag *b)
{
    for (int i = 0; i < unfinished.count; i++)
        if (unfinished.made[i].folder)
            sync_folder(b, b->root, unfinished.made[i].path, str_of(unfinished.made[i].path));
    sync_folder(b, b->root, ".", b->name);
    if (b->error != 0)
        return;
    unfinished.active = false; /* from here on a signal must not empty what has its final name */
    rename_into_place(b);
    if (b->error == 0) {
        sync_folder(b, b->parent, ".", b->name);
        if (b->error != 0) /* not certain to survive a power cut: then it must not look complete */
            renameat(b->parent, arena_cstr(&b->arena, b->name), b->parent, unfinished.partial);
    }
    unfinished.active = b->error != 0;
}

enum status bag_finish(struct bag *b, const struct bag_tag *tags, size_t n)
{
    if (b->error == 0) {
        bag_put(b, STR("bagit.txt"),
                STR("BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"));
        write_info(b, tags, n);
        write_manifest(b, STR("manifest-sha256.txt"), COVERS_PAYLOAD);
        write_manifest(b, STR("tagmanifest-sha256.txt"), COVERS_TAGS);
        put_in_place(b);
    }
    if (b->error != 0) {
        bag_abandon();
        return STATUS_FAILED;
    }
    unfinished.count = 0;
    return STATUS_OK;
}

static const struct {
    int error;
    struct text what;
} causes[] = {
    {EEXIST,
     {{"exists already; give another name or remove it",
       "existe déjà ; choisissez un autre nom ou supprimez-le"}}},
    {ENOENT, {{"no such folder; create it first", "dossier inexistant ; créez-le d'abord"}}},
    {ENOTDIR, {{"is not a folder", "n'est pas un dossier"}}},
    {ENOSPC, {{"no space left on the disk", "plus d'espace disponible sur le disque"}}},
    {EDQUOT, {{"disk quota exceeded", "quota de disque dépassé"}}},
    {EACCES, {{"permission denied", "permission refusée"}}},
    {EPERM, {{"operation not permitted", "opération non permise"}}},
    {EROFS, {{"the file system is read-only", "système de fichiers en lecture seule"}}},
    {EIO, {{"input/output error", "erreur d'entrée-sortie"}}},
    {EINVAL, {{"is not a usable name", "n'est pas un nom utilisable"}}},
    {ENAMETOOLONG, {{"the name is too long", "le nom est trop long"}}},
};

struct str bag_why(const struct bag *b, struct arena *a, enum lang lang)
{
    const char *what = NULL;
    for (size_t i = 0; i < sizeof causes / sizeof causes[0]; i++)
        if (causes[i].error == b->error)
            what = SAY(causes[i].what, lang);
    struct out o = out_memory();
    out_escaped(&o, b->failed.p != NULL ? b->failed : b->name);
    out_text(&o, lang == LANG_FR ? " : " : ": ");
    out_text(&o, what != NULL ? what : strerror(b->error));
    struct str why = arena_str(a, out_slice(&o));
    out_close(&o);
    return why;
}

void bag_free(struct bag *b)
{
    if (b->fd >= 0)
        close(b->fd);
    if (b->root >= 0)
        close(b->root);
    if (b->parent >= 0)
        close(b->parent);
    mem_free(b->entries);
    arena_free(&b->arena);
}
