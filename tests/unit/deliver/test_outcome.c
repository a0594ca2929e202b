/* What replies mean, when guards fire, how long deferred ones wait. */
#include "tests/unit/unit.h"

#include <stdlib.h>

#include "core/deliver/outcome.h"

/* Splits "550 5.1.1 text" as a reply reader would. */
static const struct outcome_rule *
classify_of(enum group group, enum smtp_stage stage, const char *reply)
{
	struct outcome_reply said = {
	    .stage = stage,
	    .group = group,
	    .peer = WHO_RELAY,
	    .raw = span_of(reply),
	};
	struct span rest = span_of(reply), first;
	char enhanced[SMTP_ENHANCED_MAX + 1] = "";
	int64_t code = 0;

	span_int(span_slice(rest, 0, 3), &code);
	rest = span_slice(rest, 4, rest.len);
	first = span_slice(rest, 0, span_index(rest, ' '));
	if (first.len >= 5 && first.len < sizeof enhanced &&
	    first.ptr[1] == '.' && first.ptr[0] == reply[0])
		memcpy(enhanced, first.ptr, first.len);
	said.code = (int)code;
	said.enhanced = enhanced;
	return outcome_classify(&said);
}

static const struct outcome_rule *
classify(enum smtp_stage stage, const char *reply)
{
	return classify_of(GROUP_OTHER, stage, reply);
}

static void
every_rule_decides_its_example(void **state)
{
	size_t count;
	const struct outcome_rule *rules = outcome_rules(&count);
	int wrong = 0;

	(void)state;
	assert_true(count > 150);
	for (size_t i = 0; i < count; i++) {
		const struct outcome_rule *got =
		    classify_of(rules[i].example_group, rules[i].example_stage,
			rules[i].example);

		if (got != &rules[i])
			print_error("%s: \"%s\" is decided by %s\n",
			    rules[i].id, rules[i].example, got->id);
		wrong += got != &rules[i];
	}
	assert_int_equal(wrong, 0);
}

static const struct {
	enum smtp_stage stage;
	const char *reply;
	const char *class;
	enum outcome_action action;
} cases[] = {
    {SMTP_STAGE_RCPT, "550 5.1.1 User unknown", "H1", OUTCOME_FAIL},
    {SMTP_STAGE_RCPT,
	"550-5.1.1 The email account that you tried to\r\n"
	"550-5.1.1 reach does not exist. Please check\r\n550 5.1.1 it",
	"H1", OUTCOME_FAIL},
    {SMTP_STAGE_RCPT,
	"550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found", "H1",
	OUTCOME_FAIL},
    /* what a relay quotes is judged by its own code and stage */
    {SMTP_STAGE_EOD,
	"554 5.0.0 <x@docomo.example>: host mx.docomo.example[192.0.2.1] said: "
	"550 Unknown user x@docomo.example (in reply to end of DATA command)",
	"H4", OUTCOME_FAIL},
    {SMTP_STAGE_EOD,
	"550 5.7.1 host mx.example.jp said: 450 4.7.1 try again later (in "
	"reply to RCPT TO command)",
	"S2", OUTCOME_RETRY},
    {SMTP_STAGE_EOD,
	"550 SMTP error from remote mail server after RCPT TO:<x@example.jp>: "
	"host mx.example.jp [192.0.2.1]: 550-5.2.1 closed",
	"H3", OUTCOME_FAIL},
    {SMTP_STAGE_EOD,
	"554 Remote Server returned '550 5.1.1 RESOLVER.ADR.RecipNotFound'",
	"H1", OUTCOME_FAIL},
    {SMTP_STAGE_EOD, "554 he said: no", "U", OUTCOME_FAIL},
    /* the same words: our relay's are about us, a server's about itself */
    {SMTP_STAGE_RCPT, "554 5.7.1 Relay access denied", "A3", OUTCOME_REQUEUE},
    {SMTP_STAGE_RCPT,
	"554 5.7.1 host mx.example.jp said: 554 5.7.1 Relay access denied (in "
	"reply to RCPT TO command)",
	"H2", OUTCOME_FAIL},
    /* an address is given up only for words about an address */
    {SMTP_STAGE_RCPT, "550 go away", "U", OUTCOME_FAIL},
    {SMTP_STAGE_MAIL, "550 no such user", "A3", OUTCOME_REQUEUE},
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
	int wrong = 0;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const struct outcome_rule *got =
		    classify(cases[i].stage, cases[i].reply);
		const char *class = outcome_class_name(got->class);

		if (strcmp(class, cases[i].class) != 0 ||
		    got->action != cases[i].action)
			print_error("\"%s\": %s (%s), wanted %s\n",
			    cases[i].reply, class, got->id, cases[i].class);
		wrong += strcmp(class, cases[i].class) != 0 ||
			 got->action != cases[i].action;
	}
	assert_int_equal(wrong, 0);
}

/* Whoever is due again at once must be kept from going round in circles. */
static void
requeued_ones_have_an_effect(void **state)
{
	size_t count;
	const struct outcome_rule *rules = outcome_rules(&count);

	(void)state;
	for (size_t i = 0; i < count; i++) {
		if (rules[i].action == OUTCOME_REQUEUE &&
		    rules[i].effect <= EFFECT_SLOW_GROUP)
			fail_msg("%s", rules[i].id);
		if (rules[i].effect >= EFFECT_SLOW_GROUP &&
		    rules[i].effect <= EFFECT_REST_RELAY && !rules[i].minutes)
			fail_msg("%s: minutes", rules[i].id);
	}
}

/* The table is compared with folded text, and each row can be named. */
static void
rules_are_well_formed(void **state)
{
	size_t count;
	const struct outcome_rule *rules = outcome_rules(&count);

	(void)state;
	for (size_t i = 0; i < count; i++) {
		const char *text = rules[i].text ? rules[i].text : "abc";

		for (const char *at = text; *at; at += *at != '\0') {
			size_t len = strcspn(at, "|&");

			if (len < 3)
				fail_msg("%s: short token", rules[i].id);
			for (; len > 0; len--, at++) {
				if (*at >= 'A' && *at <= 'Z')
					fail_msg("%s: upper case", rules[i].id);
			}
		}
		for (size_t j = 0; j < i; j++)
			assert_string_not_equal(rules[i].id, rules[j].id);
		assert_true(rules[i].code_from <= rules[i].code_to);
	}
	assert_int_equal(rules[count - 1].class, OUTCOME_U);
}

/* ---- Guards -------------------------------------------------------------- */

static struct outcome_call
add(struct outcome_history *history, const struct outcome_rule *rule, int code,
    unsigned group)
{
	struct outcome_call call;

	outcome_history_add(history, rule, code, group, &call);
	return call;
}

static void
one_in_twenty_unknown_pauses(void **state)
{
	struct outcome_history history = {0};
	const struct outcome_rule *a =
	    classify(SMTP_STAGE_RCPT, "550 5.1.1 no");
	const struct outcome_rule *b =
	    classify(SMTP_STAGE_RCPT, "550 no such user");
	struct outcome_call call;

	(void)state;
	for (int i = 1; i <= 25; i++)
		assert_int_equal(add(&history, a, 550, 0).effect, EFFECT_NONE);
	/* the window moves past the first one */
	for (int i = 26; i <= OUTCOME_WINDOW; i++)
		assert_int_equal(add(&history, NULL, 0, 0).effect, EFFECT_NONE);
	assert_int_equal(add(&history, a, 550, 1).effect, EFFECT_NONE);
	/* one of another rule and group counts too */
	for (int i = 0; i < 24; i++)
		assert_int_equal(add(&history, a, 550, 2).effect, EFFECT_NONE);
	call = add(&history, b, 550, 3);
	assert_int_equal(call.effect, EFFECT_PAUSE);
	assert_string_equal(call.guard, "H1");
	assert_int_equal(call.count, 26);
	assert_int_equal(call.window, 500);
	/* fired: begins anew */
	assert_int_equal(add(&history, a, 550, 0).effect, EFFECT_NONE);
}

static void
content_is_counted_by_group(void **state)
{
	struct outcome_history history = {0};
	const struct outcome_rule *spam =
	    classify(SMTP_STAGE_EOD, "554 5.7.1 looks like spam");
	struct outcome_call call;

	(void)state;
	for (unsigned group = 0; group < 10; group++) {
		for (int i = 0; i < 2; i++)
			assert_int_equal(add(&history, spam, 554, group).effect,
			    EFFECT_NONE);
		add(&history, NULL, 0, group);
	}
	call = add(&history, spam, 554, 4);
	assert_int_equal(call.effect, EFFECT_PAUSE);
	assert_string_equal(call.guard, "P2");
	assert_int_equal(call.count, 3);
	assert_int_equal(call.window, 100);
}

static void
authentication_pauses_at_the_first_or_third(void **state)
{
	struct outcome_history history = {0};
	const struct outcome_rule *hard =
	    classify(SMTP_STAGE_EOD, "550 5.7.26 unauthenticated");
	const struct outcome_rule *soft =
	    classify(SMTP_STAGE_EOD, "421 4.7.30 needs DKIM");

	(void)state;
	assert_string_equal(add(&history, hard, 550, 1).guard, "P3");
	assert_int_equal(add(&history, hard, 550, 1).effect, EFFECT_PAUSE);
	assert_int_equal(soft->action, OUTCOME_RETRY);
	assert_int_equal(add(&history, soft, 421, 1).effect, EFFECT_NONE);
	assert_int_equal(add(&history, soft, 421, 2).effect, EFFECT_NONE);
	assert_int_equal(add(&history, soft, 421, 3).effect, EFFECT_PAUSE);
}

static void
a_burst_of_any_refusals_pauses(void **state)
{
	struct outcome_history history = {0};
	const struct outcome_rule *mixed[] = {
	    classify(SMTP_STAGE_RCPT, "550 5.1.2 Bad destination system"),
	    classify(SMTP_STAGE_RCPT, "550 5.2.1 mailbox is disabled"),
	};
	struct outcome_call call = {0};

	(void)state;
	for (int i = 0; i < 29; i++) {
		assert_int_equal(
		    add(&history, mixed[i % 2], 550, 0).effect, EFFECT_NONE);
		add(&history, NULL, 0, 0);
	}
	call = add(&history, mixed[1], 550, 0);
	assert_int_equal(call.effect, EFFECT_PAUSE);
	assert_string_equal(call.guard, "burst");
	/* spread out they never do */
	for (int i = 0; i < 2000; i++)
		assert_int_equal(
		    add(&history, i % 4 ? NULL : mixed[0], 550, 0).effect,
		    EFFECT_NONE);
}

static void
all_too_big_pauses(void **state)
{
	struct outcome_history history = {0};
	const struct outcome_rule *big =
	    classify(SMTP_STAGE_MAIL, "552 5.3.4 too big");

	(void)state;
	for (int i = 0; i < 15; i++)
		assert_int_equal(
		    add(&history, big, 552, 0).effect, EFFECT_NONE);
	add(&history, NULL, 0, 0);
	for (int i = 0; i < 14; i++)
		assert_int_equal(
		    add(&history, big, 552, 0).effect, EFFECT_NONE);
	add(&history, NULL, 0, 0);
	for (int i = 0; i < 80; i++)
		add(&history, NULL, 0, 0);
	for (int i = 0; i < 19; i++)
		assert_int_equal(
		    add(&history, big, 552, 0).effect, EFFECT_NONE);
	assert_string_equal(add(&history, big, 552, 0).guard, "F2");
}

static void
effects_of_single_replies(void **state)
{
	struct outcome_history history = {0};
	struct outcome_call call;

	(void)state;
	call = add(&history,
	    classify(SMTP_STAGE_MAIL, "550 5.4.5 daily limit exceeded"), 550,
	    0);
	assert_int_equal(call.effect, EFFECT_REST_RELAY);
	assert_true(call.minutes >= 60);
	call = add(&history,
	    classify(SMTP_STAGE_MAIL, "535 5.7.8 bad credentials"), 535, 0);
	assert_int_equal(call.effect, EFFECT_STOP_RELAY);
	call = add(&history,
	    classify(SMTP_STAGE_RCPT, "554 5.7.1 blocked by zen.spamhaus.org"),
	    554, GROUP_GMX);
	assert_int_equal(call.effect, EFFECT_SUSPEND_GROUP);
	assert_int_equal(call.minutes, 360);
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
	    cmocka_unit_test(requeued_ones_have_an_effect),
	    cmocka_unit_test(rules_are_well_formed),
	    cmocka_unit_test(one_in_twenty_unknown_pauses),
	    cmocka_unit_test(content_is_counted_by_group),
	    cmocka_unit_test(authentication_pauses_at_the_first_or_third),
	    cmocka_unit_test(a_burst_of_any_refusals_pauses),
	    cmocka_unit_test(all_too_big_pauses),
	    cmocka_unit_test(effects_of_single_replies),
	    cmocka_unit_test(waits_grow_and_vary),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
