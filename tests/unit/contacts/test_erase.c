/* Erasing a person: nothing of them is left in any table, what was sent can
 * still be proved, and they stay stopped. */
#include "tests/unit/contacts/people_kit.h"

static const char why[] = "asked by letter of 2026-11-20";

/* Everything that can hold something of a person. */
static void
fill(struct room *room)
{
	static const char *const statements[] = {
	    "INSERT INTO campaign(id, name, class, state, list, from_name,"
	    " from_address, reply_to, subject, body, revision, created_ms,"
	    " created_by, changed_ms, changed_by) VALUES"
	    "(1, 'sent', 0, 0, 1, '', '', '', '', '', 1, 1, '', 1, ''),"
	    "(2, 'draft', 0, 0, 1, '', '', '', '', '', 1, 1, '', 1, '')",
	    "INSERT INTO outbox(campaign, seq, contact, address, canon, name,"
	    " fields, leaf) VALUES"
	    "(1, 1, 3, 'jiro@example.jp', 'jiro@example.jp', '鈴木', '{}',"
	    " x'0a'),"
	    "(1, 2, 2, 'taro@example.jp', 'taro@example.jp', '', '{}', x'0b'),"
	    "(2, 1, 3, 'jiro@example.jp', 'jiro@example.jp', '鈴木', '{}',"
	    " x'0c')",
	    "INSERT INTO run(campaign, state, why, total, started_ms,"
	    " ended_ms, by, digest) VALUES(1, 1, '', 2, 5, 6, '', x'')",
	    "INSERT INTO ledger(campaign, seq, state, reply) VALUES"
	    "(1, 1, 5, '550 <jiro@example.jp>: no such user'),"
	    "(1, 2, 3, '250 ok')",
	    "INSERT INTO import_reject VALUES(1, 7, 'x',"
	    " '{\"a\":\"Jiro@example.jp\"}', 'Jiro@example.jp;Suzuki'),"
	    "(1, 8, 'x', '{}', 'ｊｉｒｏ＠ｅｘａｍｐｌｅ．ｊｐ;鈴木'),"
	    "(1, 9, 'x', '{\"fix\":\"jiro2@example.jp\"}', '鈴木'),"
	    "(1, 10, 'x', '{}', 'saburo@example.jp;Sato')",
	    "INSERT INTO contact_event(contact, at_ms, by, kind, fact)"
	    " VALUES(3, 1, '', 0, 'was jiro2@example.jp')",
	    "INSERT INTO import_before(import, contact, what, name, fields,"
	    " changed_ms) VALUES(1, 3, 0, '鈴木', '{}', 1)",
	    "INSERT INTO contact_alias(contact, was, canon)"
	    " VALUES(3, 33, 'jiro2@example.jp')",
	    "INSERT INTO contact_tag(contact, tag) VALUES(3, 2)",
	    "INSERT INTO canary(list, address, canon, added_ms, added_by)"
	    " VALUES(1, 'jiro@example.jp', 'jiro@example.jp', 1, '')",
	};

	for (size_t i = 0; i < sizeof statements / sizeof *statements; i++)
		sql(room, statements[i]);
	assert_ok(suppress_add(room->store, SPAN("jiro@example.jp"), room->b,
		      SUPPRESS_COMPLAINT, SPAN("ARF"), &room->err),
	    &room->err);
}

static int
erase(struct room *room, const char *typed, struct erased *out)
{
	room->err.code = E_NONE;
	return contact_erase(
	    room->store, who(3), span_of(typed), span_of(why), out, &room->err);
}

/* In how many tables the text is, the log too. */
static int
holds(struct room *room, const char *needle)
{
	struct db *db = NULL;
	struct buf query = BUF_INIT;
	static const char *const queries[] = {
	    "SELECT count(*) FROM outbox WHERE address || canon || name LIKE "
	    "?1",
	    "SELECT count(*) FROM ledger WHERE reply LIKE ?1",
	    "SELECT count(*) FROM contact WHERE address || canon || name"
	    " LIKE ?1",
	    "SELECT count(*) FROM suppression WHERE address || source ||"
	    " evidence LIKE ?1",
	    "SELECT count(*) FROM import_reject WHERE detail || raw LIKE ?1",
	    "SELECT count(*) FROM contact_event WHERE fact LIKE ?1",
	    "SELECT count(*) FROM contact_alias WHERE canon LIKE ?1",
	    "SELECT count(*) FROM import_before WHERE name LIKE ?1",
	    "SELECT count(*) FROM canary WHERE address || canon LIKE ?1",
	    "SELECT count(*) FROM trash_contact WHERE address || canon LIKE ?1",
	    "SELECT count(*) FROM consent_event WHERE basis_note || ip || paper"
	    " || reason LIKE ?1",
	    "SELECT count(*) FROM audit WHERE object || facts LIKE ?1",
	};
	int found = 0;

	assert_ok(store_reader_open(room->store, &db, &room->err), &room->err);
	buf_printf(&query, "%%%s%%", needle);
	for (size_t i = 0; i < sizeof queries / sizeof *queries; i++) {
		struct stmt *stmt = db_stmt(db, queries[i], &room->err);

		assert_non_null(stmt);
		stmt_text(stmt, 1, buf_span(&query));
		assert_int_equal(stmt_step(stmt, &room->err), 1);
		found += stmt_col_int(stmt, 0) > 0;
		stmt_reset(stmt);
	}
	store_reader_close(&db);
	buf_done(&query);
	return found;
}

static void
nothing_of_the_person_is_left(void **state)
{
	struct room *room = *state;
	struct erased erased;

	fill(room);
	assert_true(holds(room, "jiro") > 5);
	assert_ok(erase(room, " JIRO@Example.jp ", &erased), &room->err);
	assert_int_equal(erased.masked, 1);
	assert_int_equal(erased.dropped, 1);
	assert_int_equal(erased.rejects, 3);
	assert_int_equal(
	    number(room, "SELECT count(*) FROM import_reject WHERE raw <> ''"),
	    1);
	assert_int_equal(holds(room, "jiro"), 0);
	assert_int_equal(holds(room, "鈴木"), 0);
	/* others are as they were */
	assert_int_equal(number(room, "SELECT count(*) FROM contact"
				      " WHERE canon <> ''"),
	    2);
	assert_int_equal(
	    number(room, "SELECT count(*) FROM outbox WHERE contact = 2"), 1);
}

static void
what_was_sent_can_be_proved(void **state)
{
	struct room *room = *state;
	struct erased erased;

	fill(room);
	assert_ok(erase(room, "jiro@example.jp", &erased), &room->err);
	assert_string_equal(
	    text(room, "SELECT hex(leaf) FROM outbox WHERE campaign = 1"
		       " AND seq = 1 AND contact = 0"
		       " AND address LIKE 'erased-%@erased.invalid'"
		       " AND canon = address"),
	    "0A");
	assert_int_equal(
	    number(room, "SELECT count(*) FROM ledger l JOIN outbox o"
			 " ON o.campaign = l.campaign AND o.seq = l.seq"
			 " WHERE o.contact = 0 AND l.reply ="
			 " '550 <' || o.address || '>: no such user'"),
	    1);
	assert_int_equal(
	    number(room, "SELECT count(*) FROM outbox WHERE campaign = 2"), 0);
}

static void
stays_stopped_in_any_spelling(void **state)
{
	static const char *const spellings[] = {"jiro@example.jp",
	    "JIRO@example.jp", "Jiro@example.jp", "jiro2@example.jp"};
	struct room *room = *state;
	struct erased erased;
	struct db *db = NULL;

	fill(room);
	assert_ok(erase(room, "jiro@example.jp", &erased), &room->err);
	assert_ok(store_reader_open(room->store, &db, &room->err), &room->err);
	for (size_t i = 0; i < sizeof spellings / sizeof *spellings; i++) {
		assert_int_equal(
		    suppress_check(room->store, db, span_of(spellings[i]),
			room->a, &room->err),
		    1);
		assert_int_equal(suppress_is_erased(room->store, db,
				     span_of(spellings[i]), &room->err),
		    1);
	}
	store_reader_close(&db);
	/* the key alone, also when somebody enters the address again */
	assert_ok(suppress_add(room->store, SPAN("jiro@example.jp"), room->a,
		      SUPPRESS_HAND, SPAN("x"), &room->err),
	    &room->err);
	assert_int_equal(
	    number(room, "SELECT count(*) FROM suppression WHERE address = ''"
			 " AND list = 0 AND cause = 5"),
	    2);
	assert_int_equal(number(room, "SELECT count(*) FROM suppression"), 2);
}

static void
evidence_is_kept_without_words(void **state)
{
	struct room *room = *state;
	struct erased erased;

	sql(room, "UPDATE member SET basis = 1, ip = '192.0.2.9', how = 1,"
		  " wording = 4 WHERE contact = 3");
	assert_ok(erase(room, "jiro@example.jp", &erased), &room->err);
	assert_int_equal(
	    number(room, "SELECT count(*) FROM consent_event WHERE what = 5"
			 " AND contact = 0 AND left_ms <> 0 AND basis = 1"
			 " AND basis_at_ms = 3000 AND wording = 4"
			 " AND basis_note = '' AND ip = ''"),
	    1);
}

/* Contact 3 is the last one there is. */
static void
the_number_is_not_given_again(void **state)
{
	static const char add[] =
	    "INSERT INTO contact(address, canon, created_ms, changed_ms)"
	    " VALUES('new@example.jp', 'new@example.jp', 1, 1)";
	struct room *room = *state;
	struct erased erased;

	assert_int_equal(number(room, "SELECT max(id) FROM contact"), 3);
	assert_ok(erase(room, "jiro@example.jp", &erased), &room->err);
	sql(room, add);
	assert_int_equal(
	    number(room, "SELECT id FROM contact WHERE canon LIKE 'new@%'"), 4);
}

static void
is_refused_without_care(void **state)
{
	struct room *room = *state;
	struct erased erased;

	fill(room);
	assert_int_equal(erase(room, "taro@example.jp", &erased), -1);
	assert_int_equal(room->err.code, E_ERASE_FIELD);
	assert_int_equal(erase(room, "*@example.jp", &erased), -1);
	assert_int_equal(room->err.code, E_ERASE_FIELD);
	assert_int_equal(
	    contact_erase(room->store, who(3), SPAN("jiro@example.jp"),
		SPAN("jiro@example.jp wants it"), &erased, &room->err),
	    -1);
	assert_string_equal(err_find(&room->err, "why"), "address");
	assert_int_equal(
	    contact_erase(room->store, who(3), SPAN("jiro@example.jp"),
		SPAN("x"), &erased, &room->err),
	    -1);
	assert_string_equal(err_find(&room->err, "why"), "length");
	sql(room, "UPDATE run SET ended_ms = NULL");
	assert_int_equal(erase(room, "jiro@example.jp", &erased), -1);
	assert_int_equal(room->err.code, E_ERASE_SENDING);
	assert_int_equal(number(room, "SELECT count(*) FROM contact"), 3);
	assert_int_equal(
	    contact_erase(room->store, who(99), SPAN("jiro@example.jp"),
		span_of(why), &erased, &room->err),
	    -1);
	assert_int_equal(room->err.code, E_CONTACT_MISSING);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(nothing_of_the_person_is_left),
	    TEST(what_was_sent_can_be_proved),
	    TEST(stays_stopped_in_any_spelling),
	    TEST(evidence_is_kept_without_words),
	    TEST(the_number_is_not_given_again),
	    TEST(is_refused_without_care),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
