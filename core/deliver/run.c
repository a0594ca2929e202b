/* The front door of a delivery.  run_start() is the only way in and takes a
 * clearance; everything a lane may do is asked here, under one lock: whether
 * there is a row to send, a session to dial, a reason to stop.  Pausing acts at
 * once in memory and is written down a moment later, because a pause must never
 * wait for a disk. */
#include "core/deliver/run.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/deliver/deeds.h"
#include "core/deliver/lane.h"

enum { ATTEMPTS_DEFAULT = 10, HOUR_MS = 3600 * 1000 };

/* ---- Asked by lanes -------------------------------------------------------- */

enum run_order
run_order(struct run *run)
{
	enum run_order order;

	pthread_mutex_lock(&run->lock);
	order = run->order;
	pthread_mutex_unlock(&run->lock);
	return order;
}

/* One row less in the lanes' hands; locked. */
static void
drop_open(struct run *run)
{
	if (--run->open == 0)
		pthread_cond_broadcast(&run->changed);
}

struct claim *
run_take(struct run *run)
{
	int64_t now_ms = clock_steady_ms(run->world->clock);
	struct claim *claim = NULL;
	bool may;

	pthread_mutex_lock(&run->lock);
	may = run->order == ORDER_GO && pace_spend(&run->pace, now_ms);
	run->open += may;
	pthread_mutex_unlock(&run->lock);
	if (may)
		claim = scribe_take(run->scribe);
	if (may && !claim) {
		pthread_mutex_lock(&run->lock);
		pace_refund(&run->pace);
		drop_open(run);
		pthread_mutex_unlock(&run->lock);
	}
	return claim;
}

static void
fill_reply(const struct ledger_note *note, struct run_reply *out)
{
	struct span text = {0};

	if (note->facts) {
		out->code = note->facts->code;
		text = span_trim(buf_span(&note->facts->reply));
		if (!text.len)
			text = span_of(note->facts->class);
	}
	out->at_ms = note->at_ms;
	out->seq = note->seq;
	out->state = note->to;
	if (text.len >= sizeof out->text)
		text.len = sizeof out->text - 1;
	if (text.len)
		memcpy(out->text, text.ptr, text.len);
	out->text[text.len] = '\0';
}

/* Counts the end of a row; how often its class came when its guard fired.
 * Locked. */
static int
count_end(
    struct run *run, const struct run_end *end, const struct run_reply *reply)
{
	if (end->note.to == LEDGER_PLANNED)
		return 0;
	progress_add(&run->progress, end->now_ms, reply, end->over_tls);
	if (!end->attempted || (!end->rule && end->note.to != LEDGER_ACCEPTED))
		return 0;
	if (reply->code && reply->code != 421)
		pace_answered(&run->pace);
	if (!end->rule)
		pace_accepted(&run->pace);
	else if (end->rule->action == OUTCOME_THROTTLE)
		pace_throttle(&run->pace);
	return outcome_history_add(&run->history, end->rule);
}

static void
guard_by_rule(struct run *run, const struct outcome_rule *rule, int count,
    const struct run_reply *reply)
{
	struct err why = {0};

	err_set(&why, E_RUN_GUARD);
	err_fact(&why, "class", span_of(rule->class));
	err_fact_int(&why, "count", count);
	err_fact_int(&why, "window", rule->guard.window);
	err_fact(&why, "reply", span_of(reply->text));
	run_guard(run, &why);
}

/* The note is queued before the row leaves the count of open ones: whoever
 * sees none open finds every result in the scribe's queue. */
void
run_settle(struct run *run, struct run_end *end)
{
	struct run_reply reply = {0};
	int fired;

	fill_reply(&end->note, &reply);
	scribe_note(run->scribe, &end->note);
	end->note.facts = NULL;
	pthread_mutex_lock(&run->lock);
	fired = count_end(run, end, &reply);
	drop_open(run);
	pthread_mutex_unlock(&run->lock);
	if (fired)
		guard_by_rule(run, end->rule, fired, &reply);
}

static void
write_deed(struct run *run, enum deed what, const struct err *why)
{
	struct scribe_deed deed = {.what = what};

	if (why)
		deed.why = *why;
	scribe_deed(run->scribe, &deed);
}

void
run_guard(struct run *run, const struct err *why)
{
	bool paused;

	pthread_mutex_lock(&run->lock);
	paused = run->order == ORDER_GO;
	if (paused) {
		run->order = ORDER_HOLD;
		run->state = RUN_PAUSED;
		run->why = *why;
		pthread_cond_broadcast(&run->changed);
	}
	pthread_mutex_unlock(&run->lock);
	if (!paused)
		return;
	scribe_claiming(run->scribe, SCRIBE_NO_CLAIMS);
	write_deed(run, DEED_PAUSE, why);
}

bool
run_may_dial(struct run *run, int number, int64_t now_ms, unsigned *epoch)
{
	struct scribe_figures figures;
	bool may;

	scribe_figures(run->scribe, &figures);
	pthread_mutex_lock(&run->lock);
	may = run->order == ORDER_GO && figures.pooled > 0 &&
	      run->sessions_open < run->open + figures.pooled &&
	      pace_may_dial(&run->pace, number, now_ms);
	if (may) {
		run->sessions_open++;
		*epoch = run->pace.epoch;
	}
	pthread_mutex_unlock(&run->lock);
	return may;
}

void
run_ready(struct run *run)
{
	pthread_mutex_lock(&run->lock);
	pace_proven(&run->pace);
	pthread_mutex_unlock(&run->lock);
}

void
run_closed(struct run *run, unsigned epoch, const struct err *why)
{
	int64_t now_ms = clock_steady_ms(run->world->clock);
	bool stop = false;

	pthread_mutex_lock(&run->lock);
	run->sessions_open--;
	if (why)
		stop = pace_failed(&run->pace, epoch, now_ms) ||
		       pace_is_hopeless(why);
	else if (epoch == run->pace.epoch)
		run->pace.probing = false;
	pthread_mutex_unlock(&run->lock);
	if (stop)
		run_guard(run, why);
}

/* ---- Keeping --------------------------------------------------------------- */

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
	struct scribe_deed deed = {
	    .what = state == RUN_DONE ? DEED_DONE : DEED_STOPPED,
	};

	run->last_state = state;
	run->last_deed = scribe_deed(run->scribe, &deed);
}

/* The ending deed is on the disk, or failed and must be asked for again by
 * the operator.  Locked. */
static void
finish_end(struct run *run, bool failed)
{
	run->last_deed = 0;
	run->state = failed ? RUN_PAUSED : run->last_state;
	run->order = failed ? ORDER_HOLD : ORDER_CLOSE;
	pthread_cond_broadcast(&run->changed);
}

/* True when nothing will happen by itself any more, and all that happened is
 * in the figures; locked. */
static bool
is_at_rest(const struct run *run)
{
	return run->order >= ORDER_CLOSE ||
	       (run->order == ORDER_HOLD && run->open == 0 &&
		   scribe_is_settled(run->scribe));
}

void
run_keep(struct run *run)
{
	struct scribe_figures figures;
	struct err fault = {0};
	bool failed = false;

	scribe_figures(run->scribe, &figures);
	pthread_mutex_lock(&run->lock);
	if (run->order >= ORDER_CLOSE) {
		pthread_mutex_unlock(&run->lock);
		return;
	}
	if (run->last_deed && scribe_is_durable(run->scribe, run->last_deed)) {
		failed = scribe_has_failed(run->scribe, run->last_deed);
		if (failed && scribe_fault(run->scribe, &fault))
			run->why = fault;
		finish_end(run, failed);
	} else if (!run->last_deed && run->order == ORDER_STOP &&
		   run->open == 0) {
		begin_end(run, RUN_STOPPED);
	} else if (!run->last_deed && run->order == ORDER_GO &&
		   nothing_left(&figures)) {
		begin_end(run, RUN_DONE);
	}
	if (is_at_rest(run))
		pthread_cond_broadcast(&run->changed);
	pthread_mutex_unlock(&run->lock);
	if (!failed && scribe_fault(run->scribe, &fault))
		run_guard(run, &fault);
}

/* ---- Start ----------------------------------------------------------------- */

/* One run of a campaign at a time: a lock on one octet of a file that ends
 * with the process.  The store's own lock keeps other processes away. */
static int
lock_campaign(struct run *run, struct err *err)
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

static bool
is_loopback_name(const char *host)
{
	return strcmp(host, "127.0.0.1") == 0 || strcmp(host, "::1") == 0 ||
	       strcmp(host, "localhost") == 0;
}

static int
open_relay(struct run *run, struct db *db, const struct run_plan *plan,
    struct err *err)
{
	struct relay_config *relay = &run->relay;
	int64_t now_ms = clock_steady_ms(run->world->clock);
	int sessions, rate;

	if (relay_active(db, relay, err) < 0 ||
	    setting_read(db, "ehlo.name", &run->ehlo, err) < 0)
		return -1;
	if (store_is_demo(run->store) && !is_loopback_name(relay->host))
		return err_set(err, E_RELAY_DEMO);
	if (!run->ehlo.len)
		buf_text(&run->ehlo, "sekisho.invalid");
	run->target = (struct exchange_target){
	    .host = relay->host,
	    .port = (uint16_t)relay->port,
	    .tls = (enum tls_level)relay->tls,
	    .ca_file = *relay->ca_file ? relay->ca_file : NULL,
	    .user = *relay->user ? relay->user : NULL,
	    .secret = relay->secret,
	    .ehlo = run->ehlo.ptr,
	};
	sessions = plan && plan->sessions ? plan->sessions : relay->sessions;
	rate = plan && plan->rate_per_s ? plan->rate_per_s : relay->rate_per_s;
	run->sessions = sessions > 0 ? sessions : 1;
	pace_init(&run->pace, run->sessions, rate, now_ms);
	if (relay->tls == RELAY_TLS_NONE)
		return 0;
	return tls_context_new(
	    run->target.tls, run->target.ca_file, &run->tls, err);
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
	run->list.v = campaign->list;
	if (open_relay(run, db, plan, err) < 0)
		goto out;
	rc = template_compile(run->store, db, campaign, &run->template, err);
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
wake_lanes(void *arg)
{
	struct run *run = arg;

	for (int i = 0; i < run->lanes; i++) {
		if (run->lane[i])
			lane_wake(run->lane[i]);
	}
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
	    .owner = {run, ask_gate, deed_write, wake_lanes},
	    .ahead = 8 + 4 * run->sessions,
	};
	struct scribe_figures figures;

	if (scribe_start(&params, &run->scribe, err) < 0)
		return -1;
	scribe_figures(run->scribe, &figures);
	for (int i = 0; i < LEDGER_STATES; i++)
		run->total += figures.count[i];
	progress_init(&run->progress, clock_steady_ms(run->world->clock));
	scribe_claiming(run->scribe, SCRIBE_CLAIMS);
	for (int i = 0; i < run->lanes; i++) {
		if (lane_start(run->lane[i], err) < 0)
			return -1;
	}
	return 0;
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
	if (lock_campaign(run, err) < 0 ||
	    open_campaign(run, &campaign, plan, err) < 0 ||
	    open_lanes(run, err) < 0 ||
	    deed_launch(run, campaign.state, err) < 0)
		goto out;
	run->give_up_ms = run->started_ms + validity_ms(campaign.class);
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

/* ---- The operator's side --------------------------------------------------- */

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

/* Changes the order when it is from (or from2); -1 with E_RUN_STATE. */
static int
change_order(struct run *run, enum run_order from, enum run_order from2,
    enum run_order to, enum run_state state, struct err *err)
{
	int rc = 0;

	pthread_mutex_lock(&run->lock);
	if ((run->order != from && run->order != from2) || run->last_deed) {
		rc = refuse_state(run->state, err);
	} else {
		run->order = to;
		run->state = state;
		run->why = (struct err){0};
		pthread_cond_broadcast(&run->changed);
	}
	pthread_mutex_unlock(&run->lock);
	return rc;
}

int
run_pause(struct run *run, struct err *err)
{
	if (change_order(run, ORDER_GO, ORDER_GO, ORDER_HOLD, RUN_PAUSED, err) <
	    0)
		return -1;
	scribe_claiming(run->scribe, SCRIBE_NO_CLAIMS);
	write_deed(run, DEED_PAUSE, NULL);
	return 0;
}

static int
ask_seal(struct run *run, struct err *err)
{
	struct db *db = NULL;
	int rc;

	if (store_reader_open(run->store, &db, err) < 0)
		return -1;
	rc = clearance_holds(run->clearance, db, err);
	store_reader_close(&db);
	return rc;
}

int
run_resume(struct run *run, struct err *err)
{
	if (ask_seal(run, err) < 0 || change_order(run, ORDER_HOLD, ORDER_HOLD,
					  ORDER_GO, RUN_RUNNING, err) < 0)
		return -1;
	pthread_mutex_lock(&run->lock);
	run->pace.failures = 0;
	run->pace.dial_after_ms = clock_steady_ms(run->world->clock);
	pthread_mutex_unlock(&run->lock);
	scribe_claiming(run->scribe, SCRIBE_CLAIMS);
	write_deed(run, DEED_RESUME, NULL);
	wake_lanes(run);
	return 0;
}

int
run_stop(struct run *run, struct err *err)
{
	if (change_order(
		run, ORDER_GO, ORDER_HOLD, ORDER_STOP, RUN_RUNNING, err) < 0)
		return -1;
	scribe_claiming(run->scribe, SCRIBE_NO_CLAIMS);
	wake_lanes(run);
	return 0;
}

int
run_retry_now(struct run *run, struct err *err)
{
	enum run_order order = run_order(run);

	if (order != ORDER_GO && order != ORDER_HOLD) {
		pthread_mutex_lock(&run->lock);
		refuse_state(run->state, err);
		pthread_mutex_unlock(&run->lock);
		return -1;
	}
	write_deed(run, DEED_HURRY, NULL);
	return 0;
}

void
run_progress(struct run *run, struct run_progress *out)
{
	struct scribe_figures figures;
	int64_t *count = figures.count;

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
	progress_fill(&run->progress, clock_steady_ms(run->world->clock), out);
	pthread_mutex_unlock(&run->lock);
	if (out->state == RUN_RUNNING && count[LEDGER_DEFERRED] &&
	    !count[LEDGER_PLANNED] && !count[LEDGER_CLAIMED] &&
	    !count[LEDGER_HANDED])
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
	while (!is_at_rest(run) && !failed) {
		if (timeout_ms < 0)
			pthread_cond_wait(&run->changed, &run->lock);
		else
			failed = pthread_cond_timedwait(
			    &run->changed, &run->lock, &until);
	}
	rest = is_at_rest(run);
	pthread_mutex_unlock(&run->lock);
	return rest;
}

static void
order_leave(struct run *run)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	pthread_mutex_lock(&run->lock);
	run->order = ORDER_LEAVE;
	run->left_ms = (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
	pthread_mutex_unlock(&run->lock);
}

void
run_free(struct run **run)
{
	struct run *it = *run;

	if (!it)
		return;
	order_leave(it);
	wake_lanes(it);
	/* the scribe wakes lanes, so it ends before they are freed, and after
	 * their threads */
	for (int i = 0; i < it->lanes; i++)
		lane_join(it->lane[i]);
	scribe_stop(&it->scribe);
	for (int i = 0; i < it->lanes; i++)
		lane_free(&it->lane[i]);
	tls_context_free(&it->tls);
	template_free(&it->template);
	clearance_free(&it->clearance);
	relay_config_done(&it->relay);
	buf_done(&it->ehlo);
	if (it->lock_fd >= 0)
		close(it->lock_fd);
	pthread_cond_destroy(&it->changed);
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
