/* signals.c: one flag, because a signal handler can reach nothing else. */
#include "analyzer/cli/signals.h"

#include <signal.h>
#include <stddef.h>

static volatile int stop;

static void on_signal(int number)
{
    (void)number;
    stop = 1;
}

void signals_install(void)
{
    struct sigaction end = {.sa_handler = on_signal, .sa_flags = (int)SA_RESETHAND}; /* no SA_RESTART: reads wake up */
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    sigemptyset(&end.sa_mask);
    sigemptyset(&ignore.sa_mask);
    sigaction(SIGINT, &end, NULL);
    sigaction(SIGTERM, &end, NULL);
    sigaction(SIGPIPE, &ignore, NULL);
    sigaction(SIGXFSZ, &ignore, NULL); /* the write fails instead, and what is unfinished is removed */
}

const volatile int *signals_stop(void)
{
    return &stop;
}
