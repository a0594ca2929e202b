/* The checks that ask DNS, on a stage whose DNS is a table: each line passes,
 * fails, and is not evaluated when nobody answers. */
#include <stdlib.h>

#include "core/mail/dkim.h"
#include "core/review/jobs.h"
#include "tests/fake/relay.h"
#include "tests/fake/resolver.h"
#include "tests/fake/stage.h"
#include "tests/fake/wires.h"
#include "tests/unit/unit.h"

enum { RECORDS_MAX = 80 };

static struct {
	struct stage stage;
	struct fake_resolver *fake;
	struct fake_record record[RECORDS_MAX];
	int records;
	struct review *review;
	struct buf key_name, key;
} it;

/* ---- The stage -------------------------------------------------------------------- */

static void
zone(const char *name, enum dns_type type, const char *data)
{
	assert_in_range(it.records, 0, RECORDS_MAX - 2);
	it.record[it.records++] =
	    (struct fake_record){.name = name, .type = type, .data = data};
	it.record[it.records].name = NULL;
}

static void
zone_fails(const char *name, enum dns_type type)
{
	zone(name, type, NULL);
	it.record[it.records - 1].status = DNS_SERVFAIL;
}

/* Takes a name out of the table; with type 0 all of its records. */
static void
unzone(const char *name, int type)
{
	for (int i = 0; i < it.records; i++) {
		if (!strcmp(it.record[i].name, name) &&
		    (!type || (int)it.record[i].type == type))
			it.record[i].name = "taken.away.test";
	}
}

static void
set(const char *name, const char *value)
{
	struct err err = {0};

	assert_ok(
	    setting_write(it.stage.store, name, span_of(value), &err), &err);
}

/* The stage's own sender, with everything right. */
static void
publish(void)
{
	struct dkim_info *keys = NULL;
	struct err err = {0};
	struct db *db = NULL;
	size_t count;

	assert_ok(store_reader_open(it.stage.store, &db, &err), &err);
	assert_ok(dkim_all(db, &keys, &count, &err), &err);
	assert_int_equal(count, 1);
	assert_ok(
	    dkim_dns_record(db, keys[0].id, &it.key_name, &it.key, &err), &err);
	free(keys);
	store_reader_close(&db);
	zone(it.key_name.ptr, DNS_TXT, it.key.ptr);
	zone("example.jp", DNS_TXT, "v=spf1 ip4:192.0.2.25 -all");
	zone("example.jp", DNS_MX, "10 mail.example.jp");
	zone("mail.example.jp", DNS_A, "192.0.2.25");
	zone("25.2.0.192.in-addr.arpa", DNS_PTR, "mail.example.jp");
	zone("_dmarc.example.jp", DNS_TXT,
	    "v=DMARC1; p=reject; rua=mailto:dmarc@example.jp");
	set("egress.addresses", "192.0.2.25");
	set("ehlo.name", "mail.example.jp");
}

static void
open_with(const char *body)
{
	it.records = 0;
	it.key_name = it.key = BUF_INIT;
	it.fake = fake_resolver_new(it.record);
	stage_open(&it.stage, &(struct stage_params){
				  .recipients = 20,
				  .class = CLASS_AD,
				  .body = body,
				  .clock = STAGE_CLOCK_FAKE,
			      });
	it.stage.world.resolver = fake_resolver_port(it.fake);
	publish();
}

static int
begin(void **state)
{
	(void)state;
	open_with(NULL);
	return 0;
}

static int
finish(void **state)
{
	(void)state;
	review_free(&it.review);
	stage_close(&it.stage);
	fake_resolver_free(&it.fake);
	buf_done(&it.key_name);
	buf_done(&it.key);
	return 0;
}

static void
run(void)
{
	struct err err = {0};

	review_free(&it.review);
	assert_ok(review_open(it.stage.store, &it.stage.world,
		      it.stage.campaign, &it.review, &err),
	    &err);
	assert_ok(checklist_run(it.review, &err), &err);
}

static const char *
state_name(enum check_state state)
{
	return state == CHECK_PASS            ? "pass"
	       : state == CHECK_FAIL          ? "fail"
	       : state == CHECK_NOT_EVALUATED ? "?"
					      : "other";
}

static const struct check_result *
result_of(const char *id)
{
	size_t count;

	return &review_results(it.review, &count)[check_of(id)];
}

/* "DN-01 pass, DN-03 fail dkim.missing" */
static void
must(const char *wanted)
{
	struct span rest = span_of(wanted);

	while (rest.len) {
		struct span line = span_trim(span_cut(&rest, ','));
		char id[16];
		const struct check_result *result;
		struct buf got = BUF_INIT;

		span_text(id, sizeof id, span_cut(&line, ' '));
		result = result_of(id);
		buf_text(&got, state_name(result->state));
		if (span_index(line, ' ') < line.len)
			buf_printf(&got, " %s", err_find(&result->why, "what"));
		if (!span_equal(buf_span(&got), line))
			fail_msg("%s: %s, not %.*s (%s %s; %s)", id, got.ptr,
			    SPAN_ARG(line), err_find(&result->why, "what"),
			    err_find(&result->why, "value"), result->facts);
		buf_done(&got);
	}
}

/* ---- Authentication ------------------------------------------------------------------ */

#define ALL_DN                                                                 \
	"DN-01 pass, DN-02 pass, DN-02W pass, DN-03 pass, DN-03W pass,"        \
	"DN-04 pass, DN-05 pass, DN-05W pass, DN-06 pass, DN-06W pass,"        \
	"DN-07 pass, DN-08 pass, DN-08W pass, DN-09 pass, DN-10 pass,"         \
	"HD-04 pass"

static void
test_all_right(void **state)
{
	(void)state;
	zone("example.jp", DNS_A, "192.0.2.1");
	run();
	must(ALL_DN);
	must("LC-06 pass, LK-04 ? list.unset, LK-04W pass");
	/* no list is set up: nobody knows */
	must("RP-01 ? list.unset, RP-02 ? list.unset");
}

static void
test_nobody_answers(void **state)
{
	static const char *const lines[] = {"DN-01", "DN-02W", "DN-03",
	    "DN-03W", "DN-04", "DN-05", "DN-05W", "DN-06", "DN-06W", "DN-07",
	    "DN-08", "DN-10", "HD-04", "LC-06", "RP-01", "RP-02", "TS-04"};

	(void)state;
	it.stage.world.resolver = NULL;
	run();
	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
		const struct check_result *result = result_of(lines[i]);

		if (result->state != CHECK_NOT_EVALUATED)
			fail_msg(
			    "%s is %s", lines[i], state_name(result->state));
		assert_true(*err_find(&result->why, "what"));
	}
}

static void
test_spf(void **state)
{
	(void)state;
	it.record[1].data = "v=spf1 -all";
	run();
	must("DN-01 fail spf.denied, DN-02W fail spf.denied, DN-02 pass");
	it.record[1].data = "v=spf1 +all";
	run();
	must("DN-01 fail spf.plus_all");
	unzone("example.jp", DNS_TXT);
	zone_fails("example.jp", DNS_TXT);
	run();
	must("DN-01 ? dns.later, DN-02W ? dns.later");
	set("egress.addresses", "");
	unzone("example.jp", DNS_TXT);
	zone("example.jp", DNS_TXT, "v=spf1 ip4:192.0.2.25 -all");
	stage_sql(
	    &it.stage, "UPDATE relay SET host = 'smtp.relay.test', port = 587");
	run();
	must("DN-01 ? egress.unknown, DN-08W ? egress.unknown, DN-08 pass");
}

/* docomo looks at the From domain: then it blocks, until somebody overrides. */
static void
test_docomo(void **state)
{
	(void)state;
	it.record[1].data = "v=spf1 -all";
	stage_sql(&it.stage, "UPDATE contact SET address = 'user@docomo.ne.jp',"
			     " canon = 'user@docomo.ne.jp' WHERE id = 1");
	run();
	must("DN-02 fail spf.denied, DN-02W pass");
	assert_int_equal(result_of("DN-02")->check->severity, CHECK_OVERRIDE);
	assert_true(check_wants_override(result_of("DN-02")));
}

static void
test_return_path(void **state)
{
	(void)state;
	set("message.bounce_domain", "bounce.example.jp");
	run();
	must("DN-01 fail spf.nxdomain, DN-02W pass, HD-04 fail mail.nxdomain");
	zone("bounce.example.jp", DNS_TXT, "v=spf1 ip4:192.0.2.25 -all");
	zone("bounce.example.jp", DNS_MX, "10 mail.example.jp");
	run();
	must("DN-01 pass, DN-05W pass, HD-04 pass");
	set("message.bounce_domain", "bounce.other.test");
	zone("bounce.other.test", DNS_TXT, "v=spf1 ip4:192.0.2.25 -all");
	run();
	must("DN-01 pass, DN-05 pass, DN-05W fail align.no_spf");
}

static void
test_dkim(void **state)
{
	(void)state;
	unzone(it.key_name.ptr, 0);
	run();
	must("DN-03 fail dkim.missing, DN-03W ?, DN-04 fail dkim.missing");
	zone_fails(it.key_name.ptr, DNS_TXT);
	run();
	must("DN-03 ? dns.later, DN-04 ? dns.later, DN-03W ?");
	unzone(it.key_name.ptr, 0);
	zone(it.key_name.ptr, DNS_TXT, "v=DKIM1; p=");
	run();
	must("DN-03 fail dkim.revoked, DN-04 fail");
	stage_sql(&it.stage, "UPDATE dkim_key SET created_ms = 1");
	run();
	must("DN-09 fail key.old");
}

/* 1,024 bits. */
#define SHORT_KEY                                                              \
	"MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQC9MRbvxxxc6LsUQm"               \
	"b+b4+ZTwtwfUgSh8W4He8Hkzcf3bCL/5IKhoKq0t89UgYK8i1gnY9E"               \
	"tE8Q+F22DRcRCe/Ec7Vng3MO//3oT3DGAGLxcXwNtTJIWkD0UT0a1I"               \
	"wwkcJa1Rbh/EbTo+oJ8k0zm8DPkVJwsPezI6dz+Esvd7TiIwIDAQAB"

/* That one key is short is a warning; that the other one could not be asked is
 * not hidden by it. */
static void
test_short_beside_unknown(void **state)
{
	(void)state;
	stage_sql(&it.stage,
	    "INSERT INTO dkim_key(domain, selector, private, public,"
	    " created_ms, active) SELECT domain, 'short', private,"
	    " '" SHORT_KEY "', created_ms, 1 FROM dkim_key");
	zone("short._domainkey.example.jp", DNS_TXT,
	    "v=DKIM1; k=rsa; p=" SHORT_KEY);
	run();
	must("DN-03 pass, DN-03W fail dkim.short");
	unzone(it.key_name.ptr, 0);
	zone_fails(it.key_name.ptr, DNS_TXT);
	run();
	must("DN-03 ? dns.later, DN-03W fail dkim.short");
}

/* The right key in DNS, but the wrong one signs. */
static void
test_signed_sample(void **state)
{
	struct secret *other = NULL;
	struct buf public = BUF_INIT, record = BUF_INIT;
	struct err err = {0};

	(void)state;
	assert_ok(dkim_key_make(2048, &other, &public, &err), &err);
	dkim_record(buf_span(&public), &record);
	unzone(it.key_name.ptr, 0);
	zone(it.key_name.ptr, DNS_TXT, record.ptr);
	run();
	must("DN-03 fail dkim.differs, DN-04 fail");
	assert_int_equal(result_of("DN-04")->why.code, E_DKIM_VERIFY);
	secret_free(&other);
	buf_done(&public);
	buf_done(&record);
}

static void
test_no_key(void **state)
{
	(void)state;
	stage_sql(&it.stage, "UPDATE dkim_key SET active = 0");
	stage_sql(&it.stage, "UPDATE campaign SET class = 1");
	run();
	must("DN-03 ? dkim.no_key, DN-04 ? dkim.no_key,"
	     "DN-05 ? align.no_dkim, DN-05W pass, DN-09 ?");
}

static void
test_dmarc(void **state)
{
	(void)state;
	it.record[5].data = "v=DMARC1; p=none; rua=mailto:d@example.jp";
	run();
	must("DN-06 pass, DN-06W fail dmarc.none, DN-07 pass");
	it.record[5].data = "v=DMARC1; p=reject";
	run();
	must("DN-06 pass, DN-06W fail dmarc.no_rua");
	it.record[5].data = "v=DMARC1; p=reject; rua=mailto:a@other.test";
	run();
	must("DN-06 pass, DN-06W pass, DN-07 fail rua.missing");
	zone("_dmarc.example.jp", DNS_TXT, "v=DMARC1; p=none");
	run();
	must("DN-06 fail dmarc.several, DN-06W ?");
	unzone("_dmarc.example.jp", 0);
	run();
	must("DN-06 pass, DN-06W fail dmarc.missing, DN-07 pass");
	zone_fails("_dmarc.example.jp", DNS_TXT);
	run();
	must("DN-06 ? dns.later, DN-06W ? dns.later, DN-07 ?");
}

/* More than 5,000 for Gmail: a missing record blocks. */
static void
test_dmarc_bulk(void **state)
{
	(void)state;
	unzone("_dmarc.example.jp", 0);
	stage_sql(&it.stage,
	    "WITH RECURSIVE n(i) AS (SELECT 1000 UNION ALL SELECT i + 1 FROM n"
	    " WHERE i < 6001) INSERT INTO contact(id, address, canon, name,"
	    " fields, created_ms, changed_ms) SELECT i, i || '@gmail.com',"
	    " i || '@gmail.com', '名', '{\"会員番号\":\"x\"}', 1, 1 FROM n");
	stage_sql(&it.stage,
	    "INSERT INTO member(list, contact, basis, basis_at_ms, basis_note)"
	    " SELECT (SELECT min(id) FROM list), id, 1, 1, 'web' FROM contact"
	    " WHERE id >= 1000");
	run();
	must("DN-06 fail dmarc.missing, DN-06W fail dmarc.missing");
}

static void
test_hosts(void **state)
{
	(void)state;
	unzone("25.2.0.192.in-addr.arpa", 0);
	run();
	/* the stage's relay is on this machine: what it says is ours */
	must("DN-08 fail ptr.missing, DN-08W pass");
	stage_sql(&it.stage, "UPDATE relay SET host = 'smtp.relay.test'");
	run();
	must("DN-08 pass, DN-08W fail ptr.missing");
	zone_fails("25.2.0.192.in-addr.arpa", DNS_PTR);
	run();
	must("DN-08 pass, DN-08W ? dns.later");
}

static void
test_sender_domains(void **state)
{
	(void)state;
	unzone("example.jp", DNS_MX);
	zone("example.jp", DNS_MX, "0 .");
	run();
	must("HD-04 fail mail.null_mx");
	unzone("example.jp", DNS_MX);
	zone_fails("example.jp", DNS_MX);
	run();
	must("HD-04 ? dns.later");
}

static void
test_extras(void **state)
{
	(void)state;
	zone("_smtp._tls.example.jp", DNS_TXT, "v=TLSRPTv1; rua=nowhere");
	run();
	must("DN-10 fail tlsrpt.broken");
	/* never in the way */
	assert_true(result_of("DN-10")->cleared);
}

/* ---- Block lists ------------------------------------------------------------------------ */

static void
test_lists(void **state)
{
	(void)state;
	set("blocklist.addresses", "bl.test");
	set("blocklist.names", "dbl.test");
	zone("2.0.0.127.bl.test", DNS_A, "127.0.0.2");
	zone("test.dbl.test", DNS_A, "127.0.1.2");
	run();
	must("RP-01 pass, RP-02 pass");
	zone("25.2.0.192.bl.test", DNS_A, "127.0.0.2");
	zone("example.jp.dbl.test", DNS_A, "127.0.1.2");
	run();
	must("RP-01 fail list.listed, RP-02 fail list.listed");
	unzone("25.2.0.192.bl.test", 0);
	zone("25.2.0.192.bl.test", DNS_A, "127.255.255.254");
	run();
	must("RP-01 ? list.refused");
	/* a dead list is not asked; alone it leaves nothing */
	zone("1.0.0.127.bl.test", DNS_A, "127.0.0.2");
	run();
	must("RP-01 ? list.unasked");
	set("blocklist.addresses", "bl.test\nlive.test");
	zone("2.0.0.127.live.test", DNS_A, "127.0.0.2");
	run();
	must("RP-01 pass");
}

static void
test_links(void **state)
{
	(void)state;
	finish(NULL);
	open_with("Hello {{name|friend}}, see https://shop.example.jp/a and "
		  "<https://bit.ly/3xyz>. {{#会員番号}}[more]"
		  "(https://www.Other.test:8443/x?y){{/会員番号}}");
	run();
	must("LK-04 ? list.unset, LK-04W fail shortener");
	assert_string_equal(
	    err_find(&result_of("LK-04W")->why, "value"), "bit.ly");
	set("blocklist.names", "dbl.test");
	zone("test.dbl.test", DNS_A, "127.0.1.2");
	run();
	must("LK-04 pass");
	zone("other.test.dbl.test", DNS_A, "127.0.1.5");
	run();
	must("LK-04 fail list.listed");
	/* the sender's own domains are another line's */
	must("RP-02 pass");
}

/* ---- Recipients ----------------------------------------------------------------------------- */

static void
test_domains(void **state)
{
	(void)state;
	/* 1 of 20 is 5 % */
	stage_sql(&it.stage,
	    "UPDATE contact SET address = 'a@gone.test', canon = 'a@gone.test'"
	    " WHERE id = 1");
	run();
	must("LC-06 fail no_mail");
	assert_string_equal(
	    err_find(&result_of("LC-06")->why, "value"), "gone.test");
	assert_int_equal(result_of("LC-06")->count, 1);
	zone_fails("gone.test", DNS_MX);
	stage_sql(&it.stage, "DELETE FROM census");
	run();
	must("LC-06 ? no_answer");
	unzone("gone.test", 0);
	zone("gone.test", DNS_AAAA, "2001:db8::1");
	run();
	must("LC-06 pass");
}

/* Two of a hundred and one are below the limit: counted and named. */
static void
test_few_domains(void **state)
{
	(void)state;
	finish(NULL);
	it.records = 0;
	it.key_name = it.key = BUF_INIT;
	it.fake = fake_resolver_new(it.record);
	stage_open(&it.stage, &(struct stage_params){.recipients = 101,
				  .class = CLASS_AD,
				  .clock = STAGE_CLOCK_FAKE});
	it.stage.world.resolver = fake_resolver_port(it.fake);
	publish();
	stage_sql(&it.stage, "UPDATE contact SET address = id || '@null.test',"
			     " canon = id || '@null.test' WHERE id <= 2");
	zone("null.test", DNS_MX, "0 .");
	run();
	must("LC-06 pass");
	assert_non_null(strstr(result_of("LC-06")->facts, "without=2"));
	assert_non_null(strstr(result_of("LC-06")->facts, "null_mx=2"));
	assert_non_null(
	    strstr(result_of("LC-06")->facts, "examples=null.test"));
}

#define POLICY(mode, mx)                                                       \
	"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"                      \
	"Connection: close\r\n\r\nversion: STSv1\r\nmode: " mode "\r\nmx: " mx \
	"\r\nmax_age: 86400\r\n"
#define SERVES(text)                                                           \
	{FAKE_TLS, NULL, 0}, {FAKE_HEAR, "GET ", 0}, {FAKE_RAW, text, 0},      \
	    {FAKE_END, NULL, 0}

static const struct fake_step enforces[] = {
    SERVES(POLICY("enforce", "mx.people.test"))};
static const struct fake_step tries[] = {
    SERVES(POLICY("testing", "mx.people.test"))};
static const struct fake_step forbids[] = {
    SERVES(POLICY("enforce", "mx.other.test"))};

/* An announcement is no protection: the policy behind it is. */
static const struct {
	const struct fake_step *policy;
	const char *line, *facts;
} onward[] = {
    {enforces, "TS-04 pass", "domains=1 dane=0 sts=1"},
    {tries, "TS-04 pass", "domains=1 dane=0 sts=0"},
    {forbids, "TS-04 fail hop_stuck", "domains=1 dane=0 sts=1"},
};

static void
test_onward(void **state)
{
	static const struct practice_cert_how cert = {
	    "DNS:mta-sts.people.test", -60, 3600, 0};

	(void)state;
	run();
	must("TS-04 ? hop_unknown");
	assert_string_equal(
	    result_of("TS-04")->facts, "hop1=verify hop2=unknown");
	stage_sql(&it.stage, "UPDATE relay SET kind = 1");
	stage_sql(&it.stage,
	    "UPDATE contact SET address = id || '@people.test',"
	    " canon = id || '@people.test'");
	zone("people.test", DNS_MX, "10 mx.people.test");
	zone("mx.people.test", DNS_A, "192.0.2.81");
	run();
	must("TS-04 pass");
	assert_string_equal(
	    result_of("TS-04")->facts, "domains=1 dane=0 sts=0");
	zone("_mta-sts.people.test", DNS_TXT, "v=STSv1; id=1");
	zone("mta-sts.people.test", DNS_A, "192.0.2.80");
	for (size_t i = 0; i < sizeof onward / sizeof *onward; i++) {
		const struct fake_step *scripts[] = {onward[i].policy};
		struct fake_plan plan = {scripts, 1, &cert};
		struct fake_relay *web = fake_relay_start(&plan);
		struct fake_wires wires;

		setenv("SSL_CERT_FILE", fake_relay_ca_file(web), 1);
		fake_wires_init(&wires);
		fake_wires_add(&wires, "192.0.2.80", 443, fake_relay_port(web));
		it.stage.world.dialler = &wires.base;
		run();
		must(onward[i].line);
		assert_string_equal(result_of("TS-04")->facts, onward[i].facts);
		fake_relay_stop(&web);
	}
	unsetenv("SSL_CERT_FILE");
}

/* At launch what is too old is asked again; worse is not let through. */
static void
test_worse_at_launch(void **state)
{
	struct clearance *clearance = NULL;
	struct err err = {0};

	(void)state;
	/* where people leave: LG-05 asks for it */
	zone("bounce.example.jp", DNS_MX, "10 mail.example.jp");
	stage_seal(&it.stage);
	unzone(it.key_name.ptr, 0);
	assert_ok(clearance_grant(it.stage.store, &it.stage.world,
		      it.stage.campaign, &clearance, &err),
	    &err);
	clearance_free(&clearance);
	fake_clock_move(&it.stage.clock, 3601000);
	assert_int_equal(clearance_grant(it.stage.store, &it.stage.world,
			     it.stage.campaign, &clearance, &err),
	    -1);
	assert_int_equal(err.code, E_REVIEW_STALE);
	zone(it.key_name.ptr, DNS_TXT, it.key.ptr);
	assert_ok(clearance_grant(it.stage.store, &it.stage.world,
		      it.stage.campaign, &clearance, &err),
	    &err);
	clearance_free(&clearance);
}

int
main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, begin, finish)
	const struct CMUnitTest tests[] = {
	    T(test_all_right),
	    T(test_nobody_answers),
	    T(test_spf),
	    T(test_docomo),
	    T(test_return_path),
	    T(test_dkim),
	    T(test_short_beside_unknown),
	    T(test_signed_sample),
	    T(test_no_key),
	    T(test_dmarc),
	    T(test_dmarc_bulk),
	    T(test_hosts),
	    T(test_sender_domains),
	    T(test_extras),
	    T(test_lists),
	    T(test_links),
	    T(test_domains),
	    T(test_few_domains),
	    T(test_onward),
	    T(test_worse_at_launch),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
