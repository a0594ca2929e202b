/* When a run may send, on calendars of other places, and how a warm-up grows. */
#include <stdlib.h>
#include <time.h>

#include "tests/unit/unit.h"

#include "core/deliver/window.h"

enum { MINUTE = 60 * 1000, HOUR = 60 * MINUTE, DAY = 24 * HOUR };

/* Wall time of a local date. */
static int64_t
at(int month, int day, int hour, int minute)
{
	struct tm tm = {.tm_year = 126,
	    .tm_mon = month - 1,
	    .tm_mday = day,
	    .tm_hour = hour,
	    .tm_min = minute,
	    .tm_isdst = -1};

	return (int64_t)mktime(&tm) * 1000;
}

static void
live_in(const char *zone)
{
	setenv("TZ", zone, 1);
	tzset();
}

static const struct window office = {
    .has_hours = true,
    .has_quiet = true,
    .weekdays = true,
    .hours = {9 * 60, 18 * 60},
    .quiet = {12 * 60, 13 * 60},
};

/* 21 November 2026 is a Saturday. */
static void
hours_quiet_hours_and_days(void **state)
{
	const struct {
		int64_t now, opens;
	} cases[] = {
	    {at(11, 20, 9, 0), 0},
	    {at(11, 20, 17, 59), 0},
	    {at(11, 20, 8, 59), at(11, 20, 9, 0)},
	    {at(11, 20, 12, 0), at(11, 20, 13, 0)},
	    {at(11, 20, 18, 0), at(11, 23, 9, 0)},
	    {at(11, 21, 10, 0), at(11, 23, 9, 0)},
	    {at(11, 23, 9, 0), 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_int_equal(
		    window_opens_ms(&office, cases[i].now), cases[i].opens);
	/* within a minute, too */
	assert_int_equal(window_opens_ms(&office, at(11, 20, 8, 59) + 59999),
	    at(11, 20, 9, 0));
}

static void
no_wishes_are_always_open(void **state)
{
	const struct window any = {0};

	(void)state;
	for (int64_t now = at(11, 20, 0, 0); now < at(11, 23, 0, 0);
	    now += 17 * MINUTE)
		assert_int_equal(window_opens_ms(&any, now), 0);
}

/* Quiet all the time there would be: waits, and looks again in a week. */
static void
hours_that_never_come_do_not_hang(void **state)
{
	struct window never = office;

	(void)state;
	never.quiet = (struct hours){8 * 60, 19 * 60};
	assert_int_equal(
	    window_opens_ms(&never, at(11, 20, 9, 0)), at(11, 27, 9, 1));
}

/* In Berlin the night to 25 October 2026 has an hour more. */
static void
clocks_that_change_are_followed(void **state)
{
	const struct window quiet = {
	    .has_quiet = true, .quiet = {22 * 60, 6 * 60}};
	int64_t evening, morning;

	(void)state;
	live_in("CET-1CEST,M3.5.0,M10.5.0/3");
	evening = at(10, 24, 22, 0);
	morning = at(10, 25, 6, 0);
	assert_int_equal(morning - evening, 9 * HOUR);
	assert_int_equal(window_opens_ms(&quiet, evening), morning);
	assert_int_equal(
	    day_end_ms(at(10, 25, 12, 0)) - day_start_ms(at(10, 25, 12, 0)),
	    25 * HOUR);
	live_in("JST-9");
}

static void
a_warm_up_grows_by_the_day(void **state)
{
	const struct warm warm = {at(11, 10, 15, 0), 500, 50};

	(void)state;
	assert_int_equal(warm_allows(&warm, at(11, 9, 23, 59)), 0);
	/* the whole first day, whenever it was set up */
	assert_int_equal(warm_allows(&warm, at(11, 10, 0, 0)), 500);
	assert_int_equal(warm_allows(&warm, at(11, 10, 23, 59)), 500);
	assert_int_equal(warm_allows(&warm, at(11, 11, 0, 0)), 750);
	assert_int_equal(warm_allows(&warm, at(11, 12, 8, 0)), 1125);
	/* ten millions a day are no warm-up any more */
	assert_int_equal(warm_allows(&warm, at(12, 31, 0, 0)), -1);
}

static void
no_plan_is_no_limit(void **state)
{
	const struct warm none = {0, 0, 0}, flat = {at(1, 1, 0, 0), 100, 0};

	(void)state;
	assert_int_equal(warm_allows(&none, at(11, 20, 0, 0)), -1);
	/* without growth it stays what it was */
	assert_int_equal(warm_allows(&flat, at(11, 20, 0, 0)), 100);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(hours_quiet_hours_and_days),
	    cmocka_unit_test(no_wishes_are_always_open),
	    cmocka_unit_test(hours_that_never_come_do_not_hang),
	    cmocka_unit_test(clocks_that_change_are_followed),
	    cmocka_unit_test(a_warm_up_grows_by_the_day),
	    cmocka_unit_test(no_plan_is_no_limit),
	};

	live_in("JST-9");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
