/* Which links are refused, and why. */
#include "tests/unit/unit.h"

#include "core/review/link.h"

static const struct {
	const char *url, *fault, *trap;
} cases[] = {
    {"https://www.example.jp/a", NULL, NULL},
    {"HTTPS://WWW.EXAMPLE.JP", NULL, NULL},
    {"https://www.example.jp:8443/?a=b#c", NULL, NULL},
    {"https://例示.jp/", NULL, NULL},
    {"https://xn--fsqu00a.jp/", NULL, NULL},
    {"mailto:info@example.jp", NULL, NULL},
    {"tel:+81312345678", NULL, NULL},
    /* LK-01 */
    {"http://www.example.jp/", "scheme", NULL},
    {"ftp://www.example.jp/", "scheme", NULL},
    {"javascript:alert(1)", "scheme", NULL},
    {"data:text/html,x", "scheme", NULL},
    {"www.example.jp/a", "scheme", NULL},
    {"https://info@example.jp/", "user", NULL},
    {"https://www.example.jp:x@evil.jp/", "user", NULL},
    {"https://203.0.113.9/", "ip", NULL},
    {"https://2130706433/", "ip", NULL},
    {"https://0x7f.1/", "ip", NULL},
    {"https://[2001:db8::1]/", "ip", "local"},
    {"https:///a", "host", "empty"},
    {"https://a..b.jp/", "host", NULL},
    /* Cyrillic a in a Latin word; a word all of it; Greek with Latin */
    {"https://p\u0430ypal.jp/", "script", NULL},
    {"https://xn--pypal-4ve.jp/", "script", NULL},
    {"https://\u0430\u0440\u0440\u04cf\u0435.jp/", "script", NULL},
    {"https://\u03b1bc.jp/", "script", NULL},
    {"https://\u043f\u0440\u0438\u043c\u0435\u0440.jp/", NULL, NULL},
    {"https://abc日本かな.jp/", NULL, NULL},
    /* LK-02 */
    {"", "scheme", "empty"},
    {"#", "scheme", "empty"},
    {"mailto:", NULL, "empty"},
    {"https://localhost/a", "host", "local"},
    {"https://app.localhost/a", NULL, "local"},
    {"https://intranet/a", "host", "local"},
    {"https://192.168.0.1/", "ip", "local"},
    {"https://10.1.2.3/", "ip", "local"},
    {"https://172.16.0.1/", "ip", "local"},
    {"https://172.32.0.1/", "ip", NULL},
    {"https://printer.local/", NULL, "local"},
    {"https://stg.example.jp", NULL, "staging"},
    {"https://www-dev2.example.jp", NULL, "staging"},
    {"https://test.www.example.co.jp", NULL, "staging"},
    {"https://dev.to/a", NULL, NULL},
    {"https://test.co.jp/a", NULL, NULL},
    {"https://latest.example.jp/", NULL, NULL},
    {"https://www.example.com/", NULL, "example"},
    {"https://example.org./", "host", "example"},
    {"https://www.example.jp/?n={{name}}", NULL, "token"},
    {"https://www.example.jp/?n=%7B%7Bname%7D%7D", NULL, "token"},
    {"https://www.example.jp/?n=%%name%%", NULL, "token"},
    {"https://www.example.jp/?n=%E5%B1%B1", NULL, NULL},
};

static void
assert_word(const char *url, const char *got, const char *wanted)
{
	if ((!got != !wanted) || (got && strcmp(got, wanted)))
		fail_msg("%s: %s, not %s", url, got ? got : "nothing",
		    wanted ? wanted : "nothing");
}

static void
faults_and_traps(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct span url = span_of(cases[i].url);

		assert_word(cases[i].url, link_fault(url), cases[i].fault);
		assert_word(cases[i].url, link_trap(url), cases[i].trap);
	}
}

static void
listed_hosts(void **state)
{
	struct span list = SPAN("example.jp, *.example.co.jp\nshop.test.jp");

	(void)state;
	assert_true(link_is_listed(SPAN("example.jp"), list));
	assert_true(link_is_listed(SPAN("WWW.Example.jp"), list));
	assert_true(link_is_listed(SPAN("a.example.co.jp"), list));
	assert_true(link_is_listed(SPAN("shop.test.jp"), list));
	assert_false(link_is_listed(SPAN("notexample.jp"), list));
	assert_false(link_is_listed(SPAN("test.jp"), list));
	assert_false(link_is_listed(SPAN("example.jp"), SPAN("")));
}

static const struct {
	const char *text, *host; /* NULL: promises nothing */
} texts[] = {
    {"https://www.example.jp/a", "www.example.jp"},
    {"example.jp", "example.jp"},
    {" www.example.jp/a ", "www.example.jp"},
    {"例示.jp", "例示.jp"},
    {"click here", NULL},
    {"詳しくはこちら", NULL},
    {"manual.pdf", NULL},
    {"1.5", NULL},
    {"e.g.", NULL},
    {"3.14.x", NULL},
};

static void
what_text_promises(void **state)
{
	struct span host;

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		bool is = link_text_host(span_of(texts[i].text), &host);

		if (is != (texts[i].host != NULL))
			fail_msg("%s", texts[i].text);
		if (is)
			assert_true(span_equal(host, span_of(texts[i].host)));
	}
	assert_true(link_same_host(SPAN("www.example.jp"), SPAN("Example.jp")));
	assert_true(link_same_host(SPAN("例.jp"), SPAN("xn--fsq.jp")));
	assert_false(link_same_host(SPAN("example.jp"), SPAN("exarnple.jp")));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(faults_and_traps),
	    cmocka_unit_test(listed_hosts),
	    cmocka_unit_test(what_text_promises),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
