/* The demo without a terminal plays the whole campaign by itself, in both
 * languages, and leaves nothing behind. */
#include <dirent.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/buf.h"
#include "core/base/file.h"
#include "tests/fake/tempstore.h"
#include "tests/unit/unit.h"

enum { OUTPUT_MAX = 1024 * 1024, SCREENS = 23 };

struct play {
	const char *language;
	char *dir; /* its TMPDIR and output */
	struct buf output;
	pid_t pid;
};

extern char **environ;

static void
start(struct play *play)
{
	char program[] = BUILD_DIR "/demo/sekisho", lang[] = "--lang",
	     verb[] = "demo";
	char *argv[] = {program, lang, strdup(play->language), verb, NULL};
	posix_spawn_file_actions_t files;
	struct buf path = BUF_INIT;

	play->dir = tempdir_new();
	buf_printf(&path, "%s/output", play->dir);
	setenv("TMPDIR", play->dir, 1);
	posix_spawn_file_actions_init(&files);
	posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_addopen(
	    &files, 1, path.ptr, O_WRONLY | O_CREAT, 0600);
	assert_int_equal(
	    posix_spawn(&play->pid, program, &files, NULL, argv, environ), 0);
	posix_spawn_file_actions_destroy(&files);
	unsetenv("TMPDIR");
	buf_done(&path);
	free(argv[2]);
}

static void
finish(struct play *play)
{
	struct buf path = BUF_INIT;
	struct err err = {0};
	int status;

	assert_int_equal(waitpid(play->pid, &status, 0), play->pid);
	buf_printf(&path, "%s/output", play->dir);
	assert_ok(file_read(path.ptr, OUTPUT_MAX, &play->output, &err), &err);
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		fail_msg("%s: status %d\n%s", play->language, status,
		    play->output.ptr);
	buf_done(&path);
}

static bool
has(const struct play *play, const char *text)
{
	return span_search(buf_span(&play->output), span_of(text)) <
	       play->output.len;
}

static int
files_left(const struct play *play)
{
	DIR *dir = opendir(play->dir);
	struct dirent *entry;
	int count = 0;

	while ((entry = readdir(dir)))
		count += strncmp(entry->d_name, "sekisho-demo", 12) == 0;
	closedir(dir);
	return count;
}

static void
check(struct play *play)
{
	char last[32];

	finish(play);
	snprintf(last, sizeof last, "==== %d. ", SCREENS);
	assert_true(has(play, last));
	assert_true(has(play, "run.start"));
	assert_true(has(play, "293"));
	assert_true(has(play, "TLS 1.3 100.0%"));
	assert_int_equal(files_left(play), 0);
	buf_done(&play->output);
	tempdir_remove(&play->dir);
}

static void
the_demo_plays_itself(void **state)
{
	struct play english = {.language = "en"};
	struct play japanese = {.language = "ja"};

	(void)state;
	setenv("SEKISHO_SHARE", ".", 1);
	setenv("SEKISHO_LOCALE", BUILD_DIR "/locale", 1);
	start(&english);
	start(&japanese);
	check(&english);
	check(&japanese);
}

/* Whoever starts the demo names the folder that PAM reads: it must open no
 * store of anybody's, and call no program that has one open. */
static void
the_demo_has_no_other_store(void **state)
{
	static const char *const verbs[] = {
	    "", "attach", "watch", "approve", "store", "evidence"};
	char *dir = tempdir_new();

	(void)state;
	for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++) {
		char program[] = BUILD_DIR "/demo/sekisho", store[] = "--store";
		char *verb = strdup(verbs[i]), word[] = "verify";
		char *argv[] = {program, store, dir, verb, word, NULL};
		posix_spawn_file_actions_t files;
		int status;
		pid_t pid;

		if (!*verbs[i])
			argv[3] = NULL;
		posix_spawn_file_actions_init(&files);
		posix_spawn_file_actions_addopen(
		    &files, 0, "/dev/null", O_RDONLY, 0);
		posix_spawn_file_actions_addopen(
		    &files, 2, "/dev/null", O_WRONLY, 0);
		assert_int_equal(
		    posix_spawn(&pid, program, &files, NULL, argv, environ), 0);
		assert_int_equal(waitpid(pid, &status, 0), pid);
		if (!WIFEXITED(status) || WEXITSTATUS(status) != 2)
			fail_msg("\"%s\": status %d", verbs[i], status);
		posix_spawn_file_actions_destroy(&files);
		free(verb);
	}
	tempdir_remove(&dir);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_demo_has_no_other_store),
	    cmocka_unit_test(the_demo_plays_itself),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
