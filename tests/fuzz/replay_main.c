/* replay_main.c: runs a fuzz target over the files and folders named, where libFuzzer is not linked in. */
#include <dirent.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int replay_file(const char *path, size_t size)
{
    FILE *f = fopen(path, "rb");
    uint8_t *data = malloc(size > 0 ? size : 1); /* exactly as long as the input: reading past it is seen */
    int ok = f != NULL && data != NULL && fread(data, 1, size, f) == size;
    if (f != NULL)
        fclose(f);
    if (ok)
        LLVMFuzzerTestOneInput(data, size);
    else
        fprintf(stderr, "cannot read %s: %s\n", path, strerror(errno));
    free(data);
    return ok ? 1 : -1;
}

/* Files replayed, or -1. */
static int replay(const char *path);

static int replay_folder(const char *path)
{
    DIR *d = opendir(path);
    int count = 0;
    if (d == NULL)
        return -1;
    for (struct dirent *e; count >= 0 && (e = readdir(d)) != NULL;) {
        char inner[4096];
        if (e->d_name[0] == '.')
            continue;
        snprintf(inner, sizeof inner, "%s/%s", path, e->d_name);
        int n = replay(inner);
        count = n < 0 ? -1 : count + n;
    }
    closedir(d);
    return count;
}

static int replay(const char *path)
{
    struct stat st;
    if (stat(path, &st) != 0) {
        fprintf(stderr, "cannot read %s: %s\n", path, strerror(errno));
        return -1;
    }
    return S_ISDIR(st.st_mode) ? replay_folder(path) : replay_file(path, (size_t)st.st_size);
}

int main(int argc, char **argv)
{
    int total = 0;
    for (int i = 1; i < argc; i++) {
        int n = replay(argv[i]);
        if (n < 0)
            return 1;
        total += n;
    }
    printf("%d inputs replayed\n", total);
    return total > 0 ? 0 : 1; /* a target without seeds tests nothing */
}
