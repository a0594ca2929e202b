/* Contacts that may be one person.  This only finds them: what looks alike may
 * be two people, and nothing is merged by itself. */
#ifndef CORE_CONTACTS_TWINS_H
#define CORE_CONTACTS_TWINS_H

#include <stdatomic.h>
#include <stddef.h>

#include "core/base/err.h"
#include "core/base/span.h"
#include "core/contacts/ids.h"
#include "core/store/store.h"

enum twin_reason {
	TWIN_CASE,   /* addresses differ in upper and lower case */
	TWIN_GMAIL,  /* one mailbox of Google: dots, "+...", googlemail.com */
	TWIN_PERSON, /* the same name and the same value of the field */
	TWIN_REASONS
};

enum { TWIN_GROUPS_MAX = 1000, TWIN_GROUP_MAX = 20 };

struct twin_group {
	enum twin_reason reason;
	struct contact_id id[TWIN_GROUP_MAX];
	size_t count; /* at least 2 */
};

struct twins {
	struct twin_group *group; /* owned; at most TWIN_GROUPS_MAX */
	size_t count;
	int64_t found; /* groups there are */
};

/* Looks through the members of a list, or with list 0 through all contacts.
 * field: the custom field that tells people apart beside the name (a telephone
 * or membership number), or empty; values are compared without case, width,
 * blanks and hyphens.  Sixteen octets a contact are held.  The caller ends *out
 * with twins_done().  E_CANCELLED soon after *stop (may be NULL) becomes
 * true. */
int twins_find(struct db *db, struct list_id list, struct span field,
    const atomic_bool *stop, struct twins *out, struct err *err);

/* Frees what it holds. */
void twins_done(struct twins *twins);

#endif
