/* Whether somebody who was taken into an audience still belongs to it. */
#ifndef CORE_CONTACTS_STANDING_H
#define CORE_CONTACTS_STANDING_H

#include "core/base/err.h"
#include "core/base/span.h"
#include "core/contacts/ids.h"
#include "core/store/store.h"

enum standing {
	STANDING_MEMBER, /* as it was: a contact with this address, on the list */
	STANDING_LEFT,   /* a contact, but not on the list any more */
	STANDING_GONE,   /* deleted, merged away, or the address is another */
	STANDING_NO_LIST /* a contact, but the list itself is deleted */
};

/* How the contact with this canonical address stands to the list now: one look
 * at each of two primary keys.  db may be any connection that is not masked;
 * what was committed before the call counts.  0 or -1. */
int standing_read(struct db *db, struct list_id list, struct contact_id contact,
    struct span canon, enum standing *out, struct err *err);

#endif
