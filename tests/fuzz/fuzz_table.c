/* The table inside a file: no row is lost, and whatever has an @ below the
 * first line of data is data. */
#include <stdint.h>
#include <stdlib.h>

#include "core/base/text.h"
#include "core/base/utf8.h"
#include "core/import/table.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool
has_at(const struct csv_row *row)
{
	for (size_t i = 0; i < row->count; i++) {
		if (span_index(row->cell[i], '@') < row->cell[i].len)
			return true;
	}
	return false;
}

static bool
is_blank(const struct csv_row *row)
{
	for (size_t i = 0; i < row->count; i++) {
		if (!text_is_blank(row->cell[i]))
			return false;
	}
	return true;
}

static bool
is_header(const struct import_table *at, int64_t line)
{
	for (int i = 0; i < at->header_rows; i++) {
		if (at->header_line[i] == line)
			return true;
	}
	return false;
}

static void
read_rows(const struct table *table, struct span in)
{
	struct csv *csv = csv_new(',', IMPORT_QUOTE_DOUBLE, 1);
	struct table_left left = {0};
	struct csv_row row;

	while (csv_next(csv, &in, &row, NULL) == CSV_ROW) {
		size_t before = left.count;
		bool taken = table_takes(table, &row, &left);

		if (has_at(&row) && row.line >= table->at.first_line && !taken)
			abort();
		if (!taken && left.count == before && !is_blank(&row) &&
		    !is_header(&table->at, row.line))
			abort();
	}
	csv_free(&csv);
	free(left.kept);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span in = span_make(data, size), head = in;
	struct import_form form = {.header = (enum import_header)(size % 3),
	    .first_line = size % 5 == 0 ? (int64_t)size % 4 : 0};
	struct table_search *search;
	struct table table = {0};
	struct csv *csv;
	struct csv_row row;

	if (!utf8_is_valid(in))
		return 0;
	search = table_search_new(&form);
	csv = csv_new(',', IMPORT_QUOTE_DOUBLE, 1);
	while (csv_next(csv, &head, &row, NULL) == CSV_ROW &&
	       table_search_row(search, &row))
		;
	csv_free(&csv);
	if (table_search_end(search, &table))
		read_rows(&table, in);
	table_done(&table);
	table_search_free(&search);
	return 0;
}
