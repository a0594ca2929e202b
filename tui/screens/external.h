/* The user's own editor on a text of ours. */
#ifndef TUI_SCREENS_EXTERNAL_H
#define TUI_SCREENS_EXTERNAL_H

#include "core/base/buf.h"
#include "tui/app.h"

enum { EXTERNAL_MAX = 1024 * 1024 };

/* Writes text to a file that only we may read, in $XDG_RUNTIME_DIR (which is in
 * memory) or else in folder, has $EDITOR change it, and takes it back.  The
 * file and what the editor left beside it are wiped and removed.  On failure
 * text is as before.  E_FILE_OPEN, E_FILE_READ, E_FILE_WRITE, E_FILE_SIZE,
 * E_TERM_PROGRAM. */
int external_edit(
    struct app *app, const char *folder, struct buf *text, struct err *err);

#endif
