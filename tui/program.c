/* From the command line to the first screen and back. */
#include "tui/program.h"

#include <sys/prctl.h>
#include <sys/resource.h>

#include "core/base/clock.h"
#include "core/net/dial.h"
#include "tui/loop.h"
#include "tui/screens/screens.h"
#include "tui/session.h"
#include "tui/text/errors.h"
#include "tui/variant.h"

/* The theme asked for, or the default with a word about why not. */
static void
take_theme(struct app *app, const char *id)
{
	struct err err = {.code = E_NONE};

	if (id && app_theme_use(app, id, &err) < 0)
		app_say_err(app, &err);
}

/* Keys shall not be read by a debugger nor end in a core file.  The test
 * program stays readable for sanitizers. */
void
program_harden(void)
{
	secret_heap_init();
	setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
	if (variant.kind != VARIANT_TEST)
		prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

int
program_complain(struct buf *out, const struct err *err)
{
	buf_text(out, "sekisho: ");
	err_text(err, out);
	buf_char(out, '\n');
	return 1;
}

int
program_sitting(
    struct options *options, struct session *session, struct buf *out)
{
	struct app_params params = {
	    .world = session->world,
	    .hooks = &session_hooks,
	    .session = session,
	};
	struct theme_paths paths;
	struct loop_port port;
	struct err err = {.code = E_NONE};
	struct term *term = NULL;
	struct app *app = NULL;
	int status = 1;

	theme_paths_init(&paths, options);
	if (term_open(options->colors, &term, &err) < 0) {
		program_complain(out, &err);
		goto out;
	}
	params.port = loop_port_init(&port, term);
	params.places = paths.places;
	app = app_new(&params);
	take_theme(app, options->theme);
	signin_open(app);
	status = loop_run(app, term);
out:
	app_free(&app);
	term_close(&term);
	theme_paths_done(&paths);
	return status;
}

int
program_run(struct options *options, struct buf *out)
{
	struct world world = {.clock = clock_real(), .dialler = dialler_real()};
	struct session session;
	struct err err = {.code = E_NONE};
	int status;

	program_harden();
	if (session_begin(&session, &world, options, NULL, &err) < 0)
		status = program_complain(out, &err);
	else
		status = program_sitting(options, &session, out);
	session_end(&session);
	return status;
}
