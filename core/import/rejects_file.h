/* The file of rejects, which can be corrected and imported again. */
#ifndef CORE_IMPORT_REJECTS_FILE_H
#define CORE_IMPORT_REJECTS_FILE_H

#include "core/import/rejects.h"
#include "core/import/row.h"
#include "core/import/source.h"

enum { REJECTS_COLUMNS = 2 }; /* before those of the source */

/* What is written; all is borrowed. */
struct rejects_job {
	const char *path;
	const struct source *source;
	const struct rejects *rejects;
	const struct mapping *mapping;
	bool ours; /* the source is a file of rejects itself */
	void (*words)(const struct err *why, struct buf *out);
};

/* Writes it: *charset is that of the source, or UTF-8 where that cannot be
 * written or lacks a character.  See import_write_rejects(). */
int rejects_write(
    const struct rejects_job *job, enum charset *charset, struct err *err);

/* Whether the headers of a file are those that a file of rejects begins with.
 */
bool rejects_is_file(const struct span *header, size_t count);

/* Takes back what was put before cells of a file of rejects so that no
 * spreadsheet takes them for formulas. */
void rejects_unwrap(struct csv_row *row);

#endif
