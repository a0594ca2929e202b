/* The real resolver against a real server: what libunbound's answers become,
 * above all which of them count as validated. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>

#include "core/net/dns.h"
#include "tests/fake/zones.h"
#include "tests/unit/unit.h"

static const struct zone zone[] = {
    {"plain.example", ZONE_PLAIN,
	"plain.example. MX 10 mx.plain.example.\n"
	"mx.plain.example. A 192.0.2.1\n"
	"mx.plain.example. AAAA 2001:db8::1\n"
	"text.plain.example. TXT \"one\" \"two\"\n"
	"alias.plain.example. CNAME mx.plain.example.\n"
	"null.plain.example. MX 0 .\n"
	"1.2.0.192.plain.example. PTR mx.plain.example.\n"
	"a\\\\b\\032%c.plain.example. A 192.0.2.9\n"
	"loop.plain.example. CNAME loop.plain.example.\n"},
    {"signed.example", ZONE_SIGNED,
	"signed.example. MX 10 mx.signed.example.\n"
	"mx.signed.example. A 192.0.2.2\n"
	"_25._tcp.mx.signed.example. TLSA 3 1 1 "
	"00000000000000000000000000000000000000000000000000000000000000ff\n"},
    {"expired.example", ZONE_EXPIRED,
	"expired.example. MX 10 mx.expired.example.\n"
	"mx.expired.example. A 192.0.2.3\n"},
};

static struct zones zones;
static struct resolver *resolver;

static int
start(void **state)
{
	struct dns_options options;

	(void)state;
	zones_start(&zones, zone, sizeof zone / sizeof *zone);
	options = zones_options(&zones);
	resolver = resolver_unbound(&options);
	return 0;
}

static int
stop(void **state)
{
	(void)state;
	resolver_free(&resolver);
	zones_stop(&zones);
	return 0;
}

static const struct {
	const char *name;
	enum dns_type type;
	enum dns_status status;
	int secure;
	size_t count;
	const char *canon;
} rows[] = {
    {"plain.example", DNS_MX, DNS_FOUND, 0, 1, "plain.example"},
    {"mx.plain.example", DNS_A, DNS_FOUND, 0, 1, "mx.plain.example"},
    {"mx.plain.example", DNS_AAAA, DNS_FOUND, 0, 1, "mx.plain.example"},
    {"text.plain.example", DNS_TXT, DNS_FOUND, 0, 1, "text.plain.example"},
    {"alias.plain.example", DNS_A, DNS_FOUND, 0, 1, "mx.plain.example"},
    {"1.2.0.192.plain.example", DNS_PTR, DNS_FOUND, 0, 1,
	"1.2.0.192.plain.example"},
    {"a\\b %c.plain.example", DNS_A, DNS_FOUND, 0, 1, NULL},
    {"a\\b %d.plain.example", DNS_A, DNS_NXDOMAIN, 0, 0, NULL},
    {"null.plain.example", DNS_MX, DNS_FOUND, 0, 1, "null.plain.example"},
    {"mx.plain.example", DNS_MX, DNS_NODATA, 0, 0, "mx.plain.example"},
    {"none.plain.example", DNS_MX, DNS_NXDOMAIN, 0, 0, "none.plain.example"},
    {"loop.plain.example", DNS_A, DNS_SERVFAIL, 0, 0, "loop.plain.example"},
    {"signed.example", DNS_MX, DNS_FOUND, 1, 1, "signed.example"},
    {"_25._tcp.mx.signed.example", DNS_TLSA, DNS_FOUND, 1, 1,
	"_25._tcp.mx.signed.example"},
    {"mx.signed.example", DNS_AAAA, DNS_NODATA, 1, 0, "mx.signed.example"},
    {"none.signed.example", DNS_MX, DNS_NXDOMAIN, 1, 0, "none.signed.example"},
    {"expired.example", DNS_MX, DNS_BOGUS, 0, 0, "expired.example"},
    {"none.expired.example", DNS_A, DNS_BOGUS, 0, 0, "none.expired.example"},
};

/* Asks for row i; what differs is told. */
static bool
is_right(size_t i)
{
	struct dns_question what = {rows[i].name, rows[i].type, NULL};
	struct dns_answer got;
	struct err err = {0};
	bool right;

	if (resolver->ask(resolver, &what, &got, &err) < 0) {
		fprintf(stderr, "%s: %s %s\n", rows[i].name, err_name(err.code),
		    err_find(&err, "why"));
		return false;
	}
	right = got.status == rows[i].status && got.secure == rows[i].secure &&
		got.count == rows[i].count &&
		(got.status == DNS_SERVFAIL || got.status == DNS_BOGUS ||
		    !rows[i].canon || !strcmp(got.canon, rows[i].canon));
	if (!right)
		fprintf(stderr, "%s %d: %s, secure %d, %zu records, %s\n",
		    rows[i].name, rows[i].type, dns_status_name(got.status),
		    got.secure, got.count, got.canon);
	dns_answer_done(&got);
	return right;
}

static void
test_answers(void **state)
{
	int wrong = 0;

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		wrong += !is_right(i);
	assert_int_equal(wrong, 0);
}

static void
test_records(void **state)
{
	struct dns_answer got;

	(void)state;
	assert_int_equal(
	    resolver->ask(resolver,
		&(struct dns_question){"plain.example", DNS_MX, NULL}, &got,
		NULL),
	    0);
	assert_int_equal(got.record[0].preference, 10);
	assert_span_equal(got.record[0].data, "mx.plain.example");
	assert_in_range(got.ttl_s, 1, 3600);
	dns_answer_done(&got);
	assert_int_equal(resolver->ask(resolver,
			     &(struct dns_question){
				 "_25._tcp.mx.signed.example", DNS_TLSA, NULL},
			     &got, NULL),
	    0);
	assert_int_equal(got.record[0].usage, 3);
	assert_int_equal(got.record[0].data.len, 32);
	assert_int_equal((unsigned char)got.record[0].data.ptr[31], 0xff);
	dns_answer_done(&got);
	assert_int_equal(
	    resolver->ask(resolver,
		&(struct dns_question){"null.plain.example", DNS_MX, NULL},
		&got, NULL),
	    0);
	assert_span_equal(got.record[0].data, ".");
	dns_answer_done(&got);
}

static void *
ask_all(void *arg)
{
	int *wrong = arg;

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		*wrong += !is_right(i);
	return NULL;
}

static void
test_many_threads(void **state)
{
	pthread_t thread[8];
	int wrong[8] = {0};

	(void)state;
	for (int i = 0; i < 8; i++)
		assert_int_equal(
		    pthread_create(&thread[i], NULL, ask_all, &wrong[i]), 0);
	for (int i = 0; i < 8; i++) {
		pthread_join(thread[i], NULL);
		assert_int_equal(wrong[i], 0);
	}
}

static void
test_cancelled(void **state)
{
	static const atomic_bool cancel = true;
	struct dns_answer got;
	struct err err = {0};

	(void)state;
	assert_int_equal(
	    resolver->ask(resolver,
		&(struct dns_question){"other.plain.example", DNS_A, &cancel},
		&got, &err),
	    -1);
	assert_int_equal(err.code, E_CANCELLED);
	dns_answer_done(&got);
}

static void
test_bad_setup(void **state)
{
	struct dns_options options = {.anchor = "/nowhere/anchor"};
	struct resolver *other = resolver_unbound(&options);
	struct dns_answer got;
	struct err err = {0};

	(void)state;
	assert_int_equal(
	    other->ask(other, &(struct dns_question){"x.example", DNS_A, NULL},
		&got, &err),
	    -1);
	assert_int_equal(err.code, E_DNS_SETUP);
	assert_string_equal(err_find(&err, "what"), "start");
	dns_answer_done(&got);
	resolver_free(&other);
	assert_null(other);
	resolver_free(&other);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_answers),
	    cmocka_unit_test(test_records),
	    cmocka_unit_test(test_many_threads),
	    cmocka_unit_test(test_cancelled),
	    cmocka_unit_test(test_bad_setup),
	};

	if (zones_missing()) {
		printf("SKIP test_dns_unbound: %s\n", zones_missing());
		return 0;
	}
	return cmocka_run_group_tests(tests, start, stop);
}
