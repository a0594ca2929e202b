/* What TLSA answers demand of a mail host. */
#include "core/net/dane.h"

#include "core/base/buf.h"
#include "tests/unit/unit.h"

enum { SECURE = 1 };

static const struct {
	const char *name;
	enum dns_status status;
	int secure;
	struct {
		unsigned char usage, selector, match, len;
	} record[3]; /* len 0: no more */
	enum dane_state wanted;
	size_t count;
} rows[] = {
    {"none", DNS_NODATA, SECURE, {{0, 0, 0, 0}}, DANE_NONE, 0},
    {"no name", DNS_NXDOMAIN, SECURE, {{0, 0, 0, 0}}, DANE_NONE, 0},
    {"no name, not signed", DNS_NXDOMAIN, 0, {{0, 0, 0, 0}}, DANE_NONE, 0},
    {"servfail", DNS_SERVFAIL, 0, {{0, 0, 0, 0}}, DANE_LATER, 0},
    {"bogus", DNS_BOGUS, 0, {{0, 0, 0, 0}}, DANE_LATER, 0},
    {"not signed", DNS_FOUND, 0, {{3, 1, 1, 32}}, DANE_NONE, 0},
    {"3 1 1", DNS_FOUND, SECURE, {{3, 1, 1, 32}}, DANE_MATCH, 1},
    {"3 1 2", DNS_FOUND, SECURE, {{3, 1, 2, 64}}, DANE_MATCH, 1},
    {"2 0 1", DNS_FOUND, SECURE, {{2, 0, 1, 32}}, DANE_MATCH, 1},
    {"3 0 0", DNS_FOUND, SECURE, {{3, 0, 0, 200}}, DANE_MATCH, 1},
    {"PKIX usages", DNS_FOUND, SECURE, {{0, 1, 1, 32}, {1, 1, 1, 32}},
	DANE_ENCRYPTED, 0},
    {"PKIX and DANE", DNS_FOUND, SECURE, {{1, 1, 1, 32}, {3, 1, 1, 32}},
	DANE_MATCH, 1},
    {"unknown selector", DNS_FOUND, SECURE, {{3, 2, 1, 32}}, DANE_ENCRYPTED, 0},
    {"unknown match", DNS_FOUND, SECURE, {{3, 1, 3, 32}}, DANE_ENCRYPTED, 0},
    {"short digest", DNS_FOUND, SECURE, {{3, 1, 1, 31}}, DANE_ENCRYPTED, 0},
    {"long digest", DNS_FOUND, SECURE, {{3, 1, 2, 65}}, DANE_ENCRYPTED, 0},
    {"two that match", DNS_FOUND, SECURE, {{3, 1, 1, 32}, {2, 1, 1, 32}},
	DANE_MATCH, 2},
};

static void
test_table(void **state)
{
	char data[3 + 255];

	(void)state;
	memset(data, 'x', sizeof data);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct dns_answer answer;
		struct dane_set set;

		dns_answer_init(&answer, rows[i].status, SPAN("_25._tcp.a.b"));
		answer.secure = rows[i].secure;
		for (int j = 0; j < 3 && rows[i].record[j].len; j++) {
			data[0] = (char)rows[i].record[j].usage;
			data[1] = (char)rows[i].record[j].selector;
			data[2] = (char)rows[i].record[j].match;
			assert_true(dns_answer_add(&answer, DNS_TLSA,
			    span_make(data, 3u + rows[i].record[j].len)));
		}
		dane_read(&answer, &set);
		if (set.state != rows[i].wanted || set.count != rows[i].count)
			fail_msg("%s: %s, %zu records", rows[i].name,
			    dane_state_name(set.state), set.count);
		dns_answer_done(&answer);
	}
}

static void
test_limit(void **state)
{
	struct dns_answer answer;
	struct dane_set set;
	char data[35] = {3, 1, 1};

	(void)state;
	dns_answer_init(&answer, DNS_NODATA, SPAN("a.b"));
	answer.secure = true;
	for (int i = 0; i < DANE_RECORDS_MAX + 4; i++)
		assert_true(dns_answer_add(
		    &answer, DNS_TLSA, span_make(data, sizeof data)));
	dane_read(&answer, &set);
	assert_int_equal(set.count, DANE_RECORDS_MAX);
	dns_answer_done(&answer);
}

static void
test_name(void **state)
{
	struct buf name = BUF_INIT;

	(void)state;
	dane_name("mx.example.jp", &name);
	assert_span_equal(buf_span(&name), "_25._tcp.mx.example.jp");
	buf_done(&name);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_table),
	    cmocka_unit_test(test_limit),
	    cmocka_unit_test(test_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
