/* The stop list, wordings and a person's consent, driven with keys. */
#include <stdlib.h>

#include "core/access/access.h"
#include "tests/fake/scene.h"
#include "tests/unit/unit.h"
#include "tui/screens/screens.h"
#include "tui/screens/setup.h"

/* Entries of one moment are in the order of their keys, which are another in
 * each store: so no two are. */
static void
enter(struct scene *scene, const char *address, enum suppress_cause cause,
    const char *source, int64_t until_ms)
{
	struct err err = {.code = E_NONE};

	assert_ok(suppress_enter(scene->store, span_of(address),
		      &(struct suppress_entry){.cause = cause,
			  .source = span_of(source),
			  .evidence = SPAN("campaign 3: 550 5.1.1 unknown"),
			  .until_ms = until_ms},
		      &err),
	    &err);
	scene_wait(scene, 1000);
}

static void
fill(struct scene *scene)
{
	struct list_id list = scene_list(scene, "Members", 3);
	struct erased erased;
	struct err err = {.code = E_NONE};

	enter(scene, "aya@example.ne.jp", SUPPRESS_UNSUBSCRIBED, "link", 0);
	enter(scene, "mori.ken@docomo.example", SUPPRESS_BOUNCED, "H1", 0);
	enter(scene, "spammed@gmail.example", SUPPRESS_COMPLAINT, "ARF", 0);
	enter(scene, "*@competitor.example", SUPPRESS_HAND, "by hand", 0);
	enter(scene, "taro@example.co.jp", SUPPRESS_SOFT, "S1",
	    INT64_C(1797033600000));
	assert_ok(contact_erase(scene->store, (struct contact_id){2},
		      SPAN("user00002@example.jp"), SPAN("asked by letter"),
		      &erased, &err),
	    &err);
	(void)list;
}

static void
entries_are_shown_with_their_cause(void **state)
{
	struct scene *scene = *state;
	struct golden *golden = &scene->golden;

	stops_open(golden->app);
	golden_settle(golden);
	golden_check(golden, "stops-empty");
	fill(scene);
	stops_open(golden->app);
	golden_settle(golden);
	golden_check(golden, "stops");
	golden_keys(golden, "/");
	golden_type(golden, "MORI docomo");
	scene_wait(scene, 1000);
	assert_true(golden_shows(golden, "mori.ken@docomo.example"));
	assert_false(golden_shows(golden, "competitor"));
	golden_keys(golden, "Enter Enter");
	assert_true(golden_shows(golden, "550 5.1.1 unknown"));
	golden_keys(golden, "Enter Esc /");
	/* whoever was erased is found by the whole address alone */
	golden_type(golden, "USER00002@Example.JP");
	scene_wait(scene, 1000);
	assert_true(golden_shows(golden, "(erased)"));
	golden_keys(golden, "Esc");
	assert_true(golden_shows(golden, "*@competitor.example"));
}

static void
entries_are_added_by_hand(void **state)
{
	struct scene *scene = *state;
	struct golden *golden = &scene->golden;

	scene_list(scene, "Members", 3);
	stops_open(golden->app);
	golden_settle(golden);
	golden_keys(golden, "n");
	golden_type(golden, "nobody");
	golden_keys(golden, "Enter");
	assert_int_equal(
	    scene_number(scene, "SELECT count(*) FROM suppression"), 0);
	golden_keys(golden, "^U");
	golden_type(golden, "User00001@Example.jp");
	golden_keys(golden, "Enter Down Enter");
	golden_type(golden, "2027-04-01");
	golden_keys(golden, "Enter");
	golden_type(golden, "asked by telephone");
	golden_keys(golden, "Enter");
	assert_true(golden_shows(golden, "It is on the stop list."));
	assert_true(golden_shows(golden, "2027-04-01"));
	assert_int_equal(
	    scene_number(scene, "SELECT count(*) FROM suppression WHERE"
				" list = 1 AND cause = 3 AND until_ms > 0"
				" AND evidence = 'asked by telephone'"),
	    1);
}

static void
taking_off_has_tiers(void **state)
{
	struct scene *scene = *state;
	struct golden *golden = &scene->golden;
	struct err err = {.code = E_NONE};

	enter(scene, "hand@example.jp", SUPPRESS_HAND, "by hand", 0);
	stops_open(golden->app);
	golden_settle(golden);
	golden_keys(golden, "x");
	golden_type(golden, "wrong one");
	golden_keys(golden, "Enter");
	assert_int_equal(
	    scene_number(scene, "SELECT count(*) FROM suppression"), 0);
	enter(scene, "no@example.jp", SUPPRESS_UNSUBSCRIBED, "link", 0);
	stops_open(golden->app);
	golden_settle(golden);
	golden_keys(golden, "x");
	assert_true(golden_shows(golden, "does not want our mail"));
	golden_type(golden, "so@example.jp");
	golden_keys(golden, "Enter");
	golden_type(golden, "asked again");
	golden_keys(golden, "Enter");
	assert_int_equal(
	    scene_number(scene, "SELECT count(*) FROM suppression"), 1);
	assert_ok(
	    setting_write(scene->store, "stops.take_off", SPAN("off"), &err),
	    &err);
	golden_keys(golden, "x");
	golden_type(golden, "no@example.jp");
	golden_keys(golden, "Enter");
	golden_type(golden, "asked again");
	golden_keys(golden, "Enter");
	assert_true(golden_shows(golden, "The policy keeps everybody"));
	assert_ok(
	    setting_write(scene->store, "stops.take_off", SPAN("on"), &err),
	    &err);
	golden_keys(golden, "x");
	golden_type(golden, "no@example.jp");
	golden_keys(golden, "Enter");
	golden_type(golden, "asked again");
	golden_keys(golden, "Enter");
	assert_int_equal(
	    scene_number(scene, "SELECT count(*) FROM suppression"), 0);
}

static void
who_sees_masked_data_sees_masked_stops(void **state)
{
	struct scene *scene = *state;
	struct golden *golden = &scene->golden;
	struct err err = {.code = E_NONE};

	fill(scene);
	assert_ok(
	    setting_write(scene->store, "mask.operators", SPAN("on"), &err),
	    &err);
	app_person_read(golden->app);
	stops_open(golden->app);
	golden_settle(golden);
	assert_false(golden_shows(golden, "mori.ken"));
	assert_true(golden_shows(golden, "mo***@docomo.example"));
	assert_true(golden_shows(golden, "*@competitor.example"));
}

static void
wordings_are_put_in_and_said_of_a_list(void **state)
{
	struct scene *scene = *state;
	struct golden *golden = &scene->golden;

	scene_list(scene, "Members", 3);
	scene_do(scene, "UPDATE member SET paper = ''");
	setup_wordings_open(golden->app);
	golden_settle(golden);
	golden_keys(golden, "n");
	golden_type(golden, "申込フォーム");
	golden_keys(golden, "Enter Enter");
	golden_type(golden, "案内メールを希望します");
	golden_keys(golden, "Enter");
	assert_true(golden_shows(golden, "The wording is kept."));
	golden_keys(golden, "u Enter Enter");
	golden_type(golden, "the only form there was");
	golden_keys(golden, "Enter");
	assert_true(golden_shows(golden, "It is now known of 3 members."));
	assert_int_equal(scene_number(scene, "SELECT count(*) FROM member"
					     " WHERE wording = 1 AND how = 2"),
	    3);
	scene_wait(scene, 3000);
	golden_keys(golden, "^L");
	golden_check(golden, "setup-wordings");
	golden_keys(golden, "Enter");
	assert_true(golden_shows(golden, "案内メールを希望します"));
}

static void
a_person_is_looked_at_set_and_erased(void **state)
{
	struct scene *scene = *state;
	struct golden *golden = &scene->golden;

	scene_list(scene, "Members", 3);
	contacts_open(golden->app, (struct list_id){1});
	golden_settle(golden);
	golden_keys(golden, "j Enter v");
	golden_settle(golden);
	assert_true(golden_shows(golden, "folder 7"));
	golden_keys(golden, "e j Enter");
	golden_type(golden, "2026-05-01");
	golden_keys(golden, "Enter Enter");
	golden_type(golden, "gave a business card");
	golden_keys(golden, "Enter");
	scene_wait(scene, 3000);
	golden_keys(golden, "^L");
	golden_check(golden, "consent");
	golden_keys(golden, "E");
	golden_type(golden, "user00002@example.jp");
	golden_keys(golden, "Enter");
	golden_type(golden, "asked by letter");
	golden_keys(golden, "Enter");
	golden_settle(golden);
	assert_string_equal(app_top(golden->app)->ops->name, "contacts");
	golden_keys(golden, "^L");
	assert_true(golden_shows(golden, "user00001"));
	assert_false(golden_shows(golden, "user00002"));
	assert_int_equal(scene_number(scene, "SELECT count(*) FROM contact"
					     " WHERE id = 2 AND canon <> ''"),
	    0);
	assert_int_equal(
	    scene_number(scene, "SELECT count(*) FROM suppression"
				" WHERE cause = 5 AND address = ''"),
	    1);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, scene_setup, scene_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(entries_are_shown_with_their_cause),
	    TEST(entries_are_added_by_hand),
	    TEST(taking_off_has_tiers),
	    TEST(who_sees_masked_data_sees_masked_stops),
	    TEST(wordings_are_put_in_and_said_of_a_list),
	    TEST(a_person_is_looked_at_set_and_erased),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
