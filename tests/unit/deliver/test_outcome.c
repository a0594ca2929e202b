/* What replies mean, when guards fire, how long deferred ones wait. */
#include "tests/unit/unit.h"

#include <stdlib.h>

#include "core/deliver/outcome.h"

/* Splits "550 5.1.1 text" as a reply reader would. */
static const struct outcome_rule *
classify(enum smtp_stage stage, const char *reply)
{
	struct span rest = span_of(reply), first;
	char enhanced[SMTP_ENHANCED_MAX + 1] = "";
	int64_t code = 0;

	span_int(span_cut(&rest, ' '), &code);
	first = span_slice(rest, 0, span_index(rest, ' '));
	if (first.len >= 5 && first.len < sizeof enhanced &&
	    first.ptr[1] == '.' && first.ptr[0] == reply[0])
		memcpy(enhanced, first.ptr, first.len);
	return outcome_classify(stage, (int)code, enhanced, span_of(reply));
}

static void
every_rule_decides_its_example(void **state)
{
	size_t count;
	const struct outcome_rule *rules = outcome_rules(&count);

	(void)state;
	assert_true(count > 30);
	for (size_t i = 0; i < count; i++) {
		const struct outcome_rule *got =
		    classify(rules[i].example_stage, rules[i].example);

		if (got != &rules[i])
			fail_msg("row %zu (%s): \"%s\" is decided by row %zu "
				 "(%s)",
			    i, rules[i].class, rules[i].example,
			    (size_t)(got - rules), got->class);
	}
}

static const struct {
	enum smtp_stage stage;
	const char *reply;
	const char *class;
	enum outcome_action action;
} cases[] = {
    {SMTP_STAGE_RCPT, "550 5.1.1 User unknown", "H1", OUTCOME_FAIL},
    {SMTP_STAGE_RCPT, "553 sorry, no such user", "H1", OUTCOME_FAIL},
    {SMTP_STAGE_RCPT, "550 5.4.1 Recipient address rejected: Access denied",
	"H1", OUTCOME_FAIL},
    {SMTP_STAGE_EOD, "550 Unknown user hanako@docomo.example", "H4",
	OUTCOME_FAIL},
    {SMTP_STAGE_EOD, "550 : User unknown", "H4", OUTCOME_FAIL},
    {SMTP_STAGE_RCPT, "550 5.1.10 RESOLVER.ADR.NullMX", "H2", OUTCOME_FAIL},
    {SMTP_STAGE_RCPT, "452 4.2.2 over quota", "S1", OUTCOME_RETRY},
    {SMTP_STAGE_RCPT, "451 4.2.1 come back later", "S4", OUTCOME_RETRY},
    {SMTP_STAGE_RCPT, "450 4.7.1 try again later", "S2", OUTCOME_RETRY},
    {SMTP_STAGE_RCPT, "451 4.7.500 Server busy", "S3", OUTCOME_THROTTLE},
    {SMTP_STAGE_READY, "421 bye", "S3", OUTCOME_THROTTLE},
    {SMTP_STAGE_MAIL, "550 5.7.1 you are not who you say", "A3",
	OUTCOME_REQUEUE},
    {SMTP_STAGE_MAIL, "535 5.7.8 bad credentials", "A1", OUTCOME_REQUEUE},
    {SMTP_STAGE_EOD, "550 5.7.26 DMARC", "P3", OUTCOME_REQUEUE},
    {SMTP_STAGE_EOD, "554 5.7.1 looks like SPAM to us", "P2", OUTCOME_FAIL},
    {SMTP_STAGE_RCPT, "554 no spam here please", "U", OUTCOME_FAIL},
    {SMTP_STAGE_MAIL, "552 5.3.4 too big", "F2", OUTCOME_FAIL},
    {SMTP_STAGE_EOD, "554 5.6.0 broken", "F1", OUTCOME_REQUEUE},
    {SMTP_STAGE_EOD, "599 what", "U", OUTCOME_FAIL},
    {SMTP_STAGE_EOD, "999", "U", OUTCOME_FAIL},
};

static void
decides_known_replies(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const struct outcome_rule *got =
		    classify(cases[i].stage, cases[i].reply);

		if (strcmp(got->class, cases[i].class) != 0 ||
		    got->action != cases[i].action)
			fail_msg("\"%s\": %s, wanted %s", cases[i].reply,
			    got->class, cases[i].class);
	}
}

/* Whoever pauses must not lose the recipient, and the other way round. */
static void
requeued_ones_pause(void **state)
{
	size_t count;
	const struct outcome_rule *rules = outcome_rules(&count);

	(void)state;
	for (size_t i = 0; i < count; i++) {
		if (rules[i].action == OUTCOME_REQUEUE)
			assert_int_equal(rules[i].guard.count, 1);
		if (rules[i].guard.window > OUTCOME_WINDOW)
			fail_msg("%s: window", rules[i].class);
	}
}

static void
a_guard_counts_its_class_in_its_window(void **state)
{
	struct outcome_history *history = calloc(1, sizeof *history);
	const struct outcome_rule *unknown =
	    classify(SMTP_STAGE_RCPT, "550 5.1.1 no");
	const struct outcome_rule *sender = classify(SMTP_STAGE_MAIL, "550 no");

	(void)state;
	for (int i = 1; i < unknown->guard.count; i++)
		assert_int_equal(outcome_history_add(history, unknown), 0);
	/* the window moves past the first one */
	for (int i = unknown->guard.count; i <= OUTCOME_WINDOW; i++)
		assert_int_equal(outcome_history_add(history, NULL), 0);
	assert_int_equal(outcome_history_add(history, unknown), 0);
	/* one of another rule of the class counts too */
	for (int i = 1; i < unknown->guard.count - 1; i++)
		assert_int_equal(outcome_history_add(history, unknown), 0);
	assert_int_equal(outcome_history_add(history,
			     classify(SMTP_STAGE_RCPT, "550 no such user")),
	    unknown->guard.count);
	/* fired: begins anew */
	assert_int_equal(outcome_history_add(history, unknown), 0);
	assert_int_equal(outcome_history_add(history, sender), 1);
	free(history);
}

static void
waits_grow_and_vary(void **state)
{
	int64_t minute = 60 * 1000;

	(void)state;
	assert_int_equal(
	    outcome_delay_ms(SCHEDULE_GREYLIST, 1, 500), 6 * minute);
	assert_int_equal(
	    outcome_delay_ms(SCHEDULE_GREYLIST, 2, 500), 15 * minute);
	assert_int_equal(
	    outcome_delay_ms(SCHEDULE_SYSTEM, 1, 500), 15 * minute);
	assert_int_equal(
	    outcome_delay_ms(SCHEDULE_SYSTEM, 99, 500), 180 * minute);
	assert_int_equal(
	    outcome_delay_ms(SCHEDULE_SYSTEM, 0, 500), 15 * minute);
	for (uint32_t dice = 0; dice < 5000; dice += 7) {
		int64_t ms = outcome_delay_ms(SCHEDULE_GREYLIST, 1, dice);

		assert_in_range(ms, 6 * minute * 8 / 10, 6 * minute * 12 / 10);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_rule_decides_its_example),
	    cmocka_unit_test(decides_known_replies),
	    cmocka_unit_test(requeued_ones_pause),
	    cmocka_unit_test(a_guard_counts_its_class_in_its_window),
	    cmocka_unit_test(waits_grow_and_vary),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
