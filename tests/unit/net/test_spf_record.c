/* Reading SPF records: what the grammar of RFC 7208 takes, term by term, and
 * which word it is refused with. */
#include "core/net/spf.h"

#include "core/base/buf.h"
#include "core/net/spf_macro.h"
#include "tests/unit/unit.h"

static const struct {
	const char *text;
	const char *why; /* NULL: it can be read */
	size_t count;
} rows[] = {
    {"v=spf1", NULL, 0},
    {"V=SPF1   -ALL  ", NULL, 1},
    {"v=spf1 ip4:192.0.2.0/24 ip6:2001:db8::/32 a mx:x.example/24//64 ~all",
	NULL, 5},
    {"v=spf1 include:_spf.%{d2} exists:%{ir}.x.example ptr -all", NULL, 4},
    {"v=spf1 redirect=_spf.x.example exp=why.x.example", NULL, 2},
    {"v=spf1 a:%{d}", NULL, 1},
    {"v=spf1 a:x.example./28", NULL, 1},
    {"v=spf1 moo=", NULL, 1},
    {"v=spf1 include:%{l1r+-}.x.example", NULL, 1},
    {"v=spf10 -all", "version", 0},
    {"v=spf1\t-all", "version", 0},
    {"", "version", 0},
    {"v=spf1 a\t-all", "characters", 0},
    {"v=spf1 a:x.ex\xc3\xa4mple -all", "characters", 0},
    {"v=spf1 a:x.example\x7f -all", "characters", 0},
    {"v=spf1 ip5:192.0.2.1", "mechanism", 0},
    {"v=spf1 -", "mechanism", 0},
    {"v=spf1 ++all", "mechanism", 0},
    {"v=spf1 +redirect=x.example", "modifier", 0},
    {"v=spf1 2x=y", "modifier", 0},
    {"v=spf1 all:x.example", "argument", 0},
    {"v=spf1 include", "argument", 0},
    {"v=spf1 include:", "argument", 0},
    {"v=spf1 a:", "argument", 0},
    {"v=spf1 ptr/24", "argument", 0},
    {"v=spf1 redirect=", "argument", 0},
    {"v=spf1 a:example", "domain", 0},
    {"v=spf1 a:192.0.2.1", "domain", 0},
    {"v=spf1 a:x.-example", "domain", 0},
    {"v=spf1 a:x.exampl-", "domain", 0},
    {"v=spf1 a:%{c}.x.example", "domain", 0},
    {"v=spf1 a:%{d0}.x.example", "domain", 0},
    {"v=spf1 a:%{d*}.x.example", "domain", 0},
    {"v=spf1 a:%{d.x.example", "domain", 0},
    {"v=spf1 a:%{}.x.example", "domain", 0},
    {"v=spf1 moo=%", "macro", 0},
    {"v=spf1 ip4:192.0.2", "address", 0},
    {"v=spf1 ip4:192.0.2.01", "address", 0},
    {"v=spf1 ip4:2001:db8::1", "address", 0},
    {"v=spf1 ip6:192.0.2.1", "address", 0},
    {"v=spf1 ip4:192.0.2.1/", "prefix", 0},
    {"v=spf1 ip4:192.0.2.1/33", "prefix", 0},
    {"v=spf1 ip6:2001:db8::1/129", "prefix", 0},
    {"v=spf1 a/33", "prefix", 0},
    {"v=spf1 a//129", "prefix", 0},
    {"v=spf1 a/024", "prefix", 0},
    {"v=spf1 redirect=a.example redirect=b.example", "twice", 0},
    {"v=spf1 exp=a.example -all EXP=b.example", "twice", 0},
};

static void
test_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct spf_record record;
		struct err err = {0};
		int rc = spf_parse(span_of(rows[i].text), &record, &err);

		if (rc != (rows[i].why ? -1 : 0) ||
		    (!rows[i].why && record.count != rows[i].count) ||
		    strcmp(err_find(&err, "why"),
			rows[i].why ? rows[i].why : "") != 0)
			fail_msg("%s: %d, %zu terms, %s (%s)", rows[i].text, rc,
			    record.count, err_find(&err, "why"),
			    err_find(&err, "term"));
		spf_record_done(&record);
	}
}

static void
test_what_is_in_it(void **state)
{
	struct spf_record record;
	struct err err = {0};

	(void)state;
	assert_ok(spf_parse(SPAN("v=spf1 ?ip4:192.0.2.0/24 a:x.example/24//64 "
				 "-all exp=e.example"),
		      &record, &err),
	    &err);
	assert_int_equal(record.count, 4);
	assert_int_equal(record.term[0].kind, SPF_IP4);
	assert_int_equal(record.term[0].result, SPF_NEUTRAL);
	assert_int_equal(record.term[0].prefix4, 24);
	assert_memory_equal(record.term[0].ip, "\xc0\x00\x02\x00", 4);
	assert_int_equal(record.term[1].kind, SPF_A);
	assert_int_equal(record.term[1].result, SPF_PASS);
	assert_span_equal(record.term[1].domain, "x.example");
	assert_int_equal(record.term[1].prefix4, 24);
	assert_int_equal(record.term[1].prefix6, 64);
	assert_int_equal(record.term[2].result, SPF_FAIL);
	assert_span_equal(record.term[2].text, "-all");
	assert_int_equal(record.term[3].kind, SPF_EXP);
	spf_record_done(&record);
}

static void
test_too_many(void **state)
{
	struct buf text = BUF_INIT;
	struct spf_record record;
	struct err err = {0};

	(void)state;
	buf_text(&text, "v=spf1");
	for (int i = 0; i < SPF_TERMS_MAX; i++)
		buf_text(&text, " a");
	assert_ok(spf_parse(buf_span(&text), &record, &err), &err);
	spf_record_done(&record);
	buf_text(&text, " a");
	assert_int_equal(spf_parse(buf_span(&text), &record, &err), -1);
	assert_string_equal(err_find(&err, "why"), "terms");
	spf_record_done(&record);
	buf_done(&text);
}

/* The examples of RFC 7208 section 7.4. */
static const struct {
	const char *text, *becomes;
} macros[] = {
    {"%{s}", "strong-bad@email.example.com"},
    {"%{o}", "email.example.com"},
    {"%{d}", "email.example.com"},
    {"%{d4}", "email.example.com"},
    {"%{d3}", "email.example.com"},
    {"%{d2}", "example.com"},
    {"%{d1}", "com"},
    {"%{dr}", "com.example.email"},
    {"%{d2r}", "example.email"},
    {"%{l}", "strong-bad"},
    {"%{l-}", "strong.bad"},
    {"%{lr}", "strong-bad"},
    {"%{lr-}", "bad.strong"},
    {"%{l1r-}", "strong"},
    {"%{ir}.%{v}._spf.%{d2}", "3.2.0.192.in-addr._spf.example.com"},
    {"%{lr-}.lp._spf.%{d2}", "bad.strong.lp._spf.example.com"},
    {"%{ir}.%{v}.%{l1r-}.lp._spf.%{d2}",
	"3.2.0.192.in-addr.strong.lp._spf.example.com"},
    {"%{d2}.trusted-domains.example.net",
	"example.com.trusted-domains.example.net"},
    {"%{S}%%%_%-", "strong-bad%40email.example.com% %20"},
    {"%{c} %{r} %{t} %{h} %{p}", "192.0.2.3 us 42 ehlo.example host.example"},
    {"%{d300}", "email.example.com"},
};

static void
test_macros(void **state)
{
	static const unsigned char ip[] = {192, 0, 2, 3};
	const struct spf_macros with = {
	    .sender = SPAN("strong-bad@email.example.com"),
	    .local = SPAN("strong-bad"),
	    .sender_domain = SPAN("email.example.com"),
	    .domain = SPAN("email.example.com"),
	    .ehlo = SPAN("ehlo.example"),
	    .receiver = SPAN("us"),
	    .host = SPAN("host.example"),
	    .ip = ip,
	    .ip_len = sizeof ip,
	    .now_s = 42,
	};
	struct buf out = BUF_INIT;

	(void)state;
	for (size_t i = 0; i < sizeof macros / sizeof *macros; i++) {
		buf_clear(&out);
		assert_true(spf_macro_valid(
		    span_of(macros[i].text), SPF_IN_EXPLANATION));
		spf_macro_expand(span_of(macros[i].text), &with, &out);
		if (!span_equal(buf_span(&out), span_of(macros[i].becomes)))
			fail_msg("%s: %s", macros[i].text, out.ptr);
	}
	assert_true(spf_macro_has(SPAN("a%{P}b"), 'p'));
	assert_false(spf_macro_has(SPAN("a%%{p}b"), 'p'));
	assert_true(spf_macro_has(SPAN("%{d}"), '*'));
	buf_done(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_rows),
	    cmocka_unit_test(test_what_is_in_it),
	    cmocka_unit_test(test_too_many),
	    cmocka_unit_test(test_macros),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
