/* The closed laptop: a delivery goes on when its terminal goes, is found again
 * from another one, and can be looked at and stopped from a second. */
#include "tests/unit/unit.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/base/file.h"
#include "core/base/mem.h"
#include "core/report/report.h"
#include "tests/fake/arrived.h"
#include "tests/fake/desk_stage.h"

enum { PEOPLE = 3000, BEFORE = 200 };

/* ---- A delivery under way ------------------------------------------------------- */

static void
play_open(struct desk_stage *play, unsigned latency_ms)
{
	const struct stage_params params = {.recipients = PEOPLE,
	    .class = CLASS_AD,
	    .sessions = 4,
	    .latency_ms = latency_ms};

	desk_stage_open(play, &params, "en");
	desk_stage_seal(play);
}

static void
launch(struct desk_stage *play)
{
	struct desk *desk = &play->desk;

	desk_stage_come_in(desk);
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

/* All came once, and the ledger says so. */
static void
compare(struct desk_stage *play)
{
	struct stage *stage = &play->stage;
	struct report_page page = {0};
	struct buf folder = BUF_INIT;
	struct arrived arrived;
	struct db *db = NULL;
	struct err err = {0};
	size_t times;

	desk_stage_take(play);
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
	struct desk_stage play;
	struct desk *desk = &play.desk;
	uint64_t then;

	(void)state;
	play_open(&play, 12);
	launch(&play);
	desk_stage_hang_up(&play);
	then = practice_count(play.stage.practice).accepted;
	kill(play.server, SIGHUP); /* nothing more to lose */
	while (practice_count(play.stage.practice).accepted < then + BEFORE)
		usleep(5000);
	desk_stage_attach(&play);
	assert_false(pty_shows(desk->pty, "over TLS"));
	pty_wait_idle(desk->pty);
	pty_keys(desk->pty, "Enter");
	desk_wait(desk, "Password:");
	desk_enter(desk, "wrong");
	desk_wait(
	    desk, "Sign-in failed. Attempts left before a pause: %{left}.");
	desk_stage_unlock(desk);
	desk_wait(desk, "over TLS %s");
	pty_wait_text(desk->pty, "DONE");
	pty_keys(desk->pty, "o");
	pty_wait_text(desk->pty, "3,000");
	desk_leave(desk);
	wait_gone(play.server);
	compare(&play);
	desk_stage_close(&play);
}

/* Nobody comes back: it ends by itself when all is sent. */
static void
it_ends_when_all_is_sent(void **state)
{
	struct desk_stage play;

	(void)state;
	play_open(&play, 1);
	launch(&play);
	desk_stage_hang_up(&play);
	wait_gone(play.server);
	compare(&play);
	assert_int_equal(stage_number(&play.stage, "SELECT count(*) FROM audit"
						   " WHERE what = 'away.lost'"),
	    1);
	desk_stage_close(&play);
}

/* By policy it is paused, and waits for somebody; SIGTERM ends it. */
static void
it_is_paused_by_policy(void **state)
{
	struct desk_stage play;
	struct err err = {0};
	uint64_t then;

	(void)state;
	play_open(&play, 10);
	desk_stage_take(&play);
	assert_ok(
	    setting_write(play.stage.store, "away.policy", SPAN("pause"), &err),
	    &err);
	desk_stage_give(&play);
	launch(&play);
	desk_stage_hang_up(&play);
	desk_stage_attach(&play);
	desk_wait(&play.desk, "Delivery is paused.");
	then = practice_count(play.stage.practice).accepted;
	assert_true(then < PEOPLE);
	kill(play.server, SIGTERM);
	pty_wait_end(play.desk.pty);
	wait_gone(play.server);
	desk_stage_take(&play);
	assert_int_equal(
	    stage_number(&play.stage, "SELECT count(*) FROM audit"
				      " WHERE what = 'away.pause'"),
	    1);
	desk_stage_close(&play);
}

/* SIGTERM ends it in order: no row is left between two states. */
static void
a_signal_ends_it_in_order(void **state)
{
	struct desk_stage play;

	(void)state;
	play_open(&play, 10);
	launch(&play);
	desk_stage_hang_up(&play);
	kill(play.server, SIGTERM);
	wait_gone(play.server);
	desk_stage_take(&play);
	assert_int_equal(
	    stage_number(&play.stage, "SELECT count(*) FROM audit"
				      " WHERE what = 'session.close'"),
	    1);
	assert_int_equal(stage_number(&play.stage, "SELECT count(*) FROM ledger"
						   " WHERE state IN (1, 2)"),
	    0);
	desk_stage_close(&play);
}

static void
one_goes_away_on_purpose(void **state)
{
	struct desk_stage play;
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
	desk_stage_unlock(desk);
	desk_wait(desk, "over TLS %s");
	kill(play.server, SIGTERM);
	assert_int_equal(WEXITSTATUS(pty_wait_end(desk->pty)), 128 + SIGTERM);
	pty_assert_restored(desk->pty);
	desk_stage_close(&play);
}

/* One operator at a time: the second terminal asks, the first is told. */
static void
a_screen_is_taken_over(void **state)
{
	static const char *const words[] = {"attach", NULL};
	struct desk_stage play;
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
	desk_stage_unlock(&second);
	desk_wait(&second, "over TLS %s");
	pty_free(&play.desk.pty);
	play.desk.pty = second.pty;
	kill(play.server, SIGTERM);
	pty_wait_end(play.desk.pty);
	desk_stage_close(&play);
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

/* ---- Watching --------------------------------------------------------------------- */

static int64_t
steady_ms(void)
{
	return clock_steady_ms(clock_real());
}

static void
watch(struct desk *desk)
{
	static const char *const words[] = {"watch", NULL};

	desk_verb(desk, words);
	pty_wait_text(desk->pty, "accepted");
}

/* Until the relay has heard nothing for a while; when that began. */
static int64_t
wait_silence(struct practice *practice)
{
	uint64_t count = practice_count(practice).accepted;
	int64_t last = steady_ms();

	while (steady_ms() - last < 1500) {
		uint64_t now = practice_count(practice).accepted;

		if (now != count)
			last = steady_ms();
		count = now;
		usleep(500);
	}
	return last;
}

/* From key to the relay's last message; nothing comes after the answer. */
static void
it_is_stopped_from_a_second_terminal(void **state)
{
	struct desk_stage play;
	struct desk *desk = &play.desk;
	uint64_t after;
	int64_t key;

	(void)state;
	play_open(&play, 6);
	launch(&play);
	desk_stage_hang_up(&play);
	watch(desk);
	pty_send(desk->pty, "S", 0);
	desk_wait(desk, "STOP the delivery");
	desk_fill(desk, "wrong list");
	key = steady_ms();
	pty_send(desk->pty, "\r", 0);
	desk_wait(desk, "Stopped; nothing is open any more, %lld ms after the "
			"key.");
	after = practice_count(play.stage.practice).accepted;
	print_message("stopped, and answered, in %lld ms\n",
	    (long long)(steady_ms() - key));
	wait_silence(play.stage.practice);
	assert_int_equal(practice_count(play.stage.practice).accepted, after);
	assert_true(after < PEOPLE);
	/* nobody is attached, and the run is over */
	wait_gone(play.server);
	desk_wait(desk, "The connection to the running Sekisho has ended.");
	pty_send(desk->pty, "q", 0);
	assert_int_equal(WEXITSTATUS(pty_wait_end(desk->pty)), 0);
	pty_assert_restored(desk->pty);
	desk_stage_take(&play);
	assert_int_equal(
	    stage_number(&play.stage, "SELECT count(*) FROM audit WHERE"
				      " what = 'watch.stop' AND facts LIKE"
				      " 'user=% uid=% reason=\"wrong list\"'"),
	    1);
	assert_int_equal(
	    stage_number(&play.stage, "SELECT count(*) FROM ledger WHERE"
				      " state = 3"),
	    after);
	desk_stage_close(&play);
}

/* The time at full speed: the relay answers at once. */
static void
a_stop_takes_less_than_a_second(void **state)
{
	struct desk_stage play;
	struct desk *desk = &play.desk;
	int64_t key, last;

	(void)state;
	play_open(&play, 1);
	launch(&play);
	desk_stage_hang_up(&play);
	watch(desk);
	pty_send(desk->pty, "p", 0);
	key = steady_ms();
	last = wait_silence(play.stage.practice);
	print_message("from the key to the relay's last message: %lld ms\n",
	    (long long)(last - key));
	desk_stage_close(&play);
}

static void
two_watch_while_the_screen_is_locked(void **state)
{
	struct desk_stage play;
	struct desk first, second;

	(void)state;
	play_open(&play, 12);
	launch(&play);
	pty_keys(play.desk.pty, "L");
	first = second = play.desk;
	first.pty = second.pty = NULL;
	watch(&first);
	watch(&second);
	assert_false(pty_shows(first.pty, "@"));
	pty_send(first.pty, "p", 0);
	desk_wait(&first, "Paused; nothing is open any more, %lld ms after the "
			  "key.");
	pty_wait_text(second.pty, "PAUSED");
	desk_wait(&play.desk, "Delivery is paused.");
	pty_send(second.pty, "\t\t\tq", 0);
	assert_int_equal(WEXITSTATUS(pty_wait_end(second.pty)), 0);
	pty_free(&second.pty);
	pty_free(&first.pty);
	desk_stage_close(&play);
}

static void
another_user_is_sent_away(void **state)
{
	static const char *const argv[] = {"/usr/bin/setpriv", "--reuid=65534",
	    "--regid=65534", "--clear-groups", BUILD_DIR "/test/sekisho",
	    "--lang", "en", "--store", NULL, "attach", NULL};
	const char *words[sizeof argv / sizeof *argv];
	struct desk_stage play;
	struct pty *pty;

	(void)state;
	if (geteuid() != 0)
		skip();
	play_open(&play, 12);
	memcpy(words, argv, sizeof argv);
	words[8] = play.desk.store;
	assert_int_equal(chown(play.desk.store, 0, 65534), 0);
	assert_int_equal(chmod(play.desk.store, 02770), 0);
	desk_stage_come_in(&play.desk);
	pty = pty_start(&(struct pty_params){.argv = words});
	assert_int_equal(WEXITSTATUS(pty_wait_end(pty)), 1);
	pty_wait_text(pty, "nobody may not do this");
	pty_free(&pty);
	desk_leave(&play.desk);
	chmod(play.desk.store, 0700);
	desk_stage_close(&play);
}

/* ---- People elsewhere ---------------------------------------------------------------- */

static int
open_manager(struct desk *desk)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	span_text(address.sun_path, sizeof address.sun_path,
	    span_of(desk_path(desk, "notify")));
	assert_int_equal(
	    bind(fd, (struct sockaddr *)&address, sizeof address), 0);
	return fd;
}

static bool
has_heard(int fd, const char *wanted)
{
	char text[512];
	ssize_t got;

	while ((got = recv(fd, text, sizeof text, MSG_DONTWAIT)) > 0) {
		struct span said = span_make(text, (size_t)got);

		if (span_search(said, span_of(wanted)) < said.len)
			return true;
	}
	return false;
}

static void
wait_heard(int fd, const char *wanted)
{
	int64_t until = steady_ms() + PTY_WAIT_MS;

	while (!has_heard(fd, wanted)) {
		if (steady_ms() > until)
			fail_msg("the manager has not heard %s", wanted);
		usleep(5000);
	}
}

static void
people_elsewhere_are_told(void **state)
{
	const char *env[3] = {NULL};
	struct buf variable = BUF_INIT, said = BUF_INIT;
	struct desk_stage play;
	struct err err = {0};
	int manager;

	(void)state;
	play_open(&play, 2);
	desk_put(&play.desk, "tell", 0700, "#!/bin/sh\ncat >>@/told\n");
	desk_stage_take(&play);
	assert_ok(setting_write(play.stage.store, "alert.command",
		      span_of(desk_path(&play.desk, "tell")), &err),
	    &err);
	desk_stage_give(&play);
	manager = open_manager(&play.desk);
	buf_printf(
	    &variable, "NOTIFY_SOCKET=%s", desk_path(&play.desk, "notify"));
	env[0] = variable.ptr;
	env[1] = "WATCHDOG_USEC=200000";
	play.desk.env = env;
	launch(&play);
	wait_heard(manager, "MAINPID=");
	wait_heard(manager, "WATCHDOG=1");
	wait_heard(manager, "STATUS=running: ");
	desk_stage_hang_up(&play);
	wait_heard(manager, "STOPPING=1"); /* hears all the others on the way */
	wait_gone(play.server);
	assert_ok(
	    file_read(desk_path(&play.desk, "told"), 4096, &said, &err), &err);
	assert_true(span_starts(buf_span(&said), SPAN("alert=end\n")));
	assert_true(
	    span_search(buf_span(&said),
		SPAN("\nstate=done\ntotal=3000\naccepted=3000\n")) < said.len);
	assert_int_equal(span_search(buf_span(&said), SPAN("@")), said.len);
	close(manager);
	buf_done(&variable);
	buf_done(&said);
	desk_stage_close(&play);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_laptop_is_closed),
	    cmocka_unit_test(it_ends_when_all_is_sent),
	    cmocka_unit_test(it_is_paused_by_policy),
	    cmocka_unit_test(a_signal_ends_it_in_order),
	    cmocka_unit_test(one_goes_away_on_purpose),
	    cmocka_unit_test(a_screen_is_taken_over),
	    cmocka_unit_test(the_tether_is_killed),
	    cmocka_unit_test(attach_finds_nobody),
	    cmocka_unit_test(it_is_stopped_from_a_second_terminal),
	    cmocka_unit_test(a_stop_takes_less_than_a_second),
	    cmocka_unit_test(two_watch_while_the_screen_is_locked),
	    cmocka_unit_test(another_user_is_sent_away),
	    cmocka_unit_test(people_elsewhere_are_told),
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
