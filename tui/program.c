/* From the command line to the first screen and back. */
#include "tui/program.h"

#include "core/base/clock.h"
#include "core/base/world.h"
#include "tui/loop.h"
#include "tui/screens/foundation.h"
#include "tui/text/errors.h"

/* The theme asked for, or the default with a word about why not. */
static void
take_theme(struct app *app, const char *id)
{
	struct err err = {.code = E_NONE};

	if (id && app_theme_use(app, id, &err) < 0)
		app_say_err(app, &err);
}

int
program_run(struct options *options, struct buf *out)
{
	struct world world = {.clock = clock_real()};
	struct app_params params = {.world = &world};
	struct theme_paths paths;
	struct loop_port port;
	struct err err = {.code = E_NONE};
	struct term *term = NULL;
	struct app *app = NULL;
	int status = 1;

	theme_paths_init(&paths, options);
	if (term_open(options->colors, &term, &err) < 0) {
		buf_text(out, "sekisho: ");
		err_text(&err, out);
		buf_char(out, '\n');
		goto out;
	}
	params.port = loop_port_init(&port, term);
	params.places = paths.places;
	app = app_new(&params);
	take_theme(app, options->theme);
	messages_open(app);
	status = loop_run(app, term);
out:
	app_free(&app);
	term_close(&term);
	theme_paths_done(&paths);
	return status;
}
