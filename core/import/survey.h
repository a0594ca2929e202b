/* The first rows of a file, looked at before anybody decides about columns. */
#ifndef CORE_IMPORT_SURVEY_H
#define CORE_IMPORT_SURVEY_H

#include "core/base/span.h"
#include "core/import/column.h"

/* Counts one row into the values and signs of its columns; cells beyond count
 * columns are left out. */
void survey_row(struct import_column *column, size_t count,
    const struct span *cell, size_t cells);

/* Ends it: the most frequent values come first. */
void survey_end(struct import_column *column, size_t count);

#endif
