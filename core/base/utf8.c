/* Strict UTF-8 and cell widths.  The decoder follows the table of well-formed
 * byte sequences of the Unicode standard (table 3-7): the range of the second
 * byte depends on the first, all others are 80..BF; what fails is replaced by
 * one U+FFFD per longest valid beginning, as browsers do.  Widths come from a
 * generated table and never from the C library, whose answer differs between
 * systems and locales. */
#include "core/base/utf8.h"

#include "core/base/utf8_table.h"

struct lead {
	int more;                /* continuation bytes; -1: no lead byte */
	unsigned char low, high; /* range of the second byte */
};

static struct lead
lead_of(unsigned char c)
{
	if (c >= 0xc2 && c <= 0xdf)
		return (struct lead){1, 0x80, 0xbf};
	if (c >= 0xe0 && c <= 0xef)
		return (struct lead){
		    2, c == 0xe0 ? 0xa0 : 0x80, c == 0xed ? 0x9f : 0xbf};
	if (c >= 0xf0 && c <= 0xf4)
		return (struct lead){
		    3, c == 0xf0 ? 0x90 : 0x80, c == 0xf4 ? 0x8f : 0xbf};
	return (struct lead){-1, 0, 0};
}

static enum utf8_got
take(struct span *rest, size_t len, uint32_t *cp, uint32_t value)
{
	rest->ptr += len;
	rest->len -= len;
	*cp = value;
	return value == UTF8_REPLACEMENT ? UTF8_BAD : UTF8_GOOD;
}

enum utf8_got
utf8_next(struct span *rest, uint32_t *cp)
{
	const unsigned char *p = (const unsigned char *)rest->ptr;
	struct lead lead;
	uint32_t value;
	size_t i;

	if (rest->len == 0) {
		*cp = 0;
		return UTF8_END;
	}
	if (p[0] < 0x80) {
		take(rest, 1, cp, p[0]);
		return UTF8_GOOD;
	}
	lead = lead_of(p[0]);
	if (lead.more < 0)
		return take(rest, 1, cp, UTF8_REPLACEMENT);
	value = p[0] & (0x3fu >> lead.more);
	for (i = 1; i <= (size_t)lead.more; i++) {
		if (i >= rest->len || p[i] < lead.low || p[i] > lead.high)
			return take(rest, i, cp, UTF8_REPLACEMENT);
		value = value << 6 | (p[i] & 0x3fu);
		lead.low = 0x80;
		lead.high = 0xbf;
	}
	take(rest, i, cp, value);
	return UTF8_GOOD; /* U+FFFD may stand in the text itself */
}

enum utf8_got
utf8_last(struct span *rest, uint32_t *cp)
{
	size_t back;

	if (rest->len == 0) {
		*cp = 0;
		return UTF8_END;
	}
	for (back = 1; back <= UTF8_MAX && back <= rest->len; back++) {
		struct span tail =
		    span_slice(*rest, rest->len - back, rest->len);

		if (utf8_next(&tail, cp) == UTF8_GOOD && tail.len == 0) {
			rest->len -= back;
			return UTF8_GOOD;
		}
	}
	*cp = UTF8_REPLACEMENT;
	rest->len--;
	return UTF8_BAD;
}

/* s behind its ASCII beginning, eight octets at a time: most text that is
 * checked is markup. */
static struct span
skip_ascii(struct span s)
{
	const uint64_t high = UINT64_C(0x8080808080808080);
	uint64_t word;

	while (s.len >= sizeof word) {
		memcpy(&word, s.ptr, sizeof word);
		if (word & high)
			break;
		s.ptr += sizeof word;
		s.len -= sizeof word;
	}
	return s;
}

bool
utf8_is_valid(struct span s)
{
	enum utf8_got got;
	uint32_t cp;

	do {
		s = skip_ascii(s);
		got = utf8_next(&s, &cp);
	} while (got == UTF8_GOOD);
	return got == UTF8_END;
}

size_t
utf8_encode(uint32_t cp, char out[UTF8_MAX])
{
	if (cp > 0x10ffff || (cp >= 0xd800 && cp <= 0xdfff))
		cp = UTF8_REPLACEMENT;
	if (cp < 0x80) {
		out[0] = (char)cp;
		return 1;
	}
	if (cp < 0x800) {
		out[0] = (char)(0xc0 | cp >> 6);
		out[1] = (char)(0x80 | (cp & 0x3f));
		return 2;
	}
	if (cp < 0x10000) {
		out[0] = (char)(0xe0 | cp >> 12);
		out[1] = (char)(0x80 | (cp >> 6 & 0x3f));
		out[2] = (char)(0x80 | (cp & 0x3f));
		return 3;
	}
	out[0] = (char)(0xf0 | cp >> 18);
	out[1] = (char)(0x80 | (cp >> 12 & 0x3f));
	out[2] = (char)(0x80 | (cp >> 6 & 0x3f));
	out[3] = (char)(0x80 | (cp & 0x3f));
	return 4;
}

void
buf_utf8(struct buf *buf, uint32_t cp)
{
	char bytes[UTF8_MAX];
	size_t len = utf8_encode(cp, bytes);

	buf_add(buf, span_make(bytes, len));
}

static bool
is_in(const struct range *ranges, size_t count, uint32_t cp)
{
	size_t low = 0, high = count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (cp < ranges[middle].first)
			high = middle;
		else if (cp > ranges[middle].last)
			low = middle + 1;
		else
			return true;
	}
	return false;
}

#define IN(table, cp) is_in((table), sizeof(table) / sizeof *(table), (cp))

bool
utf8_is_mark(uint32_t cp)
{
	return cp >= 0xa0 && IN(zero_cells, cp);
}

int
utf8_cp_width(uint32_t cp)
{
	if (cp < 0x20 || (cp >= 0x7f && cp < 0xa0))
		return 0;
	if (cp < 0x300)
		return 1;
	/* Japanese text; the test compares them with the tables */
	if ((cp >= 0x3041 && cp <= 0x3096) || (cp >= 0x30a1 && cp <= 0x30fa) ||
	    (cp >= 0x4e00 && cp <= 0x9fff) || (cp >= 0x3001 && cp <= 0x3029) ||
	    (cp >= 0xff01 && cp <= 0xff60))
		return 2;
	if (IN(zero_cells, cp))
		return 0;
	return IN(two_cells, cp) ? 2 : 1;
}

int
utf8_width(struct span s)
{
	uint32_t cp;
	int cells = 0;

	while (utf8_next(&s, &cp))
		cells += utf8_cp_width(cp);
	return cells;
}

size_t
utf8_count(struct span s)
{
	uint32_t cp;
	size_t count = 0;

	while (utf8_next(&s, &cp))
		count++;
	return count;
}

struct span
utf8_cluster(struct span *rest, int *width)
{
	const char *start = rest->ptr;
	struct span peek;
	uint32_t cp = 0;
	int cells = 0;

	if (utf8_next(rest, &cp))
		cells = utf8_cp_width(cp);
	peek = *rest;
	while (cp >= 0x20 && utf8_next(&peek, &cp) && utf8_is_mark(cp))
		*rest = peek;
	if (width)
		*width = cells;
	return span_make(start, (size_t)(rest->ptr - start));
}

struct span
utf8_fit(struct span s, int cells)
{
	struct span rest = s, before = s;
	int used = 0, width;

	while (rest.len > 0) {
		before = rest;
		utf8_cluster(&rest, &width);
		if (used + width > cells)
			return span_make(s.ptr, s.len - before.len);
		used += width;
	}
	return s;
}

struct span
utf8_fit_end(struct span s, int cells)
{
	int over = utf8_width(s) - cells, width;

	while (over > 0 && s.len > 0) {
		utf8_cluster(&s, &width);
		over -= width;
	}
	return s;
}

const char *
utf8_unicode_version(void)
{
	return UTF8_UNICODE_VERSION;
}
