/* Curses, all of it.  Cells are written by setcchar() only, with text that the
 * canvas has let through the gate; colours are the theme's, one pair a role,
 * and the user's palette is never changed.  After newterm() curses writes
 * after each cursor move until it has been through endwin() and refresh()
 * once, so that is done before the first paint. */
#define NCURSES_NOMACROS 1
#include "tui/term.h"

#include <fcntl.h>
#include <ncurses.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>
#include <wchar.h>

#include "core/base/file.h"
#include "core/base/mem.h"
#include "core/base/utf8.h"
#include "tui/guard.h"
#include "tui/spawn.h"

enum {
	PASTE_MAX = 1024 * 1024,
	PASTE_SILENCE_MS = 5000,
	CODE_PASTE = 1000,
	CODE_HELD = 1100, /* keys with shift, Alt or Ctrl: see held_code() */
	HELD_BITS = 8
};

struct term {
	SCREEN *screen;
	char name[64];
	struct termios saved;
	enum theme_depth depth;
	struct theme theme; /* whose pairs are set up */
	bool has_theme;
	const char *paste_on, *paste_off;
	struct buf paste;
};

/* The width curses asks for is ours: the executable's symbol wins over the C
 * library's, so that screen and canvas agree everywhere. */
int
wcwidth(wchar_t wc)
{
	uint32_t cp = (uint32_t)wc;

	if (cp && (cp < 0x20 || (cp >= 0x7f && cp < 0xa0)))
		return -1;
	return utf8_cp_width(cp);
}

static const char *
capability(const char *name)
{
	const char *value = tigetstr(name);

	return value && (intptr_t)value != -1 ? value : NULL;
}

static bool
try_terminal(struct term *term, const char *name)
{
	if (!name || !*name || strlen(name) >= sizeof term->name)
		return false;
	term->screen = newterm(name, stdout, stdin);
	if (!term->screen)
		return false;
	memcpy(term->name, name, strlen(name) + 1);
	return true;
}

/* TERM, then relatives of its name, then what nearly everything understands. */
static bool
find_terminal(struct term *term, const char *name)
{
	static const char *const relatives[][2] = {
	    {"xterm-", "xterm-256color"},
	    {"tmux", "tmux-256color"},
	    {"screen", "screen-256color"},
	};
	static const char *const last[] = {
	    "xterm-256color", "xterm", "vt100", "ansi"};

	if (try_terminal(term, name))
		return true;
	for (size_t i = 0; name && i < 3; i++) {
		if (span_starts(span_of(name), span_of(relatives[i][0])) &&
		    try_terminal(term, relatives[i][1]))
			return true;
	}
	for (size_t i = 0; i < sizeof last / sizeof *last; i++) {
		if (try_terminal(term, last[i]))
			return true;
	}
	return false;
}

static void
put(const char *sequence)
{
	if (sequence)
		file_write_all(STDOUT_FILENO, span_of(sequence));
}

void
term_restore(const struct term *term, struct buf *out)
{
	static const char *const names[] = {"sgr0", "cnorm", "rmkx", "rmcup"};
	const char *value = term->paste_off;

	for (size_t i = 0; i <= sizeof names / sizeof *names; i++) {
		if (value)
			buf_text(out, value);
		if (i < sizeof names / sizeof *names)
			value = capability(names[i]);
	}
}

static void
arm_guard(struct term *term)
{
	struct buf restore = BUF_INIT;

	term_restore(term, &restore);
	guard_arm(STDOUT_FILENO, buf_span(&restore), &term->saved);
	buf_done(&restore);
}

/* Keys that are sent with a number for what is held beside them. */
static const struct {
	char end;
	int number; /* in front of the modifier */
	enum key_code code;
} holdable[] = {
    {'A', 1, K_UP},
    {'B', 1, K_DOWN},
    {'C', 1, K_RIGHT},
    {'D', 1, K_LEFT},
    {'F', 1, K_END},
    {'H', 1, K_HOME},
    {'~', 3, K_DELETE},
    {'~', 5, K_PAGE_UP},
    {'~', 6, K_PAGE_DOWN},
};
enum { HOLDABLE = sizeof holdable / sizeof *holdable };

/* held: 1 shift, 2 Alt, 4 Ctrl, as xterm counts them. */
static int
held_code(size_t number, int held)
{
	return CODE_HELD + (int)number * HELD_BITS + held;
}

static void
define_held_keys(void)
{
	char bytes[32];

	for (size_t i = 0; i < HOLDABLE; i++) {
		for (int held = 1; held < HELD_BITS; held++) {
			snprintf(bytes, sizeof bytes, "\033[%d;%d%c",
			    holdable[i].number, held + 1, holdable[i].end);
			define_key(bytes, held_code(i, held));
		}
	}
}

/* Keys that common terminals send whatever their description says. */
static void
define_keys(void)
{
	static const struct {
		const char *bytes;
		int code;
	} known[] = {
	    {"\033[200~", CODE_PASTE},
	    {"\033[H", KEY_HOME},
	    {"\033[F", KEY_END},
	    {"\033[1~", KEY_HOME},
	    {"\033[4~", KEY_END},
	    {"\033[7~", KEY_HOME},
	    {"\033[8~", KEY_END},
	    {"\033OH", KEY_HOME},
	    {"\033OF", KEY_END},
	    {"\033[Z", KEY_BTAB},
	    {"\033[A", KEY_UP},
	    {"\033[B", KEY_DOWN},
	    {"\033[C", KEY_RIGHT},
	    {"\033[D", KEY_LEFT},
	    {"\033[3~", KEY_DC},
	    {"\033[5~", KEY_PPAGE},
	    {"\033[6~", KEY_NPAGE},
	    {"\033[11~", KEY_F0 + 1},
	    {"\033[12~", KEY_F0 + 2},
	};

	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		define_key(known[i].bytes, known[i].code);
	define_held_keys();
}

static enum theme_depth
find_depth(enum term_colors colors)
{
	const char *no_color = getenv("NO_COLOR");

	if (colors == TERM_COLORS_OFF || (no_color && *no_color) ||
	    !has_colors() || start_color() == ERR)
		return DEPTH_MONO;
	use_default_colors();
	return COLORS >= 256 ? DEPTH_256 : DEPTH_16;
}

static void
set_modes(struct term *term)
{
	raw();
	noecho();
	nonl();
	intrflush(stdscr, FALSE);
	keypad(stdscr, TRUE);
	nodelay(stdscr, TRUE);
	typeahead(-1);
	define_keys();
	put(term->paste_on);
}

int
term_open(const char *name, enum term_colors colors, struct term **out,
    struct err *err)
{
	struct term *term;

	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
		return err_set(err, E_TERM_NONE);
	term = mem_new(sizeof *term);
	tcgetattr(STDIN_FILENO, &term->saved);
	set_escdelay(25);
	if (!name)
		name = getenv("TERM");
	if (!find_terminal(term, name) || !capability("cup")) {
		term_close(&term);
		err_set(err, E_TERM_TYPE);
		return err_fact(err, "term", span_of(name));
	}
	term->depth = find_depth(colors);
	term->paste_on = capability("BE");
	term->paste_off = capability("BD");
	arm_guard(term);
	endwin();
	refresh();
	set_modes(term);
	*out = term;
	return 0;
}

void
term_close(struct term **term)
{
	if (!*term)
		return;
	if ((*term)->screen) {
		put((*term)->paste_off);
		endwin();
		delscreen((*term)->screen);
	}
	guard_disarm();
	tcsetattr(STDIN_FILENO, TCSANOW, &(*term)->saved);
	buf_done(&(*term)->paste);
	free(*term);
	*term = NULL;
}

void
term_nowhere(void)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	for (int fd = 0; fd < 3 && null >= 0; fd++)
		dup2(null, fd);
	if (null > 2)
		close(null);
}

/* Curses must not say its goodbye to the terminal; it says it to /dev/null. */
void
term_abandon(struct term **term)
{
	guard_disarm();
	term_nowhere();
	if (!*term)
		return;
	if ((*term)->screen) {
		endwin();
		delscreen((*term)->screen);
	}
	buf_done(&(*term)->paste);
	free(*term);
	*term = NULL;
}

int
term_fd(const struct term *term)
{
	(void)term;
	return STDIN_FILENO;
}

const char *
term_name(const struct term *term)
{
	return term->name;
}

void
term_size(const struct term *term, int *rows, int *cols)
{
	(void)term;
	*rows = LINES;
	*cols = COLS;
}

void
term_resized(struct term *term)
{
	struct winsize size;

	(void)term;
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row > 0 &&
	    size.ws_col > 0)
		resizeterm(size.ws_row, size.ws_col);
}

bool
term_has_resized(const struct term *term)
{
	struct winsize size;

	(void)term;
	return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 &&
	       size.ws_row > 0 && size.ws_col > 0 &&
	       (size.ws_row != LINES || size.ws_col != COLS);
}

/* ---- Keys ----------------------------------------------------------------- */

/* KEY_RESIZE is not among them: resizeterm() itself puts it into the queue,
 * and SIGWINCH has told us already. */
static enum key_code
code_of(wint_t code)
{
	static const struct {
		int curses;
		enum key_code code;
	} codes[] = {
	    {KEY_ENTER, K_ENTER},
	    {KEY_BTAB, K_BACKTAB},
	    {KEY_BACKSPACE, K_BACKSPACE},
	    {KEY_DC, K_DELETE},
	    {KEY_IC, K_INSERT},
	    {KEY_UP, K_UP},
	    {KEY_DOWN, K_DOWN},
	    {KEY_LEFT, K_LEFT},
	    {KEY_RIGHT, K_RIGHT},
	    {KEY_HOME, K_HOME},
	    {KEY_END, K_END},
	    {KEY_PPAGE, K_PAGE_UP},
	    {KEY_NPAGE, K_PAGE_DOWN},
	};

	if (code > KEY_F0 && code <= KEY_F0 + 12)
		return (enum key_code)(K_F1 + (code - KEY_F0 - 1));
	for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
		if ((wint_t)codes[i].curses == code)
			return codes[i].code;
	}
	return K_NONE;
}

static struct key
key_got(int got, wint_t wc)
{
	int held = (int)wc - CODE_HELD;

	if (got == KEY_CODE_YES && held >= 0 && held < HOLDABLE * HELD_BITS)
		return (struct key){.code = holdable[held / HELD_BITS].code,
		    .shift = held & 1,
		    .alt = held & 2,
		    .ctrl = held & 4};
	if (got == KEY_CODE_YES)
		return (struct key){.code = code_of(wc)};
	return key_of_input((uint32_t)wc);
}

/* Reads up to the closing bracket, past curses: it holds no byte behind a key
 * it has given, and would stumble over bytes that are no UTF-8.  What is too
 * much is read all the same and dropped, or it would be taken for keys. */
static void
read_paste(struct term *term, struct key *out)
{
	static const char end[] = "\033[201~";
	struct pollfd in = {.fd = STDIN_FILENO, .events = POLLIN};
	size_t matched = 0;
	char c;

	buf_clear(&term->paste);
	while (end[matched] && poll(&in, 1, PASTE_SILENCE_MS) == 1 &&
	       read(STDIN_FILENO, &c, 1) == 1) {
		if (c == end[matched])
			matched++;
		else
			matched = c == end[0];
		if (term->paste.len < PASTE_MAX)
			buf_char(&term->paste, c);
	}
	if (!end[matched] && term->paste.len < PASTE_MAX)
		term->paste.len -= matched;
	*out = (struct key){.code = K_PASTE, .paste = buf_span(&term->paste)};
}

bool
term_key(struct term *term, struct key *out)
{
	wint_t wc;
	int got;

	do {
		got = get_wch(&wc);
		if (got == ERR)
			return false;
		if (got == KEY_CODE_YES && wc == CODE_PASTE) {
			read_paste(term, out);
			return true;
		}
		*out = key_got(got, wc);
	} while (out->code == K_NONE);
	if (out->code == K_ESC && (got = get_wch(&wc)) != ERR) {
		/* A key that came together with Esc is Alt and that key. */
		*out = key_got(got, wc);
		out->alt = true;
	}
	return out->code != K_NONE;
}

/* ---- Painting ------------------------------------------------------------- */

static void
set_pairs(struct term *term, const struct theme *theme)
{
	const struct look *looks = theme->look[term->depth];

	term->theme = *theme;
	term->has_theme = true;
	if (term->depth == DEPTH_MONO)
		return;
	for (int role = 0; role < ROLE_COUNT; role++) {
		short fg = looks[role].fg, bg = looks[role].bg;

		if (COLORS < 16) {
			fg = (short)(fg < 0 ? fg : fg % 8);
			bg = (short)(bg < 0 ? bg : bg % 8);
		}
		init_pair((short)(role + 1), fg, bg);
	}
}

static attr_t
attributes(const struct look *look)
{
	attr_t attr = A_NORMAL;

	if (look->attr & LOOK_BOLD)
		attr |= A_BOLD;
	if (look->attr & LOOK_UNDERLINE)
		attr |= A_UNDERLINE;
	if (look->attr & LOOK_REVERSE)
		attr |= A_REVERSE;
	if (look->attr & LOOK_DIM)
		attr |= A_DIM;
	if (look->attr & LOOK_ITALIC)
		attr |= A_ITALIC;
	return attr;
}

static void
put_canvas_cell(
    const struct term *term, int row, int col, const struct cell *cell)
{
	struct span rest = span_of(cell->text);
	short pair = term->depth == DEPTH_MONO ? 0 : (short)(cell->role + 1);
	wchar_t text[CCHARW_MAX + 1];
	uint32_t cp;
	size_t n = 0;
	cchar_t out;

	while (n < CCHARW_MAX && utf8_next(&rest, &cp))
		text[n++] = (wchar_t)cp;
	text[n] = L'\0';
	if (setcchar(&out, text,
		attributes(&term->theme.look[term->depth][cell->role]), pair,
		NULL) == OK)
		mvadd_wch(row, col, &out);
}

void
term_paint(struct term *term, const struct canvas *canvas,
    const struct theme *theme, enum term_paint paint)
{
	int row, col;

	if (!term->has_theme || memcmp(&term->theme, theme, sizeof *theme) != 0)
		set_pairs(term, theme);
	for (row = 0; row < canvas_rows(canvas) && row < LINES; row++) {
		for (col = 0; col < canvas_cols(canvas) && col < COLS; col++) {
			const struct cell *cell = canvas_cell(canvas, row, col);

			if (cell->width > 0 && col + cell->width <= COLS)
				put_canvas_cell(term, row, col, cell);
		}
	}
	if (paint == TERM_EVERYTHING)
		clearok(stdscr, TRUE);
	canvas_cursor_place(canvas, &row, &col);
	move(row, col);
	refresh();
}

void
term_lend(struct term *term)
{
	put(term->paste_off);
	endwin();
	tcsetattr(STDIN_FILENO, TCSADRAIN, &term->saved);
}

void
term_take_back(struct term *term)
{
	refresh();
	set_modes(term);
	term_resized(term);
	clearok(stdscr, TRUE);
}

int
term_run(struct term *term, char *const argv[], int *status, struct err *err)
{
	int rc;

	term_lend(term);
	rc = spawn_wait(argv, status, err);
	term_take_back(term);
	return rc;
}

void
term_suspend(struct term *term)
{
	term_lend(term);
	kill(0, SIGSTOP);
	term_take_back(term);
}
