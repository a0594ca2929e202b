/* What is asked about a segment, wherever one is shown. */
#ifndef TUI_SCREENS_SEGMENT_ASK_H
#define TUI_SCREENS_SEGMENT_ASK_H

#include "tui/screen.h"

/* done: as of struct dialog; answer 1 with what was typed. */
typedef void segment_answered(
    struct screen *owner, int answer, struct span text);

/* Another name, another filter (which can be read), whether to delete it. */
void segment_ask_name(
    struct screen *owner, const char *name, segment_answered *done);
void segment_ask_filter(
    struct screen *owner, const char *filter, segment_answered *done);
void segment_ask_delete(struct screen *owner, segment_answered *done);

#endif
