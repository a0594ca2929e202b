/* What the kinds of differences between two campaigns are called. */
#ifndef TUI_SCREENS_DIFFERENCES_H
#define TUI_SCREENS_DIFFERENCES_H

#include "core/review/review.h"

/* Translated. */
const char *difference_title(enum consequence_kind kind);

#endif
