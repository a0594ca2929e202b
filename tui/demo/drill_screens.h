/* The screens inside a drill's sandbox; what is drilled is in struct drill
 * (tui/drill.h).  Only the demo program links them. */
#ifndef TUI_DEMO_DRILL_SCREENS_H
#define TUI_DEMO_DRILL_SCREENS_H

#include "tui/session.h"

struct app;
struct drill_mark;

/* For the first member of struct drill (tui/drill.h): briefing, actions of all
 * screens, title bar, leaving.  The time begins with the briefing. */
extern const struct drill_seat drill_screens;

/* What a drill is and which keys it has. */
void drill_briefing_open(struct app *app);

/* The form of a mark: a new one (NULL), or one to be changed, which is
 * copied. */
void drill_mark_open(struct app *app, const struct drill_mark *mark);

/* The marks so far. */
void drill_marks_open(struct app *app);

/* Asks whether the drill is to end; goes on to its result. */
void drill_ask_end(struct app *app);

#endif
