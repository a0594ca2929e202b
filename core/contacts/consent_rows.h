/* What the files of consent share. */
#ifndef CORE_CONTACTS_CONSENT_ROWS_H
#define CORE_CONTACTS_CONSENT_ROWS_H

#include "core/contacts/consent.h"

/* An event that copies the evidence of a member into the history. */
struct consent_keeping {
	struct list_id list; /* 0: of every list the contact is in */
	struct contact_id contact;
	enum consent_change what;
	struct span reason;
};

/* Copies the evidence of a member who has any; nothing otherwise. */
int consent_keep_in(struct store *store, struct db *db,
    const struct consent_keeping *keeping, struct err *err);

/* Notes that the person of a canonical address said no, for list or for all:
 * nothing when there is no such contact. */
int consent_withdrawn_in(struct store *store, struct db *db, struct span canon,
    struct list_id list, struct span source, struct err *err);

#endif
