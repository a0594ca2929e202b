/* Certificates made on the spot: an authority and one server certificate of
 * it, EC P-256.  For the practice relay and for tests. */
#ifndef CORE_DELIVER_PRACTICE_CERT_H
#define CORE_DELIVER_PRACTICE_CERT_H

#include <openssl/ssl.h>

#include "core/base/buf.h"
#include "core/base/err.h"

struct practice_cert_how {
	const char *names; /* subjectAltName, "DNS:localhost,IP:127.0.0.1" */
	long from_s, to_s; /* validity, seconds from now */
	int version;       /* TLS1_2_VERSION: nothing newer; 0: any */
};

/* Makes a server context (TLS >= 1.2) that presents a fresh certificate; its
 * key exists in memory only.  Appends the authority's certificate to ca as
 * PEM.  The caller frees *out with SSL_CTX_free().  E_CRYPTO. */
int practice_cert_make(const struct practice_cert_how *how, SSL_CTX **out,
    struct buf *ca, struct err *err);

#endif
