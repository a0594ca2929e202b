/* Thin verbs over OpenSSL.  A failing primitive is not a condition to go on
 * from: the process ends rather than send or store something unprotected. */
#include "core/base/crypt.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/kdf.h>
#include <openssl/rand.h>
#include <stdlib.h>

#include "core/base/mem.h"

enum { SECURE_HEAP = 64 * 1024, SECURE_MIN = 32 };

void
secret_heap_init(void)
{
	if (!CRYPTO_secure_malloc_initialized())
		CRYPTO_secure_malloc_init(SECURE_HEAP, SECURE_MIN);
}

struct secret *
secret_new(size_t len)
{
	struct secret *secret = mem_new(sizeof *secret);

	secret->bytes = OPENSSL_secure_zalloc(len ? len : 1);
	if (!secret->bytes)
		abort();
	secret->len = len;
	return secret;
}

struct secret *
secret_of(const void *bytes, size_t len)
{
	struct secret *secret = secret_new(len);

	if (len)
		memcpy(secret->bytes, bytes, len);
	return secret;
}

bool
secret_equal(const struct secret *a, const struct secret *b)
{
	return a->len == b->len && !CRYPTO_memcmp(a->bytes, b->bytes, a->len);
}

struct span
secret_span(const struct secret *secret)
{
	return span_make(secret->bytes, secret->len);
}

void
secret_free(struct secret **secret)
{
	if (!*secret)
		return;
	OPENSSL_secure_clear_free(
	    (*secret)->bytes, (*secret)->len ? (*secret)->len : 1);
	free(*secret);
	*secret = NULL;
}

void
crypt_random(void *out, size_t len)
{
	if (len > INT32_MAX || RAND_bytes(out, (int)len) != 1)
		abort();
}

void
crypt_sha256(struct span data, struct digest *out)
{
	if (EVP_Digest(
		data.ptr, data.len, out->bytes, NULL, EVP_sha256(), NULL) != 1)
		abort();
}

void
crypt_hmac(const struct secret *key, struct span data, struct digest *out)
{
	unsigned len = 0;

	if (!HMAC(EVP_sha256(), key->bytes, (int)key->len,
		(const unsigned char *)data.ptr, data.len, out->bytes, &len) ||
	    len != SHA256_LEN)
		abort();
}

/* ---- Kept contexts ------------------------------------------------------ */

struct crypt_hash {
	EVP_MD *sha256;
	EVP_MD_CTX *ctx;
};

struct crypt_hash *
crypt_hash_new(void)
{
	struct crypt_hash *hash = mem_new(sizeof *hash);

	hash->sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
	hash->ctx = EVP_MD_CTX_new();
	if (!hash->sha256 || !hash->ctx)
		abort();
	crypt_hash_begin(hash);
	return hash;
}

void
crypt_hash_free(struct crypt_hash **hash)
{
	if (!*hash)
		return;
	EVP_MD_CTX_free((*hash)->ctx);
	EVP_MD_free((*hash)->sha256);
	free(*hash);
	*hash = NULL;
}

void
crypt_hash_begin(struct crypt_hash *hash)
{
	if (EVP_DigestInit_ex2(hash->ctx, hash->sha256, NULL) != 1)
		abort();
}

void
crypt_hash_add(struct crypt_hash *hash, struct span data)
{
	if (EVP_DigestUpdate(hash->ctx, data.ptr, data.len) != 1)
		abort();
}

void
crypt_hash_end(struct crypt_hash *hash, struct digest *out)
{
	if (EVP_DigestFinal_ex(hash->ctx, out->bytes, NULL) != 1)
		abort();
}

struct crypt_mac {
	EVP_MAC *hmac;
	EVP_MAC_CTX *ctx;
};

struct crypt_mac *
crypt_mac_new(const struct secret *key)
{
	char digest[] = "SHA256";
	OSSL_PARAM params[] = {
	    OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
	    OSSL_PARAM_construct_end(),
	};
	struct crypt_mac *mac = mem_new(sizeof *mac);

	mac->hmac = EVP_MAC_fetch(NULL, "HMAC", NULL);
	mac->ctx = mac->hmac ? EVP_MAC_CTX_new(mac->hmac) : NULL;
	if (!mac->ctx ||
	    EVP_MAC_init(mac->ctx, key->bytes, key->len, params) != 1)
		abort();
	return mac;
}

void
crypt_mac_free(struct crypt_mac **mac)
{
	if (!*mac)
		return;
	EVP_MAC_CTX_free((*mac)->ctx);
	EVP_MAC_free((*mac)->hmac);
	free(*mac);
	*mac = NULL;
}

void
crypt_mac(struct crypt_mac *mac, struct span data, struct digest *out)
{
	size_t len = 0;

	/* without a key: the one it has */
	if (EVP_MAC_init(mac->ctx, NULL, 0, NULL) != 1 ||
	    EVP_MAC_update(
		mac->ctx, (const unsigned char *)data.ptr, data.len) != 1 ||
	    EVP_MAC_final(mac->ctx, out->bytes, &len, sizeof out->bytes) != 1 ||
	    len != SHA256_LEN)
		abort();
}

/* ---- Derived keys and text ---------------------------------------------- */

struct secret *
crypt_subkey(const struct secret *key, const char *label)
{
	struct secret *sub = secret_new(KEY_LEN);
	EVP_KDF *kdf = EVP_KDF_fetch(NULL, "HKDF", NULL);
	EVP_KDF_CTX *ctx = kdf ? EVP_KDF_CTX_new(kdf) : NULL;
	char digest[] = "SHA256";
	struct span info = span_of(label);
	OSSL_PARAM params[] = {
	    OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest, 0),
	    OSSL_PARAM_construct_octet_string(
		OSSL_KDF_PARAM_KEY, key->bytes, key->len),
	    OSSL_PARAM_construct_octet_string(
		OSSL_KDF_PARAM_INFO, (void *)(uintptr_t)info.ptr, info.len),
	    OSSL_PARAM_construct_end(),
	};

	if (!ctx || EVP_KDF_derive(ctx, sub->bytes, sub->len, params) != 1)
		abort();
	EVP_KDF_CTX_free(ctx);
	EVP_KDF_free(kdf);
	return sub;
}

bool
digest_equal(const struct digest *a, const struct digest *b)
{
	return !CRYPTO_memcmp(a->bytes, b->bytes, SHA256_LEN);
}

void
crypt_hex(struct buf *out, struct span bytes)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < bytes.len; i++) {
		unsigned char c = (unsigned char)bytes.ptr[i];

		buf_char(out, digits[c >> 4]);
		buf_char(out, digits[c & 15]);
	}
}

bool
digest_of_hex(struct span hex, struct digest *out)
{
	if (hex.len != 2 * sizeof out->bytes)
		return false;
	for (size_t i = 0; i < hex.len; i++) {
		if (hex.ptr[i] >= 'A' && hex.ptr[i] <= 'F')
			return false;
	}
	for (size_t i = 0; i < sizeof out->bytes; i++) {
		int octet = span_hex_octet(hex, 2 * i);

		if (octet < 0)
			return false;
		out->bytes[i] = (unsigned char)octet;
	}
	return true;
}

/* Appends bytes as digits of width bits each, most significant first. */
static void
add_digits(
    struct buf *out, struct span bytes, unsigned width, const char *alphabet)
{
	uint32_t held = 0;
	unsigned bits = 0;
	const uint32_t mask = (1u << width) - 1;

	buf_reserve(out, bytes.len * 8 / width + 1);
	for (size_t i = 0; i < bytes.len; i++) {
		held = held << 8 | (unsigned char)bytes.ptr[i];
		bits += 8;
		while (bits >= width) {
			bits -= width;
			buf_char(out, alphabet[held >> bits & mask]);
		}
		held &= (1u << bits) - 1;
	}
	if (bits)
		buf_char(out, alphabet[held << (width - bits) & mask]);
}

void
crypt_base32(struct buf *out, struct span bytes)
{
	add_digits(out, bytes, 5, "abcdefghijklmnopqrstuvwxyz234567");
}

void
crypt_base64url(struct buf *out, struct span bytes)
{
	add_digits(out, bytes, 6,
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	    "0123456789-_");
}
