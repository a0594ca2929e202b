/* A word diff for reading: lines as they were and as they are, one above the
 * other, with the changed words in colour; signs at the start of lines, so that
 * it reads without colours too. */
#ifndef TUI_WIDGETS_DIFF_VIEW_H
#define TUI_WIDGETS_DIFF_VIEW_H

#include "core/base/diff.h"
#include "tui/widgets/pager.h"

/* Adds the diff to a pager: "- " before lines that are gone, "+ " before new
 * ones, two spaces before the two unchanged lines around them, and how many
 * others are left out. */
void diff_view(struct pager *pager, const struct diff *diff);

#endif
