/* The real program on a pseudo terminal, read back through libvterm.  Nothing
 * sleeps: every wait ends with what is waited for, or fails the test after
 * PTY_WAIT_MS with the screen in the log. */
#ifndef TESTS_FAKE_PTY_H
#define TESTS_FAKE_PTY_H

#include "core/base/buf.h"
#include "core/base/span.h"

enum { PTY_WAIT_MS = 60000 };

struct pty;

struct pty_params {
	const char *const *argv; /* ended by NULL; argv[0] is a path */
	const char *const *env;  /* "NAME=VALUE", ended by NULL; may be NULL:
				  * added to a clean environment that has TERM,
				  * TZ=UTC, C.UTF-8, the build tree's themes and
				  * translations, and SEKISHO_TEST=1 */
	int rows, cols;          /* 0: 24, 80 */
	const char *term;        /* NULL: xterm-256color */
};

/* Starts a program; the test fails when it cannot.  End with pty_free(). */
struct pty *pty_start(const struct pty_params *params);

/* Kills what still runs and frees; accepts NULL, sets *pty to NULL. */
void pty_free(struct pty **pty);

/* Sends keys by their names ("j Enter ^S PgDn"), then waits until the program
 * has taken all of them and is idle. */
void pty_keys(struct pty *pty, const char *keys);

/* Types the characters of a text, then waits likewise. */
void pty_type(struct pty *pty, const char *text);

/* Sends a bracketed paste, then waits likewise. */
void pty_paste(struct pty *pty, const char *text);

/* Sends bytes as they are and waits for nothing; they count as keys keys. */
void pty_send(struct pty *pty, const char *bytes, unsigned long keys);

/* Waits for the program's idle mark after all keys sent so far. */
void pty_wait_idle(struct pty *pty);

/* Waits until the screen shows the text, or does not any more. */
void pty_wait_text(struct pty *pty, const char *text);
void pty_wait_gone(struct pty *pty, const char *text);

/* The same for a longer text, wherever its lines are broken: blanks and line
 * ends count for nothing. */
void pty_wait_prose(struct pty *pty, const char *text);

/* Sends one key again and again, each time when the program is idle, until
 * the screen does not show the text any more: for dialogs, which are deaf when
 * they are new. */
void pty_answer(struct pty *pty, const char *key, const char *text_gone);

/* The same until the screen shows a text (prose), which another program may
 * paint that the key has started on the terminal. */
void pty_press_until(struct pty *pty, const char *key, const char *text);

/* Another program is on the terminal now, which has taken so many of its keys;
 * gives how many the one before had got. */
unsigned long pty_recount(struct pty *pty, unsigned long keys);

/* True when the screen shows the text now; prose as in pty_wait_prose(). */
bool pty_shows(struct pty *pty, const char *text);
bool pty_shows_prose(struct pty *pty, const char *text);

/* The screen as lines of text; the caller frees it. */
char *pty_screen(struct pty *pty);

/* Changes the size and tells the program. */
void pty_resize(struct pty *pty, int rows, int cols);

/* Sends a signal to the program. */
void pty_signal(struct pty *pty, int number);

/* Another program has the terminal for a while and counts the keys it takes
 * from none on; pty_back() when the first one has it again, with what
 * pty_lend() gave. */
unsigned long pty_lend(struct pty *pty);
void pty_back(struct pty *pty, unsigned long keys);

/* The process that serves the screens; pty_signal() reaches the one at the
 * terminal.  Known once the program has painted. */
int pty_pid(struct pty *pty);

/* The serving process is left alone when the pty is freed: it goes on without
 * a terminal.  Gives its process id. */
int pty_keep_server(struct pty *pty);

/* Closes our side of the terminal: what a lost connection does. */
void pty_hang_up(struct pty *pty);

/* Waits for the program's end; status as from waitpid(). */
int pty_wait_end(struct pty *pty);

/* Fails the test unless the terminal is as it was before the program: line
 * discipline, main screen, cursor shown, paste marks off. */
void pty_assert_restored(struct pty *pty);

/* Fails the test unless every byte so far is text that may stand on a screen
 * (UTF-8 without controls, marks of direction and invisible characters, at
 * most four combining marks in a row), a sequence that curses sends, or the
 * idle mark: whatever came from outside has then come as text. */
void pty_assert_clean(struct pty *pty);

/* Takes what the program writes for so long; for measurements, not for
 * waiting. */
void pty_watch(struct pty *pty, int ms);

/* All the program has written so far; lives until the next call. */
struct span pty_output(struct pty *pty);

/* Where the hardware cursor is, from 0. */
void pty_cursor(struct pty *pty, int *row, int *col);

#endif
