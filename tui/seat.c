/* One terminal after the other for the same screens.  A terminal that does not
 * take bytes is never written to: its tether gives it back, if it still can. */
#include "tui/seat.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

bool
seat_has_shell(void)
{
	return getpgrp() != getsid(0);
}

/* The tether shall be able to do what we would do. */
static void
tell_restore(struct seat *seat)
{
	struct buf restore = BUF_INIT;

	if (seat->line.fd < 0)
		return;
	term_restore(seat->term, &restore);
	socket_say(&seat->line, SOCKET_SEATED, buf_span(&restore), NULL);
	buf_done(&restore);
}

int
seat_open(struct seat *seat, struct socket_line *line, enum term_colors colors,
    struct err *err)
{
	char *place = access_origin();

	seat->line = *line;
	*line = SOCKET_LINE_INIT;
	seat->colors = colors;
	span_text(seat->place, sizeof seat->place, span_of(place));
	free(place);
	if (term_open(NULL, colors, &seat->term, err) < 0)
		return -1;
	tell_restore(seat);
	return 0;
}

int
seat_take(struct seat *seat, struct door_visitor *visitor, struct err *err)
{
	struct span hello = buf_span(&visitor->hello);
	char name[64];
	int rc;

	seat->line = visitor->line;
	visitor->line = SOCKET_LINE_INIT;
	dup2(visitor->fd[0], STDIN_FILENO);
	dup2(visitor->fd[1], STDOUT_FILENO);
	seat->has_shell = fact_int(hello, "shell", 1, 0) == 1;
	seat->colors = span_equal(fact_find(hello, "color"), SPAN("off"))
			   ? TERM_COLORS_OFF
			   : TERM_COLORS_AUTO;
	span_text(seat->place, sizeof seat->place, fact_find(hello, "place"));
	span_text(name, sizeof name, fact_find(hello, "term"));
	rc = term_open(name, seat->colors, &seat->term, err);
	if (rc == 0) {
		tell_restore(seat);
	} else {
		struct buf why = BUF_INIT;

		socket_put_err(&why, err);
		socket_say(&seat->line, SOCKET_REFUSED, buf_span(&why), NULL);
		buf_done(&why);
		socket_line_done(&seat->line);
		term_nowhere();
	}
	door_visitor_done(visitor);
	return rc;
}

static bool
takes_bytes(void)
{
	struct pollfd out = {.fd = STDOUT_FILENO, .events = POLLOUT};

	return poll(&out, 1, 0) == 1 && out.revents == POLLOUT;
}

static void
say_bye(struct seat *seat, enum seat_why why, int status, const char *who,
    int restored)
{
	static const char *const words[] = {
	    [SEAT_ENDED] = "ended",
	    [SEAT_KEPT] = "kept",
	    [SEAT_TAKEN] = "taken",
	};
	struct buf facts = BUF_INIT;

	fact_add(&facts, "why", span_of(words[why]));
	fact_add_int(&facts, "status", status);
	fact_add_int(&facts, "restored", restored);
	fact_add(&facts, "who", span_of(who));
	socket_say(&seat->line, SOCKET_BYE, buf_span(&facts), NULL);
	buf_done(&facts);
}

void
seat_leave(struct seat *seat, enum seat_why why, int status, const char *who)
{
	bool living = seat->term && takes_bytes();

	if (living)
		term_close(&seat->term);
	else if (seat->term)
		term_abandon(&seat->term);
	if (why != SEAT_ENDED)
		term_nowhere();
	if (seat->line.fd >= 0)
		say_bye(seat, why, status, who, living);
	/* Our end is held until the process has ended: the tether waits for
	 * that, so that the shell's prompt comes after our last words. */
	if (why != SEAT_ENDED)
		socket_line_done(&seat->line);
	else
		buf_done(&seat->line.in);
	seat->place[0] = '\0';
	seat->has_shell = false;
}

enum seat_news
seat_hear(struct seat *seat, int *number)
{
	struct socket_frame frame;
	int rc = socket_hear(&seat->line, &frame, NULL);

	if (rc == 0)
		return SEAT_NOTHING;
	if (rc < 0)
		return SEAT_LOST;
	if (frame.kind == SOCKET_RESIZED)
		return SEAT_RESIZED;
	if (frame.kind == SOCKET_CONTINUED)
		return SEAT_BACK;
	*number = (int)fact_int(frame.body, "number", 64, SIGTERM);
	if (frame.kind == SOCKET_SIGNAL)
		return *number == SIGHUP ? SEAT_LOST : SEAT_END;
	return SEAT_RESIZED; /* nothing of ours: looking again does no harm */
}

/* Waits for a frame of a kind; the others mean nothing while somebody else
 * has the terminal, but for the line's end. */
static int
wait_for(struct seat *seat, enum socket_kind kind, int other_fd,
    struct socket_frame *out, struct err *err)
{
	struct pollfd fds[2] = {{.fd = seat->line.fd, .events = POLLIN},
	    {.fd = other_fd, .events = POLLIN}};
	int rc;

	for (;;) {
		while ((rc = socket_hear(&seat->line, out, err)) == 1) {
			if (out->kind == kind)
				return 0;
			if (out->kind == SOCKET_SIGNAL)
				return err_set(err, E_CANCELLED);
		}
		if (rc < 0)
			return -1;
		if (poll(fds, 2, -1) < 0 && errno != EINTR)
			return err_sys(err, E_SOCKET_CLOSED, errno);
		if (fds[1].revents)
			return err_set(err, E_CANCELLED);
	}
}

static int
run_there(struct seat *seat, char *const argv[], int other_fd, int *status,
    struct err *err)
{
	struct socket_frame frame;
	struct buf words = BUF_INIT;
	int64_t got;
	int rc;

	for (size_t i = 0; argv[i]; i++)
		buf_add(&words, span_make(argv[i], strlen(argv[i]) + 1));
	rc = socket_say(&seat->line, SOCKET_RUN, buf_span(&words), err);
	buf_done(&words);
	if (rc < 0 || wait_for(seat, SOCKET_RAN, other_fd, &frame, err) < 0)
		return -1;
	got = fact_int(frame.body, "status", 0xffff, -1);
	if (got < 0) {
		err_sys(err, E_TERM_PROGRAM,
		    (int)fact_int(frame.body, "sys", 1000, 0));
		return err_fact(err, "path", span_of(argv[0]));
	}
	*status = (int)got;
	return 0;
}

int
seat_run(struct seat *seat, char *const argv[], int other_fd, int *status,
    struct err *err)
{
	int rc;

	if (seat->line.fd < 0)
		return term_run(seat->term, argv, status, err);
	term_lend(seat->term);
	rc = run_there(seat, argv, other_fd, status, err);
	term_take_back(seat->term);
	return rc;
}

void
seat_suspend(struct seat *seat, int other_fd)
{
	struct socket_frame frame;

	if (seat->line.fd < 0) {
		term_suspend(seat->term);
		return;
	}
	term_lend(seat->term);
	if (socket_say(&seat->line, SOCKET_SUSPEND, SPAN(""), NULL) == 0)
		wait_for(seat, SOCKET_CONTINUED, other_fd, &frame, NULL);
	term_take_back(seat->term);
}
