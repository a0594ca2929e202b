/* A machine for CSV: quotes, doubled quotes, line ends of all three kinds and
 * mixed.  A quote counts only at the beginning of a cell; elsewhere it is a
 * letter.  The limits bound what one row can hold, whatever the file does. */
#include "core/import/csv.h"

#include <stdlib.h>

#include "core/base/buf.h"
#include "core/base/mem.h"
#include "core/import/import.h"

enum state {
	ROW_START,
	CELL_START,
	PLAIN,
	QUOTED,
	QUOTE_IN_QUOTED, /* the end of the cell, or half of a doubled quote */
	AFTER_QUOTED,    /* only blanks so far behind the closing quote */
};

struct csv {
	char delimiter;
	enum state state;
	bool was_cr;       /* a LF now belongs to the CR before it */
	bool row_done;     /* the row was handed out: forget it first */
	int64_t line;      /* now */
	int64_t row_line;  /* where the row began */
	int64_t open_line; /* where the quoted cell began */
	struct buf text;   /* of all cells of the row, one behind the other */
	size_t start[IMPORT_COLUMNS_MAX + 1];
	struct span cell[IMPORT_COLUMNS_MAX];
	size_t count; /* cells that have ended */
	char raw[CSV_RAW_KEPT];
	size_t raw_len;
	int torn;
};

struct csv *
csv_new(char delimiter, int64_t first)
{
	struct csv *csv = mem_new(sizeof *csv);

	csv->delimiter = delimiter;
	csv->line = first;
	csv->torn = -1;
	buf_reserve(&csv->text, 1024); /* never NULL: cells point into it */
	return csv;
}

void
csv_free(struct csv **csv)
{
	if (!*csv)
		return;
	buf_done(&(*csv)->text);
	free(*csv);
	*csv = NULL;
}

int64_t
csv_line(const struct csv *csv)
{
	return csv->line;
}

static int
fail(enum err_code code, int64_t line, struct err *err)
{
	err_set(err, code);
	return err_fact_int(err, "line", line);
}

static void
row_forget(struct csv *csv)
{
	buf_clear(&csv->text);
	csv->count = 0;
	csv->raw_len = 0;
	csv->torn = -1;
	csv->row_done = false;
}

/* rest: from the end of the cell too many, to say how many there are in all as
 * far as they can be seen. */
static int
columns_full(const struct csv *csv, struct span rest, struct err *err)
{
	int64_t found = (int64_t)csv->count + 1;

	for (size_t i = 0; i < rest.len; i++) {
		if (rest.ptr[i] == '\n' || rest.ptr[i] == '\r')
			break;
		found += rest.ptr[i] == csv->delimiter;
	}
	fail(E_CSV_COLUMNS, csv->row_line, err);
	err_fact_int(err, "found", found);
	return err_fact_int(err, "limit", IMPORT_COLUMNS_MAX);
}

static int
cell_full(const struct csv *csv, struct err *err)
{
	if (csv->state == QUOTED && csv->open_line < csv->line)
		return fail(E_CSV_QUOTE_OPEN, csv->open_line, err);
	fail(E_CSV_CELL_LONG, csv->row_line, err);
	err_fact_int(err, "column", (int64_t)csv->count + 1);
	return err_fact_int(err, "limit", IMPORT_CELL_MAX);
}

static int
cell_add(struct csv *csv, struct span bytes, struct err *err)
{
	size_t have = csv->text.len - csv->start[csv->count];

	if (bytes.len > IMPORT_CELL_MAX - have)
		return cell_full(csv, err);
	buf_add(&csv->text, bytes);
	return 0;
}

static int
cell_end(struct csv *csv, struct span rest, struct err *err)
{
	if (csv->count == IMPORT_COLUMNS_MAX)
		return columns_full(csv, rest, err);
	csv->start[++csv->count] = csv->text.len;
	return 0;
}

/* Index of the first byte that ends a run of letters of an unquoted cell. */
static size_t
plain_run(const struct csv *csv, struct span s)
{
	size_t i = 0;

	while (i < s.len && s.ptr[i] != csv->delimiter && s.ptr[i] != '\n' &&
	       s.ptr[i] != '\r')
		i++;
	return i;
}

static size_t
quoted_run(struct span s)
{
	size_t i = 0;

	while (i < s.len && s.ptr[i] != '"' && s.ptr[i] != '\n' &&
	       s.ptr[i] != '\r')
		i++;
	return i;
}

static void
raw_add(struct csv *csv, struct span bytes)
{
	size_t room = sizeof csv->raw - csv->raw_len;

	if (bytes.len < room)
		room = bytes.len;
	if (room)
		memcpy(csv->raw + csv->raw_len, bytes.ptr, room);
	csv->raw_len += room;
}

/* Takes len bytes off the input as letters of the cell. */
static int
letters(struct csv *csv, struct span *input, size_t len, struct err *err)
{
	struct span run = span_slice(*input, 0, len);

	*input = span_slice(*input, len, input->len);
	raw_add(csv, run);
	return cell_add(csv, run, err);
}

static void
line_end(struct csv *csv, char c)
{
	if (c == '\n' && csv->was_cr) {
		csv->was_cr = false;
		return;
	}
	csv->was_cr = c == '\r';
	csv->line++;
}

static bool
is_line_end(char c)
{
	return c == '\n' || c == '\r';
}

static int
in_quoted(struct csv *csv, struct span *input, struct err *err)
{
	size_t run = quoted_run(*input);

	if (run) {
		csv->was_cr = false;
		return letters(csv, input, run, err);
	}
	if (is_line_end(*input->ptr))
		line_end(csv, *input->ptr);
	else
		csv->was_cr = false;
	if (*input->ptr != '"')
		return letters(csv, input, 1, err);
	raw_add(csv, SPAN("\""));
	*input = span_slice(*input, 1, input->len);
	csv->state = QUOTE_IN_QUOTED;
	return 0;
}

/* A delimiter or a line end: true when the row has ended. */
static int
cell_ends(struct csv *csv, struct span *input, struct err *err)
{
	char c = *input->ptr;

	if (cell_end(csv, *input, err) < 0)
		return -1;
	*input = span_slice(*input, 1, input->len);
	if (c == csv->delimiter) {
		raw_add(csv, span_make(&c, 1));
		csv->state = CELL_START;
		return 0;
	}
	line_end(csv, c);
	csv->state = ROW_START;
	return 1;
}

static int
after_quoted(struct csv *csv, struct span *input, struct err *err)
{
	char c = *input->ptr;

	if (c == csv->delimiter || is_line_end(c))
		return cell_ends(csv, input, err);
	if (csv->state == QUOTE_IN_QUOTED && c == '"') {
		csv->state = QUOTED;
		return letters(csv, input, 1, err);
	}
	if (c == ' ') {
		csv->state = AFTER_QUOTED;
		raw_add(csv, span_make(&c, 1));
		*input = span_slice(*input, 1, input->len);
		return 0;
	}
	if (csv->torn < 0)
		csv->torn = (int)csv->count;
	csv->state = PLAIN;
	return 0;
}

static int
cell_start(struct csv *csv, struct span *input)
{
	if (*input->ptr != '"') {
		csv->state = PLAIN;
		return 0;
	}
	raw_add(csv, SPAN("\""));
	*input = span_slice(*input, 1, input->len);
	csv->open_line = csv->line;
	csv->was_cr = false;
	csv->state = QUOTED;
	return 0;
}

static int
row_start(struct csv *csv, struct span *input)
{
	char c = *input->ptr;

	if (is_line_end(c)) {
		line_end(csv, c);
		*input = span_slice(*input, 1, input->len);
		return 0;
	}
	csv->was_cr = false;
	csv->row_line = csv->line;
	csv->state = CELL_START;
	return 0;
}

static int
plain(struct csv *csv, struct span *input, struct err *err)
{
	size_t run = plain_run(csv, *input);

	return run ? letters(csv, input, run, err) : cell_ends(csv, input, err);
}

static int
step(struct csv *csv, struct span *input, struct err *err)
{
	switch (csv->state) {
	case ROW_START:
		return row_start(csv, input);
	case CELL_START:
		return cell_start(csv, input);
	case PLAIN:
		return plain(csv, input, err);
	case QUOTED:
		return in_quoted(csv, input, err);
	case QUOTE_IN_QUOTED:
	case AFTER_QUOTED:
		return after_quoted(csv, input, err);
	}
	return err_set(err, E_BUG);
}

static enum csv_got
row_give(struct csv *csv, struct csv_row *row)
{
	for (size_t i = 0; i < csv->count; i++) {
		csv->cell[i] = span_make(csv->text.ptr + csv->start[i],
		    csv->start[i + 1] - csv->start[i]);
	}
	*row = (struct csv_row){csv->row_line, csv->count, csv->cell,
	    span_make(csv->raw, csv->raw_len), csv->torn};
	csv->row_done = true;
	return CSV_ROW;
}

enum csv_got
csv_next(
    struct csv *csv, struct span *input, struct csv_row *row, struct err *err)
{
	if (csv->row_done)
		row_forget(csv);
	while (input->len) {
		int got = step(csv, input, err);

		if (got < 0)
			return CSV_FAILED;
		if (got > 0)
			return row_give(csv, row);
	}
	return CSV_MORE;
}

enum csv_got
csv_finish(struct csv *csv, struct csv_row *row, struct err *err)
{
	if (csv->row_done)
		row_forget(csv);
	if (csv->state == ROW_START)
		return CSV_MORE;
	if (csv->state == QUOTED) {
		fail(E_CSV_QUOTE_OPEN, csv->open_line, err);
		return CSV_FAILED;
	}
	if (cell_end(csv, SPAN(""), err) < 0)
		return CSV_FAILED;
	csv->state = ROW_START;
	return row_give(csv, row);
}

/* Rows of head that have as many cells as the first, and that number; the last
 * row, which head may cut, is left out unless it is the only one. */
static size_t
evenness(struct span head, char delimiter)
{
	struct csv *csv = csv_new(delimiter, 1);
	struct csv_row row;
	size_t first = 0, even = 0;

	for (int i = 0; i < 50; i++) {
		if (csv_next(csv, &head, &row, NULL) != CSV_ROW)
			break;
		if (i == 0)
			first = row.count;
		even += row.count == first;
	}
	if (first == 0 && csv_finish(csv, &row, NULL) == CSV_ROW) {
		first = row.count;
		even = 1;
	}
	csv_free(&csv);
	return first < 2 ? 0 : even * (IMPORT_COLUMNS_MAX + 1) + first;
}

char
csv_delimiter(struct span *head)
{
	static const char all[] = {',', ';', '\t'};
	size_t best = 0;
	char found = ',';

	if (head->len >= 6 &&
	    span_equal_nocase(span_slice(*head, 0, 4), SPAN("sep=")) &&
	    memchr(all, head->ptr[4], sizeof all) &&
	    is_line_end(head->ptr[5])) {
		found = head->ptr[4];
		*head = span_slice(*head, 5, head->len);
		return found;
	}
	for (size_t i = 0; i < sizeof all; i++) {
		size_t now = evenness(*head, all[i]);

		if (now > best) {
			best = now;
			found = all[i];
		}
	}
	return found;
}
