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
enum { SCRYPT_N = 16384, SCRYPT_R = 8, SCRYPT_P = 8 };

struct signer {
	struct secret *seed;
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

void
signer_fingerprint(
    const struct ed25519_public *key, char out[FINGERPRINT_TEXT + 1])
{
	struct digest digest;

	ed25519_fingerprint(key, &digest);
	for (int i = 0; i < SHA256_LEN; i += 2) {
		int room = i + 2 < SHA256_LEN ? 6 : 5; /* no blank at the end */

		snprintf(out, (size_t)room, "%02x%02x ", digest.bytes[i],
		    digest.bytes[i + 1]);
		out += room - 1;
	}
	*out = '\0';
}

int
signer_read_public(
    const char *path, struct ed25519_public *out, struct err *err)
{
	struct buf name = BUF_INIT, pem = BUF_INIT;
	int rc;

	buf_printf(&name, "%s.pem", path);
	if (file_read(name.ptr, SIGNER_FILE_MAX, &pem, NULL) < 0) {
		rc = fail_path(err, E_SIGNER_MISSING, path);
	} else {
		rc = ed25519_pem_read(buf_span(&pem), out)
			 ? 0
			 : fail_path(err, E_SIGNER_KEY, path);
	}
	buf_done(&name);
	buf_done(&pem);
	return rc;
}

/* ---- Making ------------------------------------------------------------------- */

static void
encrypt(
    const struct secret *seed, const struct secret *passphrase, struct buf *out)
{
	EVP_PKEY *pkey = EVP_PKEY_new_raw_private_key(
	    EVP_PKEY_ED25519, NULL, seed->bytes, seed->len);
	X509_ALGOR *how = PKCS5_pbe2_set_scrypt(
	    EVP_aes_256_cbc(), NULL, 0, NULL, SCRYPT_N, SCRYPT_R, SCRYPT_P);
	PKCS8_PRIV_KEY_INFO *plain = pkey ? EVP_PKEY2PKCS8(pkey) : NULL;
	BIO *bio = BIO_new(BIO_s_mem());
	X509_SIG *sealed;
	char *bytes;
	long len;

	must(how && plain && bio);
	sealed = PKCS8_set0_pbe(
	    (const char *)passphrase->bytes, (int)passphrase->len, plain, how);
	must(sealed && PEM_write_bio_PKCS8(bio, sealed) == 1);
	len = BIO_get_mem_data(bio, &bytes);
	buf_add(out, span_make(bytes, (size_t)len));
	X509_SIG_free(sealed);
	PKCS8_PRIV_KEY_INFO_free(plain);
	EVP_PKEY_free(pkey);
	BIO_free(bio);
}

/* A new file, never one that is there: nobody loses a key. */
static int
write_new(const char *path, struct span data, struct err *err)
{
	int fd = open(
	    path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	int rc = 0;

	if (fd < 0 && errno == EEXIST)
		return fail_path(err, E_SIGNER_EXISTS, path);
	if (fd < 0) {
		err_sys(err, E_FILE_OPEN, errno);
		return err_fact(err, "path", span_of(path));
	}
	if (file_write_all(fd, data) < 0 || fsync(fd) < 0) {
		err_sys(
		    err, errno == ENOSPC ? E_DISK_FULL : E_FILE_WRITE, errno);
		rc = err_fact(err, "path", span_of(path));
		unlink(path);
	}
	close(fd);
	return rc;
}

static int
write_both(const char *path, const struct secret *seed,
    const struct secret *passphrase, const struct ed25519_public *key,
    struct err *err)
{
	struct buf name = BUF_INIT, private = BUF_INIT, public = BUF_INIT;
	int rc;

	buf_printf(&name, "%s.pem", path);
	encrypt(seed, passphrase, &private);
	ed25519_pem(key, &public);
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
    struct ed25519_public *out, struct err *err)
{
	struct secret *seed;
	int rc;

	if (passphrase->len < PASSPHRASE_MIN)
		return err_set(err, E_PASSPHRASE_WEAK);
	if (access(path, F_OK) == 0)
		return fail_path(err, E_SIGNER_EXISTS, path);
	if (make_folder(path, err) < 0)
		return -1;
	seed = secret_new(ED25519_KEY_LEN);
	crypt_random(seed->bytes, seed->len);
	ed25519_public(seed, out);
	rc = write_both(path, seed, passphrase, out, err);
	secret_free(&seed);
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

/* The seed out of a key of the right kind. */
static struct secret *
seed_of(const EVP_PKEY *pkey)
{
	struct secret *seed;
	size_t len = ED25519_KEY_LEN;

	if (EVP_PKEY_get_base_id(pkey) != EVP_PKEY_ED25519)
		return NULL;
	seed = secret_new(len);
	must(EVP_PKEY_get_raw_private_key(pkey, seed->bytes, &len) == 1);
	return seed;
}

int
signer_open(const char *path, const struct secret *passphrase,
    struct signer **out, struct err *err)
{
	struct buf file = BUF_INIT;
	struct secret *seed = NULL;
	EVP_PKEY *pkey = NULL;
	BIO *bio = NULL;
	int rc = -1;

	if (read_own(path, &file, err) < 0)
		goto out;
	bio = BIO_new_mem_buf(file.ptr, (int)file.len);
	must(bio != NULL);
	pkey = PEM_read_bio_PrivateKey(
	    bio, NULL, give_passphrase, (void *)(uintptr_t)passphrase);
	if (!pkey) {
		fail_path(err, E_SIGNER_PASSPHRASE, path);
		goto out;
	}
	seed = seed_of(pkey);
	if (!seed) {
		fail_path(err, E_SIGNER_KEY, path);
		goto out;
	}
	*out = mem_new(sizeof **out);
	(*out)->seed = seed;
	rc = 0;
out:
	EVP_PKEY_free(pkey);
	BIO_free(bio);
	buf_done(&file);
	return rc;
}

void
signer_public(const struct signer *signer, struct ed25519_public *out)
{
	ed25519_public(signer->seed, out);
}

void
signer_sign(const struct signer *signer, struct span text,
    struct ed25519_signature *out)
{
	ed25519_sign(signer->seed, text, out);
}

void
signer_free(struct signer **signer)
{
	if (!*signer)
		return;
	secret_free(&(*signer)->seed);
	free(*signer);
	*signer = NULL;
}
