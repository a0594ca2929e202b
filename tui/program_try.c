/* A screen without a store, to see how a terminal behaves. */
#include "tui/program.h"

#include "core/base/clock.h"
#include "core/base/world.h"
#include "tui/loop.h"
#include "tui/screens/foundation.h"
#include "tui/seat.h"
#include "tui/text/errors.h"
#include "tui/variant.h"

static int
run(struct options *options, struct seat *seat, struct theme_paths *paths)
{
	struct world world = {.clock = clock_real()};
	struct loop_port port = {.seat = seat};
	struct app_params params = {.world = &world,
	    .port = loop_port_init(&port, seat),
	    .places = paths->places};
	struct app *app = app_new(&params);
	struct err err = {.code = E_NONE};
	int status;

	if (options->theme && app_theme_use(app, options->theme, &err) < 0)
		app_say_err(app, &err);
	messages_open(app);
	status = loop_run(app, &port);
	app_free(&app);
	return status;
}

int
program_try(struct options *options, struct buf *out)
{
	struct err err = {.code = E_NONE};
	struct theme_paths paths;
	struct socket_line none = SOCKET_LINE_INIT;
	struct seat seat = SEAT_INIT;
	int status = 1;

	if (variant.kind != VARIANT_TEST) {
		verbs_usage(out);
		return 2;
	}
	theme_paths_init(&paths, options);
	seat.has_shell = seat_has_shell();
	if (seat_open(&seat, &none, options->colors, &err) < 0) {
		buf_text(out, "sekisho: ");
		err_text(&err, out);
		buf_char(out, '\n');
	} else {
		status = run(options, &seat, &paths);
	}
	seat_leave(&seat, SEAT_ENDED, status, "");
	theme_paths_done(&paths);
	return status;
}
