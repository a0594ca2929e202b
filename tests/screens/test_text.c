/* The text editor's screen: find and replace, marked text, the mail beside the
 * text, versions, and other editors, on a real store. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/file.h"
#include "core/base/mem.h"
#include "tests/fake/scene.h"
#include "tests/unit/unit.h"
#include "tui/screens/external.h"
#include "tui/screens/screens.h"

/* A terminal whose programs do what the test says. */
struct fake_port {
	struct app_port base;
	struct span writes; /* into the file; ptr NULL: leaves it */
	int status;
	int runs;
	char path[300];
	bool private;
};

struct stand {
	struct scene scene;
	struct fake_port port;
};

static int
run(struct app_port *port, char *const argv[], int *status, struct err *err)
{
	struct fake_port *fake = (struct fake_port *)port;
	struct stat st;
	int last = 0;

	while (argv[last + 1])
		last++;
	snprintf(fake->path, sizeof fake->path, "%s", argv[last]);
	fake->private =
	    stat(argv[last], &st) == 0 && (st.st_mode & 0777) == 0600;
	fake->runs++;
	*status = fake->status;
	if (!fake->writes.ptr)
		return 0;
	return file_replace(argv[last], fake->writes, 0600, err);
}

static int
start(void **state)
{
	static struct stand stand;

	stand = (struct stand){.port.base.run = run};
	unsetenv("XDG_RUNTIME_DIR");
	scene_start_with(&stand.scene, &stand.port.base);
	*state = &stand;
	return 0;
}

static int
end(void **state)
{
	scene_end(*state);
	return 0;
}

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

static struct campaign_id
open_text(struct scene *scene)
{
	struct campaign_id id = news(scene);

	text_open(scene->golden.app, id, EDITOR_START);
	golden_settle(&scene->golden);
	scene_wait(scene, 1500);
	return id;
}

static const char *
top(struct scene *scene)
{
	return app_top(scene->golden.app)->ops->name;
}

static void
assert_shows(struct scene *scene, const char *text)
{
	char *screen;

	if (golden_shows(&scene->golden, text))
		return;
	screen = golden_text(&scene->golden, 24, 80);
	fail_msg("no \"%s\" in:\n%s", text, screen);
}

/* ---- Find and replace ----------------------------------------------------- */

static void
find_goes_round_and_counts(void **state)
{
	struct scene *scene = *state;
	struct golden *golden = &scene->golden;

	open_text(scene);
	golden_keys(golden, "^F");
	golden_type(golden, "会員番号");
	assert_shows(scene, "line 7, column 1 ");
	assert_shows(scene, "1 of 2");
	golden_keys(golden, "Enter");
	assert_shows(scene, "line 7, column 9 ");
	assert_shows(scene, "2 of 2");
	golden_check(golden, "text-find");
	golden_keys(golden, "Enter");
	assert_shows(scene, "Past the end");
	golden_keys(golden, "Up");
	assert_shows(scene, "2 of 2");
	golden_keys(golden, "^U");
	golden_type(golden, "ＣＡＭ");
	golden_keys(golden, "Enter");
	assert_shows(scene, "That is not in the text");
	golden_keys(golden, "^U");
	golden_type(golden, "ｷｬﾝﾍﾟｰﾝ");
	assert_shows(scene, "1 of 1");
	golden_keys(golden, "Esc");
	assert_string_equal(top(scene), "text");
	golden_type(golden, "!");
	assert_shows(scene, "冬の!キャンペーン");
}

static void
replaces_one_by_one(void **state)
{
	struct scene *scene = *state;
	struct golden *golden = &scene->golden;

	open_text(scene);
	golden_keys(golden, "^F");
	golden_type(golden, "会員");
	golden_keys(golden, "Tab");
	golden_type(golden, "お客様");
	golden_keys(golden, "Enter");
	assert_shows(scene, "Replace this one?");
	golden_check(golden, "text-replace");
	golden_keys(golden, "n");
	assert_shows(scene, "2 of 2");
	golden_keys(golden, "y");
	assert_shows(scene, "会員番号は {{お客様番号");
	assert_shows(scene, "Past the end");
	/* full-width letters answer too: the input method may be on */
	golden_type(golden, "ｙ");
	assert_shows(scene, "お客様番号は {{お客様番号");
	assert_shows(scene, "That was the last one.");
	golden_keys(golden, "^_ ^_");
	assert_shows(scene, "会員番号は {{会員番号");
}

static void
replaces_all_as_one_step(void **state)
{
	struct scene *scene = *state;
	struct golden *golden = &scene->golden;

	open_text(scene);
	golden_keys(golden, "^F");
	golden_type(golden, "会員");
	golden_keys(golden, "Tab");
	golden_type(golden, "x");
	golden_keys(golden, "Enter a");
	assert_shows(scene, "2 places were replaced");
	assert_shows(scene, "x番号は {{x番号");
	golden_keys(golden, "^_");
	assert_shows(scene, "会員番号は {{会員番号");
	assert_shows(scene, "saved");
}

/* ---- Marked text, lines --------------------------------------------------- */

static void
blocks_are_moved(void **state)
{
	struct scene *scene = *state;
	struct golden *golden = &scene->golden;

	open_text(scene);
	golden_keys(golden, "^B Down ^X");
	assert_false(golden_shows(golden, "# 11月"));
	golden_keys(golden, "C-End ^V");
	assert_shows(scene, "# 11月のお知らせ");
	golden_keys(golden, "^_ ^_");
	assert_shows(scene, "saved");
	golden_keys(golden, "M-g");
	golden_type(golden, "7");
	golden_keys(golden, "Enter");
	assert_shows(scene, "line 7, column 1 ");
	golden_keys(golden, ":");
	golden_keys(golden, "^_ ^O");
	golden_type(golden, "duplicate");
	golden_keys(golden, "Enter");
	assert_shows(scene, "line 8, column 1 ");
}

/* ---- Merge marks ---------------------------------------------------------- */

static void
sections_are_closed_by_the_menu(void **state)
{
	struct scene *scene = *state;
	struct golden *golden = &scene->golden;

	open_text(scene);
	golden_type(golden, "{{#会");
	assert_shows(scene, "Sections: shown");
	golden_keys(golden, "Enter");
	golden_type(golden, "x{{/");
	assert_shows(scene, "The section that is open");
	golden_check(golden, "text-section");
	golden_keys(golden, "Enter");
	assert_shows(scene, "{{#会員番号}}x{{/会員番号}}# 11月");
	golden_type(golden, "\\{{n");
	assert_false(golden_shows(golden, "Merge fields"));
}

/* ---- The mail beside the text --------------------------------------------- */

static bool
wide_shows(struct scene *scene, const char *text)
{
	char *screen = golden_text(&scene->golden, 40, 120);
	bool shows = strstr(screen, text) != NULL;

	free(screen);
	return shows;
}

static void
mail_stands_beside_the_text(void **state)
{
	struct scene *scene = *state;
	struct golden *golden = &scene->golden;

	open_text(scene);
	assert_true(wide_shows(scene, "山田 太郎1 様"));
	assert_true(wide_shows(scene, "REAL DATA"));
	assert_false(golden_shows(golden, "REAL DATA"));
	assert_true(wide_shows(scene, "1 of 25"));
	golden_keys(golden, "^R");
	golden_settle(golden);
	assert_true(wide_shows(scene, "2 of 25"));
	assert_true(wide_shows(scene, "山田 太郎2 様"));
	golden_keys(golden, "Down");
	golden_type(golden, "本日の一言");
	scene_wait(scene, 3000);
	assert_true(wide_shows(scene, "2 of 25"));
	assert_true(wide_shows(scene, "| 本日の一言"));
	golden_type(golden, "{{nope}}");
	scene_wait(scene, 3000);
	assert_true(wide_shows(scene, "There is no field called nope"));
	assert_true(wide_shows(scene, "Below: the mail before"));
	assert_true(wide_shows(scene, "| 本日の一言"));
	golden_keys(golden, "^_");
	scene_wait(scene, 3000);
	assert_false(wide_shows(scene, "Below: the mail before"));
	golden_keys(golden, "^P");
	assert_false(wide_shows(scene, "REAL DATA"));
	golden_keys(golden, "^P");
	assert_true(wide_shows(scene, "REAL DATA"));
	assert_string_equal(top(scene), "text");
}

/* A long text: the mail is scrolled to what the cursor is at. */
static void
mail_follows_the_cursor(void **state)
{
	struct scene *scene = *state;
	struct golden *golden = &scene->golden;
	struct buf body = BUF_INIT;
	struct campaign_id id;

	for (int i = 1; i <= 80; i++)
		buf_printf(&body, "第%d段落の本文です。\n\n", i);
	id = scene_campaign(
	    scene, "Long", scene_list(scene, "L", 3), "subject", body.ptr);
	text_open(golden->app, id, EDITOR_START);
	golden_settle(golden);
	scene_wait(scene, 1500);
	assert_false(wide_shows(scene, "| 第60段落"));
	golden_keys(golden, "M-g");
	golden_type(golden, "119");
	golden_keys(golden, "Enter");
	assert_true(wide_shows(scene, "第60段落の本文です。"));
	assert_true(wide_shows(scene, "| 第60段落の本文です。"));
	buf_done(&body);
}

/* ---- Versions ------------------------------------------------------------- */

static void
versions_are_compared_and_restored(void **state)
{
	struct scene *scene = *state;
	struct golden *golden = &scene->golden;
	struct campaign_id id = open_text(scene);

	golden_type(golden, "First ");
	golden_keys(golden, "^S");
	golden_type(golden, "second ");
	golden_keys(golden, "^S");
	golden_type(golden, "third ");
	golden_keys(golden, "^D");
	assert_string_equal(top(scene), "versions");
	golden_check(golden, "versions");
	golden_keys(golden, "j Enter");
	golden_settle(golden);
	assert_string_equal(top(scene), "changes");
	golden_check(golden, "changes-version");
	assert_shows(scene, "+ First second third # 11月");
	golden_keys(golden, "r");
	assert_string_equal(top(scene), "text");
	assert_shows(scene, "First # 11月");
	assert_shows(scene, "not saved");
	golden_keys(golden, "^_");
	assert_shows(scene, "First second third # 11月");
	golden_keys(golden, "^S Esc");
	campaign_open(golden->app, id);
	golden_settle(golden);
	golden_keys(golden, "h j j v");
	assert_string_equal(top(scene), "version");
	assert_shows(scene, "First # 11月");
	golden_keys(golden, "q r");
	assert_shows(scene, "is the text now");
	assert_int_equal(
	    scene_number(scene, "SELECT body LIKE 'First # %' FROM campaign"),
	    1);
	golden_keys(golden, "u");
	assert_int_equal(
	    scene_number(scene, "SELECT body LIKE 'First second third # %' FROM"
				" campaign"),
	    1);
}

static void
launched_versions_can_only_be_read(void **state)
{
	struct scene *scene = *state;
	struct golden *golden = &scene->golden;
	struct campaign_id id = open_text(scene);

	golden_type(golden, "x");
	golden_keys(golden, "^S Esc");
	scene_do(scene, "UPDATE campaign SET state = 3");
	campaign_open(golden->app, id);
	golden_settle(golden);
	golden_keys(golden, "h r");
	assert_shows(scene, "It was launched");
	golden_keys(golden, "Enter r");
	assert_shows(scene, "This is no version.");
	assert_int_equal(
	    scene_number(scene, "SELECT body LIKE 'x#%' FROM campaign"), 1);
}

static void
restoring_a_sealed_one_asks_first(void **state)
{
	struct scene *scene = *state;
	struct golden *golden = &scene->golden;
	struct campaign_id id = open_text(scene);

	golden_type(golden, "x");
	golden_keys(golden, "^S");
	golden_type(golden, "y");
	golden_keys(golden, "^S Esc");
	scene_do(scene, "UPDATE campaign SET state = 1");
	campaign_open(golden->app, id);
	golden_settle(golden);
	golden_keys(golden, "h j r");
	assert_shows(scene, "This campaign is sealed");
	golden_keys(golden, "Enter");
	assert_int_equal(
	    scene_number(scene, "SELECT body LIKE 'xy#%' AND state = 1"
				" FROM campaign"),
	    1);
	golden_keys(golden, "r y");
	assert_shows(scene, "is the text now");
	assert_int_equal(
	    scene_number(scene, "SELECT body LIKE 'x#%' AND state = 0"
				" FROM campaign"),
	    1);
}

/* ---- Other editors -------------------------------------------------------- */

static void
assert_gone(struct stand *stand)
{
	assert_int_equal(access(stand->port.path, F_OK), -1);
}

static void
other_editor_changes_the_text(void **state)
{
	struct stand *stand = *state;
	struct scene *scene = *state;
	struct golden *golden = &scene->golden;

	open_text(scene);
	stand->port.writes = SPAN("# 12月のお知らせ\r\n\n{{name|お客}} 様\n");
	golden_keys(golden, "^E");
	assert_true(stand->port.private);
	assert_gone(stand);
	golden_settle(golden);
	assert_string_equal(top(scene), "changes");
	golden_check(golden, "changes-taken");
	golden_keys(golden, "Enter");
	assert_shows(scene, "12月のお知らせ");
	/* kept at once: the file is gone */
	assert_int_equal(
	    scene_number(scene, "SELECT count(*) FROM draft_unsaved"
				" WHERE body LIKE '# 12月%'"),
	    1);
	golden_keys(golden, "^_");
	assert_shows(scene, "11月のお知らせ");
	golden_keys(golden, "^E");
	golden_settle(golden);
	golden_keys(golden, "u");
	assert_string_equal(top(scene), "text");
	assert_shows(scene, "The text is as it was before.");
	assert_shows(scene, "11月のお知らせ");
	stand->port.writes = (struct span){NULL, 0};
	golden_keys(golden, "^E");
	assert_shows(scene, "came back unchanged");
	assert_gone(stand);
}

static void
failed_editor_loses_nothing(void **state)
{
	struct stand *stand = *state;
	struct scene *scene = *state;
	struct golden *golden = &scene->golden;

	open_text(scene);
	/* it ends with an error, but had written something */
	stand->port.writes = SPAN("half a text");
	stand->port.status = 256;
	golden_keys(golden, "^E");
	assert_shows(scene, "From your editor");
	assert_int_equal(access(stand->port.path, F_OK), 0);
	golden_keys(golden, "Esc");
	assert_shows(scene, "The text stays as it was before.");
	assert_shows(scene, "11月のお知らせ");
	assert_gone(stand);
	golden_keys(golden, "^E t");
	golden_settle(golden);
	golden_keys(golden, "Enter");
	assert_shows(scene, "half a text");
	assert_gone(stand);
	/* killed without having written */
	stand->port.writes = (struct span){NULL, 0};
	stand->port.status = 9;
	golden_keys(golden, "^E");
	assert_shows(scene, "failed (status 137");
	assert_shows(scene, "half a text");
	assert_gone(stand);
}

static void
bad_text_is_asked_about(void **state)
{
	struct stand *stand = *state;
	struct scene *scene = *state;
	struct golden *golden = &scene->golden;
	char *large = mem_new(EXTERNAL_MAX + 1);

	open_text(scene);
	stand->port.writes = SPAN("good\ncaf\xe9\n");
	golden_keys(golden, "^E");
	assert_shows(scene, "Line 2 of what came back");
	/* again, and this time it is right */
	stand->port.writes = SPAN("café\n");
	golden_keys(golden, "e");
	golden_settle(golden);
	assert_int_equal(stand->port.runs, 2);
	assert_string_equal(top(scene), "changes");
	golden_keys(golden, "Enter");
	assert_shows(scene, "café");
	stand->port.writes = SPAN("caf\xe9\n");
	golden_keys(golden, "^E t");
	golden_settle(golden);
	golden_keys(golden, "Enter");
	assert_shows(scene, "caf\xef\xbf\xbd");
	memset(large, 'a', EXTERNAL_MAX + 1);
	stand->port.writes = span_make(large, EXTERNAL_MAX + 1);
	golden_keys(golden, "^E");
	assert_shows(scene, "is larger than");
	assert_int_equal(access(stand->port.path, F_OK), 0);
	stand->port.writes = SPAN("short");
	golden_keys(golden, "e");
	golden_settle(golden);
	golden_keys(golden, "Enter");
	assert_shows(scene, "short");
	assert_gone(stand);
	free(large);
}

static void
other_editors_can_be_forbidden(void **state)
{
	struct stand *stand = *state;
	struct scene *scene = *state;
	struct golden *golden = &scene->golden;
	struct err err = {.code = E_NONE};

	assert_ok(
	    setting_write(scene->store, "editor.external", SPAN("off"), &err),
	    &err);
	open_text(scene);
	golden_keys(golden, "^E");
	assert_shows(scene, "Setup forbids other editors.");
	assert_int_equal(stand->port.runs, 0);
}

static void
needs_a_folder_in_memory(void **state)
{
	struct scene *scene = *state;
	struct external_places nowhere = {.dir = {"/proc", "relative"}};
	struct external_places places;
	struct external *external = NULL;
	struct err err = {.code = E_NONE};

	assert_true(external_is_memory("/dev/shm"));
	assert_false(external_is_memory("/proc"));
	assert_false(external_is_memory("/no/such/folder"));
	assert_int_equal(
	    external_begin(&nowhere, scene->store, (struct campaign_id){1},
		SPAN("x"), &external, &err),
	    -1);
	assert_int_equal(err.code, E_EDITOR_MEMORY);
	assert_null(external);
	external_places(&places);
	assert_string_equal(places.dir[1], "/dev/shm");
}

/* A program that died: its folder, with the note unlocked. */
static void
leave_behind(struct scene *scene, struct campaign_id id, const char *before,
    const char *now, char folder[64])
{
	struct external_places places = {.dir = {"/dev/shm"}};
	struct external *external = NULL;
	struct err err = {.code = E_NONE};
	struct buf path = BUF_INIT, note = BUF_INIT, copy = BUF_INIT;

	assert_ok(external_begin(&places, scene->store, id, span_of(before),
		      &external, &err),
	    &err);
	/* the same as a copy, since ending it removes the original */
	buf_printf(&path, "%s/note", external_folder(external));
	assert_ok(file_read(path.ptr, 10000, &note, &err), &err);
	external_end(&external);
	snprintf(folder, 64, "/dev/shm/sekisho-edit-test%d", (int)getpid());
	assert_int_equal(mkdir(folder, 0700), 0);
	buf_printf(&copy, "%s/note", folder);
	assert_ok(file_replace(copy.ptr, buf_span(&note), 0600, &err), &err);
	buf_clear(&copy);
	buf_printf(&copy, "%s/text.md", folder);
	assert_ok(file_replace(copy.ptr, span_of(now), 0600, &err), &err);
	buf_done(&path);
	buf_done(&note);
	buf_done(&copy);
}

static void
a_crash_during_another_editor_loses_nothing(void **state)
{
	struct scene *scene = *state;
	struct external_places places = {.dir = {"/dev/shm"}};
	struct campaign_id id = news(scene);
	char folder[64], note[80];
	int fd;

	leave_behind(scene, id, letter, "written elsewhere\n", folder);
	/* while its program lives it is left alone */
	snprintf(note, sizeof note, "%s/note", folder);
	fd = open(note, O_RDONLY | O_CLOEXEC);
	assert_int_equal(flock(fd, LOCK_EX | LOCK_NB), 0);
	assert_int_equal(external_sweep(&places, scene->store), 0);
	assert_int_equal(access(folder, F_OK), 0);
	close(fd);
	assert_int_equal(external_sweep(&places, scene->store), 1);
	assert_int_equal(access(folder, F_OK), -1);
	assert_int_equal(
	    scene_number(scene, "SELECT count(*) FROM draft_unsaved"
				" WHERE body = 'written elsewhere\n'"),
	    1);
	/* nothing was written: nothing is kept, all is wiped */
	scene_do(scene, "DELETE FROM draft_unsaved");
	leave_behind(scene, id, letter, letter, folder);
	assert_int_equal(external_sweep(&places, scene->store), 0);
	assert_int_equal(access(folder, F_OK), -1);
	assert_int_equal(
	    scene_number(scene, "SELECT count(*) FROM draft_unsaved"), 0);
}

/* Editors keep backups in folders of their own beside the text. */
static void
folders_of_the_editor_go_too(void **state)
{
	struct scene *scene = *state;
	struct external_places places = {.dir = {"/dev/shm"}};
	struct external *external = NULL;
	struct err err = {.code = E_NONE};
	char folder[64], path[96];

	assert_ok(external_begin(&places, scene->store, news(scene), SPAN("x"),
		      &external, &err),
	    &err);
	snprintf(folder, sizeof folder, "%s", external_folder(external));
	snprintf(path, sizeof path, "%s/backup", folder);
	assert_int_equal(mkdir(path, 0700), 0);
	snprintf(path, sizeof path, "%s/backup/text.md~", folder);
	assert_ok(file_replace(path, SPAN("x"), 0600, &err), &err);
	snprintf(path, sizeof path, "%s/server", folder);
	assert_int_equal(mkfifo(path, 0600), 0);
	external_end(&external);
	assert_int_equal(access(folder, F_OK), -1);
}

/* ---- Kept text ------------------------------------------------------------ */

static void
undoing_everything_keeps_nothing(void **state)
{
	struct scene *scene = *state;
	struct golden *golden = &scene->golden;

	open_text(scene);
	golden_type(golden, "x");
	scene_wait(scene, 1500);
	assert_int_equal(
	    scene_number(scene, "SELECT count(*) FROM draft_unsaved"), 1);
	golden_keys(golden, "^_");
	scene_wait(scene, 1500);
	assert_int_equal(
	    scene_number(scene, "SELECT count(*) FROM draft_unsaved"), 0);
	golden_keys(golden, "Esc");
	assert_null(app_top(golden->app));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(find_goes_round_and_counts),
	    TEST(replaces_one_by_one),
	    TEST(replaces_all_as_one_step),
	    TEST(blocks_are_moved),
	    TEST(sections_are_closed_by_the_menu),
	    TEST(mail_stands_beside_the_text),
	    TEST(mail_follows_the_cursor),
	    TEST(versions_are_compared_and_restored),
	    TEST(launched_versions_can_only_be_read),
	    TEST(restoring_a_sealed_one_asks_first),
	    TEST(other_editor_changes_the_text),
	    TEST(failed_editor_loses_nothing),
	    TEST(bad_text_is_asked_about),
	    TEST(other_editors_can_be_forbidden),
	    TEST(needs_a_folder_in_memory),
	    TEST(a_crash_during_another_editor_loses_nothing),
	    TEST(folders_of_the_editor_go_too),
	    TEST(undoing_everything_keeps_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
