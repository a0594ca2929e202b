/* The doctor before a real name server: what only a server does to records,
 * wildcards, CNAMEs across zones, TXT in many strings, broken signatures. */
#include "core/health/examine.h"
#include "core/health/health.h"

#include <stdio.h>

#include "core/mail/dkim.h"
#include "tests/fake/clock.h"
#include "tests/fake/zones.h"
#include "tests/unit/unit.h"

static struct buf public, house_zone, provider_zone;
static struct zones zones;
static struct resolver *resolver;
static struct fake_clock clock_;
static struct world world;
static struct doctor_report report;

static void
add_strings(struct buf *zone, const char *name, struct span value)
{
	buf_printf(zone, "%s 300 IN TXT ", name);
	dkim_record_strings(value, zone);
	buf_char(zone, '\n');
}

static void
write_zones(void)
{
	struct secret *key = NULL;
	struct buf record = BUF_INIT, spf = BUF_INIT;
	struct err err = {0};

	assert_ok(dkim_key_make(2048, &key, &public, &err), &err);
	dkim_record(buf_span(&public), &record);
	secret_free(&key);
	/* an SPF record of more than 255 octets, cut within a term */
	buf_text(&spf, "v=spf1");
	for (int i = 1; i <= 20; i++)
		buf_printf(&spf, " ip4:198.51.100.%d", i);
	buf_text(&spf, " ip4:11.22.33.25 -all");
	add_strings(&house_zone, "house.example.", buf_span(&spf));
	buf_text(&house_zone,
	    "house.example. 300 IN MX 10 mail.house.example.\n"
	    "mail.house.example. 300 IN A 11.22.33.25\n"
	    "s1._domainkey.house.example. 300 IN CNAME "
	    "s1.keys.provider.example.\n"
	    "*.house.example. 300 IN TXT \"v=spf1 -all\"\n"
	    "_dmarc.house.example. 300 IN TXT \"v=DMARC1;p=reject;"
	    "rua=mailto:a@provider.example\"\n");
	add_strings(
	    &provider_zone, "s1.keys.provider.example.", buf_span(&record));
	buf_text(&provider_zone,
	    "*._report._dmarc.provider.example. 300 IN TXT "
	    "\"v=DMARC1\"\n");
	buf_done(&record);
	buf_done(&spf);
}

static int
start(void **state)
{
	static struct zone zone[] = {
	    {"house.example", ZONE_PLAIN, NULL},
	    {"provider.example", ZONE_SIGNED, NULL},
	    {"broken.example", ZONE_EXPIRED,
		"broken.example. 300 IN TXT \"v=spf1 ip4:11.22.33.25 -all\"\n"
		"broken.example. 300 IN MX 10 mail.broken.example.\n"
		"mail.broken.example. 300 IN A 11.22.33.25\n"},
	    {"33.22.11.in-addr.arpa", ZONE_PLAIN,
		"25.33.22.11.in-addr.arpa. 300 IN PTR MAIL.house.example.\n"},
	    /* the walk of DMARC ends at the top */
	    {"example", ZONE_PLAIN, ""},
	    {"bl.example", ZONE_PLAIN,
		"2.0.0.127.bl.example. 300 IN A 127.0.0.2\n"
		"25.33.22.11.bl.example. 300 IN A 127.0.0.10\n"
		"25.33.22.11.bl.example. 300 IN TXT \"because\"\n"},
	    {"wild.example", ZONE_PLAIN,
		"*.wild.example. 300 IN A 127.0.0.2\n"},
	};
	struct dns_options options;

	(void)state;
	write_zones();
	zone[0].records = house_zone.ptr;
	zone[1].records = provider_zone.ptr;
	zones_start(&zones, zone, sizeof zone / sizeof *zone);
	options = zones_options(&zones);
	resolver = resolver_unbound(&options);
	fake_clock_init(&clock_);
	world = (struct world){.clock = &clock_.base, .resolver = resolver};
	return 0;
}

static int
end(void **state)
{
	(void)state;
	resolver_free(&resolver);
	zones_stop(&zones);
	buf_done(&public);
	buf_done(&house_zone);
	buf_done(&provider_zone);
	return 0;
}

static void
examine(const char *domain, unsigned parts)
{
	struct doctor_how how = {.world = &world, .parts = parts};
	struct house house = {.bytes = arena_new(),
	    .egress = HOUSE_OWN,
	    .ehlo = SPAN("mail.house.example"),
	    .address = {"11.22.33.25"},
	    .addresses = 1,
	    .key = {{.domain = span_of(domain),
		.selector = SPAN("s1"),
		.public = buf_span(&public)}},
	    .keys = 1,
	    .address_list = {SPAN("bl.example"), SPAN("wild.example")},
	    .address_lists = 2};
	struct err err = {0};

	house_add_domain(&house, span_of(domain), HOUSE_FROM | HOUSE_RETURN);
	doctor_report_done(&report);
	assert_ok(doctor_examine(&how, &house, &report, &err), &err);
	house_done(&house);
}

static const struct doctor_finding *
must_find(enum doctor_code code)
{
	for (size_t i = 0; i < report.count; i++) {
		if (report.finding[i].code == code)
			return &report.finding[i];
	}
	for (size_t i = 0; i < report.count; i++)
		print_message("%s %.*s [%.*s]\n",
		    doctor_code_name(report.finding[i].code),
		    SPAN_ARG(report.finding[i].subject),
		    SPAN_ARG(report.finding[i].facts));
	fail_msg("no finding %s", doctor_code_name(code));
	return NULL;
}

static void
a_real_house(void **state)
{
	(void)state;
	examine("house.example", DOCTOR_PART_ALL);
	assert_span_equal(
	    doctor_fact(must_find(DOCTOR_SPF_PASS), "term"), "ip4:11.22.33.25");
	assert_span_equal(doctor_fact(must_find(DOCTOR_DKIM_GOOD), "cname"),
	    "s1.keys.provider.example");
	must_find(DOCTOR_DMARC_GOOD);
	/* by a wildcard at the target */
	must_find(DOCTOR_RUA_ALLOWED);
	must_find(DOCTOR_MAIL_MX);
	must_find(DOCTOR_PTR_GOOD);
	must_find(DOCTOR_EHLO_GOOD);
	/* the wildcard's SPF is none of these records */
	must_find(DOCTOR_TLSRPT_NONE);
	must_find(DOCTOR_STS_NONE);
	must_find(DOCTOR_BIMI_NONE);
	must_find(DOCTOR_DNSSEC_NONE);
	assert_span_equal(must_find(DOCTOR_LIST_LISTED)->found, "because");
	assert_span_equal(must_find(DOCTOR_LIST_DEAD)->subject, "wild.example");
}

/* A name under the wildcard: records that mean nothing where they stand. */
static void
a_wildcard(void **state)
{
	(void)state;
	examine("news.house.example", DOCTOR_PART_AUTH);
	must_find(DOCTOR_SPF_DENIED);
	must_find(DOCTOR_DKIM_SYNTAX);
	assert_span_equal(
	    doctor_fact(must_find(DOCTOR_DMARC_GOOD), "at"), "house.example");
}

static void
a_broken_zone(void **state)
{
	(void)state;
	examine("broken.example", DOCTOR_PART_AUTH | DOCTOR_PART_MAIL);
	assert_int_equal(must_find(DOCTOR_DNS_BOGUS)->sign, DOCTOR_BAD);
	assert_int_equal(
	    doctor_worst(&report, DOCTOR_SPF, SPAN("broken.example"), NULL),
	    DOCTOR_BAD);
	assert_int_equal(
	    doctor_worst(&report, DOCTOR_MAIL, SPAN("broken.example"), NULL),
	    DOCTOR_BAD);
}

static void
a_signed_zone(void **state)
{
	(void)state;
	examine("provider.example", DOCTOR_PART_AUTH | DOCTOR_PART_EXTRA);
	must_find(DOCTOR_SPF_MISSING);
	must_find(DOCTOR_DNSSEC_SIGNED);
	assert_span_equal(
	    doctor_fact(must_find(DOCTOR_DKIM_MISSING), "status"), "nxdomain");
	doctor_report_done(&report);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_real_house),
	    cmocka_unit_test(a_wildcard),
	    cmocka_unit_test(a_broken_zone),
	    cmocka_unit_test(a_signed_zone),
	};

	if (zones_missing()) {
		printf("SKIP test_doctor_zones: %s\n", zones_missing());
		return 0;
	}
	return cmocka_run_group_tests(tests, start, end);
}
