/* The editor: cursor, rows on the screen, keys.  A row is what wrap_next()
 * gives of a logical line; all moves up and down are by rows, as they are
 * seen.  The last drawn width is remembered for that. */
#include "tui/widgets/editor.h"

#include <stdlib.h>

#include "core/base/mem.h"
#include "core/base/utf8.h"
#include "tui/text/gate.h"
#include "tui/text/wrap.h"
#include "tui/widgets/edit_text.h"

enum { COLS_UNKNOWN = 80, GOAL_NONE = -1 };

struct editor {
	struct edit_text edit;
	size_t at;      /* cursor */
	size_t top;     /* start of the first row shown */
	int goal;       /* cells that up and down aim for */
	int cols, rows; /* drawn last */
	uint64_t saved; /* revision */
	struct buf killed;
};

/* A row: octets from..to; line_end is where its logical line ends. */
struct row {
	size_t from, to, line_end;
};

struct editor *
editor_new(void)
{
	struct editor *editor = mem_new(sizeof *editor);

	editor->cols = COLS_UNKNOWN;
	editor->rows = 1;
	editor->goal = GOAL_NONE;
	buf_reserve(&editor->edit.text, 1);
	return editor;
}

void
editor_free(struct editor **editor)
{
	if (!*editor)
		return;
	edit_done(&(*editor)->edit);
	buf_wipe(&(*editor)->killed);
	free(*editor);
	*editor = NULL;
}

static struct span
whole(const struct editor *editor)
{
	return buf_span(&editor->edit.text);
}

/* Foreign text as the editor keeps it: LF ends, blanks for tabs, no controls,
 * good UTF-8. */
static void
clean(struct span text, struct buf *out)
{
	uint32_t cp;

	while (utf8_next(&text, &cp)) {
		if (cp == '\r') {
			if (text.len == 0 || text.ptr[0] != '\n')
				buf_char(out, '\n');
		} else if (cp == '\t') {
			buf_text(out, "    ");
		} else if (cp == '\n' ||
			   (cp >= 0x20 && !(cp >= 0x7f && cp < 0xa0))) {
			buf_utf8(out, cp);
		} else {
			buf_utf8(out, UTF8_REPLACEMENT);
		}
	}
}

static bool
replace(struct editor *editor, size_t from, size_t to, struct span s,
    enum edit_join join)
{
	if (editor->edit.text.len - (to - from) + s.len > EDITOR_MAX)
		return false;
	edit_replace(&editor->edit, from, to, s, join);
	editor->at = from + s.len;
	editor->goal = GOAL_NONE;
	return true;
}

bool
editor_set(struct editor *editor, struct span text)
{
	struct buf cleaned = BUF_INIT;
	size_t at = editor->at;
	bool fits;

	clean(text, &cleaned);
	fits = replace(
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
	buf_add(out, whole(editor));
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

/* ---- Lines and rows ------------------------------------------------------- */

static size_t
line_start(const struct editor *editor, size_t at)
{
	while (at > 0 && editor->edit.text.ptr[at - 1] != '\n')
		at--;
	return at;
}

static size_t
line_end(const struct editor *editor, size_t at)
{
	struct span rest = span_slice(whole(editor), at, whole(editor).len);

	return at + span_index(rest, '\n');
}

/* The row that begins at from. */
static struct row
row_at(const struct editor *editor, size_t from, size_t end)
{
	struct span rest = span_slice(whole(editor), from, end);

	return (struct row){
	    from, from + wrap_next(&rest, editor->cols).len, end};
}

/* The row that holds the offset; between two rows the later one does. */
static struct row
row_of(const struct editor *editor, size_t at)
{
	size_t end = line_end(editor, at);
	struct row row = row_at(editor, line_start(editor, at), end);

	while (row.to <= at && row.to < end)
		row = row_at(editor, row.to, end);
	return row;
}

static bool
next_row(const struct editor *editor, struct row *row)
{
	if (row->to < row->line_end) {
		*row = row_at(editor, row->to, row->line_end);
		return true;
	}
	if (row->line_end >= whole(editor).len)
		return false;
	*row = row_at(
	    editor, row->line_end + 1, line_end(editor, row->line_end + 1));
	return true;
}

static bool
previous_row(const struct editor *editor, struct row *row)
{
	if (row->from == 0)
		return false;
	*row = row_of(editor, row->from - 1);
	return true;
}

static int
cells_before(const struct editor *editor, size_t from)
{
	return ui_width(span_slice(whole(editor), from, editor->at));
}

/* Puts the cursor on a row, as near to the goal as it goes. */
static void
enter_row(struct editor *editor, struct row row)
{
	struct span rest = span_slice(whole(editor), row.from, row.to);
	int used = 0;

	while (rest.len > 0) {
		struct span before = rest;
		struct span cluster = utf8_cluster(&rest, NULL);

		used += ui_width(cluster);
		if (used > editor->goal ||
		    (rest.len == 0 && row.to < row.line_end)) {
			editor->at = (size_t)(before.ptr - whole(editor).ptr);
			return;
		}
	}
	editor->at = row.to;
}

static void
move_rows(struct editor *editor, int count)
{
	struct row row = row_of(editor, editor->at);
	bool moved = true;

	if (editor->goal == GOAL_NONE)
		editor->goal = cells_before(editor, row.from);
	for (; count > 0 && moved; count--)
		moved = next_row(editor, &row);
	for (; count < 0 && moved; count++)
		moved = previous_row(editor, &row);
	if (!moved && count > 0)
		editor->at = row.line_end;
	else
		enter_row(editor, row);
}

void
editor_place(const struct editor *editor, int *line, int *col)
{
	size_t start = line_start(editor, editor->at);

	*line = 1;
	for (size_t i = 0; i < start; i++)
		*line += editor->edit.text.ptr[i] == '\n';
	*col =
	    (int)utf8_count(span_slice(whole(editor), start, editor->at)) + 1;
}

void
editor_place_set(struct editor *editor, int line, int col)
{
	struct span rest;
	size_t at = 0, end;

	while (line-- > 1) {
		end = line_end(editor, at);
		if (end == whole(editor).len)
			break;
		at = end + 1;
	}
	rest = span_slice(whole(editor), at, line_end(editor, at));
	while (col-- > 1 && rest.len > 0)
		utf8_cluster(&rest, NULL);
	editor->at = (size_t)(rest.ptr - whole(editor).ptr);
	editor->goal = GOAL_NONE;
	edit_break(&editor->edit);
}

struct span
editor_before(const struct editor *editor)
{
	return span_slice(
	    whole(editor), line_start(editor, editor->at), editor->at);
}

/* ---- Editing -------------------------------------------------------------- */

bool
editor_insert(struct editor *editor, struct span text)
{
	struct buf cleaned = BUF_INIT;
	bool fits;

	clean(text, &cleaned);
	fits = replace(
	    editor, editor->at, editor->at, buf_span(&cleaned), EDIT_ALONE);
	buf_done(&cleaned);
	return fits;
}

static size_t
find_from(const struct editor *editor, size_t from, struct span needle)
{
	struct span text = whole(editor);

	for (size_t i = from; i + needle.len <= text.len; i++) {
		if (span_equal_nocase(
			span_slice(text, i, i + needle.len), needle))
			return i;
	}
	return text.len;
}

bool
editor_find(struct editor *editor, struct span needle)
{
	size_t len = whole(editor).len, found;

	if (needle.len == 0 || needle.len > len)
		return false;
	found = find_from(editor, editor->at + 1, needle);
	if (found >= len)
		found = find_from(editor, 0, needle);
	if (found >= len)
		return false;
	editor->at = found;
	editor->goal = GOAL_NONE;
	edit_break(&editor->edit);
	return true;
}

bool
editor_undo(struct editor *editor)
{
	editor->goal = GOAL_NONE;
	return edit_undo(&editor->edit, &editor->at);
}

bool
editor_redo(struct editor *editor)
{
	editor->goal = GOAL_NONE;
	return edit_redo(&editor->edit, &editor->at);
}

static size_t
next_at(const struct editor *editor)
{
	struct span rest =
	    span_slice(whole(editor), editor->at, whole(editor).len);

	return editor->at + utf8_cluster(&rest, NULL).len;
}

static size_t
previous_at(const struct editor *editor)
{
	struct span before = span_slice(whole(editor), 0, editor->at);
	uint32_t cp;

	while (utf8_last(&before, &cp) && utf8_is_mark(cp))
		continue;
	return before.len;
}

static size_t
word_at(const struct editor *editor)
{
	const char *text = editor->edit.text.ptr;
	size_t at = editor->at;

	while (at > 0 && (text[at - 1] == ' ' || text[at - 1] == '\n'))
		at--;
	while (at > 0 && text[at - 1] != ' ' && text[at - 1] != '\n')
		at--;
	return at;
}

static void
kill_range(struct editor *editor, size_t from, size_t to)
{
	buf_clear(&editor->killed);
	buf_add(&editor->killed, span_slice(whole(editor), from, to));
	replace(editor, from, to, SPAN(""), EDIT_ALONE);
}

static enum used
control_key(struct editor *editor, uint32_t cp)
{
	size_t at = editor->at, end = line_end(editor, at);

	switch (cp) {
	case K_CTRL('A'):
		editor->at = line_start(editor, at);
		break;
	case K_CTRL('E'):
		editor->at = end;
		break;
	case K_CTRL('K'):
		if (at == end && end < whole(editor).len)
			end++;
		kill_range(editor, at, end);
		return USED;
	case K_CTRL('U'):
		kill_range(editor, line_start(editor, at), at);
		return USED;
	case K_CTRL('W'):
		kill_range(editor, word_at(editor), at);
		return USED;
	case K_CTRL('Y'):
		replace(editor, at, at, buf_span(&editor->killed), EDIT_ALONE);
		return USED;
	case K_CTRL('_'):
		editor_undo(editor);
		return USED;
	default:
		return UNUSED;
	}
	editor->goal = GOAL_NONE;
	edit_break(&editor->edit);
	return USED;
}

static void
jump(struct editor *editor, size_t at)
{
	editor->at = at;
	editor->goal = GOAL_NONE;
}

static enum used
move_key(struct editor *editor, enum key_code code)
{
	int page = editor->rows > 1 ? editor->rows - 1 : 1;

	switch ((int)code) {
	case K_LEFT:
		jump(editor, previous_at(editor));
		break;
	case K_RIGHT:
		jump(editor, next_at(editor));
		break;
	case K_HOME:
		jump(editor, line_start(editor, editor->at));
		break;
	case K_END:
		jump(editor, line_end(editor, editor->at));
		break;
	case K_UP:
		move_rows(editor, -1);
		break;
	case K_DOWN:
		move_rows(editor, 1);
		break;
	case K_PAGE_UP:
		move_rows(editor, -page);
		break;
	case K_PAGE_DOWN:
		move_rows(editor, page);
		break;
	default:
		return UNUSED;
	}
	edit_break(&editor->edit);
	return USED;
}

/* Words are the steps of undo: a blank ends one. */
static void
type(struct editor *editor, uint32_t cp)
{
	char bytes[UTF8_MAX];
	struct span s = span_make(bytes, utf8_encode(cp, bytes));

	replace(editor, editor->at, editor->at, s, EDIT_JOIN);
	if (cp == ' ' || cp == '\n')
		edit_break(&editor->edit);
}

enum used
editor_key(struct editor *editor, const struct key *key)
{
	if (key->code == K_PASTE) {
		editor_insert(editor, key->paste);
		return USED;
	}
	if (key->alt) {
		if (key->code != K_CHAR || key->cp != 'e')
			return UNUSED;
		editor_redo(editor);
		return USED;
	}
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
	case K_BACKSPACE:
		replace(editor, previous_at(editor), editor->at, SPAN(""),
		    EDIT_ALONE);
		return USED;
	case K_DELETE:
		replace(
		    editor, editor->at, next_at(editor), SPAN(""), EDIT_ALONE);
		return USED;
	default:
		return move_key(editor, key->code);
	}
}

/* ---- Drawing -------------------------------------------------------------- */

/* Moves the first row so that the cursor's row is among those shown. */
static void
scroll(struct editor *editor)
{
	struct row wanted = row_of(editor, editor->at), row;
	int distance = 0;

	if (editor->top > whole(editor).len)
		editor->top = 0;
	row = row_of(editor, editor->top);
	editor->top = row.from;
	if (wanted.from <= editor->top) {
		editor->top = wanted.from;
		return;
	}
	row = wanted;
	while (row.from > editor->top && distance < editor->rows) {
		previous_row(editor, &row);
		distance++;
	}
	if (distance < editor->rows)
		return;
	row = wanted;
	for (distance = 1; distance < editor->rows; distance++)
		previous_row(editor, &row);
	editor->top = row.from;
}

static void
draw_row(const struct editor *editor, struct area a, int at_row,
    const struct row *row, size_t line_from, const uint8_t *roles)
{
	size_t from = row->from, to;
	int col = 0;

	while (from < row->to) {
		for (to = from + 1;
		    to < row->to &&
		    roles[to - line_from] == roles[from - line_from];)
			to++;
		col = draw_text(a, at_row, col,
		    (enum role)roles[from - line_from],
		    span_slice(whole(editor), from, to));
		from = to;
	}
}

static void
take_roles(const struct editor *editor, const struct row *row,
    struct buf *roles, size_t *line_from, editor_paint *paint, void *payload)
{
	struct span line;

	*line_from = line_start(editor, row->from);
	line = span_slice(whole(editor), *line_from, row->line_end);
	buf_clear(roles);
	buf_reserve(roles, line.len + 1);
	memset(roles->ptr, ROLE_TEXT, line.len + 1);
	if (paint)
		paint(payload, line, (uint8_t *)roles->ptr);
}

void
editor_draw(struct editor *editor, struct area a, enum focus focus,
    editor_paint *paint, void *payload)
{
	struct buf roles = BUF_INIT;
	size_t line_from = 0, known_end = SIZE_MAX;
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
			take_roles(
			    editor, &row, &roles, &line_from, paint, payload);
		known_end = row.line_end;
		draw_row(
		    editor, a, i, &row, line_from, (const uint8_t *)roles.ptr);
		if (focus == FOCUS_ON && editor->at >= row.from &&
		    (editor->at < row.to || row.to == row.line_end) &&
		    editor->at <= row.line_end)
			draw_cursor(a, i, cells_before(editor, row.from));
		if (!next_row(editor, &row))
			break;
	}
	buf_done(&roles);
}
