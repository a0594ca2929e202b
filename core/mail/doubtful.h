/* Addresses that are well formed and still hardly meant: roles that nobody
 * reads mail in, mailboxes made to be thrown away, and domains that look like
 * slips of a well-known one. */
#ifndef CORE_MAIL_DOUBTFUL_H
#define CORE_MAIL_DOUBTFUL_H

#include <stdbool.h>

#include "core/base/span.h"

/* True for local parts of roles and machines ("postmaster", "no-reply"), in
 * any case, also with a +tag. */
bool doubtful_role(struct span local);

/* True for the domain (in lower-case A-labels) of a well-known provider of
 * mailboxes that are thrown away after use. */
bool doubtful_disposable(struct span domain);

/* The domain that was probably meant by one that is a slip (in lower-case
 * A-labels): one of a table, or one edit (a letter wrong, missing, too many, or
 * two exchanged) away from one of the fifty where most people have their mail.
 * Empty when it is no slip.  Static. */
struct span doubtful_domain(struct span domain);

#endif
