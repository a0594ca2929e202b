/* S/MIME against the stock openssl program: it makes the certificates and
 * checks and opens what we have signed and encrypted. */
#include "tests/unit/unit.h"

#include <stdio.h>
#include <stdlib.h>

#include "core/mail/smime.h"
#include "tests/fake/certs.h"

static struct certs certs;

static const char entity[] = "Content-Type: text/plain; charset=UTF-8\r\n"
			     "Content-Transfer-Encoding: base64\r\n\r\n"
			     "44GT44KT44Gr44Gh44Gv\r\n";
static const char token[] = "abcdefghijklmnopqrstuvwx";

static int
make_folder(void **state)
{
	(void)state;
	certs_begin(&certs);
	return 0;
}

static int
remove_folder(void **state)
{
	(void)state;
	certs_end(&certs);
	return 0;
}

static int
read_identity(const char *file, const char *passphrase,
    struct smime_identity *out, struct err *err)
{
	struct secret *secret = secret_of(passphrase, strlen(passphrase));
	struct buf bytes = BUF_INIT;
	int rc;

	certs_read(&certs, file, &bytes);
	rc = smime_identity_read(buf_span(&bytes), secret, out, err);
	secret_free(&secret);
	buf_done(&bytes);
	return rc;
}

/* Signs the entity as name and appends it behind MIME-Version to out. */
static void
sign_as(const char *name, struct span text, struct buf *out)
{
	struct smime_identity identity = {.key = NULL};
	struct smime_signer *signer = NULL;
	struct err err = {0};
	char file[32];

	snprintf(file, sizeof file, "%s.p12", name);
	assert_ok(read_identity(file, "himitsu", &identity, &err), &err);
	assert_ok(smime_signer_new(&identity, &signer, &err), &err);
	assert_ok(smime_sign(signer, text, span_of(token),
		      INT64_C(1795000000000), out, &err),
	    &err);
	smime_signer_free(&signer);
	smime_identity_done(&identity);
}

static const char verify[] =
    "openssl cms -verify -in signed.eml -CAfile root.pem"
    " -purpose any -no_check_time -signer signer.pem -out content\n";

/* The root alone is trusted, so the chain must be in the signature. */
static void
openssl_verifies_signatures(void **state)
{
	static const char *const names[] = {"news", "sign"};
	struct buf message = BUF_INIT, content = BUF_INIT;

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		buf_clear(&message);
		buf_clear(&content);
		buf_text(&message, "MIME-Version: 1.0\r\n");
		sign_as(names[i], SPAN(entity), &message);
		certs_write(&certs, "signed.eml", buf_span(&message));
		assert_int_equal(certs_run(&certs, verify), 0);
		certs_read(&certs, "content", &content);
		assert_span_equal(buf_span(&content), entity);
		assert_int_equal(
		    certs_run(&certs, i ? "cmp signer.pem sign.pem\n"
					: "cmp signer.pem news.pem\n"),
		    0);
		/* one changed octet */
		message.ptr[span_search(buf_span(&message), SPAN("44GT"))] =
		    '5';
		certs_write(&certs, "signed.eml", buf_span(&message));
		assert_int_not_equal(certs_run(&certs, verify), 0);
	}
	buf_done(&message);
	buf_done(&content);
}

/* The time is ours and RSA needs no chance: the same bytes again. */
static void
signatures_repeat_and_carry_the_time(void **state)
{
	struct buf one = BUF_INIT, two = BUF_INIT;

	(void)state;
	sign_as("news", SPAN(entity), &one);
	sign_as("news", SPAN(entity), &two);
	assert_true(span_equal(buf_span(&one), buf_span(&two)));
	certs_write(&certs, "signed.eml", buf_span(&one));
	/* 1795000000 */
	assert_int_equal(
	    certs_run(&certs, "openssl cms -cmsout -print -in signed.eml |"
			      " grep -q 'UTCTIME:Nov 18 11:06:40 2026 GMT'\n"),
	    0);
	buf_done(&one);
	buf_done(&two);
}

static void
encrypt_for(const char *name, struct span text, struct buf *out)
{
	struct smime_sealer *sealer = NULL;
	struct buf der = BUF_INIT;
	struct err err = {0};
	char file[32];

	snprintf(file, sizeof file, "%s.der", name);
	certs_read(&certs, file, &der);
	assert_ok(smime_sealer_new(buf_span(&der), &sealer, &err), &err);
	assert_ok(smime_encrypt(sealer, text, out, &err), &err);
	smime_sealer_free(&sealer);
	buf_done(&der);
}

static void
openssl_opens_what_is_encrypted(void **state)
{
	static const char *const names[] = {"taro", "hana"};
	struct buf message = BUF_INIT, signature = BUF_INIT, again = BUF_INIT;
	struct buf content = BUF_INIT, command = BUF_INIT;

	(void)state;
	sign_as("news", SPAN(entity), &signature);
	for (size_t i = 0; i < 2; i++) {
		buf_clear(&message);
		buf_clear(&again);
		buf_clear(&content);
		buf_clear(&command);
		encrypt_for(names[i], buf_span(&signature), &message);
		encrypt_for(names[i], buf_span(&signature), &again);
		assert_false(span_equal(buf_span(&message), buf_span(&again)));
		certs_write(&certs, "secret.eml", buf_span(&message));
		buf_printf(&command,
		    "openssl cms -decrypt -in secret.eml -inkey %s.key"
		    " -recip %s.pem -out content\n",
		    names[i], names[i]);
		assert_int_equal(certs_run(&certs, command.ptr), 0);
		certs_read(&certs, "content", &content);
		assert_span_equal(buf_span(&content), signature.ptr);
		/* nobody else can */
		assert_int_not_equal(
		    certs_run(&certs,
			"openssl cms -decrypt -in secret.eml -inkey news.key"
			" -recip news.pem -out content\n"),
		    0);
		assert_int_equal(
		    certs_run(&certs,
			"openssl cms -cmsout -print -in secret.eml |"
			" grep -q aes-256-cbc\n"),
		    0);
	}
	buf_done(&message);
	buf_done(&signature);
	buf_done(&again);
	buf_done(&content);
	buf_done(&command);
}

/* Lines within 76 columns, CRLF, 7-bit: nothing that a relay would touch. */
static void
entities_are_plain_lines(void **state)
{
	struct buf signature = BUF_INIT, both = BUF_INIT;

	(void)state;
	sign_as("news", SPAN(entity), &signature);
	encrypt_for("taro", buf_span(&signature), &both);
	for (int i = 0; i < 2; i++) {
		struct span rest = buf_span(i ? &both : &signature);

		assert_true(span_ends(rest, SPAN("\r\n")));
		while (rest.len) {
			struct span line = span_cut(&rest, '\n');

			assert_true(line.len <= 77);
			assert_true(span_ends(line, SPAN("\r")));
			for (size_t j = 0; j + 1 < line.len; j++)
				assert_true(
				    line.ptr[j] >= ' ' && line.ptr[j] <= '~');
		}
	}
	buf_done(&signature);
	buf_done(&both);
}

static const struct {
	const char *file, *passphrase, *why;
} imports[] = {
    {"news.p12", "himitsu", NULL},
    {"hana.p12", "himitsu", NULL},
    {"news.p12", "wrong", "passphrase"},
    {"news.p12", "", "passphrase"},
    {"news.pem", "himitsu", "format"},
    {"news.der", "himitsu", "format"},
};

static void
identities_are_imported(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof imports / sizeof *imports; i++) {
		struct smime_identity identity = {.key = NULL};
		struct arena *arena = arena_new();
		struct smime_list chain;
		struct err err = {0};
		int rc = read_identity(
		    imports[i].file, imports[i].passphrase, &identity, &err);

		assert_int_equal(rc, imports[i].why ? -1 : 0);
		if (imports[i].why) {
			assert_int_equal(err.code, E_SMIME_FILE);
			assert_string_equal(
			    err_find(&err, "why"), imports[i].why);
			assert_null(identity.key);
		} else {
			/* the one between, not the root */
			assert_ok(smime_list_read(buf_span(&identity.chain),
				      arena, &chain, &err),
			    &err);
			assert_int_equal(chain.count, 1);
		}
		smime_identity_done(&identity);
		arena_free(&arena);
	}
}

/* Where OpenSSL has its legacy provider the file opens; where it has not, that
 * is what the operator is told. */
static void
old_ciphers_open_or_say_why(void **state)
{
	struct smime_identity identity = {.key = NULL};
	struct buf bytes = BUF_INIT;
	struct err err = {0};

	(void)state;
	certs_read(&certs, "news-old.p12", &bytes);
	if (bytes.len == 0) {
		print_message("openssl here writes no old PKCS #12: install "
			      "openssl-provider-legacy (Debian 13)\n");
		buf_done(&bytes);
		skip();
	}
	if (read_identity("news-old.p12", "himitsu", &identity, &err) < 0)
		assert_string_equal(err_find(&err, "why"), "algorithm");
	else
		assert_non_null(identity.key);
	smime_identity_done(&identity);
	buf_done(&bytes);
}

static void
certificates_say_what_they_are_for(void **state)
{
	static const struct {
		const char *file, *address, *sign, *encrypt;
	} rows[] = {
	    {"news.der", "news@example.jp", NULL, "usage"},
	    {"news.der", "other@example.jp", "address", "address"},
	    {"taro.der", "taro@EXAMPLE.net", "usage", NULL},
	    {"hana.der", "hana@example.net", "usage", NULL},
	    {"sign.der", "sign@example.net", NULL, "usage"},
	    {"web.der", "web@example.net", "usage", "usage"},
	};
	struct arena *arena = arena_new();
	struct smime_certificate read;
	struct err err = {0};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct buf der = BUF_INIT;
		struct span address = span_of(rows[i].address);

		certs_read(&certs, rows[i].file, &der);
		assert_ok(
		    smime_certificate_read(buf_span(&der), arena, &read, &err),
		    &err);
		assert_true(span_search(read.subject, SPAN("株式会社例示")) <
			    read.subject.len);
		assert_true(span_search(read.issuer, SPAN("Issuing CA")) <
			    read.issuer.len);
		assert_false(read.is_root);
		for (int use = 0; use < 2; use++) {
			const char *why = use ? rows[i].encrypt : rows[i].sign;
			int rc = smime_certificate_check(&read,
			    (enum smime_use)use, address, read.to_ms, &err);

			assert_int_equal(rc, why ? -1 : 0);
			if (why)
				assert_string_equal(err_find(&err, "why"), why);
			if (why)
				continue;
			assert_int_equal(
			    smime_certificate_check(&read, (enum smime_use)use,
				address, read.to_ms + 1, &err),
			    -1);
			assert_string_equal(err_find(&err, "why"), "expired");
			assert_int_equal(
			    smime_certificate_check(&read, (enum smime_use)use,
				address, read.from_ms - 1, &err),
			    -1);
			assert_string_equal(err_find(&err, "why"), "early");
		}
		buf_done(&der);
	}
	arena_free(&arena);
}

static void
lists_of_every_form(void **state)
{
	static const struct {
		const char *file;
		size_t count; /* 0: refused */
	} rows[] = {{"taro.der", 1}, {"taro.pem", 1}, {"both.pem", 2},
	    {"both.p7c", 2}, {"taro.key", 0}, {"taro.p12", 0}, {"log", 0}};
	struct arena *arena = arena_new();
	struct smime_list list;

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct buf bytes = BUF_INIT;
		struct err err = {0};
		int rc;

		certs_read(&certs, rows[i].file, &bytes);
		rc = smime_list_read(buf_span(&bytes), arena, &list, &err);
		assert_int_equal(rc, rows[i].count ? 0 : -1);
		if (rows[i].count)
			assert_int_equal(list.count, rows[i].count);
		buf_done(&bytes);
	}
	arena_free(&arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(openssl_verifies_signatures),
	    cmocka_unit_test(signatures_repeat_and_carry_the_time),
	    cmocka_unit_test(openssl_opens_what_is_encrypted),
	    cmocka_unit_test(entities_are_plain_lines),
	    cmocka_unit_test(identities_are_imported),
	    cmocka_unit_test(old_ciphers_open_or_say_why),
	    cmocka_unit_test(certificates_say_what_they_are_for),
	    cmocka_unit_test(lists_of_every_form),
	};
	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
