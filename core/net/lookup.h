/* All that DNS, MTA-STS and DANE say about the way to a domain: addresses in
 * the order in which they are tried, each with what its TLS must achieve. */
#ifndef CORE_NET_LOOKUP_H
#define CORE_NET_LOOKUP_H

#include "core/net/mx.h"
#include "core/net/sts.h"
#include "core/net/target.h"

struct buf;

enum {
	LOOKUP_TARGETS_MAX = 16,   /* addresses of a domain */
	LOOKUP_PATIENCE_MS = 30000 /* then hosts not asked about are left out */
};

/* A policy as it is kept between runs. */
struct sts_kept {
	char id[STS_ID_MAX + 1];
	int64_t fetched_ms, expires_ms; /* wall clock */
	struct buf *policy;             /* its text */
};

/* Where policies are kept; implementations embed this as their first
 * member.  Called from several threads. */
struct sts_shelf {
	/* 1 and *out filled (text appended to out->policy) when there is one,
	 * else 0; what cannot be read counts as absent. */
	int (*find)(
	    struct sts_shelf *shelf, const char *domain, struct sts_kept *out);
	/* Keeps a policy in the place of an older one; may fail silently. */
	void (*keep)(struct sts_shelf *shelf, const char *domain,
	    const struct sts_kept *kept);
};

/* Everything is borrowed. */
struct lookup_how {
	struct resolver *resolver;
	struct dialler *dialler;
	struct tls_context *tls; /* authorities for fetching policies */
	struct sts_shelf *shelf;
	const char *self; /* our EHLO name */
	uint32_t dice;
	int64_t now_ms; /* wall clock */
	const _Atomic bool *cancel;
};

struct lookup_target {
	uint16_t preference;
	const char *host; /* whose certificate it must be */
	char address[46];
	enum tls_level tls;
	const char *policy; /* "dane", "dane-unusable", "mta-sts",
			     * "mta-sts-testing", "opportunistic"; static */
	const char *also;   /* at DANE: the mail domain */
	const struct tls_tlsa *tlsa;
	size_t tlsa_count;
};

struct lookup {
	enum mx_kind kind; /* REFUSED, LATER: why tells, no targets */
	struct err why;
	uint32_t ttl_s; /* how long this may be used */
	enum sts_mode sts;
	size_t count;
	struct lookup_target target[LOOKUP_TARGETS_MAX];
	struct arena *arena; /* owns all of it */
};

/* Looks up the way to domain (A-labels, lower case).  Blocks: for worker
 * threads.  lookup_done() ends *out.  A domain that cannot be reached is no
 * error; E_CANCELLED, E_DNS_SETUP. */
int lookup_domain(const struct lookup_how *how, const char *domain,
    struct lookup *out, struct err *err);

/* Frees what *lookup holds. */
void lookup_done(struct lookup *lookup);

/* ---- For lookup.c and its test ---------------------------------------------- */

/* What MTA-STS demands of a domain: 0 and out (borrowing from text) filled,
 * its mode STS_NONE when it demands nothing.  A known policy is used while it
 * is valid, whatever DNS says; a new one is fetched when the announced id
 * differs, or when half of its time is over.  why (else E_NONE) says why a
 * policy that was announced could not be had; with E_DNS_BOGUS nothing is
 * known.  E_CANCELLED, E_DNS_SETUP. */
int lookup_sts(const struct lookup_how *how, const char *domain,
    struct buf *text, struct sts_policy *out, struct err *why, struct err *err);

#endif
