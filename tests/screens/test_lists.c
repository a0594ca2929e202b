/* Lists and contacts, driven with keys on a real store. */
#include <stdlib.h>

#include "tests/fake/scene.h"
#include "tests/unit/unit.h"
#include "tui/screens/screens.h"

static void
no_lists_say_what_to_do(void **state)
{
	struct scene *scene = *state;

	lists_open(scene->golden.app);
	golden_settle(&scene->golden);
	golden_check(&scene->golden, "lists-empty");
	golden_keys(&scene->golden, "Enter");
	assert_true(golden_shows(&scene->golden, "There is no list yet"));
}

static void
lists_are_made_renamed_deleted(void **state)
{
	struct scene *scene = *state;
	struct golden *golden = &scene->golden;

	scene_list(scene, "会員 (関東)", 12);
	lists_open(golden->app);
	golden_keys(golden, "n");
	golden_type(golden, "Newsletter");
	golden_keys(golden, "Enter");
	assert_true(golden_shows(golden, "The list Newsletter is there."));
	assert_true(golden_shows(golden, "> Newsletter"));
	golden_keys(golden, "e ^U");
	golden_type(golden, "会員 (関東)");
	golden_keys(golden, "Enter");
	assert_int_equal(scene_number(scene, "SELECT count(*) FROM list"
					     " WHERE name = 'Newsletter'"),
	    1);
	golden_keys(golden, "e ^U");
	golden_type(golden, "Event 2026");
	golden_keys(golden, "Enter");
	scene_wait(scene, 3000);
	golden_keys(golden, "^L");
	golden_check(golden, "lists");
	golden_keys(golden, "G D");
	assert_true(golden_shows(golden, "12 contacts leave the list"));
	golden_keys(golden, "Enter");
	golden_type(golden, "会員");
	golden_keys(golden, "Enter Esc");
	assert_int_equal(scene_number(scene, "SELECT count(*) FROM list"), 2);
	golden_keys(golden, "D");
	golden_type(golden, "会員 (関東)");
	golden_keys(golden, "Enter");
	assert_int_equal(scene_number(scene, "SELECT count(*) FROM list"), 1);
	assert_int_equal(scene_number(scene, "SELECT count(*) FROM member"), 0);
}

/* A list is marked where few agreed or many bounced; its segments stand behind
 * it and are live. */
static void
segments_stand_behind_their_list(void **state)
{
	struct scene *scene = *state;
	struct golden *golden = &scene->golden;

	scene_list(scene, "All", 20);
	scene_do(scene, "INSERT INTO list(name, created_ms, changed_ms,"
			" changed_by) VALUES('Other', 0, 0, '')");
	scene_do(scene, "UPDATE member SET basis = 0 WHERE list = 1"
			" AND contact <= 5");
	scene_do(scene,
	    "INSERT INTO suppression(key, list, cause, at_ms, source, address)"
	    " SELECT randomblob(32), 0, 1, 0, '', canon FROM contact"
	    " WHERE id IN (1, 20)");
	scene_do(scene,
	    "INSERT INTO segment(list, name, filter, created_ms, changed_ms,"
	    " changed_by) VALUES(1, 'First ten', 'user0000 or user00010', 0, 0,"
	    " ''), (1, 'Gone', 'tag:gone', 0, 0, '')");
	lists_open(golden->app);
	golden_settle(golden);
	golden_check(golden, "lists-segments");
	golden_keys(golden, "j");
	assert_true(
	    golden_shows(golden, "Filter of All: user0000 or user00010"));
	golden_keys(golden, "j");
	assert_true(golden_shows(golden, "nobody has this tag"));
	golden_keys(golden, "k c");
	assert_true(golden_shows(golden, "this is a segment"));
	golden_keys(golden, "e ^U");
	golden_type(golden, "Few");
	golden_keys(golden, "Enter");
	assert_true(golden_shows(golden, "The segment is changed."));
	assert_true(golden_shows(golden, "segment: Few"));
	golden_keys(golden, "k f");
	assert_true(golden_shows(golden, "a list has no filter"));
	golden_keys(golden, "j f ^U");
	golden_type(golden, "user00007");
	golden_keys(golden, "Enter");
	golden_settle(golden);
	assert_int_equal(scene_number(scene, "SELECT count(*) FROM segment"
					     " WHERE name = 'Few' AND"
					     " filter = 'user00007'"),
	    1);
	golden_keys(golden, "Enter");
	golden_settle(golden);
	assert_true(golden_shows(golden, "1 of 20"));
	golden_keys(golden, "Esc Esc");
	golden_settle(golden);
	lists_open(golden->app);
	golden_settle(golden);
	golden_keys(golden, "j D y");
	golden_settle(golden);
	assert_int_equal(
	    scene_number(scene, "SELECT count(*) FROM segment"), 1);
	assert_int_equal(scene_number(scene, "SELECT count(*) FROM list"), 2);
}

static void
contacts_are_shown_and_moved_through(void **state)
{
	struct scene *scene = *state;
	struct golden *golden = &scene->golden;

	contacts_open(golden->app, scene_list(scene, "Newsletter", 3000));
	golden_settle(golden);
	golden_check(golden, "contacts");
	golden_keys(golden, "G");
	assert_true(golden_shows(golden, "> user03000@example.jp"));
	assert_true(golden_shows(golden, "3,000 of 3,000"));
	golden_keys(golden, "g PgDn PgDn");
	assert_true(golden_shows(golden, "37 of 3,000"));
	golden_keys(golden, "Enter");
	golden_check(golden, "contact");
	golden_keys(golden, "Esc");
	assert_true(golden_shows(golden, "37 of 3,000"));
}

/* The pages of a record are turned by their numbers; what was changed on one of
 * them stands on the first. */
static void
pages_of_a_record_are_turned(void **state)
{
	struct scene *scene = *state;
	struct golden *golden = &scene->golden;
	struct list_id list = scene_list(scene, "Newsletter", 3);

	scene_do(scene, "UPDATE contact SET address = 'a@日本語.jp',"
			" canon = 'a@xn--wgv71a119e.jp' WHERE id = 1");
	scene_do(scene, "INSERT INTO tag VALUES(1, 'vip'), (2, 'tokyo')");
	scene_do(scene, "INSERT INTO contact_tag VALUES(1, 1), (1, 2)");
	scene_do(scene, "UPDATE member SET basis = 0, basis_at_ms = 0"
			" WHERE contact = 1");
	contacts_open(golden->app, list);
	golden_settle(golden);
	golden_keys(golden, "Enter");
	golden_check(golden, "contact-pages");
	golden_keys(golden, "4");
	assert_true(golden_shows(golden, "No mail was sent to this person"));
	golden_keys(golden, "2");
	assert_string_equal(app_top(golden->app)->ops->name, "consent");
	golden_keys(golden, "3");
	assert_string_equal(app_top(golden->app)->ops->name, "history");
	scene_do(scene, "UPDATE member SET basis = 1 WHERE contact = 1");
	golden_keys(golden, "1");
	assert_string_equal(app_top(golden->app)->ops->name, "contact");
	assert_false(golden_shows(golden, "no basis"));
	golden_keys(golden, "1 Esc");
	assert_string_equal(app_top(golden->app)->ops->name, "contacts");
}

/* What cannot be put together as it was is told by what the ledger knows. */
static void
the_last_mail_is_told(void **state)
{
	struct scene *scene = *state;
	struct golden *golden = &scene->golden;
	struct list_id list = scene_list(scene, "Newsletter", 3);

	scene_campaign(scene, "October news", list, "News", "Hello");
	scene_do(scene, "INSERT INTO outbox(campaign, seq, contact, address,"
			" canon, name, fields, leaf) SELECT 1, id, id, address,"
			" canon, name, fields, zeroblob(32) FROM contact");
	scene_do(scene,
	    "INSERT INTO run(campaign, state, why, total, started_ms, by,"
	    " digest, message_domain) VALUES(1, 3, '', 3, 1, 'x', x'00',"
	    " 'example.jp')");
	scene_do(scene,
	    "INSERT INTO ledger(campaign, seq, state, attempt, at_ms, code,"
	    " enhanced, reply) SELECT 1, seq, 5, 1, 1775001600000, 550,"
	    " '5.1.1', 'no such user' FROM outbox");
	contacts_open(golden->app, list);
	golden_settle(golden);
	golden_keys(golden, "Enter 4");
	golden_settle(golden);
	assert_true(golden_shows(golden, "October news"));
	assert_true(golden_shows(golden, "550 5.1.1 no such user"));
	assert_true(golden_shows(golden, "has changed since"));
	assert_true(golden_shows(golden, "Message-ID"));
	scene_do(scene, "UPDATE person SET masked = 1");
	scene_restart(scene);
	contacts_open(golden->app, list);
	golden_settle(golden);
	golden_keys(golden, "Enter 4");
	golden_settle(golden);
	assert_true(golden_shows(golden, "are masked for you"));
	assert_false(golden_shows(golden, "Message-ID"));
}

static void
filter_waits_finds_and_is_undone(void **state)
{
	struct scene *scene = *state;
	struct golden *golden = &scene->golden;

	contacts_open(golden->app, scene_list(scene, "Newsletter", 3000));
	golden_settle(golden);
	golden_keys(golden, "j j /");
	golden_type(golden, "user0150 太郎");
	assert_true(golden_shows(golden, "3 of 3,000"));
	scene_wait(scene, 200);
	assert_true(golden_shows(golden, "> user01500@example.jp"));
	golden_check(golden, "contacts-filter");
	golden_keys(golden, "Enter G");
	assert_true(golden_shows(golden, "10 of 10"));
	golden_keys(golden, "Esc");
	assert_true(golden_shows(golden, "of 3,000"));
	golden_keys(golden, "/");
	golden_type(golden, "nobody");
	scene_wait(scene, 200);
	assert_true(golden_shows(golden, "Nobody matches"));
	golden_keys(golden, "Esc q");
}

static void
stop_list_wants_a_reason(void **state)
{
	struct scene *scene = *state;
	struct golden *golden = &scene->golden;

	contacts_open(golden->app, scene_list(scene, "Newsletter", 5));
	golden_settle(golden);
	golden_keys(golden, "j A");
	assert_true(golden_shows(golden, "not on the stop list"));
	golden_keys(golden, "S Enter");
	assert_true(golden_shows(golden, "A reason is needed"));
	golden_type(golden, "asked by telephone");
	golden_keys(golden, "Enter");
	assert_true(
	    golden_shows(golden, "user00002@example.jp is never mailed"));
	assert_int_equal(
	    scene_number(scene, "SELECT count(*) FROM suppression"), 1);
	golden_keys(golden, "^L Enter");
	assert_true(golden_shows(golden, "! on the stop list"));
	golden_keys(golden, "A");
	golden_type(golden, "wrote to us");
	golden_keys(golden, "Enter");
	assert_int_equal(
	    scene_number(scene, "SELECT count(*) FROM suppression"), 0);
}

/* What a hostile file could have brought in is shown as text. */
static void
hostile_bytes_stay_text(void **state)
{
	struct scene *scene = *state;
	struct golden *golden = &scene->golden;
	struct list_id list = scene_list(scene, "Newsletter", 2);
	struct db *db = NULL;
	struct err err = {.code = E_NONE};
	char *text;

	assert_ok(store_begin(scene->store, STORE_WAIT_LONG, "test", &db, &err),
	    &err);
	assert_ok(stmt_run(db_stmt(db,
			       "UPDATE contact SET name = char(27) ||"
			       " ']0;x' || char(7) || char(8238) || 'abc'",
			       &err),
		      &err),
	    &err);
	assert_ok(store_commit(scene->store, &db, &err), &err);
	contacts_open(golden->app, list);
	golden_settle(golden);
	golden_keys(golden, "Enter");
	text = golden_text(golden, 24, 80);
	assert_null(strchr(text, 27));
	assert_null(strchr(text, 7));
	assert_null(strstr(text, "\xe2\x80\xae"));
	assert_non_null(strstr(text, "^[]0;x^G<202E>abc"));
	free(text);
}

/* Masked by policy: m shows one record for a reason that the log keeps, for as
 * long as policy says; stopping an address that is masked is refused. */
static void
masked_record_is_shown_for_a_reason(void **state)
{
	struct scene *scene = *state;
	struct list_id list = scene_list(scene, "Members", 3);
	struct err err = {0};

	assert_ok(
	    setting_write(scene->store, "mask.operators", SPAN("on"), &err),
	    &err);
	app_person_read(scene->golden.app);
	contacts_open(scene->golden.app, list);
	golden_settle(&scene->golden);
	assert_true(golden_shows(&scene->golden, "us***@example.jp"));
	assert_false(golden_shows(&scene->golden, "user00001"));
	golden_keys(&scene->golden, "S");
	assert_true(golden_shows(&scene->golden, "masked for you"));
	golden_keys(&scene->golden, "Enter m");
	golden_type(&scene->golden, "why");
	golden_keys(&scene->golden, "Enter");
	assert_false(golden_shows(&scene->golden, "user00001"));
	golden_keys(&scene->golden, "m");
	golden_type(&scene->golden, "a call about a wrong mail");
	golden_keys(&scene->golden, "Enter");
	assert_true(golden_shows(&scene->golden, "user00001@example.jp"));
	assert_true(golden_shows(&scene->golden, "more second"));
	assert_int_equal(
	    scene_number(scene, "SELECT count(*) FROM audit WHERE what ="
				" 'personal.unmask' AND facts LIKE"
				" '%wrong mail%'"),
	    1);
	for (int i = 0; i < 61; i++)
		scene_wait(scene, 1000);
	assert_false(golden_shows(&scene->golden, "user00001"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(
		no_lists_say_what_to_do, scene_setup, scene_teardown),
	    cmocka_unit_test_setup_teardown(
		lists_are_made_renamed_deleted, scene_setup, scene_teardown),
	    cmocka_unit_test_setup_teardown(
		segments_stand_behind_their_list, scene_setup, scene_teardown),
	    cmocka_unit_test_setup_teardown(
		contacts_are_shown_and_moved_through, scene_setup,
		scene_teardown),
	    cmocka_unit_test_setup_teardown(
		pages_of_a_record_are_turned, scene_setup, scene_teardown),
	    cmocka_unit_test_setup_teardown(
		the_last_mail_is_told, scene_setup, scene_teardown),
	    cmocka_unit_test_setup_teardown(
		filter_waits_finds_and_is_undone, scene_setup, scene_teardown),
	    cmocka_unit_test_setup_teardown(
		stop_list_wants_a_reason, scene_setup, scene_teardown),
	    cmocka_unit_test_setup_teardown(
		hostile_bytes_stay_text, scene_setup, scene_teardown),
	    cmocka_unit_test_setup_teardown(masked_record_is_shown_for_a_reason,
		scene_setup, scene_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
