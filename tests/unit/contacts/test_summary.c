/* A person at a glance, and how somebody looks at a list. */
#include "tests/unit/contacts/people_kit.h"

static struct db *
reader(struct room *room)
{
	struct db *db = NULL;

	assert_ok(store_reader_open(room->store, &db, &room->err), &room->err);
	return db;
}

static void
a_person_at_a_glance(void **state)
{
	struct room *room = *state;
	struct contact_summary it = {.sent = 9};
	struct db *db;

	sql(room,
	    "INSERT INTO outbox(campaign, seq, contact, address, canon, name,"
	    " fields, leaf) VALUES(1, 1, 2, '', '', '', '', x''),"
	    " (2, 1, 2, '', '', '', '', x''), (3, 1, 2, '', '', '', '', x''),"
	    " (4, 1, 2, '', '', '', '', x'')");
	/* accepted, refused for ever, planned, withheld */
	sql(room,
	    "INSERT INTO ledger(campaign, seq, state, at_ms, code, enhanced)"
	    " VALUES(1, 1, 3, 10, 250, NULL), (2, 1, 5, 20, 550, '5.1.1'),"
	    " (3, 1, 0, 30, NULL, NULL), (4, 1, 7, 40, NULL, NULL)");
	db = reader(room);
	assert_ok(
	    contact_summary_read(db, who(2), &it, &room->err), &room->err);
	assert_span_equal(buf_span(&it.tags), "tokyo, vip");
	assert_span_equal(buf_span(&it.lists), "Alpha, Beta");
	assert_int_equal(it.sent, 1);
	assert_int_equal(it.refused, 1);
	assert_int_equal(it.last.at_ms, 20);
	assert_int_equal(it.last.state, 5);
	assert_int_equal(it.last.code, 550);
	assert_string_equal(it.last.enhanced, "5.1.1");
	assert_ok(
	    contact_summary_read(db, who(3), &it, &room->err), &room->err);
	assert_int_equal(it.tags.len, 0);
	assert_span_equal(buf_span(&it.lists), "Alpha");
	assert_int_equal(it.sent, 0);
	assert_int_equal(it.last.at_ms, 0);
	contact_summary_done(&it);
	store_reader_close(&db);
}

static void
a_view_is_kept_for_each_list(void **state)
{
	struct room *room = *state;
	struct list_view view = {.order = CONTACT_BY_NAME, .way = CONTACT_DOWN};
	struct db *db;

	buf_text(&view.columns, "name\n:会員番号");
	assert_ok(list_view_keep(room->store, room->a, &view, &room->err),
	    &room->err);
	view.way = CONTACT_UP;
	assert_ok(list_view_keep(room->store, room->a, &view, &room->err),
	    &room->err);
	db = reader(room);
	view.order = CONTACT_BY_SENT;
	assert_ok(list_view_read(room->store, db, room->a, &view, &room->err),
	    &room->err);
	assert_span_equal(buf_span(&view.columns), "name\n:会員番号");
	assert_int_equal(view.order, CONTACT_BY_NAME);
	assert_int_equal(view.way, CONTACT_UP);
	assert_ok(list_view_read(room->store, db, room->b, &view, &room->err),
	    &room->err);
	assert_int_equal(view.columns.len, 0);
	assert_int_equal(view.order, CONTACT_BY_ID);
	store_reader_close(&db);
	buf_done(&view.columns);
}

static void
a_view_has_limits_and_goes_with_its_list(void **state)
{
	struct room *room = *state;
	struct list_view view = {.order = CONTACT_BY_NAME};

	assert_int_equal(list_view_keep(room->store, (struct list_id){99},
			     &view, &room->err),
	    -1);
	assert_int_equal(room->err.code, E_LIST_MISSING);
	for (int i = 0; i <= LIST_VIEW_COLUMNS_MAX; i++)
		buf_char(&view.columns, 'x');
	room->err = (struct err){.code = E_NONE};
	assert_int_equal(
	    list_view_keep(room->store, room->a, &view, &room->err), -1);
	assert_int_equal(room->err.code, E_CONTACT_FIELD);
	buf_clear(&view.columns);
	assert_ok(list_view_keep(room->store, room->a, &view, &room->err),
	    &room->err);
	assert_ok(
	    list_delete(room->store, room->a, NULL, &room->err), &room->err);
	assert_int_equal(number(room, "SELECT count(*) FROM list_view"), 1);
	assert_int_equal(trash_empty(room->store, &room->err), 1);
	assert_int_equal(number(room, "SELECT count(*) FROM list_view"), 0);
	buf_done(&view.columns);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(a_person_at_a_glance),
	    TEST(a_view_is_kept_for_each_list),
	    TEST(a_view_has_limits_and_goes_with_its_list),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
