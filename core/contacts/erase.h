/* Erasing a person who asks for it: what is known of them goes, what proves
 * what was sent stays without them, and the stop list keeps a key that nobody
 * can turn back. */
#ifndef CORE_CONTACTS_ERASE_H
#define CORE_CONTACTS_ERASE_H

#include "core/base/err.h"
#include "core/base/span.h"
#include "core/contacts/ids.h"
#include "core/store/store.h"

enum { ERASE_REASON_MIN = 5, ERASE_REASON_MAX = 500 };

/* What was done. */
struct erased {
	int64_t masked;  /* rows of campaigns that were sent */
	int64_t dropped; /* rows of campaigns that were not: run their checks
			  * again */
	int64_t rejects; /* rows of imports that named the person */
};

/* Erases one contact in one transaction: the record with its memberships, tags,
 * fields, certificates, copies in the trash and in imports, and the rows of
 * campaigns not sent.  In campaigns that were sent the row stays, with its
 * number, result and leaf, under a pseudonym made of the key; the text of the
 * mail can no longer be made again from it.  Evidence of consent is kept for
 * its time under the key (consent_leave_in()).  The stop list keeps the key
 * alone, for ever, cause "erased".
 *
 * typed: the person's address as somebody has typed it.  Logged by the first
 * octets of the key, with the reason.  E_ROLE (list.delete), E_CONTACT_MISSING,
 * E_ERASE_FIELD (field "address", why "differs"; field "reason", why "length",
 * "address": it must not name the person), E_ERASE_SENDING (campaign). */
int contact_erase(struct store *store, struct contact_id contact,
    struct span typed, struct span reason, struct erased *out, struct err *err);

#endif
