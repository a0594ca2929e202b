/* Lays tables out for one recipient: columns side by side, each as wide as its
 * widest cell, when the whole fits the line; else each row as lines "head:
 * value", which can be read at any width and by a screen reader. */
#include "core/compose/plain_wrap.h"

#include <stdlib.h>

#include "core/base/utf8.h"

#define BETWEEN 2 /* cells of blank between columns */

struct table {
	struct span align; /* one letter for each column */
	struct span *cell; /* rows of align.len */
	size_t rows;
	int *width; /* of the columns */
};

/* Takes the cells apart; they point into body. */
static void
table_read(struct span body, struct table *out)
{
	size_t room = 0, columns;

	*out = (struct table){.align = span_cut(&body, PLAIN_ROW_END)};
	columns = out->align.len;
	while (body.len > 0) {
		struct span row = span_cut(&body, PLAIN_ROW_END);

		if (out->rows == room) {
			room = room ? 2 * room : 8;
			out->cell = mem_grow(out->cell,
			    (room * columns + 1) * sizeof *out->cell);
		}
		for (size_t i = 0; i < columns; i++)
			out->cell[out->rows * columns + i] =
			    span_cut(&row, PLAIN_CELL_END);
		out->rows++;
	}
	out->width = mem_array(columns + 1, sizeof *out->width);
}

/* Measures a cell; false when it fits no line. */
static bool
measure_cell(struct span cell, int *width)
{
	while (cell.len > 0) {
		int cells = utf8_width(span_cut(&cell, '\n'));

		*width = cells > *width ? cells : *width;
	}
	return *width <= PLAIN_COLUMNS;
}

/* Measures the columns; false when they do not fit room side by side, in cells
 * or in octets: a cell may hold more of these than it shows. */
static bool
table_measure(struct table *table, int room)
{
	size_t columns = table->align.len;
	int all = 0;

	for (size_t row = 0; row < table->rows; row++) {
		size_t octets = 0;

		for (size_t i = 0; i < columns; i++) {
			struct span cell = table->cell[row * columns + i];

			octets += cell.len;
			if (!measure_cell(cell, &table->width[i]))
				return false;
		}
		if (octets > PLAIN_OCTETS_MAX - 4 * PLAIN_COLUMNS)
			return false;
	}
	for (size_t i = 0; i < columns; i++)
		all += table->width[i] + (i > 0 ? BETWEEN : 0);
	return all <= room;
}

static void
add_blanks(struct buf *out, int count)
{
	while (count-- > 0)
		buf_char(out, ' ');
}

static void
add_aligned(struct buf *out, struct span text, char align, int width)
{
	int left = width - utf8_width(text), before = 0;

	if (align == 'r')
		before = left;
	else if (align == 'c')
		before = left / 2;
	add_blanks(out, before);
	buf_add(out, text);
	add_blanks(out, left - before);
}

/* Line number line of a cell, which may hold line ends; false when the cell
 * ends before. */
static bool
cell_line(struct span cell, size_t line, struct span *out)
{
	size_t n = 0;

	do {
		*out = span_cut(&cell, '\n');
		if (n++ == line)
			return true;
	} while (cell.len > 0);
	*out = SPAN("");
	return false;
}

static void
end_line(struct buf *out)
{
	while (out->len > 0 && out->ptr[out->len - 1] == ' ')
		out->len--;
	buf_char(out, '\n');
}

static void
lay_row(struct wrap *wrap, const struct table *table, size_t row,
    struct span *prefix)
{
	size_t columns = table->align.len;
	bool more = true;

	for (size_t line = 0; more; line++) {
		struct buf text = BUF_INIT;

		more = false;
		for (size_t i = 0; i < columns; i++) {
			struct span part;

			more |= cell_line(
			    table->cell[row * columns + i], line, &part);
			add_blanks(&text, i > 0 ? BETWEEN : 0);
			add_aligned(
			    &text, part, table->align.ptr[i], table->width[i]);
		}
		if (more || line == 0) {
			buf_add(wrap->out, *prefix);
			buf_add(wrap->out, buf_span(&text));
			end_line(wrap->out);
			*prefix = wrap->rest;
		}
		buf_done(&text);
	}
}

static void
lay_dashes(struct wrap *wrap, const struct table *table)
{
	buf_add(wrap->out, wrap->rest);
	for (size_t i = 0; i < table->align.len; i++) {
		add_blanks(wrap->out, i > 0 ? BETWEEN : 0);
		for (int n = 0; n < table->width[i]; n++)
			buf_char(wrap->out, '-');
	}
	end_line(wrap->out);
}

static bool
has_heads(const struct table *table)
{
	for (size_t i = 0; i < table->align.len; i++) {
		if (table->cell[i].len > 0)
			return true;
	}
	return false;
}

static void
lay_columns(struct wrap *wrap, const struct table *table, struct span first)
{
	size_t row = 0;

	if (has_heads(table)) {
		lay_row(wrap, table, 0, &first);
		lay_dashes(wrap, table);
	}
	while (++row < table->rows)
		lay_row(wrap, table, row, &first);
}

/* One cell of a row that is written as lines. */
static void
lay_pair(
    struct wrap *wrap, struct span prefix, struct span head, struct span value)
{
	struct buf text = BUF_INIT, rest = BUF_INIT;
	struct wrap inner = *wrap;
	struct span line;

	buf_add(&rest, wrap->rest);
	add_blanks(&rest, BETWEEN);
	inner.rest = buf_span(&rest);
	inner.rest_cells = wrap->rest_cells + BETWEEN;
	line = span_cut(&head, '\n');
	buf_add(&text, line);
	if (line.len > 0)
		buf_text(&text, ": ");
	line = span_cut(&value, '\n');
	buf_add(&text, line);
	plain_wrap_line(&inner, prefix, buf_span(&text));
	while (value.len > 0)
		plain_wrap_line(&inner, inner.rest, span_cut(&value, '\n'));
	buf_done(&text);
	buf_done(&rest);
}

static void
lay_pairs(struct wrap *wrap, const struct table *table, struct span first)
{
	size_t columns = table->align.len;
	size_t row = table->rows > 1 ? 1 : 0;

	for (; row < table->rows; row++) {
		if (row > 1)
			plain_wrap_line(wrap, wrap->rest, SPAN(""));
		for (size_t i = 0; i < columns; i++) {
			struct span value = table->cell[row * columns + i];
			struct span head = row > 0 ? table->cell[i] : SPAN("");

			if (value.len == 0)
				continue;
			lay_pair(wrap, first, head, value);
			first = wrap->rest;
		}
	}
}

void
plain_lay_table(struct wrap *wrap, struct span first, struct span body)
{
	struct table table;

	table_read(body, &table);
	if (table_measure(&table, PLAIN_COLUMNS - wrap->rest_cells))
		lay_columns(wrap, &table, first);
	else
		lay_pairs(wrap, &table, first);
	free(table.cell);
	free(table.width);
}
