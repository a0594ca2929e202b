/* Keys with which people sign.  The private half is a file of its owner, which
 * only its owner's passphrase opens: PKCS #8 encrypted with AES-256 under
 * scrypt (RFC 5958, RFC 7914), so that stock openssl reads it too.  Ed25519
 * (RFC 8032), signatures over whole texts. */
#ifndef CORE_ACCESS_SIGNER_H
#define CORE_ACCESS_SIGNER_H

#include <stdbool.h>

#include "core/base/buf.h"
#include "core/base/crypt.h"
#include "core/base/err.h"

enum {
	SIGNER_KEY_LEN = 32,
	SIGNATURE_LEN = 64,
	SIGNER_FILE_MAX = 16 * 1024, /* octets of a key file */
	FINGERPRINT_TEXT = 79        /* 16 groups of 4 and blanks */
};

/* The public half. */
struct signer_key {
	unsigned char bytes[SIGNER_KEY_LEN];
};

/* An open private key; wiped when freed. */
struct signer;

/* Makes a key and writes it to path (0600, its folder 0700 when new), the
 * public half as PEM beside it with ".pem" behind the name.  What is there is
 * never replaced.  E_SIGNER_EXISTS (path), E_PASSPHRASE_WEAK, E_FILE_OPEN,
 * E_FILE_WRITE, E_DISK_FULL. */
int signer_make(const char *path, const struct secret *passphrase,
    struct signer_key *out, struct err *err);

/* Opens the key in path, which must be ours and readable by nobody else.  The
 * caller ends *out with signer_free().  E_SIGNER_MISSING, E_SIGNER_MODE,
 * E_SIGNER_PASSPHRASE, E_SIGNER_KEY (path). */
int signer_open(const char *path, const struct secret *passphrase,
    struct signer **out, struct err *err);

/* Reads the public half that signer_make() has left.  E_SIGNER_MISSING,
 * E_SIGNER_KEY. */
int signer_read_public(
    const char *path, struct signer_key *out, struct err *err);

/* The public half of an open key. */
void signer_public(const struct signer *signer, struct signer_key *out);

/* Signs a text (RFC 8032, section 5.1.6). */
void signer_sign(const struct signer *signer, struct span text,
    unsigned char out[SIGNATURE_LEN]);

/* Wipes and frees; accepts NULL, sets *signer to NULL. */
void signer_free(struct signer **signer);

/* True when signature is that of the key over text. */
bool signer_verifies(
    const struct signer_key *key, struct span text, struct span signature);

/* Appends the key as PEM (SubjectPublicKeyInfo), as stock openssl reads it. */
void signer_pem(const struct signer_key *key, struct buf *out);

/* Reads the PEM of an Ed25519 key (foreign bytes).  E_SIGNER_KEY. */
int signer_pem_read(struct span pem, struct signer_key *out, struct err *err);

/* SHA-256 over the DER of the public key in groups of four digits: what
 * "openssl pkey -pubin -outform DER | sha256sum" gives. */
void signer_fingerprint(
    const struct signer_key *key, char out[FINGERPRINT_TEXT + 1]);

#endif
