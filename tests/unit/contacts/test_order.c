/* Sorting people: every order both ways, few and many, masked, and stopped. */
#include "tests/unit/contacts/people_kit.h"

enum { MANY = 21000 }; /* more than are read one by one */

/* Five more in Alpha, ids 4 to 8, and what was sent to them. */
static void
more(struct room *room)
{
	sql(room,
	    "INSERT INTO contact(id, address, canon, name, fields, created_ms,"
	    " changed_ms) VALUES"
	    "(4, 'ＡＢＥ@example.jp', 'abe@example.jp', 'ｱﾍﾞ', '{}', 1, 1),"
	    "(5, 'Zoe@example.jp', 'Zoe@example.jp', 'アベ', '{}', 1, 1),"
	    "(6, 'b@example.jp', 'b@example.jp', '', '{}', 1, 1),"
	    "(7, 'bb@example.jp', 'bb@example.jp', 'abe', '{}', 1, 1),"
	    "(8, 'tarot@example.jp', 'tarot@example.jp', 'ABE', '{}', 1, 1)");
	sql(room,
	    "INSERT INTO member(list, contact, basis, basis_at_ms, basis_note)"
	    " SELECT 1, id, id <> 5, 0, '' FROM contact WHERE id > 3");
	sql(room,
	    "INSERT INTO suppression(key, list, cause, at_ms, source, address)"
	    " VALUES(x'01', 0, 0, 0, '', 'bb@example.jp')");
	sql(room,
	    "INSERT INTO outbox(campaign, seq, contact, address, canon, name,"
	    " fields, leaf) VALUES(1, 1, 4, '', '', '', '', x''),"
	    " (1, 2, 6, '', '', '', '', x''), (2, 1, 4, '', '', '', '', x''),"
	    " (2, 2, 7, '', '', '', '', x'')");
	sql(room,
	    "INSERT INTO ledger(campaign, seq, state, at_ms) VALUES"
	    " (1, 1, 3, 10), (1, 2, 3, 20), (2, 1, 3, 30), (2, 2, 5, 40)");
}

static const struct {
	enum contact_order order;
	const char *up, *down;
} orders[] = {
    {CONTACT_BY_ID, "1 2 3 4 5 6 7 8", "1 2 3 4 5 6 7 8"},
    {CONTACT_BY_ADDRESS, "4 6 7 3 1 2 8 5", "5 8 1 2 3 7 6 4"},
    /* abe, アベ (also in half width), 山田, 鈴木; without a name at the end */
    {CONTACT_BY_NAME, "7 8 4 5 1 3 2 6", "3 1 4 5 7 8 2 6"},
    {CONTACT_BY_STATUS, "1 2 3 4 6 8 5 7", "7 5 1 2 3 4 6 8"},
    {CONTACT_BY_CONSENT, "1 2 3 4 5 6 7 8", "3 2 1 4 5 6 7 8"},
    {CONTACT_BY_SENT, "6 4 1 2 3 5 7 8", "4 6 1 2 3 5 7 8"},
};

static void
sorted(struct room *room, struct db *db, enum contact_order order,
    enum contact_way way, const char *expect)
{
	struct contact_id id[8];
	struct buf found = BUF_INIT;

	for (int i = 0; i < 8; i++)
		id[i] = who(8 - i);
	assert_ok(contact_sort(room->store, db, room->a, order, way, NULL, id,
		      8, &room->err),
	    &room->err);
	for (int i = 0; i < 8; i++)
		buf_printf(&found, "%s%lld", i ? " " : "", (long long)id[i].v);
	assert_string_equal(found.ptr, expect);
	buf_done(&found);
}

static void
knows_every_order(void **state)
{
	struct room *room = *state;
	struct db *db = NULL;

	more(room);
	assert_ok(store_reader_open(room->store, &db, &room->err), &room->err);
	for (size_t i = 0; i < sizeof orders / sizeof *orders; i++) {
		sorted(room, db, orders[i].order, CONTACT_UP, orders[i].up);
		sorted(room, db, orders[i].order, CONTACT_DOWN, orders[i].down);
	}
	assert_ok(contact_sort(room->store, db, room->a, CONTACT_BY_NAME,
		      CONTACT_UP, NULL, NULL, 0, &room->err),
	    &room->err);
	store_reader_close(&db);
}

/* Thousands are read at one go; who is not asked about is passed over. */
static void
sorts_many(void **state)
{
	struct room *room = *state;
	struct contact_id *id = mem_array(MANY, sizeof *id);
	enum contact_order both[] = {CONTACT_BY_ADDRESS, CONTACT_BY_NAME};
	struct db *db = NULL;

	sql(room,
	    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n"
	    " WHERE i < 22000) INSERT INTO contact(id, address, canon, name,"
	    " created_ms, changed_ms) SELECT 100 + i, printf('%05d@a.jp',"
	    " 30000 - i), printf('%05d@a.jp', 30000 - i), printf('N%05d',"
	    " 30000 - i), 1, 1 FROM n");
	sql(room,
	    "INSERT INTO member(list, contact, basis, basis_at_ms, basis_note)"
	    " SELECT 1, id, 1, 0, '' FROM contact WHERE id > 100");
	assert_ok(store_reader_open(room->store, &db, &room->err), &room->err);
	for (int k = 0; k < 2; k++) {
		for (int i = 0; i < MANY; i++)
			id[i] = who(102 + i);
		assert_ok(contact_sort(room->store, db, room->a, both[k],
			      CONTACT_UP, NULL, id, MANY, &room->err),
		    &room->err);
		for (int i = 0; i < MANY; i++)
			assert_int_equal(id[i].v, 102 + MANY - 1 - i);
	}
	assert_ok(contact_sort(room->store, db, room->a, CONTACT_BY_SENT,
		      CONTACT_UP, NULL, id, MANY, &room->err),
	    &room->err);
	assert_int_equal(id[0].v, 102);
	store_reader_close(&db);
	free(id);
}

static void
leaves_all_as_it_was_when_stopped(void **state)
{
	struct room *room = *state;
	struct contact_id id[3] = {{3}, {1}, {2}};
	atomic_bool stop = true;
	struct db *db = NULL;

	assert_ok(store_reader_open(room->store, &db, &room->err), &room->err);
	assert_int_equal(contact_sort(room->store, db, room->a, CONTACT_BY_NAME,
			     CONTACT_UP, &stop, id, 3, &room->err),
	    -1);
	assert_int_equal(room->err.code, E_CANCELLED);
	assert_int_equal(id[0].v, 3);
	assert_int_equal(id[1].v, 1);
	assert_int_equal(id[2].v, 2);
	store_reader_close(&db);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(knows_every_order),
	    TEST(sorts_many),
	    TEST(leaves_all_as_it_was_when_stopped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
