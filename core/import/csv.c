/* A machine for CSV: quotes, doubled or with backslashes, line ends of all
 * three kinds and mixed.  A quote counts only at the beginning of a cell;
 * elsewhere it is a letter.  The limits bound what one row can hold, whatever
 * the file does. */
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
	ESCAPED,         /* behind a backslash */
};

/* What ends a run of letters: one look-up for each octet. */
enum stop { STOP_PLAIN = 1, STOP_QUOTED = 2 };

struct csv {
	char delimiter;
	enum import_quote quote;
	bool blanks; /* before an opening mark go with it */
	enum state state;
	enum state escaped; /* to go on with after ESCAPED */
	bool was_cr;        /* a LF now belongs to the CR before it */
	bool row_done;      /* the row was handed out: forget it first */
	int64_t line;       /* now */
	int64_t row_line;   /* where the row began */
	int64_t open_line;  /* where the quoted cell began */
	struct buf text;    /* of all cells of the row, one behind the other */
	size_t start[IMPORT_COLUMNS_MAX + 1];
	struct span cell[IMPORT_COLUMNS_MAX];
	size_t count; /* cells that have ended */
	char raw[CSV_RAW_KEPT];
	size_t raw_len;
	int torn;
	unsigned char stop[256];
};

struct csv *
csv_new(char delimiter, enum import_quote quote, int64_t first)
{
	struct csv *csv = mem_new(sizeof *csv);

	csv->delimiter = delimiter;
	csv->quote = quote;
	csv->stop['\n'] = csv->stop['\r'] = STOP_PLAIN | STOP_QUOTED;
	csv->stop[(unsigned char)delimiter] = STOP_PLAIN;
	csv->stop['"'] |= STOP_QUOTED;
	if (quote == IMPORT_QUOTE_BACKSLASH)
		csv->stop['\\'] = STOP_PLAIN | STOP_QUOTED;
	csv->line = first;
	csv->torn = -1;
	buf_reserve(&csv->text, 1024); /* never NULL: cells point into it */
	return csv;
}

void
csv_skip_blanks(struct csv *csv)
{
	csv->blanks = csv->quote != IMPORT_QUOTE_NONE;
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
	size_t start = csv->start[csv->count];

	if (csv->count == IMPORT_COLUMNS_MAX)
		return columns_full(csv, rest, err);
	/* what dumps of databases write for no value */
	if (csv->quote == IMPORT_QUOTE_BACKSLASH &&
	    csv->text.len == start + 2 &&
	    !memcmp(csv->text.ptr + start, "\\N", 2))
		csv->text.len = start;
	csv->start[++csv->count] = csv->text.len;
	return 0;
}

/* Index of the first byte that ends a run of letters. */
static size_t
run_of(const struct csv *csv, struct span s, enum stop stop)
{
	size_t i = 0;

	while (i < s.len && !(csv->stop[(unsigned char)s.ptr[i]] & stop))
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

/* Takes a backslash off the input. */
static int
escape(struct csv *csv, struct span *input)
{
	raw_add(csv, SPAN("\\"));
	*input = span_slice(*input, 1, input->len);
	csv->escaped = csv->state;
	csv->state = ESCAPED;
	return 0;
}

/* Behind a backslash: what could not stand there otherwise loses it, and
 * anything else is text with a backslash in it. */
static int
after_escape(struct csv *csv, struct span *input, struct err *err)
{
	char c = *input->ptr;

	csv->state = csv->escaped;
	if (is_line_end(c))
		line_end(csv, c);
	else
		csv->was_cr = false;
	if (c != csv->delimiter && c != '"' && c != '\\' && !is_line_end(c) &&
	    cell_add(csv, SPAN("\\"), err) < 0)
		return -1;
	return letters(csv, input, 1, err);
}

static int
in_quoted(struct csv *csv, struct span *input, struct err *err)
{
	size_t run = run_of(csv, *input, STOP_QUOTED);

	if (run) {
		csv->was_cr = false;
		return letters(csv, input, run, err);
	}
	if (is_line_end(*input->ptr))
		line_end(csv, *input->ptr);
	else
		csv->was_cr = false;
	if (*input->ptr == '\\')
		return escape(csv, input);
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
		raw_add(csv, c == IMPORT_TOUTEN ? SPAN("\xe3\x80\x81")
						: span_make(&c, 1));
		csv->state = CELL_START;
		return 0;
	}
	line_end(csv, c);
	csv->state = ROW_START;
	return 1;
}

/* True when the quoted part of the cell holds further lines with an address:
 * its quote was most likely never closed, and the one found opens the next
 * quoted cell.  Then these lines are people, and no single row's fault. */
static bool
swallowed(const struct csv *csv)
{
	struct span cell = buf_span(&csv->text);
	size_t i = csv->start[csv->count];

	while (i < cell.len && !is_line_end(cell.ptr[i]))
		i++;
	cell = span_slice(cell, i, cell.len);
	return span_index(cell, '@') < cell.len ||
	       span_search(cell, SPAN("\xef\xbc\xa0")) < cell.len;
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
	if (swallowed(csv))
		return fail(E_CSV_QUOTE_OPEN, csv->open_line, err);
	if (csv->torn < 0)
		csv->torn = (int)csv->count;
	csv->state = PLAIN;
	return 0;
}

static int
plain(struct csv *csv, struct span *input, struct err *err)
{
	size_t run = run_of(csv, *input, STOP_PLAIN);

	if (run) {
		csv->was_cr = false;
		if (letters(csv, input, run, err) < 0)
			return -1;
		if (input->len == 0)
			return 0;
	}
	return *input->ptr == '\\' && csv->quote == IMPORT_QUOTE_BACKSLASH
		   ? escape(csv, input)
		   : cell_ends(csv, input, err);
}

static int
cell_start(struct csv *csv, struct span *input, struct err *err)
{
	if (*input->ptr == ' ' && csv->blanks)
		return letters(csv, input, 1, err);
	if (*input->ptr != '"' || csv->quote == IMPORT_QUOTE_NONE) {
		csv->state = PLAIN;
		return plain(csv, input, err);
	}
	raw_add(csv, SPAN("\""));
	*input = span_slice(*input, 1, input->len);
	csv->text.len = csv->start[csv->count]; /* blanks */
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
step(struct csv *csv, struct span *input, struct err *err)
{
	switch (csv->state) {
	case ROW_START:
		return row_start(csv, input);
	case CELL_START:
		return cell_start(csv, input, err);
	case PLAIN:
		return plain(csv, input, err);
	case QUOTED:
		return in_quoted(csv, input, err);
	case QUOTE_IN_QUOTED:
	case AFTER_QUOTED:
		return after_quoted(csv, input, err);
	case ESCAPED:
		return after_escape(csv, input, err);
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
	if (csv->state == ESCAPED) {
		csv->state = csv->escaped;
		if (cell_add(csv, SPAN("\\"), err) < 0)
			return CSV_FAILED;
	}
	if (csv->state == QUOTED) {
		fail(E_CSV_QUOTE_OPEN, csv->open_line, err);
		return CSV_FAILED;
	}
	if (cell_end(csv, SPAN(""), err) < 0)
		return CSV_FAILED;
	csv->state = ROW_START;
	return row_give(csv, row);
}
