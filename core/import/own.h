/* Files that this program has written itself: they are known by their headers,
 * and what was put into them beside the data is taken out again. */
#ifndef CORE_IMPORT_OWN_H
#define CORE_IMPORT_OWN_H

#include "core/import/csv.h"

enum own_file {
	OWN_NONE,
	OWN_REJECTS, /* rows that an import did not take: two columns of ours
		      * before those of the source */
	OWN_EXPORT   /* people: a column of marks, and a row that says who has
		      * made it, when and why */
};
enum { OWN_REJECTS_COLUMNS = 2 };

/* Headers of rejects. */
#define OWN_LINE   "sekisho_line"
#define OWN_REASON "sekisho_reason"
/* The header of the last column of an export, and with what its cell begins in
 * the row that is nobody's. */
#define OWN_MARK      "sekisho_export"
#define OWN_WATERMARK "watermark "

/* What a file with these headers is. */
enum own_file own_file_of(const struct span *header, size_t count);

/* The column of marks of an export, or count: people move columns. */
size_t own_mark(const struct span *header, size_t count);

/* True for the row of an export that is nobody's. */
bool own_is_watermark(const struct csv_row *row, size_t mark);

/* Takes back what was put before cells so that no spreadsheet takes them for
 * formulas. */
void own_unwrap(enum own_file own, struct csv_row *row);

#endif
