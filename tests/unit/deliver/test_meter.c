/* Rates and percentiles of what was counted. */
#include "tests/unit/unit.h"

#include "core/deliver/meter.h"

static void
ends_are_counted_apart(void **state)
{
	struct meter meter = {0};

	(void)state;
	meter_add(&meter, LEDGER_ACCEPTED, 1, 3, 1000);
	meter_add(&meter, LEDGER_ACCEPTED, 0, 3, 1000);
	meter_add(&meter, LEDGER_DEFERRED, 1, 3, 1000);
	meter_add(&meter, LEDGER_FAILED, 1, 3, 1000);
	meter_add(&meter, LEDGER_IN_DOUBT, 1, -1, 1000);
	assert_int_equal(meter.accepted, 2);
	assert_int_equal(meter.deferred, 1);
	assert_int_equal(meter.failed, 1);
	assert_int_equal(meter.in_doubt, 1);
	assert_int_equal(meter.over_tls, 4);
	assert_int_equal(meter_finished(&meter), 5);
	assert_int_equal(meter.timed, 4);
}

/* 1..100 ms, each once. */
static void
quantiles_are_near(void **state)
{
	struct meter meter = {0};

	(void)state;
	assert_int_equal(meter_quantile_ms(&meter, 50), -1);
	for (int ms = 1; ms <= 100; ms++)
		meter_add(&meter, LEDGER_ACCEPTED, 1, ms, 0);
	assert_in_range(meter_quantile_ms(&meter, 50), 50, 60);
	assert_in_range(meter_quantile_ms(&meter, 95), 95, 114);
	assert_int_equal(meter_quantile_ms(&meter, 5), 5);
}

static void
any_time_has_a_bin(void **state)
{
	(void)state;
	for (int64_t ms = 0; ms < 500000; ms = ms * 9 / 8 + 1) {
		struct meter meter = {0};
		int found;

		meter_add(&meter, LEDGER_ACCEPTED, 1, ms, 0);
		found = meter_quantile_ms(&meter, 50);
		assert_true(found >= ms && found <= ms + ms / 5 + 1);
	}
	for (int64_t ms = 1; ms < INT64_MAX / 4; ms *= 3) {
		struct meter meter = {0};

		meter_add(&meter, LEDGER_ACCEPTED, 1, ms, 0);
		assert_true(meter_quantile_ms(&meter, 50) >= 0);
	}
}

static void
the_rate_follows_the_last_seconds(void **state)
{
	struct meter meter = {0};

	(void)state;
	for (int64_t ms = 0; ms < 10 * 1000; ms += 10)
		meter_add(&meter, LEDGER_ACCEPTED, 1, 1, ms);
	assert_true(meter_rate(&meter, 10 * 1000) == 100.0);
	/* a pause shows */
	assert_true(meter_rate(&meter, 12 * 1000) == 60.0);
	assert_true(meter_rate(&meter, 60 * 1000) == 0.0);
	/* old seconds do not come back */
	meter_add(&meter, LEDGER_ACCEPTED, 1, 1, 60 * 1000);
	assert_true(meter_rate(&meter, 61 * 1000) == 0.2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(ends_are_counted_apart),
	    cmocka_unit_test(quantiles_are_near),
	    cmocka_unit_test(any_time_has_a_bin),
	    cmocka_unit_test(the_rate_follows_the_last_seconds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
