/* The provider groups of a run: whose row is next, and how much each house
 * bears.  Guarded by the run's lock; times are steady unless said otherwise. */
#ifndef CORE_DELIVER_FLOW_H
#define CORE_DELIVER_FLOW_H

#include "core/deliver/ledger.h"
#include "core/deliver/meter.h"
#include "core/deliver/pace.h"
#include "core/net/group.h"

/* Whether the limits of the table hold (mail sent directly, or the operator
 * wishes it), or the relays are trusted to pace. */
enum flow_pacing { FLOW_FREE, FLOW_PACED };

struct flow_group {
	enum run_part_state state; /* UP, SUSPENDED or HELD */
	struct err why;
	int64_t until_ms; /* of a suspension */
	struct bucket bucket;
	struct slow slow;
	int in_flight; /* rows started and not ended */
	int open;      /* sessions of its destinations */
	struct meter meter;
};

struct flow {
	enum flow_pacing pacing;
	struct flow_group group[GROUP_COUNT];
	int turn; /* the group asked first */
};

/* All groups up, at the rates of the table or without limits. */
void flow_init(struct flow *flow, enum flow_pacing pacing, int64_t now_ms);

/* The group whose row goes next among those with ready rows, each in turn; -1
 * when none may.  It counts as in flight until flow_ended(). */
int flow_next(
    struct flow *flow, const int ready[LEDGER_GROUPS], int64_t now_ms);

/* True when a row of this group may start now; it then counts as in flight. */
bool flow_start(struct flow *flow, int group, int64_t now_ms);

/* A row of the group has ended, or was not started after all. */
enum flow_end { FLOW_ENDED, FLOW_NOT_STARTED };
void flow_ended(struct flow *flow, int group, enum flow_end how);

/* True when rows of the group may be started, limits aside. */
bool flow_is_open(const struct flow *flow, int group);

/* True when one more session to its destinations may be dialled. */
bool flow_may_connect(const struct flow *flow, int group);

/* The receivers asked for less: rate and connections are halved, the group is
 * suspended for ms (0: as the table says).  False when that was just done. */
bool flow_throttle(struct flow *flow, int group, const struct err *why,
    int64_t ms, int64_t now_ms);

/* Suspends a group for ms without slowing it down. */
void flow_suspend(struct flow *flow, int group, const struct err *why,
    int64_t ms, int64_t now_ms);

/* The operator holds a group back, or lets it go. */
void flow_hold(struct flow *flow, int group);
void flow_release(struct flow *flow, int group);

enum flow_turn { FLOW_SAME, FLOW_RESUMED, FLOW_RECOVERED };

/* Time went by for a group. */
enum flow_turn flow_tick(struct flow *flow, int group, int64_t now_ms);

/* When the first suspension ends; INT64_MAX: none. */
int64_t flow_next_ms(const struct flow *flow);

/* Fills the figures of a group for the screen; ready are its rows in memory. */
void flow_fill(const struct flow *flow, int group, int64_t now_ms,
    int64_t wall_ms, struct run_part *out);

/* Takes up what an earlier run has learnt (table pace_state), and writes it
 * down; wall_ms is the wall clock's now_ms.  In the caller's transaction. */
int flow_load(struct flow *flow, struct db *db, int64_t now_ms, int64_t wall_ms,
    struct err *err);
int flow_save(const struct flow *flow, struct db *db, int64_t now_ms,
    int64_t wall_ms, struct err *err);

#endif
