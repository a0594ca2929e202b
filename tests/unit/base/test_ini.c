/* INI files: what is a section, a value, a comment, and where it stands; and
 * the colours that theme files hold. */
#include "core/base/ini.h"

#include "core/base/color.h"
#include "tests/unit/unit.h"

static void
lines_are_told_apart(void **state)
{
	static const struct {
		const char *text;
		enum ini_got got;
		int line, column;
		const char *name, *value;
	} row[] = {
	    {"", INI_END, 0, 0, "", ""},
	    {"\n \t\r\n# x\n  # x", INI_END, 4, 0, "", ""},
	    {"[a]", INI_SECTION, 1, 1, "[a]", ""},
	    {"\n  [a b] # c\r\n", INI_SECTION, 2, 3, "[a b]", ""},
	    {"a=b", INI_VALUE, 1, 1, "a", "b"},
	    {"\ta b = c = d \r\n", INI_VALUE, 1, 2, "a b", "c = d"},
	    {"a = #fff # paper", INI_VALUE, 1, 1, "a", "#fff"},
	    {"a = b#c", INI_VALUE, 1, 1, "a", "b#c"},
	    {"a =", INI_VALUE, 1, 1, "a", ""},
	    {"= b", INI_VALUE, 1, 1, "", "b"},
	    {"\xef\xbb\xbf"
	     "a = b",
		INI_VALUE, 1, 1, "a", "b"},
	    {"一 = 二", INI_VALUE, 1, 1, "一", "二"},
	    {"nothing", INI_BAD, 1, 1, "nothing", ""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct span name = SPAN(""), value = SPAN("");
		struct ini ini;

		ini_init(&ini, span_of(row[i].text));
		assert_int_equal(ini_next(&ini, &name, &value), row[i].got);
		assert_int_equal(ini.line, row[i].line);
		assert_span_equal(name, row[i].name);
		assert_span_equal(value, row[i].value);
		if (row[i].column && name.len)
			assert_int_equal(ini_column(&ini, name), row[i].column);
	}
}

static void
columns_count_characters(void **state)
{
	struct span name, value;
	struct ini ini;

	(void)state;
	ini_init(&ini, SPAN("x = 1\n日本 = 語\n"));
	assert_int_equal(ini_next(&ini, &name, &value), INI_VALUE);
	assert_int_equal(ini_next(&ini, &name, &value), INI_VALUE);
	assert_int_equal(ini.line, 2);
	assert_int_equal(ini_column(&ini, value), 6);
	assert_int_equal(ini_next(&ini, &name, &value), INI_END);
}

static void
colours_are_read(void **state)
{
	static const struct {
		const char *text;
		long wanted; /* -1: none */
	} row[] = {{"#000000", 0}, {"#a1B2c3", 0xa1b2c3}, {"#fffffg", -1},
	    {"#fffff", -1}, {"#fffffff", -1}, {"ffffff", -1}, {"", -1}};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		unsigned rgb = 7;
		bool good = color_read(span_of(row[i].text), &rgb);

		assert_int_equal(good, row[i].wanted >= 0);
		if (good)
			assert_int_equal(rgb, row[i].wanted);
	}
}

/* Values of other tools for the same pairs. */
static void
contrast_is_that_of_wcag(void **state)
{
	static const struct {
		unsigned a, b;
		int contrast;
	} row[] = {{0x000000, 0xffffff, 2100}, {0xffffff, 0xffffff, 100},
	    {0x777777, 0xffffff, 447}, {0x767676, 0xffffff, 454},
	    {0x0000ff, 0xffffff, 859}, {0xff0000, 0xffffff, 399}};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		assert_int_equal(
		    color_contrast(row[i].a, row[i].b), row[i].contrast);
		assert_int_equal(
		    color_contrast(row[i].b, row[i].a), row[i].contrast);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(lines_are_told_apart),
	    cmocka_unit_test(columns_count_characters),
	    cmocka_unit_test(colours_are_read),
	    cmocka_unit_test(contrast_is_that_of_wcag),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
