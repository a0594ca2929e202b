/* Configured commands: which files may run at all, what they are given, and
 * that none of them outlives its time. */
#include "tests/unit/unit.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/command.h"
#include "tests/fake/tempstore.h"

static char *dir;

static void
script(char path[128], const char *name, const char *text, mode_t mode)
{
	FILE *file;

	snprintf(path, 128, "%s/%s", dir, name);
	file = fopen(path, "w");
	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(chmod(path, mode), 0);
}

static int
run(const char *path, struct buf *out, struct err *err)
{
	struct command command = {
	    .path = path, .timeout_ms = 20000, .cancel_fd = -1};

	*err = (struct err){0};
	return command_run(&command, out, err);
}

static void
it_answers(void **state)
{
	const char *const args[] = {"user@example.jp", "two words", NULL};
	struct command command = {
	    .args = args, .timeout_ms = 20000, .cancel_fd = -1};
	struct buf out = BUF_INIT;
	struct err err = {0};
	char path[128];

	(void)state;
	script(path, "say",
	    "#!/bin/sh\nread line\n"
	    "echo \"$#:$1:$2:$line:$(pwd)\"\n"
	    "echo noise >&2\n",
	    0700);
	command.path = path;
	command.input = SPAN("from us\nmore\n");
	assert_ok(command_run(&command, &out, &err), &err);
	assert_span_equal(
	    buf_span(&out), "2:user@example.jp:two words:from us:/\n");
	buf_clear(&out);
	/* without input there is nothing to wait for */
	command.input = SPAN("");
	assert_ok(command_run(&command, &out, &err), &err);
	assert_span_equal(buf_span(&out), "2:user@example.jp:two words::/\n");
	buf_done(&out);
}

/* Neither our variables nor our open files. */
static void
it_is_given_little(void **state)
{
	struct buf out = BUF_INIT;
	struct err err;
	char path[128];
	int fd;

	(void)state;
	assert_int_equal(setenv("SEKISHO_PASSPHRASE", "never", 1), 0);
	assert_int_equal(setenv("HOME", "/root/home", 1), 0);
	fd = dup(STDOUT_FILENO); /* not close-on-exec */
	assert_true(fd > 2);
	script(path, "env",
	    "#!/bin/sh\nset -- /proc/self/fd/*\n"
	    "env | grep -vE '^(PWD|SHLVL|OLDPWD|_)=' | sort\n"
	    "readlink /proc/$$/fd/0\n"
	    "ls /proc/$$/fd | tr '\\n' ' '\n",
	    0700);
	assert_ok(run(path, &out, &err), &err);
	assert_true(span_starts(buf_span(&out),
	    SPAN("HOME=/root/home\nLANG=C.UTF-8\n"
		 "PATH=/usr/local/bin:/usr/bin:/bin\n/dev/null\n0 1 ")));
	assert_true(span_search(buf_span(&out), SPAN("never")) == out.len);
	buf_printf(&out, "%d", fd);
	close(fd);
	buf_done(&out);
	unsetenv("SEKISHO_PASSPHRASE");
}

static void
who_else_could_change_it(void **state)
{
	static const struct {
		const char *what, *why;
	} cases[] = {
	    {"relative", "absolute"},
	    {"missing", "missing"},
	    {"folder", "kind"},
	    {"not executable", "mode"},
	    {"group may write", "writable"},
	    {"of another user", "owner"},
	    {"in a folder of all", "folder"},
	    {"linked to such a folder", "folder"},
	};
	char file[128], open_dir[128], path[8][192];
	struct err err;

	(void)state;
	script(file, "plain", "#!/bin/sh\n", 0600);
	snprintf(path[0], 192, "bin/true");
	snprintf(path[1], 192, "%s/none", dir);
	snprintf(path[2], 192, "%s", dir);
	snprintf(path[3], 192, "%s", file);
	script(path[4], "group", "#!/bin/sh\n", 0770);
	script(path[5], "other", "#!/bin/sh\n", 0755);
	assert_int_equal(chown(path[5], 65534, 65534), 0);
	snprintf(open_dir, sizeof open_dir, "%s/open", dir);
	assert_int_equal(mkdir(open_dir, 0777), 0);
	assert_int_equal(chmod(open_dir, 0777), 0);
	script(path[6], "open/tool", "#!/bin/sh\n", 0700);
	snprintf(path[7], 192, "%s/link", dir);
	assert_int_equal(symlink(path[6], path[7]), 0);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		err = (struct err){0};
		assert_int_equal(command_check(path[i], &err), -1);
		assert_int_equal(err.code, E_COMMAND_PATH);
		if (strcmp(err_find(&err, "why"), cases[i].why) != 0)
			fail_msg(
			    "%s: %s", cases[i].what, err_find(&err, "why"));
		assert_int_equal(run(path[i], NULL, &err), -1);
		assert_int_equal(err.code, E_COMMAND_PATH);
	}
}

/* A command that is too slow goes, and what it has started goes with it. */
/* Killed with its group: gone, or dead and not yet reaped by init.  A process
 * that was killed may still run for a moment. */
static void
wait_for_death(int pid)
{
	char path[64], state_of = '?';
	FILE *file;

	snprintf(path, sizeof path, "/proc/%d/stat", pid);
	while (state_of != 'Z' && (file = fopen(path, "r"))) {
		if (fscanf(file, "%*d %*s %c", &state_of) != 1)
			state_of = 'Z';
		fclose(file);
		sched_yield();
	}
}

static void
time_is_kept(void **state)
{
	struct command command = {.timeout_ms = 300, .cancel_fd = -1};
	struct buf out = BUF_INIT;
	struct err err = {0};
	char path[128], note[160], text[300];
	FILE *file;
	int child = 0;

	(void)state;
	snprintf(note, sizeof note, "%s/child", dir);
	snprintf(text, sizeof text,
	    "#!/bin/sh\nsleep 600 &\necho $! > %s\necho half\nwait\n", note);
	script(path, "slow", text, 0700);
	command.path = path;
	assert_int_equal(command_run(&command, &out, &err), -1);
	assert_int_equal(err.code, E_COMMAND_TIMEOUT);
	assert_int_equal(out.len, 0);
	file = fopen(note, "r");
	assert_non_null(file);
	assert_int_equal(fscanf(file, "%d", &child), 1);
	fclose(file);
	wait_for_death(child);
	/* somebody does not want to wait */
	command.timeout_ms = 600000;
	command.cancel_fd = eventfd(1, EFD_CLOEXEC);
	assert_int_equal(command_run(&command, &out, &err), -1);
	assert_int_equal(err.code, E_CANCELLED);
	close(command.cancel_fd);
}

static void
failures_are_told(void **state)
{
	struct buf out = BUF_INIT;
	struct err err;
	char path[128];

	(void)state;
	script(path, "fails", "#!/bin/sh\necho words\nexit 3\n", 0700);
	assert_int_equal(run(path, &out, &err), -1);
	assert_int_equal(err.code, E_COMMAND_EXIT);
	assert_string_equal(err_find(&err, "status"), "3");
	script(path, "dies", "#!/bin/sh\nkill -9 $$\n", 0700);
	assert_int_equal(run(path, &out, &err), -1);
	assert_string_equal(err_find(&err, "status"), "137");
	script(path, "talks", "#!/bin/sh\nexec yes\n", 0700);
	assert_int_equal(run(path, &out, &err), -1);
	assert_int_equal(err.code, E_COMMAND_OUTPUT);
	script(path, "what", "no program at all\n", 0700);
	assert_int_equal(run(path, &out, &err), -1);
	assert_int_equal(err.code, E_COMMAND_START);
	assert_int_equal(err.sys, ENOEXEC);
	assert_int_equal(out.len, 0);
}

static void
secrets_are_trimmed(void **state)
{
	struct command command = {.timeout_ms = 20000, .cancel_fd = -1};
	struct secret *secret = NULL;
	struct err err = {0};
	char path[128];

	(void)state;
	script(path, "token", "#!/bin/sh\necho 'ya29.token'\necho\n", 0700);
	command.path = path;
	assert_ok(command_secret(&command, &secret, &err), &err);
	assert_span_equal(secret_span(secret), "ya29.token");
	secret_free(&secret);
	script(path, "token", "#!/bin/sh\necho\n", 0700);
	assert_int_equal(command_secret(&command, &secret, &err), -1);
	assert_int_equal(err.code, E_COMMAND_OUTPUT);
	assert_string_equal(err_find(&err, "why"), "empty");
	assert_null(secret);
}

static int
set_up(void **state)
{
	(void)state;
	dir = tempdir_new();
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	tempdir_remove(&dir);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(it_answers),
	    cmocka_unit_test(it_is_given_little),
	    cmocka_unit_test(who_else_could_change_it),
	    cmocka_unit_test(time_is_kept),
	    cmocka_unit_test(failures_are_told),
	    cmocka_unit_test(secrets_are_trimmed),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
