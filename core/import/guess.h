/* Guessing what a column holds from the words in use for it. */
#ifndef CORE_IMPORT_GUESS_H
#define CORE_IMPORT_GUESS_H

#include "core/import/import.h"

/* True when this first row is data and not headers: one of its cells looks
 * like an address. */
bool guess_is_data(const struct span *cell, size_t count);

/* Sets target, field, sense and order of all columns, and the states of their
 * values, from headers and what was surveyed; width, case and spacing of
 * headers do not matter. */
void guess_columns(struct import_column *column, size_t count);

/* Names the field of one column after its header; others before it keep
 * theirs. */
void guess_field(struct import_column *column, size_t at);

#endif
