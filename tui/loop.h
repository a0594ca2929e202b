/* The loop that joins the app with a terminal. */
#ifndef TUI_LOOP_H
#define TUI_LOOP_H

#include "tui/app.h"

struct term;

/* Runs app on term until app_end(), SIGTERM or the loss of the terminal;
 * returns the exit status. */
int loop_run(struct app *app, struct term *term);

/* The app's port on a terminal; lives as long as term. */
struct app_port *loop_port(struct term *term);

#endif
