/* Lines of input, lists, forms, pagers. */
#include <stdlib.h>

#include "tests/unit/unit.h"

#include "core/base/utf8.h"
#include "tui/widgets/form.h"
#include "tui/widgets/line.h"
#include "tui/widgets/list.h"
#include "tui/widgets/pager.h"

static struct key
named(const char *name)
{
	struct key key;

	assert_true(key_of(span_of(name), &key));
	return key.code == K_CHAR && !key.alt ? key_of_input(key.cp) : key;
}

static char *
dump(struct canvas *canvas)
{
	struct buf out = BUF_INIT;

	canvas_dump(canvas, &out);
	canvas_free(&canvas);
	return out.ptr;
}

/* ---- Line ----------------------------------------------------------------- */

static const struct {
	const char *keys, *text;
} line_cases[] = {
    {"a b c", "abc"},
    {"a b Left x", "axb"},
    {"a b ^A x ^E y", "xaby"},
    {"a b c Left ^K", "ab"},
    {"a b c Left ^U", "c"},
    {"a b Space c d ^W", "ab "},
    {"あ い Backspace", "あ"},
    {"あ い Home Del", "い"},
    {"a Left Left Right Right b", "ab"},
};

static void
lines_are_edited(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof line_cases / sizeof *line_cases; i++) {
		struct line *line = line_new(LINE_TEXT, 20);
		struct span rest = span_of(line_cases[i].keys);

		while (rest.len > 0) {
			char name[16] = "";
			struct span word = span_cut(&rest, ' ');
			struct key key;

			memcpy(name, word.ptr, word.len);
			key = named(name);
			assert_int_equal(line_key(line, &key), USED);
		}
		assert_span_equal(line_span(line), line_cases[i].text);
		line_free(&line);
	}
}

static void
lines_have_limits_and_kinds(void **state)
{
	struct line *line = line_new(LINE_TEXT, 5);
	struct key key = {.code = K_PASTE, .paste = SPAN("a\nb\x1b[x")};

	(void)state;
	line_key(line, &key);
	assert_span_equal(line_span(line), "a b [");
	line_set(line, SPAN("ああ"));
	assert_span_equal(line_span(line), "あ");
	line_set_paste(line, LINE_PASTE_REFUSE);
	assert_int_equal(line_key(line, &key), UNUSED);
	line_free(&line);
	line = line_new(LINE_NUMBER, 5);
	key.paste = SPAN("1,2x3");
	line_key(line, &key);
	assert_span_equal(line_span(line), "123");
	key = named("Enter");
	assert_int_equal(line_key(line, &key), UNUSED);
	line_free(&line);
}

static void
secrets_are_not_shown(void **state)
{
	struct line *line = line_new(LINE_SECRET, 50);
	struct canvas *canvas = canvas_new(1, 20);
	struct secret *secret;
	char *text;
	int row, col;

	(void)state;
	line_set(line, SPAN("hunter2"));
	line_draw(line, canvas_area(canvas), 0, 3, 10, FOCUS_ON);
	canvas_cursor_place(canvas, &row, &col);
	assert_int_equal(col, 3); /* not even its length */
	text = dump(canvas);
	assert_string_equal(text, "\n");
	free(text);
	secret = line_secret(line);
	assert_span_equal(secret_span(secret), "hunter2");
	secret_free(&secret);
	line_free(&line);
}

static void
long_lines_scroll(void **state)
{
	struct line *line = line_new(LINE_TEXT, 100);
	struct canvas *canvas = canvas_new(1, 10);
	char *text;
	int row, col;

	(void)state;
	line_set(line, SPAN("0123456789あいう"));
	line_draw(line, canvas_area(canvas), 0, 0, 6, FOCUS_ON);
	canvas_cursor_place(canvas, &row, &col);
	assert_true(col <= 5);
	text = dump(canvas);
	assert_non_null(strstr(text, "う"));
	free(text);
	line_free(&line);
}

/* ---- List ----------------------------------------------------------------- */

struct numbers {
	struct list_source base;
	int64_t first, count; /* keys first .. first + count - 1 */
	int reads;
	char text[32];
};

static int64_t
number_count(struct list_source *source)
{
	return ((struct numbers *)source)->count;
}

static bool
number_row(struct list_source *source, int64_t index, struct list_row *out)
{
	struct numbers *self = (struct numbers *)source;
	int64_t key = self->first + index;
	size_t len = 0;

	self->reads++;
	out->key = key;
	out->heading = key % 100 == 0;
	do {
		self->text[len++] = (char)('0' + key % 10);
		key /= 10;
	} while (key > 0);
	out->cell[0] = span_make(self->text, len);
	return true;
}

static int64_t
number_find(struct list_source *source, int64_t key)
{
	struct numbers *self = (struct numbers *)source;
	int64_t index = key - self->first;

	return index >= 0 && index < self->count ? index : -1;
}

static const struct list_column columns[] = {
    {"", 0, 5, 0, FIT_END},
};

static void
press_list(struct list *list, const char *name)
{
	struct key key = named(name);

	assert_int_equal(list_key(list, &key), USED);
}

static int64_t
cursor(struct list *list)
{
	int64_t key = -1;

	list_cursor(list, &key);
	return key;
}

static void
lists_read_only_what_they_show(void **state)
{
	struct numbers numbers = {
	    {number_count, number_row, number_find}, 1, 1000000, 0, ""};
	struct list *list = list_new(&numbers.base, columns, 1);
	struct canvas *canvas = canvas_new(10, 20);

	(void)state;
	press_list(list, "End");
	assert_int_equal(cursor(list), 999999); /* 1,000,000 is a heading */
	numbers.reads = 0;
	list_draw(list, canvas_area(canvas), FOCUS_ON);
	assert_true(numbers.reads <= 30);
	press_list(list, "PgUp");
	assert_int_equal(cursor(list), 999990);
	canvas_free(&canvas);
	list_free(&list);
}

static void
cursor_keeps_its_record(void **state)
{
	struct numbers numbers = {
	    {number_count, number_row, number_find}, 1, 50, 0, ""};
	struct list *list = list_new(&numbers.base, columns, 1);

	(void)state;
	list_cursor_set(list, 20);
	numbers.first = 11; /* ten rows before it are gone */
	numbers.count = 40;
	list_refresh(list);
	assert_int_equal(cursor(list), 20);
	assert_int_equal(list_cursor_index(list), 9);
	numbers.base.find = NULL; /* found by looking around */
	numbers.first = 1;
	list_refresh(list);
	assert_int_equal(cursor(list), 20);
	numbers.first = 30; /* it is gone: the row stays */
	numbers.count = 5;
	list_refresh(list);
	assert_int_equal(cursor(list), 34);
	numbers.count = 0;
	list_refresh(list);
	assert_int_equal(cursor(list), -1);
	list_free(&list);
}

static void
headings_are_stepped_over(void **state)
{
	struct numbers numbers = {
	    {number_count, number_row, number_find}, 100, 3, 0, ""};
	struct list *list = list_new(&numbers.base, columns, 1);

	(void)state;
	assert_int_equal(cursor(list), 101);
	press_list(list, "Up");
	assert_int_equal(cursor(list), 101);
	press_list(list, "j");
	assert_int_equal(cursor(list), 102);
	list_free(&list);
}

static void
marks_are_a_set(void **state)
{
	struct numbers numbers = {
	    {number_count, number_row, number_find}, 1, 9, 0, ""};
	struct list *list = list_new(&numbers.base, columns, 1);
	struct buf position = BUF_INIT;

	(void)state;
	list_set_marking(list, LIST_MARKS_ON);
	press_list(list, "Space");
	press_list(list, "Down");
	press_list(list, "Space");
	assert_int_equal(list_mark_count(list), 2);
	assert_true(list_is_marked(list, 1));
	assert_false(list_is_marked(list, 2));
	assert_true(list_is_marked(list, 3));
	press_list(list, "Up");
	press_list(list, "Space");
	assert_int_equal(list_mark_count(list), 1);
	list_position(list, &position);
	assert_span_equal(buf_span(&position), "4 of 9");
	buf_done(&position);
	list_free(&list);
}

/* ---- Form ----------------------------------------------------------------- */

static void
check_name(struct span text, struct buf *why)
{
	if (text.len == 0)
		buf_text(why, "A name is needed.");
}

static const char *const colours[] = {"red", "green", NULL};
static const struct field_spec fields[] = {
    {.label = "About", .kind = FIELD_GAP},
    {.label = "Name", .kind = FIELD_TEXT, .cols = 10, .check = check_name},
    {.label = "Port", .kind = FIELD_NUMBER, .cols = 5},
    {.label = "Colour", .kind = FIELD_CHOICE, .cols = 8, .choices = colours},
    {.label = "Save", .kind = FIELD_BUTTON},
};

static enum form_did
press_form(struct form *form, const char *name)
{
	struct key key = named(name);

	return form_key(form, &key);
}

static void
forms_move_and_change(void **state)
{
	struct form *form = form_new(fields, 5);
	struct canvas *canvas = canvas_new(8, 40);
	char *text;

	(void)state;
	assert_int_equal(form_focus(form), 1);
	assert_false(form_is_changed(form));
	assert_int_equal(press_form(form, "x"), FORM_CHANGED);
	assert_int_equal(press_form(form, "Enter"), FORM_USED);
	assert_int_equal(press_form(form, "x"), FORM_USED); /* no digit */
	assert_int_equal(press_form(form, "2"), FORM_CHANGED);
	assert_int_equal(press_form(form, "Tab"), FORM_USED);
	assert_int_equal(press_form(form, "Left"), FORM_CHANGED);
	assert_int_equal(form_choice(form, 3), 1);
	assert_int_equal(press_form(form, "Down"), FORM_USED);
	assert_int_equal(press_form(form, "Enter"), FORM_PRESSED);
	assert_int_equal(press_form(form, "^S"), FORM_UNUSED);
	assert_int_equal(press_form(form, "Tab"), FORM_USED);
	assert_int_equal(form_focus(form), 1);
	assert_int_equal(press_form(form, "BTab"), FORM_USED);
	assert_int_equal(form_focus(form), 4);
	assert_true(form_is_changed(form));
	form_draw(form, canvas_area(canvas), FOCUS_ON);
	text = dump(canvas);
	assert_string_equal(text, "About\n"
				  "  Name    [x         ]\n"
				  "  Port    [2    ]\n"
				  "  Colour  < green    >\n"
				  ">         ( Save )\n\n\n\n");
	free(text);
	form_free(&form);
}

static void
forms_say_what_is_wrong(void **state)
{
	struct form *form = form_new(fields, 5);
	struct canvas *canvas = canvas_new(8, 40);
	char *text;

	(void)state;
	press_form(form, "Down");
	press_form(form, "Down");
	assert_int_equal(form_check(form), 1);
	assert_int_equal(form_focus(form), 1);
	form_draw(form, canvas_area(canvas), FOCUS_ON);
	text = dump(canvas);
	assert_non_null(strstr(text, "X A name is needed."));
	free(text);
	press_form(form, "y");
	assert_int_equal(form_check(form), -1);
	form_free(&form);
}

/* ---- Pager ---------------------------------------------------------------- */

static void
pagers_scroll_and_find(void **state)
{
	struct pager *pager = pager_new(PAGER_WRAP, GATE_RAW);
	struct canvas *canvas = canvas_new(3, 8);
	struct buf position = BUF_INIT;
	struct key key = named("End");
	char *text;

	(void)state;
	pager_add_str(pager, ROLE_HEAD, "Head: ");
	pager_add_str(pager, ROLE_TEXT, "a\xe2\x80\xae\n\tx\n");
	pager_add_str(pager, ROLE_TEXT, "three four five");
	pager_draw(pager, canvas_area(canvas), FOCUS_ON);
	assert_false(pager_was_read(pager));
	text = dump(canvas);
	assert_string_equal(text, "Head:\na<202E>\n\n");
	free(text);
	assert_int_equal(pager_key(pager, &key), USED);
	canvas = canvas_new(3, 8);
	pager_draw(pager, canvas_area(canvas), FOCUS_ON);
	assert_true(pager_was_read(pager));
	pager_position(pager, &position);
	assert_span_equal(buf_span(&position), "5-7/7");
	canvas_free(&canvas);
	key = named("Home");
	pager_key(pager, &key);
	assert_true(pager_find(pager, SPAN("FIVE")));
	assert_false(pager_find(pager, SPAN("six")));
	buf_done(&position);
	pager_free(&pager);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(lines_are_edited),
	    cmocka_unit_test(lines_have_limits_and_kinds),
	    cmocka_unit_test(secrets_are_not_shown),
	    cmocka_unit_test(long_lines_scroll),
	    cmocka_unit_test(lists_read_only_what_they_show),
	    cmocka_unit_test(cursor_keeps_its_record),
	    cmocka_unit_test(headings_are_stepped_over),
	    cmocka_unit_test(marks_are_a_set),
	    cmocka_unit_test(forms_move_and_change),
	    cmocka_unit_test(forms_say_what_is_wrong),
	    cmocka_unit_test(pagers_scroll_and_find),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
