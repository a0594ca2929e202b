/* Numbers and times; sentences for errors. */
#include "tests/unit/unit.h"

#include <stdlib.h>

#include "tui/text/errors.h"
#include "tui/text/format.h"

static void
numbers(void **state)
{
	static const struct {
		void (*format)(struct buf *, int64_t);
		int64_t value;
		const char *text;
	} cases[] = {
	    {format_count, 0, "0"},
	    {format_count, 999, "999"},
	    {format_count, 1000, "1,000"},
	    {format_count, -1234567, "-1,234,567"},
	    {format_size, 999, "999 B"},
	    {format_size, 18100, "18.1 kB"},
	    {format_size, 212000000, "212 MB"},
	    {format_span, 0, "0 s"},
	    {format_span, 8400, "9 s"},
	    {format_span, 252000, "4:12"},
	    {format_span, 19860000, "5:31 h"},
	    {format_span, 300000000, "3 d"},
	    {format_date, 1763735691000, "2025-11-21"},
	    {format_minute, 1763735691000, "2025-11-21 14:34"},
	    {format_clock, 1763735691000, "14:34:51"},
	};
	struct buf out = BUF_INIT;

	(void)state;
	setenv("TZ", "UTC", 1);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		buf_clear(&out);
		cases[i].format(&out, cases[i].value);
		if (strcmp(out.ptr, cases[i].text) != 0)
			fail_msg("case %zu: got %s", i, out.ptr);
	}
	buf_done(&out);
}

static void
percent_is_cut_not_rounded(void **state)
{
	struct buf out = BUF_INIT;

	(void)state;
	format_percent(&out, 9996, 10000);
	buf_char(&out, ' ');
	format_percent(&out, 10000, 10000);
	buf_char(&out, ' ');
	format_percent(&out, 1, 0);
	assert_span_equal(buf_span(&out), "99.9% 100.0% -");
	buf_done(&out);
}

static void
every_error_has_a_sentence(void **state)
{
	(void)state;
	for (int code = 0; code < ERR_CODE_COUNT; code++) {
		const char *pattern = err_pattern((enum err_code)code);

		if (!pattern || strlen(pattern) < 10)
			fail_msg("%s has no sentence",
			    err_name((enum err_code)code));
	}
}

static void
facts_pass_the_gate(void **state)
{
	struct err err = {.code = E_NONE};
	struct buf out = BUF_INIT;

	(void)state;
	err_sys(&err, E_FILE_OPEN, 2);
	err_fact(&err, "path", SPAN("a\x1b[2Jb"));
	err_text(&err, &out);
	assert_non_null(strstr(out.ptr, "a^[[2Jb"));
	assert_non_null(strstr(out.ptr, "No such file"));
	assert_null(strchr(out.ptr, '\x1b'));
	assert_null(strstr(out.ptr, "%{"));
	buf_done(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(numbers),
	    cmocka_unit_test(percent_is_cut_not_rounded),
	    cmocka_unit_test(every_error_has_a_sentence),
	    cmocka_unit_test(facts_pass_the_gate),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
