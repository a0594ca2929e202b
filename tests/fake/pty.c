/* See pty.h.  The idle mark of the test program, ESC ] 7717 ; N BEL, says how
 * many keys it has taken; marks are read from the raw bytes, the screen from
 * libvterm. */
#include "tests/fake/pty.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>
#include <utmp.h>
#include <vterm.h>

#include "core/base/file.h"
#include "core/base/mem.h"
#include "core/base/utf8.h"
#include "tests/unit/unit.h"
#include "tui/keys.h"

enum { ENV_MAX = 64, SERVERS_MAX = 256 };

struct pty {
	VTerm *vterm;
	VTermScreen *screen;
	int rows, cols;
	int master, slave; /* the slave is held to ask for its settings */
	pid_t pid;         /* at the terminal */
	pid_t server;      /* what serves its screens, as far as known */
	bool ended;
	int status;
	struct termios before;
	bool alternate, cursor_hidden;
	struct buf output;
	size_t scanned;
	unsigned long sent, taken;
	bool marked; /* a mark came after the last key */
	bool kept;   /* the server shall live on */
};

static int64_t
now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static int
property(VTermProp prop, VTermValue *value, void *user)
{
	struct pty *pty = user;

	if (prop == VTERM_PROP_ALTSCREEN)
		pty->alternate = value->boolean;
	if (prop == VTERM_PROP_CURSORVISIBLE)
		pty->cursor_hidden = !value->boolean;
	return 1;
}

static void
start_vterm(struct pty *pty)
{
	static const VTermScreenCallbacks callbacks = {.settermprop = property};

	pty->vterm = vterm_new(pty->rows, pty->cols);
	vterm_set_utf8(pty->vterm, 1);
	pty->screen = vterm_obtain_screen(pty->vterm);
	vterm_screen_enable_altscreen(pty->screen, 1);
	vterm_screen_set_callbacks(pty->screen, &callbacks, pty);
	vterm_screen_reset(pty->screen, 1);
}

/* The environment of the child; strings are never freed, it executes. */
static void
set_environment(const struct pty_params *params)
{
	char cwd[4096], *share = NULL, *locale = NULL, *path, *lsan;

	if (!getcwd(cwd, sizeof cwd))
		_exit(126);
	path = getenv("PATH") ? strdup(getenv("PATH")) : NULL;
	if (asprintf(&share, "%s", cwd) < 0 ||
	    asprintf(&locale, "%s%s%s/locale", BUILD_DIR[0] == '/' ? "" : cwd,
		BUILD_DIR[0] == '/' ? "" : "/", BUILD_DIR) < 0)
		_exit(126);
	lsan = getenv("LSAN_OPTIONS") ? strdup(getenv("LSAN_OPTIONS")) : NULL;
	clearenv();
	if (lsan)
		setenv("LSAN_OPTIONS", lsan, 1);
	setenv("PATH", path ? path : "/usr/bin:/bin", 1);
	setenv("TERM", params->term ? params->term : "xterm-256color", 1);
	setenv("LC_ALL", "C.UTF-8", 1);
	setenv("TZ", "UTC", 1);
	setenv("SEKISHO_TEST", "1", 1);
	setenv("SEKISHO_SHARE", share, 1);
	setenv("SEKISHO_LOCALE", locale, 1);
	for (size_t i = 0; params->env && params->env[i] && i < ENV_MAX; i++)
		putenv(strdup(params->env[i]));
}

static char **
copy_argv(const char *const *argv)
{
	size_t count = 0;
	char **copy;

	while (argv[count])
		count++;
	copy = mem_array(count + 1, sizeof *copy);
	for (size_t i = 0; i < count; i++)
		copy[i] = mem_text(span_of(argv[i]));
	return copy;
}

struct pty *
pty_start(const struct pty_params *params)
{
	struct pty *pty = mem_new(sizeof *pty);
	struct winsize size;
	sigset_t none;

	pty->rows = params->rows ? params->rows : 24;
	pty->cols = params->cols ? params->cols : 80;
	size = (struct winsize){.ws_row = (unsigned short)pty->rows,
	    .ws_col = (unsigned short)pty->cols};
	start_vterm(pty);
	if (openpty(&pty->master, &pty->slave, NULL, NULL, &size) < 0)
		fail_msg("no pseudo terminal: %s", strerror(errno));
	fcntl(pty->master, F_SETFD, FD_CLOEXEC);
	fcntl(pty->slave, F_SETFD, FD_CLOEXEC);
	tcgetattr(pty->slave, &pty->before);
	pty->pid = fork();
	if (pty->pid == 0) {
		sigemptyset(&none);
		sigprocmask(SIG_SETMASK, &none, NULL);
		login_tty(pty->slave);
		set_environment(params);
		execv(params->argv[0], copy_argv(params->argv));
		_exit(127);
	}
	pty->server = pty->pid;
	return pty;
}

/* The process that serves the screens: the program's first child, or the
 * program itself where it does not part. */
static pid_t
find_server(pid_t pid)
{
	char path[64], line[256] = "";
	FILE *in;
	long child = 0;

	snprintf(
	    path, sizeof path, "/proc/%d/task/%d/children", (int)pid, (int)pid);
	in = fopen(path, "r");
	if (in) {
		if (fgets(line, sizeof line, in))
			child = strtol(line, NULL, 10);
		fclose(in);
	}
	return child > 0 ? (pid_t)child : pid;
}

/* A test that fails leaves its program behind, and that may well go on without
 * a terminal: what served anybody here ends with the tests. */
static struct {
	pid_t pid[SERVERS_MAX];
	int count;
} servers;

static void
end_servers(void)
{
	for (int i = 0; i < servers.count; i++) {
		char path[64], name[16] = "";
		FILE *in;

		snprintf(
		    path, sizeof path, "/proc/%d/comm", (int)servers.pid[i]);
		in = fopen(path, "r");
		if (!in)
			continue;
		if (fgets(name, sizeof name, in) && !strcmp(name, "sekisho\n"))
			kill(servers.pid[i], SIGKILL);
		fclose(in);
	}
}

static void
learn_server(struct pty *pty)
{
	if (pty->server != pty->pid || pty->ended)
		return;
	pty->server = find_server(pty->pid);
	if (pty->server == pty->pid || servers.count == SERVERS_MAX)
		return;
	if (servers.count == 0)
		atexit(end_servers);
	servers.pid[servers.count++] = pty->server;
}

/* Its files stay open and locked until the last of its threads is gone. */
static bool
is_alone(pid_t pid)
{
	char path[64];
	struct stat at;

	snprintf(path, sizeof path, "/proc/%d/task", (int)pid);
	/* a folder of threads has two links of its own */
	return stat(path, &at) < 0 || at.st_nlink <= 3;
}

/* Killed, but not waited for yet: it holds nothing any more. */
static bool
is_zombie(pid_t pid)
{
	char path[64], line[512] = "";
	const char *state;
	FILE *in;

	snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
	in = fopen(path, "r");
	if (!in)
		return true;
	if (!fgets(line, sizeof line, in))
		line[0] = '\0';
	fclose(in);
	state = strrchr(line, ')');
	return !state || (state[2] == 'Z' && is_alone(pid));
}

/* It is no child of ours, so its end is seen by its signals. */
static void
end_server(struct pty *pty)
{
	if (pty->server == pty->pid || pty->kept)
		return;
	while (kill(pty->server, SIGKILL) == 0 && !is_zombie(pty->server))
		poll(NULL, 0, 1);
}

void
pty_free(struct pty **pty)
{
	if (!*pty)
		return;
	if (!(*pty)->ended) {
		learn_server(*pty);
		end_server(*pty);
		kill((*pty)->pid, SIGKILL);
		waitpid((*pty)->pid, NULL, 0);
	}
	if ((*pty)->master >= 0)
		close((*pty)->master);
	if ((*pty)->slave >= 0)
		close((*pty)->slave);
	vterm_free((*pty)->vterm);
	buf_done(&(*pty)->output);
	free(*pty);
	*pty = NULL;
}

/* ---- Reading -------------------------------------------------------------- */

static void
scan_marks(struct pty *pty)
{
	static const struct span start = {"\033]7717;", 7};
	struct span rest, number;
	int64_t value;
	size_t at;

	for (;;) {
		rest = span_slice(
		    buf_span(&pty->output), pty->scanned, pty->output.len);
		at = span_search(rest, start);
		if (at == rest.len)
			return;
		rest = span_slice(rest, at + start.len, rest.len);
		if (span_index(rest, '\a') == rest.len)
			return;
		number = span_cut(&rest, '\a');
		pty->scanned = pty->output.len - rest.len;
		if (span_int(number, &value)) {
			pty->taken = (unsigned long)value;
			pty->marked = true;
		}
	}
}

/* Reads what is there, waiting at most 100 ms; false when there was nothing. */
static bool
take_output(struct pty *pty, int64_t deadline)
{
	struct pollfd in = {.fd = pty->master, .events = POLLIN};
	int64_t wait = deadline - now_ms();
	char bytes[8192];
	ssize_t got;

	if (wait <= 0 || poll(&in, 1, wait < 100 ? (int)wait : 100) < 0)
		return false;
	if (!(in.revents & POLLIN))
		return false;
	got = read(pty->master, bytes, sizeof bytes);
	if (got <= 0)
		return false;
	vterm_input_write(pty->vterm, bytes, (size_t)got);
	buf_add(&pty->output, span_make(bytes, (size_t)got));
	scan_marks(pty);
	return true;
}

static bool
is_running(struct pty *pty)
{
	if (!pty->ended && waitpid(pty->pid, &pty->status, WNOHANG) == pty->pid)
		pty->ended = true;
	return !pty->ended;
}

static void
put_cell(struct buf *out, const VTermScreenCell *cell)
{
	if (!cell->chars[0])
		buf_char(out, ' ');
	for (int i = 0; i < VTERM_MAX_CHARS_PER_CELL && cell->chars[i]; i++)
		buf_utf8(out, cell->chars[i]);
}

char *
pty_screen(struct pty *pty)
{
	struct buf out = BUF_INIT;
	VTermScreenCell cell;
	size_t end;

	for (int row = 0; row < pty->rows; row++) {
		end = out.len;
		for (int col = 0; col < pty->cols; col += cell.width) {
			VTermPos pos = {.row = row, .col = col};

			if (!vterm_screen_get_cell(pty->screen, pos, &cell) ||
			    cell.width < 1)
				cell = (VTermScreenCell){.width = 1};
			put_cell(&out, &cell);
			if (cell.chars[0] && cell.chars[0] != ' ')
				end = out.len;
		}
		out.len = end;
		buf_char(&out, '\n');
	}
	return out.ptr;
}

bool
pty_shows(struct pty *pty, const char *text)
{
	char *screen = pty_screen(pty);
	bool found = strstr(screen, text) != NULL;

	free(screen);
	return found;
}

static void
squeeze(char *text)
{
	char *to = text;

	for (; *text; text++) {
		if (*text != ' ' && *text != '\n')
			*to++ = *text;
	}
	*to = '\0';
}

bool
pty_shows_prose(struct pty *pty, const char *text)
{
	char *screen = pty_screen(pty), *wanted = mem_text(span_of(text));
	bool found;

	squeeze(screen);
	squeeze(wanted);
	found = strstr(screen, wanted) != NULL;
	free(wanted);
	free(screen);
	return found;
}

static void
give_up(struct pty *pty, const char *wanted)
{
	char *screen = pty_screen(pty);

	fputs(screen, stderr); /* longer than cmocka prints */
	free(screen);
	fail_msg("waited in vain for %s (keys %lu, taken %lu, %s)", wanted,
	    pty->sent, pty->taken, is_running(pty) ? "running" : "ended");
}

static void
wait_shown(struct pty *pty, const char *text, bool wanted,
    bool (*shows)(struct pty *pty, const char *text))
{
	int64_t deadline = now_ms() + PTY_WAIT_MS;

	while (shows(pty, text) != wanted) {
		if (take_output(pty, deadline))
			continue;
		if (now_ms() >= deadline || !is_running(pty))
			give_up(pty, text);
	}
}

void
pty_wait_text(struct pty *pty, const char *text)
{
	wait_shown(pty, text, true, pty_shows);
}

void
pty_wait_gone(struct pty *pty, const char *text)
{
	wait_shown(pty, text, false, pty_shows);
}

void
pty_wait_prose(struct pty *pty, const char *text)
{
	wait_shown(pty, text, true, pty_shows_prose);
}

void
pty_wait_idle(struct pty *pty)
{
	int64_t deadline = now_ms() + PTY_WAIT_MS;

	while (!pty->marked || pty->taken < pty->sent) {
		if (take_output(pty, deadline))
			continue;
		learn_server(pty);
		/* A key may have ended the program. */
		if (!is_running(pty)) {
			while (take_output(pty, now_ms() + 2))
				continue;
			return;
		}
		if (now_ms() >= deadline)
			give_up(pty, "idleness");
	}
}

/* ---- Writing -------------------------------------------------------------- */

void
pty_send(struct pty *pty, const char *bytes, unsigned long keys)
{
	pty->sent += keys;
	pty->marked = false;
	file_write_all(pty->master, span_of(bytes));
}

unsigned long
pty_lend(struct pty *pty)
{
	unsigned long keys = pty->sent;

	pty->sent = pty->taken = 0;
	pty->marked = false;
	return keys;
}

void
pty_back(struct pty *pty, unsigned long keys)
{
	pty->sent = keys;
	pty->marked = false;
}

/* What xterm sends for a key without a character. */
static const char *
sequence_of(enum key_code code)
{
	static const struct {
		enum key_code code;
		const char *bytes;
	} known[] = {
	    {K_ENTER, "\r"},
	    {K_TAB, "\t"},
	    {K_BACKTAB, "\033[Z"},
	    {K_ESC, "\033"},
	    {K_BACKSPACE, "\177"},
	    {K_DELETE, "\033[3~"},
	    {K_UP, "\033OA"},
	    {K_DOWN, "\033OB"},
	    {K_RIGHT, "\033OC"},
	    {K_LEFT, "\033OD"},
	    {K_HOME, "\033OH"},
	    {K_END, "\033OF"},
	    {K_PAGE_UP, "\033[5~"},
	    {K_PAGE_DOWN, "\033[6~"},
	    {K_F1 + 6, "\033[18~"},
	    {K_F1 + 7, "\033[19~"},
	    {K_F1 + 8, "\033[20~"},
	};

	for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
		if (known[i].code == code)
			return known[i].bytes;
	}
	fail_msg("no sequence for key code %d", (int)code);
	return "";
}

static void
send_key(struct pty *pty, const struct key *key)
{
	char bytes[UTF8_MAX + 2] = "";
	size_t len = 0;

	if (key->code != K_CHAR) {
		pty_send(pty, sequence_of(key->code), 1);
		return;
	}
	if (key->alt)
		bytes[len++] = '\033';
	len += utf8_encode(key->cp, bytes + len);
	bytes[len] = '\0';
	pty_send(pty, bytes, 1);
}

void
pty_keys(struct pty *pty, const char *keys)
{
	struct span rest = span_of(keys), name;
	struct key key;

	while (rest.len > 0) {
		name = span_cut(&rest, ' ');
		if (name.len == 0)
			continue;
		if (!key_of(name, &key))
			fail_msg("no key is called %.*s", SPAN_ARG(name));
		send_key(pty, &key);
		/* Esc and what follows must not come together. */
		pty_wait_idle(pty);
	}
}

void
pty_type(struct pty *pty, const char *text)
{
	struct span rest = span_of(text);
	struct key key = {.code = K_CHAR};

	while (utf8_next(&rest, &key.cp))
		send_key(pty, &key);
	pty_wait_idle(pty);
}

void
pty_paste(struct pty *pty, const char *text)
{
	pty_send(pty, "\033[200~", 1);
	pty_send(pty, text, 0);
	pty_send(pty, "\033[201~", 0);
	pty_wait_idle(pty);
}

void
pty_answer(struct pty *pty, const char *key, const char *text_gone)
{
	int64_t deadline = now_ms() + PTY_WAIT_MS;

	while (pty_shows(pty, text_gone)) {
		/* The answer may have ended the program, and not every
		 * terminal has a screen to go back to. */
		if (!is_running(pty))
			return;
		if (now_ms() >= deadline)
			give_up(pty, text_gone);
		/* Other output than the mark may come; a repeated key within
		 * 60 ms would count as a held one. */
		take_output(pty, now_ms() + 100);
		pty_keys(pty, key);
	}
}

void
pty_press_until(struct pty *pty, const char *key, const char *text)
{
	int64_t deadline = now_ms() + PTY_WAIT_MS;
	struct key pressed;

	assert_true(key_of(span_of(key), &pressed));
	while (!pty_shows_prose(pty, text)) {
		take_output(pty, now_ms() + 100);
		send_key(pty, &pressed);
		/* idle after it: it came too early */
		while (!pty_shows_prose(pty, text) &&
		       (!pty->marked || pty->taken < pty->sent)) {
			take_output(pty, deadline);
			if (now_ms() >= deadline)
				give_up(pty, text);
		}
	}
}

unsigned long
pty_recount(struct pty *pty, unsigned long keys)
{
	unsigned long before = pty->sent;

	pty->sent = pty->taken = keys;
	return before;
}

void
pty_resize(struct pty *pty, int rows, int cols)
{
	struct winsize size = {
	    .ws_row = (unsigned short)rows, .ws_col = (unsigned short)cols};

	pty->rows = rows;
	pty->cols = cols;
	/* It does not check that a wide character fits into a single column,
	 * and some for the size before may still be on the way. */
	vterm_set_size(pty->vterm, rows, cols < 2 ? 2 : cols);
	pty->marked = false;
	ioctl(pty->master, TIOCSWINSZ, &size);
}

void
pty_signal(struct pty *pty, int number)
{
	pty->marked = false;
	kill(pty->pid, number);
}

int
pty_pid(struct pty *pty)
{
	learn_server(pty);
	return (int)pty->server;
}

int
pty_keep_server(struct pty *pty)
{
	pty->kept = true;
	return pty_pid(pty);
}

void
pty_hang_up(struct pty *pty)
{
	close(pty->slave);
	close(pty->master);
	pty->slave = pty->master = -1;
}

int
pty_wait_end(struct pty *pty)
{
	int64_t deadline = now_ms() + PTY_WAIT_MS;

	while (is_running(pty)) {
		if (pty->master >= 0)
			take_output(pty, deadline);
		else
			poll(NULL, 0, 10);
		if (now_ms() >= deadline)
			give_up(pty, "the end");
	}
	while (pty->master >= 0 && take_output(pty, now_ms() + 50))
		continue;
	return pty->status;
}

static bool
paste_is_off(struct pty *pty)
{
	static const struct span on = {"\033[?2004h", 8},
				 off = {"\033[?2004l", 8};
	struct span rest = buf_span(&pty->output);
	bool is_on = false;

	for (; rest.len > 0; rest = span_slice(rest, 1, rest.len)) {
		if (span_starts(rest, on))
			is_on = true;
		if (span_starts(rest, off))
			is_on = false;
	}
	return !is_on;
}

void
pty_assert_restored(struct pty *pty)
{
	struct termios after;

	tcgetattr(pty->slave, &after);
	assert_int_equal(after.c_lflag, pty->before.c_lflag);
	assert_int_equal(after.c_iflag, pty->before.c_iflag);
	assert_int_equal(after.c_oflag, pty->before.c_oflag);
	assert_false(pty->alternate);
	assert_false(pty->cursor_hidden);
	assert_true(paste_is_off(pty));
}

/* Octets of an allowed sequence at the start of s (which begins with ESC), or
 * 0: CSI with what cursor, colour and modes need, character sets, keypad, our
 * mark and the palette's reset.  Xterm's 22;0;0t and 23;0;0t keep the title. */
static size_t
allowed_sequence(struct span s)
{
	static const char finals[] = "ABCDGHIJKLMPSTXZ@dghlmr";
	size_t i = 2;

	if (s.len >= 2 && strchr("=>78MHD", s.ptr[1]))
		return 2;
	if (s.len >= 3 && strchr("()", s.ptr[1]))
		return 3;
	if (span_starts(s, SPAN("\033]7717;")) ||
	    span_starts(s, SPAN("\033]104\a")) ||
	    span_starts(s, SPAN("\033]R")))
		return s.ptr[2] == 'R' ? 3 : span_index(s, '\a') + 1;
	if (span_starts(s, SPAN("\033[22;0;0t")) ||
	    span_starts(s, SPAN("\033[23;0;0t")))
		return 9;
	if (s.len < 3 || s.ptr[1] != '[')
		return 0;
	while (i < s.len && strchr("0123456789;?>", s.ptr[i]))
		i++;
	return i < s.len && s.ptr[i] && strchr(finals, s.ptr[i]) ? i + 1 : 0;
}

/* True for a character that must never reach a terminal as it is. */
static bool
is_foreign(uint32_t cp)
{
	return cp == 0 || (cp < 0x20 && !strchr("\r\n\b\017", (int)cp)) ||
	       (cp >= 0x7f && cp < 0xa0) || cp == 0xad || cp == 0x61c ||
	       (cp >= 0x200b && cp <= 0x200f) ||
	       (cp >= 0x2028 && cp <= 0x202e) ||
	       (cp >= 0x2060 && cp <= 0x206f) || cp == 0xfeff ||
	       (cp >= 0xe0000 && cp <= 0xe0fff) ||
	       (cp >= 0xe000 && cp <= 0xf8ff);
}

void
pty_assert_clean(struct pty *pty)
{
	struct span all = buf_span(&pty->output), rest = all;
	uint32_t cp = 0;
	int marks = 0;
	size_t len;

	while (rest.len > 0) {
		size_t at = all.len - rest.len;

		if (rest.ptr[0] == '\033') {
			len = allowed_sequence(rest);
			if (len == 0)
				fail_msg("foreign sequence at %zu: %.12s", at,
				    rest.ptr + 1);
			rest = span_slice(rest, len, rest.len);
			continue;
		}
		if (utf8_next(&rest, &cp) != UTF8_GOOD)
			fail_msg("no UTF-8 at %zu", at);
		if (is_foreign(cp))
			fail_msg("U+%04X at %zu", cp, at);
		marks = cp >= 0x300 && utf8_cp_width(cp) == 0 ? marks + 1 : 0;
		if (marks > 4)
			fail_msg("%d combining marks at %zu", marks, at);
	}
}

void
pty_watch(struct pty *pty, int ms)
{
	int64_t deadline = now_ms() + ms;

	while (now_ms() < deadline)
		take_output(pty, deadline);
}

struct span
pty_output(struct pty *pty)
{
	return buf_span(&pty->output);
}

void
pty_cursor(struct pty *pty, int *row, int *col)
{
	VTermPos pos;

	vterm_state_get_cursorpos(vterm_obtain_state(pty->vterm), &pos);
	*row = pos.row;
	*col = pos.col;
}
