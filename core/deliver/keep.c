/* What time brings: the end of the run, faults of the scribe, routes and groups
 * that may be used again, a send window that opens, a run that has stalled.
 * Lane 0 asks now and then. */
#include "core/deliver/run.h"

#include "core/deliver/deeds.h"

enum { STALL_MS = 60 * 1000, TLS_SEEN = 50, FOLLOW_MS = 60 * 1000 };

/* ---- The end ----------------------------------------------------------------- */

static bool
nothing_left(const struct scribe_figures *figures)
{
	for (int i = 0; i < LEDGER_STATES; i++) {
		if (figures->count[i] && !ledger_is_final((enum ledger_state)i))
			return false;
	}
	return true;
}

/* Queues the deed that ends the run; locked. */
static void
begin_end(struct run *run, enum run_state state)
{
	run->last_state = state;
	run->last_deed = run_write_deed(
	    run, state == RUN_DONE ? DEED_DONE : DEED_STOPPED, NULL);
}

/* The ending deed is on the disk, or failed and must be asked for again by
 * the operator.  Locked. */
static void
finish_end(struct run *run, bool failed)
{
	run->last_deed = 0;
	run->state = failed ? RUN_PAUSED : run->last_state;
	atomic_store(&run->order, failed ? ORDER_HOLD : ORDER_CLOSE);
	pthread_cond_broadcast(&run->changed);
}

bool
run_is_at_rest(const struct run *run)
{
	return run->order >= ORDER_CLOSE ||
	       (run->order == ORDER_HOLD && run->open == 0 &&
		   scribe_is_settled(run->scribe));
}

/* Begins or finishes what ends the run.  True when a deed has failed, *fault
 * says why; locked. */
static bool
keep_end(
    struct run *run, const struct scribe_figures *figures, struct err *fault)
{
	bool failed = false;

	if (run->last_deed && scribe_is_durable(run->scribe, run->last_deed)) {
		failed = scribe_has_failed(run->scribe, run->last_deed);
		if (failed && scribe_fault(run->scribe, fault))
			run->why = *fault;
		finish_end(run, failed);
	} else if (!run->last_deed && run->order == ORDER_STOP &&
		   run->open == 0 && run->held == 0) {
		begin_end(run, RUN_STOPPED);
	} else if (!run->last_deed && run->order == ORDER_GO &&
		   nothing_left(figures)) {
		begin_end(run, RUN_DONE);
	}
	return failed;
}

/* ---- The pilot -------------------------------------------------------------- */

/* The deed that lets the rest go is on the disk, or could not be written. */
static void
finish_pilot(struct run *run)
{
	struct pilot *pilot = &run->pilot;
	struct err fault = {0};

	if (scribe_has_failed(run->scribe, pilot->ticket)) {
		if (scribe_fault(run->scribe, &fault))
			run_guard_locked(run, &fault);
	} else {
		pilot->state = RUN_PILOT_PASSED;
		run_event(run, RUN_EVENT_PILOT, "", 0, NULL);
		scribe_allow(run->scribe, INT64_MAX);
	}
	pilot->ticket = 0;
}

/* Judges the replies; locked. */
static void
keep_pilot(struct run *run, const struct scribe_figures *figures)
{
	struct pilot *pilot = &run->pilot;
	struct err why = {0};

	if (pilot->ticket) {
		if (scribe_is_durable(run->scribe, pilot->ticket))
			finish_pilot(run);
		return;
	}
	if (pilot->state != RUN_PILOT_UNDER_WAY || run->order != ORDER_GO ||
	    run->last_deed)
		return;
	switch (pilot_judge(pilot, figures->count, &why)) {
	case PILOT_WAIT:
		break;
	case PILOT_GO:
		run_end_pilot(run, "replies");
		break;
	case PILOT_STOP:
		pilot->state = RUN_PILOT_LOOK;
		run_guard_locked(run, &why);
		break;
	}
}

/* ---- Time passes --------------------------------------------------------------- */

static void
keep_routes(struct run *run, int64_t now_ms)
{
	bool changed = false;

	for (struct route *it = run->pool.first; it; it = it->next) {
		if (route_tick(it, now_ms) == ROUTE_RETURNED) {
			pool_join(&run->pool, it);
			run_event(run, RUN_EVENT_RETURNED, it->name, 0, NULL);
			changed = true;
		}
		if (pace_grow(&it->pace, now_ms) == SLOW_RECOVERED)
			run_event(run, RUN_EVENT_RECOVERED, it->name, 0, NULL);
	}
	if (changed)
		run_routes_changed(run);
}

/* A new day of warm-up plans. */
static void
keep_days(struct run *run, int64_t wall_ms)
{
	for (struct route *it = run->pool.first; it; it = it->next) {
		if (!it->warm.from_ms || wall_ms < it->day_end_ms)
			continue;
		it->day_left = warm_allows(&it->warm, wall_ms);
		it->day_end_ms = day_end_ms(wall_ms);
	}
}

/* Outside the hours for sending nothing is started; the calendar is asked once
 * a second. */
static void
keep_window(struct run *run, int64_t wall_ms)
{
	int64_t opens_ms;

	if (wall_ms / 1000 == run->looked_s)
		return;
	run->looked_s = wall_ms / 1000;
	opens_ms = window_opens_ms(&run->window, wall_ms);
	if (opens_ms && !run->opens_ms)
		run_event(run, RUN_EVENT_WINDOW, "", opens_ms, NULL);
	run->opens_ms = opens_ms;
}

static void
keep_groups(struct run *run, int64_t now_ms)
{
	for (int i = 0; i < GROUP_COUNT; i++) {
		const char *name = group_name((enum group)i);

		switch (flow_tick(&run->flow, i, now_ms)) {
		case FLOW_SAME:
			break;
		case FLOW_RESUMED:
			run_event(run, RUN_EVENT_RESUMED, name, 0, NULL);
			break;
		case FLOW_RECOVERED:
			run_event(run, RUN_EVENT_RECOVERED, name, 0, NULL);
			break;
		}
	}
}

/* A route that has sent over TLS and does so no more is cut off on purpose, or
 * misconfigured: neither is to be found out by sending on. */
static void
keep_tls(struct run *run)
{
	for (struct route *it = run->pool.first; it; it = it->next) {
		struct meter *meter = &it->meter;
		int64_t clear = meter_finished(meter) - meter->over_tls;
		struct err why = {0};

		/* behind the names of a domain stand hosts that differ */
		if (it->kind == ROUTE_DESTINATION ||
		    it->state > RUN_PART_RESTING ||
		    meter->over_tls < TLS_SEEN || clear < TLS_SEEN / 10)
			continue;
		err_set(&why, E_RUN_TLS_LOSS);
		err_fact(&why, "relay", span_of(it->name));
		err_fact_int(&why, "clear", clear);
		route_stop(it, RUN_PART_STOPPED, &why, 0);
		run_event(run, RUN_EVENT_STOPPED, it->name, 0, &why);
		run_routes_changed(run);
	}
}

/* True when a row could be sent now, as far as rules go. */
static bool
has_work(const struct run *run, const struct scribe_figures *figures)
{
	if (!run_may_send(run) || pool_is_used_up(&run->pool))
		return false;
	for (int i = 0; i < GROUP_COUNT; i++) {
		if (figures->group_ready[i] && flow_is_open(&run->flow, i))
			return true;
	}
	return run->open > 0;
}

/* Work is ready and nothing comes of it. */
static void
keep_stall(
    struct run *run, const struct scribe_figures *figures, int64_t now_ms)
{
	struct err why = {0};

	if (!has_work(run, figures)) {
		run->stalled_ms = now_ms;
		run->stalled = false;
		return;
	}
	if (now_ms - run->stalled_ms < STALL_MS) {
		run->stalled = false;
		return;
	}
	if (run->stalled)
		return;
	run->stalled = true;
	err_set(&why, E_RUN_STALL);
	err_fact_int(&why, "seconds", STALL_MS / 1000);
	err_fact_int(&why, "open", run->open);
	run_event(run, RUN_EVENT_STALL, "", 0, &why);
}

void
run_tell(struct run *run)
{
	void (*alert)(void *arg, const struct run_alert *what);
	struct run_alert due[RUN_ALERTS_MAX];
	void *arg;
	int dues;

	pthread_mutex_lock(&run->lock);
	alert = run->alert;
	arg = run->alert_arg;
	dues = run->dues;
	memcpy(due, run->due, sizeof due);
	run->dues = 0;
	pthread_mutex_unlock(&run->lock);
	for (int i = 0; alert && i < dues; i++)
		alert(arg, &due[i]);
}

/* Addresses that do not exist go on the stop list while the run goes on, so
 * that another campaign spares them.  Each look reads all refusals so far: the
 * more there are, the rarer it is. */
static void
keep_refusals(
    struct run *run, const struct scribe_figures *figures, int64_t now_ms)
{
	int64_t refused = figures->count[LEDGER_FAILED];

	if (run->order != ORDER_GO || now_ms < run->follow_ms ||
	    refused <= run->followed + run->followed / 4)
		return;
	run->followed = refused;
	run->follow_ms = now_ms + FOLLOW_MS;
	run_write_deed(run, DEED_FOLLOW, NULL);
}

void
run_keep(struct run *run)
{
	struct scribe_figures figures;
	int64_t now_ms = clock_steady_ms(run->world->clock);
	int64_t wall_ms = clock_now_ms(run->world->clock);
	struct err fault = {0};
	bool failed, due;

	scribe_figures(run->scribe, &figures);
	pthread_mutex_lock(&run->lock);
	if (run->order >= ORDER_CLOSE) {
		pthread_mutex_unlock(&run->lock);
		return;
	}
	failed = keep_end(run, &figures, &fault);
	keep_pilot(run, &figures);
	keep_window(run, wall_ms);
	keep_days(run, wall_ms);
	keep_routes(run, now_ms);
	keep_groups(run, now_ms);
	keep_tls(run);
	keep_stall(run, &figures, now_ms);
	keep_refusals(run, &figures, now_ms);
	if (run_is_at_rest(run))
		pthread_cond_broadcast(&run->changed);
	due = run->dues > 0;
	pthread_mutex_unlock(&run->lock);
	if (!failed && scribe_fault(run->scribe, &fault))
		run_guard(run, &fault);
	if (due)
		run_tell(run);
}
