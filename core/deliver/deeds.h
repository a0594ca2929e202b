/* What a run writes besides its ledger: the launch, and the rare steps that
 * are logged.  All in the caller's transaction. */
#ifndef CORE_DELIVER_DEEDS_H
#define CORE_DELIVER_DEEDS_H

#include "core/deliver/run.h"

enum deed {
	DEED_PAUSE,
	DEED_RESUME,
	DEED_HURRY,
	DEED_DONE,
	DEED_STOPPED,
	DEED_RATE, /* these five are only logged, with the facts of why */
	DEED_REST,
	DEED_USE,
	DEED_HOLD,
	DEED_RELEASE,
	DEED_FOLLOW, /* what refusals mean for addresses; logs itself */
	DEED_LEARNT, /* what was learnt about groups; not logged */
	DEED_PILOT,  /* the rest may follow the pilot; facts of why logged */
	DEED_CHANGED /* a message differs from the sealed one; only logged */
};

/* Makes the launch durable: step of the campaign, run row, ledger rows, audit
 * entry; or, for a campaign that is RUNNING already, recovery of its ledger.
 * Fills run->started_ms.  E_CAMPAIGN_STATE, E_LEDGER, E_REVIEW_SEAL. */
int deed_launch(struct run *run, enum campaign_state state, struct err *err);

/* Ends for good the ledger of a campaign that no run serves: recovery, then
 * the stop, in one transaction.  Uses store, world and campaign of run. */
int deed_stop_interrupted(struct run *run, struct err *err);

/* Writes one of enum deed; the scribe's deed function, arg is the run. */
int deed_write(
    void *arg, const struct scribe_deed *deed, struct db *db, struct err *err);

#endif
