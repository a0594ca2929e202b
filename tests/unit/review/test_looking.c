/* Samples that must be read, ticks and statements: what clears PP-04 and PP-06,
 * what does not, and what a planted sample does. */
#include "tests/unit/unit.h"

#include <stdlib.h>

#include "core/review/gate.h"
#include "tests/fake/answers.h"
#include "tests/fake/stage.h"

static const struct stage_params some = {.recipients = 40,
    .class = CLASS_NOTICE,
    .manners = PRACTICE_PLAIN,
    .body = "{{name|お客}}様\n\n11月23日（月）に 1,200円 で行います。"
	    "電話 03-1234-5678\n\n会員番号 {{会員番号}}\n"};

struct fixture {
	struct stage stage;
	struct review *review;
	struct review_look *look;
	size_t count;
};

static void
read_looks(struct fixture *f)
{
	struct db *db = NULL;
	struct err err = {0};

	free(f->look);
	assert_ok(store_reader_open(f->stage.store, &db, &err), &err);
	assert_ok(
	    look_all(db, f->stage.campaign, &f->look, &f->count, &err), &err);
	store_reader_close(&db);
}

static void
plan(struct fixture *f)
{
	struct samples_watch watch = {.cancel = NULL};
	struct samples *samples = NULL;
	struct err err = {0};

	assert_ok(samples_find(f->stage.store, f->stage.campaign, 1, &watch,
		      &samples, &err),
	    &err);
	assert_ok(look_plan(f->review, samples, &err), &err);
	samples_free(&samples);
	read_looks(f);
}

static void
set_up_for(
    struct fixture *f, const struct stage_params *params, const char *planted)
{
	struct err err = {0};

	memset(f, 0, sizeof *f);
	stage_open(&f->stage, params);
	assert_ok(setting_write(
		      f->stage.store, "drill.planted", span_of(planted), &err),
	    &err);
	assert_ok(review_open(f->stage.store, &f->stage.world,
		      f->stage.campaign, &f->review, &err),
	    &err);
	assert_ok(checklist_run(f->review, &err), &err);
	plan(f);
}

static void
set_up(struct fixture *f, const char *planted)
{
	set_up_for(f, &some, planted);
}

static void
tear_down(struct fixture *f)
{
	free(f->look);
	review_free(&f->review);
	stage_close(&f->stage);
}

static const struct check_result *
line(const struct fixture *f, enum check_id id)
{
	return &f->review->result[id];
}

static enum look_came
judge(struct fixture *f, int number, enum look_verdict verdict)
{
	enum look_came came;
	struct err err = {0};

	assert_ok(look_judge(f->review, number, 3000, verdict,
		      SPAN("The name is not theirs."), &came, &err),
	    &err);
	return came;
}

static void
every_sample_must_be_seen(void **state)
{
	struct fixture f;
	enum look_came came;
	struct err err = {0};

	(void)state;
	set_up(&f, "0");
	assert_true(f.count >= 6);
	assert_int_equal(line(&f, PP_04)->state, CHECK_NOT_EVALUATED);
	for (size_t i = 0; i < f.count; i++) {
		assert_int_equal(f.look[i].number, i + 1);
		assert_in_range(f.look[i].position, 1, 40);
		assert_int_equal(f.look[i].plant, LOOK_REAL);
		assert_false(line(&f, PP_04)->cleared);
		/* a glance is not a look */
		assert_int_equal(look_judge(f.review, (int)i + 1, 2999,
				     LOOK_RIGHT, SPAN(""), &came, &err),
		    -1);
		assert_int_equal(err.code, E_REVIEW_LOOK);
		assert_int_equal(judge(&f, (int)i + 1, LOOK_RIGHT), LOOK_NOTED);
	}
	assert_int_equal(line(&f, PP_04)->state, CHECK_PASS);
	/* kept with the campaign */
	review_free(&f.review);
	assert_ok(review_open(f.stage.store, &f.stage.world, f.stage.campaign,
		      &f.review, &err),
	    &err);
	assert_int_equal(line(&f, PP_04)->state, CHECK_PASS);
	assert_int_equal(
	    look_judge(f.review, 99, 3000, LOOK_RIGHT, SPAN(""), &came, &err),
	    -1);
	assert_int_equal(err.code, E_REVIEW_STALE);
	tear_down(&f);
}

/* The same content, the same plan; a row more or less would be a way to draw
 * again. */
static void
the_plan_follows_from_the_content(void **state)
{
	struct fixture f;
	struct review_look *before;
	struct err err = {0};
	size_t count;

	(void)state;
	set_up(&f, "0");
	before = f.look;
	count = f.count;
	f.look = NULL;
	judge(&f, 1, LOOK_RIGHT);
	plan(&f);
	assert_int_equal(f.count, count);
	assert_true(f.look[0].seen_ms > 0);
	stage_sql(&f.stage, "DELETE FROM review_look");
	review_free(&f.review);
	assert_ok(review_open(f.stage.store, &f.stage.world, f.stage.campaign,
		      &f.review, &err),
	    &err);
	/* rows gone behind the program: the results are not believed */
	assert_int_equal(line(&f, PP_04)->state, CHECK_STALE);
	assert_ok(checklist_run(f.review, &err), &err);
	plan(&f);
	assert_int_equal(f.count, count);
	for (size_t i = 0; i < count; i++)
		assert_int_equal(f.look[i].position, before[i].position);
	free(before);
	tear_down(&f);
}

static void
a_doubt_keeps_it_open(void **state)
{
	struct fixture f;
	enum look_came came;
	struct err err = {0};

	(void)state;
	set_up(&f, "0");
	assert_int_equal(
	    look_judge(f.review, 1, 3000, LOOK_WRONG, SPAN("odd"), &came, &err),
	    -1);
	assert_int_equal(err.code, E_REVIEW_ANSWER);
	assert_int_equal(judge(&f, 1, LOOK_WRONG), LOOK_DOUBT);
	read_looks(&f);
	assert_int_equal(f.look[0].seen_ms, 0);
	assert_int_equal(
	    stage_number(&f.stage,
		"SELECT count(*) FROM audit WHERE what = 'review.doubt'"),
	    1);
	tear_down(&f);
}

static size_t
planted(const struct fixture *f)
{
	for (size_t i = 0; i < f->count; i++) {
		if (f->look[i].plant != LOOK_REAL)
			return i;
	}
	return f->count;
}

/* The planted message differs from the real one of the same recipient. */
static void
it_has_a_fault(enum look_plant plant)
{
	struct campaign campaign = CAMPAIGN_INIT;

	buf_text(&campaign.body, some.body);
	look_plant(plant, &campaign);
	assert_false(span_equal(buf_span(&campaign.body), span_of(some.body)));
	campaign_done(&campaign);
}

static void
a_planted_sample_must_be_found(void **state)
{
	struct fixture f;
	size_t at;

	(void)state;
	set_up(&f, "1");
	at = planted(&f);
	assert_in_range(at, 1, f.count - 1);
	it_has_a_fault(f.look[at].plant);
	for (size_t i = 0; i < f.count; i++)
		assert_int_equal(judge(&f, f.look[i].number,
				     i == at ? LOOK_WRONG : LOOK_RIGHT),
		    i == at ? LOOK_FOUND : LOOK_NOTED);
	assert_int_equal(line(&f, PP_04)->state, CHECK_PASS);
	assert_int_equal(
	    stage_number(&f.stage,
		"SELECT count(*) FROM audit WHERE what = 'vigilance.found'"),
	    1);
	tear_down(&f);
}

static void
a_missed_one_starts_all_over(void **state)
{
	struct fixture f;
	size_t at;

	(void)state;
	set_up(&f, "1");
	at = planted(&f);
	judge(&f, 1, LOOK_RIGHT);
	assert_int_equal(judge(&f, f.look[at].number, LOOK_RIGHT), LOOK_MISSED);
	read_looks(&f);
	assert_int_equal(planted(&f), f.count);
	for (size_t i = 0; i < f.count; i++) {
		assert_int_equal(f.look[i].seen_ms, 0);
		judge(&f, f.look[i].number, LOOK_RIGHT);
	}
	assert_int_equal(line(&f, PP_04)->state, CHECK_PASS);
	assert_int_equal(
	    stage_number(&f.stage,
		"SELECT count(*) FROM audit WHERE what = 'vigilance.missed'"),
	    1);
	tear_down(&f);
}

static void
every_plant_shows(void **state)
{
	(void)state;
	for (int plant = LOOK_PLANT_NAME; plant < LOOK_PLANTS; plant++)
		it_has_a_fault((enum look_plant)plant);
}

static void
ticks_and_statements_clear(void **state)
{
	struct fixture f;
	struct err err = {0};
	size_t count;
	const char *const *name = statement_all(&count);
	struct buf manifest = BUF_INIT;

	(void)state;
	set_up(&f, "0");
	assert_int_equal(
	    tick_give(f.review, EXTRACT_DATE, SPAN("1月1日"), &err), -1);
	assert_int_equal(err.code, E_REVIEW_ANSWER);
	assert_int_equal(
	    statement_give(f.review, "consent", SPAN("yes"), &err), -1);
	assert_int_equal(err.code, E_REVIEW_ANSWER);
	assert_int_equal(statement_give(f.review, "weather",
			     SPAN("It will not rain."), &err),
	    -1);
	for (size_t i = 0; i + 1 < count; i++)
		assert_ok(statement_give(f.review, name[i],
			      SPAN("I have asked them all."), &err),
		    &err);
	assert_int_equal(line(&f, PP_06)->state, CHECK_NOT_EVALUATED);
	answers_state(f.stage.store, f.stage.campaign, f.review);
	assert_int_equal(line(&f, PP_06)->state, CHECK_PASS);
	assert_ok(
	    review_manifest(f.review->db, f.stage.campaign, &manifest, &err),
	    &err);
	assert_non_null(strstr(manifest.ptr, "said consent "));
	assert_non_null(strstr(manifest.ptr, "\n  " ANSWERS_SENTENCE "\n"));
	buf_done(&manifest);
	tear_down(&f);
}

/* LK-02W has one answer; each of the hosts is acknowledged by itself. */
static void
every_foreign_host_is_ticked(void **state)
{
	struct stage_params params = some;
	struct fixture f;
	struct err err = {0};
	size_t count;
	const char *const *name = statement_all(&count);

	(void)state;
	params.body = "{{name|お客}}様\n\n[a](https://a.other.jp/1) "
		      "[b](https://b.other.jp/2) [c](https://a.other.jp/3)\n";
	set_up_for(&f, &params, "0");
	assert_int_equal(line(&f, LK_02W)->state, CHECK_FAIL);
	/* that of the footer */
	assert_ok(
	    tick_give(f.review, EXTRACT_PHONE, SPAN("03-0000-0000"), &err),
	    &err);
	for (size_t i = 0; i < count; i++)
		assert_ok(statement_give(f.review, name[i],
			      SPAN("I have asked them all."), &err),
		    &err);
	assert_int_equal(line(&f, PP_06)->state, CHECK_NOT_EVALUATED);
	assert_ok(
	    tick_give(f.review, EXTRACT_HOST, SPAN("a.other.jp"), &err), &err);
	assert_int_equal(line(&f, PP_06)->state, CHECK_NOT_EVALUATED);
	assert_ok(
	    tick_give(f.review, EXTRACT_HOST, SPAN("b.other.jp"), &err), &err);
	assert_int_equal(line(&f, PP_06)->state, CHECK_PASS);
	assert_non_null(strstr(line(&f, PP_06)->facts, "ticked=3 items=3"));
	tear_down(&f);
}

/* A host for everybody: those that are not listed cannot be acknowledged. */
static void
hosts_without_end_cannot_be_ticked(void **state)
{
	struct stage_params params = some;
	struct fixture f;
	struct err err = {0};

	(void)state;
	params.recipients = EXTRACT_KEPT + 10;
	params.body = "{{name|お客}}様\n\nYour page: {{会員番号}}\n";
	set_up_for(&f, &params, "0");
	stage_sql(&f.stage,
	    "UPDATE contact SET fields = replace(fields,"
	    " '\":\"', '\":\"https://m' || id || '.other.jp/')");
	assert_ok(checklist_run(f.review, &err), &err);
	assert_int_equal(line(&f, LK_02W)->count, params.recipients);
	assert_int_equal(
	    stage_number(&f.stage,
		"SELECT messages FROM review_extract WHERE kind = 3"
		" AND text = ''"),
	    10);
	assert_int_equal(tick_give(f.review, EXTRACT_HOST, SPAN(""), &err), -1);
	assert_int_equal(err.code, E_REVIEW_ANSWER);
	assert_string_equal(err_find(&err, "why"), "hosts");
	tear_down(&f);
}

/* Other content: everything is to be looked at and said again. */
static void
an_edit_forgets_what_was_said(void **state)
{
	struct fixture f;
	struct err err = {0};

	(void)state;
	set_up(&f, "0");
	answers_look(f.stage.store, &f.stage.world, f.stage.campaign, f.review);
	answers_state(f.stage.store, f.stage.campaign, f.review);
	assert_ok(checklist_run(f.review, &err), &err);
	assert_int_equal(line(&f, PP_04)->state, CHECK_PASS);
	assert_int_equal(line(&f, PP_06)->state, CHECK_PASS);
	stage_sql(&f.stage,
	    "UPDATE campaign SET body = body || 'x', revision = revision + 1");
	assert_ok(checklist_run(f.review, &err), &err);
	assert_int_equal(line(&f, PP_04)->state, CHECK_NOT_EVALUATED);
	assert_int_equal(line(&f, PP_06)->state, CHECK_NOT_EVALUATED);
	assert_int_equal(
	    stage_number(&f.stage, "SELECT count(*) FROM review_word"), 0);
	tear_down(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_sample_must_be_seen),
	    cmocka_unit_test(the_plan_follows_from_the_content),
	    cmocka_unit_test(a_doubt_keeps_it_open),
	    cmocka_unit_test(a_planted_sample_must_be_found),
	    cmocka_unit_test(a_missed_one_starts_all_over),
	    cmocka_unit_test(every_plant_shows),
	    cmocka_unit_test(ticks_and_statements_clear),
	    cmocka_unit_test(every_foreign_host_is_ticked),
	    cmocka_unit_test(hosts_without_end_cannot_be_ticked),
	    cmocka_unit_test(an_edit_forgets_what_was_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
