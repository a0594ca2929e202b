/* The editor: typing, undo, kinsoku rows, moving by rows, wide characters,
 * pastes; a random walk against a simple model. */
#include <stdlib.h>

#include "tests/unit/unit.h"

#include "core/base/utf8.h"
#include "tui/widgets/edit_text.h"
#include "tui/widgets/editor.h"

static void
type(struct editor *editor, const char *text)
{
	struct span rest = span_of(text);
	uint32_t cp;

	while (utf8_next(&rest, &cp)) {
		struct key key = key_of_input(cp);

		assert_int_equal(editor_key(editor, &key), USED);
	}
}

static enum used
press(struct editor *editor, const char *names)
{
	struct span rest = span_of(names);
	enum used used = UNUSED;
	struct key key;

	while (rest.len > 0) {
		assert_true(key_of(span_cut(&rest, ' '), &key));
		used = editor_key(editor, &key);
	}
	return used;
}

static void
assert_text(struct editor *editor, const char *wanted)
{
	struct buf text = BUF_INIT;

	editor_text(editor, &text);
	assert_span_equal(buf_span(&text), wanted);
	buf_done(&text);
}

/* Draws at a size and compares; the cursor is shown as its place. */
static void
assert_drawn(struct editor *editor, int rows, int cols, const char *wanted,
    int cursor_row, int cursor_col)
{
	struct canvas *canvas = canvas_new(rows, cols);
	struct buf out = BUF_INIT;
	int row, col;

	editor_draw(editor, canvas_area(canvas), FOCUS_ON, NULL, NULL);
	canvas_dump(canvas, &out);
	canvas_cursor_place(canvas, &row, &col);
	assert_string_equal(out.ptr, wanted);
	assert_int_equal(row, cursor_row);
	assert_int_equal(col, cursor_col);
	buf_done(&out);
	canvas_free(&canvas);
}

static int
start(void **state)
{
	*state = editor_new();
	return 0;
}

static int
end(void **state)
{
	struct editor *editor = *state;

	editor_free(&editor);
	return 0;
}

static void
types_and_deletes(void **state)
{
	struct editor *editor = *state;

	type(editor, "あいう\nab");
	press(editor, "Left Left Backspace");
	assert_text(editor, "あいうab");
	press(editor, "Backspace Del");
	assert_text(editor, "あいb");
	press(editor, "Home Backspace End Del");
	assert_text(editor, "あいb");
	assert_true(editor_is_changed(editor));
	editor_set_saved(editor);
	assert_false(editor_is_changed(editor));
}

static void
a_mark_goes_with_its_character(void **state)
{
	struct editor *editor = *state;

	editor_load(editor, SPAN("か\xe3\x82\x99x"));
	press(editor, "Right Backspace");
	assert_text(editor, "x");
}

static void
undoes_by_words(void **state)
{
	struct editor *editor = *state;

	type(editor, "one two");
	press(editor, "^_");
	assert_text(editor, "one ");
	press(editor, "^_");
	assert_text(editor, "");
	assert_false(editor_undo(editor));
	press(editor, "M-e M-e");
	assert_text(editor, "one two");
	assert_false(editor_redo(editor));
	press(editor, "Backspace ^_ ^_");
	type(editor, "x");
	assert_text(editor, "one x");
	assert_false(editor_redo(editor));
}

static void
kills_and_yanks(void **state)
{
	struct editor *editor = *state;

	editor_load(editor, SPAN("first line\nsecond"));
	press(editor, "^K");
	assert_text(editor, "\nsecond");
	press(editor, "^K ^E ^W ^Y ^Y");
	assert_text(editor, "secondsecond");
	press(editor, "^U");
	assert_text(editor, "");
	press(editor, "^_");
	assert_text(editor, "secondsecond");
}

static void
pastes_are_cleaned(void **state)
{
	struct editor *editor = *state;
	struct key key = {
	    .code = K_PASTE, .paste = SPAN("a\r\nb\tc\x1b[31m\rd\xff")};

	editor_key(editor, &key);
	assert_text(editor, "a\nb    c\xef\xbf\xbd[31m\nd\xef\xbf\xbd");
	press(editor, "^_");
	assert_text(editor, "");
}

static void
wraps_with_kinsoku(void **state)
{
	struct editor *editor = *state;

	editor_load(editor, SPAN("あいう。えお\n- x"));
	assert_drawn(editor, 4, 7, "あい\nう。え\nお\n- x\n", 0, 0);
	press(editor, "Down");
	assert_drawn(editor, 4, 7, "あい\nう。え\nお\n- x\n", 1, 0);
	press(editor, "Right Down");
	assert_drawn(editor, 4, 7, "あい\nう。え\nお\n- x\n", 2, 2);
	press(editor, "Down");
	assert_drawn(editor, 4, 7, "あい\nう。え\nお\n- x\n", 3, 2);
	press(editor, "Up Up Up");
	assert_drawn(editor, 4, 7, "あい\nう。え\nお\n- x\n", 0, 2);
}

static void
scrolls_to_the_cursor(void **state)
{
	struct editor *editor = *state;

	editor_load(editor, SPAN("1\n2\n3\n4\n5\n6"));
	assert_drawn(editor, 3, 9, "1\n2\n3\n", 0, 0);
	press(editor, "Down Down Down");
	assert_drawn(editor, 3, 9, "2\n3\n4\n", 2, 0);
	press(editor, "PgDn");
	assert_drawn(editor, 3, 9, "4\n5\n6\n", 2, 0);
	press(editor, "PgUp PgUp PgUp");
	assert_drawn(editor, 3, 9, "1\n2\n3\n", 0, 0);
	press(editor, "End");
	type(editor, "x");
	assert_drawn(editor, 3, 9, "1x\n2\n3\n", 0, 2);
}

static void
finds_and_goes_round(void **state)
{
	struct editor *editor = *state;
	int line, col;

	editor_load(editor, SPAN("いろは\nABC いろは\nx"));
	assert_true(editor_find(editor, SPAN("abc")));
	editor_place(editor, &line, &col);
	assert_int_equal(line, 2);
	assert_int_equal(col, 1);
	assert_true(editor_find(editor, SPAN("ろ")));
	editor_place(editor, &line, &col);
	assert_int_equal(col, 6);
	assert_true(editor_find(editor, SPAN("ろ")));
	editor_place(editor, &line, &col);
	assert_int_equal(line, 1);
	assert_int_equal(col, 2);
	assert_false(editor_find(editor, SPAN("zz")));
	editor_place_set(editor, 2, 3);
	type(editor, "|");
	assert_text(editor, "いろは\nAB|C いろは\nx");
	editor_place_set(editor, 99, 99);
	type(editor, "!");
	assert_text(editor, "いろは\nAB|C いろは\nx!");
}

static void
refuses_too_much(void **state)
{
	struct editor *editor = *state;
	struct buf large = BUF_INIT;

	for (size_t i = 0; i < EDITOR_MAX; i++)
		buf_char(&large, 'a');
	assert_true(editor_load(editor, buf_span(&large)));
	assert_false(editor_insert(editor, SPAN("b")));
	buf_char(&large, 'b');
	assert_false(editor_set(editor, buf_span(&large)));
	buf_done(&large);
}

static void
paint(void *payload, struct span line, uint8_t *roles)
{
	(void)payload;
	for (size_t i = 0; i < line.len; i++)
		roles[i] = line.ptr[0] == '#' ? ROLE_MD_HEADING : ROLE_TEXT;
}

static void
takes_roles(void **state)
{
	struct editor *editor = *state;
	struct canvas *canvas = canvas_new(3, 6);

	editor_load(editor, SPAN("# abcd\nx"));
	editor_draw(editor, canvas_area(canvas), FOCUS_ON, paint, NULL);
	assert_int_equal(canvas_cell(canvas, 0, 0)->role, ROLE_MD_HEADING);
	assert_int_equal(canvas_cell(canvas, 1, 0)->role, ROLE_MD_HEADING);
	assert_int_equal(canvas_cell(canvas, 2, 0)->role, ROLE_TEXT);
	canvas_free(&canvas);
}

/* Any keys in any order: the text stays valid, undo leads back to nothing and
 * redo to the end. */
static void
random_walk_can_be_undone(void **state)
{
	static const char *const keys[] = {"a", "あ", "Space", "Enter",
	    "Backspace", "Del", "Left", "Right", "Up", "Down", "Home", "End",
	    "^K", "^U", "^W", "^Y", "PgUp", "PgDn", "^_", "M-e"};
	struct editor *editor = *state;
	struct buf last = BUF_INIT, text = BUF_INIT;
	struct canvas *canvas = canvas_new(5, 8);
	uint32_t random = 7;

	for (int i = 0; i < 5000; i++) {
		random = random * 1664525 + 1013904223;
		press(editor,
		    keys[(random >> 16) % (sizeof keys / sizeof *keys)]);
		if (i % 10 == 0)
			editor_draw(
			    editor, canvas_area(canvas), FOCUS_ON, NULL, NULL);
	}
	while (editor_redo(editor))
		continue;
	editor_text(editor, &last);
	assert_true(utf8_is_valid(buf_span(&last)));
	while (editor_undo(editor))
		continue;
	while (editor_redo(editor))
		continue;
	editor_text(editor, &text);
	assert_true(span_equal(buf_span(&text), buf_span(&last)));
	buf_done(&text);
	buf_done(&last);
	canvas_free(&canvas);
}

static void
history_has_a_limit(void **state)
{
	struct edit_text edit = {.step_count = 0};
	size_t at;
	int steps = 0;

	(void)state;
	for (int i = 0; i < UNDO_STEPS_MAX + 500; i++)
		edit_replace(&edit, 0, 0, SPAN("x"), EDIT_ALONE);
	while (edit_undo(&edit, &at))
		steps++;
	assert_int_equal(steps, UNDO_STEPS_MAX);
	assert_int_equal(edit.text.len, 500);
	edit_done(&edit);
}

#define T(test) cmocka_unit_test_setup_teardown(test, start, end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    T(types_and_deletes),
	    T(a_mark_goes_with_its_character),
	    T(undoes_by_words),
	    T(kills_and_yanks),
	    T(pastes_are_cleaned),
	    T(wraps_with_kinsoku),
	    T(scrolls_to_the_cursor),
	    T(finds_and_goes_round),
	    T(refuses_too_much),
	    T(takes_roles),
	    T(random_walk_can_be_undone),
	    cmocka_unit_test(history_has_a_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
