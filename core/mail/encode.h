/* The encodings of mail: base64, quoted-printable, encoded words, parameters.
 * Everything appends to a buffer and leaves it 7-bit. */
#ifndef CORE_MAIL_ENCODE_H
#define CORE_MAIL_ENCODE_H

#include "core/base/buf.h"
#include "core/base/span.h"

enum {
	ENCODE_LINE_MAX = 76, /* columns of every line that we write */
	ENCODE_WORD_MAX = 75, /* RFC 2047 section 2 */
	ENCODE_HARD_MAX = 998 /* RFC 5322 section 2.1.1 */
};

/* The charset of encoded words; texts are handed over as UTF-8 in any case. */
enum encode_charset { ENCODE_UTF8, ENCODE_ISO_2022_JP };

/* How many bytes are 0x80 or above. */
size_t encode_count_high(struct span text);

/* True when every byte is below 0x80. */
bool encode_is_ascii(struct span text);

/* Appends base64 with padding in one piece (RFC 4648 section 4). */
void encode_base64(struct buf *out, struct span bytes);

/* Appends base64 in lines of 76 columns, each ended by CRLF, the last one too
 * (RFC 2045 section 6.8). */
void encode_base64_lines(struct buf *out, struct span bytes);

/* Like encode_base64_lines() for text: each LF that no CR precedes is encoded
 * as CRLF, so that the decoded body has canonical line ends. */
void encode_base64_text(struct buf *out, struct span text);

/* Appends text as quoted-printable in lines of at most 76 columns (RFC 2045
 * section 6.7).  LF and CRLF are line ends and become CRLF; the output
 * ends with one only when text does.  "From " and "." at the start of a line
 * are encoded, so that neither mbox files nor broken dot-stuffing change the
 * body. */
void encode_qp(struct buf *out, struct span text);

/* Appends text as encoded words (RFC 2047, B, UTF-8), separated by CRLF SP,
 * cut between characters, each word at most 75 octets and each line at most
 * 76 columns.  column is the column at which the first word starts; the
 * result is the column behind the last.  text must be UTF-8 without control
 * characters. */
size_t encode_words(struct buf *out, struct span text, size_t column);

/* The same in a charset.  In ISO-2022-JP each word begins and ends in ASCII
 * (RFC 1468, RFC 2047 section 3); jis_can() must have said that text fits. */
size_t encode_words_in(struct buf *out, struct span text, size_t column,
    enum encode_charset charset);

/* True when text, of 7-bit octets, can be sent as it is: no line is longer than
 * 998 octets, and none begins or ends with what gets changed on the way (a
 * dot, "From ", blanks). */
bool encode_is_7bit(struct span text);

/* Appends text with CRLF for each LF that no CR precedes, and ends the last
 * line. */
void encode_7bit(struct buf *out, struct span text);

/* Appends "; name=value" parameters for a header field: a token or a quoted
 * string when the value is ASCII and short, else RFC 2231 (UTF-8 percent
 * encoded, in numbered pieces when long) before an ASCII fall-back with '_'
 * for what is foreign.  Every parameter starts on a line of its own, folded with
 * CRLF SP.  name is a short ASCII token; value has no control characters. */
void encode_parameter(struct buf *out, const char *name, struct span value);

#endif
