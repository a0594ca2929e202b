/* The gate: what the checks find, what clears them, what the seal binds, and
 * that a changed byte anywhere voids it. */
#include "tests/unit/unit.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/review/jobs.h"
#include "tests/fake/relay.h"
#include "tests/fake/stage.h"

static const struct stage_params few = {
    .recipients = 12, .class = CLASS_AD, .manners = PRACTICE_PLAIN};

/* ---- Helpers ---------------------------------------------------------------- */

static struct review *
open_review(struct stage *stage)
{
	struct review *review = NULL;
	struct err err = {0};

	assert_ok(review_open(stage->store, &stage->world, stage->campaign,
		      &review, &err),
	    &err);
	return review;
}

static struct review *
run_review(struct stage *stage)
{
	struct review *review = open_review(stage);
	struct err err = {0};

	assert_ok(checklist_run(review, &err), &err);
	return review;
}

static const struct check_result *
result_of(const struct review *review, const char *id)
{
	size_t count;
	const struct check_result *all = review_results(review, &count);

	for (size_t i = 0; i < count; i++) {
		if (!strcmp(all[i].check->id, id))
			return &all[i];
	}
	fail_msg("no check %s", id);
	return NULL;
}

static void
assert_fails(struct stage *stage, const char *id, const char *what)
{
	struct review *review = run_review(stage);
	const struct check_result *result = result_of(review, id);
	struct err err = {0};

	if (result->state != CHECK_FAIL)
		fail_msg("%s passed", id);
	if (what && strcmp(err_find(&result->why, "what"), what))
		fail_msg("%s: %s, what=%s", id, err_name(result->why.code),
		    err_find(&result->why, "what"));
	assert_false(result->cleared);
	assert_true(result->count > 0);
	assert_int_equal(signoff_give(review, &err), -1);
	assert_true(
	    err.code == E_REVIEW_BLOCKED || err.code == E_REVIEW_UNANSWERED);
	review_free(&review);
}

/* ---- A good campaign ---------------------------------------------------------- */

/* What a stage has not: people, names, the Internet, history. */
static bool
is_missing_here(const struct check *check)
{
	static const char *const sources[] = {SOURCE_PERSON, "authentication",
	    "sender domains", "block lists", "link lists", "domains",
	    "signed sample", "onward hop", "identity", "opt-out",
	    "link targets"};
	/* nothing was said, nothing was sent */
	static const char *const open[] = {
	    "LC-08", "PC-02", "PC-05", "TW-01", "TW-05"};
	/* nothing to ask DNS about */
	static const char *const others[] = {
	    "PP-02", "DN-02", "DN-08W", "LK-04W"};

	for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
		if (!strcmp(check->id, others[i]))
			return false;
	}
	for (size_t i = 0; i < sizeof open / sizeof *open; i++) {
		if (!strcmp(check->id, open[i]))
			return true;
	}
	for (size_t i = 0; i < sizeof sources / sizeof *sources; i++) {
		if (!strcmp(check->source, sources[i]))
			return true;
	}
	return !check_is_built(check);
}

static void
a_good_campaign_passes(void **state)
{
	struct stage stage;
	struct review *review;
	struct err err = {0};
	size_t count;
	const struct check_result *all;

	(void)state;
	stage_open(&stage, &few);
	review = open_review(&stage);
	all = review_results(review, &count);
	for (size_t i = 0; i < count; i++)
		assert_int_equal(all[i].state, CHECK_PENDING);
	assert_int_equal(review_recipients(review), 0);
	assert_ok(checklist_run(review, &err), &err);
	all = review_results(review, &count);
	for (size_t i = 0; i < count; i++) {
		bool missing = is_missing_here(all[i].check);

		if (all[i].state !=
		    (missing ? CHECK_NOT_EVALUATED : CHECK_PASS))
			fail_msg("%s: state %d, %s what=%s value=%s",
			    all[i].check->id, all[i].state,
			    err_name(all[i].why.code),
			    err_find(&all[i].why, "what"),
			    err_find(&all[i].why, "value"));
	}
	assert_int_equal(review_recipients(review), 12);
	assert_false(review_is_complete(review));
	assert_int_equal(signoff_give(review, &err), -1);
	assert_int_equal(err.code, E_REVIEW_UNANSWERED);
	review_free(&review);
	stage_close(&stage);
}

static void
seal_and_clearance(void **state)
{
	struct stage stage;
	struct clearance *clearance = NULL;
	struct err err = {0};

	(void)state;
	stage_open(&stage, &few);
	assert_int_equal(clearance_grant(stage.store, &stage.world,
			     stage.campaign, &clearance, &err),
	    -1);
	assert_int_equal(err.code, E_CAMPAIGN_STATE);
	stage_seal(&stage);
	clearance = stage_clearance(&stage);
	assert_true(clearance_campaign(clearance).v == stage.campaign.v);
	assert_int_equal(clearance_recipients(clearance), 12);
	clearance_free(&clearance);
	assert_null(clearance);
	stage_close(&stage);
}

/* What was typed is compared again at the launch, with the number that was
 * sealed. */
static void
an_expected_number_holds_at_the_launch(void **state)
{
	struct stage stage;
	struct clearance *clearance;

	(void)state;
	stage_open(&stage, &few);
	stage_sql(&stage, "UPDATE campaign SET expected = 12");
	stage_seal(&stage);
	clearance = stage_clearance(&stage);
	assert_int_equal(clearance_recipients(clearance), 12);
	clearance_free(&clearance);
	stage_close(&stage);
}

/* ---- What voids a seal ---------------------------------------------------------- */

struct tamper {
	const char *sql;
	const char *what;
};

/* Another enabled relay, at the first one's place or elsewhere. */
#define SECOND_RELAY(port, enabled)                                            \
	"INSERT INTO relay(name, host, port, tls, ca_file, user, secret,"      \
	" sessions, per_session, rate_per_s, enabled, changed_ms)"             \
	" SELECT 'second', host, " port ", tls, ca_file, user, secret,"        \
	" sessions, per_session, rate_per_s, " enabled ", changed_ms"          \
	" FROM relay"

static const struct tamper tampers[] = {
    {"UPDATE campaign SET body = body || 'x'", "content"},
    {"UPDATE campaign SET subject = 'Other'", "content"},
    {"UPDATE campaign SET from_name = 'Other'", "content"},
    {"UPDATE outbox SET leaf = zeroblob(32) WHERE seq = 3", "recipients"},
    {"DELETE FROM outbox WHERE seq = 12", "recipients"},
    {"INSERT INTO outbox SELECT campaign, 13, contact, address, canon,"
     " name, fields, leaf FROM outbox WHERE seq = 12",
	"recipients"},
    {"UPDATE review SET recipients = 11", "recipients"},
    {"UPDATE review SET root = zeroblob(32)", "recipients"},
    {"UPDATE review SET digest = zeroblob(32)", "mac"},
    {"UPDATE review SET seal = zeroblob(32)", "mac"},
    {"UPDATE review SET sealed_by = 'jiro'", "mac"},
    {"UPDATE review SET seal = NULL", "missing"},
    {"UPDATE review_result SET answer = 'Somebody else looked at it.'"
     " WHERE item = 'PP-01'",
	"answers"},
    {"UPDATE review_result SET answered_by = 'jiro'"
     " WHERE item = 'PP-01'",
	"answers"},
    {"UPDATE review_result SET state = 3 WHERE item = 'PP-01'", "answers"},
    {"UPDATE review_result SET at_ms = at_ms + 1 WHERE item = 'TS-02'",
	"answers"},
    {"UPDATE relay SET host = 'localhost'", "content"},
    {"UPDATE relay SET port = port + 1", "content"},
    {"UPDATE relay SET tls = 2", "content"},
    {SECOND_RELAY("port", "1"), "content"},
    {"UPDATE setting SET value = 'Other Inc.' WHERE name = 'legal.name'",
	"content"},
};

static void
any_change_voids_the_seal(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof tampers / sizeof *tampers; i++) {
		struct stage stage;
		struct clearance *clearance = NULL;
		struct err err = {0};

		stage_open(&stage, &few);
		stage_seal(&stage);
		stage_sql(&stage, tampers[i].sql);
		if (clearance_grant(stage.store, &stage.world, stage.campaign,
			&clearance, &err) == 0)
			fail_msg("%s: cleared", tampers[i].sql);
		assert_int_equal(err.code, E_REVIEW_SEAL);
		assert_string_equal(err_find(&err, "what"), tampers[i].what);
		stage_close(&stage);
	}
}

/* While a run goes on, cheap questions find the same changes. */
static void
a_clearance_stops_holding(void **state)
{
	static const char *const changes[] = {
	    "UPDATE campaign SET revision = revision + 1",
	    "UPDATE relay SET port = port + 1",
	    SECOND_RELAY("port", "1"),
	    "UPDATE setting SET value = 'x' WHERE name = 'legal.name'",
	    "UPDATE review SET seal = NULL",
	};

	(void)state;
	for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
		struct stage stage;
		struct clearance *clearance;
		struct db *db = NULL;
		struct err err = {0};

		stage_open(&stage, &few);
		stage_seal(&stage);
		clearance = stage_clearance(&stage);
		assert_ok(store_reader_open(stage.store, &db, &err), &err);
		assert_ok(clearance_holds(clearance, db, &err), &err);
		stage_sql(&stage, changes[i]);
		if (clearance_holds(clearance, db, &err) == 0)
			fail_msg("%s: still holds", changes[i]);
		assert_int_equal(err.code, E_REVIEW_SEAL);
		store_reader_close(&db);
		clearance_free(&clearance);
		stage_close(&stage);
	}
}

/* How fast it goes, and through which of the sealed relays, is not sealed. */
static void
speeds_and_spare_relays_are_free(void **state)
{
	static const char *const changes[] = {
	    "UPDATE relay SET sessions = 9, rate_per_s = 7, per_session = 5",
	    "UPDATE relay SET share = 0",
	    "UPDATE setting SET value = '7' WHERE name = 'pace.frequency'",
	    SECOND_RELAY("1", "0"),
	};
	struct stage stage;
	struct clearance *clearance;
	struct db *db = NULL;
	struct err err = {0};

	(void)state;
	stage_open(&stage, &few);
	stage_seal(&stage);
	clearance = stage_clearance(&stage);
	assert_ok(store_reader_open(stage.store, &db, &err), &err);
	for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
		stage_sql(&stage, changes[i]);
		assert_ok(clearance_holds(clearance, db, &err), &err);
	}
	store_reader_close(&db);
	clearance_free(&clearance);
	stage_close(&stage);
}

/* All relays that a run may use are asked, and the one that does not answer is
 * named. */
static void
every_relay_is_asked(void **state)
{
	struct stage stage;
	struct review *review;
	const struct check_result *result;
	struct err err = {0};

	(void)state;
	stage_open(&stage, &few);
	stage_sql(&stage, SECOND_RELAY("port", "1"));
	review = open_review(&stage);
	assert_ok(checklist_run(review, &err), &err);
	result = result_of(review, "TS-02");
	assert_int_equal(result->state, CHECK_PASS);
	assert_non_null(strstr(result->facts, "relays=2"));
	stage_sql(&stage, "UPDATE relay SET port = 1 WHERE name = 'second'");
	assert_ok(checklist_run(review, &err), &err);
	result = result_of(review, "TS-02");
	assert_int_equal(result->state, CHECK_FAIL);
	assert_int_equal(result->count, 1);
	assert_non_null(strstr(result->facts, "relay=second"));
	assert_int_equal(result->why.code, E_NET_CONNECT);
	/* and each must be safe */
	stage_sql(&stage, "UPDATE relay SET tls = 2 WHERE name = 'second'");
	assert_ok(checklist_run(review, &err), &err);
	result = result_of(review, "TS-01");
	assert_int_equal(result->state, CHECK_FAIL);
	assert_non_null(strstr(result->facts, "relay=second level=required"));
	review_free(&review);
	stage_close(&stage);
}

/* How long a relay's certificate must last. */
static void
certificates_that_end(void **state)
{
	static const struct {
		long to_s;
		enum check_state block, warn;
	} cases[] = {
	    {9 * 3600L, CHECK_FAIL, CHECK_PASS},
	    {25 * 3600L, CHECK_PASS, CHECK_FAIL},
	    {13 * 86400L, CHECK_PASS, CHECK_FAIL},
	    {15 * 86400L, CHECK_PASS, CHECK_PASS},
	};
	static const struct fake_step serve[] = {{FAKE_SAY, "220 relay", 0},
	    {FAKE_SERVE, NULL, 0}, {FAKE_END, NULL, 0}};
	static const struct fake_step *const scripts[] = {serve};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct practice_cert_how how = {
		    .names = "DNS:localhost,IP:127.0.0.1",
		    .from_s = -3600,
		    .to_s = cases[i].to_s};
		struct fake_plan plan = {scripts, 1, &how};
		struct fake_relay *relay = fake_relay_start(&plan);
		struct stage stage;
		struct review *review;
		struct err err = {0};

		stage_open(&stage, &few);
		stage_relay_port(&stage, fake_relay_port(relay),
		    RELAY_TLS_VERIFY, fake_relay_ca_file(relay));
		review = open_review(&stage);
		assert_ok(checklist_run(review, &err), &err);
		assert_int_equal(result_of(review, "TS-02")->state, CHECK_PASS);
		assert_int_equal(
		    result_of(review, "TS-03")->state, cases[i].block);
		assert_int_equal(
		    result_of(review, "TS-03W")->state, cases[i].warn);
		review_free(&review);
		stage_close(&stage);
		fake_relay_stop(&relay);
	}
}

/* Once launched, neither a proof nor an answer nor a seal may touch what the
 * delivery reads, also through a review that was opened before. */
static void
a_launched_campaign_is_left_alone(void **state)
{
	struct stage stage;
	struct review *review;
	struct clearance *clearance;
	struct err err = {0};

	(void)state;
	stage_open(&stage, &few);
	stage_seal(&stage);
	review = open_review(&stage);
	assert_true(review_is_complete(review));
	stage_sql(&stage, "UPDATE campaign SET state = 2");
	assert_int_equal(review_answer(review, "PP-01",
			     SPAN("Somebody looked after all."), &err),
	    -1);
	assert_int_equal(err.code, E_CAMPAIGN_STATE);
	assert_int_equal(signoff_give(review, &err), -1);
	assert_int_equal(err.code, E_CAMPAIGN_STATE);
	assert_int_equal(checklist_run(review, &err), -1);
	assert_int_equal(err.code, E_CAMPAIGN_STATE);
	review_free(&review);
	assert_int_equal(
	    stage_number(&stage, "SELECT count(*) FROM outbox"), 12);
	clearance = stage_clearance(&stage);
	clearance_free(&clearance);
	stage_close(&stage);
}

/* A proof rewrites the outbox, so the seal goes before it begins, and a
 * clearance of before ends with it. */
static void
a_new_proof_takes_the_seal_off_first(void **state)
{
	struct stage stage;
	struct stage_params params = few;
	struct review *review;
	struct clearance *clearance;
	struct db *db = NULL;
	struct err err = {0};

	(void)state;
	params.recipients = 1;
	stage_open(&stage, &params);
	stage_seal(&stage);
	clearance = stage_clearance(&stage);
	assert_ok(store_reader_open(stage.store, &db, &err), &err);
	assert_ok(
	    suppress_add(stage.store, SPAN("user00001@example.jp"),
		(struct list_id){0}, SUPPRESS_UNSUBSCRIBED, SPAN("test"), &err),
	    &err);
	review = open_review(&stage);
	assert_int_equal(checklist_run(review, &err), -1);
	assert_int_equal(err.code, E_REVIEW_EMPTY);
	review_free(&review);
	assert_int_equal(
	    stage_number(&stage, "SELECT state FROM campaign"), CAMPAIGN_DRAFT);
	assert_int_equal(
	    stage_number(&stage, "SELECT count(*) FROM audit"
				 " WHERE what = 'campaign.unseal'"),
	    1);
	assert_int_equal(clearance_holds(clearance, db, &err), -1);
	stage_sql(&stage, "DELETE FROM suppression");
	stage_seal(&stage);
	assert_int_equal(clearance_holds(clearance, db, &err), -1);
	clearance_free(&clearance);
	store_reader_close(&db);
	stage_close(&stage);
}

/* What was stored before the seal is bound as well: a row edited meanwhile
 * makes all of it stale instead of passing. */
static void
edited_results_are_not_believed(void **state)
{
	static const char *const edits[] = {
	    "UPDATE review_result SET state = 2 WHERE item = 'PP-03'",
	    "UPDATE review_result SET answer = '12' WHERE item = 'PP-03'",
	    "UPDATE review_result SET at_ms = at_ms + 1 WHERE item = 'TS-02'",
	    "UPDATE review SET digest = NULL",
	    "UPDATE review SET seal = digest, sealed_ms = 1, sealed_by = 'x'",
	};

	(void)state;
	for (size_t i = 0; i < sizeof edits / sizeof *edits; i++) {
		struct stage stage;
		struct review *review;
		struct err err = {0};

		stage_open(&stage, &few);
		review = run_review(&stage);
		assert_ok(review_answer(review, "PP-01",
			      SPAN("Nobody else is here."), &err),
		    &err);
		review_free(&review);
		stage_sql(&stage, edits[i]);
		review = open_review(&stage);
		if (result_of(review, "PP-03")->state != CHECK_STALE ||
		    result_of(review, "LC-01")->state != CHECK_STALE)
			fail_msg("%s: believed", edits[i]);
		review_free(&review);
		stage_close(&stage);
	}
}

/* What is sealed is what this review has seen, not what the rows say now. */
static void
a_seal_needs_the_results_seen(void **state)
{
	struct stage stage;
	struct review *review;
	struct err err = {0};

	(void)state;
	stage_open(&stage, &few);
	stage_seal(&stage);
	review = open_review(&stage);
	stage_sql(
	    &stage, "UPDATE review_result SET state = 3 WHERE item = 'TS-02'");
	assert_int_equal(signoff_give(review, &err), -1);
	assert_int_equal(err.code, E_REVIEW_STALE);
	review_free(&review);
	stage_close(&stage);
}

static void
an_edit_drops_answers(void **state)
{
	struct stage stage;
	struct review *review;
	struct campaign campaign = CAMPAIGN_INIT;
	struct db *db = NULL;
	struct err err = {0};

	(void)state;
	stage_open(&stage, &few);
	review = run_review(&stage);
	assert_ok(
	    review_answer(review, "PP-01", SPAN("Nobody else is here."), &err),
	    &err);
	review_free(&review);
	/* The same content: the answer is still there. */
	review = open_review(&stage);
	assert_int_equal(
	    result_of(review, "PP-01")->state, CHECK_NOT_EVALUATED);
	assert_string_equal(
	    result_of(review, "PP-01")->answer, "Nobody else is here.");
	assert_ok(checklist_run(review, &err), &err);
	assert_true(result_of(review, "PP-01")->cleared);
	review_free(&review);
	/* Another content: stale, and gone. */
	assert_ok(store_reader_open(stage.store, &db, &err), &err);
	assert_ok(campaign_read(db, stage.campaign, &campaign, &err), &err);
	store_reader_close(&db);
	buf_text(&campaign.body, "\nOne more line.\n");
	assert_ok(campaign_save(stage.store, &campaign, &err), &err);
	campaign_done(&campaign);
	review = open_review(&stage);
	assert_int_equal(result_of(review, "PP-01")->state, CHECK_STALE);
	assert_string_equal(result_of(review, "PP-01")->answer, "");
	assert_int_equal(
	    review_answer(review, "PP-01", SPAN("Nobody else is here."), &err),
	    -1);
	assert_int_equal(err.code, E_REVIEW_STALE);
	review_free(&review);
	stage_close(&stage);
}

static void
the_count_is_typed_blind(void **state)
{
	struct stage stage;
	struct stage_params params = few;
	struct review *review;
	struct err err = {0};

	(void)state;
	params.clock = STAGE_CLOCK_FAKE;
	params.recipients = 1240;
	stage_open(&stage, &params);
	review = run_review(&stage);
	assert_int_equal(review_answer(review, "PP-03", SPAN("124"), &err), -1);
	assert_int_equal(err.code, E_REVIEW_COUNT);
	assert_string_equal(err_find(&err, "left"), "1");
	assert_int_equal(
	    review_answer(review, "PP-03", SPAN("12400"), &err), -1);
	assert_int_equal(err.code, E_REVIEW_PAUSE);
	assert_int_equal(
	    review_answer(review, "PP-03", SPAN("1240"), &err), -1);
	assert_int_equal(err.code, E_REVIEW_PAUSE);
	/* Leaving does not shorten the pause. */
	review_free(&review);
	review = open_review(&stage);
	fake_clock_move(&stage.clock, 30 * 1000);
	assert_int_equal(
	    review_answer(review, "PP-03", SPAN("1240"), &err), -1);
	assert_string_equal(err_find(&err, "seconds"), "30");
	fake_clock_move(&stage.clock, 31 * 1000);
	assert_ok(review_answer(review, "PP-03", SPAN("1,240"), &err), &err);
	assert_true(result_of(review, "PP-03")->cleared);
	review_free(&review);
	stage_close(&stage);
}

static void
answers_must_say_something(void **state)
{
	struct stage stage;
	struct review *review;
	struct err err = {0};

	(void)state;
	stage_open(&stage, &few);
	review = run_review(&stage);
	assert_int_equal(review_answer(review, "PP-01", SPAN("ok"), &err), -1);
	assert_int_equal(err.code, E_REVIEW_ANSWER);
	assert_int_equal(
	    review_answer(review, "PP-01", SPAN("          \n  "), &err), -1);
	assert_int_equal(
	    review_answer(review, "PP-01", SPAN("ten\x1b[2Jcharacters"), &err),
	    -1);
	assert_int_equal(
	    review_answer(review, "LC-01", SPAN("It is all right."), &err), -1);
	assert_int_equal(err.code, E_REVIEW_ANSWER);
	assert_int_equal(
	    review_answer(review, "XX-99", SPAN("It is all right."), &err), -1);
	assert_ok(
	    review_answer(review, "PP-01",
		SPAN("担当者が一人のため、本人が二度確認しました。"), &err),
	    &err);
	review_free(&review);
	stage_close(&stage);
}

/* ---- What the checks find ---------------------------------------------------------- */

struct fault {
	const char *id;
	const char *subject, *body; /* NULL: good ones */
	const char *sql;            /* before the run, or NULL */
	const char *what;
};

static const struct fault faults[] = {
    {"LC-01", NULL, NULL, "UPDATE member SET basis = 0 WHERE contact = 3",
	NULL},
    {"LC-04", NULL, NULL,
	"UPDATE contact SET address = 'a b@example.jp' WHERE id = 2", NULL},
    {"LC-04", NULL, NULL,
	"UPDATE contact SET address = 'a＠example.jp' WHERE id = 2", NULL},
    {"CM-01", NULL, "Dear {{name}}, this is a letter to you.",
	"UPDATE contact SET name = '' WHERE id = 2", NULL},
    {"CM-01", NULL, "Dear {{name}}, this is a letter to you.",
	"UPDATE contact SET name = '[[no]]' WHERE id = 2", "mark"},
    {"CM-02", NULL, "いつもありがとうございます。\n\n{{name| }}様\n\n",
	"UPDATE contact SET name = '' WHERE id = 2", NULL},
    {"CM-02", NULL, "{{name}}様\n\nいつもありがとうございます。\n",
	"UPDATE contact SET name = 'お客様' WHERE id = 2", "doubled"},
    {"CM-05", "【テスト】秋のご案内", NULL, NULL, "subject"},
    {"CM-05", NULL, "お知らせです。○○をご覧ください。よろしくお願いします。",
	NULL, "body"},
    {"CM-05", "{{name|}}", NULL, "UPDATE contact SET name = ' ' WHERE id = 2",
	NULL},
    {"LG-01", NULL, NULL,
	"UPDATE setting SET value = '' WHERE name = 'legal.name'", NULL},
    {"HD-01", NULL, NULL, "UPDATE campaign SET from_name = 'a@example.com'",
	"name"},
    {"HD-06", NULL, NULL, "DELETE FROM dkim_key", NULL},
    {"TS-01", NULL, NULL, "UPDATE relay SET tls = 2", NULL},
    {"TS-01", NULL, NULL, "UPDATE relay SET tls = 0, user = 'u'", NULL},
    {"TS-02", NULL, NULL, "UPDATE relay SET port = 1", NULL},
    {"TS-02", NULL, NULL, "UPDATE campaign SET confidential = 1", NULL},
    {"TS-05", NULL, NULL, "UPDATE campaign SET confidential = 1",
	"requiretls_lacks"},
    {"TS-03W", NULL, NULL,
	"UPDATE relay SET pins ="
	" '0000000000000000000000000000000000000000000000000000000000000000'",
	"unpinned"},
};

static void
faults_are_found(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
		struct stage stage;
		struct stage_params params = few;
		struct review *review = NULL;
		struct err err = {0};

		params.subject = faults[i].subject;
		params.body = faults[i].body;
		stage_open(&stage, &params);
		if (faults[i].sql)
			stage_sql(&stage, faults[i].sql);
		review = open_review(&stage);
		/* Some faults stop the run before any message exists. */
		if (checklist_run(review, &err) < 0) {
			print_message("%s: stopped by %s\n", faults[i].id,
			    err_name(err.code));
			assert_true(err.code == E_SENDER_MISSING ||
				    err.code == E_DKIM_MISSING);
			assert_int_equal(signoff_give(review, &err), -1);
			review_free(&review);
		} else {
			review_free(&review);
			print_message("%s (%zu)\n", faults[i].id, i);
			assert_fails(&stage, faults[i].id, faults[i].what);
		}
		stage_close(&stage);
	}
}

static void
suppressed_people_are_left_out(void **state)
{
	struct stage stage;
	struct review *review;
	struct err err = {0};

	(void)state;
	stage_open(&stage, &few);
	assert_ok(
	    suppress_add(stage.store, SPAN("user00004@example.jp"),
		(struct list_id){0}, SUPPRESS_UNSUBSCRIBED, SPAN("test"), &err),
	    &err);
	review = run_review(&stage);
	assert_int_equal(review_recipients(review), 11);
	assert_non_null(
	    strstr(result_of(review, "LC-03")->facts, "left_out=1"));
	assert_int_equal(
	    stage_number(&stage, "SELECT count(*) FROM outbox"), 11);
	assert_int_equal(
	    stage_number(&stage, "SELECT count(*) FROM outbox"
				 " WHERE address = 'user00004@example.jp'"),
	    0);
	review_free(&review);
	stage_close(&stage);
}

static void
nobody_left_is_an_error(void **state)
{
	struct stage stage;
	struct review *review;
	struct err err = {0};

	(void)state;
	stage_open(&stage, &few);
	stage_sql(&stage, "DELETE FROM member");
	review = open_review(&stage);
	assert_int_equal(checklist_run(review, &err), -1);
	assert_int_equal(err.code, E_REVIEW_EMPTY);
	review_free(&review);
	stage_close(&stage);
}

/* What is too old at the launch is asked again, and must not be worse. */
static void
an_old_probe_is_asked_again(void **state)
{
	static const int moves[] = {16 * 60 * 1000, -40 * 60 * 1000};
	struct stage stage;
	struct stage_params params = few;
	struct clearance *clearance = NULL;
	struct err err = {0};

	(void)state;
	params.clock = STAGE_CLOCK_FAKE;
	stage_open(&stage, &params);
	stage_seal(&stage);
	fake_clock_move(&stage.clock, 14 * 60 * 1000);
	practice_stop(&stage.practice);
	clearance = stage_clearance(&stage);
	clearance_free(&clearance);
	/* Setting the clock back makes no probe younger. */
	for (size_t i = 0; i < sizeof moves / sizeof *moves; i++) {
		fake_clock_move(&stage.clock, moves[i]);
		assert_int_equal(clearance_grant(stage.store, &stage.world,
				     stage.campaign, &clearance, &err),
		    -1);
		assert_int_equal(err.code, E_REVIEW_STALE);
		if (i == 0)
			assert_string_equal(err_find(&err, "what"), "TS-02");
	}
	stage_close(&stage);
}

static void
a_good_probe_late_is_good(void **state)
{
	struct stage stage;
	struct stage_params params = few;
	struct clearance *clearance = NULL;

	(void)state;
	params.clock = STAGE_CLOCK_FAKE;
	stage_open(&stage, &params);
	stage_seal(&stage);
	fake_clock_move(&stage.clock, 16 * 60 * 1000);
	clearance = stage_clearance(&stage);
	clearance_free(&clearance);
	stage_close(&stage);
}

/* The frozen rows do not depend on threads or chunks. */
static void
proofs_are_repeatable(void **state)
{
	struct stage stage;
	struct stage_params params = few;
	struct review *review;
	struct err err = {0};
	char first[9], second[9];

	(void)state;
	params.recipients = 5000;
	stage_open(&stage, &params);
	review = run_review(&stage);
	review_short_digest(review, first);
	assert_ok(checklist_run(review, &err), &err);
	review_short_digest(review, second);
	assert_string_equal(first, second);
	assert_int_equal(review_recipients(review), 5000);
	assert_int_equal(
	    stage_number(&stage, "SELECT count(DISTINCT leaf) FROM outbox"),
	    5000);
	review_free(&review);
	stage_close(&stage);
}

static void *
run_in_thread(void *payload)
{
	struct err err = {0};
	int rc = checklist_run(payload, &err);

	return rc < 0 && err.code == E_CANCELLED ? payload : NULL;
}

static void
a_cancelled_run_leaves_nothing(void **state)
{
	struct stage stage;
	struct stage_params params = few;
	struct review_progress progress;
	struct review *review;
	pthread_t thread;
	void *cancelled = NULL;

	(void)state;
	params.recipients = 30000;
	stage_open(&stage, &params);
	review = open_review(&stage);
	assert_int_equal(
	    pthread_create(&thread, NULL, run_in_thread, review), 0);
	do
		review_progress(review, &progress);
	while (progress.done == 0);
	review_cancel(review);
	pthread_join(thread, &cancelled);
	assert_ptr_equal(cancelled, review);
	assert_int_equal(
	    stage_number(&stage, "SELECT count(*) FROM outbox"), 0);
	assert_int_equal(result_of(review, "LC-01")->state, CHECK_STALE);
	assert_int_equal(review_recipients(review), 0);
	review_free(&review);
	stage_close(&stage);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_good_campaign_passes),
	    cmocka_unit_test(seal_and_clearance),
	    cmocka_unit_test(an_expected_number_holds_at_the_launch),
	    cmocka_unit_test(any_change_voids_the_seal),
	    cmocka_unit_test(a_clearance_stops_holding),
	    cmocka_unit_test(speeds_and_spare_relays_are_free),
	    cmocka_unit_test(every_relay_is_asked),
	    cmocka_unit_test(certificates_that_end),
	    cmocka_unit_test(a_launched_campaign_is_left_alone),
	    cmocka_unit_test(a_new_proof_takes_the_seal_off_first),
	    cmocka_unit_test(edited_results_are_not_believed),
	    cmocka_unit_test(a_seal_needs_the_results_seen),
	    cmocka_unit_test(an_edit_drops_answers),
	    cmocka_unit_test(the_count_is_typed_blind),
	    cmocka_unit_test(answers_must_say_something),
	    cmocka_unit_test(faults_are_found),
	    cmocka_unit_test(suppressed_people_are_left_out),
	    cmocka_unit_test(nobody_left_is_an_error),
	    cmocka_unit_test(an_old_probe_is_asked_again),
	    cmocka_unit_test(a_good_probe_late_is_good),
	    cmocka_unit_test(proofs_are_repeatable),
	    cmocka_unit_test(a_cancelled_run_leaves_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
