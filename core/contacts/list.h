/* What other files of this folder do to a list inside a transaction. */
#ifndef CORE_CONTACTS_LIST_H
#define CORE_CONTACTS_LIST_H

#include "core/contacts/contacts.h"

/* 0 when the list is there, E_LIST_MISSING when not. */
int list_need(struct db *db, struct list_id id, struct err *err);

/* Whether a new list may have this name: 0, or E_LIST_NAME. */
int list_name_check(struct db *db, struct span name, struct err *err);

/* Marks the members of a list as changed: revision, time, by whom. */
int list_touch(
    struct store *store, struct db *db, struct list_id id, struct err *err);

#endif
