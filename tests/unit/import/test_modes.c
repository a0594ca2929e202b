/* Which rows count, what a no does, and sums that hold in every mode. */
#include "tests/unit/import/import_kit.h"

#include "core/import/seen.h"

/* What is asked for: one letter a column, and the plan. */
struct told {
	const char
	    *targets; /* A N F; S state, G agreed, T tags, P paper, I IP */
	struct import_plan plan;
};

static void
set_targets(struct import *import, const char *targets)
{
	size_t count;
	struct import_column *column = import_columns(import, &count);

	assert_int_equal(count, strlen(targets));
	for (size_t i = 0; i < count; i++) {
		column[i].target = targets[i] == 'A'   ? IMPORT_ADDRESS
				   : targets[i] == 'N' ? IMPORT_NAME
				   : targets[i] == 'F' ? IMPORT_FIELD
				   : targets[i] == 'S' ? IMPORT_STATE
				   : targets[i] == 'G' ? IMPORT_AGREED
				   : targets[i] == 'T' ? IMPORT_TAGS
				   : targets[i] == 'P' ? IMPORT_PAPER
				   : targets[i] == 'I' ? IMPORT_AGREED_IP
						       : IMPORT_SKIP;
	}
}

/* Counts and stores, which must come to the same. */
static struct import_counts
import_told(struct room *room, const char *data, const struct told *told)
{
	struct import *import = open_text(room, span_of(data));
	struct import_counts checked = {0}, counts = {0};
	struct err err = {0};

	set_targets(import, told->targets);
	assert_ok(
	    import_check(import, room->store, &told->plan, &checked, &err),
	    &err);
	assert_ok(
	    import_commit(import, room->store, &told->plan, &counts, &err),
	    &err);
	assert_memory_equal(&checked, &counts, sizeof counts);
	assert_sums(&counts);
	import_close(&import);
	return counts;
}

/* "read fresh changed same duplicate rejected suppressed stopped". */
static void
assert_counts(const struct import_counts *c, const char *wanted)
{
	struct buf text = BUF_INIT;

	buf_printf(&text, "%lld %lld %lld %lld %lld %lld %lld %lld",
	    (long long)c->read, (long long)c->fresh, (long long)c->changed,
	    (long long)c->same, (long long)c->duplicate, (long long)c->rejected,
	    (long long)c->suppressed, (long long)c->stopped);
	assert_string_equal(text.ptr, wanted);
	buf_done(&text);
}

/* ---- Modes -------------------------------------------------------------- */

/* a and b are members, c is a contact of another list, d is nobody. */
static void
give_people(struct room *room)
{
	struct list_id first = room->list;
	struct import_counts c;
	struct err err = {0};

	assert_ok(
	    list_create(room->store, SPAN("Others"), &room->list, &err), &err);
	import_text(room, SPAN("email,name\nc@example.com,C\n"), &c);
	room->list = first;
	import_text(
	    room, SPAN("email,name\na@example.com,A\nb@example.com,B\n"), &c);
	fake_clock_move(&room->clock, 1000);
}

static const char four[] = "email,name\na@example.com,A2\nb@example.com,B\n"
			   "c@example.com,C2\nd@example.com,D\n";

static void
each_mode_takes_its_rows(void **state)
{
	static const struct {
		enum import_mode mode;
		const char *counts;
		int64_t members;
		const char *names; /* of contacts in order of addresses */
	} cases[] = {
	    {IMPORT_BOTH, "4 2 1 1 0 0 0 0", 4, "A2,B,C2,D"},
	    {IMPORT_NEW, "4 2 0 2 0 0 0 0", 4, "A,B,C,D"},
	    {IMPORT_UPDATE, "4 0 1 1 0 2 0 0", 2, "A2,B,C"},
	    {IMPORT_REMOVE, "4 0 2 0 0 2 0 0", 0, "A,B,C"},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct room *room;
		struct told told = {.targets = "AN"};
		struct import_counts c;
		struct db *db = NULL;
		struct err err = {0};
		struct stmt *stmt;

		setup(state);
		room = *state;
		give_people(room);
		told.plan = plan_of(room);
		told.plan.mode = cases[i].mode;
		c = import_told(room, four, &told);
		assert_counts(&c, cases[i].counts);
		assert_int_equal(members(room), cases[i].members);
		assert_ok(store_reader_open(room->store, &db, &err), &err);
		stmt = db_stmt(db,
		    "SELECT group_concat(name) FROM (SELECT name FROM contact"
		    " WHERE canon <> '' ORDER BY canon)",
		    &err);
		assert_int_equal(stmt_step(stmt, &err), 1);
		assert_span_equal(stmt_col_text(stmt, 0), cases[i].names);
		store_reader_close(&db);
		teardown(state);
	}
}

static void
says_why_rows_are_left_out(void **state)
{
	struct room *room = *state;
	struct told told = {.targets = "AN", .plan = plan_of(room)};
	struct import_reason reason[4];
	struct import_plan plan = plan_of(room);
	struct import *import;
	struct import_counts c;
	struct err err = {0};

	import_text(room, SPAN("email,name\na@example.com,A\n"), &c);
	import = open_text(
	    room, SPAN("email,name\nbad,X\nb@example.com,B\na@example.com,A\n"
		       "c@example.com,C\n"));
	plan.mode = IMPORT_UPDATE;
	assert_ok(import_commit(import, room->store, &plan, &c, &err), &err);
	assert_int_equal(import_reasons(import, reason, 4), 2);
	assert_int_equal(reason[0].code, E_ROW_UNKNOWN);
	assert_int_equal(reason[0].rows, 2);
	assert_int_equal(reason[1].code, E_ADDRESS_SYNTAX);
	assert_int_equal(reason[1].rows, 1);
	assert_int_equal(import_reasons(import, reason, 1), 1);
	assert_int_equal(import_reject_at(import, 1)->why.code, E_ROW_UNKNOWN);
	assert_int_equal(import_reject_at(import, 1)->line, 3);
	import_close(&import);
	told.plan.mode = IMPORT_REMOVE;
	told.plan.basis = BASIS_COUNT; /* not looked at */
	c = import_told(room, "email,name\na@example.com,\n", &told);
	assert_int_equal(c.changed, 1);
}

/* ---- First and last ----------------------------------------------------- */

static void
the_first_or_the_last_row_counts(void **state)
{
	static const char file[] =
	    "email,name\nx@example.com,X1\na@example.com,A\n"
	    "x@example.com,X2\na@example.com,A2\na@example.com,A\n"
	    "x@example.com,X3\nb@example.com,B\n";
	struct room *room = *state;
	struct told told = {.targets = "AN", .plan = plan_of(room)};
	struct import_counts c;

	give_people(room);
	c = import_told(room, file, &told);
	assert_counts(&c, "7 1 0 2 4 0 0 0");
	assert_member(room, 2, "x@example.com|X1|{}");
	fake_clock_move(&room->clock, 1000);
	told.plan.wins = IMPORT_LAST;
	/* x: X1, X2, X3; a: same, then changed, and back again */
	c = import_told(room, file, &told);
	assert_counts(&c, "7 0 2 1 4 0 0 0");
	assert_member(room, 0, "a@example.com|A|{}");
	assert_member(room, 2, "x@example.com|X3|{}");
	told.plan.mode = IMPORT_NEW;
	c = import_told(room,
	    "email,name\ny@example.com,Y1\na@example.com,A9\n"
	    "y@example.com,Y2\na@example.com,A8\n",
	    &told);
	assert_counts(&c, "4 1 0 1 2 0 0 0");
	assert_member(room, 0, "a@example.com|A|{}");
	assert_member(room, 3, "y@example.com|Y2|{}");
}

/* ---- No ----------------------------------------------------------------- */

static void
a_state_that_stops_goes_to_the_stop_list(void **state)
{
	struct room *room = *state;
	struct told told = {.targets = "AS", .plan = plan_of(room)};
	struct import_counts c;

	give_people(room);
	c = import_told(room,
	    "email,status\nu@example.com,unsubscribed\n"
	    "v@example.com,bounced\na@example.com,complained\n"
	    "w@example.com,subscribed\nu@example.com,subscribed\n",
	    &told);
	assert_counts(&c, "5 1 0 0 1 0 3 3");
	assert_int_equal(members(room), 3);
	assert_int_equal(
	    tempstore_number(room->store,
		"SELECT count(*) FROM contact WHERE canon LIKE 'u@%'"
		" OR canon LIKE 'v@%'"),
	    0);
	assert_int_equal(
	    tempstore_number(room->store,
		"SELECT count(*) FROM suppression WHERE list = 0"
		" AND source = 'import 3' AND evidence LIKE 'list.csv:%'"
		" AND cause IN (0, 1, 2)"),
	    3);
	/* the same file once more: nothing is new about it */
	c = import_told(
	    room, "email,status\nu@example.com,unsubscribed\n", &told);
	assert_counts(&c, "1 0 0 0 0 0 1 0");
}

/* A file that is a list of people who said no, as some programs export it. */
static void
a_whole_file_can_stop(void **state)
{
	struct room *room = *state;
	struct told told = {.targets = "AN", .plan = plan_of(room)};
	struct import_counts c;

	give_people(room);
	told.plan.state = IMPORT_STATE_UNSUBSCRIBED;
	told.plan.scope = IMPORT_STOP_LIST;
	c = import_told(room, four, &told);
	assert_counts(&c, "4 0 0 0 0 0 4 4");
	assert_int_equal(members(room), 2);
	assert_int_equal(tempstore_number(room->store,
			     "SELECT count(*) FROM suppression WHERE list = 1"),
	    4);
}

static void
who_did_not_agree(void **state)
{
	static const char file[] = "email,agreed\na@example.com,no\n"
				   "d@example.com,no\ne@example.com,yes\n";
	static const struct {
		enum import_no no;
		const char *counts;
		int64_t members, bare;
	} cases[] = {
	    /* a has agreed before: a no takes that back in any case */
	    {IMPORT_NO_BARE, "3 2 0 0 0 0 1 1", 4, 1},
	    {IMPORT_NO_LEAVE, "3 1 0 0 0 1 1 1", 3, 0},
	    {IMPORT_NO_STOP, "3 1 0 0 0 0 2 2", 3, 0},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct room *room;
		struct told told = {.targets = "AG"};
		struct import_counts c;

		setup(state);
		room = *state;
		give_people(room);
		told.plan = plan_of(room);
		told.plan.no = cases[i].no;
		c = import_told(room, file, &told);
		assert_counts(&c, cases[i].counts);
		assert_int_equal(members(room), cases[i].members);
		assert_int_equal(
		    tempstore_number(room->store,
			"SELECT count(*) FROM member WHERE basis = 0"
			" AND basis_note = ''"),
		    cases[i].bare);
		teardown(state);
	}
}

/* Whatever the order, and whichever row is to count. */
static void
of_yes_and_no_the_no_counts(void **state)
{
	static const struct {
		const char *file, *counts;
	} cases[] = {
	    {"email,agreed\nx@example.com,yes\nx@example.com,no\n",
		"2 1 0 0 0 0 1 1"},
	    {"email,agreed\nx@example.com,no\nx@example.com,yes\n",
		"2 1 0 0 1 0 0 0"},
	    {"email,agreed\nx@example.com,no\nx@example.com,no\n",
		"2 1 0 0 1 0 0 0"},
	    {"email,status\nx@example.com,subscribed\n"
	     "x@example.com,unsubscribed\nx@example.com,subscribed\n",
		"3 1 0 0 1 0 1 1"},
	    {"email,status\nx@example.com,unsubscribed\n"
	     "x@example.com,subscribed\nX@example.com,subscribed\n",
		"3 0 0 0 1 0 2 1"},
	};

	for (size_t i = 0; i < 2 * sizeof cases / sizeof *cases; i++) {
		struct room *room;
		struct told told = {0};
		struct import_counts c;

		setup(state);
		room = *state;
		told.plan = plan_of(room);
		told.plan.wins = i % 2 ? IMPORT_LAST : IMPORT_FIRST;
		told.targets =
		    strstr(cases[i / 2].file, "agreed") ? "AG" : "AS";
		c = import_told(room, cases[i / 2].file, &told);
		assert_counts(&c, cases[i / 2].counts);
		/* nobody can be mailed */
		assert_int_equal(
		    tempstore_number(room->store,
			"SELECT count(*) FROM member m JOIN contact c"
			" ON c.id = m.contact WHERE m.basis <> 0 AND NOT EXISTS"
			" (SELECT 1 FROM suppression s WHERE s.address = "
			"c.canon)"),
		    0);
		teardown(state);
	}
}

/* ---- What is kept of a row ---------------------------------------------- */

static void
keeps_evidence_and_tags(void **state)
{
	struct room *room = *state;
	struct told told = {.targets = "AIPT", .plan = plan_of(room)};
	struct import_counts c;

	c = import_told(room,
	    "email,ip,paper,tags\n"
	    "a@example.com,192.0.2.7,box 12,\"vip,tokyo\"\n"
	    "b@example.com,,,\n",
	    &told);
	assert_counts(&c, "2 2 0 0 0 0 0 0");
	assert_int_equal(
	    tempstore_number(room->store,
		"SELECT count(*) FROM member WHERE basis = 1"
		" AND ip = '192.0.2.7' AND paper = 'box 12'"
		" AND how = 2 AND basis_note = 'form on the web site'"
		" AND basis_at_ms = 1700000000000"),
	    1);
	assert_int_equal(
	    tempstore_number(room->store, "SELECT count(*) FROM contact_tag"),
	    2);
	/* a tag is something new; evidence once recorded stays */
	c = import_told(room,
	    "email,ip,paper,tags\n"
	    "a@example.com,192.0.2.8,other,vip\n"
	    "b@example.com,192.0.2.9,other,vip\n",
	    &told);
	assert_counts(&c, "2 0 1 1 0 0 0 0");
	assert_int_equal(
	    tempstore_number(room->store, "SELECT count(*) FROM contact_tag"),
	    3);
	assert_int_equal(
	    tempstore_number(room->store,
		"SELECT count(*) FROM member WHERE ip = '192.0.2.8'"
		" OR paper = 'other'"),
	    0);
}

static void
needs_the_wording_it_names(void **state)
{
	struct room *room = *state;
	struct import *import = open_text(room, SPAN("email\na@example.com\n"));
	struct import_plan plan = plan_of(room);
	struct import_counts c;
	struct err err = {0};

	plan.wording = 9;
	assert_int_equal(
	    import_commit(import, room->store, &plan, &c, &err), -1);
	assert_int_equal(err.code, E_WORDING_MISSING);
	assert_ok(wording_add(room->store, SPAN("Form"),
		      SPAN("I want the newsletter."), &plan.wording, &err),
	    &err);
	plan.how = CONSENT_HOW_WEB;
	assert_ok(import_commit(import, room->store, &plan, &c, &err), &err);
	assert_int_equal(tempstore_number(room->store,
			     "SELECT count(*) FROM member WHERE how = 1"
			     " AND wording = (SELECT max(id) FROM wording)"),
	    1);
	import_close(&import);
}

static void
who_was_erased_is_not_stored(void **state)
{
	struct room *room = *state;
	struct told told = {.targets = "AN", .plan = plan_of(room)};
	struct suppress_entry entry = {
	    .cause = SUPPRESS_ERASED, .source = SPAN("request")};
	struct import_counts c;
	struct err err = {0};

	assert_ok(
	    suppress_enter(room->store, SPAN("b@example.com"), &entry, &err),
	    &err);
	c = import_told(
	    room, "email,name\nB@example.com,B\na@example.com,A\n", &told);
	assert_counts(&c, "2 1 0 0 0 0 1 0");
	assert_int_equal(
	    tempstore_number(room->store, "SELECT count(*) FROM contact"), 1);
	assert_int_equal(
	    tempstore_number(room->store, "SELECT count(*) FROM import_reject"),
	    0);
	/* nor kept as a row that cannot be read, however it is spelt */
	c = import_told(room,
	    "email,name\nｂ＠example.com,B\n\"B <b@example.com>\",B\n"
	    "c@example.com b@example.com,B\nb@example.com,B,more\n"
	    "c..@example.com,C\n",
	    &told);
	assert_counts(&c, "5 0 0 0 0 5 0 0");
	assert_int_equal(
	    tempstore_number(room->store, "SELECT count(*) FROM import_reject"
					  " WHERE raw = '' AND detail = '{}'"),
	    4);
	assert_int_equal(
	    tempstore_number(room->store, "SELECT count(*) FROM import_reject"
					  " WHERE raw LIKE 'c..%'"),
	    1);
}

/* ---- Notes -------------------------------------------------------------- */

static void
a_set_keeps_notes(void **state)
{
	struct seen *seen = seen_new();
	struct buf text = BUF_INIT;

	(void)state;
	for (unsigned i = 0; i < 10000; i++) {
		buf_clear(&text);
		buf_printf(&text, "%u", i);
		assert_true(seen_add(seen, buf_span(&text)));
		assert_int_equal(seen_note(seen), 0);
		seen_note_set(seen, i % SEEN_NOTES);
	}
	for (unsigned i = 0; i < 10000; i++) {
		buf_clear(&text);
		buf_printf(&text, "%u", i);
		assert_true(seen_has(seen, buf_span(&text)));
		assert_false(seen_add(seen, buf_span(&text)));
		assert_int_equal(seen_note(seen), i % SEEN_NOTES);
	}
	assert_false(seen_has(seen, SPAN("x")));
	buf_done(&text);
	seen_free(&seen);
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_mode_takes_its_rows),
	    TEST(says_why_rows_are_left_out),
	    TEST(the_first_or_the_last_row_counts),
	    TEST(a_state_that_stops_goes_to_the_stop_list),
	    TEST(a_whole_file_can_stop),
	    cmocka_unit_test(who_did_not_agree),
	    cmocka_unit_test(of_yes_and_no_the_no_counts),
	    TEST(keeps_evidence_and_tags),
	    TEST(needs_the_wording_it_names),
	    TEST(who_was_erased_is_not_stored),
	    cmocka_unit_test(a_set_keeps_notes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
