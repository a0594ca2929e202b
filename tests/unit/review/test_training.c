/* The training record: kept with the log, read by whom it concerns. */
#include "tests/unit/unit.h"

#include "core/access/access.h"
#include "core/base/buf.h"
#include "core/base/clock.h"
#include "core/review/drill.h"
#include "tests/fake/tempstore.h"

enum { OTHERS = 3 };

struct fixture {
	struct clock *clock;
	struct store *store;
	struct db *db;
	struct err err;
};

static int
set_up(void **state)
{
	static struct fixture f;

	f = (struct fixture){.clock = clock_real()};
	f.store = tempstore_open(f.clock);
	assert_ok(store_reader_open(f.store, &f.db, &f.err), &f.err);
	*state = &f;
	return 0;
}

static int
tear_down(void **state)
{
	struct fixture *f = *state;

	store_reader_close(&f->db);
	tempstore_close(&f->store);
	return 0;
}

static void
keep(struct fixture *f, uint64_t seed, int64_t *id)
{
	struct drill_marks marks = {.count = 0};
	struct drill_plan plan;
	struct drill_deed deed = {
	    .plan = &plan, .marks = &marks, .seconds = 100 + (int64_t)seed};
	struct drill_result result;

	drill_draw(seed, &plan);
	deed.repaired[0] = deed.repaired[1] = true;
	for (int i = 0; i < DRILL_KINDS && !marks.count; i++) {
		bool planted = false;

		for (int k = 0; k < DRILL_PLANTED; k++)
			planted |= plan.fault[k] == (enum drill_kind)i;
		if (!planted)
			drill_mark(&marks, (enum drill_kind)i, DRILL_AT_TEXT,
			    SPAN("guess"), NULL);
	}
	drill_evaluate(&deed, &result);
	assert_ok(training_keep(f->store, &result, id, &f->err), &f->err);
}

/* As if others had practised here. */
static void
add_others(struct fixture *f)
{
	struct db *db = NULL;
	struct stmt *stmt;

	assert_ok(store_begin(f->store, STORE_WAIT_LONG, "test", &db, &f->err),
	    &f->err);
	for (int i = 0; i < OTHERS; i++) {
		stmt = db_stmt(db,
		    "INSERT INTO training(login, at_ms, seconds, planted,"
		    " found, alarms, sent, result) SELECT 'hanako', at_ms, ?1,"
		    " planted, found, alarms, sent, result FROM training"
		    " LIMIT 1",
		    &f->err);
		assert_non_null(stmt);
		stmt_int(stmt, 1, i);
		assert_ok(stmt_run(stmt, &f->err), &f->err);
	}
	assert_ok(store_commit(f->store, &db, &f->err), &f->err);
}

static int64_t
page(struct fixture *f, const char *login, int64_t before, struct training *out,
    size_t count)
{
	int64_t got = training_page(
	    f->store, f->db, span_of(login), before, out, count, &f->err);

	assert_true(got >= 0);
	return got;
}

static void
a_record_is_kept_with_its_entry(void **state)
{
	struct fixture *f = *state;
	struct training record;
	struct drill_result result;
	struct stmt *stmt;
	int64_t id = 0;

	keep(f, 5, &id);
	assert_int_equal(
	    training_read(f->store, f->db, id, &record, &result, &f->err), 1);
	assert_string_equal(record.login, store_user(f->store));
	assert_true(record.at_ms > 0);
	assert_int_equal(record.seconds, 105);
	assert_int_equal(record.planted, DRILL_PLANTED);
	assert_int_equal(record.found, 2);
	assert_int_equal(record.alarms, 1);
	assert_int_equal(record.sent, 0);
	assert_int_equal(result.seed, 5);
	assert_int_equal(result.found, 2);
	assert_string_equal(result.alarm.mark[0].note, "guess");
	assert_int_equal(
	    training_read(f->store, f->db, id + 1, &record, &result, &f->err),
	    0);
	stmt = db_stmt(f->db,
	    "SELECT facts FROM audit WHERE what = 'training.done'"
	    " AND object = 'training 1'",
	    &f->err);
	assert_int_equal(stmt_step(stmt, &f->err), 1);
	assert_span_equal(
	    stmt_col_text(stmt, 0), "planted=8 found=2 alarms=1 seconds=105");
	stmt_reset(stmt);
	assert_ok(audit_verify(f->store, f->db, &id, &f->err), &f->err);
}

static void
who_reads_whose(void **state)
{
	static const struct {
		unsigned roles;
		bool all;
	} cases[] = {
	    {PERSON_ADMINISTRATOR, true},
	    {PERSON_AUDITOR, true},
	    {PERSON_OPERATOR, false},
	    {PERSON_APPROVER, false},
	    {PERSON_VIEWER, false},
	    {PERSON_OPERATOR | PERSON_APPROVER | PERSON_VIEWER, false},
	    {0, false},
	};
	struct fixture *f = *state;
	struct training rows[10];
	struct drill_result result;
	int64_t own;

	keep(f, 1, &own);
	add_others(f);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		bool all = cases[i].all;

		tempstore_roles(f->store, cases[i].roles);
		assert_int_equal(training_sees_all(f->store, f->db), all);
		assert_int_equal(
		    page(f, "", 0, rows, 10), all ? 1 + OTHERS : 1);
		assert_int_equal(
		    page(f, "hanako", 0, rows, 10), all ? OTHERS : 1);
		assert_string_equal(
		    rows[0].login, all ? "hanako" : store_user(f->store));
		assert_int_equal(
		    training_read(f->store, f->db, own, rows, &result, &f->err),
		    1);
		assert_int_equal(training_read(f->store, f->db, own + 1, rows,
				     &result, &f->err),
		    all);
	}
}

static void
pages_follow_each_other(void **state)
{
	struct fixture *f = *state;
	struct training rows[3];
	int64_t before = 0, last = INT64_MAX;
	int seen = 0;

	for (uint64_t i = 0; i < 7; i++)
		keep(f, i, NULL);
	for (;;) {
		int64_t got = page(f, "", before, rows, 3);

		for (int64_t i = 0; i < got; i++) {
			assert_true(rows[i].id < last);
			last = rows[i].id;
		}
		seen += (int)got;
		if (got < 3)
			break;
		before = last;
	}
	assert_int_equal(seen, 7);
	/* the newest comes first */
	page(f, "", 0, rows, 1);
	assert_int_equal(rows[0].seconds, 106);
}

static void
a_record_that_was_changed_is_not_believed(void **state)
{
	struct fixture *f = *state;
	struct training record;
	struct drill_result result;
	struct db *db = NULL;
	int64_t id;

	keep(f, 3, &id);
	assert_ok(store_begin(f->store, STORE_WAIT_LONG, "test", &db, &f->err),
	    &f->err);
	assert_ok(stmt_run(db_stmt(db,
			       "UPDATE training SET result = replace(result,"
			       " 'missed', 'spotted')",
			       &f->err),
		      &f->err),
	    &f->err);
	assert_ok(store_commit(f->store, &db, &f->err), &f->err);
	assert_int_equal(
	    training_read(f->store, f->db, id, &record, &result, &f->err), -1);
	assert_int_equal(f->err.code, E_DRILL_RESULT);
}

#define T(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    T(a_record_is_kept_with_its_entry),
	    T(who_reads_whose),
	    T(pages_follow_each_other),
	    T(a_record_that_was_changed_is_not_believed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
