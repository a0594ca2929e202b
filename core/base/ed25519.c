/* Ed25519 over OpenSSL.  What OpenSSL refuses here is a defect or a lack of
 * memory, so making and signing end the process; verifying says no. */
#include "core/base/ed25519.h"

#include <openssl/evp.h>
#include <stdlib.h>

/* SubjectPublicKeyInfo of an Ed25519 key up to its octets (RFC 8410
 * section 4). */
static const unsigned char der_head[] = {
    0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00};
enum { DER_LEN = sizeof der_head + ED25519_KEY_LEN };

static const char pem_head[] = "-----BEGIN PUBLIC KEY-----\n";
static const char pem_end[] = "\n-----END PUBLIC KEY-----\n";
enum { PEM_ROOM = 128, SIGNATURE_TEXT = 88 };

static EVP_PKEY *
private_key(const struct secret *seed)
{
	EVP_PKEY *key = seed->len == ED25519_KEY_LEN
			    ? EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519,
				  NULL, seed->bytes, seed->len)
			    : NULL;

	if (!key)
		abort();
	return key;
}

void
ed25519_public(const struct secret *seed, struct ed25519_public *out)
{
	EVP_PKEY *key = private_key(seed);
	size_t len = sizeof out->bytes;

	if (EVP_PKEY_get_raw_public_key(key, out->bytes, &len) != 1)
		abort();
	EVP_PKEY_free(key);
}

void
ed25519_sign(
    const struct secret *seed, struct span text, struct ed25519_signature *out)
{
	EVP_PKEY *key = private_key(seed);
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	size_t len = sizeof out->bytes;

	if (!context ||
	    EVP_DigestSignInit(context, NULL, NULL, NULL, key) != 1 ||
	    EVP_DigestSign(context, out->bytes, &len,
		(const unsigned char *)text.ptr, text.len) != 1)
		abort();
	EVP_MD_CTX_free(context);
	EVP_PKEY_free(key);
}

bool
ed25519_verify(const struct ed25519_public *key, struct span text,
    const struct ed25519_signature *signature)
{
	EVP_PKEY *public = EVP_PKEY_new_raw_public_key(
	    EVP_PKEY_ED25519, NULL, key->bytes, sizeof key->bytes);
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	bool good =
	    public && context &&
	    EVP_DigestVerifyInit(context, NULL, NULL, NULL, public) == 1 &&
	    EVP_DigestVerify(context, signature->bytes, sizeof signature->bytes,
		(const unsigned char *)text.ptr, text.len) == 1;

	EVP_MD_CTX_free(context);
	EVP_PKEY_free(public);
	return good;
}

static void
der(const struct ed25519_public *key, unsigned char out[DER_LEN])
{
	memcpy(out, der_head, sizeof der_head);
	memcpy(out + sizeof der_head, key->bytes, sizeof key->bytes);
}

void
ed25519_pem(const struct ed25519_public *key, struct buf *out)
{
	unsigned char octets[DER_LEN];
	char text[PEM_ROOM];

	der(key, octets);
	EVP_EncodeBlock((unsigned char *)text, octets, sizeof octets);
	buf_text(out, pem_head);
	buf_text(out, text);
	buf_text(out, pem_end);
}

/* One key has one text, so reading is comparing. */
bool
ed25519_pem_read(struct span pem, struct ed25519_public *out)
{
	unsigned char octets[DER_LEN + 3];
	struct buf again = BUF_INIT;
	struct span body = pem;
	bool good;

	if (!span_starts(pem, span_of(pem_head)))
		return false;
	body = span_slice(pem, sizeof pem_head - 1, pem.len);
	body = span_slice(body, 0, span_index(body, '\n'));
	if (body.len != (DER_LEN + 2) / 3 * 4 ||
	    EVP_DecodeBlock(octets, (const unsigned char *)body.ptr,
		(int)body.len) < DER_LEN)
		return false;
	memcpy(out->bytes, octets + sizeof der_head, sizeof out->bytes);
	ed25519_pem(out, &again);
	good = span_equal(buf_span(&again), pem);
	buf_done(&again);
	return good;
}

void
ed25519_fingerprint(const struct ed25519_public *key, struct digest *out)
{
	unsigned char octets[DER_LEN];

	der(key, octets);
	crypt_sha256(span_make(octets, sizeof octets), out);
}

void
ed25519_signature_text(
    const struct ed25519_signature *signature, struct buf *out)
{
	char text[SIGNATURE_TEXT + 1];

	EVP_EncodeBlock(
	    (unsigned char *)text, signature->bytes, sizeof signature->bytes);
	buf_text(out, text);
}

bool
ed25519_signature_read(struct span text, struct ed25519_signature *out)
{
	unsigned char octets[SIGNATURE_TEXT / 4 * 3];
	struct buf again = BUF_INIT;
	bool good;

	if (text.len != SIGNATURE_TEXT ||
	    EVP_DecodeBlock(octets, (const unsigned char *)text.ptr,
		(int)text.len) < (int)sizeof out->bytes)
		return false;
	memcpy(out->bytes, octets, sizeof out->bytes);
	ed25519_signature_text(out, &again);
	good = span_equal(buf_span(&again), text);
	buf_done(&again);
	return good;
}
