/* Running another program and waiting for it. */
#ifndef TUI_SPAWN_H
#define TUI_SPAWN_H

#include "core/base/err.h"

/* Runs argv[0] (found by PATH) with default signals on our descriptors; status
 * as from waitpid().  E_TERM_PROGRAM (path, sys) when there is no process. */
int spawn_wait(char *const argv[], int *status, struct err *err);

/* fork() whose child is in a session of its own, without a terminal to be hung
 * up by: before threads and secrets.  0 in the child, its process id in the
 * parent, -1 with E_TERM_PROGRAM (sys). */
int spawn_apart(struct err *err);

#endif
