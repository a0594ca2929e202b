/* The import wizard with keys only: the sample list, encodings, hostile files,
 * stopping, and what is stored at the end. */
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "tests/fake/clock.h"
#include "tests/fake/scene.h"
#include "tests/unit/unit.h"
#include "tui/screens/import_path.h"
#include "tui/screens/screens.h"

#define SAMPLE "tui/demo/contacts.csv"

enum { WAIT_MS = 60000, MANY = 20000 };

static void
open_wizard(struct scene *scene, struct list_id list)
{
	import_screen_open(scene->golden.app, list);
	golden_settle(&scene->golden);
}

/* From the first step to the dry run, for a new list. */
static void
to_check(struct scene *scene, const char *path)
{
	struct golden *golden = &scene->golden;

	open_wizard(scene, (struct list_id){0});
	golden_type(golden, path);
	golden_keys(golden, "Enter Enter Enter");
	golden_type(golden, "会員");
	golden_keys(golden, "Enter ^N Space Enter Enter");
	golden_type(golden, "申込書 2026");
	golden_keys(golden, "Enter Enter");
}

static void
sample_is_imported_with_keys_alone(void **state)
{
	struct scene *scene = *state;
	struct golden *golden = &scene->golden;

	open_wizard(scene, (struct list_id){0});
	golden_check(golden, "import-file");
	golden_type(golden, SAMPLE);
	golden_keys(golden, "Enter Enter Enter");
	golden_type(golden, "会員");
	golden_keys(golden, "Enter");
	assert_true(golden_shows(golden, "Encoding: CP932"));
	assert_true(golden_shows(golden, "{{会員番号}}"));
	golden_check(golden, "import-columns");
	golden_keys(golden, "^N");
	golden_check(golden, "import-basis");
	golden_keys(golden, "Space Enter");
	golden_type(golden, "2026-04-01");
	golden_keys(golden, "Enter ^N");
	assert_true(golden_shows(golden, "Say how they agreed"));
	golden_type(golden, "申込書 2026");
	golden_keys(golden, "Enter Enter");
	assert_true(golden_shows(golden, "nothing is stored yet"));
	golden_check(golden, "import-check");
	assert_int_equal(scene_number(scene, "SELECT count(*) FROM list"), 0);
	assert_int_equal(
	    scene_number(scene, "SELECT count(*) FROM contact"), 0);
	golden_keys(golden, "^N");
	scene_wait(scene, 3000);
	golden_keys(golden, "^L");
	golden_check(golden, "import-result");
	assert_int_equal(
	    scene_number(scene, "SELECT count(*) FROM member m JOIN list l ON"
				" l.id = m.list WHERE l.name = '会員' AND"
				" m.basis = 1 AND m.basis_at_ms > 0"),
	    293);
	golden_keys(golden, "Enter");
	golden_check(golden, "import-rows");
	golden_keys(golden, "q l");
	assert_string_equal(app_top(golden->app)->ops->name, "contacts");
	golden_settle(golden);
	assert_true(golden_shows(golden, "of 293"));
}

static void
encoding_can_be_switched(void **state)
{
	struct scene *scene = *state;
	struct golden *golden = &scene->golden;
	char *path = scene_file(scene, "a.csv",
	    SPAN("メール,氏名\na@example.jp,山田\nb@example.jp,佐藤\n"));

	open_wizard(scene, scene_list(scene, "L", 1));
	golden_type(golden, path);
	golden_keys(golden, "^N");
	assert_true(golden_shows(golden, "Encoding: UTF-8"));
	/* read as something that it is not, and back */
	golden_keys(golden, "c Right Right Right Right ^N");
	assert_true(golden_shows(golden, "X "));
	golden_keys(golden, "c Left Left Left Left ^N");
	assert_true(golden_shows(golden, "Encoding: UTF-8"));
	assert_true(golden_shows(golden, "山田"));
	free(path);
}

static void
targets_are_chosen(void **state)
{
	struct scene *scene = *state;
	struct golden *golden = &scene->golden;
	char *path = scene_file(scene, "a.csv",
	    SPAN("x,y,z\nfoo,a@example.jp,1\nbar,b@example.jp,2\n"));

	open_wizard(scene, scene_list(scene, "L", 0));
	golden_type(golden, path);
	golden_keys(golden, "^N");
	/* Nothing is the address until somebody says so. */
	golden_keys(golden, "g Enter g Enter j Enter g Enter j j Enter g "
			    "Enter ^N");
	assert_true(golden_shows(golden, "One column must be the address"));
	golden_keys(golden, "g j Enter g j Enter g Enter g j j j Enter ^U");
	golden_type(golden, "a{b");
	golden_keys(golden, "Enter");
	assert_true(golden_shows(golden, "cannot be in it"));
	golden_keys(golden, "^U");
	golden_type(golden, "color");
	golden_keys(golden, "Enter");
	assert_true(golden_shows(golden, "field {{color}}"));
	golden_keys(golden, "^N ^N ^N");
	assert_int_equal(
	    scene_number(scene, "SELECT count(*) FROM contact WHERE"
				" fields = '{\"color\":\"foo\"}'"),
	    1);
	free(path);
}

static void
faults_are_told(void **state)
{
	struct scene *scene = *state;
	struct golden *golden = &scene->golden;
	char *broken = scene_file(scene, "b.csv",
	    SPAN("mail,name\na@example.jp,x\nb@example.jp,\"open\nc,d\n"));
	char *rows = scene_file(scene, "c.csv",
	    SPAN("mail,name\na@example.jp,x\nno address,y\n"
		 "a@example.jp,x\nb@example.jp,z,1\n"));

	open_wizard(scene, (struct list_id){0});
	golden_keys(golden, "^N");
	assert_true(golden_shows(golden, "Type the name of a CSV file"));
	golden_type(golden, "/does/not/exist.csv");
	golden_keys(golden, "^N");
	assert_true(golden_shows(golden, "list needs a name"));
	golden_type(golden, "L");
	golden_keys(golden, "^N");
	assert_true(golden_shows(golden, "/does/not/exist.csv cannot be"));
	golden_keys(golden, "q ^G");
	app_pop(golden->app, app_top(golden->app));
	to_check(scene, broken);
	assert_true(golden_shows(golden, "3"));
	assert_int_equal(scene_number(scene, "SELECT count(*) FROM list"), 0);
	app_pop(golden->app, app_top(golden->app));
	to_check(scene, rows);
	golden_check(golden, "import-rejects");
	free(broken);
	free(rows);
}

static void
hostile_cells_stay_text(void **state)
{
	struct scene *scene = *state;
	struct golden *golden = &scene->golden;
	char *path = scene_file(scene, "h.csv",
	    SPAN("mail,\x1b]0;owned\x07,\xe2\x80\xaexyz\n"
		 "a@example.jp,\x1b[2J,\xc2\x9b"
		 "31m\n"));
	char *text;

	open_wizard(scene, scene_list(scene, "L", 0));
	golden_type(golden, path);
	golden_keys(golden, "^N");
	text = golden_text(golden, 24, 80);
	assert_non_null(strstr(text, "^[]0;owned"));
	assert_null(strchr(text, 27));
	assert_null(strchr(text, 7));
	assert_null(strstr(text, "\xc2\x9b"));
	assert_null(strstr(text, "\xe2\x80\xae"));
	free(text);
	golden_keys(golden, "^N ^N");
	text = golden_text(golden, 24, 80);
	assert_null(strchr(text, 27));
	free(text);
	free(path);
}

static void
steps_can_be_gone_back(void **state)
{
	struct scene *scene = *state;
	struct golden *golden = &scene->golden;

	to_check(scene, SAMPLE);
	golden_keys(golden, "q");
	assert_true(golden_shows(golden, "What the file does"));
	golden_keys(golden, "Esc 1");
	assert_true(golden_shows(golden, "Which file"));
	golden_keys(golden, "^N ^N ^N ^N");
	assert_int_equal(
	    scene_number(scene, "SELECT count(*) FROM contact"), 293);
}

/* Whichever is first, the end or the key: all of it or nothing. */
static void
stopping_stores_nothing(void **state)
{
	struct scene *scene = *state;
	struct golden *golden = &scene->golden;
	struct key next, cancel;

	to_check(scene, SAMPLE);
	assert_true(key_of(SPAN("^N"), &next));
	assert_true(key_of(SPAN("^C"), &cancel));
	app_key(golden->app, &next);
	app_key(golden->app, &cancel);
	golden_settle(golden);
	if (scene_number(scene, "SELECT count(*) FROM member") == 0)
		assert_int_equal(
		    scene_number(scene, "SELECT count(*) FROM list"), 0);
	else
		assert_true(golden_shows(golden, "Stored:"));
}

/* A job that nobody waits for is not waited for by the golden either. */
static void
wait_stored(struct golden *golden)
{
	struct pollfd news = {
	    .fd = app_event_fd(golden->app), .events = POLLIN};

	while (import_goes_on(golden->app)) {
		assert_int_equal(poll(&news, 1, WAIT_MS), 1);
		app_events(golden->app);
	}
}

/* Starts the storing and leaves the wizard, before its end can be heard. */
static struct screen *
store_and_leave(struct scene *scene, const char *path)
{
	struct golden *golden = &scene->golden;
	struct screen *wizard;
	struct key next, leave;

	lists_open(golden->app);
	golden_settle(golden);
	to_check(scene, path);
	wizard = app_top(golden->app);
	assert_true(key_of(SPAN("^N"), &next));
	assert_true(key_of(SPAN("q"), &leave));
	app_key(golden->app, &next);
	assert_true(import_goes_on(golden->app));
	app_key(golden->app, &leave);
	assert_string_equal(app_top(golden->app)->ops->name, "lists");
	assert_true(app_is_kept(golden->app, wizard));
	return wizard;
}

static void
it_goes_on_when_it_is_left(void **state)
{
	struct scene *scene = *state;
	struct golden *golden = &scene->golden;
	struct screen *wizard = store_and_leave(scene, SAMPLE);
	struct buf status = BUF_INIT;

	import_add_status(golden->app, &status);
	assert_true(span_starts(buf_span(&status), SPAN("storing ")));
	buf_done(&status);
	wait_stored(golden);
	assert_true(golden_shows(golden, "contacts.csv is done: 293 new"));
	assert_int_equal(
	    scene_number(scene, "SELECT count(*) FROM member"), 293);
	/* found again once, with its result; then there is a new one */
	golden_keys(golden, "i");
	assert_ptr_equal(app_top(golden->app), wizard);
	assert_true(golden_shows(golden, "Stored:"));
	golden_keys(golden, "q i");
	assert_true(golden_shows(golden, "Which file"));
}

static void
it_is_found_again_while_it_runs(void **state)
{
	struct scene *scene = *state;
	struct golden *golden = &scene->golden;
	struct screen *wizard = store_and_leave(scene, SAMPLE);
	struct key again;

	assert_true(key_of(SPAN("i"), &again));
	app_key(golden->app, &again);
	assert_ptr_equal(app_top(golden->app), wizard);
	assert_true(import_goes_on(golden->app));
	wait_stored(golden);
	assert_true(golden_shows(golden, "Stored:"));
}

static void
draw_nothing(struct screen *screen, struct area body)
{
	(void)screen;
	(void)body;
}

static void
close_nothing(struct screen *screen)
{
	free(screen);
}

static struct screen *
lock_stand_in(void)
{
	static const struct screen_ops ops = {
	    .name = "lock",
	    .shape = SCREEN_SIGN_IN,
	    .draw = draw_nothing,
	    .close = close_nothing,
	};
	struct screen *screen = mem_new(sizeof *screen);

	screen->ops = &ops;
	return screen;
}

/* What is said while the screen is locked waits for who unlocks it. */
static void
its_end_is_said_behind_a_lock(void **state)
{
	struct scene *scene = *state;
	struct golden *golden = &scene->golden;
	struct key other;

	store_and_leave(scene, SAMPLE);
	app_lock(golden->app, lock_stand_in());
	wait_stored(golden);
	assert_false(golden_shows(golden, "is done"));
	fake_clock_move(&golden->clock, 60000);
	assert_true(key_of(SPAN("z"), &other));
	app_key(golden->app, &other);
	app_unlock(golden->app);
	assert_true(golden_shows(golden, "contacts.csv is done"));
}

/* Somebody else has made a list of that name meanwhile. */
static void
a_failure_is_said_wherever_one_is(void **state)
{
	struct scene *scene = *state;
	struct golden *golden = &scene->golden;
	char *path = scene_file(scene, "gone.csv",
	    SPAN("mail,name\na@example.jp,x\nb@example.jp,y\n"));
	struct key next, leave;
	struct list_id list;
	struct err err = {0};

	lists_open(golden->app);
	golden_settle(golden);
	to_check(scene, path);
	assert_ok(list_create(scene->store, SPAN("会員"), &list, &err), &err);
	assert_true(key_of(SPAN("^N"), &next));
	assert_true(key_of(SPAN("q"), &leave));
	app_key(golden->app, &next);
	app_key(golden->app, &leave);
	wait_stored(golden);
	assert_true(golden_shows(golden, "Nothing of gone.csv was stored"));
	assert_int_equal(scene_number(scene, "SELECT count(*) FROM member"), 0);
	golden_keys(golden, "i");
	assert_true(golden_shows(golden, "Choose another name"));
	free(path);
}

/* The program ends in the middle: nothing is stored, and nobody waits for the
 * end of the file. */
static void
the_end_of_the_program_stores_nothing(void **state)
{
	struct scene *scene = *state;
	struct buf rows = BUF_INIT;
	char *path;

	buf_text(&rows, "mail,name\n");
	for (int i = 0; i < MANY; i++)
		buf_printf(&rows, "user%d@example.jp,name %d\n", i, i);
	path = scene_file(scene, "many.csv", buf_span(&rows));
	store_and_leave(scene, path);
	scene_restart(scene);
	if (scene_number(scene, "SELECT count(*) FROM list") > 0)
		assert_int_equal(
		    scene_number(scene, "SELECT count(*) FROM member"), MANY);
	buf_done(&rows);
	free(path);
}

static void
paths_are_completed(void **state)
{
	struct scene *scene = *state;
	struct golden *golden = &scene->golden;
	char *path = scene_file(scene, "customers-2026.csv", SPAN("x"));
	struct buf out = BUF_INIT, typed = BUF_INIT;

	setenv("HOME", scene->dir, 1);
	path_expand(SPAN(" '~/a b.csv' "), &out);
	assert_true(span_ends(buf_span(&out), SPAN("/a b.csv")));
	assert_true(span_starts(buf_span(&out), span_of(scene->dir)));
	buf_clear(&out);
	assert_int_equal(path_complete(SPAN("~/cust"), &out), 1);
	assert_span_equal(buf_span(&out), "~/customers-2026.csv");
	buf_clear(&out);
	assert_int_equal(path_complete(SPAN("/nowhere/at/all/x"), &out), 0);
	open_wizard(scene, (struct list_id){0});
	buf_printf(&typed, "%s/cu", scene->dir);
	golden_type(golden, typed.ptr);
	golden_keys(golden, "Tab");
	assert_true(golden_shows(golden, "customers-2026.csv"));
	buf_done(&typed);
	buf_done(&out);
	free(path);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(sample_is_imported_with_keys_alone,
		scene_setup, scene_teardown),
	    cmocka_unit_test_setup_teardown(
		encoding_can_be_switched, scene_setup, scene_teardown),
	    cmocka_unit_test_setup_teardown(
		targets_are_chosen, scene_setup, scene_teardown),
	    cmocka_unit_test_setup_teardown(
		faults_are_told, scene_setup, scene_teardown),
	    cmocka_unit_test_setup_teardown(
		hostile_cells_stay_text, scene_setup, scene_teardown),
	    cmocka_unit_test_setup_teardown(
		steps_can_be_gone_back, scene_setup, scene_teardown),
	    cmocka_unit_test_setup_teardown(
		stopping_stores_nothing, scene_setup, scene_teardown),
	    cmocka_unit_test_setup_teardown(
		it_goes_on_when_it_is_left, scene_setup, scene_teardown),
	    cmocka_unit_test_setup_teardown(
		it_is_found_again_while_it_runs, scene_setup, scene_teardown),
	    cmocka_unit_test_setup_teardown(
		its_end_is_said_behind_a_lock, scene_setup, scene_teardown),
	    cmocka_unit_test_setup_teardown(
		a_failure_is_said_wherever_one_is, scene_setup, scene_teardown),
	    cmocka_unit_test_setup_teardown(
		the_end_of_the_program_stores_nothing, scene_setup,
		scene_teardown),
	    cmocka_unit_test_setup_teardown(
		paths_are_completed, scene_setup, scene_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
