/* What hangs on a campaign in tables of its own and goes with it. */
#ifndef CORE_CAMPAIGN_ATTACHED_H
#define CORE_CAMPAIGN_ATTACHED_H

#include "core/campaign/campaign.h"

/* Gives a copy, just made in the caller's transaction, the files of the
 * campaign it was made of. */
int attached_copy(struct db *db, struct campaign_id from, struct campaign_id to,
    struct err *err);

/* Takes all files off a campaign that is being deleted, in the caller's
 * transaction, and those octets out of the store that nothing else needs. */
int attached_delete(
    struct db *db, struct campaign_id campaign, struct err *err);

#endif
