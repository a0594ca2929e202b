/* Shares are of messages, so the route that has had least, weighed by its
 * share, goes first, and one that is ahead waits for it.  That must not make a
 * fast relay as slow as a bad one: a route that takes nothing for a second
 * while another one waits is forgiven what it missed. */
#include "core/deliver/pool.h"

#include "core/base/mem.h"

enum {
	AHEAD_MAX = 32,
	PATIENCE_MS = 1000,
	SHARE_UNIT = 1000 * 1000,
	ROWS_A_SESSION = 8 /* that wait for a destination */
};

void
pool_init(struct pool *pool, int rate_per_s, int64_t now_ms)
{
	*pool = (struct pool){.waits_ms = 0};
	pool->last = &pool->first;
	bucket_init(&pool->bucket, (int64_t)rate_per_s * PACE_MILLI, now_ms);
}

void
pool_done(struct pool *pool)
{
	while (pool->first) {
		struct route *next = pool->first->next;

		route_free(&pool->first);
		pool->first = next;
	}
	pool->last = &pool->first;
}

void
pool_add(struct pool *pool, struct route **taken)
{
	struct route *route = *taken;

	*taken = NULL;
	route->number = pool->count++;
	*pool->last = route;
	pool->last = &route->next;
	pool_join(pool, route);
	pool_settle(pool);
}

struct route *
pool_find(const struct pool *pool, int64_t relay)
{
	struct route *route = pool->first;

	while (route &&
	       (route->relay != relay || route->kind == ROUTE_DESTINATION))
		route = route->next;
	return route;
}

/* ---- Dialling ---------------------------------------------------------------- */

static bool
has_work(
    const struct route *route, const struct flow *flow, enum pool_rows shared)
{
	switch (route->kind) {
	case ROUTE_RELAY:
		return shared == POOL_ROWS;
	case ROUTE_DIRECT:
		return false;
	case ROUTE_DESTINATION:
		/* receivers count connections: one more must be worth it */
		return route->queued > ROWS_A_SESSION * route->open &&
		       route_is_up(route->parent) &&
		       flow_may_connect(flow, route->group);
	}
	return false;
}

/* Each is asked in turn, so that the first one of the list does not get all
 * the sessions there are. */
struct route *
pool_dial(struct pool *pool, const struct flow *flow, enum pool_rows shared,
    int64_t now_ms, struct hop **hop, unsigned *epoch)
{
	struct route *route = pool->turn ? pool->turn : pool->first;

	if (shared == POOL_NO_ROWS && !pool->queued)
		return NULL;
	for (int i = 0; i < pool->count; i++) {
		struct route *next = route->next ? route->next : pool->first;

		if (has_work(route, flow, shared) &&
		    route_may_dial(route, now_ms, hop, epoch)) {
			pool->turn = next;
			return route;
		}
		route = next;
	}
	return NULL;
}

/* ---- Shares ------------------------------------------------------------------ */

/* Takes part in the division of messages now. */
static bool
takes_part(const struct route *route)
{
	if (route->kind == ROUTE_DESTINATION || !route->day_left ||
	    !route_is_up(route))
		return false;
	return route->kind == ROUTE_DIRECT ||
	       (route->pace.proven && route->open > 0);
}

/* The other route that has had least; NULL when there is none. */
static struct route *
least(const struct pool *pool, const struct route *but)
{
	struct route *found = NULL;

	for (struct route *it = pool->first; it; it = it->next) {
		if (it != but && takes_part(it) &&
		    (!found || it->taken < found->taken))
			found = it;
	}
	return found;
}

/* How far a route may be ahead of the one that has had least. */
static int64_t
slack(const struct route *route)
{
	return (int64_t)AHEAD_MAX * SHARE_UNIT /
	       (route->share > 0 ? route->share : 1);
}

/* True when the route must wait for another one. */
static bool
is_ahead(struct pool *pool, struct route *route, int64_t now_ms)
{
	struct route *other = least(pool, route);
	int64_t since;

	if (!other || route->taken <= other->taken + slack(route)) {
		pool->waits_ms = 0;
		return false;
	}
	if (!pool->waits_ms)
		pool->waits_ms = now_ms;
	since =
	    pool->waits_ms > other->took_ms ? pool->waits_ms : other->took_ms;
	if (now_ms - since < PATIENCE_MS)
		return true;
	other->taken = route->taken - slack(route);
	pool->waits_ms = 0;
	return false;
}

int
pool_grant(struct pool *pool, struct route *route, int wish, int64_t now_ms)
{
	int granted;

	if (is_ahead(pool, route, now_ms))
		return 0;
	wish = bucket_take(&pool->bucket, wish, now_ms);
	granted = route_grant(route, wish, now_ms);
	bucket_refund(&pool->bucket, wish - granted);
	return granted;
}

void
pool_refund(struct pool *pool, struct route *route, int count)
{
	bucket_refund(&pool->bucket, count);
	route_refund(route, count);
}

void
pool_join(struct pool *pool, struct route *route)
{
	struct route *other = least(pool, route);

	if (other && other->taken > route->taken)
		route->taken = other->taken;
}

/* ---- Health ------------------------------------------------------------------ */

void
pool_settle(struct pool *pool)
{
	bool primary = false;

	for (struct route *it = pool->first; it; it = it->next)
		primary |= it->kind != ROUTE_DESTINATION && it->share > 0 &&
			   route_is_up(it);
	for (struct route *it = pool->first; it; it = it->next) {
		if (it->kind == ROUTE_DESTINATION || it->share > 0)
			continue;
		if (primary && it->state == RUN_PART_UP) {
			it->state = RUN_PART_STANDBY;
		} else if (!primary && it->state == RUN_PART_STANDBY) {
			it->state = RUN_PART_UP;
			pool_join(pool, it);
		}
	}
}

bool
pool_is_lost(const struct pool *pool, const struct route **last)
{
	*last = NULL;
	for (const struct route *it = pool->first; it; it = it->next) {
		if (it->kind == ROUTE_DESTINATION || it->state == RUN_PART_HELD)
			continue;
		if (route_is_alive(it))
			return false;
		*last = it;
	}
	return *last != NULL;
}

bool
pool_is_used_up(const struct pool *pool)
{
	bool any = false;

	for (const struct route *it = pool->first; it; it = it->next) {
		if (it->kind == ROUTE_DESTINATION || it->share == 0 ||
		    !route_is_alive(it))
			continue;
		if (it->day_left)
			return false;
		any = true;
	}
	return any;
}
