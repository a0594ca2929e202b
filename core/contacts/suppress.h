/* The stop list from inside a transaction or beside a reader. */
#ifndef CORE_CONTACTS_SUPPRESS_H
#define CORE_CONTACTS_SUPPRESS_H

#include "core/contacts/contacts.h"

/* 1 when the stop list has entries for list or for all, 0 when it has none:
 * then nobody needs to be looked up.  -1 on error. */
int suppress_any(struct db *db, struct list_id list, struct err *err);

/* 1 when the key has an entry for list or for all, 0 when not, -1 on error. */
int suppress_find(struct db *db, const struct digest *key, struct list_id list,
    struct err *err);

/* Gives entries that were kept without their address (of somebody erased) the
 * address back, which the store holds again anyway: counting joins on it. */
int suppress_adopt(
    struct store *store, struct db *db, struct span canon, struct err *err);

#endif
