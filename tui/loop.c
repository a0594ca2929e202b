/* The loop: waits for the terminal, signals, jobs and timers, hands each to
 * the app and paints when something has changed.  All keys that are there are
 * taken before one paint.  A terminal that does not take bytes gets no timed
 * frame: the wish to paint is kept until it does.  A terminal may go while a
 * delivery is under way or an import is being stored: then the loop goes on
 * without one, locked, until somebody comes with another or that is over. */
#include "tui/loop.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "tui/armed.h"
#include "tui/away.h"
#include "tui/screens/screens.h"
#include "tui/seat.h"
#include "tui/session.h"
#include "tui/text/i18n.h"
#include "tui/variant.h"
#include "tui/verbs.h"

enum {
	LOST_STATUS = 129,
	EMPTY_READS_MAX = 3,
	HEADLESS_MS = 1000, /* between two looks at the delivery */
};

struct loop {
	struct app *app;
	struct seat *seat;
	struct loop_port *port;
	struct canvas *canvas;
	int signals;
	sigset_t before;
	enum app_wants wants;
	unsigned long keys;
	int empty_reads; /* readable, but nothing was there */
	bool lost;
	int64_t stop_at_ms; /* headless: steady time to stop at, or 0 */
};

static struct away *
away_of_app(struct app *app)
{
	struct session *session = app_session(app);

	return session ? session->away : NULL;
}

static struct away *
away_of(const struct loop *loop)
{
	return away_of_app(loop->app);
}

static void
block_signals(struct loop *loop)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGWINCH);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGQUIT);
	sigaddset(&set, SIGTSTP);
	sigaddset(&set, SIGCONT);
	sigprocmask(SIG_BLOCK, &set, &loop->before);
	loop->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	signal(SIGPIPE, SIG_IGN);
}

static void
resized(struct loop *loop)
{
	struct key key = {.code = K_RESIZE};
	int rows, cols;

	if (!loop->seat->term)
		return;
	term_resized(loop->seat->term);
	term_size(loop->seat->term, &rows, &cols);
	canvas_resize(loop->canvas, rows, cols);
	app_key(loop->app, &key);
}

static void
take_signals(struct loop *loop)
{
	struct signalfd_siginfo info;

	while (read(loop->signals, &info, sizeof info) == sizeof info) {
		switch (info.ssi_signo) {
		case SIGWINCH:
			resized(loop);
			break;
		case SIGCONT:
			resized(loop);
			app_redraw(loop->app);
			break;
		case SIGHUP:
			loop->lost = loop->seat->term != NULL;
			break;
		case SIGTSTP:
			break; /* only ^Z as a key suspends, after locking */
		default:
			app_end(loop->app, 128 + (int)info.ssi_signo);
		}
	}
}

static void
take_keys(struct loop *loop)
{
	struct key key;
	int status, waiting = 0;
	bool any = false;

	while (!app_has_ended(loop->app, &status) &&
	       term_key(loop->seat->term, &key)) {
		any = true;
		loop->keys++;
		app_key(loop->app, &key);
	}
	if (any || (ioctl(term_fd(loop->seat->term), FIONREAD, &waiting) == 0 &&
		       waiting > 0))
		loop->empty_reads = 0;
	else if (++loop->empty_reads > EMPTY_READS_MAX)
		loop->lost = true;
}

static bool
takes_bytes(void)
{
	struct pollfd out = {.fd = STDOUT_FILENO, .events = POLLOUT};

	return poll(&out, 1, 0) == 1 && (out.revents & POLLOUT);
}

static void
paint(struct loop *loop)
{
	if (!loop->seat->term)
		return;
	/* The tether's word may come later than the key that follows. */
	if (term_has_resized(loop->seat->term))
		resized(loop);
	loop->wants |= app_wants(loop->app);
	if (loop->wants == APP_NOTHING || !takes_bytes())
		return;
	app_draw(loop->app, loop->canvas);
	term_paint(loop->seat->term, loop->canvas, app_theme(loop->app),
	    loop->wants & APP_REPAINT ? TERM_EVERYTHING : TERM_CHANGES);
	loop->wants = APP_NOTHING;
}

/* True when somebody who waits for the program would wait for ever. */
static bool
is_idle(struct loop *loop)
{
	struct pollfd in[2] = {
	    {.fd = term_fd(loop->seat->term), .events = POLLIN},
	    {.fd = app_event_fd(loop->app), .events = POLLIN},
	};

	return loop->wants == APP_NOTHING && !app_is_busy(loop->app) &&
	       poll(in, 2, 0) == 0;
}

static void
tell_idle(struct loop *loop)
{
	if ((!variant.idle_mark && !variant.show) || !loop->seat->term ||
	    !is_idle(loop))
		return;
	if (variant.show)
		variant.show(loop->canvas, loop->keys);
	if (variant.idle_mark)
		variant.idle_mark(STDOUT_FILENO, loop->keys);
}

/* ---- Losing the terminal, taking another ----------------------------------- */

static void
note(struct loop *loop, const char *what, const char *place)
{
	struct buf facts = BUF_INIT;

	fact_add(&facts, "place", span_of(place));
	away_log(away_of(loop), what, span_trim(buf_span(&facts)));
	buf_done(&facts);
}

/* From now on without a terminal. */
static void
go_headless(struct loop *loop, const char *what)
{
	app_terminal_lost(loop->app); /* locks */
	note(loop, what, loop->seat->place);
	seat_leave(loop->seat, SEAT_KEPT, 0, "");
	away_set_place(away_of(loop), "");
	loop->empty_reads = 0;
}

/* Something that needs no terminal is under way, or waits for its time. */
static bool
has_work(struct loop *loop)
{
	return away_has_run(away_of(loop)) || import_goes_on(loop->app) ||
	       (app_session(loop->app) && armed_waits(app_session(loop->app)));
}

/* It is about the delivery that was under way, not about one that starts by
 * itself later: that one was armed so that nobody need be here. */
static void
obey_policy(struct loop *loop)
{
	int minutes;
	enum away_policy policy = away_policy(app_store(loop->app), &minutes);

	if (!away_has_run(away_of(loop)))
		return;
	if (policy == AWAY_PAUSE)
		away_order(away_of(loop), AWAY_PAUSE);
	else if (policy == AWAY_STOP)
		loop->stop_at_ms =
		    app_steady_ms(loop->app) + (int64_t)minutes * 60000;
}

static void
lose_terminal(struct loop *loop)
{
	loop->lost = false;
	if (!loop->seat->term)
		return;
	if (has_work(loop)) {
		go_headless(loop, "away.lost");
		obey_policy(loop);
	} else {
		app_terminal_lost(loop->app);
		app_end(loop->app, LOST_STATUS);
	}
}

/* What is done by the clock while nobody sits here. */
static void
keep_headless(struct loop *loop)
{
	int status;

	if (loop->seat->term || app_has_ended(loop->app, &status))
		return;
	if (!away_has_run(away_of(loop)))
		loop->stop_at_ms = 0;
	if (loop->stop_at_ms && app_steady_ms(loop->app) >= loop->stop_at_ms) {
		loop->stop_at_ms = 0;
		away_order(away_of(loop), AWAY_STOP);
	}
	if ((!away_of(loop) || away_is_done(away_of(loop))) && !has_work(loop))
		app_end(loop->app, 0);
}

/* The visitor's language, unless the program was started in one. */
static void
take_language(struct loop *loop, struct span name)
{
	struct session *session = app_session(loop->app);
	char word[8];

	span_text(word, sizeof word, name);
	if (session->options->language == LANGUAGE_AUTO &&
	    !session->has_language)
		i18n_use(i18n_language_of(word));
}

static void
take_seat(struct loop *loop, struct door_visitor *visitor)
{
	struct err err = {.code = E_NONE};
	struct span hello = buf_span(&visitor->hello);
	char place[SEAT_PLACE_MAX];
	bool had_seat = loop->seat->term != NULL;

	span_text(place, sizeof place, fact_find(hello, "place"));
	app_terminal_lost(loop->app); /* locks; forgets a half sign-in */
	if (had_seat)
		seat_leave(loop->seat, SEAT_TAKEN, 0, place);
	take_language(loop, fact_find(hello, "language"));
	if (seat_take(loop->seat, visitor, &err) < 0) {
		loop->lost = false;
		loop->empty_reads = 0;
		if (had_seat && !has_work(loop))
			app_end(loop->app, LOST_STATUS);
		return;
	}
	note(loop, "away.attach", place);
	away_set_place(away_of(loop), place);
	loop_port_init(loop->port, loop->seat);
	loop->lost = false;
	loop->empty_reads = 0;
	loop->stop_at_ms = 0;
	loop->keys = 0;
	app_redraw(loop->app);
	resized(loop);
}

static void
hear_visitor(struct loop *loop)
{
	struct door_visitor visitor;

	if (away_visitor(away_of(loop), &visitor))
		take_seat(loop, &visitor);
}

static void
hear_tether(struct loop *loop)
{
	enum seat_news news;
	int number = SIGTERM;

	while ((news = seat_hear(loop->seat, &number)) != SEAT_NOTHING) {
		if (news == SEAT_RESIZED || news == SEAT_BACK)
			resized(loop);
		if (news == SEAT_BACK)
			app_redraw(loop->app);
		if (news == SEAT_END)
			app_end(loop->app, 128 + number);
		if (news == SEAT_LOST) {
			loop->lost = true;
			return;
		}
	}
}

/* ---- Running ------------------------------------------------------------------ */

static int
next_ms(struct loop *loop)
{
	int ms = app_next_ms(loop->app);

	if (!loop->seat->term && (ms < 0 || ms > HEADLESS_MS))
		return HEADLESS_MS;
	return ms;
}

static void
hear_terminal(struct loop *loop, short events)
{
	if (events & (POLLHUP | POLLERR | POLLNVAL))
		loop->lost = true;
	else if (events & POLLIN)
		take_keys(loop);
}

static void
wait_and_take(struct loop *loop)
{
	bool seated = loop->seat->term != NULL;
	struct pollfd fds[6] = {
	    {.fd = seated ? term_fd(loop->seat->term) : -1, .events = POLLIN},
	    {.fd = loop->signals, .events = POLLIN},
	    {.fd = app_event_fd(loop->app), .events = POLLIN},
	    {.fd = seated && loop->wants ? STDOUT_FILENO : -1,
		.events = POLLOUT},
	    {.fd = seated ? loop->seat->line.fd : -1, .events = POLLIN},
	    {.fd = away_event_fd(away_of(loop)), .events = POLLIN},
	};

	if (poll(fds, 6, next_ms(loop)) < 0 && errno != EINTR) {
		loop->lost = true;
		return;
	}
	if (fds[1].revents)
		take_signals(loop);
	if (fds[4].revents)
		hear_tether(loop);
	hear_terminal(loop, fds[0].revents);
	if (fds[2].revents)
		app_events(loop->app);
	if (fds[5].revents)
		hear_visitor(loop);
	app_timers(loop->app);
}

int
loop_run(struct app *app, struct loop_port *port)
{
	struct loop loop = {.app = app, .seat = port->seat, .port = port};
	int rows, cols, status = 0;

	port->app = app;
	block_signals(&loop);
	term_size(loop.seat->term, &rows, &cols);
	loop.canvas = canvas_new(rows, cols);
	while (!app_has_ended(app, &status)) {
		paint(&loop);
		tell_idle(&loop);
		wait_and_take(&loop);
		if (port->leaving)
			go_headless(&loop, "away.detach");
		port->leaving = false;
		if (loop.lost)
			lose_terminal(&loop);
		keep_headless(&loop);
	}
	canvas_free(&loop.canvas);
	close(loop.signals);
	/* A lost line comes as several SIGHUPs: from the kernel, and from the
	 * shell as it ends.  The later ones must not cut the leaving short. */
	signal(SIGHUP, SIG_IGN);
	sigprocmask(SIG_SETMASK, &loop.before, NULL);
	return status;
}

/* ---- The app's port ------------------------------------------------------------ */

static int
port_run(
    struct app_port *port, char *const argv[], int *status, struct err *err)
{
	struct loop_port *self = (struct loop_port *)port;

	return seat_run(self->seat, argv, away_event_fd(away_of_app(self->app)),
	    status, err);
}

static void
port_suspend(struct app_port *port)
{
	struct loop_port *self = (struct loop_port *)port;

	seat_suspend(self->seat, away_event_fd(away_of_app(self->app)));
}

/* Done by the loop, once the event is over. */
static void
port_detach(struct app_port *port)
{
	((struct loop_port *)port)->leaving = true;
}

struct app_port *
loop_port_init(struct loop_port *port, struct seat *seat)
{
	port->base.run = port_run;
	port->base.suspend = seat->has_shell ? port_suspend : NULL;
	port->base.detach = seat->line.fd >= 0 ? port_detach : NULL;
	port->seat = seat;
	return &port->base;
}
