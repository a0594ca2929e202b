/* The lockout counts per user, in a window, until a success; attempts reach
 * the store and its log exactly once. */
#include "tests/unit/unit.h"

#include <stdio.h>
#include <stdlib.h>

#include "core/access/access.h"
#include "core/base/file.h"
#include "tests/fake/clock.h"
#include "tests/fake/tempstore.h"

enum { MINUTE = 60000 };
static const int64_t start = 1795219200000;

static void
record(const char *dir, const char *user, enum login_result result, int64_t at)
{
	struct err err = {0};

	assert_ok(
	    lockout_record(dir, user, "pts/3 192.0.2.14", result, at, &err),
	    &err);
}

static void
five_failures_make_a_pause(void **state)
{
	char *dir = tempdir_new();

	(void)state;
	for (int i = 0; i < 5; i++) {
		assert_int_equal(lockout_wait_s(dir, "jiro", start + i), 0);
		assert_int_equal(lockout_left(dir, "jiro", start + i), 5 - i);
		record(dir, "jiro", LOGIN_FAILED, start + i);
	}
	assert_int_equal(lockout_left(dir, "jiro", start + 4), 0);
	assert_int_equal(lockout_wait_s(dir, "jiro", start + 4), 600);
	assert_int_equal(
	    lockout_wait_s(dir, "jiro", start + 4 + 9 * MINUTE), 60);
	assert_int_equal(
	    lockout_wait_s(dir, "jiro", start + 4 + 10 * MINUTE), 0);
	/* Others are not concerned. */
	assert_int_equal(lockout_wait_s(dir, "hanako", start + 4), 0);
	tempdir_remove(&dir);
}

static void
success_and_time_forget(void **state)
{
	char *dir = tempdir_new();

	(void)state;
	for (int i = 0; i < 4; i++)
		record(dir, "jiro", LOGIN_FAILED, start);
	record(dir, "jiro", LOGIN_OK, start);
	assert_int_equal(lockout_left(dir, "jiro", start), 5);
	for (int i = 0; i < 4; i++)
		record(dir, "jiro", LOGIN_FAILED, start);
	assert_int_equal(lockout_left(dir, "jiro", start), 1);
	assert_int_equal(lockout_left(dir, "jiro", start + 11 * MINUTE), 5);
	tempdir_remove(&dir);
}

/* A pause that is longer than the window lasts to its end. */
static void
a_long_pause_outlives_its_window(void **state)
{
	char *dir = tempdir_new();
	struct buf path = BUF_INIT;
	struct err err = {0};

	(void)state;
	buf_printf(&path, "%s/login-attempts", dir);
	assert_ok(
	    file_replace(path.ptr, SPAN("policy 3 10 60\n"), 0600, &err), &err);
	record(dir, "jiro", LOGIN_FAILED, start);
	record(dir, "jiro", LOGIN_FAILED, start + 9 * MINUTE);
	/* The first is out of the window: no pause yet. */
	record(dir, "jiro", LOGIN_FAILED, start + 11 * MINUTE);
	assert_int_equal(lockout_wait_s(dir, "jiro", start + 11 * MINUTE), 0);
	record(dir, "jiro", LOGIN_FAILED, start + 12 * MINUTE);
	assert_int_equal(
	    lockout_wait_s(dir, "jiro", start + 12 * MINUTE), 3600);
	assert_int_equal(
	    lockout_wait_s(dir, "jiro", start + 42 * MINUTE), 1800);
	assert_int_equal(lockout_wait_s(dir, "jiro", start + 72 * MINUTE), 0);
	record(dir, "jiro", LOGIN_OK, start + 72 * MINUTE);
	assert_int_equal(lockout_left(dir, "jiro", start + 72 * MINUTE), 3);
	buf_done(&path);
	tempdir_remove(&dir);
}

static void
rubbish_in_the_file_is_harmless(void **state)
{
	char *dir = tempdir_new();
	struct buf path = BUF_INIT;
	struct err err = {0};

	(void)state;
	buf_printf(&path, "%s/login-attempts", dir);
	assert_ok(
	    file_replace(path.ptr,
		SPAN("policy 0 -1 x\n\xff\xfe\nF 99999999999999999999 a b\n"
		     "F\nX 1 jiro x\nF 1795219200000 jiro tty\n"),
		0600, &err),
	    &err);
	assert_int_equal(lockout_left(dir, "jiro", start + 1), 4);
	buf_done(&path);
	tempdir_remove(&dir);
}

static int
count_audit(struct db *db, const char *what)
{
	struct err err = {0};
	struct stmt *stmt =
	    db_stmt(db, "SELECT count(*) FROM audit WHERE what = ?1", &err);
	int count;

	assert_non_null(stmt);
	stmt_text(stmt, 1, span_of(what));
	assert_int_equal(stmt_step(stmt, &err), 1);
	count = (int)stmt_col_int(stmt, 0);
	stmt_reset(stmt);
	return count;
}

static void
attempts_move_into_the_store_once(void **state)
{
	struct fake_clock clock;
	struct store *store;
	struct db *db = NULL;
	struct login_history history;
	struct err err = {0};
	const char *dir;

	(void)state;
	fake_clock_init(&clock);
	store = tempstore_open(&clock.base);
	dir = store_dir(store);
	record(dir, "jiro", LOGIN_OK, clock.now - 3000);
	record(dir, "jiro", LOGIN_FAILED, clock.now - 2000);
	record(dir, "other", LOGIN_FAILED, clock.now - 1500);
	record(dir, "jiro", LOGIN_OK, clock.now - 1000);
	assert_ok(lockout_transfer(store, &err), &err);
	assert_ok(lockout_transfer(store, &err), &err);
	assert_ok(store_reader_open(store, &db, &err), &err);
	assert_int_equal(count_audit(db, "login.ok"), 2);
	assert_int_equal(count_audit(db, "login.failed"), 2);
	assert_ok(login_history(db, "jiro", &history, &err), &err);
	assert_true(history.last_ms == clock.now - 3000);
	assert_string_equal(history.last_origin, "pts/3 192.0.2.14");
	assert_int_equal(history.failures_since, 1);
	/* A failure that was moved still counts; the one before a success
	 * does not. */
	assert_int_equal(lockout_left(dir, "other", clock.now), 4);
	assert_int_equal(lockout_left(dir, "jiro", clock.now), 5);
	store_reader_close(&db);
	tempstore_close(&store);
}

static void
settings_become_the_policy(void **state)
{
	struct fake_clock clock;
	struct store *store;
	struct err err = {0};

	(void)state;
	fake_clock_init(&clock);
	store = tempstore_open(&clock.base);
	assert_ok(
	    setting_write(store, "login.max_failures", SPAN("3"), &err), &err);
	assert_ok(setting_write(store, "login.pause_minutes", SPAN("20"), &err),
	    &err);
	assert_ok(lockout_transfer(store, &err), &err);
	for (int i = 0; i < 3; i++)
		record(store_dir(store), "jiro", LOGIN_FAILED, clock.now);
	assert_int_equal(
	    lockout_wait_s(store_dir(store), "jiro", clock.now), 1200);
	tempstore_close(&store);
}

static void
the_caller_has_a_name(void **state)
{
	char *user = access_user(), *origin;

	(void)state;
	assert_non_null(user);
	assert_true(strlen(user) > 0);
	free(user);
	setenv("SSH_CONNECTION", "192.0.2.14\x1b[2J 50000 192.0.2.1 22", 1);
	origin = access_origin();
	assert_non_null(strstr(origin, "192.0.2.14"));
	assert_null(strchr(origin, '\x1b'));
	free(origin);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(five_failures_make_a_pause),
	    cmocka_unit_test(success_and_time_forget),
	    cmocka_unit_test(a_long_pause_outlives_its_window),
	    cmocka_unit_test(rubbish_in_the_file_is_harmless),
	    cmocka_unit_test(attempts_move_into_the_store_once),
	    cmocka_unit_test(settings_become_the_policy),
	    cmocka_unit_test(the_caller_has_a_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
