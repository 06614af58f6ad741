/* progress.c: the progress line. */
#include "analyzer/cli/progress.h"

#include <time.h>
#include <unistd.h>

enum { FIRST_AFTER_MS = 1000, EVERY_MS = 200, MB = 1000000 };

static uint64_t now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

struct progress progress_start(bool wanted, enum lang lang)
{
    uint64_t t = now_ms();
    return (struct progress){.wanted = wanted, .lang = lang, .start_ms = t, .last_ms = t};
}

static void duration(struct out *o, uint64_t seconds)
{
    if (seconds >= 3600)
        out_printf(o, "%llu h %02u min", (unsigned long long)(seconds / 3600), (unsigned)(seconds / 60 % 60));
    else if (seconds >= 60)
        out_printf(o, "%u min %02u s", (unsigned)(seconds / 60), (unsigned)(seconds % 60));
    else
        out_printf(o, "%u s", (unsigned)seconds);
}

void progress_line(struct out *o, const struct engine_progress *now, uint64_t elapsed_ms, enum lang lang)
{
    const char *unit = lang == LANG_FR ? "Mo" : "MB";
    uint64_t ms = elapsed_ms > 0 ? elapsed_ms : 1;
    out_u64(o, now->bytes / MB);
    if (now->bytes_total > 0)
        out_printf(o, " / %llu", (unsigned long long)(now->bytes_total / MB));
    out_printf(o, " %s", unit);
    if (now->bytes_total > 0)
        out_printf(o, lang == LANG_FR ? " (%u %%)" : " (%u%%)", (unsigned)(now->bytes * 100 / now->bytes_total));
    out_printf(o, lang == LANG_FR ? " - %llu lignes/s" : " - %llu lines/s",
               (unsigned long long)(now->lines * 1000 / ms));
    if (now->bytes_total <= now->bytes || now->bytes == 0)
        return;
    out_text(o, lang == LANG_FR ? " - encore " : " - left ");
    duration(o, (now->bytes_total - now->bytes) * (ms / 100) / now->bytes / 10 + 1);
}

void progress_show(struct progress *p, const struct engine_progress *now)
{
    uint64_t t = p->wanted ? now_ms() : 0;
    if (!p->wanted || t - p->start_ms < FIRST_AFTER_MS || t - p->last_ms < EVERY_MS)
        return;
    struct out o = out_fd(STDERR_FILENO, 512);
    out_text(&o, "\r\033[K");
    progress_line(&o, now, t - p->start_ms, p->lang);
    (void)out_close(&o); /* a progress line that cannot be shown is no loss */
    p->last_ms = t;
    p->shown = true;
}

void progress_clear(struct progress *p)
{
    if (p->shown)
        (void)!write(STDERR_FILENO, "\r\033[K", 4);
    p->shown = false;
}
