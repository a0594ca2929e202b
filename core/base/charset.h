/* Foreign charsets to UTF-8, as a stream. */
#ifndef CORE_BASE_CHARSET_H
#define CORE_BASE_CHARSET_H

#include <stdint.h>

#include "core/base/buf.h"
#include "core/base/err.h"
#include "core/base/span.h"

/* CP932 is what Windows calls Shift_JIS; the charset of that name at IANA
 * lacks everyday names and is never used. */
enum charset { CHARSET_UTF8, CHARSET_CP932, CHARSET_COUNT };

/* "UTF-8" or "CP932"; static. */
const char *charset_name(enum charset charset);

/* Decodes one stream; used by one thread at a time. */
struct decoder;

/* Makes a decoder; the caller ends it with decoder_free().
 * E_CHARSET_MISSING when the system lacks the converter. */
int decoder_new(enum charset charset, struct decoder **out, struct err *err);

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

/* Checks that every converter is there and keeps the names that its
 * namesakes lose: call once at start.  E_CHARSET_MISSING. */
int charset_probe(struct err *err);

#endif
