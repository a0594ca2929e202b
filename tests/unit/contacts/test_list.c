/* Lists: names, counts, and ids that never come back. */
#include "tests/unit/unit.h"

#include <stdlib.h>

#include "core/base/buf.h"
#include "core/base/file.h"
#include "core/import/import.h"
#include "tests/fake/clock.h"
#include "tests/fake/tempstore.h"

struct room {
	struct fake_clock clock;
	struct store *store;
	struct db *db;
	struct err err;
};

static int
setup(void **state)
{
	struct room *room = mem_new(sizeof *room);

	fake_clock_init(&room->clock);
	room->store = tempstore_open(&room->clock.base);
	assert_ok(
	    store_reader_open(room->store, &room->db, &room->err), &room->err);
	*state = room;
	return 0;
}

static int
teardown(void **state)
{
	struct room *room = *state;

	store_reader_close(&room->db);
	tempstore_close(&room->store);
	free(room);
	return 0;
}

static struct list_id
make(struct room *room, const char *name)
{
	struct list_id id = {0};

	assert_ok(list_create(room->store, span_of(name), &id, &room->err),
	    &room->err);
	return id;
}

/* Imports one contact per word. */
static void
fill(struct room *room, struct list_id list, struct span rows,
    enum consent_basis basis)
{
	struct import_plan plan = {
	    .list = list, .basis = basis, .basis_note = SPAN("note")};
	struct import_counts counts;
	struct import *import = NULL;
	struct buf path = BUF_INIT;
	char *dir = tempdir_new();

	buf_printf(&path, "%s/a.csv", dir);
	assert_ok(file_replace(path.ptr, rows, 0600, &room->err), &room->err);
	assert_ok(import_open(path.ptr, NULL, &import, &room->err), &room->err);
	assert_ok(
	    import_commit(import, room->store, &plan, &counts, &room->err),
	    &room->err);
	import_close(&import);
	tempdir_remove(&dir);
	buf_done(&path);
}

static void
checks_names(void **state)
{
	static const struct {
		const char *name, *why;
	} cases[] = {
	    {"", "empty"},
	    {" \xe3\x80\x80 ", "empty"},
	    {"a\nb", "control"},
	    {"a\x1b[2J", "control"},
	    {"a\xc2\x9b", "control"},
	    {"\xff", "utf8"},
	    {"Members", "taken"},
	    {" Members ", "taken"},
	};
	struct room *room = *state;
	struct list_id id = make(room, "Members"), other;
	struct buf name = BUF_INIT;

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		assert_int_equal(
		    list_create(room->store, span_of(cases[i].name), &other,
			&room->err),
		    -1);
		assert_int_equal(room->err.code, E_LIST_NAME);
		assert_string_equal(err_find(&room->err, "why"), cases[i].why);
	}
	for (int i = 0; i < 64; i++)
		buf_text(&name, "\xf0\xa0\xae\xb7");
	make(room, name.ptr);
	buf_text(&name, "x");
	assert_int_equal(
	    list_create(room->store, buf_span(&name), &other, &room->err), -1);
	assert_string_equal(err_find(&room->err, "why"), "length");
	/* A list may keep its own name. */
	assert_ok(list_rename(room->store, id, SPAN("Members"), &room->err),
	    &room->err);
	buf_done(&name);
}

static void
renames_and_lists_by_name(void **state)
{
	struct room *room = *state;
	struct list_id b = make(room, "Beta");
	struct list_id c = make(room, "Gamma");
	struct list_info *all = NULL;
	size_t count;

	make(room, "会員");
	fake_clock_move(&room->clock, 5000);
	assert_ok(
	    list_rename(room->store, c, SPAN("Alpha"), &room->err), &room->err);
	assert_ok(list_all(room->db, &all, &count, &room->err), &room->err);
	assert_int_equal(count, 3);
	assert_string_equal(all[0].name, "Alpha");
	assert_int_equal(all[0].id.v, c.v);
	assert_int_equal(all[0].changed_ms, room->clock.now);
	assert_string_equal(all[1].name, "Beta");
	assert_int_equal(all[1].changed_ms, room->clock.now - 5000);
	assert_string_equal(all[2].name, "会員");
	free(all);
	assert_int_equal(
	    list_rename(room->store, b, SPAN("Alpha"), &room->err), -1);
	assert_int_equal(room->err.code, E_LIST_NAME);
}

static void
misses_lists_that_are_not_there(void **state)
{
	struct room *room = *state;
	struct list_id none = {7};
	struct list_info info;

	assert_int_equal(list_find(room->db, none, &info, &room->err), -1);
	assert_int_equal(room->err.code, E_LIST_MISSING);
	assert_string_equal(err_find(&room->err, "id"), "7");
	assert_int_equal(
	    list_rename(room->store, none, SPAN("x"), &room->err), -1);
	assert_int_equal(room->err.code, E_LIST_MISSING);
	assert_int_equal(list_delete(room->store, none, NULL, &room->err), -1);
	assert_int_equal(room->err.code, E_LIST_MISSING);
}

static void
counts_members(void **state)
{
	struct room *room = *state;
	struct list_id a = make(room, "A"), b = make(room, "B");
	struct list_info info;

	fill(
	    room, a, SPAN("email\n1@example.com\n2@example.com\n"), BASIS_NONE);
	fill(
	    room, a, SPAN("email\n3@example.com\n4@example.com\n"), BASIS_CARD);
	fill(room, b, SPAN("email\n1@example.com\n"), BASIS_BUSINESS);
	assert_ok(
	    suppress_add(room->store, SPAN("1@example.com"),
		(struct list_id){0}, SUPPRESS_BOUNCED, SPAN("x"), &room->err),
	    &room->err);
	/* Twice stopped is stopped once; somebody else's list is not ours. */
	assert_ok(suppress_add(room->store, SPAN("1@example.com"), a,
		      SUPPRESS_HAND, SPAN("x"), &room->err),
	    &room->err);
	assert_ok(suppress_add(room->store, SPAN("2@example.com"), b,
		      SUPPRESS_HAND, SPAN("x"), &room->err),
	    &room->err);
	assert_ok(list_find(room->db, a, &info, &room->err), &room->err);
	/* nobody without a basis is ever mailed */
	assert_int_equal(info.contacts, 4);
	assert_int_equal(info.sendable, 2);
	assert_int_equal(info.with_basis, 2);
	assert_int_equal(info.revision, 3);
	assert_ok(list_find(room->db, b, &info, &room->err), &room->err);
	assert_int_equal(info.contacts, 1);
	assert_int_equal(info.sendable, 0);
	assert_int_equal(info.with_basis, 1);
}

static int64_t
sendable(struct room *room, struct list_id list)
{
	struct list_info info;

	assert_ok(list_find(room->db, list, &info, &room->err), &room->err);
	return info.sendable;
}

static void
stop(struct room *room, const char *address, struct list_id list)
{
	assert_ok(suppress_add(room->store, span_of(address), list,
		      SUPPRESS_BOUNCED, SPAN("x"), &room->err),
	    &room->err);
}

static int64_t
matching(struct room *room, struct list_id list, const char *text)
{
	struct filter *filter = NULL;
	int64_t count;

	assert_ok(
	    filter_prepare(room->db, span_of(text), 1, &filter, &room->err),
	    &room->err);
	count = contact_count(room->db, list, filter, NULL, &room->err);
	filter_free(&filter);
	return count;
}

/* Who can be mailed, and who a filter finds: the stop list has one answer. */
static void
counts_stops_in_any_case(void **state)
{
	struct room *room = *state;
	struct list_id a = make(room, "A"), b = make(room, "B");
	int64_t bounced;

	fill(room, a,
	    SPAN("email\nOne@example.com\ntwo@example.com\nTHREE@example.com\n"
		 "four@example.com\nfive@example.net\nSix@example.net\n"),
	    BASIS_CARD);
	fill(room, a, SPAN("email\nseven@example.com\n"), BASIS_NONE);
	stop(room, "one@example.com", (struct list_id){0});
	assert_int_equal(sendable(room, a), 5);
	stop(room, "TWO@example.com", a);
	stop(room, "Three@EXAMPLE.com", a);
	assert_int_equal(sendable(room, a), 3);
	/* without a basis already, and on another list */
	stop(room, "SEVEN@example.com", a);
	stop(room, "Four@example.com", b);
	assert_int_equal(sendable(room, a), 3);
	assert_ok(list_bounced(room->store, room->db, a, &bounced, &room->err),
	    &room->err);
	assert_int_equal(bounced, 4);
	assert_int_equal(matching(room, a, "status:stopped"), 4);
	assert_int_equal(matching(room, a, "status:active -status:nobasis"), 3);
	assert_int_equal(matching(room, a, "status:bounced"), 4);
	stop(room, "*@Example.NET", b);
	assert_int_equal(sendable(room, a), 3);
	stop(room, "*@Example.NET", a);
	assert_int_equal(sendable(room, a), 1);
	stop(room, "*@example.com", (struct list_id){0});
	assert_int_equal(sendable(room, a), 0);
}

static void
deleting_keeps_contacts_and_never_reuses_the_id(void **state)
{
	struct room *room = *state;
	struct list_id id = make(room, "A"), next;

	fill(room, id, SPAN("email\n1@example.com\n"), BASIS_CARD);
	assert_ok(list_delete(room->store, id, NULL, &room->err), &room->err);
	assert_int_equal(
	    tempstore_number(room->store, "SELECT count(*) FROM member"), 0);
	assert_int_equal(
	    tempstore_number(room->store, "SELECT count(*) FROM contact"), 1);
	next = make(room, "A");
	assert_true(next.v > id.v);
}

static void
a_list_has_a_color(void **state)
{
	struct room *room = *state;
	struct list_id id = make(room, "A");
	struct list_info info, *all = NULL;
	size_t count;

	assert_ok(list_find(room->db, id, &info, &room->err), &room->err);
	assert_int_equal(info.color, CIRCLE_UNSAID);
	assert_ok(list_color_set(room->store, id, CIRCLE_PARTNERS, &room->err),
	    &room->err);
	assert_ok(list_all(room->db, &all, &count, &room->err), &room->err);
	assert_int_equal(all[0].color, CIRCLE_PARTNERS);
	/* the members are what they were: a proof of them still holds */
	assert_int_equal(all[0].revision, info.revision);
	assert_int_equal(all[0].changed_ms, info.changed_ms);
	free(all);
	assert_int_equal(
	    tempstore_number(room->store, "SELECT count(*) FROM audit WHERE"
					  " what = 'list.color'"
					  " AND facts = 'color=partners'"),
	    1);
	assert_int_equal(list_color_set(room->store, (struct list_id){77},
			     CIRCLE_STAFF, &room->err),
	    -1);
	assert_int_equal(room->err.code, E_LIST_MISSING);
	for (int i = 0; i < CIRCLE_COUNT; i++)
		assert_true(*circle_name((enum circle)i));
}

static void
everything_is_logged(void **state)
{
	struct room *room = *state;
	struct list_id id = make(room, "A");

	assert_ok(
	    list_rename(room->store, id, SPAN("B"), &room->err), &room->err);
	assert_ok(list_delete(room->store, id, NULL, &room->err), &room->err);
	assert_int_equal(
	    tempstore_number(room->store,
		"SELECT count(*) FROM audit WHERE object = 'list 1'"
		" AND ((what, facts) IN (VALUES('list.create', 'name=A'),"
		" ('list.rename', 'name=B')) OR (what = 'list.delete'"
		" AND facts LIKE 'trash=% number=0'))"),
	    3);
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
	    TEST(checks_names),
	    TEST(renames_and_lists_by_name),
	    TEST(misses_lists_that_are_not_there),
	    TEST(counts_members),
	    TEST(counts_stops_in_any_case),
	    TEST(deleting_keeps_contacts_and_never_reuses_the_id),
	    TEST(a_list_has_a_color),
	    TEST(everything_is_logged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
