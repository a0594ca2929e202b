/* AUTH in the SMTP machine: which mechanism it takes, when it believes that it
 * is in, and that nothing of the secret is told anywhere else. */
#include <stdio.h>

#include "core/net/sasl.h"
#include "tests/fake/play.h"
#include "tests/fake/saslhost.h"
#include "tests/unit/unit.h"

#define EHLO_C "EHLO me.example\r\n"

/* Up to the command that the EHLO reply leads to; it stays in the output. */
static void
get_to_auth(struct play *play, const char *offer, struct buf *talk)
{
	char reply[256];

	smtp_record(play->smtp, talk);
	smtp_bind(play->smtp, SCRAM_BIND_EXPORTER, SPAN("the channel"));
	smtp_tls_done(play->smtp);
	play_hear(play, "220 hi\r\n");
	says(play, EHLO_C);
	snprintf(reply, sizeof reply, "250-r\r\n250 AUTH %s\r\n", offer);
	play_hear(play, reply);
}

static struct span
last_word(struct span line)
{
	line = span_trim(line);
	while (span_index(line, ' ') < line.len)
		span_cut(&line, ' ');
	return line;
}

/* Feeds "334 " and what buf holds. */
static void
challenge(struct play *play, struct buf *text)
{
	struct buf line = BUF_INIT;

	buf_printf(&line, "334 %.*s\r\n", SPAN_ARG(buf_span(text)));
	play_hear(play, line.ptr);
	buf_done(&line);
	buf_clear(text);
}

static void
scram_lets_us_in(void **state)
{
	static const struct {
		const char *offer, *name;
	} cases[] = {
	    {"LOGIN PLAIN SCRAM-SHA-256", "C: AUTH SCRAM-SHA-256 ****\n"},
	    {"PLAIN SCRAM-SHA-256-PLUS SCRAM-SHA-256",
		"C: AUTH SCRAM-SHA-256-PLUS ****\n"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct saslhost host = {
		    .binding = i == 1 ? SPAN("the channel") : SPAN("")};
		struct buf talk = BUF_INIT, said = BUF_INIT;
		struct play play;

		play_begin(&play, TLS_LEVEL_IMPLICIT, "user");
		get_to_auth(&play, cases[i].offer, &talk);
		saslhost_offer(&host, last_word(smtp_output(play.smtp)), &said);
		play_flush(&play);
		challenge(&play, &said);
		assert_true(
		    saslhost_check(&host, smtp_output(play.smtp), &said));
		play_flush(&play);
		challenge(&play, &said);
		says(&play, "\r\n");
		play_hear(&play, "235 in\r\n");
		wants(&play, SMTP_WAIT_MESSAGE);
		assert_true(span_search(buf_span(&talk),
				span_of(cases[i].name)) < talk.len);
		/* neither side's messages */
		assert_true(span_search(buf_span(&talk),
				SPAN("S: 334 ****\nC: ****\nS: 334 ****\n"
				     "C: ****\nS: 235 in\n")) < talk.len);
		buf_done(&talk);
		buf_done(&said);
		play_end(&play);
	}
}

/* Codes alone do not let us in. */
static void
a_server_must_prove_itself(void **state)
{
	enum how { AT_ONCE, AFTER_PROOF, WRONG_SIGNATURE, ERROR, REFUSED };
	static const struct {
		enum how how;
		enum err_code code;
	} cases[] = {
	    {AT_ONCE, E_SASL_SERVER},
	    {AFTER_PROOF, E_SASL_SERVER},
	    {WRONG_SIGNATURE, E_SASL_SERVER},
	    {ERROR, E_SMTP_AUTH},
	    {REFUSED, E_SMTP_AUTH},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct saslhost host = {.binding = SPAN("")};
		struct buf talk = BUF_INIT, said = BUF_INIT;
		struct play play;

		play_begin(&play, TLS_LEVEL_IMPLICIT, "user");
		get_to_auth(&play, "SCRAM-SHA-256 PLAIN", &talk);
		saslhost_offer(&host, last_word(smtp_output(play.smtp)), &said);
		play_flush(&play);
		if (cases[i].how != AT_ONCE) {
			challenge(&play, &said);
			play_flush(&play);
		}
		switch (cases[i].how) {
		case AT_ONCE:
		case AFTER_PROOF:
			play_hear(&play, "235 in\r\n");
			break;
		case WRONG_SIGNATURE: /* v= and 32 zeros */
			play_hear(&play,
			    "334 dj1BQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFB"
			    "QUFBQUFBQUFBQUE9\r\n");
			break;
		case ERROR: /* e=x */
			play_hear(&play, "334 ZT14\r\n");
			break;
		case REFUSED:
			play_hear(&play, "535 5.7.8 no\r\n");
			break;
		}
		wants(&play, SMTP_CLOSED);
		if (smtp_error(play.smtp)->code != cases[i].code)
			fail_msg("case %zu: %s", i,
			    err_name(smtp_error(play.smtp)->code));
		assert_string_equal(
		    err_find(smtp_error(play.smtp), "host"), "relay.example");
		/* nothing more was said, no other mechanism tried */
		assert_int_equal(smtp_output(play.smtp).len, 0);
		buf_done(&talk);
		buf_done(&said);
		play_end(&play);
	}
}

static void
one_mechanism_only(void **state)
{
	struct buf talk = BUF_INIT;
	struct play play;

	(void)state;
	play_begin(&play, TLS_LEVEL_IMPLICIT, "user");
	play.target.auth = SASL_SCRAM;
	get_to_auth(&play, "PLAIN LOGIN", &talk);
	wants(&play, SMTP_CLOSED);
	assert_int_equal(smtp_error(play.smtp)->code, E_SMTP_AUTH_NONE);
	play_end(&play);
	play_begin(&play, TLS_LEVEL_IMPLICIT, "user");
	play.target.auth = SASL_TOKEN;
	get_to_auth(&play, "PLAIN XOAUTH2 SCRAM-SHA-256", &talk);
	says(
	    &play, "AUTH XOAUTH2 dXNlcj11c2VyAWF1dGg9QmVhcmVyIHBhNTUBAQ==\r\n");
	play_hear(&play, "334 eyJzdGF0dXMiOiI0MDEifQ==\r\n");
	says(&play, "\r\n");
	play_hear(&play, "535 5.7.8 token expired\r\n");
	wants(&play, SMTP_CLOSED);
	assert_int_equal(smtp_error(play.smtp)->code, E_SMTP_AUTH);
	assert_non_null(
	    strstr(err_find(smtp_error(play.smtp), "reply"), "expired"));
	assert_true(span_search(buf_span(&talk),
			SPAN("C: AUTH XOAUTH2 ****\nS: 334 ****\nC: ****\n")) <
		    talk.len);
	play_end(&play);
	buf_done(&talk);
}

/* What was offered before and is gone: somebody may stand in between. */
static void
less_than_before(void **state)
{
	static const struct {
		enum tls_level level;
		unsigned seen, auth;
		const char *ehlo, *starttls;
		enum err_code code;
		const char *what;
	} cases[] = {
	    {TLS_LEVEL_OPPORTUNISTIC, TARGET_SEEN_STARTTLS, 0, "250 r\r\n",
		NULL, E_TLS_DOWNGRADE, "starttls"},
	    {TLS_LEVEL_OPPORTUNISTIC, TARGET_SEEN_STARTTLS, 0,
		"250-r\r\n250 STARTTLS\r\n", "454 no\r\n", E_SMTP_REPLY, ""},
	    {TLS_LEVEL_OPPORTUNISTIC, 0, 0, "250 r\r\n", NULL, E_NONE, ""},
	    {TLS_LEVEL_VERIFY, TARGET_SEEN_STARTTLS, 0, "250 r\r\n", NULL,
		E_TLS_MISSING, ""},
	    {TLS_LEVEL_IMPLICIT, TARGET_SEEN_SCRAM, 0,
		"250-r\r\n250 AUTH PLAIN LOGIN\r\n", NULL, E_TLS_DOWNGRADE,
		"scram"},
	    {TLS_LEVEL_IMPLICIT, TARGET_SEEN_SCRAM, SASL_PLAIN,
		"250-r\r\n250 AUTH PLAIN LOGIN\r\n", NULL, E_NONE, ""},
	    {TLS_LEVEL_IMPLICIT, TARGET_SEEN_SCRAM, 0,
		"250-r\r\n250 AUTH PLAIN SCRAM-SHA-256\r\n", NULL, E_NONE, ""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		bool implicit = cases[i].level == TLS_LEVEL_IMPLICIT;
		const struct err *why;
		struct play play;

		play_begin(&play, cases[i].level, implicit ? "user" : NULL);
		play.target.seen = cases[i].seen;
		play.target.auth = cases[i].auth;
		if (implicit)
			smtp_tls_done(play.smtp);
		play_hear(&play, "220 hi\r\n");
		says(&play, EHLO_C);
		play_hear(&play, cases[i].ehlo);
		play_flush(&play);
		if (cases[i].starttls)
			play_hear(&play, cases[i].starttls);
		why = smtp_error(play.smtp);
		if (why->code != cases[i].code)
			fail_msg("case %zu: %s", i, err_name(why->code));
		if (why->code == E_TLS_DOWNGRADE) {
			wants(&play, SMTP_CLOSED);
			assert_string_equal(
			    err_find(why, "what"), cases[i].what);
			assert_string_equal(
			    err_find(why, "host"), "relay.example");
		}
		play_end(&play);
	}
}

/* A password is not told to just anybody. */
static void
nobody_knows_who_it_is(void **state)
{
	static const struct {
		unsigned auth;
		const char *offer;
		enum { STRANGER, TRUSTED } peer;
		const char *said; /* NULL: E_SMTP_AUTH_UNVERIFIED */
	} cases[] = {
	    {0, "PLAIN LOGIN", STRANGER, NULL},
	    {0, "PLAIN LOGIN", TRUSTED, "AUTH PLAIN "},
	    {0, "PLAIN SCRAM-SHA-256", STRANGER, "AUTH SCRAM-SHA-256 "},
	    {SASL_PLAIN, "PLAIN SCRAM-SHA-256", STRANGER, "AUTH PLAIN "},
	    {SASL_LOGIN, "PLAIN LOGIN", STRANGER, "AUTH LOGIN"},
	    {SASL_TOKEN, "XOAUTH2", STRANGER, NULL},
	    {SASL_TOKEN, "XOAUTH2", TRUSTED, "AUTH XOAUTH2 "},
	    {SASL_XOAUTH2, "XOAUTH2", STRANGER, "AUTH XOAUTH2 "},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct play play;
		char reply[128];

		play_begin(&play, TLS_LEVEL_REQUIRED, "user");
		play.target.auth = cases[i].auth;
		play_hear(&play, "220 hi\r\n");
		says(&play, EHLO_C);
		play_hear(&play, "250-r\r\n250 STARTTLS\r\n");
		says(&play, "STARTTLS\r\n");
		play_hear(&play, "220 go\r\n");
		if (cases[i].peer == TRUSTED)
			smtp_trust(play.smtp);
		smtp_tls_done(play.smtp);
		says(&play, EHLO_C);
		snprintf(reply, sizeof reply, "250-r\r\n250 AUTH %s\r\n",
		    cases[i].offer);
		play_hear(&play, reply);
		if (cases[i].said) {
			assert_true(span_starts(
			    smtp_output(play.smtp), span_of(cases[i].said)));
		} else {
			wants(&play, SMTP_CLOSED);
			assert_int_equal(smtp_error(play.smtp)->code,
			    E_SMTP_AUTH_UNVERIFIED);
		}
		play_end(&play);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(scram_lets_us_in),
	    cmocka_unit_test(a_server_must_prove_itself),
	    cmocka_unit_test(one_mechanism_only),
	    cmocka_unit_test(less_than_before),
	    cmocka_unit_test(nobody_knows_who_it_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
