/* UTF-16, decoded strictly (RFC 2781). */
#ifndef CORE_BASE_UTF16_H
#define CORE_BASE_UTF16_H

#include "core/base/buf.h"
#include "core/base/span.h"

enum utf16_order { UTF16_LITTLE, UTF16_BIG };

/* Appends the whole characters at the beginning of in to out as UTF-8; returns
 * the octets they take.  What is left is an incomplete character of at most
 * three octets, or, with *bad set, begins with something that is none: a
 * surrogate without its other half, or a byte order mark of the other order. */
size_t utf16_decode(
    struct span in, enum utf16_order order, struct buf *out, bool *bad);

#endif
