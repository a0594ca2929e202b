/* The crash guard: gives the terminal back when the program dies. */
#ifndef TUI_GUARD_H
#define TUI_GUARD_H

#include <termios.h>

#include "core/base/span.h"

enum { GUARD_RESTORE_MAX = 256 };

/* From now on SIGSEGV, SIGBUS, SIGFPE, SIGILL and SIGABRT write restore to fd,
 * set its line discipline to saved, say one sentence and then kill the
 * process as they would have. */
void guard_arm(int fd, struct span restore, const struct termios *saved);

/* Back to how signals were. */
void guard_disarm(void);

#endif
