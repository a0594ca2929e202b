/* The last page and what follows it, by keys at the real program: the typed
 * number, the countdown, the pilot, the start that waits for its time.  What
 * counts is what the relay has seen. */
#include "tests/unit/unit.h"

#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/base/file.h"
#include "core/base/mem.h"
#include "tests/fake/desk_stage.h"
#include "tests/fake/tempstore.h"

enum {
	PEOPLE = 200,
	PILOT = 20,
	MINUTE_MS = 60 * 1000,
	AHEAD_MS = 10 * MINUTE_MS,
	LOST_STATUS = 129
};

#define COUNTING "Starts in %d second. Any key stops it; nothing is sent then."
#define COUNTING_MANY                                                          \
	"Starts in %d seconds. Any key stops it; nothing is sent then."

static void
set(struct desk_stage *it, const char *name, const char *value)
{
	struct err err = {0};

	assert_ok(
	    setting_write(it->stage.store, name, span_of(value), &err), &err);
}

static const struct stage_params many = {
    .recipients = PEOPLE, .class = CLASS_AD, .manners = PRACTICE_PLAIN};

/* Up to the launch page of a sealed campaign. */
static void
open_page(struct desk_stage *it, const struct stage_params *params,
    const char *language)
{
	desk_stage_open(it, params, language);
	set(it, "launch.countdown", "3");
	set(it, "pilot.percent", "10");
	set(it, "pilot.after", "wait");
}

static void
go_to_page(struct desk *desk)
{
	desk_stage_come_in(desk);
	pty_keys(desk->pty, "3 Enter ^N ^N");
	desk_wait(desk, "Type the number of mails to send:");
}

static int
accepted(struct desk_stage *it)
{
	return (int)practice_count(it->stage.practice).accepted;
}

static int64_t
logged(struct desk_stage *it, const char *sql)
{
	int64_t count;

	desk_stage_take(it);
	count = stage_number(&it->stage, sql);
	return count;
}

#define LOGGED(what) "SELECT count(*) FROM audit WHERE what = '" what "'"
#define STATE        "SELECT state FROM campaign"

/* ---- Number and countdown ---------------------------------------------------- */

static void
count_down(struct desk *desk, const char *number)
{
	pty_type(desk->pty, number);
	desk_wait(desk, "+ That is the number. ^N launches.");
	pty_keys(desk->pty, "^N");
	desk_wait_many(desk, COUNTING, COUNTING_MANY);
}

static void
wrong_numbers(struct desk *desk)
{
	static const char *const wrong[] = {"201", "2000", "20", "0"};
	const char *right = desk_word(desk, "+ That is the number. ^N "
					    "launches.");

	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		pty_type(desk->pty, wrong[i]);
		assert_false(pty_shows_prose(desk->pty, right));
		pty_keys(desk->pty, "^N");
		desk_wait(desk, "Type the right number of mails first.");
		pty_keys(desk->pty, "^U");
	}
	pty_paste(desk->pty, "200");
	desk_wait(desk, "Pasting is off here: type the number.");
	pty_keys(desk->pty, "^N");
	desk_wait(desk, "Type the right number of mails first.");
	assert_false(pty_shows(desk->pty, "200"));
}

static void
only_the_right_number_launches(const char *language)
{
	struct desk_stage it;
	struct desk *desk = &it.desk;

	open_page(&it, &many, language);
	set(&it, "pilot.percent", "0");
	desk_stage_seal(&it);
	go_to_page(desk);
	wrong_numbers(desk);
	count_down(desk, "200");
	pty_wait_text(desk->pty, desk_word(desk, "DONE"));
	assert_int_equal(accepted(&it), PEOPLE);
	desk_leave(desk);
	assert_int_equal(logged(&it, LOGGED("run.start")), 1);
	desk_stage_close(&it);
}

static void
number_en(void **state)
{
	(void)state;
	only_the_right_number_launches("en");
}

static void
number_ja(void **state)
{
	(void)state;
	only_the_right_number_launches("ja");
}

/* Each key stops it; then as much time passes as it would have needed. */
static void
a_key_stops_the_countdown(const char *language)
{
	static const char *const keys[] = {"x", "Enter", "^N", "Esc", "Space"};
	struct desk_stage it;
	struct desk *desk = &it.desk;

	open_page(&it, &many, language);
	set(&it, "launch.countdown", "60");
	desk_stage_seal(&it);
	desk_own_clock(desk);
	go_to_page(desk);
	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
		count_down(desk, "200");
		pty_keys(desk->pty, keys[i]);
		desk_wait(desk, "Stopped before the start: nothing was sent.");
		desk_wait(desk, "Type the number of mails to send:");
		desk_move_clock(desk, 2 * MINUTE_MS, 2 * MINUTE_MS);
		pty_keys(desk->pty, "^L");
		assert_int_equal(accepted(&it), 0);
	}
	pty_keys(desk->pty, "Esc");
	desk_leave(desk);
	assert_int_equal(logged(&it, LOGGED("run.start")), 0);
	assert_int_equal(logged(&it, STATE), CAMPAIGN_SEALED);
	assert_int_equal(accepted(&it), 0);
	desk_stage_close(&it);
}

static void
countdown_en(void **state)
{
	(void)state;
	a_key_stops_the_countdown("en");
}

static void
countdown_ja(void **state)
{
	(void)state;
	a_key_stops_the_countdown("ja");
}

/* Nobody watches any more: the program ends, and nothing is sent. */
static void
a_hang_up_stops_the_countdown(void **state)
{
	struct desk_stage it;
	struct desk *desk = &it.desk;
	int server;

	(void)state;
	open_page(&it, &many, "en");
	desk_stage_seal(&it);
	go_to_page(desk);
	count_down(desk, "200");
	server = pty_keep_server(desk->pty);
	pty_hang_up(desk->pty);
	pty_wait_end(desk->pty);
	wait_gone(server);
	assert_int_equal(logged(&it, LOGGED("run.start")), 0);
	assert_int_equal(logged(&it, STATE), CAMPAIGN_SEALED);
	assert_int_equal(accepted(&it), 0);
	desk_stage_close(&it);
}

/* ---- The pilot ------------------------------------------------------------------ */

#define WAITS "! The pilot waits for you: r sends the rest, x stops for good."

/* Launched, and the pilot is over. */
static void
send_pilot(struct desk_stage *it)
{
	struct desk *desk = &it->desk;

	desk_stage_seal(it);
	go_to_page(desk);
	count_down(desk, "200");
	desk_wait(desk, WAITS);
	pty_wait_text(desk->pty, desk_word(desk, "PAUSED"));
}

/* Answers a question that has just come up; it is gone when its button is. */
static void
answer(struct desk *desk, const char *key)
{
	char button[40];

	snprintf(button, sizeof button, "( %s )", desk_word(desk, "Cancel"));
	pty_wait_text(desk->pty, button);
	pty_answer(desk->pty, key, button);
}

static void
send_the_rest(struct desk_stage *it)
{
	struct desk *desk = &it->desk;

	pty_keys(desk->pty, "r");
	desk_wait(desk, "The pilot did not pass by itself. Have you looked at "
			"its replies? All others leave now.");
	assert_int_equal(accepted(it), PILOT);
	answer(desk, "y");
	pty_wait_text(desk->pty, desk_word(desk, "DONE"));
	assert_int_equal(accepted(it), PEOPLE);
}

static void
stop_for_good(struct desk *desk)
{
	pty_keys(desk->pty, "x");
	desk_reply(desk, "Stop the delivery", "Autumn");
	desk_wait(desk, "Stopped. What was open gets its reply; the rest is "
			"not sent.");
}

static void
it_waits_and_goes_on(const char *language)
{
	struct desk_stage it;

	open_page(&it, &many, language);
	send_pilot(&it);
	assert_int_equal(accepted(&it), PILOT);
	send_the_rest(&it);
	desk_leave(&it.desk);
	assert_int_equal(logged(&it, LOGGED("run.pilot")), 1);
	desk_stage_close(&it);
}

static void
pilot_en(void **state)
{
	(void)state;
	it_waits_and_goes_on("en");
}

static void
pilot_ja(void **state)
{
	(void)state;
	it_waits_and_goes_on("ja");
}

static void
it_waits_and_is_stopped(void **state)
{
	struct desk_stage it;

	(void)state;
	open_page(&it, &many, "en");
	send_pilot(&it);
	stop_for_good(&it.desk);
	desk_leave(&it.desk);
	assert_int_equal(accepted(&it), PILOT);
	assert_int_equal(logged(&it, LOGGED("run.stop")), 1);
	assert_int_equal(logged(&it, LOGGED("run.pilot")), 0);
	desk_stage_close(&it);
}

/* Replies that are not good hold the rest back without any policy. */
static void
a_guard_holds_it(void **state)
{
	static const struct {
		const char *prefix, *why;
	} cases[] = {
	    {"unknown-", "too many were refused"},
	    {"later-", "too few were accepted to tell anything"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct stage_params params = many;
		struct desk_stage it;
		struct practice_count seen;

		params.prefix = cases[i].prefix;
		params.manners = PRACTICE_LIFELIKE;
		open_page(&it, &params, i ? "ja" : "en");
		set(&it, "pilot.after", "go-on");
		set(&it, "pilot.burst", "100");
		send_pilot(&it);
		desk_wait(&it.desk, cases[i].why);
		seen = practice_count(it.stage.practice);
		assert_in_range(seen.rejected + seen.deferred, 1, PILOT);
		assert_int_equal(seen.accepted, 0);
		stop_for_good(&it.desk);
		desk_leave(&it.desk);
		assert_int_equal(
		    practice_count(it.stage.practice).rejected, seen.rejected);
		assert_int_equal(
		    practice_count(it.stage.practice).deferred, seen.deferred);
		assert_int_equal(logged(&it, LOGGED("run.pilot")), 0);
		desk_stage_close(&it);
	}
}

/* The process dies while somebody should look: nothing leaves by that. */
static void
killed_while_it_waits(void **state)
{
	struct desk_stage it;
	struct desk *desk = &it.desk;
	int server;

	(void)state;
	open_page(&it, &many, "en");
	send_pilot(&it);
	server = pty_pid(desk->pty);
	kill(server, SIGKILL);
	pty_wait_end(desk->pty);
	wait_gone(server);
	desk_stage_come_in(desk);
	desk_go_to(desk, "was interrupted");
	pty_keys(desk->pty, "Enter");
	desk_wait(desk, "Sekisho ended while it was sending.");
	answer(desk, "g");
	desk_wait(desk, "the policy wants a person to look");
	assert_int_equal(accepted(&it), PILOT);
	send_the_rest(&it);
	desk_leave(desk);
	assert_int_equal(logged(&it, LOGGED("run.continue")), 1);
	assert_int_equal(logged(&it, LOGGED("run.pilot")), 1);
	desk_stage_close(&it);
}

/* Without a terminal it goes on waiting, and nothing leaves. */
static void
a_hang_up_while_it_waits(void **state)
{
	struct desk_stage it;

	(void)state;
	open_page(&it, &many, "en");
	send_pilot(&it);
	desk_stage_hang_up(&it);
	assert_int_equal(accepted(&it), PILOT);
	desk_stage_attach(&it);
	desk_stage_unlock(&it.desk);
	desk_wait(&it.desk, WAITS);
	send_the_rest(&it);
	desk_leave(&it.desk);
	wait_gone(it.server);
	desk_stage_close(&it);
}

/* ---- For later ------------------------------------------------------------------- */

/* Ten minutes from now; armed by keys, and then at home. */
static void
arm(struct desk_stage *it, const char *policy, const char *language)
{
	struct stage_params params = many;
	struct desk *desk = &it->desk;

	params.class = CLASS_TX; /* may leave at any hour */
	params.send_at_ms =
	    clock_now_ms(clock_real()) / MINUTE_MS * MINUTE_MS + AHEAD_MS;
	open_page(it, &params, language);
	set(it, "pilot.percent", "0");
	set(it, "away.policy", policy);
	desk_stage_seal(it);
	desk_own_clock(desk);
	go_to_page(desk);
	pty_type(desk->pty, "200");
	desk_wait(desk, "+ That is the number. ^N arms it; it starts by "
			"itself.");
	pty_keys(desk->pty, "^N");
	desk_wait(desk, "Armed. It starts by itself at ");
}

/* Its time comes. */
static void
pass(struct desk_stage *it)
{
	desk_move_clock(&it->desk, AHEAD_MS, AHEAD_MS);
}

static void
wait_accepted(struct desk_stage *it)
{
	for (int i = 0; i < PTY_WAIT_MS / 10 && accepted(it) < PEOPLE; i++)
		usleep(10000);
	assert_int_equal(accepted(it), PEOPLE);
}

static void
it_starts_behind_the_lock(const char *language)
{
	struct desk_stage it;
	struct desk *desk = &it.desk;

	arm(&it, "go-on", language);
	pty_keys(desk->pty, "L");
	desk_wait(desk, "Press Enter to sign in again.");
	assert_int_equal(accepted(&it), 0);
	pass(&it);
	wait_accepted(&it);
	desk_stage_unlock(desk);
	pty_keys(desk->pty, "4");
	pty_wait_text(desk->pty, desk_word(desk, "DONE"));
	desk_leave(desk);
	assert_int_equal(logged(&it, LOGGED("schedule.arm")), 1);
	assert_int_equal(logged(&it, LOGGED("schedule.start")), 1);
	desk_stage_close(&it);
}

static void
locked_en(void **state)
{
	(void)state;
	it_starts_behind_the_lock("en");
}

static void
locked_ja(void **state)
{
	(void)state;
	it_starts_behind_the_lock("ja");
}

/* The policy for lost terminals is about a delivery that is under way. */
static void
it_starts_without_a_terminal(void **state)
{
	static const char *const policies[] = {"go-on", "pause", "stop"};

	(void)state;
	for (size_t i = 0; i < sizeof policies / sizeof *policies; i++) {
		struct desk_stage it;

		arm(&it, policies[i], "en");
		desk_stage_hang_up(&it);
		assert_int_equal(accepted(&it), 0);
		pass(&it);
		wait_accepted(&it);
		wait_gone(it.server);
		it.server = 0;
		assert_int_equal(logged(&it, LOGGED("schedule.start")), 1);
		assert_int_equal(logged(&it, LOGGED("run.done")), 1);
		desk_stage_close(&it);
	}
}

static void
disarmed(void **state)
{
	struct desk_stage it;
	struct desk *desk = &it.desk;

	(void)state;
	arm(&it, "go-on", "en");
	pty_keys(desk->pty, "d");
	desk_wait(desk, "Disarmed: nothing starts by itself.");
	pass(&it);
	pty_keys(desk->pty, "Esc");
	desk_leave(desk);
	assert_int_equal(logged(&it, LOGGED("schedule.start")), 0);
	assert_int_equal(logged(&it, STATE), CAMPAIGN_SEALED);
	assert_int_equal(accepted(&it), 0);
	desk_stage_close(&it);
}

/* The program dies with it armed. */
static void
die(struct desk *desk)
{
	int server = pty_pid(desk->pty);

	kill(server, SIGKILL);
	pty_wait_end(desk->pty);
	wait_gone(server);
}

static void
assert_not_started(struct desk_stage *it)
{
	desk_wait(&it->desk, "An armed campaign was not started: see home.");
	assert_int_equal(accepted(it), 0);
}

/* The host was down until the last moment had passed. */
static void
a_late_host_does_not_start(const char *language)
{
	struct desk_stage it;
	struct desk *desk = &it.desk;

	arm(&it, "go-on", language);
	die(desk);
	desk_move_clock(desk, 3 * 60 * MINUTE_MS, 3 * 60 * MINUTE_MS);
	desk_stage_come_in(desk);
	assert_not_started(&it);
	desk_wait(desk, "✗ \"%s\" was not started at %s: nobody was there in "
			"time");
	desk_leave(desk);
	assert_int_equal(logged(&it, LOGGED("schedule.expire")), 1);
	assert_int_equal(logged(&it, LOGGED("run.start")), 0);
	assert_int_equal(logged(&it, STATE), CAMPAIGN_SEALED);
	desk_stage_close(&it);
}

static void
late_en(void **state)
{
	(void)state;
	a_late_host_does_not_start("en");
}

static void
late_ja(void **state)
{
	(void)state;
	a_late_host_does_not_start("ja");
}

static const char *copied_to;
static size_t copied_from_len;

static int
copy_one(const char *path, const struct stat *st, int kind, struct FTW *at)
{
	struct buf to = BUF_INIT, bytes = BUF_INIT;
	struct err err = {0};
	int rc = 0;

	(void)at;
	buf_printf(&to, "%s%s", copied_to, path + copied_from_len);
	if (kind == FTW_D)
		rc = mkdir(to.ptr, st->st_mode & 0777);
	else if (S_ISREG(st->st_mode))
		rc = file_read(path, (size_t)st->st_size, &bytes, &err) < 0 ||
		     file_replace(to.ptr, buf_span(&bytes), st->st_mode & 0777,
			 &err) < 0;
	buf_done(&to);
	buf_done(&bytes);
	return rc;
}

/* A copy of the folder with everything in it. */
static void
copy_store(const char *from, const char *to)
{
	copied_to = to;
	copied_from_len = strlen(from);
	assert_int_equal(nftw(from, copy_one, 16, FTW_PHYS), 0);
}

/* Two programs have it armed; the one that is a copy refuses, the other one
 * sends. */
static void
a_cloned_store_does_not_start(void **state)
{
	struct desk_stage it;
	struct desk *desk = &it.desk;
	const char *own;

	(void)state;
	arm(&it, "go-on", "en");
	die(desk);
	own = desk->store;
	desk->store = desk_path(desk, "clone");
	copy_store(own, desk->store);
	pass(&it);
	desk_stage_come_in(desk);
	assert_not_started(&it);
	desk_leave(desk);
	desk_stage_take(&it);
	assert_int_equal(logged(&it, LOGGED("schedule.refuse")), 1);
	assert_int_equal(logged(&it, LOGGED("run.start")), 0);
	store_close(&it.stage.store);

	desk->store = own;
	desk_stage_come_in(desk);
	wait_accepted(&it);
	desk_wait(desk, "The armed campaign has started by itself.");
	desk_leave(desk);
	assert_int_equal(logged(&it, LOGGED("schedule.start")), 1);
	desk_stage_close(&it);
}

/* Somebody sets the clock on: the steady one knows better. */
static void
a_clock_that_was_set(void **state)
{
	struct desk_stage it;
	struct desk *desk = &it.desk;

	(void)state;
	arm(&it, "go-on", "en");
	desk_move_clock(desk, AHEAD_MS, 0);
	assert_not_started(&it);
	pty_keys(desk->pty, "q q 1");
	desk_wait(desk, "✗ \"%s\" was to start at %s and was not sent: see the "
			"log");
	desk_leave(desk);
	assert_int_equal(logged(&it, LOGGED("schedule.refuse")), 1);
	assert_int_equal(logged(&it, STATE), CAMPAIGN_SEALED);
	desk_stage_close(&it);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(number_en),
	    cmocka_unit_test(number_ja),
	    cmocka_unit_test(countdown_en),
	    cmocka_unit_test(countdown_ja),
	    cmocka_unit_test(a_hang_up_stops_the_countdown),
	    cmocka_unit_test(pilot_en),
	    cmocka_unit_test(pilot_ja),
	    cmocka_unit_test(it_waits_and_is_stopped),
	    cmocka_unit_test(a_guard_holds_it),
	    cmocka_unit_test(killed_while_it_waits),
	    cmocka_unit_test(a_hang_up_while_it_waits),
	    cmocka_unit_test(locked_en),
	    cmocka_unit_test(locked_ja),
	    cmocka_unit_test(it_starts_without_a_terminal),
	    cmocka_unit_test(disarmed),
	    cmocka_unit_test(late_en),
	    cmocka_unit_test(late_ja),
	    cmocka_unit_test(a_cloned_store_does_not_start),
	    cmocka_unit_test(a_clock_that_was_set),
	};
	const char *missing = desk_missing();

	if (missing) {
		printf("SKIP the launch: %s\n", missing);
		return 0;
	}
	/* The relay of the stage is in this process, and its client dies. */
	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
