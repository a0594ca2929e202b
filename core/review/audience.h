/* The recipients of a campaign in order, for who reads all of them. */
#ifndef CORE_REVIEW_AUDIENCE_H
#define CORE_REVIEW_AUDIENCE_H

#include "core/review/review.h"

/* The columns of audience_rows(). */
enum {
	AUDIENCE_KEY,
	AUDIENCE_SEQ, /* 0 of members of a list: their position counts */
	AUDIENCE_ADDRESS,
	AUDIENCE_NAME,
	AUDIENCE_FIELDS,
	AUDIENCE_CANON
};

/* All recipients that audience_step() would show, in its order; the statement
 * is db's.  *is_frozen and *total, the number of rows, are filled in. */
struct stmt *audience_rows(struct db *db, const struct campaign *campaign,
    bool *is_frozen, int64_t *total, struct err *err);

#endif
