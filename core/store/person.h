/* People as far as the store itself asks who they are. */
#ifndef CORE_STORE_PERSON_H
#define CORE_STORE_PERSON_H

#include "core/store/store.h"

/* Registers the user of a store in which nobody is registered with
 * STORE_FIRST_ROLES, inside the transaction of db; facts, of the entry in the
 * log that is about to be written, then say so.  Errors as stmt_step(). */
int person_first(
    struct store *store, struct db *db, struct buf *facts, struct err *err);

/* 0 when the store's user is an administrator, else E_ROLE (permission,
 * login). */
int person_require_settings(struct store *store, struct db *db,
    const char *permission, struct err *err);

#endif
