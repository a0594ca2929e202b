/* Which rows are taken and what becomes of contacts; the sums that hold. */
#include "tests/unit/import/import_kit.h"

/* ---- Rows -------------------------------------------------------------- */

/* Each behind a header of three columns; E_NONE: accepted, E_BUG: not read. */
static void
judges_rows(void **state)
{
	static const struct {
		struct span row;
		enum err_code code;
	} cases[] = {
	    {SPAN("a@example.com,A,x"), E_NONE},
	    {SPAN("b@example.com,A,x,,"), E_NONE},
	    {SPAN("c@example.com,A,x, ,"), E_NONE},
	    {SPAN("d@example.com,,"), E_NONE},
	    {SPAN("\"e@example.com\",\"O'Brien, Pat\",\"1\r\n2\t3\""), E_NONE},
	    {SPAN("f..g@docomo.ne.jp,A,x"), E_NONE},
	    {SPAN("h.@ezweb.ne.jp,A,x"), E_NONE},
	    {SPAN(",,"), E_BUG},
	    {SPAN(" ,\xe3\x80\x80,"), E_BUG},
	    {SPAN(""), E_BUG},
	    {SPAN("i@example.com,A"), E_ROW_SHORT},
	    {SPAN("i@example.com,A,x,y"), E_ROW_LONG},
	    {SPAN("i@example.com,Pat, O'Brien,x"), E_ROW_LONG},
	    {SPAN(",A,x"), E_ROW_NO_ADDRESS},
	    {SPAN("\xe3\x80\x80,A,x"), E_ROW_NO_ADDRESS},
	    {SPAN("i@example.com;j@example.com,A,x"), E_ROW_TWO_ADDRESSES},
	    {SPAN("i@example.com/j@example.com,A,x"), E_ROW_TWO_ADDRESSES},
	    {SPAN("\"i@example.com\nj@example.com\",A,x"), E_ROW_TWO_ADDRESSES},
	    {SPAN("\"i@example.com\nBcc: x\",A,x"), E_ROW_CONTROL},
	    {SPAN("i@example.com,\"A\r\nBcc: j@example.com\",x"),
		E_ROW_CONTROL},
	    {SPAN("i@example.com,A\x1b]52;c;x\x07,x"), E_ROW_CONTROL},
	    {SPAN("i@example.com,A,\x1b[2J"), E_ROW_CONTROL},
	    {SPAN("i@example.com,A\xc2\x9b,x"), E_ROW_CONTROL},
	    {SPAN("i@example.com,A\0B,x"), E_ROW_CONTROL},
	    {SPAN("i@example.com,A,x\0"), E_ROW_CONTROL},
	    {SPAN("i@example.com,A\xef\xbf\xbd B,x"), E_ROW_CHARACTER},
	    {SPAN("i@example.com,A\xef\xbf\xbd,x"), E_IMPORT_DESTROYED},
	    {SPAN("i@example.com,A,Ren\xc3\x83\xc2\xa9"), E_IMPORT_DESTROYED},
	    {SPAN("i@example.com,?? ??,x"), E_IMPORT_DESTROYED},
	    {SPAN("i@example.com,A,????3-2-1"), E_IMPORT_DESTROYED},
	    {SPAN("i@example.com,A,\xe2\x80\xaex"), E_ROW_CHARACTER},
	    {SPAN("i@example.com,\xee\x80\x80,x"), E_ROW_CHARACTER},
	    {SPAN("i@example.com,\"A\" B,x"), E_ROW_QUOTE},
	    {SPAN("i@example.com,\"A\"B,\"x\""), E_ROW_QUOTE},
	    {SPAN("i,A,x"), E_ADDRESS_SYNTAX},
	    {SPAN("i..j@example.com,A,x"), E_ADDRESS_SYNTAX},
	    {SPAN("I <i@example.com>,A,x"), E_ADDRESS_SYNTAX},
	    {SPAN("i@example,A,x"), E_ADDRESS_DOMAIN},
	    {SPAN("i\xef\xbc\xa0"
		  "example.com,A,x"),
		E_ADDRESS_WIDTH},
	    {SPAN("\xe3\x80\x80i@example.com,A,x"), E_ADDRESS_WIDTH},
	};
	struct room *room = *state;

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct import_counts counts = {0};
		struct buf data = BUF_INIT;
		struct import *import;
		const struct import_reject *reject;
		enum err_code got = E_NONE;

		buf_text(&data, "email,name,x\r\n\r\n");
		buf_add(&data, cases[i].row);
		import = open_text(room, buf_span(&data));
		import_all(room, import, &counts);
		reject = import_reject_at(import, 0);
		if (reject)
			got = reject->why.code;
		else if (counts.read == 0)
			got = E_BUG;
		if (got != cases[i].code)
			fail_msg("case %zu: %s", i, err_name(got));
		assert_int_equal(counts.rejected, reject != NULL);
		if (reject)
			assert_int_equal(reject->line, 3);
		import_close(&import);
		buf_done(&data);
	}
}

/* A column that is not taken may hold anything. */
static void
does_not_read_skipped_columns(void **state)
{
	struct room *room = *state;
	struct import *import = open_text(
	    room, SPAN("email,x\na@example.com,\x1b[2J\xef\xbf\xbd\n"));
	struct import_counts counts = {0};
	size_t count;

	import_columns(import, &count)[1].target = IMPORT_SKIP;
	import_all(room, import, &counts);
	assert_int_equal(counts.fresh, 1);
	assert_member(room, 0, "a@example.com||{}");
	import_close(&import);
}

static void
reports_rejects_with_line_reason_and_row(void **state)
{
	struct room *room = *state;
	struct import *import = open_text(
	    room, SPAN("email,name\r\n\"a@example.com\",\"A\nB\"\r\n"
		       "\xef\xbc\xa1@example.com,B\r\nok@example.com,C\r\n"));
	struct import_counts counts = {0};
	const struct import_reject *reject;

	import_all(room, import, &counts);
	assert_int_equal(counts.rejected, 2);
	reject = import_reject_at(import, 0);
	assert_int_equal(reject->line, 2);
	assert_int_equal(reject->why.code, E_ROW_CONTROL);
	assert_string_equal(err_find(&reject->why, "column"), "name");
	assert_string_equal(reject->raw, "\"a@example.com\",\"A\nB\"");
	reject = import_reject_at(import, 1);
	assert_int_equal(reject->line, 4);
	assert_int_equal(reject->why.code, E_ADDRESS_WIDTH);
	assert_string_equal(err_find(&reject->why, "fix"), "A@example.com");
	assert_null(import_reject_at(import, 2));
	import_close(&import);
}

/* ---- What becomes of contacts ------------------------------------------ */

static void
counts_fresh_changed_same_and_duplicate(void **state)
{
	struct room *room = *state;
	struct import_counts c = {0};

	import_text(room,
	    SPAN("email,name,x\na@Example.com,A,1\nb@example.com,B,2\n"
		 "a@example.com,Again,9\nA@example.com,Other,3\n"),
	    &c);
	assert_int_equal(c.fresh, 3);
	assert_int_equal(c.duplicate, 1);
	assert_member(room, 0, "a@Example.com|A|{\"x\":\"1\"}");

	import_text(room,
	    SPAN("email,name,x\na@example.com,A,1\nb@example.com,B2,2\n"
		 "A@example.com,Other,4\nc@example.com,C,5\n"),
	    &c);
	assert_int_equal(c.same, 1);
	assert_int_equal(c.changed, 2);
	assert_int_equal(c.fresh, 1);
	assert_member(room, 1, "b@example.com|B2|{\"x\":\"2\"}");
	assert_member(room, 2, "A@example.com|Other|{\"x\":\"4\"}");
}

static void
keeps_what_the_file_does_not_say(void **state)
{
	struct room *room = *state;
	struct import_counts c = {0};

	import_text(
	    room, SPAN("email,name,x,y\na@example.com,A,1,\"q\"\"\n\"\n"), &c);
	import_text(room, SPAN("email,z,x\na@example.com,3,\n"), &c);
	assert_int_equal(c.changed, 1);
	assert_member(room, 0,
	    "a@example.com|A|{\"x\":\"\",\"y\":\"q\\\"\\n\",\"z\":\"3\"}");
	import_text(room, SPAN("email,z\na@example.com,3\n"), &c);
	assert_int_equal(c.same, 1);
}

/* Somebody of another list joins this one: fresh here, one contact. */
static void
shares_contacts_between_lists(void **state)
{
	struct room *room = *state;
	struct import_counts c = {0};
	struct list_id first = room->list;
	struct err err = {0};

	import_text(room, SPAN("email,name\na@example.com,A\n"), &c);
	assert_ok(
	    list_create(room->store, SPAN("Others"), &room->list, &err), &err);
	import_text(room, SPAN("email,name\na@example.com,A2\n"), &c);
	assert_int_equal(c.fresh, 1);
	room->list = first;
	assert_member(room, 0, "a@example.com|A2|{}");
}

static void
joins_names_of_several_columns(void **state)
{
	struct room *room = *state;
	struct import_counts c = {0};

	import_text(room,
	    SPAN("姓,名,email\n山田,太郎,a@example.jp\n"
		 ",花子,b@example.jp\n\xe3\x80\x80𠮷田 ,,c@example.jp\n"),
	    &c);
	assert_member(room, 0, "a@example.jp|山田 太郎|{}");
	assert_member(room, 1, "b@example.jp|花子|{}");
	assert_member(room, 2, "c@example.jp|𠮷田|{}");
}

static void
basis_is_evidence_and_is_kept(void **state)
{
	struct room *room = *state;
	struct import_plan plan = plan_of(room);
	struct import_counts c = {0};
	struct import *import = open_text(room, SPAN("email\na@example.com\n"));
	struct list_info info;
	struct contact_page page = {0};
	struct db *db = NULL;
	struct err err = {0};

	plan.basis = BASIS_NONE;
	assert_ok(import_commit(import, room->store, &plan, &c, &err), &err);
	assert_ok(store_reader_open(room->store, &db, &err), &err);
	assert_ok(list_find(db, room->list, &info, &err), &err);
	assert_int_equal(info.with_basis, 0);
	plan = plan_of(room);
	assert_ok(import_commit(import, room->store, &plan, &c, &err), &err);
	assert_int_equal(c.changed, 1);
	plan.basis = BASIS_CARD;
	assert_ok(import_commit(import, room->store, &plan, &c, &err), &err);
	assert_int_equal(c.same, 1);
	assert_ok(list_find(db, room->list, &info, &err), &err);
	assert_int_equal(info.with_basis, 1);
	assert_ok(contact_page(room->store, db, room->list,
		      (struct contact_id){0}, 1, &page, &err),
	    &err);
	assert_int_equal(page.row[0].basis, BASIS_CONSENT);
	assert_int_equal(page.row[0].basis_at_ms, 1700000000000);
	assert_span_equal(page.row[0].basis_note, "form on the web site");
	contact_page_done(&page);
	store_reader_close(&db);
	import_close(&import);
}

/* Who is on the stop list joins nothing; who is on the list stays. */
static void
suppressed_rows_join_nothing(void **state)
{
	struct room *room = *state;
	struct import_counts c = {0};
	struct list_info info;
	struct db *db = NULL;
	struct err err = {0};

	import_text(room, SPAN("email,name\nc@example.com,C\n"), &c);
	assert_ok(
	    suppress_add(room->store, SPAN("b@EXAMPLE.com"),
		(struct list_id){0}, SUPPRESS_UNSUBSCRIBED, SPAN("x"), &err),
	    &err);
	assert_ok(suppress_add(room->store, SPAN("c@example.com"), room->list,
		      SUPPRESS_BOUNCED, SPAN("x"), &err),
	    &err);
	import_text(room,
	    SPAN("email,name\na@example.com,\nb@example.com,B\n"
		 "b@example.com,B\nc@example.com,New\n"),
	    &c);
	assert_int_equal(c.fresh, 1);
	assert_int_equal(c.duplicate, 1);
	assert_int_equal(c.suppressed, 2);
	assert_member(room, 0, "c@example.com|C|{}");
	assert_ok(store_reader_open(room->store, &db, &err), &err);
	assert_ok(list_find(db, room->list, &info, &err), &err);
	assert_int_equal(info.contacts, 2);
	assert_int_equal(info.sendable, 1);
	store_reader_close(&db);
}

/* Whoever was erased and comes back with a file is not stored at all. */
static void
erased_people_stay_away(void **state)
{
	struct room *room = *state;
	struct import_counts c = {0};
	struct db *db = NULL;
	struct err err = {0};

	assert_ok(
	    suppress_add(room->store, SPAN("b@example.com"),
		(struct list_id){0}, SUPPRESS_UNSUBSCRIBED, SPAN("x"), &err),
	    &err);
	assert_ok(store_begin(room->store, STORE_WAIT_SHORT, "test", &db, &err),
	    &err);
	assert_ok(
	    stmt_run(
		db_stmt(db, "UPDATE suppression SET address = ''", NULL), &err),
	    &err);
	assert_ok(store_commit(room->store, &db, &err), &err);
	import_text(room, SPAN("email\na@example.com\nb@Example.COM\n"), &c);
	assert_int_equal(c.suppressed, 1);
	assert_int_equal(c.fresh, 1);
	assert_int_equal(members(room), 1);
	assert_member(room, 0, "a@example.com||{}");
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
	    TEST(judges_rows),
	    TEST(does_not_read_skipped_columns),
	    TEST(reports_rejects_with_line_reason_and_row),
	    TEST(counts_fresh_changed_same_and_duplicate),
	    TEST(keeps_what_the_file_does_not_say),
	    TEST(shares_contacts_between_lists),
	    TEST(joins_names_of_several_columns),
	    TEST(basis_is_evidence_and_is_kept),
	    TEST(suppressed_rows_join_nothing),
	    TEST(erased_people_stay_away),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
