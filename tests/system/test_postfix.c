/* A campaign through a real Postfix with STARTTLS and AUTH: what arrived is
 * compared with the ledger message by message, and an independent verifier
 * checks every signature. */
#include "tests/unit/unit.h"

#include <stdio.h>
#include <stdlib.h>

#include "core/report/report.h"
#include "tests/fake/arrived.h"
#include "tests/fake/mailhost.h"
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
	compare_with_ledger(&stage);
	arrived_verify(stage.store, host.maildir.ptr, stage.dir, RECIPIENTS);
	stage_close(&stage);
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
	    cmocka_unit_test(wrong_password),
	    cmocka_unit_test(unknown_authority),
	};
	const char *missing = mailhost_missing();

	if (missing) {
		printf("SKIP real Postfix: %s\n", missing);
		return 0;
	}
	return cmocka_run_group_tests(tests, start_host, stop_host);
}
