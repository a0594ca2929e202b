/* From the command line to the first screen and back.  The full screen is
 * served by a child in a session of its own; this process stays at the
 * terminal as its tether. */
#include "tui/program.h"

#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/base/notify.h"
#include "core/net/dial.h"
#include "core/net/dns.h"
#include "tui/attach.h"
#include "tui/loop.h"
#include "tui/screens/screens.h"
#include "tui/seat.h"
#include "tui/session.h"
#include "tui/spawn.h"
#include "tui/tether.h"
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

/* No core file, no debugger.  The test program stays readable for
 * sanitizers. */
static void
hide_memory(void)
{
	setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
	if (variant.kind != VARIANT_TEST)
		prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

void
program_harden(void)
{
	secret_heap_init();
	hide_memory();
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
program_sitting(struct options *options, struct session *session,
    struct seat *seat, struct socket_line *line, struct buf *out)
{
	struct app_params params = {
	    .world = session->world,
	    .hooks = &session_hooks,
	    .session = session,
	};
	struct theme_paths paths;
	struct loop_port port = {.seat = seat};
	struct err err = {.code = E_NONE};
	struct app *app = NULL;
	int status = 1;

	theme_paths_init(&paths, options);
	if (seat_open(seat, line, options->colors, &err) < 0) {
		program_complain(out, &err);
		goto out;
	}
	params.port = loop_port_init(&port, seat);
	params.places = paths.places;
	app = app_new(&params);
	take_theme(app, options->theme);
	signin_open(app);
	status = loop_run(app, &port);
out:
	app_free(&app);
	seat_leave(seat, SEAT_ENDED, status, "");
	theme_paths_done(&paths);
	return status;
}

/* Only when a service manager has started us; one that cannot be told is no
 * reason to stay away from work. */
static void
tell_manager(struct notify **out)
{
	struct notify_params params = {.socket = getenv("NOTIFY_SOCKET")};

	if (!span_int(span_of(getenv("WATCHDOG_USEC")), &params.watchdog_usec))
		params.watchdog_usec = 0;
	notify_open(&params, out, NULL);
}

/* Body of the serving process. */
static int
serve(struct options *options, struct seat *seat, struct socket_line *line,
    struct buf *out)
{
	struct dns_options dns = {.config = "/etc/sekisho/unbound.conf"};
	struct world world = {
	    .clock = variant.clock(),
	    .dialler = dialler_new(),
	    .resolver = resolver_unbound(&dns),
	};
	struct notify *notify = NULL;
	struct session session;
	struct err err = {.code = E_NONE};
	int status;

	program_harden();
	tell_manager(&notify);
	if (session_begin(&session, &world, options, NULL, &err) < 0) {
		status = program_complain(out, &err);
	} else {
		session.notify = notify;
		status = program_sitting(options, &session, seat, line, out);
	}
	session_end(&session);
	notify_close(&notify);
	resolver_free(&world.resolver);
	dialler_free(&world.dialler);
	return status;
}

/* One process serves, the other one stays at the terminal. */
static int
part(struct options *options, struct buf *out)
{
	struct tether tether;
	struct socket_line line = SOCKET_LINE_INIT;
	struct seat seat = SEAT_INIT;
	struct err err = {.code = E_NONE};

	tether_init(&tether);
	seat.has_shell = seat_has_shell();
	if (socket_pair(&tether.line, &line, &err) < 0 ||
	    (tether.child = spawn_apart(&err)) < 0) {
		socket_line_done(&tether.line);
		socket_line_done(&line);
		return program_complain(out, &err);
	}
	if (tether.child == 0) {
		socket_line_done(&tether.line);
		return serve(options, &seat, &line, out);
	}
	socket_line_done(&line);
	return tether_hold(&tether, out);
}

int
program_run(struct options *options, struct buf *out)
{
	struct err err = {.code = E_NONE};
	int status;

	hide_memory();
	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO)) {
		err_set(&err, E_TERM_NONE);
		return program_complain(out, &err);
	}
	if (attach_run(options, ATTACH_IF_RUNNING, out, &status))
		return status;
	return part(options, out);
}
