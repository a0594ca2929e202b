/* One thing done with many people, in one transaction: all of it or nothing. */
#ifndef CORE_CONTACTS_PEOPLE_H
#define CORE_CONTACTS_PEOPLE_H

#include <stdatomic.h>
#include <stddef.h>

#include "core/base/err.h"
#include "core/contacts/ids.h"
#include "core/contacts/trash.h"

/* Whom, and how whoever waits is told. */
struct several {
	const struct contact_id *id; /* borrowed */
	size_t count;
	const atomic_bool *stop; /* may be NULL: E_CANCELLED soon after it is
				  * true, and nothing is done */
	/* Called now and then with how many are done; may be NULL. */
	void (*progress)(void *data, int64_t done, int64_t total);
	void *data; /* progress gets it */
};

/* Called with each number of people that are done: tells, and asks whether to
 * go on.  0, or E_CANCELLED. */
int people_step(const struct several *people, size_t done, struct err *err);

/* contact_delete() of many.  out may be NULL. */
int people_delete(struct store *store, const struct several *people,
    struct trash_id *out, struct err *err);

/* member_remove() of many.  out may be NULL. */
int people_leave(struct store *store, struct list_id list,
    const struct several *people, struct trash_id *out, struct err *err);

enum { PEOPLE_REASON_MAX = 500 }; /* octets */

/* Puts the addresses of people on the stop list by hand, for ever; list 0: for
 * all.  Who was erased or is there already is passed over; *stopped (may be
 * NULL) is how many were not stopped before.  reason is kept with each.  Logged
 * with the numbers.  E_ROLE (list.write), E_CONTACT_FIELD (field "reason"),
 * E_CONTACT_MISSING when nobody of them is there. */
int people_stop(struct store *store, struct list_id list,
    const struct several *people, struct span reason, int64_t *stopped,
    struct err *err);

#endif
