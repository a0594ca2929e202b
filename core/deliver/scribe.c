/* Group commit.  A step to HANDED is urgent, because a session waits for it with
 * an open transaction: it is committed at once when the last commit is some ms
 * ago, else as soon as half of all rows in the sessions' hands wait likewise.
 * A commit costs some hundred us whatever is in it, so this keeps its share of
 * the processor small at any speed without slowing a run that waits for its
 * relay.  Ends gather for some 20 ms, so that rows that lie together are written
 * together.  Memory follows the disk: the counts move after the commit, never
 * before. */
#include "core/deliver/scribe.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "core/base/mem.h"
#include "core/deliver/batch.h"

enum {
	GAP_US = 3000, /* between commits of steps to HANDED */
	GATHER_MS = 20,
	GATHER_ROWS = 400,
	GATE_MS = 20, /* the gate is asked at least so often */
	IDLE_MS = 50,
	RETRY_MS = 1000,
	STOP_TRIES = 3,
	CLOCK_SET_MS = 5000, /* a wall clock that differs so much was set */
	FROM_MS = 5000       /* how often it is kept where reading begins */
};

struct scribe {
	struct scribe_params params;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t work, room;
	/* the thread's own */
	struct writer writer;
	int64_t after[LEDGER_GROUPS];
	int64_t clock_offset, from_us, asked_us;
	/* guarded by lock */
	struct claims claims;
	struct batch queue;
	int64_t ended_us;     /* when the first end was queued */
	int64_t committed_us; /* when the last commit with steps began */
	size_t taken, steps;  /* rows in hands; of them: queued for HANDED */
	bool ending, claiming, failing, busy;
	bool dry[LEDGER_GROUPS]; /* no more PLANNED rows on the disk */
	int64_t next_due_ms[LEDGER_GROUPS];
	int64_t allowed; /* PLANNED rows that may still be read */
	uint64_t ticket, durable, failed_deed;
	int64_t connections;
	struct scribe_figures figures;
	struct err fault;
	bool has_fault;
};

static int64_t
real_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* Locked, as all that follows until "The thread's loop". */
static void
set_fault(struct scribe *scribe, const struct err *why)
{
	scribe->fault = *why;
	scribe->has_fault = true;
}

static void
count_as(struct scribe *scribe, struct claim *claim, enum ledger_state state)
{
	int64_t *group = scribe->figures.group_count[claim->group];

	scribe->figures.count[claim->counted]--;
	scribe->figures.count[state]++;
	group[claim->counted]--;
	group[state]++;
	claim->counted = state;
}

/* ---- Ready rows ------------------------------------------------------------ */

static void
make_ready(struct scribe *scribe, struct claim *claim)
{
	claim->state = claim->from;
	claim->is_ending = false;
	count_as(scribe, claim, claim->from);
	claim_list_push(&scribe->claims.ready[claim->group], claim);
	scribe->claims.readies++;
}

static bool
has_due(const struct scribe *scribe, int group, int64_t now_ms)
{
	int64_t next_ms = scribe->next_due_ms[group];

	return scribe->figures.group_count[group][LEDGER_DEFERRED] > 0 &&
	       next_ms != INT64_MAX &&
	       (next_ms <= now_ms || next_ms > now_ms + LEDGER_WAIT_MAX_MS);
}

/* PLANNED rows of a group that may be read now, at most wish. */
static int
wanted_planned(const struct scribe *scribe, int group, int wish)
{
	int64_t rows = scribe->figures.group_count[group][LEDGER_PLANNED];

	if (scribe->dry[group] || rows <= 0)
		return 0;
	return claims_part(
	    scribe->allowed, rows, scribe->figures.count[LEDGER_PLANNED], wish);
}

/* Rows of a group to be read now. */
static int
wanted(const struct scribe *scribe, int group, int64_t now_ms)
{
	int ahead = scribe->params.ahead;
	int missing = ahead - (int)scribe->claims.ready[group].count;

	if (missing < (ahead + 1) / 2)
		return 0;
	if (has_due(scribe, group, now_ms))
		return missing;
	return wanted_planned(scribe, group, missing);
}

static int
next_wanted(const struct scribe *scribe, int group)
{
	int64_t now_ms = clock_now_ms(scribe->params.clock);

	if (!scribe->claiming || scribe->ending)
		return LEDGER_GROUPS;
	while (group < LEDGER_GROUPS && !wanted(scribe, group, now_ms))
		group++;
	return group;
}

/* ---- Waiting --------------------------------------------------------------- */

/* Waits on a condition for a span of real time. */
static void
wait_us(pthread_cond_t *cond, pthread_mutex_t *lock, int64_t us)
{
	int64_t at_us = real_us() + us;
	struct timespec until = {
	    .tv_sec = (time_t)(at_us / 1000000),
	    .tv_nsec = (long)(at_us % 1000000) * 1000L,
	};

	pthread_cond_timedwait(cond, lock, &until);
}

static int64_t
at_least_0(int64_t us)
{
	return us > 0 ? us : 0;
}

/* How long ends may still gather; INT64_MAX when there are none. */
static int64_t
ends_wait_us(const struct scribe *scribe)
{
	const struct batch *queue = &scribe->queue;

	if (!queue->ended.count)
		return INT64_MAX;
	if (queue->ended.count >= GATHER_ROWS || queue->deeds || scribe->ending)
		return 0;
	return at_least_0(scribe->ended_us + GATHER_MS * 1000 - real_us());
}

/* Half of what the sessions have waits for a commit. */
static bool
is_urgent(const struct scribe *scribe)
{
	return scribe->steps && 2 * scribe->steps >= scribe->taken;
}

/* How long steps to HANDED may still gather. */
static int64_t
steps_wait_us(const struct scribe *scribe)
{
	if (!scribe->queue.handed)
		return INT64_MAX;
	if (is_urgent(scribe) || scribe->ending)
		return 0;
	return at_least_0(scribe->committed_us + GAP_US - real_us());
}

/* Until there is something to do, at most IDLE_MS. */
static void
wait_for_work(struct scribe *scribe)
{
	int64_t until_us = real_us() + IDLE_MS * 1000;

	while (!scribe->ending && !scribe->queue.deeds &&
	       next_wanted(scribe, 0) == LEDGER_GROUPS) {
		int64_t us = until_us - real_us();
		int64_t ends_us = ends_wait_us(scribe);
		int64_t steps_us = steps_wait_us(scribe);

		us = ends_us < us ? ends_us : us;
		us = steps_us < us ? steps_us : us;
		if (us <= 0)
			return;
		wait_us(&scribe->work, &scribe->lock, us);
	}
}

/* True when all ends that gather may go on gathering: each is known as accepted
 * in the blob meanwhile.  Others are written with the next commit. */
static bool
may_gather(struct scribe *scribe)
{
	for (struct claim *it = scribe->queue.ended.first; it; it = it->next) {
		if (it->end.to != LEDGER_ACCEPTED || it->again)
			return false;
		it->is_accepted = true;
	}
	return true;
}

/* Moves what is to be written now into batch, which is empty; both keep their
 * memory. */
static void
take_batch(struct scribe *scribe, struct batch *batch)
{
	struct batch *queue = &scribe->queue;
	struct batch old = *batch;
	bool ends = ends_wait_us(scribe) == 0 || !may_gather(scribe);

	*batch = *queue;
	*queue = old;
	batch_clear(queue);
	if (!ends) {
		queue->ended = batch->ended;
		batch->ended = (struct claim_list){0};
	}
	if (batch->handed)
		scribe->committed_us = real_us();
	scribe->steps = 0;
	batch->ticket = scribe->ticket;
	scribe->busy = !batch_is_empty(batch);
	pthread_cond_broadcast(&scribe->room);
}

/* ---- Making memory follow a commit ------------------------------------------ */

/* When the first deferred row of all groups is due. */
static void
find_next_due(struct scribe *scribe)
{
	int64_t first_ms = INT64_MAX;

	for (int i = 0; i < LEDGER_GROUPS; i++) {
		if (scribe->figures.group_count[i][LEDGER_DEFERRED] > 0 &&
		    scribe->next_due_ms[i] < first_ms)
			first_ms = scribe->next_due_ms[i];
	}
	scribe->figures.next_due_ms = first_ms;
}

static void
publish_end(struct scribe *scribe, struct claim *claim)
{
	const struct ledger_end *end = &claim->end;

	if (end->to == LEDGER_PLANNED) {
		make_ready(scribe, claim);
		return;
	}
	count_as(scribe, claim, end->to);
	if (end->to == LEDGER_DEFERRED &&
	    end->next_ms < scribe->next_due_ms[claim->group])
		scribe->next_due_ms[claim->group] = end->next_ms;
	claim->next = NULL;
	claims_return(&scribe->claims, claim);
}

static void
publish(struct scribe *scribe, const struct batch *batch)
{
	struct claim *claim, *next;

	/* a step whose end is in the same batch is over before it counts */
	for (claim = batch->handed; claim; claim = claim->next_handed)
		count_as(scribe, claim, LEDGER_HANDED);
	for (claim = batch->ended.first; claim; claim = next) {
		next = claim->next;
		publish_end(scribe, claim);
	}
	find_next_due(scribe);
	scribe->failing = false;
	if (!batch->deeds) {
		scribe->durable = batch->ticket;
		scribe->busy = false;
	}
}

/* ---- The thread's loop ------------------------------------------------------ */

static void
wake_owner(struct scribe *scribe)
{
	scribe->params.owner.wake(scribe->params.owner.arg);
}

/* Writes a batch, again and again while the store refuses and there is hope.
 * -1 when it was given up. */
static int
write_until_done(struct scribe *scribe, const struct batch *batch)
{
	struct err err = {0};
	int tries = 0;

	while (writer_write(&scribe->writer, batch, &err) < 0) {
		bool over;

		pthread_mutex_lock(&scribe->lock);
		set_fault(scribe, &err);
		scribe->failing = true;
		scribe->claiming = false;
		if (!scribe->ending)
			wait_us(&scribe->room, &scribe->lock, RETRY_MS * 1000);
		over = scribe->ending && ++tries >= STOP_TRIES;
		pthread_mutex_unlock(&scribe->lock);
		if (over)
			return -1;
	}
	writer_forget(&scribe->writer, batch);
	pthread_mutex_lock(&scribe->lock);
	publish(scribe, batch);
	pthread_mutex_unlock(&scribe->lock);
	return 0;
}

/* A row in memory is not what its row on the disk says. */
static void
overlay(void *arg, struct claim *claim)
{
	struct scribe *scribe = arg;
	enum ledger_state counted = claim->counted;

	claim->counted = claim->from;
	count_as(scribe, claim, counted);
}

/* Takes the figures from the disk; locked. */
static void
take_totals(struct scribe *scribe, const struct totals *totals)
{
	struct scribe_figures *figures = &scribe->figures;

	totals_count(totals, figures->count);
	for (int g = 0; g < LEDGER_GROUPS; g++) {
		for (int s = 0; s < LEDGER_STATES; s++) {
			figures->group_count[g][s] = 0;
			for (int t = 0; t < TOTALS_TLS_KINDS; t++)
				figures->group_count[g][s] +=
				    totals->cell[g][s][t].rows;
		}
	}
	claims_each(&scribe->claims, overlay, scribe);
}

static int
write_deed(
    struct scribe *scribe, const struct scribe_deed *deed, struct err *err)
{
	const struct scribe_params *params = &scribe->params;
	struct totals *totals = &scribe->writer.change;
	struct db *db = NULL;
	int rc = -1;

	if (store_begin(params->store, STORE_WAIT_LONG, "delivery", &db, err) <
	    0)
		return -1;
	if (params->owner.deed(params->owner.arg, deed, db, err) == 0 &&
	    (!deed->moves_rows ||
		totals_read(db, params->campaign, totals, err) == 0))
		rc = store_commit(params->store, &db, err);
	store_rollback(params->store, &db);
	if (rc < 0)
		return -1;
	pthread_mutex_lock(&scribe->lock);
	if (deed->moves_rows)
		take_totals(scribe, totals);
	for (int i = 0; i < LEDGER_GROUPS; i++)
		scribe->next_due_ms[i] = 0;
	find_next_due(scribe);
	pthread_mutex_unlock(&scribe->lock);
	return 0;
}

static void
write_deeds(struct scribe *scribe, const struct batch *batch)
{
	for (size_t i = 0; i < batch->deeds; i++) {
		struct err err = {0};
		int rc = write_deed(scribe, &batch->deed[i], &err);

		pthread_mutex_lock(&scribe->lock);
		if (rc < 0) {
			set_fault(scribe, &err);
			scribe->failed_deed = batch->deed[i].ticket;
		}
		if (i + 1 == batch->deeds) {
			scribe->durable = batch->ticket;
			scribe->busy = false;
		}
		pthread_mutex_unlock(&scribe->lock);
	}
}

/* ---- Reading ahead ---------------------------------------------------------- */

/* One group's reading. */
struct reading {
	int group, wish, due, planned;
	int most; /* of planned */
	bool dry; /* there are no more PLANNED ones */
	struct claim *chain;
	int64_t after, next_due_ms;
};

/* The due ones first. */
static int
read_rows(struct scribe *scribe, struct db *db, struct reading *reading,
    struct err *err)
{
	const struct scribe_params *params = &scribe->params;
	struct claim *rest, *others;
	int most;

	reading->due = ledger_read_due(db, params->campaign, reading->group,
	    clock_now_ms(params->clock), &scribe->writer.deferred,
	    reading->chain, &reading->next_due_ms, err);
	if (reading->due < 0)
		return -1;
	rest = claims_behind(reading->chain, reading->due);
	most = reading->wish - reading->due;
	most = reading->most < most ? reading->most : most;
	if (most == 0)
		return 0;
	others = claims_cut(rest, most);
	reading->planned = ledger_read_planned(
	    db, params->campaign, reading->group, &reading->after, rest, err);
	claims_join(rest, others);
	reading->dry = reading->planned < most;
	return reading->planned < 0 ? -1 : 0;
}

/* Makes ready what was read and gives back the rest of the chain; locked. */
static void
take_rows(struct scribe *scribe, struct reading *reading)
{
	int found = reading->due + reading->planned;
	struct claim_list *ready = &scribe->claims.ready[reading->group];
	struct claim *claim = reading->chain;

	for (int i = 0; i < found; i++) {
		struct claim *next = claim->next;

		claim->in_use = true;
		claim_list_add(ready, claim);
		claim = next;
	}
	scribe->claims.readies += found;
	claims_return(&scribe->claims, claim);
	scribe->next_due_ms[reading->group] = reading->next_due_ms;
	if (scribe->allowed != INT64_MAX)
		scribe->allowed -= reading->planned;
	if (reading->dry)
		scribe->dry[reading->group] = true;
	find_next_due(scribe);
}

static void
remember_due(struct scribe *scribe, const struct reading *reading)
{
	const struct claim *claim = reading->chain;

	for (int i = 0; i < reading->due; i++, claim = claim->next)
		seqset_add(&scribe->writer.deferred, claim->seq);
}

/* Reads one group; the gate was asked. */
static int
read_group(struct scribe *scribe, struct db *db, int group, struct err *err)
{
	struct reading reading = {
	    .group = group, .after = scribe->after[group]};
	int rc;

	pthread_mutex_lock(&scribe->lock);
	reading.wish =
	    wanted(scribe, group, clock_now_ms(scribe->params.clock));
	reading.most = wanted_planned(scribe, group, reading.wish);
	reading.chain = claims_spare(&scribe->claims, reading.wish);
	pthread_mutex_unlock(&scribe->lock);
	rc = read_rows(scribe, db, &reading, err);
	if (rc < 0) {
		reading.due = reading.planned = 0;
		reading.dry = false;
		reading.next_due_ms = 0;
	}
	scribe->after[group] = reading.after;
	remember_due(scribe, &reading);
	pthread_mutex_lock(&scribe->lock);
	take_rows(scribe, &reading);
	pthread_mutex_unlock(&scribe->lock);
	return rc;
}

static void
stop_reading(struct scribe *scribe, const struct err *why)
{
	pthread_mutex_lock(&scribe->lock);
	set_fault(scribe, why);
	scribe->claiming = false;
	pthread_mutex_unlock(&scribe->lock);
}

static int
first_wanted(struct scribe *scribe, int group)
{
	pthread_mutex_lock(&scribe->lock);
	group = next_wanted(scribe, group);
	pthread_mutex_unlock(&scribe->lock);
	return group;
}

/* Rows were handed since the gate was asked: those in memory must not leave for
 * long on an old answer. */
static bool
must_ask(struct scribe *scribe, const struct batch *batch)
{
	bool stale;

	if (!batch->handed)
		return false;
	pthread_mutex_lock(&scribe->lock);
	stale =
	    scribe->claiming && real_us() - scribe->asked_us >= GATE_MS * 1000;
	pthread_mutex_unlock(&scribe->lock);
	return stale;
}

/* Asks the gate and reads, on the writing connection, whose pages are still in
 * memory. */
static void
read_ahead(struct scribe *scribe, const struct batch *batch)
{
	const struct scribe_params *params = &scribe->params;
	int group = first_wanted(scribe, 0), rc;
	struct err err = {0};
	struct db *db = NULL;

	if (group == LEDGER_GROUPS && !must_ask(scribe, batch))
		return;
	scribe->asked_us = real_us();
	rc = store_begin(params->store, STORE_WAIT_LONG, "delivery", &db, &err);
	if (rc == 0)
		rc = params->owner.gate(params->owner.arg, db, &err);
	while (rc == 0 && group < LEDGER_GROUPS) {
		rc = read_group(scribe, db, group, &err);
		group = first_wanted(scribe, group + 1);
	}
	store_rollback(params->store, &db);
	if (rc < 0)
		stop_reading(scribe, &err);
	wake_owner(scribe);
}

/* ---- The clock, and where reading begins ------------------------------------ */

static int
shift_due(struct scribe *scribe, int64_t shift_ms)
{
	const struct scribe_params *params = &scribe->params;
	struct db *db = NULL;
	int rc = -1;

	if (store_begin(params->store, STORE_WAIT_LONG, "delivery", &db, NULL) <
	    0)
		return -1;
	if (ledger_shift(db, params->campaign, shift_ms, NULL) == 0)
		rc = store_commit(params->store, &db, NULL);
	store_rollback(params->store, &db);
	return rc;
}

/* When somebody sets the wall clock, what waits goes on waiting as long as it
 * would have. */
static void
follow_clock(struct scribe *scribe)
{
	struct clock *clock = scribe->params.clock;
	int64_t offset = clock_now_ms(clock) - clock_steady_ms(clock);
	int64_t shift_ms = offset - scribe->clock_offset;

	if (shift_ms < CLOCK_SET_MS && shift_ms > -CLOCK_SET_MS)
		return;
	if (shift_due(scribe, shift_ms) < 0)
		return;
	scribe->clock_offset = offset;
	pthread_mutex_lock(&scribe->lock);
	for (int i = 0; i < LEDGER_GROUPS; i++)
		scribe->next_due_ms[i] = 0;
	find_next_due(scribe);
	pthread_mutex_unlock(&scribe->lock);
}

/* Keeps where reading begins when the next process goes on.  A failure only
 * costs that process time. */
static void
keep_from(struct scribe *scribe)
{
	const struct scribe_params *params = &scribe->params;
	int64_t after[LEDGER_GROUPS];
	struct db *db = NULL;

	scribe->from_us = real_us();
	memcpy(after, scribe->after, sizeof after);
	pthread_mutex_lock(&scribe->lock);
	claims_lower(&scribe->claims, after);
	pthread_mutex_unlock(&scribe->lock);
	if (store_begin(params->store, STORE_WAIT_LONG, "delivery", &db, NULL) <
	    0)
		return;
	if (ledger_write_from(db, params->campaign, after, NULL) == 0)
		store_commit(params->store, &db, NULL);
	store_rollback(params->store, &db);
}

/* ---- The thread ------------------------------------------------------------- */

/* Writes a batch that is not empty; -1 when the store was given up. */
static int
write_batch(struct scribe *scribe, const struct batch *batch)
{
	if (write_until_done(scribe, batch) < 0)
		return -1;
	if (batch->ended.count && real_us() - scribe->from_us > FROM_MS * 1000)
		keep_from(scribe);
	write_deeds(scribe, batch);
	wake_owner(scribe);
	return 0;
}

static void *
scribe_main(void *arg)
{
	struct scribe *scribe = arg;
	struct batch batch = {0};
	bool over = false, given_up = false;

	while (!over) {
		pthread_mutex_lock(&scribe->lock);
		wait_for_work(scribe);
		take_batch(scribe, &batch);
		over = scribe->ending && batch_is_empty(&batch);
		pthread_mutex_unlock(&scribe->lock);
		if (over)
			break;
		follow_clock(scribe);
		if (!batch_is_empty(&batch))
			over = given_up = write_batch(scribe, &batch) < 0;
		if (!over)
			read_ahead(scribe, &batch);
		batch_clear(&batch);
	}
	if (!given_up)
		keep_from(scribe);
	wake_owner(scribe);
	batch_done(&batch);
	return NULL;
}

/* ---- The sessions' side ----------------------------------------------------- */

struct claim *
scribe_take(struct scribe *scribe, int group)
{
	struct claim *claim;

	pthread_mutex_lock(&scribe->lock);
	claim = claim_list_take(&scribe->claims.ready[group]);
	if (claim) {
		scribe->claims.readies--;
		scribe->taken++;
		claim->state = LEDGER_CLAIMED;
		count_as(scribe, claim, LEDGER_CLAIMED);
		if (next_wanted(scribe, group) == group)
			pthread_cond_signal(&scribe->work);
	}
	pthread_mutex_unlock(&scribe->lock);
	return claim;
}

int64_t
scribe_connection(struct scribe *scribe, const struct ledger_connection *facts)
{
	int64_t number;

	pthread_mutex_lock(&scribe->lock);
	number = ++scribe->connections;
	batch_add_connection(&scribe->queue, number, facts);
	pthread_mutex_unlock(&scribe->lock);
	return number;
}

uint64_t
scribe_hand(struct scribe *scribe, struct claim *claim, int64_t connection)
{
	uint64_t ticket;

	pthread_mutex_lock(&scribe->lock);
	claim->state = LEDGER_HANDED;
	claim->connection = connection;
	claim->next_handed = scribe->queue.handed;
	scribe->queue.handed = claim;
	ticket = ++scribe->ticket;
	scribe->steps++;
	if (scribe->steps == 1 || is_urgent(scribe))
		pthread_cond_signal(&scribe->work);
	pthread_mutex_unlock(&scribe->lock);
	return ticket;
}

/* Once more, when that is allowed; a row that was in doubt is so again unless a
 * reply says otherwise. */
static void
decide_doubt(const struct scribe_params *params, struct claim *claim)
{
	struct ledger_end *end = &claim->end;
	int64_t again_ms = end->at_ms + LEDGER_AGAIN_MS;

	if (end->to == LEDGER_FAILED && claim->again && end->code / 100 != 5) {
		end->to = LEDGER_IN_DOUBT;
	} else if (end->to == LEDGER_IN_DOUBT && !claim->again &&
		   params->doubt == LEDGER_DOUBT_AGAIN &&
		   (!params->give_up_ms || again_ms < params->give_up_ms)) {
		end->to = LEDGER_DEFERRED;
		end->next_ms = again_ms;
		claim->again = true;
	}
}

/* The end as the claim keeps it, with its own texts. */
static void
keep_end(struct claim *claim, const struct ledger_end *end)
{
	claim->end = *end;
	buf_clear(&claim->reply);
	ledger_reply_text(span_trim(end->reply), &claim->reply);
	span_text(
	    claim->enhanced, sizeof claim->enhanced, span_of(end->enhanced));
	span_text(claim->class, sizeof claim->class, span_of(end->class));
	claim->end.reply = buf_span(&claim->reply);
	claim->end.enhanced = claim->enhanced;
	claim->end.class = claim->class;
}

void
scribe_settle(
    struct scribe *scribe, struct claim **taken, const struct ledger_end *end)
{
	struct claim *claim = *taken;

	*taken = NULL;
	keep_end(claim, end);
	decide_doubt(&scribe->params, claim);
	pthread_mutex_lock(&scribe->lock);
	scribe->taken--;
	if (claim->state == LEDGER_CLAIMED && end->to == LEDGER_PLANNED) {
		make_ready(scribe, claim);
	} else {
		if (!scribe->queue.ended.count)
			scribe->ended_us = real_us();
		claim_list_add(&scribe->queue.ended, claim);
		if (scribe->queue.ended.count == 1 ||
		    scribe->queue.ended.count == GATHER_ROWS)
			pthread_cond_signal(&scribe->work);
	}
	if (is_urgent(scribe))
		pthread_cond_signal(&scribe->work);
	pthread_mutex_unlock(&scribe->lock);
}

bool
scribe_is_clogged(struct scribe *scribe)
{
	bool clogged;

	pthread_mutex_lock(&scribe->lock);
	clogged = scribe->queue.deeds >= BATCH_DEEDS / 2;
	pthread_mutex_unlock(&scribe->lock);
	return clogged;
}

uint64_t
scribe_deed(struct scribe *scribe, const struct scribe_deed *deed)
{
	uint64_t ticket;

	pthread_mutex_lock(&scribe->lock);
	while (scribe->queue.deeds == BATCH_DEEDS)
		pthread_cond_wait(&scribe->room, &scribe->lock);
	ticket = ++scribe->ticket;
	scribe->queue.deed[scribe->queue.deeds] = *deed;
	scribe->queue.deed[scribe->queue.deeds++].ticket = ticket;
	pthread_cond_signal(&scribe->work);
	pthread_mutex_unlock(&scribe->lock);
	return ticket;
}

void
scribe_claiming(struct scribe *scribe, enum scribe_claims claims)
{
	pthread_mutex_lock(&scribe->lock);
	scribe->claiming = claims == SCRIBE_CLAIMS;
	pthread_cond_signal(&scribe->work);
	pthread_mutex_unlock(&scribe->lock);
}

void
scribe_allow(struct scribe *scribe, int64_t rows)
{
	pthread_mutex_lock(&scribe->lock);
	scribe->allowed = rows;
	pthread_cond_signal(&scribe->work);
	pthread_mutex_unlock(&scribe->lock);
}

/* ---- Questions --------------------------------------------------------------- */

bool
scribe_is_durable(struct scribe *scribe, uint64_t ticket)
{
	bool durable;

	pthread_mutex_lock(&scribe->lock);
	durable = ticket <= scribe->durable;
	pthread_mutex_unlock(&scribe->lock);
	return durable;
}

bool
scribe_is_settled(struct scribe *scribe)
{
	bool settled;

	pthread_mutex_lock(&scribe->lock);
	settled = scribe->failing ||
		  (!scribe->busy && batch_is_empty(&scribe->queue));
	pthread_mutex_unlock(&scribe->lock);
	return settled;
}

bool
scribe_has_failed(struct scribe *scribe, uint64_t ticket)
{
	bool failed;

	pthread_mutex_lock(&scribe->lock);
	failed = scribe->failed_deed == ticket;
	pthread_mutex_unlock(&scribe->lock);
	return failed;
}

void
scribe_figures(struct scribe *scribe, struct scribe_figures *out)
{
	pthread_mutex_lock(&scribe->lock);
	*out = scribe->figures;
	out->ready = scribe->claims.readies;
	for (int i = 0; i < LEDGER_GROUPS; i++)
		out->group_ready[i] = (int)scribe->claims.ready[i].count;
	pthread_mutex_unlock(&scribe->lock);
}

int
scribe_fault(struct scribe *scribe, struct err *out)
{
	int found;

	pthread_mutex_lock(&scribe->lock);
	found = scribe->has_fault;
	if (found)
		*out = scribe->fault;
	scribe->has_fault = false;
	pthread_mutex_unlock(&scribe->lock);
	return found;
}

/* ---- Start and end ----------------------------------------------------------- */

static void
scribe_free(struct scribe *scribe)
{
	writer_done(&scribe->writer);
	claims_done(&scribe->claims);
	batch_done(&scribe->queue);
	pthread_cond_destroy(&scribe->work);
	pthread_cond_destroy(&scribe->room);
	pthread_mutex_destroy(&scribe->lock);
	free(scribe);
}

static struct scribe *
scribe_new(const struct scribe_params *params)
{
	struct scribe *scribe = mem_new(sizeof *scribe);
	pthread_condattr_t attr;

	scribe->params = *params;
	scribe->allowed = INT64_MAX;
	scribe->clock_offset =
	    clock_now_ms(params->clock) - clock_steady_ms(params->clock);
	scribe->from_us = real_us();
	pthread_mutex_init(&scribe->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&scribe->work, &attr);
	pthread_cond_init(&scribe->room, &attr);
	pthread_condattr_destroy(&attr);
	return scribe;
}

static int
read_start(struct scribe *scribe, struct db *db, struct err *err)
{
	const struct scribe_params *params = &scribe->params;
	struct totals *totals = &scribe->writer.change;

	if (writer_init(&scribe->writer, params, db, err) < 0 ||
	    ledger_read_from(db, params->campaign, scribe->after, err) < 0 ||
	    totals_read(db, params->campaign, totals, err) < 0)
		return -1;
	take_totals(scribe, totals);
	find_next_due(scribe);
	scribe->connections = scribe->writer.first_number - 1;
	return 0;
}

int
scribe_start(
    const struct scribe_params *params, struct scribe **out, struct err *err)
{
	struct scribe *scribe = scribe_new(params);
	struct db *db = NULL;
	int failed, rc = -1;

	if (store_reader_open(params->store, &db, err) < 0 ||
	    read_start(scribe, db, err) < 0)
		goto out;
	failed = pthread_create(&scribe->thread, NULL, scribe_main, scribe);
	if (failed) {
		err_sys(err, E_THREAD, failed);
		goto out;
	}
	pthread_setname_np(scribe->thread, "scribe");
	*out = scribe;
	scribe = NULL;
	rc = 0;
out:
	store_reader_close(&db);
	if (scribe)
		scribe_free(scribe);
	return rc;
}

void
scribe_stop(struct scribe **scribe)
{
	if (!*scribe)
		return;
	pthread_mutex_lock(&(*scribe)->lock);
	(*scribe)->ending = true;
	pthread_cond_broadcast(&(*scribe)->work);
	pthread_cond_broadcast(&(*scribe)->room);
	pthread_mutex_unlock(&(*scribe)->lock);
	pthread_join((*scribe)->thread, NULL);
	scribe_free(*scribe);
	*scribe = NULL;
}
