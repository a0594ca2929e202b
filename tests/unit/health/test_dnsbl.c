/* What block lists answer, and what is no listing. */
#include "core/health/dnsbl.h"

#include <stdio.h>

#include <arpa/inet.h>

#include "tests/unit/unit.h"

static void
answer_of(const char *addresses, struct dns_answer *out)
{
	struct span rest = span_of(addresses);

	dns_answer_init(out, DNS_NXDOMAIN, SPAN("x.test"));
	while (rest.len) {
		unsigned char octets[4];
		char text[20];

		span_text(text, sizeof text, span_cut(&rest, ' '));
		assert_int_equal(inet_pton(AF_INET, text, octets), 1);
		dns_answer_add(out, DNS_A, span_make(octets, 4));
	}
}

static void
test_answers(void **state)
{
	static const struct {
		const char *addresses;
		enum dnsbl_says says;
		const char *value;
	} rows[] = {
	    {"127.0.0.2", DNSBL_LISTED, "127.0.0.2"},
	    {"127.0.0.10 127.0.0.4", DNSBL_LISTED, "127.0.0.10"},
	    {"127.0.1.2", DNSBL_LISTED, "127.0.1.2"},
	    {"127.255.255.252", DNSBL_REFUSED, "127.255.255.252"},
	    {"127.255.255.254", DNSBL_REFUSED, "127.255.255.254"},
	    {"127.255.255.255", DNSBL_REFUSED, "127.255.255.255"},
	    {"127.255.254.2", DNSBL_LISTED, "127.255.254.2"},
	    {"127.0.1.255", DNSBL_REFUSED, "127.0.1.255"},
	    {"127.0.0.1", DNSBL_REFUSED, "127.0.0.1"},
	    /* whatever else stands beside a refusal is worth nothing */
	    {"127.0.0.2 127.255.255.254", DNSBL_REFUSED, "127.255.255.254"},
	    {"127.0.0.2 192.0.2.1", DNSBL_FOREIGN, "192.0.2.1"},
	    {"93.184.216.34", DNSBL_FOREIGN, "93.184.216.34"},
	    {"", DNSBL_CLEAN, ""},
	};
	struct dns_answer answer;
	char value[16];

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		answer_of(rows[i].addresses, &answer);
		assert_int_equal(
		    dnsbl_read(&answer, value, sizeof value), rows[i].says);
		assert_string_equal(value, rows[i].value);
		dns_answer_done(&answer);
	}
}

static void
test_no_answer(void **state)
{
	static const struct {
		enum dns_status status;
		enum dnsbl_says says;
	} rows[] = {
	    {DNS_NXDOMAIN, DNSBL_CLEAN},
	    {DNS_NODATA, DNSBL_CLEAN},
	    {DNS_SERVFAIL, DNSBL_LATER},
	    {DNS_BOGUS, DNSBL_LATER},
	};
	struct dns_answer answer;
	char value[16];

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		dns_answer_init(&answer, rows[i].status, SPAN("x.test"));
		assert_int_equal(
		    dnsbl_read(&answer, value, sizeof value), rows[i].says);
	}
}

static void
test_self_test(void **state)
{
	static const struct {
		enum dnsbl_says must, must_not;
		enum dnsbl_test test;
	} rows[] = {
	    {DNSBL_LISTED, DNSBL_CLEAN, DNSBL_WORKS},
	    {DNSBL_LISTED, DNSBL_LISTED, DNSBL_DEAD_ALL},
	    {DNSBL_LISTED, DNSBL_REFUSED, DNSBL_DEAD_ALL},
	    {DNSBL_CLEAN, DNSBL_CLEAN, DNSBL_DEAD_SILENT},
	    {DNSBL_CLEAN, DNSBL_LISTED, DNSBL_DEAD_ALL},
	    {DNSBL_FOREIGN, DNSBL_FOREIGN, DNSBL_DEAD_FOREIGN},
	    {DNSBL_LISTED, DNSBL_FOREIGN, DNSBL_DEAD_FOREIGN},
	    {DNSBL_REFUSED, DNSBL_REFUSED, DNSBL_TEST_REFUSED},
	    {DNSBL_REFUSED, DNSBL_CLEAN, DNSBL_TEST_REFUSED},
	    {DNSBL_LATER, DNSBL_CLEAN, DNSBL_TEST_LATER},
	    {DNSBL_LISTED, DNSBL_LATER, DNSBL_TEST_LATER},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		assert_int_equal(
		    dnsbl_judge(rows[i].must, rows[i].must_not), rows[i].test);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_answers),
	    cmocka_unit_test(test_no_answer),
	    cmocka_unit_test(test_self_test),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
