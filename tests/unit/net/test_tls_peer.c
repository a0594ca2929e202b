/* Whom a TLS session accepts as its peer: pins, TLSA records, resumption, and
 * the bindings of a channel.  Both ends run here, over a pair of sockets. */
#include "tests/unit/unit.h"

#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/base/file.h"
#include "core/deliver/practice_cert.h"
#include "core/net/tls.h"
#include "tests/fake/tempstore.h"

enum { DAY = 86400 };

static const struct practice_cert_how good = {
    .names = "DNS:mx.example.jp", .from_s = -DAY, .to_s = DAY};
static const struct practice_cert_how expired = {
    .names = "DNS:mx.example.jp", .from_s = -2 * DAY, .to_s = -DAY};

struct house {
	char *dir;
	char ca_file[256];
	SSL_CTX *server;
	X509 *ca;
	struct digest spki, cert, ca_cert; /* SHA-256 */
	struct tls_context *trusting, *foreign;
};

/* The server also sends its authority, as usage 2 wants it. */
static void
house_build(struct house *house, const struct practice_cert_how *how)
{
	struct buf pem = BUF_INIT;
	struct err err = {0};
	unsigned char *der = NULL;
	X509 *cert;
	BIO *bio;
	int len;

	*house = (struct house){.dir = tempdir_new()};
	assert_ok(practice_cert_make(how, &house->server, &pem, &err), &err);
	snprintf(house->ca_file, sizeof house->ca_file, "%s/ca", house->dir);
	assert_ok(
	    file_replace(house->ca_file, buf_span(&pem), 0600, &err), &err);
	bio = BIO_new_mem_buf(pem.ptr, (int)pem.len);
	house->ca = PEM_read_bio_X509(bio, NULL, NULL, NULL);
	BIO_free(bio);
	buf_done(&pem);
	assert_non_null(house->ca);
	assert_true(SSL_CTX_add1_chain_cert(house->server, house->ca));
	X509_digest(house->ca, EVP_sha256(), house->ca_cert.bytes, NULL);
	cert = SSL_CTX_get0_certificate(house->server);
	X509_digest(cert, EVP_sha256(), house->cert.bytes, NULL);
	len = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(cert), &der);
	crypt_sha256(span_make(der, (size_t)len), &house->spki);
	OPENSSL_free(der);
	assert_ok(
	    tls_context_new(house->ca_file, &house->trusting, &err), &err);
	assert_ok(tls_context_new(NULL, &house->foreign, &err), &err);
}

static void
house_leave(struct house *house)
{
	tls_context_free(&house->trusting);
	tls_context_free(&house->foreign);
	SSL_CTX_free(house->server);
	X509_free(house->ca);
	tempdir_remove(&house->dir);
}

/* Both ends of one connection. */
struct line {
	int fds[2];
	SSL *server;
	struct tls_session *client;
	struct tls_record record;
	struct err err;
};

/* Until both are through or one gives up; true when both are through. */
static bool
shake(struct line *line)
{
	enum tls_got got = TLS_WANT_READ;
	int served = 0;

	for (int i = 0; i < 20 && (got != TLS_DONE || served != 1); i++) {
		if (got != TLS_DONE)
			got = tls_session_handshake(line->client, &line->err);
		if (got == TLS_FAILED)
			return false;
		if (served != 1)
			served = SSL_accept(line->server);
	}
	return got == TLS_DONE && served == 1;
}

/* The client reads what comes behind the handshake (tickets) up to "hello". */
static void
listen_for_hello(struct line *line)
{
	char bytes[64];
	size_t got = 0;

	assert_int_equal(SSL_write(line->server, "hello", 5), 5);
	for (int i = 0; i < 5 && got == 0; i++)
		tls_session_read(
		    line->client, bytes, sizeof bytes, &got, &line->err);
	assert_int_equal(got, 5);
}

static bool
line_open(struct line *line, struct house *house, struct tls_context *context,
    const struct tls_expect *expect)
{
	bool through;

	*line = (struct line){.server = SSL_new(house->server)};
	assert_int_equal(
	    socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0,
		line->fds),
	    0);
	SSL_set_fd(line->server, line->fds[1]);
	assert_ok(tls_session_new(
		      context, expect, line->fds[0], &line->client, &line->err),
	    &line->err);
	through = shake(line);
	tls_session_record(line->client, &line->record);
	if (through)
		listen_for_hello(line);
	return through;
}

static void
line_close(struct line *line)
{
	tls_session_shut(line->client);
	tls_session_free(&line->client);
	SSL_free(line->server);
	close(line->fds[0]);
	close(line->fds[1]);
}

/* ---- pins ---- */

enum pinned { NO_PIN, RIGHT_PIN, SECOND_PIN, WRONG_PIN };

static void
a_pin_or_the_chain(void **state)
{
	static const struct {
		const char *name;
		enum tls_level level;
		bool trusted;
		enum pinned pinned;
		bool through;
		enum tls_state state;
		enum err_code code;
	} cases[] = {
	    {"chain", TLS_LEVEL_PIN, true, WRONG_PIN, true, TLS_STATE_VERIFIED,
		E_NONE},
	    {"pin", TLS_LEVEL_PIN, false, RIGHT_PIN, true, TLS_STATE_VERIFIED,
		E_NONE},
	    {"second pin", TLS_LEVEL_PIN, false, SECOND_PIN, true,
		TLS_STATE_VERIFIED, E_NONE},
	    {"neither", TLS_LEVEL_PIN, false, WRONG_PIN, false,
		TLS_STATE_UNVERIFIED, E_TLS_PIN},
	    {"level pin without pins", TLS_LEVEL_PIN, false, NO_PIN, false,
		TLS_STATE_UNVERIFIED, E_TLS_PIN},
	    {"implicit, pin", TLS_LEVEL_IMPLICIT, false, RIGHT_PIN, true,
		TLS_STATE_VERIFIED, E_NONE},
	    {"implicit, wrong pin", TLS_LEVEL_IMPLICIT, false, WRONG_PIN, false,
		TLS_STATE_UNVERIFIED, E_TLS_PIN},
	    {"verify knows no pins", TLS_LEVEL_VERIFY, false, RIGHT_PIN, false,
		TLS_STATE_CLEAR, E_TLS_VERIFY},
	};
	struct house house;

	(void)state;
	house_build(&house, &good);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct digest pins[2] = {{{1}}, {{2}}};
		struct tls_expect expect = {.level = cases[i].level,
		    .host = "mx.example.jp",
		    .pins = pins,
		    .pin_count = cases[i].pinned == NO_PIN ? 0 : 2};
		struct line line;

		if (cases[i].pinned == RIGHT_PIN)
			pins[0] = house.spki;
		if (cases[i].pinned == SECOND_PIN)
			pins[1] = house.spki;
		if (line_open(&line, &house,
			cases[i].trusted ? house.trusting : house.foreign,
			&expect) != cases[i].through ||
		    line.err.code != cases[i].code)
			fail_msg(
			    "%s: %s", cases[i].name, err_name(line.err.code));
		if (cases[i].through) {
			assert_int_equal(line.record.state, cases[i].state);
			assert_string_equal(
			    line.record.policy, tls_level_name(cases[i].level));
		}
		/* the key is known also where it was refused */
		if (cases[i].code != E_TLS_VERIFY) {
			assert_true(
			    digest_equal(&line.record.spki, &house.spki));
			assert_true(
			    digest_equal(&line.record.peer, &house.cert));
		}
		line_close(&line);
	}
	house_leave(&house);
}

/* The error names the key that is there, as it would be written as a pin. */
static void
the_present_key_is_named(void **state)
{
	struct digest wrong = {{3}};
	struct tls_expect expect = {.level = TLS_LEVEL_PIN,
	    .host = "mx.example.jp",
	    .pins = &wrong,
	    .pin_count = 1};
	unsigned char text[48];
	struct house house;
	struct line line;

	(void)state;
	house_build(&house, &expired);
	EVP_EncodeBlock(text, house.spki.bytes, SHA256_LEN);
	assert_false(line_open(&line, &house, house.trusting, &expect));
	assert_int_equal(line.err.code, E_TLS_PIN);
	assert_string_equal(err_find(&line.err, "pin"), (char *)text);
	line_close(&line);
	wrong = house.spki;
	assert_true(line_open(&line, &house, house.trusting, &expect));
	assert_int_equal(line.record.state, TLS_STATE_VERIFIED);
	assert_non_null(strstr(line.record.why, "expired"));
	assert_string_equal(line.record.name, "");
	line_close(&line);
	house_leave(&house);
}

/* ---- TLSA ---- */

static void
tlsa_records_decide(void **state)
{
	enum what { KEY, CERT, CA_CERT, OTHER, SHORT };
	static const struct {
		const char *name;
		uint8_t usage, selector, matching;
		enum what what;
		const char *host, *also;
		bool is_expired, through;
		enum tls_state state;
		const char *policy;
	} cases[] = {
	    {"3 1 1", 3, 1, 1, KEY, "mx.example.jp", NULL, false, true,
		TLS_STATE_VERIFIED, "dane"},
	    {"3 1 1, another name, expired", 3, 1, 1, KEY, "other.example.jp",
		NULL, true, true, TLS_STATE_VERIFIED, "dane"},
	    {"3 0 1", 3, 0, 1, CERT, "mx.example.jp", NULL, false, true,
		TLS_STATE_VERIFIED, "dane"},
	    {"3 1 1 of another key", 3, 1, 1, OTHER, "mx.example.jp", NULL,
		false, false, TLS_STATE_CLEAR, "dane"},
	    {"2 0 1", 2, 0, 1, CA_CERT, "mx.example.jp", NULL, false, true,
		TLS_STATE_VERIFIED, "dane"},
	    {"2 0 1, another name", 2, 0, 1, CA_CERT, "other.example.jp", NULL,
		false, false, TLS_STATE_CLEAR, "dane"},
	    {"2 0 1, the mail domain's name", 2, 0, 1, CA_CERT,
		"other.example.jp", "mx.example.jp", false, true,
		TLS_STATE_VERIFIED, "dane"},
	    {"2 0 1, expired", 2, 0, 1, CA_CERT, "mx.example.jp", NULL, true,
		false, TLS_STATE_CLEAR, "dane"},
	    {"usage 1 is none for mail", 1, 1, 1, KEY, "mx.example.jp", NULL,
		false, true, TLS_STATE_UNVERIFIED, "dane-unusable"},
	    {"unusable data", 3, 1, 1, SHORT, "mx.example.jp", NULL, false,
		true, TLS_STATE_UNVERIFIED, "dane-unusable"},
	};
	struct house houses[2];

	(void)state;
	house_build(&houses[0], &good);
	house_build(&houses[1], &expired);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct house *house = &houses[cases[i].is_expired];
		struct digest other = {{9}};
		const struct digest *data[] = {&house->spki, &house->cert,
		    &house->ca_cert, &other, &house->spki};
		struct tls_tlsa tlsa = {cases[i].usage, cases[i].selector,
		    cases[i].matching,
		    span_make(data[cases[i].what]->bytes,
			cases[i].what == SHORT ? 31 : 32)};
		struct tls_expect expect = {.level = TLS_LEVEL_DANE,
		    .host = cases[i].host,
		    .also = cases[i].also,
		    .tlsa = &tlsa,
		    .tlsa_count = 1};
		struct line line;

		if (line_open(&line, house, house->foreign, &expect) !=
		    cases[i].through)
			fail_msg(
			    "%s: %s", cases[i].name, err_name(line.err.code));
		if (!cases[i].through)
			assert_int_equal(line.err.code, E_TLS_VERIFY);
		else
			assert_int_equal(line.record.state, cases[i].state);
		assert_string_equal(line.record.policy, cases[i].policy);
		line_close(&line);
	}
	house_leave(&houses[0]);
	house_leave(&houses[1]);
}

/* ---- resumption ---- */

static void
the_same_is_resumed(void **state)
{
	static const int versions[] = {TLS1_3_VERSION, TLS1_2_VERSION};
	struct house house;
	struct line line;

	(void)state;
	for (size_t i = 0; i < sizeof versions / sizeof *versions; i++) {
		struct tls_expect expect = {.level = TLS_LEVEL_VERIFY,
		    .host = "mx.example.jp",
		    .policy = "mta-sts"};

		house_build(&house, &good);
		SSL_CTX_set_max_proto_version(house.server, versions[i]);
		for (int round = 0; round < 6; round++) {
			assert_true(
			    line_open(&line, &house, house.trusting, &expect));
			assert_int_equal(line.record.resumed, round > 0);
			assert_int_equal(line.record.state, TLS_STATE_VERIFIED);
			assert_string_equal(line.record.name, "mx.example.jp");
			assert_string_equal(line.record.policy, "mta-sts");
			assert_true(
			    digest_equal(&line.record.peer, &house.cert));
			line_close(&line);
		}
		house_leave(&house);
	}
}

/* What was accepted with less is never resumed where more is asked. */
static void
another_expectation_is_not(void **state)
{
	struct house house, other;
	struct digest pin = {{1}};
	struct tls_expect first = {
	    .level = TLS_LEVEL_REQUIRED, .host = "mx.example.jp"};
	struct tls_expect second;
	struct line line;

	(void)state;
	house_build(&house, &expired);
	for (int version = TLS1_2_VERSION; version <= TLS1_3_VERSION;
	    version++) {
		SSL_CTX_set_max_proto_version(house.server, version);
		assert_true(line_open(&line, &house, house.trusting, &first));
		line_close(&line);
		second = first;
		second.level = TLS_LEVEL_VERIFY;
		assert_false(line_open(&line, &house, house.trusting, &second));
		assert_int_equal(line.err.code, E_TLS_VERIFY);
		line_close(&line);
		second.level = TLS_LEVEL_PIN;
		second.pins = &pin;
		second.pin_count = 1;
		assert_false(line_open(&line, &house, house.trusting, &second));
		assert_int_equal(line.err.code, E_TLS_PIN);
		line_close(&line);
		second = first;
		second.host = "elsewhere.example.jp";
		assert_true(line_open(&line, &house, house.trusting, &second));
		assert_false(line.record.resumed);
		line_close(&line);
	}
	/* a server with another key cannot take the ticket: a whole handshake,
	 * judged anew */
	house_build(&other, &good);
	SSL_CTX_set_max_proto_version(other.server, TLS1_3_VERSION);
	assert_true(line_open(&line, &other, other.trusting,
	    &(struct tls_expect){
		.level = TLS_LEVEL_VERIFY, .host = "mx.example.jp"}));
	line_close(&line);
	assert_false(line_open(&line, &house, other.trusting,
	    &(struct tls_expect){
		.level = TLS_LEVEL_VERIFY, .host = "mx.example.jp"}));
	assert_int_equal(line.err.code, E_TLS_VERIFY);
	line_close(&line);
	house_leave(&other);
	house_leave(&house);
}

/* More hosts than the cache has places: the newest are still resumed. */
static void
the_cache_is_bounded(void **state)
{
	struct house house;
	struct line line;
	char host[32];

	(void)state;
	house_build(&house, &good);
	for (int i = 0; i < 200; i++) {
		struct tls_expect expect = {
		    .level = TLS_LEVEL_REQUIRED, .host = host};

		snprintf(host, sizeof host, "h%d.example.jp", i);
		assert_true(line_open(&line, &house, house.foreign, &expect));
		line_close(&line);
	}
	for (int i = 0; i < 200; i += 199) {
		struct tls_expect expect = {
		    .level = TLS_LEVEL_REQUIRED, .host = host};

		snprintf(host, sizeof host, "h%d.example.jp", i);
		assert_true(line_open(&line, &house, house.foreign, &expect));
		assert_int_equal(line.record.resumed, i == 199);
		line_close(&line);
	}
	house_leave(&house);
}

/* ---- bindings ---- */

static void
both_ends_bind_alike(void **state)
{
	static const char label[] = "EXPORTER-Channel-Binding";
	struct tls_expect expect = {
	    .level = TLS_LEVEL_VERIFY, .host = "mx.example.jp"};
	unsigned char ours[TLS_BINDING_MAX], theirs[32];
	enum tls_binding kind;
	struct house house;
	struct line line;

	(void)state;
	house_build(&house, &good);
	assert_true(line_open(&line, &house, house.trusting, &expect));
	assert_int_equal(tls_session_binding(line.client, &kind, ours), 32);
	assert_int_equal(kind, TLS_BINDING_EXPORTER);
	assert_int_equal(SSL_export_keying_material(line.server, theirs, 32,
			     label, strlen(label), NULL, 0, 1),
	    1);
	assert_memory_equal(ours, theirs, 32);
	line_close(&line);
	/* the practice certificate is signed with SHA-256 */
	SSL_CTX_set_max_proto_version(house.server, TLS1_2_VERSION);
	expect.level = TLS_LEVEL_REQUIRED;
	assert_true(line_open(&line, &house, house.trusting, &expect));
	assert_int_equal(tls_session_binding(line.client, &kind, ours), 32);
	assert_int_equal(kind, TLS_BINDING_END_POINT);
	assert_memory_equal(ours, house.cert.bytes, 32);
	line_close(&line);
	house_leave(&house);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_pin_or_the_chain),
	    cmocka_unit_test(the_present_key_is_named),
	    cmocka_unit_test(tlsa_records_decide),
	    cmocka_unit_test(the_same_is_resumed),
	    cmocka_unit_test(another_expectation_is_not),
	    cmocka_unit_test(the_cache_is_bounded),
	    cmocka_unit_test(both_ends_bind_alike),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
