/* A service manager hears that we are ready, what we do, that we live, and
 * that we end. */
#include "tests/unit/unit.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "core/base/notify.h"
#include "tests/fake/tempstore.h"

enum { WAIT_MS = 20000 };

struct manager {
	int fd;
	char *dir;
	char path[100];
};

static void
open_manager(struct manager *manager)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	manager->dir = tempdir_new();
	snprintf(
	    manager->path, sizeof manager->path, "%s/notify", manager->dir);
	span_text(
	    address.sun_path, sizeof address.sun_path, span_of(manager->path));
	manager->fd = socket(AF_UNIX, SOCK_DGRAM, 0);
	assert_int_equal(
	    bind(manager->fd, (struct sockaddr *)&address, sizeof address), 0);
}

static void
close_manager(struct manager *manager)
{
	close(manager->fd);
	tempdir_remove(&manager->dir);
}

static void
hear(struct manager *manager, char text[256])
{
	struct pollfd in = {.fd = manager->fd, .events = POLLIN};
	ssize_t got;

	assert_int_equal(poll(&in, 1, WAIT_MS), 1);
	got = recv(manager->fd, text, 255, 0);
	assert_true(got > 0);
	text[got] = '\0';
}

static void
it_tells_its_life(void **state)
{
	struct manager manager;
	struct notify *notify = NULL;
	char text[256], wanted[64];
	struct err err = {0};

	(void)state;
	open_manager(&manager);
	assert_ok(notify_open(&(struct notify_params){.socket = manager.path},
		      &notify, &err),
	    &err);
	hear(&manager, text);
	snprintf(wanted, sizeof wanted, "READY=1\nMAINPID=%ld", (long)getpid());
	assert_string_equal(text, wanted);
	notify_status(notify, "running: 3 / 10\nX=1");
	hear(&manager, text);
	assert_string_equal(text, "STATUS=running: 3 / 10 X=1");
	notify_close(&notify);
	assert_null(notify);
	hear(&manager, text);
	assert_string_equal(text, "STOPPING=1");
	close_manager(&manager);
}

static void
it_gives_signs_of_life(void **state)
{
	struct manager manager;
	struct notify *notify = NULL;
	char text[256];
	struct err err = {0};

	(void)state;
	open_manager(&manager);
	assert_ok(notify_open(&(struct notify_params){.socket = manager.path,
				  .watchdog_usec = 20000},
		      &notify, &err),
	    &err);
	hear(&manager, text);
	for (int i = 0; i < 3; i++) {
		hear(&manager, text);
		assert_string_equal(text, "WATCHDOG=1");
		notify_beat(notify);
	}
	notify_close(&notify);
	do {
		hear(&manager, text);
	} while (!strcmp(text, "WATCHDOG=1"));
	assert_string_equal(text, "STOPPING=1");
	close_manager(&manager);
}

static void
without_a_manager_nothing_happens(void **state)
{
	struct notify *notify = NULL;
	struct err err = {0};

	(void)state;
	assert_ok(
	    notify_open(&(struct notify_params){.socket = NULL}, &notify, &err),
	    &err);
	assert_null(notify);
	notify_status(notify, "x");
	notify_beat(notify);
	notify_rest(notify);
	notify_close(&notify);
	assert_int_equal(
	    notify_open(
		&(struct notify_params){.socket = "relative"}, &notify, &err),
	    -1);
	assert_int_equal(err.code, E_NOTIFY);
	assert_null(notify);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(it_tells_its_life),
	    cmocka_unit_test(it_gives_signs_of_life),
	    cmocka_unit_test(without_a_manager_nothing_happens),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
