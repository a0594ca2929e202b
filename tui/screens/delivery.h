/* The live delivery (S16) between its files: delivery.c acts, delivery_draw.c
 * paints, delivery_panes.c lists groups, relays, replies and events. */
#ifndef TUI_SCREENS_DELIVERY_H
#define TUI_SCREENS_DELIVERY_H

#include "core/deliver/deliver.h"
#include "tui/app.h"
#include "tui/widgets/list.h"

enum pane_kind {
	PANE_GROUPS,
	PANE_RELAYS,
	PANE_EVENTS,
	PANE_REPLIES,
	PANE_KINDS
};

/* The list in the lower half; borrows the figures it shows. */
struct panes {
	struct list_source source;
	const struct run_progress *now;
	enum pane_kind kind;
	struct list *list[PANE_KINDS];
	struct buf cell[LIST_COLUMNS_MAX];
};

/* Makes the lists; they show now, which must outlive them.  Ended with
 * panes_done(). */
void panes_init(struct panes *panes, const struct run_progress *now);
void panes_done(struct panes *panes);

/* Shows the next one. */
void panes_next(struct panes *panes);

/* The figures have changed. */
void panes_refresh(struct panes *panes);

/* The relay or group under the cursor; NULL in the other panes. */
const struct run_part *panes_part(const struct panes *panes);

/* Draws the names of the panes and the list. */
void panes_draw(struct panes *panes, struct area a);

struct delivery {
	struct screen base;
	struct campaign_id campaign;
	struct buf name;
	struct run_progress now;
	bool known; /* now holds figures; they stay when the run is over */
	bool fast;
	struct panes panes;
};

/* How many recipients have their final state. */
int64_t delivery_finished(const struct run_progress *now);

/* True when nothing will be sent any more. */
bool delivery_is_over(const struct run_progress *now);

/* Draws what the body will show of a delivery to total recipients that is about
 * to begin; the row behind it. */
int delivery_draw_start(int64_t total, struct area body);

/* Draws the body. */
void delivery_draw(struct delivery *self, struct area body);

#endif
