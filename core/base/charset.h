/* Foreign charsets to UTF-8, as a stream. */
#ifndef CORE_BASE_CHARSET_H
#define CORE_BASE_CHARSET_H

#include <stdint.h>

#include "core/base/buf.h"
#include "core/base/err.h"
#include "core/base/span.h"

/* CP932 is what Windows calls Shift_JIS; the charset of that name at IANA
 * lacks everyday names and is never used.  EUC is EUC-JP with the signs of NEC
 * and IBM (eucJP-ms), JIS is ISO-2022-JP with them (CP50221).  UTF-16 is of a
 * known byte order; a byte order mark is a character like others. */
enum charset {
	CHARSET_UTF8,
	CHARSET_CP932,
	CHARSET_EUC,
	CHARSET_JIS,
	CHARSET_UTF16LE,
	CHARSET_UTF16BE,
	CHARSET_COUNT
};

/* "UTF-8", "CP932", "EUC-JP", "ISO-2022-JP", "UTF-16LE", "UTF-16BE"; static. */
const char *charset_name(enum charset charset);

/* The charset of such a name; false when there is none. */
bool charset_of_name(struct span name, enum charset *out);

/* Decodes one stream; used by one thread at a time. */
struct decoder;

/* Makes a decoder; the caller ends it with decoder_free().
 * E_CHARSET_MISSING when the system lacks the converter, or has one that loses
 * everyday names. */
int decoder_new(enum charset charset, struct decoder **out, struct err *err);

/* From now on a character of UTF-8 that is cut off by an octet that ends a
 * cell (a quote, a separator, a line end) becomes U+FFFD instead of a fault.
 * Programs that cut texts by octets write such files. */
void decoder_allow_cuts(struct decoder *decoder);

/* What a decoder of UTF-8 has met: characters beyond ASCII, and cut ones. */
struct decoder_seen {
	int64_t whole, cut;
	int64_t first_cut; /* offset of the first of them */
};

/* The counts so far; zero for other charsets. */
struct decoder_seen decoder_seen(const struct decoder *decoder);

/* Appends the UTF-8 of the next piece of the stream to out; an incomplete
 * character at the end waits for the next piece.  At a byte that does not
 * belong, everything before it is in out and the result is E_CHARSET_BYTES
 * with the offset of that byte's character in the stream; the decoder is then
 * of no more use. */
int decoder_feed(
    struct decoder *decoder, struct span in, struct buf *out, struct err *err);

/* Ends the stream: E_CHARSET_BYTES when it stops inside a character. */
int decoder_finish(struct decoder *decoder, struct err *err);

/* Frees it; accepts NULL, sets *decoder to NULL. */
void decoder_free(struct decoder **decoder);

/* Checks that the converter of a charset is there and keeps the names that its
 * namesakes lose.  E_CHARSET_MISSING. */
int charset_probe(enum charset charset, struct err *err);

#endif
