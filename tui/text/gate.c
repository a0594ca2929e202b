/* The gate.  What it refuses to pass: malformed UTF-8, controls of both kinds,
 * private and never-assigned code points (a font may draw anything there),
 * invisible characters (they hide or reorder text), and more than four marks
 * on one character (they grow over the rows above).  Nothing is dropped
 * silently: each of them leaves something that can be seen. */
#include "tui/text/gate.h"

#include <stdio.h>

#include "core/base/utf8.h"

enum { MARKS_MAX = 4 };

struct stretch {
	uint32_t first, last;
};

/* Joiners, direction controls, fillers, tags and variation selectors: the C
 * library calls all of them printable. */
static const struct stretch hidden[] = {
    {0x00ad, 0x00ad},
    {0x034f, 0x034f},
    {0x061c, 0x061c},
    {0x115f, 0x1160},
    {0x17b4, 0x17b5},
    {0x180b, 0x180f},
    {0x200b, 0x200f},
    {0x202a, 0x202e},
    {0x2060, 0x206f},
    {0x2800, 0x2800},
    {0x3164, 0x3164},
    {0xfe00, 0xfe0f},
    {0xfeff, 0xfeff},
    {0xffa0, 0xffa0},
    {0xfff0, 0xfffb},
    {0x13430, 0x1343f},
    {0x1bca0, 0x1bca3},
    {0x1d173, 0x1d17a},
    {0xe0000, 0xe0fff},
};

static const struct stretch private_use[] = {
    {0xe000, 0xf8ff},
    {0xfdd0, 0xfdef},
    {0xf0000, 0x10ffff},
};

static bool
is_in(const struct stretch *table, size_t count, uint32_t cp)
{
	for (size_t i = 0; i < count; i++) {
		if (cp >= table[i].first && cp <= table[i].last)
			return true;
	}
	return false;
}

#define IN(table, cp) is_in((table), sizeof(table) / sizeof *(table), (cp))

static bool
is_control(uint32_t cp)
{
	return cp < 0x20 || (cp >= 0x7f && cp < 0xa0);
}

static bool
is_hidden(uint32_t cp)
{
	return cp >= 0xad && IN(hidden, cp);
}

static bool
is_unknown(uint32_t cp)
{
	return (cp & 0xfffe) == 0xfffe || (cp >= 0xe000 && IN(private_use, cp));
}

/* True for what may sit on the character before it. */
static bool
is_joining(uint32_t cp)
{
	return utf8_is_mark(cp) && !is_hidden(cp);
}

/* An ASCII text that was just written into out. */
static enum gate_kind
spelled(struct gate_piece *out, int len)
{
	out->width = len;
	out->splits = true;
	return GATE_CONTROL;
}

static enum gate_kind
replaced(struct gate_piece *out)
{
	snprintf(out->text, sizeof out->text, "\xef\xbf\xbd");
	out->width = 1;
	return GATE_CONTROL;
}

static enum gate_kind
control(struct gate_piece *out, uint32_t cp)
{
	size_t room = sizeof out->text;

	if (cp <= 0x7f)
		return spelled(
		    out, snprintf(out->text, room, "^%c", (int)(cp ^ 0x40)));
	return spelled(out, snprintf(out->text, room, "<%02X>", (unsigned)cp));
}

/* One warning for a whole run of characters that cannot be seen. */
static enum gate_kind
concealed(
    struct span *rest, enum gate_view view, struct gate_piece *out, uint32_t cp)
{
	struct span peek = *rest;

	if (view == GATE_RAW) {
		spelled(out, snprintf(out->text, sizeof out->text, "<%04X>",
				 (unsigned)cp));
		return GATE_HIDDEN;
	}
	while (utf8_next(&peek, &cp) && (is_hidden(cp) || is_joining(cp)))
		*rest = peek;
	snprintf(out->text, sizeof out->text, "\xe2\x9a\xa0"); /* U+26A0 */
	out->width = 1;
	return GATE_HIDDEN;
}

static enum gate_kind
ordinary(struct span *rest, struct gate_piece *out, uint32_t cp)
{
	size_t len = utf8_encode(cp, out->text);
	struct span peek = *rest;

	out->width = utf8_cp_width(cp);
	for (int marks = 0; marks < MARKS_MAX; marks++) {
		if (!utf8_next(&peek, &cp) || !is_joining(cp))
			break;
		len += utf8_encode(cp, out->text + len);
		*rest = peek;
	}
	out->text[len] = '\0';
	return GATE_TEXT;
}

enum gate_kind
gate_next(struct span *rest, enum gate_view view, struct gate_piece *out)
{
	enum utf8_got got;
	uint32_t cp;

	*out = (struct gate_piece){.width = 0};
	got = utf8_next(rest, &cp);
	if (got == UTF8_END)
		return GATE_END;
	if (got == UTF8_BAD)
		return replaced(out);
	if (is_control(cp))
		return control(out, cp);
	if (is_hidden(cp) || is_joining(cp))
		return concealed(rest, view, out, cp);
	if (is_unknown(cp))
		return replaced(out);
	if (cp == 0x2028 || cp == 0x2029)
		cp = ' ';
	return ordinary(rest, out, cp);
}

void
ui_text(struct buf *out, struct span foreign)
{
	struct gate_piece piece;

	while (gate_next(&foreign, GATE_LIST, &piece))
		buf_text(out, piece.text);
}

int
ui_width(struct span text)
{
	struct gate_piece piece;
	int cells = 0;

	while (gate_next(&text, GATE_LIST, &piece))
		cells += piece.width;
	return cells;
}

/* Whether one cell is kept for the sign that something is missing. */
static bool
needs_cut(struct buf *out, struct span safe, int cells)
{
	if (cells < 1)
		return false;
	if (utf8_width(safe) <= cells) {
		buf_add(out, safe);
		return false;
	}
	return true;
}

void
ui_cut_end(struct buf *out, struct span text, int cells)
{
	struct buf safe = BUF_INIT;

	ui_text(&safe, text);
	if (needs_cut(out, buf_span(&safe), cells)) {
		buf_add(out, utf8_fit(buf_span(&safe), cells - 1));
		buf_char(out, '~');
	}
	buf_done(&safe);
}

/* head cells of the beginning, '~', and what fits of the end. */
static void
cut_around(struct buf *out, struct span safe, int head, int cells)
{
	struct span first = utf8_fit(safe, head);

	buf_add(out, first);
	buf_char(out, '~');
	buf_add(out, utf8_fit_end(span_slice(safe, first.len, safe.len),
			 cells - 1 - utf8_width(first)));
}

void
ui_cut_middle(struct buf *out, struct span text, int cells)
{
	struct buf safe = BUF_INIT;

	ui_text(&safe, text);
	if (needs_cut(out, buf_span(&safe), cells))
		cut_around(out, buf_span(&safe), cells / 2, cells);
	buf_done(&safe);
}

void
ui_cut_address(struct buf *out, struct span address, int cells)
{
	struct buf safe = BUF_INIT;
	struct span all, domain;
	int head;

	ui_text(&safe, address);
	all = buf_span(&safe);
	if (needs_cut(out, all, cells)) {
		domain = span_slice(all, span_index(all, '@'), all.len);
		head = cells - 1 - utf8_width(domain);
		if (domain.len == 0 || head < 1)
			head = cells / 4;
		cut_around(out, all, head, cells);
	}
	buf_done(&safe);
}
