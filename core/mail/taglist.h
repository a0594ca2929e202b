/* Lists of "tag=value" parted by semicolons (RFC 6376 section 3.2), in which
 * DKIM, DMARC, TLS reporting and BIMI write their records. */
#ifndef CORE_MAIL_TAGLIST_H
#define CORE_MAIL_TAGLIST_H

#include "core/base/span.h"

/* One tag; both borrow from the list and are trimmed. */
struct tag {
	struct span name;  /* in its own case */
	struct span value; /* may hold white space inside */
};

/* Takes the next tag off *rest; empty pieces are passed over.  1 for a tag, 0
 * at the end, -1 for a piece that is none: no "=", a name that is not a letter
 * followed by letters, digits and "_". */
int taglist_next(struct span *rest, struct tag *out);

/* How often the tag stands in the list, in this case; *value is the first
 * one's, untouched when there is none. */
size_t taglist_find(struct span list, const char *name, struct span *value);

/* True when the list begins with "v=" and this version, in this case; white
 * space is allowed around the "=". */
bool taglist_is(struct span list, struct span version);

#endif
