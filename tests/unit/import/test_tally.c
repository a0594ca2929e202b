/* What an import left out and repaired is kept with it by kind, and said in the
 * log; who joins without a basis is counted. */
#include "core/import/tally.h"

#include "tests/unit/import/import_kit.h"

enum { ROOM = 16 };

static const char file[] = "email,name\n"
			   "ｔａｒｏ＠example.jp,a\n"
			   "　jiro@example.jp;,b\n"
			   "mailto:hanako@example.jp,c\n"
			   "good@example.jp,d\n"
			   "x@gmial.com,e\n"
			   "nobody,f\n"
			   "none,g\n"
			   "short\n";

static void
store(struct room *room, struct import_plan *plan, struct import_counts *counts)
{
	const struct import_domain_pair pair = {
	    SPAN("gmial.com"), SPAN("gmail.com")};
	struct import *import = open_text(room, span_of(file));
	struct err err = {0};

	plan->accept = (struct import_accept){
	    IMPORT_REPAIR_WIDTH | IMPORT_REPAIR_BLANK | IMPORT_REPAIR_TAIL,
	    &pair, 1};
	assert_ok(import_commit(import, room->store, plan, counts, &err), &err);
	assert_sums(counts);
	import_close(&import);
}

static void
kinds_are_kept_with_their_rows(void **state)
{
	static const struct import_tally wanted[] = {
	    {E_ADDRESS_SYNTAX, 0, 3},
	    {E_ROW_SHORT, 0, 1},
	    {E_NONE, IMPORT_REPAIR_BLANK, 1},
	    {E_NONE, 0, 1},
	    {E_NONE, IMPORT_REPAIR_TAIL, 1},
	    {E_NONE, IMPORT_REPAIR_WIDTH, 1},
	};
	struct room *room = *state;
	struct import_plan plan = plan_of(room);
	struct import_tally got[ROOM];
	struct import_counts counts;
	struct db *db = NULL;
	struct err err = {0};
	size_t count;

	store(room, &plan, &counts);
	assert_int_equal(counts.fresh, 4);
	assert_int_equal(counts.bare, 0);
	assert_ok(store_reader_open(room->store, &db, &err), &err);
	assert_ok(import_tallies(db, 1, ROOM, got, &count, &err), &err);
	assert_int_equal(count, sizeof wanted / sizeof *wanted);
	for (size_t i = 0; i < count; i++) {
		assert_int_equal(got[i].code, wanted[i].code);
		assert_int_equal(got[i].repair, wanted[i].repair);
		assert_int_equal(got[i].rows, wanted[i].rows);
	}
	assert_ok(import_tallies(db, 1, 2, got, &count, &err), &err);
	assert_int_equal(count, 2);
	assert_ok(import_tallies(db, 9, ROOM, got, &count, &err), &err);
	assert_int_equal(count, 0);
	store_reader_close(&db);
}

static void
the_log_says_what_was_repaired(void **state)
{
	struct room *room = *state;
	struct import_plan plan = plan_of(room);
	struct import_counts counts;
	struct db *db = NULL;
	struct stmt *stmt;
	struct err err = {0};

	store(room, &plan, &counts);
	assert_ok(store_reader_open(room->store, &db, &err), &err);
	stmt = db_stmt(db,
	    "SELECT count(*) FROM audit WHERE what = 'import.commit' AND facts"
	    " LIKE '% repaired=2 width=1 blank=1 tail=1 domain=1 file=%'",
	    &err);
	assert_int_equal(stmt_step(stmt, &err), 1);
	assert_int_equal(stmt_col_int(stmt, 0), 1);
	stmt_reset(stmt);
	store_reader_close(&db);
}

static void
who_joins_without_a_basis_is_counted(void **state)
{
	struct room *room = *state;
	struct import_plan plan = plan_of(room);
	struct import_counts counts;
	struct import_record record;
	struct db *db = NULL;
	struct err err = {0};

	plan.basis = BASIS_NONE;
	store(room, &plan, &counts);
	assert_int_equal(counts.bare, 4);
	assert_ok(store_reader_open(room->store, &db, &err), &err);
	assert_ok(import_find(room->store, db, 1, &record, &err), &err);
	assert_int_equal(record.counts.bare, 4);
	store_reader_close(&db);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(kinds_are_kept_with_their_rows),
	    TEST(the_log_says_what_was_repaired),
	    TEST(who_joins_without_a_basis_is_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
