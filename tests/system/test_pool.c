/* A campaign through three real Postfix instances, of which one is killed in
 * the middle: in the end everybody has the mail exactly once, but for those
 * that the ledger says are in doubt, who have it once or not at all. */
#include "tests/unit/unit.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "core/net/smtp.h"
#include "core/report/report.h"
#include "tests/fake/arrived.h"
#include "tests/fake/mailhost.h"
#include "tests/fake/stage.h"

enum {
	HOSTS = 3,
	VICTIM = 1,
	RECIPIENTS = 600,
	SESSIONS = 3,
	KILL_AT = 150,
	STEP_MS = 10,
	WAIT_MS = 180 * 1000,
	POLL_MS = 100
};

static const struct stage_params params = {
    .recipients = RECIPIENTS, .class = CLASS_AD};

static struct mailhost host[HOSTS];

static void
use_hosts(struct stage *stage)
{
	struct err err = {0};

	stage_sql(stage, "DELETE FROM relay");
	for (int i = 0; i < HOSTS; i++) {
		struct relay_config relay = {.host = "localhost",
		    .port = host[i].port,
		    .tls = RELAY_TLS_VERIFY,
		    .secret =
			secret_of(MAILHOST_PASSWORD, strlen(MAILHOST_PASSWORD)),
		    .sessions = SESSIONS,
		    .per_session = 100,
		    .share = 1,
		    .enabled = true};

		snprintf(relay.name, sizeof relay.name, "host %d", i);
		snprintf(relay.user, sizeof relay.user, "%s", MAILHOST_USER);
		span_text(relay.ca_file, sizeof relay.ca_file,
		    buf_span(&host[i].ca_file));
		assert_ok(relay_save(stage->store, &relay, &err), &err);
		relay_config_done(&relay);
	}
}

/* Runs the campaign and kills one host when it has taken some of it. */
static void
deliver(struct stage *stage, struct run_progress *now)
{
	struct clearance *clearance = stage_clearance(stage);
	struct run *run = NULL;
	struct err err = {0};

	assert_ok(run_start(&clearance, &stage->world, stage->store, NULL, &run,
		      &err),
	    &err);
	do {
		assert_int_equal(run_wait(run, STEP_MS), 0);
		run_progress(run, now);
	} while (now->relay[VICTIM].accepted < KILL_AT);
	mailhost_tell(&host[VICTIM], "kill");
	assert_int_equal(run_wait(run, WAIT_MS), 1);
	run_progress(run, now);
	run_free(&run);
}

/* How often a message came, over all hosts. */
static size_t
times_of(const struct arrived *arrived, struct span message_id)
{
	size_t sum = 0, times;

	for (int i = 0; i < HOSTS; i++) {
		times = 0;
		if (arrived_find(&arrived[i], message_id, &times))
			sum += times;
	}
	return sum;
}

static void
read_rows(struct stage *stage, struct report_page *page)
{
	struct db *db = NULL;
	struct err err = {0};

	assert_ok(store_reader_open(stage->store, &db, &err), &err);
	assert_ok(report_page(db, stage->campaign, REPORT_ALL, 0,
		      RECIPIENTS + 1, page, &err),
	    &err);
	assert_int_equal(page->count, RECIPIENTS);
	assert_ok(
	    report_page_ids(stage->store, db, stage->campaign, page, &err),
	    &err);
	store_reader_close(&db);
}

static void
read_hosts(struct arrived *arrived)
{
	for (int i = 0; i < HOSTS; i++)
		arrived_read(&arrived[i], host[i].maildir.ptr);
}

static bool
all_accepted_came(const struct report_page *page, const struct arrived *arrived)
{
	for (size_t i = 0; i < page->count; i++) {
		if (page->row[i].state == LEDGER_ACCEPTED &&
		    !times_of(arrived, page->row[i].message_id))
			return false;
	}
	return true;
}

/* The number of mails does not tell: one that is in doubt may be put into the
 * mailbox before one that was accepted. */
static void
wait_for_mail(const struct report_page *page, struct arrived *arrived)
{
	time_t until = time(NULL) + WAIT_MS / 1000;

	read_hosts(arrived);
	while (!all_accepted_came(page, arrived) && time(NULL) < until) {
		for (int i = 0; i < HOSTS; i++)
			arrived_done(&arrived[i]);
		poll(NULL, 0, POLL_MS);
		read_hosts(arrived);
	}
}

static void
compare_with_ledger(
    const struct report_page *page, const struct arrived *arrived)
{
	size_t came = 0, all = 0;

	for (size_t i = 0; i < page->count; i++) {
		size_t times = times_of(arrived, page->row[i].message_id);

		came += times;
		if (page->row[i].state == LEDGER_ACCEPTED)
			assert_int_equal(times, 1);
		else
			assert_true(times <= 1);
	}
	/* and there is nothing that the ledger does not know */
	for (int i = 0; i < HOSTS; i++)
		all += arrived[i].count;
	assert_int_equal(came, all);
}

static void
one_of_three_is_killed(void **state)
{
	struct stage stage;
	struct run_progress *now = calloc(1, sizeof *now);
	struct report_page page = {0};
	struct arrived arrived[HOSTS];
	int64_t taken = 0;

	(void)state;
	assert_non_null(now);
	stage_open(&stage, &params);
	use_hosts(&stage);
	stage_seal(&stage);
	deliver(&stage, now);
	assert_int_equal(now->state, RUN_DONE);
	assert_int_equal(
	    now->count[LEDGER_ACCEPTED] + now->count[LEDGER_IN_DOUBT],
	    RECIPIENTS);
	assert_in_range(now->count[LEDGER_IN_DOUBT], 0, SESSIONS * SMTP_WINDOW);
	assert_int_equal(now->relay[VICTIM].state, RUN_PART_RESTING);
	for (int i = 0; i < HOSTS; i++) {
		assert_true(now->relay[i].accepted >= KILL_AT);
		taken += now->relay[i].accepted;
	}
	assert_int_equal(taken, now->count[LEDGER_ACCEPTED]);
	mailhost_tell(&host[VICTIM], "revive");
	for (int i = 0; i < HOSTS; i++)
		assert_true(
		    mailhost_wait(&host[i], (int)now->relay[i].accepted, 120));
	read_rows(&stage, &page);
	wait_for_mail(&page, arrived);
	compare_with_ledger(&page, arrived);
	report_page_done(&page);
	for (int i = 0; i < HOSTS; i++)
		arrived_done(&arrived[i]);
	stage_close(&stage);
	free(now);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(one_of_three_is_killed),
	};
	const char *missing = mailhost_missing();
	int failed;

	if (missing) {
		printf("SKIP three Postfix: %s\n", missing);
		return 0;
	}
	for (int i = 0; i < HOSTS; i++) {
		if (i == VICTIM)
			mailhost_start_holding(&host[i]);
		else
			mailhost_start(&host[i]);
	}
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	for (int i = 0; i < HOSTS; i++)
		mailhost_stop(&host[i]);
	return failed;
}
