/* Another program in the foreground.  Signals go back to their defaults first:
 * ours are blocked for the loop's signalfd, and a blocked mask is inherited. */
#include "tui/spawn.h"

#include <errno.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

static void
become(char *const argv[])
{
	sigset_t none;

	for (int number = 1; number < NSIG; number++)
		signal(number, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	execvp(argv[0], argv);
	_exit(127);
}

int
spawn_wait(char *const argv[], int *status, struct err *err)
{
	pid_t child = fork();

	if (child == 0)
		become(argv);
	if (child < 0) {
		err_sys(err, E_TERM_PROGRAM, errno);
		return err_fact(err, "path", span_of(argv[0]));
	}
	while (waitpid(child, status, 0) < 0 && errno == EINTR)
		continue;
	return 0;
}

int
spawn_apart(struct err *err)
{
	pid_t child = fork();

	if (child < 0) {
		err_sys(err, E_TERM_PROGRAM, errno);
		return err_fact(err, "path", SPAN("fork"));
	}
	if (child == 0)
		setsid();
	return child;
}
