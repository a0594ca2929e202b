/* The states of recipients and campaigns in the reader's words. */
#ifndef TUI_TEXT_STATE_TEXT_H
#define TUI_TEXT_STATE_TEXT_H

#include "core/campaign/campaign.h"
#include "core/contacts/contacts.h"
#include "core/deliver/deliver.h"
#include "tui/theme.h"

/* One word for the state of a recipient ("accepted"). */
const char *state_text(enum ledger_state state);

/* The role it is shown in. */
enum role state_role(enum ledger_state state);

/* One word for the state of a campaign ("draft"). */
const char *campaign_state_text(enum campaign_state state);

/* The role it is shown in. */
enum role campaign_state_role(enum campaign_state state);

/* Of whom a list is, or whom mail is meant for ("customers"). */
const char *circle_text(enum circle circle);

/* The role it is shown in. */
enum role circle_role(enum circle circle);

/* Why an address is on the stop list ("unsubscribed"). */
const char *stop_cause_text(enum suppress_cause cause);

/* Adds where an entry of the stop list came from: our own words for it become
 * the reader's, foreign ones stay. */
void stop_source_text(struct span source, struct buf *out);

#endif
