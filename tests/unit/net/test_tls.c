/* TLS levels against certificates that are good, foreign, misnamed, expired
 * or not valid yet. */
#include <stdlib.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "tests/fake/relay.h"
#include "tests/fake/session.h"
#include "tests/unit/unit.h"

enum { DAY = 86400 };

static const struct practice_cert_how misnamed = {
    .names = "DNS:other.example",
    .from_s = -DAY,
    .to_s = DAY,
};
static const struct practice_cert_how expired = {
    .names = "DNS:localhost,IP:127.0.0.1",
    .from_s = -2 * DAY,
    .to_s = -DAY,
};
static const struct practice_cert_how not_yet = {
    .names = "DNS:localhost,IP:127.0.0.1",
    .from_s = DAY,
    .to_s = 2 * DAY,
};
static const struct practice_cert_how name_only = {
    .names = "DNS:localhost",
    .from_s = -DAY,
    .to_s = DAY,
};
static const struct practice_cert_how wild = {
    .names = "DNS:*.host,DNS:*",
    .from_s = -DAY,
    .to_s = DAY,
};

enum trust { OWN, SYSTEM };

struct round {
	const char *name;
	enum tls_level level;
	const char *host;
	const struct practice_cert_how *cert;
	enum trust trust;
	enum smtp_wish wish;
	enum tls_state state;
	enum err_code code;
	const char *why; /* part of the record's or the error's reason */
};

static const struct round rounds[] = {
    {"good", TLS_LEVEL_VERIFY, "localhost", &fake_good_cert, OWN,
	SMTP_WAIT_MESSAGE, TLS_STATE_VERIFIED, E_NONE, ""},
    {"good by address", TLS_LEVEL_VERIFY, "127.0.0.1", &fake_good_cert, OWN,
	SMTP_WAIT_MESSAGE, TLS_STATE_VERIFIED, E_NONE, ""},
    {"authority unknown", TLS_LEVEL_VERIFY, "localhost", &fake_good_cert,
	SYSTEM, SMTP_CLOSED, TLS_STATE_CLEAR, E_TLS_VERIFY, "issuer"},
    {"wrong name", TLS_LEVEL_VERIFY, "localhost", &misnamed, OWN, SMTP_CLOSED,
	TLS_STATE_CLEAR, E_TLS_VERIFY, "hostname mismatch"},
    {"name does not vouch for address", TLS_LEVEL_VERIFY, "127.0.0.1",
	&name_only, OWN, SMTP_CLOSED, TLS_STATE_CLEAR, E_TLS_VERIFY,
	"IP address mismatch"},
    {"wildcard", TLS_LEVEL_VERIFY, "localhost", &wild, OWN, SMTP_CLOSED,
	TLS_STATE_CLEAR, E_TLS_VERIFY, "hostname mismatch"},
    {"expired", TLS_LEVEL_VERIFY, "localhost", &expired, OWN, SMTP_CLOSED,
	TLS_STATE_CLEAR, E_TLS_VERIFY, "expired"},
    {"not yet valid", TLS_LEVEL_VERIFY, "localhost", &not_yet, OWN, SMTP_CLOSED,
	TLS_STATE_CLEAR, E_TLS_VERIFY, "not yet valid"},
    {"required does not insist", TLS_LEVEL_REQUIRED, "localhost", &expired, OWN,
	SMTP_WAIT_MESSAGE, TLS_STATE_UNVERIFIED, E_NONE, "expired"},
    {"opportunistic does not insist", TLS_LEVEL_OPPORTUNISTIC, "localhost",
	&misnamed, SYSTEM, SMTP_WAIT_MESSAGE, TLS_STATE_UNVERIFIED, E_NONE,
	"issuer"},
};

static const struct fake_step by_starttls[] = {
    {FAKE_SAY, "220 fake", 0},
    {FAKE_SERVE, NULL, 0},
    {FAKE_END, NULL, 0},
};
static const struct fake_step implicit[] = {
    {FAKE_TLS, NULL, 0},
    {FAKE_SAY, "220 fake", 0},
    {FAKE_SERVE, NULL, 0},
    {FAKE_END, NULL, 0},
};

static void
play_round(const struct round *round, const struct fake_step *script)
{
	const struct fake_step *scripts[] = {script};
	struct fake_plan plan = {scripts, 1, round->cert};
	struct fake_relay *relay = fake_relay_start(&plan);
	struct exchange_target target = {.host = round->host,
	    .port = fake_relay_port(relay),
	    .tls = round->level,
	    .ca_file = round->trust == OWN ? fake_relay_ca_file(relay) : NULL,
	    .ehlo = "client.example"};
	const struct tls_record *record;
	const struct err *why;
	struct tls_context *tls = NULL;
	struct exchange *exchange = NULL;
	struct err err = {0};

	assert_ok(tls_context_new(target.ca_file, &tls, &err), &err);
	assert_ok(exchange_new(dialler_loopback_only(), &target, tls,
		      SMTP_PIPELINE_OFFERED, clock_steady_ms(clock_real()),
		      &exchange, &err),
	    &err);
	if (session_run(exchange) != round->wish)
		fail_msg("%s: wish", round->name);
	record = exchange_tls(exchange);
	why = smtp_error(exchange_smtp(exchange));
	if (record->state != round->state || why->code != round->code ||
	    !strstr(record->why, round->why))
		fail_msg("%s: state %d, %s, %s", round->name, record->state,
		    err_name(why->code), record->why);
	if (round->code)
		assert_non_null(strstr(err_find(why, "why"), round->why));
	if (round->wish == SMTP_WAIT_MESSAGE) {
		assert_string_equal(record->version, "TLSv1.3");
		assert_string_equal(record->cipher, "TLS_AES_256_GCM_SHA384");
		assert_int_not_equal(record->not_after_ms, 0);
	}
	exchange_free(&exchange);
	tls_context_free(&tls);
	fake_relay_stop(&relay);
}

static void
levels_and_certificates(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rounds / sizeof *rounds; i++)
		play_round(&rounds[i], by_starttls);
}

static void
implicit_is_as_strict(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rounds / sizeof *rounds; i++) {
		struct round round = rounds[i];

		if (round.level != TLS_LEVEL_VERIFY)
			continue;
		round.level = TLS_LEVEL_IMPLICIT;
		play_round(&round, implicit);
	}
}

static void
a_bad_authority_file_is_named(void **state)
{
	struct tls_context *tls = NULL;
	struct err err = {0};

	(void)state;
	assert_int_equal(tls_context_new("/nonexistent/ca", &tls, &err), -1);
	assert_int_equal(err.code, E_TLS_SETUP);
	assert_string_equal(err_find(&err, "path"), "/nonexistent/ca");
	assert_int_equal(tls_context_new("/dev/null", &tls, &err), -1);
	assert_int_equal(err.code, E_TLS_SETUP);
	assert_null(tls);
}

static void
level_names_round_trip(void **state)
{
	(void)state;
	for (int i = 0; i < TLS_LEVEL_COUNT; i++)
		assert_int_equal(
		    tls_level_of(tls_level_name((enum tls_level)i)), i);
	assert_int_equal(tls_level_of("tls"), TLS_LEVEL_COUNT);
}

/* A relay that spoke TLS 1.3 before and does not now. */
static void
an_older_version_is_noticed(void **state)
{
	static const struct practice_cert_how old = {
	    .names = "DNS:localhost",
	    .from_s = -DAY,
	    .to_s = DAY,
	    .version = TLS1_2_VERSION,
	};
	const struct fake_step *scripts[] = {by_starttls};
	struct fake_plan plan = {scripts, 1, &old};
	struct fake_relay *relay = fake_relay_start(&plan);
	struct exchange_target target = {.host = "localhost",
	    .port = fake_relay_port(relay),
	    .tls = TLS_LEVEL_VERIFY,
	    .ca_file = fake_relay_ca_file(relay),
	    .ehlo = "client.example"};
	struct tls_context *tls = NULL;
	struct err err = {0};

	(void)state;
	assert_ok(tls_context_new(target.ca_file, &tls, &err), &err);
	for (int i = 0; i < 2; i++) {
		struct exchange *exchange = NULL;
		const struct err *why;

		target.seen = i ? TARGET_SEEN_TLS13 : 0;
		assert_ok(exchange_new(dialler_loopback_only(), &target, tls,
			      SMTP_PIPELINE_OFFERED,
			      clock_steady_ms(clock_real()), &exchange, &err),
		    &err);
		assert_int_equal(
		    session_run(exchange), i ? SMTP_CLOSED : SMTP_WAIT_MESSAGE);
		assert_string_equal(exchange_tls(exchange)->version, "TLSv1.2");
		why = smtp_error(exchange_smtp(exchange));
		assert_int_equal(why->code, i ? E_TLS_DOWNGRADE : E_NONE);
		assert_string_equal(err_find(why, "what"), i ? "tls13" : "");
		exchange_free(&exchange);
	}
	tls_context_free(&tls);
	fake_relay_stop(&relay);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(levels_and_certificates),
	    cmocka_unit_test(implicit_is_as_strict),
	    cmocka_unit_test(a_bad_authority_file_is_named),
	    cmocka_unit_test(level_names_round_trip),
	    cmocka_unit_test(an_older_version_is_noticed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
