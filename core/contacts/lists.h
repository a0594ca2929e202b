/* What is done with whole lists, and what all of them hold together. */
#ifndef CORE_CONTACTS_LISTS_H
#define CORE_CONTACTS_LISTS_H

#include "core/contacts/trash.h"

/* Names, ids and colors of all lists by name, counts 0: at once, however long
 * the lists are.  *out is an array of *count the caller frees. */
struct list_info;
int list_heads(
    struct db *db, struct list_info **out, size_t *count, struct err *err);

struct list_totals {
	int64_t members;   /* memberships */
	int64_t different; /* people that are on at least one list */
};

/* Counts over all lists; reads every membership. */
int list_totals(struct db *db, struct list_totals *out, struct err *err);

/* Members of a list whose address is on the stop list because it bounced. */
int list_bounced(struct store *store, struct db *db, struct list_id list,
    int64_t *out, struct err *err);

/* Makes a list with the members of another one and their evidence; canaries and
 * segments are not copied.  Logged.  E_ROLE (list.write), E_LIST_MISSING,
 * E_LIST_NAME. */
int list_copy(struct store *store, struct list_id from, struct span name,
    struct list_id *out, struct err *err);

/* Puts the members of one list onto another, with the better evidence of those
 * who are on both, and the first one into the trash, from where it comes back;
 * who joined the other one by this stays there.  Logged.  E_ROLE (list.delete),
 * E_LIST_MISSING; E_CONTACT_SAME when both are one list. */
int list_unite(struct store *store, struct list_id from, struct list_id into,
    struct trash_id *out, struct err *err);

#endif
