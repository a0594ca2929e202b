/* The small process that stays at a terminal while another one serves it: it
 * knows only how to give the terminal back.  It forwards sizes and signals,
 * runs the programs the other one asks for, and restores the terminal when
 * that lets go or dies. */
#ifndef TUI_TETHER_H
#define TUI_TETHER_H

#include <termios.h>

#include "core/access/access.h"

/* One terminal and who serves it; plain data. */
struct tether {
	struct socket_line line; /* to the serving process */
	pid_t child;             /* the serving process, or 0: not ours */
	struct termios saved;    /* how the terminal was */
};

/* A tether without a line, for the terminal on standard input as it is now:
 * before anybody else has a hand on it. */
void tether_init(struct tether *tether);

/* Holds the terminal until it is let go of; what is to be said afterwards is
 * added to out.  The serving child's exit status, or what it told; a signal
 * that killed the child kills us too. */
int tether_hold(struct tether *tether, struct buf *out);

#endif
