/* The resolver: DNS answers as data, with what DNSSEC says about them.  A
 * port of struct world: tests put a table behind it. */
#ifndef CORE_NET_DNS_H
#define CORE_NET_DNS_H

#include <stdint.h>

#include "core/base/err.h"

struct arena;

/* Numbers of RFC 1035, 3596 and 6698. */
enum dns_type {
	DNS_A = 1,
	DNS_CNAME = 5,
	DNS_PTR = 12,
	DNS_MX = 15,
	DNS_TXT = 16,
	DNS_AAAA = 28,
	DNS_TLSA = 52
};

enum dns_status {
	DNS_FOUND,    /* records are there */
	DNS_NODATA,   /* the name exists, without records of this type */
	DNS_NXDOMAIN, /* the name does not exist */
	DNS_SERVFAIL, /* no answer in time, or none that could be read */
	DNS_BOGUS /* signed and wrong (RFC 4033 section 5): believe nothing */
};

enum {
	DNS_NAME_MAX = 253,    /* octets of a name as text, RFC 1035 2.3.4 */
	DNS_RECORDS_MAX = 100, /* read of one answer; more are left out */
	DNS_LIMIT_MS = 30000   /* how long a question may take */
};

/* One record.  Which members are set depends on the type asked for. */
struct dns_record {
	/* A: 4 octets, AAAA: 16; TXT: its strings joined; TLSA: the data; MX,
	 * CNAME, PTR: the name in lower case without its last dot, "." for the
	 * root, "" when it is no host name (letters, digits, hyphen,
	 * underscore). */
	struct span data;
	/* MX, CNAME, PTR: the same with whatever its labels hold; "" when one
	 * holds a dot or NUL. */
	struct span raw;
	uint16_t preference;                  /* MX */
	unsigned char usage, selector, match; /* TLSA */
};

struct dns_answer {
	enum dns_status status;
	bool secure; /* validated, also that nothing is there */
	uint32_t ttl_s;
	char canon[DNS_NAME_MAX + 1]; /* the name behind CNAMEs, lower case */
	size_t count;
	struct dns_record record[DNS_RECORDS_MAX]; /* at DNS_FOUND */
	struct arena *bytes;
};

/* What is asked. */
struct dns_question {
	const char *name; /* A-labels, without a dot at its end; labels may hold
			   * any octet but dot and NUL, nothing is escaped */
	enum dns_type type;
	const _Atomic bool *cancel; /* ends the wait when it gets true; NULL */
};

/* Implementations embed this as their first member. */
struct resolver {
	/* Asks and waits, up to DNS_LIMIT_MS: call from a worker; any thread,
	 * many at a time.  Begins *out anew; dns_answer_done() ends it, also
	 * after an error.  Whatever goes wrong in the network is a status; -1
	 * with E_DNS_SETUP (what, why) or E_CANCELLED. */
	int (*ask)(struct resolver *resolver, const struct dns_question *what,
	    struct dns_answer *out, struct err *err);
};

/* How the real resolver is set up; zero-initialise for the Internet. */
struct dns_options {
	const char *config; /* file in the format of unbound.conf(5), read
			     * when it is there; NULL: none */
	const char *anchor; /* file of trust anchors; NULL: the root's, see
			     * dns_unbound.c */
	const char *stub;   /* "address@port" of the server of the zones */
	const char *zones;  /* that it serves, parted by blanks; NULL */
};

/* A validating resolver on libunbound, with a cache.  Nothing is asked and no
 * thread runs before the first question.  The options are copied.  The caller
 * frees it with resolver_free(). */
struct resolver *resolver_unbound(const struct dns_options *options);

/* Ends the resolver; nobody may be asking.  Accepts NULL, sets *resolver to
 * NULL. */
void resolver_free(struct resolver **resolver);

/* Empties *out and sets its status and name (cut to DNS_NAME_MAX). */
void dns_answer_init(
    struct dns_answer *out, enum dns_status status, struct span name);

/* Adds a record of the wire (RDATA, names not compressed).  False when it is
 * malformed or one too many: it is left out. */
bool dns_answer_add(
    struct dns_answer *out, enum dns_type type, struct span rdata);

/* Frees what *answer holds. */
void dns_answer_done(struct dns_answer *answer);

/* Stable word of a status ("nxdomain"); static. */
const char *dns_status_name(enum dns_status status);

/* True for a host name of two labels or more that is no address literal:
 * letters, digits, hyphen, underscore; no dot at its end. */
bool dns_is_host(struct span name);

#endif
