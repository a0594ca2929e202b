/* "sekisho evidence". */
#ifndef TUI_VERBS_EVIDENCE_H
#define TUI_VERBS_EVIDENCE_H

#include "tui/verbs.h"

/* "CAMPAIGN [--out FILE] [--purpose WORDS]" asks the passphrase on the terminal
 * and makes the evidence pack, a full one when a purpose is given; "--verify
 * FILE" checks one, without any store.  An exit status: 1 when the pack was
 * changed. */
int verb_evidence(struct options *options, struct buf *out);

#endif
