/* Certificates in words. */
#ifndef TUI_SCREENS_SMIME_TEXT_H
#define TUI_SCREENS_SMIME_TEXT_H

#include "core/compose/compose.h"

/* The common name in a name of RFC 2253, or all of it when there is none. */
struct span smime_common_name(struct span name);

/* Adds what a certificate says, line by line: addresses, names, key, dates and
 * fingerprint. */
void smime_describe(
    const struct smime_certificate *certificate, struct buf *out);

/* Adds what became of certificates, as one sentence. */
void smime_say_intake(const struct smime_intake *counts, struct buf *out);

#endif
