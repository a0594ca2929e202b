/* A screen without a store, to see how a terminal behaves. */
#include "tui/program.h"

#include "core/base/clock.h"
#include "core/base/world.h"
#include "tui/loop.h"
#include "tui/screens/foundation.h"
#include "tui/text/errors.h"
#include "tui/variant.h"

static int
run(struct options *options, struct term *term, struct theme_paths *paths)
{
	struct world world = {.clock = clock_real()};
	struct loop_port port;
	struct app_params params = {.world = &world,
	    .port = loop_port_init(&port, term),
	    .places = paths->places};
	struct app *app = app_new(&params);
	struct err err = {.code = E_NONE};
	int status;

	if (options->theme && app_theme_use(app, options->theme, &err) < 0)
		app_say_err(app, &err);
	messages_open(app);
	status = loop_run(app, term);
	app_free(&app);
	return status;
}

int
program_try(struct options *options, struct buf *out)
{
	struct err err = {.code = E_NONE};
	struct theme_paths paths;
	struct term *term = NULL;
	int status = 1;

	if (variant.kind != VARIANT_TEST) {
		verbs_usage(out);
		return 2;
	}
	theme_paths_init(&paths, options);
	if (term_open(options->colors, &term, &err) < 0) {
		buf_text(out, "sekisho: ");
		err_text(&err, out);
		buf_char(out, '\n');
	} else {
		status = run(options, term, &paths);
	}
	term_close(&term);
	theme_paths_done(&paths);
	return status;
}
