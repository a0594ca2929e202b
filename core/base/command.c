/* Runs one configured command.  Decided here: the real path is checked from
 * the root down and that path is run, so only root or we ourselves can change
 * what runs; the command leads a process group of its own, so that a timeout
 * also ends what it has started; input comes from a file in memory, because a
 * pipe to a command that does not read would block or raise SIGPIPE. */
#include "core/base/command.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <openssl/crypto.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/base/file.h"
#include "core/base/mem.h"

enum { DRAIN_FD = 3, ANSWER_ROOM = COMMAND_OUTPUT_MAX + 1 };

/* ---- may it run ---- */

static int
path_refused(struct err *err, const char *path, const char *why)
{
	err_set(err, E_COMMAND_PATH);
	err_fact(err, "path", span_of(path));
	return err_fact(err, "why", span_of(why));
}

/* Who else could change what stat tells of; NULL: nobody.  In a folder like
 * /tmp (sticky) others can add but not replace. */
static const char *
others(const struct stat *stat)
{
	if (stat->st_uid != 0 && stat->st_uid != geteuid())
		return "owner";
	if ((stat->st_mode & (S_IWGRP | S_IWOTH)) &&
	    !(S_ISDIR(stat->st_mode) && (stat->st_mode & S_ISVTX)))
		return "writable";
	return NULL;
}

/* Cuts real, an absolute path, to its folders one after the other. */
static bool
folders_are_ours(char *real)
{
	struct stat stat_of;
	char *slash = strrchr(real, '/');

	while (slash) {
		slash[slash == real] = '\0';
		if (stat(real, &stat_of) < 0 || others(&stat_of))
			return false;
		if (slash == real)
			return true;
		slash = strrchr(real, '/');
	}
	return false;
}

/* Checks path and gives the path without links that was checked. */
static int
settle(const char *path, char real[PATH_MAX], struct err *err)
{
	char folder[PATH_MAX];
	struct stat file;
	const char *why;

	if (path[0] != '/' || strlen(path) > COMMAND_PATH_MAX)
		return path_refused(err, path, "absolute");
	if (!realpath(path, real) || stat(real, &file) < 0)
		return path_refused(err, path, "missing");
	if (!S_ISREG(file.st_mode))
		return path_refused(err, path, "kind");
	why = others(&file);
	if (why)
		return path_refused(err, path, why);
	if (access(real, X_OK) < 0)
		return path_refused(err, path, "mode");
	memcpy(folder, real, strlen(real) + 1);
	if (!folders_are_ours(folder))
		return path_refused(err, folder, "folder");
	return 0;
}

int
command_check(const char *path, struct err *err)
{
	char real[PATH_MAX];

	return settle(path, real, err);
}

/* ---- running ---- */

struct running {
	const struct command *command;
	pid_t pid;
	int pidfd, answer; /* -1: none */
	char *bytes;       /* ANSWER_ROOM */
	size_t len;
};

static int
failed(const struct running *run, enum err_code code, struct err *err)
{
	err_set(err, code);
	return err_fact(err, "path", span_of(run->command->path));
}

static int
not_started(const struct running *run, int sys, struct err *err)
{
	err_sys(err, E_COMMAND_START, sys);
	return err_fact(err, "path", span_of(run->command->path));
}

/* A descriptor that reads as input and then ends; -1 with errno. */
static int
input_fd(struct span input)
{
	int fd = memfd_create("sekisho command", MFD_CLOEXEC);

	if (fd >= 0 &&
	    (file_write_all(fd, input) < 0 || lseek(fd, 0, SEEK_SET) < 0)) {
		close(fd);
		return -1;
	}
	return fd;
}

static void
attach(posix_spawn_file_actions_t *files, int in, int out)
{
	if (in >= 0)
		posix_spawn_file_actions_adddup2(files, in, STDIN_FILENO);
	else
		posix_spawn_file_actions_addopen(
		    files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(files, out, STDOUT_FILENO);
	posix_spawn_file_actions_addopen(
	    files, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
	posix_spawn_file_actions_addclosefrom_np(files, DRAIN_FD);
	posix_spawn_file_actions_addchdir_np(files, "/");
}

/* The path as configured and the arguments; the caller frees each. */
static void
copy_words(const struct command *command, char *argv[COMMAND_ARGS_MAX + 2])
{
	const char *const *args = command->args;

	argv[0] = mem_text(span_of(command->path));
	for (size_t i = 0; args && args[i] && i < COMMAND_ARGS_MAX; i++)
		argv[i + 1] = mem_text(span_of(args[i]));
}

/* Its own process group, signals as usual, nothing of ours but three words of
 * environment; returns an errno value. */
static int
spawn(struct running *run, const char *real, int in, int out)
{
	char path[] = "PATH=/usr/local/bin:/usr/bin:/bin";
	char lang[] = "LANG=C.UTF-8";
	char *argv[COMMAND_ARGS_MAX + 2] = {NULL};
	struct buf home = BUF_INIT;
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attr;
	sigset_t none, all;
	int rc;

	copy_words(run->command, argv);
	buf_text(&home, "HOME=");
	buf_text(&home, getenv("HOME") ? getenv("HOME") : "/");
	sigemptyset(&none);
	sigfillset(&all);
	posix_spawn_file_actions_init(&files);
	attach(&files, in, out);
	posix_spawnattr_init(&attr);
	posix_spawnattr_setsigmask(&attr, &none);
	posix_spawnattr_setsigdefault(&attr, &all);
	posix_spawnattr_setpgroup(&attr, 0);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK |
					    POSIX_SPAWN_SETSIGDEF |
					    POSIX_SPAWN_SETPGROUP);
	rc = posix_spawn(&run->pid, real, &files, &attr, argv,
	    (char *[]){path, home.ptr, lang, NULL});
	posix_spawnattr_destroy(&attr);
	posix_spawn_file_actions_destroy(&files);
	for (char **word = argv; *word; word++)
		free(*word);
	buf_done(&home);
	return rc;
}

static int
start(struct running *run, const char *real, struct err *err)
{
	int in = -1, ends[2] = {-1, -1}, rc = 0;

	if (run->command->input.len) {
		in = input_fd(run->command->input);
		if (in < 0)
			rc = errno;
	}
	if (rc == 0 && pipe2(ends, O_CLOEXEC) < 0)
		rc = errno;
	if (rc == 0)
		rc = spawn(run, real, in, ends[1]);
	if (rc != 0)
		run->pid = 0;
	if (in >= 0)
		close(in);
	if (ends[1] >= 0)
		close(ends[1]);
	run->answer = ends[0];
	if (rc == 0) {
		fcntl(run->answer, F_SETFL, O_NONBLOCK);
		run->pidfd = pidfd_open(run->pid, 0);
		rc = run->pidfd < 0 ? errno : 0;
	}
	return rc == 0 ? 0 : not_started(run, rc, err);
}

/* Reads what is there; 0, or -1 when it is too much. */
static int
drain(struct running *run, struct err *err)
{
	ssize_t got;

	while (run->answer >= 0) {
		got = read(
		    run->answer, run->bytes + run->len, ANSWER_ROOM - run->len);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return 0;
		if (got == 0) {
			close(run->answer);
			run->answer = -1;
		}
		run->len += (size_t)got;
		if (run->len > COMMAND_OUTPUT_MAX) {
			failed(run, E_COMMAND_OUTPUT, err);
			return err_fact(err, "why", SPAN("long"));
		}
	}
	return 0;
}

/* Until the command itself has ended; what it started may hold the pipe. */
static int
attend(struct running *run, struct err *err)
{
	int64_t until =
		    clock_steady_ms(clock_real()) + run->command->timeout_ms,
		left;
	struct pollfd fds[3];

	for (;;) {
		fds[0] = (struct pollfd){.fd = run->pidfd, .events = POLLIN};
		fds[1] = (struct pollfd){.fd = run->answer, .events = POLLIN};
		fds[2] = (struct pollfd){
		    .fd = run->command->cancel_fd, .events = POLLIN};
		left = until - clock_steady_ms(clock_real());
		if (left <= 0) {
			failed(run, E_COMMAND_TIMEOUT, err);
			return err_fact_int(
			    err, "seconds", run->command->timeout_ms / 1000);
		}
		if (poll(fds, 3, (int)left) < 0 && errno != EINTR)
			return not_started(run, errno, err);
		if (fds[2].revents)
			return err_set(err, E_CANCELLED);
		if (drain(run, err) < 0)
			return -1;
		if (fds[0].revents)
			return 0;
	}
}

/* Reaps it, killed before unless it ended in order. */
static int
end(struct running *run, int attended, struct err *err)
{
	int status = 0;

	if (run->pid <= 0)
		return -1;
	if (attended < 0)
		kill(-run->pid, SIGKILL);
	while (waitpid(run->pid, &status, 0) < 0 && errno == EINTR)
		;
	if (attended < 0)
		return -1;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return 0;
	failed(run, E_COMMAND_EXIT, err);
	return err_fact_int(err, "status",
	    WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status));
}

/* bytes: ANSWER_ROOM octets; *len are filled. */
static int
run(const struct command *command, char *bytes, size_t *len, struct err *err)
{
	struct running run = {
	    .command = command, .pidfd = -1, .answer = -1, .bytes = bytes};
	char real[PATH_MAX];
	int rc;

	if (settle(command->path, real, err) < 0)
		return -1;
	rc = start(&run, real, err);
	if (rc == 0)
		rc = attend(&run, err);
	rc = end(&run, rc, err);
	if (run.answer >= 0)
		close(run.answer);
	if (run.pidfd >= 0)
		close(run.pidfd);
	*len = run.len;
	return rc;
}

int
command_run(const struct command *command, struct buf *out, struct err *err)
{
	char bytes[ANSWER_ROOM];
	size_t len = 0;
	int rc = run(command, bytes, &len, err);

	if (rc == 0)
		buf_add(out, span_make(bytes, len));
	OPENSSL_cleanse(bytes, sizeof bytes);
	return rc;
}

int
command_secret(
    const struct command *command, struct secret **out, struct err *err)
{
	char bytes[ANSWER_ROOM];
	size_t len = 0;
	int rc = run(command, bytes, &len, err);

	while (len && memchr(" \t\r\n", bytes[len - 1], 4))
		len--;
	if (rc == 0 && len == 0) {
		err_set(err, E_COMMAND_OUTPUT);
		err_fact(err, "path", span_of(command->path));
		rc = err_fact(err, "why", SPAN("empty"));
	}
	if (rc == 0)
		*out = secret_of(bytes, len);
	OPENSSL_cleanse(bytes, sizeof bytes);
	return rc;
}
