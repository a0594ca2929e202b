/* The routes of a run together: which one is dialled, which one takes the next
 * message, whether any is left.  Guarded by the run's lock; steady times. */
#ifndef CORE_DELIVER_POOL_H
#define CORE_DELIVER_POOL_H

#include "core/deliver/flow.h"
#include "core/deliver/route.h"

struct pool {
	struct route *first, **last; /* owned */
	int count;
	struct route *turn;   /* who is asked first at the next dial */
	struct bucket bucket; /* of the whole run */
	int64_t waits_ms;     /* since when a route waits for its share; 0 */
	int queued;           /* rows that wait for destinations, in all */
};

/* Without routes; rate 0: no limit. */
void pool_init(struct pool *pool, int rate_per_s, int64_t now_ms);

/* Frees the routes; nothing else is needed at the end. */
void pool_done(struct pool *pool);

/* Adds a route behind the others; consumed. */
void pool_add(struct pool *pool, struct route **taken);

/* The relay with this id, or NULL; never a destination. */
struct route *pool_find(const struct pool *pool, int64_t relay);

/* The route to dial now, with its hop and epoch, or NULL; it is then counted
 * as one more session of it.  shared: whether there are rows that any relay may
 * carry and no session for them; flow tells which groups
 * may have one more session. */
enum pool_rows { POOL_NO_ROWS, POOL_ROWS };
struct route *pool_dial(struct pool *pool, const struct flow *flow,
    enum pool_rows shared, int64_t now_ms, struct hop **hop, unsigned *epoch);

/* How many messages, at most wish, a route may start now; they are counted.
 * 0 by its limits, or when it has had more than its share and another one
 * keeps up. */
int pool_grant(
    struct pool *pool, struct route *route, int wish, int64_t now_ms);

/* Gives back what was granted and not started. */
void pool_refund(struct pool *pool, struct route *route, int count);

/* A route works (again): it begins level with the others. */
void pool_join(struct pool *pool, struct route *route);

/* Sets who stands by; after each change of a state. */
void pool_settle(struct pool *pool);

/* True when no route is expected to work by itself: the run must pause.  *last
 * is one that tells why. */
bool pool_is_lost(const struct pool *pool, const struct route **last);

/* True when every route that works has used up its day. */
bool pool_is_used_up(const struct pool *pool);

#endif
