/* The people of a list in an order, with columns of choice, marked, and worked
 * on many at a time. */
#include "tests/fake/scene.h"
#include "tests/unit/unit.h"

#include <stdlib.h>

#include "tui/screens/screens.h"

static int
start(void **state)
{
	static struct scene scene;

	scene_start(&scene);
	contacts_open(scene.golden.app, scene_list(&scene, "Newsletter", 1500));
	golden_settle(&scene.golden);
	*state = &scene;
	return 0;
}

static int
end(void **state)
{
	scene_end(*state);
	return 0;
}

static void
filter(struct scene *scene, const char *text)
{
	golden_keys(&scene->golden, "/ ^U");
	golden_type(&scene->golden, text);
	scene_wait(scene, 200);
	golden_keys(&scene->golden, "Enter");
	golden_settle(&scene->golden);
}

static void
shows(struct scene *scene, const char *text)
{
	golden_settle(&scene->golden);
	if (!golden_shows(&scene->golden, text)) {
		char *seen = golden_text(&scene->golden, 24, 80);

		print_message("%s\n", seen);
		free(seen);
		fail_msg("not shown: %s", text);
	}
}

static void
an_order_is_chosen_and_remembered(void **state)
{
	struct scene *scene = *state;
	struct golden *golden = &scene->golden;

	scene_do(scene,
	    "INSERT INTO outbox(campaign, seq, contact, address, canon, name,"
	    " fields, leaf) VALUES(1, 1, 7, '', '', '', '', x''),"
	    " (1, 2, 9, '', '', '', '', x'')");
	scene_do(scene,
	    "INSERT INTO ledger(campaign, seq, state, at_ms, code, enhanced)"
	    " VALUES(1, 1, 3, 1790000000000, 250, NULL),"
	    " (1, 2, 5, 1780000000000, 550, '5.1.1')");
	golden_keys(golden, "s");
	golden_check(golden, "contacts-order");
	golden_keys(golden, "End Enter");
	shows(scene, "Last sent v");
	shows(scene, "> user00001@");
	golden_keys(golden, "Home");
	shows(scene, "> user00007@");
	golden_check(golden, "contacts-sent");
	golden_keys(golden, "s Home Down Down Enter g");
	shows(scene, "> user01500@");
	filter(scene, "user0001");
	shows(scene, "user00019@");
	scene_restart(scene);
	contacts_open(golden->app, (struct list_id){1});
	golden_settle(golden);
	shows(scene, "> user01500@");
	shows(scene, "Address v");
}

static void
columns_are_chosen_and_remembered(void **state)
{
	struct scene *scene = *state;
	struct golden *golden = &scene->golden;

	golden_keys(golden, "c");
	golden_check(golden, "contacts-columns");
	/* off with the name, the list's own field to the second place */
	golden_keys(golden, "Down Space End Space < < < < <");
	golden_keys(golden, "Enter");
	shows(scene, "会員番号");
	assert_false(golden_shows(golden, "山田 太郎1"));
	golden_check(golden, "contacts-own");
	assert_int_equal(
	    scene_number(scene, "SELECT columns = 'address' || char(10) ||"
				" ':会員番号' || char(10) || 'status' ||"
				" char(10) || 'consent' || char(10) || 'sent'"
				" FROM list_view"),
	    1);
	scene_restart(scene);
	contacts_open(golden->app, (struct list_id){1});
	golden_settle(golden);
	shows(scene, "会員番号");
}

static void
marks_survive_filter_and_order(void **state)
{
	struct scene *scene = *state;
	struct golden *golden = &scene->golden;

	golden_keys(golden, "Space Space");
	shows(scene, "2 marked (*)");
	filter(scene, "user0001");
	shows(scene, "2 marked (*)");
	golden_keys(golden, "*");
	shows(scene, "12 marked (*)");
	golden_keys(golden, "~");
	shows(scene, "2 marked (*)");
	golden_keys(golden, "g V j j j");
	shows(scene, "V at the other end");
	golden_keys(golden, "V");
	shows(scene, "6 marked (*)");
	golden_check(golden, "contacts-marked");
	golden_keys(golden, "s Home Down Down Enter");
	shows(scene, "6 marked (*)");
	golden_keys(golden, "g V j V");
	shows(scene, "8 marked (*)");
	golden_keys(golden, "Esc");
	shows(scene, "8 marked (*)");
	golden_keys(golden, "* *");
	assert_false(golden_shows(golden, "marked (*)"));
}

static void
a_tag_is_put_on_all_that_are_shown(void **state)
{
	struct scene *scene = *state;
	struct golden *golden = &scene->golden;

	filter(scene, "user0001");
	golden_keys(golden, "t");
	golden_check(golden, "contacts-whom");
	golden_keys(golden, "a");
	golden_type(golden, "a,b");
	golden_keys(golden, "Enter");
	shows(scene, "it holds a comma");
	golden_keys(golden, "^U");
	golden_type(golden, "秋の会");
	golden_keys(golden, "Enter");
	golden_check(golden, "contacts-tag-many");
	golden_keys(golden, "y");
	shows(scene, "The tag is put on: 10.");
	assert_int_equal(
	    scene_number(scene, "SELECT count(*) FROM contact_tag"), 10);
	filter(scene, "tag:秋の会");
	shows(scene, "10 of 1,500");
	golden_keys(golden, "u");
	shows(scene, "0 of 1,500");
	assert_int_equal(
	    scene_number(scene, "SELECT count(*) FROM contact_tag"), 0);
	/* one person: no questions but which */
	golden_keys(golden, "Esc t Down Enter");
	shows(scene, "The tag is put on: 1.");
	golden_keys(golden, "- Enter");
	shows(scene, "The tag is taken off: 1.");
}

static void
what_is_done_with_many_has_its_number_typed(void **state)
{
	struct scene *scene = *state;
	struct golden *golden = &scene->golden;

	golden_keys(golden, "* X m");
	golden_check(golden, "contacts-leave-many");
	golden_type(golden, "1499");
	golden_keys(golden, "Enter Esc");
	assert_int_equal(
	    scene_number(scene, "SELECT count(*) FROM member"), 1500);
	golden_keys(golden, "X m");
	golden_type(golden, "1500");
	golden_keys(golden, "Enter");
	shows(scene, "Off this list: 1,500.");
	assert_int_equal(scene_number(scene, "SELECT count(*) FROM member"), 0);
	golden_keys(golden, "u");
	shows(scene, "> user00001@");
	assert_int_equal(
	    scene_number(scene, "SELECT count(*) FROM member"), 1500);
}

static void
some_are_stopped_and_deleted(void **state)
{
	struct scene *scene = *state;
	struct golden *golden = &scene->golden;

	golden_keys(golden, "Space Space S m");
	golden_type(golden, "asked by telephone");
	golden_keys(golden, "Enter y");
	shows(scene, "New on the stop list: 2.");
	assert_int_equal(scene_number(scene, "SELECT count(*) FROM suppression"
					     " WHERE evidence ="
					     " 'asked by telephone'"),
	    2);
	scene_wait(scene, 3000);
	golden_keys(golden, "j");
	shows(scene, "2 marked (*)");
	golden_keys(golden, "D m y");
	shows(scene, "In the trash: 2.");
	assert_false(golden_shows(golden, "marked (*)"));
	assert_int_equal(
	    scene_number(scene, "SELECT count(*) FROM trash_contact"), 2);
}

static void
who_may_not_change_lists_is_told(void **state)
{
	struct scene *scene = *state;
	struct golden *golden = &scene->golden;

	scene_do(scene, "UPDATE person SET roles = 8");
	scene_restart(scene);
	contacts_open(golden->app, (struct list_id){1});
	golden_settle(golden);
	golden_keys(golden, "Space t");
	assert_false(golden_shows(golden, "Whom is this for?"));
	scene_wait(scene, 3000);
	golden_keys(golden, "j");
	shows(scene, "1 marked (*)");
	/* looking in another order is for everybody */
	golden_keys(golden, "s Home Down Down Enter g");
	golden_settle(golden);
	assert_int_equal(
	    scene_number(scene, "SELECT sorted FROM list_view"), 1);
}

static void
tags_are_renamed_and_deleted(void **state)
{
	struct scene *scene = *state;
	struct golden *golden = &scene->golden;

	golden_keys(golden, "#");
	shows(scene, "There are no tags yet.");
	golden_keys(golden, "q");
	scene_do(scene, "INSERT INTO tag(id, name) VALUES(1, 'vip'),"
			" (2, '東京')");
	scene_do(scene, "INSERT INTO contact_tag SELECT id, 1 FROM contact"
			" WHERE id < 40");
	golden_keys(golden, "#");
	golden_settle(golden);
	golden_check(golden, "tags");
	golden_keys(golden, "e ^U");
	golden_type(golden, "東京");
	golden_keys(golden, "Enter");
	shows(scene, "another one has it");
	golden_keys(golden, "e ^U");
	golden_type(golden, "gold");
	golden_keys(golden, "Enter");
	shows(scene, "gold");
	golden_keys(golden, "D");
	golden_type(golden, "gold");
	golden_keys(golden, "Enter");
	shows(scene, "The tag is deleted.");
	assert_int_equal(
	    scene_number(scene, "SELECT count(*) FROM contact_tag"), 0);
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, start, end)
	const struct CMUnitTest tests[] = {
	    TEST(an_order_is_chosen_and_remembered),
	    TEST(columns_are_chosen_and_remembered),
	    TEST(marks_survive_filter_and_order),
	    TEST(a_tag_is_put_on_all_that_are_shown),
	    TEST(what_is_done_with_many_has_its_number_typed),
	    TEST(some_are_stopped_and_deleted),
	    TEST(who_may_not_change_lists_is_told),
	    TEST(tags_are_renamed_and_deleted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
