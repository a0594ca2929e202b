/* The orders in which people of a list can be shown. */
#ifndef CORE_CONTACTS_ORDER_H
#define CORE_CONTACTS_ORDER_H

#include <stdatomic.h>
#include <stddef.h>

#include "core/base/err.h"
#include "core/contacts/ids.h"
#include "core/store/store.h"

enum contact_order {
	CONTACT_BY_ID, /* as they were stored; the way does not count */
	CONTACT_BY_ADDRESS,
	CONTACT_BY_NAME,
	CONTACT_BY_STATUS,  /* may be mailed, without a basis, stopped */
	CONTACT_BY_CONSENT, /* since when there is a ground for mail */
	CONTACT_BY_SENT,    /* when a relay took a mail for them last */
	CONTACT_ORDERS
};

enum contact_way { CONTACT_UP, CONTACT_DOWN };

/* Brings members of a list (what contact_ids() found, in any order) into an
 * order.  Texts are compared without case and width, by their characters'
 * numbers, as db shows them: where it masks, masked ones.  Who has no such value
 * comes last both ways; equals are by id.  A million take some seconds and
 * 110 MB until it returns, so it belongs into a job: E_CANCELLED soon after *stop
 * becomes true (stop may be NULL), with the ids as they were. */
int contact_sort(struct store *store, struct db *db, struct list_id list,
    enum contact_order order, enum contact_way way, const atomic_bool *stop,
    struct contact_id *id, size_t count, struct err *err);

#endif
