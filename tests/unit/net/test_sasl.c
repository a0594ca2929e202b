/* The mechanisms of AUTH: which one is chosen, and what it says, against the
 * octets of the documents. */
#include <string.h>

#include "core/net/sasl.h"
#include "tests/fake/saslhost.h"
#include "tests/unit/unit.h"

static void
offers_are_read(void **state)
{
	static const struct {
		const char *words;
		unsigned offered;
	} table[] = {
	    {"", 0},
	    {"PLAIN", SASL_PLAIN},
	    {"login plain", SASL_PLAIN | SASL_LOGIN},
	    {"CRAM-MD5  LOGIN ", SASL_LOGIN},
	    {"PLAINTEXT XLOGIN", 0},
	    {"SCRAM-SHA-1 SCRAM-SHA-256", SASL_SCRAM},
	    {"SCRAM-SHA-256-PLUS XOAUTH2 OAUTHBEARER",
		SASL_SCRAM_PLUS | SASL_XOAUTH2 | SASL_OAUTHBEARER},
	};

	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++)
		assert_int_equal(
		    sasl_offered(span_of(table[i].words)), table[i].offered);
}

static void
the_best_is_chosen(void **state)
{
	enum { ALL = 63, SCRAMS = SASL_SCRAM | SASL_SCRAM_PLUS };
	static const struct {
		unsigned offered, allowed;
		enum scram_bind bind;
		const char *name; /* NULL: none */
		enum scram_bind bound;
	} table[] = {
	    {ALL, 0, SCRAM_BIND_EXPORTER, "SCRAM-SHA-256-PLUS",
		SCRAM_BIND_EXPORTER},
	    {ALL, 0, SCRAM_BIND_END_POINT, "SCRAM-SHA-256-PLUS",
		SCRAM_BIND_END_POINT},
	    {ALL, 0, SCRAM_BIND_NONE, "SCRAM-SHA-256", SCRAM_BIND_NONE},
	    {SASL_SCRAM | SASL_PLAIN, 0, SCRAM_BIND_EXPORTER, "SCRAM-SHA-256",
		SCRAM_BIND_UNOFFERED},
	    {ALL, SASL_SCRAM, SCRAM_BIND_EXPORTER, "SCRAM-SHA-256",
		SCRAM_BIND_NONE},
	    {SASL_PLAIN | SASL_LOGIN, 0, SCRAM_BIND_NONE, "PLAIN", 0},
	    {ALL, SASL_LOGIN, SCRAM_BIND_NONE, "LOGIN", 0},
	    {ALL, SASL_TOKEN, SCRAM_BIND_NONE, "OAUTHBEARER", 0},
	    {ALL & ~SASL_OAUTHBEARER, SASL_TOKEN, SCRAM_BIND_NONE, "XOAUTH2",
		0},
	    {SASL_TOKEN, 0, SCRAM_BIND_NONE, NULL, 0},
	    {SASL_PASSWORD, SASL_TOKEN, SCRAM_BIND_NONE, NULL, 0},
	    {SASL_PLAIN, SCRAMS, SCRAM_BIND_EXPORTER, NULL, 0},
	    {SASL_SCRAM_PLUS, 0, SCRAM_BIND_NONE, NULL, 0},
	    {0, 0, SCRAM_BIND_NONE, NULL, 0},
	};
	struct secret *secret = secret_of("pa55", 4);

	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		struct sasl_how how = {.offered = table[i].offered,
		    .allowed = table[i].allowed,
		    .user = "tim",
		    .secret = secret,
		    .host = "h",
		    .bind = table[i].bind,
		    .binding = SPAN("bound")};
		struct err err = {0};
		struct sasl sasl;

		if (!table[i].name) {
			assert_int_equal(sasl_init(&sasl, &how, &err), -1);
			assert_int_equal(err.code, E_SMTP_AUTH_NONE);
			continue;
		}
		assert_ok(sasl_init(&sasl, &how, &err), &err);
		assert_string_equal(sasl_name(sasl.mech), table[i].name);
		if (sasl.mech & SCRAMS)
			assert_int_equal(sasl.scram.bind, table[i].bound);
	}
	secret_free(&secret);
}

static int
init(struct sasl *sasl, unsigned offered, const char *user,
    const struct secret *secret, struct err *err)
{
	struct sasl_how how = {.offered = offered,
	    .allowed = offered,
	    .user = user,
	    .secret = secret,
	    .host = "server.example.com",
	    .port = 587};

	return sasl_init(sasl, &how, err);
}

/* RFC 4616 section 4: tim, tanstaaftanstaaf, without authzid. */
static void
plain_is_one_line(void **state)
{
	struct secret *secret = secret_of("tanstaaftanstaaf", 16);
	struct buf out = BUF_INIT;
	struct err err = {0};
	struct sasl sasl;

	(void)state;
	assert_ok(init(&sasl, SASL_PLAIN, "tim", secret, &err), &err);
	sasl_start(&sasl, &out);
	assert_span_equal(
	    buf_span(&out), "AUTH PLAIN AHRpbQB0YW5zdGFhZnRhbnN0YWFm\r\n");
	assert_int_equal(sasl_answer(&sasl, SPAN(""), &out, &err), -1);
	assert_int_equal(err.code, E_SMTP_AUTH);
	assert_int_equal(sasl_accept(&sasl, &err), 0);
	buf_wipe(&out);
	secret_free(&secret);
}

static void
login_is_three_lines(void **state)
{
	struct secret *secret = secret_of("\xe5\xaf\x86", 3);
	struct buf out = BUF_INIT;
	struct err err = {0};
	struct sasl sasl;

	(void)state;
	assert_ok(init(&sasl, SASL_LOGIN, "a@b", secret, &err), &err);
	sasl_start(&sasl, &out);
	assert_ok(sasl_answer(&sasl, SPAN("VXNlcg=="), &out, &err), &err);
	assert_ok(sasl_answer(&sasl, SPAN("anything"), &out, &err), &err);
	assert_span_equal(buf_span(&out), "AUTH LOGIN\r\nYUBi\r\n5a+G\r\n");
	assert_int_equal(sasl_answer(&sasl, SPAN(""), &out, &err), -1);
	buf_wipe(&out);
	secret_free(&secret);
}

/* RFC 7628 section 4.1, and the form that Google and Microsoft describe. */
static void
tokens_are_borne(void **state)
{
	struct secret *token = secret_of("vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEu"
					 "Y29tCg==",
	    42);
	struct buf out = BUF_INIT;
	struct err err = {0};
	struct sasl sasl;

	(void)state;
	assert_ok(
	    init(&sasl, SASL_OAUTHBEARER, "user@example.com", token, &err),
	    &err);
	sasl_start(&sasl, &out);
	assert_span_equal(buf_span(&out),
	    "AUTH OAUTHBEARER bixhPXVzZXJAZXhhbXBsZS5jb20sAWhvc3Q9c2VydmVyLmV"
	    "4YW1wbGUuY29tAXBvcnQ9NTg3AWF1dGg9QmVhcmVyIHZGOWRmdDRxbVRjMk52YjN"
	    "SbGNrQmhiSFJoZG1semRHRXVZMjl0Q2c9PQEB\r\n");
	buf_clear(&out);
	assert_ok(sasl_answer(&sasl,
		      SPAN("eyJzdGF0dXMiOiJpbnZhbGlkX3Rva2VuIn0"
			   "="),
		      &out, &err),
	    &err);
	assert_span_equal(buf_span(&out), "AQ==\r\n");
	assert_int_equal(sasl_answer(&sasl, SPAN("e30="), &out, &err), -1);
	assert_int_equal(err.code, E_SMTP_AUTH);
	buf_clear(&out);
	assert_ok(
	    init(&sasl, SASL_XOAUTH2, "someuser@example.com", token, &err),
	    &err);
	sasl_start(&sasl, &out);
	assert_span_equal(buf_span(&out),
	    "AUTH XOAUTH2 dXNlcj1zb21ldXNlckBleGFtcGxlLmNvbQFhdXRoPUJlYXJlciB"
	    "2RjlkZnQ0cW1UYzJOdmIzUmxja0JoYkhSaGRtbHpkR0V1WTI5dENnPT0BAQ=="
	    "\r\n");
	buf_clear(&out);
	assert_ok(sasl_answer(&sasl, SPAN("e30="), &out, &err), &err);
	assert_span_equal(buf_span(&out), "\r\n");
	buf_wipe(&out);
	secret_free(&token);
}

/* What makes the command longer than a line may be waits to be asked for. */
static void
a_long_token_waits(void **state)
{
	struct secret *token = secret_new(3000);
	struct buf out = BUF_INIT, all = BUF_INIT;
	struct err err = {0};
	struct sasl sasl;

	(void)state;
	memset(token->bytes, 't', token->len);
	assert_ok(init(&sasl, SASL_XOAUTH2, "u", token, &err), &err);
	sasl_start(&sasl, &out);
	assert_span_equal(buf_span(&out), "AUTH XOAUTH2\r\n");
	/* nothing of it is left behind the end */
	buf_add(&all, span_make(out.ptr + out.len, out.room - out.len));
	assert_int_equal(span_search(buf_span(&all), SPAN("dHR0")), all.len);
	buf_clear(&out);
	assert_ok(sasl_answer(&sasl, SPAN(""), &out, &err), &err);
	assert_true(span_starts(
	    buf_span(&out), SPAN("dXNlcj11AWF1dGg9QmVhcmVyIHR0dHR0")));
	assert_true(out.len > 4000);
	buf_clear(&out);
	assert_ok(sasl_answer(&sasl, SPAN("e30="), &out, &err), &err);
	assert_span_equal(buf_span(&out), "\r\n");
	buf_wipe(&out);
	buf_done(&all);
	secret_free(&token);
}

static void
what_does_not_fit_is_refused(void **state)
{
	static const struct {
		const char *bytes;
		size_t len;
		enum sasl_mech mech;
	} secrets[] = {
	    {"a\0b", 3, SASL_PLAIN},
	    {"a b", 3, SASL_XOAUTH2},
	    {"a\1b", 3, SASL_OAUTHBEARER},
	    {"a\nb", 3, SASL_OAUTHBEARER},
	    {"", 0, SASL_XOAUTH2},
	};
	char user[SASL_USER_MAX + 2];
	struct secret *most = secret_new(SASL_SECRET_MAX);
	struct secret *more = secret_new(SASL_SECRET_MAX + 1);
	struct secret *token = secret_new(SASL_TOKEN_MAX + 1);
	struct buf out = BUF_INIT;
	struct sasl sasl;

	(void)state;
	memset(user, 'u', sizeof user - 1);
	user[sizeof user - 1] = '\0';
	memset(most->bytes, 'p', most->len);
	memset(more->bytes, 'p', more->len);
	memset(token->bytes, 't', token->len);
	assert_int_equal(init(&sasl, SASL_PLAIN, user, most, NULL), -1);
	assert_int_equal(init(&sasl, SASL_PLAIN, "u", more, NULL), -1);
	assert_int_equal(init(&sasl, SASL_SCRAM, "u", more, NULL), -1);
	assert_int_equal(init(&sasl, SASL_PLAIN, "u", NULL, NULL), -1);
	assert_int_equal(init(&sasl, SASL_XOAUTH2, "u", token, NULL), -1);
	assert_int_equal(init(&sasl, SASL_XOAUTH2, "u\1x", more, NULL), -1);
	for (size_t i = 0; i < sizeof secrets / sizeof *secrets; i++) {
		struct secret *secret =
		    secret_of(secrets[i].bytes, secrets[i].len);

		assert_int_equal(
		    init(&sasl, secrets[i].mech, "u", secret, NULL), -1);
		secret_free(&secret);
	}
	assert_int_equal(init(&sasl, SASL_PLAIN, user + 1, most, NULL), 0);
	sasl_start(&sasl, &out);
	assert_span_equal(buf_span(&out), "AUTH PLAIN\r\n");
	buf_clear(&out);
	assert_int_equal(sasl_answer(&sasl, SPAN(""), &out, NULL), 0);
	assert_int_equal(out.len, 684 + 2);
	buf_wipe(&out);
	secret_free(&most);
	secret_free(&more);
	secret_free(&token);
}

/* ---- SCRAM with a server ---- */

/* Both sides, up to the server's last word in *said. */
static bool
prove(struct sasl *sasl, struct saslhost *host, struct buf *said)
{
	struct buf out = BUF_INIT;
	struct err err = {0};
	struct span line;
	bool good;

	sasl_start(sasl, &out);
	line = span_trim(buf_span(&out));
	while (span_index(line, ' ') < line.len)
		span_cut(&line, ' ');
	buf_clear(said);
	saslhost_offer(host, line, said);
	buf_clear(&out);
	assert_ok(sasl_answer(sasl, buf_span(said), &out, &err), &err);
	buf_clear(said);
	good = saslhost_check(host, span_trim(buf_span(&out)), said);
	buf_wipe(&out);
	return good;
}

static void
scram_with_a_server(void **state)
{
	static const struct {
		unsigned offered;
		enum scram_bind bind;
		const char *binding, *password, *gs2;
		bool good;
	} cases[] = {
	    {SASL_SCRAM, SCRAM_BIND_NONE, "", "pa55", "n,,", true},
	    {SASL_SCRAM, SCRAM_BIND_NONE, "", "wrong", "n,,", false},
	    {SASL_SCRAM, SCRAM_BIND_EXPORTER, "", "pa55", "y,,", true},
	    {SASL_SCRAM_PLUS, SCRAM_BIND_EXPORTER, "the channel", "pa55",
		"p=tls-exporter,,", true},
	    {SASL_SCRAM_PLUS, SCRAM_BIND_EXPORTER, "another one", "pa55",
		"p=tls-exporter,,", false},
	    {SASL_SCRAM_PLUS, SCRAM_BIND_END_POINT, "the channel", "pa55",
		"p=tls-server-end-point,,", true},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct secret *secret =
		    secret_of(cases[i].password, strlen(cases[i].password));
		struct sasl_how how = {.offered = cases[i].offered,
		    .user = "tim",
		    .secret = secret,
		    .host = "h",
		    .bind = cases[i].bind,
		    .binding = SPAN("the channel")};
		struct saslhost host = {.binding = span_of(cases[i].binding)};
		struct buf said = BUF_INIT, out = BUF_INIT;
		struct err err = {0};
		struct sasl sasl;

		assert_ok(sasl_init(&sasl, &how, &err), &err);
		assert_int_equal(prove(&sasl, &host, &said), cases[i].good);
		assert_string_equal(host.gs2, cases[i].gs2);
		/* in, but it has not shown that it knows the password */
		assert_int_equal(sasl_accept(&sasl, &err), -1);
		assert_int_equal(err.code, E_SASL_SERVER);
		if (cases[i].good) {
			assert_ok(
			    sasl_answer(&sasl, buf_span(&said), &out, &err),
			    &err);
			assert_span_equal(buf_span(&out), "\r\n");
			assert_ok(sasl_accept(&sasl, &err), &err);
		}
		buf_done(&said);
		buf_done(&out);
		secret_free(&secret);
	}
}

static void
challenges_that_are_none(void **state)
{
	static const char *const challenges[] = {
	    "no base64", "e", "AAA", "====", "cj14LHM9eCxpPTE=", ""};
	struct secret *secret = secret_of("pa55", 4);

	(void)state;
	for (size_t i = 0; i < sizeof challenges / sizeof *challenges; i++) {
		struct buf out = BUF_INIT;
		struct err err = {0};
		struct sasl sasl;

		assert_ok(init(&sasl, SASL_SCRAM, "tim", secret, &err), &err);
		sasl_start(&sasl, &out);
		assert_int_equal(
		    sasl_answer(&sasl, span_of(challenges[i]), &out, &err), -1);
		assert_int_equal(err.code, E_SASL_SERVER);
		buf_wipe(&out);
	}
	secret_free(&secret);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(offers_are_read),
	    cmocka_unit_test(the_best_is_chosen),
	    cmocka_unit_test(plain_is_one_line),
	    cmocka_unit_test(login_is_three_lines),
	    cmocka_unit_test(tokens_are_borne),
	    cmocka_unit_test(a_long_token_waits),
	    cmocka_unit_test(what_does_not_fit_is_refused),
	    cmocka_unit_test(scram_with_a_server),
	    cmocka_unit_test(challenges_that_are_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
