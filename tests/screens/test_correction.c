/* After a mis-send, what is in doubt, and replies that no rule knows: each from
 * its first page to what it leaves in the store. */
#include "tests/fake/show.h"

#include <stdlib.h>

#include "core/base/file.h"
#include "core/compose/compose.h"
#include "tests/unit/unit.h"
#include "tui/screens/screens.h"
#include "tui/text/sheet.h"

static const struct stage_params six = {.recipients = 6, .class = CLASS_AD};

/* A run that is over: 1 to 3 accepted, 4 failed, 5 and 6 in doubt; two replies
 * of another campaign that no rule knew. */
static const char *const rows[] = {
    "INSERT INTO outbox SELECT 1, row_number() OVER (ORDER BY id), id,"
    " address, canon, name, fields, x'00' FROM contact",
    "INSERT INTO connection VALUES(1, 1, 1, 0, '', '', '', '', 2, 'TLSv1.3',"
    " 'AES', '', x'', 0)",
    "INSERT INTO ledger(campaign, seq, state, attempt, at_ms, connection, code,"
    " class, reply) VALUES"
    "(1, 1, 3, 1, 1795219200000, 1, 250, '', '250 ok: queued as 4Xabc'),"
    "(1, 2, 3, 1, 1795219260000, 1, 250, '', '250 ok'),"
    "(1, 3, 3, 1, 1795219320000, 1, 250, '', '250 ok'),"
    "(1, 4, 5, 1, 1795219380000, 1, 550, 'H1', '550 5.1.1 no'),"
    "(1, 5, 6, 1, 1795219440000, 1, 0, 'net.closed', ''),"
    "(1, 6, 6, 1, 1795219500000, 1, 0, 'net.closed', '')",
    "INSERT INTO ledger_total VALUES(1, 0, 3, 4, 3, 3), (1, 0, 5, 0, 1, 1),"
    " (1, 0, 6, 0, 2, 2)",
    "INSERT INTO run VALUES(1, 3, '', 6, 1795219200000, 1795219600000,"
    " 'hanako', x'abcd', 'example.jp')",
    "UPDATE campaign SET state = 3",
    "INSERT INTO ledger(campaign, seq, state, attempt, at_ms, code, stage,"
    " enhanced, class, reply) VALUES"
    "(2, 1, 5, 1, 1795219200000, 554, 5, '5.0.0', 'U',"
    " '554 5.0.0 <a@example.jp> ticket 17 is shut'),"
    "(2, 2, 5, 1, 1795219200000, 554, 5, '5.0.0', 'U',"
    " '554 5.0.0 <b@example.jp> ticket 18 is shut')",
};

static void
begin(struct show *show)
{
	show_start(show, &six);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		stage_sql(&show->stage, rows[i]);
}

/* ---- Correction ---------------------------------------------------------------- */

static void
conditions_choose_who_is_meant(void **state)
{
	struct show show;

	(void)state;
	begin(&show);
	report_open(show.golden.app, show.stage.campaign);
	golden_settle(&show.golden);
	golden_keys(&show.golden, "c");
	assert_string_equal(show_top(&show), "correction");
	golden_settle(&show.golden);
	golden_check(&show.golden, "correction");
	assert_true(show_sees(&show, "accepted 3   in doubt 2"));
	/* failed only */
	golden_keys(&show.golden, "Enter j j j Enter");
	assert_true(show_sees(&show, "failed 1"));
	/* from a time on that nobody reaches; then nonsense is refused */
	golden_keys(&show.golden, "j j j j Enter");
	golden_type(&show.golden, "2030-01-01");
	golden_keys(&show.golden, "Enter");
	golden_keys(&show.golden, "a");
	assert_true(show_sees(&show, "Nobody is meant"));
	golden_keys(&show.golden, "Enter ^A ^K");
	golden_type(&show.golden, "yesterday");
	golden_keys(&show.golden, "Enter");
	assert_true(show_sees(&show, "Write it as 2026"));
	show_end(&show);
}

static void
an_apology_is_a_draft_and_no_more(void **state)
{
	struct show show;

	(void)state;
	begin(&show);
	correction_open(show.golden.app, show.stage.campaign);
	golden_settle(&show.golden);
	golden_keys(&show.golden, "a");
	golden_check(&show.golden, "correction-apology");
	/* Enter never does it */
	golden_keys(&show.golden, "Enter");
	assert_string_equal(show_top(&show), "correction");
	golden_keys(&show.golden, "a y");
	assert_string_equal(show_top(&show), "campaign");
	assert_int_equal(
	    stage_number(&show.stage, "SELECT count(*) FROM campaign"
				      " WHERE state = 0 AND class = 2"
				      " AND name LIKE 'Apology: %'"
				      " AND body LIKE '%TODO%'"),
	    1);
	assert_int_equal(stage_number(&show.stage,
			     "SELECT count(*) FROM member m JOIN campaign c"
			     " ON c.list = m.list WHERE c.state = 0"),
	    5);
	assert_int_equal(
	    stage_number(&show.stage, "SELECT count(*) FROM run"), 1);
	show_end(&show);
}

static void
the_same_text_again_warns(void **state)
{
	struct show show;

	(void)state;
	begin(&show);
	correction_open(show.golden.app, show.stage.campaign);
	golden_settle(&show.golden);
	golden_keys(&show.golden, "t");
	assert_true(show_sees(&show, "3 of them have received it already"));
	assert_true(show_sees(&show, "2 of them are in doubt"));
	show_end(&show);
}

static void
files_are_written(void **state)
{
	struct show show;
	struct buf path = BUF_INIT, text = BUF_INIT;
	struct err err = {0};

	(void)state;
	begin(&show);
	correction_open(show.golden.app, show.stage.campaign);
	golden_settle(&show.golden);
	buf_printf(&path, "%s/facts.txt", show.stage.dir);
	golden_keys(&show.golden, "f ^A ^K");
	golden_type(&show.golden, path.ptr);
	golden_keys(&show.golden, "Enter");
	assert_true(show_sees(&show, "Written to"));
	assert_ok(file_read(path.ptr, 1 << 20, &text, &err), &err);
	buf_char(&text, '\0');
	assert_non_null(strstr(text.ptr, "   本人の数: 5\n"));
	assert_non_null(strstr(text.ptr, "   Persons: 5\n"));
	assert_non_null(strstr(text.ptr, "4. 原因"));
	assert_null(strstr(text.ptr, "@example.jp"));
	buf_clear(&text);
	buf_clear(&path);
	buf_printf(&path, "%s/who.csv", show.stage.dir);
	golden_keys(&show.golden, "w ^A ^K");
	golden_type(&show.golden, path.ptr);
	golden_keys(&show.golden, "Enter y");
	assert_true(show_sees(&show, "Written to"));
	assert_ok(file_read(path.ptr, 1 << 20, &text, &err), &err);
	buf_char(&text, '\0');
	assert_non_null(strstr(text.ptr, "\"4Xabc\""));
	buf_done(&text);
	buf_done(&path);
	show_end(&show);
}

static void
a_digest_opens_its_report(void **state)
{
	struct show show;

	(void)state;
	begin(&show);
	stage_sql(&show.stage, "UPDATE run SET digest = x'abcdef0123'");
	reports_open(show.golden.app);
	golden_keys(&show.golden, "/");
	golden_type(&show.golden, "abc");
	golden_keys(&show.golden, "Enter");
	assert_true(show_sees(&show, "first eight digits"));
	golden_keys(&show.golden, "/");
	golden_type(&show.golden, "ABCDEF01");
	golden_keys(&show.golden, "Enter");
	assert_string_equal(show_top(&show), "report");
	show_end(&show);
}

/* ---- Doubts -------------------------------------------------------------------- */

static void
a_log_decides_after_the_number_is_typed(void **state)
{
	struct show show;
	struct buf path = BUF_INIT, log = BUF_INIT;
	struct err err = {0};

	(void)state;
	begin(&show);
	buf_text(&log, "Nov 21 09:00:00 mx postfix/cleanup[1]: 4Xabc: "
		       "message-id=");
	message_id_of(show.stage.store, 1, SPAN("example.jp"), 5, &log);
	buf_text(&log, "\nNov 21 09:00:01 mx postfix/smtp[2]: 4Xabc: "
		       "to=<user00005@example.jp>, relay=x, "
		       "status=sent (250 ok)\n");
	buf_printf(&path, "%s/mail.log", show.stage.dir);
	assert_ok(file_replace(path.ptr, buf_span(&log), 0600, &err), &err);
	report_open(show.golden.app, show.stage.campaign);
	golden_settle(&show.golden);
	golden_keys(&show.golden, "d");
	golden_check(&show.golden, "reconcile-empty");
	golden_keys(&show.golden, "o ^A ^K");
	golden_type(&show.golden, path.ptr);
	golden_keys(&show.golden, "Enter");
	golden_check(&show.golden, "reconcile");
	assert_true(show_sees(&show, "accepted 1, failed 0, still unknown 1"));
	golden_keys(&show.golden, "a");
	golden_type(&show.golden, "2");
	golden_keys(&show.golden, "Enter");
	assert_int_equal(
	    stage_number(&show.stage, "SELECT count(*) FROM resolution"), 0);
	golden_keys(&show.golden, "Esc a");
	golden_type(&show.golden, "1");
	golden_keys(&show.golden, "Enter");
	assert_string_equal(show_top(&show), "report");
	assert_true(show_sees(&show, "no longer in doubt"));
	assert_int_equal(stage_number(&show.stage,
			     "SELECT count(*) FROM ledger WHERE campaign = 1"
			     " AND state = 3"),
	    4);
	buf_done(&path);
	buf_done(&log);
	show_end(&show);
}

/* Only after the number was typed, and then by a delivery that somebody goes
 * on with. */
static void
doubts_go_once_more(void **state)
{
	struct show show;

	(void)state;
	begin(&show);
	report_open(show.golden.app, show.stage.campaign);
	golden_settle(&show.golden);
	golden_keys(&show.golden, "d s");
	assert_true(show_sees(&show, "Send once more"));
	golden_type(&show.golden, "1");
	golden_keys(&show.golden, "Enter Esc");
	assert_int_equal(stage_number(&show.stage,
			     "SELECT count(*) FROM ledger WHERE campaign = 1"
			     " AND state = 6"),
	    2);
	golden_keys(&show.golden, "s");
	golden_type(&show.golden, "2");
	golden_keys(&show.golden, "Enter");
	assert_true(show_sees(&show, "24 hours have not passed"));
	assert_int_equal(stage_number(&show.stage,
			     "SELECT count(*) FROM ledger WHERE campaign = 1"
			     " AND state = 6"),
	    2);
	fake_clock_move(&show.golden.clock, 25 * 3600 * 1000);
	fake_clock_move(&show.stage.clock, 25 * 3600 * 1000);
	golden_keys(&show.golden, "d s");
	golden_type(&show.golden, "2");
	golden_keys(&show.golden, "Enter");
	assert_string_equal(show_top(&show), "report");
	assert_true(show_sees(&show, "2 mails go once more"));
	assert_int_equal(stage_number(&show.stage,
			     "SELECT count(*) FROM ledger WHERE campaign = 1"
			     " AND state = 4 AND again = 1"),
	    2);
	golden_keys(&show.golden, "d s");
	assert_true(show_sees(&show, "Nothing is in doubt."));
	show_end(&show);
}

/* ---- Unknown replies ------------------------------------------------------------- */

static void
an_unknown_reply_becomes_a_rule(void **state)
{
	struct show show;

	(void)state;
	begin(&show);
	reports_open(show.golden.app);
	golden_keys(&show.golden, "u");
	golden_settle(&show.golden);
	golden_check(&show.golden, "replies");
	assert_true(show_sees(&show, "* ticket * is shut"));
	golden_keys(&show.golden, "Enter");
	golden_check(&show.golden, "replies-class");
	golden_keys(&show.golden, "j j j Enter Enter");
	assert_true(show_sees(&show, "from the next reply on"));
	assert_true(show_sees(&show, "H4"));
	assert_int_equal(
	    stage_number(&show.stage, "SELECT count(*) FROM reply_rule"
				      " WHERE class = 'H4' AND code = 554"
				      " AND text = '* ticket * is shut'"),
	    1);
	/* the row is now one of the rules, and can be taken away again */
	golden_keys(&show.golden, "G d y");
	assert_true(show_sees(&show, "unknown again"));
	assert_int_equal(
	    stage_number(&show.stage, "SELECT count(*) FROM reply_rule"), 0);
	show_end(&show);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(conditions_choose_who_is_meant),
	    cmocka_unit_test(an_apology_is_a_draft_and_no_more),
	    cmocka_unit_test(the_same_text_again_warns),
	    cmocka_unit_test(files_are_written),
	    cmocka_unit_test(a_digest_opens_its_report),
	    cmocka_unit_test(a_log_decides_after_the_number_is_typed),
	    cmocka_unit_test(doubts_go_once_more),
	    cmocka_unit_test(an_unknown_reply_becomes_a_rule),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
