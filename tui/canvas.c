/* The canvas and drawing into areas of it.  Invariant: a cell of width 2 is
 * followed by one of width 0, and a width-0 cell follows one of width 2;
 * put_cell() is the only function that writes cells. */
#include "tui/canvas.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/base/mem.h"
#include "core/base/utf8.h"
#include "tui/text/gate.h"
#include "tui/text/wrap.h"

enum { ROWS_MAX = 500, COLS_MAX = 1000 };

struct canvas {
	int rows, cols;
	int cursor_row, cursor_col;
	bool is_caret; /* the cursor stands in text that is being typed */
	struct cell *cells;
};

static int
clamp(int value, int low, int high)
{
	if (value < low)
		return low;
	return value > high ? high : value;
}

struct canvas *
canvas_new(int rows, int cols)
{
	struct canvas *canvas = mem_new(sizeof *canvas);

	canvas_resize(canvas, rows, cols);
	return canvas;
}

void
canvas_free(struct canvas **canvas)
{
	if (!*canvas)
		return;
	free((*canvas)->cells);
	free(*canvas);
	*canvas = NULL;
}

void
canvas_resize(struct canvas *canvas, int rows, int cols)
{
	canvas->rows = clamp(rows, 1, ROWS_MAX);
	canvas->cols = clamp(cols, 1, COLS_MAX);
	free(canvas->cells);
	canvas->cells = mem_array(
	    (size_t)canvas->rows * (size_t)canvas->cols, sizeof(struct cell));
	canvas_clear(canvas);
}

static struct cell *
at(const struct canvas *canvas, int row, int col)
{
	return &canvas->cells[(size_t)row * (size_t)canvas->cols + (size_t)col];
}

static void
set_blank(struct cell *cell, enum role role)
{
	*cell = (struct cell){.text = " ", .width = 1, .role = (uint8_t)role};
}

void
canvas_clear(struct canvas *canvas)
{
	for (int row = 0; row < canvas->rows; row++) {
		for (int col = 0; col < canvas->cols; col++)
			set_blank(at(canvas, row, col), ROLE_TEXT);
	}
	canvas->cursor_row = canvas->cursor_col = 0;
	canvas->is_caret = false;
}

int
canvas_rows(const struct canvas *canvas)
{
	return canvas->rows;
}

int
canvas_cols(const struct canvas *canvas)
{
	return canvas->cols;
}

const struct cell *
canvas_cell(const struct canvas *canvas, int row, int col)
{
	return at(canvas, row, col);
}

void
canvas_cursor_place(const struct canvas *canvas, int *row, int *col)
{
	*row = canvas->cursor_row;
	*col = canvas->cursor_col;
}

bool
canvas_is_typed_into(const struct canvas *canvas)
{
	return canvas->is_caret;
}

void
canvas_no_caret(struct canvas *canvas)
{
	canvas->is_caret = false;
}

void
canvas_dump(const struct canvas *canvas, struct buf *out)
{
	for (int row = 0; row < canvas->rows; row++) {
		size_t end = out->len;

		for (int col = 0; col < canvas->cols; col++) {
			const struct cell *cell = at(canvas, row, col);

			if (cell->width == 0)
				continue;
			buf_text(out, cell->text);
			if (strcmp(cell->text, " ") != 0)
				end = out->len;
		}
		if (out->ptr)
			out->len = end;
		buf_char(out, '\n');
	}
}

void
canvas_dump_roles(const struct canvas *canvas, struct buf *out)
{
	for (int row = 0; row < canvas->rows; row++) {
		for (int col = 0; col < canvas->cols; col++) {
			int role = at(canvas, row, col)->role;

			buf_char(out,
			    (char)(role < 26 ? 'A' + role : 'a' + role - 26));
		}
		buf_char(out, '\n');
	}
}

struct area
canvas_area(struct canvas *canvas)
{
	return (struct area){canvas, 0, 0, canvas->rows, canvas->cols};
}

/* Cuts [from, from + count) to [0, limit); a negative count is the distance
 * of the end from limit, -1 meaning none. */
static void
cut_range(int *from, int *count, int limit)
{
	int end = *count < 0 ? limit + *count + 1 : *from + *count;

	*from = clamp(*from, 0, limit);
	end = clamp(end, *from, limit);
	*count = end - *from;
}

struct area
area_rows(struct area a, int row, int rows)
{
	cut_range(&row, &rows, a.rows);
	a.row += row;
	a.rows = rows;
	return a;
}

struct area
area_cols(struct area a, int col, int cols)
{
	cut_range(&col, &cols, a.cols);
	a.col += col;
	a.cols = cols;
	return a;
}

/* Makes sure that writing the cell cuts no wide character in two. */
static void
release(struct canvas *canvas, int row, int col)
{
	struct cell *cell = at(canvas, row, col);

	if (cell->width == 0 && col > 0)
		set_blank(at(canvas, row, col - 1),
		    (enum role)at(canvas, row, col - 1)->role);
	if (cell->width == 2 && col + 1 < canvas->cols)
		set_blank(at(canvas, row, col + 1),
		    (enum role)at(canvas, row, col + 1)->role);
}

/* Writes one piece at an absolute place that is known to be inside. */
static void
put_cell(struct canvas *canvas, int row, int col, enum role role,
    const char *text, int width)
{
	struct cell *cell;

	release(canvas, row, col);
	if (width == 2)
		release(canvas, row, col + 1);
	cell = at(canvas, row, col);
	*cell = (struct cell){.width = (uint8_t)width, .role = (uint8_t)role};
	snprintf(cell->text, sizeof cell->text, "%s", text);
	if (width == 2)
		*at(canvas, row, col + 1) =
		    (struct cell){.width = 0, .role = (uint8_t)role};
}

static bool
has_row(struct area a, int row)
{
	return row >= 0 && row < a.rows && a.row + row < a.canvas->rows;
}

/* Draws one piece at a column of the area; what lies outside is not drawn,
 * half of a wide character becomes a blank. */
static int
put_piece(struct area a, int row, int col, enum role role, const char *text,
    int width)
{
	if (width == 2 && col == a.cols - 1)
		put_piece(a, row, col, role, " ", 1);
	else if (col >= 0 && col + width <= a.cols &&
		 a.col + col + width <= a.canvas->cols)
		put_cell(a.canvas, a.row + row, a.col + col, role, text, width);
	return col + width;
}

static int
put_split(struct area a, int row, int col, enum role role, const char *text)
{
	char one[2] = "";

	for (; *text; text++) {
		one[0] = *text;
		col = put_piece(a, row, col, role, one, 1);
	}
	return col;
}

int
draw_text(struct area a, int row, int col, enum role role, struct span text)
{
	struct gate_piece piece;
	enum gate_kind kind;
	enum role shown;

	if (!has_row(a, row))
		return col;
	while (col < a.cols && (kind = gate_next(&text, GATE_LIST, &piece))) {
		shown = role;
		if (kind == GATE_HIDDEN)
			shown = ROLE_WARN;
		if (kind == GATE_CONTROL && role == ROLE_TEXT)
			shown = ROLE_DIM;
		if (piece.splits)
			col = put_split(a, row, col, shown, piece.text);
		else
			col = put_piece(
			    a, row, col, shown, piece.text, piece.width);
	}
	return col < a.cols ? col : a.cols;
}

int
draw_str(struct area a, int row, int col, enum role role, const char *text)
{
	return draw_text(a, row, col, role, span_of(text));
}

int
draw_printf(
    struct area a, int row, int col, enum role role, const char *format, ...)
{
	char *text = NULL;
	va_list args;

	va_start(args, format);
	if (vasprintf(&text, format, args) < 0)
		text = NULL;
	va_end(args);
	col = draw_str(a, row, col, role, text);
	free(text);
	return col;
}

int
draw_fit(struct area a, int row, int col, int cols, enum role role,
    enum fit fit, struct span text)
{
	struct buf cut = BUF_INIT;
	struct area cell;
	int width = ui_width(text), start;

	if (cols < 1)
		return col;
	draw_blank(a, row, col, cols, role);
	start = fit == FIT_RIGHT && width < cols ? cols - width : 0;
	cell = area_cols(a, col, cols);
	if (width <= cols || fit == FIT_CUT) {
		draw_text(cell, row, start, role, text);
	} else {
		if (fit == FIT_MIDDLE)
			ui_cut_address(&cut, text, cols);
		else
			ui_cut_end(&cut, text, cols);
		draw_text(cell, row, 0, role, buf_span(&cut));
	}
	buf_done(&cut);
	return col + cols;
}

void
draw_end(struct area a, int row, int margin, enum role role, struct span text)
{
	int col = a.cols - margin - ui_width(text);

	draw_text(a, row, col > 0 ? col : 0, role, text);
}

void
draw_center(struct area a, int row, enum role role, struct span text)
{
	int col = (a.cols - ui_width(text)) / 2;

	draw_text(a, row, col > 0 ? col : 0, role, text);
}

int
draw_wrapped(struct area a, int row, int col, enum role role, struct span text)
{
	struct buf safe = BUF_INIT;
	struct span line, rest;

	while (text.len > 0) {
		line = span_cut(&text, '\n');
		buf_clear(&safe);
		ui_text(&safe, line);
		rest = buf_span(&safe);
		do {
			line = wrap_next(&rest, a.cols - col);
			draw_text(a, row++, col, role, line);
		} while (rest.len > 0 && row < a.rows);
	}
	buf_done(&safe);
	return row;
}

void
draw_blank(struct area a, int row, int col, int count, enum role role)
{
	if (!has_row(a, row))
		return;
	for (int i = 0; i < count && col + i < a.cols; i++)
		put_piece(a, row, col + i, role, " ", 1);
}

void
draw_fill(struct area a, enum role role)
{
	for (int row = 0; row < a.rows; row++)
		draw_blank(a, row, 0, a.cols, role);
}

void
draw_role(struct area a, int row, int col, int count, enum role role)
{
	if (!has_row(a, row))
		return;
	for (int i = 0; i < count; i++, col++) {
		if (col >= 0 && col < a.cols && a.col + col < a.canvas->cols)
			at(a.canvas, a.row + row, a.col + col)->role =
			    (uint8_t)role;
	}
}

void
draw_swap(struct area a, enum role from, enum role to)
{
	struct cell *cell;

	for (int row = 0; row < a.rows && has_row(a, row); row++) {
		for (int col = 0; col < a.cols; col++) {
			cell = at(a.canvas, a.row + row, a.col + col);
			if (cell->role == from)
				cell->role = (uint8_t)to;
		}
	}
}

void
draw_cursor(struct area a, int row, int col)
{
	if (a.rows < 1 || a.cols < 1)
		return;
	a.canvas->cursor_row =
	    clamp(a.row + clamp(row, 0, a.rows - 1), 0, a.canvas->rows - 1);
	a.canvas->cursor_col =
	    clamp(a.col + clamp(col, 0, a.cols - 1), 0, a.canvas->cols - 1);
	a.canvas->is_caret = false;
}

void
draw_caret(struct area a, int row, int col)
{
	draw_cursor(a, row, col);
	a.canvas->is_caret = true;
}
