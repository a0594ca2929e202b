/* Signing and encrypting.  Detached signatures, so that a reader without S/MIME
 * still reads the mail.  AES-256-CBC and PKCS #1 v1.5 rather than GCM and OAEP:
 * those are what every mail program in use can open; a message that was signed
 * before it was encrypted shows when it has been tampered with. */
#include "core/mail/smime.h"

#include <openssl/cms.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <stdlib.h>

#include "core/mail/encode.h"

struct smime_signer {
	EVP_PKEY *key;
	X509 *certificate;
	STACK_OF(X509) * chain;
};

struct smime_sealer {
	X509 *certificate;
	bool is_ec;
};

static int
fail(const char *what, struct err *err)
{
	ERR_clear_error();
	err_set(err, E_SMIME);
	return err_fact(err, "what", span_of(what));
}

static int
refuse_file(const char *why, struct err *err)
{
	ERR_clear_error();
	err_set(err, E_SMIME_FILE);
	return err_fact(err, "why", span_of(why));
}

/* The certificate at the start of *der, which moves behind it; NULL when there
 * is none. */
static X509 *
take_certificate(struct span *der)
{
	const unsigned char *at = (const unsigned char *)der->ptr;
	X509 *certificate = d2i_X509(NULL, &at, (long)der->len);
	size_t used;

	if (!certificate)
		return NULL;
	used = (size_t)(at - (const unsigned char *)der->ptr);
	*der = span_slice(*der, used, der->len);
	return certificate;
}

static EVP_PKEY *
read_key(const struct secret *key)
{
	const unsigned char *der = key->bytes;
	PKCS8_PRIV_KEY_INFO *info =
	    d2i_PKCS8_PRIV_KEY_INFO(NULL, &der, (long)key->len);
	EVP_PKEY *pkey = info ? EVP_PKCS82PKEY(info) : NULL;

	PKCS8_PRIV_KEY_INFO_free(info);
	return pkey;
}

int
smime_signer_new(const struct smime_identity *identity,
    struct smime_signer **out, struct err *err)
{
	struct smime_signer *signer = mem_new(sizeof *signer);
	struct span own = buf_span(&identity->certificate);
	struct span chain = buf_span(&identity->chain);
	int rc = -1;

	signer->key = read_key(identity->key);
	signer->certificate = take_certificate(&own);
	signer->chain = sk_X509_new_null();
	if (!signer->key) {
		refuse_file("key", err);
		goto out;
	}
	while (signer->certificate && signer->chain && chain.len) {
		X509 *next = take_certificate(&chain);

		if (!next || !sk_X509_push(signer->chain, next)) {
			X509_free(next);
			refuse_file("certificate", err);
			goto out;
		}
	}
	if (!signer->certificate || !signer->chain ||
	    X509_check_private_key(signer->certificate, signer->key) != 1) {
		refuse_file("certificate", err);
		goto out;
	}
	*out = signer;
	signer = NULL;
	rc = 0;
out:
	smime_signer_free(&signer);
	return rc;
}

void
smime_signer_free(struct smime_signer **signer)
{
	if (!*signer)
		return;
	EVP_PKEY_free((*signer)->key);
	X509_free((*signer)->certificate);
	sk_X509_pop_free((*signer)->chain, X509_free);
	free(*signer);
	*signer = NULL;
}

/* The time goes in here, so that the same message at the same time has the same
 * signature and no clock is read. */
static bool
set_time(CMS_SignerInfo *info, int64_t at_ms)
{
	ASN1_TIME *time = ASN1_TIME_set(NULL, (time_t)(at_ms / 1000));
	bool good =
	    time && CMS_signed_add1_attr_by_NID(info, NID_pkcs9_signingTime,
			ASN1_STRING_type(time), time, -1) == 1;

	ASN1_TIME_free(time);
	return good;
}

/* The detached signature; the caller frees it.  NULL on failure. */
static CMS_ContentInfo *
make_signature(
    const struct smime_signer *signer, struct span entity, int64_t at_ms)
{
	const unsigned flags =
	    CMS_DETACHED | CMS_BINARY | CMS_PARTIAL | CMS_NOSMIMECAP;
	CMS_ContentInfo *cms = NULL, *made = NULL;
	CMS_SignerInfo *info;
	BIO *data = BIO_new_mem_buf(entity.ptr, (int)entity.len);

	if (!data)
		goto out;
	cms = CMS_sign(NULL, NULL, signer->chain, NULL, flags);
	if (!cms)
		goto out;
	info = CMS_add1_signer(
	    cms, signer->certificate, signer->key, EVP_sha256(), flags);
	if (!info || !set_time(info, at_ms) ||
	    CMS_final(cms, data, NULL, flags) != 1)
		goto out;
	made = cms;
	cms = NULL;
out:
	CMS_ContentInfo_free(cms);
	BIO_free(data);
	return made;
}

/* Appends the DER of cms in lines of base64. */
static int
add_der(CMS_ContentInfo *cms, struct buf *out)
{
	unsigned char *der = NULL;
	int len = i2d_CMS_ContentInfo(cms, &der);

	if (len <= 0)
		return -1;
	encode_base64_lines(out, span_make(der, (size_t)len));
	OPENSSL_free(der);
	return 0;
}

static void
add_delimiter(struct buf *out, struct span token, const char *tail)
{
	buf_text(out, "--=_s.");
	buf_add(out, token);
	buf_text(out, tail);
}

int
smime_sign(struct smime_signer *signer, struct span entity, struct span token,
    int64_t at_ms, struct buf *out, struct err *err)
{
	const size_t start = out->len;
	CMS_ContentInfo *cms = NULL;
	int rc = -1;

	if (entity.len > INT32_MAX)
		return fail("size", err);
	cms = make_signature(signer, entity, at_ms);
	if (!cms) {
		fail("sign", err);
		goto out;
	}
	buf_reserve(out, entity.len + 8192);
	buf_text(out, "Content-Type: multipart/signed;\r\n"
		      " protocol=\"application/pkcs7-signature\";"
		      " micalg=sha-256;\r\n boundary=\"=_s.");
	buf_add(out, token);
	buf_text(out, "\"\r\nContent-Transfer-Encoding: 7bit\r\n\r\n");
	add_delimiter(out, token, "\r\n");
	buf_add(out, entity);
	buf_text(out, "\r\n");
	add_delimiter(out, token, "\r\n");
	buf_text(out,
	    "Content-Type: application/pkcs7-signature; name=\"smime.p7s\"\r\n"
	    "Content-Transfer-Encoding: base64\r\n"
	    "Content-Disposition: attachment; filename=\"smime.p7s\"\r\n\r\n");
	if (add_der(cms, out) < 0) {
		out->len = start;
		fail("write", err);
		goto out;
	}
	add_delimiter(out, token, "--\r\n");
	rc = 0;
out:
	CMS_ContentInfo_free(cms);
	return rc;
}

/* ---- Encrypting ---------------------------------------------------------- */

int
smime_sealer_new(
    struct span certificate, struct smime_sealer **out, struct err *err)
{
	X509 *x509 = take_certificate(&certificate);
	EVP_PKEY *key = x509 ? X509_get0_pubkey(x509) : NULL;

	if (!key || (!EVP_PKEY_is_a(key, "RSA") && !EVP_PKEY_is_a(key, "EC"))) {
		X509_free(x509);
		return refuse_file("certificate", err);
	}
	*out = mem_new(sizeof **out);
	(*out)->certificate = x509;
	(*out)->is_ec = EVP_PKEY_is_a(key, "EC");
	return 0;
}

void
smime_sealer_free(struct smime_sealer **sealer)
{
	if (!*sealer)
		return;
	X509_free((*sealer)->certificate);
	free(*sealer);
	*sealer = NULL;
}

static bool
add_recipient(CMS_ContentInfo *cms, const struct smime_sealer *sealer)
{
	const unsigned flags = CMS_BINARY | CMS_PARTIAL | CMS_KEY_PARAM;
	CMS_RecipientInfo *info =
	    CMS_add1_recipient_cert(cms, sealer->certificate, flags);
	EVP_PKEY_CTX *key;

	if (!info || !sealer->is_ec)
		return info != NULL;
	/* OpenSSL's default is SHA-1; RFC 8551 section 2.3 wants SHA-256 */
	key = CMS_RecipientInfo_get0_pkey_ctx(info);
	return key && EVP_PKEY_CTX_set_ecdh_kdf_md(key, EVP_sha256()) == 1;
}

int
smime_encrypt(struct smime_sealer *sealer, struct span entity, struct buf *out,
    struct err *err)
{
	const unsigned flags = CMS_BINARY | CMS_PARTIAL;
	const size_t start = out->len;
	CMS_ContentInfo *cms = NULL;
	BIO *data = NULL;
	int rc = -1;

	if (entity.len > INT32_MAX)
		return fail("size", err);
	data = BIO_new_mem_buf(entity.ptr, (int)entity.len);
	cms = CMS_encrypt(NULL, NULL, EVP_aes_256_cbc(), flags);
	if (!data || !cms || !add_recipient(cms, sealer) ||
	    CMS_final(cms, data, NULL, flags) != 1) {
		fail("encrypt", err);
		goto out;
	}
	buf_reserve(out, entity.len + entity.len / 2 + 4096);
	buf_text(out, "Content-Type: application/pkcs7-mime;"
		      " smime-type=enveloped-data;\r\n name=\"smime.p7m\"\r\n"
		      "Content-Transfer-Encoding: base64\r\n"
		      "Content-Disposition: attachment;"
		      " filename=\"smime.p7m\"\r\n\r\n");
	if (add_der(cms, out) < 0) {
		out->len = start;
		fail("write", err);
		goto out;
	}
	rc = 0;
out:
	CMS_ContentInfo_free(cms);
	BIO_free(data);
	return rc;
}
