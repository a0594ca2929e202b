/* Temporary files: sorter runs, statement journals, transient tables.  They
 * are AES-256-CTR under a random key that lives as long as the handle, so
 * after a crash nobody can read them.  Written in chunks of any size, hence
 * no pages and no MAC; nothing is ever read back by another process. */
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/store/seal_file.h"

enum { BLOCK = 16, CHUNK = 4096 };

struct temp_state {
	EVP_CIPHER_CTX *ctx;
	int64_t size; /* only this handle writes */
	unsigned char chunk[CHUNK];
};

int
temp_start(struct seal_file *f)
{
	struct temp_state *temp = mem_new(sizeof *temp);
	struct secret *key = secret_new(SEAL_KEY);
	int rc = SQLITE_NOMEM;

	crypt_random(key->bytes, key->len);
	temp->ctx = EVP_CIPHER_CTX_new();
	if (temp->ctx && EVP_EncryptInit_ex(temp->ctx, EVP_aes_256_ctr(), NULL,
			     key->bytes, NULL) == 1)
		rc = below_size(f, &temp->size);
	secret_free(&key);
	/* What an earlier handle left has lost its key. */
	if (rc == SQLITE_OK && temp->size != 0)
		rc = SQLITE_CANTOPEN;
	if (rc != SQLITE_OK) {
		EVP_CIPHER_CTX_free(temp->ctx);
		free(temp);
		return rc;
	}
	f->temp = temp;
	return SQLITE_OK;
}

/* Encrypts or decrypts len octets that stand at offset at of the file. */
static int
crypt_at(struct temp_state *temp, int64_t at, const unsigned char *in,
    unsigned char *out, int len)
{
	unsigned char counter[BLOCK] = {0}, skip[BLOCK] = {0};
	const uint64_t block = (uint64_t)at / BLOCK;
	int ahead = (int)(at % BLOCK), got = 0;

	for (int i = 0; i < 8; i++)
		counter[BLOCK - 1 - i] = (unsigned char)(block >> (8 * i));
	if (EVP_EncryptInit_ex(temp->ctx, NULL, NULL, NULL, counter) != 1)
		return -1;
	if (ahead && EVP_EncryptUpdate(temp->ctx, skip, &got, skip, ahead) != 1)
		return -1;
	OPENSSL_cleanse(skip, sizeof skip);
	if (EVP_EncryptUpdate(temp->ctx, out, &got, in, len) != 1)
		return -1;
	return got == len ? 0 : -1;
}

/* Writes len octets; data NULL means zeros. */
static int
write_sealed(
    struct seal_file *f, const unsigned char *data, int64_t len, int64_t at)
{
	static const unsigned char zeros[CHUNK];
	struct temp_state *temp = f->temp;
	int rc = SQLITE_OK;

	while (rc == SQLITE_OK && len > 0) {
		int part = len < CHUNK ? (int)len : CHUNK;

		if (crypt_at(temp, at, data ? data : zeros, temp->chunk, part) <
		    0)
			return SQLITE_IOERR_WRITE;
		rc = below_write(f, temp->chunk, part, at);
		if (rc == SQLITE_OK && temp->size < at + part)
			temp->size = at + part;
		if (data)
			data += part;
		at += part;
		len -= part;
	}
	return rc;
}

static int
temp_write(sqlite3_file *file, const void *data, int len, sqlite3_int64 at)
{
	struct seal_file *f = seal_file_of(file);
	int rc = SQLITE_OK;

	if (len < 0 || at < 0)
		return SQLITE_IOERR_WRITE;
	if (at > f->temp->size)
		rc = write_sealed(f, NULL, at - f->temp->size, f->temp->size);
	return rc == SQLITE_OK ? write_sealed(f, data, len, at) : rc;
}

static int
temp_read(sqlite3_file *file, void *out, int len, sqlite3_int64 at)
{
	struct seal_file *f = seal_file_of(file);
	unsigned char *bytes = out;
	int there, rc;

	if (len < 0 || at < 0)
		return SQLITE_IOERR_READ;
	there = at >= f->temp->size        ? 0
		: f->temp->size - at < len ? (int)(f->temp->size - at)
					   : len;
	if (there) {
		rc = below_read(f, out, there, at);
		if (rc != SQLITE_OK)
			return rc;
		if (crypt_at(f->temp, at, bytes, bytes, there) < 0)
			return SQLITE_IOERR_READ;
	}
	memset(bytes + there, 0, (size_t)(len - there));
	return there == len ? SQLITE_OK : SQLITE_IOERR_SHORT_READ;
}

static int
temp_truncate(sqlite3_file *file, sqlite3_int64 size)
{
	struct seal_file *f = seal_file_of(file);
	int rc;

	if (size > f->temp->size)
		return write_sealed(
		    f, NULL, size - f->temp->size, f->temp->size);
	rc = pass_truncate(file, size);
	if (rc == SQLITE_OK)
		f->temp->size = size;
	return rc;
}

static int
temp_close(sqlite3_file *file)
{
	struct seal_file *f = seal_file_of(file);
	int rc = f->below->pMethods->xClose(f->below);

	EVP_CIPHER_CTX_free(f->temp->ctx);
	OPENSSL_cleanse(f->temp, sizeof *f->temp);
	free(f->temp);
	f->temp = NULL;
	return rc;
}

const sqlite3_io_methods temp_methods = {
    .iVersion = 1,
    .xClose = temp_close,
    .xRead = temp_read,
    .xWrite = temp_write,
    .xTruncate = temp_truncate,
    .xSync = pass_sync,
    .xFileSize = pass_size,
    .xLock = plain_lock,
    .xUnlock = plain_lock,
    .xCheckReservedLock = plain_reserved,
    .xFileControl = plain_control,
    .xSectorSize = seal_sector,
    .xDeviceCharacteristics = seal_traits,
};
