/* Networks in CIDR notation (RFC 4632, RFC 4291 section 2.3): reading them, and
 * whether an address lies in one. */
#ifndef CORE_NET_NETWORK_H
#define CORE_NET_NETWORK_H

#include "core/base/err.h"

enum { NETWORKS_MAX = 64 };

/* An address of either family in network order; IPv4-mapped IPv6 addresses are
 * read as the IPv4 addresses they stand for. */
struct net_address {
	unsigned char bytes[16];
	unsigned length; /* 4 or 16; 0: none */
};

/* Reads an address as inet_pton(3) does, a zone ("%eth0") cut off; false when
 * it is none. */
bool net_address_read(struct span text, struct net_address *out);

/* Checks networks, one a line, empty lines allowed, at most NETWORKS_MAX: an
 * address, or an address and "/length" behind which no bit is set.  E_NETWORK
 * (line, why: address, prefix, bits, length). */
int networks_check(struct span lines, struct err *err);

/* True when the address lies in one of the networks; lines that are none match
 * nothing. */
bool networks_hold(struct span lines, const struct net_address *address);

#endif
