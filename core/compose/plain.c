/* Builds and wraps the plain part.  Between building and wrapping, a line that
 * starts a paragraph carries its prefixes: STX, prefix of continuation lines,
 * ETX, prefix of this line, ENQ.  SOH begins a line that is never wrapped, EOT
 * stands for an underline.  Neither sources nor values may hold controls, so
 * nobody else can write these. */
#include "core/compose/plain.h"

#include "core/base/utf8.h"

#define VERBATIM  '\001'
#define PREFIX    '\002'
#define PREFIX_2  '\003'
#define UNDERLINE '\004'
#define TEXT      '\005'

/* ---- Building ---------------------------------------------------------- */

void
plain_init(struct plain *plain, struct merge_set *set)
{
	*plain = (struct plain){.set = set};
}

void
plain_done(struct plain *plain)
{
	merge_text_done(&plain->text);
	buf_done(&plain->first);
	buf_done(&plain->rest);
}

static void
raw(struct plain *plain, struct span bytes)
{
	merge_text_raw(&plain->text, bytes);
}

static void
raw_char(struct plain *plain, char c)
{
	raw(plain, span_make(&c, 1));
}

static void
blank_if_due(struct plain *plain)
{
	if (!plain->need_blank)
		return;
	raw_char(plain, VERBATIM);
	raw(plain, buf_span(&plain->rest));
	raw_char(plain, '\n');
	plain->need_blank = false;
}

int
plain_push(struct plain *plain, const char *first, const char *rest)
{
	if (plain->depth == PLAIN_DEPTH_MAX)
		return -1;
	blank_if_due(plain);
	if (!plain->pending) {
		buf_clear(&plain->first);
		buf_add(&plain->first, buf_span(&plain->rest));
		plain->pending = true;
	}
	buf_text(&plain->first, first);
	plain->saved[plain->depth++] = plain->rest.len;
	buf_text(&plain->rest, rest);
	return 0;
}

/* The prefix of the line that begins now. */
static struct span
take_prefix(struct plain *plain)
{
	struct span prefix =
	    buf_span(plain->pending ? &plain->first : &plain->rest);

	plain->pending = false;
	return prefix;
}

void
plain_pop(struct plain *plain)
{
	if (plain->pending) {
		plain_begin(plain);
		plain_end(plain);
	}
	plain->rest.len = plain->saved[--plain->depth];
}

void
plain_begin(struct plain *plain)
{
	blank_if_due(plain);
	raw_char(plain, PREFIX);
	raw(plain, buf_span(&plain->rest));
	raw_char(plain, PREFIX_2);
	raw(plain, take_prefix(plain));
	raw_char(plain, TEXT);
}

void
plain_add(struct plain *plain, struct span tokens)
{
	merge_text_add(
	    &plain->text, plain->set, tokens, MERGE_PLAIN, MERGE_PLAIN);
}

void
plain_end(struct plain *plain)
{
	raw_char(plain, '\n');
	plain->need_blank = true;
}

void
plain_underline(struct plain *plain, char c)
{
	raw_char(plain, UNDERLINE);
	raw_char(plain, c);
	raw_char(plain, '\n');
	plain->need_blank = true;
}

void
plain_verbatim(struct plain *plain, struct span lines, const char *indent)
{
	blank_if_due(plain);
	while (lines.len > 0) {
		struct span line = span_cut(&lines, '\n');
		raw_char(plain, VERBATIM);
		raw(plain, take_prefix(plain));
		raw(plain, span_of(indent));
		plain_add(plain, line);
		raw_char(plain, '\n');
	}
	plain->need_blank = true;
}

/* ---- Wrapping ---------------------------------------------------------- */

struct wrap {
	struct buf *out;
	struct span rest; /* prefix of continuation lines */
	int rest_cells;
	size_t paragraph; /* where it begins in out */
};

/* A character that must not begin a line (JIS X 4051, the common part). */
static bool
is_closing(uint32_t cp)
{
	static const uint32_t closing[] = {'!', ')', ',', '.', ':', ';', '?',
	    ']', '}', 0x2019, 0x201d, 0x2025, 0x2026, 0x3001, 0x3002, 0x3005,
	    0x3009, 0x300b, 0x300d, 0x300f, 0x3011, 0x3015, 0x301c, 0x301f,
	    0x3041, 0x3043, 0x3045, 0x3047, 0x3049, 0x3063, 0x3083, 0x3085,
	    0x3087, 0x308e, 0x309b, 0x309c, 0x309d, 0x309e, 0x30a1, 0x30a3,
	    0x30a5, 0x30a7, 0x30a9, 0x30c3, 0x30e3, 0x30e5, 0x30e7, 0x30ee,
	    0x30f5, 0x30f6, 0x30fb, 0x30fc, 0x30fd, 0x30fe, 0xff01, 0xff05,
	    0xff09, 0xff0c, 0xff0e, 0xff1a, 0xff1b, 0xff1f, 0xff3d, 0xff5d,
	    0xff5e, 0xff60, 0xff61, 0xff63, 0xff64};

	for (size_t i = 0; i < sizeof closing / sizeof *closing; i++) {
		if (closing[i] == cp)
			return true;
	}
	return false;
}

/* A character that must not end a line. */
static bool
is_opening(uint32_t cp)
{
	static const uint32_t opening[] = {'(', '[', '{', 0x2018, 0x201c,
	    0x3008, 0x300a, 0x300c, 0x300e, 0x3010, 0x3014, 0x301d, 0xff04,
	    0xff08, 0xff3b, 0xff5b, 0xff5f, 0xff62, 0xffe5};

	for (size_t i = 0; i < sizeof opening / sizeof *opening; i++) {
		if (opening[i] == cp)
			return true;
	}
	return false;
}

/* Where the line may be broken between two characters: at a space, and beside
 * an ideograph unless a rule forbids it. */
static bool
may_break(uint32_t left, int left_cells, uint32_t right, int right_cells)
{
	if (right == ' ')
		return false;
	if (left == ' ')
		return true;
	if (left_cells != 2 && right_cells != 2)
		return false;
	return !is_closing(right) && !is_opening(left);
}

static struct span
trim_right(struct span s)
{
	while (
	    s.len > 0 && (s.ptr[s.len - 1] == ' ' || s.ptr[s.len - 1] == '\t'))
		s.len--;
	return s;
}

/* Finds the end of the line that begins text: its octets; *next is where the
 * following line starts. */
static size_t
line_end(struct span text, int room, size_t octets, size_t *next)
{
	struct span rest = text;
	uint32_t cp, left = 0;
	int cells = 0, left_cells = 0;
	size_t best = 0;
	bool begun = false;

	/* no character takes more cells than octets */
	if (room > 0 && text.len <= (size_t)room) {
		*next = text.len;
		return text.len;
	}
	for (;;) {
		size_t at = text.len - rest.len;
		if (utf8_next(&rest, &cp) == UTF8_END)
			break;
		int width = cp < 0x7f ? 1 : utf8_cp_width(cp);
		if (begun && may_break(left, left_cells, cp, width))
			best = at;
		if ((cells + width > room && cp != ' ' && best > 0) ||
		    text.len - rest.len > octets) {
			*next = best > 0 ? best : at;
			return *next;
		}
		cells += width;
		if (width > 0) {
			left = cp;
			left_cells = width;
		}
		begun = begun || cp != ' ';
	}
	*next = text.len;
	return text.len;
}

/* Wraps one hard line behind its prefix. */
static void
wrap_line(struct wrap *wrap, struct span prefix, struct span text)
{
	int cells = utf8_width(prefix);

	do {
		size_t next, from = wrap->out->len;
		size_t end = line_end(text, PLAIN_COLUMNS - cells,
		    PLAIN_OCTETS_MAX - prefix.len, &next);
		struct span line = trim_right(span_slice(text, 0, end));
		buf_add(wrap->out, prefix);
		buf_add(wrap->out, line);
		wrap->out->len =
		    from + trim_right(span_slice(buf_span(wrap->out), from,
					  wrap->out->len))
			       .len;
		buf_char(wrap->out, '\n');
		text = span_slice(text, next, text.len);
		prefix = wrap->rest;
		cells = wrap->rest_cells;
	} while (text.len > 0);
}

static void
underline(struct wrap *wrap, char c)
{
	struct span lines =
	    span_slice(buf_span(wrap->out), wrap->paragraph, wrap->out->len);
	int cells = 0;

	while (lines.len > 0) {
		int width = utf8_width(span_cut(&lines, '\n'));
		cells = width > cells ? width : cells;
	}
	if (cells > PLAIN_COLUMNS)
		cells = PLAIN_COLUMNS;
	cells -= wrap->rest_cells;
	buf_add(wrap->out, wrap->rest);
	for (int i = 0; i < cells; i++)
		buf_char(wrap->out, c);
	buf_char(wrap->out, '\n');
}

/* Octets of the paragraph (or verbatim line) that begins text: up to the next
 * line with a sign of its own, but for the underline. */
static size_t
unit_len(struct span text)
{
	size_t at = 0;

	do {
		struct span rest = span_slice(text, at, text.len);
		at += span_index(rest, '\n') + 1;
	} while (at < text.len && *text.ptr != VERBATIM &&
		 text.ptr[at] != VERBATIM && text.ptr[at] != PREFIX);
	return at < text.len ? at : text.len;
}

void
plain_settle(struct plain *plain)
{
	struct merge_text settled = MERGE_TEXT_INIT;
	struct span rest = buf_span(&plain->text.literal);
	struct buf lines = BUF_INIT;
	size_t at = 0;

	while (rest.len > 0) {
		size_t len = unit_len(rest);
		if (*rest.ptr == VERBATIM ||
		    merge_text_has_mark(&plain->text, at, at + len)) {
			merge_text_move(&settled, &plain->text, at, at + len);
		} else {
			buf_clear(&lines);
			plain_wrap(span_slice(rest, 0, len), &lines);
			struct span left = buf_span(&lines);
			while (left.len > 0) {
				struct span line = span_cut(&left, '\n');
				merge_text_raw(&settled, SPAN("\001"));
				merge_text_raw(&settled, line);
				merge_text_raw(&settled, SPAN("\n"));
			}
		}
		at += len;
		rest = span_slice(rest, len, rest.len);
	}
	merge_text_done(&plain->text);
	plain->text = settled;
	buf_done(&lines);
}

void
plain_wrap(struct span filled, struct buf *out)
{
	struct wrap wrap = {.out = out};
	struct span none = {"", 0};

	while (filled.len > 0) {
		struct span line = span_cut(&filled, '\n');
		if (line.len == 0) {
			wrap_line(&wrap, wrap.rest, none);
		} else if (*line.ptr == VERBATIM) {
			buf_add(out, trim_right(span_slice(line, 1, line.len)));
			buf_char(out, '\n');
		} else if (*line.ptr == UNDERLINE && line.len == 2) {
			underline(&wrap, line.ptr[1]);
		} else if (*line.ptr == PREFIX) {
			line = span_slice(line, 1, line.len);
			wrap.rest = span_cut(&line, PREFIX_2);
			wrap.rest_cells = utf8_width(wrap.rest);
			wrap.paragraph = out->len;
			struct span first = span_cut(&line, TEXT);
			wrap_line(&wrap, first, line);
		} else {
			wrap_line(&wrap, wrap.rest, line);
		}
	}
}
