/* The MIME tree of what we send: multipart/alternative of text/plain and
 * text/html in UTF-8 (RFC 2045, 2046). */
#ifndef CORE_MAIL_MIME_H
#define CORE_MAIL_MIME_H

#include "core/base/buf.h"
#include "core/base/err.h"
#include "core/base/span.h"

enum mime_encoding { MIME_QP, MIME_BASE64 };

enum { MIME_TOKEN_MIN = 16, MIME_TOKEN_MAX = 60 };

/* A message body in two renderings.  Line ends may be LF or CRLF. */
struct mime_alternative {
	struct span token; /* unique part of the boundary: 16 to 60 of
			    * A-Z a-z 0-9 - _; we put "=_" before it, which
			    * neither of our encodings can produce */
	struct span plain; /* UTF-8; the caller has wrapped it */
	struct span html;  /* UTF-8 */
	enum {
		MIME_ANY,  /* whether they are UTF-8 is checked */
		MIME_UTF8, /* the caller knows that they are */
	} known;
};

/* Quoted-printable when at least 85 % of the octets are ASCII, else base64:
 * whichever is shorter and, for Latin text, still readable in the source. */
enum mime_encoding mime_choose(struct span text);

/* Appends Content-Type and Content-Transfer-Encoding of the whole message,
 * then the empty line, then the two parts, plain first.  MIME-Version and all
 * other fields are the caller's, written before.  All lines end with CRLF and
 * have at most 76 columns, all octets are ASCII.  out is unchanged on failure.
 * E_BUG (where) when the token breaks its rule, E_MIME_TEXT (part) when a
 * text is not UTF-8 or holds NUL, a lone CR or another control character but
 * tab. */
int mime_alternative(
    struct buf *out, const struct mime_alternative *mime, struct err *err);

#endif
