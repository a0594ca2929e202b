/* CMS AuthEnvelopedData (RFC 5083) with AES-256-GCM (RFC 5084), made as a
 * stream: the one authenticated format that the openssl command of Debian 12
 * opens by itself (docs/decisions/0014-export-cms.md).  The content key is
 * wrapped for a passphrase (RFC 3211) or for the key of a certificate. */
#include "core/export/pipe.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/cms.h>
#include <openssl/rsa.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/base/file.h"
#include "core/base/mem.h"
#include "core/mail/smime.h"

enum { BLOCK = 64 * 1024, NAME_OCTETS = 6 };

struct pipe {
	char *path, *fresh; /* fresh: while it has no name */
	int fd;
	struct buf waiting; /* plain text, up to BLOCK */
	CMS_ContentInfo *cms;
	BIO *in, *out; /* in: the cipher, which writes to out */
	struct crypt_hash *hash;
	int64_t octets;
};

static int
refuse(const char *why, struct err *err)
{
	err_set(err, E_EXPORT_FIELD);
	err_fact(err, "field", SPAN("certificate"));
	return err_fact(err, "why", span_of(why));
}

static int
file_fault(const struct pipe *self, enum err_code code, struct err *err)
{
	int sys = errno;

	if (sys == EEXIST)
		err_set(err, E_FILE_EXISTS);
	else if (sys == ENOSPC || sys == EDQUOT || sys == EFBIG)
		err_sys(err, E_DISK_FULL, sys);
	else
		err_sys(err, code, sys);
	return err_fact(err, "path", span_of(self->path));
}

/* ---- The file ---------------------------------------------------------- */

static int
open_fresh(struct pipe *self, struct err *err)
{
	struct buf name = BUF_INIT;
	unsigned char random[NAME_OCTETS];

	if (faccessat(AT_FDCWD, self->path, F_OK, AT_SYMLINK_NOFOLLOW) == 0) {
		errno = EEXIST;
		return file_fault(self, E_FILE_OPEN, err);
	}
	crypt_random(random, sizeof random);
	buf_printf(&name, "%s.", self->path);
	crypt_hex(&name, span_make(random, sizeof random));
	self->fd = open(name.ptr,
	    O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (self->fd < 0) {
		file_fault(self, E_FILE_OPEN, err);
		buf_done(&name);
		return -1;
	}
	self->fresh = name.ptr;
	return 0;
}

static int
write_out(struct pipe *self, struct span octets, struct err *err)
{
	if (file_write_all(self->fd, octets) < 0)
		return file_fault(self, E_FILE_WRITE, err);
	crypt_hash_add(self->hash, octets);
	self->octets += (int64_t)octets.len;
	return 0;
}

/* ---- The cipher -------------------------------------------------------- */

static int
cipher_fault(struct err *err)
{
	return err_set(err, E_EXPORT_CIPHER);
}

static int
add_passphrase(
    struct pipe *self, const struct secret *passphrase, struct err *err)
{
	unsigned char *copy;

	if (!passphrase || passphrase->len < EXPORT_PASSPHRASE_MIN)
		return err_set(err, E_PASSPHRASE_WEAK);
	copy = OPENSSL_memdup(passphrase->bytes, passphrase->len);
	if (copy && CMS_add0_recipient_password(self->cms, PIPE_ITERATIONS,
			NID_undef, NID_undef, copy,
			(ossl_ssize_t)passphrase->len, EVP_aes_256_cbc()))
		return 0;
	OPENSSL_clear_free(copy, passphrase->len);
	return cipher_fault(err);
}

/* OAEP for RSA, SHA-256 in what ECDH derives. */
static bool
add_key(struct pipe *self, X509 *certificate)
{
	const unsigned flags = CMS_BINARY | CMS_STREAM | CMS_KEY_PARAM;
	CMS_RecipientInfo *info =
	    CMS_add1_recipient_cert(self->cms, certificate, flags);
	EVP_PKEY_CTX *key = info ? CMS_RecipientInfo_get0_pkey_ctx(info) : NULL;
	int type = EVP_PKEY_get_base_id(X509_get0_pubkey(certificate));

	if (!key)
		return false;
	if (type == EVP_PKEY_RSA)
		return EVP_PKEY_CTX_set_rsa_padding(
			   key, RSA_PKCS1_OAEP_PADDING) == 1 &&
		       EVP_PKEY_CTX_set_rsa_oaep_md(key, EVP_sha256()) == 1;
	return type == EVP_PKEY_EC &&
	       EVP_PKEY_CTX_set_ecdh_kdf_md(key, EVP_sha256()) == 1;
}

static int
add_certificate(struct pipe *self, struct span bytes, struct err *err)
{
	struct arena *arena = arena_new();
	struct smime_list list;
	X509 *certificate = NULL;
	int rc = -1;

	if (smime_list_read(bytes, arena, &list, NULL) == 0 && list.count) {
		const unsigned char *at = (const void *)list.der[0].ptr;

		certificate = d2i_X509(NULL, &at, (long)list.der[0].len);
	}
	if (!certificate)
		refuse("form", err);
	else if (!add_key(self, certificate))
		refuse("key", err);
	else
		rc = 0;
	X509_free(certificate);
	arena_free(&arena);
	return rc;
}

static int
open_cipher(struct pipe *self, const struct export_order *order,
    const struct secret *passphrase, struct err *err)
{
	int rc;

	if (order->seal == EXPORT_PLAIN)
		return 0;
	self->cms = CMS_AuthEnvelopedData_create(EVP_aes_256_gcm());
	self->out = BIO_new(BIO_s_mem());
	if (!self->cms || !self->out)
		return cipher_fault(err);
	if (order->seal == EXPORT_BY_CERTIFICATE)
		rc = add_certificate(self, buf_span(&order->certificate), err);
	else
		rc = add_passphrase(self, passphrase, err);
	if (rc < 0)
		return -1;
	self->in = BIO_new_CMS(self->out, self->cms);
	return self->in ? 0 : cipher_fault(err);
}

/* Writes what the cipher has given so far. */
static int
drain(struct pipe *self, struct err *err)
{
	char *at = NULL;
	long count = BIO_get_mem_data(self->out, &at);
	int rc = 0;

	if (count > 0)
		rc = write_out(self, span_make(at, (size_t)count), err);
	BIO_reset(self->out);
	return rc;
}

static int
flush(struct pipe *self, struct err *err)
{
	struct span waiting = buf_span(&self->waiting);
	int rc = 0;

	if (!self->in)
		rc = write_out(self, waiting, err);
	else if (waiting.len && BIO_write(self->in, waiting.ptr,
				    (int)waiting.len) != (int)waiting.len)
		rc = cipher_fault(err);
	else
		rc = drain(self, err);
	buf_clear(&self->waiting);
	return rc;
}

/* ---- All of it --------------------------------------------------------- */

int
pipe_open(const struct export_order *order, const struct secret *passphrase,
    const char *path, struct pipe **out, struct err *err)
{
	struct pipe *self = mem_new(sizeof *self);

	self->fd = -1;
	self->path = mem_text(span_of(path));
	self->hash = crypt_hash_new();
	crypt_hash_begin(self->hash);
	if (open_cipher(self, order, passphrase, err) < 0 ||
	    open_fresh(self, err) < 0) {
		pipe_free(&self);
		return -1;
	}
	*out = self;
	return 0;
}

int
pipe_put(struct pipe *pipe, struct span octets, struct err *err)
{
	while (octets.len) {
		size_t room = BLOCK - pipe->waiting.len;
		struct span part = span_slice(octets, 0, room);

		buf_add(&pipe->waiting, part);
		octets = span_slice(octets, part.len, octets.len);
		if (pipe->waiting.len == BLOCK && flush(pipe, err) < 0)
			return -1;
	}
	return 0;
}

int
pipe_end(
    struct pipe *pipe, int64_t *octets, struct digest *sha256, struct err *err)
{
	if (flush(pipe, err) < 0)
		return -1;
	if (pipe->in && BIO_flush(pipe->in) <= 0)
		return cipher_fault(err);
	if (pipe->in && drain(pipe, err) < 0)
		return -1;
	if (fsync(pipe->fd) < 0)
		return file_fault(pipe, E_FILE_WRITE, err);
	*octets = pipe->octets;
	crypt_hash_end(pipe->hash, sha256);
	return 0;
}

/* The folder, so that the name is on the disk, too. */
static void
sync_folder(const char *path)
{
	const char *slash = strrchr(path, '/');
	char *folder = slash ? mem_text(span_make(path, (size_t)(slash - path)))
			     : mem_text(SPAN("."));
	int fd =
	    open(*folder ? folder : "/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd >= 0) {
		fsync(fd);
		close(fd);
	}
	free(folder);
}

int
pipe_name(struct pipe *pipe, struct err *err)
{
	int rc = renameat2(
	    AT_FDCWD, pipe->fresh, AT_FDCWD, pipe->path, RENAME_NOREPLACE);

	/* Some file systems cannot; a second name takes no other's place
	 * either. */
	if (rc < 0 && (errno == EINVAL || errno == ENOSYS)) {
		rc = link(pipe->fresh, pipe->path);
		if (rc == 0)
			unlink(pipe->fresh);
	}
	if (rc < 0)
		return file_fault(pipe, E_FILE_WRITE, err);
	sync_folder(pipe->path);
	free(pipe->fresh);
	pipe->fresh = NULL;
	return 0;
}

void
pipe_free(struct pipe **pipe)
{
	struct pipe *self = *pipe;

	if (!self)
		return;
	if (self->fd >= 0)
		close(self->fd);
	if (self->fresh)
		unlink(self->fresh);
	/* in ends with out; the filters before it are ours to free */
	while (self->in && self->in != self->out) {
		BIO *next = BIO_pop(self->in);

		BIO_free(self->in);
		self->in = next;
	}
	BIO_free(self->out);
	CMS_ContentInfo_free(self->cms);
	crypt_hash_free(&self->hash);
	buf_wipe(&self->waiting);
	buf_done(&self->waiting);
	free(self->fresh);
	free(self->path);
	free(self);
	*pipe = NULL;
}
