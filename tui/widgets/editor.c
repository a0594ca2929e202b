/* The editor: text, cursor, keys, drawing. */
#include <stdlib.h>

#include "core/base/mem.h"
#include "core/base/utf8.h"
#include "core/base/words.h"
#include "tui/text/gate.h"
#include "tui/widgets/editor_impl.h"

enum { COLS_UNKNOWN = 80 };

struct editor *
editor_new(void)
{
	struct editor *editor = mem_new(sizeof *editor);

	editor->cols = COLS_UNKNOWN;
	editor->rows = 1;
	editor->goal = GOAL_NONE;
	editor->mark = NO_MARK;
	buf_reserve(&editor->edit.text, 1);
	return editor;
}

void
editor_free(struct editor **editor)
{
	if (!*editor)
		return;
	edit_done(&(*editor)->edit);
	buf_wipe(&(*editor)->cut);
	buf_wipe(&(*editor)->needle);
	free((*editor)->memo.start);
	free(*editor);
	*editor = NULL;
}

struct span
editor_whole(const struct editor *editor)
{
	return buf_span(&editor->edit.text);
}

/* Foreign text as the editor keeps it: LF ends, blanks for tabs, no controls,
 * good UTF-8, kana composed. */
static void
clean(struct span text, struct buf *out)
{
	struct buf good = BUF_INIT;
	uint32_t cp;

	while (utf8_next(&text, &cp)) {
		if (cp == '\r') {
			if (text.len == 0 || text.ptr[0] != '\n')
				buf_char(&good, '\n');
		} else if (cp == '\t') {
			buf_text(&good, "    ");
		} else if (cp == '\n' ||
			   (cp >= 0x20 && !(cp >= 0x7f && cp < 0xa0))) {
			buf_utf8(&good, cp);
		} else {
			buf_utf8(&good, UTF8_REPLACEMENT);
		}
	}
	kana_compose_text(buf_span(&good), out);
	buf_wipe(&good);
}

bool
editor_replace(struct editor *editor, size_t from, size_t to, struct span s,
    enum edit_join join)
{
	if (editor->edit.text.len - (to - from) + s.len > EDITOR_MAX)
		return false;
	edit_replace(&editor->edit, from, to, s, join);
	editor->at = from + s.len;
	editor->goal = GOAL_NONE;
	editor->mark = NO_MARK;
	return true;
}

bool
editor_set(struct editor *editor, struct span text)
{
	struct buf cleaned = BUF_INIT;
	size_t at = editor->at;
	bool fits;

	clean(text, &cleaned);
	fits = editor_replace(
	    editor, 0, editor->edit.text.len, buf_span(&cleaned), EDIT_ALONE);
	if (fits) {
		at = at < cleaned.len ? at : cleaned.len;
		while (at > 0 && ((unsigned char)editor->edit.text.ptr[at] &
				     0xc0) == 0x80)
			at--;
		editor->at = at;
		editor->top = 0;
	}
	buf_done(&cleaned);
	return fits;
}

bool
editor_load(struct editor *editor, struct span text)
{
	if (!editor_set(editor, text))
		return false;
	edit_forget(&editor->edit);
	editor->at = editor->top = 0;
	editor_set_saved(editor);
	return true;
}

void
editor_text(const struct editor *editor, struct buf *out)
{
	buf_add(out, editor_whole(editor));
}

struct span
editor_span(const struct editor *editor)
{
	return editor_whole(editor);
}

uint64_t
editor_revision(const struct editor *editor)
{
	return editor->edit.revision;
}

bool
editor_is_changed(const struct editor *editor)
{
	return editor->edit.revision != editor->saved;
}

void
editor_set_saved(struct editor *editor)
{
	editor->saved = editor->edit.revision;
}

/* ---- Cursor --------------------------------------------------------------- */

void
editor_place(const struct editor *editor, int *line, int *col)
{
	size_t start = line_start_of(editor, editor->at);
	struct span rest = span_slice(editor_whole(editor), start, editor->at);
	struct span above = span_slice(editor_whole(editor), 0, start);

	for (*line = 1; above.len > 0; ++*line)
		span_cut(&above, '\n');
	for (*col = 1; rest.len > 0; ++*col)
		grapheme_next(&rest);
}

void
editor_place_set(struct editor *editor, int line, int col)
{
	struct span rest;
	size_t at = 0, end;

	while (line-- > 1) {
		end = line_end_of(editor, at);
		if (end == editor_whole(editor).len)
			break;
		at = end + 1;
	}
	rest = span_slice(editor_whole(editor), at, line_end_of(editor, at));
	while (col-- > 1 && rest.len > 0)
		grapheme_next(&rest);
	editor_jump(editor, (size_t)(rest.ptr - editor_whole(editor).ptr));
	edit_break(&editor->edit);
}

size_t
editor_at(const struct editor *editor)
{
	return editor->at;
}

void
editor_at_set(struct editor *editor, size_t at)
{
	editor_jump(editor, at);
	edit_break(&editor->edit);
}

void
editor_jump(struct editor *editor, size_t at)
{
	editor->at = at;
	editor->goal = GOAL_NONE;
}

static void
move_rows(struct editor *editor, int count)
{
	struct row row = row_of(editor, editor->at);
	bool moved = true;

	if (editor->goal == GOAL_NONE)
		editor->goal = row_cells(editor, &row, editor->at);
	for (; count > 0 && moved; count--)
		moved = row_next(editor, &row);
	for (; count < 0 && moved; count++)
		moved = row_previous(editor, &row);
	if (!moved && row.to == row.line_end &&
	    row.line_end == editor_whole(editor).len && count >= 0)
		editor->at = row.line_end;
	else
		row_enter(editor, &row);
}

static size_t
next_at(const struct editor *editor)
{
	struct span rest = span_slice(
	    editor_whole(editor), editor->at, editor_whole(editor).len);

	return editor->at + grapheme_next(&rest).len;
}

static size_t
previous_at(const struct editor *editor)
{
	struct span before = span_slice(editor_whole(editor), 0, editor->at);

	grapheme_last(&before);
	return before.len;
}

/* Behind the blanks that follow the word at the cursor; a line end is a place
 * to stop at. */
static size_t
next_word(const struct editor *editor)
{
	struct span whole = editor_whole(editor), peek;
	struct span rest = span_slice(whole, editor->at, whole.len);
	enum word_class class = WORD_LINE;

	word_next(&rest, &class);
	for (peek = rest; class != WORD_LINE && peek.len > 0; rest = peek) {
		word_next(&peek, &class);
		if (class != WORD_BLANK)
			break;
	}
	return whole.len - rest.len;
}

/* The beginning of the word before the cursor. */
static size_t
previous_word(const struct editor *editor)
{
	struct span before = span_slice(editor_whole(editor), 0, editor->at);
	enum word_class class = WORD_BLANK;

	while (before.len > 0 && class == WORD_BLANK)
		word_last(&before, &class);
	return before.len;
}

void
editor_word(struct editor *editor, int count)
{
	editor_jump(
	    editor, count < 0 ? previous_word(editor) : next_word(editor));
	edit_break(&editor->edit);
}

/* ---- Editing -------------------------------------------------------------- */

/* From where to where something typed or pasted goes. */
static void
target(const struct editor *editor, size_t *from, size_t *to)
{
	if (!marked_range(editor, from, to))
		*from = *to = editor->at;
}

bool
editor_insert(struct editor *editor, struct span text)
{
	struct buf cleaned = BUF_INIT;
	size_t from, to;
	bool fits;

	clean(text, &cleaned);
	target(editor, &from, &to);
	fits = editor_replace(editor, from, to, buf_span(&cleaned), EDIT_ALONE);
	buf_done(&cleaned);
	return fits;
}

bool
editor_undo(struct editor *editor)
{
	editor->goal = GOAL_NONE;
	editor->mark = NO_MARK;
	return edit_undo(&editor->edit, &editor->at);
}

bool
editor_redo(struct editor *editor)
{
	editor->goal = GOAL_NONE;
	editor->mark = NO_MARK;
	return edit_redo(&editor->edit, &editor->at);
}

static void
kill_range(struct editor *editor, size_t from, size_t to)
{
	if (from == to)
		return;
	buf_clear(&editor->cut);
	buf_add(&editor->cut, span_slice(editor_whole(editor), from, to));
	editor->cut_lines = false;
	editor_replace(editor, from, to, SPAN(""), EDIT_ALONE);
}

void
editor_kill_word(struct editor *editor, int count)
{
	if (count < 0)
		kill_range(editor, previous_word(editor), editor->at);
	else
		kill_range(editor, editor->at, next_word(editor));
}

static void
erase(struct editor *editor, size_t from, size_t to, enum edit_join join)
{
	if (marked_range(editor, &from, &to))
		join = EDIT_ALONE;
	editor_replace(editor, from, to, SPAN(""), join);
}

/* Words are the steps of undo: a blank or a full stop ends one. */
static bool
ends_step(uint32_t cp)
{
	enum word_class class = word_class_of(cp);

	return class == WORD_LINE || class == WORD_BLANK || cp == 0x3001 ||
	       cp == 0x3002;
}

/* A dakuten that comes alone belongs to the kana before it. */
static size_t
composed(const struct editor *editor, uint32_t *cp)
{
	struct span before = span_slice(editor_whole(editor), 0, editor->at);
	uint32_t kana, both = 0;

	if (utf8_last(&before, &kana))
		both = kana_compose(kana, *cp);
	if (!both)
		return editor->at;
	*cp = both;
	return before.len;
}

static void
type(struct editor *editor, uint32_t cp)
{
	char bytes[UTF8_MAX];
	enum edit_join join = EDIT_TYPE;
	size_t from, to;

	target(editor, &from, &to);
	if (from == to) {
		from = composed(editor, &cp);
		if (from < to)
			join = EDIT_ALONE;
	}
	editor_replace(
	    editor, from, to, span_make(bytes, utf8_encode(cp, bytes)), join);
	if (ends_step(cp))
		edit_break(&editor->edit);
}

/* ---- Keys ----------------------------------------------------------------- */

static enum used
edit_key(struct editor *editor, uint32_t cp)
{
	size_t at = editor->at, end = line_end_of(editor, at);
	bool marked = editor_marked(editor).len > 0;

	switch (cp) {
	case K_CTRL('K'):
		if (at == end && end < editor_whole(editor).len)
			end++;
		kill_range(editor, at, end);
		return USED;
	case K_CTRL('U'):
		kill_range(editor, line_start_of(editor, at), at);
		return USED;
	case K_CTRL('W'):
		if (marked)
			editor_cut(editor);
		else
			editor_kill_word(editor, -1);
		return USED;
	case K_CTRL('X'):
		editor_cut(editor);
		return USED;
	case K_CTRL('C'):
		/* without marked text it stops something, as everywhere */
		return marked && editor_copy(editor) ? USED : UNUSED;
	case K_CTRL('Y'):
	case K_CTRL('V'):
		editor_paste(editor);
		return USED;
	case K_CTRL('_'):
		editor_undo(editor);
		return USED;
	default:
		return UNUSED;
	}
}

static enum used
control_key(struct editor *editor, uint32_t cp)
{
	switch (cp) {
	case K_CTRL('A'):
		editor_jump(editor, line_start_of(editor, editor->at));
		break;
	case K_CTRL('E'):
		editor_jump(editor, line_end_of(editor, editor->at));
		break;
	case K_CTRL('B'):
	case K_CTRL('@'):
		editor_mark(editor);
		break;
	default:
		return edit_key(editor, cp);
	}
	edit_break(&editor->edit);
	return USED;
}

static enum used
alt_key(struct editor *editor, const struct key *key)
{
	if (key->code == K_BACKSPACE) {
		editor_kill_word(editor, -1);
	} else if (key->code == K_UP || key->code == K_DOWN) {
		editor_move_lines(editor, key->code == K_UP ? -1 : 1);
	} else if (key->code == K_LEFT || key->code == K_RIGHT) {
		editor_word(editor, key->code == K_LEFT ? -1 : 1);
	} else if (key->code != K_CHAR) {
		return UNUSED;
	} else if (key->cp == 'e') {
		editor_redo(editor);
	} else if (key->cp == 'b' || key->cp == 'f') {
		editor_word(editor, key->cp == 'b' ? -1 : 1);
	} else if (key->cp == 'd') {
		editor_kill_word(editor, 1);
	} else if (key->cp == 'w') {
		editor_copy(editor);
	} else if (key->cp == '<' || key->cp == '>') {
		editor_jump(
		    editor, key->cp == '<' ? 0 : editor_whole(editor).len);
	} else {
		return UNUSED;
	}
	return USED;
}

/* The row's edge; there already: the line's. */
static void
go_home(struct editor *editor)
{
	struct row row = row_of(editor, editor->at);

	editor_jump(editor, editor->at == row.from ? row.line : row.from);
}

static void
go_end(struct editor *editor)
{
	struct row row = row_of(editor, editor->at);
	size_t last = row.to;

	if (row.to < row.line_end) {
		struct span before =
		    span_slice(editor_whole(editor), row.from, row.to);

		/* behind its last cluster is the next row's first */
		grapheme_last(&before);
		last = row.from + before.len;
	}
	editor_jump(editor, editor->at == last ? row.line_end : last);
}

static enum used
far_key(struct editor *editor, enum key_code code)
{
	switch ((int)code) {
	case K_LEFT:
		editor_jump(editor, previous_word(editor));
		return USED;
	case K_RIGHT:
		editor_jump(editor, next_word(editor));
		return USED;
	case K_HOME:
		editor_jump(editor, 0);
		return USED;
	case K_END:
		editor_jump(editor, editor_whole(editor).len);
		return USED;
	default:
		return UNUSED;
	}
}

static enum used
near_key(struct editor *editor, enum key_code code)
{
	int page = editor->rows > 1 ? editor->rows - 1 : 1;

	switch ((int)code) {
	case K_LEFT:
		editor_jump(editor, previous_at(editor));
		return USED;
	case K_RIGHT:
		editor_jump(editor, next_at(editor));
		return USED;
	case K_HOME:
		go_home(editor);
		return USED;
	case K_END:
		go_end(editor);
		return USED;
	case K_UP:
		move_rows(editor, -1);
		return USED;
	case K_DOWN:
		move_rows(editor, 1);
		return USED;
	case K_PAGE_UP:
		move_rows(editor, -page);
		return USED;
	case K_PAGE_DOWN:
		move_rows(editor, page);
		return USED;
	default:
		return UNUSED;
	}
}

static enum used
move_key(struct editor *editor, const struct key *key)
{
	size_t at = editor->at;
	enum used used = UNUSED;

	if (key->ctrl)
		used = far_key(editor, key->code);
	if (used == UNUSED)
		used = near_key(editor, key->code);
	if (used == UNUSED)
		return UNUSED;
	if (key->shift && editor->mark == NO_MARK) {
		editor->mark = (int64_t)at;
		editor->mark_held = false;
	} else if (!key->shift && !editor->mark_held) {
		editor->mark = NO_MARK;
	}
	edit_break(&editor->edit);
	return USED;
}

enum used
editor_key(struct editor *editor, const struct key *key)
{
	if (key->code == K_PASTE) {
		editor_insert(editor, key->paste);
		return USED;
	}
	if (key->alt)
		return alt_key(editor, key);
	if (key_is_text(key)) {
		type(editor, key->cp);
		return USED;
	}
	switch ((int)key->code) {
	case K_CHAR:
		return control_key(editor, key->cp);
	case K_ENTER:
		type(editor, '\n');
		return USED;
	case K_TAB:
		/* what nests a list; four would make it code */
		editor_insert(editor, SPAN("  "));
		return USED;
	case K_BACKSPACE:
		erase(editor, previous_at(editor), editor->at, EDIT_BACK);
		return USED;
	case K_DELETE:
		erase(editor, editor->at, next_at(editor), EDIT_FORWARD);
		return USED;
	default:
		return move_key(editor, key);
	}
}

/* ---- Drawing -------------------------------------------------------------- */

/* Moves the first row so that the cursor's row is among those shown. */
static void
scroll(struct editor *editor)
{
	struct row wanted = row_of(editor, editor->at), row;
	int distance = 0;

	if (editor->top > editor_whole(editor).len)
		editor->top = 0;
	row = row_of(editor, editor->top);
	editor->top = row.from;
	if (wanted.from <= editor->top) {
		editor->top = wanted.from;
		return;
	}
	row = wanted;
	while (row.from > editor->top && distance < editor->rows) {
		row_previous(editor, &row);
		distance++;
	}
	if (distance < editor->rows)
		return;
	row = wanted;
	for (distance = 1; distance < editor->rows; distance++)
		row_previous(editor, &row);
	editor->top = row.from;
}

static void
draw_row(const struct editor *editor, struct area a, int at_row,
    const struct row *row, const uint8_t *roles)
{
	size_t from = row->from, to;
	int col = 0;

	while (from < row->to) {
		for (to = from + 1;
		    to < row->to &&
		    roles[to - row->line] == roles[from - row->line];)
			to++;
		col = draw_text(a, at_row, col,
		    (enum role)roles[from - row->line],
		    span_slice(editor_whole(editor), from, to));
		from = to;
	}
	/* a marked line end shows as a blank */
	if (row->to == row->line_end &&
	    roles[row->line_end - row->line] == ROLE_SELECT)
		draw_blank(a, at_row, col, 1, ROLE_SELECT);
}

static void
take_roles(const struct editor *editor, const struct row *row,
    struct buf *roles, editor_paint *paint, void *payload)
{
	size_t len = row->line_end - row->line, from, to;

	buf_clear(roles);
	buf_reserve(roles, len + 1);
	memset(roles->ptr, ROLE_TEXT, len + 1);
	if (paint)
		paint(payload, editor_whole(editor), row->line, row->line_end,
		    (uint8_t *)roles->ptr);
	editor_paint_matches(
	    editor, row->line, row->line_end, (uint8_t *)roles->ptr);
	if (!marked_range(editor, &from, &to) || to <= row->line ||
	    from > row->line_end)
		return;
	from = from > row->line ? from - row->line : 0;
	to = to > row->line_end ? len + 1 : to - row->line;
	memset(roles->ptr + from, ROLE_SELECT, to - from);
}

void
editor_draw(struct editor *editor, struct area a, enum focus focus,
    editor_paint *paint, void *payload)
{
	struct buf roles = BUF_INIT;
	size_t known_end = SIZE_MAX;
	struct row row;

	if (a.rows < 1 || a.cols < 2)
		return;
	/* One column is kept free for the cursor behind a full row. */
	editor->cols = a.cols - 1;
	editor->rows = a.rows;
	scroll(editor);
	row = row_of(editor, editor->top);
	for (int i = 0; i < a.rows; i++) {
		if (row.line_end != known_end)
			take_roles(editor, &row, &roles, paint, payload);
		known_end = row.line_end;
		draw_row(editor, a, i, &row, (const uint8_t *)roles.ptr);
		if (focus == FOCUS_ON && editor->at >= row.from &&
		    (editor->at < row.to || row.to == row.line_end) &&
		    editor->at <= row.line_end)
			draw_caret(a, i, row_cells(editor, &row, editor->at));
		if (!row_next(editor, &row))
			break;
	}
	buf_done(&roles);
}
