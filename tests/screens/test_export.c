/* Exports with keys on a real store: the form, what CP932 loses, writing alone,
 * the second person, what was written. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/file.h"
#include "core/base/mem.h"
#include "tests/fake/approving.h"
#include "tests/fake/scene.h"
#include "tests/fake/tempstore.h"
#include "tests/unit/unit.h"
#include "tui/screens/export.h"
#include "tui/screens/screens.h"

enum { MANY = 1200, FEW = 12, JIRO = 1002 };

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
 * frees the path.  NULL: the file that is proposed. */
static char *
fill_in(struct scene *scene, const char *name)
{
	struct buf path = BUF_INIT;

	golden_keys(&scene->golden, "Tab Tab");
	if (name) {
		buf_printf(&path, "%s/%s", scene->dir, name);
		golden_keys(&scene->golden, "^U");
		golden_type(&scene->golden, path.ptr);
	}
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

/* ---- What CP932 loses ------------------------------------------------------------ */

static void
losses_are_shown_before_anything_is_written(void **state)
{
	struct scene *scene = *state;
	struct golden *golden = &scene->golden;
	char *path;

	scene_list(scene, "Newsletter", FEW);
	scene_do(scene, "UPDATE contact SET name = '𠮷田 太郎' WHERE id = 3");
	scene_do(scene, "UPDATE contact SET name = '森 鷗外' WHERE id = 7");
	lists_open(golden->app);
	golden_settle(golden);
	golden_keys(golden, "O");
	golden_settle(golden);
	golden_keys(golden, "Tab Right");
	golden_settle(golden);
	assert_true(
	    golden_shows(golden, "! CP932 would lose characters in 2 cells."));
	golden_keys(golden, "BTab");
	path = fill_in(scene, "a.csv.cms");
	golden_keys(golden, "^N");
	golden_settle(golden);
	assert_string_equal(top(scene), "export-loss");
	golden_check(golden, "export-loss");
	golden_keys(golden, "q");
	assert_string_equal(top(scene), "export");
	golden_keys(golden, "^N");
	golden_settle(golden);
	golden_keys(golden, "^N");
	golden_type(golden, "12");
	golden_keys(golden, "Enter");
	golden_settle(golden);
	assert_string_equal(top(scene), "export-made");
	assert_int_equal(access(path, F_OK), 0);
	golden_keys(golden, "q y O Tab Right");
	golden_settle(golden);
	golden_keys(golden, "BTab");
	free(fill_in(scene, "b.csv.cms"));
	golden_keys(golden, "^N");
	golden_settle(golden);
	golden_keys(golden, "u");
	assert_true(golden_shows(golden, "Write the export"));
	golden_keys(golden, "Esc");
	assert_true(golden_shows(golden, "UTF-8 with a mark"));
	free(path);
}

/* ---- A second person -------------------------------------------------------------- */

/* jiro signs what the store would have signed now. */
static void
approve(struct scene *scene, const struct approving *jiro, int64_t id)
{
	int64_t now = clock_now_ms(&scene->golden.clock.base);
	struct export_signer signer = {.login = span_of(jiro->login),
	    .uid = jiro->uid,
	    .authenticated = SPAN("pam"),
	    .note = SPAN("asked the department"),
	    .at_ms = now,
	    .expires_ms = now + 3600 * 1000};
	struct export_offer offer = {.id = id,
	    .login = jiro->login,
	    .uid = jiro->uid,
	    .note = signer.note,
	    .authenticated = signer.authenticated,
	    .at_ms = now,
	    .expires_ms = signer.expires_ms};
	struct buf subject = BUF_INIT, text = BUF_INIT;
	struct db *db = NULL;
	struct err err = {0};

	assert_ok(store_reader_open(scene->store, &db, &err), &err);
	assert_ok(export_subject(scene->store, db, id, &subject, &err), &err);
	store_reader_close(&db);
	ed25519_fingerprint(&jiro->key, &signer.key);
	export_statement(buf_span(&subject), &signer, &text);
	ed25519_sign(jiro->seed, buf_span(&text), &offer.signature);
	offer.statement = buf_span(&text);
	assert_ok(export_take(scene->store, &offer, now, &err), &err);
	buf_done(&subject);
	buf_done(&text);
}

static void
reject(struct scene *scene, const struct approving *jiro, int64_t id)
{
	const struct export_offer offer = {
	    .id = id, .login = jiro->login, .uid = jiro->uid};
	struct err err = {0};

	assert_ok(export_reject(scene->store, &offer,
		      SPAN("Ask these people first, please."),
		      clock_now_ms(&scene->golden.clock.base), &err),
	    &err);
}

/* From the form to the page that waits. */
static void
ask(struct scene *scene, const char *name, char **path)
{
	struct golden *golden = &scene->golden;

	open_form(scene, "Newsletter", MANY);
	*path = fill_in(scene, name);
	golden_keys(golden, "^N");
	golden_settle(golden);
	assert_true(golden_shows(golden, "1,200 people, more than 500"));
	if (!name)
		golden_check(golden, "export-ask");
	golden_keys(golden, "y");
	golden_settle(golden);
	assert_string_equal(top(scene), "export-wait");
}

static void
many_wait_for_a_second_person(void **state)
{
	struct scene *scene = *state;
	struct golden *golden = &scene->golden;
	struct approving jiro;
	char *path;

	approving_open(&jiro, scene->store, "jiro", JIRO);
	ask(scene, "a.csv.cms", &path);
	scene_wait(scene, 3000);
	golden_keys(golden, "^L");
	golden_check(golden, "export-wait");
	golden_keys(golden, "^N");
	assert_true(golden_shows(golden, "The file is written when a second"));
	golden_keys(golden, "a");
	assert_true(golden_shows(golden, "Approve here, now"));
	golden_keys(golden, "Esc");
	approve(scene, &jiro, 1);
	scene_wait(scene, 1500);
	golden_keys(golden, "f ^U");
	golden_type(golden, "/home/hanako/fair.csv.cms");
	golden_keys(golden, "Enter");
	golden_check(golden, "export-approved");
	golden_keys(golden, "f ^U");
	golden_type(golden, path);
	golden_keys(golden, "Enter ^N");
	golden_type(golden, "1200");
	golden_keys(golden, "Enter");
	golden_settle(golden);
	assert_string_equal(top(scene), "export-made");
	assert_int_equal(access(path, F_OK), 0);
	golden_keys(golden, "q y");
	assert_string_equal(top(scene), "lists");
	exports_open(golden->app);
	golden_settle(golden);
	assert_true(golden_shows(golden, "written"));
	approving_close(&jiro);
	free(path);
}

/* What was asked for is found again, and changed after a rejection. */
static void
a_rejection_is_read_and_answered(void **state)
{
	struct scene *scene = *state;
	struct golden *golden = &scene->golden;
	struct approving jiro;
	char *path;

	approving_open(&jiro, scene->store, "jiro", JIRO);
	ask(scene, "a.csv.cms", &path);
	golden_keys(golden, "q");
	assert_string_equal(top(scene), "lists");
	exports_open(golden->app);
	golden_settle(golden);
	golden_check(golden, "exports");
	golden_keys(golden, "Enter");
	golden_settle(golden);
	assert_string_equal(top(scene), "export-wait");
	reject(scene, &jiro, 1);
	scene_wait(scene, 3000);
	golden_keys(golden, "^L");
	golden_check(golden, "export-rejected");
	golden_keys(golden, "e");
	golden_settle(golden);
	assert_string_equal(top(scene), "export");
	assert_true(golden_shows(golden, REASON));
	approving_close(&jiro);
	free(path);
}

static void
a_request_is_taken_back(void **state)
{
	struct scene *scene = *state;
	struct golden *golden = &scene->golden;
	char *path;

	ask(scene, NULL, &path);
	assert_true(golden_shows(golden, "none; an administrator makes one"));
	golden_keys(golden, "e");
	assert_true(golden_shows(golden, "W takes it back first"));
	golden_keys(golden, "W y");
	golden_settle(golden);
	assert_true(golden_shows(golden, "The request was taken back."));
	golden_keys(golden, "W");
	assert_true(golden_shows(golden, "nothing left to take back"));
	free(path);
}

/* ---- Where it begins --------------------------------------------------------------- */

static void
filters_and_people_are_exported(void **state)
{
	struct scene *scene = *state;
	struct golden *golden = &scene->golden;

	contacts_open(golden->app, scene_list(scene, "Newsletter", FEW));
	golden_settle(golden);
	golden_keys(golden, "/");
	golden_type(golden, "user00003");
	scene_wait(scene, 200);
	golden_keys(golden, "Enter O");
	golden_settle(golden);
	assert_true(golden_shows(golden, "In \"Newsletter\": user00003"));
	assert_true(golden_shows(golden, "Persons         1\n"));
	golden_keys(golden, "Esc Enter O");
	golden_settle(golden);
	golden_check(golden, "export-person");
	golden_keys(golden, "Esc Esc Esc");
}

/* Who sees nothing whole takes nothing out. */
static void
masked_people_export_nothing(void **state)
{
	struct scene *scene = *state;
	struct golden *golden = &scene->golden;
	struct err err = {0};

	scene_list(scene, "Newsletter", FEW);
	assert_ok(
	    setting_write(scene->store, "mask.operators", SPAN("on"), &err),
	    &err);
	app_set_store(golden->app, scene->store);
	lists_open(golden->app);
	golden_settle(golden);
	golden_keys(golden, "O");
	assert_string_equal(top(scene), "lists");
	assert_true(golden_shows(golden, "This needs whole addresses"));
	golden_keys(golden, "Enter");
	golden_settle(golden);
	golden_keys(golden, "O");
	assert_string_equal(top(scene), "contacts");
	assert_true(golden_shows(golden, "This needs whole addresses"));
	golden_keys(golden, "Enter O");
	assert_true(golden_shows(golden, "This needs the whole address"));
}

/* The same sentence for who lacks the right. */
static void
who_has_no_right_is_told(void **state)
{
	struct scene *scene = *state;
	struct golden *golden = &scene->golden;

	scene_list(scene, "Newsletter", FEW);
	scene_do(scene, "UPDATE person SET roles = 8");
	app_set_store(golden->app, scene->store);
	lists_open(golden->app);
	golden_settle(golden);
	golden_keys(golden, "O");
	assert_string_equal(top(scene), "lists");
}

/* ---- What was written --------------------------------------------------------------- */

static void
made_page(struct scene *scene, enum export_seal seal, const char *name)
{
	struct export_plan plan = EXPORT_PLAN_INIT;
	struct export_made made = {
	    .id = 12, .people = 48402, .octets = 4182331};
	static const char words[] = "kxyz-2345-uvwx-6723-ijkl-4567-mnop-2345";
	struct secret *passphrase = NULL;

	for (int i = 0; i < SHA256_LEN; i++)
		made.sha256.bytes[i] = (unsigned char)(7 * i);
	if (seal == EXPORT_BY_PASSPHRASE)
		passphrase = secret_of(words, sizeof words - 1);
	plan.order.seal = seal;
	buf_text(&plan.path, "/home/hanako/会員 (関東)-2026-11-21.csv.cms");
	export_made_open(scene->golden.app, &plan, &made, &passphrase);
	golden_check(&scene->golden, name);
	golden_keys(&scene->golden, "q");
	export_plan_done(&plan);
}

static void
how_to_open_it_stands_there(void **state)
{
	struct scene *scene = *state;
	struct golden *golden = &scene->golden;

	lists_open(golden->app);
	golden_settle(golden);
	made_page(scene, EXPORT_PLAIN, "export-made-plain");
	assert_string_equal(top(scene), "lists");
	made_page(scene, EXPORT_BY_CERTIFICATE, "export-made-certificate");
	assert_string_equal(top(scene), "lists");
	made_page(scene, EXPORT_BY_PASSPHRASE, "export-made");
	golden_check(golden, "export-made-leave");
	golden_keys(golden, "Esc");
	assert_true(golden_shows(golden, "kxyz-2345"));
	golden_keys(golden, "q y");
	assert_string_equal(top(scene), "lists");
	assert_false(golden_shows(golden, "kxyz-2345"));
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
	    cmocka_unit_test_setup_teardown(
		losses_are_shown_before_anything_is_written, start,
		scene_teardown),
	    cmocka_unit_test_setup_teardown(
		many_wait_for_a_second_person, start, scene_teardown),
	    cmocka_unit_test_setup_teardown(
		a_rejection_is_read_and_answered, start, scene_teardown),
	    cmocka_unit_test_setup_teardown(
		a_request_is_taken_back, start, scene_teardown),
	    cmocka_unit_test_setup_teardown(
		filters_and_people_are_exported, start, scene_teardown),
	    cmocka_unit_test_setup_teardown(
		masked_people_export_nothing, start, scene_teardown),
	    cmocka_unit_test_setup_teardown(
		who_has_no_right_is_told, start, scene_teardown),
	    cmocka_unit_test_setup_teardown(
		how_to_open_it_stands_there, start, scene_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
