/* The canvas: a grid of cells that every screen draws into.  A terminal shows
 * it, a test dumps it as text.  Nothing here knows curses.
 *
 * Every byte drawn goes through the gate of tui/text/gate.h: invalid, control
 * and invisible characters cannot reach a cell, whoever draws them. */
#ifndef TUI_CANVAS_H
#define TUI_CANVAS_H

#include "core/base/buf.h"
#include "core/base/span.h"
#include "tui/theme.h"

enum { CELL_BYTES = 21 }; /* one character, four marks, NUL */

struct cell {
	char text[CELL_BYTES];
	uint8_t width; /* 1 or 2; 0: right half of the cell before */
	uint8_t role;  /* enum role */
};

struct canvas;

/* A canvas of blanks in ROLE_TEXT.  Sizes are cut to 1..500 rows and 1..1000
 * columns.  The caller frees it. */
struct canvas *canvas_new(int rows, int cols);

/* Accepts NULL, sets *canvas to NULL. */
void canvas_free(struct canvas **canvas);

/* Changes the size; all cells become blanks. */
void canvas_resize(struct canvas *canvas, int rows, int cols);

/* All cells blank, ROLE_TEXT; the cursor at the top left. */
void canvas_clear(struct canvas *canvas);

/* Cells downwards. */
int canvas_rows(const struct canvas *canvas);
/* Cells across. */
int canvas_cols(const struct canvas *canvas);

/* The cell at a place that must exist; lives until the next change of size. */
const struct cell *canvas_cell(const struct canvas *canvas, int row, int col);

/* Where the hardware cursor stands. */
void canvas_cursor_place(const struct canvas *canvas, int *row, int *col);

/* True when the cursor was placed last by draw_caret(): a letter typed now is
 * text, not a command. */
bool canvas_is_typed_into(const struct canvas *canvas);
/* Letters are commands, though the cursor stands in a field. */
void canvas_no_caret(struct canvas *canvas);

/* Adds the cells as lines of UTF-8, each ended by LF, without blanks at the
 * end of lines. */
void canvas_dump(const struct canvas *canvas, struct buf *out);

/* Adds one letter per cell for its role: A is ROLE_TEXT, then in the order of
 * THEME_ROLES, 'a' after 'Z'.  For tests of looks. */
void canvas_dump_roles(const struct canvas *canvas, struct buf *out);

/* A rectangle of a canvas.  Drawing takes places relative to it and never
 * leaves it; one that lies outside or is empty draws nothing.  Passed by
 * value. */
struct area {
	struct canvas *canvas; /* borrowed */
	int row, col, rows, cols;
};

/* The whole canvas. */
struct area canvas_area(struct canvas *canvas);

/* Rows row..row+rows of a; rows < 0 counts from the end: -1 is "to the last",
 * -2 "to the last but one". */
struct area area_rows(struct area a, int row, int rows);

/* Columns, the same way. */
struct area area_cols(struct area a, int col, int cols);

/* What to do with text that is wider than its place. */
enum fit {
	FIT_CUT,    /* cut */
	FIT_END,    /* cut, last cell '~' */
	FIT_MIDDLE, /* '~' in the middle, so that a domain's end stays */
	FIT_RIGHT,  /* as FIT_END, but aligned to the right when narrower */
};

/* Draws one line of text, cut at the area's edge; returns the column behind
 * it.  Control bytes show as ^X in ROLE_DIM, invisible characters as one mark
 * in ROLE_WARN. */
int draw_text(
    struct area a, int row, int col, enum role role, struct span text);

/* draw_text() of a NUL-terminated string. */
int draw_str(struct area a, int row, int col, enum role role, const char *text);

/* draw_text() of printf output; format comes from the catalogue or is ours. */
__attribute__((format(printf, 5, 6))) int draw_printf(
    struct area a, int row, int col, enum role role, const char *format, ...);

/* Draws text into exactly cols cells, filled with blanks; returns col + cols.
 * Less than one column draws nothing. */
int draw_fit(struct area a, int row, int col, int cols, enum role role,
    enum fit fit, struct span text);

/* Draws text so that it ends at the area's right edge less margin. */
void draw_end(
    struct area a, int row, int margin, enum role role, struct span text);

/* Draws text in the middle of the row. */
void draw_center(struct area a, int row, enum role role, struct span text);

/* Wraps text (LF starts a new line; words are kept whole where they can be,
 * Japanese breaks anywhere but before closing marks) from row on; returns the
 * row behind the last line. */
int draw_wrapped(
    struct area a, int row, int col, enum role role, struct span text);

/* count blanks in role. */
void draw_blank(struct area a, int row, int col, int count, enum role role);

/* Gives all cells of the area that have one role another: text drawn by a
 * widget, on an overlay. */
void draw_swap(struct area a, enum role from, enum role to);

/* Fills the whole area with blanks in role. */
void draw_fill(struct area a, enum role role);

/* Gives count existing cells another role: the selected row. */
void draw_role(struct area a, int row, int col, int count, enum role role);

/* Puts the hardware cursor there (cut to the area). */
void draw_cursor(struct area a, int row, int col);

/* The same, in text that is being typed. */
void draw_caret(struct area a, int row, int col);

#endif
