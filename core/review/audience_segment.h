/* The members of a segment as the audience of a campaign, while nothing is
 * frozen: what audience.h offers, for those whose campaign is for a segment. */
#ifndef CORE_REVIEW_AUDIENCE_SEGMENT_H
#define CORE_REVIEW_AUDIENCE_SEGMENT_H

#include <stdatomic.h>

#include "core/review/audience.h"

/* audience_step(), audience_search(), audience_rows().  Each walks over the ids
 * of all members.  E_SEGMENT_MISSING, E_FILTER_*. */
int segment_step(struct db *db, const struct campaign *campaign,
    enum audience_step step, int64_t from, struct arena *arena,
    struct audience_member *out, struct err *err);
int segment_search(struct db *db, const struct campaign *campaign,
    struct span text, int64_t from, const atomic_bool *stop,
    struct arena *arena, struct audience_member *out, struct err *err);
struct stmt *segment_people(struct db *db, const struct campaign *campaign,
    int64_t *total, struct err *err);

/* Of audience.c: takes the current row over; the first row behind from that
 * holds all words, or else the first of all that does (1, 0, -1). */
void audience_take(
    struct stmt *stmt, struct arena *arena, struct audience_member *out);
int audience_find(struct stmt *stmt, int64_t from, const atomic_bool *stop,
    struct span words, struct arena *arena, struct audience_member *out,
    struct err *err);

#endif
