/* UTF-8 to the charset of a spreadsheet. */
#ifndef CORE_BASE_ENCODER_H
#define CORE_BASE_ENCODER_H

#include <stdbool.h>

#include "core/base/charset.h"

/* Used by one thread at a time. */
struct encoder;

/* Whether there is an encoder for a charset: UTF-8 and CP932. */
bool encoder_has(enum charset charset);

/* Makes an encoder; the caller ends it with encoder_free().
 * E_CHARSET_MISSING when the system lacks the converter. */
int encoder_new(enum charset charset, struct encoder **out, struct err *err);

/* Appends text (valid UTF-8) to out in the encoder's charset; false when it has
 * no place for some character, and out is then as it was. */
bool encoder_put(struct encoder *encoder, struct span text, struct buf *out);

/* The same with a 〓 for each character that the charset has no place for; those
 * are appended to lost (may be NULL) as they were.  Their number.  Signs that
 * look alike are one in CP932 (〜 and ～, ¥ and \) and count as kept. */
size_t encoder_put_lossy(struct encoder *encoder, struct span text,
    struct buf *out, struct buf *lost);

/* Frees it; accepts NULL, sets *encoder to NULL. */
void encoder_free(struct encoder **encoder);

#endif
