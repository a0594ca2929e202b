/* The terminal.  tui/term.c is the only file that knows curses; one thread
 * calls it. */
#ifndef TUI_TERM_H
#define TUI_TERM_H

#include "core/base/err.h"
#include "tui/canvas.h"
#include "tui/keys.h"

struct term;

enum term_colors { TERM_COLORS_AUTO, TERM_COLORS_OFF };

/* Takes over the terminal on standard input and output: alternate screen, raw
 * mode, bracketed paste; arms the crash guard.  name is its type, NULL: as TERM
 * says.  Needs a UTF-8 LC_CTYPE.  The caller ends it with term_close() or
 * term_abandon().  E_TERM_NONE, E_TERM_TYPE. */
int term_open(const char *name, enum term_colors colors, struct term **out,
    struct err *err);

/* Puts everything back as it was found; accepts NULL, sets *term to NULL. */
void term_close(struct term **term);

/* Frees what belongs to a terminal that has gone or does not take bytes any
 * more: nothing is written to it, and standard input and output are /dev/null
 * from now on.  Accepts NULL, sets *term to NULL. */
void term_abandon(struct term **term);

/* Standard input, output and error are /dev/null from now on. */
void term_nowhere(void);

/* Adds the octets that give the terminal back; line discipline apart. */
void term_restore(const struct term *term, struct buf *out);

/* Gives the terminal away for a while and takes it back, painted anew: around
 * whatever somebody else does with it. */
void term_lend(struct term *term);
void term_take_back(struct term *term);

/* The descriptor that is readable when term_key() may have something. */
int term_fd(const struct term *term);

/* The terminal description in use ("xterm-256color"); lives as long as
 * term. */
const char *term_name(const struct term *term);

/* Cells now. */
void term_size(const struct term *term, int *rows, int *cols);

/* Takes the size the kernel knows; after SIGWINCH, SIGCONT, a program. */
void term_resized(struct term *term);

/* True when the kernel knows another size than was taken last. */
bool term_has_resized(const struct term *term);

/* The next key without waiting; false when there is none.  A paste is taken
 * whole (5 s of silence end it, what is over 1 MiB is dropped) and lives until
 * the next call. */
bool term_key(struct term *term, struct key *out);

enum term_paint { TERM_CHANGES, TERM_EVERYTHING };

/* Shows the canvas, which has the terminal's size. */
void term_paint(struct term *term, const struct canvas *canvas,
    const struct theme *theme, enum term_paint paint);

/* Gives the terminal to a program and takes it back; *status as from
 * waitpid().  E_TERM_PROGRAM (path, sys). */
int term_run(
    struct term *term, char *const argv[], int *status, struct err *err);

/* Gives the terminal to the shell, stops this process group until it is
 * continued, and takes the terminal back. */
void term_suspend(struct term *term);

#endif
