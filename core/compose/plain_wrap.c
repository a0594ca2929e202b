/* Wraps a filled part: what a line may hold, where it may be broken, and what
 * the signs between paragraphs ask for.  Runs for every message. */
#include "core/compose/plain_wrap.h"

#include "core/base/utf8.h"

/* 様: at the start of a line it looks as if the name were missing. */
enum { HONORIFIC = 0x69d8 };

/* Characters that must not begin (c, closing) or end (o, opening) a line: JIS X
 * 4051, the common part, 64 characters a row. */
static const char signs_0000[] =
    ".................................c......oc..c.c...........cc...c"
    "...........................o.c.............................o.c..";
static const char signs_2000[] =
    "........................oc..oc.......cc.........................";
static const char signs_3000[] =
    ".cc..c..ocococococ..oc......co.c................................"
    ".c.c.c.c.c.........................c............................"
    "...c.c.c......c............cccc..c.c.c.c.c......................"
    "...c...............................c.c.c......c......cc....cccc.";
static const char signs_ff00[] =
    ".c..oc..oc..c.c...........cc...c...........................o.c.."
    "...........................o.ccoccocc..........................."
    "................................................................"
    ".....................................o..........................";

static char
sign_of(uint32_t cp)
{
	if (cp >= 0x3000 && cp < 0x3100)
		return signs_3000[cp - 0x3000];
	if (cp >= 0xff00 && cp < 0x10000)
		return signs_ff00[cp - 0xff00];
	if (cp >= 0x2000 && cp < 0x2040)
		return signs_2000[cp - 0x2000];
	if (cp == HONORIFIC)
		return 'c';
	return cp < 0x80 ? signs_0000[cp] : '.';
}

/* One character as breaking sees it. */
struct glyph {
	uint32_t cp;
	int cells;
	char sign;
};

static struct span
trim_right(struct span s)
{
	while (
	    s.len > 0 && (s.ptr[s.len - 1] == ' ' || s.ptr[s.len - 1] == '\t'))
		s.len--;
	return s;
}

/* True for three octets that are one character, of which none is unusual. */
static bool
is_three(const unsigned char *at)
{
	return at[0] > 0xe0 && at[0] < 0xf0 && at[0] != 0xed &&
	       (at[1] & 0xc0) == 0x80 && (at[2] & 0xc0) == 0x80;
}

static uint32_t
three(const unsigned char *at)
{
	return (at[0] & 15u) << 12 | (at[1] & 63u) << 6 | (at[2] & 63u);
}

/* Nearly every character of Japanese text that is no sign. */
static bool
is_ideograph(uint32_t cp)
{
	return (cp >= 0x4e00 && cp <= 0x9fff) ||
	       (cp >= 0x3041 && cp <= 0x3096) || (cp >= 0x30a1 && cp <= 0x30fa);
}

/* Takes a character off *rest; false at the end.  What mail mostly holds is
 * told apart here, the rest by the tables of base. */
static inline bool
take(struct span *rest, struct glyph *out)
{
	const unsigned char *at = (const unsigned char *)rest->ptr;

	if (rest->len > 0 && at[0] >= 0x20 && at[0] < 0x7f) {
		*out = (struct glyph){at[0], 1, signs_0000[at[0]]};
		*rest = (struct span){rest->ptr + 1, rest->len - 1};
		return true;
	}
	if (rest->len >= 3 && is_three(at)) {
		out->cp =
		    (at[0] & 15u) << 12 | (at[1] & 63u) << 6 | (at[2] & 63u);
		*rest = (struct span){rest->ptr + 3, rest->len - 3};
	} else if (utf8_next(rest, &out->cp) == UTF8_END) {
		return false;
	}
	out->cells = is_ideograph(out->cp) ? 2 : utf8_cp_width(out->cp);
	out->sign = sign_of(out->cp);
	return true;
}

/* What stands before a place on the line. */
struct before {
	bool any;   /* something that is no blank */
	bool joins; /* the next one belongs to its cluster */
	/* of the last character, marks apart */
	bool space, wide, opens;
};

/* Whether the line may be broken before a character: at a space, and beside an
 * ideograph unless a rule forbids it; never inside a cluster, and not where
 * only blanks would stay on the line. */
static bool
may_break(const struct before *before, const struct glyph *next)
{
	if (next->cp == ' ' || next->cells == 0 || !before->any ||
	    before->joins)
		return false;
	if (before->space)
		return next->cp != HONORIFIC;
	if (next->cells != 2 && !before->wide)
		return false;
	return next->sign != 'c' && !before->opens;
}

static void
step(struct before *before, const struct glyph *glyph, bool first)
{
	bool mark = glyph->cells == 0 && utf8_is_mark(glyph->cp);

	before->joins = glyph->cp == 0x200d || (mark && before->joins);
	before->any = before->any || (glyph->cp != ' ' && glyph->cp != '\t');
	if (mark && !first)
		return;
	before->space = glyph->cp == ' ';
	before->wide = glyph->cells == 2;
	before->opens = glyph->sign == 'o';
}

/* A walk along the line that begins text. */
struct walk {
	struct span rest; /* what is to come */
	struct span text;
	struct before before;
	int used, room;    /* cells */
	size_t best, last; /* places: where to break; of the last character */
};

static size_t
place(const struct walk *walk)
{
	return walk->text.len - walk->rest.len;
}

/* Passes over the letters behind a letter: there is no place among them. */
static void
pass_word(struct walk *walk)
{
	size_t len = 0, room = (size_t)(walk->room - walk->used);
	const char *at = walk->rest.ptr;

	if (room > walk->rest.len)
		room = walk->rest.len;
	while (len < room && at[len] > ' ' && at[len] < 0x7f)
		len++;
	if (len == 0)
		return;
	walk->rest = span_slice(walk->rest, len, walk->rest.len);
	walk->used += (int)len;
	walk->last += len;
	walk->before.opens = signs_0000[(int)at[len - 1]] == 'o';
}

/* Passes over the ideographs behind one: each is a place, but for signs. */
static void
pass_ideographs(struct walk *walk)
{
	const unsigned char *at = (const unsigned char *)walk->rest.ptr;
	size_t len = 0, from = place(walk);
	uint32_t cp;

	while (walk->rest.len - len >= 3 && walk->used + 2 <= walk->room &&
	       is_three(at + len)) {
		cp = three(at + len);
		if (!is_ideograph(cp))
			break;
		walk->last = from + len;
		if (sign_of(cp) != 'c')
			walk->best = walk->last;
		walk->used += 2;
		len += 3;
	}
	walk->rest = span_slice(walk->rest, len, walk->rest.len);
}

/* Where the line that begins text ends and the next one starts: at the last
 * place before it gets too wide, else at the first one behind that, in any case
 * within octets, of which there are more than cells. */
static size_t
line_end(struct span text, int room, size_t octets)
{
	struct walk walk = {.rest = text, .text = text, .room = room};
	struct glyph next = {0};
	bool over = false;
	size_t at = 0;

	/* no character takes more cells than octets */
	if (room > 0 && text.len <= (size_t)room)
		return text.len;
	while (take(&walk.rest, &next) && at <= octets) {
		if (at > 0 && may_break(&walk.before, &next)) {
			if (over)
				return at;
			walk.best = at;
		}
		walk.used += next.cells;
		if (!over && walk.used > room && next.cp != ' ') {
			if (walk.best > 0)
				return walk.best;
			over = true;
		}
		walk.last = at;
		step(&walk.before, &next, at == 0);
		if (walk.used < room && next.cp > ' ' && next.cp < 0x7f)
			pass_word(&walk);
		else if (walk.used < room && is_ideograph(next.cp))
			pass_ideographs(&walk);
		at = place(&walk);
	}
	if (text.len <= octets)
		return text.len;
	return walk.best > 0 ? walk.best : walk.last;
}

void
plain_wrap_line(struct wrap *wrap, struct span prefix, struct span text)
{
	int cells = utf8_width(prefix);

	do {
		size_t end = line_end(
		    text, PLAIN_COLUMNS - cells, PLAIN_OCTETS_MAX - prefix.len);
		struct span line = trim_right(span_slice(text, 0, end));

		buf_add(wrap->out, line.len > 0 ? prefix : trim_right(prefix));
		buf_add(wrap->out, line);
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

/* ---- Between paragraphs ------------------------------------------------ */

/* An empty line is due, which waits for a block to follow: which blocks there
 * are is known only now.  Of several the one of the outermost container is
 * meant. */
static void
gap(struct wrap *wrap, struct span rest)
{
	if (wrap->out->len == wrap->begin)
		return;
	if (!wrap->gap || rest.len < wrap->gap_rest.len)
		wrap->gap_rest = rest;
	wrap->gap = true;
}

static void
write_gap(struct wrap *wrap)
{
	if (!wrap->gap)
		return;
	buf_add(wrap->out, trim_right(wrap->gap_rest));
	buf_char(wrap->out, '\n');
	wrap->gap = false;
}

/* "depth letter, number": a list begins. */
static void
set_counter(struct wrap *wrap, struct span line)
{
	size_t depth = line.len > 0 ? (size_t)(*line.ptr - 'a') : 0;
	int64_t start = 0;

	if (depth <= PLAIN_DEPTH_MAX &&
	    span_int(span_slice(line, 1, line.len), &start)) {
		wrap->number[depth] = (int)start;
		wrap->counts = true;
	}
}

/* The prefix with the numbers that are known now: each stands as NUMBER and the
 * letter of its list, at least two digits wide. */
static struct span
number_prefix(struct wrap *wrap, struct span prefix)
{
	buf_clear(&wrap->prefix);
	while (prefix.len > 0) {
		size_t at = span_index(prefix, PLAIN_NUMBER);
		size_t depth = at + 1 < prefix.len
				   ? (size_t)(prefix.ptr[at + 1] - 'a')
				   : PLAIN_DEPTH_MAX + 1;

		buf_add(&wrap->prefix, span_slice(prefix, 0, at));
		if (depth <= PLAIN_DEPTH_MAX)
			buf_printf(&wrap->prefix, "%2d", wrap->number[depth]++);
		prefix = span_slice(prefix, at + 2, prefix.len);
	}
	return buf_span(&wrap->prefix);
}

/* Cuts the prefixes of a paragraph or table off *line; gives the first one. */
static struct span
cut_prefixes(struct wrap *wrap, struct span *line)
{
	struct span first;

	*line = span_slice(*line, 1, line->len);
	wrap->rest = span_cut(line, PLAIN_PREFIX_2);
	wrap->rest_cells = utf8_width(wrap->rest);
	wrap->paragraph = wrap->out->len;
	first = span_cut(line, PLAIN_TEXT);
	return wrap->counts ? number_prefix(wrap, first) : first;
}

static void
wrap_verbatim(struct wrap *wrap, struct span line)
{
	line = span_slice(line, 1, line.len);
	if (wrap->counts)
		line = number_prefix(wrap, line);
	buf_add(wrap->out, trim_right(line));
	buf_char(wrap->out, '\n');
}

/* Takes the next line off *rest; a table counts as one. */
static struct span
take_line(struct span *rest)
{
	struct span line;

	if (*rest->ptr != PLAIN_TABLE)
		return span_cut(rest, '\n');
	line = span_cut(rest, PLAIN_TABLE_END);
	span_cut(rest, '\n');
	return line;
}

static void
wrap_one(struct wrap *wrap, struct span line)
{
	struct span first;

	char sign = line.len > 0 ? *line.ptr : '\0';

	if (sign == PLAIN_GAP) {
		gap(wrap, span_slice(line, 1, line.len));
		return;
	}
	if (sign == PLAIN_COUNTER) {
		set_counter(wrap, span_slice(line, 1, line.len));
		return;
	}
	write_gap(wrap);
	switch (sign) {
	case PLAIN_VERBATIM:
		wrap_verbatim(wrap, line);
		break;
	case PLAIN_UNDERLINE:
		underline(wrap, line.len > 1 ? line.ptr[1] : '-');
		break;
	case PLAIN_PREFIX:
		first = cut_prefixes(wrap, &line);
		plain_wrap_line(wrap, first, line);
		break;
	case PLAIN_TABLE:
		first = cut_prefixes(wrap, &line);
		plain_lay_table(wrap, first, line);
		break;
	default:
		plain_wrap_line(wrap, wrap->rest, line);
	}
}

void
plain_wrap(struct span filled, struct buf *out)
{
	struct wrap wrap = {.out = out, .begin = out->len};

	while (filled.len > 0)
		wrap_one(&wrap, take_line(&filled));
	buf_done(&wrap.prefix);
}
