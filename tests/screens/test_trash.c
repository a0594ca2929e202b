/* Deleting and bringing back, duplicates, history and contacts by hand, with
 * keys on a real store. */
#include <stdlib.h>

#include "tests/fake/scene.h"
#include "tests/unit/unit.h"
#include "tui/screens/screens.h"

static void
a_list_goes_and_returns(void **state)
{
	struct scene *scene = *state;
	struct golden *golden = &scene->golden;

	scene_list(scene, "Newsletter", 12);
	lists_open(golden->app);
	golden_settle(golden);
	golden_keys(golden, "D");
	golden_type(golden, "Newsletter");
	golden_keys(golden, "Enter");
	assert_true(golden_shows(golden, "is in the trash; u brings it back"));
	assert_int_equal(scene_number(scene, "SELECT count(*) FROM list"), 0);
	golden_keys(golden, "u");
	assert_true(golden_shows(golden, "memberships 12."));
	assert_int_equal(
	    scene_number(scene, "SELECT count(*) FROM member"), 12);
	golden_keys(golden, "D");
	golden_type(golden, "Newsletter");
	golden_keys(golden, "Enter n");
	golden_type(golden, "Newsletter");
	golden_keys(golden, "Enter T");
	scene_wait(scene, 3000);
	golden_keys(golden, "^L");
	golden_check(golden, "trash");
	/* The name is taken by now. */
	golden_keys(golden, "Enter");
	assert_true(golden_shows(golden, "Another list has this name"));
	golden_type(golden, " 2");
	golden_keys(golden, "Enter");
	assert_int_equal(scene_number(scene, "SELECT count(*) FROM list"
					     " WHERE name = 'Newsletter 2'"),
	    1);
	golden_check(golden, "trash-empty");
}

static void
emptying_wants_a_word(void **state)
{
	struct scene *scene = *state;
	struct golden *golden = &scene->golden;

	scene_list(scene, "Newsletter", 3);
	contacts_open(golden->app, (struct list_id){1});
	golden_settle(golden);
	golden_keys(golden, "Enter D");
	assert_true(golden_shows(golden, "leaves all lists"));
	golden_keys(golden, "y");
	assert_true(golden_shows(golden, "user00001@example.jp is in the"));
	assert_int_equal(scene_number(scene, "SELECT count(*) FROM member"), 2);
	golden_keys(golden, "T E");
	golden_type(golden, "nothing");
	golden_keys(golden, "Enter Esc");
	assert_int_equal(scene_number(scene, "SELECT count(*) FROM trash"), 1);
	golden_keys(golden, "E");
	golden_type(golden, "empty");
	golden_keys(golden, "Enter");
	assert_int_equal(scene_number(scene, "SELECT count(*) FROM trash"), 0);
	assert_true(golden_shows(golden, "The trash is empty"));
}

static void
a_member_leaves_and_returns(void **state)
{
	struct scene *scene = *state;
	struct golden *golden = &scene->golden;

	scene_list(scene, "Newsletter", 3);
	contacts_open(golden->app, (struct list_id){1});
	golden_settle(golden);
	golden_keys(golden, "j Enter X");
	assert_true(golden_shows(golden, "leaves this list"));
	golden_keys(golden, "y");
	assert_int_equal(scene_number(scene, "SELECT count(*) FROM member"), 2);
	assert_int_equal(
	    scene_number(scene, "SELECT count(*) FROM contact"), 3);
	golden_keys(golden, "u");
	assert_int_equal(scene_number(scene, "SELECT count(*) FROM member"), 3);
}

static void
a_contact_is_changed(void **state)
{
	struct scene *scene = *state;
	struct golden *golden = &scene->golden;

	scene_list(scene, "Newsletter", 3);
	contacts_open(golden->app, (struct list_id){1});
	golden_settle(golden);
	golden_keys(golden, "Enter e");
	golden_check(golden, "contact-edit");
	golden_keys(golden, "Tab ^U");
	golden_type(golden, "山田 花子");
	golden_keys(golden, "Tab");
	golden_type(golden, "vip, tokyo");
	golden_keys(golden, "^T");
	golden_type(golden, "city");
	golden_keys(golden, "Enter");
	golden_type(golden, "奈良");
	golden_keys(golden, "^S");
	assert_true(golden_shows(golden, "The contact is stored."));
	assert_int_equal(scene_number(scene,
			     "SELECT count(*) FROM contact c JOIN contact_tag t"
			     " ON t.contact = c.id WHERE c.name = '山田 花子'"
			     " AND c.fields LIKE '%\"city\":\"奈良\"%'"),
	    2);
}

static void
somebody_joins_by_hand(void **state)
{
	struct scene *scene = *state;
	struct golden *golden = &scene->golden;

	scene_list(scene, "Newsletter", 1);
	contacts_open(golden->app, (struct list_id){1});
	golden_settle(golden);
	golden_keys(golden, "n");
	golden_type(golden, "hand@example.jp");
	golden_keys(golden, "Tab Tab Tab Right Right");
	golden_keys(golden, "^S");
	assert_int_equal(
	    scene_number(scene, "SELECT m.basis FROM member m JOIN contact c"
				" ON c.id = m.contact"
				" WHERE c.canon = 'hand@example.jp'"),
	    BASIS_CARD);
}

static void
history_is_shown(void **state)
{
	struct scene *scene = *state;
	struct golden *golden = &scene->golden;

	scene_list(scene, "Newsletter", 1);
	contacts_open(golden->app, (struct list_id){1});
	golden_settle(golden);
	golden_keys(golden, "Enter w");
	golden_type(golden, "asked for large print");
	golden_keys(golden, "Enter h");
	scene_wait(scene, 3000);
	golden_keys(golden, "^L");
	assert_true(golden_shows(golden, "asked for large print"));
	golden_check(golden, "history");
}

static void
two_become_one(void **state)
{
	struct scene *scene = *state;
	struct golden *golden = &scene->golden;

	scene_list(scene, "Newsletter", 3);
	scene_do(scene,
	    "INSERT INTO contact(id, address, canon, name, fields, created_ms,"
	    " changed_ms) VALUES(50, 'User00002@example.jp',"
	    " 'User00002@example.jp', '', '{\"city\":\"奈良\"}', 1, 1)");
	scene_do(scene,
	    "INSERT INTO member(list, contact, basis, basis_at_ms, basis_note)"
	    " VALUES(1, 50, 0, 0, '')");
	lists_open(golden->app);
	golden_settle(golden);
	golden_keys(golden, "d");
	golden_check(golden, "twins");
	golden_keys(golden, "Enter");
	golden_check(golden, "merge");
	golden_keys(golden, "^S y");
	assert_true(golden_shows(golden, "One contact now"));
	assert_true(golden_shows(golden, "Nobody looks like somebody else"));
	assert_int_equal(scene_number(scene, "SELECT count(*) FROM member"), 3);
	assert_int_equal(
	    scene_number(scene, "SELECT count(*) FROM contact WHERE fields"
				" LIKE '%奈良%' AND fields LIKE '%会員番号%'"),
	    1);
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, scene_setup, scene_teardown)
	const struct CMUnitTest tests[] = {
	    TEST(a_list_goes_and_returns),
	    TEST(emptying_wants_a_word),
	    TEST(a_member_leaves_and_returns),
	    TEST(a_contact_is_changed),
	    TEST(somebody_joins_by_hand),
	    TEST(history_is_shown),
	    TEST(two_become_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
