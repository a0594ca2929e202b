/* The proof run: every message is assembled, linted and hashed, and the
 * audience is frozen into the outbox. */
#ifndef CORE_REVIEW_PROOF_H
#define CORE_REVIEW_PROOF_H

#include <stdatomic.h>

#include "core/compose/compose.h"
#include "core/review/checklist.h"

/* In and out of a proof; the pointers are borrowed. */
struct proof {
	struct store *store;
	const struct campaign *campaign;
	const struct template *template;
	int64_t at_ms; /* date put into the messages of the proof */
	atomic_bool *cancel;
	atomic_llong *done, *total; /* messages, for the screen */
	/* found: */
	int64_t recipients; /* frozen into the outbox */
	int64_t left_out;   /* members on the stop list */
	struct digest root; /* over the leaves of all messages */
	struct tally tally;
};

/* Runs the proof on all cores.  The outbox of the campaign is made anew, in
 * transactions of a few thousand rows; after a failure or E_CANCELLED it is
 * empty again.  E_REVIEW_EMPTY when nobody is left. */
int proof_run(struct proof *proof, struct err *err);

/* Root and count of the leaves that stand in the outbox now. */
int proof_root(struct db *db, struct campaign_id campaign, struct digest *root,
    int64_t *count, struct err *err);

#endif
