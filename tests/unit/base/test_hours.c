/* Hours of a day, as they are typed. */
#include "tests/unit/unit.h"

#include "core/base/hours.h"

static void
hours_are_read(void **state)
{
	struct hours hours;

	(void)state;
	assert_true(hours_parse(SPAN("09:00-18:30"), &hours));
	assert_int_equal(hours.from, 9 * 60);
	assert_int_equal(hours.to, 18 * 60 + 30);
	assert_true(hours_parse(SPAN("00:00-23:59"), &hours));
	assert_true(hours_parse(SPAN("21:00-08:00"), &hours));
}

static void
anything_else_is_not(void **state)
{
	static const char *const texts[] = {"", "9:00-18:00", "09:00", "09:00-",
	    "09:00-18:0", "09:00-18:000", "09:00 - 18:00", "24:00-01:00",
	    "09:60-10:00", "09:00-09:00", "-9:00-18:00", "0a:00-18:00",
	    "09:00-18:00 ", "09.00-18.00", "09:00~18:00", "99:99-99:99"};

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		struct hours hours = {-1, -1};

		if (hours_parse(span_of(texts[i]), &hours))
			fail_msg("\"%s\" was read", texts[i]);
		assert_int_equal(hours.from, -1);
	}
}

static void
midnight_may_lie_within(void **state)
{
	static const struct hours day = {540, 1080}, night = {1260, 480};

	(void)state;
	assert_false(hours_has(day, 539));
	assert_true(hours_has(day, 540));
	assert_true(hours_has(day, 1079));
	assert_false(hours_has(day, 1080));
	assert_true(hours_has(night, 1260));
	assert_true(hours_has(night, 0));
	assert_true(hours_has(night, 479));
	assert_false(hours_has(night, 480));
	assert_false(hours_has(night, 1259));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(hours_are_read),
	    cmocka_unit_test(anything_else_is_not),
	    cmocka_unit_test(midnight_may_lie_within),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
