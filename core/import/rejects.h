/* The rows that an import did not take: all of them as a line and a reason, the
 * first ones whole. */
#ifndef CORE_IMPORT_REJECTS_H
#define CORE_IMPORT_REJECTS_H

#include "core/import/csv.h"
#include "core/import/import.h"

struct rejects;

/* A row by its number alone. */
struct reject_mark {
	int64_t line;
	enum err_code code;
};

/* None yet; the caller ends it with rejects_free(). */
struct rejects *rejects_new(void);

/* Forgets all. */
void rejects_clear(struct rejects *rejects);

/* Adds a row: its whole reject while there are fewer than IMPORT_REJECTS_KEPT,
 * NULL beyond. */
const struct import_reject *rejects_add(
    struct rejects *rejects, const struct csv_row *row, const struct err *why);

/* How many were added. */
size_t rejects_count(const struct rejects *rejects);

/* The i-th of those kept whole, or NULL. */
const struct import_reject *rejects_at(const struct rejects *rejects, size_t i);

/* The i-th of all, in the order of the file. */
struct reject_mark rejects_mark(const struct rejects *rejects, size_t i);

/* As import_reasons(); from any thread. */
size_t rejects_reasons(
    struct rejects *rejects, struct import_reason *out, size_t room);

/* Frees it; accepts NULL, sets *rejects to NULL. */
void rejects_free(struct rejects **rejects);

#endif
