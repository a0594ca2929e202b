/* Contacts that may be one person, and lists put together. */
#include "tests/unit/contacts/people_kit.h"

/* "reason: id id; ..." */
static const char *
find(struct room *room, struct list_id list, const char *field)
{
	struct twins twins;
	struct db *db = NULL;

	assert_ok(store_view_open(room->store, &db, &room->err), &room->err);
	assert_ok(
	    twins_find(db, list, span_of(field), NULL, &twins, &room->err),
	    &room->err);
	store_reader_close(&db);
	buf_clear(&room->text);
	buf_text(&room->text, "");
	for (size_t i = 0; i < twins.count; i++) {
		buf_printf(&room->text, "%d:", (int)twins.group[i].reason);
		for (size_t j = 0; j < twins.group[i].count; j++)
			buf_printf(&room->text, " %lld",
			    (long long)twins.group[i].id[j].v);
		buf_text(&room->text, ";");
	}
	assert_int_equal(twins.found, twins.count);
	twins_done(&twins);
	return room->text.ptr;
}

static void
add(struct room *room, const char *address, const char *name, const char *tel)
{
	struct contact_value field = {SPAN("tel"), span_of(tel)};
	struct contact_draft draft = {.address = span_of(address),
	    .name = span_of(name),
	    .field = &field,
	    .fields = *tel ? 1 : 0};
	struct contact_ground ground = {.basis = BASIS_CARD};

	assert_ok(contact_create(
		      room->store, room->b, &draft, &ground, NULL, &room->err),
	    &room->err);
}

static void
addresses_that_differ_in_case(void **state)
{
	struct room *room = *state;

	assert_string_equal(find(room, room->a, ""), "0: 1 2;");
	assert_string_equal(find(room, (struct list_id){0}, ""), "0: 1 2;");
	sql(room, "DELETE FROM member WHERE list = 1 AND contact = 2");
	assert_string_equal(find(room, room->a, ""), "");
}

static void
mailboxes_of_google(void **state)
{
	struct room *room = *state;

	sql(room, "DELETE FROM member");
	add(room, "h.anako@gmail.com", "", "");
	add(room, "hanako+news@googlemail.com", "", "");
	add(room, "hana.ko@example.jp", "", "");
	add(room, "hanako+news@example.jp", "", "");
	add(room, "hanako@example.jp", "", "");
	assert_string_equal(find(room, room->b, ""), "1: 4 5;");
}

static void
one_name_and_one_number(void **state)
{
	struct room *room = *state;

	sql(room, "DELETE FROM member");
	add(room, "a@example.jp", "山田 花子", "03-1234-5678");
	add(room, "b@example.com", "山田　花子", "０３１２３４５６７８");
	add(room, "c@example.com", "山田花子", "0312345679");
	add(room, "d@example.com", "鈴木", "0312345678");
	add(room, "e@example.com", "", "0312345678");
	add(room, "f@example.com", "", "0312345678");
	add(room, "g@example.com", "田中", "");
	add(room, "h@example.com", "田中", "");
	assert_string_equal(find(room, room->b, "tel"), "2: 4 5;");
	assert_string_equal(find(room, room->b, ""), "");
}

static void
is_cancelled(void **state)
{
	struct room *room = *state;
	atomic_bool stop = true;
	struct twins twins;
	struct db *db = NULL;

	sql(room,
	    "WITH RECURSIVE n(i) AS (SELECT 10 UNION ALL SELECT i + 1 FROM n"
	    " WHERE i < 2000) INSERT INTO contact(id, address, canon,"
	    " created_ms, changed_ms) SELECT i, i || '@x.jp', i || '@x.jp', 1,"
	    " 1 FROM n");
	assert_ok(store_view_open(room->store, &db, &room->err), &room->err);
	assert_int_equal(twins_find(db, (struct list_id){0}, SPAN(""), &stop,
			     &twins, &room->err),
	    -1);
	assert_int_equal(room->err.code, E_CANCELLED);
	store_reader_close(&db);
}

static void
a_list_is_copied(void **state)
{
	struct room *room = *state;
	struct list_id copy;

	assert_ok(
	    list_copy(room->store, room->a, SPAN("Copy"), &copy, &room->err),
	    &room->err);
	assert_int_equal(
	    number(room, "SELECT count(*) FROM member m JOIN member o"
			 " ON o.contact = m.contact AND o.list = 3 AND o.ip ="
			 " m.ip AND o.basis_note = m.basis_note"
			 " AND o.confirmed_ms = m.confirmed_ms"
			 " WHERE m.list = 1"),
	    3);
	assert_int_equal(
	    list_copy(room->store, room->a, SPAN("Copy"), &copy, &room->err),
	    -1);
	assert_int_equal(room->err.code, E_LIST_NAME);
}

static void
lists_are_united(void **state)
{
	struct room *room = *state;
	struct list_totals totals;
	struct trash_id trash;
	struct trash_back back;
	struct db *db = NULL;

	assert_ok(store_reader_open(room->store, &db, &room->err), &room->err);
	assert_ok(list_totals(db, &totals, &room->err), &room->err);
	store_reader_close(&db);
	assert_int_equal(totals.members, 5);
	assert_int_equal(totals.different, 3);
	assert_ok(list_unite(room->store, room->b, room->a, &trash, &room->err),
	    &room->err);
	/* 1 had the better evidence here, 2 there. */
	assert_string_equal(
	    text(room, "SELECT group_concat(contact || basis_note, ';') FROM"
		       " (SELECT * FROM member ORDER BY list, contact)"),
	    "1form;2paper;3card");
	assert_string_equal(
	    text(room, "SELECT basis_note FROM consent_event"), "customer");
	assert_ok(
	    trash_restore(room->store, trash, SPAN(""), &back, &room->err),
	    &room->err);
	assert_int_equal(back.members, 2);
	assert_int_equal(
	    list_unite(room->store, room->a, room->a, NULL, &room->err), -1);
	assert_int_equal(room->err.code, E_CONTACT_SAME);
}

static void
who_bounced_is_counted(void **state)
{
	struct room *room = *state;
	struct db *db = NULL;
	int64_t count = -1;

	assert_ok(suppress_add(room->store, SPAN("jiro@example.jp"),
		      (struct list_id){0}, SUPPRESS_BOUNCED, SPAN("5.1.1"),
		      &room->err),
	    &room->err);
	assert_ok(suppress_add(room->store, SPAN("taro@example.jp"), room->a,
		      SUPPRESS_UNSUBSCRIBED, SPAN("link"), &room->err),
	    &room->err);
	assert_ok(store_view_open(room->store, &db, &room->err), &room->err);
	assert_ok(list_bounced(room->store, db, room->a, &count, &room->err),
	    &room->err);
	assert_int_equal(count, 1);
	assert_ok(list_bounced(room->store, db, room->b, &count, &room->err),
	    &room->err);
	assert_int_equal(count, 0);
	store_reader_close(&db);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(addresses_that_differ_in_case),
	    TEST(mailboxes_of_google),
	    TEST(one_name_and_one_number),
	    TEST(is_cancelled),
	    TEST(a_list_is_copied),
	    TEST(lists_are_united),
	    TEST(who_bounced_is_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
