/* A text editor: several lines, wide characters, soft wrap with Japanese line
 * breaking rules, undo and redo, find, paste. */
#ifndef TUI_WIDGETS_EDITOR_H
#define TUI_WIDGETS_EDITOR_H

#include "core/base/buf.h"
#include "tui/canvas.h"
#include "tui/keys.h"
#include "tui/screen.h"
#include "tui/widgets/line.h"

enum { EDITOR_MAX = 1024 * 1024 }; /* octets of text */

struct editor;

/* Gives the role of parts of a logical line: called while drawing for each
 * line that can be seen.  roles has one entry per octet, all ROLE_TEXT. */
typedef void editor_paint(void *payload, struct span line, uint8_t *roles);

/* An empty editor.  The caller frees it. */
struct editor *editor_new(void);
void editor_free(struct editor **editor);

/* Replaces the whole text (LF line ends; CR LF is taken as LF; bad bytes
 * become U+FFFD) as one step that can be undone; false when too long. */
bool editor_set(struct editor *editor, struct span text);

/* editor_set() for a fresh text: nothing to undo, not changed. */
bool editor_load(struct editor *editor, struct span text);

/* Adds the whole text. */
void editor_text(const struct editor *editor, struct buf *out);

/* Counts up with every change: autosave compares it. */
uint64_t editor_revision(const struct editor *editor);

/* Changed since editor_load() or editor_set_saved(). */
bool editor_is_changed(const struct editor *editor);
/* The text as it is now is saved. */
void editor_set_saved(struct editor *editor);

/* Cursor as line and column from 1; column counts characters. */
void editor_place(const struct editor *editor, int *line, int *col);
void editor_place_set(struct editor *editor, int line, int col);

/* What stands in the cursor's line before it; lives until the next change. */
struct span editor_before(const struct editor *editor);

/* Inserts at the cursor (merge fields, pastes); false when too long. */
bool editor_insert(struct editor *editor, struct span text);

/* Finds the next occurrence (ASCII case does not matter) behind the cursor,
 * going on at the top; false when there is none. */
bool editor_find(struct editor *editor, struct span needle);

/* Takes back the last step (a word, a paste, a kill); false when none. */
bool editor_undo(struct editor *editor);
/* Does again what was taken back; false when there is nothing. */
bool editor_redo(struct editor *editor);

/* Typing, moving, ^_ undo, M-e redo, ^K kill line, ^U kill to start, ^W kill
 * word, ^A ^E, paste. */
enum used editor_key(struct editor *editor, const struct key *key);

/* Draws and, when focused, places the cursor.  paint may be NULL. */
void editor_draw(struct editor *editor, struct area a, enum focus focus,
    editor_paint *paint, void *payload);

#endif
