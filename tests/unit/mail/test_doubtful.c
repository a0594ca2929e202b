/* Roles, throw-away mailboxes, slips. */
#include "tests/unit/unit.h"

#include "core/mail/doubtful.h"

static void
roles_are_known(void **state)
{
	static const char *const roles[] = {"postmaster", "Abuse", "noreply",
	    "no-reply", "NO_REPLY", "mailer-daemon", "noreply+x7"};
	static const char *const people[] = {
	    "info", "sales", "taro", "abuser", "reply", "rootes", ""};

	(void)state;
	for (size_t i = 0; i < sizeof roles / sizeof *roles; i++)
		assert_true(doubtful_role(span_of(roles[i])));
	for (size_t i = 0; i < sizeof people / sizeof *people; i++)
		assert_false(doubtful_role(span_of(people[i])));
}

static void
throw_away_mailboxes_are_known(void **state)
{
	(void)state;
	assert_true(doubtful_disposable(SPAN("mailinator.com")));
	assert_true(doubtful_disposable(SPAN("sute.jp")));
	assert_false(doubtful_disposable(SPAN("gmail.com")));
	assert_false(doubtful_disposable(SPAN("xmailinator.com")));
	assert_false(doubtful_disposable(SPAN("")));
}

static void
slips_are_known_with_what_was_meant(void **state)
{
	static const struct {
		const char *domain, *meant;
	} cases[] = {
	    {"gmail.com", ""},
	    {"gmial.com", "gmail.com"},
	    {"gmai.com", "gmail.com"},
	    {"gmaill.com", "gmail.com"},
	    {"gnail.com", "gmail.com"},
	    {"gmail.con", "gmail.com"},
	    {"gmail.co", "gmail.com"},
	    {"docomo.ne.jo", "docomo.ne.jp"},
	    {"gmail.cmo", "gmail.com"},
	    {"mail.com", ""},
	    {"email.com", ""},
	    {"ymail.com", ""},
	    {"docomo.co.jp", "docomo.ne.jp"},
	    {"docomo.ne.jp", ""},
	    {"dokomo.ne.jp", "docomo.ne.jp"},
	    {"docomo.nejp", "docomo.ne.jp"},
	    {"ezweb.co.jp", "ezweb.ne.jp"},
	    {"ezweb.ne.jp", ""},
	    {"yahoo.cojp", "yahoo.co.jp"},
	    {"yahoo.co.jp", ""},
	    {"yaho.co.jp", "yahoo.co.jp"},
	    {"yahoo.ne.jp", ""},
	    {"softbank.co.jp", ""},
	    {"i.softbank.co.jp", "i.softbank.jp"},
	    {"hotmial.com", "hotmail.com"},
	    {"icloud.co.jp", "icloud.com"},
	    {"ocn.ne.jp", ""},
	    {"odn.ne.jp", ""},
	    {"ai.com", ""},
	    {"example.co.jp", ""},
	    {"gm.com", ""},
	    {"", ""},
	};
	char shown[80];

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		span_text(shown, sizeof shown,
		    doubtful_domain(span_of(cases[i].domain)));
		assert_string_equal(shown, cases[i].meant);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(roles_are_known),
	    cmocka_unit_test(throw_away_mailboxes_are_known),
	    cmocka_unit_test(slips_are_known_with_what_was_meant),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
