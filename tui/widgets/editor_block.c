/* Marked text, what was cut, and whole lines. */
#include "tui/widgets/editor_impl.h"

bool
marked_range(const struct editor *editor, size_t *from, size_t *to)
{
	size_t mark = (size_t)editor->mark;

	if (editor->mark == NO_MARK || mark == editor->at)
		return false;
	*from = mark < editor->at ? mark : editor->at;
	*to = mark < editor->at ? editor->at : mark;
	return true;
}

void
editor_mark(struct editor *editor)
{
	bool on = editor->mark == NO_MARK || !editor->mark_held;

	editor->mark = on ? (int64_t)editor->at : NO_MARK;
	editor->mark_held = on;
}

struct span
editor_marked(const struct editor *editor)
{
	size_t from, to;

	if (!marked_range(editor, &from, &to))
		return SPAN("");
	return span_slice(editor_whole(editor), from, to);
}

void
editor_mark_all(struct editor *editor)
{
	editor->mark = 0;
	editor->mark_held = true;
	editor->at = editor_whole(editor).len;
	editor->goal = GOAL_NONE;
}

/* The lines that the marked text touches, or the cursor's, with their line
 * end where they have one. */
static void
lines_range(const struct editor *editor, size_t *from, size_t *to)
{
	if (marked_range(editor, from, to)) {
		/* a line of which nothing is marked is not meant */
		if (editor_whole(editor).ptr[*to - 1] == '\n')
			--*to;
	} else {
		*from = *to = editor->at;
	}
	*from = line_start_of(editor, *from);
	*to = line_end_of(editor, *to);
	*to += *to < editor_whole(editor).len;
}

static bool
take(struct editor *editor, size_t *from, size_t *to)
{
	bool marked = marked_range(editor, from, to);

	if (!marked)
		lines_range(editor, from, to);
	if (*from == *to)
		return false;
	buf_clear(&editor->cut);
	buf_add(&editor->cut, span_slice(editor_whole(editor), *from, *to));
	editor->cut_lines = !marked;
	if (!marked && editor->cut.ptr[editor->cut.len - 1] != '\n')
		buf_char(&editor->cut, '\n');
	return true;
}

bool
editor_cut(struct editor *editor)
{
	size_t from, to;

	if (!take(editor, &from, &to))
		return false;
	/* the last line has no line end of its own: the one before goes */
	if (editor->cut_lines && from > 0 && to == editor_whole(editor).len &&
	    editor_whole(editor).ptr[to - 1] != '\n')
		from--;
	return editor_replace(editor, from, to, SPAN(""), EDIT_ALONE);
}

bool
editor_copy(struct editor *editor)
{
	size_t from, to;

	if (!take(editor, &from, &to))
		return false;
	editor->mark = NO_MARK;
	return true;
}

bool
editor_paste(struct editor *editor)
{
	size_t from = editor->at, to = editor->at, back = 0;
	bool marked = marked_range(editor, &from, &to);

	if (editor->cut.len == 0)
		return false;
	if (editor->cut_lines && !marked) {
		from = to = line_start_of(editor, editor->at);
		back = editor->at - from;
	}
	if (!editor_replace(
		editor, from, to, buf_span(&editor->cut), EDIT_ALONE))
		return false;
	editor->at += back;
	return true;
}

bool
editor_duplicate(struct editor *editor)
{
	struct buf lines = BUF_INIT;
	size_t from, to, at = editor->at;
	int64_t mark = editor->mark;
	bool done;

	lines_range(editor, &from, &to);
	buf_add(&lines, span_slice(editor_whole(editor), from, to));
	if (lines.len == 0 || lines.ptr[lines.len - 1] != '\n')
		buf_char(&lines, '\n');
	/* above, so that cursor and mark are where they were, in the copy */
	done = editor_replace(editor, from, from, buf_span(&lines), EDIT_ALONE);
	if (done) {
		editor->at = at + lines.len;
		if (mark != NO_MARK)
			editor->mark = mark + (int64_t)lines.len;
	}
	buf_done(&lines);
	return done;
}

/* Two neighbouring groups of lines change places; the one that has no line
 * end at the end of the text gets one. */
static void
swap_lines(struct editor *editor, size_t from, size_t middle, size_t to)
{
	struct span whole = editor_whole(editor);
	struct buf both = BUF_INIT;

	buf_add(&both, span_slice(whole, middle, to));
	if (both.len == 0 || both.ptr[both.len - 1] != '\n') {
		buf_char(&both, '\n');
		buf_add(&both, span_slice(whole, from, middle - 1));
	} else {
		buf_add(&both, span_slice(whole, from, middle));
	}
	editor_replace(editor, from, to, buf_span(&both), EDIT_ALONE);
	buf_done(&both);
}

/* The line end at the end of what was moved may be gone. */
static size_t
moved_to(const struct editor *editor, int64_t at)
{
	size_t len = editor_whole(editor).len;

	return (size_t)at < len ? (size_t)at : len;
}

bool
editor_move_lines(struct editor *editor, int count)
{
	size_t from, to, at = editor->at, other;
	int64_t mark = editor->mark, shift;

	lines_range(editor, &from, &to);
	if (count < 0) {
		if (from == 0)
			return false;
		other = line_start_of(editor, from - 1);
		shift = (int64_t)other - (int64_t)from;
		swap_lines(editor, other, from, to);
	} else {
		size_t len = editor_whole(editor).len;

		if (to == len && (len == 0 || to == from ||
				     editor_whole(editor).ptr[len - 1] != '\n'))
			return false;
		other = line_end_of(editor, to);
		other += other < len;
		shift = (int64_t)(other - to);
		/* without a line end the last line gets one above */
		shift +=
		    other == len &&
		    (other == to || editor_whole(editor).ptr[len - 1] != '\n');
		swap_lines(editor, from, to, other);
	}
	editor->at = moved_to(editor, (int64_t)at + shift);
	if (mark != NO_MARK)
		editor->mark = (int64_t)moved_to(editor, mark + shift);
	return true;
}
