/* Rate limit, slow-down, back-off, and who may dial when. */
#include "tests/unit/unit.h"

#include "core/deliver/pace.h"

enum { SECOND = 1000, MINUTE = 60 * SECOND };

static void
the_rate_is_kept(void **state)
{
	struct bucket bucket;
	int sent = 0;

	(void)state;
	bucket_init(&bucket, 50 * PACE_MILLI, 0);
	for (int64_t now = 0; now <= 10 * SECOND; now++)
		sent += bucket_take(&bucket, 1, now);
	/* 50 a second and what was there at the start */
	assert_in_range(sent, 500, 505);
}

static void
a_slow_rate_has_no_burst(void **state)
{
	struct bucket bucket;

	(void)state;
	bucket_init(&bucket, 2 * PACE_MILLI, 0);
	assert_int_equal(bucket_take(&bucket, 10, 0), 1);
	assert_int_equal(bucket_take(&bucket, 10, 100), 0);
	assert_int_equal(bucket_take(&bucket, 10, 499), 0);
	assert_int_equal(bucket_take(&bucket, 10, 500), 1);
	/* an hour of rest gathers one message only */
	assert_int_equal(bucket_take(&bucket, 10, 60 * MINUTE), 1);
	assert_int_equal(bucket_take(&bucket, 10, 60 * MINUTE), 0);
	bucket_refund(&bucket, 1);
	assert_int_equal(bucket_take(&bucket, 10, 60 * MINUTE), 1);
}

static void
less_than_one_a_second(void **state)
{
	struct bucket bucket;

	(void)state;
	bucket_init(&bucket, PACE_MILLI / 10, 0);
	assert_int_equal(bucket_take(&bucket, 1, 0), 1);
	assert_int_equal(bucket_take(&bucket, 1, 9999), 0);
	assert_int_equal(bucket_take(&bucket, 1, 10000), 1);
}

static void
no_rate_is_no_limit(void **state)
{
	struct bucket bucket;

	(void)state;
	bucket_init(&bucket, 0, 0);
	for (int i = 0; i < 1000; i++)
		assert_int_equal(bucket_take(&bucket, 100, 0), 100);
	/* a limit that is set later begins now, not at the start */
	bucket_set(&bucket, PACE_MILLI, 60 * MINUTE);
	assert_int_equal(bucket_take(&bucket, 100, 60 * MINUTE), 1);
	assert_int_equal(bucket_take(&bucket, 100, 60 * MINUTE), 0);
}

/* A clock that was set back must neither stop nor flood. */
static void
time_may_stand_still(void **state)
{
	struct bucket bucket;

	(void)state;
	bucket_init(&bucket, PACE_MILLI, 10 * SECOND);
	assert_int_equal(bucket_take(&bucket, 1, 10 * SECOND), 1);
	assert_int_equal(bucket_take(&bucket, 1, 5 * SECOND), 0);
	assert_int_equal(bucket_take(&bucket, 1, 6 * SECOND), 1);
}

static void
a_throttle_halves_and_five_clean_minutes_give_a_tenth(void **state)
{
	static const struct {
		int64_t rate;
		int sessions;
	} steps[] = {{5500, 6}, {6050, 7}, {6655, 8}, {7320, 8}, {8052, 8},
	    {8857, 8}, {9742, 8}, {10000, 8}};
	struct slow slow;
	int64_t now = 0;

	(void)state;
	slow_init(&slow, 8, 0, 10 * PACE_MILLI, now);
	assert_true(slow_throttle(&slow, 0, now));
	assert_int_equal(slow.rate, 5000);
	assert_int_equal(slow.sessions, 4);
	/* what was under way says nothing new */
	assert_false(slow_throttle(&slow, 0, now + SLOW_DEAF_MS - 1));
	assert_int_equal(slow_grow(&slow, now + SLOW_CLEAN_MS - 1), SLOW_SAME);
	slow.sessions = 5;
	for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
		enum slow_turn turn;

		now += SLOW_CLEAN_MS;
		turn = slow_grow(&slow, now);
		assert_int_equal(slow.rate, steps[i].rate);
		assert_int_equal(slow.sessions, steps[i].sessions);
		assert_int_equal(turn, i + 1 < sizeof steps / sizeof *steps
					   ? SLOW_GREW
					   : SLOW_RECOVERED);
	}
	assert_int_equal(slow_grow(&slow, now + SLOW_CLEAN_MS), SLOW_SAME);
}

static void
throttles_never_reach_nothing(void **state)
{
	struct slow slow;

	(void)state;
	slow_init(&slow, 8, 0, PACE_MILLI, 0);
	for (int i = 1; i < 20; i++)
		assert_true(slow_throttle(&slow, 0, (int64_t)i * MINUTE));
	assert_int_equal(slow.rate, PACE_MILLI / 10);
	assert_int_equal(slow.sessions, 1);
}

/* Without a limit half of what was measured is one, until it is reached. */
static void
an_unlimited_one_is_limited_for_a_while(void **state)
{
	struct slow slow;
	int64_t now = 0;

	(void)state;
	slow_init(&slow, 4, 0, 0, now);
	assert_true(slow_throttle(&slow, 40 * PACE_MILLI, now));
	assert_int_equal(slow.rate, 20 * PACE_MILLI);
	for (int i = 0; i < 8; i++) {
		now += SLOW_CLEAN_MS;
		slow_grow(&slow, now);
	}
	assert_int_equal(slow.rate, 0);
	assert_int_equal(slow.sessions, 4);
	assert_false(slow.slowed);
}

/* A group begins slowly and may grow, without having been slowed. */
static void
a_start_below_the_cap_grows(void **state)
{
	struct slow slow;

	(void)state;
	slow_init(&slow, 2, 5 * PACE_MILLI, 50 * PACE_MILLI, 0);
	assert_int_equal(slow.rate, 5000);
	assert_int_equal(slow_grow(&slow, SLOW_CLEAN_MS), SLOW_GREW);
	assert_int_equal(slow.rate, 5500);
}

static void
one_session_tries_before_the_others(void **state)
{
	struct relay_pace pace;

	(void)state;
	pace_init(&pace, 3, 0, 0);
	assert_true(pace_may_dial(&pace, 0, 0));
	assert_false(pace_may_dial(&pace, 1, 0));
	assert_true(pace_proven(&pace));
	assert_false(pace_proven(&pace));
	assert_true(pace_may_dial(&pace, 1, 0));
	assert_true(pace_may_dial(&pace, 2, 0));
	assert_false(pace_may_dial(&pace, 3, 0));
}

static void
failures_back_off_and_end(void **state)
{
	static const int wait_s[] = {1, 2, 5, 10, 30, 60, 120, 300, 300};
	struct relay_pace pace;
	int64_t now = 0;

	(void)state;
	pace_init(&pace, 3, 0, now);
	for (size_t i = 0; i < sizeof wait_s / sizeof *wait_s; i++) {
		assert_int_equal(pace_is_down(&pace), i >= PACE_FAILURES_MAX);
		assert_true(pace_may_dial(&pace, 0, now));
		assert_true(pace_failed(&pace, pace.epoch, now));
		now += (int64_t)wait_s[i] * SECOND;
		assert_false(pace_may_dial(&pace, 0, now - 1));
	}
	pace_forgive(&pace, now - 1);
	assert_false(pace_is_down(&pace));
	assert_true(pace_may_dial(&pace, 0, now - 1));
}

/* Twenty sessions die with their relay: that is one failure. */
static void
a_dead_relay_counts_once(void **state)
{
	struct relay_pace pace;
	unsigned epoch;

	(void)state;
	pace_init(&pace, 20, 0, 0);
	pace_proven(&pace);
	epoch = pace.epoch;
	assert_true(pace_failed(&pace, epoch, 0));
	for (int i = 1; i < 20; i++)
		assert_false(pace_failed(&pace, epoch, 0));
	assert_int_equal(pace.failures, 1);
	assert_false(pace.proven);
	pace_answered(&pace);
	assert_int_equal(pace.failures, 0);
}

static void
a_throttled_relay_gets_fewer_sessions(void **state)
{
	struct relay_pace pace;

	(void)state;
	pace_init(&pace, 8, 0, 0);
	pace_proven(&pace);
	assert_true(pace_throttle(&pace, 100 * PACE_MILLI, 0));
	assert_true(pace_may_dial(&pace, 3, 0));
	assert_false(pace_may_dial(&pace, 4, 0));
	assert_int_equal(pace.bucket.rate, 50 * PACE_MILLI);
	assert_int_equal(pace_grow(&pace, SLOW_CLEAN_MS), SLOW_GREW);
	assert_true(pace_may_dial(&pace, 4, SLOW_CLEAN_MS));
	assert_false(pace_may_dial(&pace, 5, SLOW_CLEAN_MS));
}

static void
knows_what_trying_again_cannot_mend(void **state)
{
	static const struct {
		enum err_code code;
		const char *reply;
		bool hopeless;
	} cases[] = {
	    {E_SMTP_AUTH, "535", true},
	    {E_SMTP_AUTH, "454", false},
	    {E_SMTP_AUTH, "", true},
	    {E_TLS_VERIFY, "", true},
	    {E_TLS_MISSING, "", true},
	    {E_TLS_PIN, "", true},
	    {E_TLS_DOWNGRADE, "", true},
	    {E_SASL_SERVER, "", true},
	    {E_COMMAND_PATH, "", true},
	    {E_COMMAND_TIMEOUT, "", false},
	    {E_TLS_HANDSHAKE, "", false},
	    {E_NET_CONNECT, "", false},
	    {E_NET_TIMEOUT, "", false},
	    {E_SMTP_REPLY, "554", false},
	    {E_SMTP_REPLY, "421", false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct err why = {0};

		err_set(&why, cases[i].code);
		err_fact(&why, "code", span_of(cases[i].reply));
		if (pace_is_hopeless(&why) != cases[i].hopeless)
			fail_msg(
			    "%s %s", err_name(cases[i].code), cases[i].reply);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_rate_is_kept),
	    cmocka_unit_test(a_slow_rate_has_no_burst),
	    cmocka_unit_test(less_than_one_a_second),
	    cmocka_unit_test(no_rate_is_no_limit),
	    cmocka_unit_test(time_may_stand_still),
	    cmocka_unit_test(
		a_throttle_halves_and_five_clean_minutes_give_a_tenth),
	    cmocka_unit_test(throttles_never_reach_nothing),
	    cmocka_unit_test(an_unlimited_one_is_limited_for_a_while),
	    cmocka_unit_test(a_start_below_the_cap_grows),
	    cmocka_unit_test(one_session_tries_before_the_others),
	    cmocka_unit_test(failures_back_off_and_end),
	    cmocka_unit_test(a_dead_relay_counts_once),
	    cmocka_unit_test(a_throttled_relay_gets_fewer_sessions),
	    cmocka_unit_test(knows_what_trying_again_cannot_mend),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
