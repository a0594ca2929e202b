/* The crash guard.  Its handler may run in any state of the heap and of
 * curses, so it does nothing but write(2), tcsetattr() and raise() with what
 * was prepared beforehand.  The state is global because handlers have no
 * payload; this is one of the two mutable globals of the program. */
#include "tui/guard.h"

#include <signal.h>
#include <unistd.h>

static struct {
	volatile sig_atomic_t armed;
	int fd;
	size_t len;
	char restore[GUARD_RESTORE_MAX];
	struct termios saved;
	struct sigaction before[5];
} guard;

static const int deadly[5] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};

static const char last_words[] =
    "\r\nSekisho has crashed; this is a defect of the program.\r\n"
    "What was stored is safe. Who was mailed and who was not is in the\r\n"
    "store: start sekisho again, a delivery goes on where it stood.\r\n";

static void
put_back(int number)
{
	if (guard.armed) {
		guard.armed = 0;
		if (write(guard.fd, guard.restore, guard.len) < 0 ||
		    tcsetattr(guard.fd, TCSANOW, &guard.saved) < 0 ||
		    write(guard.fd, last_words, sizeof last_words - 1) < 0) {
			/* nothing can be done about it here */
		}
	}
	signal(number, SIG_DFL);
	raise(number);
}

void
guard_arm(int fd, struct span restore, const struct termios *saved)
{
	static char stack[32 * 1024];
	stack_t other = {.ss_sp = stack, .ss_size = sizeof stack};
	struct sigaction action = {
	    .sa_handler = put_back, .sa_flags = (int)(SA_ONSTACK | SA_NODEFER)};

	if (restore.len > sizeof guard.restore)
		restore.len = sizeof guard.restore;
	guard.fd = fd;
	guard.len = restore.len;
	if (restore.len)
		memcpy(guard.restore, restore.ptr, restore.len);
	guard.saved = *saved;
	guard.armed = 1;
	sigaltstack(&other, NULL);
	for (size_t i = 0; i < sizeof deadly / sizeof *deadly; i++)
		sigaction(deadly[i], &action, &guard.before[i]);
}

void
guard_disarm(void)
{
	if (!guard.armed)
		return;
	guard.armed = 0;
	for (size_t i = 0; i < sizeof deadly / sizeof *deadly; i++)
		sigaction(deadly[i], &guard.before[i], NULL);
}
