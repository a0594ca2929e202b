/* Signing in again before something that matters.  Whether, and how, is policy
 * (core/store/stepup.h); core asks for the grant when the step is done. */
#ifndef TUI_SCREENS_STEPUP_H
#define TUI_SCREENS_STEPUP_H

#include "tui/app.h"
#include "tui/screens/pam_talk.h"

enum stepup_end { STEPUP_REFUSED, STEPUP_GRANTED };

/* When policy asks for it, opens a conversation with PAM over owner, and calls
 * done(owner, end) when it has ended and is in the log; else calls it at once.
 * owner must not be left meanwhile: it is covered. */
void stepup_open(struct screen *owner, enum stepup what,
    void (*done)(struct screen *owner, enum stepup_end end));

enum stepup_factors { STEPUP_ONE, STEPUP_TWO };

/* The same in a process without a session: who signs in, and what the policy of
 * the store that somebody else holds wants.  who is borrowed until done(). */
void stepup_ask(struct screen *owner, enum stepup what,
    const struct pam_who *who, enum stepup_factors factors,
    void (*done)(struct screen *owner, enum stepup_end end));

/* app_job() behind stepup_open(): the job starts once the user has signed in.  Who goes
 * back instead is told that nothing was done, and data is freed.  out, which may
 * be NULL, belongs to owner.  1: it waits for that, 0: it runs, -1. */
int stepup_job(struct screen *owner, enum stepup what,
    const struct job_ops *ops, void *data, struct job **out, struct err *err);

#endif
