/* The codes of a test mail, for tests that are not about test mail: what a
 * person would read in the mail is computed here through the review's private
 * header. */
#ifndef TESTS_FAKE_TESTCODES_H
#define TESTS_FAKE_TESTCODES_H

#include "core/base/world.h"
#include "core/campaign/campaign.h"
#include "core/store/store.h"

enum { TESTCODES_ROOM = 20 };

/* Registers staff@example.jp unless somebody is registered and gives its id. */
int64_t testcodes_staff(struct store *store);

/* Has a test of the campaign made, which is not sent, and writes what has to be
 * typed for PP-05: "ABCDEF GHJKLM".  Ends the process on failure. */
void testcodes_make(struct store *store, struct world *world,
    struct campaign_id campaign, char out[TESTCODES_ROOM]);

/* What has to be typed for the newest test of a campaign. */
void testcodes_read(
    struct store *store, struct campaign_id campaign, char out[TESTCODES_ROOM]);

#endif
