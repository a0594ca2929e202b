/* The delivery of another process, read-only but for pause and STOP. */
#ifndef TUI_SCREENS_WATCH_H
#define TUI_SCREENS_WATCH_H

#include "core/access/access.h"
#include "tui/app.h"

/* Shows what comes over line (consumed), which has been welcomed as a watcher;
 * holder says whose delivery it is.  The app needs neither store nor session. */
void watch_open(struct app *app, struct socket_line *line, struct span holder);

#endif
