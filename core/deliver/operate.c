/* The operator's side of a run: what may be asked of it from any thread, and
 * what it shows.  A wish acts in memory at once and is written down a moment
 * later. */
#include "core/deliver/run.h"

#include <time.h>

#include "core/access/access.h"
#include "core/deliver/deeds.h"

/* ---- Orders ---------------------------------------------------------------------- */

static int
refuse_state(enum run_state state, struct err *err)
{
	static const char *const names[RUN_STATES] = {
	    [RUN_RUNNING] = "running",
	    [RUN_PAUSED] = "paused",
	    [RUN_WAITING] = "waiting",
	    [RUN_DONE] = "done",
	    [RUN_STOPPED] = "stopped",
	};

	err_set(err, E_RUN_STATE);
	return err_fact(err, "state", span_of(names[state]));
}

int
run_pause(struct run *run, struct err *err)
{
	int rc = 0;

	pthread_mutex_lock(&run->lock);
	if (run_is_ending(run) || run->order != ORDER_GO) {
		rc = refuse_state(run->state, err);
	} else {
		run_set_order(run, ORDER_HOLD, RUN_PAUSED, NULL);
		run_write_deed(run, DEED_PAUSE, NULL);
	}
	pthread_mutex_unlock(&run->lock);
	return rc;
}

/* Takes over secrets that were corrected meanwhile; locked. */
static void
take_hops(struct run *run, struct hop *fresh)
{
	while (fresh) {
		struct hop *next = fresh->older;
		struct route *route = pool_find(&run->pool, fresh->relay.id);

		fresh->older = NULL;
		if (route && route->hops &&
		    !hop_same_secret(route->hop[0], fresh))
			route_replace_hop(route, 0, &fresh);
		hop_free(&fresh);
		fresh = next;
	}
}

/* Asks the seal again and reads the relays as they are now, a chain by
 * "older". */
static int
ask_seal(struct run *run, struct hop **hops, struct err *err)
{
	struct db *db = NULL;
	int rc;

	if (store_reader_open(run->store, &db, err) < 0)
		return -1;
	rc = clearance_holds(run->clearance, db, err);
	if (rc == 0)
		rc = hop_read_pool(run->store, db, run->campaign, hops, err);
	store_reader_close(&db);
	return rc;
}

/* Whatever was out is tried again, but what the operator holds; locked. */
static void
use_routes(struct run *run)
{
	int64_t now_ms = clock_steady_ms(run->world->clock);

	for (struct route *it = run->pool.first; it; it = it->next) {
		if (it->state != RUN_PART_UP && it->state != RUN_PART_HELD)
			route_use(it, now_ms);
		else
			pace_forgive(&it->pace, now_ms);
	}
	pool_settle(&run->pool);
}

int
run_resume(struct run *run, struct err *err)
{
	struct hop *hops = NULL;
	int rc = 0;

	if (person_require(run->store, NULL, MAY_LAUNCH, err) < 0)
		return -1;
	if (ask_seal(run, &hops, err) < 0)
		return -1;
	pthread_mutex_lock(&run->lock);
	if (run_is_ending(run) || run->order != ORDER_HOLD) {
		rc = refuse_state(run->state, err);
	} else {
		take_hops(run, hops);
		hops = NULL;
		use_routes(run);
		run->stalled_ms = clock_steady_ms(run->world->clock);
		run_set_order(run, ORDER_GO, RUN_RUNNING, NULL);
		if (run->pilot.state == RUN_PILOT_LOOK)
			run_end_pilot(run, "person");
		run_write_deed(run, DEED_RESUME, NULL);
	}
	pthread_mutex_unlock(&run->lock);
	hop_free(&hops);
	run_wake(run);
	return rc;
}

int
run_stop(struct run *run, struct err *err)
{
	int rc = 0;

	pthread_mutex_lock(&run->lock);
	if (run_is_ending(run))
		rc = refuse_state(run->state, err);
	else
		run_set_order(run, ORDER_STOP, RUN_RUNNING, NULL);
	pthread_mutex_unlock(&run->lock);
	run_wake(run);
	return rc;
}

int
run_reload_rules(struct run *run, struct err *err)
{
	struct db *db = NULL;
	int rc;

	if (store_reader_open(run->store, &db, err) < 0)
		return -1;
	rc = outcome_book_reload(run->book, db, err);
	store_reader_close(&db);
	return rc;
}

int
run_retry_now(struct run *run, struct err *err)
{
	int rc = 0;

	if (person_require(run->store, NULL, MAY_LAUNCH, err) < 0)
		return -1;
	pthread_mutex_lock(&run->lock);
	if (run_is_ending(run))
		rc = refuse_state(run->state, err);
	else
		run_write_deed(run, DEED_HURRY, NULL);
	pthread_mutex_unlock(&run->lock);
	return rc;
}

/* ---- Relays and groups --------------------------------------------------------- */

/* Begins an operator's step: locked afterwards when 0. */
static int
begin(struct run *run, struct err *err)
{
	if (person_require(run->store, NULL, MAY_LAUNCH, err) < 0)
		return -1;
	pthread_mutex_lock(&run->lock);
	if (run_is_ending(run)) {
		refuse_state(run->state, err);
	} else if (scribe_is_clogged(run->scribe)) {
		/* a key must not wait for a disk that is full */
		err_set(err, E_STORE_BUSY);
		err_fact(err, "what", SPAN("delivery"));
	} else {
		return 0;
	}
	pthread_mutex_unlock(&run->lock);
	return -1;
}

/* Logs the step and ends it. */
static void
finish(struct run *run, enum deed deed, const char *fact, const char *name,
    int64_t number)
{
	struct err facts = {0};

	if (name)
		err_fact(&facts, fact, span_of(name));
	else
		err_fact_int(&facts, fact, number);
	run_write_deed(run, deed, &facts);
	run_event(run, RUN_EVENT_PACE, name ? name : "", 0, NULL);
	pthread_mutex_unlock(&run->lock);
	run_wake(run);
}

int
run_set_rate(struct run *run, int per_s, struct err *err)
{
	int64_t now_ms = clock_steady_ms(run->world->clock);

	if (begin(run, err) < 0)
		return -1;
	bucket_set(&run->pool.bucket, (int64_t)per_s * PACE_MILLI, now_ms);
	finish(run, DEED_RATE, "rate", NULL, per_s);
	return 0;
}

/* begin(), and finds the relay. */
static int
begin_relay(
    struct run *run, int64_t relay, struct route **route, struct err *err)
{
	if (begin(run, err) < 0)
		return -1;
	*route = pool_find(&run->pool, relay);
	if (*route)
		return 0;
	pthread_mutex_unlock(&run->lock);
	return err_set(err, E_RELAY_MISSING);
}

int
run_rest_relay(struct run *run, int64_t relay, struct err *err)
{
	struct route *route;

	if (begin_relay(run, relay, &route, err) < 0)
		return -1;
	route_stop(route, RUN_PART_HELD, NULL, 0);
	run_routes_changed(run);
	finish(run, DEED_REST, "relay", route->name, 0);
	return 0;
}

int
run_use_relay(struct run *run, int64_t relay, struct err *err)
{
	struct hop *hops = NULL;
	struct route *route;

	if (person_require(run->store, NULL, MAY_LAUNCH, err) < 0)
		return -1;
	/* its password may have been corrected */
	if (ask_seal(run, &hops, err) < 0)
		return -1;
	if (begin_relay(run, relay, &route, err) < 0) {
		hop_free(&hops);
		return -1;
	}
	take_hops(run, hops);
	route_use(route, clock_steady_ms(run->world->clock));
	pool_join(&run->pool, route);
	run_routes_changed(run);
	finish(run, DEED_USE, "relay", route->name, 0);
	return 0;
}

int
run_hold_group(struct run *run, int group, struct err *err)
{
	if (begin(run, err) < 0)
		return -1;
	flow_hold(&run->flow, group);
	finish(run, DEED_HOLD, "group", group_name((enum group)group), 0);
	return 0;
}

int
run_release_group(struct run *run, int group, struct err *err)
{
	if (begin(run, err) < 0)
		return -1;
	flow_release(&run->flow, group);
	finish(run, DEED_RELEASE, "group", group_name((enum group)group), 0);
	return 0;
}

void
run_on_alert(struct run *run,
    void (*alert)(void *arg, const struct run_alert *what), void *arg)
{
	pthread_mutex_lock(&run->lock);
	run->alert = alert;
	run->alert_arg = arg;
	pthread_mutex_unlock(&run->lock);
}

/* ---- Figures --------------------------------------------------------------------- */

/* A relay that sends without a relay is the sum of its destinations; locked. */
static void
fill_relays(
    struct run *run, int64_t now_ms, int64_t wall_ms, struct run_progress *out)
{
	for (const struct route *it = run->pool.first; it; it = it->next) {
		if (it->kind == ROUTE_DESTINATION ||
		    out->relays == RUN_RELAYS_MAX)
			continue;
		route_fill(it, now_ms, wall_ms, &out->relay[out->relays++]);
	}
	for (const struct route *it = run->pool.first; it; it = it->next) {
		if (it->kind != ROUTE_DESTINATION)
			continue;
		for (int i = 0; i < out->relays; i++) {
			if (out->relay[i].id == it->relay)
				out->relay[i].sessions_open += it->open;
		}
	}
}

static bool
has_rows(const int64_t count[LEDGER_STATES])
{
	for (int i = 0; i < LEDGER_STATES; i++) {
		if (count[i])
			return true;
	}
	return false;
}

/* Groups that have rows; locked. */
static void
fill_groups(struct run *run, const struct scribe_figures *figures,
    int64_t now_ms, int64_t wall_ms, struct run_progress *out)
{
	for (int i = 0; i < GROUP_COUNT; i++) {
		const int64_t *count = figures->group_count[i];

		if (!has_rows(count))
			continue;
		flow_fill(
		    &run->flow, i, now_ms, wall_ms, &out->group[out->groups]);
		out->group[out->groups++].waiting = count[LEDGER_PLANNED] +
						    count[LEDGER_CLAIMED] +
						    count[LEDGER_DEFERRED];
	}
}

static void
wait_for(enum err_code code, int64_t until_ms, struct run_progress *out)
{
	struct buf stamp = BUF_INIT;

	out->state = RUN_WAITING;
	out->wait_ms = until_ms;
	clock_stamp(&stamp, until_ms);
	err_set(&out->why, code);
	err_fact(&out->why, "until", buf_span(&stamp));
	buf_done(&stamp);
}

/* Why nothing is sent though the run goes; locked. */
static void
fill_wait(const struct run *run, struct run_progress *out)
{
	struct buf hours = BUF_INIT;

	if (run->order != ORDER_GO || run->last_deed)
		return;
	if (run->opens_ms) {
		wait_for(E_RUN_WINDOW, run->opens_ms, out);
		window_text(&run->window, &hours);
		err_fact(&out->why, "hours", buf_span(&hours));
		buf_done(&hours);
	} else if (pool_is_used_up(&run->pool)) {
		wait_for(E_RUN_DAY, day_end_ms(out->now_ms), out);
	}
}

void
run_progress(struct run *run, struct run_progress *out)
{
	struct scribe_figures figures;
	int64_t *count = figures.count;
	int64_t now_ms = clock_steady_ms(run->world->clock);

	scribe_figures(run->scribe, &figures);
	memset(out, 0, sizeof *out);
	memcpy(out->count, figures.count, sizeof out->count);
	out->total = run->total;
	out->started_ms = run->started_ms;
	out->now_ms = clock_now_ms(run->world->clock);
	if (count[LEDGER_DEFERRED])
		out->next_due_ms = figures.next_due_ms;
	pthread_mutex_lock(&run->lock);
	out->state = run->state;
	out->why = run->why;
	out->sessions_open = run->sessions_open;
	out->rate_limit = (int)(run->pool.bucket.rate / PACE_MILLI);
	out->changed = run->differing;
	pilot_figures(&run->pilot, figures.count, &out->pilot);
	progress_fill(&run->progress, now_ms, out);
	fill_relays(run, now_ms, out->now_ms, out);
	fill_groups(run, &figures, now_ms, out->now_ms, out);
	fill_wait(run, out);
	pthread_mutex_unlock(&run->lock);
	if (out->state == RUN_RUNNING && count[LEDGER_DEFERRED] &&
	    !count[LEDGER_PLANNED] && !count[LEDGER_CLAIMED] &&
	    !count[LEDGER_HANDED] && !figures.ready &&
	    figures.next_due_ms > out->now_ms)
		out->state = RUN_WAITING;
}

int
run_wait(struct run *run, int timeout_ms)
{
	struct timespec until;
	int rest, failed = 0;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += timeout_ms / 1000;
	until.tv_nsec += (long)(timeout_ms % 1000) * 1000000L;
	until.tv_sec += until.tv_nsec / 1000000000L;
	until.tv_nsec %= 1000000000L;
	pthread_mutex_lock(&run->lock);
	while (!run_is_at_rest(run) && !failed) {
		if (timeout_ms < 0)
			pthread_cond_wait(&run->changed, &run->lock);
		else
			failed = pthread_cond_timedwait(
			    &run->changed, &run->lock, &until);
	}
	rest = run_is_at_rest(run);
	pthread_mutex_unlock(&run->lock);
	return rest;
}
