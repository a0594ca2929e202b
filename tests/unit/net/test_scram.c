/* SCRAM-SHA-256 against the octets of RFC 7677 and against servers that lie. */
#include <stdio.h>

#include "core/net/scram.h"
#include "tests/unit/unit.h"

#define NONCE "rOprNGfwEbeRWgbNEkqO"
#define OFFER                                                                  \
	"r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"                \
	"s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096"
#define SIGNED "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="

static void
begin(struct scram *scram)
{
	struct scram_how how = {.user = SPAN("user"), .nonce = NONCE};
	struct err err = {0};

	assert_ok(scram_begin(scram, &how, &err), &err);
}

/* RFC 7677 section 3 */
static void
the_example(void **state)
{
	struct secret *pencil = secret_of("pencil", 6);
	struct buf out = BUF_INIT;
	struct scram scram;
	struct err err = {0};

	(void)state;
	begin(&scram);
	scram_first(&scram, &out);
	assert_span_equal(buf_span(&out), "n,,n=user,r=" NONCE);
	buf_clear(&out);
	assert_ok(scram_prove(&scram, pencil, SPAN(OFFER), &out, &err), &err);
	assert_span_equal(buf_span(&out),
	    "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
	    "p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=");
	assert_ok(scram_verify(&scram, SPAN(SIGNED), &err), &err);
	assert_int_equal(scram.step, SCRAM_DONE);
	/* a second time there is nothing to prove */
	assert_int_equal(scram_verify(&scram, SPAN(SIGNED), &err), -1);
	assert_int_equal(
	    scram_prove(&scram, pencil, SPAN(OFFER), &out, &err), -1);
	buf_done(&out);
	secret_free(&pencil);
}

static void
offers_that_are_none(void **state)
{
	static const struct {
		const char *offer, *why;
	} cases[] = {
	    {"", "syntax"},
	    {"e=unknown-user", "syntax"},
	    {"m=must,r=" NONCE "x,s=c2FsdA==,i=4096", "syntax"},
	    {"s=c2FsdA==,r=" NONCE "x,i=4096", "syntax"},
	    {"r=" NONCE ",s=c2FsdA==,i=4096", "nonce"},
	    {"r=somebodyelse,s=c2FsdA==,i=4096", "nonce"},
	    {"r=x" NONCE ",s=c2FsdA==,i=4096", "nonce"},
	    {"r=" NONCE " x,s=c2FsdA==,i=4096", "nonce"},
	    {"r=" NONCE "\x7f,s=c2FsdA==,i=4096", "nonce"},
	    {"r=" NONCE "x,s=,i=4096", "syntax"},
	    {"r=" NONCE "x,s=c2FsdA=,i=4096", "syntax"},
	    {"r=" NONCE "x,s=c2=sdA==,i=4096", "syntax"},
	    {"r=" NONCE "x,s=c2F*dA==,i=4096", "syntax"},
	    {"r=" NONCE "x,s=c2FsdA==,i=", "syntax"},
	    {"r=" NONCE "x,s=c2FsdA==,i=-1", "syntax"},
	    {"r=" NONCE "x,s=c2FsdA==,i=4095", "iterations"},
	    {"r=" NONCE "x,s=c2FsdA==,i=1", "iterations"},
	    {"r=" NONCE "x,s=c2FsdA==,i=1000001", "iterations"},
	    {"r=" NONCE "x,s=c2FsdA==,i=99999999999", "iterations"},
	};
	struct secret *pencil = secret_of("pencil", 6);

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct buf out = BUF_INIT;
		struct err err = {0};
		struct scram scram;

		begin(&scram);
		assert_int_equal(scram_prove(&scram, pencil,
				     span_of(cases[i].offer), &out, &err),
		    -1);
		assert_int_equal(err.code, E_SASL_SERVER);
		if (strcmp(err_find(&err, "why"), cases[i].why) != 0)
			fail_msg(
			    "%s: %s", cases[i].offer, err_find(&err, "why"));
		assert_int_equal(out.len, 0);
	}
	secret_free(&pencil);
}

static void
signatures_that_are_none(void **state)
{
	static const struct {
		const char *final;
		enum err_code code;
		const char *why;
	} cases[] = {
	    {"", E_SASL_SERVER, "syntax"},
	    {"v=", E_SASL_SERVER, "signature"},
	    {"x=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=", E_SASL_SERVER,
		"syntax"},
	    {"v=7rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=", E_SASL_SERVER,
		"signature"},
	    {"v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95A==", E_SASL_SERVER,
		"signature"},
	    {"v=6rri", E_SASL_SERVER, "signature"},
	    {"v=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", E_SASL_SERVER,
		"signature"},
	    {"e=invalid-proof", E_SMTP_AUTH, ""},
	};
	struct secret *pencil = secret_of("pencil", 6);

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct buf out = BUF_INIT;
		struct err err = {0};
		struct scram scram;

		begin(&scram);
		/* not before the proof was given */
		assert_int_equal(scram_verify(&scram, SPAN(SIGNED), &err), -1);
		assert_ok(
		    scram_prove(&scram, pencil, SPAN(OFFER), &out, &err), &err);
		assert_int_equal(
		    scram_verify(&scram, span_of(cases[i].final), &err), -1);
		assert_int_equal(err.code, cases[i].code);
		assert_string_equal(err_find(&err, "why"), cases[i].why);
		assert_int_equal(scram.step, SCRAM_PROVEN);
		buf_done(&out);
	}
	secret_free(&pencil);
}

static void
names_are_written_safely(void **state)
{
	static const struct {
		const char *user;
		enum scram_bind bind;
		const char *first;
	} cases[] = {
	    {"a,b=c", SCRAM_BIND_NONE, "n,,n=a=2Cb=3Dc,r=N"},
	    {"\xe7\x94\xa8", SCRAM_BIND_UNOFFERED, "y,,n=\xe7\x94\xa8,r=N"},
	    {"x", SCRAM_BIND_EXPORTER, "p=tls-exporter,,n=x,r=N"},
	    {"x", SCRAM_BIND_END_POINT, "p=tls-server-end-point,,n=x,r=N"},
	    {"", SCRAM_BIND_NONE, NULL},
	    {"a\nb", SCRAM_BIND_NONE, NULL},
	    {"a\xff", SCRAM_BIND_NONE, NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct scram_how how = {.user = span_of(cases[i].user),
		    .bind = cases[i].bind,
		    .nonce = "N"};
		struct buf out = BUF_INIT;
		struct scram scram;
		struct err err = {0};
		int rc = scram_begin(&scram, &how, &err);

		assert_int_equal(rc, cases[i].first ? 0 : -1);
		if (rc == 0) {
			scram_first(&scram, &out);
			assert_span_equal(buf_span(&out), cases[i].first);
		}
		buf_done(&out);
	}
}

/* RFC 4013 section 3, as far as it goes without tables, and full width. */
static void
text_is_prepared(void **state)
{
	static const struct {
		const char *in, *out; /* NULL: refused */
	} cases[] = {
	    {"I\xc2\xadX", "IX"},
	    {"user", "user"},
	    {"USER", "USER"},
	    {"\x07", NULL},
	    {"a\xc2\x85", NULL},
	    {"a\xe2\x80\xa8", NULL},
	    {"\xee\x80\x80", NULL},
	    {"a\xe3\x80\x80z", "a z"},
	    {"a\xc2\xa0z", "a z"},
	    {"\xef\xbc\xa1\xef\xbc\x91\xef\xbc\x81", "A1!"},
	    {"\xe5\xaf\x86\xe7\xa2\xbc", "\xe5\xaf\x86\xe7\xa2\xbc"},
	    {"\xc0\x80", NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct buf out = BUF_INIT;
		int rc = scram_prepare(span_of(cases[i].in), &out);

		assert_int_equal(rc, cases[i].out ? 0 : -1);
		if (rc == 0)
			assert_span_equal(buf_span(&out), cases[i].out);
		buf_done(&out);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_example),
	    cmocka_unit_test(offers_that_are_none),
	    cmocka_unit_test(signatures_that_are_none),
	    cmocka_unit_test(names_are_written_safely),
	    cmocka_unit_test(text_is_prepared),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
