/* The files of a campaign, with keys on a real store and a real folder. */
#include <stdio.h>
#include <stdlib.h>

#include "core/attach/attach.h"
#include "core/base/file.h"
#include "tests/fake/scene.h"
#include "tests/fake/tempstore.h"
#include "tests/unit/unit.h"
#include "tui/screens/screens.h"

#define PNG "\x89PNG\r\n\x1a\n"

static char *folder;

static int
start(void **state)
{
	static struct scene scene;

	scene = (struct scene){.store = NULL};
	unsetenv("XDG_RUNTIME_DIR");
	scene_start(&scene);
	folder = tempdir_new();
	*state = &scene;
	return 0;
}

static int
end(void **state)
{
	tempdir_remove(&folder);
	scene_end(*state);
	return 0;
}

static void
make_file(const char *name, struct span bytes)
{
	struct err err = {.code = E_NONE};
	struct buf path = BUF_INIT;

	buf_printf(&path, "%s/%s", folder, name);
	assert_ok(file_replace(path.ptr, bytes, 0600, &err), &err);
	buf_done(&path);
}

static struct campaign_id
invoices(struct scene *scene)
{
	return scene_campaign(scene, "Invoices", scene_list(scene, "All", 3),
	    "Your invoice", "See the file.\n");
}

/* Answers "n" with so many steps down, and then a path in the folder. */
static void
attach(struct golden *golden, int down, const char *name)
{
	golden_keys(golden, "n");
	for (int i = 0; i < down; i++)
		golden_keys(golden, "Down");
	golden_keys(golden, "Enter");
	golden_type(golden, folder);
	golden_type(golden, name);
	golden_keys(golden, "Enter");
}

static void
a_file_and_an_image(void **state)
{
	struct scene *scene = *state;
	struct golden *golden = &scene->golden;

	make_file("terms.pdf", SPAN("%PDF-1.4\n"));
	make_file("logo.png", SPAN(PNG));
	make_file("run.exe", SPAN("MZ"));
	campaign_open(golden->app, invoices(scene));
	golden_settle(golden);
	golden_keys(golden, "a");
	golden_settle(golden);
	golden_check(golden, "attachments-empty");
	attach(golden, 0, "/run.exe");
	assert_true(golden_shows(golden, "run.exe must not be sent"));
	attach(golden, 0, "/terms.pdf");
	attach(golden, 1, "/logo.png");
	golden_settle(golden);
	golden_keys(golden, "G");
	golden_check(golden, "attachments");
	golden_keys(golden, "g D y");
	assert_true(golden_shows(golden, "Removed."));
	assert_int_equal(
	    scene_number(scene, "SELECT count(*) FROM attachment"), 1);
	assert_int_equal(scene_number(scene, "SELECT count(*) FROM blob"), 1);
}

static void
one_for_each(void **state)
{
	struct scene *scene = *state;
	struct golden *golden = &scene->golden;
	struct campaign_id campaign = invoices(scene);

	make_file("inv-user00001@example.jp.pdf", SPAN("%PDF-1.4\n1"));
	make_file("inv-nobody@example.jp.pdf", SPAN("%PDF-1.4\n2"));
	make_file("notes.txt", SPAN("x"));
	attachments_open(golden->app, campaign);
	golden_settle(golden);
	attach(golden, 2, "");
	golden_type(golden, "inv.pdf");
	golden_keys(golden, "Enter");
	assert_true(golden_shows(golden, "it has no field"));
	golden_keys(golden, "Esc");
	attach(golden, 2, "");
	golden_type(golden, "inv-{{address}}.pdf");
	golden_keys(golden, "Enter");
	golden_settle(golden);
	assert_true(golden_shows(golden, "do not fit the rule"));
	assert_false(golden_shows(golden, "of 3 recipients"));
	assert_false(golden_shows(golden, "number 2"));
	golden_check(golden, "attachments-each");
	golden_keys(golden, "Esc");
	scene_do(scene, "UPDATE campaign SET expected = 3");
	attachments_open(golden->app, campaign);
	golden_settle(golden);
	assert_true(golden_shows(golden, "1 of 3 recipients have a file."));
	golden_keys(golden, "w");
	golden_type(golden, "nobody@example.jp");
	golden_keys(golden, "Enter");
	golden_settle(golden);
	assert_true(golden_shows(golden, "not in the list"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(a_file_and_an_image, start, end),
	    cmocka_unit_test_setup_teardown(one_for_each, start, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
