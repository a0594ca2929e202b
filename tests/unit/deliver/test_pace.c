/* Rate limit, back-off, and who may dial when. */
#include "tests/unit/unit.h"

#include "core/deliver/pace.h"

static void
the_rate_is_kept(void **state)
{
	struct relay_pace pace;
	int sent = 0;

	(void)state;
	pace_init(&pace, 4, 50, 0);
	for (int64_t now = 0; now <= 10 * 1000; now++)
		sent += pace_spend(&pace, now);
	/* 50 a second and what was there at the start */
	assert_in_range(sent, 500, 505);
}

static void
a_slow_rate_has_no_burst(void **state)
{
	struct relay_pace pace;

	(void)state;
	pace_init(&pace, 4, 2, 0);
	assert_true(pace_spend(&pace, 0));
	assert_false(pace_spend(&pace, 100));
	assert_false(pace_spend(&pace, 499));
	assert_true(pace_spend(&pace, 500));
	/* an hour of rest gathers one message only */
	assert_true(pace_spend(&pace, 3600 * 1000));
	assert_false(pace_spend(&pace, 3600 * 1000));
	pace_refund(&pace);
	assert_true(pace_spend(&pace, 3600 * 1000));
}

static void
no_rate_is_no_limit(void **state)
{
	struct relay_pace pace;

	(void)state;
	pace_init(&pace, 4, 0, 0);
	for (int i = 0; i < 100000; i++)
		assert_true(pace_spend(&pace, 0));
}

static void
one_session_tries_before_the_others(void **state)
{
	struct relay_pace pace;

	(void)state;
	pace_init(&pace, 3, 0, 0);
	assert_true(pace_may_dial(&pace, 0, 0));
	assert_false(pace_may_dial(&pace, 1, 0));
	pace_proven(&pace);
	assert_true(pace_may_dial(&pace, 1, 0));
	assert_true(pace_may_dial(&pace, 2, 0));
	assert_false(pace_may_dial(&pace, 3, 0));
}

static void
failures_back_off_and_end(void **state)
{
	static const int wait_s[] = {1, 2, 5, 10, 30};
	struct relay_pace pace;
	int64_t now = 0;

	(void)state;
	pace_init(&pace, 3, 0, now);
	for (int i = 0; i < PACE_FAILURES_MAX - 1; i++) {
		assert_true(pace_may_dial(&pace, 0, now));
		assert_false(pace_failed(&pace, pace.epoch, now));
		now += wait_s[i] * 1000;
		assert_false(pace_may_dial(&pace, 0, now - 1));
	}
	assert_true(pace_may_dial(&pace, 0, now));
	assert_true(pace_failed(&pace, pace.epoch, now));
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
	for (int i = 0; i < 20; i++)
		assert_false(pace_failed(&pace, epoch, 0));
	assert_int_equal(pace.failures, 1);
	assert_false(pace.proven);
	pace_answered(&pace);
	assert_int_equal(pace.failures, 0);
}

static void
a_throttled_relay_gets_fewer_sessions_for_a_while(void **state)
{
	struct relay_pace pace;

	(void)state;
	pace_init(&pace, 8, 0, 0);
	pace_proven(&pace);
	pace_throttle(&pace);
	assert_false(pace_may_dial(&pace, 4, 0));
	for (int i = 0; i < 10; i++)
		pace_throttle(&pace);
	assert_true(pace_may_dial(&pace, 0, 0));
	assert_false(pace_may_dial(&pace, 1, 0));
	for (int i = 0; i < PACE_RECOVER; i++)
		pace_accepted(&pace);
	assert_true(pace_may_dial(&pace, 1, 0));
	assert_false(pace_may_dial(&pace, 2, 0));
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
	    cmocka_unit_test(no_rate_is_no_limit),
	    cmocka_unit_test(one_session_tries_before_the_others),
	    cmocka_unit_test(failures_back_off_and_end),
	    cmocka_unit_test(a_dead_relay_counts_once),
	    cmocka_unit_test(a_throttled_relay_gets_fewer_sessions_for_a_while),
	    cmocka_unit_test(knows_what_trying_again_cannot_mend),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
