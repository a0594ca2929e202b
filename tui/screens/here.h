/* "Here, now": a second person signs in on the operator's terminal, through su,
 * and decides in a process of their own. */
#ifndef TUI_SCREENS_HERE_H
#define TUI_SCREENS_HERE_H

#include "core/base/buf.h"
#include "core/store/store.h"
#include "tui/screen.h"

/* Adds the logins of who may approve, with commas between them. */
int here_approvers(struct db *db, struct buf *out, struct err *err);

/* Asks for the login of the approver, whose first proposal is the first of
 * approvers; typed() then calls here_run(). */
void here_ask(struct screen *owner, struct span approvers,
    void (*typed)(struct screen *owner, int answer, struct span text));

/* Gives the terminal to "su - LOGIN -c" with this program, the open store and
 * words ("approve 7"), which are ours; says when nobody was let in.  Returns
 * when the terminal is back. */
void here_run(struct screen *owner, struct span login, const char *words);

#endif
