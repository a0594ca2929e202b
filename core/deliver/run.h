/* A run from inside: what its lanes and sessions share.  run.c owns it; the
 * calls below may come from any lane. */
#ifndef CORE_DELIVER_RUN_H
#define CORE_DELIVER_RUN_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "core/compose/compose.h"
#include "core/deliver/deliver.h"
#include "core/deliver/flow.h"
#include "core/deliver/outcome.h"
#include "core/deliver/pilot.h"
#include "core/deliver/pool.h"
#include "core/deliver/progress.h"
#include "core/deliver/scribe.h"
#include "core/deliver/window.h"
#include "core/health/health.h"
#include "core/net/exchange.h"

struct destinations;
struct lane;

enum { RUN_LANES_MAX = 8, RUN_ALERTS_MAX = 4 };

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
	struct outcome_book *book;
	struct scribe *scribe;
	struct destinations *destinations; /* NULL: nothing goes directly */
	struct lane *lane[RUN_LANES_MAX];
	int lanes, sessions, max_attempts, lock_fd;
	int64_t total, started_ms, validity_ms, give_up_ms;
	enum ledger_doubt doubt; /* what becomes of messages in doubt */
	/* without a lock */
	_Atomic(enum run_order) order; /* set under lock */
	atomic_uint wakes;             /* how often run_wake() was called */
	/* guarded by lock */
	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct pool pool;
	struct flow flow;
	enum run_state state; /* never RUN_WAITING: that is computed */
	struct err why;
	int open; /* rows taken and not settled */
	int held; /* rows taken for destinations, not yet under way */
	int held_of[LEDGER_GROUPS]; /* the same by their own group */
	int sessions_open;
	int64_t left_ms;    /* when ORDER_LEAVE came, CLOCK_MONOTONIC */
	uint64_t last_deed; /* ticket of the deed that ends the run, or 0 */
	enum run_state last_state; /* what it ends as */
	struct window window;
	int64_t opens_ms; /* wall clock: nothing is started before; 0: now */
	int64_t looked_s; /* wall clock: when that was found out */
	struct outcome_history history;
	int64_t follow_ms, followed; /* the next look at refusals, their number
				      * at the last one */
	struct progress progress;
	struct pilot pilot;
	int64_t differing; /* rows withheld: not what was sealed */
	void (*alert)(void *arg, const struct run_alert *what);
	void *alert_arg;
	struct run_alert due[RUN_ALERTS_MAX]; /* to be told by lane 0 */
	int dues;
	int64_t stalled_ms; /* steady: no result since, while work is ready */
	bool stalled;       /* and that was told */
	/* a copy of flow for the scribe's thread, guarded by flow_lock, the
	 * innermost one: who holds lock may wait for the scribe */
	pthread_mutex_t flow_lock;
	struct flow flow_copy;
};

/* The order in force. */
enum run_order run_order(struct run *run);

/* Takes a row that the route may send now, else NULL; every row taken is
 * settled with run_settle() once. */
struct claim *run_take(struct run *run, struct route *route);

/* Takes a row of a group to be sent directly, for a queue of a destination;
 * NULL when none may be now.  It ends in run_queue() or run_return(). */
struct claim *run_hold(struct run *run, struct route *direct, int group);

/* Puts a held row behind those that wait for a destination; consumed. */
void run_queue(struct run *run, struct route *route, struct claim **taken);

/* Takes a row back that waits for a destination: held again; NULL: none. */
struct claim *run_unqueue(struct run *run, struct route *route);

/* Writes how a held row ended, which is consumed: nothing was sent of it, so
 * it does not count for the route's limits. */
void run_return(struct run *run, struct route *direct, struct claim **taken,
    const struct ledger_end *end);

/* The group whose limits a row on this route counts for. */
int run_group_of(const struct route *route, const struct claim *claim);

/* How a taken row ended. */
struct run_end {
	struct ledger_end end;
	struct route *route;
	int group;      /* the row's, whose limits it counts for */
	int64_t now_ms; /* steady */
	bool attempted; /* something was said to the relay about it */
	bool over_tls;
	const struct outcome_rule *rule; /* NULL: no refusal */
};

/* Writes the end of a taken row, which is consumed, and counts it; a rule's
 * effect or a guard may slow, rest or pause something. */
void run_settle(
    struct run *run, struct claim **taken, const struct run_end *end);

/* Takes the lock by which one run of a campaign lives at a time, into
 * run->lock_fd; uses store and campaign of run.  E_RUN_ACTIVE. */
int run_lock(struct run *run, struct err *err);

/* Pauses by a guard: no new transactions, why is kept, shown and logged.
 * Without effect when the run is not going. */
void run_guard(struct run *run, const struct err *why);

/* A row was withheld because its message is not the sealed one: told on the
 * screen, in the log and to those who are away. */
void run_alarm(struct run *run, const struct err *why);

/* The route to dial now, with its hop and epoch, which live as long as the
 * run; NULL when none may be.  Counts as an open session that run_closed()
 * ends. */
struct route *run_dial(
    struct run *run, int64_t now_ms, struct hop **hop, unsigned *epoch);

/* How much of what a route offers its next connection uses. */
enum smtp_pipelining run_manners(
    struct run *run, struct route *route, int64_t now_ms);

/* What a connection that ends teaches for run_manners(). */
void run_learn(struct run *run, struct route *route, const struct smtp *smtp,
    int64_t dialled_ms, int64_t now_ms);

/* A session came through to its first transaction. */
void run_ready(struct run *run, struct route *route);

/* True when an idle session of the route should end: the route is out of use
 * or has more sessions than it may.  A true answer counts until run_closed()
 * is told of it. */
bool run_must_leave(struct run *run, struct route *route);

/* How a session ended. */
struct run_closed {
	struct route *route;
	const struct hop *hop;
	unsigned epoch;
	enum route_end end;
	bool leaving;          /* run_must_leave() had said so */
	const struct err *why; /* NULL: in order */
};

/* A session ended. */
void run_closed(struct run *run, const struct run_closed *closed);

/* Adds a route while the run goes on; consumed, and returned. */
struct route *run_add_route(struct run *run, struct route **taken);

/* Makes all lanes look again. */
void run_wake(struct run *run);

/* What lane 0 does now and then: ends the run when nothing is left, hears the
 * scribe's faults, lets time pass for routes and groups. */
void run_keep(struct run *run);

/* ---- For the files of the run, all under its lock ------------------------- */

/* Sets what lanes and scribe do from now on. */
void run_set_order(struct run *run, enum run_order order, enum run_state state,
    const struct err *why);

/* Queues a deed (enum deed), in the order in which orders were given; its
 * ticket. */
uint64_t run_write_deed(struct run *run, int what, const struct err *why);

/* Lets the rest follow the pilot once that is written down; by is a word for
 * the log. */
void run_end_pilot(struct run *run, const char *by);

/* run_guard() for who holds the lock. */
void run_guard_locked(struct run *run, const struct err *why);

/* True while rows may be started: the run goes, and it is time to send. */
bool run_may_send(const struct run *run);

/* True when nothing will happen by itself any more, and all that happened is in
 * the figures. */
bool run_is_at_rest(const struct run *run);

/* True when an operator's wish comes too late. */
bool run_is_ending(const struct run *run);

/* Puts something on the screen's list, and before those who are away. */
void run_event(struct run *run, enum run_event_kind kind, const char *name,
    int64_t until_ms, const struct err *why);

/* Tells those who are away what is due; without the lock. */
void run_tell(struct run *run);

/* After the state of a route has changed: who stands by, is any left. */
void run_routes_changed(struct run *run);

#endif
