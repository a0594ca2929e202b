/* The history of imports, and taking one back. */
#include "tests/unit/import/import_kit.h"

#include "core/access/access.h"

static const struct import_undo_plan wrong = {.reason = {"wrong file", 10}};

/* All that people are, in one text. */
static void
picture(struct room *room, struct buf *out)
{
	static const char *const queries[] = {
	    "SELECT group_concat(id || canon || name || fields || created_ms"
	    " || ':' || changed_ms, char(10)) FROM (SELECT * FROM contact"
	    " WHERE canon <> '' ORDER BY id)",
	    "SELECT group_concat(list || ':' || contact || basis_note || basis"
	    " || ':' || basis_at_ms || ip || paper || how || ':'"
	    " || coalesce(import, 'none'), char(10))"
	    " FROM (SELECT * FROM member ORDER BY list, contact)",
	    "SELECT group_concat(contact || ':' || tag, char(10))"
	    " FROM (SELECT * FROM contact_tag ORDER BY contact, tag)",
	};
	struct db *db = NULL;
	struct err err = {0};

	buf_clear(out);
	assert_ok(store_reader_open(room->store, &db, &err), &err);
	for (size_t i = 0; i < sizeof queries / sizeof *queries; i++) {
		struct stmt *stmt = db_stmt(db, queries[i], &err);

		assert_non_null(stmt);
		assert_int_equal(stmt_step(stmt, &err), 1);
		buf_add(out, stmt_col_text(stmt, 0));
		buf_text(out, "\n--\n");
		stmt_reset(stmt);
	}
	store_reader_close(&db);
}

/* Imports with a plan of its own; the id. */
static int64_t
import_with(struct room *room, const char *data, const struct import_plan *plan)
{
	struct import *import = open_text(room, span_of(data));
	struct import_counts counts;
	struct err err = {0};
	int64_t id;
	size_t count;
	struct import_column *column = import_columns(import, &count);

	for (size_t i = 0; i < count; i++) {
		if (!strcmp(column[i].header, "tags"))
			column[i].target = IMPORT_TAGS;
		if (!strcmp(column[i].header, "status"))
			column[i].target = IMPORT_STATE;
	}
	fake_clock_move(&room->clock, 1000);
	assert_ok(
	    import_commit(import, room->store, plan, &counts, &err), &err);
	assert_sums(&counts);
	fake_clock_move(&room->clock, 1000);
	id = import_id(import);
	import_close(&import);
	return id;
}

static int64_t
import_plain(struct room *room, const char *data)
{
	struct import_plan plan = plan_of(room);

	return import_with(room, data, &plan);
}

/* "left deleted mailed restored rejoined kept stops later". */
static void
assert_undo(const struct import_undo *u, const char *wanted)
{
	struct buf text = BUF_INIT;

	buf_printf(&text, "%lld %lld %lld %lld %lld %lld %lld %lld",
	    (long long)u->left, (long long)u->deleted, (long long)u->mailed,
	    (long long)u->restored, (long long)u->rejoined, (long long)u->kept,
	    (long long)u->stops, (long long)u->later);
	assert_string_equal(text.ptr, wanted);
	buf_done(&text);
}

/* Says what it would do, and does it. */
static void
undo(struct room *room, int64_t id, const char *wanted)
{
	struct import_undo said = {0}, done = {0};
	struct err err = {0};

	assert_ok(import_undo_check(room->store, id, &said, &err), &err);
	assert_undo(&said, wanted);
	assert_ok(import_undo(room->store, id, &wrong, &done, &err), &err);
	assert_memory_equal(&said, &done, sizeof done);
	assert_int_equal(
	    tempstore_number(room->store,
		"SELECT count(*) FROM import_before b JOIN import i"
		" ON i.id = b.import WHERE i.undone_ms <> 0"
		" AND NOT what & 8"),
	    0);
}

/* ---- What comes back ----------------------------------------------------- */

/* Every mode over people who are known, unknown, without basis, of another
 * list: afterwards all is as it was. */
static void
everything_is_as_it_was(void **state)
{
	static const char file[] =
	    "email,name,city,tags\na@example.com,A2,Osaka,vip\n"
	    "b@example.com,B,,\nc@example.com,C2,Kobe,\"vip,new\"\n"
	    "n@example.com,N2,,\nd@example.com,D,Nara,vip\n"
	    "d@example.com,D2,Nara,vip\n";
	static const struct {
		enum import_mode mode;
		enum import_wins wins;
		const char *undo;
	} cases[] = {
	    {IMPORT_BOTH, IMPORT_FIRST, "2 1 0 4 0 0 0 0"},
	    {IMPORT_BOTH, IMPORT_LAST, "2 1 0 4 0 0 0 0"},
	    {IMPORT_NEW, IMPORT_LAST, "2 1 0 0 0 0 0 0"},
	    {IMPORT_UPDATE, IMPORT_FIRST, "0 0 0 3 0 0 0 0"},
	    {IMPORT_REMOVE, IMPORT_FIRST, "0 0 0 0 3 0 0 0"},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct buf before = BUF_INIT, after = BUF_INIT;
		struct list_id first;
		struct import_plan plan;
		struct room *room;
		struct err err = {0};
		int64_t id, revision;

		setup(state);
		room = *state;
		first = room->list;
		assert_ok(
		    list_create(room->store, SPAN("Others"), &room->list, &err),
		    &err);
		import_plain(room, "email,name\nc@example.com,C\n");
		room->list = first;
		import_plain(room,
		    "email,name,tags\na@example.com,A,old\nb@example.com,B,\n");
		plan = plan_of(room);
		plan.basis = BASIS_NONE;
		import_with(room, "email,name\nn@example.com,N\n", &plan);
		picture(room, &before);

		plan = plan_of(room);
		plan.mode = cases[i].mode;
		plan.wins = cases[i].wins;
		id = import_with(room, file, &plan);
		picture(room, &after);
		assert_string_not_equal(before.ptr, after.ptr);
		revision = tempstore_number(room->store,
		    "SELECT revision FROM list WHERE name = 'Members'");
		undo(room, id, cases[i].undo);
		picture(room, &after);
		assert_string_equal(before.ptr, after.ptr);
		assert_int_equal(
		    tempstore_number(room->store,
			"SELECT revision FROM list WHERE name = 'Members'"),
		    revision + 1);
		assert_int_equal(
		    tempstore_number(room->store,
			"SELECT count(*) FROM audit WHERE what = 'import.undo'"
			" AND facts LIKE '%reason=%wrong%file%'"),
		    1);
		buf_done(&before);
		buf_done(&after);
		teardown(state);
	}
}

/* Two imports, taken back one after the other, in both orders. */
static void
undoes_in_any_order(void **state)
{
	for (int order = 0; order < 2; order++) {
		struct buf before = BUF_INIT, after = BUF_INIT;
		struct room *room;
		int64_t one, two;

		setup(state);
		room = *state;
		import_plain(room, "email,name\na@example.com,A\n");
		picture(room, &before);
		one = import_plain(room, "email,name\na@example.com,A1\n");
		two = import_plain(room, "email,name\na@example.com,A2\n");
		if (order == 0) {
			undo(room, two, "0 0 0 1 0 0 0 0");
			undo(room, one, "0 0 0 1 0 0 0 0");
			picture(room, &after);
			assert_string_equal(before.ptr, after.ptr);
		} else {
			undo(room, one, "0 0 0 0 0 1 0 1");
			assert_member(room, 0, "a@example.com|A2|{}");
			undo(room, two, "0 0 0 1 0 0 0 0");
			assert_member(room, 0, "a@example.com|A1|{}");
		}
		buf_done(&before);
		buf_done(&after);
		teardown(state);
	}
}

/* ---- What stays ---------------------------------------------------------- */

static struct contact_id
id_of(struct room *room, size_t at)
{
	struct contact_page page = {0};
	struct contact_id id;
	struct db *db = NULL;
	struct err err = {0};

	assert_ok(store_reader_open(room->store, &db, &err), &err);
	assert_ok(contact_page(room->store, db, room->list,
		      (struct contact_id){0}, 10, &page, &err),
	    &err);
	assert_true(at < page.count);
	id = page.row[at].id;
	contact_page_done(&page);
	store_reader_close(&db);
	return id;
}

static void
set_name(struct room *room, struct contact_id id, int64_t at_ms)
{
	struct db *db = NULL;
	struct stmt *stmt;
	struct err err = {0};

	assert_ok(store_begin(room->store, STORE_WAIT_SHORT, "test", &db, &err),
	    &err);
	stmt = db_stmt(db,
	    "UPDATE contact SET name = 'by hand', changed_ms = ?2"
	    " WHERE id = ?1",
	    &err);
	stmt_int(stmt, 1, id.v);
	stmt_int(stmt, 2, at_ms);
	assert_ok(stmt_run(stmt, &err), &err);
	assert_ok(store_commit(room->store, &db, &err), &err);
}

/* Somebody changed since stays as is and is told; a new one leaves the list and
 * stays a contact. */
static void
what_was_changed_since_stays(void **state)
{
	struct room *room = *state;
	struct contact_id kept[4];
	struct db *db = NULL;
	struct err err = {0};
	size_t count;
	int64_t id;

	import_plain(room, "email,name\na@example.com,A\nb@example.com,B\n");
	id = import_plain(room,
	    "email,name\na@example.com,A2\nb@example.com,B2\nn@example.com,N\n"
	    "o@example.com,O\n");
	set_name(room, id_of(room, 0), room->clock.now);
	set_name(room, id_of(room, 2), room->clock.now);
	kept[0] = id_of(room, 0);
	undo(room, id, "2 1 0 1 0 1 0 0");
	assert_member(room, 0, "a@example.com|by hand|{}");
	assert_member(room, 1, "b@example.com|B|{}");
	assert_int_equal(members(room), 2);
	assert_int_equal(
	    tempstore_number(room->store, "SELECT count(*) FROM contact"
					  " WHERE canon LIKE 'n@%'"),
	    1);
	assert_ok(store_reader_open(room->store, &db, &err), &err);
	kept[1] = kept[0];
	assert_ok(import_undo_kept(
		      db, id, (struct contact_id){0}, 4, kept, &count, &err),
	    &err);
	store_reader_close(&db);
	assert_int_equal(count, 1);
	assert_int_equal(kept[0].v, kept[1].v);
}

/* Evidence that somebody corrected by hand is not the import's any more. */
static void
evidence_set_since_stays(void **state)
{
	struct room *room = *state;
	struct import_plan plan = plan_of(room);
	struct consent_evidence evidence = {
	    .basis = BASIS_CARD, .note = SPAN("fair")};
	struct err err = {0};
	int64_t id;

	plan.basis = BASIS_NONE;
	import_with(room, "email\na@example.com\nb@example.com\n", &plan);
	id = import_plain(room, "email\na@example.com\nb@example.com\n");
	assert_ok(consent_set(room->store, room->list, id_of(room, 0),
		      &evidence, SPAN("corrected"), &err),
	    &err);
	undo(room, id, "0 0 0 1 0 1 0 0");
	assert_int_equal(tempstore_number(room->store,
			     "SELECT count(*) FROM member WHERE basis = 2"),
	    1);
	assert_int_equal(tempstore_number(room->store,
			     "SELECT count(*) FROM member WHERE basis = 0"),
	    1);
}

static void
other_lists_and_the_trash_hold_contacts(void **state)
{
	struct room *room = *state;
	struct list_id first = room->list;
	struct trash_id trash;
	struct contact_id gone;
	struct err err = {0};
	int64_t id;

	id = import_plain(room,
	    "email,name\na@example.com,A\nb@example.com,B\nc@example.com,C\n");
	assert_ok(
	    list_create(room->store, SPAN("Others"), &room->list, &err), &err);
	import_plain(room, "email,name\nb@example.com,B\n");
	room->list = first;
	gone = id_of(room, 2);
	assert_ok(
	    member_remove(room->store, room->list, &gone, 1, &trash, &err),
	    &err);
	undo(room, id, "2 1 0 0 0 0 0 0");
	assert_int_equal(members(room), 0);
	assert_int_equal(tempstore_number(room->store,
			     "SELECT count(*) FROM contact WHERE canon <> ''"),
	    2);
	/* an id is given once */
	import_plain(room, "email\nz@example.com\n");
	assert_int_equal(
	    tempstore_number(room->store, "SELECT max(id) FROM contact"), 4);
}

/* ---- The stop list -------------------------------------------------------- */

static void
a_stop_is_taken_off_only_when_told(void **state)
{
	static const struct import_undo_plan also = {
	    .reason = {"wrong file", 10}, .stops = IMPORT_STOPS_TAKE_OFF};
	struct room *room = *state;
	struct import_undo done;
	struct err err = {0};
	int64_t one, two;

	one = import_plain(room, "email,status\na@example.com,unsubscribed\n"
				 "b@example.com,bounced\n");
	undo(room, one, "0 0 0 0 0 0 2 0");
	assert_int_equal(
	    tempstore_number(room->store, "SELECT count(*) FROM suppression"),
	    2);
	two = import_plain(room, "email,status\nc@example.com,unsubscribed\n"
				 "d@example.com,bounced\n");
	assert_ok(
	    setting_write(room->store, "stops.take_off", SPAN("off"), &err),
	    &err);
	assert_ok(import_undo(room->store, two, &also, &done, &err), &err);
	assert_int_equal(done.stops, 1);
	assert_int_equal(
	    tempstore_number(room->store, "SELECT count(*) FROM suppression"),
	    3);
}

/* ---- Whether -------------------------------------------------------------- */

static void
assert_refused(struct room *room, int64_t id, enum err_code code)
{
	struct import_undo done;
	struct err err = {0};

	assert_int_equal(import_undo_check(room->store, id, &done, &err), -1);
	assert_int_equal(err.code, code);
	assert_int_equal(import_undo(room->store, id, &wrong, &done, &err), -1);
	assert_int_equal(err.code, code);
}

static void
refuses_what_cannot_be_undone(void **state)
{
	static const struct {
		struct span reason;
		const char *why;
	} reasons[] = {{SPAN("    x    "), "length"},
	    {SPAN("a\xff b c"), "utf8"}, {SPAN("first\nsecond"), "control"}};
	struct room *room = *state;
	struct import_undo done;
	struct err err = {0};
	int64_t one, two;

	assert_refused(room, 9, E_IMPORT_MISSING);
	one = import_plain(room, "email,name\na@example.com,A\n");
	two = import_plain(room, "email,name\na@example.com,A2\n");
	for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++) {
		struct import_undo_plan plan = {.reason = reasons[i].reason};

		assert_int_equal(
		    import_undo(room->store, two, &plan, &done, &err), -1);
		assert_int_equal(err.code, E_IMPORT_UNDO_REASON);
		assert_string_equal(err_find(&err, "why"), reasons[i].why);
	}
	undo(room, two, "0 0 0 1 0 0 0 0");
	assert_refused(room, two, E_IMPORT_UNDO_TWICE);
	fake_clock_move(&room->clock, INT64_C(7) * 24 * 60 * 60 * 1000);
	assert_refused(room, one, E_IMPORT_UNDO_LATE);
	two = import_plain(room, "email,name\na@example.com,A3\n");
	assert_ok(list_delete(room->store, room->list, NULL, &err), &err);
	assert_refused(room, two, E_IMPORT_UNDO_LIST);
}

static void
forgets_after_seven_days(void **state)
{
	struct room *room = *state;
	struct import_plan plan = plan_of(room);
	struct err err = {0};

	import_plain(room, "email,name\na@example.com,A\nb@example.com,B\n");
	import_plain(room, "email,name,tags\na@example.com,A2,vip\n");
	plan.mode = IMPORT_REMOVE;
	import_with(room, "email\nb@example.com\n", &plan);
	assert_ok(import_sweep(room->store, &err), &err);
	assert_int_equal(
	    tempstore_number(room->store, "SELECT count(*) FROM import_before"),
	    2);
	fake_clock_move(&room->clock, INT64_C(8) * 24 * 60 * 60 * 1000);
	assert_ok(import_sweep(room->store, &err), &err);
	assert_int_equal(
	    tempstore_number(room->store, "SELECT count(*) FROM import_before"),
	    0);
	assert_int_equal(
	    tempstore_number(room->store, "SELECT count(*) FROM import_tag"),
	    0);
	/* of who left for good the evidence is kept without a contact */
	assert_int_equal(tempstore_number(room->store,
			     "SELECT count(*) FROM consent_event"
			     " WHERE contact = 0 AND what = 4 AND basis = 1"),
	    1);
	assert_ok(import_sweep(room->store, &err), &err);
	assert_int_equal(
	    tempstore_number(room->store, "SELECT count(*) FROM consent_event"),
	    1);
}

/* ---- History -------------------------------------------------------------- */

static void
remembers_imports_and_their_rejects(void **state)
{
	struct room *room = *state;
	struct import_plan plan = plan_of(room);
	struct import_record record[4];
	struct import_reject reject[2];
	struct db *db = NULL;
	struct err err = {0};
	size_t count;
	int64_t one, two;

	one = import_plain(room, "email,name\na@example.com,A\nbad,B\n"
				 ",C\nworse,D\n");
	plan.mode = IMPORT_UPDATE;
	two = import_with(room, "email,name\na@example.com,A2\n", &plan);
	undo(room, two, "0 0 0 1 0 0 0 0");
	assert_ok(store_reader_open(room->store, &db, &err), &err);
	assert_ok(import_history(
		      room->store, db, room->list, 0, 4, record, &count, &err),
	    &err);
	assert_int_equal(count, 2);
	assert_int_equal(record[0].id, two);
	assert_int_equal(record[0].mode, IMPORT_UPDATE);
	assert_int_equal(record[0].counts.changed, 1);
	assert_true(record[0].undone_ms > record[0].at_ms);
	assert_string_equal(record[0].undone_by, "tester");
	assert_int_equal(record[0].undo_until_ms, 0);
	assert_int_equal(record[1].id, one);
	assert_string_equal(record[1].list_name, "Members");
	assert_string_equal(record[1].file, "list.csv");
	assert_string_equal(record[1].charset, "UTF-8");
	assert_string_equal(record[1].by, "tester");
	assert_int_equal(record[1].basis, BASIS_CONSENT);
	assert_int_equal(record[1].counts.read, 4);
	assert_int_equal(record[1].counts.rejected, 3);
	assert_int_equal(record[1].undo_until_ms,
	    record[1].at_ms + INT64_C(7) * 24 * 60 * 60 * 1000);
	assert_ok(import_history(room->store, db, (struct list_id){0}, two, 4,
		      record, &count, &err),
	    &err);
	assert_int_equal(count, 1);
	assert_ok(import_rejects(db, one, 0, 2, reject, &count, &err), &err);
	assert_int_equal(count, 2);
	assert_int_equal(reject[0].line, 3);
	assert_int_equal(reject[0].why.code, E_ADDRESS_SYNTAX);
	assert_string_equal(reject[0].raw, "bad,B");
	assert_int_equal(reject[1].why.code, E_ROW_NO_ADDRESS);
	assert_string_equal(err_find(&reject[1].why, "line"), "4");
	assert_ok(import_rejects(db, one, 4, 2, reject, &count, &err), &err);
	assert_int_equal(count, 1);
	store_reader_close(&db);
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(everything_is_as_it_was),
	    cmocka_unit_test(undoes_in_any_order),
	    TEST(what_was_changed_since_stays),
	    TEST(evidence_set_since_stays),
	    TEST(other_lists_and_the_trash_hold_contacts),
	    TEST(a_stop_is_taken_off_only_when_told),
	    TEST(refuses_what_cannot_be_undone),
	    TEST(forgets_after_seven_days),
	    TEST(remembers_imports_and_their_rejects),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
