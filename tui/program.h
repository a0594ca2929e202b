/* The full-screen program: opens the terminal, the app and its first screen,
 * and closes them again. */
#ifndef TUI_PROGRAM_H
#define TUI_PROGRAM_H

#include "tui/verbs.h"

struct seat;
struct session;
struct socket_line;

/* Runs until the user leaves; what went wrong before or after the full screen
 * is added to out.  Returns the exit status. */
int program_run(struct options *options, struct buf *out);

/* "sekisho screen": the frame with an empty list of messages and no store, for
 * trying terminals.  Only the test program has it. */
int program_try(struct options *options, struct buf *out);

/* The full screen for a session that is ready to sign in, at a seat on
 * standard input and output whose tether is at line (consumed); the caller ends
 * the session.  As program_run(). */
int program_sitting(struct options *options, struct session *session,
    struct seat *seat, struct socket_line *line, struct buf *out);

/* Locked memory for secrets, no core files, no debugger: once, before
 * threads and before the first secret. */
void program_harden(void);

/* Adds "sekisho: " and the sentences of err; always 1, an exit status. */
int program_complain(struct buf *out, const struct err *err);

#endif
