/* What may happen now: everything a lane may do is asked here, under one lock,
 * whether there is a row to send, a session to dial, a reason to stop.  Pausing
 * acts at once in memory and is written down a moment later, because a pause
 * must never wait for a disk. */
#include "core/deliver/run.h"

#include <time.h>

#include "core/deliver/deeds.h"
#include "core/deliver/lane.h"

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
		claim = scribe_take(run->scribe, 0);
	if (may && !claim) {
		pthread_mutex_lock(&run->lock);
		pace_refund(&run->pace);
		drop_open(run);
		pthread_mutex_unlock(&run->lock);
	}
	return claim;
}

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

/* Counts the end of a row and finds out what it asks of the run; locked. */
static void
count_end(struct run *run, const struct run_end *end,
    const struct run_reply *reply, struct outcome_call *call)
{
	if (end->end.to == LEDGER_PLANNED)
		return;
	progress_add(&run->progress, end->now_ms, reply, end->over_tls);
	if (!end->attempted || (!end->rule && end->end.to != LEDGER_ACCEPTED))
		return;
	if (reply->code && reply->code != 421)
		pace_answered(&run->pace);
	if (!end->rule)
		pace_accepted(&run->pace);
	else if (end->rule->action == OUTCOME_THROTTLE)
		pace_throttle(&run->pace);
	outcome_history_add(
	    &run->history, end->rule, reply->code, GROUP_OTHER, call);
}

/* One relay and no groups yet: what would rest one of them pauses the run. */
static bool
must_pause(const struct outcome_call *call)
{
	return call->effect != EFFECT_NONE &&
	       call->effect != EFFECT_SLOW_GROUP &&
	       call->effect != EFFECT_SLOW_RELAY;
}

static void
guard_by_rule(struct run *run, const struct outcome_call *call,
    const struct run_reply *reply)
{
	struct err why = {0};

	err_set(&why, E_RUN_GUARD);
	err_fact(&why, "class", span_of(call->guard));
	err_fact_int(&why, "count", call->count);
	err_fact_int(&why, "window", call->window);
	err_fact(&why, "reply", span_of(reply->text));
	run_guard(run, &why);
}

/* The note is queued before the row leaves the count of open ones: whoever
 * sees none open finds every result in the scribe's queue. */
void
run_settle(struct run *run, struct claim **taken, const struct run_end *end)
{
	struct run_reply reply = {0};
	struct outcome_call call = {.effect = EFFECT_NONE};

	fill_reply((*taken)->seq, &end->end, &reply);
	scribe_settle(run->scribe, taken, &end->end);
	pthread_mutex_lock(&run->lock);
	count_end(run, end, &reply, &call);
	drop_open(run);
	pthread_mutex_unlock(&run->lock);
	if (must_pause(&call))
		guard_by_rule(run, &call, &reply);
}

/* Queues a deed; locked, so that deeds are written in the order in which the
 * orders were given. */
static void
write_deed(struct run *run, enum deed what, const struct err *why)
{
	struct scribe_deed deed = {.what = what};

	if (why)
		deed.why = *why;
	scribe_deed(run->scribe, &deed);
}

/* Sets what the lanes and the scribe do from now on; locked. */
static void
set_order(struct run *run, enum run_order order, enum run_state state,
    const struct err *why)
{
	run->order = order;
	run->state = state;
	run->why = why ? *why : (struct err){0};
	scribe_claiming(
	    run->scribe, order == ORDER_GO ? SCRIBE_CLAIMS : SCRIBE_NO_CLAIMS);
	pthread_cond_broadcast(&run->changed);
}

void
run_guard(struct run *run, const struct err *why)
{
	pthread_mutex_lock(&run->lock);
	if (run->order == ORDER_GO && !run->last_deed) {
		set_order(run, ORDER_HOLD, RUN_PAUSED, why);
		write_deed(run, DEED_PAUSE, why);
	}
	pthread_mutex_unlock(&run->lock);
}

bool
run_may_dial(struct run *run, int number, int64_t now_ms, unsigned *epoch)
{
	struct scribe_figures figures;
	bool may;

	scribe_figures(run->scribe, &figures);
	pthread_mutex_lock(&run->lock);
	may = run->order == ORDER_GO && figures.ready > 0 &&
	      run->sessions_open < run->open + figures.ready &&
	      pace_may_dial(&run->pace, number, now_ms);
	if (may) {
		run->sessions_open++;
		*epoch = run->pace.epoch;
	}
	pthread_mutex_unlock(&run->lock);
	return may;
}

const struct exchange_target *
run_target(struct run *run)
{
	const struct exchange_target *target;

	pthread_mutex_lock(&run->lock);
	target = &run->hop->target;
	pthread_mutex_unlock(&run->lock);
	return target;
}

enum smtp_pipelining
run_manners(struct run *run, int64_t now_ms)
{
	enum smtp_pipelining use;

	pthread_mutex_lock(&run->lock);
	use = smtp_manners(&run->pace.manners, now_ms);
	pthread_mutex_unlock(&run->lock);
	return use;
}

void
run_learn(struct run *run, const struct smtp *smtp, int64_t dialled_ms,
    int64_t now_ms)
{
	pthread_mutex_lock(&run->lock);
	smtp_manners_learn(&run->pace.manners, smtp, dialled_ms, now_ms);
	pthread_mutex_unlock(&run->lock);
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

void
run_wake(struct run *run)
{
	for (int i = 0; i < run->lanes; i++) {
		if (run->lane[i])
			lane_wake(run->lane[i]);
	}
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
	    .moves_rows = state == RUN_STOPPED,
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

/* True when the operator's wish comes too late; locked. */
static bool
is_ending(const struct run *run)
{
	return run->last_deed || run->order >= ORDER_STOP;
}

int
run_pause(struct run *run, struct err *err)
{
	int rc = 0;

	pthread_mutex_lock(&run->lock);
	if (is_ending(run) || run->order != ORDER_GO) {
		rc = refuse_state(run->state, err);
	} else {
		set_order(run, ORDER_HOLD, RUN_PAUSED, NULL);
		write_deed(run, DEED_PAUSE, NULL);
	}
	pthread_mutex_unlock(&run->lock);
	return rc;
}

/* Asks the seal again and reads the relay as it is now. */
static int
ask_seal(struct run *run, struct hop **hop, struct err *err)
{
	struct db *db = NULL;
	int rc;

	if (store_reader_open(run->store, &db, err) < 0)
		return -1;
	rc = clearance_holds(run->clearance, db, err);
	if (rc == 0)
		rc = hop_read(run->store, db, run->campaign, hop, err);
	store_reader_close(&db);
	return rc;
}

/* Takes over a corrected secret; locked. */
static void
take_hop(struct run *run, struct hop **taken)
{
	if (hop_same_secret(run->hop, *taken)) {
		hop_free(taken);
		return;
	}
	(*taken)->older = run->hop;
	run->hop = *taken;
	*taken = NULL;
}

int
run_resume(struct run *run, struct err *err)
{
	struct hop *hop = NULL;
	int rc = 0;

	if (ask_seal(run, &hop, err) < 0)
		return -1;
	pthread_mutex_lock(&run->lock);
	if (is_ending(run) || run->order != ORDER_HOLD) {
		rc = refuse_state(run->state, err);
	} else {
		take_hop(run, &hop);
		run->pace.failures = 0;
		run->pace.dial_after_ms = clock_steady_ms(run->world->clock);
		set_order(run, ORDER_GO, RUN_RUNNING, NULL);
		write_deed(run, DEED_RESUME, NULL);
	}
	pthread_mutex_unlock(&run->lock);
	hop_free(&hop);
	run_wake(run);
	return rc;
}

int
run_stop(struct run *run, struct err *err)
{
	int rc = 0;

	pthread_mutex_lock(&run->lock);
	if (is_ending(run))
		rc = refuse_state(run->state, err);
	else
		set_order(run, ORDER_STOP, RUN_RUNNING, NULL);
	pthread_mutex_unlock(&run->lock);
	run_wake(run);
	return rc;
}

int
run_retry_now(struct run *run, struct err *err)
{
	int rc = 0;

	pthread_mutex_lock(&run->lock);
	if (is_ending(run))
		rc = refuse_state(run->state, err);
	else
		write_deed(run, DEED_HURRY, NULL);
	pthread_mutex_unlock(&run->lock);
	return rc;
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
