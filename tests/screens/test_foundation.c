/* Help, palette, messages and dialogs as they are seen. */
#include <stdlib.h>

#include "tests/fake/golden.h"
#include "tests/unit/unit.h"
#include "tui/screens/foundation.h"
#include "tui/widgets/dialog.h"

static int answered;

static void
done(struct screen *owner, int answer, struct span text)
{
	(void)owner;
	(void)text;
	answered = answer;
}

static void
sections(struct app *app, int section)
{
	(void)app;
	(void)section;
}

static const char *
section_why_not(struct app *app, int section)
{
	(void)app;
	return section == 4 ? _("Nothing is running here.") : NULL;
}

static void
status(struct app *app, struct buf *out)
{
	(void)app;
	buf_text(out, "hanako  41%");
}

static const struct app_hooks hooks = {
    .section = sections,
    .section_why_not = section_why_not,
    .status = status,
};

static bool drill_runs;
static enum action drilled;

static const char *
flag(struct app *app)
{
	(void)app;
	return _("DRILL");
}

static bool
has_drill(struct app *app)
{
	(void)app;
	return drill_runs;
}

static void
drill(struct app *app, enum action action)
{
	(void)app;
	drilled = action;
}

static const struct app_hooks drill_hooks = {
    .section = sections,
    .status = status,
    .flag = flag,
    .has_drill = has_drill,
    .drill = drill,
};

static int
start_with(void **state, const struct app_hooks *with)
{
	static struct golden golden;

	golden = (struct golden){.params = {.hooks = with}};
	golden_start(&golden);
	messages_open(golden.app);
	*state = &golden;
	return 0;
}

static int
start(void **state)
{
	return start_with(state, &hooks);
}

static int
start_drill(void **state)
{
	drill_runs = true;
	drilled = ACT_NONE;
	return start_with(state, &drill_hooks);
}

static int
end(void **state)
{
	golden_end(*state);
	return 0;
}

static void
messages_are_kept(void **state)
{
	struct golden *golden = *state;
	struct err err = {.code = E_NONE};

	golden_check(golden, "messages-empty");
	err_sys(&err, E_FILE_OPEN, 2);
	err_fact(&err, "path", span_of("/home/\x1b]0;x\x07/顧客.csv"));
	app_say_err(golden->app, &err);
	app_say(golden->app, SAY_OK, "48,402 contacts were imported.");
	golden_keys(golden, "^L q");
	messages_open(golden->app);
	golden_check(golden, "messages");
}

static void
help_shows_what_works(void **state)
{
	struct golden *golden = *state;

	golden_keys(golden, "?");
	golden_check(golden, "help");
	golden_keys(golden, "/");
	golden_type(golden, "log");
	golden_check(golden, "help-filter");
	golden_keys(golden, "Esc Esc");
	assert_ptr_equal(app_top(golden->app), app_base(golden->app));
}

static void
palette_finds_in_both_languages(void **state)
{
	struct golden *golden = *state;

	golden_keys(golden, ":");
	golden_check(golden, "palette");
	golden_type(golden, "ヘルプ");
	assert_true(golden_shows(golden, "> ?"));
	golden_keys(golden, "Enter");
	assert_string_equal(app_top(golden->app)->ops->name, "help");
}

static void
full_width_keys_work(void **state)
{
	struct golden *golden = *state;

	golden_type(golden, "？");
	assert_string_equal(app_top(golden->app)->ops->name, "help");
}

static void
small_terminals_get_one_line(void **state)
{
	struct golden *golden = *state;
	char *text = golden_text(golden, 14, 58);

	assert_non_null(strstr(text, "80x24 is best; this is 58x14"));
	assert_non_null(strstr(text, "41%"));
	free(text);
	for (int rows = 1; rows < 40; rows += 3) {
		for (int cols = 1; cols < 130; cols += 7)
			free(golden_text(golden, rows, cols));
	}
}

static void
confirmation_wants_the_letter(void **state)
{
	struct golden *golden = *state;
	const struct dialog dialog = {.title = "Close the draft?",
	    .text = "\"November news\" has changes that were not saved.",
	    .done = done};

	answered = -1;
	dialog_confirm(app_top(golden->app), &dialog, "Throw them away");
	golden_check(golden, "dialog-confirm");
	golden_keys(golden, "Enter");
	assert_int_equal(answered, 0);
	dialog_confirm(app_top(golden->app), &dialog, "Throw them away");
	golden_keys(golden, "x y");
	assert_int_equal(answered, 1);
}

static void
typed_confirmation_wants_the_word(void **state)
{
	struct golden *golden = *state;
	const struct dialog dialog = {.title = "Delete the list",
	    .text = "12,480 contacts are deleted. This cannot be undone.",
	    .done = done};

	answered = -1;
	dialog_type(app_top(golden->app), &dialog, "会員 (関東)");
	golden_paste(golden, "会員 (関東)");
	golden_keys(golden, "Enter");
	assert_int_equal(answered, -1);
	golden_check(golden, "dialog-type");
	golden_type(golden, "会員 (関東)");
	golden_keys(golden, "Enter");
	assert_int_equal(answered, 1);
}

static void
wants_text(struct span text, struct buf *why)
{
	if (text.len == 0)
		buf_text(why, "Nothing is there.");
}

static void
a_number_is_typed_and_a_name_may_be_pasted(void **state)
{
	struct golden *golden = *state;
	const struct dialog dialog = {
	    .title = "How many?", .text = "All of them.", .done = done};

	answered = -1;
	dialog_ask(
	    app_top(golden->app), &dialog, LINE_NUMBER, SPAN(""), wants_text);
	golden_paste(golden, "37");
	assert_true(
	    golden_shows(golden, "Type the number: pasting is off here."));
	golden_keys(golden, "Enter");
	assert_int_equal(answered, -1);
	golden_type(golden, "37");
	assert_false(golden_shows(golden, "pasting is off"));
	golden_keys(golden, "Enter");
	assert_int_equal(answered, 1);
	answered = -1;
	dialog_ask(
	    app_top(golden->app), &dialog, LINE_TEXT, SPAN(""), wants_text);
	golden_paste(golden, "37");
	golden_keys(golden, "Enter");
	assert_int_equal(answered, 1);
}

static void
a_drill_has_actions_of_its_own(void **state)
{
	struct golden *golden = *state;

	golden_keys(golden, "?");
	golden_check(golden, "help-drill");
	golden_keys(golden, "F8");
	assert_int_equal(drilled, ACT_DRILL_MARK);
	golden_keys(golden, "Esc F7");
	assert_int_equal(drilled, ACT_DRILL_MARKS);
	golden_keys(golden, ":");
	golden_type(golden, "訓練 終了");
	golden_keys(golden, "Enter");
	assert_int_equal(drilled, ACT_DRILL_END);
}

/* Nowhere else does a key of a drill mean anything, or a list name it. */
static void
nobody_else_has_them(void **state)
{
	struct golden *golden = *state;

	drill_runs = false;
	golden_keys(golden, "F8 ! F7");
	app_act(golden->app, ACT_DRILL_END);
	assert_int_equal(drilled, ACT_NONE);
	assert_true(golden_shows(golden, "This screen cannot do that."));
	golden_keys(golden, ":");
	golden_type(golden, "drill");
	assert_true(golden_shows(golden, "Nothing matches."));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(messages_are_kept, start, end),
	    cmocka_unit_test_setup_teardown(help_shows_what_works, start, end),
	    cmocka_unit_test_setup_teardown(
		palette_finds_in_both_languages, start, end),
	    cmocka_unit_test_setup_teardown(full_width_keys_work, start, end),
	    cmocka_unit_test_setup_teardown(
		small_terminals_get_one_line, start, end),
	    cmocka_unit_test_setup_teardown(
		confirmation_wants_the_letter, start, end),
	    cmocka_unit_test_setup_teardown(
		typed_confirmation_wants_the_word, start, end),
	    cmocka_unit_test_setup_teardown(
		a_number_is_typed_and_a_name_may_be_pasted, start, end),
	    cmocka_unit_test_setup_teardown(
		a_drill_has_actions_of_its_own, start_drill, end),
	    cmocka_unit_test_setup_teardown(
		nobody_else_has_them, start_drill, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
