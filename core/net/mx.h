/* Where the mail of a domain goes: RFC 5321 section 5.1 and RFC 7505, without
 * socket, clock or dice of its own. */
#ifndef CORE_NET_MX_H
#define CORE_NET_MX_H

#include <stdint.h>

#include "core/net/dns.h"

enum {
	MX_HOSTS_MAX = 12,   /* tried of one domain */
	MX_ADDRESSES_MAX = 4 /* tried of one host */
};

enum mx_kind {
	MX_HOSTS,    /* the hosts it names */
	MX_IMPLICIT, /* no MX: the domain itself, if it has an address */
	MX_REFUSED,  /* never by asking again: E_DNS_NONE, E_MX_NULL,
		      * E_MX_UNUSABLE */
	MX_LATER     /* unknown for now: E_DNS_LATER, E_DNS_BOGUS, E_MX_LOOP */
};

struct mx_host {
	uint16_t preference;
	char name[DNS_NAME_MAX + 1];
};

struct mx_list {
	enum mx_kind kind;
	bool secure; /* the answer was validated */
	uint32_t ttl_s;
	size_t count; /* hosts in the order in which they are tried */
	struct mx_host host[MX_HOSTS_MAX];
};

struct mx_question {
	const char *domain; /* A-labels, lower case */
	const char *self;   /* our EHLO name */
	uint32_t dice;      /* random: the order inside a preference */
};

/* Reads the answer to an MX question.  Hosts that are no host names (among
 * them address literals) are left out; so are, when self is among them, self
 * and those not better than it.  why is set (else E_NONE) for REFUSED and
 * LATER. */
void mx_read(const struct mx_question *question,
    const struct dns_answer *answer, struct mx_list *out, struct err *why);

/* One address of a host. */
struct mx_address {
	char text[46]; /* "192.0.2.1", "2001:db8::1" */
	bool secure;   /* by a validated answer */
};

struct mx_addresses {
	enum mx_kind kind; /* MX_HOSTS, or REFUSED or LATER with none */
	size_t count;
	struct mx_address address[MX_ADDRESSES_MAX];
};

/* Puts the addresses of a host in the order in which they are tried: IPv6 and
 * IPv4 in turn, each family in random order.  name is the host's, for why
 * (E_MX_UNUSABLE, E_DNS_LATER, E_DNS_BOGUS).  A bogus answer spoils both. */
void mx_addresses(const char *name, const struct dns_answer *v6,
    const struct dns_answer *v4, uint32_t dice, struct mx_addresses *out,
    struct err *why);

#endif
