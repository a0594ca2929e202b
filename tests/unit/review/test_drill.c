/* The catalogue, the lot, marks, the judgement, and the result as text. */
#include "tests/unit/unit.h"

#include <stdlib.h>

#include "core/base/buf.h"
#include "core/review/drill.h"
#include "core/review/review.h"

/* ---- The catalogue ------------------------------------------------------------ */

static bool
is_check(const char *id)
{
	size_t count;
	const struct check *all = check_all(&count);

	for (size_t i = 0; i < count; i++) {
		if (!strcmp(all[i].id, id))
			return true;
	}
	return false;
}

static void
every_fault_is_one_of_its_own(void **state)
{
	int sort[2] = {0};

	(void)state;
	assert_true(DRILL_KINDS >= 20);
	for (int i = 0; i < DRILL_KINDS; i++) {
		const struct drill_fault *fault =
		    drill_fault((enum drill_kind)i);

		/* a name stands for its first bearer: no two have the same */
		assert_int_equal(drill_kind_of(span_of(fault->name)), i);
		assert_true(fault->where && fault->where < 1U << DRILL_WHERES);
		assert_true(fault->look < DRILL_LOOKS);
		if (fault->how == DRILL_MACHINE || *fault->check)
			assert_true(is_check(fault->check));
		sort[fault->how]++;
	}
	assert_true(sort[DRILL_MACHINE] > 2 * DRILL_LEAST);
	assert_true(sort[DRILL_LOOK] > 2 * DRILL_LEAST);
	assert_int_equal(drill_kind_of(SPAN("list")), DRILL_KINDS);
	assert_int_equal(drill_kind_of(SPAN("")), DRILL_KINDS);
}

/* ---- The lot -------------------------------------------------------------------- */

enum { SEEDS = 2000 };

static void
check_plan(const struct drill_plan *plan)
{
	int sort[2] = {0};

	for (int i = 0; i < DRILL_PLANTED; i++) {
		const struct drill_fault *fault = drill_fault(plan->fault[i]);

		assert_true(plan->fault[i] < DRILL_KINDS);
		assert_true(i == 0 || plan->fault[i - 1] < plan->fault[i]);
		for (int k = 0; k < i; k++)
			assert_int_not_equal(
			    drill_fault(plan->fault[k])->place, fault->place);
		sort[fault->how]++;
	}
	assert_true(sort[DRILL_MACHINE] >= DRILL_LEAST);
	assert_true(sort[DRILL_LOOK] >= DRILL_LEAST);
}

static void
every_draw_is_legal(void **state)
{
	int drawn[DRILL_KINDS] = {0};
	struct drill_plan plan, again;

	(void)state;
	for (uint64_t seed = 0; seed < SEEDS; seed++) {
		drill_draw(seed, &plan);
		check_plan(&plan);
		assert_int_equal(plan.seed, seed);
		drill_draw(seed, &again);
		assert_memory_equal(&plan, &again, sizeof plan);
		for (int i = 0; i < DRILL_PLANTED; i++)
			drawn[plan.fault[i]]++;
	}
	/* none is left out, none is always there */
	for (int i = 0; i < DRILL_KINDS; i++) {
		assert_true(drawn[i] > SEEDS / 20);
		assert_true(drawn[i] < SEEDS / 2);
	}
}

static void
two_people_get_different_draws(void **state)
{
	struct drill_plan one, other;

	(void)state;
	drill_draw_any(&one);
	drill_draw_any(&other);
	check_plan(&one);
	assert_true(one.seed != other.seed);
	drill_draw(one.seed, &other);
	assert_memory_equal(&one, &other, sizeof one);
}

/* ---- Marks ---------------------------------------------------------------------- */

static void
one_mark_of_a_kind_counts(void **state)
{
	struct drill_marks marks = {.count = 0};
	struct err err = {.code = E_NONE};

	(void)state;
	assert_ok(drill_mark(
		      &marks, DRILL_PRICE, DRILL_AT_TEXT, SPAN("3,980?"), &err),
	    &err);
	assert_ok(
	    drill_mark(&marks, DRILL_PHONE, DRILL_AT_TEXT, SPAN(""), &err),
	    &err);
	assert_ok(
	    drill_mark(&marks, DRILL_PRICE, DRILL_AT_SUBJECT, SPAN(""), &err),
	    &err);
	assert_int_equal(marks.count, 2);
	assert_int_equal(marks.mark[0].kind, DRILL_PRICE);
	assert_int_equal(marks.mark[0].where, DRILL_AT_SUBJECT);
	assert_string_equal(marks.mark[0].note, "");
	drill_unmark(&marks, DRILL_DRAFT);
	assert_int_equal(marks.count, 2);
	drill_unmark(&marks, DRILL_PRICE);
	assert_int_equal(marks.count, 1);
	assert_int_equal(marks.mark[0].kind, DRILL_PHONE);
}

static void
every_kind_can_be_marked_at_once(void **state)
{
	struct drill_marks marks = {.count = 0};

	(void)state;
	for (int i = 0; i < 2 * DRILL_KINDS; i++)
		assert_int_equal(
		    drill_mark(&marks, (enum drill_kind)(i % DRILL_KINDS),
			DRILL_AT_TEXT, SPAN("x"), NULL),
		    0);
	assert_int_equal(marks.count, DRILL_KINDS);
}

static void
a_note_is_a_short_line(void **state)
{
	char longest[DRILL_NOTE_MAX + 2];
	const struct {
		struct span note;
		const char *why;
	} cases[] = {
	    {SPAN("価格が件名と違う"), NULL},
	    {span_make(longest, DRILL_NOTE_MAX), NULL},
	    {span_make(longest, DRILL_NOTE_MAX + 1), "length"},
	    {SPAN("one\ntwo"), "control"},
	    {SPAN("\x1b[31m"), "control"},
	    {SPAN("\xc2\x85"), "control"},
	    {SPAN("\xe2\x80\xa8"), "control"},
	    {SPAN("\xff"), "utf8"},
	};

	(void)state;
	memset(longest, 'n', sizeof longest);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct drill_marks marks = {.count = 0};
		struct err err = {.code = E_NONE};
		int rc = drill_mark(
		    &marks, DRILL_MARK, DRILL_AT_TEXT, cases[i].note, &err);

		assert_int_equal(rc, cases[i].why ? -1 : 0);
		assert_int_equal(marks.count, cases[i].why ? 0 : 1);
		if (cases[i].why) {
			assert_int_equal(err.code, E_DRILL_NOTE);
			assert_string_equal(
			    err_find(&err, "why"), cases[i].why);
		}
	}
}

/* ---- The judgement ---------------------------------------------------------------- */

static const struct drill_plan plan = {
    .seed = 7,
    .fault = {DRILL_LIST_COLOR, DRILL_EXPECTED, DRILL_DRAFT, DRILL_LINK_HTTP,
	DRILL_LAST_YEAR, DRILL_CUSTOMER, DRILL_PRICE, DRILL_REPLY_TO},
};

struct told {
	enum drill_kind kind;
	enum drill_where where;
};

struct judged {
	const char *name;
	struct told mark[4];
	int marks;
	unsigned repaired; /* bits */
	const char *came;  /* m issed, M arked, R epaired, of each fault */
	int alarms;
};

static const struct judged judged[] = {
    {"nothing was said", .came = "mmmmmmmm"},
    {"right kind, right place", {{DRILL_DRAFT, DRILL_AT_TEXT}}, 1,
	.came = "mmMmmmmm"},
    {"any of its places", {{DRILL_PRICE, DRILL_AT_SUBJECT}}, 1,
	.came = "mmmmmmMm"},
    {"right kind, wrong place", {{DRILL_DRAFT, DRILL_AT_LINK}}, 1,
	.came = "mmmmmmmm", .alarms = 1},
    {"a kind that is not planted", {{DRILL_PHONE, DRILL_AT_TEXT}}, 1,
	.came = "mmmmmmmm", .alarms = 1},
    {"repaired without a word", .repaired = 1U << 1 | 1U << 7,
	.came = "mRmmmmmR"},
    {"marked, then repaired", {{DRILL_EXPECTED, DRILL_AT_NUMBER}}, 1, 1U << 1,
	"mMmmmmmm", 0},
    {"marked at the wrong place, then repaired",
	{{DRILL_EXPECTED, DRILL_AT_FOOTER}}, 1, 1U << 1, "mRmmmmmm", 0},
    {"all of it at once",
	{{DRILL_LIST_COLOR, DRILL_AT_RECIPIENTS}, {DRILL_PHONE, DRILL_AT_TEXT},
	    {DRILL_CUSTOMER, DRILL_AT_TEXT}, {DRILL_COMPANY, DRILL_AT_TEXT}},
	4, 1U << 3, "MmmRmMmm", 2},
};

static void
judge(const struct judged *it, struct drill_result *out)
{
	struct drill_marks marks = {.count = 0};
	struct drill_deed deed = {.plan = &plan,
	    .marks = &marks,
	    .end = DRILL_SENT,
	    .seconds = 90,
	    .sent = 118};

	for (int i = 0; i < it->marks; i++)
		drill_mark(&marks, it->mark[i].kind, it->mark[i].where,
		    SPAN("note"), NULL);
	for (int i = 0; i < DRILL_PLANTED; i++)
		deed.repaired[i] = it->repaired >> i & 1;
	drill_evaluate(&deed, out);
}

static void
what_was_found_and_what_was_not(void **state)
{
	static const char letters[] = "mMR";
	struct drill_result result;

	(void)state;
	for (size_t i = 0; i < sizeof judged / sizeof *judged; i++) {
		char came[DRILL_PLANTED + 1] = "";
		int found = 0;

		judge(&judged[i], &result);
		for (int k = 0; k < DRILL_PLANTED; k++) {
			assert_int_equal(result.fault[k].kind, plan.fault[k]);
			came[k] = letters[result.fault[k].came];
			found += came[k] != 'm';
		}
		assert_string_equal(came, judged[i].came);
		assert_int_equal(result.found, found);
		assert_int_equal(result.alarm.count, judged[i].alarms);
		assert_int_equal(result.seconds, 90);
		assert_int_equal(result.sent, 118);
	}
}

static void
guessing_everything_costs(void **state)
{
	struct drill_marks marks = {.count = 0};
	struct drill_deed deed = {.plan = &plan, .marks = &marks};
	struct drill_result result;

	(void)state;
	for (int i = 0; i < DRILL_KINDS; i++)
		drill_mark(
		    &marks, (enum drill_kind)i, DRILL_AT_TEXT, SPAN(""), NULL);
	drill_evaluate(&deed, &result);
	assert_int_equal(result.found + (int)result.alarm.count, DRILL_KINDS);
	assert_int_equal(result.found, 4);
}

/* ---- The result as text ------------------------------------------------------------ */

static void
a_result_is_read_as_it_was_written(void **state)
{
	struct drill_result result, read;
	struct buf text = BUF_INIT, again = BUF_INIT;
	struct err err = {.code = E_NONE};

	(void)state;
	for (size_t i = 0; i < sizeof judged / sizeof *judged; i++) {
		buf_clear(&text);
		buf_clear(&again);
		judge(&judged[i], &result);
		drill_result_write(&result, &text);
		assert_ok(
		    drill_result_parse(buf_span(&text), &read, &err), &err);
		assert_int_equal(read.found, result.found);
		assert_int_equal(read.alarm.count, result.alarm.count);
		drill_result_write(&read, &again);
		assert_span_equal(buf_span(&again), text.ptr);
	}
	buf_done(&text);
	buf_done(&again);
}

static void
the_longest_result_fits(void **state)
{
	static char note[DRILL_NOTE_MAX + 1];
	struct drill_marks marks = {.count = 0};
	struct drill_deed deed = {.plan = &plan, .marks = &marks};
	struct drill_result result;
	struct buf text = BUF_INIT;

	(void)state;
	memset(note, 'n', DRILL_NOTE_MAX);
	for (int i = 0; i < DRILL_KINDS; i++)
		drill_mark(&marks, (enum drill_kind)i, DRILL_AT_RECIPIENTS,
		    span_of(note), NULL);
	drill_evaluate(&deed, &result);
	drill_result_write(&result, &text);
	assert_true(text.len < DRILL_TEXT_MAX);
	assert_int_equal(drill_result_parse(buf_span(&text), &result, NULL), 0);
	buf_done(&text);
}

#define HEAD                                                                   \
	"sekisho drill 1\nseed 0000000000000007\nended sent\nseconds 90\n"     \
	"sent 118\n"
#define FAULTS                                                                 \
	"fault list-color marked\nfault expected missed\nfault draft missed\n" \
	"fault link-http repaired\nfault last-year missed\n"                   \
	"fault customer marked\nfault price missed\nfault reply-to missed\n"

static void
what_nobody_would_write_is_refused(void **state)
{
	static const struct {
		const char *text, *why;
		int line;
	} cases[] = {
	    {HEAD FAULTS "alarm phone text note\nalarm price link\nend\n", "",
		0},
	    {"", "end", 1},
	    {"sekisho drill 2\n", "form", 1},
	    {"sekisho drill 1\nseed 7\n", "number", 2},
	    {"sekisho drill 1\nseed 000000000000000G\n", "number", 2},
	    {"sekisho drill 1\nseed 0000000000000007\nended so\n", "form", 3},
	    {"sekisho drill 1\nseed 0000000000000007\nended sent\n"
	     "seconds -1\n",
		"number", 4},
	    {"sekisho drill 1\nseed 0000000000000007\nended sent\n"
	     "seconds 99999999999999999999\n",
		"number", 4},
	    {HEAD "end\n", "form", 6},
	    {HEAD "fault what missed\n", "kind", 6},
	    {HEAD "fault draft perhaps\n", "form", 6},
	    {HEAD "fault draft missed\nfault expected missed\n", "order", 7},
	    {HEAD "fault draft missed\nfault draft missed\n", "order", 7},
	    {HEAD FAULTS "fault from-name missed\nend\n", "form", 14},
	    {HEAD FAULTS, "end", 14},
	    {HEAD FAULTS "end", "end", 14},
	    {HEAD FAULTS "end\nmore\n", "end", 14},
	    {HEAD FAULTS "alarm phone nowhere\nend\n", "kind", 14},
	    {HEAD FAULTS "alarm phone text \nend\n", "note", 14},
	    {HEAD FAULTS "alarm phone text a\tb\nend\n", "note", 14},
	    {HEAD FAULTS "alarm draft link\nalarm draft link\nend\n", "order",
		15},
	    {HEAD FAULTS "alarm customer link\nend\n", "order", 14},
	    {"sekisho drill 1\nseed 0000000000000007\nended stopped\n"
	     "seconds 007\nsent 0\n" FAULTS "end\n",
		"form", 14},
	    {"sekisho drill 1\nseed 0000000000000007\nended sent\n"
	     "seconds 7\nsent 0\n" FAULTS "end\n",
		"number", 14},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct drill_result result = {.seconds = 4711};
		struct err err = {.code = E_NONE};
		int rc =
		    drill_result_parse(span_of(cases[i].text), &result, &err);

		assert_int_equal(rc, *cases[i].why ? -1 : 0);
		if (!*cases[i].why)
			continue;
		assert_int_equal(err.code, E_DRILL_RESULT);
		assert_string_equal(err_find(&err, "why"), cases[i].why);
		assert_int_equal(atoi(err_find(&err, "line")), cases[i].line);
		/* nothing of a bad text is taken */
		assert_int_equal(result.seconds, 4711);
	}
}

static void
a_text_without_end_is_not_read(void **state)
{
	struct buf text = BUF_INIT;
	struct drill_result result;
	struct err err = {.code = E_NONE};

	(void)state;
	while (text.len <= DRILL_TEXT_MAX)
		buf_text(&text, "sekisho drill 1\n");
	assert_int_equal(
	    drill_result_parse(buf_span(&text), &result, &err), -1);
	assert_string_equal(err_find(&err, "why"), "length");
	buf_done(&text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_fault_is_one_of_its_own),
	    cmocka_unit_test(every_draw_is_legal),
	    cmocka_unit_test(two_people_get_different_draws),
	    cmocka_unit_test(one_mark_of_a_kind_counts),
	    cmocka_unit_test(every_kind_can_be_marked_at_once),
	    cmocka_unit_test(a_note_is_a_short_line),
	    cmocka_unit_test(what_was_found_and_what_was_not),
	    cmocka_unit_test(guessing_everything_costs),
	    cmocka_unit_test(a_result_is_read_as_it_was_written),
	    cmocka_unit_test(the_longest_result_fits),
	    cmocka_unit_test(what_nobody_would_write_is_refused),
	    cmocka_unit_test(a_text_without_end_is_not_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
