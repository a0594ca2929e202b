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

/* True when no continuation octet of UTF-8 stands at an offset. */
static bool
is_start(struct span text, size_t at)
{
	return ((unsigned char)text.ptr[at] & 0xc0) != 0x80;
}

static struct span
trim_right(struct span s)
{
	while (
	    s.len > 0 && (s.ptr[s.len - 1] == ' ' || s.ptr[s.len - 1] == '\t'))
		s.len--;
	return s;
}

/* Takes a character off *rest; false at the end.  What mail mostly holds is
 * told apart here, the rest by the tables of base. */
static bool
take(struct span *rest, uint32_t *cp, int *cells)
{
	const unsigned char *at = (const unsigned char *)rest->ptr;

	if (rest->len > 0 && at[0] >= 0x20 && at[0] < 0x7f) {
		*cp = at[0];
		*cells = 1;
		*rest = (struct span){rest->ptr + 1, rest->len - 1};
		return true;
	}
	if (utf8_next(rest, cp) == UTF8_END)
		return false;
	*cells = *cp >= 0x4e00 && *cp <= 0x9fff ? 2 : utf8_cp_width(*cp);
	return true;
}

/* Whether the line may be broken at an offset: at a space, and beside an
 * ideograph unless a rule forbids it; never inside a cluster, and not where
 * only blanks would stay on the line. */
static bool
may_break(struct span text, size_t at)
{
	struct span before = span_slice(text, 0, at);
	struct span after = span_slice(text, at, text.len);
	uint32_t left = 0, right = 0;
	int cells = 0;

	take(&after, &right, &cells);
	if (right == ' ' || cells == 0 || trim_right(before).len == 0)
		return false;
	do {
		utf8_last(&before, &left);
		if (left == 0x200d)
			return false;
	} while (utf8_is_mark(left) && before.len > 0);
	if (left == ' ')
		return true;
	if (cells != 2 && utf8_cp_width(left) != 2)
		return false;
	return !is_closing(right) && !is_opening(left);
}

/* Offset of the character that no longer fits, or text.len. */
static size_t
overflow(struct span text, int room)
{
	struct span rest = text;
	int used = 0, cells;
	uint32_t cp;

	for (;;) {
		size_t at = text.len - rest.len;
		if (!take(&rest, &cp, &cells))
			return text.len;
		used += cells;
		if (used > room && cp != ' ')
			return at;
	}
}

/* Where the line that begins text ends and the next one starts: before the
 * overflow when there is a place, else at the first one behind it. */
static size_t
line_end(struct span text, int room, size_t octets)
{
	/* no character takes more cells than octets */
	if (room > 0 && text.len <= (size_t)room)
		return text.len;

	size_t over = overflow(text, room);
	if (over == text.len && text.len <= octets)
		return text.len;
	if (over > octets)
		over = octets;
	for (size_t at = over; at > 0; at--) {
		if (is_start(text, at) && may_break(text, at))
			return at;
	}
	size_t last = over;
	for (size_t at = over; at < text.len && at <= octets; at++) {
		if (!is_start(text, at))
			continue;
		if (at > over && may_break(text, at))
			return at;
		last = at > 0 ? at : last;
	}
	return text.len <= octets ? text.len : last;
}

/* Wraps one hard line behind its prefix. */
static void
wrap_line(struct wrap *wrap, struct span prefix, struct span text)
{
	int cells = utf8_width(prefix);

	do {
		size_t from = wrap->out->len;
		size_t end = line_end(
		    text, PLAIN_COLUMNS - cells, PLAIN_OCTETS_MAX - prefix.len);
		buf_add(wrap->out, prefix);
		buf_add(wrap->out, span_slice(text, 0, end));
		wrap->out->len =
		    from + trim_right(span_slice(buf_span(wrap->out), from,
					  wrap->out->len))
			       .len;
		buf_char(wrap->out, '\n');
		text = span_slice(text, end, text.len);
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
