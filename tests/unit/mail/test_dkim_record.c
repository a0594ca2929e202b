/* DKIM key records: what is published, and whether it is ours. */
#include "core/base/buf.h"
#include "core/mail/dkim.h"
#include "tests/unit/unit.h"

#define RSA_512                                                                \
	"MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBAKqDzN85AwfWfkl7JoU74uWB56GjDmVpaLTT" \
	"A0J4rxQaZYqMo2U1+RdCXUb54CKvbHBttCAd3E5FwBIZpVZ2xHUCAwEAAQ=="
#define RSA_1024_A                                                             \
	"MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDkHlOQoBTzWRiGs5V6NpP3idY6Wk08"
#define RSA_1024_B                                                             \
	"a5qhdR6wy5bdOKb2jLQiY/J16JYi0Qvx/byYzCNb3W91y3FutACDfzwQ/BC/e/"       \
	"8uBsCR+"                                                              \
	"yz1Lxj+PL6lHvqMKrM3rG4hstT5QjvHO9PzoxZyVYLzBfO2EeC3Ip3G+2kryOTIKT+l/" \
	"K"                                                                    \
	"4w3QIDAQAB"
/* RFC 8463 appendix A.2 */
#define ED25519 "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
#define ELLIPTIC                                                               \
	"MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEhcnV01nvVugydzxwQN84Hf5C91gT8IWN" \
	"Alky4i8ewdP5uvTElEPz0NROWVdPhKJlCU3tVGWrvQ4UOwplnEAoGQ=="

enum { REVOKED = 1, TESTING = 2, STRICT = 4, SHA256 = 8, EMAIL = 16 };

static const struct {
	const char *text;
	const char *why; /* NULL: it can be read */
	enum dkim_key_type type;
	int bits, flags;
} rows[] = {
    {"v=DKIM1; k=rsa; p=" RSA_1024_A RSA_1024_B, NULL, DKIM_KEY_RSA, 1024,
	SHA256 | EMAIL},
    {"p=" RSA_512, NULL, DKIM_KEY_RSA, 512, SHA256 | EMAIL},
    {"v=DKIM1; p=" RSA_1024_A " \r\n\t" RSA_1024_B ";", NULL, DKIM_KEY_RSA,
	1024, SHA256 | EMAIL},
    {"v=DKIM1; k=ed25519; p=" ED25519, NULL, DKIM_KEY_ED25519, 256,
	SHA256 | EMAIL},
    {"v=DKIM1; p=", NULL, DKIM_KEY_RSA, 0, REVOKED | SHA256 | EMAIL},
    {"v=DKIM1; t=y:s; p=" RSA_512, NULL, DKIM_KEY_RSA, 512,
	TESTING | STRICT | SHA256 | EMAIL},
    {"v=DKIM1; t=q; n=a note; p=" RSA_512, NULL, DKIM_KEY_RSA, 512,
	SHA256 | EMAIL},
    {"v=DKIM1; h=sha1; s=other; p=" RSA_512, NULL, DKIM_KEY_RSA, 512, 0},
    {"v=DKIM1; h=sha1:sha256; s=other : email; p=" RSA_512, NULL, DKIM_KEY_RSA,
	512, SHA256 | EMAIL},
    {"v=DKIM1; s=*; k=tomorrow; p=AAAA", NULL, DKIM_KEY_OTHER, 0,
	SHA256 | EMAIL},
    {"v=DKIM2; p=" RSA_512, "version", 0, 0, 0},
    {"k=rsa; v=DKIM1; p=" RSA_512, "version", 0, 0, 0},
    {"v=dkim1; p=" RSA_512, "version", 0, 0, 0},
    {"v=DKIM1; what; p=" RSA_512, "syntax", 0, 0, 0},
    {"v=DKIM1; p=" RSA_512 "; p=", "twice", 0, 0, 0},
    {"v=DKIM1; k=rsa", "missing", 0, 0, 0},
    {"", "missing", 0, 0, 0},
    {"v=DKIM1; p=****", "key", 0, 0, 0},
    {"v=DKIM1; p=AAAA", "key", 0, 0, 0},
    {"v=DKIM1; p=" RSA_1024_A, "key", 0, 0, 0},
    {"v=DKIM1; p=" ELLIPTIC, "key", 0, 0, 0},
    {"v=DKIM1; k=ed25519; p=" RSA_512, "key", 0, 0, 0},
};

static int
flags_of(const struct dkim_key_record *record)
{
	return (record->revoked ? REVOKED : 0) |
	       (record->testing ? TESTING : 0) | (record->strict ? STRICT : 0) |
	       (record->sha256 ? SHA256 : 0) | (record->email ? EMAIL : 0);
}

static void
test_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct dkim_key_record record;
		struct err err = {0};
		int rc =
		    dkim_key_record_read(span_of(rows[i].text), &record, &err);

		if (rows[i].why ? rc == 0 || strcmp(err_find(&err, "why"),
						 rows[i].why) != 0
				: rc < 0 || record.type != rows[i].type ||
				      record.bits != rows[i].bits ||
				      flags_of(&record) != rows[i].flags)
			fail_msg("%s: %d %s, type %d, %d bits, flags %d",
			    rows[i].text, rc, err_find(&err, "why"),
			    record.type, record.bits, flags_of(&record));
		dkim_key_record_done(&record);
	}
}

static void
test_is_ours(void **state)
{
	struct dkim_key_record record;
	struct err err = {0};

	(void)state;
	assert_ok(
	    dkim_key_record_read(
		SPAN("v=DKIM1; p=" RSA_1024_A " " RSA_1024_B), &record, &err),
	    &err);
	assert_true(dkim_key_record_is(&record, SPAN(RSA_1024_A RSA_1024_B)));
	assert_false(dkim_key_record_is(&record, SPAN(RSA_512)));
	assert_false(dkim_key_record_is(&record, SPAN("")));
	dkim_key_record_done(&record);
	assert_ok(
	    dkim_key_record_read(SPAN("v=DKIM1; p="), &record, &err), &err);
	assert_false(dkim_key_record_is(&record, SPAN("")));
	assert_false(dkim_key_record_is(&record, SPAN(RSA_512)));
	dkim_key_record_done(&record);
}

/* What we tell people to publish is what we find again. */
static void
test_round_trip(void **state)
{
	struct secret *key = NULL;
	struct buf ours = BUF_INIT, text = BUF_INIT;
	struct dkim_key_record record;
	struct err err = {0};

	(void)state;
	assert_ok(dkim_key_make(2048, &key, &ours, &err), &err);
	dkim_record(buf_span(&ours), &text);
	assert_ok(dkim_key_record_read(buf_span(&text), &record, &err), &err);
	assert_int_equal(record.bits, 2048);
	assert_true(dkim_key_record_is(&record, buf_span(&ours)));
	dkim_key_record_done(&record);
	secret_free(&key);
	buf_done(&ours);
	buf_done(&text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_rows),
	    cmocka_unit_test(test_is_ours),
	    cmocka_unit_test(test_round_trip),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
