/* The columns of an export and what stands in them. */
#ifndef CORE_EXPORT_COLUMNS_H
#define CORE_EXPORT_COLUMNS_H

#include "core/export/people.h"
#include "core/export/sheet.h"

struct columns;

/* Finds out the columns of an order; the caller ends it with columns_free().
 * E_EXPORT_FIELD (field "fields"; why: count, length). */
int columns_new(struct db *db, const struct export_order *order,
    struct columns **out, struct err *err);

/* Names them to a sheet, the mark's the last. */
void columns_name(const struct columns *columns, struct sheet *sheet);

/* Adds the cells of one person to a sheet, all but the mark. */
void columns_put(struct columns *columns, const struct person_row *person,
    struct sheet *sheet);

/* Accepts NULL, sets *columns to NULL. */
void columns_free(struct columns **columns);

#endif
