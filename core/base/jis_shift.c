/* From seven bits to eight by arithmetic.  JIS X 0201 Roman is read as ASCII,
 * as Windows does: a file that came from CP932 and went through it must not
 * have other signs than one that did not. */
#include "core/base/jis_shift.h"

enum { ESCAPE = 0x1b, SHIFT_OUT = 0x0e, SHIFT_IN = 0x0f };

static const struct {
	struct span octets;
	int set; /* -1: none, the one after it says */
} escapes[] = {
    {{"\x1b(B", 3}, JIS_SHIFT_ASCII}, {{"\x1b(J", 3}, JIS_SHIFT_ASCII},
    {{"\x1b(I", 3}, JIS_SHIFT_KANA}, {{"\x1b$B", 3}, JIS_SHIFT_KANJI},
    {{"\x1b$@", 3}, JIS_SHIFT_KANJI},
    {{"\x1b&@", 3}, -1}, /* of 1990: before ESC $ B */
};

static int
escape(struct jis_shift *shift, struct span in)
{
	bool begins = false;

	for (size_t i = 0; i < sizeof escapes / sizeof *escapes; i++) {
		if (span_starts(in, escapes[i].octets)) {
			if (escapes[i].set >= 0)
				shift->set = escapes[i].set;
			return (int)escapes[i].octets.len;
		}
		begins |= span_starts(escapes[i].octets, in);
	}
	return begins ? 0 : -1;
}

static bool
in_table(unsigned char c)
{
	return c >= 0x21 && c <= 0x7e;
}

static int
kanji(struct span in, char to[2], size_t *made)
{
	unsigned row = (unsigned char)in.ptr[0], cell, first;

	if (!in_table((unsigned char)row))
		return -1;
	if (in.len < 2)
		return 0;
	cell = (unsigned char)in.ptr[1];
	if (!in_table((unsigned char)cell))
		return -1;
	first = (row - 0x21) / 2 + 0x81;
	if (first > 0x9f)
		first += 0x40; /* kana stand between */
	if (row % 2 == 0)
		cell += 0x7e;
	else
		cell += cell < 0x60 ? 0x1f : 0x20; /* 0x7f is left out */
	to[0] = (char)first;
	to[1] = (char)cell;
	*made = 2;
	return 2;
}

int
jis_shift_next(
    struct jis_shift *shift, struct span in, char to[2], size_t *made)
{
	unsigned char c = (unsigned char)in.ptr[0];
	bool kana = shift->set == JIS_SHIFT_KANA || shift->out;

	*made = 0;
	if (c >= 0x80)
		return -1;
	if (c == ESCAPE)
		return escape(shift, in);
	if (c == SHIFT_OUT || c == SHIFT_IN) {
		shift->out = c == SHIFT_OUT;
		return 1;
	}
	if (c == '\n' || c == '\r')
		*shift = (struct jis_shift){0}; /* no line begins shifted */
	else if (c > 0x20 && shift->set == JIS_SHIFT_KANJI && !shift->out)
		return kanji(in, to, made);
	else if (c > 0x20 && kana && c > 0x5f)
		return -1;
	else if (c > 0x20 && kana)
		c += 0x80;
	to[0] = (char)c;
	*made = 1;
	return 1;
}
