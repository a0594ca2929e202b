/* Group commit: whatever was queued while the last transaction was written
 * goes into the next one.  Only a step to HANDED is urgent, because a session
 * waits for it with an open transaction; results gather for up to 20 ms.
 * Memory follows the disk: the counts move after the commit, never before. */
#include "core/deliver/scribe.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "core/base/mem.h"

enum {
	QUEUE_MAX = 4096,
	DEEDS_MAX = 16,
	GATHER_MS = 20,
	IDLE_MS = 50,
	RETRY_MS = 1000,
	STOP_TRIES = 3
};

/* What one transaction writes. */
struct batch {
	struct ledger_note *note;
	size_t count;
	struct scribe_deed deed[DEEDS_MAX];
	size_t deeds;
	uint64_t ticket; /* the last one in it */
};

struct scribe {
	struct scribe_params params;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t work, room;
	/* guarded by lock */
	struct batch queue;
	bool urgent, ending, claiming, failing;
	uint64_t durable, failed_deed;
	struct claim *pool, **pool_tail;
	struct scribe_figures figures;
	struct err fault;
	bool has_fault;
	struct ledger_connection *connection; /* number n is at n - 1 */
	int64_t connections;
};

/* ---- The thread's transactions ------------------------------------------ */

static void
set_fault(struct scribe *scribe, const struct err *why)
{
	scribe->fault = *why;
	scribe->has_fault = true;
}

/* Applies the notes and claims want rows.  A gate that says no is kept in
 * *closed and does not undo the notes. */
static int
write_notes(struct scribe *scribe, const struct batch *batch, int want,
    struct claim **claims, struct err *closed, int64_t *next_due,
    struct err *err)
{
	const struct scribe_params *params = &scribe->params;
	int64_t now = clock_now_ms(params->clock);
	struct db *db = NULL;
	int rc = -1;

	if (store_begin(params->store, STORE_WAIT_LONG, "delivery", &db, err) <
	    0)
		return -1;
	for (size_t i = 0; i < batch->count; i++) {
		if (ledger_apply(db, params->campaign, &batch->note[i], err) <
		    0)
			goto out;
	}
	if (want > 0 &&
	    params->owner.gate(params->owner.arg, db, closed) == 0 &&
	    ledger_claim(db, params->campaign, now, want, claims, err) < 0)
		goto out;
	if (ledger_next_due(db, params->campaign, next_due, err) < 0)
		goto out;
	rc = store_commit(params->store, &db, err);
out:
	if (rc < 0) {
		store_rollback(params->store, &db);
		claim_free(claims);
	}
	return rc;
}

static void
move_count(struct scribe *scribe, enum ledger_state from, enum ledger_state to)
{
	scribe->figures.count[from]--;
	scribe->figures.count[to]++;
}

/* Makes memory follow a commit; locked. */
static void
publish(struct scribe *scribe, const struct batch *batch, struct claim *claims,
    int64_t next_due)
{
	for (size_t i = 0; i < batch->count; i++)
		move_count(scribe, batch->note[i].from, batch->note[i].to);
	scribe->figures.next_due_ms = next_due;
	*scribe->pool_tail = claims;
	for (; claims; claims = claims->next) {
		move_count(scribe, claims->from, LEDGER_CLAIMED);
		scribe->pool_tail = &claims->next;
		scribe->figures.ready++;
	}
	scribe->figures.group_ready[0] = scribe->figures.ready;
}

/* Counting a long ledger takes a while, so only deeds that move rows ask for
 * it. */
static int
write_deed(
    struct scribe *scribe, const struct scribe_deed *deed, struct err *err)
{
	const struct scribe_params *params = &scribe->params;
	int64_t count[LEDGER_STATES], next_due;
	struct db *db = NULL;
	int rc = -1;

	if (store_begin(params->store, STORE_WAIT_LONG, "delivery", &db, err) <
	    0)
		return -1;
	if (params->owner.deed(params->owner.arg, deed, db, err) < 0)
		goto out;
	if (deed->moves_rows &&
	    ledger_count(db, params->campaign, count, err) < 0)
		goto out;
	if (ledger_next_due(db, params->campaign, &next_due, err) < 0)
		goto out;
	rc = store_commit(params->store, &db, err);
out:
	if (rc < 0) {
		store_rollback(params->store, &db);
		return -1;
	}
	pthread_mutex_lock(&scribe->lock);
	if (deed->moves_rows)
		memcpy(scribe->figures.count, count, sizeof count);
	scribe->figures.next_due_ms = next_due;
	pthread_mutex_unlock(&scribe->lock);
	return 0;
}

/* ---- The thread's loop --------------------------------------------------- */

/* Rows to claim now; locked. */
static int
wanted_claims(const struct scribe *scribe)
{
	const struct scribe_figures *now = &scribe->figures;
	int missing = scribe->params.ahead - now->ready;

	if (!scribe->claiming || scribe->ending ||
	    missing < (scribe->params.ahead + 1) / 2)
		return 0;
	if (now->count[LEDGER_PLANNED] > 0)
		return missing;
	if (now->count[LEDGER_DEFERRED] > 0 &&
	    now->next_due_ms <= clock_now_ms(scribe->params.clock))
		return missing;
	return 0;
}

/* Waits on a condition for ms of real time; locked. */
static int
wait_ms(pthread_cond_t *cond, pthread_mutex_t *lock, int ms)
{
	struct timespec until;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_nsec += (long)ms * 1000000L;
	until.tv_sec += until.tv_nsec / 1000000000L;
	until.tv_nsec %= 1000000000L;
	return pthread_cond_timedwait(cond, lock, &until);
}

/* Until there is something to write; locked. */
static void
wait_for_work(struct scribe *scribe)
{
	while (!scribe->ending && !scribe->urgent && !wanted_claims(scribe)) {
		bool gathering = scribe->queue.count > 0;

		if (wait_ms(&scribe->work, &scribe->lock,
			gathering ? GATHER_MS : IDLE_MS) == ETIMEDOUT &&
		    gathering)
			return;
	}
}

/* Moves the queue into batch; both keep their memory.  Locked. */
static void
swap_queue(struct scribe *scribe, struct batch *batch)
{
	uint64_t ticket = scribe->queue.ticket;
	struct ledger_note *old = batch->note;

	*batch = scribe->queue;
	scribe->queue.note = old;
	scribe->queue.count = 0;
	scribe->queue.deeds = 0;
	scribe->queue.ticket = ticket;
	scribe->urgent = false;
	pthread_cond_broadcast(&scribe->room);
}

/* Writes the notes of a batch, again and again while the store refuses and
 * there is hope.  -1 when it was given up. */
static int
write_until_done(struct scribe *scribe, struct batch *batch, int want)
{
	struct claim *claims = NULL;
	struct err closed = {0}, err = {0};
	int64_t next_due = INT64_MAX;
	int tries = 0;

	if (!batch->count && !want)
		return 0;
	while (write_notes(scribe, batch, want, &claims, &closed, &next_due,
		   &err) < 0) {
		bool over;

		pthread_mutex_lock(&scribe->lock);
		set_fault(scribe, &err);
		scribe->failing = true;
		scribe->claiming = false;
		want = 0;
		if (!scribe->ending)
			wait_ms(&scribe->work, &scribe->lock, RETRY_MS);
		over = scribe->ending && ++tries >= STOP_TRIES;
		pthread_mutex_unlock(&scribe->lock);
		if (over)
			return -1;
	}
	pthread_mutex_lock(&scribe->lock);
	scribe->failing = false;
	publish(scribe, batch, claims, next_due);
	if (closed.code) {
		set_fault(scribe, &closed);
		scribe->claiming = false;
	}
	pthread_mutex_unlock(&scribe->lock);
	return 0;
}

static void
write_deeds(struct scribe *scribe, const struct batch *batch)
{
	for (size_t i = 0; i < batch->deeds; i++) {
		struct err err = {0};

		if (write_deed(scribe, &batch->deed[i], &err) == 0)
			continue;
		pthread_mutex_lock(&scribe->lock);
		set_fault(scribe, &err);
		scribe->failed_deed = batch->deed[i].ticket;
		pthread_mutex_unlock(&scribe->lock);
	}
}

static void
drop_facts(struct batch *batch)
{
	for (size_t i = 0; i < batch->count; i++)
		ledger_facts_free(&batch->note[i].facts);
	batch->count = 0;
}

/* Puts what is claimed back at an orderly end; a failure is harmless, the next
 * run does the same. */
static void
release_claims(struct scribe *scribe)
{
	const struct scribe_params *params = &scribe->params;
	struct db *db = NULL;

	if (!scribe->figures.count[LEDGER_CLAIMED] ||
	    store_begin(params->store, STORE_WAIT_LONG, "delivery", &db, NULL) <
		0)
		return;
	if (ledger_release(db, params->campaign, NULL) < 0 ||
	    store_commit(params->store, &db, NULL) < 0)
		store_rollback(params->store, &db);
}

static void *
scribe_main(void *arg)
{
	struct scribe *scribe = arg;
	struct batch batch = {.note = mem_array(QUEUE_MAX, sizeof *batch.note)};
	bool over = false;

	while (!over) {
		int want;

		pthread_mutex_lock(&scribe->lock);
		wait_for_work(scribe);
		want = wanted_claims(scribe);
		swap_queue(scribe, &batch);
		over = scribe->ending && !batch.count && !batch.deeds;
		pthread_mutex_unlock(&scribe->lock);
		if (over)
			break;
		/* a deed never overtakes the notes before it */
		if (write_until_done(scribe, &batch, want) < 0)
			over = true;
		else
			write_deeds(scribe, &batch);
		pthread_mutex_lock(&scribe->lock);
		if (!over)
			scribe->durable = batch.ticket;
		pthread_mutex_unlock(&scribe->lock);
		drop_facts(&batch);
		scribe->params.owner.wake(scribe->params.owner.arg);
	}
	release_claims(scribe);
	free(batch.note);
	return NULL;
}

/* ---- The sessions' side -------------------------------------------------- */

/* Queues a note; its facts are consumed. */
static uint64_t
queue_note(struct scribe *scribe, const struct ledger_note *note)
{
	uint64_t ticket;

	pthread_mutex_lock(&scribe->lock);
	while (scribe->queue.count == QUEUE_MAX)
		pthread_cond_wait(&scribe->room, &scribe->lock);
	scribe->queue.note[scribe->queue.count++] = *note;
	ticket = ++scribe->queue.ticket;
	if (note->to == LEDGER_HANDED) {
		scribe->urgent = true;
		pthread_cond_signal(&scribe->work);
	}
	pthread_mutex_unlock(&scribe->lock);
	return ticket;
}

int64_t
scribe_connection(struct scribe *scribe, const struct ledger_connection *facts)
{
	int64_t number;

	pthread_mutex_lock(&scribe->lock);
	number = ++scribe->connections;
	scribe->connection = mem_grow(
	    scribe->connection, (size_t)number * sizeof *scribe->connection);
	scribe->connection[number - 1] = *facts;
	pthread_mutex_unlock(&scribe->lock);
	return number;
}

static void
add_connection(
    struct scribe *scribe, int64_t number, struct ledger_facts *facts)
{
	const struct ledger_connection *connection;

	pthread_mutex_lock(&scribe->lock);
	if (number > 0 && number <= scribe->connections) {
		connection = &scribe->connection[number - 1];
		facts->relay = connection->relay;
		span_text(facts->tls_version, sizeof facts->tls_version,
		    span_of(connection->tls.version));
		span_text(facts->tls_cipher, sizeof facts->tls_cipher,
		    span_of(connection->tls.cipher));
		facts->tls_verified =
		    connection->tls.state == TLS_STATE_VERIFIED;
	}
	pthread_mutex_unlock(&scribe->lock);
}

uint64_t
scribe_hand(struct scribe *scribe, struct claim *claim, int64_t connection)
{
	struct ledger_note note = {
	    .seq = claim->seq,
	    .from = claim->state,
	    .to = LEDGER_HANDED,
	    .attempt = claim->attempt,
	    .at_ms = clock_now_ms(scribe->params.clock),
	    .facts = mem_new(sizeof *note.facts),
	};

	add_connection(scribe, connection, note.facts);
	claim->state = LEDGER_HANDED;
	return queue_note(scribe, &note);
}

uint64_t
scribe_settle(
    struct scribe *scribe, struct claim **taken, const struct ledger_end *end)
{
	struct ledger_facts *facts = mem_new(sizeof *facts);
	struct ledger_note note = {
	    .seq = (*taken)->seq,
	    .from = (*taken)->state,
	    .to = end->to,
	    .attempt = end->attempt,
	    .next_ms = end->next_ms,
	    .at_ms = end->at_ms,
	    .facts = facts,
	};

	add_connection(scribe, end->connection, facts);
	facts->octets = end->octets;
	facts->code = end->code;
	facts->stage = end->stage;
	span_text(
	    facts->enhanced, sizeof facts->enhanced, span_of(end->enhanced));
	span_text(facts->class, sizeof facts->class, span_of(end->class));
	ledger_reply_text(end->reply, &facts->reply);
	buf_add(&facts->message_id, end->message_id);
	claim_free(taken);
	return queue_note(scribe, &note);
}

uint64_t
scribe_deed(struct scribe *scribe, const struct scribe_deed *deed)
{
	uint64_t ticket;

	pthread_mutex_lock(&scribe->lock);
	while (scribe->queue.deeds == DEEDS_MAX)
		pthread_cond_wait(&scribe->room, &scribe->lock);
	ticket = ++scribe->queue.ticket;
	scribe->queue.deed[scribe->queue.deeds] = *deed;
	scribe->queue.deed[scribe->queue.deeds++].ticket = ticket;
	scribe->urgent = true;
	pthread_cond_signal(&scribe->work);
	pthread_mutex_unlock(&scribe->lock);
	return ticket;
}

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
	settled = scribe->durable == scribe->queue.ticket || scribe->failing;
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
scribe_claiming(struct scribe *scribe, enum scribe_claims claims)
{
	pthread_mutex_lock(&scribe->lock);
	scribe->claiming = claims == SCRIBE_CLAIMS;
	pthread_cond_signal(&scribe->work);
	pthread_mutex_unlock(&scribe->lock);
}

struct claim *
scribe_take(struct scribe *scribe, int group)
{
	struct claim *claim;

	if (group != 0)
		return NULL;
	pthread_mutex_lock(&scribe->lock);
	claim = scribe->pool;
	if (claim) {
		scribe->pool = claim->next;
		if (!scribe->pool)
			scribe->pool_tail = &scribe->pool;
		claim->next = NULL;
		claim->state = LEDGER_CLAIMED;
		scribe->figures.ready--;
		scribe->figures.group_ready[0] = scribe->figures.ready;
		if (wanted_claims(scribe))
			pthread_cond_signal(&scribe->work);
	}
	pthread_mutex_unlock(&scribe->lock);
	return claim;
}

void
scribe_figures(struct scribe *scribe, struct scribe_figures *out)
{
	pthread_mutex_lock(&scribe->lock);
	*out = scribe->figures;
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

/* ---- Start and end ------------------------------------------------------- */

static void
scribe_free(struct scribe *scribe)
{
	claim_free(&scribe->pool);
	drop_facts(&scribe->queue);
	free(scribe->queue.note);
	free(scribe->connection);
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
	scribe->pool_tail = &scribe->pool;
	scribe->queue.note = mem_array(QUEUE_MAX, sizeof *scribe->queue.note);
	pthread_mutex_init(&scribe->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&scribe->work, &attr);
	pthread_cond_init(&scribe->room, &attr);
	pthread_condattr_destroy(&attr);
	return scribe;
}

int
scribe_start(
    const struct scribe_params *params, struct scribe **out, struct err *err)
{
	struct scribe *scribe = scribe_new(params);
	struct db *db = NULL;
	int failed, rc = -1;

	if (store_reader_open(params->store, &db, err) < 0)
		goto out;
	if (ledger_count(db, params->campaign, scribe->figures.count, err) < 0)
		goto out;
	if (ledger_next_due(
		db, params->campaign, &scribe->figures.next_due_ms, err) < 0)
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
	pthread_mutex_unlock(&(*scribe)->lock);
	pthread_join((*scribe)->thread, NULL);
	scribe_free(*scribe);
	*scribe = NULL;
}
