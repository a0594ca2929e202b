/* SASL mechanisms of SMTP AUTH (RFC 4954): SCRAM-SHA-256 and its -PLUS (RFC
 * 7677), OAUTHBEARER (RFC 7628), XOAUTH2, PLAIN (RFC 4616) and LOGIN.  All but
 * SCRAM hand the secret over, so the machine calls them inside TLS only. */
#ifndef CORE_NET_SASL_H
#define CORE_NET_SASL_H

#include "core/base/buf.h"
#include "core/base/crypt.h"
#include "core/base/err.h"
#include "core/net/scram.h"

/* Bits; the order of preference is that of the table in sasl.c. */
enum sasl_mech {
	SASL_NONE = 0,
	SASL_PLAIN = 1 << 0,
	SASL_LOGIN = 1 << 1,
	SASL_XOAUTH2 = 1 << 2,
	SASL_OAUTHBEARER = 1 << 3,
	SASL_SCRAM = 1 << 4,
	SASL_SCRAM_PLUS = 1 << 5
};

/* Those that take a password, and those that take a token. */
enum {
	SASL_PASSWORD = SASL_PLAIN | SASL_LOGIN | SASL_SCRAM | SASL_SCRAM_PLUS,
	SASL_TOKEN = SASL_OAUTHBEARER | SASL_XOAUTH2
};

enum {
	SASL_USER_MAX = 255,
	SASL_SECRET_MAX = 255,         /* a password */
	SASL_TOKEN_MAX = 8 * 1024,     /* octets */
	SASL_ROOM = 2 * SASL_TOKEN_MAX /* more than any one line */
};

/* Everything is borrowed until the dialogue ends. */
struct sasl_how {
	unsigned offered; /* enum sasl_mech */
	unsigned allowed; /* the same; 0: SASL_PASSWORD */
	const char *user;
	const struct secret *secret; /* password or token */
	const char *host;            /* as configured, for OAUTHBEARER */
	uint16_t port;
	enum scram_bind bind; /* what the channel can, or SCRAM_BIND_NONE */
	struct span binding;
};

/* One dialogue; plain data, borrows from its sasl_how. */
struct sasl {
	enum sasl_mech mech;
	struct sasl_how how;
	unsigned step;
	struct scram scram;
};

/* The mechanisms named in the rest of an "AUTH" EHLO line, as bits. */
unsigned sasl_offered(struct span words);

/* Chooses the best that is offered and allowed.  E_SMTP_AUTH_NONE when nothing
 * fits, also when user or secret are too long or hold what cannot be said. */
int sasl_init(struct sasl *sasl, const struct sasl_how *how, struct err *err);

/* "SCRAM-SHA-256"; static. */
const char *sasl_name(enum sasl_mech mech);

/* Appends the AUTH command, with the initial response where the mechanism has
 * one that fits the line (512 octets), CRLF included.  out then holds a secret:
 * wipe it when it is sent. */
void sasl_start(struct sasl *sasl, struct buf *out);

/* Answers a 334 challenge (its text after the code), CRLF included; out as in
 * sasl_start().  E_SMTP_AUTH when the mechanism has nothing left to say,
 * E_SASL_SERVER (why) when the server cannot be who it must be. */
int sasl_answer(
    struct sasl *sasl, struct span challenge, struct buf *out, struct err *err);

/* The server says that we are in (235): E_SASL_SERVER when it should have
 * proven itself and has not. */
int sasl_accept(const struct sasl *sasl, struct err *err);

#endif
