/* Certificates: what they say, whom they are for, and files that hold several.
 * Whether a certificate is trusted is not asked: the operator has been given
 * it, and the recipient's program decides about ours. */
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/pkcs7.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <time.h>

#include "core/base/utf8.h"
#include "core/mail/smime.h"

enum { RSA_BITS_MIN = 2048, EC_BITS_MIN = 256 };

static int
refuse_file(const char *why, struct err *err)
{
	ERR_clear_error();
	err_set(err, E_SMIME_FILE);
	return err_fact(err, "why", span_of(why));
}

/* ---- Facts --------------------------------------------------------------- */

/* A name on one line, or an empty span. */
static struct span
name_text(const X509_NAME *name, struct arena *arena)
{
	const unsigned long flags =
	    (XN_FLAG_RFC2253 & ~(unsigned long)ASN1_STRFLGS_ESC_MSB) |
	    ASN1_STRFLGS_UTF8_CONVERT;
	BIO *bio = BIO_new(BIO_s_mem());
	struct span text = {NULL, 0};
	char *data;
	long len;

	if (bio && X509_NAME_print_ex(bio, name, 0, flags) >= 0) {
		len = BIO_get_mem_data(bio, &data);
		if (len > 0 && utf8_is_valid(span_make(data, (size_t)len)))
			text = arena_copy(arena, span_make(data, (size_t)len));
	}
	BIO_free(bio);
	return text;
}

static int64_t
time_ms(const ASN1_TIME *time)
{
	struct tm tm;

	if (ASN1_TIME_to_tm(time, &tm) != 1)
		return 0;
	return (int64_t)timegm(&tm) * 1000;
}

/* All addresses that OpenSSL finds in it; what is not printable ASCII is left
 * out, so that none can look like another one. */
static void
read_addresses(X509 *x509, struct arena *arena, struct smime_certificate *out)
{
	STACK_OF(OPENSSL_STRING) *all = X509_get1_email(x509);

	for (int i = 0; i < sk_OPENSSL_STRING_num(all) &&
			out->address_count < SMIME_ADDRESSES_MAX;
	    i++) {
		struct span text = span_of(sk_OPENSSL_STRING_value(all, i));
		bool good = span_index(text, '@') < text.len;

		for (size_t j = 0; good && j < text.len; j++)
			good = text.ptr[j] > ' ' && text.ptr[j] < 0x7f;
		if (good)
			out->address[out->address_count++] =
			    arena_copy(arena, text);
	}
	X509_email_free(all);
}

static void
read_use(X509 *x509, struct smime_certificate *out)
{
	uint32_t usage = X509_get_key_usage(x509);
	uint32_t purpose = X509_get_extended_key_usage(x509);
	bool mail =
	    purpose == UINT32_MAX || (purpose & (XKU_SMIME | XKU_ANYEKU)) != 0;

	/* a certificate without the extension may do everything */
	out->signs =
	    mail && (usage & (KU_DIGITAL_SIGNATURE | KU_NON_REPUDIATION)) != 0;
	out->encrypts =
	    mail && (usage & (KU_KEY_ENCIPHERMENT | KU_KEY_AGREEMENT)) != 0;
}

static void
read_key(const X509 *x509, struct smime_certificate *out)
{
	EVP_PKEY *key = X509_get0_pubkey(x509);
	char group[16] = "";

	if (key && EVP_PKEY_is_a(key, "RSA") &&
	    EVP_PKEY_get_bits(key) >= RSA_BITS_MIN) {
		snprintf(out->key, sizeof out->key, "RSA %d",
		    EVP_PKEY_get_bits(key));
	} else if (key && EVP_PKEY_is_a(key, "EC") &&
		   EVP_PKEY_get_bits(key) >= EC_BITS_MIN &&
		   EVP_PKEY_get_group_name(key, group, sizeof group, NULL)) {
		snprintf(out->key, sizeof out->key, "EC %s", group);
	}
}

int
smime_certificate_read(struct span der, struct arena *arena,
    struct smime_certificate *out, struct err *err)
{
	const unsigned char *at = (const unsigned char *)der.ptr;
	X509 *x509 = d2i_X509(NULL, &at, (long)der.len);

	*out = (struct smime_certificate){.address_count = 0};
	if (!x509 || at != (const unsigned char *)der.ptr + der.len) {
		X509_free(x509);
		return refuse_file("certificate", err);
	}
	out->subject = name_text(X509_get_subject_name(x509), arena);
	out->issuer = name_text(X509_get_issuer_name(x509), arena);
	out->from_ms = time_ms(X509_get0_notBefore(x509));
	out->to_ms = time_ms(X509_get0_notAfter(x509));
	out->is_root = X509_NAME_cmp(X509_get_subject_name(x509),
			   X509_get_issuer_name(x509)) == 0;
	crypt_sha256(der, &out->fingerprint);
	read_addresses(x509, arena, out);
	read_use(x509, out);
	read_key(x509, out);
	X509_free(x509);
	ERR_clear_error();
	return 0;
}

bool
smime_certificate_is_for(
    const struct smime_certificate *certificate, struct span address)
{
	for (size_t i = 0; i < certificate->address_count; i++) {
		if (span_equal_nocase(certificate->address[i], address))
			return true;
	}
	return false;
}

int
smime_certificate_check(const struct smime_certificate *certificate,
    enum smime_use use, struct span address, int64_t at_ms, struct err *err)
{
	const char *why = NULL;

	if (!smime_certificate_is_for(certificate, address))
		why = "address";
	else if (use == SMIME_TO_SIGN ? !certificate->signs
				      : !certificate->encrypts)
		why = "usage";
	else if (!certificate->key[0])
		why = "key";
	else if (at_ms < certificate->from_ms)
		why = "early";
	else if (at_ms > certificate->to_ms)
		why = "expired";
	if (!why)
		return 0;
	err_set(err, E_SMIME_CERTIFICATE);
	err_fact(err, "why", span_of(why));
	return err_fact(err, "address", address);
}

/* ---- Files --------------------------------------------------------------- */

/* Adds one certificate; false when there are too many or it cannot be
 * written. */
static bool
list_add(struct smime_list *list, X509 *x509, struct arena *arena)
{
	unsigned char *der = NULL;
	int len = i2d_X509(x509, &der);

	if (len <= 0 || list->count == SMIME_CERTIFICATES_MAX) {
		if (len > 0)
			OPENSSL_free(der);
		return false;
	}
	list->der[list->count++] =
	    arena_copy(arena, span_make(der, (size_t)len));
	OPENSSL_free(der);
	return true;
}

/* Adds what a PKCS #7 structure carries; false when it is no such one. */
static bool
list_add_all(struct smime_list *list, const PKCS7 *pkcs7, struct arena *arena)
{
	const STACK_OF(X509) *all = NULL;

	if (pkcs7 && PKCS7_type_is_signed((PKCS7 *)(uintptr_t)pkcs7) &&
	    pkcs7->d.sign)
		all = pkcs7->d.sign->cert;
	for (int i = 0; i < sk_X509_num(all); i++) {
		if (!list_add(list, sk_X509_value(all, i), arena))
			return false;
	}
	return sk_X509_num(all) > 0;
}

/* One block of PEM: a certificate or a PKCS #7; other blocks are passed
 * over. */
static bool
add_block(struct smime_list *list, const char *name, struct span der,
    struct arena *arena)
{
	const unsigned char *at = (const unsigned char *)der.ptr;
	PKCS7 *pkcs7 = NULL;
	X509 *x509 = NULL;
	bool good = true;

	if (!strcmp(name, PEM_STRING_X509) ||
	    !strcmp(name, PEM_STRING_X509_OLD)) {
		x509 = d2i_X509(NULL, &at, (long)der.len);
		good = x509 && list_add(list, x509, arena);
	} else if (!strcmp(name, PEM_STRING_PKCS7)) {
		pkcs7 = d2i_PKCS7(NULL, &at, (long)der.len);
		good = list_add_all(list, pkcs7, arena);
	}
	X509_free(x509);
	PKCS7_free(pkcs7);
	return good;
}

static bool
read_pem(struct smime_list *list, struct span bytes, struct arena *arena)
{
	BIO *bio = BIO_new_mem_buf(bytes.ptr, (int)bytes.len);
	bool good = bio != NULL;
	char *name, *header;
	unsigned char *der;
	long len;

	while (good && PEM_read_bio(bio, &name, &header, &der, &len) == 1) {
		good =
		    add_block(list, name, span_make(der, (size_t)len), arena);
		OPENSSL_free(name);
		OPENSSL_free(header);
		OPENSSL_clear_free(der, (size_t)len);
	}
	BIO_free(bio);
	return good && list->count > 0;
}

static bool
read_der(struct smime_list *list, struct span bytes, struct arena *arena)
{
	return add_block(list, PEM_STRING_X509, bytes, arena) ||
	       add_block(list, PEM_STRING_PKCS7, bytes, arena);
}

int
smime_list_read(struct span bytes, struct arena *arena, struct smime_list *out,
    struct err *err)
{
	bool good;

	*out = (struct smime_list){.count = 0};
	if (bytes.len == 0 || bytes.len > SMIME_FILE_MAX)
		return refuse_file("size", err);
	out->der = arena_take(arena, SMIME_CERTIFICATES_MAX * sizeof *out->der);
	good = span_search(bytes, SPAN("-----BEGIN ")) < bytes.len
		   ? read_pem(out, bytes, arena)
		   : read_der(out, bytes, arena);
	ERR_clear_error();
	if (good)
		return 0;
	return refuse_file(
	    out->count == SMIME_CERTIFICATES_MAX ? "many" : "format", err);
}
