/* The parent's side of a login: starts the agent with a clean environment of
 * descriptors and signals, reads its frames, sends answers. */
#include "core/access/access.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/access/frame.h"
#include "core/base/file.h"
#include "core/base/mem.h"

enum { UP = 3, DOWN = 4, FACTORS = 2 };

struct login {
	pid_t pid; /* 0: none */
	int up, down;
	struct buf input;
	char *user;
	int prompts;
	bool granted; /* the last event; what stepped up is used up */
};

static int
agent_failed(struct err *err, int sys)
{
	return err_sys(err, E_PAM_AGENT, sys);
}

/* Descriptors 3 and 4 for the agent, nothing on 0..2, signals as usual. */
static int
spawn(const char *program, const char *user, int up, int down, pid_t *pid)
{
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attr;
	sigset_t none, all;
	char *tty = ttyname(STDIN_FILENO);
	char *name = mem_text(span_of(program));
	char *who = mem_text(span_of(user));
	char verb[] = "pam-agent", unknown[] = "";
	char *argv[] = {name, verb, who, tty ? tty : unknown, NULL};
	int rc;

	sigemptyset(&none);
	sigfillset(&all);
	posix_spawn_file_actions_init(&files);
	posix_spawnattr_init(&attr);
	for (int fd = 0; fd <= 2; fd++) {
		posix_spawn_file_actions_addopen(
		    &files, fd, "/dev/null", O_RDWR, 0);
	}
	posix_spawn_file_actions_adddup2(&files, up, UP);
	posix_spawn_file_actions_adddup2(&files, down, DOWN);
	posix_spawnattr_setsigmask(&attr, &none);
	posix_spawnattr_setsigdefault(&attr, &all);
	posix_spawnattr_setflags(
	    &attr, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
	rc = posix_spawn(pid, program, &files, &attr, argv, environ);
	posix_spawnattr_destroy(&attr);
	posix_spawn_file_actions_destroy(&files);
	free(who);
	free(name);
	return rc;
}

/* A pipe whose ends are above the descriptors that the agent uses. */
static int
high_pipe(int ends[2])
{
	int low[2];

	if (pipe2(low, O_CLOEXEC) < 0)
		return -1;
	for (int i = 0; i < 2; i++) {
		ends[i] = fcntl(low[i], F_DUPFD_CLOEXEC, 10);
		close(low[i]);
	}
	return ends[0] < 0 || ends[1] < 0 ? -1 : 0;
}

static void
close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

int
login_start(
    const char *program, const char *user, struct login **out, struct err *err)
{
	struct login *login = mem_new(sizeof *login);
	int up[2] = {-1, -1}, down[2] = {-1, -1}, rc;

	login->up = login->down = -1;
	login->user = mem_text(span_of(user));
	if (high_pipe(up) < 0 || high_pipe(down) < 0)
		rc = errno;
	else
		rc = spawn(program, user, up[1], down[0], &login->pid);
	close_fd(&up[1]);
	close_fd(&down[0]);
	login->up = up[0];
	login->down = down[1];
	if (rc == 0) {
		fcntl(login->up, F_SETFL, O_NONBLOCK);
		*out = login;
		return 0;
	}
	login->pid = 0;
	login_free(&login);
	return agent_failed(err, rc);
}

int
login_fd(const struct login *login)
{
	return login->up;
}

int
login_next(struct login *login, struct login_event *out, struct err *err)
{
	char chunk[FRAME_HEAD + FRAME_MAX];
	ssize_t got = 1;
	int used;

	while ((used = frame_take(buf_span(&login->input), out, err)) == 0) {
		got = read(login->up, chunk, sizeof chunk);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0 && errno == EAGAIN)
			return 0;
		if (got <= 0)
			return agent_failed(err, got < 0 ? errno : 0);
		buf_add(&login->input, span_make(chunk, (size_t)got));
	}
	if (used < 0)
		return -1;
	buf_drop(&login->input, (size_t)used);
	login->prompts +=
	    out->kind == LOGIN_PROMPT_SECRET || out->kind == LOGIN_PROMPT_TEXT;
	login->granted = out->kind == LOGIN_GRANTED;
	return 1;
}

int
login_answer(struct login *login, const struct secret *answer, struct err *err)
{
	uint32_t len = (uint32_t)answer->len;

	/* The agent reads only when it has asked, so this never blocks: the
	 * pipe holds far more than one answer. */
	if (file_write_all(login->down, span_make(&len, sizeof len)) < 0 ||
	    file_write_all(login->down, secret_span(answer)) < 0)
		return agent_failed(err, errno);
	return 0;
}

void
login_free(struct login **login)
{
	struct login *old = *login;

	if (!old)
		return;
	close_fd(&old->up);
	close_fd(&old->down);
	if (old->pid > 0) {
		kill(old->pid, SIGKILL);
		while (waitpid(old->pid, NULL, 0) < 0 && errno == EINTR)
			;
	}
	buf_done(&old->input);
	free(old->user);
	free(old);
	*login = NULL;
}

/* ---- Once more, before a step --------------------------------------------------- */

static int
log_step(struct store *store, enum stepup step, const char *what,
    struct span facts, struct err *err)
{
	return audit_add(store,
	    &(struct audit_event){
		.what = what,
		.object = span_of(stepup_name(step)),
		.facts = facts,
	    },
	    err);
}

static int
read_level(struct store *store, enum stepup step, enum stepup_level *level,
    struct err *err)
{
	struct db *db = NULL;
	int rc = store_reader_open(store, &db, err);

	if (rc == 0)
		rc = stepup_read(db, step, level, err);
	store_reader_close(&db);
	return rc;
}

int
login_step_up(
    struct login *login, struct store *store, enum stepup step, struct err *err)
{
	enum stepup_level level;
	char facts[40];

	if (!login->granted || strcmp(login->user, store_user(store)) != 0) {
		err_set(err, E_STEPUP);
		return err_fact(err, "step", span_of(stepup_name(step)));
	}
	login->granted = false;
	if (read_level(store, step, &level, err) < 0)
		return -1;
	if (level == STEPUP_SECOND && login->prompts < FACTORS) {
		login_step_refused(store, step, "factors", NULL);
		return err_set(err, E_STEPUP_FACTORS);
	}
	snprintf(facts, sizeof facts, "factors=%d", login->prompts);
	if (log_step(store, step, "stepup.granted", span_of(facts), err) < 0)
		return -1;
	stepup_grant(store, step);
	return 0;
}

int
login_step_refused(
    struct store *store, enum stepup step, const char *why, struct err *err)
{
	struct buf facts = BUF_INIT;
	int rc;

	audit_fact(&facts, "why", span_of(why));
	rc = log_step(store, step, "stepup.refused", buf_span(&facts), err);
	buf_done(&facts);
	return rc;
}
