/* MTA-STS policies kept in the store (table sts_policy), so that they outlive
 * runs: a policy once seen cannot be taken back by whoever controls the DNS. */
#ifndef CORE_DELIVER_POLICIES_H
#define CORE_DELIVER_POLICIES_H

#include "core/net/lookup.h"
#include "core/store/store.h"

/* A shelf in the store (borrowed).  It reads and writes on the thread that
 * asks.  The caller frees it with policies_free(). */
struct sts_shelf *policies_new(struct store *store);

/* Frees a shelf; accepts NULL, sets *shelf to NULL. */
void policies_free(struct sts_shelf **shelf);

#endif
