/* Plays the demo where there is no terminal: starts this program once more on
 * a pty, types a script of keys into it and prints the screens, which the
 * program sends over a pipe whenever nothing is pending.  What is played is
 * the real thing: the terminal's keys, PAM, the store, the relay. */
#include "tui/demo/demo.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/base/file.h"
#include "core/base/mem.h"
#include "tui/demo/answers.h"
#include "tui/demo/script.h"
#include "tui/program.h"
#include "tui/text/i18n.h"

enum {
	ROWS = 24,
	COLS = 80,
	STEP_MS = 60000,
	CHUNK = 4096,
	CALM_MS = 450,
	ANSWER_CALM_MS = 60, /* between two looks at the checklist */
	ANSWERS_MS = 240000
};

/* ---- The program's side ----------------------------------------------------------- */

void
demo_show(const struct canvas *canvas, unsigned long keys)
{
	const char *text = getenv("SEKISHO_SHOW");
	struct buf frame = BUF_INIT, screen = BUF_INIT;
	int64_t fd = -1;

	if (!text || !span_int(span_of(text), &fd))
		return;
	canvas_dump(canvas, &screen);
	buf_printf(&frame, "%lu %zu\n", keys, screen.len);
	buf_add(&frame, buf_span(&screen));
	if (file_write_all((int)fd, buf_span(&frame)) < 0)
		unsetenv("SEKISHO_SHOW");
	buf_done(&screen);
	buf_done(&frame);
}

/* ---- The player's side -------------------------------------------------------------- */

struct player {
	pid_t pid;
	int pty, pipe;
	struct buf input;  /* frames, the first may be incomplete */
	struct buf screen; /* the last whole one */
	unsigned long keys, sent;
	bool ended;
	struct play_answers answers;
};

/* A person would note the codes of a test mail: what stands behind the label
 * of either part, on whatever screen. */
static void
note_codes(struct player *self)
{
	static const char *const labels[] = {
	    "テキスト部分のコード：", "HTML部分のコード："};
	struct span screen = buf_span(&self->screen);

	for (int i = 0; i < 2; i++) {
		struct span label = span_of(labels[i]);
		size_t at = span_search(screen, label);

		if (at + label.len + PLAY_CODE_LEN <= screen.len)
			span_text(self->answers.code[i],
			    sizeof self->answers.code[i],
			    span_slice(screen, at + label.len, screen.len));
	}
}

/* Takes whole frames off the input; the last one stays. */
static void
take_frames(struct player *self)
{
	struct span rest = buf_span(&self->input), head;
	int64_t keys, len;
	size_t used = 0;

	while (span_index(rest, '\n') < rest.len) {
		size_t line = span_index(rest, '\n') + 1;

		head = span_slice(rest, 0, line - 1);
		if (!span_int(span_cut(&head, ' '), &keys) ||
		    !span_int(head, &len) || rest.len < line + (size_t)len)
			break;
		self->keys = (unsigned long)keys;
		buf_clear(&self->screen);
		buf_add(
		    &self->screen, span_slice(rest, line, line + (size_t)len));
		note_codes(self);
		used += line + (size_t)len;
		rest =
		    span_slice(buf_span(&self->input), used, self->input.len);
	}
	buf_drop(&self->input, used);
}

/* Reads what is there for at most ms.  What goes to the terminal is dropped:
 * the screens come over the pipe. */
static void
attend(struct player *self, int ms)
{
	struct pollfd fds[2] = {
	    {.fd = self->pty, .events = POLLIN},
	    {.fd = self->pipe, .events = POLLIN},
	};
	char chunk[CHUNK];
	ssize_t got;

	if (poll(fds, 2, ms) <= 0)
		return;
	if (fds[0].revents && read(self->pty, chunk, sizeof chunk) <= 0 &&
	    errno != EINTR)
		self->ended = true;
	if (fds[1].revents) {
		got = read(self->pipe, chunk, sizeof chunk);
		if (got > 0)
			buf_add(&self->input, span_make(chunk, (size_t)got));
		take_frames(self);
	}
}

static int64_t
now_ms(void)
{
	return clock_steady_ms(clock_real());
}

/* The part of a catalogue's text that stands on the screen as it is: before
 * its first number or fact, or behind it. */
static struct span
fixed_part(const char *text)
{
	struct span rest = span_of(text), head = span_cut(&rest, '%');

	return head.len ? head : span_slice(rest, 1, rest.len);
}

/* Waits until the program has taken all keys and shows text. */
static bool
wait_for(struct player *self, const char *text)
{
	struct span wanted = fixed_part(text);
	int64_t until = now_ms() + STEP_MS;

	while (!self->ended && now_ms() < until) {
		struct span screen = buf_span(&self->screen);

		if (self->keys >= self->sent &&
		    span_search(screen, wanted) < screen.len)
			return true;
		attend(self, 1000);
	}
	return false;
}

static void
wait_ms(struct player *self, int ms)
{
	int64_t until = now_ms() + ms;

	while (!self->ended && now_ms() < until)
		attend(self, (int)(until - now_ms()));
}

/* Each key goes alone: keys that come together look like a paste or like a
 * key that repeats itself. */
static void
type(struct player *self, struct span keys)
{
	while (keys.len > 0 && !self->ended) {
		size_t len = 1;

		while (len < keys.len &&
		       ((unsigned char)keys.ptr[len] & 0xc0) == 0x80)
			len++;
		if (file_write_all(self->pty, span_slice(keys, 0, len)) < 0)
			return;
		self->sent++;
		keys = span_slice(keys, len, keys.len);
		wait_ms(self, 5);
	}
}

static void
say(struct span text)
{
	if (file_write_all(STDOUT_FILENO, text) < 0)
		return;
}

static void
print_screen(struct player *self, int number, const char *caption)
{
	struct buf text = BUF_INIT;

	buf_printf(&text, "\n==== %d. %s\n", number, _(caption));
	buf_add(&text, buf_span(&self->screen));
	say(buf_span(&text));
	buf_done(&text);
}

/* Answers every line of the checklist; false when it does not come to an end. */
static bool
answer_all(struct player *self)
{
	struct buf keys = BUF_INIT;
	enum play_answer next = PLAY_WAIT;
	int64_t until = now_ms() + ANSWERS_MS;

	while (next != PLAY_ANSWERED && !self->ended && now_ms() < until) {
		wait_ms(self, ANSWER_CALM_MS);
		if (self->keys < self->sent)
			continue;
		next = play_answers_next(
		    &self->answers, buf_span(&self->screen), &keys);
		if (next == PLAY_TYPE)
			type(self, buf_span(&keys));
	}
	buf_done(&keys);
	return next == PLAY_ANSWERED;
}

static bool
play_step(struct player *self, const struct play_step *step, int *number)
{
	if (!wait_for(self, _(step->wait)))
		return false;
	wait_ms(self, CALM_MS + step->watch_ms);
	if (step->caption)
		print_screen(self, ++*number, step->caption);
	if (step->what == PLAY_CHECKLIST && !answer_all(self))
		return false;
	type(self, span_of(step->keys));
	return true;
}

static int
play_all(struct player *self)
{
	struct buf text = BUF_INIT;
	const struct play_step *step;
	int number = 0, rc = 0;

	for (step = play_script(); step->wait && rc == 0; step++) {
		if (play_step(self, step, &number))
			continue;
		print_screen(self, ++number, N_("The play stopped here"));
		buf_printf(&text, _("It waited for: %s"), _(step->wait));
		buf_char(&text, '\n');
		say(buf_span(&text));
		rc = 1;
	}
	buf_done(&text);
	return rc;
}

/* ---- Starting and ending the program --------------------------------------------------- */

static void
exec_demo(char **words, int pipe_end)
{
	char number[16];

	snprintf(number, sizeof number, "%d", pipe_end);
	setenv("SEKISHO_SHOW", number, 1);
	setenv("TERM", "xterm-256color", 1);
	fcntl(pipe_end, F_SETFD, 0);
	execv("/proc/self/exe", words);
	_exit(127);
}

static int
start(struct player *self, const struct options *options, struct err *err)
{
	struct winsize size = {.ws_row = ROWS, .ws_col = COLS};
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0)
		return err_sys(err, E_FILE_OPEN, errno);
	self->pid = forkpty(&self->pty, NULL, NULL, &size);
	if (self->pid == 0)
		exec_demo(options->all, ends[1]);
	close(ends[1]);
	self->pipe = ends[0];
	if (self->pid < 0)
		return err_sys(err, E_FILE_OPEN, errno);
	fcntl(self->pty, F_SETFD, FD_CLOEXEC);
	return 0;
}

static int
finish(struct player *self)
{
	int64_t until = now_ms() + STEP_MS;
	int status = 1;

	while (!self->ended && now_ms() < until)
		attend(self, 1000);
	if (self->pid > 0) {
		if (!self->ended)
			kill(self->pid, SIGTERM);
		waitpid(self->pid, &status, 0);
	}
	close(self->pty);
	close(self->pipe);
	buf_done(&self->input);
	buf_done(&self->screen);
	buf_done(&self->answers.line);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

int
demo_play(struct options *options, struct buf *out)
{
	struct player player = {.pty = -1, .pipe = -1};
	struct err err = {.code = E_NONE};
	int rc, status;

	if (start(&player, options, &err) < 0)
		return program_complain(out, &err);
	rc = play_all(&player);
	if (rc && !player.ended)
		kill(player.pid, SIGTERM);
	status = finish(&player);
	return rc ? rc : status;
}
