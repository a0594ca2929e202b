/* SASL mechanisms of SMTP AUTH (RFC 4954): PLAIN (RFC 4616) and LOGIN.  Both
 * hand the password over, so the machine calls them inside TLS only. */
#ifndef CORE_NET_SASL_H
#define CORE_NET_SASL_H

#include "core/base/buf.h"
#include "core/base/crypt.h"
#include "core/base/err.h"

/* Bits, in the order of preference. */
enum sasl_mech { SASL_NONE = 0, SASL_PLAIN = 1, SASL_LOGIN = 2 };

enum { SASL_USER_MAX = 255, SASL_SECRET_MAX = 255 };

/* One dialogue; plain data, borrows user and secret. */
struct sasl {
	enum sasl_mech mech;
	const char *user;
	const struct secret *secret;
	unsigned step;
};

/* The mechanisms named in the rest of an "AUTH" EHLO line, as bits. */
unsigned sasl_offered(struct span words);

/* Chooses from offered.  E_SMTP_AUTH_NONE when nothing fits, also when user or
 * secret are too long or hold NUL. */
int sasl_init(struct sasl *sasl, unsigned offered, const char *user,
    const struct secret *secret, struct err *err);

/* "PLAIN" or "LOGIN"; static. */
const char *sasl_name(enum sasl_mech mech);

/* Appends the AUTH command with the initial response where the mechanism has
 * one, CRLF included.  out then holds a secret: wipe it when it is sent. */
void sasl_start(struct sasl *sasl, struct buf *out);

/* Answers a 334 challenge (its text after the code), CRLF included; out as in
 * sasl_start().  E_SMTP_AUTH when the mechanism has nothing left to say. */
int sasl_answer(struct sasl *sasl, struct buf *out, struct err *err);

#endif
