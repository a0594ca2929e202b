/* Sending a test mail: with its own clearance, to the staff it was made for,
 * through the relays of the pool. */
#ifndef CORE_DELIVER_TEST_SEND_H
#define CORE_DELIVER_TEST_SEND_H

#include "core/review/review.h"

enum { TEST_SEND_LIMIT_MS = 120 * 1000 }; /* for one relay */

/* Sends the messages of the clearance, which is consumed in any case, and
 * writes down how each copy went (test_records()).  The first relay that comes
 * so far as to take a message is used for all of them, stand-by relays last;
 * where mail goes without a relay, the exchangers of each address.  Blocks; ends
 * soon after cancel_fd (-1: none) is readable.  0 when every copy has a reply,
 * good or bad; else -1 and the reason of the first that has none:
 * E_TEST_CLEARANCE, E_RELAY_MISSING, E_RELAY_DEMO, errors of the dialler, TLS,
 * the machine and the token helper, E_CANCELLED. */
int test_send(struct test_clearance **taken, struct world *world,
    struct store *store, int cancel_fd, struct err *err);

#endif
