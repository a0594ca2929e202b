/* What may happen now: everything a lane may do is asked here, under one lock,
 * whether there is a row to send, a session to dial, a reason to stop.  Pausing
 * acts at once in memory and is written down a moment later, because a pause
 * must never wait for a disk. */
#include "core/deliver/run.h"

#include "core/deliver/deeds.h"
#include "core/deliver/lane.h"

enum { MINUTE_MS = 60 * 1000 };

/* ---- For the files of the run ------------------------------------------------ */

void
run_event(struct run *run, enum run_event_kind kind, const char *name,
    int64_t until_ms, const struct err *why)
{
	struct run_event event = {
	    .at_ms = clock_now_ms(run->world->clock),
	    .kind = kind,
	    .until_ms = until_ms,
	};
	struct run_alert *due = &run->due[run->dues];

	span_text(event.name, sizeof event.name, span_of(name));
	if (why)
		event.why = *why;
	progress_event(&run->progress, &event);
	if ((kind != RUN_EVENT_GUARD && kind != RUN_EVENT_STALL &&
		kind != RUN_EVENT_STOPPED && kind != RUN_EVENT_SUSPENDED &&
		kind != RUN_EVENT_CHANGED) ||
	    run->dues == RUN_ALERTS_MAX)
		return;
	*due = (struct run_alert){
	    .campaign = run->campaign,
	    .kind = kind,
	    .why = event.why,
	};
	span_text(due->name, sizeof due->name, span_of(name));
	run->dues++;
}

uint64_t
run_write_deed(struct run *run, int what, const struct err *why)
{
	struct scribe_deed deed = {
	    .what = what,
	    .moves_rows = what == DEED_STOPPED,
	};

	if (why)
		deed.why = *why;
	pthread_mutex_lock(&run->flow_lock);
	run->flow_copy = run->flow;
	pthread_mutex_unlock(&run->flow_lock);
	return scribe_deed(run->scribe, &deed);
}

void
run_set_order(struct run *run, enum run_order order, enum run_state state,
    const struct err *why)
{
	atomic_store(&run->order, order);
	run->state = state;
	run->why = why ? *why : (struct err){0};
	scribe_claiming(
	    run->scribe, order == ORDER_GO ? SCRIBE_CLAIMS : SCRIBE_NO_CLAIMS);
	pthread_cond_broadcast(&run->changed);
}

void
run_end_pilot(struct run *run, const char *by)
{
	struct err facts = {0};

	err_fact(&facts, "by", span_of(by));
	err_fact_int(&facts, "size", run->pilot.size);
	run->pilot.ticket = run_write_deed(run, DEED_PILOT, &facts);
}

bool
run_may_send(const struct run *run)
{
	return run->order == ORDER_GO && !run->opens_ms;
}

bool
run_is_ending(const struct run *run)
{
	return run->last_deed || run->order >= ORDER_STOP;
}

void
run_guard_locked(struct run *run, const struct err *why)
{
	if (run->order != ORDER_GO || run->last_deed)
		return;
	run_set_order(run, ORDER_HOLD, RUN_PAUSED, why);
	run_write_deed(run, DEED_PAUSE, why);
	run_event(run, RUN_EVENT_GUARD, "", 0, why);
}

void
run_guard(struct run *run, const struct err *why)
{
	pthread_mutex_lock(&run->lock);
	run_guard_locked(run, why);
	pthread_mutex_unlock(&run->lock);
}

/* True for 1, 10, 100 ...: a flood is told in a few words. */
static bool
is_told(int64_t count)
{
	while (count >= 10 && count % 10 == 0)
		count /= 10;
	return count == 1;
}

void
run_alarm(struct run *run, const struct err *why)
{
	struct err told = *why;

	pthread_mutex_lock(&run->lock);
	run->differing++;
	run->pilot.changed++;
	if (is_told(run->differing)) {
		err_fact_int(&told, "count", run->differing);
		run_event(run, RUN_EVENT_CHANGED, "", 0, &told);
		if (!scribe_is_clogged(run->scribe))
			run_write_deed(run, DEED_CHANGED, &told);
	}
	pthread_mutex_unlock(&run->lock);
}

/* With several relays it matters which one went last, and that all are gone. */
static void
loss(const struct run *run, const struct route *last, struct err *out)
{
	if (run->pool.count == 1) {
		*out = last->why;
		return;
	}
	err_set(out, E_RUN_RELAYS);
	err_fact_int(out, "relays", run->pool.count);
	err_fact(out, "relay", span_of(last->name));
	err_fact(out, "why", span_of(err_name(last->why.code)));
}

void
run_routes_changed(struct run *run)
{
	const struct route *last;
	struct err why = {0};

	pool_settle(&run->pool);
	if (!pool_is_lost(&run->pool, &last))
		return;
	loss(run, last, &why);
	run_guard_locked(run, &why);
}

/* ---- Asked by lanes ---------------------------------------------------------- */

enum run_order
run_order(struct run *run)
{
	return atomic_load_explicit(&run->order, memory_order_relaxed);
}

/* One row less in the lanes' hands; locked. */
static void
drop_open(struct run *run)
{
	if (--run->open == 0)
		pthread_cond_broadcast(&run->changed);
}

int
run_group_of(const struct route *route, const struct claim *claim)
{
	return route->kind == ROUTE_DESTINATION ? route->group : claim->group;
}

/* The group whose row the route may send next, counted; -1: none.  Locked. */
static int
next_group(struct run *run, struct route *route, const int ready[LEDGER_GROUPS],
    int64_t now_ms)
{
	int group;

	if (route->open - route->leaving > route->pace.slow.sessions ||
	    !pool_grant(&run->pool, route, 1, now_ms))
		return -1;
	group = flow_next(&run->flow, ready, now_ms);
	if (group < 0)
		pool_refund(&run->pool, route, 1);
	return group;
}

/* A row that any relay may carry. */
static struct claim *
take_shared(struct run *run, struct route *route, int64_t now_ms)
{
	struct scribe_figures figures;
	struct claim *claim = NULL;
	int group;

	scribe_figures(run->scribe, &figures);
	if (!figures.ready)
		return NULL;
	pthread_mutex_lock(&run->lock);
	group = run_may_send(run)
		    ? next_group(run, route, figures.group_ready, now_ms)
		    : -1;
	run->open += group >= 0;
	pthread_mutex_unlock(&run->lock);
	if (group < 0)
		return NULL;
	claim = scribe_take(run->scribe, group);
	if (claim)
		return claim;
	/* another lane was faster */
	pthread_mutex_lock(&run->lock);
	flow_ended(&run->flow, group, FLOW_NOT_STARTED);
	pool_refund(&run->pool, route, 1);
	drop_open(run);
	pthread_mutex_unlock(&run->lock);
	return NULL;
}

/* One row less that is held for destinations; locked. */
static void
drop_held(struct run *run, int group)
{
	run->held--;
	run->held_of[group]--;
}

/* The next row that waits for a destination; locked. */
static struct claim *
unqueue(struct run *run, struct route *route)
{
	struct claim *claim = route_unqueue(route);

	run->pool.queued -= claim != NULL;
	return claim;
}

/* A row that waits for this destination. */
static struct claim *
take_queued(struct run *run, struct route *route, int64_t now_ms)
{
	struct claim *claim = NULL;

	pthread_mutex_lock(&run->lock);
	if (run_may_send(run) && route->queued && route_is_up(route->parent) &&
	    route_grant(route, 1, now_ms)) {
		if (flow_start(&run->flow, route->group, now_ms))
			claim = unqueue(run, route);
		else
			route_refund(route, 1);
	}
	run->open += claim != NULL;
	if (claim)
		drop_held(run, claim->group);
	pthread_mutex_unlock(&run->lock);
	return claim;
}

struct claim *
run_take(struct run *run, struct route *route)
{
	int64_t now_ms;

	if (run_order(run) != ORDER_GO)
		return NULL;
	now_ms = clock_steady_ms(run->world->clock);
	return route->kind == ROUTE_DESTINATION
		   ? take_queued(run, route, now_ms)
		   : take_shared(run, route, now_ms);
}

/* ---- Rows for destinations --------------------------------------------------- */

struct claim *
run_hold(struct run *run, struct route *direct, int group)
{
	int64_t now_ms = clock_steady_ms(run->world->clock);
	struct claim *claim = NULL;
	bool granted;

	pthread_mutex_lock(&run->lock);
	granted = run->order == ORDER_GO && flow_is_open(&run->flow, group) &&
		  pool_grant(&run->pool, direct, 1, now_ms);
	run->held += granted;
	run->held_of[group] += granted;
	pthread_mutex_unlock(&run->lock);
	if (granted)
		claim = scribe_take(run->scribe, group);
	if (granted && !claim) {
		pthread_mutex_lock(&run->lock);
		pool_refund(&run->pool, direct, 1);
		drop_held(run, group);
		pthread_mutex_unlock(&run->lock);
	}
	return claim;
}

void
run_queue(struct run *run, struct route *route, struct claim **taken)
{
	pthread_mutex_lock(&run->lock);
	route_queue(route, taken);
	run->pool.queued++;
	pthread_mutex_unlock(&run->lock);
}

struct claim *
run_unqueue(struct run *run, struct route *route)
{
	struct claim *claim;

	pthread_mutex_lock(&run->lock);
	claim = unqueue(run, route);
	pthread_mutex_unlock(&run->lock);
	return claim;
}

/* ---- Ends -------------------------------------------------------------------- */

static void
fill_reply(int64_t seq, const struct ledger_end *end, struct run_reply *out)
{
	struct span text = span_trim(end->reply);

	if (!text.len)
		text = span_of(end->class);
	out->at_ms = end->at_ms;
	out->seq = seq;
	out->state = end->to;
	out->code = end->code;
	span_text(out->text, sizeof out->text, text);
}

/* A destination that belongs to no known house bears its limits alone. */
static void
quiet_destination(struct run *run, const struct run_end *end,
    const struct outcome_call *call, const struct err *why)
{
	struct route *route = end->route;
	int64_t ms = (int64_t)call->minutes * MINUTE_MS;
	int64_t measured =
	    (int64_t)(meter_rate(&route->meter, end->now_ms) * PACE_MILLI);

	if (route->state > RUN_PART_RESTING)
		return;
	if (!ms)
		ms = group_limits(GROUP_OTHER)->suspend_ms;
	if (call->effect == EFFECT_SLOW_GROUP)
		pace_throttle(&route->pace, measured, end->now_ms);
	route_stop(route, RUN_PART_SUSPENDED, why, end->now_ms + ms);
	run_event(run, RUN_EVENT_SUSPENDED, route->name,
	    clock_now_ms(run->world->clock) + ms, why);
}

/* What a reply asks of a group: less for a while. */
static void
quiet_group(struct run *run, const struct run_end *end,
    const struct outcome_call *call, const struct err *why)
{
	int group = end->group;
	int64_t ms = (int64_t)call->minutes * MINUTE_MS;
	enum run_event_kind kind = RUN_EVENT_SLOWED;

	if (call->effect == EFFECT_SUSPEND_GROUP) {
		kind = RUN_EVENT_SUSPENDED;
		if (!flow_is_open(&run->flow, group))
			return;
		flow_suspend(&run->flow, group, why, ms, end->now_ms);
	} else if (!flow_throttle(&run->flow, group, why, ms, end->now_ms)) {
		return;
	}
	run_event(run, kind, group_name((enum group)group),
	    clock_now_ms(run->world->clock) + run->flow.group[group].until_ms -
		end->now_ms,
	    why);
	/* it is written with the next deed as well */
	if (!scribe_is_clogged(run->scribe))
		run_write_deed(run, DEED_LEARNT, NULL);
}

static void
rest_route(struct run *run, const struct run_end *end,
    const struct outcome_call *call, const struct err *why)
{
	struct route *route = end->route;
	int64_t ms = (int64_t)call->minutes * MINUTE_MS;

	if (route->state > RUN_PART_RESTING)
		return;
	if (call->effect == EFFECT_STOP_RELAY) {
		route_stop(route, RUN_PART_STOPPED, why, 0);
		run_event(run, RUN_EVENT_STOPPED, route->name, 0, why);
	} else {
		route_stop(route, RUN_PART_SUSPENDED, why, end->now_ms + ms);
		run_event(run, RUN_EVENT_RESTED, route->name,
		    clock_now_ms(run->world->clock) + ms, why);
	}
	run_routes_changed(run);
}

/* Does what an outcome asks of the run; locked. */
static void
obey(struct run *run, const struct run_end *end,
    const struct outcome_call *call, const struct err *why)
{
	struct route *route = end->route;
	int64_t measured =
	    (int64_t)(meter_rate(&route->meter, end->now_ms) * PACE_MILLI);

	switch (call->effect) {
	case EFFECT_NONE:
		break;
	case EFFECT_SLOW_RELAY:
		if (pace_throttle(&route->pace, measured, end->now_ms))
			run_event(run, RUN_EVENT_SLOWED, route->name, 0, why);
		break;
	case EFFECT_SLOW_GROUP:
	case EFFECT_SUSPEND_GROUP:
		if (route->kind == ROUTE_DESTINATION &&
		    end->group == GROUP_OTHER)
			quiet_destination(run, end, call, why);
		else
			quiet_group(run, end, call, why);
		break;
	case EFFECT_REST_RELAY:
	case EFFECT_STOP_RELAY:
		rest_route(run, end, call, why);
		break;
	case EFFECT_PAUSE:
		run_guard_locked(run, why);
		break;
	}
}

static void
describe(const struct outcome_call *call, const struct run_reply *reply,
    struct err *why)
{
	err_set(why, E_RUN_GUARD);
	err_fact(why, "class", span_of(call->guard));
	err_fact_int(why, "count", call->count);
	err_fact_int(why, "window", call->window);
	err_fact(why, "reply", span_of(reply->text));
}

/* Counts the end of a row and does what it asks of the run; locked. */
static void
count_end(
    struct run *run, const struct run_end *end, const struct run_reply *reply)
{
	struct outcome_call call = {.effect = EFFECT_NONE};
	int group = end->group;
	enum ledger_state to = end->end.to;
	int64_t took_ms = end->end.took_ms > 0 ? end->end.took_ms : -1;
	struct err why = {0};

	flow_ended(&run->flow, group,
	    to == LEDGER_PLANNED ? FLOW_NOT_STARTED : FLOW_ENDED);
	if (to == LEDGER_PLANNED)
		return;
	pilot_note(&run->pilot, to, reply->code);
	progress_add(&run->progress, end->now_ms, reply, end->over_tls);
	run->stalled_ms = end->now_ms;
	if (to == LEDGER_WITHHELD)
		return;
	if (reply->code && to != LEDGER_IN_DOUBT)
		took_ms = end->end.took_ms;
	meter_add(
	    &run->progress.meter, to, end->over_tls, took_ms, end->now_ms);
	meter_add(&end->route->meter, to, end->over_tls, took_ms, end->now_ms);
	meter_add(&run->flow.group[group].meter, to, end->over_tls, took_ms,
	    end->now_ms);
	if (!end->attempted || (!end->rule && to != LEDGER_ACCEPTED))
		return;
	if (reply->code && reply->code != 421)
		pace_answered(&end->route->pace);
	outcome_history_add(
	    &run->history, end->rule, reply->code, (unsigned)group, &call);
	if (call.effect == EFFECT_NONE)
		return;
	describe(&call, reply, &why);
	obey(run, end, &call, &why);
}

/* The end is queued before the row leaves the count of open ones: whoever
 * sees none open finds every result in the scribe's queue. */
void
run_settle(struct run *run, struct claim **taken, const struct run_end *end)
{
	struct run_reply reply = {0};

	fill_reply((*taken)->seq, &end->end, &reply);
	scribe_settle(run->scribe, taken, &end->end);
	pthread_mutex_lock(&run->lock);
	count_end(run, end, &reply);
	drop_open(run);
	pthread_mutex_unlock(&run->lock);
}

void
run_return(struct run *run, struct route *direct, struct claim **taken,
    const struct ledger_end *end)
{
	int64_t now_ms = clock_steady_ms(run->world->clock);
	struct run_reply reply = {0};
	int group = (*taken)->group;

	fill_reply((*taken)->seq, end, &reply);
	scribe_settle(run->scribe, taken, end);
	pthread_mutex_lock(&run->lock);
	drop_held(run, group);
	pool_refund(&run->pool, direct, 1);
	if (end->to != LEDGER_PLANNED) {
		progress_add(&run->progress, now_ms, &reply, 0);
		run->stalled_ms = now_ms;
	}
	pthread_cond_broadcast(&run->changed);
	pthread_mutex_unlock(&run->lock);
}

/* ---- Sessions ---------------------------------------------------------------- */

struct route *
run_dial(struct run *run, int64_t now_ms, struct hop **hop, unsigned *epoch)
{
	struct scribe_figures figures;
	struct route *route = NULL;
	enum pool_rows rows;

	if (run_order(run) != ORDER_GO)
		return NULL;
	scribe_figures(run->scribe, &figures);
	pthread_mutex_lock(&run->lock);
	rows =
	    figures.ready > 0 && run->sessions_open < run->open + figures.ready
		? POOL_ROWS
		: POOL_NO_ROWS;
	if (run_may_send(run))
		route =
		    pool_dial(&run->pool, &run->flow, rows, now_ms, hop, epoch);
	run->sessions_open += route != NULL;
	if (route && route->kind == ROUTE_DESTINATION)
		run->flow.group[route->group].open++;
	pthread_mutex_unlock(&run->lock);
	return route;
}

/* Tells what became of a route; locked. */
static void
route_turned(
    struct run *run, struct route *route, enum route_turn turn, int64_t now_ms)
{
	int64_t in_ms = route->pace.dial_after_ms - now_ms;

	/* of thousands, some are always down: only what somebody must look at
	 * is told */
	if (route->kind == ROUTE_DESTINATION && turn != ROUTE_STOPPED)
		return;
	switch (turn) {
	case ROUTE_AS_BEFORE:
		return;
	case ROUTE_RESTS:
		run_event(run, RUN_EVENT_RESTED, route->name,
		    clock_now_ms(run->world->clock) + in_ms, &route->why);
		break;
	case ROUTE_RETURNED:
		pool_join(&run->pool, route);
		run_event(run, RUN_EVENT_RETURNED, route->name, 0, NULL);
		break;
	case ROUTE_STOPPED:
		run_event(run, RUN_EVENT_STOPPED, route->name, 0, &route->why);
		break;
	}
}

void
run_ready(struct run *run, struct route *route)
{
	int64_t now_ms = clock_steady_ms(run->world->clock);
	bool first;

	pthread_mutex_lock(&run->lock);
	first = !route->pace.proven;
	route_turned(run, route, route_ready(route), now_ms);
	if (first) {
		pool_join(&run->pool, route);
		run_routes_changed(run);
	}
	pthread_mutex_unlock(&run->lock);
}

bool
run_must_leave(struct run *run, struct route *route)
{
	bool leave;

	pthread_mutex_lock(&run->lock);
	leave =
	    (route->state != RUN_PART_UP && route->state != RUN_PART_RESTING) ||
	    route->open - route->leaving > route->pace.slow.sessions ||
	    (route->kind == ROUTE_DESTINATION && !route->queued &&
		run->pool.queued);
	route->leaving += leave;
	pthread_mutex_unlock(&run->lock);
	return leave;
}

enum smtp_pipelining
run_manners(struct run *run, struct route *route, int64_t now_ms)
{
	enum smtp_pipelining use;

	pthread_mutex_lock(&run->lock);
	use = smtp_manners(&route->pace.manners, now_ms);
	pthread_mutex_unlock(&run->lock);
	return use;
}

void
run_learn(struct run *run, struct route *route, const struct smtp *smtp,
    int64_t dialled_ms, int64_t now_ms)
{
	pthread_mutex_lock(&run->lock);
	smtp_manners_learn(&route->pace.manners, smtp, dialled_ms, now_ms);
	pthread_mutex_unlock(&run->lock);
}

/* An exchanger that offers TLS and cannot do it gets what it would have got
 * without the offer (RFC 7435): the same hop in clear text, when nothing but
 * chance had asked for TLS.  True when there is such a hop now. */
static bool
fall_back(struct route *route, const struct run_closed *closed)
{
	const struct hop *hop = closed->hop;
	struct hop *clear;

	if (route->kind != ROUTE_DESTINATION || !closed->why ||
	    closed->why->code != E_TLS_HANDSHAKE ||
	    hop->target.tls != TLS_LEVEL_OPPORTUNISTIC || hop->target.clear)
		return false;
	for (int i = 0; i < route->hops; i++) {
		if (route->hop[i] != hop)
			continue;
		clear = hop_clear(hop);
		route_replace_hop(route, i, &clear);
		route->at = i;
		break;
	}
	return true;
}

/* A destination whose hosts all turned us away has said something about us;
 * locked. */
static void
hear_refusal(
    struct run *run, struct route *route, const struct err *why, int64_t now_ms)
{
	struct run_end end = {
	    .route = route, .group = route->group, .now_ms = now_ms};
	struct outcome_call call = {.count = 1, .window = 1};
	const struct outcome_rule *rule;
	struct outcome_reply said;

	if (!route_refusal(route, why, &said))
		return;
	rule = outcome_book_classify(run->book, &said);
	call.effect = rule->effect;
	call.minutes = rule->minutes;
	obey(run, &end, &call, why);
}

void
run_closed(struct run *run, const struct run_closed *closed)
{
	struct route *route = closed->route;
	int64_t now_ms = clock_steady_ms(run->world->clock);
	const struct err *why = closed->why;
	enum route_turn turn;

	pthread_mutex_lock(&run->lock);
	run->sessions_open--;
	route->leaving -= closed->leaving;
	if (route->kind == ROUTE_DESTINATION)
		run->flow.group[route->group].open--;
	if (fall_back(route, closed))
		why = NULL;
	turn = route_closed(route, closed->epoch, closed->end, why, now_ms);
	route_turned(run, route, turn, now_ms);
	if (turn == ROUTE_RESTS && route->kind == ROUTE_DESTINATION)
		hear_refusal(run, route, why, now_ms);
	if (why)
		run_routes_changed(run);
	pthread_mutex_unlock(&run->lock);
}

struct route *
run_add_route(struct run *run, struct route **taken)
{
	struct route *route = *taken;

	pthread_mutex_lock(&run->lock);
	pool_add(&run->pool, taken);
	pthread_mutex_unlock(&run->lock);
	return route;
}

void
run_wake(struct run *run)
{
	atomic_fetch_add(&run->wakes, 1);
	for (int i = 0; i < run->lanes; i++) {
		if (run->lane[i])
			lane_wake(run->lane[i]);
	}
}
