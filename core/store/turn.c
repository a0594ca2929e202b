/* A first-come-first-served lock with a time limit.  A plain mutex would let
 * the delivery's ledger, which takes it again at once, starve everybody. */
#include "core/store/turn.h"

#include <errno.h>
#include <time.h>

struct waiter {
	struct waiter *next;
	pthread_cond_t granted;
	bool has_turn;
};

void
turn_init(struct turn *turn)
{
	*turn = (struct turn){0};
	pthread_mutex_init(&turn->mutex, NULL);
}

void
turn_done(struct turn *turn)
{
	pthread_mutex_destroy(&turn->mutex);
}

static void
waiter_init(struct waiter *waiter)
{
	pthread_condattr_t attr;

	*waiter = (struct waiter){0};
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&waiter->granted, &attr);
	pthread_condattr_destroy(&attr);
}

static void
enqueue(struct turn *turn, struct waiter *waiter)
{
	if (turn->last)
		turn->last->next = waiter;
	else
		turn->first = waiter;
	turn->last = waiter;
}

static void
dequeue(struct turn *turn, struct waiter *gone)
{
	struct waiter *before = NULL;

	for (struct waiter *at = turn->first; at != gone; at = at->next)
		before = at;
	if (before)
		before->next = gone->next;
	else
		turn->first = gone->next;
	if (turn->last == gone)
		turn->last = before;
}

static struct timespec
deadline(int limit_ms)
{
	struct timespec at;

	clock_gettime(CLOCK_MONOTONIC, &at);
	at.tv_sec += limit_ms / 1000;
	at.tv_nsec += limit_ms % 1000 * 1000000L;
	if (at.tv_nsec >= 1000000000L) {
		at.tv_sec++;
		at.tv_nsec -= 1000000000L;
	}
	return at;
}

/* Waits in the queue; turn->mutex is held.  False when time ran out. */
static bool
await(struct turn *turn, int limit_ms)
{
	struct timespec until = deadline(limit_ms < 0 ? 0 : limit_ms);
	struct waiter self;
	int rc = 0;

	waiter_init(&self);
	enqueue(turn, &self);
	while (!self.has_turn && rc != ETIMEDOUT) {
		if (limit_ms < 0)
			pthread_cond_wait(&self.granted, &turn->mutex);
		else
			rc = pthread_cond_timedwait(
			    &self.granted, &turn->mutex, &until);
	}
	if (!self.has_turn)
		dequeue(turn, &self);
	pthread_cond_destroy(&self.granted);
	return self.has_turn;
}

int
turn_take(struct turn *turn, int limit_ms, const char *what, struct err *err)
{
	int rc = 0;

	pthread_mutex_lock(&turn->mutex);
	if (turn->taken && !await(turn, limit_ms)) {
		err_set(err, E_STORE_BUSY);
		rc = err_fact(err, "what", span_of(turn->holder));
	} else {
		turn->taken = true;
		turn->holder = what;
	}
	pthread_mutex_unlock(&turn->mutex);
	return rc;
}

void
turn_give(struct turn *turn)
{
	struct waiter *next;

	pthread_mutex_lock(&turn->mutex);
	next = turn->first;
	if (next) {
		dequeue(turn, next);
		next->has_turn = true;
		pthread_cond_signal(&next->granted);
	} else {
		turn->taken = false;
		turn->holder = NULL;
	}
	pthread_mutex_unlock(&turn->mutex);
}
