/* Cells of tables for other programs: CSV as RFC 4180 has it, and what keeps a
 * spreadsheet from calculating with what is only text. */
#ifndef CORE_BASE_CELL_H
#define CORE_BASE_CELL_H

#include <stdbool.h>

#include "core/base/buf.h"
#include "core/base/span.h"

/* True for text that a spreadsheet would take for a formula: it begins with = +
 * - @ (of either width), TAB, CR or LF, or with apostrophes before one of
 * them. */
bool cell_is_formula(struct span text);

/* Appends a cell; where it could be taken for a formula with a ' before it.
 * Quoted where it has to be, with quotes inside doubled. */
void cell_put(struct buf *out, char delimiter, struct span text);

/* Takes the ' back that cell_put() has put before a text; part of it. */
struct span cell_plain(struct span text);

#endif
