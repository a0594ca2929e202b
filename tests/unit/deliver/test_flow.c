/* Whose row is next, and what a provider group is given. */
#include "tests/unit/unit.h"

#include "core/deliver/flow.h"
#include "tests/fake/tempstore.h"

enum { SECOND = 1000, MINUTE = 60 * SECOND };

static struct err
because(void)
{
	struct err why = {0};

	err_set(&why, E_RUN_GUARD);
	return why;
}

/* Everybody gets a turn, however many rows the others have. */
static void
groups_are_served_in_turn(void **state)
{
	struct flow flow;
	int ready[LEDGER_GROUPS] = {0};
	int got[GROUP_COUNT] = {0};

	(void)state;
	flow_init(&flow, FLOW_FREE, 0);
	ready[GROUP_OTHER] = 1000;
	ready[GROUP_GOOGLE] = 10;
	ready[GROUP_AU] = 10;
	for (int i = 0; i < 30; i++)
		got[flow_next(&flow, ready, 0)]++;
	assert_int_equal(got[GROUP_OTHER], 10);
	assert_int_equal(got[GROUP_GOOGLE], 10);
	assert_int_equal(got[GROUP_AU], 10);
	/* the last one with rows gets all turns */
	ready[GROUP_GOOGLE] = ready[GROUP_AU] = 0;
	for (int i = 0; i < 30; i++)
		assert_int_equal(flow_next(&flow, ready, 0), GROUP_OTHER);
	ready[GROUP_OTHER] = 0;
	assert_int_equal(flow_next(&flow, ready, 0), -1);
}

static void
a_suspended_group_blocks_nobody(void **state)
{
	struct flow flow;
	int ready[LEDGER_GROUPS] = {0};
	struct err why = because();

	(void)state;
	flow_init(&flow, FLOW_FREE, 0);
	ready[GROUP_GOOGLE] = ready[GROUP_YAHOO] = 5;
	flow_suspend(&flow, GROUP_GOOGLE, &why, 15 * MINUTE, 0);
	assert_false(flow_is_open(&flow, GROUP_GOOGLE));
	for (int i = 0; i < 5; i++)
		assert_int_equal(flow_next(&flow, ready, 0), GROUP_YAHOO);
	assert_int_equal(flow_next_ms(&flow), 15 * MINUTE);
	assert_int_equal(
	    flow_tick(&flow, GROUP_GOOGLE, 15 * MINUTE - 1), FLOW_SAME);
	assert_int_equal(
	    flow_tick(&flow, GROUP_GOOGLE, 15 * MINUTE), FLOW_RESUMED);
	assert_true(flow_is_open(&flow, GROUP_GOOGLE));
	assert_int_equal(flow_next_ms(&flow), INT64_MAX);
}

static void
the_table_holds_when_it_is_to(void **state)
{
	struct flow flow;
	int ready[LEDGER_GROUPS] = {0};
	int started = 0, at_once = 0;

	(void)state;
	flow_init(&flow, FLOW_PACED, 0);
	ready[GROUP_DOCOMO] = 1000;
	/* one a second to begin with */
	for (int64_t now = 0; now < 60 * SECOND; now += 100) {
		while (flow_next(&flow, ready, now) == GROUP_DOCOMO) {
			started++;
			flow_ended(&flow, GROUP_DOCOMO, FLOW_ENDED);
		}
	}
	assert_in_range(started, 60, 61);
	/* two at the same time */
	for (int64_t now = 60 * SECOND; now < 70 * SECOND; now += 100)
		at_once += flow_next(&flow, ready, now) == GROUP_DOCOMO;
	assert_int_equal(at_once, 2);
	assert_true(flow_may_connect(&flow, GROUP_DOCOMO));
	flow.group[GROUP_DOCOMO].open = 2;
	assert_false(flow_may_connect(&flow, GROUP_DOCOMO));
}

static void
what_was_not_started_costs_nothing(void **state)
{
	struct flow flow;

	(void)state;
	flow_init(&flow, FLOW_PACED, 0);
	for (int i = 0; i < 10; i++) {
		assert_true(flow_start(&flow, GROUP_AU, 0));
		flow_ended(&flow, GROUP_AU, FLOW_NOT_STARTED);
	}
	assert_true(flow_start(&flow, GROUP_AU, 0));
	flow_ended(&flow, GROUP_AU, FLOW_ENDED);
	assert_false(flow_start(&flow, GROUP_AU, 0));
}

static void
a_throttle_halves_suspends_and_is_forgotten(void **state)
{
	struct flow flow;
	struct err why = because();
	int64_t now = 0;
	enum flow_turn turn = FLOW_SAME;

	(void)state;
	flow_init(&flow, FLOW_PACED, now);
	assert_true(flow_throttle(&flow, GROUP_GOOGLE, &why, 0, now));
	assert_int_equal(flow.group[GROUP_GOOGLE].slow.rate, 2500);
	assert_int_equal(flow.group[GROUP_GOOGLE].slow.sessions, 2);
	assert_false(flow_is_open(&flow, GROUP_GOOGLE));
	/* five sessions are told the same: once is enough */
	assert_false(flow_throttle(&flow, GROUP_GOOGLE, &why, 0, now + 1));
	now += group_limits(GROUP_GOOGLE)->suspend_ms;
	assert_int_equal(flow_tick(&flow, GROUP_GOOGLE, now), FLOW_RESUMED);
	/* the clean minutes begin when it is used again */
	assert_int_equal(flow_tick(&flow, GROUP_GOOGLE, now + 1), FLOW_SAME);
	assert_int_equal(flow.group[GROUP_GOOGLE].slow.rate, 2500);
	for (int i = 0; i < 100 && turn != FLOW_RECOVERED; i++) {
		now += SLOW_CLEAN_MS;
		turn = flow_tick(&flow, GROUP_GOOGLE, now);
	}
	assert_int_equal(turn, FLOW_RECOVERED);
	assert_int_equal(flow.group[GROUP_GOOGLE].slow.rate, 50000);
	assert_int_equal(flow.group[GROUP_GOOGLE].slow.sessions, 5);
}

static void
the_operator_comes_first(void **state)
{
	struct flow flow;
	struct err why = because();

	(void)state;
	flow_init(&flow, FLOW_FREE, 0);
	flow_hold(&flow, GROUP_GMX);
	flow_suspend(&flow, GROUP_GMX, &why, MINUTE, 0);
	assert_int_equal(flow.group[GROUP_GMX].state, RUN_PART_HELD);
	assert_int_equal(flow_tick(&flow, GROUP_GMX, 60 * MINUTE), FLOW_SAME);
	assert_false(flow_is_open(&flow, GROUP_GMX));
	flow_release(&flow, GROUP_GMX);
	assert_true(flow_is_open(&flow, GROUP_GMX));
	/* also out of a suspension */
	flow_suspend(&flow, GROUP_GMX, &why, MINUTE, 0);
	flow_release(&flow, GROUP_GMX);
	assert_true(flow_is_open(&flow, GROUP_GMX));
}

/* The next campaign begins where this one was, for a week. */
static void
what_was_learnt_is_kept(void **state)
{
	enum { NOW = 1000, WALL = 1000 * 1000 * 1000 };
	struct store *store = tempstore_open(clock_real());
	struct flow flow, next;
	struct db *db = NULL;
	struct err why = because(), err = {0};

	(void)state;
	flow_init(&flow, FLOW_PACED, NOW);
	flow_throttle(&flow, GROUP_YAHOO, &why, 0, NOW);
	assert_ok(store_begin(store, STORE_WAIT_LONG, "test", &db, &err), &err);
	assert_ok(flow_save(&flow, db, NOW, WALL, &err), &err);
	flow_init(&next, FLOW_PACED, 0);
	assert_ok(flow_load(&next, db, 0, WALL + 60 * MINUTE, &err), &err);
	assert_int_equal(next.group[GROUP_YAHOO].slow.rate, 1000);
	assert_int_equal(next.group[GROUP_YAHOO].slow.sessions, 2);
	assert_int_equal(next.group[GROUP_YAHOO].bucket.rate, 1000);
	/* two hours, of which one is over */
	assert_int_equal(next.group[GROUP_YAHOO].state, RUN_PART_SUSPENDED);
	assert_int_equal(next.group[GROUP_YAHOO].until_ms, 60 * MINUTE);
	assert_int_equal(next.group[GROUP_GOOGLE].slow.rate, 5000);
	flow_init(&next, FLOW_PACED, 0);
	assert_ok(
	    flow_load(&next, db, 0, WALL + 8LL * 24 * 60 * MINUTE, &err), &err);
	assert_int_equal(next.group[GROUP_YAHOO].slow.rate, 2000);
	assert_int_equal(next.group[GROUP_YAHOO].state, RUN_PART_UP);
	/* a run that is not paced knows no limits, but waits as told */
	flow_init(&next, FLOW_FREE, 0);
	assert_ok(flow_load(&next, db, 0, WALL, &err), &err);
	assert_int_equal(next.group[GROUP_YAHOO].slow.rate, 0);
	assert_int_equal(next.group[GROUP_YAHOO].state, RUN_PART_SUSPENDED);
	store_rollback(store, &db);
	tempstore_close(&store);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(groups_are_served_in_turn),
	    cmocka_unit_test(a_suspended_group_blocks_nobody),
	    cmocka_unit_test(the_table_holds_when_it_is_to),
	    cmocka_unit_test(what_was_not_started_costs_nothing),
	    cmocka_unit_test(a_throttle_halves_suspends_and_is_forgotten),
	    cmocka_unit_test(the_operator_comes_first),
	    cmocka_unit_test(what_was_learnt_is_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
