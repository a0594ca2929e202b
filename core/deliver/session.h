/* One connection to the relay and the messages in it.  Belongs to one lane's
 * thread. */
#ifndef CORE_DELIVER_SESSION_H
#define CORE_DELIVER_SESSION_H

#include "core/deliver/run.h"

/* One message of a session's window. */
struct parcel {
	struct claim *claim; /* NULL: free */
	struct buf bytes;    /* holds data */
	struct span data;
	enum smtp_body body;
	struct buf sender, recipient, envid;
	enum message_report report;
	uint64_t ticket; /* of the step to HANDED, 0: not queued */
	int64_t left_ms; /* steady; 0: it has not left */
	bool submitted;  /* the machine has it */
};

struct session {
	struct lane *lane;             /* borrowed */
	struct exchange *exchange;     /* NULL: not connected */
	struct route *route;           /* of the connection; borrowed */
	const struct hop *hop;         /* dialled; borrowed */
	struct exchange_target target; /* as hop's, with the token */
	struct secret *token;          /* signed in with; owned, or NULL */
	struct parcel parcel[SMTP_WINDOW];
	int submitted;         /* through this connection */
	int64_t connection;    /* its number in the ledger, 0: none yet */
	bool ready;            /* came through to the first transaction */
	bool hungry;           /* has room, and there was no row */
	bool leaving;          /* run_must_leave() said so */
	unsigned epoch;        /* of the route, when dialled */
	unsigned watched;      /* events registered with epoll */
	int64_t dialled_ms;    /* steady */
	int64_t idle_since_ms; /* steady */
};

/* Dials when the run allows it; false when nothing is to be dialled now. */
bool session_open(struct session *session, int64_t now_ms);

/* True when the session waits for the scribe: for rows, or for a mark that is
 * on the disk by now. */
bool session_has_news(const struct session *session);

/* True when it waits for the scribe at all. */
bool session_waits(const struct session *session);

/* Does what can be done: after events (0 for none), wakes and ticks. */
void session_turn(struct session *session, unsigned events, int64_t now_ms);

/* Gives up what is open and closes at once. */
void session_cut(struct session *session, int64_t now_ms);

/* True when no transaction is open. */
bool session_is_idle(const struct session *session);

/* Frees the buffers of a closed session. */
void session_done(struct session *session);

#endif
