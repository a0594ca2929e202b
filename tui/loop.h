/* The loop that joins the app with a terminal, or with none for a while. */
#ifndef TUI_LOOP_H
#define TUI_LOOP_H

#include "tui/app.h"

struct seat;

/* The app's port on a terminal, in the caller's storage. */
struct loop_port {
	struct app_port base;
	struct seat *seat; /* borrowed */
	struct app *app;   /* borrowed; set by loop_run() */
	bool leaving;      /* the operator goes away, the delivery goes on */
};

/* Fills in port and returns it as what app_params wants. */
struct app_port *loop_port_init(struct loop_port *port, struct seat *seat);

/* Runs app at the port's seat until app_end() or a signal that ends it.  When
 * the terminal goes, a delivery under way goes on without one (docs/away.md);
 * without one it ends.  Returns the exit status: 129 for a lost terminal, 128
 * and the number for a signal. */
int loop_run(struct app *app, struct loop_port *port);

#endif
