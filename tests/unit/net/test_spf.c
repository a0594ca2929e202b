/* SPF's evaluation beyond the public suite: the facts it tells, the survey of a
 * whole record, what DNS does to it. */
#include "core/net/spf.h"

#include <stdatomic.h>

#include "tests/fake/resolver.h"
#include "tests/unit/unit.h"

static const struct fake_record table[] = {
    {"good.example", DNS_TXT, DNS_FOUND,
	"v=spf1 ip4:192.0.2.0/28 include:_spf.relay.example mx -all", 0},
    {"good.example", DNS_MX, DNS_FOUND, "10 mx.good.example", 0},
    {"mx.good.example", DNS_A, DNS_FOUND, "198.51.100.1", 0},
    {"_spf.relay.example", DNS_TXT, DNS_FOUND,
	"v=spf1 include:_more.relay.example ip4:203.0.113.7 ~all", 0},
    {"_more.relay.example", DNS_TXT, DNS_FOUND,
	"v=spf1 ip4:203.0.113.128/25 -all", 0},
    {"to.example", DNS_TXT, DNS_FOUND, "v=spf1 redirect=good.example", 0},
    {"two.example", DNS_TXT, DNS_FOUND, "v=spf1 -all", 0},
    {"two.example", DNS_TXT, DNS_FOUND, "v=spf1 ~all", 0},
    {"other.example", DNS_TXT, DNS_FOUND, "v=something", 0},
    {"wrong.example", DNS_TXT, DNS_FOUND, "v=spf1 ip4:1.2.3 -all", 0},
    {"bogus.example", DNS_TXT, DNS_BOGUS, NULL, 0},
    {"slow.example", DNS_TXT, DNS_SERVFAIL, NULL, 0},
    {"open.example", DNS_TXT, DNS_FOUND, "v=spf1 include:any.example -all", 0},
    {"any.example", DNS_TXT, DNS_FOUND, "v=spf1 ip4:0.0.0.0/0", 0},
    {"shut.example", DNS_TXT, DNS_FOUND, "v=spf1 -include:any.example -all", 0},
    {"plus.example", DNS_TXT, DNS_FOUND, "v=spf1 +all", 0},
    {"old.example", DNS_TXT, DNS_FOUND, "v=spf1 ptr -exists:%{i}.x.example", 0},
    /* the sender's address stands first, the eleventh term is never reached */
    {"many.example", DNS_TXT, DNS_FOUND,
	"v=spf1 ip4:192.0.2.1 a:good.example a:good.example a:good.example "
	"a:good.example a:good.example a:good.example a:good.example "
	"a:good.example a:good.example a:good.example a:good.example -all",
	0},
    {"void.example", DNS_TXT, DNS_FOUND,
	"v=spf1 ip4:192.0.2.1 a:x1.example a:x2.example a:x3.example -all", 0},
    {"loop.example", DNS_TXT, DNS_FOUND, "v=spf1 include:loop.example -all", 0},
    {"gone.example", DNS_TXT, DNS_FOUND,
	"v=spf1 include:other.example redirect=x", 0},
    {"none.example", DNS_TXT, DNS_FOUND, "v=spf1 include:other.example -all",
	0},
    {"fifty.example", DNS_TXT, DNS_FOUND, "v=spf1 a:six.example -all", 0},
    {"six.example", DNS_AAAA, DNS_FOUND, "2001:db8::25", 0},
    {"xn--r8jz45g.example", DNS_TXT, DNS_FOUND, "v=spf1 ip4:192.0.2.1 -all", 0},
    {"good.signed", DNS_TXT, DNS_FOUND, "v=spf1 -all", 0},
    {NULL, 0, 0, NULL, 0},
};

static struct fake_resolver *fake;

static int
begin(void **state)
{
	(void)state;
	fake = fake_resolver_new(table);
	return 0;
}

static int
end(void **state)
{
	(void)state;
	fake_resolver_free(&fake);
	return 0;
}

static struct spf_question
question_of(const char *ip, const char *sender)
{
	return (struct spf_question){.resolver = fake_resolver_port(fake),
	    .ip = ip,
	    .sender = span_of(sender),
	    .ehlo = SPAN("mail.good.example")};
}

static const struct {
	const char *ip, *sender;
	enum spf_result result;
	const char *term, *inside;
	int lookups, voids;
	const char *why;
} rows[] = {
    {"192.0.2.1", "n@good.example", SPF_PASS, "ip4:192.0.2.0/28", "", 0, 0, ""},
    {"203.0.113.7", "n@good.example", SPF_PASS, "include:_spf.relay.example",
	"ip4:203.0.113.7", 2, 0, ""},
    {"203.0.113.200", "n@good.example", SPF_PASS, "include:_spf.relay.example",
	"ip4:203.0.113.128/25", 2, 0, ""},
    {"198.51.100.1", "n@GOOD.example", SPF_PASS, "mx", "", 3, 0, ""},
    {"198.51.100.2", "n@good.example", SPF_FAIL, "-all", "", 3, 0, ""},
    /* the host of mx has no AAAA */
    {"2001:db8::1", "n@good.example", SPF_FAIL, "-all", "", 3, 1, ""},
    {"198.51.100.1", "n@to.example", SPF_PASS, "mx", "", 4, 0, ""},
    {"192.0.2.1", "n@two.example", SPF_PERMERROR, "", "", 0, 0, "records"},
    {"192.0.2.1", "n@other.example", SPF_NONE, "", "", 0, 0, "missing"},
    {"192.0.2.1", "n@absent.example", SPF_NONE, "", "", 0, 0, ""},
    {"192.0.2.1", "n@single", SPF_NONE, "", "", 0, 0, "sender"},
    {"192.0.2.1", "n@[192.0.2.1]", SPF_NONE, "", "", 0, 0, "sender"},
    {"192.0.2.1", "n@a..example", SPF_NONE, "", "", 0, 0, "sender"},
    {"192.0.2.1", "n@\xff.example", SPF_NONE, "", "", 0, 0, "sender"},
    {"192.0.2.1", "n@wrong.example", SPF_PERMERROR, "", "", 0, 0, "address"},
    {"192.0.2.1", "n@bogus.example", SPF_TEMPERROR, "", "", 0, 0, ""},
    {"192.0.2.1", "n@slow.example", SPF_TEMPERROR, "", "", 0, 0, ""},
    {"192.0.2.1", "n@many.example", SPF_PASS, "ip4:192.0.2.1", "", 0, 0, ""},
    {"192.0.2.2", "n@many.example", SPF_PERMERROR, "", "", 11, 3, "voids"},
    {"192.0.2.2", "n@loop.example", SPF_PERMERROR, "", "", 11, 0, "lookups"},
    {"192.0.2.2", "n@none.example", SPF_PERMERROR, "", "", 1, 0, "include"},
    {"192.0.2.2", "n@gone.example", SPF_PERMERROR, "", "", 0, 0, "domain"},
    {"2001:db8::25", "n@fifty.example", SPF_PASS, "a:six.example", "", 1, 0,
	""},
    {"192.0.2.1", "n@\xe4\xbe\x8b\xe3\x81\x88.example", SPF_PASS,
	"ip4:192.0.2.1", "", 0, 0, ""},
    {"::ffff:192.0.2.1", "n@good.example", SPF_PASS, "ip4:192.0.2.0/28", "", 0,
	0, ""},
    {"192.0.2.1", "", SPF_NONE, "", "", 0, 0, ""},
};

static bool
is_right(size_t i, const struct spf_answer *got)
{
	bool limited = !strcmp(rows[i].why, "voids");

	return got->result == rows[i].result &&
	       !strcmp(got->term, rows[i].term) &&
	       !strcmp(got->inside, rows[i].inside) &&
	       (limited || got->lookups == rows[i].lookups) &&
	       got->voids == rows[i].voids &&
	       !strcmp(err_find(&got->why, "why"), rows[i].why);
}

static void
test_facts(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct spf_question question =
		    question_of(rows[i].ip, rows[i].sender);
		struct spf_answer got;
		struct err err = {0};

		assert_ok(spf_check(&question, &got, &err), &err);
		if (!is_right(i, &got))
			fail_msg("%s %s: %s by \"%s\" in \"%s\", %d lookups, "
				 "%d voids, %s",
			    rows[i].ip, rows[i].sender,
			    spf_result_name(got.result), got.term, got.inside,
			    got.lookups, got.voids, err_find(&got.why, "why"));
		spf_answer_done(&got);
	}
}

static void
test_first_answer(void **state)
{
	struct spf_question question = question_of("192.0.2.1", "n@to.example");
	struct spf_answer got;
	struct err err = {0};

	(void)state;
	assert_ok(spf_check(&question, &got, &err), &err);
	assert_string_equal(got.domain, "to.example");
	assert_string_equal(got.term_domain, "good.example");
	assert_int_equal(got.status, DNS_FOUND);
	assert_int_equal(got.records, 1);
	assert_span_equal(got.text, "v=spf1 redirect=good.example");
	assert_false(got.secure);
	spf_answer_done(&got);
	question = question_of("192.0.2.1", "n@good.signed");
	assert_ok(spf_check(&question, &got, &err), &err);
	assert_true(got.secure);
	spf_answer_done(&got);
	question = question_of("192.0.2.1", "n@two.example");
	assert_ok(spf_check(&question, &got, &err), &err);
	assert_int_equal(got.records, 2);
	assert_int_equal(got.text.len, 0);
	assert_string_equal(err_find(&got.why, "domain"), "two.example");
	spf_answer_done(&got);
}

enum { OPEN = 1, PTR = 2, MACRO = 4, ENDS = 8 };

static const struct {
	const char *domain;
	enum spf_result result;
	int lookups, voids, flags;
	const char *why;
} surveys[] = {
    {"good.example", SPF_NEUTRAL, 3, 0, ENDS, ""},
    {"to.example", SPF_NEUTRAL, 4, 0, ENDS, ""},
    {"open.example", SPF_NEUTRAL, 1, 0, OPEN | ENDS, ""},
    {"shut.example", SPF_NEUTRAL, 1, 0, ENDS, ""},
    {"plus.example", SPF_NEUTRAL, 0, 0, OPEN | ENDS, ""},
    {"old.example", SPF_NEUTRAL, 2, 2, PTR | MACRO, ""},
    {"many.example", SPF_PERMERROR, 11, 11, ENDS, "lookups"},
    {"void.example", SPF_PERMERROR, 3, 3, ENDS, "voids"},
    {"loop.example", SPF_PERMERROR, 21, 0, 0, "lookups"},
    {"two.example", SPF_PERMERROR, 0, 0, 0, "records"},
    {"slow.example", SPF_TEMPERROR, 0, 0, 0, ""},
    {"absent.example", SPF_NONE, 0, 0, 0, ""},
};

static void
test_surveys(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof surveys / sizeof *surveys; i++) {
		struct spf_question question =
		    question_of("192.0.2.1", surveys[i].domain);
		struct spf_survey got;
		struct err err = {0};
		int flags;

		assert_ok(spf_survey(&question, &got, &err), &err);
		flags = (got.plus_all ? OPEN : 0) | (got.ptr ? PTR : 0) |
			(got.macro ? MACRO : 0) | (got.ends ? ENDS : 0);
		if (got.result != surveys[i].result ||
		    got.lookups != surveys[i].lookups ||
		    got.voids != surveys[i].voids ||
		    flags != surveys[i].flags ||
		    strcmp(err_find(&got.why, "why"), surveys[i].why) != 0)
			fail_msg("%s: %s, %d lookups, %d voids, flags %d, %s",
			    surveys[i].domain, spf_result_name(got.result),
			    got.lookups, got.voids, flags,
			    err_find(&got.why, "why"));
	}
}

static void
test_errors(void **state)
{
	struct spf_question question = question_of("192.0.2", "n@good.example");
	struct spf_answer got;
	struct err err = {0};

	(void)state;
	assert_int_equal(spf_check(&question, &got, &err), -1);
	assert_int_equal(err.code, E_SPF_IP);
	assert_string_equal(err_find(&err, "ip"), "192.0.2");
	spf_answer_done(&got);
	assert_int_equal(fake_resolver_asked(fake, NULL), 0);
}

/* A resolver that says no: its error comes through. */
static int
refuse(struct resolver *resolver, const struct dns_question *what,
    struct dns_answer *out, struct err *err)
{
	(void)resolver;
	dns_answer_init(out, DNS_SERVFAIL, span_of(what->name));
	return err_set(err, E_CANCELLED);
}

static void
test_cancelled(void **state)
{
	struct resolver none = {refuse};
	struct spf_question question =
	    question_of("192.0.2.1", "n@good.example");
	struct spf_survey survey;
	struct spf_answer got;
	struct err err = {0};

	(void)state;
	question.resolver = &none;
	assert_int_equal(spf_check(&question, &got, &err), -1);
	assert_int_equal(err.code, E_CANCELLED);
	spf_answer_done(&got);
	assert_int_equal(spf_survey(&question, &survey, &err), -1);
	assert_int_equal(err.code, E_CANCELLED);
}

#define T(name) cmocka_unit_test_setup_teardown(name, begin, end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    T(test_facts),
	    T(test_first_answer),
	    T(test_surveys),
	    T(test_errors),
	    T(test_cancelled),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
