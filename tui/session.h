/* What lives as long as one sitting of one user: who, the open store, the
 * delivery under way.  Screens reach it with app_session(); it is touched on
 * the screen thread only. */
#ifndef TUI_SESSION_H
#define TUI_SESSION_H

#include "core/access/access.h"
#include "core/base/world.h"
#include "core/deliver/deliver.h"
#include "core/store/store.h"

struct app;
struct options;

/* What the demo shows on its sign-in screens; NULL in the product. */
struct demo_hints {
	const char *user, *password, *passphrase;
	const char *maildir; /* where the practice relay puts mail */
};

struct session {
	struct world *world;           /* borrowed */
	const struct options *options; /* borrowed */
	const struct demo_hints *demo; /* borrowed; NULL: no demo */
	const char *program;           /* borrowed; for the PAM agent */
	char *dir;                     /* the store's folder */
	char *user;                    /* login name */
	char *origin;                  /* access_origin() */
	struct store *store;           /* NULL before the passphrase */
	struct run *run;               /* NULL: no delivery under way */
	struct campaign_id running;    /* of run */
};

#endif
