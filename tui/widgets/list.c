/* The virtual list.  It keeps the key under the cursor; when data change, the
 * row of that key is asked for, and only when the record is gone does the
 * cursor stay at its row number. */
#include "tui/widgets/list.h"

#include <stdlib.h>

#include "core/base/mem.h"
#include "tui/text/format.h"
#include "tui/text/gate.h"
#include "tui/text/i18n.h"

enum { LOOK_AROUND = 200, PAGE_UNKNOWN = 10 };

struct list {
	struct list_source *source; /* borrowed */
	const struct list_column *columns;
	size_t column_count;
	const char *empty;
	enum list_marking marking;
	int64_t *marks;
	size_t mark_count;
	int64_t top, index; /* row numbers */
	int64_t key;        /* under the cursor */
	bool has_key;
	int page; /* rows shown last */
};

struct list *
list_new(struct list_source *source, const struct list_column *columns,
    size_t column_count)
{
	struct list *list = mem_new(sizeof *list);

	list->source = source;
	list->columns = columns;
	list->column_count = column_count;
	list->page = PAGE_UNKNOWN;
	list->empty = N_("Nothing here.");
	list_refresh(list);
	return list;
}

void
list_free(struct list **list)
{
	if (!*list)
		return;
	free((*list)->marks);
	free(*list);
	*list = NULL;
}

void
list_set_columns(
    struct list *list, const struct list_column *columns, size_t column_count)
{
	list->columns = columns;
	list->column_count = column_count;
}

void
list_set_empty(struct list *list, const char *text)
{
	list->empty = text;
}

static int64_t
row_count(const struct list *list)
{
	return list->source->count(list->source);
}

static bool
read_row(const struct list *list, int64_t index, struct list_row *out)
{
	*out = (struct list_row){.role = ROLE_TEXT};
	return list->source->row(list->source, index, out);
}

static bool
is_heading(const struct list *list, int64_t index)
{
	struct list_row row;

	return read_row(list, index, &row) && row.heading;
}

/* Puts the cursor on a row, cut to what there is; over a heading it goes on in
 * the direction, or back when that is the end. */
static void
go_to(struct list *list, int64_t index, int direction)
{
	int64_t count = row_count(list), at;
	struct list_row row;

	if (index >= count)
		index = count - 1;
	if (index < 0)
		index = 0;
	at = index;
	while (at >= 0 && at < count && is_heading(list, at))
		at += direction;
	if (at < 0 || at >= count) {
		at = index;
		while (at >= 0 && at < count && is_heading(list, at))
			at -= direction;
	}
	if (at >= 0 && at < count)
		index = at;
	list->index = index;
	list->has_key = index < count && read_row(list, index, &row);
	if (list->has_key)
		list->key = row.key;
}

/* The row of the cursor's key, or -1. */
static int64_t
find_key(const struct list *list, int64_t key)
{
	int64_t count = row_count(list), from, to;
	struct list_row row;

	if (list->source->find)
		return list->source->find(list->source, key);
	from = list->index > LOOK_AROUND ? list->index - LOOK_AROUND : 0;
	to = list->index + LOOK_AROUND < count ? list->index + LOOK_AROUND
					       : count;
	for (; from < to; from++) {
		if (read_row(list, from, &row) && !row.heading &&
		    row.key == key)
			return from;
	}
	return -1;
}

void
list_refresh(struct list *list)
{
	int64_t found = list->has_key ? find_key(list, list->key) : -1;

	go_to(list, found >= 0 ? found : list->index, 1);
}

/* ---- Marks ---------------------------------------------------------------- */

void
list_set_marking(struct list *list, enum list_marking marking)
{
	list->marking = marking;
}

size_t
list_mark_count(const struct list *list)
{
	return list->mark_count;
}

/* The place of key among the sorted marks. */
static size_t
mark_place(const struct list *list, int64_t key)
{
	size_t low = 0, high = list->mark_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (list->marks[middle] < key)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

bool
list_is_marked(const struct list *list, int64_t key)
{
	size_t at = mark_place(list, key);

	return at < list->mark_count && list->marks[at] == key;
}

static void
toggle_mark(struct list *list)
{
	size_t at = mark_place(list, list->key);
	bool marked = list_is_marked(list, list->key);

	if (marked) {
		memmove(list->marks + at, list->marks + at + 1,
		    (list->mark_count - at - 1) * sizeof *list->marks);
		list->mark_count--;
		return;
	}
	list->marks =
	    mem_grow(list->marks, (list->mark_count + 1) * sizeof *list->marks);
	memmove(list->marks + at + 1, list->marks + at,
	    (list->mark_count - at) * sizeof *list->marks);
	list->marks[at] = list->key;
	list->mark_count++;
}

void
list_marks_clear(struct list *list)
{
	list->mark_count = 0;
}

const int64_t *
list_marks(const struct list *list, size_t *count)
{
	*count = list->mark_count;
	return list->marks;
}

/* Whether a key is marked afterwards, by whether it was and is meant. */
static bool
is_kept(enum list_mark mark, bool was, bool meant)
{
	if (mark == LIST_MARK)
		return was || meant;
	return mark == LIST_UNMARK ? was && !meant : was != meant;
}

void
list_marks_change(
    struct list *list, enum list_mark mark, const int64_t *keys, size_t count)
{
	int64_t *all = mem_array(list->mark_count + count + 1, sizeof *all);
	size_t i = 0, k = 0, kept = 0;

	while (i < list->mark_count || k < count) {
		bool was = i < list->mark_count &&
			   (k == count || list->marks[i] <= keys[k]);
		bool meant = k < count && (i == list->mark_count ||
					      keys[k] <= list->marks[i]);
		int64_t key = was ? list->marks[i] : keys[k];

		if (is_kept(mark, was, meant))
			all[kept++] = key;
		i += was;
		k += meant;
	}
	free(list->marks);
	list->marks = all;
	list->mark_count = kept;
}

/* ---- Moving --------------------------------------------------------------- */

/* How far a key moves, 0 for a key that does not. */
static int64_t
step_of(const struct list *list, const struct key *key)
{
	int page = list->page > 1 ? list->page - 1 : 1;

	if (key->code == K_UP || key_is(key, 'k'))
		return -1;
	if (key->code == K_DOWN || key_is(key, 'j'))
		return 1;
	if (key->code == K_PAGE_UP)
		return -page;
	if (key->code == K_PAGE_DOWN)
		return page;
	if (key->code == K_HOME || key_is(key, 'g'))
		return INT32_MIN;
	if (key->code == K_END || key_is(key, 'G'))
		return INT32_MAX;
	return 0;
}

enum used
list_key(struct list *list, const struct key *key)
{
	struct key folded = key_folded(key);
	int64_t step = step_of(list, &folded);

	if (folded.alt)
		return UNUSED;
	if (step == INT32_MAX) {
		go_to(list, row_count(list) - 1, -1);
	} else if (step == INT32_MIN) {
		go_to(list, 0, 1);
		list->top = 0;
	} else if (step) {
		go_to(list, list->index + step, step > 0 ? 1 : -1);
	} else if (list->marking == LIST_MARKS_ON && key_is(&folded, ' ') &&
		   list->has_key) {
		toggle_mark(list);
		go_to(list, list->index + 1, 1);
	} else {
		return UNUSED;
	}
	return USED;
}

bool
list_cursor(const struct list *list, int64_t *key)
{
	if (!list->has_key || is_heading(list, list->index))
		return false;
	*key = list->key;
	return true;
}

int64_t
list_cursor_index(const struct list *list)
{
	return list->has_key ? list->index : -1;
}

void
list_cursor_set(struct list *list, int64_t key)
{
	int64_t found = find_key(list, key);

	if (found >= 0)
		go_to(list, found, 1);
}

void
list_cursor_index_set(struct list *list, int64_t index)
{
	go_to(list, index, 1);
}

void
list_position(const struct list *list, struct buf *out)
{
	struct buf at = BUF_INIT, all = BUF_INIT;

	format_count(&at, list->has_key ? list->index + 1 : 0);
	format_count(&all, row_count(list));
	buf_printf(out, _("%s of %s"), at.ptr, all.ptr);
	buf_done(&at);
	buf_done(&all);
}

/* ---- Drawing -------------------------------------------------------------- */

/* Width of each column in cols cells; 0 for those dropped. */
static void
lay_out(const struct list *list, int cols, int *width)
{
	bool dropped[LIST_COLUMNS_MAX] = {false};
	int used, flexible, worst;
	size_t i;

	for (;;) {
		used = flexible = 0;
		worst = -1;
		for (i = 0; i < list->column_count; i++) {
			const struct list_column *c = &list->columns[i];

			if (dropped[i])
				continue;
			used += (c->width ? c->width : c->min) + 2;
			flexible += c->width == 0;
			if (c->drop > 0 &&
			    (worst < 0 || c->drop > list->columns[worst].drop))
				worst = (int)i;
		}
		if (used - 2 <= cols || worst < 0)
			break;
		dropped[worst] = true;
	}
	for (i = 0; i < list->column_count; i++) {
		const struct list_column *c = &list->columns[i];

		width[i] = c->width;
		if (c->width == 0 && !dropped[i]) {
			width[i] = c->min + (cols - used + 2) / flexible;
			if (width[i] < c->min)
				width[i] = c->min;
		}
		if (dropped[i])
			width[i] = 0;
	}
}

static void
draw_heading(const struct list *list, struct area a, const int *width)
{
	int col = 3;

	for (size_t i = 0; i < list->column_count; i++) {
		const struct list_column *c = &list->columns[i];
		const char *title = *c->title ? _(c->title) : "";

		if (width[i] > 0)
			col = 2 + draw_fit(a, 0, col, width[i], ROLE_HEAD,
				      c->fit == FIT_RIGHT ? FIT_RIGHT : FIT_END,
				      span_of(title));
	}
}

static void
draw_row(const struct list *list, struct area a, int64_t index,
    const int *width, enum focus focus)
{
	struct list_row row;
	int col = 3;

	if (!read_row(list, index, &row)) {
		draw_str(a, 0, col, ROLE_DIM, "..");
		return;
	}
	if (row.heading) {
		draw_text(a, 0, 1, row.role == ROLE_TEXT ? ROLE_HEAD : row.role,
		    row.cell[0]);
		return;
	}
	if (row.whole)
		draw_fit(a, 0, col, a.cols - col - 1, row.role, FIT_END,
		    row.cell[0]);
	for (size_t i = 0; i < list->column_count && !row.whole; i++) {
		enum role role = row.cell_role[i] ? row.cell_role[i] : row.role;

		if (width[i] > 0)
			col = 2 + draw_fit(a, 0, col, width[i], role,
				      list->columns[i].fit, row.cell[i]);
	}
	if (list->marking == LIST_MARKS_ON && list_is_marked(list, row.key))
		draw_str(a, 0, 0, ROLE_MARK, "*");
	if (index == list->index) {
		draw_str(a, 0, 1, ROLE_TEXT, ">");
		draw_role(a, 0, 0, a.cols,
		    focus == FOCUS_ON ? ROLE_SELECT : ROLE_SELECT_BLUR);
		if (focus == FOCUS_ON)
			draw_cursor(a, 0, 1);
	}
}

static bool
has_titles(const struct list *list)
{
	for (size_t i = 0; i < list->column_count; i++) {
		if (*list->columns[i].title)
			return true;
	}
	return false;
}

static void
scroll(struct list *list, int64_t count)
{
	if (list->top > list->index)
		list->top = list->index;
	if (list->top < list->index - list->page + 1)
		list->top = list->index - list->page + 1;
	if (list->top > count - list->page)
		list->top = count - list->page;
	if (list->top < 0)
		list->top = 0;
	/* A heading over the first row that can be selected is shown too. */
	if (list->top > 0 && list->top == list->index &&
	    is_heading(list, list->top - 1))
		list->top--;
}

void
list_draw(struct list *list, struct area a, enum focus focus)
{
	int64_t count = row_count(list);
	int width[LIST_COLUMNS_MAX] = {0};
	struct area rows = a;

	lay_out(list, a.cols - 3, width);
	if (has_titles(list)) {
		draw_heading(list, a, width);
		rows = area_rows(a, 1, -1);
	}
	list->page = rows.rows > 0 ? rows.rows : 1;
	if (count == 0) {
		draw_wrapped(area_cols(rows, 3, -2), 1, 0, ROLE_DIM,
		    span_of(_(list->empty)));
		return;
	}
	scroll(list, count);
	for (int i = 0; i < rows.rows && list->top + i < count; i++)
		draw_row(
		    list, area_rows(rows, i, 1), list->top + i, width, focus);
}
