/* Signing in once more before something that weighs: a launch, an approval, a
 * change of policy or people.  Whether, and how, is policy (stepup.*). */
#ifndef TUI_SCREENS_STEPUP_H
#define TUI_SCREENS_STEPUP_H

#include "tui/app.h"
#include "tui/screens/pam_talk.h"

enum stepup {
	STEPUP_LAUNCH,  /* stepup.launch */
	STEPUP_APPROVE, /* stepup.approve */
	STEPUP_POLICY,  /* stepup.policy */
	STEPUP_REVIEW,  /* always: it is a signature */
};

enum stepup_end { STEPUP_REFUSED, STEPUP_GRANTED };

/* Asks the session's user to sign in again over the owner, by PAM, and calls
 * done() once on the screen thread: refused when the user has closed it.  When
 * policy wants nothing, done() is called at once.  The owner is still on the
 * stack. */
void stepup_open(struct screen *owner, enum stepup what,
    void (*done)(struct screen *owner, enum stepup_end end));

enum stepup_factors { STEPUP_ONE, STEPUP_TWO };

/* The same in a process without a session: who signs in, and what the policy of
 * the store that somebody else holds wants.  who is borrowed until done(). */
void stepup_ask(struct screen *owner, enum stepup what,
    const struct pam_who *who, enum stepup_factors factors,
    void (*done)(struct screen *owner, enum stepup_end end));

#endif
