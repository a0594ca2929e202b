/* The practice relay: an SMTP server thread in this process, on a loopback
 * port chosen by the kernel, with a certificate made on the spot.  It never
 * relays: what it accepts goes into a Maildir and nowhere else. */
#ifndef CORE_DELIVER_PRACTICE_H
#define CORE_DELIVER_PRACTICE_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/crypt.h"
#include "core/base/err.h"

struct practice;

enum practice_manners {
	PRACTICE_LIFELIKE, /* the table below decides by the local part */
	PRACTICE_PLAIN     /* accepts every recipient */
};

/* Recipients that make a practice run lifelike: the local part begins with
 *   "later-"    451 4.2.1 on the first attempt of an address, then accepted
 *   "unknown-"  550 5.1.1 always
 *   "full-"     452 4.2.2 always */
struct practice_config {
	const char *folder; /* holds ca.pem and Maildir/; made when missing */
	const char *user;   /* NULL: any MAIL without AUTH */
	const struct secret *password; /* of user */
	enum practice_manners manners;
	unsigned latency_ms; /* before each batch of replies */
	unsigned discard;    /* 1: count messages, write none (benches) */
};

/* Snapshot of what happened since the start. */
struct practice_count {
	uint64_t connections, accepted, deferred, rejected, octets;
};

/* Starts the thread and returns when the port is open.  Everything in config
 * is copied.  The caller stops it.  E_PRACTICE (what, sys), E_FILE_*. */
int practice_start(const struct practice_config *config, struct practice **out,
    struct err *err);

/* The port on 127.0.0.1. */
uint16_t practice_port(const struct practice *practice);

/* The PEM file of the authority that a client must trust; lives as long as
 * practice.  The certificate names localhost and 127.0.0.1. */
const char *practice_ca_file(const struct practice *practice);

/* The Maildir with the accepted mail; lives as long as practice. */
const char *practice_maildir(const struct practice *practice);

/* What happened so far; any thread. */
struct practice_count practice_count(const struct practice *practice);

enum { PRACTICE_TESTS = 5 };

/* Appends the newest test mail but back (0: the newest), as it came; false
 * when there is none.  The last PRACTICE_TESTS are kept in memory, for who has
 * no mailbox of their own.  Any thread. */
bool practice_test_mail(
    struct practice *practice, size_t back, struct buf *out);

/* Ends all connections and the thread, keeps the folder; accepts NULL, sets
 * *practice to NULL. */
void practice_stop(struct practice **practice);

#endif
