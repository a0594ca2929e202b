/* The canvas: areas, wide characters at edges, fitting, dumps, charts. */
#include "tests/unit/unit.h"

#include "core/base/utf8.h"
#include "tui/canvas.h"
#include "tui/widgets/chart.h"

static void
assert_shows(struct canvas *canvas, const char *wanted)
{
	struct buf out = BUF_INIT;

	canvas_dump(canvas, &out);
	assert_string_equal(out.ptr, wanted);
	buf_done(&out);
}

static void
text_stays_in_its_area(void **state)
{
	struct canvas *canvas = canvas_new(3, 10);
	struct area a = area_cols(area_rows(canvas_area(canvas), 1, 1), 2, 5);

	(void)state;
	assert_int_equal(draw_str(a, 0, 0, ROLE_TEXT, "abcdefgh"), 5);
	draw_str(a, 1, 0, ROLE_TEXT, "below");
	draw_str(a, -1, 0, ROLE_TEXT, "above");
	draw_str(a, 0, -2, ROLE_TEXT, "xyz");
	assert_shows(canvas, "\n  zbcde\n\n");
	canvas_free(&canvas);
}

static void
negative_sizes_count_from_the_end(void **state)
{
	struct canvas *canvas = canvas_new(10, 20);
	struct area all = canvas_area(canvas);

	(void)state;
	assert_int_equal(area_rows(all, 2, -1).rows, 8);
	assert_int_equal(area_rows(all, 2, -3).rows, 6);
	assert_int_equal(area_cols(all, 15, 10).cols, 5);
	assert_int_equal(area_cols(all, 30, 10).cols, 0);
	assert_int_equal(area_rows(all, 8, -5).rows, 0);
	canvas_free(&canvas);
}

static void
wide_characters_are_never_halved(void **state)
{
	struct canvas *canvas = canvas_new(1, 6);
	struct area a = canvas_area(canvas);

	(void)state;
	draw_str(a, 0, 0, ROLE_TEXT, "あいう");
	draw_str(a, 0, 1, ROLE_TEXT, "x");
	assert_shows(canvas, " xいう\n");
	draw_str(a, 0, 2, ROLE_TEXT, "y");
	assert_shows(canvas, " xy う\n");
	draw_str(a, 0, 5, ROLE_TEXT, "え"); /* half would stand outside */
	assert_shows(canvas, " xy\n");
	canvas_free(&canvas);
}

static const struct {
	const char *text;
	int cols;
	enum fit fit;
	const char *out;
} fits[] = {
    {"abc", 5, FIT_END, "abc  |"},
    {"abcdef", 5, FIT_END, "abcd~|"},
    {"abcdef", 5, FIT_CUT, "abcde|"},
    {"12", 5, FIT_RIGHT, "   12|"},
    {"あいう", 5, FIT_END, "あい~|"},
    {"あいう", 4, FIT_END, "あ~ |"},
    {"yamada@a.jp", 8, FIT_MIDDLE, "ya~@a.jp|"},
    {"x", 0, FIT_END, "|"},
};

static void
fitting(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof fits / sizeof *fits; i++) {
		struct canvas *canvas = canvas_new(1, 20);
		struct area a = canvas_area(canvas);
		struct buf out = BUF_INIT;
		int col = draw_fit(a, 0, 0, fits[i].cols, ROLE_TEXT,
		    fits[i].fit, span_of(fits[i].text));

		draw_str(a, 0, col, ROLE_TEXT, "|");
		canvas_dump(canvas, &out);
		out.ptr[out.len - 1] = '\0';
		if (strcmp(out.ptr, fits[i].out) != 0)
			fail_msg("case %zu: \"%s\"", i, out.ptr);
		buf_done(&out);
		canvas_free(&canvas);
	}
}

static void
controls_and_hidden_characters_show(void **state)
{
	struct canvas *canvas = canvas_new(1, 12);
	struct buf roles = BUF_INIT;

	(void)state;
	draw_str(canvas_area(canvas), 0, 0, ROLE_TEXT,
	    "a\x1b[\xe2\x80\xae"
	    "b");
	assert_shows(canvas, "a^[[⚠b\n");
	canvas_dump_roles(canvas, &roles);
	assert_int_equal(roles.ptr[1], 'A' + ROLE_DIM);
	assert_int_equal(roles.ptr[4], 'A' + ROLE_WARN);
	buf_done(&roles);
	canvas_free(&canvas);
}

static void
cursor_stays_inside(void **state)
{
	struct canvas *canvas = canvas_new(4, 10);
	struct area a = area_rows(canvas_area(canvas), 1, 2);
	int row, col;

	(void)state;
	draw_cursor(a, 7, 99);
	canvas_cursor_place(canvas, &row, &col);
	assert_int_equal(row, 2);
	assert_int_equal(col, 9);
	draw_cursor(area_rows(a, 0, 0), 0, 0);
	canvas_cursor_place(canvas, &row, &col);
	assert_int_equal(row, 2);
	canvas_free(&canvas);
}

static void
wrapping_returns_the_next_row(void **state)
{
	struct canvas *canvas = canvas_new(4, 8);

	(void)state;
	assert_int_equal(draw_wrapped(canvas_area(canvas), 0, 1, ROLE_TEXT,
			     SPAN("one two\nthree")),
	    2);
	assert_shows(canvas, " one two\n three\n\n\n");
	canvas_free(&canvas);
}

static void
progress_and_chart(void **state)
{
	struct canvas *canvas = canvas_new(3, 4);
	const int64_t samples[] = {0, 4, 8, 1};

	(void)state;
	draw_progress(canvas_area(canvas), 0, 0, 4, 1, 2);
	assert_int_equal(draw_chart(area_rows(canvas_area(canvas), 1, 2),
			     ROLE_CHART_1, samples, 4, 0),
	    8);
	assert_shows(canvas, "⣿⣿░░\n ⡇\n⢸⣇\n");
	canvas_clear(canvas);
	draw_progress(canvas_area(canvas), 0, 0, 4, 999, 1000);
	draw_progress(canvas_area(canvas), 1, 0, 4, 5, 0);
	draw_progress(canvas_area(canvas), 2, 0, 4, 7, 7);
	assert_shows(canvas, "⣿⣿⣿░\n░░░░\n⣿⣿⣿⣿\n");
	canvas_free(&canvas);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(text_stays_in_its_area),
	    cmocka_unit_test(negative_sizes_count_from_the_end),
	    cmocka_unit_test(wide_characters_are_never_halved),
	    cmocka_unit_test(fitting),
	    cmocka_unit_test(controls_and_hidden_characters_show),
	    cmocka_unit_test(cursor_stays_inside),
	    cmocka_unit_test(wrapping_returns_the_next_row),
	    cmocka_unit_test(progress_and_chart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
