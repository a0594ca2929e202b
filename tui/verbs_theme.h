/* The verb "theme". */
#ifndef TUI_VERBS_THEME_H
#define TUI_VERBS_THEME_H

#include "tui/verbs.h"

/* "theme check NAME" or "theme check FILE": what is wrong with a theme of the
 * terminal or of mails, and its contrasts.  Status 1 when it is refused. */
int verb_theme(struct options *options, struct buf *out);

#endif
