/* How somebody looks at a list: which columns, in which order of people. */
#ifndef CORE_CONTACTS_LIST_VIEW_H
#define CORE_CONTACTS_LIST_VIEW_H

#include "core/base/buf.h"
#include "core/contacts/ids.h"
#include "core/contacts/order.h"

enum { LIST_VIEW_COLUMNS_MAX = 4000 }; /* octets */

/* Zeroed at first; columns is ended with buf_done(). */
struct list_view {
	struct buf columns; /* the screen's names of columns, with LF between */
	enum contact_order order;
	enum contact_way way;
};

/* How the store's user looks at a list; no columns and the order of ids when
 * nothing is kept. */
int list_view_read(struct store *store, struct db *db, struct list_id list,
    struct list_view *out, struct err *err);

/* Keeps it for the store's user.  Not logged: nobody else sees another list by
 * it.  E_ROLE (view), E_LIST_MISSING, E_CONTACT_FIELD (field "columns"). */
int list_view_keep(struct store *store, struct list_id list,
    const struct list_view *view, struct err *err);

#endif
