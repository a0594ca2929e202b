/* Whole runs against the practice relay and against relays that play a script.
 * The review probes the relay with the first connection; the run's come after
 * it. */
#include "tests/unit/unit.h"

#include <stdio.h>
#include <stdlib.h>

#include "core/base/mem.h"
#include "core/contacts/contacts.h"
#include "core/deliver/deliver.h"
#include "core/deliver/practice.h"
#include "core/net/dial.h"
#include "core/report/report.h"
#include "tests/fake/clock.h"
#include "tests/fake/relay.h"
#include "tests/fake/sealed.h"
#include "tests/fake/tempstore.h"

enum { WAIT_MS = 20 * 1000, STEP_MS = 20, STEPS_MAX = 500 };

/* A dialler that leads to a port of the test's choice. */
struct detour {
	struct dialler base;
	unsigned short port; /* 0: as asked */
};

struct scene {
	struct fake_clock clock;
	struct detour detour;
	struct world world;
	struct store *store;
	struct db *db;
	char *folder;
	struct fake_relay *relay;
	struct practice *practice;
	struct campaign_id id;
	struct run *run;
	struct run_progress now;
};

static int
dial_detour(struct dialler *dialler, const char *host, uint16_t port,
    int *fd_out, struct err *err)
{
	struct detour *detour = (struct detour *)dialler;
	struct dialler *real = dialler_loopback_only();

	return real->dial(
	    real, host, detour->port ? detour->port : port, fd_out, err);
}

static int
set_up(void **state)
{
	struct scene *it = mem_new(sizeof *it);
	struct err err = {0};

	fake_clock_init(&it->clock);
	it->detour.base.dial = dial_detour;
	it->world = (struct world){
	    .clock = &it->clock.base, .dialler = &it->detour.base};
	it->store = tempstore_open(&it->clock.base);
	assert_ok(store_reader_open(it->store, &it->db, &err), &err);
	it->folder = tempdir_new();
	*state = it;
	return 0;
}

static int
tear_down(void **state)
{
	struct scene *it = *state;

	run_free(&it->run);
	if (it->relay)
		fake_relay_stop(&it->relay);
	practice_stop(&it->practice);
	store_reader_close(&it->db);
	tempstore_close(&it->store);
	tempdir_remove(&it->folder);
	free(it);
	return 0;
}

/* ---- Bringing runs on the way ---------------------------------------------- */

static void
seal(struct scene *it, struct sealed_plan *plan)
{
	plan->class = CLASS_AD;
	if (it->relay) {
		plan->port = fake_relay_port(it->relay);
		if (plan->tls != RELAY_TLS_NONE)
			plan->ca_file = fake_relay_ca_file(it->relay);
	} else {
		plan->port = practice_port(it->practice);
		plan->ca_file = practice_ca_file(it->practice);
		plan->tls = RELAY_TLS_VERIFY;
	}
	it->id = sealed_campaign(it->store, &it->world, plan);
}

static void
start(struct scene *it, const struct run_plan *plan)
{
	struct clearance *clearance =
	    sealed_clearance(it->store, &it->world, it->id);
	struct err err = {0};

	assert_ok(
	    run_start(&clearance, &it->world, it->store, plan, &it->run, &err),
	    &err);
	assert_null(clearance);
}

static void
use_practice(struct scene *it, enum practice_manners manners)
{
	struct practice_config config = {
	    .folder = it->folder, .manners = manners, .discard = 1};
	struct err err = {0};

	assert_ok(practice_start(&config, &it->practice, &err), &err);
}

static void
look(struct scene *it)
{
	int64_t sum = 0;

	run_progress(it->run, &it->now);
	for (int i = 0; i < LEDGER_STATES; i++)
		sum += it->now.count[i];
	assert_int_equal(sum, it->now.total);
}

/* Waits for the end or a pause, moving the clock a step at a time. */
static void
rest(struct scene *it, int64_t step_ms)
{
	int steps = 0;

	while (!run_wait(it->run, step_ms ? STEP_MS : WAIT_MS)) {
		assert_true(step_ms && steps++ < STEPS_MAX);
		fake_clock_move(&it->clock, step_ms);
		look(it);
	}
	look(it);
}

/* The same, but moves the clock only while nothing is on the way, so that no
 * open transaction is timed out by it. */
static void
rest_patiently(struct scene *it, int64_t step_ms)
{
	int steps = 0;

	while (!run_wait(it->run, STEP_MS)) {
		assert_true(steps++ < STEPS_MAX);
		look(it);
		if (it->now.state == RUN_WAITING)
			fake_clock_move(&it->clock, step_ms);
	}
	look(it);
}

/* Waits until so many rows are in a state. */
static void
await(struct scene *it, enum ledger_state state, int64_t count)
{
	for (int i = 0; i < STEPS_MAX; i++) {
		look(it);
		if (it->now.count[state] >= count)
			return;
		run_wait(it->run, STEP_MS);
	}
	fail_msg("%s stays at %lld", ledger_state_name(state),
	    (long long)it->now.count[state]);
}

#define assert_state(it, wanted)                                               \
	do {                                                                   \
		if ((it)->now.state != (wanted))                               \
			fail_msg("state %d, why %s %s", (it)->now.state,       \
			    err_name((it)->now.why.code),                      \
			    (it)->now.why.fact[0].value);                      \
	} while (0)

static void
read_row(struct scene *it, int64_t seq, struct report_page *page)
{
	struct err err = {0};

	assert_ok(
	    report_page(it->db, it->id, REPORT_ALL, seq - 1, 1, page, &err),
	    &err);
	assert_int_equal(page->count, 1);
	assert_int_equal(page->row[0].seq, seq);
	assert_ok(report_page_ids(it->store, it->db, it->id, page, &err), &err);
}

/* The only row in a state. */
static int64_t
seq_in(struct scene *it, enum ledger_state state)
{
	struct report_page page = {0};
	struct err err = {0};
	int64_t seq = 0;

	assert_ok(report_page(it->db, it->id, REPORT_ALL, 0, 1000, &page, &err),
	    &err);
	for (size_t i = 0; i < page.count; i++) {
		if (page.row[i].state == state)
			seq = page.row[i].seq;
	}
	report_page_done(&page);
	return seq;
}

static void
change(struct scene *it, const char *sql)
{
	struct err err = {0};
	struct db *db = NULL;
	struct stmt *stmt;

	assert_ok(
	    store_begin(it->store, STORE_WAIT_LONG, "test", &db, &err), &err);
	stmt = db_stmt(db, sql, &err);
	assert_non_null(stmt);
	assert_ok(stmt_run(stmt, &err), &err);
	assert_int_equal(db_changes(db), 1);
	assert_ok(store_commit(it->store, &db, &err), &err);
}

static enum campaign_state
stored_state(struct scene *it)
{
	struct campaign campaign = CAMPAIGN_INIT;
	struct err err = {0};
	enum campaign_state state;

	assert_ok(campaign_read(it->db, it->id, &campaign, &err), &err);
	state = campaign.state;
	campaign_done(&campaign);
	return state;
}

/* ---- The ordinary run -------------------------------------------------------- */

static void
delivers_all_and_keeps_the_evidence(void **state)
{
	struct scene *it = *state;
	struct sealed_plan plan = {.recipients = 60};
	struct report_page page = {0};
	struct report report;
	struct err err = {0};

	use_practice(it, PRACTICE_PLAIN);
	seal(it, &plan);
	assert_int_equal(stored_state(it), CAMPAIGN_SEALED);
	start(it, NULL);
	rest(it, 0);
	assert_state(it, RUN_DONE);
	assert_int_equal(it->now.total, 60);
	assert_int_equal(it->now.count[LEDGER_ACCEPTED], 60);
	assert_int_equal(it->now.tls_messages, 60);
	assert_int_equal(it->now.replies, 60);
	assert_int_equal(it->now.reply[0].code, 250);
	run_free(&it->run);
	assert_int_equal(practice_count(it->practice).accepted, 60);
	assert_int_equal(stored_state(it), CAMPAIGN_DONE);
	assert_ok(report_build(it->db, it->id, &report, &err), &err);
	assert_int_equal(report.run, RUN_DONE);
	assert_int_equal(report.tls_verified, 60);
	assert_int_equal(report.attempts, 60);
	assert_true(report.ended_ms >= report.started_ms);
	read_row(it, 7, &page);
	assert_int_equal(page.row[0].code, 250);
	assert_true(span_starts(page.row[0].reply, SPAN("250")));
	assert_true(span_starts(page.row[0].tls_version, SPAN("TLSv1.")));
	assert_true(page.row[0].tls_cipher.len > 5);
	assert_true(page.row[0].tls_verified);
	assert_true(span_starts(page.row[0].message_id, SPAN("<c.")));
	assert_int_equal(page.row[0].attempt, 1);
	report_page_done(&page);
}

static void
a_run_needs_a_clearance_and_a_campaign_one_run(void **state)
{
	struct scene *it = *state;
	struct sealed_plan plan = {.recipients = 5};
	struct run_plan slow = {.rate_per_s = 1};
	struct clearance *none = NULL, *second;
	struct run *run = NULL;
	struct err err = {0};

	use_practice(it, PRACTICE_PLAIN);
	seal(it, &plan);
	assert_int_equal(
	    run_start(&none, &it->world, it->store, NULL, &run, &err), -1);
	assert_int_equal(err.code, E_REVIEW_SEAL);
	start(it, &slow);
	second = sealed_clearance(it->store, &it->world, it->id);
	assert_int_equal(
	    run_start(&second, &it->world, it->store, NULL, &run, &err), -1);
	assert_int_equal(err.code, E_RUN_ACTIVE);
	assert_null(second);
	assert_null(run);
	rest(it, 500);
	assert_state(it, RUN_DONE);
	run_free(&it->run);
	assert_int_equal(practice_count(it->practice).accepted, 5);
	assert_int_equal(
	    clearance_grant(it->store, &it->world, it->id, &second, &err), -1);
	assert_int_equal(err.code, E_CAMPAIGN_STATE);
}

/* A signing key made between clearance and start is not the sealed one. */
static void
a_new_signing_key_needs_a_new_seal(void **state)
{
	struct scene *it = *state;
	struct sealed_plan plan = {.recipients = 5};
	struct clearance *clearance;
	struct run *run = NULL;
	struct err err = {0};

	use_practice(it, PRACTICE_PLAIN);
	seal(it, &plan);
	clearance = sealed_clearance(it->store, &it->world, it->id);
	assert_ok(
	    dkim_create(it->store, SPAN("example.jp"), SPAN("later"), &err),
	    &err);
	assert_int_equal(
	    run_start(&clearance, &it->world, it->store, NULL, &run, &err), -1);
	assert_int_equal(err.code, E_REVIEW_SEAL);
	assert_string_equal(err_find(&err, "what"), "content");
	assert_null(run);
	assert_int_equal(practice_count(it->practice).accepted, 0);
}

/* ---- Replies ----------------------------------------------------------------- */

static void
unknown_ones_fail_for_good(void **state)
{
	struct scene *it = *state;
	struct sealed_plan plan = {.recipients = 8, .prefix = "unknown-"};
	struct report_page page = {0};

	use_practice(it, PRACTICE_LIFELIKE);
	seal(it, &plan);
	start(it, NULL);
	rest(it, 0);
	assert_state(it, RUN_DONE);
	assert_int_equal(it->now.count[LEDGER_FAILED], 8);
	read_row(it, 3, &page);
	assert_int_equal(page.row[0].code, 550);
	assert_span_equal(page.row[0].enhanced, "5.1.1");
	assert_span_equal(page.row[0].class, "H1");
	report_page_done(&page);
}

static void
too_many_unknown_ones_pause(void **state)
{
	struct scene *it = *state;
	struct sealed_plan plan = {
	    .recipients = 60, .prefix = "unknown-", .sessions = 1};
	struct err err = {0};

	use_practice(it, PRACTICE_LIFELIKE);
	seal(it, &plan);
	start(it, NULL);
	rest(it, 0);
	assert_state(it, RUN_PAUSED);
	assert_int_equal(it->now.why.code, E_RUN_GUARD);
	assert_string_equal(err_find(&it->now.why, "class"), "H1");
	assert_string_equal(err_find(&it->now.why, "count"), "26");
	assert_in_range(it->now.count[LEDGER_FAILED], 26, 28);
	/* the operator may go on */
	assert_ok(run_resume(it->run, &err), &err);
	rest(it, 0);
	assert_state(it, RUN_PAUSED);
	assert_in_range(it->now.count[LEDGER_FAILED], 52, 56);
}

static void
deferred_ones_are_tried_again_when_due(void **state)
{
	struct scene *it = *state;
	struct sealed_plan plan = {.recipients = 9, .prefix = "later-"};

	use_practice(it, PRACTICE_LIFELIKE);
	seal(it, &plan);
	start(it, NULL);
	await(it, LEDGER_DEFERRED, 9);
	assert_state(it, RUN_WAITING);
	assert_in_range(
	    it->now.next_due_ms - it->now.now_ms, 60 * 1000, 20 * 60 * 1000);
	assert_int_equal(practice_count(it->practice).accepted, 0);
	rest_patiently(it, 60 * 1000);
	assert_state(it, RUN_DONE);
	assert_int_equal(it->now.count[LEDGER_ACCEPTED], 9);
}

static void
the_operator_may_hurry(void **state)
{
	struct scene *it = *state;
	struct sealed_plan plan = {.recipients = 9, .prefix = "later-"};
	struct err err = {0};

	use_practice(it, PRACTICE_LIFELIKE);
	seal(it, &plan);
	start(it, NULL);
	await(it, LEDGER_DEFERRED, 9);
	assert_ok(run_retry_now(it->run, &err), &err);
	rest(it, 0);
	assert_state(it, RUN_DONE);
	assert_int_equal(it->now.count[LEDGER_ACCEPTED], 9);
	assert_int_equal(run_retry_now(it->run, &err), -1);
	assert_int_equal(err.code, E_RUN_STATE);
}

/* Refused for good: on the stop list when the run is over. */
static void
unknown_addresses_are_stopped(void **state)
{
	struct scene *it = *state;
	struct sealed_plan plan = {.recipients = 2, .prefix = "unknown-"};
	struct err err = {0};
	struct db *db = NULL;

	use_practice(it, PRACTICE_LIFELIKE);
	seal(it, &plan);
	start(it, NULL);
	rest_patiently(it, 1000);
	assert_state(it, RUN_DONE);
	assert_int_equal(it->now.count[LEDGER_FAILED], 2);
	assert_ok(store_reader_open(it->store, &db, &err), &err);
	assert_int_equal(
	    suppress_check(it->store, db, SPAN("unknown-1@example.jp"),
		(struct list_id){0}, &err),
	    1);
	store_reader_close(&db);
}

static void
tries_run_out(void **state)
{
	struct scene *it = *state;
	struct sealed_plan plan = {.recipients = 2, .prefix = "full-"};
	struct run_plan tries = {.max_attempts = 3};
	struct report_page page = {0};

	use_practice(it, PRACTICE_LIFELIKE);
	seal(it, &plan);
	start(it, &tries);
	rest_patiently(it, 10 * 60 * 1000);
	assert_state(it, RUN_DONE);
	assert_int_equal(it->now.count[LEDGER_FAILED], 2);
	read_row(it, 1, &page);
	assert_int_equal(page.row[0].attempt, 3);
	assert_span_equal(page.row[0].class, "X");
	report_page_done(&page);
}

static void
time_runs_out(void **state)
{
	struct scene *it = *state;
	struct sealed_plan plan = {.recipients = 2, .prefix = "full-"};
	struct run_plan tries = {.max_attempts = 1000};
	struct report_page page = {0};
	int64_t began = it->clock.now;

	use_practice(it, PRACTICE_LIFELIKE);
	seal(it, &plan);
	start(it, &tries);
	rest_patiently(it, 60 * 60 * 1000);
	assert_state(it, RUN_DONE);
	assert_int_equal(it->now.count[LEDGER_FAILED], 2);
	assert_in_range(
	    it->clock.now - began, 18 * 3600 * 1000, 25 * 3600 * 1000);
	read_row(it, 1, &page);
	assert_in_range(page.row[0].attempt, 4, 12);
	report_page_done(&page);
}

/* What a relay says about us is not the recipient's fault. */
static void
a_reply_about_us_pauses_and_keeps_the_recipient(void **state)
{
	static const struct fake_step serve_all[] = {{FAKE_SAY, "220 relay", 0},
	    {FAKE_SERVE, NULL, 0}, {FAKE_END, NULL, 0}};
	static const struct fake_step refuse[] = {{FAKE_SAY, "220 relay", 0},
	    {FAKE_HEAR, "EHLO", 0}, {FAKE_SAY, "250 relay", 0},
	    {FAKE_HEAR, "MAIL", 0},
	    {FAKE_SAY, "530 5.7.0 Authentication required", 0},
	    {FAKE_HEAR, "RSET", 0}, {FAKE_SAY, "250 ok", 0},
	    {FAKE_SERVE, NULL, 0}, {FAKE_END, NULL, 0}};
	static const struct fake_step *const scripts[] = {
	    serve_all, refuse, serve_all};
	static const struct fake_plan script = {scripts, 3, NULL};
	struct scene *it = *state;
	struct sealed_plan plan = {.recipients = 6, .sessions = 1};
	struct report_page page = {0};
	struct err err = {0};

	it->relay = fake_relay_start(&script);
	seal(it, &plan);
	start(it, NULL);
	rest(it, 0);
	assert_state(it, RUN_PAUSED);
	assert_int_equal(it->now.why.code, E_RUN_GUARD);
	assert_string_equal(err_find(&it->now.why, "class"), "A1");
	assert_string_equal(err_find(&it->now.why, "reply"),
	    "530 5.7.0 Authentication required");
	assert_int_equal(it->now.count[LEDGER_DEFERRED], 1);
	assert_int_equal(it->now.count[LEDGER_FAILED], 0);
	read_row(it, seq_in(it, LEDGER_DEFERRED), &page);
	assert_int_equal(page.row[0].attempt, 0);
	assert_ok(run_resume(it->run, &err), &err);
	rest(it, 0);
	assert_state(it, RUN_DONE);
	assert_int_equal(it->now.count[LEDGER_ACCEPTED], 6);
	report_page_done(&page);
}

/* ---- Lost connections --------------------------------------------------------- */

static const struct fake_step serve[] = {
    {FAKE_SAY, "220 relay", 0}, {FAKE_SERVE, NULL, 0}, {FAKE_END, NULL, 0}};

/* The word behind the last place of a mark in what the relay heard: the review
 * has tried it too. */
static struct span
heard_word(const struct buf *heard, const char *mark, char end)
{
	struct span wanted = span_of(mark), rest = buf_span(heard), word = rest;
	bool found = false;

	for (size_t at = span_search(rest, wanted); at < rest.len;
	    at = span_search(rest, wanted)) {
		rest = span_slice(rest, at + wanted.len, rest.len);
		word = rest;
		found = true;
	}
	assert_true(found);
	return span_cut(&word, end);
}

/* Where reports are asked for, return path and envelope id lead back to the
 * recipient, which neither of them names. */
static void
an_envelope_is_known_again(void **state)
{
	static const struct fake_step offers[] = {{FAKE_SAY, "220 relay", 0},
	    {FAKE_HEAR, "EHLO", 0},
	    {FAKE_RAW, "250-relay\r\n250-PIPELINING\r\n250 DSN\r\n", 0},
	    {FAKE_SERVE, NULL, 0}, {FAKE_END, NULL, 0}};
	static const struct fake_step *const scripts[] = {offers};
	static const struct fake_plan script = {scripts, 1, NULL};
	static const char *const settings[][2] = {
	    {"message.dsn", "failure"},
	    {"message.bounce_domain", "b.example.jp"},
	};
	struct scene *it = *state;
	struct sealed_plan plan = {.recipients = 1, .sessions = 1};
	struct buf heard = BUF_INIT;
	struct message_ref path, id;
	struct err err = {0};

	it->relay = fake_relay_start(&script);
	for (size_t i = 0; i < sizeof settings / sizeof *settings; i++)
		assert_ok(setting_write(it->store, settings[i][0],
			      span_of(settings[i][1]), &err),
		    &err);
	seal(it, &plan);
	start(it, NULL);
	rest(it, 0);
	assert_state(it, RUN_DONE);
	fake_relay_heard(it->relay, &heard);
	assert_span_equal(heard_word(&heard, " RET=", ' '), "HDRS");
	assert_span_equal(heard_word(&heard, " NOTIFY=", ' '), "FAILURE");
	assert_true(heard_word(&heard, " ORCPT=rfc822;", '\n').len > 0);
	assert_true(message_ref_parse(
	    it->store, heard_word(&heard, "FROM:<", '>'), &path));
	assert_true(message_ref_parse(
	    it->store, heard_word(&heard, " ENVID=", '\n'), &id));
	assert_int_equal(id.campaign, it->id.v);
	assert_int_equal(message_ref_find(it->store, &id, it->id.v, 1), 1);
	assert_int_equal(message_ref_find(it->store, &path, it->id.v, 1), 1);
	buf_done(&heard);
}

static void
lost_after_the_dot_is_in_doubt_and_never_sent_again(void **state)
{
	static const struct fake_step mute[] = {{FAKE_SAY, "220 relay", 0},
	    {FAKE_SERVE_DOT, NULL, 3}, {FAKE_DROP, NULL, 0}};
	static const struct fake_step *const scripts[] = {serve, mute, serve};
	static const struct fake_plan script = {scripts, 3, NULL};
	struct scene *it = *state;
	struct sealed_plan plan = {.recipients = 12, .sessions = 1};
	struct report_page page = {0};
	size_t answered;

	it->relay = fake_relay_start(&script);
	seal(it, &plan);
	start(it, NULL);
	rest(it, 500);
	assert_state(it, RUN_DONE);
	assert_int_equal(it->now.count[LEDGER_IN_DOUBT], 1);
	assert_int_equal(it->now.count[LEDGER_ACCEPTED], 11);
	assert_int_equal(fake_relay_messages(it->relay, &answered), 12);
	assert_int_equal(answered, 11);
	read_row(it, seq_in(it, LEDGER_IN_DOUBT), &page);
	assert_int_equal(page.row[0].code, 0);
	assert_true(span_starts(page.row[0].class, SPAN("net.")));
	assert_true(page.row[0].message_id.len > 0);
	report_page_done(&page);
}

static void
silence_after_the_dot_is_in_doubt_after_ten_minutes(void **state)
{
	static const struct fake_step mute[] = {{FAKE_SAY, "220 relay", 0},
	    {FAKE_SERVE_DOT, NULL, 2}, {FAKE_HANG, NULL, 0}};
	static const struct fake_step *const scripts[] = {serve, mute, serve};
	static const struct fake_plan script = {scripts, 3, NULL};
	struct scene *it = *state;
	struct sealed_plan plan = {.recipients = 6, .sessions = 1};
	struct report_page page = {0};

	it->relay = fake_relay_start(&script);
	seal(it, &plan);
	start(it, NULL);
	await(it, LEDGER_HANDED, 1);
	await(it, LEDGER_ACCEPTED, 2);
	fake_clock_move(&it->clock, 590 * 1000);
	assert_int_equal(run_wait(it->run, 5 * STEP_MS), 0);
	look(it);
	assert_int_equal(it->now.count[LEDGER_IN_DOUBT], 0);
	rest(it, 11 * 1000);
	assert_state(it, RUN_DONE);
	assert_int_equal(it->now.count[LEDGER_IN_DOUBT], 1);
	assert_int_equal(it->now.count[LEDGER_ACCEPTED], 5);
	read_row(it, seq_in(it, LEDGER_IN_DOUBT), &page);
	assert_span_equal(page.row[0].class, "net.timeout");
	report_page_done(&page);
}

static void
lost_before_the_dot_is_sent_again(void **state)
{
	static const struct fake_step drop[] = {{FAKE_SAY, "220 relay", 0},
	    {FAKE_HEAR, "EHLO", 0}, {FAKE_SAY, "250 relay", 0},
	    {FAKE_HEAR, "MAIL", 0}, {FAKE_DROP, NULL, 0}};
	static const struct fake_step *const scripts[] = {serve, drop, serve};
	static const struct fake_plan script = {scripts, 3, NULL};
	struct scene *it = *state;
	struct sealed_plan plan = {.recipients = 4, .sessions = 1};

	it->relay = fake_relay_start(&script);
	seal(it, &plan);
	start(it, NULL);
	rest(it, 500);
	assert_state(it, RUN_DONE);
	assert_int_equal(it->now.count[LEDGER_ACCEPTED], 4);
	assert_int_equal(fake_relay_messages(it->relay, NULL), 4);
}

static void
a_relay_that_closes_is_asked_later(void **state)
{
	static const struct fake_step busy[] = {{FAKE_SAY, "220 relay", 0},
	    {FAKE_HEAR, "EHLO", 0}, {FAKE_SAY, "250 relay", 0},
	    {FAKE_HEAR, "MAIL", 0}, {FAKE_SAY, "421 4.3.2 shutting down", 0},
	    {FAKE_END, NULL, 0}};
	static const struct fake_step *const scripts[] = {serve, busy, serve};
	static const struct fake_plan script = {scripts, 3, NULL};
	struct scene *it = *state;
	struct sealed_plan plan = {.recipients = 4, .sessions = 1};
	struct report_page page = {0};

	it->relay = fake_relay_start(&script);
	seal(it, &plan);
	start(it, NULL);
	await(it, LEDGER_DEFERRED, 1);
	read_row(it, seq_in(it, LEDGER_DEFERRED), &page);
	assert_span_equal(page.row[0].class, "S3");
	assert_int_equal(page.row[0].attempt, 0);
	rest(it, 5000);
	assert_state(it, RUN_DONE);
	assert_int_equal(it->now.count[LEDGER_ACCEPTED], 4);
	report_page_done(&page);
}

/* ---- Relays that must not be used --------------------------------------------- */

static void
paused_with(struct scene *it, enum err_code code)
{
	assert_state(it, RUN_PAUSED);
	if (it->now.why.code != code)
		fail_msg("paused by %s", err_name(it->now.why.code));
	assert_int_equal(it->now.count[LEDGER_ACCEPTED], 0);
	assert_int_equal(it->now.count[LEDGER_HANDED], 0);
	assert_int_equal(fake_relay_messages(it->relay, NULL), 0);
}

static void
a_lie_about_starttls_pauses(void **state)
{
	static const struct fake_step bare[] = {{FAKE_SAY, "220 relay", 0},
	    {FAKE_HEAR, "EHLO", 0}, {FAKE_SAY, "250 relay", 0},
	    {FAKE_SERVE, NULL, 0}, {FAKE_END, NULL, 0}};
	static const struct fake_step *const scripts[] = {serve, bare};
	static const struct fake_plan script = {scripts, 2, &fake_good_cert};
	struct scene *it = *state;
	struct sealed_plan plan = {.recipients = 9, .tls = RELAY_TLS_VERIFY};

	it->relay = fake_relay_start(&script);
	seal(it, &plan);
	start(it, NULL);
	rest(it, 0);
	paused_with(it, E_TLS_MISSING);
	assert_int_equal(fake_relay_connections(it->relay), 2);
}

static void
a_wrong_certificate_pauses(void **state)
{
	static const struct fake_step *const scripts[] = {serve};
	static const struct fake_plan script = {scripts, 1, &fake_good_cert};
	struct scene *it = *state;
	struct fake_relay *good = fake_relay_start(&script);
	struct sealed_plan plan = {.recipients = 9, .tls = RELAY_TLS_VERIFY};

	it->relay = good;
	seal(it, &plan);
	/* another one answers now, with an authority of its own */
	it->relay = fake_relay_start(&script);
	it->detour.port = fake_relay_port(it->relay);
	start(it, NULL);
	rest(it, 0);
	paused_with(it, E_TLS_VERIFY);
	assert_int_equal(fake_relay_connections(it->relay), 1);
	run_free(&it->run);
	fake_relay_stop(&good);
}

static void
a_refused_password_is_not_tried_again(void **state)
{
	static const struct fake_step refuse[] = {{FAKE_SAY, "220 relay", 0},
	    {FAKE_HEAR, "EHLO", 0}, {FAKE_SAY, "250-relay", 0},
	    {FAKE_SAY, "250 STARTTLS", 0}, {FAKE_HEAR, "STARTTLS", 0},
	    {FAKE_SAY, "220 go", 0}, {FAKE_TLS, NULL, 0},
	    {FAKE_HEAR, "EHLO", 0}, {FAKE_SAY, "250-relay", 0},
	    {FAKE_SAY, "250 AUTH PLAIN", 0}, {FAKE_HEAR, "AUTH", 0},
	    {FAKE_SAY, "535 5.7.8 no", 0}, {FAKE_END, NULL, 0}};
	static const struct fake_step *const scripts[] = {serve, refuse};
	static const struct fake_plan script = {scripts, 2, &fake_good_cert};
	struct scene *it = *state;
	struct sealed_plan plan = {.recipients = 9,
	    .tls = RELAY_TLS_VERIFY,
	    .user = "sender",
	    .secret = "opensesame"};

	it->relay = fake_relay_start(&script);
	seal(it, &plan);
	start(it, NULL);
	rest(it, 0);
	paused_with(it, E_SMTP_AUTH);
	assert_string_equal(err_find(&it->now.why, "reply"), "535 5.7.8 no");
	for (int i = 0; i < 5; i++)
		fake_clock_move(&it->clock, 3600 * 1000);
	assert_int_equal(run_wait(it->run, 5 * STEP_MS), 1);
	assert_int_equal(fake_relay_connections(it->relay), 2);
}

/* Stores another password for the only relay, as the setup screen does. */
static void
correct_password(struct scene *it, const char *password)
{
	struct relay_config relay = {0};
	struct err err = {0};

	assert_ok(relay_active(it->db, &relay, &err), &err);
	secret_free(&relay.secret);
	relay.secret = secret_of(password, strlen(password));
	assert_ok(relay_save(it->store, &relay, &err), &err);
	relay_config_done(&relay);
}

static void
a_corrected_password_is_used_when_going_on(void **state)
{
	struct scene *it = *state;
	struct secret *right = secret_of("opensesame", 10);
	struct practice_config config = {.folder = it->folder,
	    .user = "sender",
	    .password = right,
	    .discard = 1,
	    .manners = PRACTICE_PLAIN};
	struct sealed_plan plan = {
	    .recipients = 9, .user = "sender", .secret = "opensesame"};
	struct err err = {0};

	assert_ok(practice_start(&config, &it->practice, &err), &err);
	seal(it, &plan);
	correct_password(it, "mistyped");
	start(it, NULL);
	rest(it, 0);
	assert_state(it, RUN_PAUSED);
	assert_int_equal(it->now.why.code, E_SMTP_AUTH);
	correct_password(it, "opensesame");
	assert_ok(run_resume(it->run, &err), &err);
	rest(it, 0);
	assert_state(it, RUN_DONE);
	assert_int_equal(it->now.count[LEDGER_ACCEPTED], 9);
	secret_free(&right);
}

static void
a_silent_relay_pauses_after_some_tries(void **state)
{
	static const struct fake_step hang[] = {
	    {FAKE_SAY, "220 relay", 0}, {FAKE_HANG, NULL, 0}};
	static const struct fake_step *const scripts[] = {serve, hang};
	static const struct fake_plan script = {scripts, 2, NULL};
	struct scene *it = *state;
	struct sealed_plan plan = {.recipients = 9};

	it->relay = fake_relay_start(&script);
	seal(it, &plan);
	start(it, NULL);
	rest(it, 20 * 1000);
	paused_with(it, E_NET_TIMEOUT);
	assert_string_equal(err_find(&it->now.why, "stage"), "ehlo");
	assert_int_equal(fake_relay_connections(it->relay), 1 + 6);
}

static void
a_relay_that_is_gone_pauses_and_comes_back(void **state)
{
	static const struct fake_step *const scripts[] = {serve};
	static const struct fake_plan script = {scripts, 1, NULL};
	struct scene *it = *state;
	struct fake_relay *gone = fake_relay_start(&script);
	unsigned short port = fake_relay_port(gone);
	struct sealed_plan plan = {.recipients = 9};
	struct err err = {0};

	it->relay = fake_relay_start(&script);
	seal(it, &plan);
	fake_relay_stop(&gone);
	it->detour.port = port;
	start(it, NULL);
	rest(it, 5 * 1000);
	paused_with(it, E_NET_CONNECT);
	it->detour.port = 0;
	assert_ok(run_resume(it->run, &err), &err);
	rest(it, 0);
	assert_state(it, RUN_DONE);
	assert_int_equal(fake_relay_messages(it->relay, NULL), 9);
}

static void
a_message_above_the_relays_size_fails(void **state)
{
	static const struct fake_step small[] = {{FAKE_SAY, "220 relay", 0},
	    {FAKE_HEAR, "EHLO", 0}, {FAKE_SAY, "250-relay", 0},
	    {FAKE_SAY, "250 SIZE 1000", 0}, {FAKE_SERVE, NULL, 0},
	    {FAKE_END, NULL, 0}};
	static const struct fake_step *const scripts[] = {serve, small};
	static const struct fake_plan script = {scripts, 2, NULL};
	struct scene *it = *state;
	struct sealed_plan plan = {.recipients = 3, .sessions = 1};
	struct report_page page = {0};

	it->relay = fake_relay_start(&script);
	seal(it, &plan);
	start(it, NULL);
	rest(it, 0);
	assert_state(it, RUN_DONE);
	assert_int_equal(it->now.count[LEDGER_FAILED], 3);
	assert_int_equal(fake_relay_messages(it->relay, NULL), 0);
	read_row(it, 1, &page);
	assert_span_equal(page.row[0].class, "net.smtp_size");
	report_page_done(&page);
}

/* ---- The last check ------------------------------------------------------------ */

static void
what_was_changed_or_left_is_withheld(void **state)
{
	struct scene *it = *state;
	struct sealed_plan plan = {.recipients = 10};
	struct report_page page = {0};
	struct err err = {0};

	use_practice(it, PRACTICE_PLAIN);
	seal(it, &plan);
	change(it, "UPDATE outbox SET name = 'Mallory' WHERE seq = 2");
	change(it, "UPDATE outbox SET address = 'evil@example.net'"
		   " WHERE seq = 5");
	assert_ok(
	    suppress_add(it->store, SPAN("A7@example.jp"), (struct list_id){0},
		SUPPRESS_UNSUBSCRIBED, SPAN("test"), &err),
	    &err);
	assert_ok(
	    suppress_add(it->store, SPAN("a7@example.jp"), (struct list_id){0},
		SUPPRESS_UNSUBSCRIBED, SPAN("test"), &err),
	    &err);
	start(it, NULL);
	rest(it, 0);
	assert_state(it, RUN_DONE);
	assert_int_equal(it->now.count[LEDGER_WITHHELD], 3);
	assert_int_equal(it->now.count[LEDGER_ACCEPTED], 7);
	assert_int_equal(practice_count(it->practice).accepted, 7);
	read_row(it, 2, &page);
	assert_int_equal(page.row[0].state, LEDGER_WITHHELD);
	assert_span_equal(page.row[0].class, "deliver.withheld_changed");
	read_row(it, 5, &page);
	assert_span_equal(page.row[0].class, "deliver.withheld_changed");
	read_row(it, 7, &page);
	assert_span_equal(page.row[0].class, "deliver.withheld_suppressed");
	report_page_done(&page);
}

/* The list was read for the first message; whoever leaves after that is found
 * all the same. */
static void
who_leaves_during_a_run_gets_nothing(void **state)
{
	struct scene *it = *state;
	struct sealed_plan plan = {.recipients = 40, .sessions = 1};
	struct run_plan slow = {.rate_per_s = 1};
	struct report_page page = {0};
	struct err err = {0};

	use_practice(it, PRACTICE_PLAIN);
	seal(it, &plan);
	start(it, &slow);
	await(it, LEDGER_ACCEPTED, 1);
	assert_true(it->now.count[LEDGER_ACCEPTED] < 20);
	assert_ok(
	    suppress_add(it->store, SPAN("a40@example.jp"), (struct list_id){0},
		SUPPRESS_UNSUBSCRIBED, SPAN("test"), &err),
	    &err);
	rest(it, 1000);
	assert_state(it, RUN_DONE);
	assert_int_equal(it->now.count[LEDGER_WITHHELD], 1);
	assert_int_equal(practice_count(it->practice).accepted, 39);
	read_row(it, 40, &page);
	assert_span_equal(page.row[0].class, "deliver.withheld_suppressed");
	report_page_done(&page);
}

static void
a_broken_seal_pauses_a_run_on_the_way(void **state)
{
	struct scene *it = *state;
	struct sealed_plan plan = {.recipients = 150};
	struct run_plan slow = {.rate_per_s = 100};
	struct err err = {0};

	use_practice(it, PRACTICE_PLAIN);
	seal(it, &plan);
	start(it, &slow);
	await(it, LEDGER_ACCEPTED, 1);
	assert_ok(
	    setting_write(it->store, "legal.name", SPAN("Someone else"), &err),
	    &err);
	rest(it, 1000);
	assert_state(it, RUN_PAUSED);
	assert_int_equal(it->now.why.code, E_REVIEW_SEAL);
	assert_true(it->now.count[LEDGER_PLANNED] > 80);
	assert_int_equal(run_resume(it->run, &err), -1);
	assert_int_equal(err.code, E_REVIEW_SEAL);
	assert_ok(setting_write(it->store, "legal.name",
		      SPAN("Example City Office"), &err),
	    &err);
	assert_ok(run_resume(it->run, &err), &err);
	rest(it, 1000);
	assert_state(it, RUN_DONE);
	assert_int_equal(it->now.count[LEDGER_ACCEPTED], 150);
}

/* ---- The operator's hand --------------------------------------------------------- */

static void
a_pause_holds_and_a_stop_cancels_the_rest(void **state)
{
	struct scene *it = *state;
	struct sealed_plan plan = {.recipients = 200};
	struct run_plan slow = {.rate_per_s = 10};
	struct err err = {0};
	int64_t accepted;

	use_practice(it, PRACTICE_PLAIN);
	seal(it, &plan);
	start(it, &slow);
	await(it, LEDGER_ACCEPTED, 1);
	assert_ok(run_pause(it->run, &err), &err);
	assert_int_equal(run_pause(it->run, &err), -1);
	assert_int_equal(err.code, E_RUN_STATE);
	rest(it, 0);
	assert_state(it, RUN_PAUSED);
	fake_clock_move(&it->clock, 20 * 1000);
	assert_int_equal(run_wait(it->run, 5 * STEP_MS), 1);
	accepted = (int64_t)practice_count(it->practice).accepted;
	assert_true(accepted < 10);
	assert_ok(run_resume(it->run, &err), &err);
	await(it, LEDGER_ACCEPTED, accepted + 1);
	assert_ok(run_stop(it->run, &err), &err);
	rest(it, 0);
	assert_state(it, RUN_STOPPED);
	assert_int_equal(
	    it->now.count[LEDGER_ACCEPTED] + it->now.count[LEDGER_CANCELLED],
	    200);
	assert_true(it->now.count[LEDGER_CANCELLED] > 180);
	assert_int_equal(practice_count(it->practice).accepted,
	    it->now.count[LEDGER_ACCEPTED]);
	assert_int_equal(stored_state(it), CAMPAIGN_STOPPED);
	assert_int_equal(run_resume(it->run, &err), -1);
	assert_int_equal(err.code, E_RUN_STATE);
}

/* Leaving the program right after a stop must not undo the stop. */
static void
a_stop_is_carried_out_before_leaving(void **state)
{
	struct scene *it = *state;
	struct sealed_plan plan = {.recipients = 50};
	struct run_plan slow = {.rate_per_s = 10};
	struct report report;
	struct err err = {0};

	use_practice(it, PRACTICE_PLAIN);
	seal(it, &plan);
	start(it, &slow);
	await(it, LEDGER_ACCEPTED, 1);
	assert_ok(run_stop(it->run, &err), &err);
	run_free(&it->run);
	assert_int_equal(stored_state(it), CAMPAIGN_STOPPED);
	assert_ok(report_build(it->db, it->id, &report, &err), &err);
	assert_int_equal(report.run, RUN_STOPPED);
	assert_int_equal(
	    report.count[LEDGER_ACCEPTED] + report.count[LEDGER_CANCELLED], 50);
}

static void
a_run_left_is_found_and_continued(void **state)
{
	struct scene *it = *state;
	struct sealed_plan plan = {.recipients = 50};
	struct run_plan slow = {.rate_per_s = 10};
	struct campaign_id *left;
	struct err err = {0};
	size_t count;

	use_practice(it, PRACTICE_PLAIN);
	seal(it, &plan);
	assert_ok(run_unfinished(it->db, &left, &count, &err), &err);
	assert_int_equal(count, 0);
	start(it, &slow);
	await(it, LEDGER_ACCEPTED, 1);
	run_free(&it->run);
	assert_ok(run_unfinished(it->db, &left, &count, &err), &err);
	assert_int_equal(count, 1);
	assert_int_equal(left[0].v, it->id.v);
	free(left);
	start(it, NULL);
	rest(it, 0);
	assert_state(it, RUN_DONE);
	assert_int_equal(it->now.count[LEDGER_ACCEPTED], 50);
	assert_int_equal(practice_count(it->practice).accepted, 50);
}

/* A seal that cannot fit any more must not keep a campaign running for ever. */
static void
a_run_left_is_stopped_without_a_seal(void **state)
{
	struct scene *it = *state;
	struct sealed_plan plan = {.recipients = 50};
	struct run_plan slow = {.rate_per_s = 10};
	struct report report;
	struct err err = {0};
	int64_t sent;

	use_practice(it, PRACTICE_PLAIN);
	seal(it, &plan);
	assert_int_equal(
	    run_stop_interrupted(it->store, &it->world, it->id, &err), -1);
	assert_int_equal(err.code, E_CAMPAIGN_STATE);
	start(it, &slow);
	await(it, LEDGER_ACCEPTED, 1);
	assert_int_equal(
	    run_stop_interrupted(it->store, &it->world, it->id, &err), -1);
	assert_int_equal(err.code, E_RUN_ACTIVE);
	run_free(&it->run);
	sent = (int64_t)practice_count(it->practice).accepted;
	assert_ok(
	    run_stop_interrupted(it->store, &it->world, it->id, &err), &err);
	assert_int_equal(stored_state(it), CAMPAIGN_STOPPED);
	assert_ok(report_build(it->db, it->id, &report, &err), &err);
	assert_int_equal(report.run, RUN_STOPPED);
	assert_int_equal(report.count[LEDGER_ACCEPTED], sent);
	assert_int_equal(report.count[LEDGER_CANCELLED], 50 - sent);
	assert_int_equal(practice_count(it->practice).accepted, (uint64_t)sent);
}

static void
collect(void *arg, const struct audit_entry *entry)
{
	struct buf *out = arg;

	if (!span_starts(entry->what, SPAN("run.")))
		return;
	buf_add(out, entry->what);
	buf_char(out, ' ');
}

static void
every_step_is_logged(void **state)
{
	struct scene *it = *state;
	struct sealed_plan plan = {.recipients = 3};
	struct run_plan slow = {.rate_per_s = 1};
	struct buf steps = BUF_INIT;
	struct err err = {0};

	use_practice(it, PRACTICE_PLAIN);
	seal(it, &plan);
	start(it, &slow);
	assert_ok(run_pause(it->run, &err), &err);
	assert_ok(run_resume(it->run, &err), &err);
	assert_ok(run_retry_now(it->run, &err), &err);
	rest(it, 1000);
	assert_state(it, RUN_DONE);
	run_free(&it->run);
	assert_true(audit_read(it->db, 0, 50, collect, &steps, &err) > 0);
	assert_span_equal(buf_span(&steps),
	    "run.done run.retry run.resume run.pause run.start ");
	buf_done(&steps);
}

#define scene(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    scene(delivers_all_and_keeps_the_evidence),
	    scene(a_run_needs_a_clearance_and_a_campaign_one_run),
	    scene(a_new_signing_key_needs_a_new_seal),
	    scene(unknown_ones_fail_for_good),
	    scene(too_many_unknown_ones_pause),
	    scene(deferred_ones_are_tried_again_when_due),
	    scene(the_operator_may_hurry),
	    scene(unknown_addresses_are_stopped),
	    scene(tries_run_out),
	    scene(time_runs_out),
	    scene(a_reply_about_us_pauses_and_keeps_the_recipient),
	    scene(an_envelope_is_known_again),
	    scene(lost_after_the_dot_is_in_doubt_and_never_sent_again),
	    scene(silence_after_the_dot_is_in_doubt_after_ten_minutes),
	    scene(lost_before_the_dot_is_sent_again),
	    scene(a_relay_that_closes_is_asked_later),
	    scene(a_lie_about_starttls_pauses),
	    scene(a_wrong_certificate_pauses),
	    scene(a_refused_password_is_not_tried_again),
	    scene(a_corrected_password_is_used_when_going_on),
	    scene(a_silent_relay_pauses_after_some_tries),
	    scene(a_relay_that_is_gone_pauses_and_comes_back),
	    scene(a_message_above_the_relays_size_fails),
	    scene(what_was_changed_or_left_is_withheld),
	    scene(who_leaves_during_a_run_gets_nothing),
	    scene(a_broken_seal_pauses_a_run_on_the_way),
	    scene(a_pause_holds_and_a_stop_cancels_the_rest),
	    scene(a_stop_is_carried_out_before_leaving),
	    scene(a_run_left_is_found_and_continued),
	    scene(a_run_left_is_stopped_without_a_seal),
	    scene(every_step_is_logged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
