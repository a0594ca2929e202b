/* The table inside a file: which rows are headers, which are data, and which
 * are neither. */
#ifndef CORE_IMPORT_TABLE_H
#define CORE_IMPORT_TABLE_H

#include "core/base/mem.h"
#include "core/import/csv.h"
#include "core/import/import.h"
#include "core/import/own.h"

/* Zeroed: every row is data.  Ended with table_done(). */
struct table {
	bool on;
	struct import_table at;
	struct span *name; /* at.columns headers, of both rows; in arena */
	struct span *header[IMPORT_HEADER_ROWS]; /* the rows as read */
	size_t count[IMPORT_HEADER_ROWS];        /* their cells */
	enum own_file own;                       /* by its headers */
	size_t mark; /* OWN_EXPORT: its column of marks */
	struct arena *arena;
};

/* Finds the table in the first rows. */
struct table_search;

/* Begins; form may be NULL.  The caller ends it with table_search_free(). */
struct table_search *table_search_new(const struct import_form *form);

/* Takes the next row of the file: true while more of them would tell more. */
bool table_search_row(struct table_search *search, const struct csv_row *row);

/* Decides; *out is zeroed by the caller.  Headers are the first row above the
 * first address that holds a word for an address; without one the first row
 * with as many cells as the data and more than one of them filled.  False when
 * no row had anything in it. */
bool table_search_end(struct table_search *search, struct table *out);

/* Frees it; accepts NULL, sets *search to NULL. */
void table_search_free(struct table_search **search);

/* The rows that were left out in one reading. */
struct table_left {
	struct import_left *kept; /* the first IMPORT_LEFT_KEPT; heap */
	size_t count;             /* in all */
};

/* True when a row is data; another one is added to left if there is anything in
 * it and it is no header.  A row with an @ in it is always data. */
bool table_takes(const struct table *table, const struct csv_row *row,
    struct table_left *left);

/* Frees what it holds and leaves it zeroed. */
void table_done(struct table *table);

#endif
