/* The question before a sealed campaign is changed: every screen that can
 * change one asks it, in the same words. */
#ifndef TUI_SCREENS_SEAL_QUESTION_H
#define TUI_SCREENS_SEAL_QUESTION_H

#include "tui/screen.h"

/* Asks whether the seal may be lost.  done, as in struct dialog, gets answer 1
 * for yes and 0 for no. */
void seal_question_ask(struct screen *owner,
    void (*done)(struct screen *owner, int answer, struct span text));

#endif
