/* The stop list: any spelling, one key, nothing readable in the log. */
#include "tests/unit/unit.h"

#include <stdlib.h>

#include "core/base/mem.h"
#include "core/contacts/contacts.h"
#include "tests/fake/clock.h"
#include "tests/fake/tempstore.h"

struct room {
	struct fake_clock clock;
	struct store *store;
	struct db *db;
	struct err err;
};

static const struct list_id all = {0}, list = {1}, other = {2};

static int
setup(void **state)
{
	struct room *room = mem_new(sizeof *room);

	fake_clock_init(&room->clock);
	room->store = tempstore_open(&room->clock.base);
	assert_ok(
	    store_reader_open(room->store, &room->db, &room->err), &room->err);
	*state = room;
	return 0;
}

static int
teardown(void **state)
{
	struct room *room = *state;

	store_reader_close(&room->db);
	tempstore_close(&room->store);
	free(room);
	return 0;
}

static int
check(struct room *room, const char *canon, struct list_id where)
{
	int got = suppress_check(
	    room->store, room->db, span_of(canon), where, &room->err);

	assert_true(got >= 0);
	return got;
}

static void
add(struct room *room, const char *address, struct list_id where)
{
	assert_ok(suppress_add(room->store, span_of(address), where,
		      SUPPRESS_HAND, SPAN("call of 2026-11-20"), &room->err),
	    &room->err);
}

static int64_t
number(struct room *room, const char *sql)
{
	struct stmt *stmt = db_stmt(room->db, sql, &room->err);
	int64_t value;

	assert_non_null(stmt);
	assert_int_equal(stmt_step(stmt, &room->err), 1);
	value = stmt_col_int(stmt, 0);
	stmt_reset(stmt);
	return value;
}

static void
finds_every_spelling_of_an_address(void **state)
{
	struct room *room = *state;

	assert_int_equal(check(room, "a@example.com", list), 0);
	assert_int_equal(suppress_any(room->db, list, &room->err), 0);
	add(room, " a@EXAMPLE.com ", all);
	assert_int_equal(check(room, "a@example.com", list), 1);
	assert_int_equal(check(room, "a@example.com", all), 1);
	/* Local parts are compared byte for byte. */
	assert_int_equal(check(room, "A@example.com", list), 0);
	assert_int_equal(suppress_any(room->db, list, &room->err), 1);
}

static void
holds_for_one_list_or_for_all(void **state)
{
	struct room *room = *state;

	add(room, "a@example.com", list);
	assert_int_equal(check(room, "a@example.com", list), 1);
	assert_int_equal(check(room, "a@example.com", other), 0);
	assert_int_equal(check(room, "a@example.com", all), 0);
	assert_int_equal(suppress_any(room->db, other, &room->err), 0);
}

static void
adds_twice_and_removes_twice(void **state)
{
	struct room *room = *state;

	add(room, "a@example.com", all);
	add(room, "a@example.com", all);
	assert_int_equal(number(room, "SELECT count(*) FROM suppression"), 1);
	for (int i = 0; i < 2; i++) {
		assert_ok(suppress_remove(room->store, SPAN("a@example.com"),
			      all, SPAN("asked\nagain"), &room->err),
		    &room->err);
		assert_int_equal(check(room, "a@example.com", list), 0);
	}
	assert_int_equal(
	    number(room,
		"SELECT count(*) FROM audit WHERE what = 'suppress.remove'"
		" AND facts IN ('found=1 reason=\"asked again\"',"
		" 'found=0 reason=\"asked again\"')"),
	    2);
}

static void
log_never_holds_the_address(void **state)
{
	struct room *room = *state;

	add(room, "secret.person@example.com", list);
	assert_ok(
	    suppress_remove(room->store, SPAN("secret.person@example.com"),
		list, SPAN("x"), &room->err),
	    &room->err);
	assert_int_equal(
	    number(room,
		"SELECT count(*) FROM audit WHERE what LIKE 'suppress.%'"),
	    2);
	assert_int_equal(
	    number(room, "SELECT count(*) FROM audit WHERE object || facts"
			 " LIKE '%secret%'"),
	    0);
}

static void
refuses_what_is_no_address(void **state)
{
	struct room *room = *state;

	assert_int_equal(suppress_add(room->store, SPAN("nobody"), all,
			     SUPPRESS_HAND, SPAN(""), &room->err),
	    -1);
	assert_int_equal(room->err.code, E_ADDRESS_SYNTAX);
	assert_int_equal(number(room, "SELECT count(*) FROM suppression"), 0);
}

/* Somebody erased stays stopped, and is counted again once imported. */
static void
adopts_entries_without_address(void **state)
{
	struct room *room = *state;
	struct db *db = NULL;

	add(room, "a@example.com", all);
	assert_ok(
	    store_begin(room->store, STORE_WAIT_SHORT, "test", &db, &room->err),
	    &room->err);
	assert_ok(
	    stmt_run(db_stmt(db, "UPDATE suppression SET address = ''", NULL),
		&room->err),
	    &room->err);
	assert_int_equal(suppress_check(room->store, db, SPAN("a@example.com"),
			     list, &room->err),
	    1);
	assert_ok(
	    suppress_adopt(room->store, db, SPAN("a@example.com"), &room->err),
	    &room->err);
	assert_ok(store_commit(room->store, &db, &room->err), &room->err);
	assert_int_equal(number(room, "SELECT count(*) FROM suppression"
				      " WHERE address = 'a@example.com'"),
	    1);
}

/* ---- In memory --------------------------------------------------------- */

static int
ask(struct room *room, struct suppress_set *set, const char *canon)
{
	int got = suppress_set_check(set, room->db, span_of(canon), &room->err);

	assert_true(got >= 0);
	return got;
}

/* Runs a statement that writes, in a transaction of its own. */
static void
write_sql(struct room *room, const char *sql)
{
	struct db *db = NULL;

	assert_ok(
	    store_begin(room->store, STORE_WAIT_SHORT, "test", &db, &room->err),
	    &room->err);
	assert_ok(
	    stmt_run(db_stmt(db, sql, &room->err), &room->err), &room->err);
	assert_ok(store_commit(room->store, &db, &room->err), &room->err);
}

/* count entries of nobody, with keys all over. */
static void
crowd(struct room *room, int count)
{
	struct db *db = NULL;

	assert_ok(
	    store_begin(room->store, STORE_WAIT_SHORT, "test", &db, &room->err),
	    &room->err);
	for (int i = 0; i < count; i++) {
		struct stmt *stmt = db_stmt(db,
		    "INSERT INTO suppression VALUES(?1, 0, 0, 0, '', '')",
		    &room->err);
		struct digest key;

		crypt_sha256(span_make(&i, sizeof i), &key);
		stmt_blob(stmt, 1, span_make(key.bytes, sizeof key.bytes));
		assert_ok(stmt_run(stmt, &room->err), &room->err);
	}
	assert_ok(store_commit(room->store, &db, &room->err), &room->err);
}

/* Whatever was committed counts for the next question, however the entry was
 * written, in a short list and in a long one that is not read anew at once. */
static void
memory_never_misses_an_entry(void **state)
{
	struct room *room = *state;
	struct suppress_set *set = suppress_set_new(room->store, list);

	for (int round = 0; round < 2; round++) {
		assert_int_equal(ask(room, set, "a@example.com"), 0);
		add(room, "a@example.com", list);
		assert_int_equal(ask(room, set, "a@example.com"), 1);
		assert_int_equal(ask(room, set, "b@example.com"), 0);
		add(room, "b@example.com", all);
		add(room, "c@example.com", other);
		assert_int_equal(ask(room, set, "b@example.com"), 1);
		assert_int_equal(ask(room, set, "c@example.com"), 0);
		write_sql(room, "UPDATE suppression SET list = 0"
				" WHERE list = 2");
		assert_int_equal(ask(room, set, "c@example.com"), 1);
		assert_ok(suppress_remove(room->store, SPAN("b@example.com"),
			      all, SPAN("asked"), &room->err),
		    &room->err);
		assert_int_equal(ask(room, set, "b@example.com"), 0);
		write_sql(room, "DELETE FROM suppression");
		assert_int_equal(ask(room, set, "a@example.com"), 0);
		crowd(room, 500);
		for (int i = 0; i < 100; i++)
			assert_int_equal(ask(room, set, "c@example.com"), 0);
	}
	suppress_set_free(&set);
	suppress_set_free(&set);
}

/* Only what can change the answer makes it be read again. */
static void
number_moves_with_the_list_alone(void **state)
{
	struct room *room = *state;
	uint64_t before = store_stop_version(room->store);
	struct db *db = NULL;

	write_sql(
	    room, "INSERT INTO list VALUES(9, 'x', 0, 0, 'tester', 1, 0)");
	assert_int_equal(store_stop_version(room->store), before);
	assert_ok(
	    store_begin(room->store, STORE_WAIT_SHORT, "test", &db, &room->err),
	    &room->err);
	assert_ok(stmt_run(db_stmt(db, "DELETE FROM suppression", &room->err),
		      &room->err),
	    &room->err);
	store_rollback(room->store, &db);
	assert_int_equal(store_stop_version(room->store), before);
	add(room, "a@example.com", list);
	assert_true(store_stop_version(room->store) > before);
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
	    TEST(finds_every_spelling_of_an_address),
	    TEST(holds_for_one_list_or_for_all),
	    TEST(adds_twice_and_removes_twice),
	    TEST(log_never_holds_the_address),
	    TEST(refuses_what_is_no_address),
	    TEST(adopts_entries_without_address),
	    TEST(memory_never_misses_an_entry),
	    TEST(number_moves_with_the_list_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
