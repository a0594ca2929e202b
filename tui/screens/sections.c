/* What the program around the screens answers: which screen a section opens,
 * what stands at the right of the title bar, locking, leaving. */
#include "core/base/clock.h"
#include "tui/armed.h"
#include "tui/away.h"
#include "tui/drill.h"
#include "tui/screens/lock.h"
#include "tui/screens/screens.h"
#include "tui/session.h"
#include "tui/text/format.h"
#include "tui/text/i18n.h"
#include "tui/widgets/dialog.h"

enum { STATUS_MS = 1000, SECTIONS = 8 };

typedef void section_opener(struct app *app);

/* By number. */
static section_opener *const openers[SECTIONS + 1] = {
    [1] = home_open,
    [2] = lists_open,
    [3] = campaigns_open,
    [4] = delivery_open,
    [5] = reports_open,
    [6] = stops_open,
    [7] = log_open,
    [8] = settings_open,
};

static void
section(struct app *app, int number)
{
	openers[number](app);
}

static const char *
section_why_not(struct app *app, int number)
{
	(void)number;
	if (app_is_locked(app) || !app_store(app))
		return _("Sign in first.");
	return NULL;
}

/* ---- Title bar -------------------------------------------------------------- */

static void
add_run(struct run *run, struct buf *out)
{
	struct run_progress progress;
	int64_t open;

	run_progress(run, &progress);
	open = progress.count[LEDGER_PLANNED] + progress.count[LEDGER_CLAIMED] +
	       progress.count[LEDGER_HANDED] + progress.count[LEDGER_DEFERRED];
	if (progress.state == RUN_RUNNING || progress.state == RUN_WAITING)
		buf_text(out, _("sending"));
	else if (progress.state == RUN_PAUSED)
		buf_text(out, _("paused"));
	else
		return;
	buf_char(out, ' ');
	format_percent(out, progress.total - open, progress.total);
}

static void
status(struct app *app, struct buf *out)
{
	struct session *session = app_session(app);

	if (!session->store)
		return;
	if (session->drill) {
		session->drill->status(session->drill, out);
		buf_text(out, "  ");
	} else if (store_is_demo(session->store)) {
		buf_text(out, _("DEMO"));
		buf_text(out, "  ");
	}
	buf_text(out, session->user);
	if (session->run) {
		buf_text(out, "  ");
		add_run(session->run, out);
	}
	if (import_goes_on(app)) {
		buf_text(out, "  ");
		import_add_status(app, out);
	}
}

/* The bar moves only while a delivery does; an armed start is looked for. */
static int
status_ms(struct app *app)
{
	struct session *session = app_session(app);
	struct run_progress progress;

	if (armed_waits(session) || import_goes_on(app))
		return STATUS_MS;
	if (!session->run)
		return 0;
	run_progress(session->run, &progress);
	return progress.state == RUN_RUNNING || progress.state == RUN_WAITING
		   ? STATUS_MS
		   : 0;
}

/* ---- Locking, leaving ------------------------------------------------------- */

static void
lock(struct app *app)
{
	struct session *session = app_session(app);

	if (session->store) {
		stepup_withdraw(session->store);
		lock_open(app);
	}
}

/* A stopped process sends nothing, and a relay would wait for us in vain. */
static const char *
suspend_why_not(struct app *app)
{
	struct session *session = app_session(app);
	struct run_progress progress;

	if (import_goes_on(app))
		return _("An import is being stored; it would stand still.");
	if (!session->run)
		return NULL;
	run_progress(session->run, &progress);
	if (progress.state == RUN_RUNNING || progress.state == RUN_WAITING)
		return _("A delivery is under way; it would stand still.");
	return NULL;
}

static const char *
detach_why_not(struct app *app)
{
	struct session *session = app_session(app);

	if (!session->store)
		return _("Sign in first.");
	if (store_is_demo(session->store))
		return _("The demo ends with its terminal.");
	if (!away_has_run(session->away) && !armed_waits(session) &&
	    !import_goes_on(app))
		return _("Nothing is being sent or stored; Q ends Sekisho.");
	return NULL;
}

static void
leave_answered(struct screen *owner, int answer, struct span text)
{
	(void)text;
	if (answer == 1)
		app_end(owner->app, 0);
}

static void
quit(struct app *app)
{
	struct session *session = app_session(app);
	struct run_progress progress = {.state = RUN_DONE};
	const char *text = _("The store will be closed. Everything is saved.");

	if (app_is_locked(app) || !session->store) {
		app_end(app, 0);
		return;
	}
	if (!app_may_leave(app))
		return;
	if (session->drill) {
		session->drill->act(session->drill, app, ACT_QUIT);
		return;
	}
	if (session->run)
		run_progress(session->run, &progress);
	if (progress.state == RUN_RUNNING || progress.state == RUN_WAITING)
		text = _("A delivery is under way. When Sekisho ends, the rest "
			 "stays unsent; home offers to go on the next time. "
			 ":detach leaves the delivery running and gives the "
			 "terminal back.");
	else if (import_goes_on(app))
		text =
		    _("An import is being stored. When Sekisho ends, nothing "
		      "of its file is stored. :detach leaves it running and "
		      "gives the terminal back.");
	else if (armed_waits(session))
		text = _("A campaign is armed. Without Sekisho nobody starts "
			 "it. :detach leaves Sekisho running and gives the "
			 "terminal back.");
	dialog_confirm(app_top(app),
	    &(struct dialog){
		.title = _("Leave Sekisho"),
		.text = text,
		.done = leave_answered,
	    },
	    _("Leave"));
}

/* ---- A drill ------------------------------------------------------------------ */

static const char *
flag(struct app *app)
{
	return app_session(app)->drill ? _("DRILL") : NULL;
}

static bool
has_drill(struct app *app)
{
	struct session *session = app_session(app);

	return session->drill && session->store && !app_is_locked(app) &&
	       !drill_of(session)->is_over;
}

static void
drill(struct app *app, enum action action)
{
	struct session *session = app_session(app);

	session->drill->act(session->drill, app, action);
}

const struct app_hooks session_hooks = {
    .section = section,
    .section_why_not = section_why_not,
    .status = status,
    .status_ms = status_ms,
    .status_tick = armed_tick,
    .lock = lock,
    .suspend_why_not = suspend_why_not,
    .detach_why_not = detach_why_not,
    .quit = quit,
    .flag = flag,
    .has_drill = has_drill,
    .drill = drill,
};
