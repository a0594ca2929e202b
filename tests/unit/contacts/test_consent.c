/* Evidence of consent: what is complete, that nothing is overwritten, how long
 * it is kept of whom; wordings. */
#include "tests/unit/contacts/people_kit.h"

#define YEAR_MS (366 * INT64_C(86400000))

static const char why[] = "told by telephone";

static void
complete_is_when_how_and_what(void **state)
{
	static const struct {
		struct consent_evidence known;
		bool has_wording, complete;
	} cases[] = {
	    {{.at_ms = 5, .how = CONSENT_HOW_WEB}, true, true},
	    {{.at_ms = 5, .how = CONSENT_HOW_WEB}, false, false},
	    {{.at_ms = 0, .how = CONSENT_HOW_WEB}, true, false},
	    {{.at_ms = 5}, true, false},
	    {{.at_ms = 5, .note = SPAN("form")}, true, true},
	    {{.at_ms = 5, .note = SPAN("form")}, false, false},
	    {{.at_ms = 5, .note = SPAN(" ")}, true, false},
	    {{.at_ms = 5, .how = CONSENT_HOW_PAPER, .paper = SPAN("folder")},
		false, true},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		if (consent_is_complete(&cases[i].known,
			cases[i].has_wording) != cases[i].complete)
			fail_msg("case %zu", i);
	}
}

static void
texts_have_limits(void **state)
{
	static const struct {
		struct consent_evidence known;
		const char *field, *why;
	} cases[] = {
	    {{.note = SPAN("a\nb")}, "note", "control"},
	    {{.note = SPAN("\xff")}, "note", "utf8"},
	    {{.ip = SPAN("somewhere")}, "ip", "form"},
	    {{.ip = SPAN("2001:db8:0:0:0:0:0:0:1:2:3:4:5:6:7:8:9:a:b:c:d")},
		"ip", "length"},
	    {{.paper = SPAN("\x1b[2J")}, "paper", "control"},
	};
	struct err err = {.code = E_NONE};

	(void)state;
	assert_ok(
	    consent_check(&(struct consent_evidence){.note = SPAN("申込書"),
			      .ip = SPAN("2001:db8::1"),
			      .paper = SPAN("棚 7")},
		&err),
	    &err);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		assert_int_equal(consent_check(&cases[i].known, &err), -1);
		assert_int_equal(err.code, E_CONSENT_FIELD);
		assert_string_equal(err_find(&err, "field"), cases[i].field);
		assert_string_equal(err_find(&err, "why"), cases[i].why);
	}
}

static int
set(struct room *room, int64_t contact, const struct consent_evidence *known)
{
	room->err.code = E_NONE;
	return consent_set(room->store, room->a, who(contact), known,
	    span_of(why), &room->err);
}

static void
what_was_there_stays_in_the_history(void **state)
{
	struct room *room = *state;
	struct arena *arena = arena_new();
	struct consent_event *event;
	struct db *db = NULL;
	size_t count;

	assert_ok(
	    set(room, 1,
		&(struct consent_evidence){
		    .basis = BASIS_CARD, .at_ms = 9000, .note = SPAN("fair")}),
	    &room->err);
	assert_ok(store_reader_open(room->store, &db, &room->err), &room->err);
	assert_ok(consent_history(
		      db, room->a, who(1), arena, &event, &count, &room->err),
	    &room->err);
	store_reader_close(&db);
	assert_int_equal(count, 2);
	assert_int_equal(event[0].what, CONSENT_REPLACED);
	assert_int_equal(event[0].evidence.basis, BASIS_CONSENT);
	assert_int_equal(event[0].evidence.at_ms, 1000);
	assert_int_equal(event[0].evidence.confirmed_ms, 1500);
	assert_true(span_equal(event[0].evidence.ip, SPAN("192.0.2.7")));
	assert_true(span_equal(event[0].reason, span_of(why)));
	assert_true(span_equal(event[0].list_name, SPAN("Alpha")));
	assert_int_equal(event[1].what, CONSENT_GIVEN);
	assert_int_equal(event[1].evidence.basis, BASIS_CARD);
	arena_free(&arena);
	assert_int_equal(number(room, "SELECT count(*) FROM audit WHERE"
				      " what = 'consent.set' AND facts LIKE"
				      " '%telephone%'"),
	    1);
}

static void
setting_is_refused_when_it_means_nothing(void **state)
{
	struct room *room = *state;
	struct consent_evidence known = {.basis = BASIS_CARD};

	assert_int_equal(consent_set(room->store, room->a, who(1), &known,
			     SPAN(" x "), &room->err),
	    -1);
	assert_int_equal(room->err.code, E_CONSENT_FIELD);
	assert_int_equal(set(room, 99, &known), -1);
	assert_int_equal(room->err.code, E_CONTACT_MISSING);
	known.wording = 7;
	assert_int_equal(set(room, 1, &known), -1);
	assert_int_equal(room->err.code, E_WORDING_MISSING);
	assert_int_equal(number(room, "SELECT count(*) FROM consent_event"), 0);
}

static void
wordings_are_versions(void **state)
{
	struct room *room = *state;
	struct wording *all = NULL, one;
	struct buf got = BUF_INIT;
	struct db *db = NULL;
	int64_t first = 0, second = 0;
	size_t count;

	assert_ok(wording_add(room->store, SPAN(" Form "),
		      SPAN("Yes,\r\nplease."), &first, &room->err),
	    &room->err);
	assert_int_equal(wording_add(room->store, SPAN("Form"),
			     SPAN("Yes,\nplease."), &second, &room->err),
	    -1);
	assert_string_equal(err_find(&room->err, "why"), "same");
	assert_ok(wording_add(room->store, SPAN("Form"), SPAN("同意します"),
		      &second, &room->err),
	    &room->err);
	sql(room, "UPDATE member SET wording = 1 WHERE contact = 1");
	assert_ok(store_reader_open(room->store, &db, &room->err), &room->err);
	assert_ok(wording_all(db, &all, &count, &room->err), &room->err);
	assert_int_equal(count, 2);
	assert_int_equal(all[0].version, 2);
	assert_int_equal(all[0].members, 0);
	assert_int_equal(all[1].version, 1);
	assert_int_equal(all[1].members, 2);
	assert_ok(wording_read(db, first, &one, &got, &room->err), &room->err);
	assert_true(span_equal(buf_span(&got), SPAN("Yes,\nplease.")));
	assert_int_equal(wording_need(db, 99, &room->err), -1);
	assert_int_equal(room->err.code, E_WORDING_MISSING);
	store_reader_close(&db);
	free(all);
	buf_done(&got);
}

static void
wordings_are_text(void **state)
{
	static const struct {
		const char *name, *text, *field, *why;
	} cases[] = {
	    {"", "x", "name", "empty"},
	    {"a\tb", "x", "name", "control"},
	    {"a", " \n", "text", "empty"},
	    {"a", "\x1b]0;x", "text", "control"},
	    {"a", "\xff", "text", "utf8"},
	};
	struct room *room = *state;
	int64_t id;

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		assert_int_equal(
		    wording_add(room->store, span_of(cases[i].name),
			span_of(cases[i].text), &id, &room->err),
		    -1);
		assert_int_equal(room->err.code, E_WORDING);
		assert_string_equal(
		    err_find(&room->err, "field"), cases[i].field);
		assert_string_equal(err_find(&room->err, "why"), cases[i].why);
	}
}

static void
a_list_is_filled_where_nothing_is_known(void **state)
{
	struct room *room = *state;
	int64_t id, changed;

	assert_ok(wording_add(
		      room->store, SPAN("Form"), SPAN("Yes."), &id, &room->err),
	    &room->err);
	assert_ok(consent_fill(room->store, room->b, CONSENT_HOW_MAIL, id,
		      span_of(why), &changed, &room->err),
	    &room->err);
	assert_int_equal(changed, 0); /* a paper is known */
	assert_ok(consent_fill(room->store, room->a, CONSENT_HOW_MAIL, id,
		      span_of(why), &changed, &room->err),
	    &room->err);
	assert_int_equal(changed, 1);
	/* how it was is known, and stays */
	assert_int_equal(number(room, "SELECT how * 10 + wording FROM member"
				      " WHERE list = 1 AND contact = 1"),
	    CONSENT_HOW_WEB * 10 + 1);
	assert_int_equal(
	    number(room, "SELECT sum(wording) FROM member WHERE list = 1"), 1);
}

static void
saying_no_is_in_the_history(void **state)
{
	struct room *room = *state;

	assert_ok(suppress_add(room->store, SPAN("jiro@example.jp"), room->a,
		      SUPPRESS_UNSUBSCRIBED, SPAN("link"), &room->err),
	    &room->err);
	assert_ok(suppress_add(room->store, SPAN("jiro@example.jp"), room->a,
		      SUPPRESS_UNSUBSCRIBED, SPAN("link"), &room->err),
	    &room->err);
	assert_int_equal(number(room, "SELECT count(*) FROM consent_event"
				      " WHERE contact = 3 AND what = 3"
				      " AND reason = 'link' AND left_ms = 0"),
	    1);
}

static int64_t
sweep(struct room *room)
{
	int64_t swept;

	assert_ok(consent_sweep(room->store, &swept, &room->err), &room->err);
	return swept;
}

/* From the day somebody left, and only then. */
static void
evidence_is_kept_for_its_time(void **state)
{
	struct room *room = *state;
	struct contact_id gone = who(3);
	struct consent_kept kept;
	struct db *db = NULL;

	assert_ok(contact_delete(room->store, &gone, 1, NULL, &room->err),
	    &room->err);
	assert_int_equal(number(room, "SELECT count(*) FROM consent_event"), 0);
	assert_true(trash_empty(room->store, &room->err) >= 0);
	assert_int_equal(
	    number(room, "SELECT count(*) FROM consent_event WHERE contact = 0"
			 " AND left_ms <> 0 AND length(key) = 32"
			 " AND basis_note = 'card'"),
	    1);
	assert_ok(store_reader_open(room->store, &db, &room->err), &room->err);
	assert_ok(consent_kept(
		      db, clock_now_ms(&room->clock.base), &kept, &room->err),
	    &room->err);
	store_reader_close(&db);
	assert_int_equal(kept.count, 1);
	assert_int_equal(kept.due, 0);
	assert_int_equal(
	    kept.next_ms, clock_now_ms(&room->clock.base) + 3 * YEAR_MS);
	fake_clock_move(&room->clock, 3 * YEAR_MS - 1);
	assert_int_equal(sweep(room), 0);
	fake_clock_move(&room->clock, 1);
	/* a campaign that had the person ended later */
	sql(room, "INSERT INTO campaign(id, name, class, state, list,"
		  " from_name, from_address, reply_to, subject, body,"
		  " revision, created_ms, created_by, changed_ms, changed_by)"
		  " VALUES(1, 'x', 0, 0, 1, '', '', '', '', '', 1, 1, '', 1,"
		  " '')");
	sql(room, "INSERT INTO review(campaign, revision, at_ms, by,"
		  " recipients, root) VALUES(1, 1, 5, '', 1, x'')");
	sql(room, "INSERT INTO run(campaign, state, why, total, started_ms,"
		  " ended_ms, by, digest) VALUES(1, 1, '', 1, 5, NULL, '',"
		  " x'')");
	assert_int_equal(sweep(room), 0);
	sql(room, "UPDATE run SET ended_ms = 10");
	assert_int_equal(sweep(room), 1);
	assert_int_equal(number(room, "SELECT count(*) FROM consent_event"), 0);
	/* those who are on a list are never swept */
	assert_int_equal(number(room, "SELECT count(*) FROM member"), 4);
	assert_int_equal(number(room, "SELECT count(*) FROM audit"
				      " WHERE what = 'consent.sweep'"),
	    1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(complete_is_when_how_and_what),
	    cmocka_unit_test(texts_have_limits),
	    TEST(what_was_there_stays_in_the_history),
	    TEST(setting_is_refused_when_it_means_nothing),
	    TEST(wordings_are_versions),
	    TEST(wordings_are_text),
	    TEST(a_list_is_filled_where_nothing_is_known),
	    TEST(saying_no_is_in_the_history),
	    TEST(evidence_is_kept_for_its_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
