/* What the kinds, places and ends of a drill are called, and what a fault would
 * have meant.  All translated, static. */
#ifndef TUI_TEXT_DRILL_TEXT_H
#define TUI_TEXT_DRILL_TEXT_H

#include "core/base/buf.h"
#include "core/review/review.h"

/* A kind of fault in a few words ("Color of the list"); at most 40 columns. */
const char *drill_kind_text(enum drill_kind kind);

/* What it would have meant in real mail: one sentence. */
const char *drill_meaning_text(enum drill_kind kind);

/* Adds where it shows: the line of the checklist with its title, or which look. */
void drill_shows_text(enum drill_kind kind, struct buf *out);

/* Where a mark is ("Subject"); at most 20 columns. */
const char *drill_where_text(enum drill_where where);

/* What became of a planted fault ("missed"); at most 12 columns. */
const char *drill_came_text(enum drill_came came);

/* How a drill ended: one sentence. */
const char *drill_end_text(enum drill_end end);

/* Adds the whole result as plain text, for a terminal or a file. */
void drill_report_text(const struct drill_result *result, struct buf *out);

#endif
