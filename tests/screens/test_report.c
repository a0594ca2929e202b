/* The report: totals that add up, the recipients that were not accepted, the
 * file in the clear and its question. */
#include "tests/fake/show.h"

#include <stdlib.h>

#include "core/base/file.h"
#include "tests/unit/unit.h"
#include "tui/screens/screens.h"

static const struct stage_params eight = {.recipients = 8,
    .class = CLASS_AD,
    .manners = PRACTICE_LIFELIKE,
    .sessions = 1};

static const struct demo_hints hints = {.maildir = "/tmp/demo/Maildir"};

/* Sends the whole campaign; two of eight are unknown. */
static void
send_all(struct show *show)
{
	struct clearance *clearance;
	struct run *run = NULL;
	const struct run_plan plan = {0};
	struct err err = {0};

	show_start(show, &eight);
	stage_sql(&show->stage,
	    "UPDATE contact SET address = 'unknown-' || id || '@example.jp',"
	    " canon = 'unknown-' || id || '@example.jp' WHERE id IN (2, 7)");
	stage_seal(&show->stage);
	clearance = stage_clearance(&show->stage);
	assert_ok(run_start(&clearance, &show->golden.world, show->stage.store,
		      &plan, &run, &err),
	    &err);
	session_take_run(&show->session, &run, show->stage.campaign);
	show_wait_run(show);
}

static void
adds_up(void **state)
{
	struct show show;

	(void)state;
	send_all(&show);
	show.session.demo = &hints;
	report_open(show.golden.app, show.stage.campaign);
	golden_settle(&show.golden);
	golden_check(&show.golden, "report-summary");
	assert_int_equal(app_next_ms(show.golden.app), -1);
	show_end(&show);
}

static void
lists_who_was_not_accepted(void **state)
{
	struct show show;

	(void)state;
	send_all(&show);
	report_open(show.golden.app, show.stage.campaign);
	golden_settle(&show.golden);
	golden_keys(&show.golden, "Enter");
	assert_true(show_sees(&show, "Choose a recipient on page 2 or 3"));
	golden_keys(&show.golden, "2 ^L ^L");
	golden_check(&show.golden, "report-open");
	assert_true(show_sees(&show, "1 of 2"));
	golden_keys(&show.golden, "j Enter");
	assert_true(show_sees(&show, "unknown-7@example.jp"));
	assert_true(show_sees(&show, "1 attempt"));
	assert_true(show_sees(&show, "5.1.1"));
	golden_keys(&show.golden, "Esc 3");
	assert_true(show_sees(&show, "7 of 8"));
	assert_true(show_sees(&show, "user00008@example.jp"));
	golden_keys(&show.golden, "2 3 1 3 2");
	assert_true(show_sees(&show, "1 of 2"));
	show_end(&show);
}

static void
writes_a_file_when_told_twice(void **state)
{
	struct show show;
	struct buf path = BUF_INIT, text = BUF_INIT;
	struct err err = {0};

	(void)state;
	send_all(&show);
	buf_printf(&path, "%s/out.csv", show.stage.dir);
	report_open(show.golden.app, show.stage.campaign);
	golden_settle(&show.golden);
	golden_keys(&show.golden, "w");
	assert_true(show_sees(&show, "/home/hanako/report-1.csv"));
	golden_keys(&show.golden, "^A ^K");
	golden_type(&show.golden, path.ptr);
	golden_keys(&show.golden, "Enter");
	assert_true(show_sees(&show, "8 recipients with address"));
	golden_keys(&show.golden, "Enter");
	assert_int_equal(file_read(path.ptr, 1 << 20, &text, &err), -1);
	golden_keys(&show.golden, "w ^A ^K");
	golden_type(&show.golden, path.ptr);
	golden_keys(&show.golden, "Enter y");
	assert_true(show_sees(&show, "Written to"));
	assert_ok(file_read(path.ptr, 1 << 20, &text, &err), &err);
	assert_true(
	    span_search(buf_span(&text), SPAN("unknown-7@")) < text.len);
	assert_int_equal(
	    stage_number(&show.stage, "SELECT count(*) FROM audit"
				      " WHERE what LIKE '%export%'"),
	    1);
	buf_done(&text);
	buf_done(&path);
	show_end(&show);
}

static void
says_when_a_file_cannot_be_written(void **state)
{
	struct show show;

	(void)state;
	send_all(&show);
	report_open(show.golden.app, show.stage.campaign);
	golden_settle(&show.golden);
	golden_keys(&show.golden, "w ^A ^K");
	golden_type(&show.golden, "/nowhere/at/all.csv");
	golden_keys(&show.golden, "Enter y");
	assert_true(show_sees(&show, "/nowhere/at/all.csv"));
	assert_false(golden_shows(&show.golden, "Written to"));
	show_end(&show);
}

static void
lists_what_was_launched(void **state)
{
	struct show show;

	(void)state;
	show_start(&show, &eight);
	reports_open(show.golden.app);
	golden_check(&show.golden, "reports-none");
	show_end(&show);
	send_all(&show);
	reports_open(show.golden.app);
	golden_check(&show.golden, "reports");
	golden_keys(&show.golden, "Enter");
	assert_string_equal(show_top(&show), "report");
	show_end(&show);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(adds_up),
	    cmocka_unit_test(lists_who_was_not_accepted),
	    cmocka_unit_test(writes_a_file_when_told_twice),
	    cmocka_unit_test(says_when_a_file_cannot_be_written),
	    cmocka_unit_test(lists_what_was_launched),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
