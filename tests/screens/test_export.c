/* Exports with keys on a real store: the form, what CP932 loses, writing alone,
 * the second person, what was written. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/file.h"
#include "core/base/mem.h"
#include "tests/fake/scene.h"
#include "tests/fake/tempstore.h"
#include "tests/unit/unit.h"
#include "tui/screens/export.h"
#include "tui/screens/screens.h"

enum { MANY = 1200, FEW = 12 };

#define REASON "printing labels for the autumn fair"

static int
start(void **state)
{
	struct scene *scene;
	struct err err = {0};

	setenv("HOME", "/home/hanako", 1);
	scene_setup(state);
	scene = *state;
	assert_ok(setting_write(scene->store, "export.over", SPAN("500"), &err),
	    &err);
	return 0;
}

static const char *
top(struct scene *scene)
{
	return app_top(scene->golden.app)->ops->name;
}

/* From the lists to the form of the first one. */
static void
open_form(struct scene *scene, const char *name, int members)
{
	scene_list(scene, name, members);
	lists_open(scene->golden.app);
	golden_settle(&scene->golden);
	golden_keys(&scene->golden, "O");
	golden_settle(&scene->golden);
	assert_string_equal(top(scene), "export");
}

/* In the form: another file, in the scene's folder, and a reason.  The caller
 * frees the path. */
static char *
fill_in(struct scene *scene, const char *name)
{
	struct buf path = BUF_INIT;

	buf_printf(&path, "%s/%s", scene->dir, name);
	golden_keys(&scene->golden, "Tab Tab ^U");
	golden_type(&scene->golden, path.ptr);
	golden_keys(&scene->golden, "Tab");
	golden_type(&scene->golden, REASON);
	return path.ptr;
}

/* ---- The form ----------------------------------------------------------------- */

static void
the_form_counts_and_explains(void **state)
{
	struct scene *scene = *state;
	struct golden *golden = &scene->golden;

	open_form(scene, "Newsletter", MANY);
	golden_check(golden, "export");
	golden_keys(golden, "^N");
	assert_true(golden_shows(golden, "X "));
	assert_string_equal(top(scene), "export");
	golden_keys(golden, "Tab Right");
	assert_true(golden_shows(golden, "for who has a certificate"));
	golden_check(golden, "export-certificate");
	golden_keys(golden, "Esc");
	assert_string_equal(top(scene), "lists");
}

static void
columns_are_chosen(void **state)
{
	struct scene *scene = *state;
	struct golden *golden = &scene->golden;

	open_form(scene, "Newsletter", FEW);
	golden_keys(golden, "Enter");
	golden_settle(golden);
	golden_check(golden, "export-columns");
	golden_keys(golden, "Space");
	assert_true(
	    golden_shows(golden, "Address and status are in every file."));
	golden_keys(golden, "j j j Space j Space q");
	golden_settle(golden);
	assert_true(golden_shows(golden, "address, status, name, fields"));
	assert_false(golden_shows(golden, "evidence"));
}

/* Plain text is offered where policy allows it, and only there. */
static void
policy_decides_what_is_offered(void **state)
{
	struct scene *scene = *state;
	struct golden *golden = &scene->golden;
	struct err err = {0};

	open_form(scene, "Newsletter", FEW);
	golden_keys(golden, "Tab Tab Tab Tab Left");
	assert_false(golden_shows(golden, "none: plain text"));
	golden_keys(golden, "Esc");
	assert_ok(setting_write(scene->store, "export.plain", SPAN("on"), &err),
	    &err);
	golden_keys(golden, "O Tab Tab Tab Tab Left");
	assert_true(golden_shows(golden, "none: plain text"));
	golden_keys(golden, "Esc");
	assert_ok(
	    setting_write(scene->store, "export.allowed", SPAN("off"), &err),
	    &err);
	golden_keys(golden, "O");
	assert_string_equal(top(scene), "lists");
	assert_true(golden_shows(golden, "allow no export"));
}

/* ---- Written alone -------------------------------------------------------------- */

static void
few_are_written_alone(void **state)
{
	struct scene *scene = *state;
	struct golden *golden = &scene->golden;
	char *path;

	open_form(scene, "Newsletter", FEW);
	path = fill_in(scene, "a.csv.cms");
	golden_keys(golden, "^N");
	golden_settle(golden);
	assert_true(golden_shows(golden, "Write the export"));
	golden_type(golden, "11");
	golden_keys(golden, "Enter");
	assert_int_not_equal(access(path, F_OK), 0);
	golden_keys(golden, "^U");
	golden_type(golden, "12");
	golden_keys(golden, "Enter");
	golden_settle(golden);
	assert_string_equal(top(scene), "export-made");
	assert_int_equal(access(path, F_OK), 0);
	/* Leaving asks for what cannot be shown again. */
	golden_keys(golden, "q");
	assert_true(golden_shows(golden, "Is it noted?"));
	golden_keys(golden, "Enter");
	assert_string_equal(top(scene), "export-made");
	golden_keys(golden, "q y");
	assert_string_equal(top(scene), "lists");
	/* The same name again is refused, under its field. */
	golden_keys(golden, "O");
	golden_settle(golden);
	free(fill_in(scene, "a.csv.cms"));
	golden_keys(golden, "^N");
	golden_settle(golden);
	assert_true(golden_shows(golden, "is there already"));
	assert_string_equal(top(scene), "export");
	free(path);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(
		the_form_counts_and_explains, start, scene_teardown),
	    cmocka_unit_test_setup_teardown(
		columns_are_chosen, start, scene_teardown),
	    cmocka_unit_test_setup_teardown(
		policy_decides_what_is_offered, start, scene_teardown),
	    cmocka_unit_test_setup_teardown(
		few_are_written_alone, start, scene_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
