/* ISO-2022-JP as it is in the field, turned into the octets of CP932. */
#ifndef CORE_BASE_JIS_SHIFT_H
#define CORE_BASE_JIS_SHIFT_H

#include "core/base/span.h"

/* What the octets to come mean; zero at the beginning of a stream. */
struct jis_shift {
	enum { JIS_SHIFT_ASCII, JIS_SHIFT_KANJI, JIS_SHIFT_KANA } set;
	bool out; /* after SO: kana in single octets */
};

/* Takes one character or escape sequence off the beginning of in and writes
 * what CP932 has for it to to, *made octets (0 for an escape).  Reads what
 * Windows calls CP50220 to CP50222: the sets of RFC 1468, half-width kana by
 * ESC ( I or SO, and the rows of NEC and IBM (髙, ①, ㈱) among the kanji;
 * whether a place of the table is taken is for CP932 to say.  Returns the
 * octets taken, 0 when in ends too soon, -1 when no such character begins
 * here. */
int jis_shift_next(
    struct jis_shift *shift, struct span in, char to[2], size_t *made);

#endif
