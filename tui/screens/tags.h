/* The screen of all tags, and what is asked about one. */
#ifndef TUI_SCREENS_TAGS_H
#define TUI_SCREENS_TAGS_H

#include "tui/app.h"

/* Opens the tags over what there is. */
void tags_open(struct app *app);

/* For dialog_ask(): what a tag cannot be called. */
void tags_check_name(struct span text, struct buf *why);

#endif
