/* Writing header fields.  Nothing gets into a header but through here: values
 * with CR, LF, NUL or another control character are refused, so that no merge
 * value can add a field. */
#ifndef CORE_MAIL_HEADER_H
#define CORE_MAIL_HEADER_H

#include "core/base/buf.h"
#include "core/base/err.h"
#include "core/base/span.h"
#include "core/mail/encode.h"

/* E_HEADER_BYTES (field) unless value is UTF-8 without C0 controls, DEL and C1
 * controls; a tab counts as a control. */
int header_check(const char *field, struct span value, struct err *err);

/* Appends "field: value" as unstructured text (RFC 5322 section 2.2.1), CRLF
 * included: plain when ASCII that folds well, else in encoded words.  Lines of
 * at most 76 columns.  out is unchanged on failure.  E_HEADER_BYTES. */
int header_text(
    struct buf *out, const char *field, struct span value, struct err *err);

/* The same with encoded words in a charset; for ISO-2022-JP jis_can() must have
 * said that value fits. */
int header_text_in(struct buf *out, const char *field, struct span value,
    enum encode_charset charset, struct err *err);

/* Appends "field: value" for a structured value in ASCII that must not be
 * encoded: folded only at its spaces, a piece longer than a line stands alone.
 * out is unchanged on failure.  E_HEADER_BYTES (also for bytes above 0x7e),
 * E_HEADER_LENGTH when a piece cannot stay within 998 octets. */
int header_structured(
    struct buf *out, const char *field, struct span value, struct err *err);

/* One mailbox: name may be empty, address is the wire form of an address that
 * address_parse() accepted. */
struct header_mailbox {
	struct span name;
	struct span address;
};

/* Appends "field: name <address>" (RFC 5322 section 3.4), CRLF included: the
 * name as atoms, as a quoted string or in encoded words.  Exactly one mailbox:
 * no field of ours takes two.  out is unchanged on failure.  E_HEADER_BYTES,
 * E_HEADER_LENGTH. */
int header_mailbox(struct buf *out, const char *field,
    const struct header_mailbox *mailbox, struct err *err);

/* The same with a name in a charset, as header_text_in(). */
int header_mailbox_in(struct buf *out, const char *field,
    const struct header_mailbox *mailbox, enum encode_charset charset,
    struct err *err);

/* Appends List-Unsubscribe with the https URI first and the mailto URI behind
 * it (may be empty), and List-Unsubscribe-Post (RFC 2369, RFC 8058).  Both are
 * given without angle brackets.  out is unchanged on failure.  E_HEADER_BYTES
 * also for blanks, brackets and commas in a URI and for another scheme. */
int header_list_unsubscribe(
    struct buf *out, struct span https, struct span mailto, struct err *err);

/* True for "<left@right>" of dot-atoms, at most 250 octets (RFC 5322 section
 * 3.6.4 without its obsolete forms). */
bool header_is_message_id(struct span value);

/* True when value is a dot-atom of ASCII atext (RFC 5322 section 3.2.3). */
bool header_is_dot_atom(struct span value);

#endif
