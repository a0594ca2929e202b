/* Breaking a line of text into rows of cells: at blanks, between Japanese
 * characters, never before closing marks or small kana nor behind opening
 * brackets (kinsoku). */
#ifndef TUI_TEXT_WRAP_H
#define TUI_TEXT_WRAP_H

#include "core/base/span.h"

/* Takes the beginning of *rest that goes on one row of cols cells (at least
 * one cluster, so that it ends).  Blanks at the break stay at the end of the
 * row and may stand over the edge. */
struct span wrap_next(struct span *rest, int cols);

#endif
