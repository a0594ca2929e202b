/* The members of a list: filters, what is wrong with them, and segments. */
#include "tests/fake/scene.h"
#include "tests/unit/unit.h"
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
}

static void
a_filter_counts_beside_it(void **state)
{
	struct scene *scene = *state;

	filter(scene, "domain:example.jp user0000 -user00001");
	assert_true(golden_shows(&scene->golden, "8 of 1,500"));
	golden_check(&scene->golden, "contacts-language");
	filter(scene, "会員番号:>=1490");
	assert_true(golden_shows(&scene->golden, "of 1,500"));
	filter(scene, "status:stopped");
	assert_true(golden_shows(&scene->golden, "0 of 1,500"));
	golden_keys(&scene->golden, "Esc");
	assert_false(golden_shows(&scene->golden, "status:stopped"));
}

static void
an_error_stands_under_the_field(void **state)
{
	struct scene *scene = *state;

	filter(scene, "user status:activ");
	assert_true(golden_shows(&scene->golden, "At character 6, status is"));
	golden_check(&scene->golden, "contacts-fault");
	/* the rows of before are still there, the error goes with its cause */
	assert_true(golden_shows(&scene->golden, "user00001@"));
	golden_type(&scene->golden, "e");
	scene_wait(scene, 200);
	assert_false(golden_shows(&scene->golden, "At character"));
	assert_true(golden_shows(&scene->golden, "1,500 of 1,500"));
	filter(scene, "-tag:nobody");
	assert_true(golden_shows(&scene->golden, "nobody has this tag"));
	golden_keys(&scene->golden, "Esc");
	assert_false(golden_shows(&scene->golden, "nobody has this tag"));
}

static void
a_filter_is_saved_as_a_segment(void **state)
{
	struct scene *scene = *state;
	struct golden *golden = &scene->golden;

	golden_keys(golden, "w");
	assert_true(golden_shows(golden, "A segment is a filter"));
	filter(scene, "user0001");
	golden_keys(golden, "Enter w");
	golden_type(golden, "First ten");
	golden_keys(golden, "Enter");
	assert_true(golden_shows(golden, "The segment First ten is saved."));
	assert_int_equal(scene_number(scene, "SELECT count(*) FROM segment"
					     " WHERE filter = 'user0001'"),
	    1);
	scene_do(scene, "INSERT INTO segment(list, name, filter, created_ms,"
			" changed_ms, changed_by) VALUES(1, 'Broken',"
			" 'tag:gone', 0, 0, '')");
	scene_wait(scene, 9000);
	golden_keys(golden, "v");
	golden_check(golden, "segments");
	golden_keys(golden, "e ^U");
	golden_type(golden, "Other");
	golden_keys(golden, "Enter");
	assert_true(golden_shows(golden, "nobody has this tag"));
	golden_keys(golden, "D y");
	golden_settle(golden);
}

static void
a_segment_is_opened_and_changed(void **state)
{
	struct scene *scene = *state;
	struct golden *golden = &scene->golden;

	scene_do(scene, "INSERT INTO segment(list, name, filter, created_ms,"
			" changed_ms, changed_by) VALUES(1, 'Few',"
			" 'user0001', 0, 0, '')");
	golden_keys(golden, "v f ^U");
	golden_type(golden, "user00012");
	golden_keys(golden, "Enter");
	assert_true(golden_shows(golden, "The segment is changed."));
	golden_keys(golden, "Enter");
	golden_settle(golden);
	assert_true(golden_shows(golden, "user00012@"));
	assert_true(golden_shows(golden, "1 of 1,500"));
	golden_keys(golden, "Esc");
	golden_settle(golden);
	assert_true(golden_shows(golden, "user00001@"));
}

/* Who sees names masked does not find them by searching, and is told so. */
static void
a_masked_person_cannot_search_for_names(void **state)
{
	struct scene *scene = *state;

	scene_do(scene, "UPDATE person SET masked = 1");
	scene_restart(scene);
	contacts_open(scene->golden.app, (struct list_id){1});
	golden_settle(&scene->golden);
	filter(scene, "user00012");
	assert_true(golden_shows(&scene->golden, "masked for you"));
	filter(scene, "status:active");
	assert_true(golden_shows(&scene->golden, "1,500 of 1,500"));
}

/* A long list answers out of memory, and out of what is stored when somebody has
 * changed a contact behind it. */
static void
a_long_list_is_filtered_as_a_short_one(void **state)
{
	struct scene *scene = *state;
	struct golden *golden = &scene->golden;

	scene_do(scene,
	    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n"
	    " WHERE i < 20500) INSERT INTO contact(id, address, canon, name,"
	    " fields, created_ms, changed_ms) SELECT 50000 + i, 'L' || i ||"
	    " '@Long.jp', 'L' || i || '@long.jp', '佐藤', '{\"no\":\"' || i ||"
	    " '\"}', 1, 1 FROM n");
	scene_do(scene, "INSERT INTO list VALUES(9, 'Long', 0, 0, '', 1, 0)");
	scene_do(scene,
	    "INSERT INTO member(list, contact, basis, basis_at_ms, basis_note)"
	    " SELECT 9, id, 1, 0, '' FROM contact WHERE id > 50000");
	contacts_open(golden->app, (struct list_id){9});
	golden_settle(golden);
	filter(scene, "l2050 or no:7");
	assert_true(golden_shows(golden, "3 of 20,500"));
	assert_true(golden_shows(golden, "L7@Long.jp"));
	filter(scene, "佐藤 -domain:long.jp");
	assert_true(golden_shows(golden, "0 of 20,500"));
	scene_do(scene, "UPDATE contact SET name = '佐々木' WHERE id = 50008");
	filter(scene, "佐々木");
	assert_true(golden_shows(golden, "1 of 20,500"));
	filter(scene, "佐々木 -status:stopped");
	assert_true(golden_shows(golden, "L8@Long.jp"));
	scene_do(scene,
	    "INSERT INTO suppression(key, list, cause, at_ms, source, address)"
	    " VALUES(zeroblob(32), 0, 0, 0, '', 'l8@long.jp')");
	filter(scene, "佐々木 status:stopped");
	assert_true(golden_shows(golden, "1 of 20,500"));
	golden_keys(golden, "Esc");
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, start, end)
	const struct CMUnitTest tests[] = {
	    TEST(a_filter_counts_beside_it),
	    TEST(an_error_stands_under_the_field),
	    TEST(a_filter_is_saved_as_a_segment),
	    TEST(a_long_list_is_filtered_as_a_short_one),
	    TEST(a_segment_is_opened_and_changed),
	    TEST(a_masked_person_cannot_search_for_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
