/* The file of rejects, which can be corrected and imported again. */
#ifndef CORE_IMPORT_REJECTS_FILE_H
#define CORE_IMPORT_REJECTS_FILE_H

#include "core/import/rejects.h"
#include "core/import/row.h"
#include "core/import/source.h"

/* What is written; all is borrowed. */
struct rejects_job {
	const char *path;
	const struct source *source;
	const struct rejects *rejects;
	const struct mapping *mapping;
	void (*words)(const struct err *why, struct buf *out);
};

/* Writes it: *charset is that of the source, or UTF-8 where that cannot be
 * written or lacks a character.  See import_write_rejects(). */
int rejects_write(
    const struct rejects_job *job, enum charset *charset, struct err *err);

#endif
