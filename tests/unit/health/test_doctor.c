/* The examination against a table of DNS: for each finding a house in which it
 * must be made, and one in which it must not. */
#include "core/health/examine.h"
#include "core/health/health.h"

#include <stdio.h>

#include "core/mail/dkim.h"
#include "tests/fake/clock.h"
#include "tests/fake/resolver.h"
#include "tests/unit/unit.h"

enum { RECORDS_MAX = 60, DAY_MS = 86400000 };

static struct clinic {
	struct fake_clock clock;
	struct world world;
	struct house house;
	struct fake_record record[RECORDS_MAX];
	int records;
	struct doctor_report report;
	struct buf public, key_record, other_record;
} clinic;

/* ---- Setting up ------------------------------------------------------------ */

static void
make_key(struct buf *public, struct buf *record)
{
	struct secret *key = NULL;
	struct err err = {0};

	assert_ok(dkim_key_make(2048, &key, public, &err), &err);
	dkim_record(buf_span(public), record);
	secret_free(&key);
}

static int
make_keys(void **state)
{
	struct buf other = BUF_INIT;

	(void)state;
	make_key(&clinic.public, &clinic.key_record);
	make_key(&other, &clinic.other_record);
	buf_done(&other);
	return 0;
}

static int
forget_keys(void **state)
{
	(void)state;
	buf_done(&clinic.public);
	buf_done(&clinic.key_record);
	buf_done(&clinic.other_record);
	return 0;
}

static void
zone(const char *name, enum dns_type type, const char *data)
{
	assert_in_range(clinic.records, 0, RECORDS_MAX - 2);
	clinic.record[clinic.records++] =
	    (struct fake_record){.name = name, .type = type, .data = data};
}

static void
zone_fails(const char *name, enum dns_type type, enum dns_status status)
{
	assert_in_range(clinic.records, 0, RECORDS_MAX - 2);
	clinic.record[clinic.records++] =
	    (struct fake_record){.name = name, .type = type, .status = status};
}

static void
send_from(const char *address)
{
	snprintf(clinic.house.address[clinic.house.addresses++],
	    sizeof clinic.house.address[0], "%s", address);
}

static void
sign_with(const char *domain, const char *selector)
{
	clinic.house.key[clinic.house.keys++] = (struct house_key){
	    .domain = span_of(domain),
	    .selector = span_of(selector),
	    .public = buf_span(&clinic.public),
	    .created_ms =
		clock_now_ms(&clinic.clock.base) - INT64_C(100) * DAY_MS,
	};
}

/* A house of its own whose records are yet to be published. */
static int
begin(void **state)
{
	(void)state;
	fake_clock_init(&clinic.clock);
	clinic.world = (struct world){.clock = &clinic.clock.base};
	clinic.records = 0;
	clinic.house = (struct house){.bytes = arena_new(),
	    .egress = HOUSE_OWN,
	    .ehlo = SPAN("mail.house.test")};
	house_add_domain(
	    &clinic.house, SPAN("house.test"), HOUSE_FROM | HOUSE_RETURN);
	return 0;
}

static int
finish(void **state)
{
	(void)state;
	doctor_report_done(&clinic.report);
	house_done(&clinic.house);
	return 0;
}

/* Everything right. */
static void
publish_all(void)
{
	send_from("192.0.2.25");
	sign_with("house.test", "s1");
	zone("house.test", DNS_TXT, "v=spf1 ip4:192.0.2.0/24 -all");
	zone("house.test", DNS_MX, "10 mail.house.test");
	zone("mail.house.test", DNS_A, "192.0.2.25");
	zone("25.2.0.192.in-addr.arpa", DNS_PTR, "mail.house.test");
	zone("s1._domainkey.house.test", DNS_TXT, clinic.key_record.ptr);
	zone("_dmarc.house.test", DNS_TXT,
	    "v=DMARC1; p=reject; rua=mailto:dmarc@house.test");
}

static void
examine(unsigned parts)
{
	struct fake_resolver *fake = fake_resolver_new(clinic.record);
	struct doctor_how how = {.world = &clinic.world, .parts = parts};
	struct err err = {0};

	clinic.record[clinic.records].name = NULL;
	clinic.world.resolver = fake_resolver_port(fake);
	doctor_report_done(&clinic.report);
	assert_ok(
	    doctor_examine(&how, &clinic.house, &clinic.report, &err), &err);
	clinic.world.resolver = NULL;
	fake_resolver_free(&fake);
}

/* ---- Looking ----------------------------------------------------------------- */

static const struct doctor_finding *
finding(enum doctor_code code)
{
	for (size_t i = 0; i < clinic.report.count; i++) {
		if (clinic.report.finding[i].code == code)
			return &clinic.report.finding[i];
	}
	return NULL;
}

/* Prints the report, so that a failure tells what came instead. */
static const struct doctor_finding *
must_find(enum doctor_code code)
{
	const struct doctor_finding *found = finding(code);

	if (found)
		return found;
	for (size_t i = 0; i < clinic.report.count; i++) {
		const struct doctor_finding *other = &clinic.report.finding[i];

		print_message("%s %s %.*s [%.*s]\n",
		    doctor_topic_name(other->topic),
		    doctor_code_name(other->code), SPAN_ARG(other->subject),
		    SPAN_ARG(other->facts));
	}
	fail_msg("no finding %s", doctor_code_name(code));
	return NULL;
}

static void
must_not_find(enum doctor_code code)
{
	const struct doctor_finding *found = finding(code);

	if (found)
		fail_msg("finding %s about %.*s", doctor_code_name(code),
		    SPAN_ARG(found->subject));
}

static void
must_publish(enum doctor_code code, const char *name, const char *type,
    const char *value)
{
	const struct doctor_finding *found = must_find(code);

	assert_span_equal(found->record.name, name);
	assert_span_equal(found->record.type, type);
	assert_span_equal(found->record.value, value);
}

static void
must_say(enum doctor_code code, const char *fact, const char *value)
{
	assert_span_equal(doctor_fact(must_find(code), fact), value);
}

static bool
is_bad(enum doctor_topic topic)
{
	return doctor_worst(&clinic.report, topic, SPAN(""), NULL) ==
	       DOCTOR_BAD;
}

/* ---- All is well ---------------------------------------------------------------- */

static void
test_good(void **state)
{
	static const enum doctor_code good[] = {DOCTOR_SPF_PASS,
	    DOCTOR_DKIM_GOOD, DOCTOR_KEY_YOUNG, DOCTOR_DMARC_GOOD,
	    DOCTOR_ALIGN_DKIM, DOCTOR_ALIGN_SPF, DOCTOR_RUA_OWN, DOCTOR_MAIL_MX,
	    DOCTOR_PTR_GOOD, DOCTOR_EHLO_GOOD, DOCTOR_RECEIVER_FINE};

	(void)state;
	publish_all();
	examine(DOCTOR_PART_ALL);
	for (size_t i = 0; i < sizeof good / sizeof *good; i++)
		assert_int_equal(must_find(good[i])->sign, DOCTOR_GOOD);
	for (size_t i = 0; i < clinic.report.count; i++) {
		const struct doctor_finding *one = &clinic.report.finding[i];

		assert_true(one->sign < DOCTOR_WARN);
		/* nothing but the lists that nobody has set up */
		if (one->sign == DOCTOR_UNKNOWN)
			assert_int_equal(one->code, DOCTOR_LIST_UNSET);
		if (i)
			assert_true(one[-1].topic <= one->topic);
	}
	must_say(DOCTOR_SPF_PASS, "address", "192.0.2.25");
	must_say(DOCTOR_SPF_PASS, "term", "ip4:192.0.2.0/24");
	must_say(DOCTOR_DMARC_GOOD, "policy", "reject");
}

/* Without a resolver nothing is green. */
static void
test_nobody_to_ask(void **state)
{
	struct doctor_how how = {
	    .world = &clinic.world, .parts = DOCTOR_PART_ALL};
	struct err err = {0};

	(void)state;
	publish_all();
	assert_ok(
	    doctor_examine(&how, &clinic.house, &clinic.report, &err), &err);
	for (int topic = 0; topic < DOCTOR_RECEIVER; topic++)
		assert_int_equal(doctor_worst(&clinic.report,
				     (enum doctor_topic)topic, SPAN(""), NULL),
		    DOCTOR_UNKNOWN);
}

static void
test_cancelled(void **state)
{
	struct fake_resolver *fake = fake_resolver_new(clinic.record);
	atomic_bool cancel = true;
	struct doctor_how how = {.world = &clinic.world,
	    .parts = DOCTOR_PART_ALL,
	    .cancel = &cancel};
	struct err err = {0};

	(void)state;
	publish_all();
	clinic.record[clinic.records].name = NULL;
	clinic.world.resolver = fake_resolver_port(fake);
	assert_int_equal(
	    doctor_examine(&how, &clinic.house, &clinic.report, &err), -1);
	assert_int_equal(err.code, E_CANCELLED);
	fake_resolver_free(&fake);
}

/* ---- SPF -------------------------------------------------------------------------- */

static void
test_spf_missing(void **state)
{
	(void)state;
	send_from("192.0.2.25");
	send_from("2001:db8::25");
	zone("house.test", DNS_TXT, "google-site-verification=x");
	examine(DOCTOR_PART_AUTH);
	must_publish(DOCTOR_SPF_MISSING, "house.test", "TXT",
	    "v=spf1 ip4:192.0.2.25 ip6:2001:db8::25 -all");
	assert_int_equal(must_find(DOCTOR_SPF_MISSING)->sign, DOCTOR_BAD);
}

static void
test_spf_nxdomain(void **state)
{
	(void)state;
	send_from("192.0.2.25");
	examine(DOCTOR_PART_AUTH);
	must_find(DOCTOR_SPF_NXDOMAIN);
	must_not_find(DOCTOR_SPF_MISSING);
}

static void
test_spf_several(void **state)
{
	(void)state;
	send_from("192.0.2.25");
	zone("house.test", DNS_TXT, "v=spf1 include:a.test ~all");
	zone("house.test", DNS_TXT, "v=spf1 include:a.test mx -all");
	examine(DOCTOR_PART_AUTH);
	must_publish(DOCTOR_SPF_SEVERAL, "house.test", "TXT",
	    "v=spf1 ip4:192.0.2.25 include:a.test mx -all");
	must_say(DOCTOR_SPF_SEVERAL, "count", "2");
	must_not_find(DOCTOR_SPF_PASS);
	assert_span_equal(must_find(DOCTOR_SPF_SEVERAL)->found,
	    "v=spf1 include:a.test ~all\nv=spf1 include:a.test mx -all");
}

static void
test_spf_denied(void **state)
{
	(void)state;
	send_from("192.0.2.25");
	send_from("198.51.100.7");
	zone("house.test", DNS_TXT, "v=spf1 ip4:192.0.2.25 ~all");
	examine(DOCTOR_PART_AUTH);
	must_say(DOCTOR_SPF_PASS, "address", "192.0.2.25");
	must_say(DOCTOR_SPF_DENIED, "address", "198.51.100.7");
	must_say(DOCTOR_SPF_DENIED, "result", "softfail");
	must_publish(DOCTOR_SPF_DENIED, "house.test", "TXT",
	    "v=spf1 ip4:198.51.100.7 ip4:192.0.2.25 ~all");
}

static void
test_spf_syntax(void **state)
{
	(void)state;
	send_from("192.0.2.25");
	zone("house.test", DNS_TXT, "v=spf1 ip4:192.0.2.300 -all");
	examine(DOCTOR_PART_AUTH);
	must_say(DOCTOR_SPF_SYNTAX, "term", "ip4:192.0.2.300");
	must_not_find(DOCTOR_SPF_PASS);
}

static void
test_spf_lookups(void **state)
{
	static char include[12][40];

	(void)state;
	send_from("192.0.2.25");
	zone("house.test", DNS_TXT,
	    "v=spf1 ip4:192.0.2.25 include:i0.test include:i1.test"
	    " include:i2.test include:i3.test include:i4.test include:i5.test"
	    " include:i6.test include:i7.test include:i8.test include:i9.test"
	    " include:i10.test -all");
	for (int i = 0; i < 11; i++) {
		snprintf(include[i], sizeof include[i], "i%d.test", i);
		zone(include[i], DNS_TXT, "v=spf1 ip4:203.0.113.1 -all");
	}
	examine(DOCTOR_PART_AUTH);
	must_say(DOCTOR_SPF_LOOKUPS, "lookups", "11");
	assert_true(is_bad(DOCTOR_SPF));
}

static void
test_spf_ten_lookups(void **state)
{
	static char include[10][40];

	(void)state;
	send_from("192.0.2.25");
	zone("house.test", DNS_TXT,
	    "v=spf1 include:i0.test include:i1.test include:i2.test"
	    " include:i3.test include:i4.test include:i5.test include:i6.test"
	    " include:i7.test include:i8.test include:i9.test"
	    " ip4:192.0.2.25 -all");
	for (int i = 0; i < 10; i++) {
		snprintf(include[i], sizeof include[i], "i%d.test", i);
		zone(include[i], DNS_TXT, "v=spf1 ip4:203.0.113.1 -all");
	}
	examine(DOCTOR_PART_AUTH);
	must_say(DOCTOR_SPF_PASS, "lookups", "10");
	must_not_find(DOCTOR_SPF_LOOKUPS);
}

static void
test_spf_voids(void **state)
{
	(void)state;
	send_from("192.0.2.25");
	zone("house.test", DNS_TXT,
	    "v=spf1 ip4:192.0.2.25 a:no1.test a:no2.test a:no3.test -all");
	examine(DOCTOR_PART_AUTH);
	must_say(DOCTOR_SPF_VOIDS, "voids", "3");
}

static void
test_spf_too_open(void **state)
{
	(void)state;
	send_from("192.0.2.25");
	zone("house.test", DNS_TXT, "v=spf1 ptr +all");
	examine(DOCTOR_PART_AUTH);
	must_find(DOCTOR_SPF_PTR);
	must_publish(DOCTOR_SPF_PLUS_ALL, "house.test", "TXT",
	    "v=spf1 ip4:192.0.2.25 ~all");
}

static void
test_spf_unanswered(void **state)
{
	(void)state;
	send_from("192.0.2.25");
	zone_fails("house.test", DNS_TXT, DNS_SERVFAIL);
	examine(DOCTOR_PART_AUTH);
	assert_int_equal(
	    doctor_worst(&clinic.report, DOCTOR_SPF, SPAN("house.test"), NULL),
	    DOCTOR_UNKNOWN);
	must_not_find(DOCTOR_SPF_MISSING);
	clinic.records = 0;
	zone_fails("house.test", DNS_TXT, DNS_BOGUS);
	examine(DOCTOR_PART_AUTH);
	must_find(DOCTOR_DNS_BOGUS);
	assert_true(is_bad(DOCTOR_SPF));
}

/* A record in order is not enough while nobody knows who sends. */
static void
test_spf_no_egress(void **state)
{
	(void)state;
	zone("house.test", DNS_TXT, "v=spf1 include:relay.test -all");
	zone("relay.test", DNS_TXT, "v=spf1 ip4:203.0.113.1 -all");
	examine(DOCTOR_PART_AUTH | DOCTOR_PART_HOSTS);
	must_find(DOCTOR_SPF_READ);
	assert_int_equal(must_find(DOCTOR_NO_EGRESS)->sign, DOCTOR_UNKNOWN);
	assert_int_equal(
	    doctor_worst(&clinic.report, DOCTOR_SPF, SPAN(""), NULL),
	    DOCTOR_UNKNOWN);
	assert_int_equal(
	    doctor_worst(&clinic.report, DOCTOR_HOST, SPAN(""), NULL),
	    DOCTOR_UNKNOWN);
}

/* The return path decides; the From domain is asked as well, more mildly. */
static void
test_spf_roles(void **state)
{
	(void)state;
	send_from("192.0.2.25");
	clinic.house.domain[0].roles = HOUSE_FROM;
	clinic.house.return_domain = SPAN("bounce.house.test");
	house_add_domain(
	    &clinic.house, SPAN("bounce.house.test"), HOUSE_RETURN);
	zone("bounce.house.test", DNS_TXT, "v=spf1 ip4:192.0.2.25 -all");
	zone("house.test", DNS_TXT, "v=spf1 -all");
	zone("_dmarc.house.test", DNS_TXT, "v=DMARC1; p=none; aspf=s");
	examine(DOCTOR_PART_AUTH);
	assert_int_equal(must_find(DOCTOR_SPF_DENIED)->sign, DOCTOR_WARN);
	assert_span_equal(must_find(DOCTOR_SPF_DENIED)->subject, "house.test");
	assert_span_equal(
	    must_find(DOCTOR_SPF_PASS)->subject, "bounce.house.test");
	must_say(DOCTOR_ALIGN_NO_SPF, "domain", "bounce.house.test");
	must_say(DOCTOR_ALIGN_NO_SPF, "mode", "strict");
	clinic.record[clinic.records - 1].data = "v=DMARC1; p=none";
	examine(DOCTOR_PART_AUTH);
	must_find(DOCTOR_ALIGN_SPF);
}

/* ---- DKIM ---------------------------------------------------------------------------- */

#define SELECTOR "s1._domainkey.house.test"

static void
test_dkim_missing(void **state)
{
	(void)state;
	sign_with("house.test", "s1");
	zone("house.test", DNS_TXT, "x");
	examine(DOCTOR_PART_AUTH);
	must_publish(
	    DOCTOR_DKIM_MISSING, SELECTOR, "TXT", clinic.key_record.ptr);
	must_say(DOCTOR_DKIM_MISSING, "status", "nxdomain");
	zone(SELECTOR, DNS_A, "192.0.2.1");
	examine(DOCTOR_PART_AUTH);
	must_say(DOCTOR_DKIM_MISSING, "status", "nodata");
}

static void
test_dkim_faults(void **state)
{
	struct buf testing = BUF_INIT, sha1 = BUF_INIT, other = BUF_INIT;
	struct {
		const char *text;
		enum doctor_code code;
	} rows[] = {
	    {clinic.other_record.ptr, DOCTOR_DKIM_DIFFERS},
	    {"v=DKIM1; k=rsa; p=", DOCTOR_DKIM_REVOKED},
	    /* a wildcard that answers for everything */
	    {"v=spf1 -all", DOCTOR_DKIM_SYNTAX},
	    {"v=DKIM2; p=AAAA", DOCTOR_DKIM_SYNTAX},
	    {NULL, DOCTOR_DKIM_TESTING},
	    {NULL, DOCTOR_DKIM_LIMITED},
	    {NULL, DOCTOR_DKIM_LIMITED},
	};

	(void)state;
	buf_printf(&testing, "v=DKIM1; t=y; p=%s", clinic.public.ptr);
	buf_printf(&sha1, "v=DKIM1; h=sha1; p=%s", clinic.public.ptr);
	buf_printf(&other, "v=DKIM1; s=chat; p=%s", clinic.public.ptr);
	rows[4].text = testing.ptr;
	rows[5].text = sha1.ptr;
	rows[6].text = other.ptr;
	sign_with("house.test", "s1");
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		clinic.records = 0;
		zone(SELECTOR, DNS_TXT, rows[i].text);
		examine(DOCTOR_PART_AUTH);
		must_publish(
		    rows[i].code, SELECTOR, "TXT", clinic.key_record.ptr);
		assert_span_equal(must_find(rows[i].code)->found, rows[i].text);
		must_not_find(DOCTOR_DKIM_GOOD);
	}
	buf_done(&testing);
	buf_done(&sha1);
	buf_done(&other);
}

static void
test_dkim_several(void **state)
{
	(void)state;
	sign_with("house.test", "s1");
	zone(SELECTOR, DNS_TXT, clinic.key_record.ptr);
	zone(SELECTOR, DNS_TXT, "v=DKIM1; p=");
	examine(DOCTOR_PART_AUTH);
	must_say(DOCTOR_DKIM_SEVERAL, "count", "2");
}

/* Behind a CNAME the record has to be put right where it leads to. */
static void
test_dkim_cname(void **state)
{
	(void)state;
	sign_with("house.test", "s1");
	zone(SELECTOR, DNS_CNAME, "s1.dkim.provider.test");
	zone("s1.dkim.provider.test", DNS_TXT, clinic.key_record.ptr);
	examine(DOCTOR_PART_AUTH);
	must_say(DOCTOR_DKIM_GOOD, "cname", "s1.dkim.provider.test");
	clinic.record[1].data = clinic.other_record.ptr;
	examine(DOCTOR_PART_AUTH);
	must_publish(DOCTOR_DKIM_DIFFERS, "s1.dkim.provider.test", "TXT",
	    clinic.key_record.ptr);
}

static void
test_dkim_unanswered(void **state)
{
	(void)state;
	sign_with("house.test", "s1");
	zone_fails(SELECTOR, DNS_TXT, DNS_SERVFAIL);
	examine(DOCTOR_PART_AUTH);
	assert_int_equal(
	    doctor_worst(&clinic.report, DOCTOR_DKIM, SPAN(SELECTOR), NULL),
	    DOCTOR_UNKNOWN);
}

static void
test_key_age(void **state)
{
	(void)state;
	sign_with("house.test", "s1");
	clinic.house.key[0].created_ms =
	    clock_now_ms(&clinic.clock.base) - INT64_C(366) * DAY_MS;
	examine(DOCTOR_PART_AUTH);
	must_say(DOCTOR_KEY_OLD, "days", "366");
	clinic.house.key[0].created_ms += DAY_MS;
	examine(DOCTOR_PART_AUTH);
	must_say(DOCTOR_KEY_YOUNG, "days", "365");
}

static void
test_no_key(void **state)
{
	(void)state;
	sign_with("other.test", "s1");
	zone("_dmarc.house.test", DNS_TXT, "v=DMARC1; p=reject");
	examine(DOCTOR_PART_AUTH);
	assert_span_equal(must_find(DOCTOR_DKIM_NO_KEY)->subject, "house.test");
	must_find(DOCTOR_ALIGN_NO_DKIM);
}

/* ---- DMARC --------------------------------------------------------------------------- */

static void
test_dmarc_missing(void **state)
{
	(void)state;
	/* what stands there is another thing: a wildcard */
	zone("_dmarc.house.test", DNS_TXT, "v=spf1 -all");
	examine(DOCTOR_PART_AUTH);
	must_publish(DOCTOR_DMARC_MISSING, "_dmarc.house.test", "TXT",
	    "v=DMARC1; p=none; rua=mailto:dmarc-reports@house.test");
}

static void
test_dmarc_several(void **state)
{
	(void)state;
	zone("_dmarc.house.test", DNS_TXT, "v=DMARC1; p=maybe");
	zone("_dmarc.house.test", DNS_TXT, "v=DMARC1; p=reject");
	examine(DOCTOR_PART_AUTH);
	must_say(DOCTOR_DMARC_SEVERAL, "count", "2");
	must_publish(DOCTOR_DMARC_SEVERAL, "_dmarc.house.test", "TXT",
	    "v=DMARC1; p=reject");
	must_not_find(DOCTOR_DMARC_MISSING);
	must_not_find(DOCTOR_DMARC_GOOD);
}

static void
test_dmarc_none(void **state)
{
	(void)state;
	zone("_dmarc.house.test", DNS_TXT,
	    "v=DMARC1; p=none; pct=100; rua=mailto:a@house.test; adkim=s");
	examine(DOCTOR_PART_AUTH);
	must_publish(DOCTOR_DMARC_NONE, "_dmarc.house.test", "TXT",
	    "v=DMARC1; p=quarantine; rua=mailto:a@house.test; adkim=s");
	must_say(DOCTOR_DMARC_OLD_TAG, "tag", "pct");
	must_not_find(DOCTOR_DMARC_NO_RUA);
}

static void
test_dmarc_weak(void **state)
{
	(void)state;
	zone("_dmarc.house.test", DNS_TXT, "v=DMARC1; p=reject; t=y");
	examine(DOCTOR_PART_AUTH);
	must_publish(DOCTOR_DMARC_TESTING, "_dmarc.house.test", "TXT",
	    "v=DMARC1; p=reject; t=n");
	must_publish(DOCTOR_DMARC_NO_RUA, "_dmarc.house.test", "TXT",
	    "v=DMARC1; p=reject; t=y; rua=mailto:dmarc-reports@house.test");
}

/* No policy, but an address for reports: taken as p=none. */
static void
test_dmarc_saved(void **state)
{
	(void)state;
	zone("_dmarc.house.test", DNS_TXT, "v=DMARC1; rua=mailto:a@house.test");
	examine(DOCTOR_PART_AUTH);
	must_publish(DOCTOR_DMARC_SAVED, "_dmarc.house.test", "TXT",
	    "v=DMARC1; p=none; rua=mailto:a@house.test");
	must_not_find(DOCTOR_DMARC_NONE);
}

/* The organisation's record counts, with sp or np. */
static void
test_dmarc_organisation(void **state)
{
	(void)state;
	clinic.house.domain[0].name = SPAN("news.house.test");
	zone("news.house.test", DNS_A, "192.0.2.1");
	zone("_dmarc.house.test", DNS_TXT,
	    "v=DMARC1; p=reject; sp=none; rua=mailto:a@house.test");
	examine(DOCTOR_PART_AUTH);
	must_say(DOCTOR_DMARC_NONE, "at", "house.test");
	must_publish(DOCTOR_DMARC_NONE, "_dmarc.house.test", "TXT",
	    "v=DMARC1; p=reject; sp=quarantine; rua=mailto:a@house.test");
	/* it does not exist, so np counts */
	clinic.records = 0;
	zone("_dmarc.house.test", DNS_TXT,
	    "v=DMARC1; p=none; np=reject; rua=mailto:a@house.test");
	examine(DOCTOR_PART_AUTH);
	must_say(DOCTOR_DMARC_GOOD, "policy", "reject");
}

static void
test_dmarc_unanswered(void **state)
{
	(void)state;
	zone_fails("_dmarc.house.test", DNS_TXT, DNS_SERVFAIL);
	examine(DOCTOR_PART_AUTH);
	assert_int_equal(doctor_worst(&clinic.report, DOCTOR_DMARC,
			     SPAN("house.test"), NULL),
	    DOCTOR_UNKNOWN);
	must_not_find(DOCTOR_DMARC_MISSING);
}

static void
test_rua(void **state)
{
	(void)state;
	zone("_dmarc.house.test", DNS_TXT,
	    "v=DMARC1; p=reject; rua=mailto:a@yes.test,mailto:a@no.test");
	zone("house.test._report._dmarc.yes.test", DNS_TXT, "v=DMARC1;");
	examine(DOCTOR_PART_AUTH);
	must_say(DOCTOR_RUA_ALLOWED, "uri", "mailto:a@yes.test");
	must_say(DOCTOR_RUA_MISSING, "uri", "mailto:a@no.test");
	must_publish(DOCTOR_RUA_MISSING, "house.test._report._dmarc.no.test",
	    "TXT", "v=DMARC1;");
	zone_fails("house.test._report._dmarc.no.test", DNS_TXT, DNS_SERVFAIL);
	examine(DOCTOR_PART_AUTH);
	must_not_find(DOCTOR_RUA_MISSING);
	assert_int_equal(
	    doctor_worst(&clinic.report, DOCTOR_REPORTS, SPAN(""), NULL),
	    DOCTOR_UNKNOWN);
}

/* ---- Hosts ------------------------------------------------------------------------------ */

static void
test_mail(void **state)
{
	static const struct {
		const char *name, *data;
		enum dns_type type;
		enum doctor_code code;
	} rows[] = {
	    {"mx.test", "10 a.mx.test", DNS_MX, DOCTOR_MAIL_UNUSABLE},
	    {"null.test", "0 .", DNS_MX, DOCTOR_MAIL_NULL},
	    {"a.test", "192.0.2.9", DNS_A, DOCTOR_MAIL_ADDRESS},
	    {"six.test", "2001:db8::9", DNS_AAAA, DOCTOR_MAIL_ADDRESS},
	    {"txt.test", "x", DNS_TXT, DOCTOR_MAIL_NONE},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		clinic.records = 0;
		clinic.house.domain[0].name = span_of(rows[i].name);
		zone(rows[i].name, rows[i].type, rows[i].data);
		examine(DOCTOR_PART_MAIL);
		assert_int_equal(clinic.report.count, 1);
		must_find(rows[i].code);
	}
	clinic.records = 0;
	examine(DOCTOR_PART_MAIL);
	must_find(DOCTOR_MAIL_NXDOMAIN);
	zone_fails("txt.test", DNS_MX, DNS_SERVFAIL);
	examine(DOCTOR_PART_MAIL);
	must_find(DOCTOR_DNS_LATER);
	clinic.records = 0;
	zone("txt.test", DNS_MX, "10 mx.txt.test");
	zone("mx.txt.test", DNS_AAAA, "2001:db8::9");
	examine(DOCTOR_PART_MAIL);
	must_say(DOCTOR_MAIL_MX, "host", "mx.txt.test");
}

static void
test_ptr(void **state)
{
	(void)state;
	send_from("192.0.2.25");
	zone("mail.house.test", DNS_A, "192.0.2.25");
	examine(DOCTOR_PART_HOSTS);
	must_publish(DOCTOR_PTR_MISSING, "25.2.0.192.in-addr.arpa", "PTR",
	    "mail.house.test.");
	assert_int_equal(must_find(DOCTOR_PTR_MISSING)->sign, DOCTOR_BAD);
	zone("25.2.0.192.in-addr.arpa", DNS_PTR, "pool25.isp.test");
	examine(DOCTOR_PART_HOSTS);
	must_say(DOCTOR_PTR_FORWARD, "host", "pool25.isp.test");
	zone("pool25.isp.test", DNS_A, "192.0.2.26");
	examine(DOCTOR_PART_HOSTS);
	must_find(DOCTOR_PTR_FORWARD);
	/* one of several names is enough */
	zone("25.2.0.192.in-addr.arpa", DNS_PTR, "mail.house.test");
	examine(DOCTOR_PART_HOSTS);
	must_find(DOCTOR_PTR_GOOD);
	/* what somebody else runs is told, not blocked */
	clinic.records = 1;
	clinic.house.egress = HOUSE_FOREIGN;
	examine(DOCTOR_PART_HOSTS);
	assert_int_equal(must_find(DOCTOR_PTR_MISSING)->sign, DOCTOR_WARN);
	zone_fails("25.2.0.192.in-addr.arpa", DNS_PTR, DNS_SERVFAIL);
	examine(DOCTOR_PART_HOSTS);
	must_not_find(DOCTOR_PTR_MISSING);
}

static void
test_ptr_v6(void **state)
{
	(void)state;
	send_from("2001:db8::25");
	zone("mail.house.test", DNS_AAAA, "2001:db8::25");
	zone("5.2.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2"
	     ".ip6.arpa",
	    DNS_PTR, "mail.house.test");
	examine(DOCTOR_PART_HOSTS);
	must_find(DOCTOR_PTR_GOOD);
	must_find(DOCTOR_EHLO_GOOD);
}

static void
test_ehlo(void **state)
{
	(void)state;
	send_from("192.0.2.25");
	examine(DOCTOR_PART_HOSTS);
	must_publish(DOCTOR_EHLO_MISSING, "mail.house.test", "A", "192.0.2.25");
	zone("mail.house.test", DNS_A, "203.0.113.1");
	examine(DOCTOR_PART_HOSTS);
	assert_int_equal(must_find(DOCTOR_EHLO_OTHER)->sign, DOCTOR_NOTE);
	clinic.house.ehlo = SPAN("localhost");
	examine(DOCTOR_PART_HOSTS);
	must_find(DOCTOR_EHLO_NAME);
	clinic.house.ehlo = SPAN("slow.test");
	zone_fails("slow.test", DNS_A, DNS_SERVFAIL);
	examine(DOCTOR_PART_HOSTS);
	assert_int_equal(
	    doctor_worst(&clinic.report, DOCTOR_EHLO, SPAN(""), NULL),
	    DOCTOR_UNKNOWN);
}

/* ---- Extras --------------------------------------------------------------------------------- */

static void
test_extra(void **state)
{
	(void)state;
	zone("house.test", DNS_TXT, "x");
	examine(DOCTOR_PART_EXTRA);
	must_find(DOCTOR_STS_NONE);
	must_publish(DOCTOR_TLSRPT_NONE, "_smtp._tls.house.test", "TXT",
	    "v=TLSRPTv1; rua=mailto:tls-reports@house.test");
	must_find(DOCTOR_BIMI_NONE);
	must_find(DOCTOR_DNSSEC_NONE);
	for (size_t i = 0; i < clinic.report.count; i++)
		assert_true(clinic.report.finding[i].sign <= DOCTOR_NOTE);
	zone("_mta-sts.house.test", DNS_TXT, "v=STSv1; id=20260101;");
	zone("_smtp._tls.house.test", DNS_TXT,
	    "v=TLSRPTv1; rua=mailto:t@house.test");
	zone("default._bimi.house.test", DNS_TXT,
	    "v=BIMI1; l=https://house.test/logo.svg");
	examine(DOCTOR_PART_EXTRA);
	must_find(DOCTOR_STS_ANNOUNCED);
	must_find(DOCTOR_TLSRPT_GOOD);
	must_find(DOCTOR_BIMI_GOOD);
	zone("_mta-sts.house.test", DNS_TXT, "v=STSv1; id=20260102;");
	zone("_smtp._tls.house.test", DNS_TXT, "v=TLSRPTv1; rua=nobody");
	examine(DOCTOR_PART_EXTRA);
	must_say(DOCTOR_STS_BROKEN, "why", "several");
	must_say(DOCTOR_TLSRPT_BROKEN, "why", "several");
}

static void
test_dane(void **state)
{
	(void)state;
	clinic.house.domain[0].name = SPAN("house.signed");
	zone("house.signed", DNS_MX, "10 mx.house.signed");
	zone("mx.house.signed", DNS_A, "192.0.2.1");
	examine(DOCTOR_PART_EXTRA);
	must_find(DOCTOR_DNSSEC_SIGNED);
	must_say(DOCTOR_DANE_NONE, "host", "mx.house.signed");
	zone("_25._tcp.mx.house.signed", DNS_TLSA,
	    "3 1 1 "
	    "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff");
	examine(DOCTOR_PART_EXTRA);
	must_find(DOCTOR_DANE_GOOD);
}

/* ---- Block lists ------------------------------------------------------------------------------ */

static void
ask_list(const char *address_zone)
{
	clinic.house.address_lists = 1;
	clinic.house.address_list[0] = span_of(address_zone);
}

static void
test_listed(void **state)
{
	(void)state;
	send_from("192.0.2.25");
	ask_list("bl.test");
	zone("2.0.0.127.bl.test", DNS_A, "127.0.0.2");
	examine(DOCTOR_PART_LISTS);
	must_say(DOCTOR_LIST_CLEAN, "zone", "bl.test");
	zone("25.2.0.192.bl.test", DNS_A, "127.0.0.4");
	zone("25.2.0.192.bl.test", DNS_TXT, "see https://bl.test/why");
	examine(DOCTOR_PART_LISTS);
	must_say(DOCTOR_LIST_LISTED, "value", "127.0.0.4");
	assert_span_equal(
	    must_find(DOCTOR_LIST_LISTED)->found, "see https://bl.test/why");
	assert_span_equal(must_find(DOCTOR_LIST_LISTED)->subject, "192.0.2.25");
}

static void
test_list_refuses(void **state)
{
	static const char *const values[] = {
	    "127.255.255.252", "127.255.255.254", "127.255.255.255"};

	(void)state;
	send_from("192.0.2.25");
	ask_list("bl.test");
	for (int i = 0; i < 3; i++) {
		/* to everything, the test entries too */
		clinic.records = 0;
		zone("2.0.0.127.bl.test", DNS_A, values[i]);
		zone("1.0.0.127.bl.test", DNS_A, values[i]);
		zone("25.2.0.192.bl.test", DNS_A, values[i]);
		examine(DOCTOR_PART_LISTS);
		must_say(DOCTOR_LIST_REFUSED, "value", values[i]);
		must_not_find(DOCTOR_LIST_LISTED);
		assert_int_equal(
		    must_find(DOCTOR_LIST_UNASKED)->sign, DOCTOR_UNKNOWN);
		/* from now on, in the middle */
		clinic.records = 0;
		zone("2.0.0.127.bl.test", DNS_A, "127.0.0.2");
		zone("25.2.0.192.bl.test", DNS_A, values[i]);
		examine(DOCTOR_PART_LISTS);
		must_say(DOCTOR_LIST_REFUSED, "value", values[i]);
		must_not_find(DOCTOR_LIST_LISTED);
	}
}

static void
test_list_dead(void **state)
{
	(void)state;
	send_from("192.0.2.25");
	ask_list("bl.test");
	/* lists the whole world */
	zone("2.0.0.127.bl.test", DNS_A, "127.0.0.2");
	zone("1.0.0.127.bl.test", DNS_A, "127.0.0.2");
	zone("25.2.0.192.bl.test", DNS_A, "127.0.0.2");
	examine(DOCTOR_PART_LISTS);
	must_say(DOCTOR_LIST_DEAD, "why", "all");
	must_not_find(DOCTOR_LIST_LISTED);
	must_find(DOCTOR_LIST_UNASKED);
	/* holds nothing any more */
	clinic.records = 0;
	examine(DOCTOR_PART_LISTS);
	must_say(DOCTOR_LIST_DEAD, "why", "silent");
	/* the domain was bought by somebody */
	zone("2.0.0.127.bl.test", DNS_A, "198.51.100.1");
	zone("1.0.0.127.bl.test", DNS_A, "198.51.100.1");
	examine(DOCTOR_PART_LISTS);
	must_say(DOCTOR_LIST_DEAD, "why", "foreign");
	clinic.records = 0;
	zone_fails("2.0.0.127.bl.test", DNS_A, DNS_SERVFAIL);
	examine(DOCTOR_PART_LISTS);
	must_find(DOCTOR_LIST_LATER);
}

#define MUST6 "2.0.0.0.0.0.f.7.f.f.f.f.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0."
#define OURS6 "5.2.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2."

static void
test_list_v6(void **state)
{
	(void)state;
	send_from("2001:db8::25");
	ask_list("bl.test");
	zone("2.0.0.127.bl.test", DNS_A, "127.0.0.2");
	/* a list of IPv4 only says nothing about us */
	zone(OURS6 "bl.test", DNS_A, "127.0.0.2");
	examine(DOCTOR_PART_LISTS);
	must_find(DOCTOR_LIST_OTHER);
	must_find(DOCTOR_LIST_UNASKED);
	must_not_find(DOCTOR_LIST_LISTED);
	zone(MUST6 "bl.test", DNS_A, "127.0.0.2");
	examine(DOCTOR_PART_LISTS);
	must_find(DOCTOR_LIST_LISTED);
}

static void
test_names(void **state)
{
	(void)state;
	clinic.house.name_lists = 1;
	clinic.house.name_list[0] = SPAN("dbl.test");
	house_add_domain(
	    &clinic.house, SPAN("click.shop.example.test"), HOUSE_LINK);
	zone("test.dbl.test", DNS_A, "127.0.1.2");
	examine(DOCTOR_PART_LISTS);
	must_find(DOCTOR_LIST_CLEAN);
	/* the domain above the host is what was listed */
	zone("example.test.dbl.test", DNS_A, "127.0.1.4");
	examine(DOCTOR_PART_LISTS);
	assert_span_equal(
	    must_find(DOCTOR_LIST_LISTED)->subject, "click.shop.example.test");
	zone("invalid.dbl.test", DNS_A, "127.0.1.2");
	examine(DOCTOR_PART_LISTS);
	must_say(DOCTOR_LIST_DEAD, "why", "all");
	must_not_find(DOCTOR_LIST_LISTED);
}

/* ---- Receivers ---------------------------------------------------------------------------------- */

static void
must_predict(const char *receiver, enum doctor_code code, const char *lacks)
{
	const struct doctor_finding *found;

	doctor_worst(
	    &clinic.report, DOCTOR_RECEIVER, span_of(receiver), &found);
	assert_non_null(found);
	assert_string_equal(
	    doctor_code_name(found->code), doctor_code_name(code));
	assert_span_equal(doctor_fact(found, "lacks"), lacks);
}

static void
test_receivers(void **state)
{
	(void)state;
	publish_all();
	/* without its reverse name and DMARC record */
	clinic.record[3].name = "other.in-addr.arpa";
	clinic.record[5].name = "_dmarc.other.test";
	examine(DOCTOR_PART_ALL);
	must_predict("gmail", DOCTOR_RECEIVER_REFUSES, "dmarc,ptr");
	must_predict("microsoft", DOCTOR_RECEIVER_REFUSES, "dmarc");
	must_predict("docomo", DOCTOR_RECEIVER_DOUBTS, "dmarc");
	must_predict("au", DOCTOR_RECEIVER_FINE, "");
	must_predict("softbank", DOCTOR_RECEIVER_FINE, "");
}

/* SPF alone may carry DMARC, and so may DKIM. */
static void
test_alignment_needs_one(void **state)
{
	(void)state;
	publish_all();
	clinic.record[4].data = clinic.other_record.ptr;
	examine(DOCTOR_PART_ALL);
	must_predict("gmail", DOCTOR_RECEIVER_REFUSES, "dkim");
	clinic.record[4].data = clinic.key_record.ptr;
	clinic.record[0].data = "v=spf1 -all";
	examine(DOCTOR_PART_ALL);
	must_predict("gmail", DOCTOR_RECEIVER_REFUSES, "spf");
	must_predict("docomo", DOCTOR_RECEIVER_DOUBTS, "spf-from");
	must_predict("au", DOCTOR_RECEIVER_DOUBTS, "spf");
	clinic.record[4].data = clinic.other_record.ptr;
	examine(DOCTOR_PART_ALL);
	must_predict("microsoft", DOCTOR_RECEIVER_REFUSES, "spf,dkim,aligned");
}

static void
test_receivers_unsure(void **state)
{
	(void)state;
	publish_all();
	clinic.house.addresses = 0;
	examine(DOCTOR_PART_ALL);
	must_predict("au", DOCTOR_RECEIVER_UNSURE, "");
	must_predict("softbank", DOCTOR_RECEIVER_FINE, "");
}

int
main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, begin, finish)
	const struct CMUnitTest tests[] = {
	    T(test_good),
	    T(test_nobody_to_ask),
	    T(test_cancelled),
	    T(test_spf_missing),
	    T(test_spf_nxdomain),
	    T(test_spf_several),
	    T(test_spf_denied),
	    T(test_spf_syntax),
	    T(test_spf_lookups),
	    T(test_spf_ten_lookups),
	    T(test_spf_voids),
	    T(test_spf_too_open),
	    T(test_spf_unanswered),
	    T(test_spf_no_egress),
	    T(test_spf_roles),
	    T(test_dkim_missing),
	    T(test_dkim_faults),
	    T(test_dkim_several),
	    T(test_dkim_cname),
	    T(test_dkim_unanswered),
	    T(test_key_age),
	    T(test_no_key),
	    T(test_dmarc_missing),
	    T(test_dmarc_several),
	    T(test_dmarc_none),
	    T(test_dmarc_weak),
	    T(test_dmarc_saved),
	    T(test_dmarc_organisation),
	    T(test_dmarc_unanswered),
	    T(test_rua),
	    T(test_mail),
	    T(test_ptr),
	    T(test_ptr_v6),
	    T(test_ehlo),
	    T(test_extra),
	    T(test_dane),
	    T(test_listed),
	    T(test_list_refuses),
	    T(test_list_dead),
	    T(test_list_v6),
	    T(test_names),
	    T(test_receivers),
	    T(test_alignment_needs_one),
	    T(test_receivers_unsure),
	};

	return cmocka_run_group_tests(tests, make_keys, forget_keys);
}
