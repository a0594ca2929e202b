/* What the launch page says about a campaign before it leaves. */
#ifndef TUI_SCREENS_LAUNCH_FACTS_H
#define TUI_SCREENS_LAUNCH_FACTS_H

#include "core/campaign/campaign.h"
#include "core/contacts/contacts.h"
#include "core/deliver/deliver.h"
#include "core/health/health.h"
#include "core/review/review.h"
#include "tui/app.h"

struct launch_facts {
	struct store *store; /* borrowed */
	struct campaign_id id;
	struct campaign campaign;
	struct list_info list;
	struct segment segment; /* id 0: it goes to the whole list */
	struct buf through;     /* the relays by name */
	enum relay_tls weakest; /* of them */
	int64_t rate_per_s;     /* of all together; 0: no limit */
	struct seal_info seal;
	struct approval_state approval;
	bool is_armed;
	int64_t countdown_s, pilot_percent, pilot_size;
	bool pilot_waits;
};

/* Whether a second person's approval lasts as long as the start may wait. */
enum launch_approval {
	LAUNCH_APPROVAL_LASTS,       /* or none is needed, or nothing waits */
	LAUNCH_APPROVAL_ENDS_WITHIN, /* before the last moment */
	LAUNCH_APPROVAL_ENDS_BEFORE, /* nothing will start */
};
enum launch_approval launch_facts_approval(const struct launch_facts *facts);

/* Reads them in a job of the screen, whose data they are: launch_facts_take()
 * keeps them.  E_THREAD. */
int launch_facts_read(
    struct screen *owner, struct campaign_id campaign, struct err *err);

/* Moves the facts out of a job's data; the caller frees them. */
struct launch_facts *launch_facts_take(struct launch_facts *from);

/* Accepts NULL. */
void launch_facts_free(void *facts);

/* Draws them; the row behind them. */
int launch_facts_draw(const struct launch_facts *facts, struct area body);

#endif
