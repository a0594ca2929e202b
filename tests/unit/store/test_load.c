/* Rows for one statement, the index that is made last, and its end. */
#include <stdio.h>

#include "core/store/state.h"
#include "tests/fake/clock.h"
#include "tests/fake/tempstore.h"
#include "tests/unit/unit.h"

enum { ROWS = 3000 };

static const char add[] =
    "INSERT INTO contact(id, address, canon, name, fields, quirk, created_ms,"
    " changed_ms) SELECT c0, c1, c1, c2, c3, c4, c4, c4 FROM feed";

/* *arg: how many addresses there are; then they come again. */
static void
feed_row(void *arg, size_t i, struct feed_value value[FEED_COLUMNS])
{
	static char text[40];
	const int *different = arg;
	int length = snprintf(text, sizeof text, "p%d@example.com",
	    (int)i % *different * 7919 % ROWS);

	value[0].number = (int64_t)i + 1;
	value[0].text = value[4].text = (struct span){0};
	value[1].text = span_make(text, (size_t)length);
	value[2].text = SPAN("");
	value[3].text = SPAN("{}");
	value[4].number = 7;
}

static int64_t
number(struct store *store, const char *sql)
{
	return tempstore_number(store, sql);
}

static const char indexed[] =
    "SELECT count(*) FROM sqlite_schema WHERE name = 'contact_canon'";
static const char contacts[] = "SELECT count(*) FROM contact";

/* Adds contacts with so many addresses and ends the load: its error. */
static enum err_code
load(struct store *store, int different, const atomic_bool *stop)
{
	const struct load_feed feed = {
	    .rows = ROWS, .row = feed_row, .arg = &different};
	struct db *db = NULL;
	struct err err = {0};

	assert_ok(
	    store_begin(store, STORE_WAIT_SHORT, "test", &db, &err), &err);
	assert_ok(db_load_begin(db, &err), &err);
	assert_ok(db_feed(db, add, &feed, &err), &err);
	assert_int_equal(db_changes(db), ROWS);
	/* Others see the store as it was. */
	assert_int_equal(number(store, contacts), 0);
	assert_int_equal(number(store, indexed), 1);
	if (db_load_end(db, stop, &err) == 0)
		assert_ok(store_commit(store, &db, &err), &err);
	store_rollback(store, &db);
	return err.code;
}

static void
stores_all_or_nothing(void **state)
{
	static const atomic_bool now = true, never = false;
	static const struct {
		int different;
		const atomic_bool *stop;
		enum err_code code;
	} cases[] = {
	    {ROWS, &now, E_CANCELLED},
	    {ROWS / 2, NULL, E_STORE_SQL},
	    {ROWS, &never, E_NONE},
	};
	struct fake_clock clock;
	struct store *store;
	struct err err = {0};

	(void)state;
	fake_clock_init(&clock);
	store = tempstore_open(&clock.base);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		assert_int_equal(load(store, cases[i].different, cases[i].stop),
		    cases[i].code);
		assert_int_equal(number(store, contacts),
		    cases[i].code == E_NONE ? ROWS : 0);
		assert_int_equal(number(store, indexed), 1);
		assert_ok(store_verify(store, &err), &err);
	}
	tempstore_reopen(&store);
	/* p7919 % 3000, the second row */
	assert_int_equal(number(store, "SELECT id FROM contact WHERE canon ="
				       " 'p1919@example.com'"),
	    2);
	tempstore_close(&store);
}

/* Nobody but the store fills it, and outside a load nobody reads it. */
static void
a_feed_is_for_the_writer(void **state)
{
	struct fake_clock clock;
	struct store *store;
	struct db *db = NULL;
	struct err err = {0};

	(void)state;
	fake_clock_init(&clock);
	store = tempstore_open(&clock.base);
	assert_ok(store_reader_open(store, &db, &err), &err);
	assert_null(db_stmt(db, "SELECT c0 FROM feed", &err));
	store_reader_close(&db);
	assert_ok(store_scratch_open(store, &db, &err), &err);
	assert_null(db_stmt(db, "DELETE FROM contact", &err));
	assert_int_equal(err.code, E_STORE_DENIED);
	assert_non_null(db_stmt(db, "DELETE FROM temp.seen", &err));
	store_reader_close(&db);
	tempstore_close(&store);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(stores_all_or_nothing),
	    cmocka_unit_test(a_feed_is_for_the_writer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
