/* folder.c: the logs of a folder, oldest first.
 *
 * logrotate names them access.log-20260301 (dateext) or access.log.1, where a larger number is
 * older, with the suffix of a compressor behind; the bare name is the one being written. */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "analyzer/io/stored.h"

enum age { AGE_DATED, AGE_NUMBERED, AGE_CURRENT }; /* in the order they are read */
enum { DATE_DIGITS_MIN = 8, NUMBER_DIGITS_MAX = 6 };

struct entry {
    struct str path, stem, date;
    enum age age;
    uint64_t number;
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Where the run of digits (and dashes or underscores within a date) at the end of s begins. */
static ptrdiff_t tail_start(struct str s)
{
    ptrdiff_t at = s.n;
    while (at > 0 && (is_digit(s.p[at - 1]) || s.p[at - 1] == '-' || s.p[at - 1] == '_'))
        at--;
    return at;
}

static int count_digits(struct str s)
{
    int n = 0;
    for (ptrdiff_t i = 0; i < s.n; i++)
        n += is_digit(s.p[i]) ? 1 : 0;
    return n;
}

static struct str without_compression(struct str s)
{
    static const char *const suffixes[] = {".gz", ".bz2", ".xz", ".zst", ".Z"};
    for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++)
        if (str_ends(s, str_of(suffixes[i])))
            return str_sub(s, 0, s.n - (ptrdiff_t)strlen(suffixes[i]));
    return s;
}

static void read_name(struct entry *e)
{
    struct str s = without_compression(e->path);
    ptrdiff_t at = tail_start(s);
    struct str tail = str_sub(s, at, s.n);
    e->stem = s;
    e->age = AGE_CURRENT;
    if (count_digits(tail) >= DATE_DIGITS_MIN && at > 0) {
        bool joined = tail.p[0] == '-' || tail.p[0] == '_';
        e->age = AGE_DATED;
        e->date = tail;
        e->stem = str_sub(s, 0, joined || s.p[at - 1] != '.' ? at : at - 1);
        return;
    }
    if (at > 0 && s.p[at - 1] == '.' && tail.n <= NUMBER_DIGITS_MAX && str_u64(tail, &e->number)) {
        e->age = AGE_NUMBERED;
        e->stem = str_sub(s, 0, at - 1);
    }
}

static int by_age(const void *left, const void *right)
{
    const struct entry *a = left, *b = right;
    int order = str_cmp(a->stem, b->stem);
    if (order != 0)
        return order;
    if (a->age != b->age)
        return a->age < b->age ? -1 : 1;
    if (a->age == AGE_DATED && (order = str_cmp(a->date, b->date)) != 0)
        return order;
    if (a->age == AGE_NUMBERED && a->number != b->number)
        return a->number > b->number ? -1 : 1;
    return str_cmp(a->path, b->path);
}

struct listing {
    struct entry *items;
    size_t count, cap;
};

static void add(struct listing *l, struct str path)
{
    struct stat st;
    if (stat(path.p, &st) != 0 || !S_ISREG(st.st_mode))
        return;
    if (l->count == l->cap) {
        l->cap = l->cap > 0 ? 2 * l->cap : 64;
        l->items = mem_grow(l->items, l->cap * sizeof *l->items);
    }
    l->items[l->count] = (struct entry){.path = path};
    read_name(&l->items[l->count++]);
}

enum status source_list_folder(struct arena *a, struct str folder, struct str **names,
                               size_t *count, struct str *why)
{
    struct listing l = {0};
    DIR *dir = opendir(arena_cstr(a, folder));
    if (dir == NULL) {
        *why = error_text(errno);
        return STATUS_FAILED;
    }
    const char *slash = str_ends(folder, STR("/")) ? "" : "/";
    const struct dirent *d;
    while (errno = 0, (d = readdir(dir)) != NULL)
        if (d->d_name[0] != '.')
            add(&l, arena_printf(a, "%.*s%s%s", STR_ARG(folder), slash, d->d_name));
    int error = errno;
    closedir(dir);
    if (l.count > 0)
        qsort(l.items, l.count, sizeof *l.items, by_age);
    *names = ARENA_ARRAY(a, struct str, l.count);
    *count = l.count;
    for (size_t i = 0; i < l.count; i++)
        (*names)[i] = l.items[i].path;
    mem_free(l.items);
    *why = error == 0 ? STR_NONE : error_text(error);
    return error == 0 ? STATUS_OK : STATUS_FAILED;
}

uint64_t source_folder_passed_over(struct str folder)
{
    struct arena a = {.chunk_len = 4096};
    DIR *dir = opendir(arena_cstr(&a, folder));
    uint64_t count = 0;
    const struct dirent *d;
    while (dir != NULL && (d = readdir(dir)) != NULL) {
        struct stat st;
        count += d->d_name[0] != '.' && fstatat(dirfd(dir), d->d_name, &st, 0) == 0 && !S_ISREG(st.st_mode);
    }
    if (dir != NULL)
        closedir(dir);
    arena_free(&a);
    return count;
}

bool source_is_folder(struct str name)
{
    struct stat st;
    struct arena a = {.chunk_len = 4096};
    bool folder = stat(arena_cstr(&a, name), &st) == 0 && S_ISDIR(st.st_mode);
    arena_free(&a);
    return folder;
}
