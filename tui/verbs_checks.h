/* "sekisho checks": the table of checks, for the manual and for auditors. */
#ifndef TUI_VERBS_CHECKS_H
#define TUI_VERBS_CHECKS_H

#include "tui/verbs.h"

/* Adds every line of the checklist as a table in Markdown, in the language at
 * hand.  docs/checks.md is its English output. */
int verb_checks(struct options *options, struct buf *out);

#endif
