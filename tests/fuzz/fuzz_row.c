/* From the text of a file to people: columns guessed from its first row, every
 * other row read with them.  What is accepted must be fit to be stored. */
#include <stdint.h>
#include <stdlib.h>

#include "core/base/json.h"
#include "core/base/text.h"
#include "core/base/utf8.h"
#include "core/import/dialect.h"
#include "core/import/guess.h"
#include "core/import/row.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_person(const struct mapping *mapping, const struct csv_person *person)
{
	struct buf fields = BUF_INIT, again = BUF_INIT;
	struct json_walk walk;
	struct span key, value;
	int got;

	if (!utf8_is_valid(person->name) ||
	    text_check_line(person->name) != TEXT_FINE ||
	    text_check_line(person->address.canon) != TEXT_FINE)
		abort();
	if (person_fields(mapping, person, SPAN(""), &fields, NULL) < 0)
		abort();
	json_begin(&walk, buf_span(&fields));
	while ((got = json_next(&walk, &key, &value)) == 1)
		continue;
	/* The same row over what it made changes nothing. */
	if (got < 0 ||
	    person_fields(mapping, person, buf_span(&fields), &again, NULL) <
		0 ||
	    !span_equal(buf_span(&fields), buf_span(&again)))
		abort();
	buf_done(&fields);
	buf_done(&again);
}

static void
read_rows(struct csv *csv, struct span *rest, struct import_column *column,
    size_t count)
{
	struct arena *arena = arena_new();
	struct mapping mapping;
	struct csv_row row;

	guess_columns(column, count);
	if (mapping_init(&mapping, column, count, NULL) == 0) {
		while (csv_next(csv, rest, &row, NULL) == CSV_ROW) {
			struct csv_person person = {0};

			if (row_person(&mapping, &row, arena, &person, NULL) ==
			    1)
				check_person(&mapping, &person);
			arena_reset(arena);
		}
	}
	arena_free(&arena);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span rest = span_make(data, size);
	struct dialect dialect = {0};
	struct import_column *column;
	struct csv_row row;
	struct csv *csv;

	if (!utf8_is_valid(rest))
		return 0;
	dialect_find(rest, DIALECT_WHOLE, &dialect);
	if (dialect.delimiter == IMPORT_TOUTEN)
		return 0;
	rest = span_slice(rest, dialect.sep_len, rest.len);
	csv = csv_new(dialect.delimiter, dialect.quote, 1);
	if (csv_next(csv, &rest, &row, NULL) == CSV_ROW) {
		size_t count = row.count;

		column = mem_array(count, sizeof *column);
		for (size_t i = 0; i < count; i++) {
			text_cut(column[i].header, sizeof column[i].header,
			    text_trim(row.cell[i]));
		}
		read_rows(csv, &rest, column, count);
		free(column);
	}
	csv_free(&csv);
	return 0;
}
