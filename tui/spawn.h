/* Running another program and waiting for it. */
#ifndef TUI_SPAWN_H
#define TUI_SPAWN_H

#include "core/base/err.h"

/* Runs argv[0] (found by PATH) with default signals on our descriptors; status
 * as from waitpid().  E_TERM_PROGRAM (path, sys) when there is no process. */
int spawn_wait(char *const argv[], int *status, struct err *err);

#endif
