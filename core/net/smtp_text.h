/* What the client says, as text: commands of a transaction and the message
 * between 354 and the dot.  Pure functions of their arguments. */
#ifndef CORE_NET_SMTP_TEXT_H
#define CORE_NET_SMTP_TEXT_H

#include "core/net/smtp.h"

enum { SMTP_PATH_MAX = 254 }; /* an address, without <> (RFC 5321 4.5.3.1.3) */

/* What is wrong with an envelope for a relay that offers caps: as
 * smtp_submit().  Settles SMTP_BODY_UNSEEN.  host is a fact for the error. */
int smtp_check(struct smtp_envelope *envelope, const struct smtp_caps *caps,
    const char *host, struct err *err);

/* Refuses an address that could end or extend a command: E_ADDRESS_SYNTAX.
 * Not a check of RFC 5322; core/mail does that before. */
int smtp_check_address(struct span address, struct err *err);

/* Appends the MAIL command with the parameters that caps allow. */
void smtp_write_mail(struct buf *out, const struct smtp_envelope *envelope,
    const struct smtp_caps *caps);

/* Appends the RCPT command, as smtp_write_mail(). */
void smtp_write_rcpt(struct buf *out, const struct smtp_envelope *envelope,
    const struct smtp_caps *caps);

/* Appends the BDAT command for a whole message of size octets (RFC 3030
 * section 2) and makes room for it. */
void smtp_write_bdat(struct buf *out, size_t size);

/* Appends data with leading dots doubled (RFC 5321 section 4.5.2), a CRLF when
 * it lacks the last one, and the final dot. */
void smtp_write_data(struct buf *out, struct span data);

#endif
