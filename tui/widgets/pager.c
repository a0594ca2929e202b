/* The pager.  Text is kept as lines of runs (role and octets); rows are broken
 * anew when the width changes.  In PAGER_CUT a line is one row and is cut. */
#include "tui/widgets/pager.h"

#include <stdlib.h>

#include "core/base/mem.h"
#include "core/base/utf8.h"
#include "tui/text/format.h"
#include "tui/text/wrap.h"

enum { TAB_CELLS = 8 };

/* A row of the screen: octets of text, and their roles. */
struct row {
	size_t from, to;
};

struct pager {
	enum pager_wrap wrap;
	enum gate_view view;
	struct buf text;  /* safe text; lines end in LF */
	struct buf roles; /* one octet for each of text */
	struct row *rows;
	size_t row_count;
	int cols; /* rows were broken for; 0: not yet */
	size_t top;
	int page;
	bool seen_end;
	int line_cells; /* of the unfinished line, for tabs */
};

struct pager *
pager_new(enum pager_wrap wrap, enum gate_view view)
{
	struct pager *pager = mem_new(sizeof *pager);

	pager->wrap = wrap;
	pager->view = view;
	return pager;
}

void
pager_free(struct pager **pager)
{
	if (!*pager)
		return;
	buf_wipe(&(*pager)->text);
	buf_done(&(*pager)->roles);
	free((*pager)->rows);
	free(*pager);
	*pager = NULL;
}

void
pager_clear(struct pager *pager)
{
	buf_clear(&pager->text);
	buf_clear(&pager->roles);
	pager->cols = 0;
	pager->top = 0;
	pager->row_count = 0;
	pager->line_cells = 0;
	pager->seen_end = false;
}

static void
add_piece(struct pager *pager, enum role role, const char *text)
{
	size_t len = strlen(text);

	buf_text(&pager->text, text);
	while (len-- > 0)
		buf_char(&pager->roles, (char)role);
}

static enum role
role_for(enum gate_kind kind, enum role role)
{
	if (kind == GATE_HIDDEN)
		return ROLE_WARN;
	return kind == GATE_CONTROL ? ROLE_DIM : role;
}

void
pager_add(struct pager *pager, enum role role, struct span text)
{
	struct gate_piece piece;
	enum gate_kind kind;

	while (text.len > 0) {
		if (text.ptr[0] == '\n') {
			add_piece(pager, role, "\n");
			pager->line_cells = 0;
		} else if (text.ptr[0] == '\t') {
			do {
				add_piece(pager, role, " ");
			} while (++pager->line_cells % TAB_CELLS);
		} else {
			kind = gate_next(&text, pager->view, &piece);
			add_piece(pager, role_for(kind, role), piece.text);
			pager->line_cells += piece.width;
			continue;
		}
		text = span_slice(text, 1, text.len);
	}
	pager->cols = 0;
}

void
pager_add_str(struct pager *pager, enum role role, const char *text)
{
	pager_add(pager, role, span_of(text));
}

static void
add_row(struct pager *pager, struct span part, size_t *room)
{
	size_t from = (size_t)(part.ptr - pager->text.ptr);

	if (pager->row_count == *room) {
		*room = *room ? *room * 2 : 64;
		pager->rows =
		    mem_grow(pager->rows, *room * sizeof *pager->rows);
	}
	pager->rows[pager->row_count++] = (struct row){from, from + part.len};
}

static void
break_rows(struct pager *pager, int cols)
{
	struct span rest = buf_span(&pager->text), line;
	size_t room = pager->row_count;

	if (pager->cols == cols)
		return;
	pager->cols = cols;
	pager->row_count = 0;
	while (rest.len > 0) {
		line = span_cut(&rest, '\n');
		do {
			add_row(pager,
			    pager->wrap == PAGER_WRAP ? wrap_next(&line, cols)
						      : line,
			    &room);
		} while (pager->wrap == PAGER_WRAP && line.len > 0);
	}
}

static void
scroll(struct pager *pager, int64_t to)
{
	int64_t last = (int64_t)pager->row_count - pager->page;

	if (to > last)
		to = last;
	pager->top = to > 0 ? (size_t)to : 0;
}

enum used
pager_key(struct pager *pager, const struct key *raw)
{
	struct key key = key_folded(raw);
	int64_t top = (int64_t)pager->top;

	if (key.alt)
		return UNUSED;
	if (key.code == K_UP || key_is(&key, 'k'))
		scroll(pager, top - 1);
	else if (key.code == K_DOWN || key_is(&key, 'j'))
		scroll(pager, top + 1);
	else if (key.code == K_PAGE_UP)
		scroll(pager, top - pager->page + 1);
	else if (key.code == K_PAGE_DOWN || key_is(&key, ' '))
		scroll(pager, top + pager->page - 1);
	else if (key.code == K_HOME || key_is(&key, 'g'))
		scroll(pager, 0);
	else if (key.code == K_END || key_is(&key, 'G'))
		scroll(pager, (int64_t)pager->row_count);
	else
		return UNUSED;
	return USED;
}

/* Draws the octets of a row, one stretch of equal role after the other. */
static void
draw_row(struct pager *pager, struct area a, int row, struct row part)
{
	int col = 0;
	size_t from = part.from, to;

	while (from < part.to) {
		for (to = from + 1; to < part.to && pager->roles.ptr[to] ==
							pager->roles.ptr[from];)
			to++;
		col = draw_text(a, row, col, (enum role)pager->roles.ptr[from],
		    span_slice(buf_span(&pager->text), from, to));
		from = to;
	}
}

void
pager_draw(struct pager *pager, struct area a, enum focus focus)
{
	if (a.rows < 1 || a.cols < 1)
		return;
	break_rows(pager, a.cols);
	pager->page = a.rows;
	scroll(pager, (int64_t)pager->top);
	for (int i = 0; i < a.rows; i++) {
		if (pager->top + (size_t)i < pager->row_count)
			draw_row(
			    pager, a, i, pager->rows[pager->top + (size_t)i]);
	}
	if (pager->top + (size_t)a.rows >= pager->row_count)
		pager->seen_end = true;
	if (focus == FOCUS_ON)
		draw_cursor(a, 0, 0);
}

bool
pager_was_read(const struct pager *pager)
{
	return pager->seen_end;
}

size_t
pager_top(const struct pager *pager)
{
	return pager->top;
}

void
pager_set_top(struct pager *pager, size_t row)
{
	pager->top = row;
}

void
pager_show(struct pager *pager, size_t row)
{
	size_t page = pager->page > 0 ? (size_t)pager->page : 1;

	if (row < pager->top)
		pager->top = row;
	else if (row >= pager->top + page)
		pager->top = row - page + 1;
}

static bool
row_holds(const struct pager *pager, size_t row, struct span needle)
{
	struct span text = span_slice(
	    buf_span(&pager->text), pager->rows[row].from, pager->rows[row].to);

	for (size_t i = 0; i + needle.len <= text.len; i++) {
		if (span_equal_nocase(
			span_slice(text, i, i + needle.len), needle))
			return true;
	}
	return false;
}

bool
pager_find(struct pager *pager, struct span needle)
{
	for (size_t i = pager->top + 1; i < pager->row_count; i++) {
		if (row_holds(pager, i, needle)) {
			pager->top = i;
			return true;
		}
	}
	return false;
}

void
pager_position(const struct pager *pager, struct buf *out)
{
	size_t last = pager->top + (size_t)pager->page;

	if (last > pager->row_count)
		last = pager->row_count;
	buf_printf(out, "%zu-%zu/%zu", pager->row_count ? pager->top + 1 : 0,
	    last, pager->row_count);
}
