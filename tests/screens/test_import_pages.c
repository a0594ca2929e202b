/* The pages beside the import wizard's steps: repairs, values, formats,
 * archives, encodings, exports, guards, rejects, and taking an import back. */
#include <stdlib.h>
#include <unistd.h>

#include "core/base/file.h"
#include "tests/fake/scene.h"
#include "tests/fake/zipfile.h"
#include "tests/unit/unit.h"
#include "tui/screens/screens.h"

/* The wizard at its second step, for a new list of this name. */
static void
to_columns(struct scene *scene, const char *path, const char *list)
{
	struct golden *golden = &scene->golden;

	import_screen_open(golden->app, (struct list_id){0});
	golden_settle(golden);
	golden_type(golden, path);
	golden_keys(golden, "Enter Enter End Enter");
	golden_type(golden, list);
	golden_keys(golden, "Enter");
}

static int64_t
members(struct scene *scene)
{
	return scene_number(scene, "SELECT count(*) FROM member");
}

static void
repairs_are_accepted_one_by_one(void **state)
{
	struct scene *scene = *state;
	struct golden *golden = &scene->golden;
	char *path = scene_file(scene, "r.csv",
	    SPAN("mail,name\nａ＠example.jp,山田\n"
		 "mailto:b@example.jp,佐藤\nc@gmial.com,鈴木\n"));

	to_columns(scene, path, "L");
	golden_keys(golden, "^N ^N");
	assert_true(golden_shows(golden, "would save (r): 2"));
	golden_keys(golden, "r");
	golden_check(golden, "import-offers");
	golden_keys(golden, "Space G Enter");
	assert_true(golden_shows(golden, "[x]"));
	golden_keys(golden, "q");
	assert_true(golden_shows(golden, "would save (r): 1"));
	golden_keys(golden, "^N");
	assert_true(golden_shows(golden, "Stored:"));
	assert_int_equal(members(scene), 2);
	assert_int_equal(
	    scene_number(scene, "SELECT count(*) FROM contact WHERE canon IN"
				" ('a@example.jp', 'c@gmail.com')"),
	    2);
	free(path);
}

static void
values_have_a_meaning(void **state)
{
	struct scene *scene = *state;
	struct golden *golden = &scene->golden;
	char *path = scene_file(scene, "v.csv",
	    SPAN("メール,配信可否\na@example.jp,○\nb@example.jp,×\n"
		 "c@example.jp,様子見\n"));

	to_columns(scene, path, "L");
	golden_keys(golden, "G v");
	golden_check(golden, "import-values");
	/* what nobody understands means no, until somebody says what it is */
	golden_keys(golden, "G Enter g j Enter q ^N ^N ^N");
	assert_int_equal(members(scene), 2);
	free(path);
}

static void
rows_are_shown_as_they_would_be_stored(void **state)
{
	struct scene *scene = *state;
	struct golden *golden = &scene->golden;
	char *path = scene_file(scene, "s.csv",
	    SPAN("メール,姓,名,登録日,配信可否,会員番号\n"
		 "a@example.jp,山田,太郎,令和7年4月2日,○,001\n"
		 "no address,佐藤,花子,2025/4/2,○,002\n"));

	to_columns(scene, path, "L");
	golden_keys(golden, "p");
	golden_check(golden, "import-shown");
	assert_true(golden_shows(golden, "山田 太郎"));
	golden_keys(golden, "n");
	assert_true(golden_shows(golden, "no address is not a mail address"));
	golden_keys(golden, "n");
	assert_true(golden_shows(golden, "the last row"));
	golden_keys(golden, "p");
	assert_true(golden_shows(golden, "山田 太郎"));
	free(path);
}

static void
an_archive_asks_which_file(void **state)
{
	static const struct fake_member all[] = {
	    {.name = "a.csv", .data = SPAN("mail\na@example.jp\n")},
	    {.name = "b.csv",
		.data = SPAN("mail\nb@example.jp\nc@example.jp\n")},
	};
	struct scene *scene = *state;
	struct golden *golden = &scene->golden;
	struct buf zip = BUF_INIT;
	char *path;

	fake_zip(&zip, all, 2);
	path = scene_file(scene, "z.zip", buf_span(&zip));
	to_columns(scene, path, "L");
	assert_true(golden_shows(golden, "Which file of the archive?"));
	golden_keys(golden, "j Enter ^N ^N ^N");
	assert_int_equal(members(scene), 2);
	buf_done(&zip);
	free(path);
}

static void
an_encoding_is_chosen_by_what_it_shows(void **state)
{
	/* ﾔﾏﾀﾞ, ｻﾄｳ, ｽｽﾞｷ in half-width kana of CP932, which is EUC-JP too */
	static const char rows[] = "mail,name\na@example.jp,\xd4\xcf\xc0\xde\n"
				   "b@example.jp,\xbb\xc4\xb3\xb3\n"
				   "c@example.jp,\xbd\xbd\xde\xb7\n";
	struct scene *scene = *state;
	struct golden *golden = &scene->golden;
	char *path =
	    scene_file(scene, "k.csv", span_make(rows, sizeof rows - 1));

	to_columns(scene, path, "L");
	assert_true(golden_shows(golden, "Which encoding?"));
	assert_true(golden_shows(golden, "ﾔﾏﾀﾞ"));
	golden_keys(golden, golden_shows(golden, "a CP932") ? "a" : "b");
	assert_true(golden_shows(golden, "Encoding: CP932"));
	assert_int_equal(
	    scene_number(scene, "SELECT count(*) FROM import_choice"), 1);
	free(path);
}

static void
an_export_is_mapped_with_one_key(void **state)
{
	struct scene *scene = *state;
	struct golden *golden = &scene->golden;
	char *path = scene_file(scene, "subscribers.csv",
	    SPAN("uuid,email,name,attributes,status,created_at,updated_at\n"
		 "u1,a@example.jp,山田,\"{\"\"city\"\":\"\"東京\"\"}\",enabled,"
		 "2024-01-02 03:04:05.6 +0000 UTC,"
		 "2024-01-02 03:04:05.6 +0000 UTC\n"
		 "u2,b@example.jp,佐藤,{},blocklisted,"
		 "2024-01-02 03:04:05.6 +0000 UTC,"
		 "2024-01-02 03:04:05.6 +0000 UTC\n"));

	to_columns(scene, path, "L");
	assert_true(golden_shows(golden, "an export of listmonk"));
	golden_keys(golden, "e");
	golden_check(golden, "import-exporter");
	golden_keys(golden, "^N ^N ^N");
	assert_int_equal(members(scene), 1);
	assert_int_equal(
	    scene_number(scene, "SELECT count(*) FROM suppression"), 1);
	assert_int_equal(
	    scene_number(scene, "SELECT count(*) FROM contact WHERE"
				" json_extract(fields, '$.city') = '東京'"),
	    1);
	free(path);
}

/* A name that would be forgotten, and a file of people who have left. */
static void
nothing_is_taken_silently(void **state)
{
	struct scene *scene = *state;
	struct golden *golden = &scene->golden;
	char *path = scene_file(scene, "unsubscribed_members_1.csv",
	    SPAN("Email Address,First Name,Last Name,MEMBER_RATING,OPTIN_TIME,"
		 "OPTIN_IP,CONFIRM_TIME,CONFIRM_IP,LEID,EUID\n"
		 "a@example.jp,A,B,2,,,,,1,2\n"));

	(void)scene_list(scene, "L", 2);
	import_screen_open(golden->app, (struct list_id){0});
	golden_settle(golden);
	golden_type(golden, path);
	golden_keys(golden, "Enter Enter Enter");
	golden_type(golden, "M");
	golden_keys(golden, "^N");
	assert_true(golden_shows(golden, "A list that exists is chosen"));
	golden_keys(golden, "^U ^N ^N");
	assert_true(golden_shows(golden, "unsubscribed: to the stop list"));
	free(path);
}

/* arara quotes nothing: a mark is a letter, and the file is read so. */
static void
an_export_is_read_with_its_quotes(void **state)
{
	struct scene *scene = *state;
	struct golden *golden = &scene->golden;
	char *path = scene_file(
	    scene, "q.csv", SPAN("mail,name\na@example.jp,\"山田\"\n"));

	to_columns(scene, path, "L");
	golden_keys(golden, "e");
	for (int i = 0; i < 40 && !golden_shows(golden, "> arara"); i++)
		golden_keys(golden, "j");
	golden_keys(golden, "Enter");
	assert_true(golden_shows(golden, "none: a quote is a letter"));
	assert_true(golden_shows(golden, "as arara writes them"));
	free(path);
}

static void
a_mapping_is_kept(void **state)
{
	struct scene *scene = *state;
	struct golden *golden = &scene->golden;
	char *path = scene_file(
	    scene, "p.csv", SPAN("mail,memo,number\na@example.jp,x,7\n"));

	to_columns(scene, path, "L");
	golden_keys(golden, "j Enter g Enter P n"); /* memo is left out */
	golden_type(golden, "毎月の分");
	golden_keys(golden, "Enter");
	golden_check(golden, "import-presets");
	golden_keys(golden, "q");
	app_pop(golden->app, app_top(golden->app));
	to_columns(scene, path, "L");
	assert_true(golden_shows(golden, "\"毎月の分\" fits this file"));
	assert_true(golden_shows(golden, "field {{memo}}"));
	golden_keys(golden, "P Enter");
	assert_false(golden_shows(golden, "field {{memo}}"));
	assert_true(golden_shows(golden, "field {{number}}"));
	golden_keys(golden, "P D y");
	assert_true(golden_shows(golden, "No preset is kept yet"));
	free(path);
}

static void
add_people(struct buf *out, int shift)
{
	buf_text(out, "mail,name,number\n");
	for (int i = 0; i < 60; i++)
		buf_printf(out, "p%d@example.jp,name %d,%d\n",
		    i < 20 ? i : i + shift, i, 1000 + i);
}

static void
a_guard_wants_a_reason(void **state)
{
	struct scene *scene = *state;
	struct golden *golden = &scene->golden;
	struct buf rows = BUF_INIT;
	char *path;

	add_people(&rows, 0);
	path = scene_file(scene, "one.csv", buf_span(&rows));
	to_columns(scene, path, "L");
	golden_keys(golden, "^N ^N ^N Enter");
	assert_int_equal(members(scene), 60);
	free(path);
	buf_clear(&rows);
	add_people(&rows, 1);
	path = scene_file(scene, "two.csv", buf_span(&rows));
	import_screen_open(golden->app,
	    (struct list_id){scene_number(scene, "SELECT id FROM list")});
	golden_settle(golden);
	golden_type(golden, path);
	golden_keys(golden, "^N ^N ^N");
	golden_check(golden, "import-shifted");
	golden_keys(golden, "o");
	golden_type(golden, "short");
	golden_keys(golden, "Enter");
	assert_true(golden_shows(golden, "At least 10 characters"));
	golden_type(golden, " no more: the numbers were given anew");
	golden_keys(golden, "Enter");
	assert_true(golden_shows(golden, "nothing is stored yet"));
	golden_keys(golden, "^N");
	assert_true(golden_shows(golden, "Stored:"));
	assert_int_equal(scene_number(scene, "SELECT count(*) FROM audit WHERE"
					     " what = 'import.overrule'"),
	    1);
	buf_done(&rows);
	free(path);
}

static void
rejects_are_written_and_the_import_undone(void **state)
{
	struct scene *scene = *state;
	struct golden *golden = &scene->golden;
	struct buf text = BUF_INIT, target = BUF_INIT;
	struct err err = {0};
	char *path = scene_file(scene, "u.csv",
	    SPAN("mail,name\na@example.jp,山田\nno address,佐藤\n"));

	to_columns(scene, path, "L");
	golden_keys(golden, "^N ^N ^N");
	assert_int_equal(members(scene), 1);
	golden_keys(golden, "w Enter");
	assert_true(golden_shows(golden, "1 row was written"));
	buf_add(&target, span_slice(span_of(path), 0, strlen(path) - 4));
	buf_text(&target, ".rejects.csv");
	assert_ok(file_read(target.ptr, 4096, &text, &err), &err);
	assert_non_null(strstr(text.ptr, "no address,佐藤"));
	/* nothing is overwritten */
	golden_keys(golden, "w Enter");
	assert_true(golden_shows(golden, "is there already"));
	golden_keys(golden, "I j");
	golden_check(golden, "imports");
	golden_keys(golden, "Enter");
	golden_check(golden, "import-record");
	golden_keys(golden, "Enter");
	assert_true(golden_shows(golden, "no address,佐藤"));
	golden_keys(golden, "q q u");
	assert_true(golden_shows(golden, "leave the list"));
	golden_type(golden, "the wrong file");
	golden_keys(golden, "Enter");
	assert_true(golden_shows(golden, "undone"));
	assert_int_equal(members(scene), 0);
	buf_done(&text);
	buf_done(&target);
	free(path);
}

/* Evidence in the file chooses consent and says so; whoever changes that is
 * not asked again. */
static void
evidence_offers_a_basis(void **state)
{
	struct scene *scene = *state;
	struct golden *golden = &scene->golden;

	to_columns(scene,
	    "tests/data/import/exporters/"
	    "subscribed_members_export_0a1b2c.csv",
	    "L");
	golden_keys(golden, "e ^N");
	assert_true(golden_shows(golden, "Consent is chosen because"));
	assert_true(golden_shows(golden, "as the file says: OPTIN_TIME"));
	golden_check(golden, "import-offered");
	golden_keys(golden, "Left");
	assert_true(golden_shows(golden, "nobody who joins by this"));
	assert_false(golden_shows(golden, "How given"));
	golden_keys(golden, "q ^N");
	assert_true(golden_shows(golden, "nobody who joins by this"));
	golden_keys(golden, "^N");
	assert_true(golden_shows(golden, "None of them can be mailed"));
	assert_true(golden_shows(golden, "join without a basis"));
}

static void
who_leaves_needs_no_basis(void **state)
{
	struct scene *scene = *state;
	struct golden *golden = &scene->golden;
	char *path = scene_file(
	    scene, "r.csv", SPAN("mail,name\nuser00001@example.jp,山田\n"));

	scene_list(scene, "L", 3);
	import_screen_open(golden->app, (struct list_id){1});
	golden_settle(golden);
	golden_type(golden, path);
	golden_keys(golden, "^N ^N Up Up Up Up Up Left");
	assert_true(golden_shows(golden, "Who is in the file leaves"));
	assert_false(golden_shows(golden, "Basis"));
	assert_false(golden_shows(golden, "Who did not agree"));
	golden_keys(golden, "^N");
	assert_true(golden_shows(golden, "1 contact leaves L"));
	golden_keys(golden, "^N");
	assert_int_equal(members(scene), 2);
	free(path);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(
		evidence_offers_a_basis, scene_setup, scene_teardown),
	    cmocka_unit_test_setup_teardown(
		who_leaves_needs_no_basis, scene_setup, scene_teardown),
	    cmocka_unit_test_setup_teardown(
		repairs_are_accepted_one_by_one, scene_setup, scene_teardown),
	    cmocka_unit_test_setup_teardown(
		values_have_a_meaning, scene_setup, scene_teardown),
	    cmocka_unit_test_setup_teardown(
		rows_are_shown_as_they_would_be_stored, scene_setup,
		scene_teardown),
	    cmocka_unit_test_setup_teardown(
		an_archive_asks_which_file, scene_setup, scene_teardown),
	    cmocka_unit_test_setup_teardown(
		an_encoding_is_chosen_by_what_it_shows, scene_setup,
		scene_teardown),
	    cmocka_unit_test_setup_teardown(
		an_export_is_mapped_with_one_key, scene_setup, scene_teardown),
	    cmocka_unit_test_setup_teardown(
		nothing_is_taken_silently, scene_setup, scene_teardown),
	    cmocka_unit_test_setup_teardown(
		an_export_is_read_with_its_quotes, scene_setup, scene_teardown),
	    cmocka_unit_test_setup_teardown(
		a_mapping_is_kept, scene_setup, scene_teardown),
	    cmocka_unit_test_setup_teardown(
		a_guard_wants_a_reason, scene_setup, scene_teardown),
	    cmocka_unit_test_setup_teardown(
		rejects_are_written_and_the_import_undone, scene_setup,
		scene_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
