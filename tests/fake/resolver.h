/* A resolver that answers from a table. */
#ifndef TESTS_FAKE_RESOLVER_H
#define TESTS_FAKE_RESOLVER_H

#include "core/net/dns.h"

/* One record, or what happens to the question instead of one.  data as in a
 * zone file: "192.0.2.1", "10 mx.example", "v=STSv1; id=1", "3 1 1 abcd". */
struct fake_record {
	const char *name;
	enum dns_type type;
	enum dns_status status; /* DNS_FOUND, or SERVFAIL or BOGUS */
	const char *data;
	size_t len; /* of data that holds NUL; else 0 */
};

struct fake_resolver;

/* Answers from the table, which is borrowed and ends with a NULL name.  Names
 * under "signed" are secure, all others are not.  A name that is in the table
 * has no other types (NODATA), one that is not does not exist; a chain of CNAMEs
 * is followed, one without an end is SERVFAIL. */
struct fake_resolver *fake_resolver_new(const struct fake_record *table);

/* The port; lives as long as fake. */
struct resolver *fake_resolver_port(struct fake_resolver *fake);

/* Answers from another table from now on. */
void fake_resolver_use(
    struct fake_resolver *fake, const struct fake_record *table);

/* How many questions came about name (NULL: in all). */
int fake_resolver_asked(struct fake_resolver *fake, const char *name);

/* Frees it; sets *fake to NULL. */
void fake_resolver_free(struct fake_resolver **fake);

#endif
