/* The full-screen program: opens the terminal, the app and its first screen,
 * and closes them again. */
#ifndef TUI_PROGRAM_H
#define TUI_PROGRAM_H

#include "tui/verbs.h"

/* Runs until the user leaves; what went wrong before or after the full screen
 * is added to out.  Returns the exit status. */
int program_run(struct options *options, struct buf *out);

/* "sekisho screen": the frame with an empty list of messages and no store, for
 * trying terminals.  Only the test program has it. */
int program_try(struct options *options, struct buf *out);

#endif
