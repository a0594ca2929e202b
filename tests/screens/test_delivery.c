/* The live delivery: figures of the ledger, orders to the run, a guard's
 * pause, and what is left when it is over. */
#include "tests/fake/show.h"

#include <stdlib.h>

#include "tests/unit/unit.h"
#include "tui/screens/screens.h"

static const struct stage_params eight = {.recipients = 8,
    .class = CLASS_AD,
    .manners = PRACTICE_LIFELIKE,
    .sessions = 1};

/* As launch does it. */
static void
start_run(struct show *show)
{
	struct clearance *clearance = stage_clearance(&show->stage);
	struct run *run = NULL;
	const struct run_plan plan = {0};
	struct err err = {0};

	assert_ok(run_start(&clearance, &show->golden.world, show->stage.store,
		      &plan, &run, &err),
	    &err);
	session_take_run(&show->session, &run, show->stage.campaign);
	delivery_open(show->golden.app);
	golden_settle(&show->golden);
}

/* One is refused for good, one at first; the rest is accepted. */
static void
set_manners(struct show *show)
{
	stage_sql(&show->stage,
	    "UPDATE contact SET address = 'unknown-a@example.jp',"
	    " canon = 'unknown-a@example.jp' WHERE id = 3");
	stage_sql(&show->stage,
	    "UPDATE contact SET address = 'later-b@example.jp',"
	    " canon = 'later-b@example.jp' WHERE id = 5");
}

static void
shows_nothing_without_a_run(void **state)
{
	struct show show;

	(void)state;
	show_start(&show, &eight);
	delivery_open(show.golden.app);
	golden_check(&show.golden, "delivery-none");
	golden_keys(&show.golden, "p");
	assert_true(show_sees(&show, "Nothing is being sent."));
	golden_keys(&show.golden, "x r d o");
	assert_string_equal(show_top(&show), "delivery");
	show_end(&show);
}

static int64_t
sum(const struct run_progress *now)
{
	int64_t all = 0;

	for (int i = 0; i < LEDGER_STATES; i++)
		all += now->count[i];
	return all;
}

static bool
is_waiting(const struct run_progress *now)
{
	return now->state == RUN_WAITING && now->count[LEDGER_ACCEPTED] == 6;
}

/* Until the first attempts are over; a run that waits for retries does not
 * end by itself on a clock that stands still. */
static void
wait_for_retries(struct show *show)
{
	struct run_progress now;

	do {
		run_wait(show->session.run, 5);
		run_progress(show->session.run, &now);
		assert_int_equal(sum(&now), now.total);
	} while (!is_waiting(&now));
	show_pass(show, 500);
}

static void
waits_retries_and_ends(void **state)
{
	struct show show;

	(void)state;
	show_start(&show, &eight);
	set_manners(&show);
	stage_seal(&show.stage);
	start_run(&show);
	wait_for_retries(&show);
	assert_true(show_sees(&show, "WAITING FOR RETRIES"));
	assert_true(show_sees(&show, "7 of 8"));
	golden_keys(&show.golden, "r");
	assert_true(show_sees(&show, "It is not paused."));
	golden_keys(&show.golden, "d");
	show_wait_run(&show);
	assert_true(show_sees(&show, "DONE"));
	assert_true(show_sees(&show, "over TLS 100.0%"));
	golden_keys(&show.golden, "^L ^L ^L");
	golden_check(&show.golden, "delivery-done");
	golden_keys(&show.golden, "p x");
	assert_true(show_sees(&show, "The delivery is over."));
	assert_string_equal(show_top(&show), "delivery");
	assert_int_equal(app_next_ms(show.golden.app), -1);
	show_end(&show);
}

static void
pauses_goes_on_and_stops(void **state)
{
	struct stage_params params = eight;
	struct show show;

	(void)state;
	params.recipients = 400;
	params.latency_ms = 5;
	show_start(&show, &params);
	stage_seal(&show.stage);
	start_run(&show);
	golden_keys(&show.golden, "p");
	assert_true(show_sees(&show, "PAUSED"));
	assert_true(show_sees(&show, "Paused: nothing new leaves"));
	golden_keys(&show.golden, "p");
	assert_true(show_sees(&show, "It is paused already."));
	golden_keys(&show.golden, "r");
	assert_false(golden_shows(&show.golden, "PAUSED"));
	golden_keys(&show.golden, "p x");
	assert_true(show_sees(&show, "Type Autumn and press Enter:"));
	golden_type(&show.golden, "autumn");
	golden_keys(&show.golden, "Enter Esc");
	assert_true(show_sees(&show, "PAUSED"));
	golden_keys(&show.golden, "x");
	golden_type(&show.golden, "Autumn");
	golden_keys(&show.golden, "Enter");
	show_wait_run(&show);
	assert_true(show_sees(&show, "STOPPED"));
	assert_true(show_sees(&show, "400 of 400"));
	assert_true(stage_number(&show.stage,
			"SELECT count(*) FROM ledger WHERE state = 8") > 0);
	assert_int_equal(
	    stage_number(&show.stage, "SELECT count(*) FROM ledger"), 400);
	show_end(&show);
}

/* Change of a setting that the seal binds: the run pauses itself. */
static void
says_why_a_guard_paused(void **state)
{
	struct stage_params params = eight;
	struct show show;
	struct err err = {0};

	(void)state;
	params.recipients = 300;
	params.latency_ms = 5;
	show_start(&show, &params);
	stage_seal(&show.stage);
	start_run(&show);
	golden_keys(&show.golden, "p");
	assert_ok(setting_write(
		      show.stage.store, "legal.name", SPAN("別の会社"), &err),
	    &err);
	golden_keys(&show.golden, "r");
	show_wait_run(&show);
	assert_true(show_sees(&show, "PAUSED"));
	assert_true(show_sees(&show, "does not fit its seal"));
	show_end(&show);
}

/* Pace, groups and relays while it runs; each order is told in words. */
static void
takes_orders_about_pace(void **state)
{
	struct stage_params params = eight;
	struct show show;

	(void)state;
	params.recipients = 400;
	params.latency_ms = 5;
	show_start(&show, &params);
	stage_seal(&show.stage);
	start_run(&show);
	golden_keys(&show.golden, "p -");
	assert_true(show_sees(&show, "At most 1 mails a second from now on."));
	golden_keys(&show.golden, "+");
	assert_true(show_sees(&show, "At most 2 mails a second"));
	assert_true(show_sees(&show, "limit 2/s"));
	golden_keys(&show.golden, "h");
	assert_true(show_sees(&show, "The group gets nothing new."));
	assert_true(show_sees(&show, "held"));
	golden_keys(&show.golden, "h");
	assert_true(show_sees(&show, "The group goes on."));
	golden_keys(&show.golden, "Tab");
	assert_true(show_sees(&show, "Relay "));
	golden_keys(&show.golden, "Enter");
	assert_true(show_sees(&show, "Choose a group first (Tab)."));
	golden_keys(&show.golden, "h");
	assert_true(show_sees(&show, "The relay gets nothing new."));
	golden_keys(&show.golden, "h");
	assert_true(show_sees(&show, "The relay is tried now."));
	golden_keys(&show.golden, "Tab");
	assert_true(show_sees(&show, "the operator changed the pace"));
	golden_keys(&show.golden, "h");
	assert_true(show_sees(&show, "Choose a group or a relay first (Tab)."));
	golden_keys(&show.golden, "Tab");
	assert_true(show_sees(&show, "Replies as they come"));
	golden_keys(&show.golden, "Tab");
	assert_true(show_sees(&show, "Group "));
	show_end(&show);
}

/* Counted answers of one group, and of all. */
static void
shows_what_was_answered(void **state)
{
	struct show show;

	(void)state;
	show_start(&show, &eight);
	set_manners(&show);
	stage_seal(&show.stage);
	start_run(&show);
	wait_for_retries(&show);
	golden_keys(&show.golden, "Enter");
	assert_string_equal(show_top(&show), "refusals");
	assert_true(show_sees(&show, "No such user here"));
	assert_true(show_sees(&show, "out of order for now"));
	golden_check(&show.golden, "refusals");
	golden_keys(&show.golden, "2");
	assert_true(show_sees(&show, "Try again later"));
	assert_false(golden_shows(&show.golden, "No such user here"));
	golden_keys(&show.golden, "3 Enter");
	assert_true(show_sees(&show, "What was answered"));
	golden_keys(&show.golden, "Enter 5");
	assert_true(show_sees(&show, "Nothing of this kind."));
	golden_keys(&show.golden, "o");
	assert_string_equal(show_top(&show), "report");
	golden_keys(&show.golden, "q q e");
	assert_true(show_sees(&show, "> Refusals"));
	show_end(&show);
}

/* Leaving the screen leaves the run alone; coming back shows it again. */
static void
goes_on_without_the_screen(void **state)
{
	struct show show;

	(void)state;
	show_start(&show, &eight);
	stage_seal(&show.stage);
	start_run(&show);
	reports_open(show.golden.app);
	golden_settle(&show.golden);
	show_wait_run(&show);
	delivery_open(show.golden.app);
	golden_settle(&show.golden);
	assert_true(show_sees(&show, "8 of 8"));
	for (int rows = 1; rows < 50; rows += 4) {
		for (int cols = 1; cols < 140; cols += 9)
			free(golden_text(&show.golden, rows, cols));
	}
	show_end(&show);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(shows_nothing_without_a_run),
	    cmocka_unit_test(waits_retries_and_ends),
	    cmocka_unit_test(pauses_goes_on_and_stops),
	    cmocka_unit_test(says_why_a_guard_paused),
	    cmocka_unit_test(takes_orders_about_pace),
	    cmocka_unit_test(shows_what_was_answered),
	    cmocka_unit_test(goes_on_without_the_screen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
