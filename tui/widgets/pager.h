/* Scrolling text that can only be read: previews, sources, manual pages. */
#ifndef TUI_WIDGETS_PAGER_H
#define TUI_WIDGETS_PAGER_H

#include "tui/canvas.h"
#include "tui/keys.h"
#include "tui/screen.h"
#include "tui/text/gate.h"
#include "tui/widgets/line.h"

struct pager;

enum pager_wrap { PAGER_WRAP, PAGER_CUT };

/* An empty pager.  The caller frees it. */
struct pager *pager_new(enum pager_wrap wrap, enum gate_view view);
void pager_free(struct pager **pager);

/* Empties it and goes to the top. */
void pager_clear(struct pager *pager);

/* Adds text, split at LF, in one role.  A text that does not end in LF is
 * continued by the next call: parts of a line in different roles. */
void pager_add(struct pager *pager, enum role role, struct span text);
void pager_add_str(struct pager *pager, enum role role, const char *text);

enum used pager_key(struct pager *pager, const struct key *key);
/* Draws the rows from the top one on; breaks them anew at another width. */
void pager_draw(struct pager *pager, struct area a, enum focus focus);

/* True once the last row has been on the screen since pager_clear(). */
bool pager_was_read(const struct pager *pager);

/* The row at the top, from 0; taken back by pager_set_top(), which the next
 * pager_draw() keeps within the text. */
size_t pager_top(const struct pager *pager);
void pager_set_top(struct pager *pager, size_t row);

/* Scrolls no further than needed so that a row can be seen. */
void pager_show(struct pager *pager, size_t row);

/* Next row holding needle below the top one (ASCII case does not matter). */
bool pager_find(struct pager *pager, struct span needle);

/* Adds "12-33/120". */
void pager_position(const struct pager *pager, struct buf *out);

#endif
