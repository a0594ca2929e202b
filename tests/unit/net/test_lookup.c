/* The way to a domain: which hosts, and what their TLS must achieve. */
#include "core/net/lookup.h"

#include <stdatomic.h>
#include <stdio.h>

#include "core/base/buf.h"
#include "core/net/tls.h"
#include "tests/fake/relay.h"
#include "tests/fake/resolver.h"
#include "tests/fake/wires.h"
#include "tests/unit/unit.h"

enum { DAY = 86400, NOW_MS = 1000000 };

#define SHA "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

static const struct fake_record table[] = {
    /* two preferences, two families */
    {"two.test", DNS_MX, DNS_FOUND, "20 b.two.test", 0},
    {"two.test", DNS_MX, DNS_FOUND, "10 a.two.test", 0},
    {"a.two.test", DNS_A, DNS_FOUND, "192.0.2.1", 0},
    {"b.two.test", DNS_A, DNS_FOUND, "192.0.2.2", 0},
    {"b.two.test", DNS_AAAA, DNS_FOUND, "2001:db8::2", 0},
    /* no MX */
    {"implicit.test", DNS_A, DNS_FOUND, "192.0.2.3", 0},
    {"empty.test", DNS_TXT, DNS_FOUND, "hello", 0},
    {"null.test", DNS_MX, DNS_FOUND, "0 .", 0},
    {"servfail.test", DNS_MX, DNS_SERVFAIL, NULL, 0},
    {"bogus.test", DNS_MX, DNS_BOGUS, NULL, 0},
    {"gone.test", DNS_MX, DNS_FOUND, "10 gone.gone.test", 0},
    {"half.test", DNS_MX, DNS_FOUND, "10 gone.half.test", 0},
    {"half.test", DNS_MX, DNS_FOUND, "20 a.two.test", 0},
    {"later.test", DNS_MX, DNS_FOUND, "10 gone.later.test", 0},
    {"later.test", DNS_MX, DNS_FOUND, "20 slow.later.test", 0},
    {"slow.later.test", DNS_A, DNS_SERVFAIL, NULL, 0},
    {"us.test", DNS_MX, DNS_FOUND, "10 self.test", 0},
    /* DANE; names under "signed" are validated */
    {"good.signed", DNS_MX, DNS_FOUND, "10 mx.good.signed", 0},
    {"mx.good.signed", DNS_A, DNS_FOUND, "192.0.2.4", 0},
    {"_25._tcp.mx.good.signed", DNS_TLSA, DNS_FOUND, "3 1 1 " SHA, 0},
    {"odd.signed", DNS_MX, DNS_FOUND, "10 mx.odd.signed", 0},
    {"mx.odd.signed", DNS_A, DNS_FOUND, "192.0.2.5", 0},
    {"_25._tcp.mx.odd.signed", DNS_TLSA, DNS_FOUND, "1 1 1 " SHA, 0},
    {"none.signed", DNS_MX, DNS_FOUND, "10 mx.none.signed", 0},
    {"mx.none.signed", DNS_A, DNS_FOUND, "192.0.2.6", 0},
    {"fail.signed", DNS_MX, DNS_FOUND, "10 mx.fail.signed", 0},
    {"mx.fail.signed", DNS_A, DNS_FOUND, "192.0.2.7", 0},
    {"_25._tcp.mx.fail.signed", DNS_TLSA, DNS_SERVFAIL, NULL, 0},
    {"backup.signed", DNS_MX, DNS_FOUND, "10 mx.fail.signed", 0},
    {"backup.signed", DNS_MX, DNS_FOUND, "20 mx.good.signed", 0},
    {"alias.signed", DNS_MX, DNS_FOUND, "10 cname.signed", 0},
    {"cname.signed", DNS_CNAME, DNS_FOUND, "mx.good.signed", 0},
    /* the host's zone is signed, the domain's is not: anybody could have named
     * that host */
    {"unsigned.test", DNS_MX, DNS_FOUND, "10 mx.good.signed", 0},
    /* the domain's zone is signed, the host's is not */
    {"host.signed", DNS_MX, DNS_FOUND, "10 a.two.test", 0},
    {"imp.signed", DNS_A, DNS_FOUND, "192.0.2.8", 0},
    {"_25._tcp.imp.signed", DNS_TLSA, DNS_FOUND, "3 1 1 " SHA, 0},
    /* MTA-STS; the policies are on the shelf */
    {"enforce.test", DNS_MX, DNS_FOUND, "10 other.test", 0},
    {"enforce.test", DNS_MX, DNS_FOUND, "20 a.two.test", 0},
    {"other.test", DNS_A, DNS_FOUND, "192.0.2.9", 0},
    {"forbids.test", DNS_MX, DNS_FOUND, "10 other.test", 0},
    {"testing.test", DNS_MX, DNS_FOUND, "10 other.test", 0},
    {"stsbogus.test", DNS_MX, DNS_FOUND, "10 a.two.test", 0},
    {"_mta-sts.stsbogus.test", DNS_TXT, DNS_BOGUS, NULL, 0},
    {"both.signed", DNS_MX, DNS_FOUND, "10 mx.good.signed", 0},
    {NULL, DNS_A, DNS_FOUND, NULL, 0},
};

/* A shelf of one policy a domain. */
struct shelf {
	struct sts_shelf port;
	struct {
		const char *domain, *id;
		int64_t fetched_ms, expires_ms;
		const char *policy;
	} has[8];
	char kept[64]; /* the domain and id kept last */
};

static int
shelf_find(struct sts_shelf *port, const char *domain, struct sts_kept *out)
{
	struct shelf *shelf = (struct shelf *)port;

	for (int i = 0; i < 8 && shelf->has[i].domain; i++) {
		if (strcmp(shelf->has[i].domain, domain) != 0)
			continue;
		span_text(out->id, sizeof out->id, span_of(shelf->has[i].id));
		out->fetched_ms = shelf->has[i].fetched_ms;
		out->expires_ms = shelf->has[i].expires_ms;
		buf_text(out->policy, shelf->has[i].policy);
		return 1;
	}
	return 0;
}

static void
shelf_keep(
    struct sts_shelf *port, const char *domain, const struct sts_kept *kept)
{
	struct shelf *shelf = (struct shelf *)port;

	snprintf(shelf->kept, sizeof shelf->kept, "%s %s %lld", domain,
	    kept->id, (long long)(kept->expires_ms - kept->fetched_ms));
}

#define POLICY(mode, mx)                                                       \
	"version: STSv1\nmode: " mode "\nmx: " mx "\nmax_age: 86400\n"

static struct shelf
shelf_new(void)
{
	return (struct shelf){
	    .port = {shelf_find, shelf_keep},
	    .has =
		{
		    {"enforce.test", "1", 0, INT64_MAX,
			POLICY("enforce", "*.two.test")},
		    {"forbids.test", "1", 0, INT64_MAX,
			POLICY("enforce", "*.two.test")},
		    {"testing.test", "1", 0, INT64_MAX,
			POLICY("testing", "*.two.test")},
		    {"both.signed", "1", 0, INT64_MAX,
			POLICY("enforce", "*.two.test")},
		    {"two.test", "1", 0, NOW_MS - 1, /* over */
			POLICY("enforce", "nobody.test")},
		},
	};
}

static const struct {
	const char *domain;
	enum mx_kind kind;
	enum err_code why;
	const char *wanted; /* "host address policy", parted by commas */
} rows[] = {
    {"two.test", MX_HOSTS, E_NONE,
	"a.two.test 192.0.2.1 opportunistic,"
	"b.two.test 2001:db8::2 opportunistic,"
	"b.two.test 192.0.2.2 opportunistic"},
    {"implicit.test", MX_IMPLICIT, E_NONE,
	"implicit.test 192.0.2.3 opportunistic"},
    {"empty.test", MX_REFUSED, E_MX_UNUSABLE, ""},
    {"nowhere.test", MX_REFUSED, E_DNS_NONE, ""},
    {"null.test", MX_REFUSED, E_MX_NULL, ""},
    {"servfail.test", MX_LATER, E_DNS_LATER, ""},
    {"bogus.test", MX_LATER, E_DNS_BOGUS, ""},
    {"gone.test", MX_REFUSED, E_MX_UNUSABLE, ""},
    {"half.test", MX_HOSTS, E_NONE, "a.two.test 192.0.2.1 opportunistic"},
    {"later.test", MX_LATER, E_DNS_LATER, ""},
    {"us.test", MX_LATER, E_MX_LOOP, ""},
    {"good.signed", MX_HOSTS, E_NONE, "mx.good.signed 192.0.2.4 dane"},
    {"odd.signed", MX_HOSTS, E_NONE, "mx.odd.signed 192.0.2.5 dane-unusable"},
    {"none.signed", MX_HOSTS, E_NONE, "mx.none.signed 192.0.2.6 opportunistic"},
    {"fail.signed", MX_LATER, E_DNS_LATER, ""},
    {"backup.signed", MX_HOSTS, E_NONE, "mx.good.signed 192.0.2.4 dane"},
    {"alias.signed", MX_HOSTS, E_NONE, "mx.good.signed 192.0.2.4 dane"},
    {"unsigned.test", MX_HOSTS, E_NONE,
	"mx.good.signed 192.0.2.4 opportunistic"},
    {"host.signed", MX_HOSTS, E_NONE, "a.two.test 192.0.2.1 opportunistic"},
    {"imp.signed", MX_IMPLICIT, E_NONE, "imp.signed 192.0.2.8 dane"},
    {"enforce.test", MX_HOSTS, E_NONE, "a.two.test 192.0.2.1 mta-sts"},
    {"forbids.test", MX_LATER, E_STS_HOSTS, ""},
    {"testing.test", MX_HOSTS, E_NONE, "other.test 192.0.2.9 mta-sts-testing"},
    {"stsbogus.test", MX_LATER, E_DNS_BOGUS, ""},
    {"both.signed", MX_HOSTS, E_NONE, "mx.good.signed 192.0.2.4 dane"},
};

static void
describe(const struct lookup *lookup, struct buf *out)
{
	for (size_t i = 0; i < lookup->count; i++) {
		const struct lookup_target *target = &lookup->target[i];

		buf_printf(out, "%s%s %s %s", i ? "," : "", target->host,
		    target->address, target->policy);
	}
}

static void
test_table(void **state)
{
	struct fake_resolver *resolver = fake_resolver_new(table);
	struct shelf shelf = shelf_new();
	struct lookup_how how = {
	    .resolver = fake_resolver_port(resolver),
	    .shelf = &shelf.port,
	    .self = "self.test",
	    .dice = 1,
	    .now_ms = NOW_MS,
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct buf got = BUF_INIT;
		struct lookup lookup;
		struct err err = {0};

		assert_ok(
		    lookup_domain(&how, rows[i].domain, &lookup, &err), &err);
		describe(&lookup, &got);
		if (lookup.kind != rows[i].kind ||
		    lookup.why.code != rows[i].why ||
		    !span_equal(buf_span(&got), span_of(rows[i].wanted)))
			fail_msg("%s: kind %d, %s, %.*s", rows[i].domain,
			    lookup.kind, err_name(lookup.why.code),
			    SPAN_ARG(buf_span(&got)));
		lookup_done(&lookup);
		buf_done(&got);
	}
	fake_resolver_free(&resolver);
}

static void
test_levels(void **state)
{
	struct fake_resolver *resolver = fake_resolver_new(table);
	struct shelf shelf = shelf_new();
	struct lookup_how how = {
	    .resolver = fake_resolver_port(resolver),
	    .shelf = &shelf.port,
	    .self = "self.test",
	    .now_ms = NOW_MS,
	};
	struct lookup lookup;

	(void)state;
	assert_int_equal(lookup_domain(&how, "good.signed", &lookup, NULL), 0);
	assert_int_equal(lookup.target[0].tls, TLS_LEVEL_DANE);
	assert_string_equal(lookup.target[0].also, "good.signed");
	assert_int_equal(lookup.target[0].tlsa_count, 1);
	assert_int_equal(lookup.target[0].tlsa[0].usage, 3);
	assert_int_equal(
	    (unsigned char)lookup.target[0].tlsa[0].data.ptr[31], 0xff);
	lookup_done(&lookup);
	assert_int_equal(lookup_domain(&how, "odd.signed", &lookup, NULL), 0);
	assert_int_equal(lookup.target[0].tls, TLS_LEVEL_REQUIRED);
	lookup_done(&lookup);
	assert_int_equal(lookup_domain(&how, "enforce.test", &lookup, NULL), 0);
	assert_int_equal(lookup.target[0].tls, TLS_LEVEL_VERIFY);
	assert_int_equal(lookup.sts, STS_ENFORCE);
	lookup_done(&lookup);
	assert_int_equal(lookup_domain(&how, "two.test", &lookup, NULL), 0);
	assert_int_equal(lookup.target[0].tls, TLS_LEVEL_OPPORTUNISTIC);
	lookup_done(&lookup);
	fake_resolver_free(&resolver);
}

/* ---- Policies over the network ---------------------------------------------- */

static const struct practice_cert_how cert = {
    .names = "DNS:mta-sts.x.test", .from_s = -DAY, .to_s = DAY};

static const struct fake_step serves[] = {
    {FAKE_TLS, NULL, 0},
    {FAKE_HEAR, "GET ", 0},
    {FAKE_RAW, "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n", 0},
    {FAKE_RAW, POLICY("enforce", "new.x.test"), 0},
    {FAKE_END, NULL, 0},
};
static const struct fake_step breaks[] = {
    {FAKE_TLS, NULL, 0},
    {FAKE_DROP, NULL, 0},
};

static const struct fake_record announces[] = {
    {"_mta-sts.x.test", DNS_TXT, DNS_FOUND, "v=STSv1; id=2;", 0},
    {"mta-sts.x.test", DNS_A, DNS_FOUND, "192.0.2.1", 0},
    {NULL, DNS_A, DNS_FOUND, NULL, 0},
};
static const struct fake_record silent[] = {
    {"x.test", DNS_A, DNS_FOUND, "192.0.2.1", 0},
    {NULL, DNS_A, DNS_FOUND, NULL, 0},
};
static const struct fake_record forged[] = {
    {"_mta-sts.x.test", DNS_TXT, DNS_BOGUS, NULL, 0},
    {NULL, DNS_A, DNS_FOUND, NULL, 0},
};

#define OLD POLICY("enforce", "old.x.test")

static const struct {
	const char *name;
	const struct fake_record *dns;
	const struct fake_step *web;
	const char *id; /* of the policy on the shelf; NULL: none there */
	int64_t fetched_ms, expires_ms;
	const char *mx; /* allowed; NULL: nothing is demanded */
	enum err_code why;
	size_t connections;
	const char *kept;
} policies[] = {
    {"first time", announces, serves, NULL, 0, 0, "new.x.test", E_NONE, 1,
	"x.test 2 86400000"},
    {"known", announces, serves, "2", NOW_MS - 1, NOW_MS + 100, "old.x.test",
	E_NONE, 0, ""},
    {"another id", announces, serves, "1", NOW_MS - 1, NOW_MS + 100,
	"new.x.test", E_NONE, 1, "x.test 2 86400000"},
    {"half of its time is over", announces, serves, "2", NOW_MS - 100,
	NOW_MS + 100, "new.x.test", E_NONE, 1, "x.test 2 86400000"},
    {"over", announces, serves, "2", NOW_MS - 100, NOW_MS - 1, "new.x.test",
	E_NONE, 1, "x.test 2 86400000"},
    {"no announcement any more", silent, serves, "2", NOW_MS - 1, NOW_MS + 100,
	"old.x.test", E_NONE, 0, ""},
    {"forged announcement, known", forged, serves, "2", NOW_MS - 1,
	NOW_MS + 100, "old.x.test", E_NONE, 0, ""},
    {"forged announcement, unknown", forged, serves, NULL, 0, 0, NULL,
	E_DNS_BOGUS, 0, ""},
    {"cannot be fetched, known", announces, breaks, "1", NOW_MS - 1,
	NOW_MS + 100, "old.x.test", E_NONE, 1, ""},
    {"cannot be fetched, unknown", announces, breaks, NULL, 0, 0, NULL,
	E_STS_FETCH, 1, ""},
    {"nothing at all", silent, serves, NULL, 0, 0, NULL, E_NONE, 0, ""},
};

static void
check_policy(size_t i)
{
	const struct fake_step *scripts[] = {policies[i].web};
	struct fake_plan plan = {scripts, 1, &cert};
	struct fake_relay *server = fake_relay_start(&plan);
	struct fake_resolver *resolver = fake_resolver_new(policies[i].dns);
	struct shelf shelf = {.port = {shelf_find, shelf_keep},
	    .has = {{policies[i].id ? "x.test" : NULL, policies[i].id,
		policies[i].fetched_ms, policies[i].expires_ms, OLD}}};
	struct fake_wires wires;
	struct lookup_how how = {.resolver = fake_resolver_port(resolver),
	    .dialler = &wires.base,
	    .shelf = &shelf.port,
	    .now_ms = NOW_MS};
	struct buf text = BUF_INIT;
	struct sts_policy policy;
	struct err why = {0}, err = {0};

	fake_wires_init(&wires);
	fake_wires_add(&wires, "192.0.2.1", 443, fake_relay_port(server));
	assert_ok(
	    tls_context_new(fake_relay_ca_file(server), &how.tls, &err), &err);
	assert_ok(lookup_sts(&how, "x.test", &text, &policy, &why, &err), &err);
	if (why.code != policies[i].why ||
	    fake_relay_connections(server) != policies[i].connections ||
	    strcmp(shelf.kept, policies[i].kept) != 0 ||
	    (policies[i].mx ? policy.mode != STS_ENFORCE ||
				  !sts_allows(&policy, policies[i].mx)
			    : policy.mode != STS_NONE))
		fail_msg("%s: %s, %s, %zu connections, kept %s",
		    policies[i].name, err_name(why.code),
		    sts_mode_name(policy.mode), fake_relay_connections(server),
		    shelf.kept);
	buf_done(&text);
	tls_context_free(&how.tls);
	fake_resolver_free(&resolver);
	fake_relay_stop(&server);
}

static void
test_policies(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof policies / sizeof *policies; i++)
		check_policy(i);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_table),
	    cmocka_unit_test(test_levels),
	    cmocka_unit_test(test_policies),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
