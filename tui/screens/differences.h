/* What the kinds of differences between two campaigns are called. */
#ifndef TUI_SCREENS_DIFFERENCES_H
#define TUI_SCREENS_DIFFERENCES_H

#include "core/review/review.h"

/* Translated. */
const char *difference_title(enum consequence_kind kind);

/* Adds with what was compared: a campaign's name and the day of its launch. */
void difference_base(
    enum likeness like, struct span name, const char *day, struct buf *out);

#endif
