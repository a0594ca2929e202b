/* S/MIME (RFC 8551) over OpenSSL's CMS: an entity goes in, an entity comes out.
 * Nothing here knows a store, a file or the clock. */
#ifndef CORE_MAIL_SMIME_H
#define CORE_MAIL_SMIME_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/buf.h"
#include "core/base/crypt.h"
#include "core/base/err.h"
#include "core/base/mem.h"
#include "core/base/span.h"

enum {
	SMIME_FILE_MAX = 1024 * 1024, /* octets of a file with certificates */
	SMIME_CHAIN_MAX = 8,
	SMIME_CERTIFICATES_MAX = 1000, /* in one file */
	SMIME_ADDRESSES_MAX = 16
};

/* ---- Certificates -------------------------------------------------------- */

/* What a certificate says; spans live in the arena it was read into. */
struct smime_certificate {
	struct span subject, issuer; /* RFC 2253 in UTF-8, one line */
	struct span address[SMIME_ADDRESSES_MAX]; /* subjectAltName, then the
						   * subject's emailAddress */
	size_t address_count;
	int64_t from_ms, to_ms;
	struct digest fingerprint; /* SHA-256 of the DER */
	bool signs, encrypts;      /* by key usage and purpose */
	bool is_root;              /* issued by itself */
	char key[24];              /* "RSA 2048", "EC prime256v1" */
};

/* Reads one certificate in DER.  E_SMIME_FILE (why: certificate). */
int smime_certificate_read(struct span der, struct arena *arena,
    struct smime_certificate *out, struct err *err);

/* True when one of its addresses is this one; case does not count (RFC 8550
 * section 3). */
bool smime_certificate_is_for(
    const struct smime_certificate *certificate, struct span address);

enum smime_use { SMIME_TO_SIGN, SMIME_TO_ENCRYPT };

/* E_SMIME_CERTIFICATE (why: address, usage, early, expired, key; address)
 * unless the certificate may be used for that address at that time.  RSA needs
 * 2048 bits; EC a named curve of 256 bits or more. */
int smime_certificate_check(const struct smime_certificate *certificate,
    enum smime_use use, struct span address, int64_t at_ms, struct err *err);

/* Certificates of a file, each in DER, in their order. */
struct smime_list {
	struct span *der; /* in the arena */
	size_t count;
};

/* Reads PEM (any number), DER, or PKCS #7 with certificates (P7B, P7C; PEM or
 * DER); everything lives in the arena.  E_SMIME_FILE (why: size, format,
 * certificate, many). */
int smime_list_read(struct span bytes, struct arena *arena,
    struct smime_list *out, struct err *err);

/* ---- Identities ---------------------------------------------------------- */

/* A key with its certificate; caller's storage, zero-initialised, ended with
 * smime_identity_done(). */
struct smime_identity {
	struct secret *key;     /* PKCS #8 in DER */
	struct buf certificate; /* DER */
	struct buf chain;       /* DER, one after the other; without the root */
};

/* Reads a PKCS #12 file; the old algorithms of such files are read where the
 * system's OpenSSL has them.  E_SMIME_FILE (why: size, format, passphrase,
 * algorithm (what OpenSSL here cannot do), key, certificate, many). */
int smime_identity_read(struct span pkcs12, const struct secret *passphrase,
    struct smime_identity *out, struct err *err);

/* Wipes and frees what it holds. */
void smime_identity_done(struct smime_identity *identity);

/* ---- Messages ------------------------------------------------------------ */

/* Signs for one identity; used by one thread at a time. */
struct smime_signer;

/* A signer with a copy of what the identity holds; the caller frees *out.
 * E_SMIME_FILE (why: key, certificate). */
int smime_signer_new(const struct smime_identity *identity,
    struct smime_signer **out, struct err *err);

/* Frees it; accepts NULL, sets *signer to NULL. */
void smime_signer_free(struct smime_signer **signer);

/* Appends multipart/signed around the entity (RFC 8551 section 3.5.3): its
 * octets stand in it unchanged, and are what is signed.  The entity has CRLF
 * throughout and 7-bit octets only, so that no relay has to touch it.  token
 * makes the boundary, as in struct mime_tree.  E_SMIME (what). */
int smime_sign(struct smime_signer *signer, struct span entity,
    struct span token, int64_t at_ms, struct buf *out, struct err *err);

/* Encrypts for one recipient. */
struct smime_sealer;

/* A sealer for the certificate in DER; the caller frees *out.  E_SMIME_FILE
 * (why: certificate). */
int smime_sealer_new(
    struct span certificate, struct smime_sealer **out, struct err *err);

/* Frees it; accepts NULL, sets *sealer to NULL. */
void smime_sealer_free(struct smime_sealer **sealer);

/* Appends application/pkcs7-mime with enveloped data (RFC 8551 section 3.3):
 * AES-256-CBC, its key for RSA by PKCS #1 v1.5, for EC by ECDH with SHA-256.
 * E_SMIME (what). */
int smime_encrypt(struct smime_sealer *sealer, struct span entity,
    struct buf *out, struct err *err);

#endif
