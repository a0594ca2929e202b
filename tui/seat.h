/* Where the operator sits: the terminal the screens are shown on, and the line
 * to the tether that holds it for us.  A seat may be empty (headless), and is
 * taken again at another terminal. */
#ifndef TUI_SEAT_H
#define TUI_SEAT_H

#include "core/access/access.h"
#include "tui/term.h"

enum { SEAT_PLACE_MAX = 128 };

/* Caller's storage; start from SEAT_INIT, end with seat_leave(). */
struct seat {
	struct term *term; /* owned; NULL: headless */
	struct socket_line
	    line; /* to the tether; fd -1: the terminal is ours */
	enum term_colors colors;
	bool has_shell;             /* somebody would continue us */
	char place[SEAT_PLACE_MAX]; /* "pts/3 192.0.2.14" */
};
#define SEAT_INIT ((struct seat){.line = SOCKET_LINE_INIT})

/* Without job control nobody would continue a stopped process. */
bool seat_has_shell(void);

/* Sits down at the terminal on standard input and output; line (consumed) is
 * that of a tether, or has no descriptor.  Errors as term_open(). */
int seat_open(struct seat *seat, struct socket_line *line,
    enum term_colors colors, struct err *err);

/* Sits down at a visitor's terminal; the seat must be empty.  Consumes what
 * visitor holds.  Errors as term_open(): the seat is then empty. */
int seat_take(struct seat *seat, struct door_visitor *visitor, struct err *err);

/* Why a seat is left: what the tether is told. */
enum seat_why {
	SEAT_ENDED, /* the process ends */
	SEAT_KEPT,  /* it goes on without a terminal */
	SEAT_TAKEN, /* somebody sits down elsewhere */
};

/* Gives the terminal back as far as it takes bytes, tells the tether and hangs
 * up; standard input and output are /dev/null then, unless the process ends.
 * who is the place of SEAT_TAKEN.  Without effect on an empty seat. */
void seat_leave(
    struct seat *seat, enum seat_why why, int status, const char *who);

/* What the tether has said. */
enum seat_news { SEAT_NOTHING, SEAT_RESIZED, SEAT_BACK, SEAT_LOST, SEAT_END };

/* The next news; of SEAT_END, *number is the signal.  SEAT_LOST when the
 * tether has gone. */
enum seat_news seat_hear(struct seat *seat, int *number);

/* Runs a program on the terminal, or through the tether; *status as from
 * waitpid().  Ends early with E_CANCELLED when other_fd gets readable.
 * E_TERM_PROGRAM (path, sys). */
int seat_run(struct seat *seat, char *const argv[], int other_fd, int *status,
    struct err *err);

/* Gives the terminal to the shell until it is continued. */
void seat_suspend(struct seat *seat, int other_fd);

#endif
