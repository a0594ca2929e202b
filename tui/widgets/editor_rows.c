/* Rows: what wrap_next() makes of a logical line at the width drawn last.  All
 * moves up and down are by rows, as they are seen.  The rows of one line are
 * kept, so that a paragraph of any length is broken once and not per key. */
#include <stdlib.h>

#include "core/base/mem.h"
#include "core/base/words.h"
#include "tui/text/gate.h"
#include "tui/text/wrap.h"
#include "tui/widgets/editor_impl.h"

size_t
line_start_of(const struct editor *editor, size_t at)
{
	const char *text = editor->edit.text.ptr;
	const char *end = at > 0 ? memrchr(text, '\n', at) : NULL;

	return end ? (size_t)(end - text) + 1 : 0;
}

size_t
line_end_of(const struct editor *editor, size_t at)
{
	struct span whole = editor_whole(editor);

	return at + span_index(span_slice(whole, at, whole.len), '\n');
}

static void
break_line(struct editor *editor, size_t line)
{
	struct row_memo *memo = &editor->memo;
	struct span rest;

	memo->line = line;
	memo->end = line_end_of(editor, line);
	memo->revision = editor->edit.revision;
	memo->cols = editor->cols;
	memo->count = 0;
	rest = span_slice(editor_whole(editor), line, memo->end);
	do {
		if (memo->count == memo->room) {
			memo->room = memo->room ? memo->room * 2 : 64;
			memo->start = mem_grow(
			    memo->start, memo->room * sizeof *memo->start);
		}
		memo->start[memo->count++] = memo->end - rest.len;
		wrap_next(&rest, editor->cols);
	} while (rest.len > 0);
}

static struct row
row_number(const struct editor *editor, size_t number)
{
	const struct row_memo *memo = &editor->memo;

	return (struct row){memo->start[number],
	    number + 1 < memo->count ? memo->start[number + 1] : memo->end,
	    memo->line, memo->end};
}

struct row
row_of(struct editor *editor, size_t at)
{
	struct row_memo *memo = &editor->memo;
	size_t low = 0, high;

	if (memo->revision != editor->edit.revision ||
	    memo->cols != editor->cols || at < memo->line || at > memo->end)
		break_line(editor, line_start_of(editor, at));
	for (high = memo->count; high - low > 1;) {
		size_t middle = low + (high - low) / 2;

		if (memo->start[middle] <= at)
			low = middle;
		else
			high = middle;
	}
	return row_number(editor, low);
}

bool
row_next(struct editor *editor, struct row *row)
{
	if (row->to < row->line_end)
		*row = row_of(editor, row->to);
	else if (row->line_end < editor_whole(editor).len)
		*row = row_of(editor, row->line_end + 1);
	else
		return false;
	return true;
}

bool
row_previous(struct editor *editor, struct row *row)
{
	if (row->from == 0)
		return false;
	*row = row_of(editor, row->from - 1);
	return true;
}

int
row_cells(const struct editor *editor, const struct row *row, size_t at)
{
	return ui_width(span_slice(editor_whole(editor), row->from, at));
}

void
row_enter(struct editor *editor, const struct row *row)
{
	struct span rest = span_slice(editor_whole(editor), row->from, row->to);
	int used = 0;

	while (rest.len > 0) {
		size_t before = row->to - rest.len;

		used += ui_width(grapheme_next(&rest));
		if (used > editor->goal ||
		    (rest.len == 0 && row->to < row->line_end)) {
			editor->at = before;
			return;
		}
	}
	editor->at = row->to;
}
