/* A file to import: what it is, and its rows, as often as wanted. */
#ifndef CORE_IMPORT_SOURCE_H
#define CORE_IMPORT_SOURCE_H

#include "core/base/charset.h"
#include "core/import/csv.h"
#include "core/import/dialect.h"
#include "core/import/import.h"
#include "core/import/table.h"
#include "core/import/unzip.h"

/* An open file whose form is known; read by one thread at a time. */
struct source {
	char *path;
	int fd;
	struct zip *zip;      /* NULL: the file itself is the list */
	size_t member;        /* of zip, from 0 */
	int64_t size;         /* octets of the file, or of the member */
	int64_t start;        /* octets of a byte order mark */
	enum charset charset; /* found or given */
	struct dialect dialect;
	struct table table; /* as source_find_table() found it */
};

enum source_charset { SOURCE_FIND, SOURCE_GIVEN };

/* Opens a file and finds out its form as far as form (NULL: in nothing) does
 * not say it; with SOURCE_GIVEN out->charset is taken as it is.  out is the
 * caller's, zeroed, ended with source_done() also after a failure.
 * E_FILE_OPEN, E_FILE_READ, E_IMPORT_TYPE, E_IMPORT_ENCODING,
 * E_IMPORT_ENCODING_UNSURE, E_CHARSET_MISSING, E_IMPORT_MEMBERS, E_ZIP,
 * E_ZIP_MEMBER. */
int source_init(struct source *out, const char *path, enum source_charset how,
    const struct import_form *form, struct err *err);

/* Finds the table in the file: from then on rows are its data only, without
 * titles, headers and sums.  form may be NULL.  E_CSV_EMPTY, and errors as
 * rows_next(). */
int source_find_table(
    struct source *source, const struct import_form *form, struct err *err);

/* Closes the file and frees the path. */
void source_done(struct source *source);

/* One reading of all rows, in memory that does not grow with the file. */
struct rows;

/* Begins at the first row; the caller ends it with rows_close().  source must
 * outlive it. */
int rows_open(const struct source *source, struct rows **out, struct err *err);

/* The next row: 1, 0 after the last one, -1 at a fault that stops the file:
 * E_FILE_READ, E_CSV_*, E_IMPORT_ENCODING, E_ZIP_MEMBER, each with the path and where it has
 * one the line. */
int rows_next(struct rows *rows, struct csv_row *row, struct err *err);

/* What was left out so far; lives as long as the reading. */
const struct table_left *rows_left(const struct rows *rows);

/* Octets of source->size read so far. */
int64_t rows_octets(const struct rows *rows);

/* Frees it; accepts NULL, sets *rows to NULL. */
void rows_close(struct rows **rows);

#endif
