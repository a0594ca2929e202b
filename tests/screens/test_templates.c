/* Templates, snippets, and finding one's way among many campaigns. */
#include "tests/fake/scene.h"
#include "tests/unit/unit.h"
#include "tui/screens/screens.h"

static void
two_campaigns(struct scene *scene)
{
	struct list_id list = scene_list(scene, "会員", 3);

	scene_campaign(scene, "November news", list, "11月", "# 11月\n");
	fake_clock_move(&scene->golden.clock, 60000);
	scene_campaign(scene, "Year end", list, "年末", "ご挨拶\n");
	campaigns_open(scene->golden.app);
	golden_settle(&scene->golden);
}

static void
a_campaign_becomes_a_template_and_back(void **state)
{
	struct scene *scene = *state;
	struct golden *golden = &scene->golden;

	two_campaigns(scene);
	golden_keys(golden, "t");
	assert_true(golden_shows(golden, "No templates yet"));
	golden_keys(golden, "t G S");
	assert_true(golden_shows(golden, "How is the template called?"));
	golden_keys(golden, "^U");
	golden_type(golden, "Monthly");
	golden_keys(golden, "Enter");
	golden_check(golden, "templates");
	assert_int_equal(scene_number(scene, "SELECT count(*) FROM campaign"
					     " WHERE state = 5"),
	    1);
	/* A template is opened to be written, and goes nowhere. */
	golden_keys(golden, "Enter");
	golden_settle(golden);
	golden_keys(golden, "^N");
	assert_true(golden_shows(golden, "A template is never sent"));
	golden_keys(golden, "q");
	/* n makes a campaign of it. */
	golden_keys(golden, "n ^U");
	golden_type(golden, "December");
	golden_keys(golden, "Enter");
	assert_string_equal(app_top(golden->app)->ops->name, "campaign");
	assert_int_equal(
	    scene_number(scene, "SELECT count(*) FROM campaign WHERE"
				" name = 'December' AND state = 0"
				" AND body = (SELECT body FROM campaign"
				" WHERE name = 'Monthly')"),
	    1);
	golden_keys(golden, "q");
	assert_true(golden_shows(golden, "December"));
}

static void
new_asks_for_a_template(void **state)
{
	struct scene *scene = *state;
	struct golden *golden = &scene->golden;

	two_campaigns(scene);
	golden_keys(golden, "S Enter t n");
	golden_check(golden, "campaigns-new");
	golden_keys(golden, "j Enter ^U");
	golden_type(golden, "Made");
	golden_keys(golden, "Enter");
	assert_int_equal(scene_number(scene, "SELECT length(body) > 0 FROM"
					     " campaign WHERE name = 'Made'"),
	    1);
	golden_keys(golden, "q n Enter");
	golden_type(golden, "Bare");
	golden_keys(golden, "Enter");
	assert_int_equal(scene_number(scene, "SELECT length(body) FROM"
					     " campaign WHERE name = 'Bare'"),
	    0);
}

static void
filter_and_order(void **state)
{
	struct scene *scene = *state;
	struct golden *golden = &scene->golden;

	two_campaigns(scene);
	golden_keys(golden, "/");
	golden_type(golden, "NEWS nov");
	assert_true(golden_shows(golden, "November news"));
	assert_false(golden_shows(golden, "Year end"));
	golden_keys(golden, "Enter Enter");
	assert_string_equal(app_top(golden->app)->ops->name, "campaign");
	golden_keys(golden, "q");
	golden_type(golden, "/ nothing");
	assert_true(golden_shows(golden, "Nothing matches"));
	golden_keys(golden, "Esc");
	assert_true(golden_shows(golden, "Year end"));
	assert_true(golden_shows(golden, "last changed first"));
	golden_keys(golden, "s");
	assert_true(golden_shows(golden, "by name"));
	golden_keys(golden, "g Enter");
	assert_true(golden_shows(golden, "November news"));
	golden_keys(golden, "q s");
	assert_true(golden_shows(golden, "by state"));
}

static void
only_drafts_are_deleted(void **state)
{
	struct scene *scene = *state;
	struct golden *golden = &scene->golden;

	two_campaigns(scene);
	scene_do(scene,
	    "UPDATE campaign SET state = 3 WHERE name = 'November news'");
	golden_keys(golden, "r t t");
	campaigns_open(golden->app);
	golden_settle(golden);
	golden_keys(golden, "G D");
	assert_true(golden_shows(golden, "its record is evidence"));
	golden_keys(golden, "g D");
	golden_check(golden, "campaigns-delete");
	golden_type(golden, "Year");
	golden_keys(golden, "Enter");
	assert_int_equal(
	    scene_number(scene, "SELECT count(*) FROM campaign"), 2);
	golden_type(golden, " end");
	golden_keys(golden, "Enter");
	golden_settle(golden);
	assert_int_equal(
	    scene_number(scene, "SELECT count(*) FROM campaign"), 1);
	assert_false(golden_shows(golden, "Year end"));
}

/* ---- Snippets ------------------------------------------------------------- */

static struct buf chosen;

static void
take(struct screen *owner, struct span body)
{
	(void)owner;
	buf_clear(&chosen);
	buf_add(&chosen, body);
}

static void
snippets_are_written_and_chosen(void **state)
{
	struct scene *scene = *state;
	struct golden *golden = &scene->golden;

	two_campaigns(scene);
	golden_keys(golden, "b");
	assert_true(golden_shows(golden, "No snippets yet"));
	golden_keys(golden, "n");
	golden_type(golden, "挨拶");
	golden_keys(golden, "Enter");
	golden_type(golden, "いつもご利用ありがとうございます。");
	golden_keys(golden, "Esc");
	assert_true(golden_shows(golden, "The snippet was changed."));
	golden_keys(golden, "s");
	golden_settle(golden);
	golden_check(golden, "snippets");
	golden_keys(golden, "r ^U");
	golden_type(golden, "Greeting");
	golden_keys(golden, "Enter");
	golden_settle(golden);
	assert_int_equal(scene_number(scene, "SELECT count(*) FROM snippet"
					     " WHERE name = 'Greeting'"),
	    1);
	golden_keys(golden, "Enter");
	golden_type(golden, "Dear all. ");
	golden_keys(golden, "^S Esc");
	assert_true(golden_shows(golden, "Dear all."));
	golden_keys(golden, "q");
	snippets_choose(app_top(golden->app), take);
	golden_settle(golden);
	golden_check(golden, "snippet-choice");
	golden_keys(golden, "Enter");
	assert_true(span_starts(buf_span(&chosen), SPAN("Dear all. いつも")));
	buf_done(&chosen);
	golden_keys(golden, "b D y");
	golden_settle(golden);
	assert_int_equal(
	    scene_number(scene, "SELECT count(*) FROM snippet"), 0);
}

static void
a_text_takes_snippets_in_and_gives_them(void **state)
{
	struct scene *scene = *state;
	struct golden *golden = &scene->golden;

	two_campaigns(scene);
	golden_keys(golden, "g Enter");
	golden_settle(golden);
	golden_keys(golden, "e");
	golden_settle(golden);
	golden_keys(golden, "M-k");
	assert_true(golden_shows(golden, "Mark the text first"));
	golden_keys(golden, "^B Right Right Right M-k");
	golden_type(golden, "Three");
	golden_keys(golden, "Enter Esc s");
	golden_settle(golden);
	assert_int_equal(scene_number(scene, "SELECT count(*) FROM snippet"
					     " WHERE body = 'ご挨拶'"),
	    1);
	golden_keys(golden, "^B Home M-s");
	golden_settle(golden);
	golden_keys(golden, "Enter ^S");
	golden_settle(golden);
	assert_int_equal(
	    scene_number(scene, "SELECT count(*) FROM campaign"
				" WHERE body LIKE 'ご挨拶ご挨拶%'"),
	    1);
}

int
main(void)
{
#define TEST(name)                                                             \
	cmocka_unit_test_setup_teardown(name, scene_setup, scene_teardown)
	const struct CMUnitTest tests[] = {
	    TEST(a_campaign_becomes_a_template_and_back),
	    TEST(new_asks_for_a_template),
	    TEST(filter_and_order),
	    TEST(only_drafts_are_deleted),
	    TEST(snippets_are_written_and_chosen),
	    TEST(a_text_takes_snippets_in_and_gives_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
