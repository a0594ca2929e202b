/* From clearance to replies: the run and its durable ledger. */
#ifndef CORE_DELIVER_DELIVER_H
#define CORE_DELIVER_DELIVER_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/err.h"
#include "core/base/world.h"
#include "core/campaign/campaign.h"
#include "core/deliver/alert.h"
#include "core/deliver/log_seal.h"
#include "core/deliver/practice.h"
#include "core/deliver/replies.h"
#include "core/deliver/schedule.h"
#include "core/deliver/test_send.h"
#include "core/deliver/watch.h"
#include "core/net/group.h"
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
	LEDGER_WITHHELD, /* differs from what was sealed; stopped, gone or left
			  * since */
	LEDGER_CANCELLED,
	LEDGER_STATES
};

/* Stable word of a state ("in_doubt"); static. */
const char *ledger_state_name(enum ledger_state state);

/* How many rows of a launched campaign are in which state.  Quick: totals are
 * kept as rows move. */
int ledger_count(struct db *db, struct campaign_id campaign,
    int64_t count[LEDGER_STATES], struct err *err);

/* What is decided about a row in doubt. */
struct ledger_resolution {
	int64_t seq;
	enum ledger_state to; /* ACCEPTED or FAILED */
	struct span evidence; /* what says so; foreign bytes, kept */
};

/* Decides about a row in doubt in the caller's transaction, which logs it: 1, 0
 * when it is no longer in doubt, -1.  Only while no run of the campaign
 * lives. */
int ledger_resolve(struct store *store, struct db *db,
    struct campaign_id campaign, const struct ledger_resolution *resolution,
    struct err *err);

enum { LEDGER_AD_WAIT_HOURS = 24 };

/* Puts rows in doubt on their way once more, with the same Message-ID: DEFERRED,
 * due at once.  seq names count of them, NULL: all.  Left out are rows that were
 * sent once more before, and those of advertising that have been in doubt for
 * less than LEDGER_AD_WAIT_HOURS; *changed says how many go.  A campaign that
 * was DONE is RUNNING then: nothing leaves before run_start() is given a
 * clearance for it.  Logged.  E_RUN_ACTIVE while a run of it lives,
 * E_CAMPAIGN_STATE when it was stopped or never launched. */
int ledger_send_again(struct store *store, struct campaign_id campaign,
    const int64_t *seq, size_t count, int64_t *changed, struct err *err);

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
 * was corrected meanwhile is used from now on.  After a pilot somebody had to
 * look at, the rest goes.  Logged.  E_RUN_STATE,
 * E_REVIEW_SEAL. */
int run_resume(struct run *run, struct err *err);

/* Cancels: open transactions end, the rest becomes CANCELLED.  Logged. */
int run_stop(struct run *run, struct err *err);

/* The operator's own rules for replies were changed: they hold from the next
 * reply on. */
int run_reload_rules(struct run *run, struct err *err);

/* The deferred ones are due at once.  Logged. */
int run_retry_now(struct run *run, struct err *err);

/* ---- Relays and provider groups of a run --------------------------------- */

enum { RUN_RELAYS_MAX = 16, RUN_GROUPS_MAX = 16, RUN_EVENTS = 32 };

/* How a relay or a provider group of a run is doing. */
enum run_part_state {
	RUN_PART_UP,
	RUN_PART_STANDBY,   /* a relay of share 0 while another one works */
	RUN_PART_RESTING,   /* a relay that failed; tried again at until_ms */
	RUN_PART_SUSPENDED, /* a group that asked for less, until until_ms */
	RUN_PART_STOPPED,   /* does not come back by itself; why tells */
	RUN_PART_HELD,      /* by the operator */
	RUN_PART_STATES
};

/* The figures of one relay or one provider group, since this process started
 * the run; plain data. */
struct run_part {
	int64_t id;    /* the relay's, or the number of the group */
	char name[64]; /* the relay's name, or group_name() */
	enum run_part_state state;
	int64_t until_ms;                /* wall clock; 0: not known */
	struct err why;                  /* of any state but UP and STANDBY */
	int share;                       /* of a relay; 0: stand-by */
	int sessions_open, sessions_cap; /* cap 0: no limit */
	int64_t waiting;                 /* of a group: rows not handed yet */
	int64_t accepted, deferred, failed, in_doubt;
	int64_t over_tls;   /* of the attempts finished */
	double rate_now;    /* finished attempts per second */
	double rate_limit;  /* messages per second; 0: none */
	int64_t day_left;   /* of a warm-up plan; -1: no plan */
	int p50_ms, p95_ms; /* from handing over to the reply; -1: none yet */
};

enum run_event_kind {
	RUN_EVENT_RESTED,    /* a relay failed and rests until until_ms */
	RUN_EVENT_RETURNED,  /* a relay that rested works again */
	RUN_EVENT_STOPPED,   /* a relay is out until somebody mends it */
	RUN_EVENT_SLOWED,    /* rate and connections were halved */
	RUN_EVENT_RECOVERED, /* and are back at their limit */
	RUN_EVENT_SUSPENDED, /* a group gets nothing until until_ms */
	RUN_EVENT_RESUMED,   /* a group goes on */
	RUN_EVENT_GUARD,     /* the run was paused; err tells */
	RUN_EVENT_PACE,      /* the operator changed a limit */
	RUN_EVENT_WINDOW,    /* outside the send window until until_ms */
	RUN_EVENT_STALL,     /* work is ready, no result for a minute */
	RUN_EVENT_PILOT,     /* the pilot is over, the rest goes */
	RUN_EVENT_CHANGED,   /* a message differs from the sealed one */
	RUN_EVENT_KINDS
};

/* Something that happened to the run, for the screen. */
struct run_event {
	int64_t at_ms; /* wall clock */
	enum run_event_kind kind;
	char name[64]; /* of the relay or group; "": the run */
	int64_t until_ms;
	struct err why; /* code E_NONE when there is none */
};

/* Sets the limit of the whole run, messages per second, 0 for none; over the
 * relays' own limits it has no effect.  Until the run ends.  Logged.
 * E_RUN_STATE; E_STORE_BUSY, here and below, while the store refuses what is to
 * be logged. */
int run_set_rate(struct run *run, int per_s, struct err *err);

/* Takes a relay out of the run (open transactions end) and back into it; a
 * relay that rests or was stopped is tried at once.  Logged.  E_RUN_STATE,
 * E_RELAY_MISSING. */
int run_rest_relay(struct run *run, int64_t relay, struct err *err);
int run_use_relay(struct run *run, int64_t relay, struct err *err);

/* Holds a provider group back and lets it go, also when it was suspended.
 * Logged.  E_RUN_STATE. */
int run_hold_group(struct run *run, int group, struct err *err);
int run_release_group(struct run *run, int group, struct err *err);

/* ---- The pilot ------------------------------------------------------------ */

/* The first messages of a run (settings pilot.*) leave alone; the rest follows
 * when their replies are good, else the run pauses with E_RUN_PILOT until
 * run_resume(). */
enum run_pilot_state {
	RUN_PILOT_NONE,      /* too few recipients, or none is wanted */
	RUN_PILOT_UNDER_WAY, /* also after a crash in it */
	RUN_PILOT_LOOK,      /* paused by it: somebody must look */
	RUN_PILOT_PASSED,    /* the rest goes */
};

/* Its figures; those of the replies only until it has passed. */
struct run_pilot {
	enum run_pilot_state state;
	int64_t size;
	int64_t accepted, deferred, failed, in_doubt, withheld;
};

/* What somebody away from the screen should hear. */
struct run_alert {
	struct campaign_id campaign;
	enum run_event_kind kind; /* GUARD, STALL, STOPPED ... */
	char name[64];
	struct err why;
};

/* Has alert(arg, what) called from now on, from a thread of the run, at most
 * once a second; it must not block for long and not call the run.  NULL: no
 * longer.  What is due is still told by run_free(). */
void run_on_alert(struct run *run,
    void (*alert)(void *arg, const struct run_alert *what), void *arg);

/* ---- The live figures ----------------------------------------------------- */

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
	/* attempts finished since this process began, oldest first; each
	 * sample counts sample_s seconds, the last one is not over */
	uint32_t sample[RUN_RATE_SAMPLES];
	int samples, sample_s;
	struct run_reply reply[RUN_REPLIES]; /* newest first */
	int replies;
	int rate_limit;      /* of the whole run; 0: none */
	int64_t wait_ms;     /* wall clock: the send window opens; 0: is open */
	int64_t last_end_ms; /* wall clock: the last result; 0: none yet */
	struct run_pilot pilot;
	int64_t changed;    /* withheld by this process: not what was sealed */
	int p50_ms, p95_ms; /* from handing over to the reply; -1: none yet */
	struct run_part relay[RUN_RELAYS_MAX]; /* by id */
	int relays;
	struct run_part group[RUN_GROUPS_MAX]; /* those with rows */
	int groups;
	struct run_event event[RUN_EVENTS]; /* newest first */
	int events;
};

/* Fills out with the present figures; about 100 KiB, so keep it on the
 * heap. */
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
