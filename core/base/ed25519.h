/* Ed25519 signatures (RFC 8032) over OpenSSL, with keys in the forms that
 * "openssl pkeyutl -verify -rawin" takes. */
#ifndef CORE_BASE_ED25519_H
#define CORE_BASE_ED25519_H

#include "core/base/buf.h"
#include "core/base/crypt.h"
#include "core/base/span.h"

enum { ED25519_KEY_LEN = 32, ED25519_SIGNATURE_LEN = 64 };

/* A public key. */
struct ed25519_public {
	unsigned char bytes[ED25519_KEY_LEN];
};

struct ed25519_signature {
	unsigned char bytes[ED25519_SIGNATURE_LEN];
};

/* The public key of a private one (its seed of ED25519_KEY_LEN octets); ends
 * the process when OpenSSL cannot. */
void ed25519_public(const struct secret *seed, struct ed25519_public *out);

/* Signs text with the seed of a private key; ends the process when OpenSSL
 * cannot. */
void ed25519_sign(
    const struct secret *seed, struct span text, struct ed25519_signature *out);

/* True when signature is one of text by the holder of key. */
bool ed25519_verify(const struct ed25519_public *key, struct span text,
    const struct ed25519_signature *signature);

/* Appends the key as a PEM file "PUBLIC KEY" (RFC 7468, RFC 8410). */
void ed25519_pem(const struct ed25519_public *key, struct buf *out);

/* Reads a file as ed25519_pem() writes it; false when it is none. */
bool ed25519_pem_read(struct span pem, struct ed25519_public *out);

/* SHA-256 over the key as DER (SubjectPublicKeyInfo): what
 * "openssl pkey -pubin -outform DER | sha256sum" prints. */
void ed25519_fingerprint(const struct ed25519_public *key, struct digest *out);

/* Appends a signature in base64; reads one that fills the whole span, false
 * when it is none. */
void ed25519_signature_text(
    const struct ed25519_signature *signature, struct buf *out);
bool ed25519_signature_read(struct span text, struct ed25519_signature *out);

#endif
