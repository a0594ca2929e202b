/* Comma-separated values (RFC 4180 and what is found in the field), read as a
 * stream of UTF-8. */
#ifndef CORE_IMPORT_CSV_H
#define CORE_IMPORT_CSV_H

#include <stdint.h>

#include "core/base/err.h"
#include "core/base/span.h"
#include "core/import/shape.h"

enum { CSV_RAW_KEPT = 512 };

/* A row; everything lives until the next call on its csv. */
struct csv_row {
	int64_t line; /* of the file, from 1, on which the row begins */
	size_t count;
	struct span *cell;
	struct span raw; /* its first CSV_RAW_KEPT octets, without the end */
	/* Column from 0 of the first cell with text behind its closing quote,
	 * or -1: what is meant cannot be known. */
	int torn;
};

/* A parser: bytes in, rows out; it reads nothing itself. */
struct csv;

/* A parser for rows cut by delimiter (one ASCII sign), with quotes as said
 * (IMPORT_QUOTE_FIND is taken for DOUBLE), at line first; the caller ends it
 * with csv_free(). */
struct csv *csv_new(char delimiter, enum import_quote quote, int64_t first);

/* From now on blanks before the quotation mark that opens a cell go with it. */
void csv_skip_blanks(struct csv *csv);

enum csv_got {
	CSV_ROW,   /* *row is set; call again with the same input */
	CSV_MORE,  /* the input is used up */
	CSV_FAILED /* the limits are exceeded; only csv_free() may follow */
};

/* Takes bytes off *input until a row is complete.  Blank lines are no rows.
 * E_CSV_QUOTE_OPEN when a quoted cell outgrows IMPORT_CELL_MAX over several
 * lines, or ends inside the text behind further lines with an address in them;
 * else E_CSV_CELL_LONG; E_CSV_COLUMNS above IMPORT_COLUMNS_MAX.  Each
 * names the line. */
enum csv_got csv_next(
    struct csv *csv, struct span *input, struct csv_row *row, struct err *err);

/* At the end of the input: CSV_ROW for a last row without line end, else
 * CSV_MORE; E_CSV_QUOTE_OPEN with the line of the quote never closed. */
enum csv_got csv_finish(struct csv *csv, struct csv_row *row, struct err *err);

/* Line of the file at which the parser stands. */
int64_t csv_line(const struct csv *csv);

/* Frees it; accepts NULL, sets *csv to NULL. */
void csv_free(struct csv **csv);

#endif
