/* Ed25519 keys in files and out of them.  The form of the file is that of
 * "openssl pkcs8 -topk8 -scrypt": who has the passphrase needs no Sekisho to
 * use the key. */
#include "core/access/signer.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/file.h"
#include "core/base/mem.h"
#include "core/store/store.h"

/* scrypt (RFC 7914): 16 MiB, the most that openssl takes without being asked,
 * but eight times over. */
enum { SCRYPT_N = 16384, SCRYPT_R = 8, SCRYPT_P = 8, DER_MAX = 64 };

struct signer {
	EVP_PKEY *key;
};

static int
fail_path(struct err *err, enum err_code code, const char *path)
{
	err_set(err, code);
	return err_fact(err, "path", span_of(path));
}

/* OpenSSL does not fail at these but when memory is out. */
static void
must(bool done)
{
	if (!done)
		abort();
}

/* ---- The public half ---------------------------------------------------------- */

static EVP_PKEY *
public_of(const struct signer_key *key)
{
	return EVP_PKEY_new_raw_public_key(
	    EVP_PKEY_ED25519, NULL, key->bytes, sizeof key->bytes);
}

static bool
raw_of(const EVP_PKEY *pkey, struct signer_key *out)
{
	size_t len = sizeof out->bytes;

	return EVP_PKEY_get_base_id(pkey) == EVP_PKEY_ED25519 &&
	       EVP_PKEY_get_raw_public_key(pkey, out->bytes, &len) == 1 &&
	       len == sizeof out->bytes;
}

void
signer_pem(const struct signer_key *key, struct buf *out)
{
	BIO *bio = BIO_new(BIO_s_mem());
	EVP_PKEY *pkey = public_of(key);
	char *bytes;
	long len;

	must(bio && pkey && PEM_write_bio_PUBKEY(bio, pkey) == 1);
	len = BIO_get_mem_data(bio, &bytes);
	buf_add(out, span_make(bytes, (size_t)len));
	EVP_PKEY_free(pkey);
	BIO_free(bio);
}

/* Nobody is asked for a passphrase. */
static int
no_passphrase(char *room, int size, int writes, void *arg)
{
	(void)room;
	(void)size;
	(void)writes;
	(void)arg;
	return -1;
}

int
signer_pem_read(struct span pem, struct signer_key *out, struct err *err)
{
	BIO *bio = NULL;
	EVP_PKEY *pkey = NULL;
	bool good;

	if (pem.len > SIGNER_FILE_MAX)
		return err_set(err, E_SIGNER_KEY);
	bio = BIO_new_mem_buf(pem.ptr, (int)pem.len);
	must(bio != NULL);
	pkey = PEM_read_bio_PUBKEY(bio, NULL, no_passphrase, NULL);
	good = pkey && raw_of(pkey, out);
	EVP_PKEY_free(pkey);
	BIO_free(bio);
	return good ? 0 : err_set(err, E_SIGNER_KEY);
}

void
signer_fingerprint(const struct signer_key *key, char out[FINGERPRINT_TEXT + 1])
{
	EVP_PKEY *pkey = public_of(key);
	unsigned char der[DER_MAX], *at = der;
	struct digest digest;
	int len = pkey ? i2d_PUBKEY(pkey, NULL) : 0;

	must(len > 0 && len <= DER_MAX && i2d_PUBKEY(pkey, &at) == len);
	EVP_PKEY_free(pkey);
	crypt_sha256(span_make(der, (size_t)len), &digest);
	for (int i = 0; i < SHA256_LEN; i += 2) {
		snprintf(out, 6, "%02x%02x ", digest.bytes[i],
		    digest.bytes[i + 1]);
		out += i + 2 < SHA256_LEN ? 5 : 4;
	}
	*out = '\0';
}

int
signer_read_public(const char *path, struct signer_key *out, struct err *err)
{
	struct buf name = BUF_INIT, pem = BUF_INIT;
	int rc;

	buf_printf(&name, "%s.pem", path);
	if (file_read(name.ptr, SIGNER_FILE_MAX, &pem, NULL) < 0) {
		rc = fail_path(err, E_SIGNER_MISSING, path);
	} else {
		rc = signer_pem_read(buf_span(&pem), out, err);
		if (rc < 0)
			err_fact(err, "path", buf_span(&name));
	}
	buf_done(&name);
	buf_done(&pem);
	return rc;
}

bool
signer_verifies(
    const struct signer_key *key, struct span text, struct span signature)
{
	EVP_PKEY *pkey = public_of(key);
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	bool good;

	must(context != NULL);
	good = pkey && signature.len == SIGNATURE_LEN &&
	       EVP_DigestVerifyInit(context, NULL, NULL, NULL, pkey) == 1 &&
	       EVP_DigestVerify(context, (const unsigned char *)signature.ptr,
		   signature.len, (const unsigned char *)text.ptr,
		   text.len) == 1;
	EVP_MD_CTX_free(context);
	EVP_PKEY_free(pkey);
	return good;
}

/* ---- Making ------------------------------------------------------------------- */

static void
encrypt(EVP_PKEY *pkey, const struct secret *passphrase, struct buf *out)
{
	X509_ALGOR *how = PKCS5_pbe2_set_scrypt(
	    EVP_aes_256_cbc(), NULL, 0, NULL, SCRYPT_N, SCRYPT_R, SCRYPT_P);
	PKCS8_PRIV_KEY_INFO *plain = EVP_PKEY2PKCS8(pkey);
	BIO *bio = BIO_new(BIO_s_mem());
	X509_SIG *sealed;
	char *bytes;
	long len;

	must(how && plain && bio);
	sealed = PKCS8_set0_pbe((const char *)passphrase->bytes,
	    (int)passphrase->len, plain, how);
	must(sealed && PEM_write_bio_PKCS8(bio, sealed) == 1);
	len = BIO_get_mem_data(bio, &bytes);
	buf_add(out, span_make(bytes, (size_t)len));
	X509_SIG_free(sealed);
	PKCS8_PRIV_KEY_INFO_free(plain);
	BIO_free(bio);
}

/* A new file, never one that is there: nobody loses a key. */
static int
write_new(const char *path, struct span data, struct err *err)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
	    0600);
	int rc = 0;

	if (fd < 0 && errno == EEXIST)
		return fail_path(err, E_SIGNER_EXISTS, path);
	if (fd < 0) {
		err_sys(err, E_FILE_OPEN, errno);
		return err_fact(err, "path", span_of(path));
	}
	if (file_write_all(fd, data) < 0 || fsync(fd) < 0) {
		err_sys(err, errno == ENOSPC ? E_DISK_FULL : E_FILE_WRITE,
		    errno);
		rc = err_fact(err, "path", span_of(path));
		unlink(path);
	}
	close(fd);
	return rc;
}

static int
write_both(const char *path, EVP_PKEY *pkey, const struct secret *passphrase,
    const struct signer_key *key, struct err *err)
{
	struct buf name = BUF_INIT, private = BUF_INIT, public = BUF_INIT;
	int rc;

	buf_printf(&name, "%s.pem", path);
	encrypt(pkey, passphrase, &private);
	signer_pem(key, &public);
	rc = write_new(path, buf_span(&private), err);
	if (rc == 0)
		rc = file_replace(name.ptr, buf_span(&public), 0644, err);
	buf_done(&name);
	buf_done(&private);
	buf_done(&public);
	return rc;
}

static int
make_folder(const char *path, struct err *err)
{
	struct buf dir = BUF_INIT;
	const char *slash = strrchr(path, '/');
	int rc = 0;

	if (slash && slash != path) {
		buf_add(&dir, span_make(path, (size_t)(slash - path)));
		rc = file_mkdirs(dir.ptr, 0700, err);
	}
	buf_done(&dir);
	return rc;
}

int
signer_make(const char *path, const struct secret *passphrase,
    struct signer_key *out, struct err *err)
{
	EVP_PKEY *pkey;
	int rc;

	if (passphrase->len < PASSPHRASE_MIN)
		return err_set(err, E_PASSPHRASE_WEAK);
	if (access(path, F_OK) == 0)
		return fail_path(err, E_SIGNER_EXISTS, path);
	if (make_folder(path, err) < 0)
		return -1;
	pkey = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	must(pkey && raw_of(pkey, out));
	rc = write_both(path, pkey, passphrase, out, err);
	EVP_PKEY_free(pkey);
	return rc;
}

/* ---- Opening ------------------------------------------------------------------ */

static int
give_passphrase(char *room, int size, int writes, void *arg)
{
	const struct secret *passphrase = arg;

	(void)writes;
	if (passphrase->len > (size_t)size)
		return -1;
	memcpy(room, passphrase->bytes, passphrase->len);
	return (int)passphrase->len;
}

/* Who could read it might have signed with it. */
static int
read_own(const char *path, struct buf *out, struct err *err)
{
	struct stat st;
	int rc = -1;

	if (lstat(path, &st) < 0)
		return fail_path(err, E_SIGNER_MISSING, path);
	if (!S_ISREG(st.st_mode) || st.st_uid != geteuid() ||
	    (st.st_mode & 077))
		return fail_path(err, E_SIGNER_MODE, path);
	rc = file_read(path, SIGNER_FILE_MAX, out, err);
	if (rc == 0 && !span_starts(buf_span(out),
			   SPAN("-----BEGIN ENCRYPTED PRIVATE KEY-----")))
		rc = fail_path(err, E_SIGNER_KEY, path);
	return rc;
}

int
signer_open(const char *path, const struct secret *passphrase,
    struct signer **out, struct err *err)
{
	struct buf file = BUF_INIT;
	struct signer_key key;
	EVP_PKEY *pkey = NULL;
	BIO *bio = NULL;
	int rc = -1;

	if (read_own(path, &file, err) < 0)
		goto out;
	bio = BIO_new_mem_buf(file.ptr, (int)file.len);
	must(bio != NULL);
	pkey = PEM_read_bio_PrivateKey(bio, NULL, give_passphrase,
	    (void *)(uintptr_t)passphrase);
	if (!pkey) {
		fail_path(err, E_SIGNER_PASSPHRASE, path);
	} else if (!raw_of(pkey, &key)) {
		fail_path(err, E_SIGNER_KEY, path);
	} else {
		*out = mem_new(sizeof **out);
		(*out)->key = pkey;
		pkey = NULL;
		rc = 0;
	}
out:
	EVP_PKEY_free(pkey);
	BIO_free(bio);
	buf_done(&file);
	return rc;
}

void
signer_public(const struct signer *signer, struct signer_key *out)
{
	must(raw_of(signer->key, out));
}

void
signer_sign(const struct signer *signer, struct span text,
    unsigned char out[SIGNATURE_LEN])
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	size_t len = SIGNATURE_LEN;

	must(context &&
	     EVP_DigestSignInit(context, NULL, NULL, NULL, signer->key) == 1 &&
	     EVP_DigestSign(context, out, &len,
		 (const unsigned char *)text.ptr, text.len) == 1 &&
	     len == SIGNATURE_LEN);
	EVP_MD_CTX_free(context);
}

void
signer_free(struct signer **signer)
{
	if (!*signer)
		return;
	EVP_PKEY_free((*signer)->key);
	free(*signer);
	*signer = NULL;
}
