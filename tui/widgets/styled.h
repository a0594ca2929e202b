/* An HTML mail as styled text: headings, lists, quotes, code, tables in
 * columns, buttons, numbered links with their targets below, images as their
 * alternative text, the hidden preheader as such.  Laid out for the width at
 * hand, Japanese line breaking included. */
#ifndef TUI_WIDGETS_STYLED_H
#define TUI_WIDGETS_STYLED_H

#include "tui/canvas.h"
#include "tui/keys.h"
#include "tui/screen.h"
#include "tui/widgets/line.h"

struct styled;

/* What is beyond these is left out, which the last row then says. */
enum {
	STYLED_OCTETS_MAX = 1024 * 1024, /* of HTML */
	STYLED_LINKS_MAX = 500,
	STYLED_DEPTH_MAX = 64
};

/* An empty one.  The caller frees it. */
struct styled *styled_new(void);

/* Accepts NULL, sets *styled to NULL; wipes what it held. */
void styled_free(struct styled **styled);

/* Shows another HTML part (foreign bytes, copied), from its top.  Never fails:
 * what cannot be read is shown as text. */
void styled_set(struct styled *styled, struct span html);

/* styled_set() that leaves the view where it is: for a text being edited. */
void styled_replace(struct styled *styled, struct span html);

/* Scrolls so that the first place that shows these words can be seen; white
 * space and line breaks do not matter.  False when nothing shows them. */
bool styled_show(struct styled *styled, struct span words);

/* Scrolls as a pager does. */
enum used styled_key(struct styled *styled, const struct key *key);

/* Draws the rows from the top one on; lays out anew at another width. */
void styled_draw(struct styled *styled, struct area a, enum focus focus);

/* True once the last row has been on the screen since styled_set(). */
bool styled_was_read(const struct styled *styled);

/* Adds "12-33/120". */
void styled_position(const struct styled *styled, struct buf *out);

#endif
