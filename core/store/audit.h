/* The inside of the audit chain; the public half is in store.h. */
#ifndef CORE_STORE_AUDIT_H
#define CORE_STORE_AUDIT_H

#include "core/store/store.h"

/* The end of a chain: number of entries and the last one's hash (zeros when
 * there are none). */
struct audit_head {
	int64_t seq;
	struct digest hash;
};

/* Reads the last entry's number and hash as they stand in the table. */
int audit_head_read(struct db *db, struct audit_head *out, struct err *err);

/* Checks that entry known->seq still has known->hash and that everything after
 * it fits the chain; *out is then the end.  E_AUDIT_HEAD, E_AUDIT_CHAIN. */
int audit_check_tail(struct store *store, struct db *db,
    const struct audit_head *known, struct audit_head *out, struct err *err);

#endif
