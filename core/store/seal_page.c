/* One page of a SQLCipher 4 file: AES-256-CBC under a fresh random IV, then
 * HMAC-SHA512 over ciphertext, IV and page number.  Page 1 begins with the
 * salt, which takes the place of SQLite's magic.  The MAC is always checked
 * before anything is decrypted. */
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/store/seal_file.h"

enum { IV_POOL = 4096, SALT_MASK = 0x3a, MAC_ROUNDS = 2 };

static const unsigned char magic[SEAL_SALT] = "SQLite format 3";

struct page_box {
	EVP_CIPHER_CTX *in, *out;
	EVP_MAC_CTX *mac;
	unsigned char salt[SEAL_SALT];
	/* One RAND_bytes() call per page would cost as much as decrypting. */
	unsigned char pool[IV_POOL];
	size_t pool_at;
};

struct secret *
page_mac_key(const struct secret *key, const unsigned char salt[SEAL_SALT])
{
	unsigned char masked[SEAL_SALT];
	struct secret *out = secret_new(SEAL_KEY);

	for (int i = 0; i < SEAL_SALT; i++)
		masked[i] = salt[i] ^ SALT_MASK;
	if (PKCS5_PBKDF2_HMAC((const char *)key->bytes, (int)key->len, masked,
		SEAL_SALT, MAC_ROUNDS, EVP_sha512(), SEAL_KEY, out->bytes) != 1)
		secret_free(&out);
	return out;
}

static EVP_MAC_CTX *
mac_new(const struct secret *key)
{
	EVP_MAC *mac = EVP_MAC_fetch(NULL, "HMAC", NULL);
	EVP_MAC_CTX *ctx = mac ? EVP_MAC_CTX_new(mac) : NULL;
	char digest[] = "SHA512";
	OSSL_PARAM params[] = {
	    OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
	    OSSL_PARAM_construct_end(),
	};

	if (ctx && EVP_MAC_init(ctx, key->bytes, key->len, params) != 1) {
		EVP_MAC_CTX_free(ctx);
		ctx = NULL;
	}
	EVP_MAC_free(mac);
	return ctx;
}

int
page_box_new(const struct seal *seal, struct page_box **out)
{
	struct page_box *box = mem_new(sizeof *box);
	const EVP_CIPHER *aes = EVP_aes_256_cbc();

	memcpy(box->salt, seal->salt, SEAL_SALT);
	box->pool_at = IV_POOL;
	box->in = EVP_CIPHER_CTX_new();
	box->out = EVP_CIPHER_CTX_new();
	box->mac = mac_new(seal->mac_key);
	if (!box->in || !box->out || !box->mac ||
	    EVP_EncryptInit_ex(box->out, aes, NULL, seal->key->bytes, NULL) !=
		1 ||
	    EVP_DecryptInit_ex(box->in, aes, NULL, seal->key->bytes, NULL) !=
		1) {
		page_box_free(&box);
		return SQLITE_NOMEM;
	}
	EVP_CIPHER_CTX_set_padding(box->in, 0);
	EVP_CIPHER_CTX_set_padding(box->out, 0);
	*out = box;
	return SQLITE_OK;
}

void
page_box_free(struct page_box **box)
{
	if (!*box)
		return;
	EVP_CIPHER_CTX_free((*box)->in);
	EVP_CIPHER_CTX_free((*box)->out);
	EVP_MAC_CTX_free((*box)->mac);
	OPENSSL_cleanse(*box, sizeof **box);
	free(*box);
	*box = NULL;
}

/* Where the ciphertext of a page begins. */
static int
cipher_at(uint32_t page)
{
	return page == 1 ? SEAL_SALT : 0;
}

static int
mac_of(struct page_box *box, uint32_t page, const unsigned char *raw,
    unsigned char out[SEAL_MAC])
{
	const int at = cipher_at(page);
	const unsigned char number[4] = {(unsigned char)page,
	    (unsigned char)(page >> 8), (unsigned char)(page >> 16),
	    (unsigned char)(page >> 24)};
	size_t len = 0;

	if (EVP_MAC_init(box->mac, NULL, 0, NULL) != 1 ||
	    EVP_MAC_update(box->mac, raw + at, (size_t)(SEAL_MAC_AT - at)) !=
		1 ||
	    EVP_MAC_update(box->mac, number, sizeof number) != 1 ||
	    EVP_MAC_final(box->mac, out, &len, SEAL_MAC) != 1)
		return -1;
	return len == SEAL_MAC ? 0 : -1;
}

static int
take_iv(struct page_box *box, unsigned char out[SEAL_IV])
{
	if (box->pool_at == IV_POOL) {
		if (RAND_bytes(box->pool, IV_POOL) != 1)
			return -1;
		box->pool_at = 0;
	}
	memcpy(out, box->pool + box->pool_at, SEAL_IV);
	box->pool_at += SEAL_IV;
	return 0;
}

int
page_close(struct page_box *box, uint32_t page, const unsigned char *plain,
    unsigned char *out)
{
	const int at = cipher_at(page), len = SEAL_IV_AT - at;
	unsigned char iv[SEAL_IV];
	int got = 0;

	if (take_iv(box, iv) < 0 ||
	    EVP_EncryptInit_ex(box->out, NULL, NULL, NULL, iv) != 1 ||
	    EVP_EncryptUpdate(box->out, out + at, &got, plain + at, len) != 1 ||
	    got != len)
		return -1;
	if (page == 1)
		memcpy(out, box->salt, SEAL_SALT);
	memcpy(out + SEAL_IV_AT, iv, SEAL_IV);
	return mac_of(box, page, out, out + SEAL_MAC_AT);
}

int
page_check(struct page_box *box, uint32_t page, const unsigned char *raw)
{
	unsigned char mac[SEAL_MAC];

	if (mac_of(box, page, raw, mac) < 0 ||
	    CRYPTO_memcmp(mac, raw + SEAL_MAC_AT, SEAL_MAC) != 0)
		return -1;
	return 0;
}

int
page_open(struct page_box *box, uint32_t page, const unsigned char *raw,
    unsigned char *plain)
{
	const int at = cipher_at(page), len = SEAL_IV_AT - at;
	int got = 0;

	if (page_check(box, page, raw) < 0 ||
	    EVP_DecryptInit_ex(box->in, NULL, NULL, NULL, raw + SEAL_IV_AT) !=
		1 ||
	    EVP_DecryptUpdate(box->in, plain + at, &got, raw + at, len) != 1 ||
	    got != len) {
		memset(plain, 0, SEAL_PAGE);
		return -1;
	}
	if (page == 1)
		memcpy(plain, magic, SEAL_SALT);
	memset(plain + SEAL_IV_AT, 0, SEAL_RESERVE);
	return 0;
}
