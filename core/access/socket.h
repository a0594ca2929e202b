/* The Unix socket beside the store: how somebody who has signed in elsewhere
 * reaches the process that holds the store.  The kernel says who calls
 * (SO_PEERCRED); nothing secret ever goes over it.  docs/away.md describes the
 * frames. */
#ifndef CORE_ACCESS_SOCKET_H
#define CORE_ACCESS_SOCKET_H

#include <stdbool.h>
#include <sys/types.h>

#include "core/base/buf.h"
#include "core/base/err.h"

struct clock;

enum {
	SOCKET_VERSION = 1,
	SOCKET_HEAD = 8,             /* "SK", version, kind, length */
	SOCKET_BODY_MAX = 64 * 1024, /* octets of one frame's body */
	SOCKET_FDS = 2,              /* a terminal: where to read, to write */
	SOCKET_CALLERS_MAX = 16,     /* at one time, whatever they want */
	SOCKET_REASON_MAX = 200,     /* octets of a reason */
	SOCKET_NAME_MAX = 64,
};

/* What a frame says.  Bodies are facts (below) unless noted.  Numbers go over
 * the socket: never renumber. */
enum socket_kind {
	/* from the caller */
	SOCKET_HELLO,     /* wish, term, language, color, place, shell */
	SOCKET_TAKE,      /* carries the two descriptors of a terminal */
	SOCKET_RESIZED,   /* the terminal has another size */
	SOCKET_CONTINUED, /* the terminal is ours again */
	SOCKET_SIGNAL,    /* number */
	SOCKET_RAN,       /* status, of SOCKET_RUN */
	SOCKET_ORDER,     /* order, reason */
	/* from the holder */
	SOCKET_WELCOME, /* user, since_ms, place, state, ... */
	SOCKET_REFUSED, /* an error: socket_put_err() */
	SOCKET_SEATED,  /* octets that give the terminal back */
	SOCKET_RUN,     /* words, each ended by NUL: a program to run */
	SOCKET_SUSPEND, /* give the terminal to the shell */
	SOCKET_BYE,     /* status, why, who: give the terminal back and end */
	SOCKET_FIGURES, /* of the delivery: watch_read() of core/deliver */
	SOCKET_DONE,    /* order, state (taken, settled, refused), err */
	/* from an approver */
	SOCKET_ASK,     /* what (list, offer, dossier, piece, exports, export),
			 * campaign, from, export */
	SOCKET_APPROVE, /* facts, an empty line, the statement */
	SOCKET_REJECT,  /* campaign, manifest, reason */
	SOCKET_KEY,     /* a public key as PEM, to be registered */
	/* to an approver */
	SOCKET_PIECE, /* what was asked for */
	SOCKET_KINDS
};

/* One frame; the body lives in the input. */
struct socket_frame {
	enum socket_kind kind;
	struct span body;
};

/* Appends a frame; body has at most SOCKET_BODY_MAX octets. */
void socket_frame_add(struct buf *out, enum socket_kind kind, struct span body);

/* Takes one frame off the beginning of input: the octets it used, 0 when more
 * is needed, -1 when it is none (E_SOCKET_FRAME, E_SOCKET_VERSION). */
int socket_frame_take(
    struct span input, struct socket_frame *out, struct err *err);

/* ---- Facts: lines "name=value" ------------------------------------------- */

/* Appends a fact; controls in the value become blanks. */
void fact_add(struct buf *out, const char *name, struct span value);
void fact_add_int(struct buf *out, const char *name, int64_t value);

/* The value of a fact, empty when there is none; lives in facts. */
struct span fact_find(struct span facts, const char *name);

/* A number of at most max, or fallback. */
int64_t fact_int(
    struct span facts, const char *name, int64_t max, int64_t fallback);

/* An error as facts, and back: code and facts, without errno. */
void socket_put_err(struct buf *out, const struct err *why);
void socket_take_err(struct span facts, struct err *out);

/* ---- A connection ---------------------------------------------------------- */

/* Who is at the other end, by the kernel's word. */
struct socket_peer {
	uid_t uid;
	pid_t pid;
	char name[SOCKET_NAME_MAX + 1]; /* login name, or the number */
};

/* One end of a connection; start from SOCKET_LINE_INIT. */
struct socket_line {
	int fd; /* owned; -1: none */
	struct buf in;
	size_t used; /* octets of in that the last frame had */
};
#define SOCKET_LINE_INIT ((struct socket_line){-1, BUF_INIT, 0})

/* Calls the holder of the store in dir; the path may be of any length.
 * E_SOCKET_NONE when there is none, E_SOCKET_CALL (sys). */
int socket_call(const char *dir, struct socket_line *out, struct err *err);

/* Two connected ends, for a process and its child.  E_SOCKET_CALL. */
int socket_pair(struct socket_line *a, struct socket_line *b, struct err *err);

/* Sends one frame whole, waiting at most two seconds.  E_SOCKET_CLOSED. */
int socket_say(struct socket_line *line, enum socket_kind kind,
    struct span body, struct err *err);

/* The same with SOCKET_FDS descriptors, which stay the caller's. */
int socket_hand(struct socket_line *line, enum socket_kind kind,
    struct span body, const int fds[SOCKET_FDS], struct err *err);

/* The next frame if one is there: 1 with *out, which lives until the next
 * call; 0; -1 at the end or for what is no frame (E_SOCKET_CLOSED,
 * E_SOCKET_FRAME, E_SOCKET_VERSION). */
int socket_hear(
    struct socket_line *line, struct socket_frame *out, struct err *err);

/* socket_hear() that waits; 0 only after timeout_ms. */
int socket_wait(struct socket_line *line, int timeout_ms,
    struct socket_frame *out, struct err *err);

/* Who is at the other end.  E_SOCKET_CALL. */
int socket_peer(int fd, struct socket_peer *out, struct err *err);

/* Closes and frees; may be done twice. */
void socket_line_done(struct socket_line *line);

/* ---- The holder's side ----------------------------------------------------- */

/* Serves callers on a thread of its own, so that STOP works while the screen
 * waits for its terminal. */
struct door;

enum door_order { DOOR_PAUSE, DOOR_STOP };

/* What the door asks of the program around it; on the door's thread, so each
 * must be quick.  Implementations embed it. */
struct door_host {
	/* Adds facts for SOCKET_WELCOME. */
	void (*welcome)(struct door_host *host, struct buf *out);
	/* Adds the body of SOCKET_FIGURES. */
	void (*figures)(struct door_host *host, struct buf *out);
	/* Does what a watcher wants; reason is "" for a pause.  Logs peer and
	 * reason. */
	int (*order)(struct door_host *host, enum door_order order,
	    const struct socket_peer *peer, struct span reason,
	    struct err *err);
	/* True when nothing is open any more that an order found open. */
	bool (*settled)(struct door_host *host);
	/* Takes an approver over, line included (consumed); welcome is what
	 * to say first.  E_SOCKET_FULL, E_THREAD.  NULL: there is nothing to
	 * approve. */
	int (*approver)(struct door_host *host, struct socket_line *line,
	    const struct socket_peer *peer, struct span welcome,
	    struct err *err);
	/* Somebody waits with a terminal and is not taken: whatever keeps the
	 * screen thread must be cut short. */
	void (*hurry)(struct door_host *host);
};

/* Somebody with a terminal, of our own uid. */
struct door_visitor {
	struct socket_line line;
	struct buf hello;   /* facts */
	int fd[SOCKET_FDS]; /* owned; -1: none */
};

/* Opens DIR/socket for the holder of the store's lock: 0600, or 0660 in a
 * folder that is marked as shared.  What an earlier process has left there is
 * removed.  The caller ends it with door_close(), host must live as long.
 * E_SOCKET_OPEN (path, sys), E_THREAD. */
int door_open(const char *dir, struct clock *clock, struct door_host *host,
    struct door **out, struct err *err);

/* Readable when door_visitor() has somebody. */
int door_event_fd(const struct door *door);

/* Takes the visitor; the caller ends it with door_visitor_done().  False when
 * there is none. */
bool door_visitor(struct door *door, struct door_visitor *out);

/* Closes what a visitor still has; may be done twice. */
void door_visitor_done(struct door_visitor *visitor);

/* Hangs up on everybody, removes the socket, frees; accepts NULL, sets *door
 * to NULL. */
void door_close(struct door **door);

#endif
