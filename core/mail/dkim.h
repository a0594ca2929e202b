/* DKIM signatures (RFC 6376, RFC 8301): rsa-sha256, relaxed/relaxed, without
 * l=, oversigned, expiring.  Keys, the DNS record, signing, verifying. */
#ifndef CORE_MAIL_DKIM_H
#define CORE_MAIL_DKIM_H

#include "core/base/buf.h"
#include "core/base/crypt.h"
#include "core/base/err.h"
#include "core/base/span.h"

enum {
	DKIM_BITS = 2048,     /* what we make */
	DKIM_BITS_MIN = 1024, /* what RFC 8301 lets verify */
	DKIM_BITS_MAX = 4096,
	DKIM_LIFE_S = 7 * 24 * 60 * 60, /* x= behind t=, seconds */
	DKIM_STRING_MAX = 255           /* octets of one TXT string */
};

/* Makes an RSA key.  *private_out is PKCS#8 in DER, the caller's to free;
 * public_out gets the SubjectPublicKeyInfo in base64, the p= of the record.
 * bits: 2048 or more, at most 4096; takes a good part of a second.
 * E_DKIM_KEY (what). */
int dkim_key_make(int bits, struct secret **private_out, struct buf *public_out,
    struct err *err);

/* Checks a private key as dkim_key_make() gives it and appends its public
 * half in base64.  E_DKIM_KEY (what: read, type, bits). */
int dkim_key_public(
    const struct secret *key, struct buf *public_out, struct err *err);

/* Appends the value of the TXT record: "v=DKIM1; k=rsa; p=...". */
void dkim_record(struct span public_base64, struct buf *out);

/* Appends a TXT value as zone files want it: quoted strings of at most 255
 * octets with a space between them. */
void dkim_record_strings(struct span record, struct buf *out);

/* ---- The record as others read it (section 3.6.1) ---------------------------- */

enum dkim_key_type { DKIM_KEY_RSA, DKIM_KEY_ED25519, DKIM_KEY_OTHER };

/* A key record; borrows from its text. */
struct dkim_key_record {
	enum dkim_key_type type;
	int bits;           /* of the key; 0 when revoked or unknown */
	bool revoked;       /* an empty p= */
	bool testing;       /* t=y: receivers may take it as not signed */
	bool strict;        /* t=s: i= must have the domain of d= */
	bool sha256, email; /* h= and s= allow them */
	struct span p;      /* as it stands there */
	unsigned char *key; /* owned: RSA SubjectPublicKeyInfo in DER, or the
			       * 32 octets of ED25519; NULL when revoked */
	size_t key_len;
};

/* Reads the value of the TXT record at SELECTOR._domainkey.DOMAIN; out begins
 * anew, dkim_key_record_done() ends it, also after an error.  E_DKIM_RECORD
 * (why: version, syntax, twice, missing, key). */
int dkim_key_record_read(
    struct span text, struct dkim_key_record *out, struct err *err);

/* Frees what *record holds. */
void dkim_key_record_done(struct dkim_key_record *record);

/* True when the record holds this key: the SubjectPublicKeyInfo in base64 that
 * dkim_key_make() and dkim_key_public() give. */
bool dkim_key_record_is(
    const struct dkim_key_record *record, struct span public_base64);

/* Appends the bytes of base64, which may be folded; -1 when it is none. */
int dkim_base64(struct span text, struct buf *out);

/* Signs for one domain and selector with one key.  Keeps its OpenSSL contexts
 * and buffers, so each thread has its own and uses it for every message. */
struct dkim_signer;

/* domain (lower-case A-labels) and selector become d= and s= and are copied;
 * the key is read, not kept.  The caller frees *out.  E_DKIM_KEY (what: read,
 * type, bits, domain, selector). */
int dkim_signer_new(const struct secret *key, struct span domain,
    struct span selector, struct dkim_signer **out, struct err *err);

/* Wipes and frees; accepts NULL, sets *signer to NULL. */
void dkim_signer_free(struct dkim_signer **signer);

/* Appends the DKIM-Signature field, CRLF included, that belongs before
 * message: a finished message with CRLF line ends, folded for good.  Needs a
 * From field; now_s is t=, seconds since 1970.  Same message, key and time
 * give the same bytes.  out is unchanged on failure.  E_DKIM_MESSAGE (why:
 * header, from, twice, bare_lf), E_CRYPTO. */
int dkim_sign(struct dkim_signer *signer, struct span message, int64_t now_s,
    struct buf *out, struct err *err);

/* A message as its writer knows it, so that nothing is looked for or hashed
 * twice; all line ends are CRLF, which is the caller's promise. */
struct dkim_part {
	struct span header; /* all fields, without the empty line */
	struct span body;
	const struct digest *body_hash; /* SHA-256 of body as it stands */
};

/* dkim_sign() for such a message. */
int dkim_sign_part(struct dkim_signer *signer, const struct dkim_part *part,
    int64_t now_s, struct buf *out, struct err *err);

/* Verifies the first DKIM-Signature field of message with the value of the
 * TXT record, both c= algorithms, rsa-sha256 only.  now_s decides about x=.
 * E_DKIM_VERIFY (why: missing, tags, version, algorithm, canon, length,
 * from, domain, expired, record, key, body, signature). */
int dkim_verify_with_key(
    struct span message, struct span record, int64_t now_s, struct err *err);

/* Canonicalisation, on its own for checks and tests (RFC 6376 section 3.4). */
enum dkim_canon { DKIM_SIMPLE, DKIM_RELAXED };

/* Appends a whole field (name, colon, value, line end) canonicalised, CRLF
 * included. */
void dkim_canon_field(struct span whole, enum dkim_canon how, struct buf *out);

/* Appends a body (CRLF line ends) canonicalised. */
void dkim_canon_body(struct span body, enum dkim_canon how, struct buf *out);

/* True when the relaxed form of body is certainly body itself. */
bool dkim_is_relaxed(struct span body);

#endif
