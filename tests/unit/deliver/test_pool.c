/* The life of routes, and who of them gets the next message. */
#include "tests/unit/unit.h"

#include "core/base/mem.h"
#include "core/deliver/pool.h"

enum { SECOND = 1000, MINUTE = 60 * SECOND };

/* Without limits for anybody. */
static const struct flow free_flow;

static struct route *
add(struct pool *pool, int64_t relay, int share, int hops)
{
	struct route_plan plan = {
	    .kind = ROUTE_RELAY,
	    .relay = relay,
	    .name = relay == 1   ? "one"
		    : relay == 2 ? "two"
				 : "three",
	    .group = -1,
	    .share = share,
	    .sessions = 4,
	    .per_session = 100,
	    .day_left = -1,
	};
	struct route *route = route_new(&plan, 0), *kept = route;

	for (int i = 0; i < hops; i++) {
		struct hop *hop = mem_new(sizeof *hop);

		route_add_hop(route, &hop);
	}
	pool_add(pool, &route);
	return kept;
}

/* Dials the route and comes through. */
static unsigned
connect_to(struct route *route, int64_t now)
{
	struct hop *hop;
	unsigned epoch;

	assert_true(route_may_dial(route, now, &hop, &epoch));
	route_ready(route);
	return epoch;
}

static struct err
trouble(enum err_code code)
{
	struct err why = {0};

	err_set(&why, code);
	return why;
}

/* Messages per route when all that is granted goes at once. */
static void
deal(struct pool *pool, struct route *const *routes, int count, int rounds,
    int *got)
{
	for (int i = 0; i < rounds; i++) {
		for (int at = 0; at < count; at++)
			got[at] += pool_grant(pool, routes[at], 1, 0);
	}
}

static void
messages_follow_the_shares(void **state)
{
	struct pool pool;
	struct route *routes[3];
	int got[3] = {0};

	(void)state;
	pool_init(&pool, 0, 0);
	routes[0] = add(&pool, 1, 6, 1);
	routes[1] = add(&pool, 2, 3, 1);
	routes[2] = add(&pool, 3, 1, 1);
	for (int i = 0; i < 3; i++)
		connect_to(routes[i], 0);
	deal(&pool, routes, 3, 10000, got);
	/* each may be 32 messages ahead */
	assert_in_range(got[0] * 10 / got[2], 55, 65);
	assert_in_range(got[1] * 10 / got[2], 27, 33);
	pool_done(&pool);
}

/* A relay that takes nothing must not stop the fast one for good. */
static void
a_slow_relay_is_waited_for_a_second(void **state)
{
	struct pool pool;
	struct route *fast, *slow;
	int got = 0;

	(void)state;
	pool_init(&pool, 0, 0);
	fast = add(&pool, 1, 1, 1);
	slow = add(&pool, 2, 1, 1);
	connect_to(fast, 0);
	connect_to(slow, 0);
	while (pool_grant(&pool, fast, 1, SECOND))
		got++;
	assert_in_range(got, 32, 33);
	assert_int_equal(pool_grant(&pool, fast, 1, 1999), 0);
	assert_int_equal(pool_grant(&pool, fast, 1, 2000), 1);
	/* and it is not paid back all that it missed */
	assert_true(slow->taken >= fast->taken - 33 * 1000 * 1000);
	pool_done(&pool);
}

static void
who_comes_late_begins_level(void **state)
{
	struct pool pool;
	struct route *routes[2];
	int got[2] = {0};

	(void)state;
	pool_init(&pool, 0, 0);
	routes[0] = add(&pool, 1, 1, 1);
	connect_to(routes[0], 0);
	for (int i = 0; i < 5000; i++)
		assert_int_equal(pool_grant(&pool, routes[0], 1, 0), 1);
	routes[1] = add(&pool, 2, 1, 1);
	connect_to(routes[1], 0);
	pool_join(&pool, routes[1]);
	deal(&pool, routes, 2, 1000, got);
	assert_in_range(got[0], got[1] - 40, got[1] + 40);
	pool_done(&pool);
}

static void
stand_by_works_while_the_others_are_down(void **state)
{
	struct pool pool;
	struct route *first, *spare;
	struct hop *hop;
	unsigned epoch;
	struct err why = trouble(E_NET_CONNECT);

	(void)state;
	pool_init(&pool, 0, 0);
	first = add(&pool, 1, 1, 1);
	spare = add(&pool, 2, 0, 1);
	assert_int_equal(spare->state, RUN_PART_STANDBY);
	assert_int_equal(pool_grant(&pool, spare, 1, 0), 0);
	assert_ptr_equal(
	    pool_dial(&pool, &free_flow, POOL_ROWS, 0, &hop, &epoch), first);
	assert_null(pool_dial(&pool, &free_flow, POOL_ROWS, 0, &hop, &epoch));
	assert_int_equal(
	    route_closed(first, epoch, ROUTE_END_EARLY, &why, 0), ROUTE_RESTS);
	pool_settle(&pool);
	assert_int_equal(spare->state, RUN_PART_UP);
	assert_ptr_equal(
	    pool_dial(&pool, &free_flow, POOL_ROWS, 0, &hop, &epoch), spare);
	/* the first one's time has come: one session tries it */
	assert_ptr_equal(
	    pool_dial(&pool, &free_flow, POOL_ROWS, SECOND, &hop, &epoch),
	    first);
	assert_int_equal(route_ready(first), ROUTE_RETURNED);
	pool_settle(&pool);
	assert_int_equal(spare->state, RUN_PART_STANDBY);
	assert_int_equal(pool_grant(&pool, spare, 1, SECOND), 0);
	pool_done(&pool);
}

static void
the_pool_is_lost_when_nobody_is_left(void **state)
{
	struct pool pool;
	struct route *one, *two;
	const struct route *last;
	struct err why = trouble(E_SMTP_AUTH);
	int64_t now = 0;

	(void)state;
	pool_init(&pool, 0, 0);
	one = add(&pool, 1, 1, 1);
	two = add(&pool, 2, 1, 1);
	/* a wrong password is not tried twice */
	assert_int_equal(
	    route_closed(one, connect_to(one, now), ROUTE_END_EARLY, &why, now),
	    ROUTE_STOPPED);
	assert_false(pool_is_lost(&pool, &last));
	assert_false(route_is_alive(one));
	why = trouble(E_NET_CONNECT);
	for (int i = 0; i < PACE_FAILURES_MAX; i++) {
		struct hop *hop;
		unsigned epoch;

		assert_false(pool_is_lost(&pool, &last));
		now += 10 * MINUTE;
		assert_true(route_may_dial(two, now, &hop, &epoch));
		route_closed(two, epoch, ROUTE_END_EARLY, &why, now);
	}
	assert_true(pool_is_lost(&pool, &last));
	route_use(one, now);
	assert_false(pool_is_lost(&pool, &last));
	/* those that the operator holds back are not lost */
	route_stop(one, RUN_PART_HELD, NULL, 0);
	route_stop(two, RUN_PART_HELD, NULL, 0);
	assert_false(pool_is_lost(&pool, &last));
	pool_done(&pool);
}

static void
a_suspended_relay_comes_back_by_itself(void **state)
{
	struct pool pool;
	struct route *one;
	struct hop *hop;
	unsigned epoch;
	struct err why = trouble(E_RUN_GUARD);

	(void)state;
	pool_init(&pool, 0, 0);
	one = add(&pool, 1, 1, 1);
	route_stop(one, RUN_PART_SUSPENDED, &why, 60 * MINUTE);
	assert_false(route_may_dial(one, 59 * MINUTE, &hop, &epoch));
	assert_int_equal(route_grant(one, 1, 59 * MINUTE), 0);
	assert_int_equal(route_tick(one, 59 * MINUTE), ROUTE_AS_BEFORE);
	assert_int_equal(route_tick(one, 60 * MINUTE), ROUTE_RETURNED);
	assert_true(route_may_dial(one, 60 * MINUTE, &hop, &epoch));
	pool_done(&pool);
}

/* An exchanger that is down is not the destination being down. */
static void
hops_are_tried_in_order(void **state)
{
	struct pool pool;
	struct route *route;
	struct hop *hop;
	unsigned epoch;
	struct err why = trouble(E_NET_CONNECT);

	(void)state;
	pool_init(&pool, 0, 0);
	route = add(&pool, 1, 1, 3);
	for (int i = 0; i < 3; i++) {
		assert_true(route_may_dial(route, 0, &hop, &epoch));
		assert_ptr_equal(hop, route->hop[i]);
		assert_int_equal(
		    route_closed(route, epoch, ROUTE_END_EARLY, &why, 0),
		    i < 2 ? ROUTE_AS_BEFORE : ROUTE_RESTS);
	}
	assert_false(route_may_dial(route, 0, &hop, &epoch));
	assert_true(route_may_dial(route, SECOND, &hop, &epoch));
	assert_ptr_equal(hop, route->hop[0]);
	/* one that worked is not left because it ended later */
	route_ready(route);
	route_closed(route, epoch, ROUTE_END_LATE, &why, SECOND);
	assert_int_equal(route->at, 0);
	pool_done(&pool);
}

static void
a_warm_up_ends_the_day(void **state)
{
	struct pool pool;
	struct route *one, *two;

	(void)state;
	pool_init(&pool, 0, 0);
	one = add(&pool, 1, 1, 1);
	two = add(&pool, 2, 1, 1);
	connect_to(one, 0);
	one->day_left = 5;
	assert_int_equal(pool_grant(&pool, one, 10, 0), 5);
	assert_int_equal(pool_grant(&pool, one, 10, 0), 0);
	pool_refund(&pool, one, 1);
	assert_int_equal(pool_grant(&pool, one, 10, 0), 1);
	assert_false(pool_is_used_up(&pool));
	two->day_left = 0;
	assert_true(pool_is_used_up(&pool));
	pool_done(&pool);
}

static void
the_whole_run_has_a_rate(void **state)
{
	struct pool pool;
	struct route *routes[2];
	int got = 0;

	(void)state;
	pool_init(&pool, 100, 0);
	routes[0] = add(&pool, 1, 1, 1);
	routes[1] = add(&pool, 2, 1, 1);
	connect_to(routes[0], 0);
	connect_to(routes[1], 0);
	for (int64_t now = 0; now <= 10 * SECOND; now += 5) {
		for (int i = 0; i < 2; i++)
			got += pool_grant(&pool, routes[i], 1, now);
	}
	assert_in_range(got, 1000, 1011);
	pool_done(&pool);
}

static void
figures_name_the_end_of_a_rest(void **state)
{
	struct pool pool;
	struct route *one;
	struct run_part part;
	struct err why = trouble(E_NET_CONNECT);

	(void)state;
	pool_init(&pool, 0, 0);
	one = add(&pool, 7, 2, 1);
	route_closed(one, connect_to(one, 0), ROUTE_END_LATE, &why, 100);
	route_fill(one, 600, 1000000, &part);
	assert_int_equal(part.id, 7);
	assert_string_equal(part.name, "three");
	assert_int_equal(part.state, RUN_PART_RESTING);
	/* a second after the failure, which was half a second ago */
	assert_int_equal(part.until_ms, 1000500);
	assert_int_equal(part.why.code, E_NET_CONNECT);
	assert_int_equal(part.sessions_cap, 4);
	assert_int_equal(part.p50_ms, -1);
	pool_done(&pool);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(messages_follow_the_shares),
	    cmocka_unit_test(a_slow_relay_is_waited_for_a_second),
	    cmocka_unit_test(who_comes_late_begins_level),
	    cmocka_unit_test(stand_by_works_while_the_others_are_down),
	    cmocka_unit_test(the_pool_is_lost_when_nobody_is_left),
	    cmocka_unit_test(a_suspended_relay_comes_back_by_itself),
	    cmocka_unit_test(hops_are_tried_in_order),
	    cmocka_unit_test(a_warm_up_ends_the_day),
	    cmocka_unit_test(the_whole_run_has_a_rate),
	    cmocka_unit_test(figures_name_the_end_of_a_rest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
