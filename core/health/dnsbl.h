/* DNS block lists (RFC 5782), read as data. */
#ifndef CORE_HEALTH_DNSBL_H
#define CORE_HEALTH_DNSBL_H

#include "core/net/dns.h"

/* What an answer to an A question says. */
enum dnsbl_says {
	DNSBL_CLEAN,   /* not on it */
	DNSBL_LISTED,  /* on it */
	DNSBL_REFUSED, /* the list says that it does not answer us */
	DNSBL_FOREIGN, /* answers that no list gives: a parked domain, a
			* resolver that invents answers */
	DNSBL_LATER    /* no answer */
};

/* Reads an answer; value, of 16 octets or more, gets the address that decided
 * ("127.0.0.2"), or "". */
enum dnsbl_says dnsbl_read(
    const struct dns_answer *answer, char *value, size_t room);

/* What asking a list about its two test entries came to (section 5). */
enum dnsbl_test {
	DNSBL_WORKS,
	DNSBL_DEAD_ALL,     /* the entry that must not be there is */
	DNSBL_DEAD_SILENT,  /* the entry that must be there is not */
	DNSBL_DEAD_FOREIGN, /* answers that no list gives */
	DNSBL_TEST_REFUSED,
	DNSBL_TEST_LATER
};

/* Judges the answers about the entry that must be there, and about the one
 * that must not. */
enum dnsbl_test dnsbl_judge(enum dnsbl_says must, enum dnsbl_says must_not);

#endif
