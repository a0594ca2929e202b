/* ISO-2022-JP (RFC 1468), the charset of older Japanese mail: ASCII and JIS X
 * 0208 in seven bits, from our own table, so that it is the same on every
 * host. */
#ifndef CORE_BASE_JIS_H
#define CORE_BASE_JIS_H

#include <stdint.h>

#include "core/base/buf.h"
#include "core/base/span.h"

/* Octets that lead from ASCII into JIS X 0208, and back. */
enum { JIS_SHIFT = 3 };

/* Takes one character off *rest (UTF-8), with the sound mark behind it if it
 * is a kana.  Returns its ASCII octet, its two octets of JIS X 0208 as one
 * number, or 0 when the charset lacks it; *rest moves on in any case.  What
 * differs only in the width or in the code of the same sign is folded:
 * half-width kana, the dashes and tildes of Windows, the yen sign, the
 * no-break space.  Nothing else is ever replaced. */
unsigned jis_take(struct span *rest);

/* True when every character of text (UTF-8) has a place in the charset. */
bool jis_can(struct span text);

/* What to do with a character that the charset lacks: stop, or write it as a
 * numeric character reference, which says exactly the same in HTML. */
enum jis_lack { JIS_STOP, JIS_REFERENCE };

/* Appends text (UTF-8) as ISO-2022-JP; every line and the whole begin and end
 * in ASCII.  False when a character has no place in it, or text is not UTF-8;
 * out is unchanged then. */
bool jis_encode(struct span text, enum jis_lack lack, struct buf *out);

/* Appends bytes of ISO-2022-JP as UTF-8.  Reads also the older set of 1978,
 * JIS X 0201 Roman and half-width katakana.  False when an octet is none of
 * these; out is unchanged then. */
bool jis_decode(struct span bytes, struct buf *out);

/* What may be written in place of a character that many Japanese readers see
 * wrongly or not at all ("(1)" for a circled one); NULL when it is no such
 * character, "" when there is nothing like it.  Static. */
const char *jis_advice(uint32_t cp);

#endif
