/* The small records of a mail domain: TLS reporting (RFC 8460) and BIMI, and
 * finding the one record of a kind among the TXT records of a name. */
#ifndef CORE_NET_TXT_H
#define CORE_NET_TXT_H

#include "core/net/dns.h"

enum { TXT_URIS_MAX = 8 };

/* How many records of the answer begin with "v=" and this version ("STSv1",
 * "TLSRPTv1", "DKIM1", "BIMI1"); *first borrows the first one's text and is
 * empty when there is none.  first may be NULL. */
size_t txt_count(
    const struct dns_answer *answer, struct span version, struct span *first);

/* _smtp._tls.DOMAIN; borrows from its text. */
struct tlsrpt_record {
	size_t count;
	struct span uri[TXT_URIS_MAX]; /* mailto: or https: */
};

/* Reads a record of TLS reporting (section 3).  E_TXT_RECORD (what: tlsrpt,
 * why: version, syntax, rua). */
int tlsrpt_parse(struct span text, struct tlsrpt_record *out, struct err *err);

/* default._bimi.DOMAIN; borrows from its text. */
struct bimi_record {
	struct span logo;      /* l=: https address of an SVG, may be empty */
	struct span authority; /* a=: https address of a certificate */
	bool declined;         /* both empty: the domain wants no logo */
};

/* Reads a record of BIMI.  E_TXT_RECORD (what: bimi, why: version, syntax,
 * logo, authority). */
int bimi_parse(struct span text, struct bimi_record *out, struct err *err);

#endif
