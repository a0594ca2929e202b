/* The launch page: nothing starts but by the right number, ^N and ten seconds
 * without a key, and then only with a clearance. */
#include "tests/fake/approving.h"
#include "tests/fake/show.h"
#include "tests/unit/unit.h"
#include "tui/armed.h"
#include "tui/screens/screens.h"
#include "tui/widgets/dialog.h"

enum { JIRO = 1002 };
#define HOUR_MS (INT64_C(3600) * 1000)

static const struct stage_params five = {
    .recipients = 5, .class = CLASS_AD, .manners = PRACTICE_PLAIN};

static void
open_launch(struct show *show)
{
	show_start(show, &five);
	stage_seal(&show->stage);
	launch_open(show->golden.app, show->stage.campaign);
	golden_settle(&show->golden);
}

static void
assert_nothing_started(struct show *show)
{
	assert_null(show->session.run);
	assert_int_equal(
	    stage_number(&show->stage, "SELECT count(*) FROM run"), 0);
}

static void
shows_what_will_happen(void **state)
{
	struct show show;

	(void)state;
	open_launch(&show);
	golden_check(&show.golden, "launch");
	golden_type(&show.golden, "5");
	golden_check(&show.golden, "launch-right");
	show_end(&show);
}

static void
names_the_segment(void **state)
{
	struct show show;

	(void)state;
	show_start(&show, &five);
	stage_sql(&show.stage,
	    "INSERT INTO segment(id, list, name, filter, created_ms,"
	    " changed_ms, changed_by) SELECT 9, list, 'Gold', 'plan:gold', 1,"
	    " 1, 'x' FROM campaign");
	stage_sql(&show.stage, "UPDATE campaign SET segment = 9");
	launch_open(show.golden.app, show.stage.campaign);
	golden_settle(&show.golden);
	assert_true(golden_shows(&show.golden, "Newsletter > Gold"));
	show_end(&show);
}

static void
wants_the_right_number(void **state)
{
	struct show show;

	(void)state;
	open_launch(&show);
	golden_keys(&show.golden, "^N ^N ^N");
	assert_true(show_sees(&show, "Type the right number"));
	golden_type(&show.golden, "55");
	golden_keys(&show.golden, "^N Enter");
	show_pass(&show, 20000);
	golden_keys(&show.golden, "^U");
	golden_paste(&show.golden, "5");
	assert_true(show_sees(&show, "Pasting is off here"));
	golden_keys(&show.golden, "^N");
	show_pass(&show, 20000);
	assert_string_equal(show_top(&show), "launch");
	assert_nothing_started(&show);
	show_end(&show);
}

/* Each of these, pressed during the countdown, stops it for good. */
static void
any_key_stops_the_countdown(void **state)
{
	static const char *const keys[] = {
	    "Esc", "x", "Enter", "Space", "^C", "^N", "q", "?", "Q", "^L", "4"};
	struct show show;

	(void)state;
	open_launch(&show);
	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
		golden_type(&show.golden, "5");
		golden_keys(&show.golden, "^N");
		show_pass(&show, 5000);
		assert_true(show_sees(&show, "Starts in 5 seconds."));
		assert_true(show_sees(&show, "STARTING"));
		golden_keys(&show.golden, keys[i]);
		assert_true(show_sees(&show, "Stopped before the start"));
		show_pass(&show, 20000);
		assert_string_equal(show_top(&show), "launch");
	}
	golden_type(&show.golden, "5");
	golden_keys(&show.golden, "^N");
	golden_paste(&show.golden, "pasted");
	show_pass(&show, 20000);
	assert_nothing_started(&show);
	show_end(&show);
}

static void
what_covers_it_stops_the_countdown(void **state)
{
	struct dialog dialog = {.title = "Something", .text = "else"};
	struct show show;

	(void)state;
	open_launch(&show);
	golden_type(&show.golden, "5");
	golden_keys(&show.golden, "^N");
	dialog_tell(app_top(show.golden.app), &dialog);
	show_pass(&show, 20000);
	golden_keys(&show.golden, "Esc");
	assert_true(show_sees(&show, "Stopped before the start"));
	show_pass(&show, 20000);
	assert_nothing_started(&show);
	show_end(&show);
}

/* A process that was held up must not start the moment it goes on. */
static void
a_gap_in_time_stops_the_countdown(void **state)
{
	struct show show;

	(void)state;
	open_launch(&show);
	golden_type(&show.golden, "5");
	golden_keys(&show.golden, "^N");
	fake_clock_move(&show.golden.clock, 3600 * 1000);
	show_pass(&show, 1000);
	assert_true(show_sees(&show, "Stopped before the start"));
	show_pass(&show, 20000);
	assert_nothing_started(&show);
	show_end(&show);
}

static void
refuses_what_no_longer_fits_the_seal(void **state)
{
	struct show show;
	struct err err = {0};

	(void)state;
	open_launch(&show);
	assert_ok(setting_write(
		      show.stage.store, "legal.name", SPAN("別の会社"), &err),
	    &err);
	show_launch(&show, "5");
	assert_string_equal(show_top(&show), "launch");
	golden_check(&show.golden, "launch-refused");
	assert_nothing_started(&show);
	golden_keys(&show.golden, "^N");
	assert_true(show_sees(&show, "The checklist comes first."));
	golden_keys(&show.golden, "Enter");
	assert_string_equal(show_top(&show), "checklist");
	assert_true(show_sees(&show, "run again"));
	show_end(&show);
}

static void
wants_a_seal(void **state)
{
	struct show show;

	(void)state;
	show_start(&show, &five);
	launch_open(show.golden.app, show.stage.campaign);
	golden_settle(&show.golden);
	golden_type(&show.golden, "0");
	golden_keys(&show.golden, "^N");
	assert_true(show_sees(&show, "not sealed: pass the checklist"));
	show_pass(&show, 20000);
	assert_nothing_started(&show);
	show_end(&show);
}

/* While the clearance is made, nothing takes the page away. */
static void
cannot_be_left_while_it_starts(void **state)
{
	struct show show;

	(void)state;
	open_launch(&show);
	golden_type(&show.golden, "5");
	golden_keys(&show.golden, "^N");
	show_pass(&show, 9500);
	fake_clock_move(&show.golden.clock, 500);
	app_timers(show.golden.app);
	app_key(show.golden.app, &(struct key){.code = K_ESC});
	assert_string_equal(show_top(&show), "launch");
	assert_false(app_may_leave(show.golden.app));
	golden_settle(&show.golden);
	assert_string_equal(show_top(&show), "delivery");
	assert_non_null(show.session.run);
	show_end(&show);
}

/* 2026-11-21 00:00:00 UTC, where the clock of a stage begins, and an hour. */
#define LATER_MS (INT64_C(1795219200000) + INT64_C(3600000))

static const struct stage_params later = {.recipients = 5,
    .class = CLASS_TX,
    .manners = PRACTICE_PLAIN,
    .send_at_ms = LATER_MS};

static void
open_later(struct show *show)
{
	show_start(show, &later);
	stage_seal(&show->stage);
	launch_open(show->golden.app, show->stage.campaign);
	golden_settle(&show->golden);
}

static void
arm(struct show *show)
{
	golden_type(&show->golden, "5");
	golden_keys(&show->golden, "^N");
	golden_settle(&show->golden);
}

static int64_t
armed(struct show *show)
{
	return stage_number(
	    &show->stage, "SELECT count(*) FROM armed WHERE state = 0");
}

/* A day is what approvals of the tests last. */
static void
open_approved(struct show *show, const struct stage_params *params)
{
	struct approving jiro;
	struct err err = {0};

	show_start(show, params);
	assert_ok(setting_write(
		      show->stage.store, "approval.when", SPAN("always"), &err),
	    &err);
	assert_ok(list_color_set(show->stage.store, show->stage.list,
		      CIRCLE_CUSTOMERS, &err),
	    &err);
	stage_seal(&show->stage);
	approving_open(&jiro, show->stage.store, "jiro", JIRO);
	approving_approve(&jiro, &show->stage);
	approving_close(&jiro);
	launch_open(show->golden.app, show->stage.campaign);
	golden_settle(&show->golden);
}

static void
the_second_person_is_named(void **state)
{
	struct show show;

	(void)state;
	open_approved(&show, &five);
	golden_check(&show.golden, "launch-approved");
	show_end(&show);
}

/* Not only by the page. */
static void
assert_refused_by_core(struct show *show)
{
	struct err err = {0};

	assert_int_equal(schedule_arm(show->stage.store, &show->golden.world,
			     show->stage.campaign, &err),
	    -1);
	assert_int_equal(err.code, E_SCHEDULE_APPROVAL);
}

static void
an_approval_that_ends_too_soon(void **state)
{
	static const struct {
		int64_t in_ms;
		const char *golden;
		int64_t armed;
	} cases[] = {
	    {25 * HOUR_MS, "launch-ends-before", 0},
	    {24 * HOUR_MS, "launch-ends-at", 0},
	    {23 * HOUR_MS + HOUR_MS / 2, "launch-ends-within", 1},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct stage_params params = later;
		struct show show;

		params.send_at_ms = LATER_MS - HOUR_MS + cases[i].in_ms;
		open_approved(&show, &params);
		golden_type(&show.golden, "5");
		golden_check(&show.golden, cases[i].golden);
		golden_keys(&show.golden, "^N");
		golden_settle(&show.golden);
		if (!cases[i].armed) {
			assert_true(show_sees(&show,
			    "The approval ends before the time of sending."));
			assert_refused_by_core(&show);
		}
		assert_int_equal(armed(&show), cases[i].armed);
		assert_nothing_started(&show);
		show_end(&show);
	}
}

static void
a_campaign_for_later_is_armed(void **state)
{
	struct show show;

	(void)state;
	open_later(&show);
	golden_type(&show.golden, "5");
	golden_check(&show.golden, "launch-later");
	golden_keys(&show.golden, "^N");
	golden_settle(&show.golden);
	golden_check(&show.golden, "launch-armed");
	assert_int_equal(armed(&show), 1);
	assert_true(armed_waits(&show.session));
	assert_nothing_started(&show);
	golden_keys(&show.golden, "^N");
	assert_true(show_sees(&show, "It is armed already."));
	golden_keys(&show.golden, "d");
	golden_settle(&show.golden);
	assert_true(show_sees(&show, "Disarmed"));
	assert_int_equal(armed(&show), 0);
	assert_false(armed_waits(&show.session));
	show_end(&show);
}

static void
it_starts_by_itself(void **state)
{
	struct show show;

	(void)state;
	open_later(&show);
	arm(&show);
	app_pop(show.golden.app, app_top(show.golden.app));
	home_open(show.golden.app);
	golden_settle(&show.golden);
	golden_check(&show.golden, "home-armed");
	fake_clock_move(&show.golden.clock, 3000 * 1000);
	armed_tick(show.golden.app);
	golden_settle(&show.golden);
	assert_nothing_started(&show);
	fake_clock_move(&show.golden.clock, 700 * 1000);
	armed_tick(show.golden.app);
	armed_tick(show.golden.app); /* once */
	golden_settle(&show.golden);
	assert_non_null(show.session.run);
	assert_true(show_sees(&show, "has started by itself"));
	show_wait_run(&show);
	assert_int_equal(practice_count(show.stage.practice).accepted, 5);
	assert_false(armed_waits(&show.session));
	show_end(&show);
}

static void
a_late_start_is_told(void **state)
{
	struct show show;

	(void)state;
	open_later(&show);
	arm(&show);
	fake_clock_move(&show.golden.clock, 3 * 3600 * 1000);
	armed_tick(show.golden.app);
	golden_settle(&show.golden);
	assert_true(show_sees(&show, "was not started"));
	app_pop(show.golden.app, app_top(show.golden.app));
	home_open(show.golden.app);
	golden_settle(&show.golden);
	golden_check(&show.golden, "home-not-started");
	assert_nothing_started(&show);
	show_end(&show);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(shows_what_will_happen),
	    cmocka_unit_test(names_the_segment),
	    cmocka_unit_test(wants_the_right_number),
	    cmocka_unit_test(any_key_stops_the_countdown),
	    cmocka_unit_test(what_covers_it_stops_the_countdown),
	    cmocka_unit_test(a_gap_in_time_stops_the_countdown),
	    cmocka_unit_test(refuses_what_no_longer_fits_the_seal),
	    cmocka_unit_test(wants_a_seal),
	    cmocka_unit_test(cannot_be_left_while_it_starts),
	    cmocka_unit_test(the_second_person_is_named),
	    cmocka_unit_test(an_approval_that_ends_too_soon),
	    cmocka_unit_test(a_campaign_for_later_is_armed),
	    cmocka_unit_test(it_starts_by_itself),
	    cmocka_unit_test(a_late_start_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
