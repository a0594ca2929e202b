/* Generations of a store: an older one put back is noticed. */
#ifndef CORE_STORE_AGE_H
#define CORE_STORE_AGE_H

#include "core/store/state.h"

enum age_rule {
	AGE_CHECKED, /* a store older than last seen is refused */
	AGE_EXCUSED  /* the operator says that a backup was restored */
};

/* Compares database and keyring; *found is the database's generation, and
 * store->head its audit log's end.  What is excused is logged.
 * E_STORE_ROLLED_BACK, E_AUDIT_HEAD, E_AUDIT_CHAIN. */
int age_accept(
    struct store *store, enum age_rule rule, int64_t *found, struct err *err);

/* Begins a generation: in the database with an audit entry named what, then in
 * the keyring, which also loses KEYRING_NEW. */
int age_advance(
    struct store *store, const char *what, int64_t generation, struct err *err);

#endif
