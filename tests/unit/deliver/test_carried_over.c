/* A store with the ledger of the first schema, in every state, is opened by
 * this program: its rows say what they said, and what a process left on the way
 * is safe. */
#include "tests/unit/unit.h"

#include <stdio.h>
#include <stdlib.h>

#include "core/base/mem.h"
#include "core/deliver/scribe.h"
#include "core/deliver/totals.h"
#include "core/report/report.h"
#include "core/store/db.h"
#include "core/store/schema.h"
#include "core/store/state.h"
#include "tests/fake/clock.h"
#include "tests/fake/tempstore.h"

enum { ROWS = 9 };

static const struct campaign_id one = {1};

struct scene {
	struct fake_clock clock;
	struct store *store;
};

static void
exec(struct store *store, const char *sql)
{
	struct err err = {0};

	assert_ok(db_exec(store->writer, sql, &err), &err);
}

/* Takes the store back to the first schema, with rows of its time. */
static void
make_old(struct store *store)
{
	static const char *const tables[] = {"DROP TABLE ", NULL};
	struct err err = {0};
	struct buf drop = BUF_INIT;
	struct stmt *stmt = db_stmt_open(store->writer,
	    "SELECT name FROM sqlite_schema WHERE type = 'table'"
	    " AND name NOT LIKE 'sqlite_%'",
	    &err);
	int known;

	while (stmt_step(stmt, &err) > 0) {
		buf_text(&drop, tables[0]);
		buf_add(&drop, stmt_col_text(stmt, 0));
		buf_char(&drop, ';');
	}
	exec(store, "PRAGMA foreign_keys=OFF");
	exec(store, drop.ptr);
	buf_done(&drop);
	exec(store, schema_migrations(&known)[0]);
	exec(store, "PRAGMA user_version=1");
	assert_true(known > 1);
}

static void
fill_old(struct store *store)
{
	exec(store,
	    "INSERT INTO campaign VALUES(1, 'old', 0, 2, 1, '', '', '', '', '',"
	    " 1, 1, 'x', 1, 'x');"
	    "INSERT INTO run VALUES(1, 0, '', 9, 1000, NULL, 'hanako', "
	    "x'00');");
	/* state = seq - 1 */
	for (int seq = 1; seq <= ROWS; seq++) {
		struct buf sql = BUF_INIT;

		buf_printf(&sql,
		    "INSERT INTO outbox VALUES(1, %d, %d, 'a%d@x.jp',"
		    " 'a%d@x.jp', '', '{}', x'00');"
		    "INSERT INTO ledger VALUES(1, %d, %d, 1, %d, 5000, %s, 250,"
		    " '2.0.0', '250 ok', 12, 'H1', '%s', 'C', %d, 100,"
		    " '<%d@old.example>');",
		    seq, seq, seq, seq, seq, seq - 1,
		    seq - 1 == LEDGER_DEFERRED ? 7000 : 0,
		    seq == 1 ? "NULL" : "3", seq % 2 ? "TLSv1.3" : "", seq % 2,
		    seq);
		exec(store, sql.ptr);
		buf_done(&sql);
	}
}

static int
set_up(void **state)
{
	struct scene *it = mem_new(sizeof *it);
	struct audit_event event = {.what = "test.old"};
	struct err err = {0};

	fake_clock_init(&it->clock);
	it->store = tempstore_open(&it->clock.base);
	make_old(it->store);
	fill_old(it->store);
	/* the log of a store is never empty */
	assert_ok(audit_add(it->store, &event, &err), &err);
	tempstore_reopen(&it->store);
	*state = it;
	return 0;
}

static int
tear_down(void **state)
{
	struct scene *it = *state;

	tempstore_close(&it->store);
	free(it);
	return 0;
}

static void
rows_say_what_they_said(void **state)
{
	/* claimed was not sent, handed is in doubt */
	static const enum ledger_state wanted[ROWS] = {LEDGER_PLANNED,
	    LEDGER_PLANNED, LEDGER_IN_DOUBT, LEDGER_ACCEPTED, LEDGER_DEFERRED,
	    LEDGER_FAILED, LEDGER_IN_DOUBT, LEDGER_WITHHELD, LEDGER_CANCELLED};
	struct scene *it = *state;
	struct report_page page = {0};
	struct report report;
	struct db *db = NULL;
	struct err err = {0};

	assert_ok(store_reader_open(it->store, &db, &err), &err);
	assert_ok(report_build(db, one, &report, &err), &err);
	assert_ok(totals_check(db, one, &err), &err);
	assert_int_equal(report.total, ROWS);
	assert_int_equal(report.count[LEDGER_ACCEPTED], 1);
	assert_int_equal(report.tls_none, 1);
	assert_int_equal(report.attempts, ROWS + 1);
	assert_ok(report_page(db, one, REPORT_ALL, 0, 100, &page, &err), &err);
	assert_ok(report_page_ids(it->store, db, one, &page, &err), &err);
	assert_int_equal(page.count, ROWS);
	for (int i = 0; i < ROWS; i++) {
		const struct report_row *row = &page.row[i];
		char id[32];

		snprintf(id, sizeof id, "<%d@old.example>", i + 1);
		assert_int_equal(row->state, wanted[i]);
		assert_int_equal(row->code, 250);
		assert_span_equal(row->reply, "250 ok");
		assert_span_equal(row->message_id, id);
		if (i > 0)
			assert_span_equal(
			    row->tls_version, i % 2 ? "" : "TLSv1.3");
		if (i > 0)
			assert_int_equal(row->tls_verified, i % 2 == 0);
	}
	assert_span_equal(page.row[2].class, "deliver.run_killed");
	report_page_done(&page);
	store_reader_close(&db);
}

static void
reads_the_row_that_waits(void **state)
{
	struct scene *it = *state;
	struct claim claim = {0};
	struct seqset held = {0};
	struct db *db = NULL;
	struct err err = {0};
	int64_t next;

	assert_ok(store_reader_open(it->store, &db, &err), &err);
	assert_int_equal(
	    ledger_read_due(db, one, 0, 6999, &held, &claim, &next, &err), 0);
	assert_int_equal(next, 7000);
	assert_int_equal(
	    ledger_read_due(db, one, 0, 7000, &held, &claim, &next, &err), 1);
	assert_int_equal(claim.seq, 5);
	assert_span_equal(claim.address, "a5@x.jp");
	buf_done(&claim.text);
	store_reader_close(&db);
}

#define scene(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    scene(rows_say_what_they_said),
	    scene(reads_the_row_that_waits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
