/* The few cryptographic verbs that several folders need, over OpenSSL, and
 * the type of secrets.  No primitive here is our own. */
#ifndef CORE_BASE_CRYPT_H
#define CORE_BASE_CRYPT_H

#include <stdint.h>

#include "core/base/buf.h"
#include "core/base/err.h"
#include "core/base/span.h"

enum { SHA256_LEN = 32, KEY_LEN = 32 };

/* A SHA-256 value: digest, leaf, root or MAC. */
struct digest {
	unsigned char bytes[SHA256_LEN];
};

/* Secret bytes.  Never printed, never logged, wiped when freed.  Kept in
 * OpenSSL's secure heap when that is set up. */
struct secret {
	unsigned char *bytes;
	size_t len;
};

/* Prepares the secure heap (64 KiB, locked); call once, before threads.  A
 * failure is harmless: secrets then live in ordinary, wiped memory. */
void secret_heap_init(void);

/* A secret of len zero bytes; the caller frees it. */
struct secret *secret_new(size_t len);

/* A secret holding a copy of bytes (the caller wipes the original). */
struct secret *secret_of(const void *bytes, size_t len);

/* True when equal, in time that depends on the lengths only. */
bool secret_equal(const struct secret *a, const struct secret *b);

/* The bytes, for handing to OpenSSL or PAM; live as long as the secret. */
struct span secret_span(const struct secret *secret);

/* Wipes and frees; accepts NULL, sets *secret to NULL. */
void secret_free(struct secret **secret);

/* Fills out with len random bytes (RAND_bytes); ends the process on failure. */
void crypt_random(void *out, size_t len);

/* SHA-256 of data. */
void crypt_sha256(struct span data, struct digest *out);

/* HMAC-SHA-256 over data with key. */
void crypt_hmac(const struct secret *key, struct span data, struct digest *out);

/* SHA-256 in pieces and many times: the context is kept, so that a message
 * costs its octets and no look-up.  Used by one thread at a time. */
struct crypt_hash;

/* A new one, ready for crypt_hash_begin(); the caller frees it. */
struct crypt_hash *crypt_hash_new(void);

/* Frees it; accepts NULL, sets *hash to NULL. */
void crypt_hash_free(struct crypt_hash **hash);

/* Forgets what was added and begins anew. */
void crypt_hash_begin(struct crypt_hash *hash);

/* Adds data to what crypt_hash_begin() began. */
void crypt_hash_add(struct crypt_hash *hash, struct span data);

/* SHA-256 over what was added since crypt_hash_begin(). */
void crypt_hash_end(struct crypt_hash *hash, struct digest *out);

/* HMAC-SHA-256 with one key, many times.  Used by one thread at a time. */
struct crypt_mac;

/* A new one that holds key, wiped when freed; the caller frees it. */
struct crypt_mac *crypt_mac_new(const struct secret *key);

/* Wipes and frees; accepts NULL, sets *mac to NULL. */
void crypt_mac_free(struct crypt_mac **mac);

/* What crypt_hmac() gives for data with the key. */
void crypt_mac(struct crypt_mac *mac, struct span data, struct digest *out);

/* HKDF-SHA-256 (RFC 5869) without salt: a 32-byte sub-key of key for label.
 * The caller frees it. */
struct secret *crypt_subkey(const struct secret *key, const char *label);

/* True when the digests are equal, in constant time. */
bool digest_equal(const struct digest *a, const struct digest *b);

/* Appends lower-case hexadecimal. */
void crypt_hex(struct buf *out, struct span bytes);

/* Reads what crypt_hex() writes of a whole digest: 64 lower-case digits and
 * nothing else.  False on anything else; *out is then undefined. */
bool digest_of_hex(struct span hex, struct digest *out);

/* Appends lower-case base32 (RFC 4648 section 6) without padding. */
void crypt_base32(struct buf *out, struct span bytes);

/* Appends base64url (RFC 4648 section 5) without padding. */
void crypt_base64url(struct buf *out, struct span bytes);

#endif
