/* No text of the allowed size costs more than in proportion to its length: four
 * times as much of it may take a dozen times as long, not sixteen times or
 * more, as what is quadratic does. */
#include <time.h>

#include "tests/unit/compose/markdown_case.h"

enum { SMALL = 48 * 1024, TIMES = 4, RATIO_MAX = 12, FLOOR_MS = 4 };

static double
cpu_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

/* Renders so much of unit behind start; the time, at least the floor. */
static double
cost(const char *start, const char *unit, size_t octets)
{
	struct buf source = BUF_INIT;
	struct both both;
	double from;

	buf_text(&source, start);
	while (source.len < octets)
		buf_text(&source, unit);
	from = cpu_ms();
	render(source.ptr, "X", &both);
	from = cpu_ms() - from;
	both_done(&both);
	buf_done(&source);
	return from > FLOOR_MS ? from : FLOOR_MS;
}

static void
test_proportion(void **state)
{
	static const struct {
		const char *start, *unit;
	} row[] = {
	    {"", "|"},
	    {"", "| "},
	    {"", "\\|"},
	    {"", "|a|\n|-|\n\n"},
	    {"", "a|b\n-|-\n"},
	    {"|a|\n|-|\n", "a\n"},
	    {"", "|-|\n"},
	    {"|a|\n", "|a|b|\n|-|\n"},
	    {"", "*"},
	    {"あ", "*"},
	    {"", "**「"},
	    {"", "」**"},
	    {"", "**「a」**と"},
	    {"", "*あ*_"},
	    {"", "*あ **い "},
	    {"", "***「あ"},
	    {"", "**「あ」\n\n"},
	    {"あ\n===\n", "**「あ」**は\n===\n"},
	    {"", "["},
	    {"", "[a]("},
	    {"", "!["},
	    {"", "`"},
	    {"", "`a``b```c"},
	    {"", "> "},
	    {"", "- a\n"},
	    {"", "1. a\n"},
	    {"", "> > a\n"},
	    {"", "a  \n"},
	    {"", "&#10;"},
	    {"", "<a@b.c> "},
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		double one = cost(row[i].start, row[i].unit, SMALL);
		double more = cost(row[i].start, row[i].unit, TIMES * SMALL);

		if (more > RATIO_MAX * one)
			fail_msg(
			    "%s: %.1f ms, %.1f ms", row[i].unit, one, more);
	}
}

/* As many marks as there may be, between many blocks. */
static void
test_marks(void **state)
{
	static const char *const unit[] = {"{{#v}}\n- a\n{{/v}}\n",
	    "{{#v}}\na\n{{/v}}\nb\n", "a\n\n{{#v}}\n{{/v}}\n\n",
	    "{{#v}}\n> a\n{{/v}}\n\n"};

	(void)state;
	for (size_t i = 0; i < sizeof unit / sizeof *unit; i++) {
		size_t len = strlen(unit[i]);
		double one = cost("", unit[i], len * 1000);
		double more = cost("", unit[i], len * 1000 * TIMES);

		if (more > RATIO_MAX * one)
			fail_msg("%s: %.1f ms, %.1f ms", unit[i], one, more);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_proportion),
	    cmocka_unit_test(test_marks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
