/* The trash as its own files and merging see it. */
#ifndef CORE_CONTACTS_TRASH_ROWS_H
#define CORE_CONTACTS_TRASH_ROWS_H

#include "core/contacts/trash.h"

struct trash_new {
	enum trash_kind kind;
	struct list_id list;     /* LIST, MEMBERS */
	struct trash_id part_of; /* of a merge: what the other one was before */
	struct contact_id contact; /* MERGE: who stays */
	int64_t stamp_ms;          /* MERGE: when that one was changed by it */
};

/* Adds an item, empty as yet, inside the caller's transaction. */
int trash_item_add(struct store *store, struct db *db,
    const struct trash_new *item, struct trash_id *out, struct err *err);

/* Moves a contact into an item: 1, 0 when it was not there, -1.  The caller
 * calls contact_last_keep() and trash_touch_lists(). */
int trash_contact_in(struct db *db, struct trash_id trash,
    struct contact_id contact, struct err *err);

/* list_delete() inside the caller's transaction. */
int trash_list_in(struct store *store, struct db *db, struct list_id list,
    struct trash_id *out, struct err *err);

/* Marks the lists of an item's memberships as changed. */
int trash_touch_lists(
    struct store *store, struct db *db, struct trash_id trash, struct err *err);

/* Writes an entry of the log. */
int trash_log(struct store *store, struct db *db, const char *what,
    struct span object, struct buf *facts, struct err *err);

/* Forgets an item whose rows have gone elsewhere, with what is part of it. */
int trash_item_drop(struct db *db, struct trash_id trash, struct err *err);

/* Undoes what a merge did to the one who stayed, before the other one comes
 * back; *kept is 1 when values changed since stay. */
int merge_undo_in(struct store *store, struct db *db, struct trash_id trash,
    int64_t *kept, struct err *err);

#endif
