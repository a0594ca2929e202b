/* The beginning and the end of a run.  run_start() is the only way in and takes
 * a clearance; whatever can be refused (relay, certificate file, template, key)
 * is found out before the launch is written down. */
#include "core/deliver/run.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/deliver/deeds.h"
#include "core/deliver/destination.h"
#include "core/deliver/lane.h"

enum {
	ATTEMPTS_DEFAULT = 10,
	HOUR_MS = 3600 * 1000,
	SESSIONS_MAX = 400,
	AHEAD = 128
};

/* ---- Start ----------------------------------------------------------------- */

/* A lock on one octet of a file, which ends with the process.  The store's own
 * lock keeps other processes away. */
int
run_lock(struct run *run, struct err *err)
{
	struct buf path = BUF_INIT;
	struct flock range = {
	    .l_type = F_WRLCK,
	    .l_whence = SEEK_SET,
	    .l_start = run->campaign.v,
	    .l_len = 1,
	};
	int rc = 0;

	buf_printf(&path, "%s/run.lock", store_dir(run->store));
	run->lock_fd = open(path.ptr, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (run->lock_fd < 0) {
		rc = err_sys(err, E_FILE_OPEN, errno);
		err_fact(err, "path", buf_span(&path));
	} else if (fcntl(run->lock_fd, F_OFD_SETLK, &range) < 0) {
		rc = err_set(err, E_RUN_ACTIVE);
		err_fact_int(err, "campaign", run->campaign.v);
	}
	buf_done(&path);
	return rc;
}

static struct route *
route_of(const struct hop *hop, int sessions, int64_t now_ms)
{
	const struct relay_config *relay = &hop->relay;
	struct route_plan plan = {
	    .kind =
		relay->kind == RELAY_KIND_DIRECT ? ROUTE_DIRECT : ROUTE_RELAY,
	    .relay = relay->id,
	    .name = relay->name,
	    .group = -1,
	    .share = relay->share,
	    .sessions = sessions,
	    .per_session = relay->per_session,
	    .rate_per_s = relay->rate_per_s,
	    .day_left = -1,
	};

	return route_new(&plan, now_ms);
}

/* Mails that went through a relay since from_ms, in any campaign. */
static int
count_since(struct db *db, int64_t relay, int64_t from_ms, int64_t *out,
    struct err *err)
{
	static const char sql[] =
	    "SELECT count(*) FROM run r JOIN connection c"
	    " ON c.campaign = r.campaign AND c.relay = ?1"
	    " JOIN ledger l ON l.campaign = c.campaign AND l.connection = c.id"
	    " WHERE coalesce(r.ended_ms, ?2) >= ?2 AND l.at_ms >= ?2";
	struct stmt *stmt = db_stmt(db, sql, err);

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, relay);
	stmt_int(stmt, 2, from_ms);
	if (stmt_step(stmt, err) != 1)
		return -1;
	*out = stmt_col_int(stmt, 0);
	stmt_reset(stmt);
	return 0;
}

/* What a warm-up plan leaves of this day. */
static int
warm_up(struct run *run, struct route *route, const struct relay_config *relay,
    struct db *db, struct err *err)
{
	int64_t wall_ms = clock_now_ms(run->world->clock), sent = 0;

	route->warm = (struct warm){
	    relay->warm_from_ms, relay->warm_first, relay->warm_percent};
	route->day_end_ms = day_end_ms(wall_ms);
	route->day_left = warm_allows(&route->warm, wall_ms);
	if (route->day_left <= 0)
		return 0;
	if (count_since(db, relay->id, day_start_ms(wall_ms), &sent, err) < 0)
		return -1;
	route->day_left = sent < route->day_left ? route->day_left - sent : 0;
	return 0;
}

/* A route for each relay of the pool. */
static int
open_relays(struct run *run, struct db *db, const struct run_plan *plan,
    struct err *err)
{
	int64_t now_ms = clock_steady_ms(run->world->clock);
	struct hop *hop = NULL;

	pool_init(&run->pool, plan ? plan->rate_per_s : 0, now_ms);
	if (hop_read_pool(run->store, db, run->campaign, &hop, err) < 0)
		return -1;
	while (hop) {
		struct hop *next = hop->older;
		int sessions = plan && plan->sessions ? plan->sessions
						      : hop->relay.sessions;
		struct route *route =
		    route_of(hop, sessions > 0 ? sessions : 1, now_ms);

		hop->older = NULL;
		run->sessions += sessions > 0 ? sessions : 1;
		if (warm_up(run, route, &hop->relay, db, err) < 0) {
			hop->older = next;
			hop_free(&hop);
			route_free(&route);
			return -1;
		}
		route_add_hop(route, &hop);
		pool_add(&run->pool, &route);
		hop = next;
	}
	if (run->sessions > SESSIONS_MAX)
		run->sessions = SESSIONS_MAX;
	return 0;
}

/* Direct delivery, when a row of the pool says so; a second one adds nothing. */
static int
open_direct(struct run *run, struct db *db, struct err *err)
{
	struct route *route = run->pool.first;

	while (route && route->kind != ROUTE_DIRECT)
		route = route->next;
	if (!route)
		return 0;
	if (relay_check_direct(db, err) < 0)
		return -1;
	return destinations_new(run, route, &run->destinations, err);
}

/* Whether provider groups are limited: behind relays as the operator wishes,
 * without one always. */
static int
open_groups(struct run *run, struct db *db, struct err *err)
{
	int64_t now_ms = clock_steady_ms(run->world->clock);
	enum flow_pacing pacing = FLOW_FREE;
	struct buf value = BUF_INIT;
	int rc = setting_read(db, "pace.providers", &value, err);

	if (span_equal(buf_span(&value), SPAN("on")))
		pacing = FLOW_PACED;
	for (struct route *it = run->pool.first; it; it = it->next) {
		if (it->kind == ROUTE_DIRECT)
			pacing = FLOW_PACED;
	}
	flow_init(&run->flow, pacing, now_ms);
	if (rc == 0)
		rc = flow_load(&run->flow, db, now_ms,
		    clock_now_ms(run->world->clock), err);
	buf_done(&value);
	return rc;
}

/* How long a message of a class is still worth sending. */
static int64_t validity_ms(enum campaign_class class)
{
	static const int hours[CLASS_COUNT] = {
	    [CLASS_AD] = 24,
	    [CLASS_TX] = 72,
	    [CLASS_NOTICE] = 120,
	    [CLASS_TEST] = 24,
	};

	return (int64_t)hours[class] * HOUR_MS;
}

/* Reads all a run needs before anything is written; *campaign as read. */
static int
open_campaign(struct run *run, struct campaign *campaign,
    const struct run_plan *plan, struct err *err)
{
	struct db *db = NULL;
	int rc = -1;

	if (store_reader_open(run->store, &db, err) < 0)
		return -1;
	if (campaign_read(db, run->campaign, campaign, err) < 0)
		goto out;
	if (campaign->state != CAMPAIGN_SEALED &&
	    campaign->state != CAMPAIGN_RUNNING) {
		err_set(err, E_CAMPAIGN_STATE);
		err_fact(err, "state",
		    span_of(campaign_state_name(campaign->state)));
		err_fact(err, "wanted",
		    span_of(campaign_state_name(CAMPAIGN_SEALED)));
		goto out;
	}
	/* a run that goes on began in time */
	if (campaign->state == CAMPAIGN_SEALED &&
	    schedule_is_time(campaign, clock_now_ms(run->world->clock), err) <
		0)
		goto out;
	run->list.v = campaign->list;
	if (outcome_book_read(db, &run->book, err) < 0)
		goto out;
	run->doubt = ledger_doubt_of(campaign->class);
	run->validity_ms = validity_ms(campaign->class);
	if (open_relays(run, db, plan, err) < 0 ||
	    open_groups(run, db, err) < 0 || open_direct(run, db, err) < 0 ||
	    window_read(db, campaign->class, &run->window, err) < 0)
		goto out;
	run->opens_ms =
	    window_opens_ms(&run->window, clock_now_ms(run->world->clock));
	rc = template_compile(run->store, db, campaign, &run->template, err);
	if (rc == 0)
		rc = clearance_fits(run->clearance, run->template, err);
out:
	store_reader_close(&db);
	return rc;
}

static int
ask_gate(void *arg, struct db *db, struct err *err)
{
	return clearance_holds(((struct run *)arg)->clearance, db, err);
}

static void
on_wake(void *arg)
{
	run_wake(arg);
}

static int
open_lanes(struct run *run, struct err *err)
{
	long cores = sysconf(_SC_NPROCESSORS_ONLN);

	run->lanes = run->sessions;
	if (cores > 0 && run->lanes > cores)
		run->lanes = (int)cores;
	if (run->lanes > RUN_LANES_MAX)
		run->lanes = RUN_LANES_MAX;
	for (int i = 0; i < run->lanes; i++) {
		if (lane_new(run, i, &run->lane[i], err) < 0)
			return -1;
	}
	return 0;
}

static int
start_threads(struct run *run, struct err *err)
{
	struct scribe_params params = {
	    .store = run->store,
	    .clock = run->world->clock,
	    .campaign = run->campaign,
	    .owner = {run, ask_gate, deed_write, on_wake},
	    .ahead = AHEAD + 8 * run->sessions,
	    .doubt = run->doubt,
	    .give_up_ms = run->give_up_ms,
	};
	struct scribe_figures figures;

	if (scribe_start(&params, &run->scribe, err) < 0)
		return -1;
	scribe_figures(run->scribe, &figures);
	for (int i = 0; i < LEDGER_STATES; i++)
		run->total += figures.count[i];
	run->stalled_ms = clock_steady_ms(run->world->clock);
	progress_init(&run->progress, run->stalled_ms);
	scribe_allow(run->scribe, pilot_allowance(&run->pilot, figures.count));
	scribe_claiming(run->scribe, SCRIBE_CLAIMS);
	for (int i = 0; i < run->lanes; i++) {
		if (lane_start(run->lane[i], err) < 0)
			return -1;
	}
	return run->destinations ? destinations_start(run->destinations, err)
				 : 0;
}

static struct run *
run_new(struct clearance **taken, struct world *world, struct store *store,
    const struct run_plan *plan)
{
	struct run *run = mem_new(sizeof *run);
	pthread_condattr_t attr;

	run->clearance = *taken;
	*taken = NULL;
	run->campaign = clearance_campaign(run->clearance);
	run->world = world;
	run->store = store;
	run->lock_fd = -1;
	run->max_attempts =
	    plan && plan->max_attempts ? plan->max_attempts : ATTEMPTS_DEFAULT;
	pthread_mutex_init(&run->lock, NULL);
	pthread_mutex_init(&run->flow_lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&run->changed, &attr);
	pthread_condattr_destroy(&attr);
	return run;
}

int
run_start(struct clearance **taken, struct world *world, struct store *store,
    const struct run_plan *plan, struct run **out, struct err *err)
{
	struct campaign campaign = CAMPAIGN_INIT;
	struct run *run;
	int rc = -1;

	if (!*taken) {
		err_set(err, E_REVIEW_SEAL);
		return err_fact(err, "what", SPAN("clearance"));
	}
	run = run_new(taken, world, store, plan);
	if (run_lock(run, err) < 0 ||
	    open_campaign(run, &campaign, plan, err) < 0 ||
	    open_lanes(run, err) < 0 ||
	    deed_launch(run, campaign.state, err) < 0)
		goto out;
	run->give_up_ms = run->started_ms + run->validity_ms;
	if (start_threads(run, err) < 0)
		goto out;
	*out = run;
	run = NULL;
	rc = 0;
out:
	campaign_done(&campaign);
	run_free(&run);
	return rc;
}

/* ---- End ------------------------------------------------------------------- */

/* Gives the last order; true when a stop was asked for and is still to be
 * written down. */
static bool
order_leave(struct run *run)
{
	struct timespec now;
	bool stop;

	clock_gettime(CLOCK_MONOTONIC, &now);
	pthread_mutex_lock(&run->lock);
	stop = run->order == ORDER_STOP && !run->last_deed;
	atomic_store(&run->order, ORDER_LEAVE);
	run->left_ms = (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
	pthread_mutex_unlock(&run->lock);
	return stop;
}

void
run_free(struct run **run)
{
	struct scribe_deed stopped = {.what = DEED_STOPPED, .moves_rows = true};
	struct run *it = *run;
	bool stop;

	if (!it)
		return;
	stop = order_leave(it);
	run_wake(it);
	/* the scribe wakes lanes, so it ends before they are freed, and after
	 * their threads */
	for (int i = 0; i < it->lanes; i++)
		lane_join(it->lane[i]);
	run_tell(it);
	destinations_stop(&it->destinations);
	if (stop)
		scribe_deed(it->scribe, &stopped);
	scribe_stop(&it->scribe);
	for (int i = 0; i < it->lanes; i++)
		lane_free(&it->lane[i]);
	template_free(&it->template);
	outcome_book_free(&it->book);
	clearance_free(&it->clearance);
	pool_done(&it->pool);
	if (it->lock_fd >= 0)
		close(it->lock_fd);
	pthread_cond_destroy(&it->changed);
	pthread_mutex_destroy(&it->flow_lock);
	pthread_mutex_destroy(&it->lock);
	free(it);
	*run = NULL;
}

int
run_unfinished(
    struct db *db, struct campaign_id **out, size_t *count, struct err *err)
{
	static const char sql[] =
	    "SELECT id FROM campaign WHERE state = ?1 ORDER BY id";
	struct stmt *stmt = db_stmt(db, sql, err);
	struct campaign_id *found = NULL;
	size_t n = 0;
	int got;

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, CAMPAIGN_RUNNING);
	while ((got = stmt_step(stmt, err)) > 0) {
		found = mem_grow(found, (n + 1) * sizeof *found);
		found[n++].v = stmt_col_int(stmt, 0);
	}
	if (got < 0) {
		free(found);
		return -1;
	}
	*out = found;
	*count = n;
	return 0;
}

int
run_stop_interrupted(struct store *store, struct world *world,
    struct campaign_id campaign, struct err *err)
{
	struct run *run = mem_new(sizeof *run);
	int rc;

	run->store = store;
	run->world = world;
	run->campaign = campaign;
	rc = run_lock(run, err);
	if (rc == 0)
		rc = deed_stop_interrupted(run, err);
	if (run->lock_fd >= 0)
		close(run->lock_fd);
	free(run);
	return rc;
}
