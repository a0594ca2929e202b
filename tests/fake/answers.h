/* Answers to the open lines of a checklist, given as a careless operator would:
 * the same sentence everywhere. */
#ifndef TESTS_FAKE_ANSWERS_H
#define TESTS_FAKE_ANSWERS_H

#include "core/review/review.h"

#define ANSWERS_SENTENCE "Nobody else is on duty this week."

/* Answers every open line of a review; ends the process when one is refused.
 * Lines that nothing but repair clears stay open. */
void answers_give(struct store *store, struct world *world,
    struct campaign_id campaign, struct review *review);

/* Reads every sample, finding the planted one (PP-04). */
void answers_look(struct store *store, struct world *world,
    struct campaign_id campaign, struct review *review);

/* Ticks everything and makes every statement (PP-06). */
void answers_state(
    struct store *store, struct campaign_id campaign, struct review *review);

/* Gives the sentence to every line that takes one, but PP-01, and does what
 * PP-04 and PP-06 want, through a review of its own. */
void answers_attest(
    struct store *store, struct world *world, struct campaign_id campaign);

#endif
