/* One relay as the operator configured it: where, how safe, as whom. */
#ifndef CORE_NET_TARGET_H
#define CORE_NET_TARGET_H

#include <stdint.h>

struct secret;

/* What a connection to a relay must achieve, weakest first. */
enum tls_level {
	TLS_LEVEL_NONE,          /* clear text; loopback addresses only */
	TLS_LEVEL_OPPORTUNISTIC, /* encrypted when offered (RFC 7435) */
	TLS_LEVEL_REQUIRED,      /* encrypted, peer not authenticated */
	TLS_LEVEL_VERIFY,   /* TLS >= 1.2, chain and host name (RFC 9525) */
	TLS_LEVEL_IMPLICIT, /* as VERIFY, TLS from the first octet (8314) */
	TLS_LEVEL_PIN,      /* as VERIFY, or a pinned key */
	TLS_LEVEL_DANE,     /* TLSA records decide (RFC 7672) */
	TLS_LEVEL_COUNT
};

/* The stable name of a level ("verify"), as settings and evidence store it. */
const char *tls_level_name(enum tls_level level);

/* The level with this name, or TLS_LEVEL_COUNT when there is none. */
enum tls_level tls_level_of(const char *name);

/* Plain data; every pointer is borrowed and must outlive what uses it. */
struct exchange_target {
	const char *host; /* as configured: what the certificate must name */
	uint16_t port;
	enum tls_level tls;
	const char *ca_file;         /* PEM; NULL: the system's authorities */
	const char *user;            /* NULL: no AUTH */
	const struct secret *secret; /* password of user */
	const char *ehlo;            /* our FQDN; never "localhost" */
};

#endif
