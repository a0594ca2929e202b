/* Fair to every house: groups are served in turn, so that one that is slow,
 * suspended or enormous never stands before the others.  What a house has
 * taught us is kept, because it does not forget a campaign either. */
#include "core/deliver/flow.h"

#include <assert.h>
#include <string.h>

static_assert((int)GROUP_COUNT <= (int)LEDGER_GROUPS, "a column holds them");
static_assert((int)GROUP_COUNT <= (int)RUN_GROUPS_MAX, "a screen shows them");

void
flow_init(struct flow *flow, enum flow_pacing pacing, int64_t now_ms)
{
	memset(flow, 0, sizeof *flow);
	flow->pacing = pacing;
	for (int i = 0; i < GROUP_COUNT; i++) {
		struct flow_group *group = &flow->group[i];
		const struct group_limits *limits = group_limits((enum group)i);

		/* others are no house: each destination of them has the limits
		 * for itself */
		if (pacing == FLOW_PACED && i != GROUP_OTHER)
			slow_init(&group->slow, limits->sessions,
			    (int64_t)limits->rate * PACE_MILLI,
			    (int64_t)limits->rate_cap * PACE_MILLI, now_ms);
		else
			slow_init(&group->slow, 0, 0, 0, now_ms);
		bucket_init(&group->bucket, group->slow.rate, now_ms);
	}
}

bool
flow_is_open(const struct flow *flow, int group)
{
	return flow->group[group].state == RUN_PART_UP;
}

static bool
has_room(const struct flow_group *group)
{
	return !group->slow.sessions_max ||
	       group->in_flight < group->slow.sessions;
}

bool
flow_start(struct flow *flow, int group, int64_t now_ms)
{
	struct flow_group *it = &flow->group[group];

	if (!flow_is_open(flow, group) || !has_room(it) ||
	    !bucket_take(&it->bucket, 1, now_ms))
		return false;
	it->in_flight++;
	return true;
}

int
flow_next(struct flow *flow, const int ready[LEDGER_GROUPS], int64_t now_ms)
{
	for (int i = 0; i < GROUP_COUNT; i++) {
		int at = (flow->turn + i) % GROUP_COUNT;

		if (!ready[at] || !flow_start(flow, at, now_ms))
			continue;
		flow->turn = (at + 1) % GROUP_COUNT;
		return at;
	}
	return -1;
}

void
flow_ended(struct flow *flow, int group, enum flow_end how)
{
	flow->group[group].in_flight--;
	if (how == FLOW_NOT_STARTED)
		bucket_refund(&flow->group[group].bucket, 1);
}

bool
flow_may_connect(const struct flow *flow, int group)
{
	const struct flow_group *it = &flow->group[group];

	return flow_is_open(flow, group) &&
	       (!it->slow.sessions_max || it->open < it->slow.sessions);
}

void
flow_suspend(struct flow *flow, int group, const struct err *why, int64_t ms,
    int64_t now_ms)
{
	struct flow_group *it = &flow->group[group];

	if (it->state == RUN_PART_HELD)
		return;
	it->state = RUN_PART_SUSPENDED;
	it->until_ms = now_ms + ms;
	it->why = *why;
}

bool
flow_throttle(struct flow *flow, int group, const struct err *why, int64_t ms,
    int64_t now_ms)
{
	struct flow_group *it = &flow->group[group];
	double rate = meter_rate(&it->meter, now_ms);

	if (!slow_throttle(&it->slow, (int64_t)(rate * PACE_MILLI), now_ms))
		return false;
	bucket_set(&it->bucket, it->slow.rate, now_ms);
	if (!ms)
		ms = group_limits((enum group)group)->suspend_ms;
	flow_suspend(flow, group, why, ms, now_ms);
	return true;
}

void
flow_hold(struct flow *flow, int group)
{
	flow->group[group].state = RUN_PART_HELD;
	flow->group[group].why = (struct err){0};
	flow->group[group].until_ms = 0;
}

void
flow_release(struct flow *flow, int group)
{
	flow->group[group].state = RUN_PART_UP;
	flow->group[group].why = (struct err){0};
	flow->group[group].until_ms = 0;
}

enum flow_turn
flow_tick(struct flow *flow, int group, int64_t now_ms)
{
	struct flow_group *it = &flow->group[group];
	enum slow_turn grown;

	if (it->state == RUN_PART_SUSPENDED) {
		if (now_ms < it->until_ms)
			return FLOW_SAME;
		flow_release(flow, group);
		/* clean minutes count from here */
		it->slow.moved_ms = now_ms;
		return FLOW_RESUMED;
	}
	grown = slow_grow(&it->slow, now_ms);
	if (grown != SLOW_SAME)
		bucket_set(&it->bucket, it->slow.rate, now_ms);
	return grown == SLOW_RECOVERED ? FLOW_RECOVERED : FLOW_SAME;
}

int64_t
flow_next_ms(const struct flow *flow)
{
	int64_t first = INT64_MAX;

	for (int i = 0; i < GROUP_COUNT; i++) {
		if (flow->group[i].state == RUN_PART_SUSPENDED &&
		    flow->group[i].until_ms < first)
			first = flow->group[i].until_ms;
	}
	return first;
}

void
flow_fill(const struct flow *flow, int group, int64_t now_ms, int64_t wall_ms,
    struct run_part *out)
{
	const struct flow_group *it = &flow->group[group];

	*out = (struct run_part){
	    .id = group,
	    .state = it->state,
	    .until_ms =
		it->until_ms > now_ms ? wall_ms + it->until_ms - now_ms : 0,
	    .why = it->why,
	    .sessions_open = it->open ? it->open : it->in_flight,
	    .sessions_cap = it->slow.sessions,
	    .rate_limit = (double)it->bucket.rate / PACE_MILLI,
	    .day_left = -1,
	};
	span_text(out->name, sizeof out->name,
	    span_of(group_name((enum group)group)));
	meter_fill(&it->meter, now_ms, out);
}

/* ---- What was learnt --------------------------------------------------------- */

enum { REMEMBER_MS = 7 * 24 * 3600 * 1000 };

/* What is a week old says nothing any more, and a limit that was never reached
 * by a paced run nothing about an unpaced one. */
static void
take_up(struct flow *flow, struct stmt *stmt, int64_t now_ms, int64_t wall_ms)
{
	int64_t at = stmt_col_int(stmt, 0), until_ms = stmt_col_int(stmt, 3);
	int64_t age_ms = wall_ms - stmt_col_int(stmt, 4);
	struct flow_group *group;

	if (at < 0 || at >= GROUP_COUNT || age_ms < 0 || age_ms > REMEMBER_MS)
		return;
	group = &flow->group[at];
	if (flow->pacing == FLOW_PACED) {
		int64_t rate = stmt_col_int(stmt, 1);
		int sessions = (int)stmt_col_int(stmt, 2);

		if (rate > 0 && rate <= group->slow.rate_max)
			group->slow.rate = rate;
		if (sessions > 0 && sessions <= group->slow.sessions_max)
			group->slow.sessions = sessions;
		group->slow.slowed = group->slow.rate < group->slow.rate_max;
		bucket_set(&group->bucket, group->slow.rate, now_ms);
	}
	if (until_ms > wall_ms) {
		group->state = RUN_PART_SUSPENDED;
		group->until_ms = now_ms + until_ms - wall_ms;
	}
}

int
flow_load(struct flow *flow, struct db *db, int64_t now_ms, int64_t wall_ms,
    struct err *err)
{
	struct stmt *stmt = db_stmt(db,
	    "SELECT grp, rate, sessions, until_ms, at_ms FROM pace_state", err);
	int got = -1;

	while (stmt && (got = stmt_step(stmt, err)) == 1)
		take_up(flow, stmt, now_ms, wall_ms);
	stmt_reset(stmt);
	return got;
}

int
flow_save(const struct flow *flow, struct db *db, int64_t now_ms,
    int64_t wall_ms, struct err *err)
{
	for (int i = 0; i < GROUP_COUNT; i++) {
		const struct flow_group *group = &flow->group[i];
		bool waits = group->state == RUN_PART_SUSPENDED &&
			     group->until_ms > now_ms;
		struct stmt *stmt;

		/* a free run knows no limits, but who wants to be left alone */
		if (flow->pacing == FLOW_FREE && !waits)
			continue;
		stmt = db_stmt(db,
		    "INSERT OR REPLACE INTO pace_state(grp, rate, sessions,"
		    " until_ms, at_ms) VALUES(?1, ?2, ?3, ?4, ?5)",
		    err);
		if (!stmt)
			return -1;
		stmt_int(stmt, 1, i);
		stmt_int(
		    stmt, 2, flow->pacing == FLOW_PACED ? group->slow.rate : 0);
		stmt_int(stmt, 3,
		    flow->pacing == FLOW_PACED ? group->slow.sessions : 0);
		stmt_int(
		    stmt, 4, waits ? wall_ms + group->until_ms - now_ms : 0);
		stmt_int(stmt, 5, wall_ms);
		if (stmt_run(stmt, err) < 0)
			return -1;
	}
	return 0;
}
