/* One line of input: a field, a filter, the palette.  ^A ^E ^K ^U ^W, Home,
 * End, arrows, Backspace, Delete; wide characters; scrolls sideways. */
#ifndef TUI_WIDGETS_LINE_H
#define TUI_WIDGETS_LINE_H

#include "core/base/crypt.h"
#include "tui/canvas.h"
#include "tui/keys.h"
#include "tui/screen.h"

enum line_kind {
	LINE_TEXT,
	LINE_NUMBER, /* digits only */
	LINE_SECRET, /* shows nothing of it; memory is wiped */
};

enum line_paste { LINE_PASTE_TAKE, LINE_PASTE_REFUSE };

enum { LINE_MAX = 4096 };

struct line;

/* An empty line of at most max octets (1..LINE_MAX).  The caller frees it. */
struct line *line_new(enum line_kind kind, size_t max);
void line_free(struct line **line);

/* What is typed; valid until the line changes. */
struct span line_span(const struct line *line);

/* What is typed, as a secret the caller frees. */
struct secret *line_secret(const struct line *line);

/* Replaces the text (cut at max), cursor at its end. */
void line_set(struct line *line, struct span text);

/* Whether pastes are taken (the default) or refused. */
void line_set_paste(struct line *line, enum line_paste paste);

/* Edits.  UNUSED for keys that are not for a line (Enter, Tab, Up, ...). */
enum used line_key(struct line *line, const struct key *key);

/* Draws into cols cells and, when focused, places the cursor. */
enum focus { FOCUS_OFF, FOCUS_ON };
void line_draw(struct line *line, struct area a, int row, int col, int cols,
    enum focus focus);

#endif
