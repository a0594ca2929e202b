/* DANE for SMTP (RFC 7672): what the TLSA records of a mail host demand.  The
 * matching itself is OpenSSL's. */
#ifndef CORE_NET_DANE_H
#define CORE_NET_DANE_H

#include "core/net/dns.h"
#include "core/net/target.h"

struct buf;

enum { DANE_RECORDS_MAX = 16, DANE_DATA_MAX = 8192 };

enum dane_state {
	DANE_NONE,      /* nothing is demanded: the next policy decides */
	DANE_MATCH,     /* one of the records must match the certificate */
	DANE_ENCRYPTED, /* records, but none usable: any certificate, never clear
			 */
	DANE_LATER      /* the question failed: this host is not used now */
};

struct dane_set {
	enum dane_state state;
	size_t count;                             /* at DANE_MATCH */
	struct tls_tlsa record[DANE_RECORDS_MAX]; /* usages 2 and 3 */
};

/* Appends the name whose TLSA records hold for SMTP: "_25._tcp.host". */
void dane_name(const char *host, struct buf *out);

/* Reads the answer to a TLSA question; the set borrows from it.  Records that
 * are not validated count as absent, those of other usages, selectors or
 * matching types and of impossible lengths as unusable. */
void dane_read(const struct dns_answer *answer, struct dane_set *out);

/* Stable word of a state ("match"); static. */
const char *dane_state_name(enum dane_state state);

#endif
