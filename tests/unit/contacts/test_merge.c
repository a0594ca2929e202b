/* Two contacts become one, and two again. */
#include "tests/unit/contacts/people_kit.h"

static struct merge
plan(struct room *room, int64_t stays, int64_t goes)
{
	struct merge merge = {0};
	struct db *db = NULL;

	assert_ok(store_reader_open(room->store, &db, &room->err), &room->err);
	assert_ok(merge_open(db, who(stays), who(goes), &merge, &room->err),
	    &room->err);
	store_reader_close(&db);
	return merge;
}

static struct trash_id
join(struct room *room, int64_t stays, int64_t goes)
{
	struct merge merge = plan(room, stays, goes);
	struct trash_id trash = {0};

	fake_clock_move(&room->clock, 1000);
	assert_ok(
	    merge_commit(room->store, &merge, &trash, &room->err), &room->err);
	merge_done(&merge);
	return trash;
}

static char *
picture(struct room *room)
{
	return mem_text(span_of(text(room,
	    "SELECT (SELECT group_concat(id || canon || name || fields ||"
	    " changed_ms, ';') FROM (SELECT * FROM contact WHERE canon <> ''"
	    " ORDER BY id)) || '|' || (SELECT group_concat(list || ',' ||"
	    " contact || basis || basis_at_ms || basis_note || how || ip ||"
	    " paper || confirmed_ms, ';') FROM (SELECT * FROM member"
	    " ORDER BY list, contact)) || '|' || (SELECT group_concat(contact"
	    " || ',' || tag, ';') FROM (SELECT * FROM contact_tag"
	    " ORDER BY 1, 2)) || '|' || (SELECT count(*) FROM suppression) ||"
	    " '|' || (SELECT count(*) FROM contact_alias)")));
}

static const struct merge_value *
value(const struct merge *merge, const char *field)
{
	for (size_t i = 0; i < merge->count; i++) {
		if (span_equal(merge->value[i].field, span_of(field)))
			return &merge->value[i];
	}
	fail_msg("no field %s", field);
	return NULL;
}

static void
the_newer_value_is_proposed(void **state)
{
	struct room *room = *state;
	struct merge merge = plan(room, 1, 2);

	assert_int_equal(merge.count, 4);
	/* 2 is newer, but has no name and no number. */
	assert_int_equal(value(&merge, "")->chosen, MERGE_STAYS);
	assert_int_equal(value(&merge, "no")->chosen, MERGE_STAYS);
	assert_int_equal(value(&merge, "city")->chosen, MERGE_GOES);
	assert_int_equal(value(&merge, "plan")->chosen, MERGE_GOES);
	assert_span_equal(value(&merge, "city")->value[MERGE_STAYS], "東京");
	assert_span_equal(merge.address[MERGE_GOES], "taro@example.jp");
	merge_done(&merge);
}

static void
two_become_one(void **state)
{
	struct room *room = *state;

	join(room, 1, 2);
	assert_string_equal(
	    text(room, "SELECT canon || name || fields FROM contact"
		       " WHERE id = 1"),
	    "Taro@example.jp山田{\"city\":\"大阪\",\"no\":\"7\","
	    "\"plan\":\"gold\"}");
	assert_int_equal(number(room, "SELECT count(*) FROM contact"
				      " WHERE canon <> ''"),
	    2);
	/* The better evidence of each list: confirmed consent in Alpha, the
	 * other one's consent in Beta, where there was nothing. */
	assert_string_equal(
	    text(room, "SELECT group_concat(list || basis || basis_note, ';')"
		       " FROM (SELECT * FROM member WHERE contact = 1"
		       " ORDER BY list)"),
	    "11form;21paper");
	assert_int_equal(
	    number(room, "SELECT count(*) FROM contact_tag WHERE contact = 1"),
	    2);
	assert_int_equal(
	    number(room, "SELECT count(*) FROM member WHERE contact = 2"), 0);
	assert_string_equal(text(room, "SELECT object || facts FROM audit"
				       " WHERE what = 'contact.merge'"),
	    text(room, "SELECT 'contact 1goes=2 trash=' || id FROM trash"
		       " WHERE part_of = 0"));
}

static void
the_stricter_stop_wins(void **state)
{
	for (int side = 0; side < 2; side++) {
		struct room *room = *state;
		struct span address =
		    side ? SPAN("Taro@example.jp") : SPAN("taro@example.jp");
		struct trash_id trash;
		struct db *db = NULL;
		struct trash_back back;
		int64_t before;

		sql(room, "DELETE FROM suppression");
		assert_ok(suppress_add(room->store, address, room->b,
			      SUPPRESS_COMPLAINT, SPAN("ARF"), &room->err),
		    &room->err);
		before = number(room, "SELECT count(*) FROM suppression");
		trash = join(room, 1, 2);
		assert_ok(store_reader_open(room->store, &db, &room->err),
		    &room->err);
		assert_int_equal(
		    suppress_check(room->store, db, SPAN("Taro@example.jp"),
			room->b, &room->err),
		    1);
		store_reader_close(&db);
		assert_ok(trash_restore(
			      room->store, trash, SPAN(""), &back, &room->err),
		    &room->err);
		assert_int_equal(
		    number(room, "SELECT count(*) FROM suppression"), before);
	}
}

static void
a_merge_is_undone_whole(void **state)
{
	struct room *room = *state;
	char *before = picture(room), *after;
	struct trash_id trash = join(room, 1, 2);
	struct trash_back back;

	assert_ok(
	    trash_restore(room->store, trash, SPAN(""), &back, &room->err),
	    &room->err);
	after = picture(room);
	assert_string_equal(after, before);
	assert_int_equal(back.kept, 0);
	assert_int_equal(
	    number(room, "SELECT (SELECT count(*) FROM trash) + (SELECT"
			 " count(*) FROM trash_contact) + (SELECT count(*)"
			 " FROM trash_member) + (SELECT count(*) FROM"
			 " trash_stop)"),
	    0);
	free(before);
	free(after);
}

static void
later_edits_survive_the_undoing(void **state)
{
	struct room *room = *state;
	struct trash_id trash = join(room, 1, 2);
	struct trash_back back;

	sql(room, "UPDATE contact SET name = 'later', changed_ms = 99"
		  " WHERE id = 1");
	assert_ok(
	    trash_restore(room->store, trash, SPAN(""), &back, &room->err),
	    &room->err);
	assert_int_equal(back.kept, 1);
	assert_string_equal(text(room, "SELECT group_concat(name) FROM contact"
				       " WHERE id < 3"),
	    "later,");
	assert_int_equal(
	    number(room, "SELECT count(*) FROM member WHERE contact = 2"), 2);
}

/* What better evidence replaces is kept as history. */
static void
evidence_is_not_lost(void **state)
{
	struct room *room = *state;

	join(room, 2, 1);
	assert_string_equal(text(room, "SELECT basis_note FROM member"
				       " WHERE list = 1 AND contact = 2"),
	    "form");
	assert_string_equal(
	    text(room, "SELECT list || basis || basis_note || what"
		       " FROM consent_event WHERE contact = 2"),
	    "13customer2");
}

/* Whoever stayed may be in the trash, or merged further, by then. */
static void
the_one_who_stayed_is_gone(void **state)
{
	struct room *room = *state;
	struct trash_id trash = join(room, 1, 2);
	struct trash_back back;

	join(room, 3, 1);
	assert_ok(
	    trash_restore(room->store, trash, SPAN(""), &back, &room->err),
	    &room->err);
	assert_int_equal(back.kept, 1);
	assert_int_equal(
	    number(room, "SELECT count(*) FROM contact WHERE id IN (2, 3)"), 2);
	assert_int_equal(
	    number(room, "SELECT count(*) FROM member WHERE contact = 2"), 2);
}

/* A list that is restored knows who became whom. */
static void
a_restored_list_follows_the_merge(void **state)
{
	struct room *room = *state;
	struct trash_id list = {0};
	struct trash_back back;

	assert_ok(
	    list_delete(room->store, room->b, &list, &room->err), &room->err);
	join(room, 3, 2);
	assert_ok(trash_restore(room->store, list, SPAN(""), &back, &room->err),
	    &room->err);
	assert_int_equal(back.members, 2);
	assert_string_equal(
	    text(room, "SELECT group_concat(contact || basis_note) FROM"
		       " (SELECT * FROM member WHERE list = 2"
		       " ORDER BY contact)"),
	    "1,3paper");
}

static void
nothing_is_merged_unseen(void **state)
{
	struct room *room = *state;
	struct merge merge = plan(room, 1, 2), none = {0};
	struct db *db = NULL;

	sql(room, "UPDATE contact SET changed_ms = 777 WHERE id = 2");
	assert_int_equal(
	    merge_commit(room->store, &merge, NULL, &room->err), -1);
	assert_int_equal(room->err.code, E_CONTACT_CONFLICT);
	assert_int_equal(number(room, "SELECT count(*) FROM contact"), 3);
	merge_done(&merge);
	assert_ok(store_reader_open(room->store, &db, &room->err), &room->err);
	assert_int_equal(merge_open(db, who(1), who(1), &none, &room->err), -1);
	assert_int_equal(room->err.code, E_CONTACT_SAME);
	assert_int_equal(merge_open(db, who(1), who(9), &none, &room->err), -1);
	assert_int_equal(room->err.code, E_CONTACT_MISSING);
	merge_done(&none);
	store_reader_close(&db);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(the_newer_value_is_proposed),
	    TEST(two_become_one),
	    TEST(the_stricter_stop_wins),
	    TEST(a_merge_is_undone_whole),
	    TEST(later_edits_survive_the_undoing),
	    TEST(evidence_is_not_lost),
	    TEST(the_one_who_stayed_is_gone),
	    TEST(a_restored_list_follows_the_merge),
	    TEST(nothing_is_merged_unseen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
