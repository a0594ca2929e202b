/* "sekisho store key" and "sekisho store verify". */
#ifndef TUI_VERBS_STORE_H
#define TUI_VERBS_STORE_H

#include "tui/verbs.h"

/* Asks the passphrase on the terminal; "key" prints the raw key in the form
 * that stock sqlcipher takes, only to a terminal, and the log says so;
 * "verify" reads every page and the audit log.  An exit status. */
int verb_store(struct options *options, struct buf *out);

struct session;
struct sitting;

/* Asks the passphrase on the terminal tty and opens the session's store, whose
 * log is then checked; sitting_done() closes it.  E_CANCELLED, E_STORE_*. */
int verb_open_store(
    struct session *session, int tty, struct sitting *sitting, struct err *err);

#endif
