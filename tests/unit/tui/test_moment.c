/* Minutes as people type them. */
#include "tests/unit/unit.h"

#include <stdlib.h>
#include <time.h>

#include "tui/text/moment.h"

static void
minutes(void **state)
{
	static const struct {
		const char *text;
		int64_t at_s; /* 0: refused */
	} cases[] = {
	    {"2026-11-23 09:00", 1795392000},
	    {" 2026-11-23T09:00 ", 1795392000},
	    {"2026-11-23 00:00", 1795359600},
	    {"2028-02-29 12:30", 1835407800},
	    {"2026-02-29 12:30", 0},
	    {"2026-13-01 09:00", 0},
	    {"2026-11-31 09:00", 0},
	    {"2026-11-23 24:00", 0},
	    {"2026-11-23 09:60", 0},
	    {"2026-11-23 9:00", 0},
	    {"2026-11-23", 0},
	    {"09:00", 0},
	    {"2026-11-23 09:00:00", 0},
	    {"2026/11/23 09:00", 0},
	    {"+026-11-23 09:00", 0},
	    {"tomorrow", 0},
	    {"", 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		int64_t at_ms = 0;
		bool good = moment_parse(span_of(cases[i].text), &at_ms);

		if (good != (cases[i].at_s != 0) ||
		    at_ms != cases[i].at_s * 1000)
			fail_msg("%s: %lld", cases[i].text, (long long)at_ms);
	}
}

static void
stretches(void **state)
{
	static const struct {
		const char *text;
		bool good;
		int64_t at_s, minutes;
	} cases[] = {
	    {"", true, 0, 0},
	    {"2026-11-23 09:00", true, 1795392000, 60},
	    {"2026-11-23 09:00 - 2026-11-23 09:30", true, 1795392000, 30},
	    {"2026-11-23 09:00 - 12:00", true, 1795392000, 180},
	    {"2026-11-23 09:00 - 2026-11-24 09:00", true, 1795392000, 1440},
	    {"2026-11-23 09:00 - 09:00", false, 0, 0},
	    {"2026-11-23 09:00 - 08:00", false, 0, 0},
	    {"2026-11-23 09:00 - ", false, 0, 0},
	    {"2026-11-23 09:00 - noon", false, 0, 0},
	    {"- 2026-11-23 09:00", false, 0, 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		int64_t at_ms, until_ms;
		bool good = moment_span_parse(
		    span_of(cases[i].text), &at_ms, &until_ms);

		if (good != cases[i].good)
			fail_msg("%s", cases[i].text);
		if (!good)
			continue;
		assert_int_equal(at_ms, cases[i].at_s * 1000);
		assert_int_equal(until_ms - at_ms, cases[i].minutes * 60000);
	}
}

static void
back_again(void **state)
{
	struct buf text = BUF_INIT;

	(void)state;
	moment_span_text(&text, 1795392000000, 1795395600000);
	assert_string_equal(text.ptr, "2026-11-23 09:00 - 2026-11-23 10:00");
	buf_clear(&text);
	moment_zone(&text, 1795392000000);
	assert_string_equal(text.ptr, "JST");
	buf_clear(&text);
	moment_span_text(&text, 0, 0);
	assert_int_equal(text.len, 0);
	buf_done(&text);
}

/* The hour that a clock put forward leaves out. */
static void
no_such_hour(void **state)
{
	int64_t at_ms;

	(void)state;
	setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1);
	tzset();
	assert_false(moment_parse(SPAN("2026-03-29 02:30"), &at_ms));
	assert_true(moment_parse(SPAN("2026-03-29 03:30"), &at_ms));
	assert_true(moment_parse(SPAN("2026-10-25 02:30"), &at_ms));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(minutes),
	    cmocka_unit_test(stretches),
	    cmocka_unit_test(back_again),
	    cmocka_unit_test(no_such_hour),
	};

	setenv("TZ", "JST-9", 1);
	tzset();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
