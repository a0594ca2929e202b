/* The server's side of SCRAM-SHA-256, made independently of the client's, for
 * one user with one password. */
#ifndef TESTS_FAKE_SASLHOST_H
#define TESTS_FAKE_SASLHOST_H

#include "core/base/buf.h"

#define SASLHOST_PASSWORD "pa55"

struct saslhost {
	int iterations;      /* 0: 4096 */
	struct span binding; /* of the channel; "" when it is not bound */
	char first[2048];    /* the client's, bare */
	char offer[2048];
	char gs2[64];
};

/* Appends, as base64, the answer to the client's first message (base64). */
void saslhost_offer(
    struct saslhost *host, struct span client_first, struct buf *out);

/* True when the client's last message (base64) proves the password and binds
 * the channel; appends the server's signature as base64. */
bool saslhost_check(
    struct saslhost *host, struct span client_last, struct buf *out);

#endif
