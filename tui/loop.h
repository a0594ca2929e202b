/* The loop that joins the app with a terminal. */
#ifndef TUI_LOOP_H
#define TUI_LOOP_H

#include "tui/app.h"

struct term;

/* The app's port on a terminal, in the caller's storage. */
struct loop_port {
	struct app_port base;
	struct term *term; /* borrowed */
};

/* Fills in port and returns it as what app_params wants. */
struct app_port *loop_port_init(struct loop_port *port, struct term *term);

/* Runs app on term until app_end(), a signal that ends it or the loss of the
 * terminal; returns the exit status: 129 for a lost terminal, 128 and the
 * number for a signal. */
int loop_run(struct app *app, struct term *term);

#endif
