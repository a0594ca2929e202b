/* The approver's process: no store and none of its keys, only a socket to the
 * process that holds it.  Who sits here is asked by PAM, in lines on the
 * terminal as su does it, before anything is shown. */
#include "tui/approve.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>

#include "core/access/access.h"
#include "core/base/clock.h"
#include "core/base/file.h"
#include "core/base/mem.h"
#include "tui/loop.h"
#include "tui/program.h"
#include "tui/screens/approve.h"
#include "tui/seat.h"
#include "tui/session.h"
#include "tui/text/errors.h"
#include "tui/text/gate.h"

enum { ANSWER_MS = 10000, TYPED_MAX = 512 };

/* ---- Lines on the terminal ---------------------------------------------------------- */

static void
print(const char *text)
{
	file_write_all(STDOUT_FILENO, span_of(text));
}

/* Foreign text: through the gate. */
static void
print_foreign(const char *text)
{
	struct buf safe = BUF_INIT;

	ui_text(&safe, span_of(text));
	file_write_all(STDOUT_FILENO, buf_span(&safe));
	buf_done(&safe);
}

enum echo { ECHO_ON, ECHO_OFF };

/* Asks (foreign text) for a line that is typed; NULL when nobody types.  What was
 * typed before the question is thrown away. */
static struct secret *
read_line(const char *prompt, enum echo echo)
{
	char typed[TYPED_MAX];
	struct termios old, quiet;
	struct secret *line = NULL;
	ssize_t got;

	tcgetattr(STDIN_FILENO, &old);
	quiet = old;
	if (echo == ECHO_OFF)
		quiet.c_lflag &= ~(tcflag_t)ECHO;
	tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet);
	print_foreign(prompt);
	print(" ");
	got = read(STDIN_FILENO, typed, sizeof typed);
	tcsetattr(STDIN_FILENO, TCSADRAIN, &old);
	if (echo == ECHO_OFF)
		print("\n");
	while (got > 0 && (typed[got - 1] == '\n' || typed[got - 1] == '\r'))
		got--;
	if (got >= 0)
		line = secret_of(typed, (size_t)got);
	explicit_bzero(typed, sizeof typed);
	return line;
}

/* ---- PAM ------------------------------------------------------------------------------ */

/* One event of the conversation; 1 granted, 0 it goes on, -1 denied. */
static int
hear_pam(struct login *login, const struct login_event *event, struct err *err)
{
	struct secret *answer;
	int rc;

	switch (event->kind) {
	case LOGIN_PROMPT_SECRET:
	case LOGIN_PROMPT_TEXT:
		answer = read_line(event->text,
		    event->kind == LOGIN_PROMPT_SECRET ? ECHO_OFF : ECHO_ON);
		if (!answer)
			return err_set(err, E_CANCELLED);
		rc = login_answer(login, answer, err);
		secret_free(&answer);
		return rc;
	case LOGIN_INFO:
	case LOGIN_ERROR:
		print_foreign(event->text);
		print("\n");
		return 0;
	case LOGIN_DELAY:
		return 0;
	case LOGIN_GRANTED:
		return 1;
	case LOGIN_DENIED:
		*err = event->err;
		return -1;
	}
	return 0;
}

static int
sign_in(const char *user, struct err *err)
{
	struct login *login = NULL;
	struct login_event event;
	int rc = 0;

	if (login_start("/proc/self/exe", user, &login, err) < 0)
		return -1;
	while (rc == 0) {
		struct pollfd in = {.fd = login_fd(login), .events = POLLIN};

		rc = login_next(login, &event, err);
		if (rc == 1)
			rc = hear_pam(login, &event, err);
		else if (rc == 0)
			poll(&in, 1, -1);
	}
	login_free(&login);
	return rc < 0 ? -1 : 0;
}

/* ---- The running Sekisho --------------------------------------------------------------- */

static int
greet(struct socket_line *line, struct err *err)
{
	struct socket_frame frame;
	struct buf hello = BUF_INIT;
	int rc;

	fact_add(&hello, "wish", SPAN("approve"));
	socket_say(line, SOCKET_HELLO, buf_span(&hello), NULL);
	buf_done(&hello);
	rc = socket_wait(line, ANSWER_MS, &frame, err);
	if (rc == 0)
		return err_set(err, E_SOCKET_CLOSED);
	if (rc == 1 && frame.kind == SOCKET_REFUSED) {
		socket_take_err(frame.body, err);
		return -1;
	}
	if (rc == 1 && frame.kind != SOCKET_WELCOME)
		return err_set(err, E_SOCKET_FRAME);
	return rc < 0 ? -1 : 0;
}

static int
call(struct options *options, struct socket_line *line, struct err *err)
{
	char *dir = session_folder(options);
	int rc = socket_call(dir, line, err);

	free(dir);
	return rc < 0 ? -1 : greet(line, err);
}

/* ---- Keys ------------------------------------------------------------------------------- */

static void
key_path(struct buf *out)
{
	const char *config = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");

	if (config && *config)
		buf_printf(out, "%s/sekisho/approver.key", config);
	else
		buf_printf(out, "%s/.config/sekisho/approver.key",
		    home && *home ? home : "/");
}

static void
tell_fingerprint(const struct ed25519_public *key, struct buf *out)
{
	char text[FINGERPRINT_TEXT + 1];

	signer_fingerprint(key, text);
	buf_text(out, _("Fingerprint of your key:"));
	buf_printf(out, "\n  %.39s\n  %s\n", text, text + 40);
	buf_text(out, _("Read its last eight digits to an administrator, who "
			"types them in Setup."));
	buf_char(out, '\n');
}

/* Asks the running Sekisho to take the key down. */
static int
ask_for(
    struct options *options, const struct ed25519_public *key, struct err *err)
{
	struct socket_line line = SOCKET_LINE_INIT;
	struct socket_frame frame;
	struct buf pem = BUF_INIT;
	int rc = call(options, &line, err);

	ed25519_pem(key, &pem);
	if (rc == 0)
		rc = socket_say(&line, SOCKET_KEY, buf_span(&pem), err);
	if (rc == 0)
		rc = socket_wait(&line, ANSWER_MS, &frame, err);
	if (rc == 0)
		rc = err_set(err, E_SOCKET_CLOSED);
	else if (rc == 1 && frame.kind == SOCKET_REFUSED) {
		socket_take_err(frame.body, err);
		rc = -1;
	}
	socket_line_done(&line);
	buf_done(&pem);
	return rc < 0 ? -1 : 0;
}

static int
register_key(
    struct options *options, const struct ed25519_public *key, struct buf *out)
{
	struct err err = {.code = E_NONE};

	tell_fingerprint(key, out);
	if (ask_for(options, key, &err) < 0) {
		program_complain(out, &err);
		buf_text(
		    out, _("The key is made; \"sekisho approve --register\" "
			   "asks for it again."));
		buf_char(out, '\n');
		return 1;
	}
	buf_text(out, _("The running Sekisho has taken your request down."));
	buf_char(out, '\n');
	return 0;
}

/* The same passphrase twice, or NULL. */
static struct secret *
new_passphrase(void)
{
	struct secret *one, *two;

	one = read_line(
	    _("Passphrase for a new key, at least 12 characters:"), ECHO_OFF);
	two = read_line(_("Once more:"), ECHO_OFF);
	if (!one || !two || !secret_equal(one, two)) {
		print(_("These are not the same."));
		print("\n");
		secret_free(&one);
	}
	secret_free(&two);
	return one;
}

static int
make_key(struct options *options, const char *path, struct buf *out)
{
	struct secret *passphrase = new_passphrase();
	struct ed25519_public key;
	struct err err = {.code = E_NONE};
	int rc;

	if (!passphrase)
		return 1;
	rc = signer_make(path, passphrase, &key, &err);
	secret_free(&passphrase);
	if (rc < 0)
		return program_complain(out, &err);
	return register_key(options, &key, out);
}

static int
register_again(struct options *options, const char *path, struct buf *out)
{
	struct ed25519_public key;
	struct err err = {.code = E_NONE};

	if (signer_read_public(path, &key, &err) < 0)
		return program_complain(out, &err);
	return register_key(options, &key, out);
}

/* ---- The screen -------------------------------------------------------------------------- */

static void
leave(struct app *app)
{
	app_end(app, 0);
}

static const struct app_hooks hooks = {.quit = leave};

static int
show(
    struct options *options, const struct approve_start *start, struct buf *out)
{
	struct world world = {.clock = clock_real()};
	struct seat seat = SEAT_INIT;
	struct socket_line none = SOCKET_LINE_INIT;
	struct loop_port port = {.seat = &seat};
	struct app_params params = {.world = &world, .hooks = &hooks};
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
		approve_open(app, start);
		status = loop_run(app, &port);
	}
	app_free(&app);
	seat_leave(&seat, SEAT_ENDED, status, "");
	theme_paths_done(&paths);
	return status;
}

/* The folder of the key: attempts to sign in again are counted there, for the
 * store's folder is closed to an approver. */
static char *
folder_of(const char *path)
{
	struct span dir = span_of(path);

	while (dir.len > 1 && dir.ptr[dir.len - 1] != '/')
		dir.len--;
	return mem_text(span_slice(dir, 0, dir.len > 1 ? dir.len - 1 : 1));
}

static int
look(struct options *options, const char *path, struct approve_start *start,
    struct buf *out)
{
	struct socket_line line = SOCKET_LINE_INIT;
	struct err err = {.code = E_NONE};
	char *user = access_user(), *origin = access_origin();
	char *dir = folder_of(path);
	struct pam_who who = {.program = "/proc/self/exe",
	    .user = user,
	    .dir = dir,
	    .origin = origin,
	    .clock = clock_real()};
	int status = 1;

	start->line = &line;
	start->who = &who;
	start->key = path;
	if (!user)
		err_set(&err, E_PAM_USER);
	if (!user || sign_in(user, &err) < 0 || call(options, &line, &err) < 0)
		program_complain(out, &err);
	else
		status = show(options, start, out);
	socket_line_done(&line);
	free(dir);
	free(origin);
	free(user);
	return status;
}

int
approve_begin(struct options *options, struct buf *out)
{
	struct approve_start start = {.export = 0};
	struct buf path = BUF_INIT;
	int status;

	program_harden();
	key_path(&path);
	status = look(options, path.ptr, &start, out);
	buf_done(&path);
	return status;
}

/* Nothing, NUMBER, or --export NUMBER. */
static bool
take_number(const struct options *options, struct approve_start *start)
{
	const char *word = options->argc > 1 ? options->argv[1] : "";
	const char *next = options->argc > 2 ? options->argv[2] : "";

	if (!*word)
		return true;
	if (!strcmp(word, "--export"))
		return span_int(span_of(next), &start->export) &&
		       start->export > 0;
	return span_int(span_of(word), &start->campaign.v) &&
	       start->campaign.v > 0;
}

int
verb_approve(struct options *options, struct buf *out)
{
	const char *word = options->argc > 1 ? options->argv[1] : "";
	struct buf path = BUF_INIT;
	struct err err = {.code = E_NONE};
	struct approve_start start = {.export = 0};
	int status = 2;

	program_harden();
	key_path(&path);
	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO)) {
		err_set(&err, E_TERM_NONE);
		status = program_complain(out, &err);
	} else if (!strcmp(word, "--make-key")) {
		status = make_key(options, path.ptr, out);
	} else if (!strcmp(word, "--register")) {
		status = register_again(options, path.ptr, out);
	} else if (take_number(options, &start)) {
		status = look(options, path.ptr, &start, out);
	} else {
		verbs_usage(out);
	}
	buf_done(&path);
	return status;
}
