/* UTF-16 to UTF-8, without iconv: its module may be missing, and it lets a
 * reversed byte order mark pass. */
#include "core/base/utf16.h"

#include "core/base/utf8.h"

enum { HIGH_FIRST = 0xd800, LOW_FIRST = 0xdc00, LOW_LAST = 0xdfff };
enum { REVERSED_MARK = 0xfffe };

static uint32_t
unit(const char *ptr, enum utf16_order order)
{
	unsigned char a = (unsigned char)ptr[0], b = (unsigned char)ptr[1];

	return order == UTF16_BIG ? (uint32_t)(a << 8 | b)
				  : (uint32_t)(b << 8 | a);
}

size_t
utf16_decode(struct span in, enum utf16_order order, struct buf *out, bool *bad)
{
	size_t at = 0;

	*bad = false;
	/* A unit gives at most three octets. */
	buf_reserve(out, in.len / 2 * 3 + UTF8_MAX);
	while (in.len - at >= 2) {
		uint32_t cp = unit(in.ptr + at, order), low;
		size_t used = 2;

		if (cp >= HIGH_FIRST && cp < LOW_FIRST) {
			if (in.len - at < 4)
				break;
			low = unit(in.ptr + at + 2, order);
			*bad = low < LOW_FIRST || low > LOW_LAST;
			cp = 0x10000 + ((cp - HIGH_FIRST) << 10) +
			     (low - LOW_FIRST);
			used = 4;
		} else {
			*bad = (cp >= LOW_FIRST && cp <= LOW_LAST) ||
			       cp == REVERSED_MARK;
		}
		if (*bad)
			break;
		out->len += utf8_encode(cp, out->ptr + out->len);
		at += used;
	}
	out->ptr[out->len] = '\0';
	return at;
}
