/* The MIME tree of what we send (RFC 2045, 2046, 2387): both texts as
 * multipart/alternative; images beside the HTML make it multipart/related, and
 * attached files make the whole multipart/mixed:
 *
 *	mixed { alternative { plain, related { html, image ... } }, file ... }
 */
#ifndef CORE_MAIL_MIME_H
#define CORE_MAIL_MIME_H

#include "core/base/buf.h"
#include "core/base/err.h"
#include "core/base/span.h"

enum mime_encoding { MIME_QP, MIME_BASE64, MIME_7BIT };

/* What the octets of a text are; names the charset parameter. */
enum mime_charset {
	MIME_UTF_8,
	MIME_ISO_2022_JP, /* RFC 1468: 7-bit, with its escape sequences */
	MIME_CHARSETS
};

enum { MIME_TOKEN_MIN = 16, MIME_TOKEN_MAX = 60 };

/* A text part.  Line ends may be LF or CRLF. */
struct mime_text {
	struct span octets;
	enum mime_charset charset;
};

/* A file to be made a part of a tree. */
struct mime_file {
	struct span type; /* "application/pdf", "text/csv; charset=UTF-8" */
	struct span name; /* UTF-8, not empty */
	struct span id;   /* "left@right": an image that the HTML shows as cid:;
			 * empty: an attachment (RFC 2392) */
	struct span bytes;
};

/* Appends a file as a part with its header: Content-Type, base64 in lines of
 * 76 columns, Content-Disposition with the name in the form of RFC 2231 and as
 * an ASCII fall-back, Content-ID.  Nothing in it depends on a message: a file
 * for all recipients is encoded once.  out is unchanged on failure.  E_BUG
 * (where) for a type or id of the wrong form, E_HEADER_BYTES for a name with
 * control characters. */
int mime_file(struct buf *out, const struct mime_file *file, struct err *err);

/* A message body; everything is borrowed for the call. */
struct mime_tree {
	struct span token;      /* unique part of the boundaries: 16 to 60 of
			    * A-Z a-z 0-9 - _; we put "=_" before it, which
			    * neither of our encodings can produce, and a
			    * letter that differs from level to level */
	struct mime_text plain; /* the caller has wrapped it */
	struct mime_text html;
	enum {
		MIME_ANY,  /* whether they are UTF-8 is checked */
		MIME_UTF8, /* the caller knows that they are, where they say */
	} known;
	const struct span *image; /* parts made by mime_file() */
	size_t image_count;
	const struct span *file; /* parts made by mime_file() */
	size_t file_count;
};

/* Quoted-printable when at least 85 % of the octets are ASCII, else base64:
 * whichever is shorter and, for Latin text, still readable in the source. */
enum mime_encoding mime_choose(struct span text);

/* Appends the whole entity: Content-Type and Content-Transfer-Encoding, the
 * empty line, then the parts.  MIME-Version and all other fields are the
 * caller's, written before.  All lines end with CRLF and have at most 76
 * columns, all octets are ASCII.  ISO-2022-JP goes as it is (7bit) where that
 * is safe: lines within 998 octets that no relay changes.  place, unless NULL, gets the offset in out of
 * every image and then of every file.  out is unchanged on failure.  E_BUG
 * (where) when the token breaks its rule, E_MIME_TEXT (part) when a text is not
 * in its charset or holds NUL, a lone CR or another control character but
 * tab. */
int mime_entity(struct buf *out, const struct mime_tree *tree, size_t *place,
    struct err *err);

#endif
