/* Rough days: terminals of all kinds, sizes that jump, signals on every
 * screen, hostile bytes from files and relays, and keys that nobody meant. */
#include "tests/unit/unit.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/file.h"
#include "tests/fake/desk.h"
#include "tests/fake/relay.h"

enum { STORM = 60, MONKEY_KEYS = 900, RNG_SEED = 20261121 };

/* A desk with a store, and nothing in it. */
static void
open_desk(struct desk *desk, const char *language)
{
	struct store *store;

	desk_open(desk, language);
	store = desk_make_store(desk);
	store_close(&store);
}

static uint32_t
next_random(uint32_t *random)
{
	*random = *random * 1664525 + 1013904223;
	return *random >> 8;
}

/* ---- Terminals ------------------------------------------------------------------ */

/* Letters only: the keys of the keyboard differ between terminals. */
static void
visit_sections(struct desk *desk)
{
	static const char *const keys[] = {
	    "1", "2", "3", "4", "5", "7", "8", "?", "q", ":", "^G", "1"};

	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
		pty_keys(desk->pty, keys[i]);
}

static void
works_on_many_terminals(void **state)
{
	static const char *const terms[] = {"xterm-256color", "tmux-256color",
	    "screen-256color", "linux", "vt100", "xterm-mono", "xterm-nobody",
	    "nobody-knows"};
	struct desk desk;

	(void)state;
	open_desk(&desk, "ja");
	for (size_t i = 0; i < sizeof terms / sizeof *terms; i++) {
		desk.term = terms[i];
		desk_come_in(&desk);
		visit_sections(&desk);
		pty_assert_clean(desk.pty);
		desk_leave(&desk);
	}
	desk_close(&desk);
}

static void
refuses_what_has_no_cursor(void **state)
{
	struct desk desk;

	(void)state;
	desk_open(&desk, "en");
	desk.term = "dumb";
	desk_start(&desk, NULL);
	desk_wait(&desk,
	    "The terminal type \"%{term}\" cannot place its cursor. Set TERM "
	    "to what your terminal is, for example xterm-256color.");
	assert_int_equal(WEXITSTATUS(pty_wait_end(desk.pty)), 1);
	pty_assert_restored(desk.pty);
	desk_close(&desk);
}

/* True when a colour is set anywhere: CSI with a parameter of 30 to 49 or 90
 * to 107, apart from the default colours 39 and 49. */
static bool
has_colour(struct span rest)
{
	while (rest.len > 0) {
		struct span sequence;
		int64_t number;

		rest = span_slice(
		    rest, span_search(rest, SPAN("\033[")) + 2, rest.len);
		sequence = span_slice(rest, 0, span_index(rest, 'm'));
		if (sequence.len > 30)
			continue;
		while (sequence.len > 0) {
			if (span_int(span_cut(&sequence, ';'), &number) &&
			    ((number >= 30 && number < 39) ||
				(number >= 40 && number < 49) || number >= 90))
				return true;
		}
	}
	return false;
}

static void
obeys_no_color(void **state)
{
	static const char *const env[] = {"NO_COLOR=1", NULL};
	struct desk desk;

	(void)state;
	open_desk(&desk, "en");
	desk_come_in(&desk);
	assert_true(has_colour(pty_output(desk.pty)));
	desk_leave(&desk);
	desk.env = env;
	desk_come_in(&desk);
	visit_sections(&desk);
	assert_false(has_colour(pty_output(desk.pty)));
	desk_leave(&desk);
	desk_close(&desk);
}

static void
wants_a_terminal(void **state)
{
	struct buf command = BUF_INIT, said = BUF_INIT;
	struct desk desk;
	struct err err = {0};

	(void)state;
	open_desk(&desk, "en");
	buf_printf(&command,
	    "%s/test/sekisho --lang en --store %s </dev/null 2>%s/said",
	    BUILD_DIR, desk.store, desk.dir);
	assert_int_equal(WEXITSTATUS(system(command.ptr)), 1);
	assert_ok(file_read(desk_path(&desk, "said"), 4096, &said, &err), &err);
	assert_true(span_search(buf_span(&said),
			SPAN("needs a terminal on standard input")) < said.len);
	buf_done(&said);
	buf_done(&command);
	desk_close(&desk);
}

/* ---- Sizes ------------------------------------------------------------------------ */

static void
survives_a_storm_of_sizes(void **state)
{
	uint32_t random = RNG_SEED;
	char *before, *after;
	struct desk desk;

	(void)state;
	open_desk(&desk, "ja");
	desk_come_in(&desk);
	for (const char *section = "1234578"; *section; section++) {
		const char key[2] = {*section, '\0'};

		pty_keys(desk.pty, key);
		pty_keys(desk.pty, "^L");
		before = pty_screen(desk.pty);
		for (int i = 0; i < STORM; i++) {
			int rows = 1 + (int)(next_random(&random) % 100);
			int cols = 1 + (int)(next_random(&random) % 300);

			pty_resize(desk.pty, rows, cols);
			if (i % 8 == 0)
				pty_wait_idle(desk.pty);
		}
		pty_resize(desk.pty, 1, 1);
		pty_wait_idle(desk.pty);
		pty_resize(desk.pty, 24, 80);
		pty_keys(desk.pty, "^L");
		after = pty_screen(desk.pty);
		assert_string_equal(before, after);
		free(before);
		free(after);
	}
	pty_assert_clean(desk.pty);
	desk_leave(&desk);
	desk_close(&desk);
}

/* ---- Signals ------------------------------------------------------------------------ */

static const struct {
	const char *keys; /* from home */
	int signal;
} places[] = {
    {"1", SIGTERM},
    {"2", SIGHUP},
    {"3", SIGINT},
    {"2 i", SIGSEGV},
    {"8 Enter", SIGABRT},
    {"7", SIGBUS},
    {"?", SIGTERM},
    {":", SIGFPE},
    {"3 n", SIGQUIT},
    {"L", SIGHUP},
    {"L Enter", SIGTERM},
};

static void
gives_the_terminal_back_everywhere(void **state)
{
	struct desk desk;
	int status;

	(void)state;
	open_desk(&desk, "en");
	for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
		desk_come_in(&desk); /* the store opens after each end */
		pty_keys(desk.pty, places[i].keys);
		pty_signal(desk.pty, places[i].signal);
		status = pty_wait_end(desk.pty);
		if (places[i].signal == SIGTERM)
			assert_int_equal(WEXITSTATUS(status), 128 + SIGTERM);
		pty_assert_restored(desk.pty);
		pty_assert_clean(desk.pty);
	}
	desk_close(&desk);
}

/* There is no shell behind our back: ^Z and the signal do nothing. */
static void
does_not_stop(void **state)
{
	struct desk desk;

	(void)state;
	open_desk(&desk, "en");
	desk_come_in(&desk);
	pty_keys(desk.pty, "^Z");
	pty_signal(desk.pty, SIGTSTP);
	pty_keys(desk.pty, "2");
	desk_wait(&desk, "Lists");
	desk_leave(&desk);
	desk_close(&desk);
}

/* ---- Hostile bytes ---------------------------------------------------------------------- */

#define OSC_52 "\033]52;c;ZXZpbA==\a"
#define TITLE  "\033]0;owned\a"
#define C1_CSI "\xc2\x9b"
#define RLO    "\xe2\x80\xae"

static void
write_hostile_list(struct desk *desk)
{
	struct buf text = BUF_INIT;
	struct err err = {0};

	buf_text(&text, "email,name,memo" OSC_52 ",x" RLO "y" C1_CSI "1m\n");
	buf_text(&text, "a@example.jp,Ann,good,good\n");
	buf_text(&text, "b@example.jp,\"B" OSC_52 "\",c,d\n");
	buf_text(&text, "c@example.jp," RLO "nnA,\xc2\x9d"
			"8;;http://x\xc2\x9c,\033P1$r\033\\\n");
	buf_text(&text, TITLE "@example.jp,x" C1_CSI "31m,y,z\n");
	buf_text(&text, "d@example.jp,e");
	for (int i = 0; i < 10000; i++)
		buf_text(&text, "\xcc\x81");
	buf_text(&text, ",f,g\n");
	buf_text(&text,
	    "h@example.jp,\xe2\x80\x8bi\xef\xbb\xbf\xf3\xa0\x81\x81,"
	    "\x0e\x0f,\x7f\x01\x02\n");
	assert_ok(file_replace(desk_path(desk, "home/a.csv"), buf_span(&text),
		      0600, &err),
	    &err);
	/* Names of files are foreign as well. */
	assert_ok(file_replace(
		      desk_path(desk, "home/evil" TITLE C1_CSI "1m" RLO ".csv"),
		      buf_span(&text), 0600, &err),
	    &err);
	buf_done(&text);
}

static void
files_reach_nobody_raw(void **state)
{
	static const char *const languages[] = {"en", "ja"};
	struct desk desk;

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		open_desk(&desk, languages[i]);
		write_hostile_list(&desk);
		desk_come_in(&desk);
		pty_keys(desk.pty, "2 i");
		desk_field(&desk, "File", "~/ev");
		pty_keys(desk.pty, "Tab ^N");
		pty_wait_text(desk.pty, "owned");
		desk_field(&desk, "File", "~/a.csv");
		desk_field(&desk, "New list's name", "evil");
		pty_keys(desk.pty, "^N");
		desk_wait(&desk, "Column in the file");
		pty_keys(desk.pty, "Down Down Enter Esc Down End Home");
		pty_keys(desk.pty, "^N ^N");
		desk_wait(&desk, "This is what storing would do; nothing is "
				 "stored yet:");
		pty_keys(desk.pty, "Down Down Up");
		pty_keys(desk.pty, "^N");
		desk_wait(&desk, "The import is done.");
		pty_keys(desk.pty, "l");
		pty_wait_text(desk.pty, "a@example.jp");
		for (int row = 0; row < 6; row++)
			pty_keys(desk.pty, "Enter q Down");
		pty_assert_clean(desk.pty);
		desk_leave(&desk);
		desk_close(&desk);
	}
}

static void
test_relay(struct desk *desk, const struct fake_step *script)
{
	const struct fake_step *const scripts[] = {script};
	const struct fake_plan plan = {.scripts = scripts, .count = 1};
	struct fake_relay *relay = fake_relay_start(&plan);
	char port[8];

	snprintf(port, sizeof port, "%u", fake_relay_port(relay));
	desk_field(desk, "Port", port);
	pty_keys(desk->pty, "^T");
	desk_wait(desk, "The test failed; a campaign could not be launched.");
	fake_relay_stop(&relay);
}

static void
relays_reach_nobody_raw(void **state)
{
	static const struct fake_step banner[] = {
	    {FAKE_SAY, "554 go " OSC_52 TITLE C1_CSI "2J" RLO " away", 0},
	    {FAKE_END, NULL, 0}};
	static const struct fake_step reply[] = {{FAKE_SAY, "220 hello", 0},
	    {FAKE_HEAR, "EHLO", 0},
	    {FAKE_SAY, "550 5.7.1 " OSC_52 "\xff\xfe\xc0" TITLE, 0},
	    {FAKE_HEAR, "", 0}, {FAKE_SAY, "550-5.7.1 " C1_CSI "31m" RLO, 0},
	    {FAKE_SAY, "550 " OSC_52, 0}, {FAKE_END, NULL, 0}};
	static const struct fake_step no_smtp[] = {
	    {FAKE_RAW, OSC_52 TITLE "\r\n\r\n", 0}, {FAKE_END, NULL, 0}};
	struct desk desk;

	(void)state;
	open_desk(&desk, "en");
	desk_come_in(&desk);
	pty_keys(desk.pty, "8 Down Enter n");
	desk_field(&desk, "Name", "evil");
	desk_field(&desk, "Host", "127.0.0.1");
	desk_choose(&desk, "Protection", "none (this machine only)");
	pty_keys(desk.pty, "Up Up Up");
	test_relay(&desk, banner);
	test_relay(&desk, reply);
	test_relay(&desk, no_smtp);
	pty_assert_clean(desk.pty);
	desk_close(&desk);
}

/* ---- A monkey ------------------------------------------------------------------------------ */

static void
come_back(struct desk *desk)
{
	int status;

	if (kill(pty_pid(desk->pty), 0) < 0 ||
	    !pty_shows(desk->pty, "Sekisho")) {
		status = pty_wait_end(desk->pty);
		assert_true(WIFEXITED(status));
		assert_int_equal(WEXITSTATUS(status), 0);
		pty_assert_restored(desk->pty);
		pty_assert_clean(desk->pty);
		desk_come_in(desk);
	} else if (pty_shows(desk->pty, desk_word(desk, "locked since"))) {
		pty_keys(desk->pty, "^C");
		if (!pty_shows(desk->pty, "Password:"))
			pty_keys(desk->pty, "Enter");
		desk_sign_in(desk);
	}
}

static void
keys_at_random_do_no_harm(void **state)
{
	static const char *const keys[] = {"?", ":", "x", "/", "a", "j", "k",
	    "G", "g", "Enter", "Tab", "BTab", "Up", "Down", "Left", "Right",
	    "PgDn", "PgUp", "Home", "End", "^L", "^C", "^Z", "^S", "^N", "^P",
	    "^T", "^_", "Backspace", "Del", "Esc", "^G", "M-e", "あ", "Space",
	    "1", "2", "3", "4", "5", "7", "8", "n", "i", "e", "E", "v", "R",
	    "y", "D", "S", "w", "r", "p", "X", "0"};
	static const char *const env[] = {"EDITOR=/bin/true", NULL};
	uint32_t random = RNG_SEED;
	struct store *store;
	struct desk desk;

	(void)state;
	print_message("seed %d\n", RNG_SEED);
	open_desk(&desk, "en");
	desk.env = env;
	desk_come_in(&desk);
	for (int i = 0; i < MONKEY_KEYS; i++) {
		pty_keys(desk.pty,
		    keys[next_random(&random) % (sizeof keys / sizeof *keys)]);
		if (i % 50 == 49) {
			pty_resize(desk.pty,
			    1 + (int)(next_random(&random) % 60),
			    1 + (int)(next_random(&random) % 160));
			pty_wait_idle(desk.pty);
			pty_paste(desk.pty, "y\n40\n" OSC_52);
			pty_resize(desk.pty, 24, 80);
			pty_keys(desk.pty, "^L");
		}
		come_back(&desk);
	}
	pty_assert_clean(desk.pty);
	pty_signal(desk.pty, SIGTERM);
	pty_wait_end(desk.pty);
	pty_assert_restored(desk.pty);
	pty_free(&desk.pty);
	store = desk_open_store(&desk);
	assert_int_equal(desk_number(store, "SELECT count(*) FROM audit"
					    " WHERE what LIKE 'run.%'"),
	    0);
	store_close(&store);
	desk_close(&desk);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(works_on_many_terminals),
	    cmocka_unit_test(refuses_what_has_no_cursor),
	    cmocka_unit_test(obeys_no_color),
	    cmocka_unit_test(wants_a_terminal),
	    cmocka_unit_test(survives_a_storm_of_sizes),
	    cmocka_unit_test(gives_the_terminal_back_everywhere),
	    cmocka_unit_test(does_not_stop),
	    cmocka_unit_test(files_reach_nobody_raw),
	    cmocka_unit_test(relays_reach_nobody_raw),
	    cmocka_unit_test(keys_at_random_do_no_harm),
	};
	const char *missing = desk_missing();

	if (missing) {
		printf("SKIP rough days: %s\n", missing);
		return 0;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
