/* The screens of a drill, inside its sandbox and outside. */
#include <stdlib.h>

#include "core/access/access.h"
#include "tests/fake/golden.h"
#include "tests/fake/tempstore.h"
#include "tests/unit/unit.h"
#include "tui/demo/drill_screens.h"
#include "tui/drill.h"
#include "tui/screens/drill_result.h"
#include "tui/screens/screens.h"
#include "tui/screens/setup.h"
#include "tui/session.h"
#include "tui/verbs.h"

enum { MINUTE_MS = 60 * 1000, DAY_MS = 24 * 3600 * 1000 };

static struct golden golden;
static struct session session;
static struct options options;
static struct drill under_way;

/* What the sandbox would say; the first one is repaired. */
static int
first_is_repaired(struct store *store, const struct drill *drill,
    bool repaired[DRILL_PLANTED], struct err *err)
{
	(void)store;
	(void)drill;
	(void)err;
	repaired[0] = true;
	return 0;
}

static int
start(void **state)
{
	(void)state;
	golden = (struct golden){.params = {
				     .hooks = &session_hooks,
				     .session = &session,
				 }};
	golden_start(&golden);
	session = (struct session){
	    .world = &golden.world,
	    .options = &options,
	    .user = strdup("tester"),
	    .store = tempstore_open(&golden.clock.base),
	};
	app_set_store(golden.app, session.store);
	return 0;
}

/* The kinds of seed 1, for marks that are right. */
static int
start_drill(void **state)
{
	start(state);
	under_way = (struct drill){.seat = drill_screens,
	    .campaign = {1},
	    .repaired = first_is_repaired};
	drill_draw(1, &under_way.plan);
	session.drill = &under_way.seat;
	return 0;
}

static int
end(void **state)
{
	(void)state;
	golden_end(&golden);
	tempstore_close(&session.store);
	free(session.user);
	return 0;
}

static const char *
top(void)
{
	return app_top(golden.app)->ops->name;
}

/* A place at which a mark of the kind is right, or none is. */
static enum drill_where
right_place(enum drill_kind kind)
{
	unsigned where = drill_fault(kind)->where;
	int at = 0;

	while (!(where >> at & 1))
		at++;
	return (enum drill_where)at;
}

static enum drill_where
wrong_place(enum drill_kind kind)
{
	unsigned where = drill_fault(kind)->where;
	int at = 0;

	while (where >> at & 1)
		at++;
	return (enum drill_where)at;
}

static enum drill_kind
not_planted(void)
{
	for (int kind = 0; kind < DRILL_KINDS; kind++) {
		bool is_planted = false;

		for (int i = 0; i < DRILL_PLANTED; i++)
			is_planted |= (int)under_way.plan.fault[i] == kind;
		if (!is_planted)
			return (enum drill_kind)kind;
	}
	fail_msg("everything is planted");
	return DRILL_KINDS;
}

static void
mark(enum drill_kind kind, enum drill_where where, const char *note)
{
	struct err err = {0};

	assert_ok(
	    drill_mark(&under_way.marks, kind, where, span_of(note), &err),
	    &err);
}

/* Two right, one at the wrong place, one of what is not there. */
static void
mark_some(void)
{
	const enum drill_kind *fault = under_way.plan.fault;

	mark(fault[1], right_place(fault[1]), "");
	mark(fault[5], right_place(fault[5]), "see the third paragraph");
	mark(fault[7], wrong_place(fault[7]), "");
	mark(not_planted(), DRILL_AT_TEXT, "会員番号のところ");
}

/* ---- In the sandbox ---------------------------------------------------------------- */

static void
it_begins_with_a_briefing(void **state)
{
	(void)state;
	home_open(golden.app);
	session.drill->begin(session.drill, golden.app);
	assert_string_equal(top(), "drill-briefing");
	golden_check(&golden, "drill-briefing");
	golden_keys(&golden, "Enter");
	assert_string_equal(top(), "home");
	golden_keys(&golden, ":");
	golden_type(&golden, "説明");
	golden_keys(&golden, "Enter");
	assert_string_equal(top(), "drill-briefing");
}

static void
a_fault_is_marked_from_any_page(void **state)
{
	(void)state;
	setup_sender_open(golden.app);
	golden_keys(&golden, "F8");
	assert_true(golden_shows(&golden, "Which fault is it?"));
	assert_true(golden_shows(&golden, "> The list is of other people"));
	golden_keys(&golden, "j j Enter");
	assert_string_equal(top(), "drill-mark");
	golden_check(&golden, "drill-mark");
	golden_keys(&golden, "^S");
	assert_true(golden_shows(&golden, "Choose one, please."));
	assert_int_equal(under_way.marks.count, 0);
	golden_keys(&golden, "Enter j Enter");
	golden_type(&golden, "the third row!");
	golden_keys(&golden, "^S");
	assert_string_equal(top(), "setup-sender");
	assert_true(golden_shows(&golden, "1 marked"));
	assert_int_equal(under_way.marks.count, 1);
	assert_int_equal(under_way.marks.mark[0].kind, 2);
	assert_int_equal(under_way.marks.mark[0].where, 1);
	assert_string_equal(under_way.marks.mark[0].note, "the third row!");
}

static void
a_mark_may_be_left(void **state)
{
	(void)state;
	home_open(golden.app);
	golden_keys(&golden, "! Esc Esc");
	assert_string_equal(top(), "home");
	assert_int_equal(under_way.marks.count, 0);
}

/* A form over a form would hide the first one. */
static void
one_mark_at_a_time(void **state)
{
	(void)state;
	home_open(golden.app);
	golden_keys(&golden, "F8 Esc F8");
	assert_true(golden_shows(&golden, "^S keeps this mark"));
	golden_keys(&golden, "Esc");
	assert_string_equal(top(), "home");
}

static void
marks_are_changed_and_taken_back(void **state)
{
	(void)state;
	home_open(golden.app);
	golden_keys(&golden, "F7");
	golden_check(&golden, "drill-marks-none");
	golden_keys(&golden, "D");
	assert_true(golden_shows(&golden, "Nothing is marked yet."));
	mark_some();
	golden_keys(&golden, "q F7");
	golden_check(&golden, "drill-marks");
	golden_keys(&golden, "j j j Enter");
	assert_string_equal(top(), "drill-mark");
	golden_keys(&golden, "Right ^S");
	assert_string_equal(top(), "drill-marks");
	assert_int_equal(under_way.marks.count, 4);
	golden_keys(&golden, "G D");
	assert_int_equal(under_way.marks.count, 3);
	assert_true(golden_shows(&golden, "3 marked"));
}

static void
ending_asks_and_shows_the_result(void **state)
{
	(void)state;
	home_open(golden.app);
	session.drill->begin(session.drill, golden.app);
	golden_keys(&golden, "Enter");
	mark_some();
	fake_clock_move(&golden.clock, 12 * MINUTE_MS);
	golden_keys(&golden, "F9");
	assert_true(golden_shows(&golden, "You have marked 4 faults."));
	golden_keys(&golden, "Enter");
	assert_false(under_way.is_over);
	golden_keys(&golden, "F9 y");
	assert_true(under_way.is_over);
	assert_string_equal(top(), "drill-result");
	golden_check(&golden, "drill-result");
	golden_keys(&golden, "G");
	golden_check(&golden, "drill-result-alarm");
	golden_keys(&golden, "Enter");
	golden_check(&golden, "drill-text");
	golden_keys(&golden, "q q");
	assert_true(app_has_ended(golden.app, &(int){0}));
}

/* Nothing may be changed when it is over. */
static void
over_is_over(void **state)
{
	struct err err = {0};

	(void)state;
	home_open(golden.app);
	assert_ok(drill_end(&session, DRILL_STOPPED, &err), &err);
	drill_result_open(golden.app, &under_way.result, DRILL_RESULT_LAST);
	golden_keys(&golden, "F8");
	assert_string_equal(top(), "drill-result");
	golden_keys(&golden, ":");
	golden_type(&golden, "mark a fault");
	assert_true(golden_shows(&golden, "Nothing matches."));
}

static void
leaving_asks_which_way(void **state)
{
	(void)state;
	home_open(golden.app);
	golden_keys(&golden, "Q");
	assert_true(golden_shows(&golden, "The drill is not over."));
	golden_keys(&golden, "Enter");
	assert_false(app_has_ended(golden.app, &(int){0}));
	golden_keys(&golden, "Q l");
	assert_true(app_has_ended(golden.app, &(int){0}));
	assert_int_equal(under_way.result.end, DRILL_LEFT);
}

/* ---- Outside ------------------------------------------------------------------------- */

static struct drill_result
a_result(uint64_t seed, int64_t sent)
{
	struct drill_result result;
	struct drill_plan plan;
	struct drill_marks marks = {.count = 0};
	struct drill_deed deed = {.plan = &plan,
	    .marks = &marks,
	    .end = sent ? DRILL_SENT : DRILL_STOPPED,
	    .seconds = 754,
	    .sent = sent};
	struct err err = {0};

	drill_draw(seed, &plan);
	for (int i = 0; i < 6; i++) {
		assert_ok(drill_mark(&marks, plan.fault[i],
			      right_place(plan.fault[i]), SPAN(""), &err),
		    &err);
	}
	drill_evaluate(&deed, &result);
	return result;
}

static void
keep(uint64_t seed, int64_t sent)
{
	struct drill_result result = a_result(seed, sent);
	struct err err = {0};

	assert_ok(training_keep(session.store, &result, NULL, &err), &err);
}

static void
register_person(const char *login, unsigned roles)
{
	struct person person = {.roles = roles};
	struct err err = {0};

	span_text(person.login, sizeof person.login, span_of(login));
	assert_ok(person_save(session.store, &person, NULL, &err), &err);
}

static void
ask_for_drills(const char *days)
{
	struct err err = {0};

	assert_ok(setting_write(
		      session.store, "drill.every_days", span_of(days), &err),
	    &err);
}

static void
records_are_listed(void **state)
{
	(void)state;
	training_open(golden.app);
	golden_keys(&golden, "q");
	register_person("hanako", PERSON_OPERATOR);
	register_person("@mail", PERSON_VIEWER);
	keep(1, 293);
	fake_clock_move(&golden.clock, 3LL * DAY_MS);
	keep(2, 0);
	fake_clock_move(&golden.clock, 40LL * DAY_MS);
	ask_for_drills("30");
	setup_people_open(golden.app);
	golden_keys(&golden, "t");
	assert_string_equal(top(), "training");
	golden_check(&golden, "training");
	golden_keys(&golden, "g Enter");
	assert_true(golden_shows(&golden, "There is no drill on this line."));
	golden_keys(&golden, "G Enter");
	assert_string_equal(top(), "drill-result");
	golden_check(&golden, "drill-result-kept");
}

static void
a_result_is_kept_where_it_is_shown(void **state)
{
	struct drill_result result = a_result(3, 0);

	(void)state;
	training_open(golden.app);
	drill_result_open(golden.app, &result, DRILL_RESULT_KEPT);
	golden_settle(&golden);
	assert_true(golden_shows(&golden, "Kept as your training record"));
	golden_keys(&golden, "q");
	assert_true(golden_shows(&golden, "6 / 8"));
}

static void
home_asks_who_is_due(void **state)
{
	(void)state;
	home_open(golden.app);
	assert_false(golden_shows(&golden, "drill"));
	ask_for_drills("30");
	home_open(golden.app);
	assert_true(golden_shows(&golden, "You have not done a drill yet"));
	keep(1, 0);
	fake_clock_move(&golden.clock, 29LL * DAY_MS);
	home_open(golden.app);
	assert_false(golden_shows(&golden, "drill"));
	fake_clock_move(&golden.clock, 2LL * DAY_MS);
	home_open(golden.app);
	golden_check(&golden, "home-drill");
	assert_true(golden_shows(&golden, "Your last drill was 31 days ago"));
}

/* A record of somebody else, past core: only who has opened the store gets one
 * there. */
static void
keep_for_hanako(void)
{
	struct db *db = NULL;
	struct stmt *stmt;
	struct err err = {0};

	keep(1, 0);
	assert_ok(
	    store_begin(session.store, STORE_WAIT_LONG, "test", &db, &err),
	    &err);
	stmt = db_stmt(db, "UPDATE training SET login = 'hanako'", &err);
	assert_non_null(stmt);
	assert_ok(stmt_run(stmt, &err), &err);
	assert_ok(store_commit(session.store, &db, &err), &err);
}

static void
others_see_themselves(void **state)
{
	static const struct {
		unsigned role;
		bool sees;
	} cases[] = {
	    {PERSON_ADMINISTRATOR, true},
	    {PERSON_AUDITOR, true},
	    {PERSON_OPERATOR, false},
	    {PERSON_APPROVER, false},
	    {PERSON_VIEWER, false},
	};

	(void)state;
	register_person("hanako", PERSON_OPERATOR);
	keep_for_hanako();
	keep(2, 0);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		tempstore_roles(session.store, cases[i].role);
		app_person_read(golden.app);
		training_open(golden.app);
		assert_true(golden_shows(&golden, "tester"));
		if (golden_shows(&golden, "hanako") != cases[i].sees)
			fail_msg("role %u", cases[i].role);
		golden_keys(&golden, "q");
	}
}

/* Without a terminal of its own nothing is started. */
static void
a_drill_needs_a_terminal(void **state)
{
	(void)state;
	home_open(golden.app);
	golden_keys(&golden, "d");
	assert_string_equal(top(), "home");
	assert_true(golden_shows(&golden, "There is no terminal."));
}

int
main(void)
{
#define DRILL(test) cmocka_unit_test_setup_teardown(test, start_drill, end)
#define TEST(test)  cmocka_unit_test_setup_teardown(test, start, end)
	const struct CMUnitTest tests[] = {
	    DRILL(it_begins_with_a_briefing),
	    DRILL(a_fault_is_marked_from_any_page),
	    DRILL(a_mark_may_be_left),
	    DRILL(one_mark_at_a_time),
	    DRILL(marks_are_changed_and_taken_back),
	    DRILL(ending_asks_and_shows_the_result),
	    DRILL(over_is_over),
	    DRILL(leaving_asks_which_way),
	    TEST(records_are_listed),
	    TEST(a_result_is_kept_where_it_is_shown),
	    TEST(home_asks_who_is_due),
	    TEST(others_see_themselves),
	    TEST(a_drill_needs_a_terminal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
