/* The program on a real terminal: it paints, takes keys and pastes, follows
 * sizes, and gives the terminal back however it ends. */
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>

#include "tests/fake/pty.h"
#include "tests/unit/unit.h"

/* A screen that needs no store: "messages" of the test program. */
static const char *const argv[] = {BUILD_DIR "/test/sekisho", "screen", NULL};

static struct pty *
start(const char *term)
{
	struct pty *pty =
	    pty_start(&(struct pty_params){.argv = argv, .term = term});

	pty_wait_text(pty, "Nothing was said");
	pty_wait_idle(pty);
	return pty;
}

static void
paints_on_many_terminals(void **state)
{
	static const char *const terms[] = {"xterm-256color", "tmux-256color",
	    "screen-256color", "linux", "vt100", "xterm-ghostty-unknown", ""};

	(void)state;
	for (size_t i = 0; i < sizeof terms / sizeof *terms; i++) {
		struct pty *pty = start(terms[i]);

		pty_keys(pty, "?");
		pty_wait_text(pty, "Help: Messages");
		pty_keys(pty, "q q");
		assert_int_equal(pty_wait_end(pty), 0);
		pty_assert_restored(pty);
		pty_free(&pty);
	}
}

static void
takes_japanese_and_pastes(void **state)
{
	struct pty *pty = start(NULL);

	(void)state;
	pty_type(pty, "：ロック");
	pty_wait_text(pty, "not now: There is nothing to lock");
	pty_keys(pty, "^U");
	pty_paste(pty, "red\nraw\033[31m");
	pty_wait_text(pty, ": red raw [31m");
	pty_keys(pty, "Esc");
	pty_wait_gone(pty, ": red raw");
	pty_paste(pty, "qqq");
	pty_wait_text(pty, "Pasted text was ignored");
	pty_free(&pty);
}

static void
follows_the_size(void **state)
{
	static const int sizes[][2] = {{40, 120}, {14, 58}, {1, 1}, {24, 80}};
	struct pty *pty = start(NULL);

	(void)state;
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		pty_resize(pty, sizes[i][0], sizes[i][1]);
		pty_wait_idle(pty);
	}
	pty_wait_text(pty, "? Help");
	pty_keys(pty, "q");
	assert_int_equal(pty_wait_end(pty), 0);
	pty_assert_restored(pty);
	pty_free(&pty);
}

static void
gives_the_terminal_back(void **state)
{
	static const int signals[] = {SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGSEGV,
	    SIGBUS, SIGFPE, SIGILL, SIGABRT};

	(void)state;
	for (size_t i = 0; i < sizeof signals / sizeof *signals; i++) {
		struct pty *pty = start(NULL);
		int status;

		pty_signal(pty, signals[i]);
		status = pty_wait_end(pty);
		if (signals[i] == SIGSEGV)
			assert_int_equal(WTERMSIG(status), SIGSEGV);
		if (signals[i] == SIGTERM)
			assert_int_equal(WEXITSTATUS(status), 128 + SIGTERM);
		pty_assert_restored(pty);
		pty_free(&pty);
	}
}

/* A shell with job control sees us stop with its terminal as it was. */
static void
suspends_and_comes_back(void **state)
{
	static const char script[] =
	    "set -m; " BUILD_DIR "/test/sekisho screen; stty -a | "
	    "grep -q ' icanon' && echo SHELL HAS IT; read x; "
	    "fg >/dev/null; echo END";
	const char *const shell[] = {"/bin/sh", "-c", script, NULL};
	struct pty *pty =
	    pty_start(&(struct pty_params){.argv = shell, .rows = 24});

	(void)state;
	pty_wait_idle(pty);
	pty_send(pty, "\032", 1);
	pty_wait_text(pty, "SHELL HAS IT");
	pty_send(pty, "\n", 0); /* the shell's, which has waited to be seen */
	pty_wait_text(pty, "Messages");
	pty_wait_idle(pty);
	pty_send(pty, "q", 1);
	pty_wait_text(pty, "END");
	pty_free(&pty);
}

static void
ends_when_the_terminal_goes(void **state)
{
	struct pty *pty = start(NULL);
	int status;

	(void)state;
	pty_hang_up(pty);
	status = pty_wait_end(pty);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 129);
	pty_free(&pty);
}

/* The kernel and the shell both say that the line is gone. */
static void
leaves_in_order_whatever_comes_after(void **state)
{
	struct pty *pty = start(NULL);
	siginfo_t info = {.si_pid = 0};
	int status, pid = pty_pid(pty); /* asked once: leaving may fork */

	(void)state;
	while (info.si_pid == 0) {
		kill(pid, SIGHUP);
		sched_yield();
		assert_int_equal(waitid(P_PID, (id_t)pid, &info,
				     WEXITED | WNOHANG | WNOWAIT),
		    0);
	}
	status = pty_wait_end(pty);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 129);
	pty_free(&pty);
}

static void
refuses_what_is_no_terminal(void **state)
{
	(void)state;
	assert_int_equal(
	    WEXITSTATUS(system(
		BUILD_DIR "/test/sekisho screen </dev/null >/dev/null 2>&1")),
	    1);
}

/* Nothing that came from outside reaches the terminal as more than text. */
static void
leaks_no_sequences(void **state)
{
	static const char *const hostile[] = {"\033]52;c;QUJD\a",
	    "\033]0;title\a", "\033P1$r\033\\",
	    "\xc2\x9b"
	    "31m",
	    "\xc2\x9d"
	    "8;;x\xc2\x9c",
	    "\xe2\x80\xae"
	    "x",
	    "\x0e\x0f", "\xff\xfe",
	    "e\xcc\x81\xcc\x81\xcc\x81\xcc\x81\xcc\x81"};
	struct pty *pty = start(NULL);

	(void)state;
	pty_keys(pty, ":");
	for (size_t i = 0; i < sizeof hostile / sizeof *hostile; i++)
		pty_paste(pty, hostile[i]);
	pty_keys(pty, "Home Esc ? q");
	pty_assert_clean(pty);
	pty_free(&pty);
}

static void
writes_little(void **state)
{
	struct pty *pty = start(NULL);
	size_t before;

	(void)state;
	pty_keys(pty, "?");
	before = pty_output(pty).len;
	pty_keys(pty, "j");
	assert_true(pty_output(pty).len - before < 400);
	pty_free(&pty);
}

static bool
is_over(struct pty *pty)
{
	return kill(pty_pid(pty), 0) < 0 || !pty_shows(pty, "Sekisho");
}

/* Any keys, pastes and sizes in any order: it neither crashes nor leaves the
 * terminal changed. */
static void
survives_a_monkey(void **state)
{
	static const char *const keys[] = {"?", ":", "x", "/", "a", "j", "k",
	    "G", "g", "Enter", "Tab", "BTab", "Up", "Down", "PgDn", "Home",
	    "End", "^L", "^C", "^Z", "^S", "^Q", "^_", "Backspace", "Esc", "^G",
	    "M-e", "あ", "Space", "8", "L"};
	struct pty *pty = start(NULL);
	uint32_t random = 2026;
	int status;

	(void)state;
	for (int i = 0; i < 600; i++) {
		random = random * 1664525 + 1013904223;
		if (i % 40 == 39) {
			pty_resize(pty, 1 + (int)(random >> 8) % 60,
			    1 + (int)(random >> 16) % 160);
			pty_wait_idle(pty);
			pty_resize(pty, 24, 80);
			pty_wait_idle(pty);
			pty_paste(pty, "\033[Aq\n\xff");
		} else {
			pty_keys(pty, keys[(random >> 16) %
					   (sizeof keys / sizeof *keys)]);
		}
		if (is_over(pty)) { /* it was asked to leave */
			status = pty_wait_end(pty);
			assert_true(WIFEXITED(status));
			pty_assert_restored(pty);
			pty_free(&pty);
			pty = start(NULL);
		}
	}
	pty_signal(pty, SIGTERM);
	status = pty_wait_end(pty);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 128 + SIGTERM);
	pty_assert_restored(pty);
	pty_free(&pty);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(paints_on_many_terminals),
	    cmocka_unit_test(takes_japanese_and_pastes),
	    cmocka_unit_test(follows_the_size),
	    cmocka_unit_test(gives_the_terminal_back),
	    cmocka_unit_test(suspends_and_comes_back),
	    cmocka_unit_test(ends_when_the_terminal_goes),
	    cmocka_unit_test(leaves_in_order_whatever_comes_after),
	    cmocka_unit_test(refuses_what_is_no_terminal),
	    cmocka_unit_test(leaks_no_sequences),
	    cmocka_unit_test(survives_a_monkey),
	    cmocka_unit_test(writes_little),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
