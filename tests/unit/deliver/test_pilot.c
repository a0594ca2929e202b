/* The pilot: how large it is, what its replies mean, and that nothing but the
 * pilot leaves before they are in, whatever happens to the process. */
#include "tests/unit/unit.h"

#include <stdlib.h>

#include "core/base/mem.h"
#include "core/deliver/pilot.h"
#include "tests/fake/sending.h"

/* ---- Size and verdict -------------------------------------------------------- */

static void
sizes(void **state)
{
	static const struct {
		int64_t percent, most, planned, size;
	} cases[] = {
	    {1, 500, 0, 0},
	    {1, 500, 99, 0}, /* one in a hundred of fewer is nobody */
	    {1, 500, 100, 1},
	    {1, 500, 1999, 19},
	    {1, 500, 50000, 500},
	    {1, 500, 1000000, 500},
	    {0, 500, 1000000, 0},
	    {50, 100000, 3, 1},
	    {50, 2, 100, 2},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct pilot_rule rule = {
		    .percent = cases[i].percent, .most = cases[i].most};

		assert_int_equal(
		    pilot_size(&rule, cases[i].planned), cases[i].size);
	}
}

struct verdict_case {
	/* of a pilot of 100 in 10,000 rows */
	int64_t accepted, deferred, failed, in_doubt, claimed, withheld;
	int64_t in_a_row, changed;
	bool waits;
	enum pilot_verdict verdict;
	const char *found;
};

static const struct verdict_case verdicts[] = {
    {.accepted = 0, .verdict = PILOT_WAIT},
    {.accepted = 99, .verdict = PILOT_WAIT},
    {.accepted = 99, .claimed = 1, .verdict = PILOT_WAIT},
    {.accepted = 100, .verdict = PILOT_GO},
    {.accepted = 98, .failed = 2, .verdict = PILOT_GO},
    {.accepted = 97, .failed = 3, .verdict = PILOT_STOP, .found = "bounces"},
    /* it need not be over to be lost */
    {.accepted = 5, .failed = 3, .verdict = PILOT_STOP, .found = "bounces"},
    {.accepted = 5, .failed = 2, .in_a_row = 2, .verdict = PILOT_WAIT},
    {.accepted = 5,
	.failed = 2,
	.in_a_row = 5,
	.verdict = PILOT_STOP,
	.found = "burst"},
    {.accepted = 50, .deferred = 50, .verdict = PILOT_GO},
    {.accepted = 49,
	.deferred = 51,
	.verdict = PILOT_STOP,
	.found = "deferred"},
    {.accepted = 40,
	.in_doubt = 60,
	.verdict = PILOT_STOP,
	.found = "deferred"},
    {.accepted = 45, .withheld = 55, .verdict = PILOT_GO},
    {.accepted = 99,
	.withheld = 1,
	.changed = 1,
	.verdict = PILOT_STOP,
	.found = "changed"},
    {.accepted = 100, .waits = true, .verdict = PILOT_STOP, .found = "look"},
    {.accepted = 99, .waits = true, .verdict = PILOT_WAIT},
};

static void
judge(const struct verdict_case *it, size_t number)
{
	struct pilot pilot = {
	    .state = RUN_PILOT_UNDER_WAY,
	    .rule = {.bounces = 2, .burst = 5, .waits = it->waits},
	    .size = 100,
	    .base = 10000,
	    .withheld_before = 7,
	    .refused_in_a_row = it->in_a_row,
	    .changed = it->changed,
	};
	int64_t count[LEDGER_STATES] = {
	    [LEDGER_ACCEPTED] = it->accepted,
	    [LEDGER_DEFERRED] = it->deferred,
	    [LEDGER_FAILED] = it->failed,
	    [LEDGER_IN_DOUBT] = it->in_doubt,
	    [LEDGER_CLAIMED] = it->claimed,
	    [LEDGER_WITHHELD] = 7 + it->withheld,
	};
	struct err why = {0};

	count[LEDGER_PLANNED] = pilot.base - it->accepted - it->deferred -
				it->failed - it->in_doubt - it->claimed -
				it->withheld;
	if (pilot_judge(&pilot, count, &why) != it->verdict)
		fail_msg("case %zu: found %s", number, err_find(&why, "found"));
	if (it->found)
		assert_string_equal(err_find(&why, "found"), it->found);
}

static void
what_replies_mean(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof verdicts / sizeof *verdicts; i++)
		judge(&verdicts[i], i);
}

static void
refusals_in_a_row(void **state)
{
	struct pilot pilot = {.state = RUN_PILOT_UNDER_WAY};

	(void)state;
	pilot_note(&pilot, LEDGER_FAILED, 550);
	pilot_note(&pilot, LEDGER_PLANNED, 0);
	pilot_note(&pilot, LEDGER_WITHHELD, 0);
	pilot_note(&pilot, LEDGER_FAILED, 554);
	assert_int_equal(pilot.refused_in_a_row, 2);
	pilot_note(&pilot, LEDGER_DEFERRED, 450);
	assert_int_equal(pilot.refused_in_a_row, 0);
	pilot_note(&pilot, LEDGER_FAILED, 0); /* nobody refused it */
	assert_int_equal(pilot.refused_in_a_row, 0);
}

/* ---- Runs --------------------------------------------------------------------- */

static int
set_up(void **state)
{
	struct sending *it = mem_new(sizeof *it);

	sending_open(it, PRACTICE_LIFELIKE);
	*state = it;
	return 0;
}

static int
tear_down(void **state)
{
	sending_close(*state);
	free(*state);
	return 0;
}

/* Seals a campaign to people whose addresses begin with prefix, which the
 * practice relay understands. */
static void
seal(struct sending *it, int recipients, const char *prefix)
{
	struct sealed_plan plan = sending_plan(it, recipients, CLASS_AD);

	plan.prefix = prefix;
	sending_seal(it, &plan);
}

static void
assert_found(const struct sending *it, const char *found)
{
	assert_int_equal(it->now.state, RUN_PAUSED);
	assert_int_equal(it->now.why.code, E_RUN_PILOT);
	assert_string_equal(err_find(&it->now.why, "found"), found);
	assert_int_equal(it->now.pilot.state, RUN_PILOT_LOOK);
}

static void
a_good_pilot_is_followed(void **state)
{
	struct sending *it = *state;

	seal(it, 400, NULL);
	sending_start(it);
	sending_rest(it);
	assert_int_equal(it->now.state, RUN_DONE);
	assert_int_equal(it->now.count[LEDGER_ACCEPTED], 400);
	assert_int_equal(it->now.pilot.state, RUN_PILOT_PASSED);
	assert_int_equal(it->now.pilot.size, 4);
	assert_int_equal(sending_logged(it, "run.pilot"), 1);
}

static void
few_go_without(void **state)
{
	struct sending *it = *state;

	seal(it, 99, NULL);
	sending_start(it);
	sending_rest(it);
	assert_int_equal(it->now.state, RUN_DONE);
	assert_int_equal(it->now.pilot.state, RUN_PILOT_NONE);
	assert_int_equal(sending_logged(it, "run.pilot"), 0);
}

static void
a_bad_pilot_is_the_end_until_somebody_looks(void **state)
{
	struct sending *it = *state;
	struct err err = {0};

	sending_set(it, "pilot.burst", "100");
	seal(it, 1000, "unknown-");
	sending_start(it);
	sending_rest(it);
	assert_found(it, "bounces");
	assert_true(it->now.count[LEDGER_FAILED] >= 1);
	assert_true(it->now.count[LEDGER_FAILED] <= 10);
	assert_true(it->now.count[LEDGER_PLANNED] >= 990);
	assert_true(practice_count(it->practice).rejected <= 10);
	assert_int_equal(sending_logged(it, "run.pause"), 1);
	/* a person says so; the guards for everything go on */
	assert_ok(run_resume(it->run, &err), &err);
	sending_rest(it);
	assert_int_equal(it->now.state, RUN_PAUSED);
	assert_int_equal(it->now.why.code, E_RUN_GUARD);
	assert_int_equal(it->now.pilot.state, RUN_PILOT_PASSED);
	assert_true(it->now.count[LEDGER_FAILED] > 10);
}

static void
a_deferred_pilot_says_nothing(void **state)
{
	struct sending *it = *state;

	seal(it, 1000, "later-");
	sending_start(it);
	sending_rest(it);
	assert_found(it, "deferred");
	assert_int_equal(it->now.count[LEDGER_DEFERRED], 10);
	assert_int_equal(it->now.count[LEDGER_PLANNED], 990);
	assert_int_equal(practice_count(it->practice).deferred, 10);
}

static void
policy_may_want_a_look(void **state)
{
	struct sending *it = *state;
	struct err err = {0};

	sending_set(it, "pilot.after", "wait");
	sending_set(it, "pilot.percent", "5");
	sending_set(it, "pilot.size", "30");
	seal(it, 1000, NULL);
	sending_start(it);
	sending_rest(it);
	assert_found(it, "look");
	assert_int_equal(practice_count(it->practice).accepted, 30);
	assert_ok(run_resume(it->run, &err), &err);
	sending_rest(it);
	assert_int_equal(it->now.state, RUN_DONE);
	assert_int_equal(practice_count(it->practice).accepted, 1000);
}

/* The pause of a person in the middle is not the end of the pilot. */
static void
paused_in_the_middle(void **state)
{
	struct sending *it = *state;
	struct err err = {0};

	sending_set(it, "pilot.after", "wait");
	seal(it, 2000, NULL);
	sending_start(it);
	if (run_pause(it->run, &err) == 0) {
		sending_rest(it);
		assert_int_equal(it->now.state, RUN_PAUSED);
		if (it->now.why.code == E_NONE)
			assert_ok(run_resume(it->run, &err), &err);
	}
	sending_rest(it);
	assert_found(it, "look");
	assert_int_equal(practice_count(it->practice).accepted, 20);
}

static void
a_killed_pilot_goes_on_as_pilot(void **state)
{
	struct sending *it = *state;
	struct err err = {0};

	sending_set(it, "pilot.after", "wait");
	seal(it, 1000, NULL);
	sending_start(it);
	run_free(&it->run); /* somewhere in it */
	sending_start(it);
	sending_rest(it);
	assert_found(it, "look");
	assert_int_equal(practice_count(it->practice).accepted, 10);
	run_free(&it->run); /* while somebody should look */
	sending_start(it);
	sending_rest(it);
	assert_found(it, "look");
	assert_int_equal(practice_count(it->practice).accepted, 10);
	assert_ok(run_resume(it->run, &err), &err);
	sending_rest(it);
	assert_int_equal(it->now.state, RUN_DONE);
	run_free(&it->run);
	assert_int_equal(practice_count(it->practice).accepted, 1000);
	assert_int_equal(sending_logged(it, "run.pilot"), 1);
}

/* Every provider group has its part of the pilot. */
static void
groups_share_the_pilot(void **state)
{
	static const char *const houses[] = {
	    "@docomo.ne.jp", "@gmail.com", "@example.jp", "@yahoo.co.jp"};
	struct sending *it = *state;
	struct sealed_plan plan = sending_plan(it, 400, CLASS_AD);
	const char **addresses = mem_array(400, sizeof *addresses);
	struct arena *arena = arena_new();
	int seen = 0;

	for (int i = 0; i < 400; i++) {
		struct buf text = BUF_INIT;

		buf_printf(&text, "p%d%s", i, houses[i / 100]);
		buf_char(&text, '\0');
		addresses[i] = arena_copy(arena, buf_span(&text)).ptr;
		buf_done(&text);
	}
	plan.addresses = addresses;
	sending_set(it, "pilot.after", "wait");
	sending_set(it, "pilot.percent", "2");
	sending_seal(it, &plan);
	sending_start(it);
	sending_rest(it);
	assert_found(it, "look");
	for (int i = 0; i < it->now.groups; i++)
		seen += it->now.group[i].accepted > 0;
	assert_int_equal(practice_count(it->practice).accepted, 8);
	assert_true(seen >= 3);
	arena_free(&arena);
	free(addresses);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(sizes),
	    cmocka_unit_test(what_replies_mean),
	    cmocka_unit_test(refusals_in_a_row),
	    cmocka_unit_test_setup_teardown(
		a_good_pilot_is_followed, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(few_go_without, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(
		a_bad_pilot_is_the_end_until_somebody_looks, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(
		a_deferred_pilot_says_nothing, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(
		policy_may_want_a_look, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(
		paused_in_the_middle, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(
		a_killed_pilot_goes_on_as_pilot, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(
		groups_share_the_pilot, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
