/* What a demo and a drill stand on: a temporary folder with store, PAM service,
 * names and practice relay. */
#ifndef TUI_DEMO_STAGE_H
#define TUI_DEMO_STAGE_H

#include "core/base/buf.h"
#include "core/store/store.h"
#include "tui/session.h"
#include "tui/verbs.h"

/* Caller's storage; ended by demo_tear_down(). */
struct demo {
	/* Fills the new store. */
	int (*fill)(struct demo *demo, struct store *store, struct err *err);
	/* Sees the session before it ends; may be NULL. */
	void (*sat)(struct demo *demo, struct session *session);
	struct drill_seat *drill; /* borrowed; NULL: no drill */
	struct buf dir, store, csv, pam, names;
	struct practice *practice;
	struct resolver *resolver;
	struct demo_hints hints;
};

/* Makes folder, PAM service, relay and store.  Errors of the calls it makes. */
int demo_set_up(struct demo *demo, struct err *err);

/* The full screen on this store, until the user leaves.  An exit status. */
int demo_sit(struct demo *demo, struct options *options, struct buf *out);

/* Stops the relay and removes the folder; also what was set up in part. */
void demo_tear_down(struct demo *demo);

#endif
