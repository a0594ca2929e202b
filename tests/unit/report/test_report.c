/* Totals, pages and the CSV of a run, from rows written by hand. */
#include "tests/unit/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "core/base/file.h"
#include "core/base/mem.h"
#include "core/report/report.h"
#include "tests/fake/clock.h"
#include "tests/fake/tempstore.h"

static const struct campaign_id three = {3};

struct scene {
	struct fake_clock clock;
	struct store *store;
	struct db *db;
	char *folder;
};

/* What the ledger holds; every state, odd names and replies. */
static const struct {
	enum ledger_state state;
	const char *name, *reply, *version;
	int verified, attempt, code, tls;
} rows[] = {
    {LEDGER_ACCEPTED, "山田", "250 2.0.0 ok", "TLSv1.3", 1, 1, 250, 4},
    {LEDGER_ACCEPTED, "=1+1", "250 ok\r\n", "TLSv1.2", 0, 2, 250, 1},
    {LEDGER_ACCEPTED, "@SUM(A1)", "250 ok", "", 0, 1, 250, 0},
    {LEDGER_FAILED, "a \"quoted\", name", "550 5.1.1 no\x1b[2J", "TLSv1.3", 1,
	1, 550, 0},
    {LEDGER_IN_DOUBT, "-x", "", "TLSv1.3", 1, 1, 0, 0},
    {LEDGER_DEFERRED, "+y", "451 later\r\n451 later", "", 0, 3, 451, 0},
    {LEDGER_WITHHELD, "", "", "", 0, 0, 0, 0},
    {LEDGER_CANCELLED, "", "", "", 0, 0, 0, 0},
};

enum { ROWS = sizeof rows / sizeof *rows };

static void
insert(struct db *db, int i, struct err *err)
{
	static const char outbox[] =
	    "INSERT INTO outbox VALUES(3, ?1, ?1, ?2, ?2, ?3, '{}', x'00')";
	static const char ledger[] =
	    "INSERT INTO ledger(campaign, seq, state, attempt, at_ms, code,"
	    " enhanced, reply, class, connection)"
	    " VALUES(3, ?1, ?2, ?3, 5000, ?4, '', ?5, 'H1', ?1)";
	static const char connection[] =
	    "INSERT INTO connection VALUES(3, ?1, 1, 5000, '', '', '', '', ?2,"
	    " ?3, 'X', '', x'', 0)";
	static const char total[] =
	    "INSERT INTO ledger_total VALUES(3, 0, ?1, ?2, 1, ?3)"
	    " ON CONFLICT DO UPDATE SET rows = rows + 1,"
	    " attempts = attempts + excluded.attempts";
	struct stmt *stmt = db_stmt(db, outbox, err);
	char address[32];

	snprintf(address, sizeof address, "r%d@example.jp", i + 1);
	stmt_int(stmt, 1, i + 1);
	stmt_text(stmt, 2, span_of(address));
	stmt_text(stmt, 3, span_of(rows[i].name));
	assert_ok(stmt_run(stmt, err), err);
	stmt = db_stmt(db, ledger, err);
	stmt_int(stmt, 1, i + 1);
	stmt_int(stmt, 2, rows[i].state);
	stmt_int(stmt, 3, rows[i].attempt);
	stmt_int(stmt, 4, rows[i].code);
	stmt_text(stmt, 5, span_of(rows[i].reply));
	assert_ok(stmt_run(stmt, err), err);
	stmt = db_stmt(db, connection, err);
	stmt_int(stmt, 1, i + 1);
	stmt_int(stmt, 2, *rows[i].version ? 1 + rows[i].verified : 0);
	stmt_text(stmt, 3, span_of(rows[i].version));
	assert_ok(stmt_run(stmt, err), err);
	stmt = db_stmt(db, total, err);
	stmt_int(stmt, 1, rows[i].state);
	stmt_int(stmt, 2, rows[i].tls);
	stmt_int(stmt, 3, rows[i].attempt);
	assert_ok(stmt_run(stmt, err), err);
}

static int
set_up(void **state)
{
	struct scene *it = mem_new(sizeof *it);
	struct err err = {0};
	struct db *db;
	struct stmt *stmt;

	fake_clock_init(&it->clock);
	it->store = tempstore_open(&it->clock.base);
	it->folder = tempdir_new();
	assert_ok(
	    store_begin(it->store, STORE_WAIT_LONG, "test", &db, &err), &err);
	for (int i = 0; i < ROWS; i++)
		insert(db, i, &err);
	stmt = db_stmt(db,
	    "INSERT INTO run VALUES(3, 4, '', ?1, 1000, 9000, 'hanako', x'00', "
	    "'x.jp')",
	    &err);
	stmt_int(stmt, 1, ROWS);
	assert_ok(stmt_run(stmt, &err), &err);
	assert_ok(store_commit(it->store, &db, &err), &err);
	assert_ok(store_reader_open(it->store, &it->db, &err), &err);
	*state = it;
	return 0;
}

static int
tear_down(void **state)
{
	struct scene *it = *state;

	store_reader_close(&it->db);
	tempstore_close(&it->store);
	tempdir_remove(&it->folder);
	free(it);
	return 0;
}

static void
refusals_are_counted(void **state)
{
	static const struct {
		enum refusals_which which;
		int group;
		size_t rows;
		int64_t count; /* of the first */
	} wanted[] = {
	    {REFUSALS_ALL, REFUSALS_ALL_GROUPS, 5, 1},
	    {REFUSALS_DEFERRED, REFUSALS_ALL_GROUPS, 1, 1},
	    {REFUSALS_FAILED, REFUSALS_ALL_GROUPS, 1, 1},
	    {REFUSALS_REST, 0, 3, 1},
	    {REFUSALS_CLEAR, REFUSALS_ALL_GROUPS, 1, 1},
	    {REFUSALS_ALL, 3, 0, 0},
	    {REFUSALS_CLEAR, 3, 0, 0},
	};
	struct scene *it = *state;

	for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
		struct refusals got = {0};
		struct err err = {0};

		assert_ok(refusals_read(it->db, three, wanted[i].which,
			      wanted[i].group, &got, &err),
		    &err);
		assert_int_equal(got.count, wanted[i].rows);
		if (got.count)
			assert_int_equal(got.row[0].count, wanted[i].count);
		refusals_done(&got);
	}
}

static void
a_refusal_says_what_and_when(void **state)
{
	struct scene *it = *state;
	struct refusals got = {0};
	struct err err = {0};

	assert_ok(refusals_read(it->db, three, REFUSALS_FAILED,
		      REFUSALS_ALL_GROUPS, &got, &err),
	    &err);
	assert_int_equal(got.count, 1);
	assert_int_equal(got.row[0].state, LEDGER_FAILED);
	assert_int_equal(got.row[0].code, 550);
	assert_span_equal(got.row[0].class, "H1");
	assert_span_equal(got.row[0].sample, "550 5.1.1 no\x1b[2J");
	assert_int_equal(got.row[0].first_ms, 5000);
	assert_int_equal(got.row[0].last_ms, 5000);
	refusals_done(&got);
}

static void
totals_sum_to_all(void **state)
{
	struct scene *it = *state;
	struct report report;
	struct err err = {0};
	int64_t sum = 0;

	assert_ok(report_build(it->db, three, &report, &err), &err);
	for (int i = 0; i < LEDGER_STATES; i++)
		sum += report.count[i];
	assert_int_equal(report.total, ROWS);
	assert_int_equal(sum, ROWS);
	assert_int_equal(report.count[LEDGER_ACCEPTED], 3);
	assert_int_equal(report.count[LEDGER_IN_DOUBT], 1);
	assert_int_equal(report.tls13, 1);
	assert_int_equal(report.tls12, 1);
	assert_int_equal(report.tls_none, 1);
	assert_int_equal(report.tls_verified, 1);
	assert_int_equal(report.attempts, 9);
	assert_int_equal(report.started_ms, 1000);
	assert_int_equal(report.ended_ms, 9000);
	assert_int_equal(report.run, RUN_STOPPED);
	assert_string_equal(report.by, "hanako");
}

static void
a_sum_that_does_not_fit_is_an_error(void **state)
{
	struct scene *it = *state;
	struct report report;
	struct err err = {0};
	struct db *db;

	assert_ok(
	    store_begin(it->store, STORE_WAIT_LONG, "test", &db, &err), &err);
	assert_ok(stmt_run(db_stmt(db, "DELETE FROM ledger_total WHERE tls = 1",
			       &err),
		      &err),
	    &err);
	assert_ok(store_commit(it->store, &db, &err), &err);
	assert_int_equal(report_build(it->db, three, &report, &err), -1);
	assert_int_equal(err.code, E_REPORT_SUM);
	assert_int_equal(
	    report_build(it->db, (struct campaign_id){9}, &report, &err), -1);
	assert_int_equal(err.code, E_CAMPAIGN_MISSING);
}

static void
pages_go_through_all_rows(void **state)
{
	struct scene *it = *state;
	struct report_page page = {0};
	struct err err = {0};
	int64_t after = 0;
	int seen = 0;

	do {
		assert_ok(report_page(
			      it->db, three, REPORT_ALL, after, 3, &page, &err),
		    &err);
		for (size_t i = 0; i < page.count; i++, seen++) {
			assert_int_equal(page.row[i].seq, seen + 1);
			assert_int_equal(page.row[i].state, rows[seen].state);
			assert_span_equal(page.row[i].name, rows[seen].name);
			assert_span_equal(page.row[i].reply, rows[seen].reply);
			after = page.row[i].seq;
		}
	} while (page.count == 3);
	assert_int_equal(seen, ROWS);
	assert_ok(report_page(
		      it->db, three, REPORT_NOT_ACCEPTED, 0, 100, &page, &err),
	    &err);
	assert_int_equal(page.count, ROWS - 3);
	assert_span_equal(page.row[0].address, "r4@example.jp");
	assert_span_equal(page.row[0].class, "H1");
	report_page_done(&page);
	assert_null(page.arena);
}

static bool
holds(const struct buf *csv, const char *text)
{
	return span_search(buf_span(csv), span_of(text)) < csv->len;
}

static void
the_csv_is_safe_to_open(void **state)
{
	struct scene *it = *state;
	struct buf path = BUF_INIT, csv = BUF_INIT;
	struct err err = {0};
	struct stat info;

	buf_printf(&path, "%s/out.csv", it->folder);
	assert_ok(
	    report_write_csv(it->store, it->db, three, path.ptr, &err), &err);
	assert_ok(file_read(path.ptr, 1 << 20, &csv, &err), &err);
	assert_int_equal(stat(path.ptr, &info), 0);
	assert_int_equal(info.st_mode & 0777, 0600);
	assert_true(span_starts(buf_span(&csv), SPAN("\xef\xbb\xbfnumber,")));
	assert_non_null(strstr(csv.ptr, "@x.jp>\"\r\n"));
	/* nothing was sent to the last one */
	assert_true(span_ends(buf_span(&csv), SPAN(",\"\"\r\n")));
	assert_true(holds(&csv, "\"山田\""));
	assert_true(holds(&csv, "\"'=1+1\""));
	assert_true(holds(&csv, "\"'@SUM(A1)\""));
	assert_true(holds(&csv, "\"'-x\""));
	assert_true(holds(&csv, "\"'+y\""));
	assert_true(holds(&csv, "\"a \"\"quoted\"\", name\""));
	assert_true(holds(&csv, "550 5.1.1 no\\x1b[2J"));
	assert_true(holds(&csv, "\"451 later  451 later\""));
	assert_true(holds(&csv, ",\"in_doubt\","));
	assert_false(holds(&csv, "\x1b"));
	buf_done(&csv);
	buf_done(&path);
}

static void
keep_last(void *arg, const struct audit_entry *entry)
{
	struct buf *out = arg;

	buf_add(out, entry->what);
	buf_char(out, ' ');
	buf_add(out, entry->object);
	buf_char(out, ' ');
	buf_add(out, entry->facts);
}

static void
an_export_is_logged_and_a_failed_one_leaves_nothing(void **state)
{
	struct scene *it = *state;
	struct buf path = BUF_INIT, last = BUF_INIT;
	struct err err = {0};

	buf_printf(&path, "%s/out.csv", it->folder);
	assert_ok(
	    report_write_csv(it->store, it->db, three, path.ptr, &err), &err);
	assert_int_equal(audit_read(it->db, 0, 1, keep_last, &last, &err), 1);
	assert_true(span_starts(
	    buf_span(&last), SPAN("report.export campaign 3 rows=8 path=/")));
	buf_clear(&path);
	buf_printf(&path, "%s/missing/out.csv", it->folder);
	assert_int_equal(
	    report_write_csv(it->store, it->db, three, path.ptr, &err), -1);
	assert_int_equal(err.code, E_FILE_OPEN);
	assert_string_equal(err_find(&err, "path"), path.ptr);
	assert_int_equal(report_write_csv(it->store, it->db,
			     (struct campaign_id){9}, path.ptr, &err),
	    -1);
	assert_int_equal(err.code, E_CAMPAIGN_MISSING);
	buf_done(&last);
	buf_done(&path);
}

#define scene(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    scene(refusals_are_counted),
	    scene(a_refusal_says_what_and_when),
	    scene(totals_sum_to_all),
	    scene(a_sum_that_does_not_fit_is_an_error),
	    scene(pages_go_through_all_rows),
	    scene(the_csv_is_safe_to_open),
	    scene(an_export_is_logged_and_a_failed_one_leaves_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
