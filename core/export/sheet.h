/* A table as a CSV file: cells become octets of its charset, and what that has
 * no place for is counted by column. */
#ifndef CORE_EXPORT_SHEET_H
#define CORE_EXPORT_SHEET_H

#include "core/export/pipe.h"

struct sheet;

/* Begins a table; out (borrowed) may be NULL, then nothing is written and only
 * the losses are counted.  The caller ends it with sheet_free().
 * E_CHARSET_MISSING. */
int sheet_new(enum export_charset charset, struct pipe *out,
    struct sheet **sheet, struct err *err);

/* Names a column; before the first row. */
void sheet_column(struct sheet *sheet, struct span header);

/* How many there are. */
size_t sheet_columns(const struct sheet *sheet);

/* The header of one, as it stands in the file. */
struct span sheet_header(const struct sheet *sheet, size_t column);

/* Adds a cell to the row; valid UTF-8. */
void sheet_cell(struct sheet *sheet, struct span text);

/* Ends a row with empty cells up to the last column but one and the mark in the
 * last.  Errors as pipe_put(). */
int sheet_row(struct sheet *sheet, struct span mark, struct err *err);

/* A row of one text and the mark: a remark of ours, whose losses do not
 * count. */
int sheet_remark(
    struct sheet *sheet, struct span text, struct span mark, struct err *err);

/* Writes the headers. */
int sheet_headers(struct sheet *sheet, struct err *err);

/* Cells that have lost something. */
int64_t sheet_lost(const struct sheet *sheet);

/* Says in which columns: an array of *count that the caller frees. */
struct export_loss *sheet_losses(const struct sheet *sheet, size_t *count);

/* Frees it; accepts NULL, sets *sheet to NULL. */
void sheet_free(struct sheet **sheet);

#endif
