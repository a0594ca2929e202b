/* Signing in to a real Dovecot behind a real Postfix with each mechanism, and
 * resuming TLS with it. */
#include "tests/unit/unit.h"

#include <stdio.h>

#include "core/base/clock.h"
#include "core/net/exchange.h"
#include "core/net/sasl.h"
#include "tests/fake/mailhost.h"
#include "tests/fake/session.h"

static struct mailhost host;

static int
probe(unsigned mech, const char *password, struct buf *talk, struct err *err)
{
	struct secret *secret = secret_of(password, strlen(password));
	struct exchange_target target = {.host = "localhost",
	    .port = host.port,
	    .tls = TLS_LEVEL_VERIFY,
	    .ca_file = host.ca_file.ptr,
	    .user = MAILHOST_USER,
	    .secret = secret,
	    .auth = mech,
	    .ehlo = "client.example.jp"};
	struct exchange_probe_how how = {.dialler = dialler_loopback_only(),
	    .target = &target,
	    .mail_from = "news@example.co.jp",
	    .cancel_fd = -1,
	    .limit_ms = 30000,
	    .transcript = talk};
	struct exchange_probe found;
	int rc;

	*err = (struct err){0};
	rc = exchange_probe(&how, &found, err);
	secret_free(&secret);
	return rc;
}

static void
each_mechanism(void **state)
{
	static const struct {
		unsigned mech;
		const char *said;
	} cases[] = {
	    {0, "C: AUTH SCRAM-SHA-256 ****\n"},
	    {SASL_SCRAM, "C: AUTH SCRAM-SHA-256 ****\n"},
	    {SASL_PLAIN, "C: AUTH PLAIN ****\n"},
	    {SASL_LOGIN, "C: AUTH LOGIN\n"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct buf talk = BUF_INIT;
		struct err err;

		if (probe(cases[i].mech, MAILHOST_PASSWORD, &talk, &err) < 0)
			fail_msg("%s%s", cases[i].said, err_name(err.code));
		assert_true(span_search(buf_span(&talk),
				span_of(cases[i].said)) < talk.len);
		assert_true(
		    span_search(buf_span(&talk), SPAN("S: 235 ")) < talk.len);
		buf_clear(&talk);
		assert_int_equal(
		    probe(cases[i].mech, "wrong horse", &talk, &err), -1);
		if (err.code != E_SMTP_AUTH)
			fail_msg("%s%s", cases[i].said, err_name(err.code));
		assert_true(
		    span_search(buf_span(&talk), SPAN("S: 235 ")) == talk.len);
		buf_done(&talk);
	}
}

static void
resumed(void **state)
{
	struct exchange_target target = {.host = "localhost",
	    .port = host.port,
	    .tls = TLS_LEVEL_VERIFY,
	    .ca_file = host.ca_file.ptr,
	    .ehlo = "client.example.jp"};
	struct tls_context *tls = NULL;
	struct err err = {0};

	(void)state;
	assert_ok(tls_context_new(target.ca_file, &tls, &err), &err);
	for (int i = 0; i < 3; i++) {
		struct exchange *exchange = NULL;

		assert_ok(exchange_new(dialler_loopback_only(), &target, tls,
			      SMTP_PIPELINE_OFFERED,
			      clock_steady_ms(clock_real()), &exchange, &err),
		    &err);
		assert_int_equal(session_run(exchange), SMTP_WAIT_MESSAGE);
		assert_int_equal(exchange_tls(exchange)->resumed, i > 0);
		assert_int_equal(
		    exchange_tls(exchange)->state, TLS_STATE_VERIFIED);
		exchange_free(&exchange);
	}
	tls_context_free(&tls);
}

static int
start_host(void **state)
{
	(void)state;
	mailhost_start(&host);
	return 0;
}

static int
stop_host(void **state)
{
	(void)state;
	mailhost_stop(&host);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_mechanism),
	    cmocka_unit_test(resumed),
	};

	if (mailhost_missing()) {
		printf("skipped: %s\n", mailhost_missing());
		return 0;
	}
	return cmocka_run_group_tests(tests, start_host, stop_host);
}
