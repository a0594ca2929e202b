/* Campaigns, the head and the text of one, with keys on a real store. */
#include <stdlib.h>

#include "core/base/file.h"
#include "tests/fake/scene.h"
#include "tests/unit/unit.h"
#include "tui/screens/screens.h"

static const char letter[] = "# 11月のお知らせ\n\n{{name|お客}} 様\n\n"
			     "- [冬のキャンペーン](https://www.example.jp/w)\n"
			     "\n会員番号は {{会員番号|未登録}} です。\n";

static struct campaign_id
news(struct scene *scene)
{
	return scene_campaign(scene, "November news",
	    scene_list(scene, "Newsletter", 25),
	    "{{name|お客}}様 11月のお知らせ", letter);
}

static struct campaign
stored(struct scene *scene, struct campaign_id id)
{
	struct campaign campaign = CAMPAIGN_INIT;
	struct err err = {.code = E_NONE};
	struct db *db = NULL;

	assert_ok(store_reader_open(scene->store, &db, &err), &err);
	assert_ok(campaign_read(db, id, &campaign, &err), &err);
	store_reader_close(&db);
	return campaign;
}

static void
assert_body_starts(struct scene *scene, struct campaign_id id, const char *text)
{
	struct campaign campaign = stored(scene, id);

	assert_true(span_starts(buf_span(&campaign.body), span_of(text)));
	campaign_done(&campaign);
}

/* ---- Campaigns ------------------------------------------------------------ */

static void
campaigns_are_listed_made_copied(void **state)
{
	struct scene *scene = *state;
	struct golden *golden = &scene->golden;

	campaigns_open(golden->app);
	golden_settle(golden);
	golden_check(golden, "campaigns-empty");
	news(scene);
	golden_keys(golden, "n Enter");
	assert_true(golden_shows(golden, "It needs a name."));
	golden_type(golden, "年末のご挨拶");
	golden_keys(golden, "Enter");
	assert_string_equal(app_top(golden->app)->ops->name, "campaign");
	golden_settle(golden);
	golden_keys(golden, "q");
	golden_check(golden, "campaigns");
	golden_keys(golden, "G y");
	assert_true(golden_shows(golden, "November news (copy)"));
	golden_keys(golden, "Enter q");
	assert_int_equal(scene_number(scene, "SELECT count(*) FROM campaign"
					     " WHERE length(body) > 50"),
	    2);
}

/* ---- Head ----------------------------------------------------------------- */

static void
head_is_shown(void **state)
{
	struct scene *scene = *state;
	struct golden *golden = &scene->golden;

	campaign_open(golden->app, news(scene));
	golden_settle(golden);
	golden_check(golden, "campaign");
}

static void
fields_are_saved_at_once(void **state)
{
	struct scene *scene = *state;
	struct golden *golden = &scene->golden;
	struct campaign_id id = news(scene);
	struct campaign campaign;

	campaign_open(golden->app, id);
	golden_settle(golden);
	golden_keys(golden, "Enter ^U");
	golden_type(golden, "December");
	golden_keys(golden, "Enter");
	campaign = stored(scene, id);
	assert_span_equal(buf_span(&campaign.name), "December");
	campaign_done(&campaign);
	/* Esc leaves a field as it was; letters are commands again. */
	golden_keys(golden, "j j j Enter ^U");
	golden_type(golden, "eeevvv");
	golden_keys(golden, "Esc");
	campaign = stored(scene, id);
	assert_span_equal(buf_span(&campaign.from_address), "news@example.jp");
	campaign_done(&campaign);
	/* The kind and the list are chosen from what there is. */
	golden_keys(golden, "k k Enter j Enter");
	campaign = stored(scene, id);
	assert_int_equal(campaign.class, CLASS_TX);
	campaign_done(&campaign);
	golden_keys(golden, "j j j j Enter g Enter");
	campaign = stored(scene, id);
	assert_int_equal(campaign.list, 0);
	campaign_done(&campaign);
	golden_keys(golden, "v");
	assert_true(golden_shows(golden, "Choose a list first"));
}

/* The audience says how many of how many can be mailed, once it was said how
 * many are expected; a part of the list is chosen like the list. */
static void
a_segment_is_chosen_as_the_audience(void **state)
{
	struct scene *scene = *state;
	struct golden *golden = &scene->golden;
	struct campaign_id id = news(scene);
	struct campaign campaign;

	scene_do(scene, "INSERT INTO segment(list, name, filter, created_ms,"
			" changed_ms, changed_by) VALUES(1, 'First ten',"
			" 'user0000 or user00010', 0, 0, '')");
	scene_do(scene, "UPDATE member SET basis = 0 WHERE contact <= 5");
	campaign_open(golden->app, id);
	golden_settle(golden);
	golden_keys(golden, "j j j j j Enter");
	assert_true(golden_shows(golden, "Newsletter > First ten"));
	assert_false(golden_shows(golden, "(of 25)"));
	golden_keys(golden, "G Enter");
	campaign = stored(scene, id);
	assert_int_equal(campaign.list, 1);
	assert_int_equal(campaign.segment, 1);
	campaign_done(&campaign);
	scene_do(scene, "UPDATE campaign SET expected = 20");
	golden_keys(golden, "Esc");
	campaign_open(golden->app, id);
	golden_settle(golden);
	golden_keys(golden, "j j j j j Enter");
	assert_true(golden_shows(golden, "20 (of 25)"));
}

static void
assert_theme_is_its_file(struct scene *scene, struct campaign_id id)
{
	struct campaign campaign = stored(scene, id);
	struct err err = {.code = E_NONE};
	struct buf file = BUF_INIT;

	assert_ok(
	    file_read("themes/mail/notice.theme", 65536, &file, &err), &err);
	assert_span_equal(buf_span(&campaign.theme), "notice");
	assert_span_equal(buf_span(&campaign.theme_text), file.ptr);
	buf_done(&file);
	campaign_done(&campaign);
}

/* A theme is kept with the campaign, and taken again only when asked. */
static void
theme_is_chosen(void **state)
{
	struct scene *scene = *state;
	struct golden *golden = &scene->golden;
	struct campaign_id id = news(scene);
	struct campaign campaign;
	struct err err = {.code = E_NONE};

	campaign_open(golden->app, id);
	golden_settle(golden);
	golden_keys(golden, "j j j j j j j j j Enter");
	golden_type(golden, "Only for you, {{name|reader}}");
	golden_keys(golden, "Enter j Enter");
	golden_check(golden, "campaign-theme");
	golden_keys(golden, "j j Enter");
	golden_settle(golden);
	assert_theme_is_its_file(scene, id);
	assert_false(golden_shows(golden, "its file has changed"));
	golden_keys(golden, "u");
	assert_true(golden_shows(golden, "The theme is as its file is"));

	campaign = stored(scene, id);
	assert_span_equal(
	    buf_span(&campaign.preheader), "Only for you, {{name|reader}}");
	buf_clear(&campaign.theme_text);
	buf_text(&campaign.theme_text, "[theme]\nkind = mail\n");
	assert_ok(campaign_save(scene->store, &campaign, &err), &err);
	campaign_done(&campaign);
	golden_keys(golden, "v");
	golden_settle(golden);
	golden_keys(golden, "q");
	golden_settle(golden);
	golden_check(golden, "campaign-theme-changed");
	golden_keys(golden, "u");
	golden_settle(golden);
	assert_theme_is_its_file(scene, id);
	assert_false(golden_shows(golden, "its file has changed"));
}

/* Head and text save the whole record, also what they do not show. */
static void
saving_keeps_the_rest(void **state)
{
	struct scene *scene = *state;
	struct golden *golden = &scene->golden;
	struct campaign_id id = news(scene);
	struct campaign campaign = stored(scene, id);
	struct err err = {.code = E_NONE};

	buf_text(&campaign.preheader, "今月の特集");
	buf_text(&campaign.theme_text, "[theme]\nname = A\n");
	buf_text(&campaign.language, "ja");
	campaign.encrypt = ENCRYPT_KNOWN;
	assert_ok(campaign_save(scene->store, &campaign, &err), &err);
	campaign_done(&campaign);
	campaign_open(golden->app, id);
	golden_settle(golden);
	golden_keys(golden, "Enter ^U");
	golden_type(golden, "December");
	golden_keys(golden, "Enter e");
	golden_settle(golden);
	golden_type(golden, "First. ");
	golden_keys(golden, "^S");
	campaign = stored(scene, id);
	assert_span_equal(buf_span(&campaign.name), "December");
	assert_true(span_starts(buf_span(&campaign.body), SPAN("First. ")));
	assert_span_equal(buf_span(&campaign.preheader), "今月の特集");
	assert_span_equal(
	    buf_span(&campaign.theme_text), "[theme]\nname = A\n");
	assert_span_equal(buf_span(&campaign.language), "ja");
	assert_int_equal(campaign.encrypt, ENCRYPT_KNOWN);
	campaign_done(&campaign);
}

static void
what_is_wrong_is_said(void **state)
{
	struct scene *scene = *state;
	struct golden *golden = &scene->golden;

	campaign_open(golden->app,
	    scene_campaign(scene, "Broken", scene_list(scene, "Newsletter", 3),
		"A very long subject that goes on and on, far beyond what any "
		"reader shows",
		"Dear {{nmae}},\n"));
	golden_settle(golden);
	golden_check(golden, "campaign-wrong");
}

static void
sealed_is_opened_only_after_a_question(void **state)
{
	struct scene *scene = *state;
	struct golden *golden = &scene->golden;
	struct campaign_id id = news(scene);

	scene_do(scene, "UPDATE campaign SET state = 1");
	campaign_open(golden->app, id);
	golden_settle(golden);
	golden_keys(golden, "e");
	assert_true(golden_shows(golden, "This campaign is sealed"));
	golden_keys(golden, "Enter");
	assert_string_equal(app_top(golden->app)->ops->name, "campaign");
	golden_keys(golden, "e y");
	assert_string_equal(app_top(golden->app)->ops->name, "text");
}

/* Kept text is no way round the question about the seal. */
static void
kept_text_waits_behind_the_seal(void **state)
{
	struct scene *scene = *state;
	struct golden *golden = &scene->golden;
	struct campaign_id id = news(scene);
	struct err err = {.code = E_NONE};

	assert_ok(campaign_keep_unsaved(
		      scene->store, id, SPAN("s"), SPAN("kept"), &err),
	    &err);
	scene_do(scene, "UPDATE campaign SET state = 1");
	campaign_open(golden->app, id);
	golden_settle(golden);
	assert_false(golden_shows(golden, "Unsaved text was kept"));
	golden_keys(golden, "e");
	assert_true(golden_shows(golden, "This campaign is sealed"));
	golden_keys(golden, "y");
	golden_settle(golden);
	assert_true(golden_shows(golden, "Unsaved text was kept"));
}

static void
launched_can_only_be_read(void **state)
{
	struct scene *scene = *state;
	struct golden *golden = &scene->golden;
	struct campaign_id id = news(scene);

	scene_do(scene, "UPDATE campaign SET state = 3");
	campaign_open(golden->app, id);
	golden_settle(golden);
	golden_keys(golden, "Enter");
	assert_true(golden_shows(golden, "It was launched"));
	golden_keys(golden, "e");
	assert_string_equal(app_top(golden->app)->ops->name, "campaign");
	golden_keys(golden, "E");
	assert_string_equal(app_top(golden->app)->ops->name, "campaign");
}

/* ---- Text ----------------------------------------------------------------- */

static void
open_text(struct scene *scene, struct campaign_id id)
{
	struct golden *golden = &scene->golden;

	campaign_open(golden->app, id);
	golden_settle(golden);
	golden_keys(golden, "e");
	scene_wait(scene, 500);
}

static void
text_is_written_and_saved(void **state)
{
	struct scene *scene = *state;
	struct golden *golden = &scene->golden;
	struct campaign_id id = news(scene);

	open_text(scene, id);
	golden_check(golden, "text");
	golden_type(golden, "Hello ");
	assert_true(golden_shows(golden, "not saved"));
	golden_keys(golden, "^S");
	assert_true(golden_shows(golden, "Saved."));
	assert_body_starts(scene, id, "Hello # 11月");
	assert_int_equal(
	    scene_number(scene, "SELECT count(*) FROM draft_unsaved"), 0);
	golden_keys(golden, "Esc");
	assert_string_equal(app_top(golden->app)->ops->name, "campaign");
}

static void
leaving_asks(void **state)
{
	struct scene *scene = *state;
	struct golden *golden = &scene->golden;
	struct campaign_id id = news(scene);

	open_text(scene, id);
	golden_type(golden, "X");
	golden_keys(golden, "Esc Enter");
	assert_string_equal(app_top(golden->app)->ops->name, "text");
	golden_keys(golden, "Esc d");
	assert_string_equal(app_top(golden->app)->ops->name, "campaign");
	assert_body_starts(scene, id, "# 11月");
	assert_int_equal(
	    scene_number(scene, "SELECT count(*) FROM draft_unsaved"), 0);
	golden_keys(golden, "e");
	golden_type(golden, "Y");
	golden_keys(golden, "Esc s");
	assert_string_equal(app_top(golden->app)->ops->name, "campaign");
	assert_body_starts(scene, id, "Y# 11月");
}

static void
merge_fields_complete(void **state)
{
	struct scene *scene = *state;
	struct golden *golden = &scene->golden;
	struct campaign_id id = news(scene);

	open_text(scene, id);
	golden_type(golden, "{{");
	golden_check(golden, "text-fields");
	golden_type(golden, "会");
	golden_keys(golden, "Enter");
	golden_type(golden, " {{na");
	golden_keys(golden, "Tab ^S");
	assert_body_starts(scene, id, "{{会員番号}} {{name}}# 11月");
	golden_type(golden, "{{x");
	assert_false(golden_shows(golden, "Merge fields"));
	golden_keys(golden, "Backspace");
	assert_true(golden_shows(golden, "Merge fields"));
	golden_keys(golden, "Esc");
	assert_false(golden_shows(golden, "Merge fields"));
	assert_string_equal(app_top(golden->app)->ops->name, "text");
}

static void
faults_are_told_while_typing(void **state)
{
	struct scene *scene = *state;
	struct golden *golden = &scene->golden;

	open_text(scene, news(scene));
	golden_type(golden, "{{nmae}}");
	scene_wait(scene, 500);
	scene_wait(scene, 500);
	assert_true(golden_shows(golden, "nmae"));
	golden_check(golden, "text-fault");
	golden_keys(golden, "^_");
	scene_wait(scene, 500);
	scene_wait(scene, 500);
	assert_true(golden_shows(golden, "Type {{ for a merge field"));
}

/* Typed, kept by the timer, and then the program is gone. */
static void
killed_text_is_offered_again(void **state)
{
	struct scene *scene = *state;
	struct golden *golden = &scene->golden;
	struct campaign_id id = news(scene);

	open_text(scene, id);
	golden_type(golden, "Typed but never saved. ");
	scene_wait(scene, 1500);
	assert_int_equal(
	    scene_number(scene, "SELECT count(*) FROM draft_unsaved"
				" WHERE body LIKE 'Typed but never saved.%'"),
	    1);
	scene_restart(scene);
	assert_body_starts(scene, id, "# 11月");
	campaign_open(golden->app, id);
	golden_settle(golden);
	assert_true(golden_shows(golden, "Unsaved text was kept"));
	golden_keys(golden, "r");
	assert_string_equal(app_top(golden->app)->ops->name, "text");
	assert_true(golden_shows(golden, "Typed but never saved."));
	golden_keys(golden, "^S");
	assert_body_starts(scene, id, "Typed but never saved. #");
	assert_int_equal(
	    scene_number(scene, "SELECT count(*) FROM draft_unsaved"), 0);
}

static void
kept_text_is_not_overwritten_by_looking_away(void **state)
{
	struct scene *scene = *state;
	struct golden *golden = &scene->golden;
	struct campaign_id id = news(scene);
	struct err err = {.code = E_NONE};

	assert_ok(campaign_keep_unsaved(
		      scene->store, id, SPAN("s"), SPAN("kept"), &err),
	    &err);
	campaign_open(golden->app, id);
	golden_settle(golden);
	golden_keys(golden, "Esc e");
	assert_true(golden_shows(golden, "Unsaved text was kept"));
	golden_keys(golden, "Esc");
	assert_string_equal(app_top(golden->app)->ops->name, "campaign");
	assert_int_equal(
	    scene_number(scene, "SELECT count(*) FROM draft_unsaved"), 1);
	golden_keys(golden, "e d");
	assert_int_equal(
	    scene_number(scene, "SELECT count(*) FROM draft_unsaved"), 0);
	assert_true(golden_shows(golden, "11月のお知らせ"));
}

static void
ending_the_program_keeps_text(void **state)
{
	struct scene *scene = *state;
	struct campaign_id id = news(scene);

	open_text(scene, id);
	golden_type(&scene->golden, "Last words");
	scene_restart(scene);
	assert_int_equal(
	    scene_number(scene, "SELECT count(*) FROM draft_unsaved"
				" WHERE body LIKE 'Last words%'"),
	    1);
}

static void
conflict_loses_nothing(void **state)
{
	struct scene *scene = *state;
	struct golden *golden = &scene->golden;
	struct campaign_id id = news(scene);
	struct err err = {.code = E_NONE};
	struct campaign theirs;

	open_text(scene, id);
	theirs = stored(scene, id);
	buf_clear(&theirs.body);
	buf_text(&theirs.body, "theirs\n");
	assert_ok(campaign_save(scene->store, &theirs, &err), &err);
	campaign_done(&theirs);
	golden_type(golden, "mine ");
	golden_keys(golden, "^S");
	assert_true(golden_shows(golden, "Somebody else saved it"));
	assert_body_starts(scene, id, "theirs");
	golden_keys(golden, "t");
	assert_true(golden_shows(golden, "theirs"));
	golden_keys(golden, "^_");
	assert_true(golden_shows(golden, "mine # 11月"));
	golden_keys(golden, "^S");
	assert_body_starts(scene, id, "mine #");
}

/* Keys that come while a job works on an older text. */
static void
what_is_typed_during_a_job_is_kept_too(void **state)
{
	struct scene *scene = *state;
	struct app *app = scene->golden.app;
	struct key a, b;

	open_text(scene, news(scene));
	assert_true(key_of(SPAN("a"), &a));
	assert_true(key_of(SPAN("b"), &b));
	app_key(app, &a);
	fake_clock_move(&scene->golden.clock, 1500);
	app_timers(app);
	app_key(app, &b);
	fake_clock_move(&scene->golden.clock, 1500);
	app_timers(app);
	golden_settle(&scene->golden);
	scene_wait(scene, 1500);
	assert_int_equal(
	    scene_number(scene, "SELECT count(*) FROM draft_unsaved"
				" WHERE body LIKE 'ab#%'"),
	    1);
}

#define TEST(name)                                                             \
	cmocka_unit_test_setup_teardown(name, scene_setup, scene_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(campaigns_are_listed_made_copied),
	    TEST(head_is_shown),
	    TEST(fields_are_saved_at_once),
	    TEST(a_segment_is_chosen_as_the_audience),
	    TEST(theme_is_chosen),
	    TEST(saving_keeps_the_rest),
	    TEST(what_is_wrong_is_said),
	    TEST(sealed_is_opened_only_after_a_question),
	    TEST(kept_text_waits_behind_the_seal),
	    TEST(launched_can_only_be_read),
	    TEST(text_is_written_and_saved),
	    TEST(leaving_asks),
	    TEST(merge_fields_complete),
	    TEST(faults_are_told_while_typing),
	    TEST(killed_text_is_offered_again),
	    TEST(kept_text_is_not_overwritten_by_looking_away),
	    TEST(ending_the_program_keeps_text),
	    TEST(conflict_loses_nothing),
	    TEST(what_is_typed_during_a_job_is_kept_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
