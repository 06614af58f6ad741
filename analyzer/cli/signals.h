/* signals.h: SIGINT and SIGTERM ask for an orderly end; SIGPIPE is ignored so that EPIPE is seen. */
#ifndef VIGIE_CLI_SIGNALS_H
#define VIGIE_CLI_SIGNALS_H

void signals_install(void);
/* Set by the first signal; a second one ends the process at once, without any output. */
const volatile int *signals_stop(void);

#endif
