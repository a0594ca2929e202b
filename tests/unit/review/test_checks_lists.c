/* The checks about recipients, history, pace and the tripwires: each of them
 * passes and fails. */
#include "tests/unit/unit.h"

#include <stdio.h>
#include <stdlib.h>

#include "core/review/review.h"
#include "tests/fake/stage.h"

enum { PEOPLE = 40 };

static const struct stage_params params = {.recipients = PEOPLE,
    .class = CLASS_AD,
    .manners = PRACTICE_PLAIN,
    .clock = STAGE_CLOCK_FAKE};

static int
setup(void **state)
{
	struct stage *stage = mem_new(sizeof *stage);

	stage_open(stage, &params);
	*state = stage;
	return 0;
}

static int
teardown(void **state)
{
	struct stage *stage = *state;

	stage_close(stage);
	free(stage);
	return 0;
}

static void
set(struct stage *stage, const char *name, const char *value)
{
	struct err err = {0};

	assert_ok(
	    setting_write(stage->store, name, span_of(value), &err), &err);
}

/* Runs the checklist and holds one line against what is expected of it. */
static void
line_is(struct stage *stage, const char *id, enum check_state state,
    const char *what)
{
	struct review *review = NULL;
	const struct check_result *all;
	struct check_result found = {.state = CHECK_STATES};
	struct err err = {0};
	size_t count;

	assert_ok(review_open(stage->store, &stage->world, stage->campaign,
		      &review, &err),
	    &err);
	assert_ok(checklist_run(review, &err), &err);
	all = review_results(review, &count);
	for (size_t i = 0; i < count; i++) {
		if (!strcmp(all[i].check->id, id))
			found = all[i];
	}
	review_free(&review);
	if (found.state != state ||
	    strcmp(err_find(&found.why, "what"), what ? what : ""))
		fail_msg("%s: state %d, what=%s value=%s (%s)", id, found.state,
		    err_find(&found.why, "what"), err_find(&found.why, "value"),
		    found.facts);
}

static void
passes(struct stage *stage, const char *id)
{
	line_is(stage, id, CHECK_PASS, NULL);
}

static void
fails(struct stage *stage, const char *id, const char *what)
{
	line_is(stage, id, CHECK_FAIL, what);
}

static void
is_open(struct stage *stage, const char *id, const char *what)
{
	line_is(stage, id, CHECK_NOT_EVALUATED, what);
}

/* One statement whose ?1 is a time. */
static void
run_at(struct db *db, struct stmt *stmt, int64_t at_ms)
{
	struct err err = {0};

	(void)db;
	assert_non_null(stmt);
	stmt_int(stmt, 1, at_ms);
	assert_ok(stmt_run(stmt, &err), &err);
}

/* An earlier campaign to the same list, which everybody got days ago. */
static void
send_before(struct stage *stage, int64_t days)
{
	int64_t at = stage->clock.now - days * 86400000 - 3600000;
	struct db *db = NULL;
	struct err err = {0};

	assert_ok(
	    store_begin(stage->store, STORE_WAIT_SHORT, "test", &db, &err),
	    &err);
	run_at(db,
	    db_stmt(db,
		"INSERT INTO campaign(name, class, state, list, from_name,"
		" from_address, reply_to, subject, body, revision,"
		" created_ms, created_by, changed_ms, changed_by)"
		" SELECT 'before', class, 3, list, from_name, from_address,"
		" reply_to, subject, body, 1, ?1, 'x', ?1, 'x'"
		" FROM campaign WHERE id = 1",
		&err),
	    at);
	run_at(db,
	    db_stmt(db,
		"INSERT INTO outbox(campaign, seq, contact, address, canon,"
		" name, fields, leaf) SELECT (SELECT max(id) FROM campaign),"
		" row_number() OVER (ORDER BY id), id, address, canon, name,"
		" fields, zeroblob(32 + 0 * ?1) FROM contact",
		&err),
	    at);
	run_at(db,
	    db_stmt(db,
		"INSERT INTO run(campaign, state, why, total, started_ms,"
		" ended_ms, by, digest) SELECT campaign, 3, '', count(*), ?1,"
		" ?1, 'x', x'00' FROM outbox WHERE campaign ="
		" (SELECT max(id) FROM campaign) GROUP BY 1",
		&err),
	    at);
	run_at(db,
	    db_stmt(db,
		"INSERT INTO ledger(campaign, seq, state, at_ms, grp)"
		" SELECT campaign, seq, 3, ?1, 0 FROM outbox WHERE campaign ="
		" (SELECT max(id) FROM campaign)",
		&err),
	    at);
	assert_ok(store_commit(stage->store, &db, &err), &err);
}

/* The profile that a checklist of that campaign would have left. */
static void
keep_profile(struct stage *stage)
{
	stage_sql(stage,
	    "INSERT INTO audience_profile(campaign, list, at_ms, recipients,"
	    " domains) SELECT c.id, c.list, 1, (SELECT count(*) FROM contact),"
	    " (SELECT domains FROM audience_profile WHERE campaign = 1)"
	    " FROM campaign c WHERE c.id = (SELECT max(id) FROM campaign)");
	stage_sql(stage,
	    "INSERT INTO audience_column(campaign, name, filled) SELECT"
	    " (SELECT max(id) FROM campaign), name, filled"
	    " FROM audience_column WHERE campaign = 1");
}

/* ---- Recipients ------------------------------------------------------------ */

static void
consent_says_when_and_how(void **state)
{
	struct stage *stage = *state;

	passes(stage, "LC-02");
	stage_sql(stage, "UPDATE member SET basis_at_ms = 0"
			 " WHERE contact = 3");
	fails(stage, "LC-02", "undated");
	stage_sql(stage, "UPDATE member SET basis_at_ms = 5,"
			 " basis_note = ' ', how = 0 WHERE contact = 3");
	fails(stage, "LC-02", "no_note");
	stage_sql(stage, "UPDATE member SET how = 4, wording = 0"
			 " WHERE contact = 3");
	fails(stage, "LC-02", "no_wording");
	/* paper that is kept shows it, too */
	stage_sql(stage, "UPDATE member SET paper = 'folder 7'"
			 " WHERE contact = 3");
	passes(stage, "LC-02");
	/* and a wording that nobody knows shows nothing */
	stage_sql(stage, "UPDATE member SET paper = '', wording = 99"
			 " WHERE contact = 3");
	fails(stage, "LC-02", "no_wording");
	stage_sql(stage, "UPDATE campaign SET class = 2 WHERE id = 1");
	passes(stage, "LC-02");
}

static void
case_twins_are_found(void **state)
{
	struct stage *stage = *state;

	passes(stage, "LC-05W");
	stage_sql(stage, "UPDATE contact SET address = 'User00001@example.jp',"
			 " canon = 'User00001@example.jp' WHERE id = 7");
	fails(stage, "LC-05W", "twins");
}

static void
roles_and_slips_are_found(void **state)
{
	struct stage *stage = *state;

	passes(stage, "LC-07");
	stage_sql(stage, "UPDATE contact SET address = 'postmaster@example.jp',"
			 " canon = 'postmaster@example.jp' WHERE id = 7");
	fails(stage, "LC-07", "role");
	stage_sql(stage, "UPDATE contact SET address = 'a@gmial.com',"
			 " canon = 'a@gmial.com' WHERE id = 7");
	fails(stage, "LC-07", "slip");
}

static void
cold_addresses_are_counted(void **state)
{
	struct stage *stage = *state;

	is_open(stage, "LC-08", "no_history");
	send_before(stage, 30);
	passes(stage, "LC-08");
	/* a fifth may be cold, one more not */
	stage_sql(stage, "UPDATE ledger SET state = 5 WHERE seq <= 8");
	passes(stage, "LC-08");
	stage_sql(stage, "UPDATE ledger SET state = 5 WHERE seq = 9");
	fails(stage, "LC-08", "cold");
	stage_sql(stage, "UPDATE ledger SET state = 3, at_ms = 1");
	fails(stage, "LC-08", "cold");
}

static void
the_profile_is_compared(void **state)
{
	struct stage *stage = *state;

	passes(stage, "LC-09"); /* the first one */
	send_before(stage, 30);
	keep_profile(stage);
	passes(stage, "LC-09");
	stage_sql(stage, "UPDATE audience_profile SET recipients = 30"
			 " WHERE campaign > 1");
	fails(stage, "LC-09", "grown");
	stage_sql(stage, "UPDATE audience_profile SET recipients = 60"
			 " WHERE campaign > 1");
	fails(stage, "LC-09", "shrunk");
	stage_sql(stage, "UPDATE audience_profile SET recipients = 40,"
			 " domains = x'0000000000000000' WHERE campaign > 1");
	fails(stage, "LC-09", "new_domains");
	stage_sql(stage, "UPDATE audience_profile SET domains ="
			 " (SELECT domains FROM audience_profile"
			 " WHERE campaign = 1) WHERE campaign > 1");
	stage_sql(stage, "UPDATE contact SET fields = '{}' WHERE id < 5");
	fails(stage, "LC-09", "emptier");
	stage_sql(stage, "UPDATE contact SET fields ="
			 " '{\"会員番号\":\"x\",\"new\":\"y\"}'");
	fails(stage, "LC-09", "fuller");
}

static void
nobody_sees_anothers_data(void **state)
{
	struct stage *stage = *state;

	passes(stage, "CM-03");
	stage_sql(stage, "UPDATE campaign SET body = body ||"
			 " ' Write to user00005@example.net, he knows.'");
	passes(stage, "CM-03");
	stage_sql(stage, "UPDATE contact SET address = 'k@example.net',"
			 " canon = 'k@example.net' WHERE id = 5");
	stage_sql(stage, "UPDATE campaign SET body = body ||"
			 " ' Write to k@example.net, he knows.'");
	fails(stage, "CM-03", "foreign");
	set(stage, "personal.allow", "k@example.net");
	passes(stage, "CM-03");
	/* a column that was shifted by a row shows another one's number */
	stage_sql(stage, "UPDATE contact SET fields ="
			 " '{\"会員番号\":\"M-' || (70000 + id) || '\",'"
			 " || '\"note\":\"M-' || (70001 + id) || '\"}'");
	stage_sql(stage, "UPDATE campaign SET body = body || ' {{note}}'");
	passes(stage, "CM-03"); /* one's own column may say so */
	stage_sql(stage, "UPDATE campaign SET body = body || ' M-70006 '");
	fails(stage, "CM-03", "foreign");
	set(stage, "personal.columns", "tel");
	passes(stage, "CM-03");
}

/* ---- History and pace ------------------------------------------------------ */

static void
volume_grows_slowly(void **state)
{
	struct stage *stage = *state;

	set(stage, "pace.warm_floor", "50");
	passes(stage, "PC-01");
	stage_sql(stage, "WITH RECURSIVE n(i) AS (SELECT 1000 UNION ALL"
			 " SELECT i + 1 FROM n WHERE i < 1029) INSERT INTO"
			 " contact(id, address, canon, created_ms, changed_ms)"
			 " SELECT i, 'x' || i || '@gmail.com', 'x' || i ||"
			 " '@gmail.com', 1, 1 FROM n");
	stage_sql(stage, "INSERT INTO member(list, contact, basis,"
			 " basis_at_ms, basis_note, wording)"
			 " SELECT 1, id, 1, 5, 'x', 1"
			 " FROM contact WHERE id >= 1000");
	fails(stage, "PC-01", "warm_all");
	/* twice of what was sent on one day */
	send_before(stage, 3);
	passes(stage, "PC-01");
	stage_sql(stage, "UPDATE ledger SET state = 5");
	fails(stage, "PC-01", "warm_all");
	stage_sql(stage, "UPDATE relay SET warm_from_ms = 5, warm_first = 10");
	passes(stage, "PC-01");
}

static void
a_big_provider_has_a_limit_of_its_own(void **state)
{
	struct stage *stage = *state;

	set(stage, "pace.warm_floor", "50");
	stage_sql(stage, "WITH RECURSIVE n(i) AS (SELECT 1000 UNION ALL"
			 " SELECT i + 1 FROM n WHERE i < 1059) INSERT INTO"
			 " contact(id, address, canon, created_ms, changed_ms)"
			 " SELECT i, 'x' || i || '@gmail.com', 'x' || i ||"
			 " '@gmail.com', 1, 1 FROM n");
	stage_sql(stage, "INSERT INTO member(list, contact, basis,"
			 " basis_at_ms, basis_note, wording)"
			 " SELECT 1, id, 1, 5, 'x', 1"
			 " FROM contact WHERE id >= 1000");
	send_before(stage, 3);
	fails(stage, "PC-01", "warm_group");
	stage_sql(stage, "UPDATE ledger SET grp = 1 WHERE seq > 40");
	passes(stage, "PC-01");
}

static void
a_quota_must_suffice(void **state)
{
	struct stage *stage = *state;

	is_open(stage, "PC-02", "quota_unsaid");
	set(stage, "pace.quota_day", "40");
	passes(stage, "PC-02");
	stage->clock.now = INT64_C(1795143600000); /* by day */
	send_before(stage, 0);
	stage_sql(stage, "UPDATE ledger SET state = 5 WHERE seq > 1");
	fails(stage, "PC-02", "quota_day");
	set(stage, "pace.quota_day", "0");
	set(stage, "pace.quota_hour", "39");
	fails(stage, "PC-02", "quota_hour");
	set(stage, "pace.quota_hour", "40");
	passes(stage, "PC-02");
}

static void
carriers_are_left_in_peace_at_night(void **state)
{
	struct stage *stage = *state;
	const int64_t noon_jst = INT64_C(1795143600000); /* 2026-11-20 03:00Z */

	stage->clock.now = noon_jst;
	stage_sql(stage, "UPDATE contact SET address = 'a@docomo.ne.jp',"
			 " canon = 'a@docomo.ne.jp' WHERE id = 7");
	passes(stage, "PC-03");
	stage->clock.now = noon_jst + INT64_C(10) * 3600 * 1000;
	fails(stage, "PC-03", "night");
	stage_sql(stage, "UPDATE campaign SET class = 1 WHERE id = 1");
	passes(stage, "PC-03"); /* an order is confirmed at once */
	stage_sql(stage, "UPDATE campaign SET class = 0 WHERE id = 1");
	stage_sql(stage, "UPDATE contact SET address = 'a@example.com',"
			 " canon = 'a@example.com' WHERE id = 7");
	passes(stage, "PC-03");
}

static void
nobody_gets_too_much(void **state)
{
	struct stage *stage = *state;

	passes(stage, "PC-04");
	send_before(stage, 0);
	passes(stage, "PC-04");
	send_before(stage, 0);
	fails(stage, "PC-04", "often");
	stage_sql(stage, "UPDATE ledger SET at_ms = at_ms - 2 * 86400000");
	passes(stage, "PC-04");
	send_before(stage, 2);
	send_before(stage, 3);
	passes(stage, "PC-04");
	send_before(stage, 4);
	fails(stage, "PC-04", "often");
}

static void
the_stop_was_tried(void **state)
{
	struct stage *stage = *state;
	struct err err = {0};

	is_open(stage, "PC-05", "untried");
	assert_ok(audit_add(stage->store,
		      &(struct audit_event){
			  "run.pause", SPAN("campaign 9"), SPAN("")},
		      &err),
	    &err);
	passes(stage, "PC-05");
	fake_clock_move(&stage->clock, INT64_C(181) * 86400000);
	is_open(stage, "PC-05", "untried");
}

static void
bounces_and_complaints(void **state)
{
	struct stage *stage = *state;

	passes(stage, "RP-03");
	send_before(stage, 5);
	is_open(stage, "RP-03", "no_figure");
	passes(stage, "RP-03W");
	set(stage, "reputation.complaints", "20");
	set(stage, "reputation.complaints_on", "2020-01-01");
	is_open(stage, "RP-03", "no_figure");
	set(stage, "reputation.complaints_on", "not a day");
	is_open(stage, "RP-03", "no_figure");
	stage->clock.now = INT64_C(1795143600000);
	set(stage, "reputation.complaints_on", "2026-11-19");
	passes(stage, "RP-03");
	set(stage, "reputation.complaints", "100");
	fails(stage, "RP-03W", "complaints");
	passes(stage, "RP-03");
	set(stage, "reputation.complaints", "300");
	fails(stage, "RP-03", "complaints");
	set(stage, "reputation.complaints", "0");
	stage_sql(stage, "UPDATE ledger SET state = 5, class = 'H1'"
			 " WHERE seq = 1");
	fails(stage, "RP-03W", "bounces"); /* 2.5 % */
	passes(stage, "RP-03");
	stage_sql(stage, "UPDATE ledger SET state = 5, class = 'H1'"
			 " WHERE seq <= 3");
	fails(stage, "RP-03", "bounces");
}

static void
an_incident_stops_mail_to_its_house(void **state)
{
	struct stage *stage = *state;

	stage_sql(stage, "UPDATE contact SET address = 'a@gmail.com',"
			 " canon = 'a@gmail.com' WHERE id = 7");
	passes(stage, "RP-04");
	send_before(stage, 1);
	stage_sql(stage, "UPDATE ledger SET state = 4, class = 'P1', grp = 1"
			 " WHERE seq = 7");
	fails(stage, "RP-04", "incident");
	stage_sql(stage, "UPDATE ledger SET grp = 1, at_ms = at_ms + 1000"
			 " WHERE seq = 8");
	passes(stage, "RP-04"); /* taken since */
	stage_sql(stage, "UPDATE ledger SET at_ms = at_ms + 5000, class = 'P3'"
			 " WHERE seq = 7");
	fails(stage, "RP-04", "incident");
	/* nobody of this audience is there */
	stage_sql(stage, "UPDATE contact SET address = 'a@example.com',"
			 " canon = 'a@example.com' WHERE id = 7");
	passes(stage, "RP-04");
}

/* ---- Tripwires ------------------------------------------------------------- */

static void
as_many_as_expected(void **state)
{
	struct stage *stage = *state;

	is_open(stage, "TW-01", "unexpected");
	stage_sql(stage, "UPDATE campaign SET expected = 40");
	passes(stage, "TW-01");
	stage_sql(stage, "UPDATE campaign SET expected = 41");
	fails(stage, "TW-01", "fewer"); /* one in 41 is more than 2 % */
	stage_sql(stage, "UPDATE campaign SET expected = 39");
	fails(stage, "TW-01", "more");
	set(stage, "expected.percent", "5");
	passes(stage, "TW-01");
	set(stage, "expected.percent", "0");
	stage_sql(stage, "UPDATE campaign SET expected = 4000");
	fails(stage, "TW-01", "fewer");
}

static void
canaries_must_be_there(void **state)
{
	struct stage *stage = *state;
	struct list_id other = {0};
	struct err err = {0};

	passes(stage, "TW-02");
	assert_ok(canary_add(stage->store, stage->list,
		      SPAN("user00003@example.jp"), &err),
	    &err);
	passes(stage, "TW-02");
	assert_ok(suppress_add(stage->store, SPAN("user00003@example.jp"),
		      stage->list, SUPPRESS_HAND, SPAN("x"), &err),
	    &err);
	fails(stage, "TW-02", "canary_missing");
	assert_ok(suppress_remove(stage->store, SPAN("user00003@example.jp"),
		      stage->list, SPAN("because"), &err),
	    &err);
	passes(stage, "TW-02");
	assert_ok(list_create(stage->store, SPAN("Other"), &other, &err), &err);
	assert_ok(
	    canary_add(stage->store, other, SPAN("user00003@example.jp"), &err),
	    &err);
	passes(stage, "TW-02"); /* it may be one of both */
	assert_ok(
	    canary_add(stage->store, other, SPAN("user00004@example.jp"), &err),
	    &err);
	fails(stage, "TW-02", "canary_strange");
}

static void
the_same_people_or_others(void **state)
{
	struct stage *stage = *state;

	passes(stage, "TW-03");
	send_before(stage, 2);
	passes(stage, "TW-03");
	stage_sql(stage, "UPDATE run SET started_ms = started_ms +"
			 " 2 * 86400000");
	fails(stage, "TW-03", "again");
	stage_sql(stage, "UPDATE outbox SET contact = contact + 5000"
			 " WHERE campaign > 1");
	fails(stage, "TW-03", "others");
}

/* Another part of the list says nothing about this one; the same part does. */
static void
a_segment_is_held_against_itself(void **state)
{
	struct stage *stage = *state;

	stage_sql(stage, "INSERT INTO segment(id, list, name, filter,"
			 " created_ms, changed_ms, changed_by) VALUES"
			 "(1, 1, 'a', 'domain:example.jp', 0, 0, ''),"
			 "(2, 1, 'b', 'domain:example.com', 0, 0, '')");
	stage_sql(stage, "UPDATE campaign SET segment = 1 WHERE id = 1");
	passes(stage, "LC-09");
	/* to the whole list, to others and to quite another number */
	send_before(stage, 30);
	keep_profile(stage);
	stage_sql(stage, "UPDATE audience_profile SET recipients = 3000"
			 " WHERE campaign > 1");
	stage_sql(stage, "UPDATE outbox SET contact = contact + 5000"
			 " WHERE campaign > 1");
	passes(stage, "LC-09");
	passes(stage, "TW-03");
	stage_sql(stage, "UPDATE campaign SET segment = 2 WHERE id > 1");
	passes(stage, "LC-09");
	passes(stage, "TW-03");
	stage_sql(stage, "UPDATE campaign SET segment = 1 WHERE id > 1");
	fails(stage, "LC-09", "shrunk");
	fails(stage, "TW-03", "others");
	/* what went to all later on is no rival of it */
	send_before(stage, 10);
	fails(stage, "TW-03", "others");
}

/* Both were sealed when neither was sent: the second one finds out. */
static void
another_campaign_was_faster(void **state)
{
	struct stage *stage = *state;
	struct clearance *clearance = NULL;
	struct err err = {0};

	stage_seal(stage);
	clearance = stage_clearance(stage);
	clearance_free(&clearance);
	send_before(stage, 0);
	assert_int_equal(clearance_grant(stage->store, &stage->world,
			     stage->campaign, &clearance, &err),
	    -1);
	assert_int_equal(err.code, E_REVIEW_STALE);
	assert_string_equal(err_find(&err, "what"), "TW-03");
}

static void
staff_and_strangers(void **state)
{
	struct stage *stage = *state;

	passes(stage, "TW-04");
	passes(stage, "TW-04W");
	stage_sql(stage, "UPDATE campaign SET meant_for = 1"); /* staff */
	passes(stage, "TW-04");
	stage_sql(stage, "UPDATE contact SET address = 'a@example.com',"
			 " canon = 'a@example.com' WHERE id = 7");
	fails(stage, "TW-04", "strangers");
	passes(stage, "TW-04W");
	set(stage, "sender.domains", "else.example, EXAMPLE.com");
	passes(stage, "TW-04");
	set(stage, "sender.domains", "");
	stage_sql(stage, "UPDATE campaign SET meant_for = 3"); /* customers */
	fails(stage, "TW-04W", "own_people");
	passes(stage, "TW-04");
	stage_sql(stage, "UPDATE campaign SET meant_for = 0");
	fails(stage, "TW-04W", "own_people");
}

static void
the_color_must_fit(void **state)
{
	struct stage *stage = *state;
	struct err err = {0};

	is_open(stage, "TW-05", "meant_unsaid");
	stage_sql(stage, "UPDATE campaign SET meant_for = 3");
	is_open(stage, "TW-05", "color_unsaid");
	assert_ok(
	    list_color_set(stage->store, stage->list, CIRCLE_CUSTOMERS, &err),
	    &err);
	passes(stage, "TW-05");
	assert_ok(list_color_set(stage->store, stage->list, CIRCLE_STAFF, &err),
	    &err);
	fails(stage, "TW-05", "color");
}

static void
what_is_new_is_answered_for(void **state)
{
	struct stage *stage = *state;

	passes(stage, "TW-06");
	send_before(stage, 20);
	fails(stage, "TW-06", "relay"); /* stored after that */
	stage_sql(stage, "UPDATE relay SET changed_ms = 1");
	passes(stage, "TW-06");
	stage_sql(stage, "UPDATE campaign SET body = body ||"
			 " ' https://new.example/x' WHERE id = 1");
	fails(stage, "TW-06", "host");
	stage_sql(stage, "UPDATE campaign SET reply_to = 'r@example.jp'"
			 " WHERE id = 1");
	fails(stage, "TW-06", "reply_to");
	stage_sql(stage, "UPDATE campaign SET body = (SELECT body FROM"
			 " campaign WHERE id > 1), reply_to = ''");
	passes(stage, "TW-06");
}

/* ---- Headers ---------------------------------------------------------------- */

/* What the checklist of that campaign would have left. */
static void
keep_headers(struct stage *stage)
{
	stage_sql(stage,
	    "INSERT INTO review_result(campaign, item, state, count, facts,"
	    " at_ms) SELECT (SELECT max(id) FROM campaign), item, state, count,"
	    " facts, at_ms FROM review_result WHERE campaign = 1"
	    " AND item = 'HD-07'");
}

static void
list_and_sender_keep_their_names(void **state)
{
	struct stage *stage = *state;

	set(stage, "message.feedback_id", "exampleco");
	passes(stage, "HD-07");
	send_before(stage, 30);
	keep_headers(stage);
	passes(stage, "HD-07");
	set(stage, "message.feedback_id", "another-co");
	fails(stage, "HD-07", "feedback_before");
	set(stage, "message.feedback_id", "");
	fails(stage, "HD-07", "feedback_before");
	set(stage, "message.feedback_id", "exampleco");
	stage_sql(stage,
	    "UPDATE review_result SET facts = replace(facts, 'list-1.',"
	    " 'news.') WHERE campaign = (SELECT max(id) FROM campaign)");
	fails(stage, "HD-07", "list_before");
	/* another list may have another name */
	stage_sql(stage, "UPDATE campaign SET list = 99 WHERE id ="
			 " (SELECT max(id) FROM campaign)");
	passes(stage, "HD-07");
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
	    TEST(consent_says_when_and_how),
	    TEST(case_twins_are_found),
	    TEST(roles_and_slips_are_found),
	    TEST(cold_addresses_are_counted),
	    TEST(the_profile_is_compared),
	    TEST(nobody_sees_anothers_data),
	    TEST(volume_grows_slowly),
	    TEST(a_big_provider_has_a_limit_of_its_own),
	    TEST(a_quota_must_suffice),
	    TEST(carriers_are_left_in_peace_at_night),
	    TEST(nobody_gets_too_much),
	    TEST(the_stop_was_tried),
	    TEST(bounces_and_complaints),
	    TEST(an_incident_stops_mail_to_its_house),
	    TEST(as_many_as_expected),
	    TEST(canaries_must_be_there),
	    TEST(the_same_people_or_others),
	    TEST(a_segment_is_held_against_itself),
	    TEST(another_campaign_was_faster),
	    TEST(staff_and_strangers),
	    TEST(the_color_must_fit),
	    TEST(what_is_new_is_answered_for),
	    TEST(list_and_sender_keep_their_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
