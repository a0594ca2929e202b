/* The log and what is made of it: filter, file, what has changed; the reviews
 * of the log and of the people up to their signature; the evidence pack. */
#include "tests/fake/scene.h"
#include "tests/unit/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/base/file.h"
#include "core/report/report.h"
#include "tui/screens/screens.h"
#include "tui/session.h"

static struct scene scene;
static struct session session;
static char user[] = "tester";

static void
start(void)
{
	session = (struct session){.chain = CHAIN_UNKNOWN};
	scene_start_session(&scene, &session);
	session.world = &scene.golden.world;
	session.store = scene.store;
	session.user = user;
}

static void
finish(void)
{
	scene_end(&scene);
}

static void
add(const char *what, const char *object, const char *facts)
{
	struct err err = {0};

	assert_ok(audit_add(scene.store,
		      &(struct audit_event){.what = what,
			  .object = span_of(object),
			  .facts = span_of(facts)},
		      &err),
	    &err);
}

static void
it_is_filtered(void **state)
{
	(void)state;
	start();
	for (int i = 0; i < 200; i++)
		add(i % 50 ? "campaign.save" : "report.export", "campaign 7",
		    "rows=8 path=\"/home/a b/x.csv\"");
	log_open(scene.golden.app);
	golden_keys(&scene.golden, "/");
	golden_type(&scene.golden, "what:export nosuch:1");
	golden_keys(&scene.golden, "Enter");
	/* to its end, though it is longer than a line */
	assert_true(golden_shows(&scene.golden, "nosuch:1: there is no such"));
	assert_true(golden_shows(&scene.golden, "column. Words are looked"));
	assert_true(golden_shows(&scene.golden, "until: name a column."));
	golden_keys(&scene.golden, "^U");
	golden_type(&scene.golden, "what:export -who:hanako since:2026-11-20");
	golden_keys(&scene.golden, "Enter");
	golden_check(&scene.golden, "log-filtered");
	assert_true(golden_shows(&scene.golden, "1 of 4"));
	golden_keys(&scene.golden, "j Enter");
	assert_true(golden_shows(&scene.golden, "path=\"/home/a b/x.csv\""));
	golden_keys(&scene.golden, "q q");
	assert_true(golden_shows(&scene.golden, "of 2"));
	assert_false(golden_shows(&scene.golden, "filter:"));
	finish();
}

static void
a_change_shows_before_and_after(void **state)
{
	struct err err = {0};

	(void)state;
	start();
	assert_ok(setting_write(
		      scene.store, "sender.name", SPAN("Example Shop"), &err),
	    &err);
	assert_ok(setting_write(scene.store, "sender.name",
		      SPAN("Example Shop News"), &err),
	    &err);
	log_open(scene.golden.app);
	golden_keys(&scene.golden, "g Enter");
	assert_true(golden_shows(&scene.golden, "Before"));
	assert_true(golden_shows(&scene.golden, "Example Shop News"));
	finish();
}

static void
write_to(const char *name, struct buf *out)
{
	struct buf path = BUF_INIT;
	struct err err = {0};

	buf_printf(&path, "%s/%s", scene.dir, name);
	golden_keys(&scene.golden, "w ^U");
	golden_type(&scene.golden, path.ptr);
	golden_keys(&scene.golden, "Enter");
	buf_clear(out);
	assert_ok(file_read(path.ptr, 65536, out, &err), &err);
	buf_done(&path);
}

static void
it_is_written(void **state)
{
	struct buf text = BUF_INIT;

	(void)state;
	start();
	add("report.export", "campaign 7", "rows=8 path=\"=x, y.csv\"");
	log_open(scene.golden.app);
	write_to("audit.csv", &text);
	assert_true(span_starts(buf_span(&text), SPAN("\xef\xbb\xbf"
						      "entry,time,who,")));
	assert_true(span_search(buf_span(&text),
			SPAN("\"rows=8 path=\"\"=x, y.csv\"\"\"")) < text.len);
	write_to("audit.jsonl", &text);
	assert_true(
	    span_starts(buf_span(&text), SPAN("{\"entry\":1,\"at_ms\":")));
	assert_true(span_search(buf_span(&text),
			SPAN("\"what\":\"audit.export\"")) < text.len);
	assert_int_equal(scene_number(&scene, "SELECT count(*) FROM audit"
					      " WHERE what = 'audit.export'"),
	    2);
	buf_done(&text);
	finish();
}

/* 2026-11-21 is a Saturday, so that everything but exports is one item. */
static void
a_review_of_the_log(void **state)
{
	(void)state;
	start();
	add("report.export", "campaign 7", "rows=8 path=/home/x.csv");
	add("relay.accept_less", "relay 1", "");
	logreview_open(scene.golden.app);
	golden_settle(&scene.golden);
	golden_keys(&scene.golden, "a");
	golden_type(&scene.golden, "all of it was asked for");
	golden_keys(&scene.golden, "Enter");
	/* These are the reviewer's own deeds. */
	assert_true(golden_shows(&scene.golden, "items need a remark"));
	golden_keys(&scene.golden, "g Enter");
	golden_type(&scene.golden, "moved to the new relay");
	golden_keys(&scene.golden, "Enter ^N");
	assert_true(golden_shows(&scene.golden, "needs a remark first"));
	golden_check(&scene.golden, "log-review");
	golden_keys(&scene.golden, "q");
	assert_true(golden_shows(&scene.golden, "will be lost"));
	golden_keys(&scene.golden, "Esc v");
	assert_string_equal(app_top(scene.golden.app)->ops->name, "log-entry");
	finish();
}

static void
a_review_of_the_people(void **state)
{
	struct person person = {
	    .login = "tester", .roles = PERSON_ADMINISTRATOR | PERSON_OPERATOR};
	struct err err = {0};

	(void)state;
	start();
	assert_ok(person_save(scene.store, &person, NULL, &err), &err);
	snprintf(person.login, sizeof person.login, "jiro");
	person.roles = PERSON_APPROVER | PERSON_AUDITOR;
	assert_ok(person_save(scene.store, &person, NULL, &err), &err);
	peoplereview_open(scene.golden.app);
	golden_check(&scene.golden, "people-review");
	finish();
}

static void
sign_people(void)
{
	struct access_row *rows = NULL;
	struct db *db = NULL;
	struct err err = {0};
	size_t count = 0;

	assert_ok(store_reader_open(scene.store, &db, &err), &err);
	assert_ok(oversight_people(db, &rows, &count, &err), &err);
	store_reader_close(&db);
	assert_ok(oversight_sign_access(
		      scene.store, rows, count, "all right", "pam", &err),
	    &err);
	free(rows);
}

static void
overdue_reviews_are_on_home(void **state)
{
	struct person person = {
	    .login = "tester", .roles = PERSON_ADMINISTRATOR | PERSON_OPERATOR};
	struct err err = {0};

	(void)state;
	start();
	assert_ok(person_save(scene.store, &person, NULL, &err), &err);
	home_open(scene.golden.app);
	assert_false(golden_shows(&scene.golden, "overdue"));
	fake_clock_move(&scene.golden.clock, INT64_C(91) * 24 * 3600 * 1000);
	home_open(scene.golden.app);
	assert_true(
	    golden_shows(&scene.golden, "review of the log is overdue"));
	assert_true(golden_shows(&scene.golden, "review of the people"));
	golden_check(&scene.golden, "home-overdue");
	golden_keys(&scene.golden, "g Down Enter");
	assert_string_equal(
	    app_top(scene.golden.app)->ops->name, "peoplereview");
	sign_people();
	home_open(scene.golden.app);
	assert_true(
	    golden_shows(&scene.golden, "review of the log is overdue"));
	assert_false(golden_shows(&scene.golden, "review of the people"));
	session.chain = CHAIN_BROKEN;
	home_open(scene.golden.app);
	assert_true(golden_shows(&scene.golden, "the chain is broken"));
	assert_true(golden_shows(&scene.golden, "does not fit"));
	golden_keys(&scene.golden, "g Enter");
	assert_string_equal(app_top(scene.golden.app)->ops->name, "log");
	finish();
}

static void
an_evidence_pack_asks_for_a_purpose(void **state)
{
	struct campaign_id id;
	struct buf path = BUF_INIT;

	(void)state;
	start();
	id = scene_campaign(
	    &scene, "November", scene_list(&scene, "All", 3), "Hello", "Text");
	setenv("HOME", "/home/tester", 1);
	evidence_open(scene.golden.app, id);
	golden_check(&scene.golden, "evidence");
	buf_printf(&path, "%s/pack.tar", scene.dir);
	golden_keys(&scene.golden, "Right Tab Tab ^U");
	golden_type(&scene.golden, path.ptr);
	golden_keys(&scene.golden, "^N");
	assert_true(golden_shows(&scene.golden, "needs a purpose"));
	assert_int_not_equal(access(path.ptr, F_OK), 0);
	buf_done(&path);
	finish();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(it_is_filtered),
	    cmocka_unit_test(a_change_shows_before_and_after),
	    cmocka_unit_test(it_is_written),
	    cmocka_unit_test(a_review_of_the_log),
	    cmocka_unit_test(a_review_of_the_people),
	    cmocka_unit_test(overdue_reviews_are_on_home),
	    cmocka_unit_test(an_evidence_pack_asks_for_a_purpose),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
