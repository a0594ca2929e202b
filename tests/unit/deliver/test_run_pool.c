/* Runs through several relays that play a script: shares, failover, stand-by,
 * rest and return; and what the operator and the calendar say meanwhile. */
#include "tests/unit/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "core/net/group.h"
#include "tests/fake/relay.h"
#include "tests/fake/stage.h"

enum {
	RELAYS = 2,
	STEP_MS = 20,
	STEPS_MAX = 750,
	PEOPLE_MAX = 400,
	HOUR_MS = 3600 * 1000
};

/* A relay of the pool and the script it plays. */
struct player {
	const struct fake_step *const *scripts;
	size_t count;
	int share, warm_first;
};

struct scene {
	struct stage stage;
	struct fake_plan plan[RELAYS];
	struct fake_relay *relay[RELAYS];
	int64_t id[RELAYS];
	struct run *run;
	struct run_progress *now;
	int people;
	int alerts;
	enum run_event_kind alert; /* the last one */
};

/* ---- Scripts: the first connection is always the review's -------------------- */

static const struct fake_step serve[] = {
    {FAKE_SAY, "220 relay", 0}, {FAKE_SERVE, NULL, 0}, {FAKE_END, NULL, 0}};
static const struct fake_step *const good[] = {serve};

static const struct fake_step drop[] = {
    {FAKE_DROP, NULL, 0}, {FAKE_END, NULL, 0}};
/* once it is out of order, then it is well again */
static const struct fake_step *const returning[] = {serve, drop, serve};

static const struct fake_step some[] = {
    {FAKE_SAY, "220 relay", 0}, {FAKE_SERVE, NULL, 20}, {FAKE_DROP, NULL, 0}};
static const struct fake_step *const dying[] = {serve, some, drop};

static const struct fake_step locked[] = {{FAKE_SAY, "220 relay", 0},
    {FAKE_HEAR, "EHLO", 0}, {FAKE_SAY, "250 relay", 0}, {FAKE_HEAR, "MAIL", 0},
    {FAKE_SAY, "530 5.7.0 Authentication required", 0}, {FAKE_HEAR, "", 0},
    {FAKE_SAY, "250 reset", 0}, {FAKE_HANG, NULL, 0}};
static const struct fake_step *const locking[] = {serve, locked};

static const struct fake_step mute[] = {{FAKE_SAY, "220 relay", 0},
    {FAKE_HEAR, "EHLO", 0}, {FAKE_SAY, "250 relay", 0}, {FAKE_HEAR, "MAIL", 0},
    {FAKE_HANG, NULL, 0}};
static const struct fake_step *const hanging[] = {serve, mute};

#define PLAY(scripts) (scripts), sizeof(scripts) / sizeof *(scripts)

/* ---- Bringing runs on the way -------------------------------------------------- */

static void
add_relay(struct scene *it, int i, const struct player *player)
{
	struct relay_config relay = {
	    .host = "127.0.0.1",
	    .tls = RELAY_TLS_NONE,
	    .sessions = 2,
	    .per_session = 1000,
	    .enabled = true,
	    .share = player->share,
	    .warm_from_ms =
		player->warm_first ? clock_now_ms(it->stage.world.clock) : 0,
	    .warm_first = player->warm_first,
	    .warm_percent = player->warm_first ? 100 : 0,
	};
	struct err err = {0};

	it->plan[i] = (struct fake_plan){player->scripts, player->count, NULL};
	it->relay[i] = fake_relay_start(&it->plan[i]);
	relay.port = fake_relay_port(it->relay[i]);
	snprintf(relay.name, sizeof relay.name, "relay %d", i + 1);
	assert_ok(relay_save(it->stage.store, &relay, &err), &err);
	it->id[i] = relay.id;
}

static void
open_scene(struct scene *it, int people, const struct player *players)
{
	struct stage_params params = {.recipients = people,
	    .class = CLASS_AD,
	    .manners = PRACTICE_PLAIN,
	    .clock = STAGE_CLOCK_FAKE};

	memset(it, 0, sizeof *it);
	it->people = people;
	it->now = calloc(1, sizeof *it->now);
	assert_non_null(it->now);
	stage_open(&it->stage, &params);
	stage_sql(&it->stage, "DELETE FROM relay");
	for (int i = 0; i < RELAYS && players[i].scripts; i++)
		add_relay(it, i, &players[i]);
}

static void
close_scene(struct scene *it)
{
	run_free(&it->run);
	for (int i = 0; i < RELAYS; i++) {
		if (it->relay[i])
			fake_relay_stop(&it->relay[i]);
	}
	stage_close(&it->stage);
	free(it->now);
}

static void
on_alert(void *arg, const struct run_alert *what)
{
	struct scene *it = arg;

	it->alerts++;
	it->alert = what->kind;
}

static void
start(struct scene *it, int rate)
{
	struct run_plan plan = {.rate_per_s = rate};
	struct clearance *clearance;
	struct err err = {0};

	stage_seal(&it->stage);
	clearance = stage_clearance(&it->stage);
	assert_ok(run_start(&clearance, &it->stage.world, it->stage.store,
		      &plan, &it->run, &err),
	    &err);
	run_on_alert(it->run, on_alert, it);
}

static void
look(struct scene *it)
{
	int64_t sum = 0;

	run_progress(it->run, it->now);
	for (int i = 0; i < LEDGER_STATES; i++)
		sum += it->now->count[i];
	assert_int_equal(sum, it->now->total);
}

/* Lets the run get on until it has ended or paused; time moves by step_ms. */
static void
finish(struct scene *it, int64_t step_ms)
{
	int steps = 0;

	while (!run_wait(it->run, STEP_MS)) {
		assert_true(steps++ < STEPS_MAX);
		fake_clock_move(&it->stage.clock, step_ms);
		look(it);
	}
	look(it);
}

/* The same until so many were accepted. */
static void
await_accepted(struct scene *it, int64_t count, int64_t step_ms)
{
	for (int i = 0; i < STEPS_MAX; i++) {
		look(it);
		if (it->now->count[LEDGER_ACCEPTED] >= count)
			return;
		run_wait(it->run, STEP_MS);
		fake_clock_move(&it->stage.clock, step_ms);
	}
	fail_msg("accepted stays at %lld",
	    (long long)it->now->count[LEDGER_ACCEPTED]);
}

/* ---- Looking at what came of it ------------------------------------------------ */

/* Counts who got how many messages from a relay; how many these are. */
static int
arrived(struct scene *it, int relay, int got[PEOPLE_MAX + 1])
{
	size_t answered;
	size_t count = fake_relay_messages(it->relay[relay], &answered);
	struct buf text = BUF_INIT;

	for (size_t i = 0; i < count; i++) {
		int number;

		buf_clear(&text);
		fake_relay_message(it->relay[relay], i, &text);
		assert_int_equal(sscanf(text.ptr, "user%5d@", &number), 1);
		assert_in_range(number, 1, it->people);
		got[number]++;
	}
	buf_done(&text);
	return (int)count;
}

/* Everybody has exactly one message. */
static void
assert_each_once(struct scene *it, int *first, int *second)
{
	int got[PEOPLE_MAX + 1] = {0};

	*first = arrived(it, 0, got);
	*second = it->relay[1] ? arrived(it, 1, got) : 0;
	for (int i = 1; i <= it->people; i++) {
		if (got[i] != 1)
			fail_msg("user %d got %d", i, got[i]);
	}
}

static bool
has_event(const struct scene *it, enum run_event_kind kind, const char *name)
{
	for (int i = 0; i < it->now->events; i++) {
		if (it->now->event[i].kind == kind &&
		    !strcmp(it->now->event[i].name, name))
			return true;
	}
	return false;
}

static int64_t
logged(struct scene *it, const char *sql)
{
	return stage_number(&it->stage, sql);
}

/* ---- Relays ---------------------------------------------------------------------- */

static void
shares_are_kept(void **state)
{
	static const struct player players[RELAYS] = {
	    {PLAY(good), 3, 0}, {PLAY(good), 1, 0}};
	struct scene it;
	int first, second;

	(void)state;
	open_scene(&it, 400, players);
	start(&it, 0);
	finish(&it, 0);
	assert_int_equal(it.now->state, RUN_DONE);
	assert_each_once(&it, &first, &second);
	/* 300 and 100, but for who was there first */
	assert_in_range(second, 60, 140);
	assert_int_equal(it.now->relays, 2);
	assert_string_equal(it.now->relay[0].name, "relay 1");
	assert_int_equal(it.now->relay[0].accepted, first);
	assert_int_equal(it.now->relay[1].accepted, second);
	assert_int_equal(it.now->groups, 1);
	assert_int_equal(it.now->group[0].id, GROUP_OTHER);
	assert_int_equal(it.now->group[0].accepted, 400);
	/* each row names the connection of its relay */
	assert_int_equal(
	    stage_number(&it.stage,
		"SELECT count(*) FROM ledger l JOIN connection c"
		" ON c.campaign = l.campaign AND c.id = l.connection"
		" JOIN relay r ON r.id = c.relay WHERE r.name = 'relay 2'"),
	    second);
	close_scene(&it);
}

static void
a_dead_relay_is_left_to_the_other_one(void **state)
{
	static const struct player players[RELAYS] = {
	    {PLAY(dying), 1, 0}, {PLAY(good), 1, 0}};
	struct scene it;
	int got[PEOPLE_MAX + 1] = {0};

	(void)state;
	open_scene(&it, 300, players);
	start(&it, 0);
	finish(&it, 50);
	assert_int_equal(it.now->state, RUN_DONE);
	/* what was on its way when it died is told, and not sent again */
	assert_int_equal(
	    it.now->count[LEDGER_ACCEPTED] + it.now->count[LEDGER_IN_DOUBT],
	    300);
	assert_in_range(it.now->count[LEDGER_IN_DOUBT], 0, 4);
	arrived(&it, 0, got);
	assert_true(arrived(&it, 1, got) > 200);
	for (int i = 1; i <= 300; i++)
		assert_true(got[i] <= 1);
	assert_int_equal(it.now->relay[0].state, RUN_PART_RESTING);
	assert_true(it.now->relay[0].why.code != E_NONE);
	assert_true(has_event(&it, RUN_EVENT_RESTED, "relay 1"));
	close_scene(&it);
}

static void
stand_by_is_not_used_while_the_other_works(void **state)
{
	static const struct player players[RELAYS] = {
	    {PLAY(good), 1, 0}, {PLAY(good), 0, 0}};
	struct scene it;
	int first, second;

	(void)state;
	open_scene(&it, 100, players);
	start(&it, 0);
	finish(&it, 0);
	assert_int_equal(it.now->state, RUN_DONE);
	assert_each_once(&it, &first, &second);
	assert_int_equal(second, 0);
	assert_int_equal(it.now->relay[1].state, RUN_PART_STANDBY);
	close_scene(&it);
}

static void
stand_by_takes_over(void **state)
{
	static const struct player players[RELAYS] = {
	    {PLAY(dying), 1, 0}, {PLAY(good), 0, 0}};
	struct scene it;

	(void)state;
	open_scene(&it, 100, players);
	start(&it, 0);
	finish(&it, 50);
	assert_int_equal(it.now->state, RUN_DONE);
	assert_true(it.now->relay[1].accepted >= 55);
	assert_int_equal(it.now->relay[1].state, RUN_PART_UP);
	close_scene(&it);
}

static void
a_relay_rests_and_returns(void **state)
{
	static const struct player players[RELAYS] = {
	    {PLAY(returning), 1, 0}, {PLAY(good), 1, 0}};
	struct scene it;
	int first, second;

	(void)state;
	open_scene(&it, 300, players);
	/* slow enough for a second to matter */
	start(&it, 50);
	finish(&it, 100);
	assert_int_equal(it.now->state, RUN_DONE);
	assert_each_once(&it, &first, &second);
	assert_true(has_event(&it, RUN_EVENT_RESTED, "relay 1"));
	assert_true(has_event(&it, RUN_EVENT_RETURNED, "relay 1"));
	assert_int_equal(it.now->relay[0].state, RUN_PART_UP);
	assert_true(first > 50);
	close_scene(&it);
}

static void
a_refused_login_stops_one_relay_only(void **state)
{
	static const struct player players[RELAYS] = {
	    {PLAY(locking), 1, 0}, {PLAY(good), 1, 0}};
	struct scene it;
	int first, second;

	(void)state;
	open_scene(&it, 60, players);
	start(&it, 0);
	finish(&it, 50);
	assert_int_equal(it.now->state, RUN_DONE);
	assert_each_once(&it, &first, &second);
	assert_int_equal(second, 60);
	assert_int_equal(it.now->relay[0].state, RUN_PART_STOPPED);
	assert_int_equal(it.now->relay[0].why.code, E_RUN_GUARD);
	assert_true(has_event(&it, RUN_EVENT_STOPPED, "relay 1"));
	run_free(&it.run);
	assert_int_equal(it.alert, RUN_EVENT_STOPPED);
	/* and it is not asked again */
	assert_in_range(fake_relay_connections(it.relay[0]), 2, 3);
	close_scene(&it);
}

static void
when_all_are_gone_the_run_pauses(void **state)
{
	static const struct player players[RELAYS] = {
	    {PLAY(locking), 1, 0}, {PLAY(locking), 1, 0}};
	struct scene it;

	(void)state;
	open_scene(&it, 40, players);
	start(&it, 0);
	finish(&it, 50);
	assert_int_equal(it.now->state, RUN_PAUSED);
	assert_int_equal(it.now->why.code, E_RUN_RELAYS);
	assert_string_equal(err_find(&it.now->why, "relays"), "2");
	assert_int_equal(it.now->count[LEDGER_ACCEPTED], 0);
	assert_int_equal(it.now->count[LEDGER_IN_DOUBT], 0);
	assert_int_equal(it.now->count[LEDGER_FAILED], 0);
	run_free(&it.run);
	assert_true(it.alerts >= 1);
	close_scene(&it);
}

/* It is no failure yet (RFC 5321 gives MAIL five minutes), but somebody should
 * know. */
static void
a_stall_is_told(void **state)
{
	static const struct player players[RELAYS] = {
	    {PLAY(hanging), 1, 0}, {NULL, 0, 0, 0}};
	struct scene it;

	(void)state;
	open_scene(&it, 5, players);
	start(&it, 0);
	for (int i = 0; i < STEPS_MAX; i++) {
		run_wait(it.run, STEP_MS);
		look(&it);
		if (has_event(&it, RUN_EVENT_STALL, ""))
			break;
		/* not before there is something to wait for */
		if (it.now->sessions_open)
			fake_clock_move(&it.stage.clock, 5000);
	}
	assert_true(has_event(&it, RUN_EVENT_STALL, ""));
	assert_int_equal(it.now->state, RUN_RUNNING);
	assert_in_range(
	    it.now->now_ms - it.now->started_ms, 60 * 1000, 200 * 1000);
	run_free(&it.run);
	assert_int_equal(it.alert, RUN_EVENT_STALL);
	close_scene(&it);
}

/* ---- The operator ------------------------------------------------------------------ */

static void
the_operator_takes_a_relay_out_and_back(void **state)
{
	static const struct player players[RELAYS] = {
	    {PLAY(good), 1, 0}, {PLAY(good), 1, 0}};
	struct scene it;
	struct err err = {0};
	int first, second;
	int64_t until;

	(void)state;
	open_scene(&it, 200, players);
	start(&it, 50);
	await_accepted(&it, 40, 100);
	assert_ok(run_rest_relay(it.run, it.id[0], &err), &err);
	/* what it had in hand comes to its end */
	await_accepted(&it, 60, 100);
	until = it.now->relay[0].accepted;
	await_accepted(&it, 120, 100);
	assert_int_equal(it.now->relay[0].accepted, until);
	assert_int_equal(it.now->relay[0].state, RUN_PART_HELD);
	assert_int_equal(it.now->relay[0].sessions_open, 0);
	assert_ok(run_use_relay(it.run, it.id[0], &err), &err);
	finish(&it, 100);
	assert_int_equal(it.now->state, RUN_DONE);
	assert_each_once(&it, &first, &second);
	assert_true(first > until);
	assert_int_equal(run_rest_relay(it.run, it.id[0], &err), -1);
	assert_int_equal(err.code, E_RUN_STATE);
	assert_int_equal(logged(&it, "SELECT count(*) FROM audit WHERE what IN"
				     " ('run.rest_relay', 'run.use_relay')"
				     " AND facts = 'relay=relay 1'"),
	    2);
	close_scene(&it);
}

static void
the_operator_holds_a_group(void **state)
{
	static const struct player players[RELAYS] = {
	    {PLAY(good), 1, 0}, {NULL, 0, 0, 0}};
	struct scene it;
	struct err err = {0};
	int64_t held;

	(void)state;
	open_scene(&it, 100, players);
	start(&it, 20);
	await_accepted(&it, 10, 100);
	assert_ok(run_hold_group(it.run, GROUP_OTHER, &err), &err);
	for (int i = 0; i < 20; i++) {
		run_wait(it.run, STEP_MS);
		fake_clock_move(&it.stage.clock, 100);
	}
	look(&it);
	held = it.now->count[LEDGER_ACCEPTED];
	assert_in_range(held, 10, 40);
	assert_int_equal(it.now->group[0].state, RUN_PART_HELD);
	assert_ok(run_release_group(it.run, GROUP_OTHER, &err), &err);
	assert_ok(run_set_rate(it.run, 0, &err), &err);
	finish(&it, 0);
	assert_int_equal(it.now->state, RUN_DONE);
	assert_int_equal(it.now->rate_limit, 0);
	close_scene(&it);
}

/* ---- The calendar -------------------------------------------------------------------- */

/* Sets the hours to the one that begins in two hours. */
static void
set_hours(struct scene *it)
{
	time_t at = (time_t)(clock_now_ms(it->stage.world.clock) / 1000);
	struct err err = {0};
	struct tm now;
	char text[32];

	localtime_r(&at, &now);
	snprintf(text, sizeof text, "%02d:00-%02d:00", (now.tm_hour + 2) % 24,
	    (now.tm_hour + 3) % 24);
	assert_ok(
	    setting_write(it->stage.store, "pace.hours", span_of(text), &err),
	    &err);
}

static void
outside_its_hours_a_run_waits(void **state)
{
	static const struct player players[RELAYS] = {
	    {PLAY(good), 1, 0}, {NULL, 0, 0, 0}};
	struct scene it;
	int first, second;

	(void)state;
	open_scene(&it, 30, players);
	set_hours(&it);
	start(&it, 0);
	run_wait(it.run, 5 * STEP_MS);
	look(&it);
	assert_int_equal(it.now->state, RUN_WAITING);
	assert_int_equal(it.now->why.code, E_RUN_WINDOW);
	assert_true(it.now->wait_ms > it.now->now_ms);
	assert_in_range(it.now->wait_ms - it.now->now_ms, HOUR_MS, 2 * HOUR_MS);
	assert_int_equal(it.now->count[LEDGER_PLANNED], 30);
	/* the review's only */
	assert_int_equal(fake_relay_connections(it.relay[0]), 1);
	fake_clock_move(
	    &it.stage.clock, it.now->wait_ms - it.now->now_ms + 1000);
	finish(&it, 100);
	assert_int_equal(it.now->state, RUN_DONE);
	assert_each_once(&it, &first, &second);
	close_scene(&it);
}

static void
a_warm_up_is_kept_and_goes_on_the_next_day(void **state)
{
	static const struct player players[RELAYS] = {
	    {PLAY(good), 1, 10}, {NULL, 0, 0, 0}};
	struct scene it;
	int first, second;

	(void)state;
	open_scene(&it, 25, players);
	start(&it, 0);
	await_accepted(&it, 10, 0);
	run_wait(it.run, 5 * STEP_MS);
	look(&it);
	assert_int_equal(it.now->count[LEDGER_ACCEPTED], 10);
	assert_int_equal(it.now->state, RUN_WAITING);
	assert_int_equal(it.now->why.code, E_RUN_DAY);
	assert_int_equal(it.now->relay[0].day_left, 0);
	/* a process that begins again finds what was sent */
	run_free(&it.run);
	{
		struct clearance *clearance = stage_clearance(&it.stage);
		struct err err = {0};

		assert_ok(run_start(&clearance, &it.stage.world, it.stage.store,
			      NULL, &it.run, &err),
		    &err);
	}
	look(&it);
	assert_int_equal(it.now->relay[0].day_left, 0);
	fake_clock_move(
	    &it.stage.clock, it.now->wait_ms - it.now->now_ms + 1000);
	finish(&it, 100);
	assert_int_equal(it.now->state, RUN_DONE);
	assert_each_once(&it, &first, &second);
	close_scene(&it);
}

/* ---- How often --------------------------------------------------------------------- */

/* Thirty people had an advertisement; for ten of them that was long ago. */
static void
nobody_gets_more_than_the_cap(void **state)
{
	static const struct player players[RELAYS] = {
	    {PLAY(good), 1, 0}, {NULL, 0, 0, 0}};
	struct scene it;
	struct campaign_id again;
	struct err err = {0};

	(void)state;
	open_scene(&it, 30, players);
	start(&it, 0);
	finish(&it, 0);
	assert_int_equal(it.now->state, RUN_DONE);
	run_free(&it.run);
	stage_sql(&it.stage, "UPDATE ledger SET at_ms = at_ms - 8 * 86400000"
			     " WHERE seq <= 10");
	assert_ok(
	    setting_write(it.stage.store, "pace.frequency", SPAN("1"), &err),
	    &err);
	assert_ok(campaign_copy(it.stage.store, it.stage.campaign,
		      SPAN("again"), CAMPAIGN_DRAFT, &again, &err),
	    &err);
	it.stage.campaign = again;
	start(&it, 0);
	finish(&it, 0);
	assert_int_equal(it.now->state, RUN_DONE);
	assert_int_equal(it.now->count[LEDGER_WITHHELD], 20);
	assert_int_equal(it.now->count[LEDGER_ACCEPTED], 10);
	/* the review has told it, the rows and the log say why */
	assert_int_equal(
	    logged(&it, "SELECT count(*) FROM review_result"
			" WHERE item = 'LC-03' AND facts LIKE '%frequent=20'"),
	    1);
	assert_int_equal(
	    logged(&it, "SELECT count(*) FROM ledger"
			" WHERE class = 'deliver.withheld_frequency'"
			" AND seq > 10"),
	    20);
	assert_int_equal(
	    logged(&it, "SELECT count(*) FROM audit WHERE what = 'run.start'"
			" AND facts LIKE '%frequent=20%'"),
	    1);
	close_scene(&it);
}

/* The same mail for a contract goes to everybody. */
static void
only_advertisements_are_capped(void **state)
{
	static const struct player players[RELAYS] = {
	    {PLAY(good), 1, 0}, {NULL, 0, 0, 0}};
	struct scene it;
	struct campaign_id again;
	struct err err = {0};

	(void)state;
	open_scene(&it, 5, players);
	assert_ok(
	    setting_write(it.stage.store, "pace.frequency", SPAN("1"), &err),
	    &err);
	start(&it, 0);
	finish(&it, 0);
	run_free(&it.run);
	assert_ok(campaign_copy(it.stage.store, it.stage.campaign,
		      SPAN("again"), CAMPAIGN_DRAFT, &again, &err),
	    &err);
	it.stage.campaign = again;
	stage_sql(&it.stage, "UPDATE campaign SET class = 1 WHERE state = 0");
	start(&it, 0);
	finish(&it, 0);
	assert_int_equal(it.now->count[LEDGER_ACCEPTED], 5);
	close_scene(&it);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(shares_are_kept),
	    cmocka_unit_test(a_dead_relay_is_left_to_the_other_one),
	    cmocka_unit_test(stand_by_is_not_used_while_the_other_works),
	    cmocka_unit_test(stand_by_takes_over),
	    cmocka_unit_test(a_relay_rests_and_returns),
	    cmocka_unit_test(a_refused_login_stops_one_relay_only),
	    cmocka_unit_test(when_all_are_gone_the_run_pauses),
	    cmocka_unit_test(a_stall_is_told),
	    cmocka_unit_test(the_operator_takes_a_relay_out_and_back),
	    cmocka_unit_test(the_operator_holds_a_group),
	    cmocka_unit_test(outside_its_hours_a_run_waits),
	    cmocka_unit_test(a_warm_up_is_kept_and_goes_on_the_next_day),
	    cmocka_unit_test(nobody_gets_more_than_the_cap),
	    cmocka_unit_test(only_advertisements_are_capped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
