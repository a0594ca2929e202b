/* A large file at the real program: stopped in the middle in both ways, left by
 * its operator, by its line, and for good. */
#include "tests/unit/unit.h"

#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/file.h"
#include "core/import/import.h"
#include "tests/fake/desk_stage.h"

enum { ROWS = 120000, DEAF_MS = 500, STEP_MS = 100, STEPS = 300 };

#define STORING                                                                \
	"Storing, in one step. ^C asks: keep what was read so far, or "        \
	"nothing."
#define TRIED "This is what storing would do; nothing is stored yet:"
#define STOP  "Stop the import?"

static void
write_list(struct desk *desk)
{
	struct buf text = BUF_INIT;
	struct err err = {0};

	buf_text(&text, "email,name,member\n");
	for (int i = 0; i < ROWS; i++)
		buf_printf(&text, "user%06d@example.jp,Name %d,%06d\n", i, i,
		    (int)(i * 7919LL % 1000000));
	assert_ok(file_replace(desk_path(desk, "home/many.csv"),
		      buf_span(&text), 0600, &err),
	    &err);
	buf_done(&text);
}

/* Up to the moment in which it is being stored. */
static void
begin(struct desk *desk)
{
	struct store *store;

	desk_open(desk, "en");
	desk_own_clock(desk);
	store = desk_make_store(desk);
	store_close(&store);
	write_list(desk);
	desk_come_in(desk);
	pty_keys(desk->pty, "2 i");
	desk_field(desk, "File", "~/many.csv");
	desk_field(desk, "New list's name", "Many");
	pty_keys(desk->pty, "^N");
	desk_wait(desk, "Column in the file");
	pty_keys(desk->pty, "^N ^N");
	desk_wait(desk, TRIED);
	pty_send(desk->pty, "\x0e", 1);
	desk_wait(desk, STORING);
}

/* A dialog is deaf at first, by the program's clock; while something runs the
 * program is never idle, so nothing can be waited for but the screen. */
static void
answer_stop(struct desk *desk, const char *key)
{
	const char *title = desk_word(desk, STOP);

	pty_send(desk->pty, "\x03", 1);
	desk_wait(desk, STOP);
	for (int i = 0; i < STEPS && pty_shows(desk->pty, title); i++) {
		desk_move_clock(desk, DEAF_MS, DEAF_MS);
		pty_send(desk->pty, key, 1);
		pty_watch(desk->pty, STEP_MS);
	}
	assert_false(pty_shows(desk->pty, title));
}

/* What is stored, once no program has the store any more. */
static void
expect(struct desk *desk, const char *sql, int64_t wanted)
{
	struct store *store = desk_open_store(desk);

	assert_int_equal(desk_number(store, sql), wanted);
	store_close(&store);
}

static void
what_was_read_can_be_kept(void **state)
{
	struct desk desk;
	struct store *store;
	int64_t members;

	(void)state;
	begin(&desk);
	answer_stop(&desk, "k");
	desk_wait(&desk, "Stored:");
	desk_leave(&desk);
	store = desk_open_store(&desk);
	members = desk_number(store, "SELECT count(*) FROM member");
	assert_true(members < ROWS);
	assert_int_equal(
	    desk_number(store, "SELECT fresh FROM import WHERE cut = 1"),
	    members);
	store_close(&store);
	desk_close(&desk);
}

static void
or_nothing_at_all(void **state)
{
	struct desk desk;

	(void)state;
	begin(&desk);
	answer_stop(&desk, "n");
	desk_wait(&desk, "Stopped. Nothing was stored.");
	desk_leave(&desk);
	expect(&desk,
	    "SELECT (SELECT count(*) FROM list) + (SELECT count(*) FROM"
	    " contact) + (SELECT count(*) FROM import)",
	    0);
	desk_close(&desk);
}

/* The operator goes elsewhere; the title tells, and its end is said there. */
static void
it_goes_on_while_one_is_elsewhere(void **state)
{
	struct desk desk;

	(void)state;
	begin(&desk);
	pty_send(desk.pty, "q", 1);
	desk_wait(&desk, "The import goes on. To see it again: i on Lists.");
	assert_true(pty_shows(desk.pty, "storing "));
	pty_send(desk.pty, "6", 1);
	desk_wait(&desk, "The import of %s is done: %s new. Its result: i on "
			 "Lists.");
	pty_wait_gone(desk.pty, "storing ");
	pty_keys(desk.pty, "2 i");
	desk_wait(&desk, "Stored:");
	desk_leave(&desk);
	expect(&desk, "SELECT count(*) FROM member", ROWS);
	desk_close(&desk);
}

/* Locked and signed in again while it is being stored, which keeps the store
 * for itself: that keeps nobody out. */
static void
one_can_lock_and_come_back(void **state)
{
	struct desk desk;

	(void)state;
	begin(&desk);
	pty_send(desk.pty, "L", 1);
	pty_wait_text(desk.pty, "locked since");
	pty_wait_text(desk.pty, "storing ");
	pty_send(desk.pty, "\r", 1);
	desk_wait(&desk, "Password:");
	pty_send(desk.pty, DESK_PASSWORD "\r", strlen(DESK_PASSWORD) + 1);
	desk_wait(&desk, "Stored:");
	desk_leave(&desk);
	expect(&desk, "SELECT count(*) FROM member", ROWS);
	desk_close(&desk);
}

/* Nobody comes back: the import is stored to its end, then the program ends. */
static void
the_line_drops(void **state)
{
	struct desk desk;
	int server;

	(void)state;
	begin(&desk);
	server = pty_keep_server(desk.pty);
	pty_hang_up(desk.pty);
	pty_wait_end(desk.pty);
	pty_free(&desk.pty);
	wait_gone(server);
	expect(&desk, "SELECT count(*) FROM member", ROWS);
	expect(&desk, "SELECT count(*) FROM audit WHERE what = 'away.lost'", 1);
	desk_close(&desk);
}

/* Whoever quits is told, and then nothing is stored. */
static void
leaving_for_good_stores_nothing(void **state)
{
	struct desk desk;
	int status;

	(void)state;
	begin(&desk);
	pty_send(desk.pty, "Q", 1);
	pty_wait_text(desk.pty, "An import is being stored.");
	for (int i = 0; i < STEPS && pty_shows(desk.pty, "y Leave"); i++) {
		desk_move_clock(&desk, DEAF_MS, DEAF_MS);
		pty_send(desk.pty, "y", 1);
		pty_watch(desk.pty, STEP_MS);
	}
	status = pty_wait_end(desk.pty);
	assert_int_equal(WEXITSTATUS(status), 0);
	pty_assert_restored(desk.pty);
	pty_free(&desk.pty);
	expect(&desk, "SELECT count(*) FROM contact", 0);
	desk_close(&desk);
}

/* A signal does the same in order. */
static void
a_signal_stores_nothing(void **state)
{
	struct desk desk;

	(void)state;
	begin(&desk);
	pty_signal(desk.pty, SIGTERM);
	pty_wait_end(desk.pty);
	pty_assert_restored(desk.pty);
	pty_free(&desk.pty);
	expect(&desk, "SELECT count(*) FROM contact", 0);
	desk_close(&desk);
}

/* Killed in the middle: the store is whole, and nothing of the file is in it. */
static void
a_kill_stores_nothing(void **state)
{
	struct desk desk;

	(void)state;
	begin(&desk);
	desk_kill(&desk);
	expect(&desk,
	    "SELECT (SELECT count(*) FROM list) + (SELECT count(*) FROM"
	    " contact) + (SELECT count(*) FROM import)",
	    0);
	desk_close(&desk);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_was_read_can_be_kept),
	    cmocka_unit_test(or_nothing_at_all),
	    cmocka_unit_test(it_goes_on_while_one_is_elsewhere),
	    cmocka_unit_test(one_can_lock_and_come_back),
	    cmocka_unit_test(the_line_drops),
	    cmocka_unit_test(leaving_for_good_stores_nothing),
	    cmocka_unit_test(a_signal_stores_nothing),
	    cmocka_unit_test(a_kill_stores_nothing),
	};
	const char *missing = desk_missing();

	if (missing) {
		printf("SKIP imports: %s\n", missing);
		return 0;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
