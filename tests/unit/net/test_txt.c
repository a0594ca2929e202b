/* TLS reporting, BIMI, and how many records of a kind there are. */
#include "core/net/txt.h"

#include "core/base/buf.h"
#include "tests/unit/unit.h"

static const struct {
	const char *text;
	const char *why; /* NULL: it can be read */
	size_t count;
} tlsrpt[] = {
    {"v=TLSRPTv1; rua=mailto:tls@example.jp", NULL, 1},
    {"v=TLSRPTv1;rua=mailto:tls@example.jp , https://r.example/x;", NULL, 2},
    {"v=TLSRPTv1; other=1; rua=HTTPS://r.example/", NULL, 1},
    {"v=TLSRPTv2; rua=mailto:tls@example.jp", "version", 0},
    {"rua=mailto:tls@example.jp; v=TLSRPTv1", "version", 0},
    {"v=TLSRPTv1; rua", "syntax", 0},
    {"v=TLSRPTv1", "rua", 0},
    {"v=TLSRPTv1; rua=", "rua", 0},
    {"v=TLSRPTv1; rua=ftp://r.example/", "rua", 0},
    {"v=TLSRPTv1; rua=mailto:nobody", "rua", 0},
    {"v=TLSRPTv1; rua=mailto:a@b.example,", NULL, 1},
};

static void
test_tlsrpt(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof tlsrpt / sizeof *tlsrpt; i++) {
		struct tlsrpt_record record;
		struct err err = {0};
		int rc = tlsrpt_parse(span_of(tlsrpt[i].text), &record, &err);

		if (rc != (tlsrpt[i].why ? -1 : 0) ||
		    (!tlsrpt[i].why && record.count != tlsrpt[i].count) ||
		    strcmp(err_find(&err, "why"),
			tlsrpt[i].why ? tlsrpt[i].why : "") != 0)
			fail_msg("%s: %d %s", tlsrpt[i].text, rc,
			    err_find(&err, "why"));
	}
}

static void
test_bimi(void **state)
{
	struct bimi_record record;
	struct err err = {0};

	(void)state;
	assert_ok(bimi_parse(SPAN("v=BIMI1; l=https://x.example/l.svg; a="),
		      &record, &err),
	    &err);
	assert_span_equal(record.logo, "https://x.example/l.svg");
	assert_false(record.declined);
	assert_ok(bimi_parse(SPAN("v=BIMI1; l=;"), &record, &err), &err);
	assert_true(record.declined);
	assert_int_equal(bimi_parse(SPAN("v=BIMI1"), &record, &err), -1);
	assert_string_equal(err_find(&err, "why"), "logo");
	assert_int_equal(
	    bimi_parse(SPAN("v=BIMI1; l=http://x.example/"), &record, &err),
	    -1);
	assert_string_equal(err_find(&err, "why"), "logo");
	assert_int_equal(bimi_parse(SPAN("v=BIMI1; l=https://x.example/; "
					 "a=ftp://x.example"),
			     &record, &err),
	    -1);
	assert_string_equal(err_find(&err, "why"), "authority");
	assert_int_equal(bimi_parse(SPAN("v=BIMI2; l="), &record, &err), -1);
	assert_string_equal(err_find(&err, "why"), "version");
}

static void
add(struct dns_answer *answer, struct span text)
{
	struct buf rdata = BUF_INIT;

	buf_char(&rdata, (char)text.len);
	buf_add(&rdata, text);
	assert_true(dns_answer_add(answer, DNS_TXT, buf_span(&rdata)));
	buf_done(&rdata);
}

static void
test_count(void **state)
{
	struct dns_answer answer;
	struct span first;

	(void)state;
	dns_answer_init(&answer, DNS_NODATA, SPAN("x.example"));
	assert_int_equal(txt_count(&answer, SPAN("STSv1"), &first), 0);
	assert_int_equal(first.len, 0);
	add(&answer, SPAN("something else"));
	add(&answer, SPAN("v=STSv1; id=1;"));
	add(&answer, SPAN("v=STSv10; id=1;"));
	assert_int_equal(txt_count(&answer, SPAN("STSv1"), &first), 1);
	assert_span_equal(first, "v=STSv1; id=1;");
	add(&answer, SPAN("v=STSv1; id=2;"));
	assert_int_equal(txt_count(&answer, SPAN("STSv1"), NULL), 2);
	answer.status = DNS_BOGUS;
	assert_int_equal(txt_count(&answer, SPAN("STSv1"), &first), 0);
	dns_answer_done(&answer);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_tlsrpt),
	    cmocka_unit_test(test_bimi),
	    cmocka_unit_test(test_count),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
