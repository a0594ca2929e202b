/* PLAIN and LOGIN against the octets of their documents. */
#include <string.h>

#include "core/net/sasl.h"
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
	};

	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++)
		assert_int_equal(
		    sasl_offered(span_of(table[i].words)), table[i].offered);
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
	assert_ok(
	    sasl_init(&sasl, SASL_PLAIN | SASL_LOGIN, "tim", secret, &err),
	    &err);
	assert_string_equal(sasl_name(sasl.mech), "PLAIN");
	sasl_start(&sasl, &out);
	assert_span_equal(
	    buf_span(&out), "AUTH PLAIN AHRpbQB0YW5zdGFhZnRhbnN0YWFm\r\n");
	assert_int_equal(sasl_answer(&sasl, &out, &err), -1);
	assert_int_equal(err.code, E_SMTP_AUTH);
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
	assert_ok(sasl_init(&sasl, SASL_LOGIN, "a@b", secret, &err), &err);
	sasl_start(&sasl, &out);
	assert_ok(sasl_answer(&sasl, &out, &err), &err);
	assert_ok(sasl_answer(&sasl, &out, &err), &err);
	assert_span_equal(buf_span(&out), "AUTH LOGIN\r\nYUBi\r\n5a+G\r\n");
	assert_int_equal(sasl_answer(&sasl, &out, &err), -1);
	buf_wipe(&out);
	secret_free(&secret);
}

static void
what_does_not_fit_is_refused(void **state)
{
	char user[SASL_USER_MAX + 2];
	struct secret *good = secret_of("x", 1), *nul = secret_of("a\0b", 3);
	struct secret *most = secret_new(SASL_SECRET_MAX);
	struct secret *long_one = secret_new(SASL_SECRET_MAX + 1);
	struct buf out = BUF_INIT;
	struct sasl sasl;

	(void)state;
	memset(user, 'u', sizeof user - 1);
	user[sizeof user - 1] = '\0';
	memset(most->bytes, 'p', most->len);
	memset(long_one->bytes, 'p', long_one->len);
	assert_int_equal(sasl_init(&sasl, SASL_NONE, "u", good, NULL), -1);
	assert_int_equal(sasl_init(&sasl, SASL_PLAIN, user, good, NULL), -1);
	assert_int_equal(sasl_init(&sasl, SASL_PLAIN, "u", nul, NULL), -1);
	assert_int_equal(sasl_init(&sasl, SASL_PLAIN, "u", long_one, NULL), -1);
	assert_int_equal(sasl_init(&sasl, SASL_PLAIN, "u", NULL, NULL), -1);
	assert_int_equal(sasl_init(&sasl, SASL_PLAIN, user + 1, most, NULL), 0);
	sasl_start(&sasl, &out);
	assert_int_equal(out.len, strlen("AUTH PLAIN \r\n") + 684);
	buf_wipe(&out);
	secret_free(&good);
	secret_free(&nul);
	secret_free(&most);
	secret_free(&long_one);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(offers_are_read),
	    cmocka_unit_test(plain_is_one_line),
	    cmocka_unit_test(login_is_three_lines),
	    cmocka_unit_test(what_does_not_fit_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
