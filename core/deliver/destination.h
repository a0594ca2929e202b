/* Mail sent straight to its receivers: rows are taken as a relay would take
 * them, their domains looked up, and each is put into the queue of its
 * destination - a set of mail exchangers with what their TLS must achieve,
 * whichever domains they serve.  A destination is a route; sessions do the
 * rest.  One thread of its own ("sorter"), which owns all of this but the
 * routes. */
#ifndef CORE_DELIVER_DESTINATION_H
#define CORE_DELIVER_DESTINATION_H

#include "core/deliver/run.h"

enum {
	DESTINATIONS_MAX = 2000,    /* at a time; idle ones make room */
	DESTINATION_DOMAINS = 8192, /* remembered */
	DESTINATION_ROWS = 4096,    /* in memory, looked up or queued */
	/* ... of one provider group but "other" */
	DESTINATION_GROUP_ROWS = 256,
	DESTINATION_QUEUE = 256 /* ... of one destination */
};

struct destinations;

/* Prepares direct delivery by the route direct (of kind ROUTE_DIRECT, in the
 * run's pool, whose hop names us and the authorities); nothing runs yet.  The
 * caller ends *out with destinations_stop().  E_DNS_SETUP (what), E_TLS_SETUP. */
int destinations_new(struct run *run, struct route *direct,
    struct destinations **out, struct err *err);

/* Starts the thread, when the scribe runs.  E_THREAD. */
int destinations_start(struct destinations *destinations, struct err *err);

/* Ends the thread and gives all rows back, so that their state is planned; the
 * lanes are joined and the scribe still runs.  Accepts NULL, sets
 * *destinations to NULL. */
void destinations_stop(struct destinations **destinations);

#endif
