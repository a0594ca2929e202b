/* A real authoritative DNS server on the loopback, with zones of the test's
 * own (tests/system/zones.sh). */
#ifndef TESTS_FAKE_ZONES_H
#define TESTS_FAKE_ZONES_H

#include <stdint.h>
#include <sys/types.h>

#include "core/base/buf.h"
#include "core/net/dns.h"

enum zone_kind { ZONE_PLAIN, ZONE_SIGNED, ZONE_EXPIRED };

struct zone {
	const char *name;
	enum zone_kind kind;
	const char *records; /* lines of a zone file, without SOA and NS */
};

struct zones {
	pid_t pid;
	int in; /* closing it ends the server */
	char *dir;
	struct buf stub, names, anchor; /* for struct dns_options */
};

/* Why it cannot run here (no nsd, no ldnsutils), or NULL. */
const char *zones_missing(void);

/* Starts the server and waits until it answers; ends the process with its log
 * when it does not. */
void zones_start(struct zones *zones, const struct zone *zone, size_t count);

/* Options of a resolver that knows these zones and nothing else; lives as
 * long as zones. */
struct dns_options zones_options(const struct zones *zones);

/* Stops the server and removes its files. */
void zones_stop(struct zones *zones);

#endif
