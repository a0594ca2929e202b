/* What stands between a terminal and the process that serves it.  The serving
 * process is in a session of its own, so a line that drops hits only this one;
 * and after kill -9 of that one, this one still gives the terminal back. */
#include "tui/tether.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "core/base/file.h"
#include "tui/guard.h"
#include "tui/program.h"
#include "tui/spawn.h"
#include "tui/text/gate.h"
#include "tui/text/i18n.h"

enum { WORDS_MAX = 64, END_MS = 60 * 1000 };

struct holding {
	struct tether *tether;
	struct buf *out;
	struct buf restore; /* what the serving process would write */
	int signals, status;
	bool let_go; /* it has said goodbye */
	bool hung_up;
};

static void
say(struct holding *self, enum socket_kind kind, const char *name, int value)
{
	struct buf facts = BUF_INIT;

	if (name)
		fact_add_int(&facts, name, value);
	socket_say(&self->tether->line, kind, buf_span(&facts), NULL);
	buf_done(&facts);
}

static void
block_signals(struct holding *self)
{
	static const int numbers[] = {
	    SIGWINCH, SIGCONT, SIGHUP, SIGTERM, SIGINT, SIGQUIT, SIGTSTP};
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
		sigaddset(&set, numbers[i]);
	sigprocmask(SIG_BLOCK, &set, NULL);
	self->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	signal(SIGPIPE, SIG_IGN);
}

static void
take_signals(struct holding *self)
{
	struct signalfd_siginfo info;

	while (read(self->signals, &info, sizeof info) == sizeof info) {
		if (info.ssi_signo == SIGWINCH)
			say(self, SOCKET_RESIZED, NULL, 0);
		else if (info.ssi_signo == SIGCONT)
			say(self, SOCKET_CONTINUED, NULL, 0);
		else if (info.ssi_signo != SIGTSTP)
			say(self, SOCKET_SIGNAL, "number", (int)info.ssi_signo);
		if (info.ssi_signo == SIGHUP)
			self->hung_up = true;
	}
}

/* What was meant for the program that ran. */
static void
drop_signals(struct holding *self)
{
	struct signalfd_siginfo info;

	while (read(self->signals, &info, sizeof info) == sizeof info) {
		if (info.ssi_signo == SIGHUP || info.ssi_signo == SIGTERM)
			say(self, SOCKET_SIGNAL, "number", (int)info.ssi_signo);
	}
}

/* An editor, on behalf of the serving process, which has left the terminal as
 * it found it. */
static void
run_program(struct holding *self, struct span words)
{
	char *argv[WORDS_MAX + 1] = {NULL};
	struct buf copy = BUF_INIT, facts = BUF_INIT;
	struct err err = {.code = E_NONE};
	int status = -1, count = 0;
	struct span rest;

	buf_add(&copy, words);
	rest = buf_span(&copy);
	while (rest.len && count < WORDS_MAX &&
	       span_index(rest, '\0') < rest.len) {
		argv[count++] = copy.ptr + (copy.len - rest.len);
		span_cut(&rest, '\0');
	}
	if (count == 0 || spawn_wait(argv, &status, &err) < 0)
		status = -1;
	drop_signals(self);
	if (status >= 0)
		fact_add_int(&facts, "status", status);
	else
		fact_add_int(&facts, "sys", err.sys);
	socket_say(&self->tether->line, SOCKET_RAN, buf_span(&facts), NULL);
	buf_done(&facts);
	buf_done(&copy);
}

static void
suspend(struct holding *self)
{
	struct signalfd_siginfo info;

	kill(0, SIGSTOP);
	while (read(self->signals, &info, sizeof info) == sizeof info)
		continue; /* its SIGCONT is what we tell */
	say(self, SOCKET_CONTINUED, NULL, 0);
}

/* True when the goodbye ends it: a child is waited for, whatever it says,
 * unless it goes on without us. */
static bool
hear_bye(struct holding *self, struct span facts)
{
	struct span why = fact_find(facts, "why"),
		    who = fact_find(facts, "who");

	self->status = (int)fact_int(facts, "status", 255, 0);
	if (fact_int(facts, "restored", 1, 0) == 0)
		file_write_all(STDOUT_FILENO, buf_span(&self->restore));
	if (span_equal(why, SPAN("taken"))) {
		struct buf name = BUF_INIT;

		ui_text(&name, who);
		buf_printf(self->out,
		    _("The screen was taken over at another terminal: %s"),
		    name.ptr);
		buf_char(self->out, '\n');
		buf_done(&name);
	} else if (span_equal(why, SPAN("kept"))) {
		buf_text(self->out,
		    _("The delivery goes on without a terminal. \"sekisho "
		      "attach\" opens its screen again, \"sekisho watch\" "
		      "looks on."));
		buf_char(self->out, '\n');
	} else if (self->tether->child) {
		return false;
	}
	self->let_go = true;
	return true;
}

/* False when it is over. */
static bool
hear(struct holding *self, const struct socket_frame *frame)
{
	switch ((int)frame->kind) {
	case SOCKET_SEATED:
		buf_clear(&self->restore);
		buf_add(&self->restore, frame->body);
		guard_arm(STDOUT_FILENO, frame->body, &self->tether->saved);
		return true;
	case SOCKET_RUN:
		run_program(self, frame->body);
		return true;
	case SOCKET_SUSPEND:
		suspend(self);
		return true;
	case SOCKET_BYE:
		return !hear_bye(self, frame->body);
	case SOCKET_REFUSED: {
		struct err why = {.code = E_NONE};

		socket_take_err(frame->body, &why);
		self->status = 1;
		self->let_go = true;
		program_complain(self->out, &why);
		return false;
	}
	default:
		return true;
	}
}

/* Until the serving process lets go, closes the line or dies. */
static void
serve(struct holding *self)
{
	struct socket_line *line = &self->tether->line;
	struct socket_frame frame;
	int rc = 0;

	while (rc >= 0) {
		struct pollfd fds[3] = {
		    {.fd = line->fd, .events = POLLIN},
		    {.fd = self->signals, .events = POLLIN},
		    {.fd = self->hung_up ? -1 : STDIN_FILENO},
		};

		if (poll(fds, 3, -1) < 0 && errno != EINTR)
			return;
		if (fds[1].revents)
			take_signals(self);
		if (fds[2].revents) {
			say(self, SOCKET_SIGNAL, "number", SIGHUP);
			self->hung_up = true;
		}
		while ((rc = socket_hear(line, &frame, NULL)) == 1) {
			if (!hear(self, &frame))
				return;
		}
	}
}

/* True for a death in which the process could still restore by itself. */
static bool
had_last_words(int number)
{
	return number == SIGSEGV || number == SIGBUS || number == SIGFPE ||
	       number == SIGILL || number == SIGABRT;
}

static void
say_it_died(struct holding *self)
{
	file_write_all(STDOUT_FILENO, buf_span(&self->restore));
	buf_text(self->out,
	    _("Sekisho has ended without a word. What was stored is safe: "
	      "start it again, a delivery goes on where it stood."));
	buf_char(self->out, '\n');
}

static void
die_likewise(int number)
{
	sigset_t one;

	guard_disarm();
	signal(number, SIG_DFL);
	sigemptyset(&one);
	sigaddset(&one, number);
	kill(getpid(), number);
	sigprocmask(SIG_UNBLOCK, &one, NULL);
}

/* The child's end is ours. */
static void
reap(struct holding *self)
{
	int status;

	while (waitpid(self->tether->child, &status, 0) < 0) {
		if (errno != EINTR)
			return;
	}
	if (WIFEXITED(status)) {
		self->status = WEXITSTATUS(status);
		return;
	}
	self->status = 128 + WTERMSIG(status);
	if (!had_last_words(WTERMSIG(status)))
		say_it_died(self);
	tcsetattr(STDIN_FILENO, TCSANOW, &self->tether->saved);
	if (had_last_words(WTERMSIG(status)))
		die_likewise(WTERMSIG(status));
}

void
tether_init(struct tether *tether)
{
	*tether = (struct tether){.line = SOCKET_LINE_INIT};
	tcgetattr(STDIN_FILENO, &tether->saved);
}

int
tether_hold(struct tether *tether, struct buf *out)
{
	struct holding self = {.tether = tether, .out = out, .signals = -1};

	block_signals(&self);
	serve(&self);
	if (!self.let_go && tether->child) {
		reap(&self);
	} else if (!self.let_go) {
		self.status = 1;
		say_it_died(&self);
	}
	guard_disarm();
	tcsetattr(STDIN_FILENO, TCSANOW, &tether->saved);
	socket_line_done(&tether->line);
	close(self.signals);
	buf_done(&self.restore);
	return self.status;
}
