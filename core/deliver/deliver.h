/* From clearance to replies: the run and its durable ledger. */
#ifndef CORE_DELIVER_DELIVER_H
#define CORE_DELIVER_DELIVER_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/err.h"
#include "core/base/world.h"
#include "core/campaign/campaign.h"
#include "core/deliver/practice.h"
#include "core/review/review.h"
#include "core/store/store.h"

/* ---- Ledger ------------------------------------------------------------ */

/* The state of one recipient.  Stored as numbers: never renumber. */
enum ledger_state {
	LEDGER_PLANNED,
	LEDGER_CLAIMED,  /* taken by a session; nothing sent: safe to redo */
	LEDGER_HANDED,   /* final dot about to leave; durable before it does */
	LEDGER_ACCEPTED, /* the relay took it; never called delivered */
	LEDGER_DEFERRED, /* to be tried again at next_ms */
	LEDGER_FAILED,
	LEDGER_IN_DOUBT, /* handed and no reply: nobody knows */
	LEDGER_WITHHELD, /* differs from what was sealed, or suppressed since */
	LEDGER_CANCELLED,
	LEDGER_STATES
};

/* Stable word of a state ("in_doubt"); static. */
const char *ledger_state_name(enum ledger_state state);

/* ---- Run --------------------------------------------------------------- */

/* Stored as numbers: never renumber. */
enum run_state {
	RUN_RUNNING,
	RUN_PAUSED,  /* by the operator or a guard; why tells */
	RUN_WAITING, /* only deferred ones are left */
	RUN_DONE,
	RUN_STOPPED, /* cancelled; the rest is LEDGER_CANCELLED */
	RUN_STATES
};

/* A delivery under way, with its own threads.  All calls from any thread. */
struct run;

struct run_plan {
	int sessions;     /* 0 = as the relay is configured */
	int rate_per_s;   /* 0 = as the relay is configured */
	int max_attempts; /* per recipient; 0 = the default 10 */
};

/* Starts (or goes on with) the delivery of what the clearance is for.
 * Consumes *taken in any case.  Rows left claimed are planned again, rows left
 * handed become in doubt.  The caller ends *out with run_free().
 * E_RELAY_MISSING, E_RELAY_DEMO, E_RUN_ACTIVE, E_REVIEW_SEAL. */
int run_start(struct clearance **taken, struct world *world,
    struct store *store, const struct run_plan *plan, struct run **out,
    struct err *err);

/* No new transactions; open ones end.  Logged. */
int run_pause(struct run *run, struct err *err);

/* Goes on after a pause, after checking the seal again; a relay password that
 * was corrected meanwhile is used from now on.  Logged.  E_RUN_STATE,
 * E_REVIEW_SEAL. */
int run_resume(struct run *run, struct err *err);

/* Cancels: open transactions end, the rest becomes CANCELLED.  Logged. */
int run_stop(struct run *run, struct err *err);

/* The deferred ones are due at once.  Logged. */
int run_retry_now(struct run *run, struct err *err);

enum { RUN_RATE_SAMPLES = 240, RUN_REPLIES = 64 };

/* One reply as it came, for the live screen; foreign bytes. */
struct run_reply {
	int64_t at_ms;
	int64_t seq;
	enum ledger_state state;
	int code;
	char text[160];
};

/* A snapshot of the ledger's figures; the sum of count[] is total. */
struct run_progress {
	enum run_state state;
	struct err why; /* of a pause */
	int64_t total;
	int64_t count[LEDGER_STATES];
	int64_t started_ms, now_ms;
	int sessions_open;
	int64_t attempts;              /* finished by this process */
	int64_t tls_messages;          /* those of them over TLS */
	double rate_now, rate_average; /* finished attempts per second */
	int64_t next_due_ms;           /* of the deferred; 0 = none */
	uint32_t
	    sample[RUN_RATE_SAMPLES]; /* finished per second, oldest first */
	int samples;
	struct run_reply reply[RUN_REPLIES]; /* newest first */
	int replies;
};

/* Fills out with the present figures. */
void run_progress(struct run *run, struct run_progress *out);

/* Blocks until the run is DONE, STOPPED or PAUSED, or timeout_ms passed
 * (-1: for ever).  1 when it ended or paused, 0 on timeout. */
int run_wait(struct run *run, int timeout_ms);

/* Ends the threads in order (open transactions are given their reply, up to a
 * few seconds), keeps the ledger as it is; accepts NULL, sets *run to NULL. */
void run_free(struct run **run);

/* Campaigns left RUNNING by a process that ended; *out has *count ids, the
 * caller frees it. */
int run_unfinished(
    struct db *db, struct campaign_id **out, size_t *count, struct err *err);

/* Stops for good what a process before us has left RUNNING: nothing is sent,
 * so no clearance is needed.  What was handed becomes in doubt, the rest is
 * CANCELLED, the campaign STOPPED.  Logged.  E_RUN_ACTIVE while a run of it
 * lives, E_CAMPAIGN_STATE when it is not RUNNING. */
int run_stop_interrupted(struct store *store, struct world *world,
    struct campaign_id campaign, struct err *err);

#endif
