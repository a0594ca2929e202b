/* MTA-STS: policies, announcements, the web server's answers, fetching. */
#include "core/net/sts.h"

#include <stdatomic.h>

#include "core/base/buf.h"
#include "core/net/tls.h"
#include "tests/fake/relay.h"
#include "tests/fake/resolver.h"
#include "tests/fake/wires.h"
#include "tests/unit/unit.h"

#define HEAD "version: STSv1\n"

/* ---- Policies --------------------------------------------------------------- */

static const struct {
	const char *name, *text;
	const char *why; /* NULL: it is valid */
	enum sts_mode mode;
	int64_t age_s;
	size_t mx;
} policies[] = {
    {"enforce",
	HEAD "mode: enforce\nmx: a.test\nmx: *.b.test\nmax_age: 604800\n", NULL,
	STS_ENFORCE, 604800, 2},
    {"CRLF, no blank, no last line end",
	"version:STSv1\r\nmode:testing\r\nmx:a.test\r\nmax_age:1", NULL,
	STS_TESTING, 1, 1},
    {"none needs no hosts", HEAD "mode: none\nmax_age: 0\n", NULL, STS_NONE, 0,
	0},
    {"unknown fields", HEAD "x: y\nmode: none\nmax_age: 5\nz:\n", NULL,
	STS_NONE, 5, 0},
    {"the first one counts",
	HEAD "mode: enforce\nmode: none\nmx: a.test\nmax_age: 5\nmax_age: 6\n",
	NULL, STS_ENFORCE, 5, 1},
    {"age is capped", HEAD "mode: none\nmax_age: 4000000000\n", NULL, STS_NONE,
	STS_AGE_MAX_S, 0},
    {"empty", "", "version", 0, 0, 0},
    {"no version", "mode: none\nmax_age: 5\n", "version", 0, 0, 0},
    {"version behind", "mode: none\n" HEAD "max_age: 5\n", "version", 0, 0, 0},
    {"another version", "version: STSv2\nmode: none\nmax_age: 5\n", "version",
	0, 0, 0},
    {"no mode", HEAD "mx: a.test\nmax_age: 5\n", "mode", 0, 0, 0},
    {"unknown mode", HEAD "mode: strict\nmx: a.test\nmax_age: 5\n", "mode", 0,
	0, 0},
    {"no age", HEAD "mode: none\n", "max_age", 0, 0, 0},
    {"negative age", HEAD "mode: none\nmax_age: -1\n", "max_age", 0, 0, 0},
    {"endless age", HEAD "mode: none\nmax_age: 40000000000\n", "max_age", 0, 0,
	0},
    {"no hosts", HEAD "mode: enforce\nmax_age: 5\n", "mx", 0, 0, 0},
    {"no hosts, testing", HEAD "mode: testing\nmax_age: 5\n", "mx", 0, 0, 0},
    {"a line without colon", HEAD "mode: none\nmax_age: 5\nhello\n", "line", 0,
	0, 0},
    {"HTML", "<!DOCTYPE html>\n<html>", "line", 0, 0, 0},
};

static void
test_policies(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof policies / sizeof *policies; i++) {
		struct sts_policy policy;
		struct err err = {0};
		int rc =
		    sts_policy_read(span_of(policies[i].text), &policy, &err);
		const char *why = policies[i].why;

		if ((rc < 0) != (why != NULL) ||
		    (why && strcmp(why, err_find(&err, "why")) != 0) ||
		    (!why && (policy.mode != policies[i].mode ||
				 policy.max_age_s != policies[i].age_s ||
				 policy.count != policies[i].mx)))
			fail_msg("%s: %d, %s, %s, %lld, %zu", policies[i].name,
			    rc, err_find(&err, "why"),
			    sts_mode_name(policy.mode),
			    (long long)policy.max_age_s, policy.count);
	}
}

static void
test_too_many_hosts(void **state)
{
	struct buf text = BUF_INIT;
	struct sts_policy policy;
	struct err err = {0};

	(void)state;
	buf_text(&text, HEAD "mode: enforce\nmax_age: 5\n");
	for (int i = 0; i <= STS_MX_MAX; i++)
		buf_printf(&text, "mx: h%d.test\n", i);
	assert_int_equal(sts_policy_read(buf_span(&text), &policy, &err), -1);
	assert_string_equal(err_find(&err, "why"), "mx");
	buf_done(&text);
}

static const struct {
	const char *host;
	int allowed;
} hosts[] = {
    {"mx.a.test", 1},
    {"MX.A.Test", 1},
    {"other.a.test", 0},
    {"one.b.test", 1},
    {"two.one.b.test", 0}, /* "*" is one label */
    {"b.test", 0},
    {"xb.test", 0},
    {"*.b.test", 0},
    {"", 0},
    {"mx.a.test.", 0},
};

static void
test_hosts(void **state)
{
	struct sts_policy policy;
	struct err err = {0};

	(void)state;
	assert_ok(sts_policy_read(SPAN(HEAD "mode: enforce\nmax_age: 5\n"
					    "mx: mx.a.test\nmx: *.b.test\n"
					    "mx: *\nmx:\nmx: *.*.c.test\n"),
		      &policy, &err),
	    &err);
	for (size_t i = 0; i < sizeof hosts / sizeof *hosts; i++) {
		if (sts_allows(&policy, hosts[i].host) != hosts[i].allowed)
			fail_msg("%s", hosts[i].host);
	}
}

/* ---- Announcements ---------------------------------------------------------- */

static const struct {
	const char *name, *one, *two; /* two: another record, or NULL */
	const char *id;               /* NULL: none announced */
} announcements[] = {
    {"plain", "v=STSv1; id=20160831085700Z;", NULL, "20160831085700Z"},
    {"no blank, no end", "v=STSv1;id=1", NULL, "1"},
    {"more fields", "v=STSv1; x=y; id=a1; z=1", NULL, "a1"},
    {"beside another text", "google-site-verification=x", "v=STSv1; id=2;",
	"2"},
    {"two of them", "v=STSv1; id=1;", "v=STSv1; id=2;", NULL},
    {"another version", "v=STSv10; id=1;", NULL, NULL},
    {"version not first", "id=1; v=STSv1;", NULL, NULL},
    {"no id", "v=STSv1;", NULL, NULL},
    {"empty id", "v=STSv1; id=;", NULL, NULL},
    {"odd id", "v=STSv1; id=a-b;", NULL, NULL},
    {"long id", "v=STSv1; id=012345678901234567890123456789012;", NULL, NULL},
};

static void
test_announcements(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof announcements / sizeof *announcements;
	    i++) {
		struct fake_record table[] = {
		    {"_mta-sts.x.test", DNS_TXT, DNS_FOUND,
			announcements[i].one, 0},
		    {announcements[i].two ? "_mta-sts.x.test" : NULL, DNS_TXT,
			DNS_FOUND, announcements[i].two, 0},
		    {NULL, DNS_A, DNS_FOUND, NULL, 0},
		};
		struct fake_resolver *fake = fake_resolver_new(table);
		struct resolver *port = fake_resolver_port(fake);
		struct dns_answer answer;
		struct buf id = BUF_INIT;
		bool got;

		assert_int_equal(port->ask(port,
				     &(struct dns_question){
					 "_mta-sts.x.test", DNS_TXT, NULL},
				     &answer, NULL),
		    0);
		got = sts_announced(&answer, &id);
		if (got != (announcements[i].id != NULL) ||
		    (got && !span_equal(
				buf_span(&id), span_of(announcements[i].id))))
			fail_msg("%s: %.*s", announcements[i].name,
			    SPAN_ARG(buf_span(&id)));
		buf_done(&id);
		dns_answer_done(&answer);
		fake_resolver_free(&fake);
	}
}

/* ---- HTTP ------------------------------------------------------------------- */

#define OK   "HTTP/1.1 200 OK\r\n"
#define TYPE "Content-Type: text/plain\r\n"

static const struct {
	const char *name, *text;
	enum sts_http_got open, closed;
	const char *body, *why;
} responses[] = {
    {"length", OK TYPE "Content-Length: 3\r\n\r\nabc", STS_HTTP_DONE,
	STS_HTTP_DONE, "abc", ""},
    {"more than its length", OK TYPE "Content-Length: 3\r\n\r\nabcdef",
	STS_HTTP_DONE, STS_HTTP_DONE, "abc", ""},
    {"until the end", OK TYPE "\r\nabc", STS_HTTP_MORE, STS_HTTP_DONE, "abc",
	""},
    {"chunks",
	OK TYPE "Transfer-Encoding: chunked\r\n\r\n"
		"2;x=y\r\nab\r\nA\r\n0123456789\r\n0\r\nT: x\r\n\r\n",
	STS_HTTP_DONE, STS_HTTP_DONE, "ab0123456789", ""},
    {"charset",
	"HTTP/1.0 200\ncontent-type: TEXT/Plain; charset=utf-8\n"
	"content-length: 1\n\nx",
	STS_HTTP_DONE, STS_HTTP_DONE, "x", ""},
    {"nothing yet", "", STS_HTTP_MORE, STS_HTTP_BAD, "", "syntax"},
    {"cut head", OK TYPE, STS_HTTP_MORE, STS_HTTP_BAD, "", "syntax"},
    {"cut body", OK TYPE "Content-Length: 3\r\n\r\nab", STS_HTTP_MORE,
	STS_HTTP_BAD, "", "syntax"},
    {"cut chunk", OK TYPE "Transfer-Encoding: chunked\r\n\r\n5\r\nab",
	STS_HTTP_MORE, STS_HTTP_BAD, "", "syntax"},
    {"cut trailer", OK TYPE "Transfer-Encoding: chunked\r\n\r\n0\r\n",
	STS_HTTP_MORE, STS_HTTP_BAD, "", "syntax"},
    {"redirect", "HTTP/1.1 301 Moved\r\nLocation: https://x/\r\n\r\n",
	STS_HTTP_BAD, STS_HTTP_BAD, "", "status"},
    {"not found", "HTTP/1.1 404 Not Found\r\n\r\n", STS_HTTP_BAD, STS_HTTP_BAD,
	"", "status"},
    {"partial", "HTTP/1.1 206 Partial\r\n\r\n", STS_HTTP_BAD, STS_HTTP_BAD, "",
	"status"},
    {"another protocol", "220 ftp.example\r\n", STS_HTTP_BAD, STS_HTTP_BAD, "",
	"syntax"},
    {"status of four digits", "HTTP/1.1 2000\r\n\r\n", STS_HTTP_BAD,
	STS_HTTP_BAD, "", "syntax"},
    {"HTML", OK "Content-Type: text/html\r\n\r\n", STS_HTTP_BAD, STS_HTTP_BAD,
	"", "type"},
    {"no type", OK "Content-Length: 0\r\n\r\n", STS_HTTP_BAD, STS_HTTP_BAD, "",
	"type"},
    {"two types", OK TYPE TYPE "\r\n", STS_HTTP_BAD, STS_HTTP_BAD, "", "type"},
    {"gzip", OK TYPE "Content-Encoding: gzip\r\n\r\n", STS_HTTP_BAD,
	STS_HTTP_BAD, "", "coding"},
    {"another coding", OK TYPE "Transfer-Encoding: gzip, chunked\r\n\r\n",
	STS_HTTP_BAD, STS_HTTP_BAD, "", "coding"},
    {"chunks and length",
	OK TYPE "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n",
	STS_HTTP_BAD, STS_HTTP_BAD, "", "length"},
    {"two lengths", OK TYPE "Content-Length: 3\r\nContent-Length: 4\r\n\r\n",
	STS_HTTP_BAD, STS_HTTP_BAD, "", "length"},
    {"too long", OK TYPE "Content-Length: 65537\r\n\r\n", STS_HTTP_BAD,
	STS_HTTP_BAD, "", "length"},
    {"chunk too long", OK TYPE "Transfer-Encoding: chunked\r\n\r\n10001\r\n",
	STS_HTTP_BAD, STS_HTTP_BAD, "", "length"},
    {"odd chunk", OK TYPE "Transfer-Encoding: chunked\r\n\r\n-1\r\n",
	STS_HTTP_BAD, STS_HTTP_BAD, "", "coding"},
    {"chunk without its end",
	OK TYPE "Transfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n", STS_HTTP_BAD,
	STS_HTTP_BAD, "", "coding"},
    {"folded line", OK "Content-Type: text/plain\r\n x\r\n\r\n", STS_HTTP_BAD,
	STS_HTTP_BAD, "", "syntax"},
    {"no colon", OK "hello\r\n\r\n", STS_HTTP_BAD, STS_HTTP_BAD, "", "syntax"},
};

static void
check_response(size_t i, enum sts_http_whole whole, enum sts_http_got wanted)
{
	struct buf body = BUF_INIT;
	const char *why = "";
	enum sts_http_got got =
	    sts_http_read(span_of(responses[i].text), whole, &body, &why);

	if (got != wanted ||
	    (got == STS_HTTP_DONE &&
		!span_equal(buf_span(&body), span_of(responses[i].body))) ||
	    (got == STS_HTTP_BAD && strcmp(why, responses[i].why) != 0))
		fail_msg("%s (%s): %d, %s, %.*s", responses[i].name,
		    whole == STS_HTTP_OPEN ? "open" : "closed", got, why,
		    SPAN_ARG(buf_span(&body)));
	buf_done(&body);
}

static void
test_responses(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof responses / sizeof *responses; i++) {
		check_response(i, STS_HTTP_OPEN, responses[i].open);
		check_response(i, STS_HTTP_CLOSED, responses[i].closed);
	}
}

static void
test_endless(void **state)
{
	struct buf text = BUF_INIT, body = BUF_INIT;
	const char *why = "";

	(void)state;
	buf_text(&text, OK);
	while (text.len <= STS_HEADERS_MAX)
		buf_text(
		    &text, "X: yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy\r\n");
	assert_int_equal(
	    sts_http_read(buf_span(&text), STS_HTTP_OPEN, &body, &why),
	    STS_HTTP_BAD);
	assert_string_equal(why, "length");
	buf_clear(&text);
	buf_text(&text, OK TYPE "\r\n");
	for (int i = 0; i <= STS_POLICY_MAX / 16; i++)
		buf_text(&text, "0123456789abcdef");
	assert_int_equal(
	    sts_http_read(buf_span(&text), STS_HTTP_OPEN, &body, &why),
	    STS_HTTP_BAD);
	assert_string_equal(why, "length");
	buf_done(&text);
	buf_done(&body);
}

/* ---- Fetching --------------------------------------------------------------- */

enum { DAY = 86400 };

static const struct practice_cert_how right = {
    .names = "DNS:mta-sts.x.test", .from_s = -DAY, .to_s = DAY};
static const struct practice_cert_how misnamed = {
    .names = "DNS:x.test", .from_s = -DAY, .to_s = DAY};

static const char policy[] =
    HEAD "mode: enforce\nmx: mx.x.test\nmax_age: 604800\n";

static const struct fake_step serves[] = {
    {FAKE_TLS, NULL, 0},
    {FAKE_HEAR, "GET /.well-known/mta-sts.txt HTTP/1.1", 0},
    {FAKE_HEAR, "Host: mta-sts.x.test", 0},
    {FAKE_RAW, OK TYPE "\r\n", 0},
    {FAKE_RAW, policy, 0},
    {FAKE_END, NULL, 0},
};
static const struct fake_step redirects[] = {
    {FAKE_TLS, NULL, 0},
    {FAKE_HEAR, "GET ", 0},
    {FAKE_RAW, "HTTP/1.1 302 Found\r\nLocation: https://y.test/\r\n\r\n", 0},
    {FAKE_END, NULL, 0},
};
static const struct fake_step floods[] = {
    {FAKE_TLS, NULL, 0},
    {FAKE_HEAR, "GET ", 0},
    {FAKE_RAW, OK TYPE "\r\n", 0},
    {FAKE_FLOOD, "mx: 0123456789012345678901234567890123456789.test\n", 20000},
    {FAKE_END, NULL, 0},
};
static const struct fake_step hangs[] = {
    {FAKE_TLS, NULL, 0},
    {FAKE_HANG, NULL, 0},
    {FAKE_END, NULL, 0},
};
static const struct fake_step no_tls[] = {
    {FAKE_RAW, OK TYPE "\r\n", 0},
    {FAKE_END, NULL, 0},
};

static const struct fake_record web[] = {
    {"mta-sts.x.test", DNS_A, DNS_FOUND, "192.0.2.1", 0},
    {"mta-sts.bogus.test", DNS_A, DNS_BOGUS, NULL, 0},
    {NULL, DNS_A, DNS_FOUND, NULL, 0},
};

/* Fetches from a server that plays script; what came, or the error's reason,
 * is appended to out. */
static enum err_code
fetch(const struct fake_step *script, const struct practice_cert_how *cert,
    const char *domain, const atomic_bool *cancel, struct buf *out)
{
	const struct fake_step *scripts[] = {script};
	struct fake_plan plan = {scripts, 1, cert};
	struct fake_relay *server = fake_relay_start(&plan);
	struct fake_resolver *resolver = fake_resolver_new(web);
	struct tls_context *tls = NULL;
	struct fake_wires wires;
	struct err err = {0};

	assert_ok(
	    tls_context_new(fake_relay_ca_file(server), &tls, &err), &err);
	fake_wires_init(&wires);
	fake_wires_add(&wires, "192.0.2.1", 443, fake_relay_port(server));
	if (sts_fetch(&(struct sts_fetch){&wires.base,
			  fake_resolver_port(resolver), tls, domain, cancel},
		out, &err) < 0)
		buf_text(out, err_find(&err, "why"));
	tls_context_free(&tls);
	fake_resolver_free(&resolver);
	fake_relay_stop(&server);
	return err.code;
}

static const struct {
	const char *name;
	const struct fake_step *script;
	const struct practice_cert_how *cert;
	const char *domain;
	enum err_code code;
	const char *wanted;
} fetches[] = {
    {"good", serves, &right, "x.test", E_NONE, policy},
    {"redirect", redirects, &right, "x.test", E_STS_FETCH, "status"},
    {"flood", floods, &right, "x.test", E_STS_FETCH, "length"},
    {"wrong name", serves, &misnamed, "x.test", E_STS_FETCH,
	"hostname mismatch"},
    {"no TLS", no_tls, &right, "x.test", E_STS_FETCH, "wrong version number"},
    {"no address", serves, &right, "y.test", E_STS_FETCH, "address"},
    {"forged address", serves, &right, "bogus.test", E_STS_FETCH, "address"},
};

static void
test_fetches(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof fetches / sizeof *fetches; i++) {
		struct buf got = BUF_INIT;
		enum err_code code = fetch(fetches[i].script, fetches[i].cert,
		    fetches[i].domain, NULL, &got);

		if (code != fetches[i].code ||
		    !span_equal(buf_span(&got), span_of(fetches[i].wanted)))
			fail_msg("%s: %s, %.*s", fetches[i].name,
			    err_name(code), SPAN_ARG(buf_span(&got)));
		buf_done(&got);
	}
}

static void
test_cancelled(void **state)
{
	static const atomic_bool cancel = true;
	struct buf got = BUF_INIT;

	(void)state;
	assert_int_equal(
	    fetch(hangs, &right, "x.test", &cancel, &got), E_CANCELLED);
	buf_done(&got);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_policies),
	    cmocka_unit_test(test_too_many_hosts),
	    cmocka_unit_test(test_hosts),
	    cmocka_unit_test(test_announcements),
	    cmocka_unit_test(test_responses),
	    cmocka_unit_test(test_endless),
	    cmocka_unit_test(test_fetches),
	    cmocka_unit_test(test_cancelled),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
