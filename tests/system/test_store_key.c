/* "sekisho store key" on a terminal, and what others make of the key: a reader
 * without any of our code, stock SQLite, and real SQLCipher where it is. */
#include "tests/unit/unit.h"

#include <ctype.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/file.h"
#include "tests/fake/desk.h"

enum { KEY_HEX = 64, SALT_HEX = 32, SAID_MAX = 65536 };

static const char *const key_words[] = {"store", "key", NULL};

/* A store that the program itself has opened, changed and closed. */
static void
open_desk(struct desk *desk)
{
	struct store *store;

	desk_open(desk, "en");
	store = desk_make_store(desk);
	store_close(&store);
	desk_come_in(desk);
	desk_leave(desk);
}

static int
ended_with(struct desk *desk)
{
	int status = pty_wait_end(desk->pty);

	assert_true(WIFEXITED(status));
	pty_assert_restored(desk->pty);
	return WEXITSTATUS(status);
}

/* Plays the verb; the key as 96 hexadecimal digits. */
static void
ask_for_key(struct desk *desk, char digits[KEY_HEX + SALT_HEX + 1])
{
	struct span out;
	size_t at;

	desk_verb(desk, key_words);
	desk_wait(desk, "Passphrase of the store: ");
	pty_send(desk->pty, DESK_PASSPHRASE "\r", 0);
	assert_int_equal(ended_with(desk), 0);
	out = pty_output(desk->pty);
	assert_int_equal(span_search(out, SPAN("staple")), out.len);
	at = span_search(out, SPAN("x'"));
	assert_true(at + 2 + KEY_HEX + SALT_HEX < out.len);
	for (size_t i = 0; i < KEY_HEX + SALT_HEX; i++) {
		digits[i] = out.ptr[at + 2 + i];
		assert_true(isxdigit((unsigned char)digits[i]));
	}
	digits[KEY_HEX + SALT_HEX] = '\0';
	assert_int_equal(out.ptr[at + 2 + KEY_HEX + SALT_HEX], '\'');
	pty_free(&desk->pty);
}

/* Runs a command of the shell; what it said. */
static int
run(struct buf *said, const char *command)
{
	FILE *out = popen(command, "r");
	char line[1024];

	assert_non_null(out);
	while (fgets(line, sizeof line, out))
		buf_text(said, line);
	return pclose(out);
}

static void
others_can_read(void **state)
{
	char digits[KEY_HEX + SALT_HEX + 1];
	struct buf command = BUF_INIT, said = BUF_INIT;
	struct desk desk;

	(void)state;
	open_desk(&desk);
	ask_for_key(&desk, digits);
	buf_printf(&command,
	    "/usr/bin/python3 tests/unit/store/read_store.py %.64s"
	    " %s/store.db 'SELECT what FROM audit'",
	    digits, desk.store);
	if (run(&said, command.ptr) != 0)
		fail_msg("%s", said.ptr);
	assert_true(span_starts(buf_span(&said), SPAN("ok pages=")));
	assert_true(
	    span_search(buf_span(&said), SPAN("store.key")) < said.len ||
	    span_search(buf_span(&said), SPAN("session.open")) < said.len);
	/* Another key does not. */
	digits[0] = digits[0] == '0' ? '1' : '0';
	buf_clear(&command);
	buf_clear(&said);
	buf_printf(&command,
	    "/usr/bin/python3 tests/unit/store/read_store.py %.64s"
	    " %s/store.db",
	    digits, desk.store);
	assert_int_not_equal(run(&said, command.ptr), 0);
	assert_true(span_starts(buf_span(&said), SPAN("MAC of page")));
	buf_done(&said);
	buf_done(&command);
	desk_close(&desk);
}

static bool
has_sqlcipher_4(void)
{
	struct buf said = BUF_INIT;
	bool has;

	run(&said, "echo 'PRAGMA cipher_version;' |"
		   " sqlcipher :memory: 2>/dev/null");
	has = said.len > 1 && said.ptr[0] >= '4' && said.ptr[1] == '.';
	if (!has)
		print_message("SKIP SQLCipher 4 is not installed (%.20s)\n",
		    said.len ? said.ptr : "no sqlcipher");
	buf_done(&said);
	return has;
}

static void
sqlcipher_can_read(void **state)
{
	char digits[KEY_HEX + SALT_HEX + 1];
	struct buf command = BUF_INIT, said = BUF_INIT;
	struct desk desk;

	(void)state;
	if (!has_sqlcipher_4())
		skip();
	open_desk(&desk);
	ask_for_key(&desk, digits);
	buf_printf(&command,
	    "printf '%%s\\n' \"PRAGMA key = \\\"x'%s'\\\";\""
	    " \"SELECT '-';\" 'PRAGMA cipher_integrity_check;'"
	    " 'PRAGMA integrity_check;'"
	    " | sqlcipher %s/store.db 2>&1",
	    digits, desk.store);
	assert_int_equal(run(&said, command.ptr), 0);
	assert_true(span_ends(buf_span(&said), SPAN("-\nok\n")));
	buf_done(&said);
	buf_done(&command);
	desk_close(&desk);
}

/* ---- When it does not ------------------------------------------------------------ */

static void
read_file(struct desk *desk, const char *name, struct buf *out)
{
	struct err err = {0};

	buf_clear(out);
	assert_ok(file_read(desk_path(desk, name), SAID_MAX, out, &err), &err);
}

static void
wants_a_terminal(void **state)
{
	struct buf command = BUF_INIT, said = BUF_INIT;
	const char *words[] = {"/bin/sh", "-c", NULL, NULL};
	struct desk desk;

	(void)state;
	open_desk(&desk);
	/* No terminal at all. */
	buf_printf(&command,
	    "echo " DESK_PASSPHRASE " | setsid -w %s/test/sekisho --store %s"
	    " store key >%s/said 2>&1",
	    BUILD_DIR, desk.store, desk.dir);
	assert_int_equal(WEXITSTATUS(run(&said, command.ptr)), 1);
	read_file(&desk, "said", &said);
	assert_true(span_search(buf_span(&said), SPAN("terminal")) < said.len);
	assert_int_equal(span_search(buf_span(&said), SPAN("x'")), said.len);
	/* One, but the key would go into a file. */
	buf_clear(&command);
	buf_printf(&command,
	    "exec %s/test/sekisho --store %s store key >%s/key", BUILD_DIR,
	    desk.store, desk.dir);
	words[2] = command.ptr;
	desk.pty = pty_start(&(struct pty_params){.argv = words});
	assert_int_equal(ended_with(&desk), 1);
	read_file(&desk, "key", &said);
	assert_int_equal(said.len, 0);
	buf_done(&said);
	buf_done(&command);
	desk_close(&desk);
}

static void
says_what_is_wrong(void **state)
{
	struct store *store;
	struct desk desk;

	(void)state;
	desk_open(&desk, "ja");
	desk_verb(&desk, key_words);
	desk_wait(&desk,
	    "There is no store in %{path}. Check the folder given with "
	    "--store.");
	assert_int_equal(ended_with(&desk), 1);
	store = desk_make_store(&desk);
	desk_verb(&desk, key_words);
	desk_wait(&desk, "Passphrase of the store: ");
	pty_send(desk.pty, DESK_PASSPHRASE "\r", 0);
	desk_wait(&desk,
	    "The store %{path} is open in process %{pid} of %{user}. Close "
	    "that one first.");
	assert_int_equal(ended_with(&desk), 1);
	store_close(&store);
	desk_verb(&desk, key_words);
	desk_wait(&desk, "Passphrase of the store: ");
	pty_send(desk.pty, "another one\r", 0);
	desk_wait(&desk,
	    "That passphrase does not open the store. Try again; capital "
	    "letters and input method matter.");
	assert_int_equal(ended_with(&desk), 1);
	desk_close(&desk);
}

/* Whatever ends the question, the terminal echoes again. */
static void
gives_the_echo_back(void **state)
{
	static const int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
	struct store *store;
	struct desk desk;

	(void)state;
	desk_open(&desk, "en");
	store = desk_make_store(&desk);
	store_close(&store);
	desk_verb(&desk, key_words);
	desk_wait(&desk, "Passphrase of the store: ");
	pty_send(desk.pty, "half\003", 0);
	assert_int_equal(ended_with(&desk), 1);
	for (size_t i = 0; i < sizeof signals / sizeof *signals; i++) {
		desk_verb(&desk, key_words);
		desk_wait(&desk, "Passphrase of the store: ");
		pty_signal(desk.pty, signals[i]);
		assert_int_equal(ended_with(&desk), 1);
	}
	desk_close(&desk);
}

static void
verifies(void **state)
{
	static const char *const words[] = {"store", "verify", NULL};
	struct desk desk;

	(void)state;
	open_desk(&desk);
	desk_verb(&desk, words);
	desk_wait(&desk, "Passphrase of the store: ");
	pty_send(desk.pty, DESK_PASSPHRASE "\r", 0);
	desk_wait(&desk, "The store is whole; the audit log too (%s entries).");
	assert_int_equal(ended_with(&desk), 0);
	desk_close(&desk);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(others_can_read),
	    cmocka_unit_test(sqlcipher_can_read),
	    cmocka_unit_test(wants_a_terminal),
	    cmocka_unit_test(says_what_is_wrong),
	    cmocka_unit_test(gives_the_echo_back),
	    cmocka_unit_test(verifies),
	};
	const char *missing = desk_missing();

	if (missing) {
		printf("SKIP the store's key: %s\n", missing);
		return 0;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
