/* Reading samples and saying what no machine knows: that neither can be
 * hurried through. */
#include <stdlib.h>

#include "tests/fake/show.h"
#include "tests/unit/unit.h"
#include "tui/screens/screens.h"

#define SAMPLES    "the worst samples were looked at"
#define STATEMENTS "what no machine can know is attested"

static const struct stage_params some = {.recipients = 30,
    .class = CLASS_NOTICE,
    .manners = PRACTICE_PLAIN,
    .body = "{{name|お客}}様\n\n11月23日（月）に 1,200円 で行います。\n"};

static const struct stage_params long_mail = {.recipients = 6,
    .class = CLASS_NOTICE,
    .manners = PRACTICE_PLAIN,
    .body = "{{name|お客}}様\n\n1\n\n2\n\n3\n\n4\n\n5\n\n6\n\n7\n\n8\n\n9\n\n10"
	    "\n\n11\n\n12\n\n13\n\n14\n\n15\n\nEnd of the mail\n"};

/* Moves the cursor up from the checklist's end to the line with the title. */
static void
go_to(struct show *show, const char *title)
{
	enum { LINES = 200 };
	struct buf wanted = BUF_INIT;
	bool there = false;

	buf_printf(&wanted, "> ?  %s", title);
	golden_keys(&show->golden, "G");
	for (int i = 0; i < LINES && !there; i++) {
		char *screen = golden_text(&show->golden, 24, 80);

		there = strstr(screen, wanted.ptr) != NULL;
		free(screen);
		if (!there)
			golden_keys(&show->golden, "k");
	}
	assert_true(there);
	buf_done(&wanted);
}

/* The checklist with its results, the line with the title opened. */
static void
open_line(struct show *show, const struct stage_params *params,
    const char *planted, const char *title)
{
	struct err err = {0};

	show_start(show, params);
	assert_ok(setting_write(show->stage.store, "drill.planted",
		      span_of(planted), &err),
	    &err);
	checklist_open(show->golden.app, show->stage.campaign);
	golden_settle(&show->golden);
	golden_keys(&show->golden, "R");
	go_to(show, title);
	golden_keys(&show->golden, "Enter");
}

static int64_t
seen(struct show *show)
{
	return stage_number(
	    &show->stage, "SELECT count(*) FROM review_look WHERE seen_ms > 0");
}

static int64_t
samples(struct show *show)
{
	return stage_number(&show->stage, "SELECT count(*) FROM review_look");
}

static void
samples_take_their_time(void **state)
{
	struct show show;
	int64_t all;

	(void)state;
	open_line(&show, &some, "0", SAMPLES);
	assert_string_equal(show_top(&show), "look");
	golden_check(&show.golden, "look");
	golden_keys(&show.golden, "Enter");
	assert_true(show_sees(&show, "Not so fast"));
	assert_int_equal(seen(&show), 0);
	all = samples(&show);
	for (int64_t i = 0; i < all; i++) {
		assert_int_equal(seen(&show), i);
		show_pass(&show, 3000);
		assert_true(i == 0 || show_sees(&show, "is this mail right?"));
		golden_keys(&show.golden, "Enter");
	}
	assert_int_equal(seen(&show), all);
	assert_true(show_sees(&show, "All samples were read"));
	golden_keys(&show.golden, "q");
	assert_string_equal(show_top(&show), "checklist");
	assert_int_equal(
	    stage_number(&show.stage, "SELECT state FROM review_result"
				      " WHERE item = 'PP-04'"),
	    CHECK_PASS);
	show_end(&show);
}

static void
a_long_mail_is_read_to_its_end(void **state)
{
	struct show show;

	(void)state;
	open_line(&show, &long_mail, "0", SAMPLES);
	show_pass(&show, 5000);
	golden_keys(&show.golden, "Enter");
	assert_true(show_sees(&show, "Read it to its end first."));
	assert_int_equal(seen(&show), 0);
	golden_keys(&show.golden, "PgDn PgDn PgDn PgDn");
	assert_true(show_sees(&show, "End of the mail"));
	golden_keys(&show.golden, "Enter");
	assert_int_equal(seen(&show), 1);
	show_end(&show);
}

/* Whoever presses Enter on everything takes the planted one for right, too. */
static void
a_planted_one_is_missed(void **state)
{
	struct show show;
	int64_t all;

	(void)state;
	open_line(&show, &some, "1", SAMPLES);
	all = samples(&show);
	for (int64_t i = 0; i < all && samples(&show) == all; i++) {
		show_pass(&show, 3000);
		free(golden_text(&show.golden, 24, 80));
		golden_keys(&show.golden, "Enter");
	}
	assert_int_equal(samples(&show), all - 1);
	assert_int_equal(seen(&show), 0);
	assert_true(show_sees(&show, "You took it for right"));
	show_end(&show);
}

static void
a_fault_is_said_in_words(void **state)
{
	struct show show;

	(void)state;
	open_line(&show, &some, "0", SAMPLES);
	show_pass(&show, 3000);
	free(golden_text(&show.golden, 24, 80));
	golden_keys(&show.golden, "f");
	golden_type(&show.golden, "odd");
	golden_keys(&show.golden, "Enter");
	assert_true(show_sees(&show, "At least 10 characters"));
	golden_type(&show.golden, " name in the greeting");
	golden_keys(&show.golden, "Enter");
	assert_true(show_sees(&show, "This sample stays open"));
	assert_int_equal(seen(&show), 0);
	show_end(&show);
}

static void
statements_one_by_one(void **state)
{
	struct show show;

	(void)state;
	open_line(&show, &some, "0", STATEMENTS);
	assert_string_equal(show_top(&show), "attest");
	golden_check(&show.golden, "attest");
	while (stage_number(&show.stage, "SELECT count(*) FROM review_word"
					 " WHERE item GLOB 'tick *'") <
	       stage_number(&show.stage,
		   "SELECT count(*) FROM review_extract WHERE kind < 3"))
		golden_keys(&show.golden, "Enter");
	for (int i = 0; i < 4; i++) {
		golden_keys(&show.golden, "Enter");
		golden_type(&show.golden, "Looked up by hanako today.");
		golden_keys(&show.golden, "Enter");
	}
	assert_true(show_sees(&show, "Everything is ticked and said."));
	golden_check(&show.golden, "attest-done");
	assert_int_equal(
	    stage_number(&show.stage, "SELECT state FROM review_result"
				      " WHERE item = 'PP-06'"),
	    CHECK_PASS);
	show_end(&show);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(samples_take_their_time),
	    cmocka_unit_test(a_long_mail_is_read_to_its_end),
	    cmocka_unit_test(a_planted_one_is_missed),
	    cmocka_unit_test(a_fault_is_said_in_words),
	    cmocka_unit_test(statements_one_by_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
