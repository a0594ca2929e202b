/* The caller's side of taking a screen over.  A terminal is handed to nobody
 * but a process of our own uid, whoever has made the socket. */
#include "tui/attach.h"

#include <stdlib.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/base/file.h"
#include "tui/approve.h"
#include "tui/loop.h"
#include "tui/program.h"
#include "tui/screens/watch.h"
#include "tui/seat.h"
#include "tui/session.h"
#include "tui/tether.h"
#include "tui/text/errors.h"
#include "tui/text/format.h"
#include "tui/text/gate.h"

enum { ANSWER_MS = 5000 };

/* Who holds the store, since when, where, and how far its delivery is. */
static void
tell_holder(struct span facts, struct buf *out)
{
	int64_t since = fact_int(facts, "since_ms", INT64_MAX, 0);
	int64_t total = fact_int(facts, "total", INT64_MAX, 0);
	struct buf stamp = BUF_INIT, user = BUF_INIT, place = BUF_INIT;

	/* what answers may be another user's, and lie */
	ui_text(&user, fact_find(facts, "user"));
	ui_text(&place, fact_find(facts, "place"));
	format_minute(&stamp, since);
	buf_printf(out, _("Sekisho runs since %s, started by %.*s."), stamp.ptr,
	    SPAN_ARG(buf_span(&user)));
	buf_char(out, ' ');
	if (place.len)
		buf_printf(out, _("Its screen is at %.*s."),
		    SPAN_ARG(buf_span(&place)));
	else
		buf_text(out, _("It has no terminal."));
	buf_char(out, '\n');
	if (total > 0) {
		buf_text(out, _("Delivery:"));
		buf_char(out, ' ');
		format_percent(
		    out, fact_int(facts, "finished", INT64_MAX, 0), total);
		buf_char(out, '\n');
	}
	buf_done(&stamp);
	buf_done(&user);
	buf_done(&place);
}

static void
add_hello(const struct options *options, const char *wish, struct buf *out)
{
	const char *term = getenv("TERM"), *no_color = getenv("NO_COLOR");
	bool off =
	    options->colors == TERM_COLORS_OFF || (no_color && *no_color);
	char *place = access_origin();

	fact_add(out, "wish", span_of(wish));
	fact_add(out, "term", span_of(term));
	fact_add(out, "language", span_of(i18n_is_japanese() ? "ja" : "en"));
	fact_add(out, "color", span_of(off ? "off" : "auto"));
	fact_add(out, "place", span_of(place));
	fact_add_int(out, "shell", seat_has_shell());
	free(place);
}

/* Says who we are and hears who is there; the answer lives in line. */
static int
greet(struct socket_line *line, const struct options *options, const char *wish,
    struct span *facts, struct err *err)
{
	struct socket_frame frame;
	struct buf hello = BUF_INIT;
	int rc;

	add_hello(options, wish, &hello);
	/* Who is sent away may find the line closed, with the reason in it. */
	socket_say(line, SOCKET_HELLO, buf_span(&hello), NULL);
	buf_done(&hello);
	rc = socket_wait(line, ANSWER_MS, &frame, err);
	if (rc == 0)
		return err_set(err, E_SOCKET_CLOSED);
	if (rc < 0)
		return -1;
	if (frame.kind == SOCKET_WELCOME) {
		*facts = frame.body;
		return 0;
	}
	if (frame.kind == SOCKET_REFUSED)
		socket_take_err(frame.body, err);
	else
		err_set(err, E_SOCKET_FRAME);
	return -1;
}

/* A line of a question on the terminal; true for "t". */
static bool
wants_it(struct buf *text)
{
	char answer[16];
	ssize_t got;

	buf_text(text, _("Take the screen over to this terminal? Type t and "
			 "Enter; Enter alone leaves it there: "));
	file_write_all(STDOUT_FILENO, buf_span(text));
	got = read(STDIN_FILENO, answer, sizeof answer);
	return got > 0 && (answer[0] == 't' || answer[0] == 'T');
}

static int
hand_terminal(struct tether *tether, struct buf *out)
{
	const int fds[SOCKET_FDS] = {STDIN_FILENO, STDOUT_FILENO};
	struct err err = {.code = E_NONE};

	if (socket_hand(&tether->line, SOCKET_TAKE, SPAN(""), fds, &err) < 0)
		return program_complain(out, &err);
	return tether_hold(tether, out);
}

/* facts: what the program that runs says of itself. */
static int
take_over(struct tether *tether, struct span facts, struct buf *out)
{
	struct buf text = BUF_INIT;
	int status = 0;

	tell_holder(facts, &text);
	if (fact_find(facts, "place").len && !wants_it(&text)) {
		status = 0;
	} else {
		if (!fact_find(facts, "place").len)
			file_write_all(STDOUT_FILENO, buf_span(&text));
		status = hand_terminal(tether, out);
	}
	buf_done(&text);
	return status;
}

/* ---- Somebody else's ------------------------------------------------------------ */

/* What the program that runs has for a second person. */
struct offer {
	struct buf welcome; /* facts */
	struct buf list;    /* facts: NUMBER=name, key */
	struct buf exports; /* the same of exports */
	int count;          /* campaigns that wait for them */
	int export_count;
	bool may_watch;
};

static void
offer_done(struct offer *offer)
{
	buf_done(&offer->welcome);
	buf_done(&offer->list);
	buf_done(&offer->exports);
}

/* Asks one question; out gets its lines, *count how many of them begin with a
 * number. */
static bool
ask_one(struct socket_line *line, struct span ask, struct buf *out, int *count)
{
	struct socket_frame frame;
	struct span rest;

	if (socket_say(line, SOCKET_ASK, ask, NULL) < 0 ||
	    socket_wait(line, ANSWER_MS, &frame, NULL) != 1 ||
	    frame.kind != SOCKET_PIECE)
		return false;
	buf_add(out, frame.body);
	rest = buf_span(out);
	while (rest.len) {
		struct span one = span_cut(&rest, '\n');
		int64_t id;

		*count += span_int(span_cut(&one, '='), &id);
	}
	return true;
}

/* False when it has nothing for us: we are no approver here. */
static bool
ask_offer(const char *dir, const struct options *options, struct offer *out)
{
	struct socket_line line = SOCKET_LINE_INIT;
	struct span facts;
	bool heard = false;

	if (socket_call(dir, &line, NULL) == 0 &&
	    greet(&line, options, "approve", &facts, &(struct err){0}) == 0) {
		buf_add(&out->welcome, facts);
		heard = ask_one(&line, SPAN("what=offer\n"), &out->list,
			    &out->count) &&
			ask_one(&line, SPAN("what=exports\n"), &out->exports,
			    &out->export_count);
	}
	socket_line_done(&line);
	return heard && (out->list.len || out->export_count);
}

static void
tell_command(const char *dir, const char *words, struct buf *out)
{
	buf_printf(out, "  sekisho --store %s %s\n", dir, words);
}

/* "  7  November news" for each line "7=November news". */
static void
tell_lines(struct span lines, struct buf *out)
{
	while (lines.len) {
		struct span name = span_cut(&lines, '\n');
		int64_t id;

		if (!span_int(span_cut(&name, '='), &id))
			continue;
		buf_printf(out, "  %lld  ", (long long)id);
		ui_text(out, name);
		buf_char(out, '\n');
	}
}

static void
tell_waiting(const struct offer *offer, struct buf *out)
{
	if (offer->count) {
		buf_printf(out,
		    P_("%d campaign waits for your approval:",
			"%d campaigns wait for your approval:", offer->count),
		    offer->count);
		buf_char(out, '\n');
		tell_lines(buf_span(&offer->list), out);
	}
	if (offer->export_count) {
		buf_printf(out,
		    P_("%d export waits for a second person:",
			"%d exports wait for a second person:",
			offer->export_count),
		    offer->export_count);
		buf_char(out, '\n');
		tell_lines(buf_span(&offer->exports), out);
	}
	buf_text(out, _("To look at it and to decide:"));
}

static bool
has_waiting(const struct offer *offer)
{
	return offer->count || offer->export_count;
}

static void
tell_offer(const char *dir, const struct offer *offer, struct buf *out)
{
	if (has_waiting(offer))
		tell_waiting(offer, out);
	else
		buf_text(out, _("A campaign waits for a second person. To "
				"approve it you need a key that an "
				"administrator has confirmed:"));
	buf_char(out, '\n');
	tell_command(
	    dir, has_waiting(offer) ? "approve" : "approve --make-key", out);
}

/* A line of a question on the terminal; true for "a". */
static bool
wants_to_approve(struct buf *text)
{
	char answer[16];
	ssize_t got;

	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
		return false;
	buf_text(text, _("Look at it now? Type a and Enter; Enter alone "
			 "leaves: "));
	file_write_all(STDOUT_FILENO, buf_span(text));
	buf_clear(text);
	got = read(STDIN_FILENO, answer, sizeof answer);
	return got > 0 && (answer[0] == 'a' || answer[0] == 'A');
}

/* The store is held by somebody else: who, and what can be done. */
static int
look_on(struct options *options, const char *dir, struct span facts,
    const struct offer *offer, struct buf *out)
{
	tell_holder(facts, out);
	if (offer->may_watch)
		buf_text(out, _("Its screen is for that user alone; \"sekisho "
				"watch\" looks on."));
	else
		buf_text(out, _("Its screen is for that user alone."));
	buf_char(out, '\n');
	if (!offer->list.len && !has_waiting(offer))
		return 1;
	tell_offer(dir, offer, out);
	if (has_waiting(offer) && wants_to_approve(out))
		return approve_begin(options, out);
	return 1;
}

/* Whoever holds the store has something for us, or lets us watch; false when
 * err stays what it is. */
static bool
meet_others(struct options *options, const char *dir, struct span facts,
    struct buf *out, int *status)
{
	struct offer offer = {.may_watch = facts.len > 0};
	bool has = ask_offer(dir, options, &offer);

	if (!has) {
		buf_clear(&offer.list);
		offer.count = offer.export_count = 0;
	}
	if (has || offer.may_watch)
		*status = look_on(options, dir,
		    facts.len ? facts : buf_span(&offer.welcome), &offer, out);
	offer_done(&offer);
	return has || facts.len > 0;
}

/* The program that runs, and whether it is this user's own. */
static int
meet(const char *dir, struct options *options, struct socket_line *line,
    struct span *facts, bool *own, struct err *err)
{
	struct socket_peer peer;

	if (socket_call(dir, line, err) < 0 ||
	    socket_peer(line->fd, &peer, err) < 0)
		return -1;
	*own = peer.uid == getuid();
	return greet(line, options, *own ? "attach" : "watch", facts, err);
}

/* One that ends while we knock takes the call, but never answers. */
static bool
is_nobody(const struct err *err)
{
	return err->code == E_SOCKET_NONE || err->code == E_SOCKET_CALL ||
	       err->code == E_SOCKET_CLOSED;
}

bool
attach_run(struct options *options, enum attach_when when, struct buf *out,
    int *status)
{
	struct tether tether;
	struct err err = {.code = E_NONE};
	struct span facts;
	char *dir = session_folder(options);
	bool own = false, done = true;

	tether_init(&tether);
	if (meet(dir, options, &tether.line, &facts, &own, &err) < 0) {
		done = when == ATTACH_ONLY || !is_nobody(&err);
		if (done &&
		    !(err.code == E_SOCKET_USER &&
			meet_others(options, dir, SPAN(""), out, status)))
			*status = program_complain(out, &err);
	} else if (own) {
		*status = take_over(&tether, facts, out);
	} else if (!meet_others(options, dir, facts, out, status)) {
		err_set(&err, E_SOCKET_FRAME);
		*status = program_complain(out, &err);
	}
	socket_line_done(&tether.line);
	free(dir);
	return done;
}

int
verb_attach(struct options *options, struct buf *out)
{
	struct err err = {.code = E_NONE};
	int status = 1;

	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO)) {
		err_set(&err, E_TERM_NONE);
		return program_complain(out, &err);
	}
	attach_run(options, ATTACH_ONLY, out, &status);
	return status;
}

/* ---- Looking on ----------------------------------------------------------------- */

static void
leave_watch(struct app *app)
{
	app_end(app, 0);
}

static const struct app_hooks watch_hooks = {.quit = leave_watch};

/* The screen on this terminal until it is left. */
static int
show_watch(struct options *options, struct socket_line *line,
    struct span holder, struct buf *out)
{
	struct world world = {.clock = clock_real()};
	struct seat seat = SEAT_INIT;
	struct socket_line none = SOCKET_LINE_INIT;
	struct loop_port port = {.seat = &seat};
	struct app_params params = {.world = &world, .hooks = &watch_hooks};
	struct theme_paths paths;
	struct err err = {.code = E_NONE};
	struct app *app = NULL;
	int status = 1;

	theme_paths_init(&paths, options);
	seat.has_shell = seat_has_shell();
	if (seat_open(&seat, &none, options->colors, &err) < 0) {
		program_complain(out, &err);
	} else {
		params.port = loop_port_init(&port, &seat);
		params.places = paths.places;
		app = app_new(&params);
		if (options->theme &&
		    app_theme_use(app, options->theme, &err) < 0)
			app_say_err(app, &err);
		watch_open(app, line, holder);
		status = loop_run(app, &port);
	}
	app_free(&app);
	seat_leave(&seat, SEAT_ENDED, status, "");
	theme_paths_done(&paths);
	return status;
}

int
verb_watch(struct options *options, struct buf *out)
{
	struct socket_line line = SOCKET_LINE_INIT;
	struct err err = {.code = E_NONE};
	char *dir = session_folder(options);
	struct buf holder = BUF_INIT;
	struct span facts, first;
	int status = 1;

	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO)) {
		err_set(&err, E_TERM_NONE);
		program_complain(out, &err);
	} else if (socket_call(dir, &line, &err) < 0 ||
		   greet(&line, options, "watch", &facts, &err) < 0) {
		program_complain(out, &err);
	} else {
		tell_holder(facts, &holder);
		first = buf_span(&holder);
		first = span_cut(&first, '\n');
		status = show_watch(options, &line, first, out);
	}
	socket_line_done(&line);
	buf_done(&holder);
	free(dir);
	return status;
}
