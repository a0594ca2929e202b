/* The life of a route: it works, it fails and rests, it comes back, or it is
 * taken out.  Resting begins with the first failure that counts, because the
 * rows of a route that is in trouble are better off elsewhere at once. */
#include "core/deliver/route.h"

#include <stdlib.h>

#include "core/base/mem.h"

enum { SHARE_UNIT = 1000 * 1000 };

struct route *
route_new(const struct route_plan *plan, int64_t now_ms)
{
	struct route *route = mem_new(sizeof *route);

	route->kind = plan->kind;
	route->parent = plan->parent;
	route->relay = plan->relay;
	span_text(route->name, sizeof route->name, span_of(plan->name));
	route->group = plan->group;
	route->share = plan->share;
	route->per_session = plan->per_session;
	route->day_left = plan->day_left;
	route->took_ms = now_ms;
	route->queue_tail = &route->queue;
	pace_init(&route->pace, plan->sessions, plan->rate_per_s, now_ms);
	return route;
}

void
route_free(struct route **route)
{
	struct route *it = *route;

	if (!it)
		return;
	for (int i = 0; i < it->hops; i++)
		hop_free(&it->hop[i]);
	free(it);
	*route = NULL;
}

void
route_limit(struct route *route, int rate, int rate_cap, int64_t now_ms)
{
	struct relay_pace *pace = &route->pace;

	slow_init(&pace->slow, pace->slow.sessions_max,
	    (int64_t)rate * PACE_MILLI, (int64_t)rate_cap * PACE_MILLI, now_ms);
	bucket_init(&pace->bucket, pace->slow.rate, now_ms);
}

void
route_swap(struct route *route, struct route *fresh)
{
	struct route was = *route;

	*route = *fresh;
	route->next = was.next;
	route->number = was.number;
	route->queue_tail = &route->queue;
	was.next = fresh->next;
	was.number = fresh->number;
	*fresh = was;
	fresh->queue_tail = &fresh->queue;
}

void
route_add_hop(struct route *route, struct hop **taken)
{
	if (route->hops < ROUTE_HOPS_MAX) {
		route->hop[route->hops++] = *taken;
		*taken = NULL;
	}
	hop_free(taken);
}

void
route_replace_hop(struct route *route, int at, struct hop **taken)
{
	(*taken)->older = route->hop[at];
	route->hop[at] = *taken;
	*taken = NULL;
}

void
route_queue(struct route *route, struct claim **taken)
{
	*route->queue_tail = *taken;
	for (; *route->queue_tail; route->queued++)
		route->queue_tail = &(*route->queue_tail)->next;
	*taken = NULL;
}

struct claim *
route_unqueue(struct route *route)
{
	struct claim *claim = route->queue;

	if (!claim)
		return NULL;
	route->queue = claim->next;
	if (!route->queue)
		route->queue_tail = &route->queue;
	route->queued--;
	claim->next = NULL;
	return claim;
}

bool
route_is_up(const struct route *route)
{
	return route->state == RUN_PART_UP;
}

bool
route_is_alive(const struct route *route)
{
	return route->state == RUN_PART_UP ||
	       route->state == RUN_PART_STANDBY ||
	       (route->state == RUN_PART_RESTING &&
		   !pace_is_down(&route->pace));
}

bool
route_may_dial(
    struct route *route, int64_t now_ms, struct hop **hop, unsigned *epoch)
{
	if (route->state > RUN_PART_RESTING || !route->hops ||
	    route->state == RUN_PART_STANDBY || !route->day_left ||
	    !pace_may_dial(&route->pace, route->open, now_ms))
		return false;
	route->open++;
	*hop = route->hop[route->at];
	*epoch = route->pace.epoch;
	return true;
}

enum route_turn
route_ready(struct route *route)
{
	route->failed_hops = 0;
	pace_proven(&route->pace);
	if (route->state != RUN_PART_RESTING)
		return ROUTE_AS_BEFORE;
	route->state = RUN_PART_UP;
	route->why = (struct err){0};
	return ROUTE_RETURNED;
}

/* The next exchanger is tried at once, while there is one that has not failed
 * since the last success. */
static bool
has_other_hop(struct route *route, enum route_end end)
{
	if (route->hops < 2 || end == ROUTE_END_LATE)
		return false;
	route->at = (route->at + 1) % route->hops;
	if (++route->failed_hops < route->hops)
		return true;
	route->failed_hops = 0;
	return false;
}

enum route_turn
route_closed(struct route *route, unsigned epoch, enum route_end end,
    const struct err *why, int64_t now_ms)
{
	bool was_up = route->state < RUN_PART_RESTING;

	route->open--;
	if (!why) {
		if (epoch == route->pace.epoch)
			route->pace.probing = false;
		return ROUTE_AS_BEFORE;
	}
	if (epoch != route->pace.epoch)
		return ROUTE_AS_BEFORE;
	if (has_other_hop(route, end)) {
		route->pace.probing = route->pace.proven = false;
		return ROUTE_AS_BEFORE;
	}
	pace_failed(&route->pace, epoch, now_ms);
	if (route->state > RUN_PART_RESTING)
		return ROUTE_AS_BEFORE;
	route->why = *why;
	if (pace_is_hopeless(why)) {
		route->state = RUN_PART_STOPPED;
		return ROUTE_STOPPED;
	}
	route->state = RUN_PART_RESTING;
	return was_up ? ROUTE_RESTS : ROUTE_AS_BEFORE;
}

bool
route_refusal(
    const struct route *route, const struct err *why, struct outcome_reply *out)
{
	struct span said = span_of(err_find(why, "reply"));
	int64_t code;

	if (why->code != E_SMTP_REPLY ||
	    !span_int(span_slice(said, 0, 3), &code) || code < 400)
		return false;
	*out = (struct outcome_reply){
	    .stage = SMTP_STAGE_GREET,
	    .group = route->group < 0 ? GROUP_OTHER : (enum group)route->group,
	    .peer = route->kind == ROUTE_DESTINATION ? WHO_REMOTE : WHO_RELAY,
	    .code = (int)code,
	    .enhanced = "",
	    .raw = said,
	};
	return true;
}

void
route_stop(struct route *route, enum run_part_state state,
    const struct err *why, int64_t until_ms)
{
	route->state = state;
	route->why = why ? *why : (struct err){0};
	route->until_ms = until_ms;
}

void
route_use(struct route *route, int64_t now_ms)
{
	route->state = RUN_PART_UP;
	route->why = (struct err){0};
	route->until_ms = 0;
	route->failed_hops = 0;
	pace_forgive(&route->pace, now_ms);
}

enum route_turn
route_tick(struct route *route, int64_t now_ms)
{
	if (route->state != RUN_PART_SUSPENDED || !route->until_ms ||
	    now_ms < route->until_ms)
		return ROUTE_AS_BEFORE;
	route_use(route, now_ms);
	return ROUTE_RETURNED;
}

static void
weigh(struct route *route, int count)
{
	int share = route->share > 0 ? route->share : 1;

	route->taken += (int64_t)count * (SHARE_UNIT / share);
}

int
route_grant(struct route *route, int wish, int64_t now_ms)
{
	if (route->state != RUN_PART_UP && route->state != RUN_PART_RESTING)
		return 0;
	if (route->day_left >= 0 && wish > route->day_left)
		wish = (int)route->day_left;
	wish = bucket_take(&route->pace.bucket, wish, now_ms);
	if (!wish)
		return 0;
	if (route->day_left >= 0)
		route->day_left -= wish;
	route->took_ms = now_ms;
	weigh(route, wish);
	return wish;
}

void
route_refund(struct route *route, int count)
{
	bucket_refund(&route->pace.bucket, count);
	if (route->day_left >= 0)
		route->day_left += count;
	weigh(route, -count);
}

void
route_fill(const struct route *route, int64_t now_ms, int64_t wall_ms,
    struct run_part *out)
{
	const struct meter *meter = &route->meter;
	int64_t until = route->state == RUN_PART_RESTING
			    ? route->pace.dial_after_ms
			    : route->until_ms;

	*out = (struct run_part){
	    .id = route->relay,
	    .state = route->state,
	    .until_ms = until > now_ms ? wall_ms + until - now_ms : 0,
	    .why = route->why,
	    .share = route->share,
	    .sessions_open = route->open,
	    .sessions_cap = route->pace.slow.sessions,
	    .rate_limit = (double)route->pace.bucket.rate / PACE_MILLI,
	    .day_left = route->day_left,
	};
	span_text(out->name, sizeof out->name, span_of(route->name));
	meter_fill(meter, now_ms, out);
}
