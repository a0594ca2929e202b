/* Home, settings and the audit log on a real store. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "core/access/access.h"
#include "core/campaign/campaign.h"
#include "core/compose/compose.h"
#include "core/deliver/practice.h"
#include "core/health/health.h"
#include "core/net/dial.h"
#include "tests/fake/certs.h"
#include "tests/fake/golden.h"
#include "tests/fake/stage.h"
#include "tests/fake/tempstore.h"
#include "tests/unit/unit.h"
#include "tui/screens/screens.h"
#include "tui/screens/setup.h"
#include "tui/session.h"
#include "tui/verbs.h"

static struct golden golden;
static struct session session;
static struct options options;

static int
start(void **state)
{
	(void)state;
	golden = (struct golden){.params = {
				     .hooks = &session_hooks,
				     .session = &session,
				 }};
	golden.world.dialler = dialler_loopback_only();
	golden_start(&golden);
	session = (struct session){
	    .world = &golden.world,
	    .options = &options,
	    .user = strdup("tester"),
	    .store = tempstore_open(&golden.clock.base),
	};
	app_set_store(golden.app, session.store);
	return 0;
}

static int
end(void **state)
{
	(void)state;
	golden_end(&golden);
	tempstore_close(&session.store);
	free(session.user);
	return 0;
}

static void
want(const char *name, const char *text)
{
	struct buf value = BUF_INIT;
	struct err err = {0};
	struct db *db = NULL;

	assert_ok(store_reader_open(session.store, &db, &err), &err);
	assert_ok(setting_read(db, name, &value, &err), &err);
	assert_span_equal(buf_span(&value), text);
	store_reader_close(&db);
	buf_done(&value);
}

/* ---- Home ------------------------------------------------------------------------ */

static void
home_says_what_to_do_first(void **state)
{
	(void)state;
	home_open(golden.app);
	golden_check(&golden, "home-empty");
	golden_keys(&golden, "Enter");
	assert_string_equal(app_top(golden.app)->ops->name, "setup-sender");
	golden_keys(&golden, "Esc j Enter");
	assert_string_equal(app_top(golden.app)->ops->name, "setup-relays");
	golden_keys(&golden, "q j Enter");
	assert_string_equal(app_top(golden.app)->ops->name, "setup-keys");
}

static void
home_lists_campaigns(void **state)
{
	struct campaign_id id;
	struct list_id list;
	struct err err = {0};

	(void)state;
	assert_ok(
	    list_create(session.store, SPAN("会員 (関東)"), &list, &err), &err);
	assert_ok(campaign_create(session.store, SPAN("November news 秋の号"),
		      CLASS_AD, &id, &err),
	    &err);
	home_open(golden.app);
	golden_check(&golden, "home-campaigns");
	golden_keys(&golden, "G Enter");
	assert_string_equal(app_top(golden.app)->ops->name, "campaign");
}

static void
home_begins_a_campaign(void **state)
{
	(void)state;
	home_open(golden.app);
	golden_keys(&golden, "n");
	assert_true(golden_shows(&golden, "How is it called?"));
	golden_keys(&golden, "Enter");
	assert_true(golden_shows(&golden, "It needs a name."));
	golden_type(&golden, "秋のご案内");
	golden_keys(&golden, "Enter");
	assert_string_equal(app_top(golden.app)->ops->name, "campaign");
	assert_true(golden_shows(&golden, "秋のご案内"));
	golden_keys(&golden, "Esc");
	assert_string_equal(app_top(golden.app)->ops->name, "campaigns");
}

static void
leaving_asks_and_back_goes_home(void **state)
{
	(void)state;
	settings_open(golden.app);
	golden_keys(&golden, "q");
	assert_string_equal(app_top(golden.app)->ops->name, "home");
	golden_keys(&golden, "Q Enter");
	assert_false(app_has_ended(golden.app, &(int){0}));
	golden_keys(&golden, "Q y");
	assert_true(app_has_ended(golden.app, &(int){0}));
}

/* ---- Sender ----------------------------------------------------------------------- */

static void
settings_tell_what_is_missing(void **state)
{
	(void)state;
	settings_open(golden.app);
	golden_check(&golden, "settings");
}

static void
sender_is_checked_and_saved(void **state)
{
	(void)state;
	setup_sender_open(golden.app);
	golden_check(&golden, "setup-sender");
	golden_type(&golden, "株式会社例示");
	golden_keys(&golden, "Tab");
	golden_type(&golden, "no address");
	golden_keys(&golden, "^S");
	assert_true(golden_shows(&golden, "This is no mail address."));
	want("sender.name", "");
	golden_keys(&golden, "^U");
	golden_type(&golden, "news@example.jp");
	golden_keys(&golden, "Tab Tab Tab");
	golden_type(&golden, "〒100-0001");
	golden_keys(&golden, "Tab");
	golden_type(&golden, "東京都千代田区");
	golden_keys(&golden, "^S");
	assert_true(golden_shows(&golden, "Saved."));
	want("sender.name", "株式会社例示");
	want("sender.address", "news@example.jp");
	want("legal.postal", "〒100-0001\n東京都千代田区");
	golden_keys(&golden, "Esc");
	assert_string_equal(app_top(golden.app)->ops->name, "home");
}

static void
unsaved_text_is_asked_about(void **state)
{
	(void)state;
	settings_open(golden.app);
	golden_keys(&golden, "Enter");
	golden_type(&golden, "x");
	golden_keys(&golden, "Esc");
	assert_true(golden_shows(&golden, "would be lost"));
	golden_keys(&golden, "Enter");
	assert_string_equal(app_top(golden.app)->ops->name, "setup-sender");
	golden_keys(&golden, "Esc y");
	assert_string_equal(app_top(golden.app)->ops->name, "settings");
	want("sender.name", "");
}

static void
only_changes_are_written(void **state)
{
	struct err err = {0};
	struct db *db = NULL;
	struct stmt *stmt;

	(void)state;
	setup_sender_open(golden.app);
	golden_type(&golden, "Example");
	golden_keys(&golden, "^S ^S");
	assert_ok(store_reader_open(session.store, &db, &err), &err);
	stmt = db_stmt(db,
	    "SELECT count(*) FROM audit WHERE what = 'setting.change'", &err);
	assert_int_equal(stmt_step(stmt, &err), 1);
	assert_int_equal(stmt_col_int(stmt, 0), 1);
	stmt_reset(stmt);
	store_reader_close(&db);
}

/* Field by field, down the form; the address has one setting for three. */
static void
every_field_is_kept(void **state)
{
	static const struct {
		const char *name, *value, *keys;
	} rows[] = {
	    {"sender.name", "Example News", "Tab"},
	    {"sender.address", "news@example.jp", "Tab"},
	    {"sender.reply_to", "answers@example.jp", "Tab"},
	    {"legal.name", "Example Ltd.", "Tab"},
	    {"legal.postal", "1-1 Chiyoda", "Tab Tab Tab"},
	    {"legal.contact", "03-0000-0000", "Tab"},
	    {"legal.notice", "One more line", "Tab"},
	    {"unsubscribe.base_url", "https://example.jp/u?c=", "Tab"},
	    {"unsubscribe.mailto", "stop@example.jp", "Tab Tab"},
	    {"links.hosts", "example.jp example.co.jp", "Tab"},
	    {"message.bounce_domain", "b.example.jp", "Tab"},
	    {"ehlo.name", "mail.example.jp", "Tab"},
	    {"message.domain", "m.example.jp", "Tab"},
	    {"message.feedback_id", "exampleco", "Tab"},
	    {"message.cfbl_address", "fbl@example.jp", "Tab Right ^S"},
	};

	(void)state;
	setup_sender_open(golden.app);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		golden_type(&golden, rows[i].value);
		golden_keys(&golden, rows[i].keys);
	}
	assert_true(golden_shows(&golden, "Saved."));
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		want(rows[i].name, rows[i].value);
	want("message.dsn", "failure");
}

/* ---- Sign-in and lock ------------------------------------------------------- */

static void
lock_and_pause_are_set(void **state)
{
	const char *dir = store_dir(session.store);

	(void)state;
	settings_open(golden.app);
	golden_keys(&golden, "j j j j j Enter");
	assert_string_equal(app_top(golden.app)->ops->name, "setup-access");
	golden_check(&golden, "setup-access");
	assert_int_equal(lockout_left(dir, "tester", 0), 5);
	golden_keys(&golden, "^U");
	golden_type(&golden, "61");
	golden_keys(&golden, "^S");
	assert_true(golden_shows(&golden, "A number from 1 to 60, please."));
	want("lock.minutes", "10");
	golden_keys(&golden, "^U");
	golden_type(&golden, "3");
	golden_keys(&golden, "Tab ^U");
	golden_type(&golden, "7");
	golden_keys(&golden, "Tab ^U");
	golden_type(&golden, "20");
	golden_keys(&golden, "Tab ^U");
	golden_type(&golden, "30");
	golden_keys(&golden, "^S");
	assert_true(golden_shows(&golden, "Saved."));
	want("lock.minutes", "3");
	want("login.max_failures", "7");
	want("login.window_minutes", "20");
	want("login.pause_minutes", "30");
	/* What sign-in reads before a store is open. */
	assert_int_equal(lockout_left(dir, "tester", 0), 7);
	golden_keys(&golden, "Esc");
	assert_true(golden_shows(
	    &golden, "lock after 3 min, pause after 7 failed tries"));
}

static void
lock_time_is_valid_at_once(void **state)
{
	(void)state;
	setup_access_open(golden.app);
	golden_keys(&golden, "^U");
	golden_type(&golden, "3");
	golden_keys(&golden, "^S Esc");
	fake_clock_move(&golden.clock, 2 * 60 * 1000);
	app_timers(golden.app);
	assert_false(app_is_locked(golden.app));
	fake_clock_move(&golden.clock, 61 * 1000);
	app_timers(golden.app);
	assert_true(app_is_locked(golden.app));
}

static void
hours_and_times_are_set(void **state)
{
	(void)state;
	settings_open(golden.app);
	golden_keys(&golden, "j j j j Enter");
	assert_string_equal(app_top(golden.app)->ops->name, "setup-pace");
	golden_check(&golden, "setup-pace");
	golden_type(&golden, "9-18");
	golden_keys(&golden, "^S");
	assert_true(golden_shows(&golden, "Hours are written as 09:00-18:00."));
	want("pace.hours", "");
	golden_keys(&golden, "^U");
	golden_type(&golden, "09:00-18:00");
	golden_keys(&golden, "Tab");
	golden_type(&golden, "12:00-13:00");
	golden_keys(&golden, "Tab Right Tab ^U");
	golden_type(&golden, "2");
	golden_keys(&golden, "Tab Tab Right Tab Tab Tab Tab Tab ^U");
	/* shorter than RFC 5321 has it would mean mail sent twice */
	golden_type(&golden, "60");
	golden_keys(&golden, "^S");
	assert_true(
	    golden_shows(&golden, "A number from 600 to 3600, please."));
	golden_keys(&golden, "^U");
	golden_type(&golden, "900");
	golden_keys(&golden, "^S");
	assert_true(golden_shows(&golden, "Saved."));
	want("pace.hours", "09:00-18:00");
	want("pace.quiet", "12:00-13:00");
	want("pace.days", "weekdays");
	want("pace.frequency", "2");
	want("pace.providers", "on");
	want("timeout.end", "900");
	golden_keys(&golden, "Esc");
	assert_true(golden_shows(
	    &golden, "mail leaves 09:00-18:00, quiet 12:00-13:00"));
}

/* ---- Log and reviews ---------------------------------------------------------- */

static void
reviews_are_set_up(void **state)
{
	(void)state;
	setup_oversight_open(golden.app);
	golden_check(&golden, "setup-oversight");
	golden_type(&golden, "seals");
	golden_keys(&golden, "^S");
	assert_true(golden_shows(&golden, "An absolute path, please."));
	golden_keys(&golden, "^U");
	golden_type(&golden, "/mnt/seals");
	golden_keys(&golden, "Tab Tab ^U");
	golden_type(&golden, "08:00-20:00");
	golden_keys(&golden, "Tab Space Tab ^U");
	golden_type(&golden, "2000");
	golden_keys(&golden, "Tab ^U");
	golden_type(&golden, "30");
	golden_keys(&golden, "Tab ^U");
	golden_type(&golden, "0");
	golden_keys(&golden, "^S");
	assert_true(golden_shows(&golden, "Saved."));
	golden_check(&golden, "setup-oversight-changed");
	want("audit.seals", "/mnt/seals");
	want("audit.hours", "08:00-20:00");
	want("audit.days", "all");
	want("audit.big_send", "2000");
	want("audit.review_days", "30");
	want("audit.access_days", "0");
}

/* ---- Away and alerts ---------------------------------------------------------- */

static void
alerts_are_set_up(void **state)
{
	(void)state;
	setup_alerts_open(golden.app);
	assert_string_equal(app_top(golden.app)->ops->name, "setup-alerts");
	golden_check(&golden, "setup-alerts");
	golden_keys(&golden, "^T");
	assert_true(golden_shows(&golden, "Nobody is set up to be told."));
	golden_keys(&golden, "Space Tab ^U");
	golden_type(&golden, "0");
	golden_keys(&golden, "^S");
	assert_true(golden_shows(&golden, "A number from 1 to 1440, please."));
	golden_keys(&golden, "^U");
	golden_type(&golden, "5");
	golden_keys(&golden, "Tab");
	golden_type(&golden, "told");
	golden_keys(&golden, "^S");
	assert_true(golden_shows(&golden, "An absolute path, please."));
	golden_keys(&golden, "^U");
	golden_type(&golden, "/no/such/program");
	golden_keys(&golden, "^T");
	assert_true(golden_shows(&golden, "Save first"));
	golden_keys(&golden, "^S");
	want("away.policy", "pause");
	want("away.minutes", "5");
	want("alert.command", "/no/such/program");
	/* one a minute */
	golden_keys(&golden, "^T");
	assert_true(golden_shows(&golden, "One test a minute"));
	fake_clock_move(&golden.clock, 61 * 1000);
	golden_keys(&golden, "^T");
	assert_true(golden_shows(&golden, "/no/such/program"));
}

static bool
is_among(const struct setup_field *fields, const char *name)
{
	for (; fields->name; fields++) {
		if (!strcmp(fields->name, name))
			return true;
	}
	return false;
}

static bool
is_a_rule(const char *name)
{
	for (size_t i = 0; setup_policy_setting(i); i++) {
		if (!strcmp(setup_policy_setting(i), name))
			return true;
	}
	return false;
}

static void
every_setting_has_a_page(void **state)
{
	/* not fields that are settings: the tests above and below set them */
	static const struct setup_field others[] = {{0, "legal.postal"},
	    {0, "away.policy"}, {0, "bounce.suppress"}, {0, "message.dsn"},
	    {0, "pace.days"}, {0, "audit.days"}, {0, "pace.providers"},
	    {0, "editor.external"}, {0, "egress.addresses"},
	    {0, "blocklist.addresses"}, {0, "blocklist.names"}, {0, "theme"},
	    {0, "language"}, {0, NULL}};
	size_t count;
	const struct setting *all = setting_all(&count);

	(void)state;
	for (size_t i = 0; i < count; i++) {
		if (!is_among(setup_sender_fields, all[i].name) &&
		    !is_among(setup_access_fields, all[i].name) &&
		    !is_among(setup_alerts_fields, all[i].name) &&
		    !is_among(setup_pace_fields, all[i].name) &&
		    !is_among(setup_oversight_fields, all[i].name) &&
		    !is_among(setup_doctor_fields, all[i].name) &&
		    !is_among(others, all[i].name) && !is_a_rule(all[i].name))
			fail_msg("%s is on no page", all[i].name);
	}
}

/* ---- S/MIME ----------------------------------------------------------------- */

static void
type_path(const struct certs *certs, const char *file)
{
	char path[128];

	snprintf(path, sizeof path, "%s/%s", certs->dir, file);
	golden_type(&golden, path);
}

static void
a_certificate_is_imported_and_removed(void **state)
{
	struct certs certs;

	(void)state;
	certs_begin(&certs);
	/* the certificates are of today */
	golden.clock.now = (int64_t)time(NULL) * 1000 + 60000;
	settings_open(golden.app);
	assert_true(golden_shows(&golden, "no campaign can be signed"));
	golden_keys(&golden, "j j j Enter");
	assert_string_equal(app_top(golden.app)->ops->name, "setup-smime");
	golden_check(&golden, "setup-smime-empty");
	golden_keys(&golden, "D");
	assert_true(golden_shows(&golden, "n imports one"));
	golden_keys(&golden, "n");
	type_path(&certs, "news.p12");
	golden_keys(&golden, "Enter");
	golden_type(&golden, "wrong");
	golden_keys(&golden, "Enter");
	assert_true(golden_shows(&golden, "the passphrase is not right"));
	golden_keys(&golden, "n");
	type_path(&certs, "news.p12");
	golden_keys(&golden, "Enter");
	golden_type(&golden, "himitsu");
	assert_false(golden_shows(&golden, "himitsu"));
	golden_keys(&golden, "Enter");
	assert_true(golden_shows(&golden, "The certificate is in the store."));
	assert_true(golden_shows(&golden, "news@example.jp"));
	golden_keys(&golden, "Enter");
	assert_true(golden_shows(&golden, "SHA-256:"));
	assert_true(golden_shows(&golden, "Issuing CA"));
	golden_keys(&golden, "Esc c");
	type_path(&certs, "both.pem");
	golden_keys(&golden, "Enter");
	assert_true(golden_shows(&golden, "2 of nobody here"));
	golden_keys(&golden, "Esc");
	assert_true(golden_shows(&golden, "+ 1 certificate"));
	golden_keys(&golden, "Enter D");
	golden_type(&golden, "news@example.jp");
	golden_keys(&golden, "Enter");
	assert_true(golden_shows(&golden, "are removed"));
	certs_end(&certs);
}

/* ---- Relays ------------------------------------------------------------------------ */

static void
a_relay_is_made_changed_and_removed(void **state)
{
	(void)state;
	setup_relays_open(golden.app);
	golden_check(&golden, "setup-relays-empty");
	golden_keys(&golden, "n");
	golden_keys(&golden, "^S");
	assert_true(golden_shows(&golden, "This is needed."));
	golden_type(&golden, "main");
	golden_keys(&golden, "Tab Tab");
	golden_type(&golden, "smtp.example.jp");
	golden_keys(&golden, "Tab Tab Tab Tab");
	golden_type(&golden, "news");
	golden_keys(&golden, "Tab");
	golden_type(&golden, "geheim");
	golden_check(&golden, "setup-relay");
	assert_false(golden_shows(&golden, "geheim"));
	golden_keys(&golden, "^S");
	assert_true(golden_shows(&golden, "Saved."));
	golden_keys(&golden, "Esc");
	golden_check(&golden, "setup-relays");
	golden_keys(&golden, "D");
	golden_type(&golden, "other");
	golden_keys(&golden, "Enter");
	assert_true(golden_shows(&golden, "That is not what is asked."));
	golden_keys(&golden, "^U");
	golden_type(&golden, "main");
	golden_keys(&golden, "Enter");
	assert_true(golden_shows(&golden, "The relay was removed."));
	assert_true(golden_shows(&golden, "No relay yet."));
}

static void
a_stored_password_stays_when_none_is_typed(void **state)
{
	struct relay_config relay = {.id = 0};
	struct err err = {0};
	struct db *db = NULL;

	(void)state;
	setup_relay_open(golden.app, 0);
	golden_type(&golden, "main");
	golden_keys(&golden, "Tab Tab");
	golden_type(&golden, "smtp.example.jp");
	golden_keys(&golden, "Tab Tab Tab Tab");
	golden_type(&golden, "news");
	golden_keys(&golden, "Tab");
	golden_type(&golden, "geheim");
	golden_keys(&golden, "^S Up");
	golden_type(&golden, "letter");
	golden_keys(&golden, "^S");
	assert_ok(store_reader_open(session.store, &db, &err), &err);
	assert_ok(relay_active(db, &relay, &err), &err);
	assert_string_equal(relay.user, "newsletter");
	assert_non_null(relay.secret);
	assert_span_equal(secret_span(relay.secret), "geheim");
	relay_config_done(&relay);
	store_reader_close(&db);
}

static void
the_test_tells_step_by_step(void **state)
{
	char *folder = tempdir_new();
	struct practice_config config = {.folder = folder};
	struct practice *practice = NULL;
	struct relay_config relay = {.name = "practice",
	    .host = "127.0.0.1",
	    .tls = RELAY_TLS_VERIFY,
	    .sessions = 2,
	    .per_session = 10,
	    .enabled = true};
	struct err err = {0};

	(void)state;
	assert_ok(setting_write(session.store, "sender.address",
		      SPAN("news@example.jp"), &err),
	    &err);
	assert_ok(practice_start(&config, &practice, &err), &err);
	relay.port = practice_port(practice);
	snprintf(relay.ca_file, sizeof relay.ca_file, "%s",
	    practice_ca_file(practice));
	assert_ok(relay_save(session.store, &relay, &err), &err);
	setup_relay_open(golden.app, relay.id);
	golden_keys(&golden, "^T");
	assert_true(golden_shows(&golden, "The relay is ready."));
	assert_true(golden_shows(&golden, "Connected to"));
	assert_true(golden_shows(&golden, "verified, certificate until"));
	assert_true(golden_shows(&golden, "The sender was accepted."));
	practice_stop(&practice);
	golden_keys(&golden, "^T");
	assert_true(golden_shows(&golden, "The test failed"));
	tempdir_remove(&folder);
}

/* ---- Keys --------------------------------------------------------------------------- */

static void
a_key_is_made_and_its_record_shown(void **state)
{
	struct err err = {0};

	(void)state;
	assert_ok(setting_write(session.store, "sender.address",
		      SPAN("news@example.jp"), &err),
	    &err);
	setup_keys_open(golden.app);
	golden_check(&golden, "setup-keys-empty");
	golden_keys(&golden, "n");
	assert_true(golden_shows(&golden, "example.jp"));
	golden_keys(&golden, "Enter");
	assert_true(golden_shows(&golden, "s2026"));
	golden_keys(&golden, "^U");
	golden_type(&golden, "Bad Name");
	golden_keys(&golden, "Enter");
	assert_true(golden_shows(&golden, "Small letters"));
	golden_keys(&golden, "^U");
	golden_type(&golden, "s2026");
	golden_keys(&golden, "Enter");
	assert_true(golden_shows(&golden, "The key is made."));
	golden_keys(&golden, "x Esc");
	golden_check(&golden, "setup-keys");
	golden_keys(&golden, "Enter");
	assert_true(golden_shows(&golden, "s2026._domainkey.example.jp"));
	assert_true(golden_shows(&golden, "\"v=DKIM1; k=rsa; p="));
}

/* ---- Look ---------------------------------------------------------------------------- */

static void
a_theme_is_tried_and_kept(void **state)
{
	char before[64];

	(void)state;
	snprintf(before, sizeof before, "%s", app_theme(golden.app)->id);
	settings_open(golden.app);
	setup_look_open(golden.app);
	golden_check(&golden, "setup-look");
	golden_keys(&golden, "g");
	assert_string_not_equal(app_theme(golden.app)->id, before);
	golden_keys(&golden, "q");
	assert_string_equal(app_theme(golden.app)->id, before);
	setup_look_open(golden.app);
	golden_keys(&golden, "g Enter q");
	assert_string_not_equal(app_theme(golden.app)->id, before);
	want("theme", app_theme(golden.app)->id);
}

static void
a_language_is_kept(void **state)
{
	(void)state;
	setup_look_open(golden.app);
	golden_keys(&golden, "l G Enter");
	want("language", "en");
	golden_keys(&golden, "l g j Enter");
	want("language", "ja");
	golden_language(LANGUAGE_EN);
}

/* ---- Log ------------------------------------------------------------------------------ */

static void
add_entries(int from, int to)
{
	struct err err = {0};
	struct db *db = NULL;
	char object[32];

	assert_ok(
	    store_begin(session.store, STORE_WAIT_LONG, "test", &db, &err),
	    &err);
	for (int i = from; i <= to; i++) {
		snprintf(object, sizeof object, "campaign %d", i);
		assert_ok(
		    audit_add_in(session.store, db,
			&(struct audit_event){
			    .what = i % 7 ? "campaign.save" : "login.failed",
			    .object = span_of(object),
			    .facts = SPAN("revision=3 by=hand"),
			},
			&err),
		    &err);
	}
	assert_ok(store_commit(session.store, &db, &err), &err);
}

static void
the_log_pages_and_keeps_its_place(void **state)
{
	(void)state;
	add_entries(1, 500);
	log_open(golden.app);
	golden_keys(&golden, "v");
	assert_true(golden_shows(&golden, "the chain is whole"));
	golden_keys(&golden, "Down Down");
	golden_check(&golden, "log");
	golden_keys(&golden, "G");
	assert_true(golden_shows(&golden, "store.create"));
	golden_keys(&golden, "g PgDn PgDn PgDn");
	golden_keys(&golden, "Enter");
	assert_true(golden_shows(&golden, "revision=3 by=hand"));
	assert_string_equal(app_top(golden.app)->ops->name, "log-entry");
	golden_keys(&golden, "q g");
	assert_true(golden_shows(&golden, "> 2026"));
	assert_true(golden_shows(&golden, "campaign 500"));
	add_entries(501, 503);
	golden_keys(&golden, "r g");
	assert_true(golden_shows(&golden, "campaign 503"));
}

/* The store itself refuses to change an entry, so that only the telling can
 * be tried here. */
static void
a_broken_chain_is_told(void **state)
{
	(void)state;
	session.chain = CHAIN_BROKEN;
	err_set(&session.chain_fault, E_AUDIT_CHAIN);
	err_fact_int(&session.chain_fault, "entry", 9);
	err_fact(&session.chain_fault, "why", SPAN("changed"));
	log_open(golden.app);
	golden_check(&golden, "log-broken");
	golden_keys(&golden, "v");
	assert_int_equal(session.chain, CHAIN_WHOLE);
}

/* ---- The lock while a delivery runs --------------------------------------------------- */

static void
the_lock_pauses_a_delivery(void **state)
{
	static const struct stage_params params = {
	    .recipients = 400, .sessions = 1, .latency_ms = 50};
	struct store *own = session.store;
	struct clearance *clearance;
	struct run_progress progress;
	struct err err = {0};
	struct stage stage;

	(void)state;
	stage_open(&stage, &params);
	stage_seal(&stage);
	clearance = stage_clearance(&stage);
	session.store = stage.store;
	assert_ok(run_start(&clearance, &stage.world, stage.store,
		      &(struct run_plan){.sessions = 1}, &session.run, &err),
	    &err);
	home_open(golden.app);
	assert_true(golden_shows(&golden, "Running"));
	app_act(golden.app, ACT_LOCK);
	assert_true(golden_shows(&golden, "Delivery runs."));
	assert_false(golden_shows(&golden, "Autumn"));
	golden_keys(&golden, "P");
	assert_true(golden_shows(&golden, "The delivery is paused."));
	run_progress(session.run, &progress);
	assert_int_equal(progress.state, RUN_PAUSED);
	assert_int_equal(
	    stage_number(&stage, "SELECT count(*) FROM audit WHERE what = "
				 "'lock.pause'"),
	    1);
	golden_keys(&golden, "P");
	assert_true(app_is_locked(golden.app));
	golden_end(&golden);
	golden_start(&golden);
	run_free(&session.run);
	session.store = own;
	stage_close(&stage);
}

/* ---- Policy ------------------------------------------------------------------------ */

static void
policy_is_a_table(void **state)
{
	struct err err = {0};

	(void)state;
	assert_ok(
	    setting_write(session.store, "approval.when", SPAN("always"), &err),
	    &err);
	assert_ok(setting_write(session.store, "access.networks",
		      SPAN("192.0.2.0/24\n2001:db8::/32"), &err),
	    &err);
	setup_policy_open(golden.app);
	golden_check(&golden, "setup_policy");
}

/* Opens the question for a rule. */
static void
ask_rule(const char *setting)
{
	golden_keys(&golden, "Home");
	for (size_t i = 0; strcmp(setup_policy_setting(i), setting) != 0; i++)
		golden_keys(&golden, "j");
	golden_keys(&golden, "Enter");
}

/* With the step-up off: a choice, a number, networks. */
static void
policy_is_changed(void **state)
{
	struct err err = {0};

	(void)state;
	assert_ok(
	    setting_write(session.store, "stepup.policy", SPAN("never"), &err),
	    &err);
	setup_policy_open(golden.app);
	ask_rule("approval.when");
	golden_keys(&golden, "Home Enter");
	want("approval.when", "never");
	ask_rule("approval.hours");
	golden_keys(&golden, "^U");
	golden_type(&golden, "48");
	golden_keys(&golden, "Enter");
	want("approval.hours", "48");
	ask_rule("access.networks");
	golden_type(&golden, "192.0.2.7/24");
	golden_keys(&golden, "Enter");
	assert_true(golden_shows(&golden, "192.0.2.7/24"));
	golden_keys(&golden, "Esc");
	want("access.networks", "");
}

/* A viewer sees the table and why nothing of it is theirs to change. */
static void
policy_is_an_administrators(void **state)
{
	(void)state;
	tempstore_roles(session.store, PERSON_VIEWER);
	app_person_read(golden.app);
	setup_policy_open(golden.app);
	golden_keys(&golden, "Enter");
	assert_true(golden_shows(&golden, "Your roles do not allow this"));
}

/* ---- People ------------------------------------------------------------------------- */

static void
register_people(void)
{
	static const struct person people[] = {
	    {.login = "sachiko",
		.roles = PERSON_APPROVER | PERSON_AUDITOR,
		.networks = "192.0.2.0/24\n2001:db8::/32"},
	    {.login = "jiro", .roles = PERSON_OPERATOR, .masked = true},
	    {.login = "@mail-viewers", .roles = PERSON_VIEWER},
	    {.login = "taro", .roles = PERSON_VIEWER, .disabled = true},
	};
	struct err err = {0};

	for (size_t i = 0; i < sizeof people / sizeof *people; i++)
		assert_ok(
		    person_save(session.store, &people[i], NULL, &err), &err);
}

static void
people_are_listed(void **state)
{
	(void)state;
	register_people();
	setup_people_open(golden.app);
	golden_check(&golden, "setup_people");
	golden_keys(&golden, "j j Enter");
	golden_check(&golden, "setup_person");
}

static unsigned
roles_of(const char *login)
{
	struct person person = {.roles = 0};
	struct err err = {0};
	struct db *db = NULL;

	assert_ok(store_reader_open(session.store, &db, &err), &err);
	assert_int_equal(person_read(db, span_of(login), &person, &err), 1);
	store_reader_close(&db);
	return person.roles;
}

/* With the step-up off: a new operator; the last administrator stays. */
static void
people_are_changed(void **state)
{
	struct err err = {0};

	(void)state;
	assert_ok(
	    setting_write(session.store, "stepup.policy", SPAN("never"), &err),
	    &err);
	setup_people_open(golden.app);
	golden_keys(&golden, "n");
	golden_type(&golden, "hanako");
	golden_keys(&golden, "Enter Down Right ^S");
	assert_int_equal(roles_of("hanako"), PERSON_OPERATOR | PERSON_VIEWER);
	golden_keys(&golden, "Esc j Enter Right ^S");
	assert_true(golden_shows(&golden, "Nobody would be left"));
	assert_int_equal(roles_of("tester"), 3);
}

static bool
is_registered(const char *login)
{
	struct person person;
	struct err err = {0};
	struct db *db = NULL;
	int got;

	assert_ok(store_reader_open(session.store, &db, &err), &err);
	got = person_read(db, span_of(login), &person, &err);
	store_reader_close(&db);
	assert_true(got >= 0);
	return got == 1;
}

/* D on a line asks for the login; nobody removes oneself. */
static void
people_are_removed(void **state)
{
	struct err err = {0};

	(void)state;
	assert_ok(
	    setting_write(session.store, "stepup.policy", SPAN("never"), &err),
	    &err);
	register_people();
	setup_people_open(golden.app);
	golden_keys(&golden, "j D");
	assert_true(golden_shows(&golden, "Type jiro and press Enter"));
	golden_type(&golden, "jir");
	golden_keys(&golden, "Enter");
	assert_true(is_registered("jiro"));
	golden_type(&golden, "o");
	golden_keys(&golden, "Enter");
	assert_true(golden_shows(&golden, "Removed."));
	assert_false(is_registered("jiro"));
	golden_keys(&golden, "End k D");
	assert_true(golden_shows(&golden, "Remove a person"));
	golden_keys(&golden, "Esc End D");
	assert_true(golden_shows(&golden, "Nobody removes oneself"));
	assert_true(is_registered("tester"));
}

/* Saving asks to sign in again; without it nothing is written. */
static void
people_need_a_second_sign_in(void **state)
{
	(void)state;
	register_people();
	session.dir = strdup(store_dir(session.store));
	session.program = "/nonexistent";
	setup_people_open(golden.app);
	golden_keys(&golden, "j Enter Right ^S");
	assert_true(golden_shows(&golden, "Sign in again"));
	golden_keys(&golden, "Esc");
	assert_true(golden_shows(&golden, "Nothing was changed."));
	assert_int_equal(roles_of("jiro"), PERSON_OPERATOR);
	free(session.dir);
	session.dir = NULL;
}

static void
people_are_an_administrators(void **state)
{
	(void)state;
	tempstore_roles(session.store, PERSON_OPERATOR);
	app_person_read(golden.app);
	setup_people_open(golden.app);
	golden_keys(&golden, "n");
	assert_true(golden_shows(&golden, "Your roles do not allow this"));
	golden_keys(&golden, "Enter");
	assert_true(golden_shows(&golden, "Your roles do not allow this"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(f) cmocka_unit_test_setup_teardown(f, start, end)
	    TEST(home_says_what_to_do_first),
	    TEST(home_lists_campaigns),
	    TEST(home_begins_a_campaign),
	    TEST(leaving_asks_and_back_goes_home),
	    TEST(settings_tell_what_is_missing),
	    TEST(sender_is_checked_and_saved),
	    TEST(unsaved_text_is_asked_about),
	    TEST(only_changes_are_written),
	    TEST(every_field_is_kept),
	    TEST(hours_and_times_are_set),
	    TEST(lock_and_pause_are_set),
	    TEST(lock_time_is_valid_at_once),
	    TEST(alerts_are_set_up),
	    TEST(every_setting_has_a_page),
	    TEST(a_relay_is_made_changed_and_removed),
	    TEST(a_stored_password_stays_when_none_is_typed),
	    TEST(the_test_tells_step_by_step),
	    TEST(a_key_is_made_and_its_record_shown),
	    TEST(a_certificate_is_imported_and_removed),
	    TEST(a_theme_is_tried_and_kept),
	    TEST(a_language_is_kept),
	    TEST(the_log_pages_and_keeps_its_place),
	    TEST(a_broken_chain_is_told),
	    TEST(the_lock_pauses_a_delivery),
	    cmocka_unit_test_setup_teardown(reviews_are_set_up, start, end),
	    cmocka_unit_test_setup_teardown(policy_is_a_table, start, end),
	    cmocka_unit_test_setup_teardown(policy_is_changed, start, end),
	    cmocka_unit_test_setup_teardown(
		policy_is_an_administrators, start, end),
	    cmocka_unit_test_setup_teardown(people_are_listed, start, end),
	    cmocka_unit_test_setup_teardown(people_are_changed, start, end),
	    TEST(people_are_removed),
	    cmocka_unit_test_setup_teardown(
		people_need_a_second_sign_in, start, end),
	    cmocka_unit_test_setup_teardown(
		people_are_an_administrators, start, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
