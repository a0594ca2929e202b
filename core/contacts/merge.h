/* Two contacts that are one person become one.  Nobody but a person decides
 * that, value by value; the one who goes is in the trash and comes back whole. */
#ifndef CORE_CONTACTS_MERGE_H
#define CORE_CONTACTS_MERGE_H

#include "core/contacts/trash.h"

#include "core/base/mem.h"

enum merge_side { MERGE_STAYS, MERGE_GOES };

/* A name or field that at least one of the two has. */
struct merge_value {
	struct span field;    /* "": the name */
	struct span value[2]; /* of enum merge_side, as people read it */
	enum merge_side chosen;
};

/* Caller's storage, zeroed at first, ended with merge_done(). */
struct merge {
	struct arena *arena;
	struct contact_id id[2]; /* of enum merge_side */
	struct span address[2];  /* the one who stays keeps its own */
	int64_t changed_ms[2];
	struct merge_value *value; /* the choice is the caller's to change */
	size_t count;
};

/* Reads two contacts; where both have a value, the one of who was changed last
 * is chosen, where one has, that one.  E_CONTACT_SAME, E_CONTACT_MISSING. */
int merge_open(struct db *db, struct contact_id stays, struct contact_id goes,
    struct merge *out, struct err *err);

/* Makes one of two: the values chosen, the lists and tags of both, for a list
 * that both are in the better evidence (the other is in its history), and every
 * stop of either.  The one who goes is in the trash as *out, whose restoring
 * undoes all of it.  Logged without values.  E_ROLE (list.write),
 * E_CONTACT_MISSING, E_CONTACT_CONFLICT when one was changed since
 * merge_open(). */
int merge_commit(struct store *store, const struct merge *merge,
    struct trash_id *out, struct err *err);

/* Frees what it holds. */
void merge_done(struct merge *merge);

#endif
