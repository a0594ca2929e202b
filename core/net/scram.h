/* SCRAM-SHA-256 (RFC 5802, 7677) as the client: three messages out of which
 * each side knows that the other knows the password, without telling it.  Raw
 * messages; base64 and SMTP are sasl.c's. */
#ifndef CORE_NET_SCRAM_H
#define CORE_NET_SCRAM_H

#include "core/base/buf.h"
#include "core/base/crypt.h"
#include "core/base/err.h"

enum {
	SCRAM_USER_MAX = 255,
	SCRAM_NONCE_MAX = 64,
	SCRAM_BINDING_MAX = 64,
	/* A server may not let us work for nothing, nor for hours. */
	SCRAM_ITERATIONS_MIN = 4096,
	SCRAM_ITERATIONS_MAX = 1000000
};

/* How the channel is bound (the gs2 header). */
enum scram_bind {
	SCRAM_BIND_NONE,      /* we cannot, or may not: "n" */
	SCRAM_BIND_UNOFFERED, /* we could, the server does not: "y" */
	SCRAM_BIND_EXPORTER,  /* SCRAM-SHA-256-PLUS, "tls-exporter" */
	SCRAM_BIND_END_POINT  /* the same, "tls-server-end-point" */
};

/* One dialogue; plain data without the password. */
struct scram {
	enum scram_bind bind;
	unsigned char binding[SCRAM_BINDING_MAX];
	size_t binding_len;
	char nonce[SCRAM_NONCE_MAX + 1];
	char first[2 + 3 * SCRAM_USER_MAX + 3 + SCRAM_NONCE_MAX + 1]; /* bare */
	unsigned char signature[SHA256_LEN]; /* the server's, to be seen */
	enum { SCRAM_BEGUN, SCRAM_PROVEN, SCRAM_DONE } step;
};

struct scram_how {
	struct span user;
	enum scram_bind bind;
	struct span binding; /* channel binding data, for the last two */
	const char *nonce;   /* printable, without comma */
};

/* Begins a dialogue; everything is copied.  E_SMTP_AUTH_NONE when the user
 * cannot be written. */
int scram_begin(
    struct scram *scram, const struct scram_how *how, struct err *err);

/* Appends the client's first message. */
void scram_first(const struct scram *scram, struct buf *out);

/* Reads the server's first message and appends our proof.  E_SASL_SERVER (why:
 * syntax, nonce, iterations), E_SMTP_AUTH_NONE for a password that cannot be
 * written. */
int scram_prove(struct scram *scram, const struct secret *password,
    struct span server_first, struct buf *out, struct err *err);

/* Reads the server's last message.  E_SASL_SERVER (why: signature, syntax) when
 * it does not prove that the server knows the password; E_SMTP_AUTH (reply) when
 * it names an error. */
int scram_verify(
    struct scram *scram, struct span server_final, struct err *err);

/* Appends text as user names and passwords are compared (SASLprep, RFC 4013, as
 * far as it goes without tables): blanks of all kinds become one kind, invisible
 * characters go, full-width ASCII becomes ASCII; everything else stays as it was
 * typed, which is what servers hold that normalise the same way or not at all.
 * -1 for controls and what is not UTF-8; out may then hold a part. */
int scram_prepare(struct span text, struct buf *out);

#endif
