/* A run from inside: what its lanes and sessions share.  run.c owns it; the
 * calls below may come from any lane. */
#ifndef CORE_DELIVER_RUN_H
#define CORE_DELIVER_RUN_H

#include <pthread.h>
#include <stdbool.h>

#include "core/compose/compose.h"
#include "core/deliver/deliver.h"
#include "core/deliver/hop.h"
#include "core/deliver/outcome.h"
#include "core/deliver/pace.h"
#include "core/deliver/progress.h"
#include "core/deliver/scribe.h"
#include "core/health/health.h"
#include "core/net/exchange.h"

struct lane;

enum { RUN_LANES_MAX = 8 };

/* What the operator (or a guard) wants of the lanes. */
enum run_order {
	ORDER_GO,
	ORDER_HOLD,  /* paused */
	ORDER_STOP,  /* cancelled: open transactions end, then the rest */
	ORDER_CLOSE, /* the run is final: say QUIT and end */
	ORDER_LEAVE  /* run_free(): open transactions end, the ledger stays */
};

struct run {
	/* fixed while the lanes run */
	struct world *world;         /* borrowed */
	struct store *store;         /* borrowed */
	struct clearance *clearance; /* owned */
	struct campaign_id campaign;
	struct list_id list;
	struct template *template;
	struct tls_context *tls;
	int64_t relay_id;
	int per_session; /* messages through one connection */
	struct scribe *scribe;
	struct lane *lane[RUN_LANES_MAX];
	int lanes, sessions, max_attempts, lock_fd;
	int64_t total, started_ms, give_up_ms;
	/* guarded by lock */
	struct hop *hop;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	enum run_order order;
	enum run_state state; /* never RUN_WAITING: that is computed */
	struct err why;
	int open; /* rows taken and not settled */
	int sessions_open;
	int64_t left_ms;    /* when ORDER_LEAVE came, CLOCK_MONOTONIC */
	uint64_t last_deed; /* ticket of the deed that ends the run, or 0 */
	enum run_state last_state; /* what it ends as */
	struct relay_pace pace;
	struct outcome_history history;
	struct progress progress;
};

/* The order in force. */
enum run_order run_order(struct run *run);

/* Takes a claimed row when one may be sent now, else NULL; every row taken is
 * settled with run_settle() once. */
struct claim *run_take(struct run *run);

/* How a taken row ended. */
struct run_end {
	struct ledger_end end;
	int64_t now_ms; /* steady */
	bool attempted; /* something was said to the relay about it */
	bool over_tls;
	const struct outcome_rule *rule; /* NULL: no refusal */
};

/* Writes the end of a taken row, which is consumed, and counts it; a rule's
 * guard may pause. */
void run_settle(
    struct run *run, struct claim **taken, const struct run_end *end);

/* Pauses by a guard: no new transactions, why is kept, shown and logged.
 * Without effect when the run is not going. */
void run_guard(struct run *run, const struct err *why);

/* True when a session may be dialled now; the number among all sessions of
 * the run decides who must wait.  A true answer counts as an open session
 * that run_closed() ends. */
bool run_may_dial(struct run *run, int number, int64_t now_ms, unsigned *epoch);

/* Where to dial now; lives as long as the run. */
const struct exchange_target *run_target(struct run *run);

/* How much of what the relay offers the next connection uses. */
enum smtp_pipelining run_manners(struct run *run, int64_t now_ms);

/* What a connection that ends teaches for run_manners(). */
void run_learn(struct run *run, const struct smtp *smtp, int64_t dialled_ms,
    int64_t now_ms);

/* A session came through to its first transaction. */
void run_ready(struct run *run);

/* A session ended; why is NULL or its error. */
void run_closed(struct run *run, unsigned epoch, const struct err *why);

/* Makes all lanes look again. */
void run_wake(struct run *run);

/* What lane 0 does now and then: ends the run when nothing is left, hears the
 * scribe's faults. */
void run_keep(struct run *run);

#endif
