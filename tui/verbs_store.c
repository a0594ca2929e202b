/* "sekisho store ...": what is done to a store in a shell, with the passphrase
 * asked on the terminal without echo. */
#include "tui/verbs_store.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/base/file.h"
#include "tui/program.h"
#include "tui/session.h"
#include "tui/text/format.h"

enum { PASSPHRASE_ROOM = 512, KEY_ROOM = 256 };

static void
say(int tty, const char *text)
{
	if (file_write_all(tty, span_of(text)) < 0)
		return;
}

static void
wake_up(int number)
{
	(void)number;
}

/* What would end us while the terminal echoes nothing ends the wait for the
 * line instead.  These signals come only while wait_for_line() waits, so none
 * is lost just before. */
static const int deadly[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP};
enum { DEADLY_COUNT = sizeof deadly / sizeof *deadly };

struct signals {
	struct sigaction before[DEADLY_COUNT];
	sigset_t mask;
};

static void
catch_signals(struct signals *signals)
{
	const struct sigaction action = {.sa_handler = wake_up};
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < DEADLY_COUNT; i++) {
		sigaddset(&set, deadly[i]);
		sigaction(deadly[i], &action, &signals->before[i]);
	}
	sigprocmask(SIG_BLOCK, &set, &signals->mask);
}

static void
release_signals(const struct signals *signals)
{
	sigprocmask(SIG_SETMASK, &signals->mask, NULL);
	for (size_t i = 0; i < DEADLY_COUNT; i++)
		sigaction(deadly[i], &signals->before[i], NULL);
}

static ssize_t
wait_for_line(int tty, const struct signals *signals, char *line, size_t room)
{
	struct pollfd in = {.fd = tty, .events = POLLIN};

	if (ppoll(&in, 1, NULL, &signals->mask) != 1)
		return -1;
	return read(tty, line, room);
}

/* One line from the terminal, which echoes nothing meanwhile; NULL when there
 * was none or a signal came. */
static struct secret *
ask(int tty, const char *prompt)
{
	struct signals signals;
	char line[PASSPHRASE_ROOM];
	struct secret *secret = NULL;
	struct termios old, quiet;
	ssize_t got;

	if (tcgetattr(tty, &old) < 0)
		return NULL;
	catch_signals(&signals);
	quiet = old;
	quiet.c_lflag &= ~(tcflag_t)ECHO;
	tcsetattr(tty, TCSAFLUSH, &quiet);
	say(tty, prompt); /* what is typed from here on is not echoed */
	got = wait_for_line(tty, &signals, line, sizeof line);
	tcsetattr(tty, TCSAFLUSH, &old);
	release_signals(&signals);
	say(tty, "\n");
	if (got > 0 && line[got - 1] == '\n')
		got--;
	if (got > 0)
		secret = secret_of(line, (size_t)got);
	OPENSSL_cleanse(line, sizeof line);
	return secret;
}

/* The passphrase opens the store here without PAM: whoever may read the files
 * and knows it could do so with stock sqlcipher as well. */
int
verb_open_store(
    struct session *session, int tty, struct sitting *sitting, struct err *err)
{
	*sitting = (struct sitting){
	    .dir = session->dir,
	    .user = session->user,
	    .origin = session->origin,
	    .place = session->place,
	    .clock = session->world->clock,
	    .how = SITTING_OPEN,
	};
	if (!store_exists(session->dir)) {
		err_set(err, E_STORE_MISSING);
		return err_fact(err, "path", span_of(session->dir));
	}
	sitting->passphrase = ask(tty, _("Passphrase of the store: "));
	if (!sitting->passphrase)
		return err_set(err, E_CANCELLED);
	return sitting_open(sitting, err);
}

static int
print_key(struct store *store, int tty, struct err *err)
{
	struct buf key = BUF_INIT;
	int rc;

	buf_reserve(&key, KEY_ROOM);
	rc = store_raw_key(store, &key, err);
	if (rc == 0) {
		buf_char(&key, '\n');
		say(tty, key.ptr);
	}
	buf_wipe(&key);
	return rc;
}

static int
verify(const struct sitting *sitting, struct buf *out, struct err *err)
{
	struct buf count = BUF_INIT;

	if (store_verify(sitting->store, err) < 0)
		return -1;
	if (sitting->chain == CHAIN_BROKEN) {
		*err = sitting->chain_fault;
		return -1;
	}
	format_count(&count, sitting->log.entries);
	buf_printf(out,
	    _("The store is whole; the audit log too (%s entries)."),
	    count.ptr);
	buf_char(out, '\n');
	buf_done(&count);
	return 0;
}

static int
run(struct session *session, bool key, int tty, struct buf *out,
    struct err *err)
{
	struct sitting sitting = {.dir = NULL};
	int rc = verb_open_store(session, tty, &sitting, err);

	if (rc == 0)
		rc = key ? print_key(sitting.store, tty, err)
			 : verify(&sitting, out, err);
	sitting_done(&sitting);
	return rc;
}

int
verb_store(struct options *options, struct buf *out)
{
	const char *what = options->argc == 2 ? options->argv[1] : "";
	struct world world = {.clock = clock_real()};
	bool key = !strcmp(what, "key");
	struct err err = {.code = E_NONE};
	struct session session;
	int status = 0, tty;

	if (!key && strcmp(what, "verify") != 0) {
		verbs_usage(out);
		return 2;
	}
	program_harden();
	/* The terminal itself: a key must not end in a file by accident. */
	tty = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
	if (session_begin(&session, &world, options, NULL, &err) < 0) {
		status = program_complain(out, &err);
	} else if (tty < 0 || (key && !isatty(STDOUT_FILENO))) {
		buf_printf(out, "sekisho: %s\n",
		    _("The passphrase is asked on the terminal and a key is "
		      "shown only there. Start this in a terminal, not in a "
		      "pipe."));
		status = 1;
	} else if (run(&session, key, tty, out, &err) < 0) {
		status = program_complain(out, &err);
	}
	if (tty >= 0)
		close(tty);
	session_end(&session);
	return status;
}
