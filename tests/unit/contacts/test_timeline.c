/* What happened to somebody, in order. */
#include "tests/unit/contacts/people_kit.h"

#include "core/access/access.h"

static struct timeline
timeline(struct room *room, int64_t id)
{
	struct timeline out = {0};
	struct db *db = NULL;

	assert_ok(store_view_open(room->store, &db, &room->err), &room->err);
	assert_ok(timeline_read(room->store, db, who(id), &out, &room->err),
	    &room->err);
	store_reader_close(&db);
	return out;
}

/* Mail of campaign 7, to what this contact is and was. */
static void
mail(struct room *room)
{
	sql(room,
	    "INSERT INTO campaign(id, name, class, state, list, from_name,"
	    " from_address, reply_to, subject, body, revision, created_ms,"
	    " created_by, changed_ms, changed_by) VALUES(7, 'Autumn', 0, 0, 1,"
	    " '', '', '', '', '', 1, 1, '', 1, '')");
	sql(room,
	    "INSERT INTO outbox(campaign, seq, contact, address, canon, name,"
	    " fields, leaf) VALUES"
	    "(7, 1, 1, 'Taro@Example.jp', 'Taro@example.jp', '', '{}', x''),"
	    "(7, 2, 2, 'taro@example.jp', 'taro@example.jp', '', '{}', x''),"
	    /* somebody else who had the number once */
	    "(7, 3, 1, 'old@example.jp', 'old@example.jp', '', '{}', x'')");
	sql(room,
	    "INSERT INTO ledger(campaign, seq, state, at_ms, connection, code,"
	    " enhanced, class, reply) VALUES"
	    "(7, 1, 3, 5000, 1, 250, '2.0.0', NULL, 'queued'),"
	    "(7, 2, 5, 6000, 1, 550, '5.1.1', 'H1', 'no such user'),"
	    "(7, 3, 3, 7000, 1, 250, '', NULL, '')");
	sql(room,
	    "INSERT INTO connection(campaign, id, relay, at_ms, peer, local,"
	    " host, policy, tls_state, tls_version, tls_cipher, tls_why, cert,"
	    " resumed) VALUES(7, 1, 1, 5000, '', '', '', '', 2, 'TLSv1.3', '',"
	    " '', x'', 0)");
	sql(room,
	    "INSERT INTO import(id, list, at_ms, by, file, charset, basis,"
	    " rows, fresh, changed, same, duplicate, rejected, suppressed)"
	    " VALUES(4, 1, 900, 'hanako', 'members.csv', 'UTF-8', 1, 1, 1, 0,"
	    " 0, 0, 0, 0)");
	sql(room, "UPDATE member SET import = 4 WHERE list = 1"
		  " AND contact = 1");
}

static void
everything_stands_in_order(void **state)
{
	struct room *room = *state;
	struct timeline seen;

	mail(room);
	assert_ok(suppress_add(room->store, SPAN("Taro@example.jp"),
		      (struct list_id){0}, SUPPRESS_COMPLAINT, SPAN("ARF"),
		      &room->err),
	    &room->err);
	seen = timeline(room, 1);
	assert_int_equal(seen.count, 5);
	assert_int_equal(seen.moment[0].kind, MOMENT_STOP);
	assert_int_equal(seen.moment[0].number, SUPPRESS_COMPLAINT);
	assert_span_equal(seen.moment[0].text, "ARF");
	assert_int_equal(seen.moment[1].kind, MOMENT_EVIDENCE);
	assert_int_equal(seen.moment[1].number, CONSENT_WITHDRAWN);
	assert_int_equal(seen.moment[2].kind, MOMENT_MAIL);
	assert_span_equal(seen.moment[2].what, "Autumn");
	assert_int_equal(seen.moment[2].state, 3);
	assert_int_equal(seen.moment[2].code, 250);
	assert_span_equal(seen.moment[2].tls, "TLSv1.3");
	assert_span_equal(seen.moment[2].reply, "queued");
	assert_int_equal(seen.moment[3].kind, MOMENT_AGREED);
	assert_span_equal(seen.moment[3].what, "Alpha");
	assert_int_equal(seen.moment[4].kind, MOMENT_IMPORTED);
	assert_span_equal(seen.moment[4].text, "members.csv");
	assert_span_equal(seen.moment[4].by, "hanako");
	timeline_done(&seen);
}

static void
others_become_part_of_it(void **state)
{
	struct room *room = *state;
	struct merge merge = {0};
	struct trash_id trash;
	struct trash_back back;
	struct timeline seen;
	struct db *db = NULL;

	mail(room);
	assert_ok(store_reader_open(room->store, &db, &room->err), &room->err);
	assert_ok(
	    merge_open(db, who(1), who(2), &merge, &room->err), &room->err);
	store_reader_close(&db);
	assert_ok(
	    merge_commit(room->store, &merge, &trash, &room->err), &room->err);
	merge_done(&merge);
	seen = timeline(room, 1);
	assert_int_equal(seen.moment[0].kind, MOMENT_EVENT);
	assert_int_equal(seen.moment[0].event, EVENT_MERGED);
	assert_span_equal(seen.moment[0].text, "taro@example.jp");
	assert_int_equal(seen.moment[1].code, 550);
	assert_int_equal(seen.moment[2].code, 250);
	timeline_done(&seen);
	assert_ok(
	    trash_restore(room->store, trash, SPAN(""), &back, &room->err),
	    &room->err);
	seen = timeline(room, 1);
	assert_int_equal(seen.moment[0].event, EVENT_UNMERGED);
	assert_int_equal(seen.moment[1].event, EVENT_MERGED);
	assert_int_equal(seen.moment[2].code, 250);
	timeline_done(&seen);
	seen = timeline(room, 2);
	assert_int_equal(seen.moment[0].event, EVENT_RESTORED);
	assert_int_equal(seen.moment[1].code, 550);
	timeline_done(&seen);
}

static void
the_trash_is_told(void **state)
{
	struct room *room = *state;
	struct contact_id one = {1};
	struct trash_id trash;
	struct timeline seen;

	assert_ok(
	    member_remove(room->store, room->b, &one, 1, &trash, &room->err),
	    &room->err);
	seen = timeline(room, 1);
	assert_int_equal(seen.moment[0].kind, MOMENT_LEFT);
	assert_span_equal(seen.moment[0].what, "Beta");
	timeline_done(&seen);
}

static void
masked_eyes_see_masked_texts(void **state)
{
	struct room *room = *state;
	struct timeline seen;

	mail(room);
	sql(room, "INSERT INTO contact_event(contact, at_ms, by, kind, fact)"
		  " VALUES(1, 9000, 'hanako', 2, 'before@example.jp')");
	sql(room, "UPDATE ledger SET reply = 'no Taro@example.jp here'");
	tempstore_roles(room->store, PERSON_VIEWER);
	seen = timeline(room, 1);
	assert_int_equal(seen.count, 4);
	assert_span_equal(seen.moment[0].text, "***");
	assert_int_equal(seen.moment[1].kind, MOMENT_MAIL);
	assert_span_equal(seen.moment[1].reply, "no T***@example.jp here");
	assert_span_equal(seen.moment[2].text, "***");
	timeline_done(&seen);
}

static void
what_is_too_much_is_cut(void **state)
{
	struct room *room = *state;
	struct timeline seen;

	sql(room,
	    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n"
	    " WHERE i < 10050) INSERT INTO contact_event(contact, at_ms, by,"
	    " kind, fact) SELECT 3, i + 5000, '', 1, '' FROM n");
	seen = timeline(room, 3);
	assert_int_equal(seen.count, TIMELINE_MAX);
	assert_true(seen.cut);
	assert_int_equal(seen.moment[0].at_ms, 15050);
	timeline_done(&seen);
}

/* An import that somebody joined by, one that changed them, one that took them
 * off. */
static void
imports_say_what_they_did(void **state)
{
	static const enum moment_kind kinds[] = {
	    MOMENT_REMOVED, MOMENT_CHANGED, MOMENT_CHANGED, MOMENT_IMPORTED};
	struct room *room = *state;
	struct timeline seen;
	size_t at = 0;

	sql(room,
	    "INSERT INTO import(id, list, at_ms, by, file, charset, basis,"
	    " rows, fresh, changed, same, duplicate, rejected, suppressed)"
	    " SELECT value, 1, 900 + value, 'hanako', 'f' || value || '.csv',"
	    " '', 1, 1, 1, 0, 0, 0, 0, 0 FROM (SELECT 4 AS value UNION ALL"
	    " SELECT 5 UNION ALL SELECT 6 UNION ALL SELECT 7)");
	sql(room, "UPDATE member SET import = 4 WHERE list = 1"
		  " AND contact = 1");
	/* 4: joined, and the name was replaced; 5: the name; 6: got a basis;
	 * 7: left */
	sql(room,
	    "INSERT INTO import_before(import, contact, what, name, fields,"
	    " changed_ms, basis) VALUES(4, 1, 1, '', '', 0, NULL),"
	    " (5, 1, 1, '', '', 0, 1), (6, 1, 2, '', '', 0, 0),"
	    " (7, 1, 4, '', '', 0, 1)");
	seen = timeline(room, 1);
	for (size_t i = 0; i < seen.count; i++) {
		if (span_index(seen.moment[i].text, '.') ==
		    seen.moment[i].text.len)
			continue;
		assert_true(at < 4);
		assert_int_equal(seen.moment[i].kind, kinds[at]);
		assert_int_equal(seen.moment[i].number, 7 - (int)at++);
		assert_span_equal(seen.moment[i].by, "hanako");
	}
	assert_int_equal(at, 4);
	timeline_done(&seen);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(everything_stands_in_order),
	    TEST(others_become_part_of_it),
	    TEST(the_trash_is_told),
	    TEST(imports_say_what_they_did),
	    TEST(masked_eyes_see_masked_texts),
	    TEST(what_is_too_much_is_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
