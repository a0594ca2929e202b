/* Rows in doubt, a relay's log and delivery reports: what is found, what is
 * then decided, and that the sum stays. */
#include "tests/unit/unit.h"

#include <stdio.h>
#include <stdlib.h>

#include "core/base/file.h"
#include "core/compose/compose.h"
#include "core/report/report.h"
#include "tests/fake/stage.h"
#include "tests/fake/tempstore.h"

/* Five recipients, numbers 2 to 5 in doubt; the run is over. */
static const char *const rows[] = {
    "INSERT INTO outbox SELECT 1, row_number() OVER (ORDER BY id), id,"
    " address, canon, name, fields, x'00' FROM contact",
    "INSERT INTO connection VALUES(1, 1, 1, 0, '', '', '', '', 2, 'TLSv1.3',"
    " 'AES', '', x'', 0)",
    "INSERT INTO ledger(campaign, seq, state, attempt, at_ms, connection)"
    " VALUES(1, 1, 3, 1, 1000, 1), (1, 2, 6, 1, 2000, 1),"
    " (1, 3, 6, 1, 3000, 1), (1, 4, 6, 1, 4000, 1), (1, 5, 6, 1, 5000, 1)",
    "INSERT INTO ledger_total VALUES(1, 0, 3, 4, 1, 1), (1, 0, 6, 0, 4, 4)",
    "INSERT INTO run VALUES(1, 3, '', 5, 500, 9000, 'hanako', x'abcd',"
    " 'example.jp')",
    "UPDATE campaign SET state = 3",
};

static struct stage stage;
static struct db *db;
static char *folder;

static int
set_up(void **state)
{
	struct stage_params params = {
	    .recipients = 5,
	    .class = CLASS_AD,
	    .clock = STAGE_CLOCK_FAKE,
	};
	struct err err = {0};

	(void)state;
	stage_open(&stage, &params);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		stage_sql(&stage, rows[i]);
	assert_ok(store_reader_open(stage.store, &db, &err), &err);
	folder = tempdir_new();
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	store_reader_close(&db);
	tempdir_remove(&folder);
	stage_close(&stage);
	return 0;
}

/* Adds the Message-ID of a recipient. */
static void
add_id(struct buf *out, int64_t seq)
{
	message_id_of(stage.store, 1, SPAN("example.jp"), seq, out);
}

static void
add_log(struct buf *out, int64_t seq, const char *status)
{
	buf_printf(out,
	    "Nov 21 09:00:00 mx postfix/cleanup[1]: Q%06d: "
	    "message-id=",
	    (int)seq);
	add_id(out, seq);
	buf_printf(out,
	    "\nNov 21 09:00:01 mx postfix/smtp[2]: Q%06d: "
	    "to=<user%05d@example.jp>, relay=x, status=%s (what it said)\n",
	    (int)seq, (int)seq, status);
}

static int
read_text(const struct buf *text, struct reconcile *out, struct err *err)
{
	struct buf path = BUF_INIT;
	int rc;

	buf_printf(&path, "%s/file", folder);
	assert_ok(file_replace(path.ptr, buf_span(text), 0600, err), err);
	rc = reconcile_read(
	    stage.store, db, (struct campaign_id){1}, path.ptr, NULL, out, err);
	buf_done(&path);
	return rc;
}

static void
a_log_is_read_then_decided(void **state)
{
	struct reconcile found;
	struct report report;
	struct buf log = BUF_INIT;
	struct err err = {0};

	(void)state;
	buf_text(&log, "Nov 21 09:00:00 mx sshd[9]: something else\n");
	add_log(&log, 1, "bounced"); /* not in doubt: never asked */
	add_log(&log, 2, "sent");
	add_log(&log, 3, "bounced");
	add_log(&log, 4, "deferred");
	assert_ok(read_text(&log, &found, &err), &err);
	assert_int_equal(found.kind, RECONCILE_LOG);
	assert_int_equal(found.read, 8);
	assert_int_equal(found.count, 4);
	assert_int_equal(found.accepted, 2);
	assert_int_equal(found.failed, 1);
	assert_int_equal(found.unknown, 1);
	assert_int_equal(found.row[1].says, LEDGER_FAILED);
	assert_non_null(strstr(found.row[1].evidence.ptr, "status=bounced"));
	/* nothing was changed by reading */
	assert_int_equal(
	    stage_number(&stage, "SELECT count(*) FROM ledger WHERE state = 6"),
	    4);
	assert_ok(reconcile_apply(stage.store, &found, &err), &err);
	assert_int_equal(found.decided, 3);
	store_reader_close(&db);
	assert_ok(store_reader_open(stage.store, &db, &err), &err);
	assert_ok(
	    report_build(db, (struct campaign_id){1}, &report, &err), &err);
	assert_int_equal(report.total, 5);
	assert_int_equal(report.count[LEDGER_ACCEPTED], 3);
	assert_int_equal(report.count[LEDGER_FAILED], 1);
	assert_int_equal(report.count[LEDGER_IN_DOUBT], 1);
	assert_int_equal(report.tls13, 3);
	assert_int_equal(
	    stage_number(&stage, "SELECT count(*) FROM resolution"
				 " WHERE who = 'tester' AND evidence LIKE"
				 " '%status=%'"),
	    3);
	assert_int_equal(
	    stage_number(&stage, "SELECT count(*) FROM audit WHERE what ="
				 " 'report.reconcile' AND facts LIKE"
				 " 'by=log decided=3 accepted=2 failed=1"
				 " unknown=1 sha256=%'"),
	    1);
	/* deciding again changes nothing */
	assert_ok(reconcile_apply(stage.store, &found, &err), &err);
	assert_int_equal(found.decided, 0);
	reconcile_done(&found);
	buf_done(&log);
}

static void
add_report(struct buf *out, int64_t seq, const char *action)
{
	buf_text(out, "From MAILER-DAEMON Sat Nov 21 09:00:00 2026\n"
		      "Content-Type: message/delivery-status\n\n"
		      "Original-Envelope-Id: ");
	add_id(out, seq);
	buf_printf(out,
	    "\nFinal-Recipient: rfc822; user%05d@example.jp\nAction: %s\n"
	    "Diagnostic-Code: smtp; 550 no\n\n",
	    (int)seq, action);
}

static void
reports_of_an_mbox_are_read(void **state)
{
	struct reconcile found;
	struct buf box = BUF_INIT;
	struct err err = {0};

	(void)state;
	add_report(&box, 2, "failed");
	buf_text(&box, "From somebody Sat Nov 21 09:00:00 2026\n"
		       "Subject: no report\n\nFrom here on text.\n\n");
	add_report(&box, 5, "delivered");
	assert_ok(read_text(&box, &found, &err), &err);
	assert_int_equal(found.kind, RECONCILE_REPORTS);
	assert_int_equal(found.read, 2);
	assert_int_equal(found.row[0].says, LEDGER_FAILED);
	assert_span_equal(found.row[0].evidence, "smtp; 550 no");
	assert_int_equal(found.row[3].says, LEDGER_ACCEPTED);
	assert_int_equal(found.unknown, 2);
	reconcile_done(&found);
	buf_done(&box);
}

static void
a_return_counts_for_the_address_alone(void **state)
{
	struct reconcile found;
	struct buf log = BUF_INIT;
	struct err err = {0};

	(void)state;
	add_log(&log, 2, "sent");
	buf_text(&log, "Nov 21 09:00:02 mx postfix/smtp[2]: Q000002: "
		       "to=<archive@example.net>, status=bounced (no)\n");
	add_log(&log, 3, "sent");
	buf_text(&log, "Nov 21 09:00:02 mx postfix/smtp[2]: Q000003: "
		       "to=<USER00003@example.jp>, status=bounced (no)\n");
	add_log(&log, 3, "sent");
	assert_ok(read_text(&log, &found, &err), &err);
	assert_int_equal(found.row[0].says, LEDGER_ACCEPTED);
	assert_int_equal(found.row[1].says, LEDGER_FAILED);
	reconcile_done(&found);
	buf_done(&log);
}

static void
other_files_are_told_from_logs(void **state)
{
	static const char *const texts[] = {
	    "", "\n\n", "a,b,c\n1,2,3\n", "Subject: hello\n\nhello\n"};
	struct reconcile found;

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		struct buf text = BUF_INIT;
		struct err err = {0};

		buf_text(&text, texts[i]);
		assert_int_equal(read_text(&text, &found, &err), -1);
		assert_int_equal(err.code, E_EVIDENCE_KIND);
		reconcile_done(&found);
		buf_done(&text);
	}
}

static void
nothing_is_decided_while_it_is_sent(void **state)
{
	struct reconcile found;
	struct buf log = BUF_INIT;
	struct err err = {0};

	(void)state;
	add_log(&log, 2, "sent");
	assert_ok(read_text(&log, &found, &err), &err);
	stage_sql(&stage, "UPDATE campaign SET state = 2");
	assert_int_equal(reconcile_apply(stage.store, &found, &err), -1);
	assert_int_equal(err.code, E_CAMPAIGN_STATE);
	assert_int_equal(
	    stage_number(&stage, "SELECT count(*) FROM resolution"), 0);
	reconcile_done(&found);
	buf_done(&log);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(
		a_log_is_read_then_decided, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(
		reports_of_an_mbox_are_read, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(
		a_return_counts_for_the_address_alone, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(
		other_files_are_told_from_logs, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(
		nothing_is_decided_while_it_is_sent, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
