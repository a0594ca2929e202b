/* The closed laptop: a delivery goes on when its terminal goes, is found again
 * from another one, and can be looked at and stopped from a second. */
#include "tests/unit/unit.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/file.h"
#include "core/report/report.h"
#include "tests/fake/arrived.h"
#include "tests/fake/desk.h"
#include "tests/fake/stage.h"
#include "tests/fake/tempstore.h"

enum { PEOPLE = 3000, BEFORE = 200 };

/* ---- A delivery under way ------------------------------------------------------- */

struct play {
	struct stage stage;
	struct desk desk;
	int server; /* the process that serves, when nobody is at it */
};

static void
play_open(struct play *play, unsigned latency_ms)
{
	const struct stage_params params = {.recipients = PEOPLE,
	    .class = CLASS_AD,
	    .sessions = 4,
	    .latency_ms = latency_ms};

	stage_open(&play->stage, &params);
	stage_seal(&play->stage);
	desk_open(&play->desk, "en");
	play->desk.store =
	    arena_copy(play->desk.texts, span_of(store_dir(play->stage.store)))
		.ptr;
	store_close(&play->stage.store);
	play->server = 0;
}

static void
wait_gone(int pid)
{
	for (int i = 0; i < 3000 && pid > 0 && kill(pid, 0) == 0; i++)
		usleep(10000);
	assert_true(pid <= 0 || kill(pid, 0) < 0);
}

static void
play_close(struct play *play)
{
	desk_kill(&play->desk);
	if (play->server)
		wait_gone(play->server);
	desk_close(&play->desk);
	if (!play->stage.store)
		play->stage.store = tempstore_open_again(
		    play->desk.store, play->stage.world.clock);
	stage_close(&play->stage);
}

static void
come_in(struct desk *desk)
{
	desk_start(desk, NULL);
	desk_sign_in(desk);
	desk_wait(desk, "Passphrase of the store");
	desk_enter(desk, TEMPSTORE_PASSPHRASE);
	desk_wait(desk, "Home");
}

static void
launch(struct play *play)
{
	struct desk *desk = &play->desk;

	come_in(desk);
	pty_keys(desk->pty, "3 Enter ^N ^N");
	desk_wait(desk, "Type the number of mails to send:");
	pty_type(desk->pty, "3000");
	pty_keys(desk->pty, "^N");
	while (practice_count(play->stage.practice).accepted < BEFORE) {
		pty_wait_idle(desk->pty);
		usleep(5000);
	}
	assert_true(practice_count(play->stage.practice).accepted < PEOPLE);
}

/* The line drops. */
static void
close_laptop(struct play *play)
{
	play->server = pty_keep_server(play->desk.pty);
	assert_int_not_equal(play->server, 0);
	pty_hang_up(play->desk.pty);
	pty_wait_end(play->desk.pty);
	pty_free(&play->desk.pty);
	assert_int_equal(kill(play->server, 0), 0);
}

static void
attach(struct play *play)
{
	static const char *const words[] = {"attach", NULL};

	desk_verb(&play->desk, words);
	desk_wait(&play->desk, "Press Enter to sign in again.");
}

static void
unlock(struct desk *desk)
{
	pty_wait_idle(desk->pty);
	pty_keys(desk->pty, "Enter");
	desk_wait(desk, "Password:");
	desk_enter(desk, DESK_PASSWORD);
	pty_wait_gone(desk->pty, "Password:");
}

/* All came once, and the ledger says so. */
static void
compare(struct play *play)
{
	struct stage *stage = &play->stage;
	struct report_page page = {0};
	struct buf folder = BUF_INIT;
	struct arrived arrived;
	struct db *db = NULL;
	struct err err = {0};
	size_t times;

	stage->store =
	    tempstore_open_again(play->desk.store, stage->world.clock);
	buf_printf(&folder, "%s/new", practice_maildir(stage->practice));
	arrived_read(&arrived, folder.ptr);
	assert_int_equal(arrived.count, PEOPLE);
	assert_ok(store_reader_open(stage->store, &db, &err), &err);
	assert_ok(report_page(db, stage->campaign, REPORT_ALL, 0, PEOPLE + 1,
		      &page, &err),
	    &err);
	assert_int_equal(page.count, PEOPLE);
	assert_ok(
	    report_page_ids(stage->store, db, stage->campaign, &page, &err),
	    &err);
	for (size_t i = 0; i < page.count; i++) {
		arrived_find(&arrived, page.row[i].message_id, &times);
		assert_int_equal(page.row[i].state, LEDGER_ACCEPTED);
		assert_int_equal(times, 1);
	}
	report_page_done(&page);
	store_reader_close(&db);
	arrived_done(&arrived);
	buf_done(&folder);
}

/* ---- The closed laptop ------------------------------------------------------------ */

static void
the_laptop_is_closed(void **state)
{
	struct play play;
	struct desk *desk = &play.desk;
	uint64_t then;

	(void)state;
	play_open(&play, 12);
	launch(&play);
	close_laptop(&play);
	then = practice_count(play.stage.practice).accepted;
	kill(play.server, SIGHUP); /* nothing more to lose */
	while (practice_count(play.stage.practice).accepted < then + BEFORE)
		usleep(5000);
	attach(&play);
	assert_false(pty_shows(desk->pty, "over TLS"));
	pty_wait_idle(desk->pty);
	pty_keys(desk->pty, "Enter");
	desk_wait(desk, "Password:");
	desk_enter(desk, "wrong");
	desk_wait(
	    desk, "Sign-in failed. Attempts left before a pause: %{left}.");
	unlock(desk);
	desk_wait(desk, "over TLS %s");
	pty_wait_text(desk->pty, "DONE");
	pty_keys(desk->pty, "o");
	pty_wait_text(desk->pty, "3,000");
	desk_leave(desk);
	wait_gone(play.server);
	compare(&play);
	play_close(&play);
}

/* Nobody comes back: it ends by itself when all is sent. */
static void
it_ends_when_all_is_sent(void **state)
{
	struct play play;

	(void)state;
	play_open(&play, 1);
	launch(&play);
	close_laptop(&play);
	wait_gone(play.server);
	compare(&play);
	assert_int_equal(stage_number(&play.stage, "SELECT count(*) FROM audit"
						   " WHERE what = 'away.lost'"),
	    1);
	play_close(&play);
}

/* SIGTERM ends it in order: no row is left between two states. */
static void
a_signal_ends_it_in_order(void **state)
{
	struct play play;

	(void)state;
	play_open(&play, 10);
	launch(&play);
	close_laptop(&play);
	kill(play.server, SIGTERM);
	wait_gone(play.server);
	play.stage.store =
	    tempstore_open_again(play.desk.store, play.stage.world.clock);
	assert_int_equal(
	    stage_number(&play.stage, "SELECT count(*) FROM audit"
				      " WHERE what = 'session.close'"),
	    1);
	assert_int_equal(stage_number(&play.stage, "SELECT count(*) FROM ledger"
						   " WHERE state IN (1, 2)"),
	    0);
	play_close(&play);
}

static void
one_goes_away_on_purpose(void **state)
{
	struct play play;
	struct desk *desk = &play.desk;

	(void)state;
	play_open(&play, 10);
	launch(&play);
	play.server = pty_keep_server(desk->pty);
	pty_send(desk->pty, "D", 0);
	assert_int_equal(WEXITSTATUS(pty_wait_end(desk->pty)), 0);
	pty_assert_restored(desk->pty);
	desk_wait(desk, "The delivery goes on without a terminal. \"sekisho "
			"attach\" opens its screen again, \"sekisho watch\" "
			"looks on.");
	pty_free(&desk->pty);
	/* "sekisho" alone finds it, too */
	desk_verb(desk, NULL);
	desk_wait(desk, "Press Enter to sign in again.");
	unlock(desk);
	desk_wait(desk, "over TLS %s");
	kill(play.server, SIGTERM);
	assert_int_equal(WEXITSTATUS(pty_wait_end(desk->pty)), 128 + SIGTERM);
	pty_assert_restored(desk->pty);
	play_close(&play);
}

/* One operator at a time: the second terminal asks, the first is told. */
static void
a_screen_is_taken_over(void **state)
{
	static const char *const words[] = {"attach", NULL};
	struct play play;
	struct desk second;

	(void)state;
	play_open(&play, 10);
	launch(&play);
	play.server = pty_keep_server(play.desk.pty);
	second = play.desk;
	second.pty = NULL;
	desk_verb(&second, words);
	desk_wait(&second, "Take the screen over to this terminal?");
	pty_send(second.pty, "\r", 0);
	pty_wait_end(second.pty);
	assert_false(pty_shows(play.desk.pty, "locked since"));
	pty_free(&second.pty);
	desk_verb(&second, words);
	desk_wait(&second, "Take the screen over to this terminal?");
	pty_send(second.pty, "t\r", 0);
	assert_int_equal(WEXITSTATUS(pty_wait_end(play.desk.pty)), 0);
	pty_assert_restored(play.desk.pty);
	desk_wait(&play.desk, "The screen was taken over at another terminal:");
	desk_wait(&second, "Press Enter to sign in again.");
	unlock(&second);
	desk_wait(&second, "over TLS %s");
	pty_free(&play.desk.pty);
	play.desk.pty = second.pty;
	kill(play.server, SIGTERM);
	pty_wait_end(play.desk.pty);
	play_close(&play);
}

/* The one at the terminal is killed: the serving process gives it back. */
static void
the_tether_is_killed(void **state)
{
	struct desk desk;
	struct store *store;
	int server;

	(void)state;
	desk_open(&desk, "en");
	store = desk_make_store(&desk);
	store_close(&store);
	desk_come_in(&desk);
	server = pty_keep_server(desk.pty);
	pty_signal(desk.pty, SIGKILL);
	pty_wait_end(desk.pty);
	wait_gone(server);
	pty_assert_restored(desk.pty);
	pty_free(&desk.pty);
	/* and the other way round */
	desk_come_in(&desk);
	kill(pty_pid(desk.pty), SIGKILL);
	assert_int_equal(WEXITSTATUS(pty_wait_end(desk.pty)), 128 + SIGKILL);
	pty_assert_restored(desk.pty);
	desk_close(&desk);
}

static void
attach_finds_nobody(void **state)
{
	static const char *const words[] = {"attach", NULL};
	struct desk desk;

	(void)state;
	desk_open(&desk, "ja");
	desk_verb(&desk, words);
	assert_int_equal(WEXITSTATUS(pty_wait_end(desk.pty)), 1);
	desk_wait(&desk, "No Sekisho holds the store in %{path}. Start it "
			 "with: sekisho");
	desk_close(&desk);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_laptop_is_closed),
	    cmocka_unit_test(it_ends_when_all_is_sent),
	    cmocka_unit_test(a_signal_ends_it_in_order),
	    cmocka_unit_test(one_goes_away_on_purpose),
	    cmocka_unit_test(a_screen_is_taken_over),
	    cmocka_unit_test(the_tether_is_killed),
	    cmocka_unit_test(attach_finds_nobody),
	};
	const char *missing = desk_missing();

	if (missing) {
		printf("SKIP the closed laptop: %s\n", missing);
		return 0;
	}
	/* The relay of the stage is in this process, and its client dies. */
	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
