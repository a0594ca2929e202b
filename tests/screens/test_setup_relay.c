/* One relay's page: presets, what is kept, pins, less than before, a test that
 * is stopped. */
#include <stdio.h>
#include <stdlib.h>

#include "tests/fake/golden.h"
#include "tests/unit/unit.h"
#include "tui/screens/screens.h"
#include "tui/screens/setup.h"
#include "tui/screens/setup_relay.h"
#include "tui/session.h"
#include "tui/verbs.h"

/* behind the widgets: LINE_MAX is a name of the system's, too */
#include "core/deliver/practice.h"
#include "core/net/dial.h"
#include "core/net/sasl.h"
#include "tests/fake/relay.h"
#include "tests/fake/tempstore.h"

static struct golden golden;
static struct session session;
static struct options options;

static int
start(void **state)
{
	struct err err = {0};

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
	assert_ok(setting_write(session.store, "sender.address",
		      SPAN("news@example.jp"), &err),
	    &err);
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

/* The one relay there is; the caller ends it. */
static void
read_relay(struct relay_config *out)
{
	struct relay_config *all = NULL;
	struct err err = {0};
	struct db *db = NULL;
	size_t count;

	assert_ok(store_reader_open(session.store, &db, &err), &err);
	assert_ok(relay_all(db, &all, &count, &err), &err);
	assert_int_equal(count, 1);
	*out = all[0];
	free(all);
	store_reader_close(&db);
}

/* ---- Presets --------------------------------------------------------------- */

static void
presets_fill_in(void **state)
{
	static const struct {
		const char *shows, *note;
	} presets[] = {
	    {"[127.0.0.1", "without sign-in"},
	    {"[smtp.gmail.com", "2,000 mails a day"},
	    {"[smtp.office365.com", "30 mails a minute"},
	    {"[apikey", "the word apikey"},
	    {"[email-smtp.ap-northeast-1.amazonaws.com", "your region"},
	    {"straight to MX", "DNS knows both"},
	};

	(void)state;
	setup_relay_open(golden.app, 0);
	golden_type(&golden, "main");
	golden_keys(&golden, "Tab");
	for (size_t i = 0; i < sizeof presets / sizeof *presets; i++) {
		golden_keys(&golden, "Right");
		if (!golden_shows(&golden, presets[i].shows) ||
		    !golden_shows(&golden, presets[i].note))
			fail_msg("%s", presets[i].shows);
	}
	golden_check(&golden, "setup-relay-direct");
	golden_keys(&golden, "Left");
	golden_check(&golden, "setup-relay-ses");
}

/* What the store keeps of each preset is what health accepts. */
static void
presets_can_be_saved(void **state)
{
	(void)state;
	for (int i = 0; i < RELAY_PRESETS; i++) {
		const struct relay_preset *preset = &relay_presets[i];
		struct relay_config relay = {.port = preset->port,
		    .tls = preset->tls,
		    .auth = preset->auth,
		    .kind = preset->kind,
		    .sessions = preset->sessions,
		    .per_session = preset->per_session,
		    .rate_per_s = preset->rate_per_s,
		    .share = 1};
		struct err err = {0};

		snprintf(relay.name, sizeof relay.name, "relay %d", i);
		snprintf(relay.host, sizeof relay.host, "%s",
		    *preset->id || *preset->host ? preset->host
						 : "smtp.example.jp");
		snprintf(relay.preset, sizeof relay.preset, "%s", preset->id);
		if (preset->user) {
			snprintf(
			    relay.user, sizeof relay.user, "%s", preset->user);
			relay.secret = secret_of("key", 3);
		}
		assert_ok(relay_save(session.store, &relay, &err), &err);
		relay_config_done(&relay);
	}
}

static void
straight_to_mx_is_kept(void **state)
{
	struct relay_config relay;

	(void)state;
	setup_relay_open(golden.app, 0);
	golden_type(&golden, "direct");
	golden_keys(&golden, "Tab Left ^S");
	assert_true(golden_shows(&golden, "Saved."));
	read_relay(&relay);
	assert_int_equal(relay.kind, RELAY_KIND_DIRECT);
	assert_false(relay.enabled);
	assert_string_equal(relay.host, "");
	assert_int_equal(relay.tls, RELAY_TLS_OPPORTUNISTIC);
	golden_keys(&golden, "^T");
	assert_true(golden_shows(&golden, "nothing to connect to"));
}

/* ---- Every field ------------------------------------------------------------ */

static void
all_is_kept(void **state)
{
	struct relay_config relay;

	(void)state;
	setup_relay_open(golden.app, 0);
	golden_type(&golden, "main");
	golden_keys(&golden, "Tab Tab");
	golden_type(&golden, "smtp.example.jp");
	golden_keys(&golden, "Tab Tab Tab Tab");
	golden_type(&golden, "news");
	golden_keys(&golden, "Tab Tab Right Right Right Right Tab");
	golden_type(&golden, "bin/token");
	golden_keys(&golden, "Tab");
	assert_true(golden_shows(&golden, "Its whole path is needed"));
	golden_keys(&golden, "Up ^U");
	golden_type(&golden, "/bin/true");
	golden_keys(&golden, "Tab Tab ^U");
	golden_type(&golden, "30");
	golden_keys(&golden, "Tab Tab Tab Tab");
	golden_type(&golden, "no pin");
	golden_keys(&golden, "Tab");
	assert_true(golden_shows(&golden, "44 characters of base64"));
	golden_keys(&golden, "Up ^U");
	golden_type(&golden, "b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee"
			     "9088f7ace2efcde9");
	golden_keys(&golden, "Tab Tab Right Tab");
	golden_type(&golden, "tomorrow");
	golden_keys(&golden, "Tab");
	assert_true(golden_shows(&golden, "Write it as"));
	golden_keys(&golden, "Up ^U");
	golden_type(&golden, "2026-11-25");
	golden_keys(&golden, "Tab");
	golden_type(&golden, "500");
	golden_keys(&golden, "Tab");
	golden_type(&golden, "50");
	golden_check(&golden, "setup-relay-below");
	golden_keys(&golden, "^S");
	assert_true(golden_shows(&golden, "Saved."));
	read_relay(&relay);
	assert_int_equal(relay.auth, RELAY_AUTH_XOAUTH2);
	assert_string_equal(relay.token_command, "/bin/true");
	assert_int_equal(relay.share, 30);
	assert_int_equal(relay.pin_count, 1);
	assert_true(relay.require_tls);
	assert_true(relay.warm_from_ms == 1795564800000);
	assert_int_equal(relay.warm_first, 500);
	assert_int_equal(relay.warm_percent, 50);
	/* and shown again as it is */
	golden_keys(&golden, "Esc");
	setup_relay_open(golden.app, relay.id);
	golden_keys(&golden, "BTab");
	assert_true(golden_shows(&golden, "[2026-11-25"));
	assert_true(golden_shows(&golden, "uU0nuZNNPgilLlLX2n2r"));
	golden_keys(&golden, "^S");
	read_relay(&relay);
	assert_int_equal(relay.pin_count, 1);
	assert_true(relay.warm_from_ms == 1795564800000);
}

/* ---- With a relay that answers ------------------------------------------------- */

struct answering {
	char *folder;
	struct practice *practice;
	struct relay_config relay;
};

static void
answering_open(struct answering *it, enum relay_tls tls)
{
	struct practice_config config;
	struct err err = {0};

	*it = (struct answering){.folder = tempdir_new(),
	    .relay = {.name = "practice",
		.host = "127.0.0.1",
		.tls = tls,
		.sessions = 2,
		.per_session = 10,
		.share = 1,
		.enabled = true}};
	config = (struct practice_config){.folder = it->folder};
	assert_ok(practice_start(&config, &it->practice, &err), &err);
	it->relay.port = practice_port(it->practice);
}

static void
answering_close(struct answering *it)
{
	practice_stop(&it->practice);
	tempdir_remove(&it->folder);
}

/* Another authority, no CA file: the operator pins the key that is shown. */
static void
its_key_is_taken_over(void **state)
{
	struct relay_config relay;
	struct answering it;
	struct err err = {0};

	(void)state;
	answering_open(&it, RELAY_TLS_REQUIRED);
	assert_ok(relay_save(session.store, &it.relay, &err), &err);
	setup_relay_open(golden.app, it.relay.id);
	golden_keys(&golden, "^P");
	assert_true(golden_shows(&golden, "Test the relay first"));
	golden_keys(&golden, "^T");
	assert_true(golden_shows(&golden, "certificate not verified"));
	assert_true(golden_shows(&golden, "Its key:"));
	assert_true(golden_shows(&golden, "It offers: PIPELINING"));
	golden_keys(&golden, "^P ^S");
	assert_true(golden_shows(&golden, "Saved."));
	read_relay(&relay);
	assert_int_equal(relay.tls, RELAY_TLS_PIN);
	assert_int_equal(relay.pin_count, 1);
	golden_keys(&golden, "^T");
	assert_true(golden_shows(&golden, "The relay is ready."));
	assert_true(golden_shows(&golden, "verified, certificate until"));
	answering_close(&it);
}

static void
less_is_accepted_knowingly(void **state)
{
	struct relay_config relay;
	struct answering it;
	struct err err = {0};

	(void)state;
	answering_open(&it, RELAY_TLS_VERIFY);
	snprintf(it.relay.ca_file, sizeof it.relay.ca_file, "%s",
	    practice_ca_file(it.practice));
	snprintf(it.relay.user, sizeof it.relay.user, "demo");
	it.relay.secret = secret_of("demo", 4);
	assert_ok(relay_save(session.store, &it.relay, &err), &err);
	assert_ok(
	    relay_remember(session.store, &it.relay, RELAY_SEEN_SCRAM, &err),
	    &err);
	relay_config_done(&it.relay);
	setup_relay_open(golden.app, it.relay.id);
	golden_keys(&golden, "^T");
	assert_true(golden_shows(&golden, "offers less than before"));
	assert_true(golden_shows(&golden, "no SCRAM sign-in"));
	golden_keys(&golden, "^Y y");
	assert_true(golden_shows(&golden, "Accepted."));
	read_relay(&relay);
	assert_int_equal(relay_must_show(&relay), 0);
	golden_keys(&golden, "^T");
	assert_false(golden_shows(&golden, "offers less than before"));
	golden_keys(&golden, "^Y");
	assert_true(golden_shows(&golden, "There is nothing to accept"));
	answering_close(&it);
}

static bool
probe_tells(const struct relay_probe *probe, const char *text)
{
	struct canvas *canvas = canvas_new(12, 78);
	struct buf dump = BUF_INIT;
	bool tells;

	relay_probe_draw(canvas_area(canvas), probe);
	canvas_dump(canvas, &dump);
	tells = span_search(buf_span(&dump), span_of(text)) < dump.len;
	buf_done(&dump);
	canvas_free(&canvas);
	return tells;
}

static void
what_a_test_tells(void **state)
{
	struct relay_probe probe = {.ok = true,
	    .peer = "192.0.2.1:587",
	    .tls_version = "TLSv1.3",
	    .tls_cipher = "X",
	    .tls_verified = true,
	    .tls_seen = true,
	    .cert_expires_ms = INT64_C(10) * 86400 * 1000,
	    .pipelining = true,
	    .chunking = true,
	    .size_limit = 10 * 1000 * 1000,
	    .mechs = SASL_SCRAM | SASL_PLAIN};

	(void)state;
	assert_true(probe_tells(&probe, "Its certificate ends soon: in 10 d."));
	assert_true(probe_tells(&probe, "PIPELINING CHUNKING SIZE=10.0 MB "
					"AUTH:SCRAM-SHA-256,PLAIN"));
	assert_true(probe_tells(
	    &probe, "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="));
	probe.cert_expires_ms *= 10;
	assert_false(probe_tells(&probe, "ends soon"));
	assert_true(probe_tells(&probe, "certificate until 1970-04-11"));
}

/* A relay that says nothing is not waited for. */
static void
a_test_is_stopped(void **state)
{
	static const struct fake_step silent[] = {
	    {FAKE_HANG, NULL, 0}, {FAKE_END, NULL, 0}};
	const struct fake_step *scripts[] = {silent};
	struct fake_plan plan = {scripts, 1, NULL};
	struct fake_relay *fake = fake_relay_start(&plan);
	struct relay_config relay = {.name = "silent",
	    .host = "127.0.0.1",
	    .port = fake_relay_port(fake),
	    .sessions = 1,
	    .per_session = 1,
	    .enabled = true};
	struct err err = {0};

	(void)state;
	assert_ok(relay_save(session.store, &relay, &err), &err);
	setup_relay_open(golden.app, relay.id);
	app_act(golden.app, ACT_SETUP_TEST);
	assert_true(golden_shows(&golden, "Testing the relay"));
	app_act(golden.app, ACT_CANCEL);
	golden_settle(&golden);
	assert_true(golden_shows(&golden, "The test was stopped."));
	/* leaving stops it as well: the end of this test does not hang */
	app_act(golden.app, ACT_SETUP_TEST);
	golden_end(&golden);
	golden_start(&golden);
	fake_relay_stop(&fake);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(f) cmocka_unit_test_setup_teardown(f, start, end)
	    TEST(presets_fill_in),
	    TEST(presets_can_be_saved),
	    TEST(straight_to_mx_is_kept),
	    TEST(all_is_kept),
	    TEST(its_key_is_taken_over),
	    TEST(less_is_accepted_knowingly),
	    TEST(what_a_test_tells),
	    TEST(a_test_is_stopped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
