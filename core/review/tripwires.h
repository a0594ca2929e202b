/* The canaries and the color of a list as the checks saw them: part of what was
 * reviewed, though no message is made of them. */
#ifndef CORE_REVIEW_TRIPWIRES_H
#define CORE_REVIEW_TRIPWIRES_H

#include "core/campaign/campaign.h"

/* Appends the SHA-256, in hexadecimal, over the color of the campaign's list,
 * its canaries, and those of other lists that are on this one; nothing when
 * there is none of all that. */
int tripwires_now(struct db *db, struct campaign_id campaign, struct buf *out,
    struct err *err);

/* 1 when they are those of the last run of the checks, 0 when not, -1. */
int tripwires_same(struct db *db, struct campaign_id campaign, struct err *err);

#endif
