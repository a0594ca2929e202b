/* The scribe: the one thread that writes a run's ledger, in group commits.
 * Sessions tell it about their rows and go on; a ticket tells them when that is
 * durable.  It also reads rows of each group ahead of need, after asking the
 * gate. */
#ifndef CORE_DELIVER_SCRIBE_H
#define CORE_DELIVER_SCRIBE_H

#include "core/deliver/ledger.h"

struct scribe;

/* Something rare to be written in a transaction of its own, after all ends
 * handed over before it; what and why are the owner's. */
struct scribe_deed {
	int what;
	struct err why;
	bool moves_rows; /* the ledger is counted anew after it */
	uint64_t ticket; /* set by scribe_deed() */
};

/* The owner's part; called on the scribe's thread, arg passed through. */
struct scribe_owner {
	void *arg;
	/* 0 when rows may be read ahead now; asked before each batch. */
	int (*gate)(void *arg, struct db *db, struct err *err);
	/* Writes a deed. */
	int (*deed)(void *arg, const struct scribe_deed *deed, struct db *db,
	    struct err *err);
	/* Something became durable, or rows are ready. */
	void (*wake)(void *arg);
};

struct scribe_params {
	struct store *store; /* borrowed */
	struct clock *clock; /* borrowed */
	struct campaign_id campaign;
	struct scribe_owner owner;
	int ahead; /* rows of each group read ahead */
	enum ledger_doubt doubt;
	int64_t give_up_ms; /* nothing is sent once more after it; 0: none */
};

/* Reads the ledger's figures and starts the thread; nothing is read ahead yet.
 * The caller ends *out with scribe_stop(). */
int scribe_start(
    const struct scribe_params *params, struct scribe **out, struct err *err);

/* Writes what is queued and ends the thread; rows in memory are forgotten, on
 * the disk they are as they were.  When the store cannot be written what is
 * queued is lost (rows that were handed are found so by the next run).  Accepts
 * NULL, sets *scribe to NULL. */
void scribe_stop(struct scribe **scribe);

enum scribe_claims { SCRIBE_NO_CLAIMS, SCRIBE_CLAIMS };

/* Whether rows are read ahead from now on. */
void scribe_claiming(struct scribe *scribe, enum scribe_claims claims);

/* How many rows that are PLANNED on the disk may still be read, spread over the
 * groups as they are; INT64_MAX, the beginning: all. */
void scribe_allow(struct scribe *scribe, int64_t rows);

/* Takes a ready row of a group; NULL when none is.  Each row taken ends with
 * one scribe_settle(). */
struct claim *scribe_take(struct scribe *scribe, int group);

/* Numbers the facts of a connection, which are copied and written before the
 * first row that names them.  Once per connection that got to READY. */
int64_t scribe_connection(
    struct scribe *scribe, const struct ledger_connection *facts);

/* Queues the step of a taken row to HANDED and returns its ticket: nothing of
 * the message may leave before scribe_is_durable().  Committed without
 * delay.  claim stays with the caller. */
uint64_t scribe_hand(
    struct scribe *scribe, struct claim *claim, int64_t connection);

/* Takes the end of a taken row, handed or not; *taken is consumed and becomes
 * NULL.  Committed within 50 ms; a row that ends as PLANNED is ready again.  What
 * is in doubt may be DEFERRED instead, see enum ledger_doubt. */
void scribe_settle(
    struct scribe *scribe, struct claim **taken, const struct ledger_end *end);

/* Queues a deed and returns its ticket. */
uint64_t scribe_deed(struct scribe *scribe, const struct scribe_deed *deed);

/* True when so many deeds wait to be written (the store refuses, or is slow)
 * that those who can do without should not add any: scribe_deed() waits for
 * room. */
bool scribe_is_clogged(struct scribe *scribe);

/* True when everything up to ticket is on the disk. */
bool scribe_is_durable(struct scribe *scribe, uint64_t ticket);

/* True when all that was queued is on the disk, or cannot be written now. */
bool scribe_is_settled(struct scribe *scribe);

/* True when the deed of that ticket was tried and could not be written; its
 * error is or was a fault. */
bool scribe_has_failed(struct scribe *scribe, uint64_t ticket);

/* What the scribe knows; the sum of count[] never changes.  CLAIMED are those
 * taken, the others follow the disk. */
struct scribe_figures {
	int64_t count[LEDGER_STATES];
	int64_t group_count[LEDGER_GROUPS][LEDGER_STATES];
	int64_t next_due_ms; /* of the deferred; INT64_MAX: none */
	int ready;           /* rows in memory and not taken */
	int group_ready[LEDGER_GROUPS];
};

/* A snapshot. */
void scribe_figures(struct scribe *scribe, struct scribe_figures *out);

/* Takes the last fault: 1 and *out filled when something went wrong since the
 * last call.  A failed write is tried again every second; a gate that said no
 * and a failed deed are not. */
int scribe_fault(struct scribe *scribe, struct err *out);

#endif
