/* Which house an address ends at, and what the table says about it. */
#include "tests/unit/unit.h"

#include "core/net/group.h"

struct pair {
	const char *name;
	enum group group;
};

static void
domains_are_known(void **state)
{
	static const struct pair pairs[] = {
	    {"gmail.com", GROUP_GOOGLE},
	    {"GMail.Com", GROUP_GOOGLE},
	    {"yahoo.com", GROUP_YAHOO},
	    {"yahoo.co.jp", GROUP_YAHOO_JP},
	    {"mail.yahoo.co.jp", GROUP_YAHOO_JP},
	    {"hotmail.co.jp", GROUP_OUTLOOK},
	    {"me.com", GROUP_ICLOUD},
	    {"docomo.ne.jp", GROUP_DOCOMO},
	    {"ezweb.ne.jp", GROUP_AU},
	    {"i.softbank.jp", GROUP_SOFTBANK},
	    {"t.vodafone.ne.jp", GROUP_SOFTBANK},
	    {"web.de", GROUP_GMX},
	    {"example.jp", GROUP_OTHER},
	    {"", GROUP_OTHER},
	    /* only whole labels count */
	    {"notgmail.com", GROUP_OTHER},
	    {"gmail.com.example.jp", GROUP_OTHER},
	    {"com", GROUP_OTHER},
	};

	(void)state;
	for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
		assert_int_equal(
		    group_of_domain(span_of(pairs[i].name)), pairs[i].group);
}

static void
exchangers_are_known(void **state)
{
	static const struct pair pairs[] = {
	    {"gmail-smtp-in.l.google.com", GROUP_GOOGLE},
	    {"ASPMX.L.GOOGLE.COM.", GROUP_GOOGLE},
	    {"mta5.am0.yahoodns.net", GROUP_YAHOO},
	    {"example-jp.mail.protection.outlook.com.", GROUP_OUTLOOK},
	    {"example-jp.o-v1.mx.microsoft", GROUP_OUTLOOK},
	    {"mx01.mail.icloud.com", GROUP_ICLOUD},
	    {"mx1.mail.yahoo.co.jp", GROUP_YAHOO_JP},
	    {"mfsmax.docomo.ne.jp", GROUP_DOCOMO},
	    {"lsean.ezweb.ne.jp", GROUP_AU},
	    {"mx.softbank.ne.jp", GROUP_SOFTBANK},
	    {"mx-ha03.web.de", GROUP_GMX},
	    {"mail.example.jp", GROUP_OTHER},
	    {".", GROUP_OTHER},
	    {"", GROUP_OTHER},
	};

	(void)state;
	for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
		assert_int_equal(
		    group_of_mx(span_of(pairs[i].name)), pairs[i].group);
}

static void
every_group_has_a_name_and_sane_limits(void **state)
{
	(void)state;
	for (int i = 0; i < GROUP_COUNT; i++) {
		const struct group_limits *limits = group_limits((enum group)i);

		assert_true(*group_name((enum group)i));
		assert_in_range(limits->sessions, 1, 100);
		assert_in_range(limits->per_session, 1, 1000);
		assert_in_range(limits->rate, 1, limits->rate_cap);
		assert_in_range(
		    limits->suspend_ms, 15 * 60 * 1000, 120 * 60 * 1000);
	}
}

/* The numbers stand in stores. */
static void
numbers_never_change(void **state)
{
	(void)state;
	assert_int_equal(GROUP_OTHER, 0);
	assert_int_equal(GROUP_GOOGLE, 1);
	assert_int_equal(GROUP_YAHOO_JP, 5);
	assert_int_equal(GROUP_GMX, 9);
	assert_string_equal(group_name(GROUP_YAHOO_JP), "yahoo.co.jp");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(domains_are_known),
	    cmocka_unit_test(exchangers_are_known),
	    cmocka_unit_test(every_group_has_a_name_and_sane_limits),
	    cmocka_unit_test(numbers_never_change),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
