/* File names as people type them. */
#ifndef TUI_SCREENS_IMPORT_PATH_H
#define TUI_SCREENS_IMPORT_PATH_H

#include "core/base/buf.h"
#include "core/base/span.h"

/* Adds typed with "~" and "~/" replaced by the home folder, blanks and a pair
 * of quotes around it (as pasting from a file manager gives) removed. */
void path_expand(struct span typed, struct buf *out);

/* Adds typed completed as far as the folder leaves no choice, with '/' behind
 * a folder; "~" stays as typed.  Returns how many names fit.  Reads the
 * folder: for workers. */
size_t path_complete(struct span typed, struct buf *out);

#endif
