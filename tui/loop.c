/* The loop: waits for the terminal, signals, jobs and timers, hands each to
 * the app and paints when something has changed.  All keys that are there are
 * taken before one paint.  A terminal that does not take bytes gets no timed
 * frame: the wish to paint is kept until it does. */
#include "tui/loop.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "tui/term.h"
#include "tui/variant.h"

enum { LOST_STATUS = 129, EMPTY_READS_MAX = 3 };

struct loop {
	struct app *app;
	struct term *term;
	struct canvas *canvas;
	int signals;
	sigset_t before;
	enum app_wants wants;
	unsigned long keys;
	int empty_reads; /* readable, but nothing was there */
	bool lost;
};

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

	term_resized(loop->term);
	term_size(loop->term, &rows, &cols);
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
			loop->lost = true;
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

	while (
	    !app_has_ended(loop->app, &status) && term_key(loop->term, &key)) {
		any = true;
		loop->keys++;
		app_key(loop->app, &key);
	}
	if (any || (ioctl(term_fd(loop->term), FIONREAD, &waiting) == 0 &&
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
	loop->wants |= app_wants(loop->app);
	if (loop->wants == APP_NOTHING || !takes_bytes())
		return;
	app_draw(loop->app, loop->canvas);
	term_paint(loop->term, loop->canvas, app_theme(loop->app),
	    loop->wants & APP_REPAINT ? TERM_EVERYTHING : TERM_CHANGES);
	loop->wants = APP_NOTHING;
}

/* True when somebody who waits for the program would wait for ever. */
static bool
is_idle(struct loop *loop)
{
	struct pollfd in[2] = {
	    {.fd = term_fd(loop->term), .events = POLLIN},
	    {.fd = app_event_fd(loop->app), .events = POLLIN},
	};

	return loop->wants == APP_NOTHING && !app_is_busy(loop->app) &&
	       poll(in, 2, 0) == 0;
}

static void
tell_idle(struct loop *loop)
{
	if ((!variant.idle_mark && !variant.show) || !is_idle(loop))
		return;
	if (variant.show)
		variant.show(loop->canvas, loop->keys);
	if (variant.idle_mark)
		variant.idle_mark(STDOUT_FILENO, loop->keys);
}

static void
wait_and_take(struct loop *loop)
{
	struct pollfd fds[4] = {
	    {.fd = term_fd(loop->term), .events = POLLIN},
	    {.fd = loop->signals, .events = POLLIN},
	    {.fd = app_event_fd(loop->app), .events = POLLIN},
	    {.fd = loop->wants ? STDOUT_FILENO : -1, .events = POLLOUT},
	};

	if (poll(fds, 4, app_next_ms(loop->app)) < 0 && errno != EINTR) {
		loop->lost = true;
		return;
	}
	if (fds[1].revents)
		take_signals(loop);
	if (fds[0].revents & (POLLHUP | POLLERR | POLLNVAL))
		loop->lost = true;
	else if (fds[0].revents & POLLIN)
		take_keys(loop);
	if (fds[2].revents)
		app_events(loop->app);
	app_timers(loop->app);
}

int
loop_run(struct app *app, struct term *term)
{
	struct loop loop = {.app = app, .term = term};
	int rows, cols, status = 0;

	block_signals(&loop);
	term_size(term, &rows, &cols);
	loop.canvas = canvas_new(rows, cols);
	while (!app_has_ended(app, &status) && !loop.lost) {
		paint(&loop);
		tell_idle(&loop);
		wait_and_take(&loop);
	}
	if (loop.lost) {
		app_terminal_lost(app);
		status = LOST_STATUS;
	}
	canvas_free(&loop.canvas);
	close(loop.signals);
	/* A lost line comes as several SIGHUPs: from the kernel, and from the
	 * shell as it ends.  The later ones must not cut the leaving short. */
	signal(SIGHUP, SIG_IGN);
	sigprocmask(SIG_SETMASK, &loop.before, NULL);
	return status;
}

static int
port_run(
    struct app_port *port, char *const argv[], int *status, struct err *err)
{
	struct loop_port *self = (struct loop_port *)port;

	return term_run(self->term, argv, status, err);
}

static void
port_suspend(struct app_port *port)
{
	term_suspend(((struct loop_port *)port)->term);
}

/* Without job control nobody would continue us. */
static bool
has_shell(void)
{
	return getpgrp() != getsid(0);
}

struct app_port *
loop_port_init(struct loop_port *port, struct term *term)
{
	port->base.run = port_run;
	port->base.suspend = has_shell() ? port_suspend : NULL;
	port->term = term;
	return &port->base;
}
