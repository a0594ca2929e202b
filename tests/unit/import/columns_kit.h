/* Columns made of a text, as opening a file makes them. */
#ifndef TESTS_UNIT_IMPORT_COLUMNS_KIT_H
#define TESTS_UNIT_IMPORT_COLUMNS_KIT_H

#include "tests/unit/unit.h"

#include <stdlib.h>

#include "core/base/text.h"
#include "core/import/guess.h"
#include "core/import/header.h"
#include "core/import/row.h"
#include "core/import/says.h"
#include "core/import/survey.h"
#include "core/import/value.h"

enum { KIT_COLUMNS = 40 };

/* A text whose first line holds the headers. */
struct table {
	struct import_column column[KIT_COLUMNS];
	size_t count;
	struct csv *csv;
	struct span rest; /* behind what was read */
	struct arena *arena;
	struct mapping mapping;
	struct csv_row row; /* the last that table_person() has read */
};

/* Takes the headers of the first line. */
static inline void
table_headers(struct table *table, const char *text)
{
	struct csv_row row;

	memset(table, 0, sizeof *table);
	table->rest = span_of(text);
	table->csv = csv_new(',', IMPORT_QUOTE_DOUBLE, 1);
	table->arena = arena_new();
	assert_int_equal(
	    csv_next(table->csv, &table->rest, &row, NULL), CSV_ROW);
	assert_true(row.count <= KIT_COLUMNS);
	table->count = row.count;
	for (size_t i = 0; i < row.count; i++) {
		text_cut(table->column[i].header,
		    sizeof table->column[i].header, text_trim(row.cell[i]));
	}
}

/* Surveys all rows of a text with headers and guesses. */
static inline void
table_guess(struct table *table, const char *text)
{
	struct span rest;
	struct csv_row row;
	struct csv *csv;
	int which = 0;

	table_headers(table, text);
	rest = span_of(text);
	csv = csv_new(',', IMPORT_QUOTE_DOUBLE, 1);
	csv_next(csv, &rest, &row, NULL);
	while (csv_next(csv, &rest, &row, NULL) == CSV_ROW) {
		survey_row(table->column, table->count, row.cell, row.count);
		for (size_t i = 0;
		    i < row.count && which < IMPORT_SAMPLES && i < table->count;
		    i++) {
			text_cut(table->column[i].sample[which],
			    sizeof table->column[i].sample[which], row.cell[i]);
		}
		which++;
	}
	csv_free(&csv);
	survey_end(table->column, table->count);
	guess_columns(table->column, table->count);
}

/* Reads the next row into person: as row_person(). */
static inline int
table_person(struct table *table, struct csv_person *person, struct err *err)
{
	*person = (struct csv_person){0};
	assert_ok(
	    mapping_init(&table->mapping, table->column, table->count, err),
	    err);
	assert_int_equal(
	    csv_next(table->csv, &table->rest, &table->row, NULL), CSV_ROW);
	return row_person(
	    &table->mapping, &table->row, table->arena, person, err);
}

/* Frees what a table holds. */
static inline void
table_done(struct table *table)
{
	csv_free(&table->csv);
	arena_free(&table->arena);
}

#endif
