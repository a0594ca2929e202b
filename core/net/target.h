/* One next hop: where, how safe, as whom. */
#ifndef CORE_NET_TARGET_H
#define CORE_NET_TARGET_H

#include <stdint.h>

#include "core/base/crypt.h"
#include "core/base/err.h"
#include "core/base/span.h"

struct smtp_timeouts;

/* What a connection to a next hop must achieve.  The settings of relays store
 * these numbers up to PIN: never renumber. */
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

/* A TLSA record (RFC 6698) out of a DNSSEC-secure answer. */
struct tls_tlsa {
	uint8_t usage, selector, matching;
	struct span data;
};

/* Whom a TLS connection must reach.  Plain data; the pins are borrowed for the
 * life of the session, all else is copied. */
struct tls_expect {
	enum tls_level level;
	const char *host; /* named by the certificate; sent as SNI */
	const char *also; /* another right name (DANE: the mail domain), NULL */
	const struct digest *pins; /* SHA-256 of SPKI; at PIN and IMPLICIT */
	size_t pin_count;
	const struct tls_tlsa *tlsa; /* at DANE; usages 2 and 3 count */
	size_t tlsa_count;
	const char *policy; /* for the record ("mta-sts"); NULL: the level */
};

/* What a next hop has shown before and must not take back (bits). */
enum target_seen {
	TARGET_SEEN_STARTTLS = 1 << 0,
	TARGET_SEEN_TLS13 = 1 << 1,
	TARGET_SEEN_SCRAM = 1 << 2
};

/* Plain data; every pointer is borrowed and must outlive what uses it. */
struct exchange_target {
	const char *host;    /* as configured: what the certificate must name */
	const char *address; /* dialled instead of host; NULL: host */
	uint16_t port;
	enum tls_level tls;
	bool clear; /* OPPORTUNISTIC without TLS, which has failed there */
	const char *ca_file;         /* PEM; NULL: the system's authorities */
	const char *user;            /* NULL: no AUTH */
	const struct secret *secret; /* password of user, or its token */
	const char *ehlo;            /* our FQDN; never "localhost" */
	const struct smtp_timeouts *timeouts; /* NULL: smtp_timeouts_relay */

	unsigned auth; /* the one enum sasl_mech to use; 0: the best offered */
	unsigned seen; /* enum target_seen; less is E_TLS_DOWNGRADE */
	const char *also; /* these five as in struct tls_expect */
	const struct digest *pins;
	size_t pin_count;
	const struct tls_tlsa *tlsa;
	size_t tlsa_count;
	const char *policy;
};

/* Whom a TLS connection to target must reach; borrows from target. */
struct tls_expect target_expect(const struct exchange_target *target);

/* E_TLS_DOWNGRADE (host, what: starttls, tls13, scram) when target has shown
 * what (one bit) before, else 0: asked when it is not there now. */
int target_allows_less(const struct exchange_target *target,
    enum target_seen what, struct err *err);

#endif
