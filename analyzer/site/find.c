/* find.c: where profiles are looked up, and by which names. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "analyzer/site/index.h"

#ifndef VIGIE_SITES_DIR
#define VIGIE_SITES_DIR "/usr/share/vigie/sites"
#endif

enum { PROFILE_BYTES_MAX = 1 << 20, PROFILES_MAX = 256, EXE_BYTES_MAX = 4096 };

static bool is_folder(struct arena *a, struct str path)
{
    struct stat st;
    return stat(arena_cstr(a, path), &st) == 0 && S_ISDIR(st.st_mode);
}

/* Beside the program: samples/sites of the source tree (build folders lie one or two levels deep)
 * or share/vigie/sites of an installation that was moved. */
static struct str folder_beside(struct arena *a)
{
    static const char *const places[] = {"../samples/sites", "../../samples/sites",
                                         "../share/vigie/sites"};
    char exe[EXE_BYTES_MAX];
    ssize_t n = readlink("/proc/self/exe", exe, sizeof exe);
    if (n <= 0 || n == (ssize_t)sizeof exe)
        return STR_NONE;
    while (n > 0 && exe[n - 1] != '/')
        n--;
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        struct str folder = arena_printf(a, "%.*s%s", (int)n, exe, places[i]);
        if (is_folder(a, folder))
            return folder;
    }
    return STR_NONE;
}

struct str site_folder(struct arena *a)
{
    const char *told = getenv("VIGIE_SITES");
    if (told != NULL && *told != '\0')
        return arena_str(a, str_of(told));
    struct str beside = folder_beside(a);
    if (beside.p != NULL)
        return beside;
    return is_folder(a, STR(VIGIE_SITES_DIR)) ? STR(VIGIE_SITES_DIR) : STR_NONE;
}

/* The stem of "ez-booking.json"; missing for anything that is no profile. */
static struct str profile_stem(struct str file)
{
    if (!str_ends(file, STR(".json")) || str_ends(file, STR(".schema.json")) || file.p[0] == '.')
        return STR_NONE;
    return str_sub(file, 0, file.n - 5);
}

static void insert_sorted(struct str *names, size_t count, struct str name)
{
    size_t i = count;
    for (; i > 0 && str_cmp(names[i - 1], name) > 0; i--)
        names[i] = names[i - 1];
    names[i] = name;
}

size_t site_names(struct arena *a, struct str **names)
{
    size_t count = 0;
    struct str folder = site_folder(a);
    *names = ARENA_ARRAY(a, struct str, PROFILES_MAX);
    DIR *dir = folder.p == NULL ? NULL : opendir(arena_cstr(a, folder));
    if (dir == NULL)
        return 0;
    for (const struct dirent *d; count < PROFILES_MAX && (d = readdir(dir)) != NULL;) {
        struct str stem = profile_stem(str_of(d->d_name));
        if (stem.n > 0)
            insert_sorted(*names, count++, arena_str(a, stem));
    }
    closedir(dir);
    return count;
}

static bool read_file(struct arena *a, struct str path, struct str *text, struct str *why)
{
    int fd = open(arena_cstr(a, path), O_RDONLY | O_CLOEXEC);
    char *p = fd < 0 ? NULL : ARENA_ARRAY(a, char, PROFILE_BYTES_MAX + 1);
    ssize_t got = fd < 0 ? -1 : 1;
    size_t n = 0;
    while (got > 0 && n <= PROFILE_BYTES_MAX) {
        got = read(fd, p + n, PROFILE_BYTES_MAX + 1 - n);
        if (got < 0 && errno == EINTR)
            got = 1;
        else if (got > 0)
            n += (size_t)got;
    }
    int error = errno;
    if (fd >= 0)
        close(fd);
    *text = (struct str){p, (ptrdiff_t)n};
    if (got < 0)
        *why = arena_printf(a, "%.*s: the site profile cannot be read: %s", STR_ARG(path),
                            strerror(error));
    else if (n > PROFILE_BYTES_MAX)
        *why = arena_printf(a, "%.*s: longer than %d bytes, no site profile", STR_ARG(path),
                            PROFILE_BYTES_MAX);
    return why->p == NULL;
}

static struct str unknown_name(struct arena *a, struct str name, struct str folder)
{
    struct str *names, best = STR_NONE;
    size_t count = site_names(a, &names);
    int smallest = 4;
    for (size_t i = 0; i < count; i++)
        if (str_distance(name, names[i]) < smallest) {
            smallest = str_distance(name, names[i]);
            best = names[i];
        }
    if (folder.p == NULL)
        return arena_printf(
            a,
            "no site profile \"%.*s\": no folder of profiles was found; name a file, or set "
            "VIGIE_SITES to the folder",
            STR_ARG(name));
    if (best.p != NULL)
        return arena_printf(a, "no site profile \"%.*s\"; did you mean \"%.*s\"?", STR_ARG(name),
                            STR_ARG(best));
    struct str list = STR_NONE;
    for (size_t i = 0; i < count; i++)
        list = arena_printf(a, "%.*s%s%.*s", STR_ARG(list), i == 0 ? "" : ", ", STR_ARG(names[i]));
    /* The program finds it beside itself, by way of "..". */
    bool winding = str_find_str(folder, STR("/../")) >= 0;
    char *plain = winding ? realpath(arena_cstr(a, folder), NULL) : NULL;
    struct str where = plain != NULL ? arena_str(a, str_of(plain)) : folder;
    free(plain);
    return arena_printf(a, "no site profile \"%.*s\"; there are: %.*s (in %.*s)", STR_ARG(name),
                        STR_ARG(list), STR_ARG(where));
}

const struct site *site_load(struct arena *a, struct str name, struct str *why)
{
    struct str text, path = name;
    *why = STR_NONE;
    if (str_find(name, '/', 0) < 0 && !str_ends(name, STR(".json"))) {
        struct str folder = site_folder(a);
        path = arena_printf(a, "%.*s/%.*s.json", STR_ARG(folder), STR_ARG(name));
        if (folder.p == NULL || name.n == 0 || access(arena_cstr(a, path), F_OK) != 0) {
            *why = unknown_name(a, name, folder);
            return NULL;
        }
    }
    path = arena_str(a, path);
    return read_file(a, path, &text, why) ? site_parse(a, path, text, why) : NULL;
}
