/* The relays as stored: every field comes back, what cannot be meant is
 * refused, older stores keep their relays, and the seal sees what it must. */
#include "tests/unit/unit.h"

#include <stdio.h>
#include <stdlib.h>

#include "core/health/health.h"
#include "tests/fake/tempstore.h"

static struct relay_config
good(void)
{
	return (struct relay_config){.name = "own",
	    .host = "smtp.example.jp",
	    .port = 587,
	    .tls = RELAY_TLS_VERIFY,
	    .sessions = 4,
	    .per_session = 100,
	    .share = 1,
	    .enabled = true};
}

static void
read_back(struct store *store, int64_t id, struct relay_config *out)
{
	struct err err = {0};
	struct db *db = NULL;

	assert_ok(store_reader_open(store, &db, &err), &err);
	assert_ok(relay_read(db, id, out, &err), &err);
	store_reader_close(&db);
}

static void
every_field_comes_back(void **state)
{
	struct store *store = *state;
	struct relay_config relay = good(), back;
	struct err err = {0};

	relay.tls = RELAY_TLS_PIN;
	snprintf(relay.user, sizeof relay.user, "news");
	relay.secret = secret_of("hidden", 6);
	relay.share = 30;
	relay.auth = RELAY_AUTH_SCRAM;
	relay.require_tls = true;
	relay.warm_from_ms = 1790000000000;
	relay.warm_first = 500;
	relay.warm_percent = 50;
	snprintf(relay.token_command, sizeof relay.token_command, "/bin/true");
	snprintf(relay.preset, sizeof relay.preset, "ses");
	assert_ok(
	    relay_pin_add(&relay,
		SPAN("uU0nuZNNPgilLlLX2n2r+sSE7+N6U4DukIj3rOLvzek="), &err),
	    &err);
	assert_ok(relay_pin_add(&relay,
		      SPAN("B9:4D:27:B9:93:4D:3E:08:A5:2E:52:D7:DA:7D:AB:FA:"
			   "C4:84:EF:E3:7A:53:80:EE:90:88:F7:AC:E2:EF:CD:E9"),
		      &err),
	    &err);
	assert_memory_equal(
	    &relay.pins[0], &relay.pins[1], sizeof relay.pins[0]);
	assert_ok(relay_save(store, &relay, &err), &err);
	read_back(store, relay.id, &back);
	assert_int_equal(back.tls, RELAY_TLS_PIN);
	assert_int_equal(back.share, 30);
	assert_int_equal(back.auth, RELAY_AUTH_SCRAM);
	assert_true(back.require_tls);
	assert_true(back.warm_from_ms == relay.warm_from_ms);
	assert_int_equal(back.warm_first, 500);
	assert_int_equal(back.warm_percent, 50);
	assert_string_equal(back.token_command, "/bin/true");
	assert_string_equal(back.preset, "ses");
	assert_int_equal(back.pin_count, 2);
	assert_memory_equal(back.pins, relay.pins, sizeof relay.pins);
	assert_true(secret_equal(back.secret, relay.secret));
	relay_config_done(&back);

	/* no secret given: the stored one stays */
	relay_config_done(&relay);
	relay.sessions = 9;
	assert_ok(relay_save(store, &relay, &err), &err);
	read_back(store, relay.id, &back);
	assert_int_equal(back.sessions, 9);
	assert_span_equal(secret_span(back.secret), "hidden");
	relay_config_done(&back);
}

static void
a_direct_row(void **state)
{
	struct store *store = *state;
	struct relay_config relay = good();
	struct err err = {0};

	relay.kind = RELAY_KIND_DIRECT;
	relay.host[0] = '\0';
	relay.port = 25;
	assert_int_equal(relay_save(store, &relay, &err), -1);
	assert_string_equal(err_find(&err, "field"), "tls");
	relay.tls = RELAY_TLS_OPPORTUNISTIC;
	assert_ok(relay_save(store, &relay, &err), &err);
	snprintf(relay.user, sizeof relay.user, "news");
	assert_int_equal(relay_save(store, &relay, &err), -1);
	assert_string_equal(err_find(&err, "field"), "user");
}

enum wrong {
	NO_HOST,
	CLEAR,
	PINS,
	SHARE,
	WARM_HALF,
	OAUTH_BARE,
	TOKEN_PATH,
	NO_SECRET,
	AUTH
};

static void
spoil(struct relay_config *relay, enum wrong wrong)
{
	switch (wrong) {
	case NO_HOST:
		relay->host[0] = '\0';
		break;
	case CLEAR:
		relay->tls = RELAY_TLS_NONE;
		break;
	case PINS:
		relay->tls = RELAY_TLS_PIN;
		break;
	case SHARE:
		relay->share = 1001;
		break;
	case WARM_HALF:
		relay->warm_first = 100;
		break;
	case OAUTH_BARE:
		snprintf(relay->user, sizeof relay->user, "news");
		relay->auth = RELAY_AUTH_XOAUTH2;
		break;
	case TOKEN_PATH:
		snprintf(relay->user, sizeof relay->user, "news");
		snprintf(relay->token_command, sizeof relay->token_command,
		    "bin/token");
		break;
	case NO_SECRET:
		snprintf(relay->user, sizeof relay->user, "news");
		break;
	case AUTH:
		relay->auth = RELAY_AUTH_COUNT;
		break;
	}
}

static void
what_cannot_be_meant(void **state)
{
	static const struct {
		enum wrong wrong;
		enum err_code code;
		const char *field;
	} cases[] = {
	    {NO_HOST, E_RELAY_FIELD, "host"},
	    {CLEAR, E_RELAY_FIELD, "tls"},
	    {PINS, E_RELAY_FIELD, "pins"},
	    {SHARE, E_RELAY_FIELD, "share"},
	    {WARM_HALF, E_RELAY_FIELD, "warm_from"},
	    {OAUTH_BARE, E_RELAY_FIELD, "token_command"},
	    {TOKEN_PATH, E_COMMAND_PATH, ""},
	    {NO_SECRET, E_RELAY_FIELD, "secret"},
	    {AUTH, E_RELAY_FIELD, "auth"},
	};
	struct store *store = *state;

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct relay_config relay = good();
		struct err err = {0};

		spoil(&relay, cases[i].wrong);
		assert_int_equal(relay_save(store, &relay, &err), -1);
		assert_int_equal(err.code, cases[i].code);
		assert_string_equal(err_find(&err, "field"), cases[i].field);
		assert_int_equal(relay.id, 0);
	}
}

static void
pins_that_are_none(void **state)
{
	static const char *const texts[] = {"", "uU0nuZNNPgil",
	    "uU0nuZNNPgilLlLX2n2r+sSE7+N6U4DukIj3rOLvzekA",
	    "uU0nuZNNPgilLlLX2n2r+sSE7+N6U4DukIj3rOLvze==",
	    "g94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9",
	    "b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde90"
	    "0"};

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		struct relay_config relay = good();

		assert_int_equal(
		    relay_pin_add(&relay, span_of(texts[i]), NULL), -1);
		assert_int_equal(relay.pin_count, 0);
	}
}

static void
what_was_seen_is_kept(void **state)
{
	struct store *store = *state;
	struct relay_config relay = good(), back;
	struct err err = {0};

	assert_ok(relay_save(store, &relay, &err), &err);
	assert_ok(
	    relay_remember(store, &relay, RELAY_SEEN_STARTTLS, &err), &err);
	assert_ok(relay_remember(store, &relay, RELAY_SEEN_TLS13, &err), &err);
	assert_ok(relay_save(store, &relay, &err), &err);
	read_back(store, relay.id, &back);
	assert_int_equal(back.seen, RELAY_SEEN_STARTTLS | RELAY_SEEN_TLS13);
	assert_ok(relay_accept_less(store, relay.id, &err), &err);
	read_back(store, relay.id, &back);
	assert_int_equal(relay_must_show(&back), 0);
	/* what it shows for the first time later counts again */
	assert_ok(relay_remember(store, &relay, RELAY_SEEN_SCRAM, &err), &err);
	read_back(store, relay.id, &back);
	assert_int_equal(relay_must_show(&back), RELAY_SEEN_SCRAM);

	/* another host is another relay, also while a session still runs */
	assert_ok(relay_remember(store, &relay, RELAY_SEEN_SCRAM, &err), &err);
	back.port = 25;
	assert_ok(relay_save(store, &back, &err), &err);
	assert_ok(relay_remember(store, &relay, RELAY_SEEN_SCRAM, &err), &err);
	read_back(store, relay.id, &back);
	assert_int_equal(back.seen, 0);
}

static void
the_seal_sees(void **state)
{
	struct relay_config plain = good(), other = good();
	struct digest a, b;

	(void)state;
	relay_digest(&plain, &a);
	other.share = 700;
	other.sessions = 50;
	other.rate_per_s = 5;
	other.warm_first = 100;
	other.seen = 7;
	relay_digest(&other, &b);
	assert_true(digest_equal(&a, &b));
	other.kind = RELAY_KIND_DIRECT;
	relay_digest(&other, &b);
	assert_false(digest_equal(&a, &b));
	other = good();
	other.pin_count = 1;
	relay_digest(&other, &b);
	assert_false(digest_equal(&a, &b));
	other = good();
	other.auth = RELAY_AUTH_PLAIN;
	relay_digest(&other, &b);
	assert_false(digest_equal(&a, &b));
}

static int
set_up(void **state)
{
	*state = tempstore_open(clock_real());
	return 0;
}

static int
tear_down(void **state)
{
	struct store *store = *state;

	tempstore_close(&store);
	return 0;
}

#define ON_A_STORE(test)                                                       \
	cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    ON_A_STORE(every_field_comes_back),
	    ON_A_STORE(a_direct_row),
	    ON_A_STORE(what_cannot_be_meant),
	    cmocka_unit_test(pins_that_are_none),
	    ON_A_STORE(what_was_seen_is_kept),
	    cmocka_unit_test(the_seal_sees),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
