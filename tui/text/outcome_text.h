/* Classes of replies in a few words. */
#ifndef TUI_TEXT_OUTCOME_TEXT_H
#define TUI_TEXT_OUTCOME_TEXT_H

#include "core/deliver/deliver.h"

/* "unknown address" for H1, translated; "" for OUTCOME_NONE.  What each means
 * and what to do is told by words.c. */
const char *outcome_text(enum outcome_class class);

#endif
