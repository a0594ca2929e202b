/* A campaign through a real Postfix with STARTTLS and AUTH: what arrived is
 * compared with the ledger message by message, and an independent verifier
 * checks every signature. */
#include "tests/unit/unit.h"

#include <stdio.h>
#include <stdlib.h>

#include "core/base/clock.h"
#include "core/net/exchange.h"
#include "core/report/report.h"
#include "tests/fake/arrived.h"
#include "tests/fake/mailhost.h"
#include "tests/fake/session.h"
#include "tests/fake/stage.h"

enum { RECIPIENTS = 120 };

static const struct stage_params params = {
    .recipients = RECIPIENTS, .class = CLASS_AD, .sessions = 3};

static struct mailhost host;

static void
use_host(struct stage *stage, const char *password, const char *ca_file)
{
	struct relay_config relay = {.host = "localhost",
	    .port = host.port,
	    .tls = RELAY_TLS_VERIFY,
	    .secret = secret_of(password, strlen(password))};

	snprintf(relay.user, sizeof relay.user, "%s", MAILHOST_USER);
	snprintf(relay.ca_file, sizeof relay.ca_file, "%s", ca_file);
	stage_relay(stage, &relay);
}

/* ---- Tests -------------------------------------------------------------------- */

static void
launch(struct stage *stage, struct run **run)
{
	struct clearance *clearance = stage_clearance(stage);
	struct run_plan plan = {0};
	struct err err = {0};

	assert_ok(run_start(&clearance, &stage->world, stage->store, &plan, run,
		      &err),
	    &err);
}

static void
compare_with_ledger(struct stage *stage)
{
	struct arrived arrived;
	struct report_page page = {0};
	struct db *db = NULL;
	struct err err = {0};
	size_t times;

	arrived_read(&arrived, host.maildir.ptr);
	assert_int_equal(arrived.count, RECIPIENTS);
	assert_ok(store_reader_open(stage->store, &db, &err), &err);
	assert_ok(report_page(db, stage->campaign, REPORT_ALL, 0,
		      RECIPIENTS + 1, &page, &err),
	    &err);
	assert_int_equal(page.count, RECIPIENTS);
	assert_ok(
	    report_page_ids(stage->store, db, stage->campaign, &page, &err),
	    &err);
	for (size_t i = 0; i < page.count; i++) {
		assert_int_equal(page.row[i].state, LEDGER_ACCEPTED);
		assert_int_equal(page.row[i].code, 250);
		assert_true(page.row[i].tls_verified);
		assert_true(
		    span_starts(page.row[i].tls_version, SPAN("TLSv1.")));
		arrived_find(&arrived, page.row[i].message_id, &times);
		assert_int_equal(times, 1);
	}
	report_page_done(&page);
	store_reader_close(&db);
	arrived_done(&arrived);
}

static void
all_arrive_once(void **state)
{
	struct stage stage;
	struct run *run = NULL;
	struct run_progress now;

	(void)state;
	stage_open(&stage, &params);
	use_host(&stage, MAILHOST_PASSWORD, host.ca_file.ptr);
	stage_seal(&stage);
	launch(&stage, &run);
	assert_int_equal(run_wait(run, 120000), 1);
	run_progress(run, &now);
	assert_int_equal(now.state, RUN_DONE);
	assert_int_equal(now.count[LEDGER_ACCEPTED], RECIPIENTS);
	run_free(&run);
	assert_true(mailhost_wait(&host, RECIPIENTS, 60));
	assert_int_equal(
	    mailhost_commands(&host, "bdat", RECIPIENTS, 30), RECIPIENTS);
	assert_int_equal(mailhost_commands(&host, "data", 0, 0), 0);
	compare_with_ledger(&stage);
	/* each row names a connection, each connection its two ends */
	assert_int_equal(
	    stage_number(&stage,
		"SELECT count(*) FROM ledger l JOIN connection c"
		" ON c.campaign = l.campaign AND c.id = l.connection"
		" WHERE c.peer GLOB '127.0.0.1:*' AND c.local GLOB"
		" '127.0.0.1:*' AND c.peer <> c.local AND c.tls_state = 2"
		" AND c.policy = 'verify'"),
	    RECIPIENTS);
	arrived_verify(stage.store, host.maildir.ptr, stage.dir, RECIPIENTS);
	stage_close(&stage);
}

/* ---- S/MIME ------------------------------------------------------------------- */

/* All that has come with a word in it is what stock openssl takes for signed by
 * us; the new Maildir has one file for each message. */
static void
verify_signatures(const struct certs *certs, int count)
{
	struct buf command = BUF_INIT;

	buf_printf(&command,
	    "set -e\nn=0\nfor f in $(grep -l multipart/signed %s/*); do\n"
	    "openssl cms -verify -in $f -CAfile root.pem -purpose smimesign"
	    " -out content -signer by.pem\n"
	    "openssl x509 -in by.pem -noout -email | grep -qx"
	    " news@example.jp\ngrep -q multipart/alternative content\n"
	    "! grep -q '^DKIM-Signature' content\n"
	    "n=$((n+1))\ndone\ntest $n = %d\n",
	    host.maildir.ptr, count);
	assert_int_equal(certs_run(certs, command.ptr), 0);
	buf_done(&command);
}

static void
signatures_arrive(void **state)
{
	enum { SIGNED = 5 };
	struct stage_params few = params;
	struct stage stage;
	struct certs certs;
	struct run *run = NULL;

	(void)state;
	few.recipients = SIGNED;
	certs_begin(&certs);
	stage_open(&stage, &few);
	stage_smime(&stage, &certs, "news.p12");
	use_host(&stage, MAILHOST_PASSWORD, host.ca_file.ptr);
	stage_seal(&stage);
	launch(&stage, &run);
	assert_int_equal(run_wait(run, 120000), 1);
	run_free(&run);
	assert_true(mailhost_wait(&host, SIGNED, 60));
	verify_signatures(&certs, SIGNED);
	arrived_verify(stage.store, host.maildir.ptr, stage.dir, SIGNED);
	stage_close(&stage);
	certs_end(&certs);
}

/* ---- Eight at once ------------------------------------------------------------ */

struct eight {
	struct exchange_target target;
	struct secret *secret;
	struct tls_context *tls;
	struct exchange *exchange;
	struct smtp_result result[SMTP_WINDOW];
	char raw[SMTP_WINDOW][256];
};

static void
log_in(struct eight *eight)
{
	struct err err = {0};

	*eight = (struct eight){.target = {.host = "localhost",
				    .port = host.port,
				    .tls = TLS_LEVEL_VERIFY,
				    .ca_file = host.ca_file.ptr,
				    .user = MAILHOST_USER,
				    .ehlo = "client.example"}};
	eight->secret = secret_of(MAILHOST_PASSWORD, strlen(MAILHOST_PASSWORD));
	eight->target.secret = eight->secret;
	assert_ok(tls_context_new(host.ca_file.ptr, &eight->tls, &err), &err);
	assert_ok(exchange_new(dialler_loopback_only(), &eight->target,
		      eight->tls, SMTP_PIPELINE_OFFERED,
		      clock_steady_ms(clock_real()), &eight->exchange, &err),
	    &err);
	assert_int_equal(session_run(eight->exchange), SMTP_WAIT_MESSAGE);
	assert_true(smtp_hands_first(exchange_smtp(eight->exchange)));
}

/* Each from a sender of its own; one recipient does not exist. */
static void
submit_all(struct eight *eight, int unknown)
{
	struct smtp *smtp = exchange_smtp(eight->exchange);

	for (int i = 0; i < SMTP_WINDOW; i++) {
		char sender[64], recipient[64], data[256];
		struct smtp_envelope envelope = {.tag = (uint64_t)i};
		struct err err = {0};

		snprintf(sender, sizeof sender, "from%d@example.co.jp", i);
		snprintf(recipient, sizeof recipient, "%s@example.jp",
		    i == unknown ? "unknown" : "eight");
		snprintf(data, sizeof data,
		    "From: %s\r\nTo: %s\r\nMessage-ID: <eight.%d@x>\r\n"
		    "Subject: eight\r\n\r\n.\r\n..\r\nend\r\n",
		    sender, recipient, i);
		envelope.sender = span_of(sender);
		envelope.recipient = span_of(recipient);
		envelope.data = span_of(data);
		assert_ok(smtp_submit(smtp, &envelope, &err), &err);
	}
	assert_false(smtp_has_room(smtp));
}

static void
take_all(struct eight *eight)
{
	for (int i = 0; i < SMTP_WINDOW; i++) {
		struct smtp_result *result = &eight->result[i];

		assert_int_equal(
		    session_run(eight->exchange), SMTP_WAIT_RESULT);
		assert_true(
		    smtp_result(exchange_smtp(eight->exchange), result));
		assert_int_equal(result->tag, i);
		span_text(
		    eight->raw[i], sizeof eight->raw[i], result->reply.raw);
	}
}

/* What Postfix wrote on the envelope of each message. */
static void
expect_return_paths(int unknown)
{
	for (int i = 0; i < SMTP_WINDOW; i++) {
		struct buf wanted = BUF_INIT, id = BUF_INIT;

		buf_printf(&wanted, "Return-Path: <from%d@example.co.jp>", i);
		buf_printf(&id, "Message-ID: <eight.%d@x>", i);
		assert_int_equal(mailhost_find(&host, id.ptr, wanted.ptr),
		    i == unknown ? 0 : 1);
		buf_done(&wanted);
		buf_done(&id);
	}
}

/* Whatever is behind a refused one must not go out in that one's name. */
static void
one_of_eight_is_refused(void **state)
{
	enum { UNKNOWN = 2 };
	struct eight eight;

	(void)state;
	log_in(&eight);
	submit_all(&eight, UNKNOWN);
	take_all(&eight);
	for (int i = 0; i < SMTP_WINDOW; i++) {
		if (eight.result[i].verdict !=
		    (i == UNKNOWN ? SMTP_FAILED : SMTP_ACCEPTED))
			fail_msg("%d: %s", i, eight.raw[i]);
	}
	assert_int_equal(eight.result[UNKNOWN].stage, SMTP_STAGE_RCPT);
	assert_string_equal(eight.result[UNKNOWN].reply.enhanced, "5.1.1");
	smtp_quit(exchange_smtp(eight.exchange));
	assert_int_equal(session_run(eight.exchange), SMTP_CLOSED);
	assert_true(mailhost_wait(&host, RECIPIENTS + SMTP_WINDOW - 1, 60));
	expect_return_paths(UNKNOWN);
	exchange_free(&eight.exchange);
	tls_context_free(&eight.tls);
	secret_free(&eight.secret);
}

/* The probe of the review meets the same host: a wrong password or an unknown
 * authority is a failed line, and nothing can be launched. */
static void
expect_probe(const char *password, const char *ca_file, enum err_code code)
{
	struct stage stage;
	struct review *review = NULL;
	const struct check_result *all;
	struct err err = {0};
	size_t count;

	stage_open(&stage, &params);
	use_host(&stage, password, ca_file);
	assert_ok(review_open(
		      stage.store, &stage.world, stage.campaign, &review, &err),
	    &err);
	assert_ok(checklist_run(review, &err), &err);
	all = review_results(review, &count);
	for (size_t i = 0; i < count; i++) {
		if (strcmp(all[i].check->id, "TS-02"))
			continue;
		assert_int_equal(all[i].state, CHECK_FAIL);
		if (all[i].why.code != code)
			fail_msg("probe: %s", err_name(all[i].why.code));
	}
	review_free(&review);
	stage_close(&stage);
}

static void
wrong_password(void **state)
{
	(void)state;
	expect_probe("wrong horse", host.ca_file.ptr, E_SMTP_AUTH);
}

static void
unknown_authority(void **state)
{
	(void)state;
	expect_probe(MAILHOST_PASSWORD, "", E_TLS_VERIFY);
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
	    cmocka_unit_test(all_arrive_once),
	    cmocka_unit_test(one_of_eight_is_refused),
	    cmocka_unit_test(wrong_password),
	    cmocka_unit_test(unknown_authority),
	};
	const struct CMUnitTest secured[] = {
	    cmocka_unit_test(signatures_arrive),
	};
	const char *missing = mailhost_missing();

	if (missing) {
		printf("SKIP real Postfix: %s\n", missing);
		return 0;
	}
	return cmocka_run_group_tests(tests, start_host, stop_host) +
	       cmocka_run_group_tests(secured, start_host, stop_host);
}
