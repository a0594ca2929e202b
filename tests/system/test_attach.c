/* Who answers at a store's socket may be another user, and lie: nothing of what
 * it says reaches the terminal but as text. */
#include <sys/wait.h>

#include "core/access/access.h"
#include "core/base/clock.h"
#include "tests/fake/pty.h"
#include "tests/fake/tempstore.h"
#include "tests/unit/unit.h"

static void
lie(struct door_host *host, struct buf *out)
{
	(void)host;
	buf_text(out, "user=eve\033[2J\nplace=here\033]2;title\a\xc2\x9b"
		      "31m\xe2\x80\xae\n");
}

static void
what_answers_is_shown_as_text(void **state)
{
	struct door_host host = {.welcome = lie};
	struct door *door = NULL;
	struct err err = {.code = E_NONE};
	char *dir = tempdir_new();
	const char *const argv[] = {
	    BUILD_DIR "/test/sekisho", "--store", dir, "attach", NULL};
	struct pty *pty;

	(void)state;
	assert_ok(door_open(dir, clock_real(), &host, &door, &err), &err);
	pty = pty_start(&(struct pty_params){.argv = argv});
	pty_wait_prose(pty, "started by eve");
	pty_wait_prose(pty, "Its screen is at here");
	pty_wait_prose(pty, "Enter alone leaves it there:");
	pty_assert_clean(pty);
	pty_send(pty, "\r", 0);
	assert_int_equal(WEXITSTATUS(pty_wait_end(pty)), 0);
	pty_free(&pty);
	door_close(&door);
	tempdir_remove(&dir);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_answers_is_shown_as_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
