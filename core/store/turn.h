/* Whose turn it is to write: threads wait in the order they came, so that a
 * busy worker cannot starve the screen. */
#ifndef CORE_STORE_TURN_H
#define CORE_STORE_TURN_H

#include <pthread.h>
#include <stdbool.h>

#include "core/base/err.h"

struct waiter;

/* Caller's storage: turn_init() to turn_done().  The other fields are the
 * functions' own. */
struct turn {
	pthread_mutex_t mutex;
	bool taken;
	const char *holder; /* static string */
	struct waiter *first, *last;
};

/* Makes a turn that nobody holds. */
void turn_init(struct turn *turn);

/* Ends a turn that nobody holds or waits for. */
void turn_done(struct turn *turn);

/* Waits for the turn at most limit_ms (-1: for ever).  what is a static string
 * naming the taker.  E_STORE_BUSY with who holds it. */
int turn_take(
    struct turn *turn, int limit_ms, const char *what, struct err *err);

/* Gives it to whoever has waited longest. */
void turn_give(struct turn *turn);

#endif
