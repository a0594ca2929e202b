/* What the head of a campaign tells of it below its fields. */
#ifndef TUI_SCREENS_CAMPAIGN_SUMMARY_H
#define TUI_SCREENS_CAMPAIGN_SUMMARY_H

#include "core/compose/compose.h"
#include "tui/canvas.h"

struct summary {
	size_t characters, links;
	struct buf fields;  /* names of merge fields in use */
	size_t bare;        /* of these without a default */
	struct err fault;   /* why it cannot be assembled; E_NONE: it can */
	int64_t kept_ms;    /* of unsaved text; 0: none is kept */
	bool theme_changed; /* its file is not what the campaign has of it */
};

/* Fills what can be told by compiling the campaign; out->fields is yours.  For
 * a worker thread. */
void summary_make(struct store *store, struct db *db,
    const struct campaign *campaign, struct summary *out);

/* Draws it from row on, below the subject that is being written. */
void summary_draw(
    const struct summary *summary, struct span subject, struct area a, int row);

#endif
