/* Looking up domains on threads of their own: DNS and policies may take half a
 * minute, and a lane must not wait a millisecond for them. */
#ifndef CORE_DELIVER_FINDER_H
#define CORE_DELIVER_FINDER_H

#include "core/base/clock.h"
#include "core/net/lookup.h"

struct finder;

/* What was found out about a domain; a list.  Freed with finding_free(). */
struct finding {
	struct finding *next;
	int failed; /* not looked up: err tells */
	struct err err;
	struct lookup lookup;
	char domain[]; /* ends with NUL */
};

/* Everything is borrowed. */
struct finder_params {
	struct resolver *resolver;
	struct dialler *dialler;
	struct tls_context *tls;
	struct sts_shelf *shelf;
	struct clock *clock;
	const char *self; /* our EHLO name */
	int threads;
};

/* Starts the threads.  The caller ends *out with finder_free().  E_THREAD. */
int finder_new(
    const struct finder_params *params, struct finder **out, struct err *err);

/* Has a domain looked up. */
void finder_ask(struct finder *finder, struct span domain);

/* Takes all that was found since the last call; NULL: nothing. */
struct finding *finder_take(struct finder *finder);

/* Waits up to ms for something to be found. */
void finder_wait(struct finder *finder, int ms);

/* Frees a list; accepts NULL, sets *finding to NULL. */
void finding_free(struct finding **finding);

/* Gives up what is under way and ends the threads; accepts NULL, sets *finder
 * to NULL. */
void finder_free(struct finder **finder);

#endif
