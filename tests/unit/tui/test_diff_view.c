/* A word diff as lines: signs, roles, what is left out. */
#include "tests/unit/unit.h"

#include "tui/text/i18n.h"
#include "tui/widgets/diff_view.h"

enum { ROWS = 30, COLS = 60 };

static void
draw(struct canvas *canvas, const char *from, const char *to)
{
	struct pager *pager = pager_new(PAGER_WRAP, GATE_RAW);
	struct diff diff;

	diff_words(span_of(from), span_of(to), &diff);
	diff_view(pager, &diff);
	pager_draw(pager, canvas_area(canvas), FOCUS_ON);
	diff_done(&diff);
	pager_free(&pager);
}

static const struct {
	const char *name, *from, *to, *wanted;
} cases[] = {
    {"same", "a\nb\n", "a\nb\n", "The texts are the same.\n"},
    {"one line", "a\nold words\nb\n", "a\nnew words\nb\n",
	"  a\n- old words\n+ new words\n  b\n"},
    {"line added", "a\nb\n", "a\nnew\nb\n", "  a\n+ new\n  b\n"},
    {"line gone", "a\nold\nb\n", "a\nb\n", "  a\n- old\n  b\n"},
    {"first line", "b\n", "a\nb\n", "+ a\n  b\n"},
    {"last line", "a\n", "a\nb\n", "  a\n+ b\n"},
    {"no line end", "a", "b", "- a\n+ b\n"},
    {"split", "one two\n", "one\ntwo\n", "- one two\n+ one⏎\n+ two\n"},
    {"far from the top", "1\n2\n3\n4\nx\n", "1\n2\n3\n4\ny\n",
	"  .. 2 lines are the same\n  3\n  4\n- x\n+ y\n"},
    {"far from the end", "x\n1\n2\n3\n", "y\n1\n2\n3\n",
	"- x\n+ y\n  1\n  2\n  .. 1 line is the same\n"},
    {"japanese", "いつもご利用ありがとうございます。\n",
	"いつもご愛顧ありがとうございます。\n",
	"- いつもご利用ありがとうございます。\n"
	"+ いつもご愛顧ありがとうございます。\n"},
};

static void
shows_lines(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct canvas *canvas = canvas_new(ROWS, COLS);
		struct buf out = BUF_INIT;

		draw(canvas, cases[i].from, cases[i].to);
		canvas_dump(canvas, &out);
		while (out.len > 1 && out.ptr[out.len - 2] == '\n')
			out.ptr[--out.len] = '\0';
		if (strcmp(out.ptr, cases[i].wanted) != 0)
			fail_msg("%s:\n%s", cases[i].name, out.ptr);
		buf_done(&out);
		canvas_free(&canvas);
	}
}

static void
colours_the_words(void **state)
{
	struct canvas *canvas = canvas_new(4, COLS);

	(void)state;
	draw(canvas, "an old house\n", "an new house\n");
	assert_int_equal(canvas_cell(canvas, 0, 0)->role, ROLE_DIFF_DEL);
	assert_int_equal(canvas_cell(canvas, 0, 2)->role, ROLE_TEXT);
	assert_int_equal(canvas_cell(canvas, 0, 5)->role, ROLE_DIFF_DEL);
	assert_int_equal(canvas_cell(canvas, 1, 5)->role, ROLE_DIFF_ADD);
	assert_int_equal(canvas_cell(canvas, 1, 9)->role, ROLE_TEXT);
	canvas_free(&canvas);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(shows_lines),
	    cmocka_unit_test(colours_the_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
