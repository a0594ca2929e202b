/* Searches.  A place is found by folding both texts character by character;
 * mails are small enough for the plain way. */
#include "core/base/words.h"
#include "tui/widgets/editor_impl.h"

void
editor_seek(struct editor *editor, struct span needle)
{
	buf_clear(&editor->needle);
	buf_add(&editor->needle, needle);
}

static bool
matches_at(const struct editor *editor, size_t at, size_t *len)
{
	struct span whole = editor_whole(editor);

	return fold_starts(
	    span_slice(whole, at, whole.len), buf_span(&editor->needle), len);
}

static bool
is_start(const struct editor *editor, size_t at)
{
	return ((unsigned char)editor_whole(editor).ptr[at] & 0xc0) != 0x80;
}

/* The first place in from..to, or to. */
static size_t
find_in(const struct editor *editor, size_t from, size_t to)
{
	size_t len;

	for (; from < to; from++) {
		if (is_start(editor, from) && matches_at(editor, from, &len))
			break;
	}
	return from;
}

/* The last place in from..to, or to. */
static size_t
find_back(const struct editor *editor, size_t from, size_t to)
{
	size_t len;

	for (size_t at = to; at-- > from;) {
		if (is_start(editor, at) && matches_at(editor, at, &len))
			return at;
	}
	return to;
}

enum editor_found
editor_find(struct editor *editor, enum editor_way way)
{
	size_t end = editor_whole(editor).len, at = editor->at, found;
	enum editor_found result = EDITOR_FOUND;

	if (way == EDITOR_BACKWARD) {
		found = find_back(editor, 0, at);
		if (found == at) {
			found = find_back(editor, at, end);
			result = EDITOR_WENT_ROUND;
		}
	} else {
		size_t from = way == EDITOR_HERE || at == end ? at : at + 1;

		found = find_in(editor, from, end);
		if (found == end) {
			found = find_in(editor, 0, from);
			result = EDITOR_WENT_ROUND;
			found = found == from ? end : found;
		}
	}
	if (found == end)
		return EDITOR_NOT_FOUND;
	editor_jump(editor, found);
	edit_break(&editor->edit);
	return result;
}

size_t
editor_count(const struct editor *editor, size_t *number)
{
	size_t end = editor_whole(editor).len, count = 0, at = 0, len = 0;

	*number = 0;
	for (;;) {
		at = find_in(editor, at, end);
		if (at == end)
			return count;
		matches_at(editor, at, &len);
		count++;
		if (editor->at == at)
			*number = count;
		at += len;
	}
}

bool
editor_replace_here(struct editor *editor, struct span with)
{
	size_t len;

	if (editor->at == editor_whole(editor).len ||
	    !matches_at(editor, editor->at, &len))
		return false;
	return editor_replace(
	    editor, editor->at, editor->at + len, with, EDIT_ALONE);
}

/* A text in the making, and where the cursor comes to stand in it. */
struct rebuilt {
	struct buf out;
	size_t from; /* where it will stand */
	size_t at, cursor;
};

static void
rebuild(struct rebuilt *to, struct span whole, size_t from, size_t end)
{
	if (to->at >= from && to->at <= end)
		to->cursor = to->from + to->out.len + (to->at - from);
	buf_add(&to->out, span_slice(whole, from, end));
}

bool
editor_replace_all(struct editor *editor, struct span with, size_t *count)
{
	struct span whole = editor_whole(editor);
	struct rebuilt new = {.at = editor->at, .cursor = editor->at};
	size_t to = whole.len, at, next, len = 0;
	bool fits = true;

	*count = 0;
	marked_range(editor, &new.from, &to);
	for (at = new.from; at <= to; at = next + len) {
		next = find_in(editor, at, to);
		if (next < to)
			matches_at(editor, next, &len);
		if (next + len > to || next == to) {
			rebuild(&new, whole, at, to);
			break;
		}
		rebuild(&new, whole, at, next);
		buf_add(&new.out, with);
		++*count;
	}
	if (new.at > to)
		new.cursor = new.at + new.out.len - (to - new.from);
	if (*count > 0)
		fits = editor_replace(
		    editor, new.from, to, buf_span(&new.out), EDIT_ALONE);
	if (*count > 0 && fits)
		editor->at = new.cursor;
	buf_done(&new.out);
	return fits;
}

void
editor_paint_matches(
    const struct editor *editor, size_t from, size_t to, uint8_t *roles)
{
	size_t at, len;

	if (editor->needle.len == 0)
		return;
	for (at = from; (at = find_in(editor, at, to)) < to; at += len) {
		matches_at(editor, at, &len);
		len = at + len > to ? to - at : len;
		memset(roles + (at - from),
		    at == editor->at ? ROLE_SELECT : ROLE_MATCH, len);
	}
}
