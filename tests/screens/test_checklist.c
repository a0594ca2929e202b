/* The checklist: what its lines say in each state, answers, and that it never
 * gives the number away that it asks for. */
#include <stdlib.h>

#include "tests/fake/show.h"
#include "tests/fake/testcodes.h"
#include "tests/unit/unit.h"
#include "tui/screens/screens.h"

enum { ODD = 37 }; /* recipients: a number no screen shows by chance */

static const struct stage_params some = {
    .recipients = ODD, .class = CLASS_AD, .manners = PRACTICE_PLAIN};

static void
open_checklist(struct show *show, const struct stage_params *params)
{
	show_start(show, params);
	checklist_open(show->golden.app, show->stage.campaign);
	golden_settle(&show->golden);
}

static void
is_empty_before_the_first_run(void **state)
{
	struct show show;

	(void)state;
	open_checklist(&show, &some);
	golden_check(&show.golden, "checklist-new");
	golden_keys(&show.golden, "^N");
	assert_true(show_sees(&show, "Not every line is done yet."));
	golden_keys(&show.golden, "Enter");
	assert_true(show_sees(&show, "no result for the present content"));
	show_end(&show);
}

/* The number stands there by itself, not in a longer one such as a port. */
static bool
tells(const char *text, const char *number)
{
	size_t len = strlen(number);

	for (const char *at = text; (at = strstr(at, number)); at++) {
		bool before = at > text && at[-1] >= '0' && at[-1] <= '9';
		bool behind = at[len] >= '0' && at[len] <= '9';

		if (!before && !behind)
			return true;
	}
	return false;
}

/* Neither list, pane nor any line's detail may tell the count. */
static void
never_tells_the_count(void **state)
{
	struct show show;
	char *text;

	(void)state;
	open_checklist(&show, &some);
	golden_keys(&show.golden, "R");
	golden_keys(&show.golden, "g");
	for (int i = 0; i < 100; i++) {
		text = golden_text(&show.golden, 40, 120);
		text[strcspn(text, "\n")] = ' '; /* the digest is in line 1 */
		assert_false(tells(strchr(text, '\n'), "37"));
		free(text);
		golden_keys(&show.golden, "j");
	}
	show_end(&show);
}

/* The codes of a test mail: not without one, not others, then right. */
static void
type_codes(struct show *show)
{
	char codes[TESTCODES_ROOM];

	golden_keys(&show->golden, "Enter");
	assert_true(show_sees(show, "Send a test mail (T)"));
	golden_type(&show->golden, "ABCDEF GHJKLM");
	golden_keys(&show->golden, "Enter");
	assert_true(show_sees(show, "There is no test mail"));
	testcodes_make(show->stage.store, &show->golden.world,
	    show->stage.campaign, codes);
	golden_keys(&show->golden, "Enter");
	golden_type(&show->golden, "ABCDEF");
	golden_keys(&show->golden, "Enter");
	assert_true(show_sees(show, "PP-05 is not taken"));
	golden_keys(&show->golden, "Enter");
	golden_type(&show->golden, "ABCDEF GHJKLM");
	golden_keys(&show->golden, "Enter");
	assert_true(show_sees(show, "Those are not the codes"));
	golden_keys(&show->golden, "Enter");
	golden_type(&show->golden, codes);
	golden_keys(&show->golden, "Enter");
}

static void
waits_for_three_answers(void **state)
{
	struct show show;

	(void)state;
	open_checklist(&show, &some);
	golden_keys(&show.golden, "R");
	show_attest(&show);
	golden_keys(&show.golden, "^L ^L");
	assert_true(show_is_open(&show, 3));
	assert_true(show_sees(&show, "the policy asks for no second person"));
	assert_true(show_sees(&show, "! 3 lines wait for you"));
	golden_keys(&show.golden, "^N");
	assert_true(show_sees(&show, "Not every line is done yet."));
	golden_keys(&show.golden, "Enter");
	assert_true(show_sees(&show, "Say in a sentence why you send alone"));
	golden_type(&show.golden, "short");
	golden_keys(&show.golden, "Enter");
	/* told where it is typed; nothing of it is lost */
	assert_true(show_sees(&show, "At least 10 characters"));
	assert_true(show_is_open(&show, 3));
	golden_type(&show.golden, ". Nobody else is on duty.");
	golden_keys(&show.golden, "Enter");
	assert_true(show_is_open(&show, 2));
	assert_true(
	    show_sees(&show, "▪  the policy asks for no second person"));
	golden_keys(&show.golden, "Enter");
	golden_type(&show.golden, "36");
	golden_keys(&show.golden, "Enter");
	assert_true(show_sees(&show, "not the number of mails"));
	golden_keys(&show.golden, "Enter");
	golden_paste(&show.golden, "37");
	assert_true(show_sees(&show, "Type the number: pasting is off here."));
	golden_keys(&show.golden, "Esc");
	assert_true(show_is_open(&show, 2));
	golden_keys(&show.golden, "Enter");
	golden_type(&show.golden, "37");
	golden_keys(&show.golden, "Enter");
	assert_true(show_is_open(&show, 1));
	type_codes(&show);
	assert_true(show_is_open(&show, 0));
	assert_true(show_sees(&show, "attested"));
	golden_keys(&show.golden, "^L ^L");
	golden_check(&show.golden, "checklist-done");
	show_end(&show);
}

static void
seals_and_goes_on(void **state)
{
	struct show show;

	(void)state;
	open_checklist(&show, &some);
	show_answer_all(&show, "37");
	golden_keys(&show.golden, "^N");
	assert_string_equal(show_top(&show), "launch");
	golden_keys(&show.golden, "Esc");
	assert_string_equal(show_top(&show), "checklist");
	assert_true(show_sees(&show, "sealed"));
	/* Sealed: looking is not answering again. */
	golden_keys(&show.golden, "G k k k Enter");
	assert_true(show_sees(&show, "( Close )"));
	golden_keys(&show.golden, "Esc ^N");
	assert_string_equal(show_top(&show), "launch");
	show_end(&show);
}

static void
names_what_is_wrong(void **state)
{
	struct stage_params params = some;
	struct show show;

	(void)state;
	params.subject = "【テスト】秋のご案内";
	open_checklist(&show, &params);
	golden_keys(&show.golden, "R ^L ^L");
	golden_check(&show.golden, "checklist-blocked");
	golden_keys(&show.golden, "Enter");
	assert_true(show_sees(&show, "in the subject: 【テスト】"));
	golden_keys(&show.golden, "Esc ^N");
	assert_true(show_sees(&show, "Not every line is done yet."));
	show_end(&show);
}

/* A change behind the results makes them stale as soon as one looks again. */
static void
forgets_what_no_longer_fits(void **state)
{
	struct show show;
	struct err err = {0};

	(void)state;
	open_checklist(&show, &some);
	show_answer_all(&show, "37");
	assert_true(show_is_open(&show, 0));
	assert_ok(setting_write(
		      show.stage.store, "legal.name", SPAN("別の会社"), &err),
	    &err);
	golden_keys(&show.golden, "v");
	assert_string_equal(show_top(&show), "preview");
	golden_keys(&show.golden, "q");
	assert_true(show_sees(&show, "run again"));
	golden_keys(&show.golden, "^N");
	assert_true(show_sees(&show, "Not every line is done yet."));
	show_end(&show);
}

/* Closing the screen under a run neither waits for all messages nor frees the
 * review that is in use. */
static void
closing_cancels_a_run(void **state)
{
	struct stage_params params = some;
	struct key run = key_of_input('R');
	struct show show;

	(void)state;
	params.recipients = 20000;
	show_start(&show, &params);
	reports_open(show.golden.app);
	checklist_open(show.golden.app, show.stage.campaign);
	golden_settle(&show.golden);
	app_key(show.golden.app, &run);
	assert_true(show_sees(&show, "Checking every message"));
	app_key(show.golden.app, &(struct key){.code = K_ESC});
	assert_string_equal(show_top(&show), "checklist");
	app_pop(show.golden.app, app_top(show.golden.app));
	app_key(show.golden.app, &(struct key){.code = K_UP});
	golden_settle(&show.golden);
	assert_int_equal(
	    stage_number(&show.stage, "SELECT count(*) FROM review"), 0);
	show_end(&show);
}

static void
control_c_stops_a_run(void **state)
{
	struct stage_params params = some;
	struct key run = key_of_input('R'), stop = key_of_input(3);
	struct show show;

	(void)state;
	params.recipients = 20000;
	open_checklist(&show, &params);
	app_key(show.golden.app, &run);
	app_key(show.golden.app, &stop);
	golden_settle(&show.golden);
	assert_true(show_sees(&show, "Stopped at your request."));
	assert_true(show_sees(&show, "run again"));
	show_end(&show);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(is_empty_before_the_first_run),
	    cmocka_unit_test(never_tells_the_count),
	    cmocka_unit_test(waits_for_three_answers),
	    cmocka_unit_test(seals_and_goes_on),
	    cmocka_unit_test(names_what_is_wrong),
	    cmocka_unit_test(forgets_what_no_longer_fits),
	    cmocka_unit_test(closing_cancels_a_run),
	    cmocka_unit_test(control_c_stops_a_run),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
