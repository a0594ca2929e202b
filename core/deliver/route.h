/* Routes: the next hops of a run.
 *
 * A relay of the pool is a route that may carry any row; which relay gets the
 * next one is decided by share, health and limits.  Mail sent straight to its
 * receivers has a route per destination (a set of exchangers that serve the
 * same domains), with a queue of its own: only rows put there with
 * route_queue() go that way, and they go no other.  Such routes are made while
 * the run goes on (run_add_route()), in any number, and live as long as the
 * run.
 *
 * A route has one or more hops, in order of preference: a relay has one, a
 * destination one for each exchanger.  A session is dialled to the hop in turn;
 * when that fails before the first transaction the next dial takes the next
 * hop.  A hop that was in use is kept for the sessions that borrow it.
 *
 * A session belongs to its route from dialling to closing.  A route that fails
 * rests, and is then tried by a single session; a route that cannot work again
 * by itself (wrong password, wrong certificate) is stopped.  Rows that were not
 * handed over go back and find another way.
 *
 * Plain state without lock or clock: the run's lock guards it, all times are
 * steady milliseconds unless said otherwise. */
#ifndef CORE_DELIVER_ROUTE_H
#define CORE_DELIVER_ROUTE_H

#include "core/deliver/deliver.h"
#include "core/deliver/hop.h"
#include "core/deliver/ledger.h"
#include "core/deliver/meter.h"
#include "core/deliver/outcome.h"
#include "core/deliver/pace.h"
#include "core/deliver/window.h"

enum route_kind {
	ROUTE_RELAY,
	ROUTE_DIRECT, /* the pool's row for sending without a relay: it has no
		       * sessions, its destinations have them */
	ROUTE_DESTINATION
};

enum { ROUTE_HOPS_MAX = 16 };

struct route {
	struct route *next; /* in the run's list */
	enum route_kind kind;
	int number;           /* in the run, from 0 */
	int64_t relay;        /* the configured relay it belongs to */
	struct route *parent; /* of a destination: borrowed */
	char name[64];
	int group;       /* enum group of a destination, else -1 */
	int share;       /* 0: stand-by */
	int per_session; /* messages through one connection */
	struct hop *hop[ROUTE_HOPS_MAX]; /* owned, the older ones too */
	int hops, at;                    /* at: dialled next */
	struct relay_pace pace;
	enum run_part_state state;
	struct err why;
	int64_t until_ms; /* of a suspension; 0: not by itself */
	int open;         /* sessions */
	int leaving;      /* those of them that will end */
	int failed_hops;  /* in a row, before a transaction */
	struct warm warm;
	int64_t day_left;   /* of the warm-up's day; -1: no limit */
	int64_t day_end_ms; /* wall clock: when the next one begins */
	/* messages taken, weighed by its share: who has least is next */
	int64_t taken;
	int64_t took_ms; /* the last grant */
	/* of a destination: rows that wait for it */
	struct claim *queue, **queue_tail;
	int queued;
	/* figures */
	struct meter meter;
};

/* How a route is set up; name is copied. */
struct route_plan {
	enum route_kind kind;
	struct route *parent; /* of a destination */
	int64_t relay;
	const char *name;
	int group;
	int share;
	int sessions, per_session, rate_per_s; /* rate 0: no limit */
	int64_t day_left;                      /* -1: no plan */
};

/* A route without hops, up, at full speed, nothing proven.  The caller frees
 * it with route_free() or gives it to run_add_route(). */
struct route *route_new(const struct route_plan *plan, int64_t now_ms);

/* Frees a route with its hops; its queue must be empty.  Accepts NULL, sets
 * *route to NULL. */
void route_free(struct route **route);

/* A rate of its own for a destination: where it begins and how far it grows,
 * messages per second. */
void route_limit(struct route *route, int rate, int rate_cap, int64_t now_ms);

/* Makes a destination that has no sessions and no rows into the fresh one, which
 * takes over what it was; both keep their place. */
void route_swap(struct route *route, struct route *fresh);

/* Adds a hop behind those there are; consumed.  A hop too many is freed. */
void route_add_hop(struct route *route, struct hop **taken);

/* Puts another hop in the place of one; consumed.  The old one lives on for
 * the sessions that borrow it. */
void route_replace_hop(struct route *route, int at, struct hop **taken);

/* Puts rows behind those that wait (a destination's); consumed. */
void route_queue(struct route *route, struct claim **taken);

/* Takes a row out of the queue; NULL when it is empty. */
struct claim *route_unqueue(struct route *route);

/* True when the route is expected to carry something now or soon by itself:
 * up, standing by or resting after few failures. */
bool route_is_alive(const struct route *route);

/* True when nothing keeps it from working now, but limits. */
bool route_is_up(const struct route *route);

/* True when one more session may be dialled now; it then counts as open until
 * route_closed(), and *hop and *epoch are what it belongs to. */
bool route_may_dial(
    struct route *route, int64_t now_ms, struct hop **hop, unsigned *epoch);

/* What became of a route by a call. */
enum route_turn {
	ROUTE_AS_BEFORE,
	ROUTE_RESTS,    /* until pace.dial_after_ms */
	ROUTE_RETURNED, /* it rested and works again */
	ROUTE_STOPPED   /* it is out; why tells */
};

/* A session came through to its first transaction. */
enum route_turn route_ready(struct route *route);

/* How far a session had come. */
enum route_end { ROUTE_END_EARLY, ROUTE_END_LATE };

/* A session of that epoch ended; why is NULL or its error.  After an end before
 * the first transaction the next dial takes the next hop, and only when all of
 * them failed the route rests. */
enum route_turn route_closed(struct route *route, unsigned epoch,
    enum route_end end, const struct err *why, int64_t now_ms);

/* True when why is a refusal instead of a session; *out is what was said, as a
 * reply to be classified, and lives as long as why. */
bool route_refusal(const struct route *route, const struct err *why,
    struct outcome_reply *out);

/* Takes the route out: STOPPED, HELD or SUSPENDED.  until_ms: when it is back
 * by itself; 0: not. */
void route_stop(struct route *route, enum run_part_state state,
    const struct err *why, int64_t until_ms);

/* Back at once: what stopped it was mended, or somebody says so. */
void route_use(struct route *route, int64_t now_ms);

/* Time went by: what was suspended may be back, a slow one may grow. */
enum route_turn route_tick(struct route *route, int64_t now_ms);

/* How many messages may be started now, at most wish, 0 for none; they are
 * counted.  Those that then are not started are given back. */
int route_grant(struct route *route, int wish, int64_t now_ms);
void route_refund(struct route *route, int count);

/* Fills the figures for the screen; wall_ms is the wall clock's now_ms. */
void route_fill(const struct route *route, int64_t now_ms, int64_t wall_ms,
    struct run_part *out);

#endif
