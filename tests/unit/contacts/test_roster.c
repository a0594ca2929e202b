/* A list in memory finds whom the store finds, also where texts are odd; it
 * knows when it is of before, and that the stop list has changed. */
#include "tests/unit/contacts/people_kit.h"

static void
more(struct room *room)
{
	sql(room,
	    "INSERT INTO contact(id, address, canon, name, fields, created_ms,"
	    " changed_ms) VALUES"
	    "(4, 'ＡＢＥ@example.jp', 'abe@example.jp', 'ｱﾍﾞ', '{}', 1, 1),"
	    "(5, 'Zoe@Example.JP', 'Zoe@example.jp', '	アベ　二郎　',"
	    " '{\"City\":\"京都\",\"ＣＩＴＹ\":\"1,200\"}', 1, 9),"
	    "(6, 'b@日本語.jp', 'b@xn--wgv71a119e.jp', '', '{\"a\\u0062\":"
	    "\"x\\u0000y\",\"list\":[1,2],\"none\":null}', 1, 1),"
	    "(7, 'bb@sub.example.jp', 'bb@sub.example.jp', 'abe@', '{}', 1,"
	    " 1),"
	    "(8, 'TAROT@example.jp', 'TAROT@example.jp', 'ABE',"
	    " '{\"points\":\" 40 \",\"day\":\"2026/1/5 10:00\"', 1, 1)");
	sql(room,
	    "INSERT INTO member(list, contact, basis, basis_at_ms, basis_note)"
	    " SELECT 1, id, id <> 5, id * 10, '' FROM contact WHERE id > 3");
	sql(room,
	    "INSERT INTO suppression(key, list, cause, at_ms, source, address,"
	    " until_ms) VALUES(x'01', 0, 0, 0, '', 'bb@sub.example.jp', 0),"
	    " (x'02', 1, 2, 0, '', 'tarot@example.jp', 0),"
	    " (x'03', 0, 4, 0, '', 'TARO@example.jp', 5000),"
	    " (x'04', 2, 0, 0, '', 'jiro@example.jp', 0),"
	    " (x'05', 0, 5, 0, '', '', 0)");
	sql(room,
	    "INSERT INTO campaign(id, name, class, state, from_name,"
	    " from_address, reply_to, subject, body, revision, created_ms,"
	    " created_by, changed_ms, changed_by) VALUES"
	    "(1, 'Spring', 0, 3, '', '', '', '', '', 1, 0, '', 0, ''),"
	    "(2, 'Autumn', 0, 3, '', '', '', '', '', 1, 0, '', 0, '')");
	sql(room, "INSERT INTO outbox(campaign, seq, contact, address, canon,"
		  " name, fields, leaf) SELECT 1, 9 - id, id, '', '', '', '',"
		  " x'' FROM contact UNION ALL SELECT 2, id, id, '', '', '',"
		  " '', x'' FROM contact WHERE id > 4");
	sql(room, "INSERT INTO ledger(campaign, seq, state, at_ms)"
		  " SELECT campaign, seq, CASE WHEN contact = 7 THEN 5"
		  " WHEN contact = 8 THEN 4 WHEN contact = 6 AND campaign = 1"
		  " THEN 5 ELSE 3 END, contact * 100 FROM outbox");
}

static const char *const filters[] = {"", "abe", "ＡＢＥ", "アベ", "ｱﾍﾞ",
    "\"アベ 二郎\"", "-abe", "e@", "@", "jp", "address:abe", "name:abe",
    "name:=abe", "name:", "-name:", "address:=zoe@example.jp",
    "address:=abe@example.jp", "address:=ａｂｅ@example.jp",
    "address:=b@日本語.jp", "address:日本語", "domain:example.jp",
    "domain:=example.jp", "domain:日本語.jp", "domain:xn--wgv71a119e.jp",
    "city:", "city:京都", "city:>=1000", "city:東京 or city:大阪",
    "ab:", "ab:~y", "ab:=x", "list:1", "\"list\":~2", "\"none\":", "points:40",
    "points:>=40", "points:5..50", "day:2026-01-05", "day:<2026-02",
    "day:", "nobody:", "-nobody:", "no:7", "status:stopped", "status:active",
    "status:complaint", "status:unsubscribed", "status:bounced",
    "status:nobasis", "since:", "added:>1d", "changed:1970", "tag:vip",
    "tag:", "-tag:tokyo", "list:Beta",
    "list:2 tag:vip or name:abe -status:stopped", "received:", "sent:never",
    "sent:", "bounced:", "received:1", "-received:Spring", "bounced:Spring",
    "bounced:Autumn", "sent:1970", "bounced:1 bounced:2",
    "bounced:2 or -bounced:1", "sent:>1d", "sent:1970 -bounced:1 tag:vip"};

static struct roster *
load(struct room *room, struct db *db, struct list_id list)
{
	struct roster *roster = NULL;

	assert_ok(roster_load(room->store, db, list, NULL, &roster, &room->err),
	    &room->err);
	assert_non_null(roster);
	return roster;
}

static void
both(struct room *room, struct db *db, struct roster *roster, const char *text,
    int64_t now)
{
	struct contact_id stored[16], kept[16], from = {0};
	struct filter *filter = NULL;
	int64_t a, b;

	assert_ok(filter_prepare(db, span_of(text), now, &filter, &room->err),
	    &room->err);
	a = contact_ids(
	    db, room->a, from, filter, NULL, stored, 16, &room->err);
	b = roster_ids(roster, db, filter, from, NULL, kept, 16, &room->err);
	filter_free(&filter);
	if (a != b)
		fail_msg("%s: %lld, in memory %lld", text, (long long)a,
		    (long long)b);
	for (int64_t i = 0; i < a; i++)
		assert_int_equal(stored[i].v, kept[i].v);
}

static void
finds_whom_the_store_finds(void **state)
{
	struct room *room = *state;
	struct roster *roster;
	struct db *db = NULL;

	more(room);
	assert_ok(store_reader_open(room->store, &db, &room->err), &room->err);
	roster = load(room, db, room->a);
	for (size_t i = 0; i < sizeof filters / sizeof *filters; i++) {
		/* before and after one stop has ended */
		both(room, db, roster, filters[i], 4999);
		both(room, db, roster, filters[i], 5000);
		both(room, db, roster, filters[i], 4000);
	}
	/* whole domains, which are stopped later */
	sql(room,
	    "INSERT INTO suppression(key, list, cause, at_ms, source, address)"
	    " VALUES(x'06', 0, 6, 0, '', '@example.jp')");
	for (size_t i = 0; i < sizeof filters / sizeof *filters; i++)
		both(room, db, roster, filters[i], 4000);
	assert_true(roster_is_current(room->store, roster));
	roster_drop(&roster);
	store_reader_close(&db);
}

static void
knows_that_it_is_of_before(void **state)
{
	static const char *const changes[] = {
	    "UPDATE contact SET name = 'x' WHERE id = 1",
	    "DELETE FROM member WHERE contact = 3",
	    "INSERT INTO member(list, contact, basis, basis_at_ms, basis_note)"
	    " VALUES(2, 3, 0, 0, '')"};
	struct room *room = *state;
	struct db *db = NULL;

	assert_ok(store_reader_open(room->store, &db, &room->err), &room->err);
	for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
		struct roster *roster = load(room, db, room->a), *other;

		sql(room, "DELETE FROM suppression");
		sql(room, "INSERT INTO tag(name) VALUES(random())");
		other = roster_hold(roster);
		assert_true(roster_is_current(room->store, roster));
		sql(room, changes[i]);
		assert_false(roster_is_current(room->store, roster));
		roster_drop(&roster);
		assert_null(roster);
		both(room, db, other, "vip -vip", 0);
		roster_drop(&other);
	}
	roster_drop(&(struct roster *){NULL});
	store_reader_close(&db);
}

/* More than one block, and lists in which nobody is. */
static void
finds_in_every_block(void **state)
{
	struct room *room = *state;
	struct contact_id found[100], from = {0};
	struct filter *filter = NULL;
	struct roster *roster;
	atomic_bool stop = false;
	struct db *db = NULL;

	sql(room,
	    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n"
	    " WHERE i < 9000) INSERT INTO contact(id, address, canon,"
	    " created_ms, changed_ms) SELECT 100 + i, i || '@a.jp', i ||"
	    " '@a.jp', i, 1 FROM n");
	sql(room,
	    "INSERT INTO member(list, contact, basis, basis_at_ms, basis_note)"
	    " SELECT 1, id, 1, 0, '' FROM contact WHERE id > 100");
	sql(room, "INSERT INTO contact_tag SELECT id, 1 FROM contact"
		  " WHERE id > 100 AND id % 500 = 0");
	assert_ok(store_reader_open(room->store, &db, &room->err), &room->err);
	roster = load(room, db, room->a);
	assert_ok(
	    filter_prepare(db, SPAN("00@ tag:vip"), 0, &filter, &room->err),
	    &room->err);
	/* ids 500, 1000 .. 9000: their addresses end with 00 */
	assert_int_equal(
	    roster_ids(roster, db, filter, from, &stop, found, 100, &room->err),
	    18);
	for (int i = 0; i < 18; i++)
		assert_int_equal(found[i].v, 500 * (i + 1));
	from.v = 8501;
	assert_int_equal(
	    roster_ids(roster, db, filter, from, &stop, found, 100, &room->err),
	    1);
	assert_int_equal(found[0].v, 9000);
	stop = true;
	assert_int_equal(
	    roster_ids(roster, db, filter, from, &stop, found, 100, &room->err),
	    -1);
	assert_int_equal(room->err.code, E_CANCELLED);
	roster_drop(&roster);
	roster = load(room, db, (struct list_id){99});
	assert_int_equal(
	    roster_ids(roster, db, filter, from, NULL, found, 100, &room->err),
	    0);
	roster_drop(&roster);
	filter_free(&filter);
	store_reader_close(&db);
}

/* Thousands of names of fields: the store serves that list. */
static void
gives_up_on_what_does_not_fit(void **state)
{
	struct room *room = *state;
	struct roster *roster = NULL;
	atomic_bool stop = true;
	struct db *db = NULL;

	assert_ok(store_reader_open(room->store, &db, &room->err), &room->err);
	sql(room,
	    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n"
	    " WHERE i < 3000) UPDATE contact SET fields = (SELECT '{' ||"
	    " group_concat('\"f' || i || '\":\"1\"') || '}' FROM n)"
	    " WHERE id = 2");
	assert_ok(
	    roster_load(room->store, db, room->a, NULL, &roster, &room->err),
	    &room->err);
	assert_null(roster);
	sql(room, "UPDATE contact SET fields = '{}'");
	sql(room,
	    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n"
	    " WHERE i < 9000) INSERT INTO contact(id, address, canon,"
	    " created_ms, changed_ms) SELECT 100 + i, i || '@a.jp', i ||"
	    " '@a.jp', i, 1 FROM n");
	sql(room, "INSERT INTO member(list, contact, basis, basis_at_ms,"
		  " basis_note) SELECT 2, id, 1, 0, '' FROM contact"
		  " WHERE id > 100");
	assert_int_equal(
	    roster_load(room->store, db, room->b, &stop, &roster, &room->err),
	    -1);
	assert_int_equal(room->err.code, E_CANCELLED);
	assert_null(roster);
	store_reader_close(&db);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(finds_whom_the_store_finds),
	    TEST(knows_that_it_is_of_before),
	    TEST(finds_in_every_block),
	    TEST(gives_up_on_what_does_not_fit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
