/* A text editor: several lines, wide characters and clusters, soft wrap with
 * Japanese line breaking rules, undo and redo, marked text, find and replace,
 * paste. */
#ifndef TUI_WIDGETS_EDITOR_H
#define TUI_WIDGETS_EDITOR_H

#include "core/base/buf.h"
#include "tui/canvas.h"
#include "tui/keys.h"
#include "tui/screen.h"
#include "tui/widgets/line.h"

enum { EDITOR_MAX = 1024 * 1024 }; /* octets of text */

struct editor;

/* Gives the roles of the octets from..to of text, a logical line: called while
 * drawing for each line that can be seen, downwards.  roles has one entry per
 * octet, all ROLE_TEXT. */
typedef void editor_paint(
    void *payload, struct span text, size_t from, size_t to, uint8_t *roles);

/* An empty editor.  The caller frees it. */
struct editor *editor_new(void);
void editor_free(struct editor **editor);

/* ---- Text ----------------------------------------------------------------- */

/* Replaces the whole text (LF line ends; CR LF is taken as LF; bad bytes
 * become U+FFFD; decomposed kana are composed) as one step that can be undone;
 * false when too long. */
bool editor_set(struct editor *editor, struct span text);

/* editor_set() for a fresh text: nothing to undo, not changed. */
bool editor_load(struct editor *editor, struct span text);

/* Adds the whole text. */
void editor_text(const struct editor *editor, struct buf *out);

/* The whole text; lives until the next change. */
struct span editor_span(const struct editor *editor);

/* Names the text as it is: changes with every change, and undo brings the old
 * number back.  Autosave compares it. */
uint64_t editor_revision(const struct editor *editor);

/* Changed since editor_load() or editor_set_saved(). */
bool editor_is_changed(const struct editor *editor);
/* The text as it is now is saved. */
void editor_set_saved(struct editor *editor);

/* ---- Cursor --------------------------------------------------------------- */

/* Cursor as line and column from 1; column counts characters as a reader
 * does. */
void editor_place(const struct editor *editor, int *line, int *col);
void editor_place_set(struct editor *editor, int line, int col);

/* Cursor as an offset; one that it had before in the same text. */
size_t editor_at(const struct editor *editor);
void editor_at_set(struct editor *editor, size_t at);

/* ---- Edits ---------------------------------------------------------------- */

/* Inserts at the cursor, over marked text (merge fields, pastes); false when
 * too long. */
bool editor_insert(struct editor *editor, struct span text);

/* Takes back the last step (a word, a paste, a kill); false when none. */
bool editor_undo(struct editor *editor);
/* Does again what was taken back; false when there is nothing. */
bool editor_redo(struct editor *editor);

/* Erases or moves by words; where there are no spaces a word is what is
 * written in one script. */
void editor_word(struct editor *editor, int count);
void editor_kill_word(struct editor *editor, int count);

/* ---- Marked text ---------------------------------------------------------- */

/* Begins marked text at the cursor, or ends it. */
void editor_mark(struct editor *editor);

/* What is marked; empty: nothing.  Lives until the next change. */
struct span editor_marked(const struct editor *editor);

/* Marks everything. */
void editor_mark_all(struct editor *editor);

/* Takes the marked text away, or only notes it, for editor_paste(); without
 * marked text the whole line.  False when there is nothing. */
bool editor_cut(struct editor *editor);
bool editor_copy(struct editor *editor);

/* Puts in what was cut or copied: whole lines above the cursor's line.  False
 * when there is nothing or it is too long. */
bool editor_paste(struct editor *editor);

/* The cursor's line, or the lines with marked text, once more below. */
bool editor_duplicate(struct editor *editor);

/* Moves these lines up (-1) or down (1) by one; false at the end. */
bool editor_move_lines(struct editor *editor, int count);

/* ---- Searches ------------------------------------------------------------- */

/* All searches take no account of case, of full and half width, and of how
 * kana are composed. */
enum editor_way { EDITOR_FORWARD, EDITOR_BACKWARD, EDITOR_HERE };
enum editor_found { EDITOR_NOT_FOUND, EDITOR_FOUND, EDITOR_WENT_ROUND };

/* Shows where needle occurs; empty: nowhere any more. */
void editor_seek(struct editor *editor, struct span needle);

/* Goes to the next or previous place, or stays (EDITOR_HERE) when the cursor
 * stands at one, else forward; goes round at the end. */
enum editor_found editor_find(struct editor *editor, enum editor_way way);

/* How often needle occurs; *number gets which of them the cursor is at, from
 * 1, or 0. */
size_t editor_count(const struct editor *editor, size_t *number);

/* Replaces what is found at the cursor and stands behind it; false when
 * nothing is there or it is too long. */
bool editor_replace_here(struct editor *editor, struct span with);

/* Replaces everywhere, or in the marked text, as one step; *count = how often.
 * False when the text would be too long. */
bool editor_replace_all(struct editor *editor, struct span with, size_t *count);

/* ---- Keys, drawing -------------------------------------------------------- */

/* Typing, moving (with shift: marks), ^_ undo, M-e redo, ^K kill line, ^U kill
 * to start, ^W kill word, ^A ^E, ^X ^C ^V cut, copy, paste, ^B marks. */
enum used editor_key(struct editor *editor, const struct key *key);

/* Draws and, when focused, places the cursor.  paint may be NULL. */
void editor_draw(struct editor *editor, struct area a, enum focus focus,
    editor_paint *paint, void *payload);

#endif
