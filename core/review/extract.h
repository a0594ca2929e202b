/* What a person has to look at one by one: collected while the proof runs, kept
 * in the store, read by extract_each() of review.h. */
#ifndef CORE_REVIEW_EXTRACT_H
#define CORE_REVIEW_EXTRACT_H

#include "core/review/review.h"

/* Distinct items and how many messages hold each. */
struct extracts;

/* Empty ones; the caller frees them. */
struct extracts *extracts_new(void);

/* Accepts NULL, sets *extracts to NULL. */
void extracts_free(struct extracts **extracts);

/* Counts an item in message seq, once for a message however often it stands
 * there.  The text is copied, cut to EXTRACT_TEXT_MAX. */
void extracts_add(struct extracts *extracts, enum extract_kind kind,
    struct span text, int64_t seq);

/* Empties them, keeping their memory. */
void extracts_clear(struct extracts *extracts);

/* Adds what one chunk of messages held, found by count workers: who is kept is
 * decided by the order of messages, so that two runs keep the same. */
void extracts_take(
    struct extracts *all, struct extracts *const *chunk, size_t count);

/* Distinct items of a kind that are kept, and the number of messages that hold
 * others. */
size_t extracts_count(
    const struct extracts *extracts, enum extract_kind kind, int64_t *others);

/* Visits all, by kind and text; as extract_each(). */
int extracts_each(
    const struct extracts *extracts, extract_visit *visit, void *payload);

/* Stores them as those of a campaign, in place of older ones. */
int extracts_write(struct db *db, struct campaign_id campaign,
    const struct extracts *extracts, struct err *err);

/* Deletes what is stored. */
int extracts_delete(
    struct db *db, struct campaign_id campaign, struct err *err);

#endif
