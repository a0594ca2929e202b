/* The trash: what goes in comes back whole, whatever happened meanwhile. */
#include "tests/unit/contacts/people_kit.h"

#include "core/base/file.h"
#include "core/import/import.h"

static const int64_t day = INT64_C(86400000);

/* Everything about people and lists as one number that any change moves. */
static const char *
picture(struct room *room)
{
	return text(room,
	    "SELECT (SELECT group_concat(id || address || canon || name ||"
	    " fields || quirk || created_ms || changed_ms, ';') FROM"
	    " (SELECT * FROM contact WHERE canon <> '' ORDER BY id)) || '|' ||"
	    " (SELECT group_concat(list || ',' || contact || basis ||"
	    " basis_at_ms || basis_note || coalesce(import, '-') || how ||"
	    " wording || ip || paper || confirmed_ms, ';') FROM"
	    " (SELECT * FROM member ORDER BY list, contact)) || '|' ||"
	    " (SELECT group_concat(contact || ',' || tag, ';') FROM"
	    " (SELECT * FROM contact_tag ORDER BY 1, 2)) || '|' ||"
	    " (SELECT group_concat(contact || hex(certificate), ';')"
	    " FROM contact_certificate) || '|' || coalesce((SELECT"
	    " group_concat(id || address || canon || added_by, ';')"
	    " FROM canary), '') || '|' || coalesce((SELECT group_concat(id ||"
	    " name || filter, ';') FROM segment), '') || '|' ||"
	    " (SELECT group_concat(id || name || color, ';') FROM"
	    " (SELECT * FROM list ORDER BY id))");
}

static char *
keep(struct room *room)
{
	return mem_text(span_of(picture(room)));
}

static struct trash_id
drop(struct room *room, int64_t first, int64_t second)
{
	struct contact_id id[] = {{first}, {second}};
	struct trash_id trash = {0};

	assert_ok(
	    contact_delete(room->store, id, second ? 2 : 1, &trash, &room->err),
	    &room->err);
	return trash;
}

static struct trash_back
restore(struct room *room, struct trash_id trash)
{
	struct trash_back back = {0};

	assert_ok(
	    trash_restore(room->store, trash, SPAN(""), &back, &room->err),
	    &room->err);
	return back;
}

static void
assert_nothing_left(struct room *room)
{
	assert_int_equal(
	    number(room,
		"SELECT (SELECT count(*) FROM trash) + (SELECT count(*) FROM"
		" trash_list) + (SELECT count(*) FROM trash_contact) +"
		" (SELECT count(*) FROM trash_member) + (SELECT count(*) FROM"
		" trash_canary) + (SELECT count(*) FROM trash_segment) +"
		" (SELECT count(*) FROM trash_tag) + (SELECT count(*) FROM"
		" trash_certificate) + (SELECT count(*) FROM trash_stop)"),
	    0);
}

static void
contacts_come_back_whole(void **state)
{
	struct room *room = *state;
	char *before = keep(room);
	int64_t revision =
	    number(room, "SELECT revision FROM list WHERE id = 2");
	struct trash_id trash = drop(room, 1, 3);
	struct trash_back back;

	assert_int_equal(
	    number(room, "SELECT count(*) FROM member WHERE contact <> 2"), 0);
	assert_int_equal(
	    number(room, "SELECT count(*) FROM contact WHERE canon <> ''"), 1);
	assert_int_equal(number(room, "SELECT revision FROM list WHERE id = 2"),
	    revision + 1);
	back = restore(room, trash);
	assert_int_equal(back.people, 2);
	assert_int_equal(back.members, 3);
	assert_int_equal(back.joined + back.waiting, 0);
	assert_string_equal(picture(room), before);
	assert_nothing_left(room);
	free(before);
}

static void
an_id_is_given_once(void **state)
{
	struct room *room = *state;
	struct trash_id trash = drop(room, 3, 0);

	sql(room, "INSERT INTO contact(address, canon, created_ms, changed_ms)"
		  " VALUES('new@example.jp', 'new@example.jp', 1, 1)");
	assert_int_equal(
	    number(room, "SELECT id FROM contact WHERE canon LIKE 'new%'"), 4);
	restore(room, trash);
	assert_int_equal(
	    number(room, "SELECT id FROM contact WHERE canon LIKE 'jiro%'"), 3);
}

static void
a_list_comes_back_whole(void **state)
{
	struct room *room = *state;
	struct trash_id trash = {0};
	struct list_id fresh;
	struct trash_back back;
	char *before;

	assert_ok(canary_add(room->store, room->a, SPAN("canary@example.jp"),
		      &room->err),
	    &room->err);
	assert_ok(
	    list_color_set(room->store, room->a, CIRCLE_CUSTOMERS, &room->err),
	    &room->err);
	sql(room,
	    "INSERT INTO segment(id, list, name, filter, created_ms,"
	    " changed_ms, changed_by) VALUES(5, 1, 'Gold', 'plan:gold', 1, 1,"
	    " 'tester')");
	before = keep(room);
	assert_ok(
	    list_delete(room->store, room->a, &trash, &room->err), &room->err);
	assert_int_equal(
	    number(room, "SELECT count(*) FROM member WHERE list = 1"), 0);
	assert_int_equal(
	    number(room, "SELECT count(*) FROM contact WHERE canon <> ''"), 3);
	/* Its number is not given to another list. */
	assert_ok(list_create(room->store, SPAN("Gamma"), &fresh, &room->err),
	    &room->err);
	assert_int_equal(fresh.v, 3);
	sql(room, "DELETE FROM list WHERE id = 3");
	back = restore(room, trash);
	assert_int_equal(back.members, 3);
	assert_int_equal(back.list.v, room->a.v);
	assert_string_equal(picture(room), before);
	assert_nothing_left(room);
	free(before);
}

static void
a_name_that_is_taken_is_asked_for(void **state)
{
	struct room *room = *state;
	struct trash_id trash = {0};
	struct trash_back back;
	struct list_id other;

	assert_ok(
	    list_delete(room->store, room->a, &trash, &room->err), &room->err);
	assert_ok(list_create(room->store, SPAN("Alpha"), &other, &room->err),
	    &room->err);
	assert_int_equal(
	    trash_restore(room->store, trash, SPAN(""), &back, &room->err), -1);
	assert_int_equal(room->err.code, E_LIST_NAME);
	assert_string_equal(err_find(&room->err, "why"), "taken");
	assert_int_equal(
	    trash_restore(room->store, trash, SPAN("Beta"), &back, &room->err),
	    -1);
	assert_int_equal(room->err.code, E_LIST_NAME);
	assert_ok(trash_restore(
		      room->store, trash, SPAN("Alpha 2"), &back, &room->err),
	    &room->err);
	assert_string_equal(
	    text(room, "SELECT name FROM list WHERE id = 1"), "Alpha 2");
	assert_int_equal(
	    number(room, "SELECT count(*) FROM member WHERE list = 1"), 3);
}

static void
an_address_imported_anew_is_joined(void **state)
{
	struct room *room = *state;
	struct trash_id trash = drop(room, 1, 0);
	struct trash_back back;

	sql(room,
	    "INSERT INTO contact(id, address, canon, name, fields, created_ms,"
	    " changed_ms) VALUES(9, 'Taro@example.jp', 'Taro@example.jp',"
	    " '山田太郎', '{\"city\":\"京都\"}', 400, 400)");
	sql(room,
	    "INSERT INTO member(list, contact, basis, basis_at_ms, basis_note)"
	    " VALUES(1, 9, 0, 0, '')");
	back = restore(room, trash);
	assert_int_equal(back.people, 1);
	assert_int_equal(back.joined, 1);
	/* Newer values stay, missing ones come back. */
	assert_string_equal(text(room, "SELECT name || fields FROM contact"
				       " WHERE id = 9"),
	    "山田太郎{\"city\":\"京都\",\"no\":\"7\"}");
	assert_int_equal(
	    number(room, "SELECT count(*) FROM contact WHERE id = 1"), 0);
	/* Evidence comes back where there was none, and the other list. */
	assert_string_equal(
	    text(room, "SELECT basis || basis_note || ip || confirmed_ms"
		       " FROM member WHERE list = 1 AND contact = 9"),
	    "1form192.0.2.71500");
	assert_int_equal(
	    number(room, "SELECT count(*) FROM member WHERE contact = 9"), 2);
	assert_int_equal(
	    number(room, "SELECT count(*) FROM contact_tag WHERE contact = 9"),
	    1);
	assert_int_equal(number(room, "SELECT was FROM contact_alias"
				      " WHERE contact = 9"),
	    1);
	assert_nothing_left(room);
}

static void
newer_evidence_is_not_replaced(void **state)
{
	struct room *room = *state;
	struct contact_id one = {1};
	struct trash_id trash = {0};

	assert_ok(
	    member_remove(room->store, room->a, &one, 1, &trash, &room->err),
	    &room->err);
	sql(room,
	    "INSERT INTO member(list, contact, basis, basis_at_ms, basis_note)"
	    " VALUES(1, 1, 1, 9000, 'again')");
	assert_int_equal(restore(room, trash).members, 0);
	assert_string_equal(text(room, "SELECT basis_note FROM member"
				       " WHERE list = 1 AND contact = 1"),
	    "again");
}

static void
members_leave_and_return(void **state)
{
	struct room *room = *state;
	struct contact_id id[] = {{1}, {3}, {77}};
	struct trash_id trash = {0};
	struct trash_back back;
	char *before = keep(room);

	assert_ok(
	    member_remove(room->store, room->a, id, 3, &trash, &room->err),
	    &room->err);
	assert_int_equal(
	    number(room, "SELECT count(*) FROM member WHERE list = 1"), 1);
	assert_int_equal(
	    number(room, "SELECT count(*) FROM contact WHERE canon <> ''"), 3);
	back = restore(room, trash);
	assert_int_equal(back.people, 0);
	assert_int_equal(back.members, 2);
	assert_string_equal(picture(room), before);
	assert_int_equal(
	    member_remove(room->store, room->b, &id[1], 1, &trash, &room->err),
	    -1);
	assert_int_equal(room->err.code, E_CONTACT_MISSING);
	free(before);
}

/* The halves of a membership may be deleted and restored in any order. */
static void
halves_wait_for_each_other(void **state)
{
	struct room *room = *state;
	char *before = keep(room);

	for (int order = 0; order < 4; order++) {
		struct trash_id list = {0}, person = {0}, *first, *second;
		struct trash_back back;

		if (order < 2)
			person = drop(room, 1, 0);
		assert_ok(list_delete(room->store, room->a, &list, &room->err),
		    &room->err);
		if (order >= 2)
			person = drop(room, 1, 0);
		first = order % 2 ? &person : &list;
		second = order % 2 ? &list : &person;
		back = restore(room, *first);
		/* The half that lies with the other item is not counted. */
		assert_true(back.waiting <= 1);
		assert_int_equal(
		    number(room, "SELECT count(*) FROM member WHERE list = 1"
				 " AND contact = 1"),
		    0);
		restore(room, *second);
		assert_string_equal(picture(room), before);
		assert_nothing_left(room);
	}
	free(before);
}

static void
stops_stay_as_they_are(void **state)
{
	struct room *room = *state;
	struct db *db = NULL;
	struct trash_id trash;

	assert_ok(suppress_add(room->store, SPAN("jiro@example.jp"),
		      (struct list_id){0}, SUPPRESS_COMPLAINT, SPAN("ARF"),
		      &room->err),
	    &room->err);
	trash = drop(room, 3, 0);
	assert_int_equal(number(room, "SELECT count(*) FROM suppression"), 1);
	restore(room, trash);
	drop(room, 3, 0);
	assert_int_equal(trash_empty(room->store, &room->err), 1);
	assert_ok(store_reader_open(room->store, &db, &room->err), &room->err);
	assert_int_equal(suppress_check(room->store, db,
			     SPAN("jiro@example.jp"), room->a, &room->err),
	    1);
	store_reader_close(&db);
}

static void
is_swept_when_its_time_is_over(void **state)
{
	struct room *room = *state;
	struct trash_id old = drop(room, 1, 0), fresh;
	struct trash_item *item = NULL;
	struct trash_back back;
	struct db *db = NULL;
	size_t count = 0;

	fake_clock_move(&room->clock, 29 * day);
	fresh = drop(room, 3, 0);
	assert_int_equal(trash_sweep(room->store, &room->err), 0);
	fake_clock_move(&room->clock, 2 * day);
	assert_int_equal(trash_sweep(room->store, &room->err), 1);
	assert_int_equal(
	    trash_restore(room->store, old, SPAN(""), &back, &room->err), -1);
	assert_int_equal(room->err.code, E_TRASH_MISSING);
	assert_ok(store_reader_open(room->store, &db, &room->err), &room->err);
	assert_ok(
	    trash_all(room->store, db, &item, &count, &room->err), &room->err);
	store_reader_close(&db);
	assert_int_equal(count, 1);
	assert_int_equal(item[0].id.v, fresh.v);
	assert_int_equal(item[0].kind, TRASH_PEOPLE);
	assert_int_equal(item[0].people, 1);
	assert_string_equal(item[0].first, "jiro@example.jp");
	assert_int_equal(item[0].until_ms, item[0].at_ms + 30 * day);
	free(item);
	/* Nothing about the one who is gone for good is left. */
	assert_int_equal(
	    number(room,
		"SELECT (SELECT count(*) FROM trash_contact WHERE id = 1) +"
		" (SELECT count(*) FROM trash_member WHERE contact = 1) +"
		" (SELECT count(*) FROM contact_event WHERE contact = 1) +"
		" (SELECT count(*) FROM trash_tag) + (SELECT count(*) FROM"
		" trash_certificate)"),
	    0);
	assert_int_equal(
	    setting_write(room->store, "trash.days", SPAN("0"), &room->err),
	    -1);
	assert_int_equal(room->err.code, E_SETTING_VALUE);
}

static void
the_last_deletion_is_undone(void **state)
{
	struct room *room = *state;
	struct contact_id one = {1};
	struct trash_back back;

	assert_int_equal(trash_undo(room->store, &back, &room->err), -1);
	assert_int_equal(room->err.code, E_TRASH_NOTHING);
	drop(room, 3, 0);
	assert_ok(
	    member_remove(room->store, room->a, &one, 1, NULL, &room->err),
	    &room->err);
	assert_ok(trash_undo(room->store, &back, &room->err), &room->err);
	assert_int_equal(back.members, 1);
	assert_int_equal(back.people, 0);
	assert_ok(trash_undo(room->store, &back, &room->err), &room->err);
	assert_int_equal(back.people, 1);
	/* What was deleted in an earlier sitting is no last deletion. */
	drop(room, 3, 0);
	fake_clock_move(&room->clock, 1000);
	tempstore_reopen(&room->store);
	assert_int_equal(trash_undo(room->store, &back, &room->err), -1);
	assert_int_equal(room->err.code, E_TRASH_NOTHING);
}

static void
nobody_is_there(void **state)
{
	struct room *room = *state;
	struct contact_id none = {42};
	struct trash_back back;

	assert_int_equal(
	    contact_delete(room->store, &none, 1, NULL, &room->err), -1);
	assert_int_equal(room->err.code, E_CONTACT_MISSING);
	assert_int_equal(trash_restore(room->store, (struct trash_id){1},
			     SPAN(""), &back, &room->err),
	    -1);
	assert_int_equal(room->err.code, E_TRASH_MISSING);
	assert_nothing_left(room);
}

static void
is_not_for_masked_eyes(void **state)
{
	struct room *room = *state;
	struct trash_item *item = NULL;
	struct db *db = NULL;
	struct stmt *stmt;
	size_t count;

	drop(room, 3, 0);
	tempstore_roles(room->store, 8 /* viewer */);
	assert_ok(store_view_open(room->store, &db, &room->err), &room->err);
	assert_int_equal(
	    trash_all(room->store, db, &item, &count, &room->err), -1);
	assert_int_equal(room->err.code, E_ROLE);
	stmt = db_stmt(db,
	    "SELECT address || canon || name || fields FROM trash_contact",
	    &room->err);
	assert_non_null(stmt);
	assert_int_equal(stmt_step(stmt, &room->err), 1);
	assert_true(span_equal(stmt_col_text(stmt, 0), SPAN("************")));
	stmt_reset(stmt);
	store_reader_close(&db);
}

static void
an_import_may_bring_somebody_back(void **state)
{
	struct room *room = *state;
	struct import_plan plan = {.list = room->b, .basis = BASIS_CARD};
	struct import_counts counts;
	struct import *import = NULL;
	struct buf path = BUF_INIT;
	char *dir = tempdir_new();
	struct trash_id trash = drop(room, 3, 0);

	buf_printf(&path, "%s/a.csv", dir);
	assert_ok(file_replace(path.ptr, SPAN("mail\njiro@example.jp\n"), 0600,
		      &room->err),
	    &room->err);
	assert_ok(import_open(path.ptr, NULL, &import, &room->err), &room->err);
	assert_ok(
	    import_commit(import, room->store, &plan, &counts, &room->err),
	    &room->err);
	assert_int_equal(counts.fresh, 1);
	import_close(&import);
	tempdir_remove(&dir);
	buf_done(&path);
	assert_int_equal(restore(room, trash).joined, 1);
	assert_string_equal(text(room, "SELECT c.name || group_concat(m.list)"
				       " FROM contact c JOIN member m"
				       " ON m.contact = c.id"
				       " WHERE c.canon = 'jiro@example.jp'"),
	    "鈴木1,2");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(contacts_come_back_whole),
	    TEST(an_id_is_given_once),
	    TEST(a_list_comes_back_whole),
	    TEST(a_name_that_is_taken_is_asked_for),
	    TEST(an_address_imported_anew_is_joined),
	    TEST(newer_evidence_is_not_replaced),
	    TEST(members_leave_and_return),
	    TEST(halves_wait_for_each_other),
	    TEST(stops_stay_as_they_are),
	    TEST(is_swept_when_its_time_is_over),
	    TEST(the_last_deletion_is_undone),
	    TEST(nobody_is_there),
	    TEST(is_not_for_masked_eyes),
	    TEST(an_import_may_bring_somebody_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
