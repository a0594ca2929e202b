/* What the files that change contacts share. */
#ifndef CORE_CONTACTS_EDIT_ROWS_H
#define CORE_CONTACTS_EDIT_ROWS_H

#include "core/contacts/edit.h"

/* E_CONTACT_FIELD with its two facts; -1. */
int edit_bad(struct span field, const char *why, struct err *err);

/* The limits: 0, or E_CONTACT_FIELD.  The address is checked elsewhere. */
int edit_check(const struct contact_draft *draft, struct err *err);
int edit_check_remark(struct span remark, struct err *err);
int edit_check_ground(const struct contact_ground *ground, struct err *err);

/* Makes every stop of one canonical address one of another, inside the caller's
 * transaction; with an item of the trash it is noted there, so that it can be
 * taken back. */
int stops_follow_in(struct store *store, struct db *db, struct trash_id trash,
    struct span from, struct span to, struct err *err);

#endif
