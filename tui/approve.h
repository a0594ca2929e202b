/* "sekisho approve": the second person's own process. */
#ifndef TUI_APPROVE_H
#define TUI_APPROVE_H

#include "tui/verbs.h"

/* Makes a key (--make-key), registers it again (--register), or shows what
 * waits for an approval; a number is the campaign's, or with --export that of an
 * export. */
int verb_approve(struct options *options, struct buf *out);

/* What waits for this user, from the sign-in on. */
int approve_begin(struct options *options, struct buf *out);

#endif
