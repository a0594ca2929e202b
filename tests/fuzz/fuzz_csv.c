/* The CSV machine in every way of quoting: how the input is cut must not change
 * the rows, and what is found of a file is something that can be read. */
#include <stdint.h>
#include <stdlib.h>

#include "core/base/buf.h"
#include "core/import/csv.h"
#include "core/import/dialect.h"
#include "core/import/import.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
add_row(const struct csv_row *row, struct buf *all)
{
	if (row->count == 0 || row->count > IMPORT_COLUMNS_MAX ||
	    row->raw.len > CSV_RAW_KEPT)
		abort();
	buf_int(all, row->line);
	for (size_t i = 0; i < row->count; i++) {
		if (row->cell[i].len > IMPORT_CELL_MAX)
			abort();
		buf_char(all, row->torn == (int)i ? '!' : '[');
		buf_add(all, row->cell[i]);
	}
}

static void
parse(struct span in, char delimiter, enum import_quote quote, size_t step,
    struct buf *all)
{
	struct csv *csv = csv_new(delimiter, quote, 1);
	enum csv_got got = CSV_MORE;
	struct err err = {0};
	struct csv_row row;

	if (delimiter == ';')
		csv_skip_blanks(csv);
	while (in.len && got != CSV_FAILED) {
		struct span piece = span_slice(in, 0, step);

		in = span_slice(in, step, in.len);
		while ((got = csv_next(csv, &piece, &row, &err)) == CSV_ROW)
			add_row(&row, all);
	}
	if (got != CSV_FAILED && csv_finish(csv, &row, &err) == CSV_ROW)
		add_row(&row, all);
	buf_text(all, err_name(err.code));
	buf_text(all, err_find(&err, "line"));
	csv_free(&csv);
}

static void
compare(struct span in, char delimiter, enum import_quote quote, size_t step)
{
	struct buf whole = BUF_INIT, pieces = BUF_INIT;

	parse(in, delimiter, quote, in.len + 1, &whole);
	parse(in, delimiter, quote, step, &pieces);
	/* Where a cell outgrows its limit depends on the pieces; the rows
	 * before it and the verdict do not. */
	if (!span_equal(buf_span(&whole), buf_span(&pieces)))
		abort();
	buf_done(&whole);
	buf_done(&pieces);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span in = span_make(data, size);
	struct dialect dialect = {0};
	struct buf text = BUF_INIT;
	size_t step = 1 + size % 7;

	dialect_find(in, size % 2 ? DIALECT_WHOLE : DIALECT_PART, &dialect);
	if (dialect.delimiter == 0 || dialect.quote == IMPORT_QUOTE_FIND ||
	    dialect.sep_len > size)
		abort();
	buf_add(&text, span_slice(in, dialect.sep_len, in.len));
	if (dialect.delimiter == IMPORT_TOUTEN)
		dialect_fold(&text);
	for (int quote = IMPORT_QUOTE_DOUBLE; quote <= IMPORT_QUOTE_NONE;
	    quote++)
		compare(buf_span(&text), dialect.delimiter,
		    (enum import_quote)quote, step);
	buf_done(&text);
	return 0;
}
