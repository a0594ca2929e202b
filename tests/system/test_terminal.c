/* The program on a real terminal: it paints, takes keys and pastes, follows
 * sizes, and gives the terminal back however it ends. */
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

static void
refuses_what_is_no_terminal(void **state)
{
	(void)state;
	assert_int_equal(
	    WEXITSTATUS(system(
		BUILD_DIR "/test/sekisho screen </dev/null >/dev/null 2>&1")),
	    1);
}

/* Nothing but text, the terminal's own sequences and our mark. */
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

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(paints_on_many_terminals),
	    cmocka_unit_test(takes_japanese_and_pastes),
	    cmocka_unit_test(follows_the_size),
	    cmocka_unit_test(gives_the_terminal_back),
	    cmocka_unit_test(ends_when_the_terminal_goes),
	    cmocka_unit_test(refuses_what_is_no_terminal),
	    cmocka_unit_test(writes_little),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
