/* The trash: what was deleted comes back whole for trash.days days.  Rows are
 * moved, not marked: nothing that reads lists has to think of it, and whoever is
 * in the trash is in no audience.  The stop list is no part of it. */
#ifndef CORE_CONTACTS_TRASH_H
#define CORE_CONTACTS_TRASH_H

#include <stddef.h>

#include "core/base/err.h"
#include "core/base/span.h"
#include "core/contacts/ids.h"
#include "core/store/store.h"

struct trash_id {
	int64_t v;
};

/* What one deletion took.  Stored as numbers: never renumber. */
enum trash_kind {
	TRASH_LIST,    /* a list with all that hangs on it */
	TRASH_PEOPLE,  /* contacts, with their memberships */
	TRASH_MEMBERS, /* memberships of one list; the contacts stay */
	TRASH_MERGE,   /* a contact that became part of another one */
	TRASH_KINDS
};

/* Stable word of a kind ("list", "people"); static. */
const char *trash_kind_name(enum trash_kind kind);

struct trash_item {
	struct trash_id id;
	enum trash_kind kind;
	int64_t at_ms, until_ms; /* when it is emptied out */
	char by[65];
	char name[257];  /* LIST, MEMBERS: of the list; else "" */
	char first[322]; /* address of one of the people */
	int64_t people;  /* contacts or memberships */
};

/* Moves contacts with their memberships, tags and certificates into the trash,
 * as one item; ids that are not there are passed over.  Logged with the number.
 * E_ROLE (list.delete), E_CONTACT_MISSING when nobody was there. */
int contact_delete(struct store *store, const struct contact_id *id,
    size_t count, struct trash_id *out, struct err *err);

/* Takes contacts off a list; they stay contacts.  Logged with the number.
 * E_ROLE (list.write), E_LIST_MISSING, E_CONTACT_MISSING when nobody was on
 * it. */
int member_remove(struct store *store, struct list_id list,
    const struct contact_id *id, size_t count, struct trash_id *out,
    struct err *err);

/* Deletes a list into the trash: its memberships with their evidence, canaries
 * and segments; contacts stay.  Campaigns that name it have no recipients until
 * it is restored, as its id is given to no other list.  out may be NULL.
 * Logged.  E_ROLE (list.delete), E_LIST_MISSING. */
int list_delete(struct store *store, struct list_id id, struct trash_id *out,
    struct err *err);

/* What came back. */
struct trash_back {
	int64_t people;  /* contacts */
	int64_t members; /* memberships */
	int64_t joined;  /* of people: the address was there anew, so what the
			  * trash had was joined to that contact */
	int64_t waiting; /* memberships of lists, or contacts, that are in the
			  * trash themselves: they come back with those */
	int64_t kept; /* 1: values of a merged contact that were changed since
		       * stay as they are now */
	struct list_id list;
};

/* Brings an item back, with the ids it had.  name is for a list whose name is
 * taken meanwhile, else empty.  Logged.  E_ROLE (list.write), E_TRASH_MISSING,
 * E_LIST_NAME (why: taken), E_LIST_MISSING when a list whose members were
 * removed is gone for good. */
int trash_restore(struct store *store, struct trash_id id, struct span name,
    struct trash_back *out, struct err *err);

/* Restores what the store's user has deleted last since the store was opened.
 * *out tells what it was.  Errors as trash_restore(); E_TRASH_NOTHING when there
 * is nothing like that. */
int trash_undo(struct store *store, struct trash_back *out, struct err *err);

/* The items, newest first; *out has *count, the caller frees it.  db reads
 * unmasked, or E_ROLE (personal.view): whoever sees masked data sees nothing of
 * the trash. */
int trash_all(struct store *store, struct db *db, struct trash_item **out,
    size_t *count, struct err *err);

/* Deletes for good what has been there longer than trash.days: its number, or
 * -1.  Logged when there was something. */
int64_t trash_sweep(struct store *store, struct err *err);

/* Deletes everything in the trash for good: the number of items, or -1.
 * Logged.  E_ROLE (list.delete). */
int64_t trash_empty(struct store *store, struct err *err);

/* Inside the caller's transaction. */

/* The greatest id a contact has ever had: an id is given once, because reports
 * remember it. */
int contact_last_id(struct db *db, int64_t *out, struct err *err);

/* After contacts were deleted: sees to it that ids up to last stay given. */
int contact_last_keep(struct db *db, int64_t last, struct err *err);

#endif
