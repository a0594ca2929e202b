/* A line of input.  The text is kept as octets with the cursor at a character
 * boundary; secrets are kept in a buffer that never grows (so that no old copy
 * stays behind) and is wiped. */
#include "tui/widgets/line.h"

#include <stdlib.h>

#include "core/base/mem.h"
#include "core/base/utf8.h"
#include "tui/text/gate.h"

struct line {
	enum line_kind kind;
	enum line_paste paste;
	size_t max;
	struct buf text;
	size_t at;     /* cursor, octets */
	size_t scroll; /* first octet shown */
};

struct line *
line_new(enum line_kind kind, size_t max)
{
	struct line *line = mem_new(sizeof *line);

	if (max < 1 || max > LINE_MAX)
		max = LINE_MAX;
	line->kind = kind;
	line->max = max;
	buf_reserve(&line->text, max + UTF8_MAX);
	return line;
}

void
line_free(struct line **line)
{
	if (!*line)
		return;
	buf_wipe(&(*line)->text);
	free(*line);
	*line = NULL;
}

struct span
line_span(const struct line *line)
{
	return buf_span(&line->text);
}

struct secret *
line_secret(const struct line *line)
{
	return secret_of(line->text.ptr, line->text.len);
}

/* Replaces the octets from..to by s, as far as the limit allows. */
static bool
splice(struct line *line, size_t from, size_t to, struct span s)
{
	struct buf *text = &line->text;
	size_t tail = text->len - to;

	if (text->len - (to - from) + s.len > line->max)
		return false;
	memmove(text->ptr + from + s.len, text->ptr + to, tail);
	if (s.len > 0)
		memcpy(text->ptr + from, s.ptr, s.len);
	if (from + s.len + tail < text->len)
		explicit_bzero(text->ptr + from + s.len + tail,
		    text->len - (from + s.len + tail));
	text->len = from + s.len + tail;
	text->ptr[text->len] = '\0';
	line->at = from + s.len;
	return true;
}

/* Control characters of a paste become blanks; the rest is taken as it is. */
static void
insert(struct line *line, struct span s)
{
	enum utf8_got got;
	char bytes[UTF8_MAX];
	uint32_t cp;

	while ((got = utf8_next(&s, &cp))) {
		if (cp < 0x20 || (cp >= 0x7f && cp < 0xa0))
			cp = ' ';
		if (line->kind == LINE_NUMBER && (cp < '0' || cp > '9'))
			continue;
		if (!splice(line, line->at, line->at,
			span_make(bytes, utf8_encode(cp, bytes))))
			break;
	}
	explicit_bzero(bytes, sizeof bytes);
}

void
line_set(struct line *line, struct span text)
{
	splice(line, 0, line->text.len, SPAN(""));
	insert(line, text);
	line->scroll = 0;
}

void
line_set_paste(struct line *line, enum line_paste paste)
{
	line->paste = paste;
}

static size_t
next_at(const struct line *line)
{
	struct span rest =
	    span_slice(line_span(line), line->at, line->text.len);

	return line->at + utf8_cluster(&rest, NULL).len;
}

static size_t
previous_at(const struct line *line)
{
	struct span before = span_slice(line_span(line), 0, line->at);
	uint32_t cp = 0;

	while (utf8_last(&before, &cp) && utf8_is_mark(cp))
		continue;
	return before.len;
}

static size_t
word_at(const struct line *line)
{
	size_t at = line->at;

	while (at > 0 && line->text.ptr[at - 1] == ' ')
		at--;
	while (at > 0 && line->text.ptr[at - 1] != ' ')
		at--;
	return at;
}

static enum used
control_key(struct line *line, uint32_t cp)
{
	size_t end = line->text.len;

	switch (cp) {
	case K_CTRL('A'):
		line->at = 0;
		return USED;
	case K_CTRL('E'):
		line->at = end;
		return USED;
	case K_CTRL('K'):
		splice(line, line->at, end, SPAN(""));
		return USED;
	case K_CTRL('U'):
		splice(line, 0, line->at, SPAN(""));
		return USED;
	case K_CTRL('W'):
		splice(line, word_at(line), line->at, SPAN(""));
		return USED;
	default:
		return UNUSED;
	}
}

static enum used
special_key(struct line *line, enum key_code code)
{
	switch ((int)code) {
	case K_LEFT:
		line->at = previous_at(line);
		return USED;
	case K_RIGHT:
		line->at = next_at(line);
		return USED;
	case K_HOME:
		line->at = 0;
		return USED;
	case K_END:
		line->at = line->text.len;
		return USED;
	case K_BACKSPACE:
		splice(line, previous_at(line), line->at, SPAN(""));
		return USED;
	case K_DELETE:
		splice(line, line->at, next_at(line), SPAN(""));
		return USED;
	default:
		return UNUSED;
	}
}

enum used
line_key(struct line *line, const struct key *key)
{
	char bytes[UTF8_MAX];

	if (key->code == K_PASTE) {
		if (line->paste == LINE_PASTE_TAKE)
			insert(line, key->paste);
		return line->paste == LINE_PASTE_TAKE ? USED : UNUSED;
	}
	if (key_is_text(key)) {
		insert(line, span_make(bytes, utf8_encode(key->cp, bytes)));
		explicit_bzero(bytes, sizeof bytes);
		return USED;
	}
	if (key->alt)
		return UNUSED;
	if (key->code == K_CHAR)
		return control_key(line, key->cp);
	return special_key(line, key->code);
}

/* Moves the first octet shown so that the cursor is inside cols cells. */
static void
scroll_to(struct line *line, int cols)
{
	struct span shown;

	if (line->scroll > line->at)
		line->scroll = line->at;
	for (;;) {
		shown = span_slice(line_span(line), line->scroll, line->at);
		if (ui_width(shown) < cols || shown.len == 0)
			return;
		line->scroll += utf8_cluster(&shown, NULL).len;
	}
}

void
line_draw(struct line *line, struct area a, int row, int col, int cols,
    enum focus focus)
{
	enum role role = focus == FOCUS_ON ? ROLE_FIELD_FOCUS : ROLE_FIELD;
	struct area cell = area_rows(area_cols(a, col, cols), row, 1);
	struct span before;

	draw_blank(cell, 0, 0, cols, role);
	if (line->kind == LINE_SECRET) {
		if (focus == FOCUS_ON)
			draw_caret(cell, 0, 0);
		return;
	}
	if (focus == FOCUS_OFF) {
		draw_text(cell, 0, 0, role, line_span(line));
		return;
	}
	scroll_to(line, cols);
	before = span_slice(line_span(line), line->scroll, line->at);
	draw_text(cell, 0, 0, role,
	    span_slice(line_span(line), line->scroll, line->text.len));
	if (line->kind == LINE_NUMBER)
		draw_cursor(cell, 0, ui_width(before));
	else
		draw_caret(cell, 0, ui_width(before));
}
