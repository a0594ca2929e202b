/* PKCS #12: a key and its certificates in one file, under a passphrase.  Such
 * files are often written with ciphers of 1996; those are read through a
 * library context of their own, so that nothing else in the program can come to
 * use them. */
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pkcs12.h>
#include <openssl/provider.h>
#include <openssl/x509.h>

#include "core/mail/smime.h"

/* A library context with the old algorithms, if the system has them. */
struct library {
	OSSL_LIB_CTX *context;
	OSSL_PROVIDER *current, *legacy;
};

static int
refuse(const char *why, struct err *err)
{
	ERR_clear_error();
	err_set(err, E_SMIME_FILE);
	return err_fact(err, "why", span_of(why));
}

static void
library_open(struct library *library)
{
	library->context = OSSL_LIB_CTX_new();
	if (!library->context)
		return;
	library->current = OSSL_PROVIDER_load(library->context, "default");
	library->legacy = OSSL_PROVIDER_load(library->context, "legacy");
	ERR_clear_error();
}

static void
library_close(struct library *library)
{
	if (library->legacy)
		OSSL_PROVIDER_unload(library->legacy);
	if (library->current)
		OSSL_PROVIDER_unload(library->current);
	OSSL_LIB_CTX_free(library->context);
}

/* The structure of the file; the caller frees it. */
static PKCS12 *
read_file(struct span bytes, const struct library *library)
{
	const unsigned char *at = (const unsigned char *)bytes.ptr;
	PKCS12 *file = PKCS12_init_ex(NID_pkcs7_data, library->context, NULL);

	if (!file)
		return NULL;
	if (!d2i_PKCS12(&file, &at, (long)bytes.len))
		return NULL; /* and has freed it */
	return file;
}

/* Why a file could not be opened: the passphrase if its check fails, an
 * algorithm when that is missing here. */
static const char *
tell_why(PKCS12 *file, const char *passphrase)
{
	unsigned long code;
	bool missing = false;

	while ((code = ERR_get_error()) != 0) {
		int reason = ERR_GET_REASON(code);

		missing = missing || reason == ERR_R_UNSUPPORTED ||
			  reason == EVP_R_UNSUPPORTED_ALGORITHM ||
			  reason == EVP_R_UNKNOWN_PBE_ALGORITHM ||
			  reason == EVP_R_UNSUPPORTED_CIPHER;
	}
	if (missing)
		return "algorithm";
	if (PKCS12_mac_present(file) &&
	    PKCS12_verify_mac(file, passphrase, -1) != 1)
		return "passphrase";
	return "format";
}

static int
add_der(X509 *x509, struct buf *out)
{
	unsigned char *der = NULL;
	int len = i2d_X509(x509, &der);

	if (len <= 0)
		return -1;
	buf_add(out, span_make(der, (size_t)len));
	OPENSSL_free(der);
	return 0;
}

static int
take_key(const EVP_PKEY *key, struct smime_identity *out, struct err *err)
{
	PKCS8_PRIV_KEY_INFO *info = key ? EVP_PKEY2PKCS8(key) : NULL;
	unsigned char *der = NULL;
	int len = info ? i2d_PKCS8_PRIV_KEY_INFO(info, &der) : -1;

	PKCS8_PRIV_KEY_INFO_free(info);
	if (len <= 0)
		return refuse("key", err);
	out->key = secret_of(der, (size_t)len);
	OPENSSL_clear_free(der, (size_t)len);
	return 0;
}

static int
take_certificates(X509 *own, const STACK_OF(X509) * others,
    struct smime_identity *out, struct err *err)
{
	if (!own || add_der(own, &out->certificate) < 0)
		return refuse("certificate", err);
	if (sk_X509_num(others) > SMIME_CHAIN_MAX)
		return refuse("many", err);
	for (int i = 0; i < sk_X509_num(others); i++) {
		X509 *next = sk_X509_value(others, i);

		/* a root is trusted because the reader has it already */
		if (X509_NAME_cmp(X509_get_subject_name(next),
			X509_get_issuer_name(next)) == 0)
			continue;
		if (add_der(next, &out->chain) < 0)
			return refuse("certificate", err);
	}
	return 0;
}

int
smime_identity_read(struct span pkcs12, const struct secret *passphrase,
    struct smime_identity *out, struct err *err)
{
	struct library library = {.context = NULL};
	struct secret *text = NULL;
	PKCS12 *file = NULL;
	EVP_PKEY *key = NULL;
	X509 *own = NULL;
	STACK_OF(X509) *others = NULL;
	int rc = -1;

	if (pkcs12.len == 0 || pkcs12.len > SMIME_FILE_MAX)
		return refuse("size", err);
	/* OpenSSL wants a string */
	text = secret_new(passphrase->len + 1);
	memcpy(text->bytes, passphrase->bytes, passphrase->len);
	library_open(&library);
	file = read_file(pkcs12, &library);
	if (!file) {
		refuse("format", err);
		goto out;
	}
	ERR_clear_error();
	if (PKCS12_parse(
		file, (const char *)text->bytes, &key, &own, &others) != 1) {
		refuse(tell_why(file, (const char *)text->bytes), err);
		goto out;
	}
	if (take_key(key, out, err) < 0 ||
	    take_certificates(own, others, out, err) < 0)
		goto out;
	rc = 0;
out:
	EVP_PKEY_free(key);
	X509_free(own);
	sk_X509_pop_free(others, X509_free);
	PKCS12_free(file);
	library_close(&library);
	secret_free(&text);
	if (rc < 0)
		smime_identity_done(out);
	return rc;
}

void
smime_identity_done(struct smime_identity *identity)
{
	secret_free(&identity->key);
	buf_done(&identity->certificate);
	buf_done(&identity->chain);
}
