/* Keys with which people sign.  The private half is a file of its owner, which
 * only its owner's passphrase opens: PKCS #8 encrypted with AES-256 under
 * scrypt (RFC 5958, RFC 7914), so that stock openssl reads it too.  Ed25519
 * (RFC 8032), signatures over whole texts. */
#ifndef CORE_ACCESS_SIGNER_H
#define CORE_ACCESS_SIGNER_H

#include "core/base/ed25519.h"
#include "core/base/err.h"

enum {
	SIGNER_FILE_MAX = 16 * 1024, /* octets of a key file */
	FINGERPRINT_TEXT = 79        /* 16 groups of 4 and blanks */
};

/* An open private key; wiped when freed. */
struct signer;

/* Makes a key and writes it to path (0600, its folder 0700 when new), the
 * public half as PEM beside it with ".pem" behind the name.  What is there is
 * never replaced.  E_SIGNER_EXISTS (path), E_PASSPHRASE_WEAK, E_FILE_OPEN,
 * E_FILE_WRITE, E_DISK_FULL. */
int signer_make(const char *path, const struct secret *passphrase,
    struct ed25519_public *out, struct err *err);

/* Opens the key in path, which must be ours and readable by nobody else.  The
 * caller ends *out with signer_free().  E_SIGNER_MISSING, E_SIGNER_MODE,
 * E_SIGNER_PASSPHRASE, E_SIGNER_KEY (path). */
int signer_open(const char *path, const struct secret *passphrase,
    struct signer **out, struct err *err);

/* Reads the public half that signer_make() has left.  E_SIGNER_MISSING,
 * E_SIGNER_KEY. */
int signer_read_public(
    const char *path, struct ed25519_public *out, struct err *err);

/* The public half of an open key. */
void signer_public(const struct signer *signer, struct ed25519_public *out);

/* Signs a text (RFC 8032, section 5.1.6). */
void signer_sign(const struct signer *signer, struct span text,
    struct ed25519_signature *out);

/* Wipes and frees; accepts NULL, sets *signer to NULL. */
void signer_free(struct signer **signer);

/* The fingerprint of a public key (ed25519_fingerprint()) in groups of four
 * digits, for reading out. */
void signer_fingerprint(
    const struct ed25519_public *key, char out[FINGERPRINT_TEXT + 1]);

#endif
