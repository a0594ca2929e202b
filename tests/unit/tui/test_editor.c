/* The editor: every command with wide and combining text, undo, kinsoku rows,
 * searches, pastes; test_editor_model.c walks at random. */
#include <stdlib.h>
#include <string.h>

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
	size_t number;
	int line, col;

	editor_load(editor, SPAN("いろは\nABC いろは\nx"));
	editor_seek(editor, SPAN("ａbc"));
	assert_int_equal(editor_find(editor, EDITOR_FORWARD), EDITOR_FOUND);
	editor_place(editor, &line, &col);
	assert_int_equal(line, 2);
	assert_int_equal(col, 1);
	editor_seek(editor, SPAN("ろ"));
	assert_int_equal(editor_count(editor, &number), 2);
	assert_int_equal(number, 0);
	assert_int_equal(editor_find(editor, EDITOR_FORWARD), EDITOR_FOUND);
	editor_place(editor, &line, &col);
	assert_int_equal(col, 6);
	assert_int_equal(editor_count(editor, &number), 2);
	assert_int_equal(number, 2);
	assert_int_equal(editor_find(editor, EDITOR_HERE), EDITOR_FOUND);
	assert_int_equal(
	    editor_find(editor, EDITOR_FORWARD), EDITOR_WENT_ROUND);
	editor_place(editor, &line, &col);
	assert_int_equal(line, 1);
	assert_int_equal(col, 2);
	assert_int_equal(
	    editor_find(editor, EDITOR_BACKWARD), EDITOR_WENT_ROUND);
	assert_int_equal(editor_find(editor, EDITOR_BACKWARD), EDITOR_FOUND);
	editor_place(editor, &line, &col);
	assert_int_equal(line, 1);
	editor_seek(editor, SPAN("zz"));
	assert_int_equal(editor_find(editor, EDITOR_FORWARD), EDITOR_NOT_FOUND);
	editor_seek(editor, SPAN(""));
	assert_int_equal(editor_find(editor, EDITOR_FORWARD), EDITOR_NOT_FOUND);
	editor_place_set(editor, 2, 3);
	type(editor, "|");
	assert_text(editor, "いろは\nAB|C いろは\nx");
	editor_place_set(editor, 99, 99);
	type(editor, "!");
	assert_text(editor, "いろは\nAB|C いろは\nx!");
}

static void
replaces_one_or_all(void **state)
{
	struct editor *editor = *state;
	size_t count;

	editor_load(editor, SPAN("ｶﾞ ガ カ\xe3\x82\x99 が"));
	editor_seek(editor, SPAN("ガ"));
	assert_true(editor_replace_here(editor, SPAN("ガラス")));
	assert_text(editor, "ガラス ガ ガ が");
	assert_false(editor_replace_here(editor, SPAN("x")));
	assert_true(editor_replace_all(editor, SPAN("ga"), &count));
	assert_int_equal(count, 3);
	assert_text(editor, "gaラス ga ga が");
	press(editor, "^_");
	assert_text(editor, "ガラス ガ ガ が");
	/* only in what is marked */
	editor_load(editor, SPAN("a b a b a"));
	editor_seek(editor, SPAN("a"));
	press(editor, "Right S-Right S-Right S-Right S-Right");
	assert_true(editor_replace_all(editor, SPAN("いい"), &count));
	assert_int_equal(count, 1);
	assert_text(editor, "a b いい b a");
	editor_seek(editor, SPAN("nothing"));
	assert_true(editor_replace_all(editor, SPAN("x"), &count));
	assert_int_equal(count, 0);
}

/* Each command on wide and combining text.  '_' is the cursor, '<' and '>' the
 * ends of marked text. */
static const struct {
	const char *name, *before, *keys, *after;
} commands[] = {
    {"right over a family", "_👨‍👩‍👧x", "Right",
	"👨‍👩‍👧_x"},
    {"backspace takes a family", "a👨‍👩‍👧_x", "Backspace", "a_x"},
    {"delete takes a flag", "_🇯🇵🇫🇷", "Del", "_🇫🇷"},
    {"delete takes marks", "_e\xcc\x81x", "Del", "_x"},
    {"delete joins lines", "あ_\nい", "Del", "あ_い"},
    {"backspace joins lines", "あ\n_い", "Backspace", "あ_い"},
    {"left at the start", "_あ", "Left", "_あ"},
    {"word right", "_今月の特集はこちら", "C-Right", "今月_の特集はこちら"},
    {"word right over blanks", "_one  two", "C-Right", "one  _two"},
    {"word right stops at line ends", "one_\n  two", "M-f", "one\n_  two"},
    {"word left", "今月のラーメン_", "C-Left", "今月の_ラーメン"},
    {"word left over blanks", "one  _two", "M-b", "_one  two"},
    {"kill word back", "特集は_こちら", "^W", "特集_こちら"},
    {"kill word forward", "特集_は、", "M-d", "特集_、"},
    {"kill to end", "あ_いう\nえ", "^K", "あ_\nえ"},
    {"kill line end", "あ_\nえ", "^K", "あ_え"},
    {"kill to start", "あい_う", "^U", "_う"},
    {"line start and end", "あい_う\nx", "^A ^E", "あいう_\nx"},
    {"text start", "a\nb_", "C-Home", "_a\nb"},
    {"text end", "_a\nb", "M->", "a\nb_"},
    {"shift marks", "_あいう", "S-Right S-Right", "<あい_>う"},
    {"a move ends it", "_あいう", "S-Right Right", "あい_う"},
    {"shift by words", "今月の_特集", "C-S-Left", "今月<_の>特集"},
    {"a set mark stays", "あ_いう", "^B Right Right", "あ<いう_>"},
    {"mark twice", "あ_いう", "^B Right ^@", "あい_う"},
    {"typing takes its place", "_あいう", "S-Right x", "x_いう"},
    {"backspace takes it", "_あいう", "S-Right S-Right Backspace", "_う"},
    {"cut and paste", "_あいう", "S-Right ^X End ^V", "いうあ_"},
    {"copy and paste", "_あいう", "S-Right S-Right ^C End ^V", "あいうあい_"},
    {"copy by M-w", "a_b", "^B End M-w Home ^Y", "b_ab"},
    {"paste over", "_ab", "S-Right ^X S-Right ^V", "a_"},
    {"cut the line", "a\nb_b\nc", "^X", "a\n_c"},
    {"cut the last line", "a\nb_", "^X", "a_"},
    {"cut the only line", "a_b", "^X", "_"},
    {"cut an empty text", "_", "^X", "_"},
    {"paste lines above", "a_a\nb", "^X End ^V", "aa\nb_"},
    {"copy a line", "a_a\nb", "M-w Down ^V", "aa\naa\nb_"},
    {"move down", "a_a\nbb\ncc", "M-Down", "bb\na_a\ncc"},
    {"move down to the end", "a_a\nbb", "M-Down", "bb\na_a"},
    {"move up from the end", "aa\nb_b", "M-Up", "b_b\naa"},
    {"move down over nothing", "a_a\n", "M-Down", "\na_a"},
    {"move up at the start", "a_a\nbb", "M-Up", "a_a\nbb"},
    {"move at the end", "aa\nb_b", "M-Down", "aa\nb_b"},
    {"move marked lines", "_a\nb\nc", "S-Down S-Down M-Down", "c\n<a\nb_>"},
    {"undo a move", "a_a\nbb", "M-Down ^_", "aa\nbb_"},
    {"dakuten joins its kana", "か_", "\xe3\x82\x99", "が_"},
    {"handakuten", "ハ_x", "\xe3\x82\x9a", "パ_x"},
    {"dakuten without kana", "あ_", "\xe3\x82\x99", "あ\xe3\x82\x99_"},
    {"erasing is one step", "abc_", "Backspace Backspace ^_", "abc_"},
    {"deleting is one step", "_abc", "Del Del ^_", "ab_c"},
    {"typing ends at a full stop", "_", "あ 。 い ^_", "あ。_"},
    {"undo the typed over", "_ab", "S-Right x ^_", "a_b"},
    {"redo", "_", "a ^_ M-e", "a_"},
    {"redo is forgotten", "_", "a ^_ b M-e", "b_"},
};

static void
place_cursor(struct editor *editor, const char *before)
{
	struct span all = span_of(before);
	size_t at = span_index(all, '_');
	struct buf text = BUF_INIT;

	buf_add(&text, span_slice(all, 0, at));
	buf_add(&text, span_slice(all, at + 1, all.len));
	editor_load(editor, buf_span(&text));
	while (editor_at(editor) < at)
		press(editor, "Right");
	buf_done(&text);
}

/* The text with cursor and mark, as the table writes it. */
static void
show(struct editor *editor, struct buf *out)
{
	struct span text = editor_span(editor), marked = editor_marked(editor);

	for (size_t i = 0; i <= text.len; i++) {
		if (marked.len > 0 && text.ptr + i == marked.ptr)
			buf_char(out, '<');
		if (i == editor_at(editor))
			buf_char(out, '_');
		if (marked.len > 0 && text.ptr + i == marked.ptr + marked.len)
			buf_char(out, '>');
		if (i < text.len)
			buf_char(out, text.ptr[i]);
	}
}

static void
does_every_command(void **state)
{
	struct editor *editor = *state;

	for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
		struct buf out = BUF_INIT;

		place_cursor(editor, commands[i].before);
		press(editor, commands[i].keys);
		show(editor, &out);
		if (strcmp(out.ptr, commands[i].after) != 0)
			fail_msg("%s: %s", commands[i].name, out.ptr);
		buf_done(&out);
		editor_free(&editor);
		*state = editor = editor_new();
	}
}

static void
home_and_end_are_of_the_row(void **state)
{
	struct editor *editor = *state;

	editor_load(editor, SPAN("あいうえおかきくけこ"));
	assert_drawn(editor, 3, 9, "あいうえ\nおかきく\nけこ\n", 0, 0);
	press(editor, "Down Right Home");
	assert_drawn(editor, 3, 9, "あいうえ\nおかきく\nけこ\n", 1, 0);
	press(editor, "End");
	assert_drawn(editor, 3, 9, "あいうえ\nおかきく\nけこ\n", 1, 6);
	press(editor, "End");
	assert_drawn(editor, 3, 9, "あいうえ\nおかきく\nけこ\n", 2, 4);
	press(editor, "Up Home Home");
	assert_drawn(editor, 3, 9, "あいうえ\nおかきく\nけこ\n", 0, 0);
}

static void
revision_names_the_text(void **state)
{
	struct editor *editor = *state;
	uint64_t first, second;

	editor_load(editor, SPAN("a"));
	first = editor_revision(editor);
	type(editor, "b ");
	second = editor_revision(editor);
	assert_true(first != second);
	assert_true(editor_is_changed(editor));
	press(editor, "^_");
	assert_true(editor_revision(editor) == first);
	assert_false(editor_is_changed(editor));
	type(editor, "c");
	assert_true(editor_revision(editor) != first);
	assert_true(editor_revision(editor) != second);
}

static void
shows_marked_text_and_matches(void **state)
{
	struct editor *editor = *state;
	struct canvas *canvas = canvas_new(2, 12);
	struct buf roles = BUF_INIT;

	editor_load(editor, SPAN("ab\n日本 ab"));
	editor_seek(editor, SPAN("AB"));
	press(editor, "Down");
	editor_draw(editor, canvas_area(canvas), FOCUS_ON, NULL, NULL);
	assert_int_equal(canvas_cell(canvas, 0, 0)->role, ROLE_MATCH);
	assert_int_equal(canvas_cell(canvas, 1, 5)->role, ROLE_MATCH);
	assert_int_equal(canvas_cell(canvas, 1, 4)->role, ROLE_TEXT);
	editor_seek(editor, SPAN(""));
	press(editor, "Up End S-Down");
	canvas_clear(canvas);
	editor_draw(editor, canvas_area(canvas), FOCUS_ON, NULL, NULL);
	assert_int_equal(canvas_cell(canvas, 0, 1)->role, ROLE_TEXT);
	assert_int_equal(canvas_cell(canvas, 0, 2)->role, ROLE_SELECT);
	assert_int_equal(canvas_cell(canvas, 1, 0)->role, ROLE_SELECT);
	assert_int_equal(canvas_cell(canvas, 1, 2)->role, ROLE_TEXT);
	buf_done(&roles);
	canvas_free(&canvas);
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
paint(void *payload, struct span text, size_t from, size_t to, uint8_t *roles)
{
	(void)payload;
	for (size_t i = from; i < to; i++)
		roles[i - from] =
		    text.ptr[from] == '#' ? ROLE_MD_HEADING : ROLE_TEXT;
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

/* Memory is the only limit, and the newest steps are those that stay. */
static void
history_has_a_limit(void **state)
{
	static char large[1024 * 1024];
	struct edit_text edit = {.step_count = 0};
	size_t at;
	int steps = 0;

	(void)state;
	for (int i = 0; i < 5000; i++)
		edit_replace(&edit, 0, 0, SPAN("x"), EDIT_ALONE);
	while (edit_undo(&edit, &at))
		steps++;
	assert_int_equal(steps, 5000);
	memset(large, 'a', sizeof large);
	for (int i = 0; i < 40; i++)
		edit_replace(&edit, 0, edit.text.len,
		    span_make(large, sizeof large - (size_t)i), EDIT_ALONE);
	assert_true(edit.octets < UNDO_OCTETS_MAX + 3 * sizeof large);
	for (steps = 0; edit_undo(&edit, &at);)
		steps++;
	assert_in_range(steps, 4, 20);
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
	    T(replaces_one_or_all),
	    T(does_every_command),
	    T(home_and_end_are_of_the_row),
	    T(revision_names_the_text),
	    T(shows_marked_text_and_matches),
	    cmocka_unit_test(history_has_a_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
