/* Records of the wire as data: what is read, what is left out. */
#include "core/net/dns.h"

#include "tests/unit/unit.h"

static struct dns_answer answer;

static bool
add(enum dns_type type, const char *rdata, size_t len)
{
	return dns_answer_add(&answer, type, span_make(rdata, len));
}

#define ADD(type, literal) add(type, literal, sizeof literal - 1)

static int
begin(void **state)
{
	(void)state;
	dns_answer_init(&answer, DNS_NODATA, SPAN("Example.TEST"));
	return 0;
}

static int
end(void **state)
{
	(void)state;
	dns_answer_done(&answer);
	return 0;
}

static void
test_begins_empty(void **state)
{
	(void)state;
	assert_string_equal(answer.canon, "example.test");
	assert_int_equal(answer.status, DNS_NODATA);
	assert_int_equal(answer.count, 0);
	assert_false(answer.secure);
}

static void
test_addresses(void **state)
{
	(void)state;
	assert_true(ADD(DNS_A, "\x7f\x00\x00\x01"));
	assert_true(ADD(DNS_AAAA, "0123456789abcdef"));
	assert_int_equal(answer.status, DNS_FOUND);
	assert_int_equal(answer.count, 2);
	assert_span_equal(answer.record[1].data, "0123456789abcdef");
	assert_false(ADD(DNS_A, "\x7f\x00\x00"));
	assert_false(ADD(DNS_A, "\x7f\x00\x00\x01\x01"));
	assert_false(ADD(DNS_AAAA, "\x7f\x00\x00\x01"));
	assert_int_equal(answer.count, 2);
}

static void
test_mx(void **state)
{
	(void)state;
	assert_true(ADD(DNS_MX, "\x01\x02\x02MX\x07"
				"Example\x04test\0"));
	assert_int_equal(answer.record[0].preference, 258);
	assert_span_equal(answer.record[0].data, "mx.example.test");
	assert_true(ADD(DNS_MX, "\x00\x00\0"));
	assert_span_equal(answer.record[1].data, ".");
	/* a blank in a label: no host name, but a record */
	assert_true(ADD(DNS_MX, "\x00\x05\x03"
				"a b\x04test\0"));
	assert_span_equal(answer.record[2].data, "");
	/* a dot inside a label must not look like two labels */
	assert_true(ADD(DNS_MX, "\x00\x05\x03"
				"a.b\x04test\0"));
	assert_span_equal(answer.record[3].data, "");
}

/* What is no host name can still be asked about: SPF does. */
static void
test_raw_names(void **state)
{
	(void)state;
	assert_true(ADD(DNS_PTR, "\x02MX\x04test\0"));
	assert_span_equal(answer.record[0].data, "mx.test");
	assert_span_equal(answer.record[0].raw, "mx.test");
	assert_true(ADD(DNS_PTR, "\x05"
				 "A:/ %\x04test\0"));
	assert_span_equal(answer.record[1].data, "");
	assert_span_equal(answer.record[1].raw, "a:/ %.test");
	assert_true(ADD(DNS_PTR, "\x03"
				 "a.b\x04test\0"));
	assert_span_equal(answer.record[2].raw, "");
	assert_true(ADD(DNS_PTR, "\x02"
				 "a\0\x02/b\x04test\0"));
	assert_span_equal(answer.record[3].raw, "");
	assert_span_equal(answer.record[3].data, "");
	assert_true(ADD(DNS_MX, "\x00\x00\0"));
	assert_span_equal(answer.record[4].raw, ".");
	assert_true(ADD(DNS_TXT, "\x02"
				 "ab"));
	assert_int_equal(answer.record[5].raw.len, 0);
}

static void
test_bad_names(void **state)
{
	static const struct {
		const char *bytes;
		size_t len;
	} bad[] = {
	    {"", 0}, {"\x00\x01", 2}, /* no name at all */
	    {"\x00\x01\x03mx", 5},    /* ends inside a label */
	    {"\x00\x01\x02mx", 5},    /* no root */
	    {"\x00\x01\x02mx\0x", 7}, /* something behind it */
	    {"\x00\x01\xc0\x0c", 4},  /* a pointer */
	    {"\x00\x01\x40"
	     "aaaaaaaaaaaa",
		15}, /* 64 octets */
	};

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		if (add(DNS_MX, bad[i].bytes, bad[i].len))
			fail_msg("name %zu was read", i);
	}
	assert_int_equal(answer.count, 0);
	assert_int_equal(answer.status, DNS_NODATA);
}

/* 4 labels of 63 octets make 255 octets of text: one too long by two. */
static void
test_long_names(void **state)
{
	char rdata[2 + 4 * 64 + 1] = "\0\1";

	(void)state;
	memset(rdata + 2, 'a', sizeof rdata - 2);
	for (size_t at = 2; at + 64 < sizeof rdata; at += 64)
		rdata[at] = 63;
	rdata[sizeof rdata - 1] = '\0';
	assert_false(add(DNS_MX, rdata, sizeof rdata));
	/* 3 labels of 63 and one of 61 make the 253 that are allowed */
	rdata[2 + 3 * 64] = 61;
	rdata[2 + 3 * 64 + 62] = '\0';
	assert_true(add(DNS_MX, rdata, 2 + 3 * 64 + 63));
	assert_int_equal(answer.record[0].data.len, DNS_NAME_MAX);
}

static void
test_txt(void **state)
{
	(void)state;
	assert_true(ADD(DNS_TXT, "\x03"
				 "v=S\x04TSv1\0"));
	assert_span_equal(answer.record[0].data, "v=STSv1");
	assert_false(ADD(DNS_TXT, "\x05"
				  "v=S"));
}

static void
test_tlsa(void **state)
{
	(void)state;
	assert_true(ADD(DNS_TLSA, "\x03\x01\x02"
				  "data"));
	assert_int_equal(answer.record[0].usage, 3);
	assert_int_equal(answer.record[0].selector, 1);
	assert_int_equal(answer.record[0].match, 2);
	assert_span_equal(answer.record[0].data, "data");
	assert_false(ADD(DNS_TLSA, "\x03\x01"));
}

static void
test_too_many(void **state)
{
	(void)state;
	for (int i = 0; i < DNS_RECORDS_MAX; i++)
		assert_true(ADD(DNS_A, "\x7f\x00\x00\x01"));
	assert_false(ADD(DNS_A, "\x7f\x00\x00\x01"));
	assert_int_equal(answer.count, DNS_RECORDS_MAX);
}

static void
test_hosts(void **state)
{
	static const char *const good[] = {"mx.example.jp", "a.b",
	    "_25._tcp.mx.example", "xn--wgv71a119e.jp", "1.example",
	    "1.2.3.4a"};
	static const char *const bad[] = {"", ".", "localhost", "mx.", ".mx",
	    "a..b", "192.0.2.1", "[192.0.2.1]", "2001:db8::1", "a b.jp",
	    "\xe6\x97\xa5.jp", "a.1"};

	(void)state;
	for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
		if (!dns_is_host(span_of(good[i])))
			fail_msg("%s is no host", good[i]);
	}
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		if (dns_is_host(span_of(bad[i])))
			fail_msg("%s is a host", bad[i]);
	}
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, begin, end)
	const struct CMUnitTest tests[] = {
	    T(test_begins_empty),
	    T(test_addresses),
	    T(test_mx),
	    T(test_raw_names),
	    T(test_bad_names),
	    T(test_long_names),
	    T(test_txt),
	    T(test_tlsa),
	    T(test_too_many),
	    T(test_hosts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
