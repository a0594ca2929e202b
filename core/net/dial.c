/* Name to connected socket: a race of addresses (RFC 8305), because a path that
 * swallows packets in one family must not cost a timeout.  The loopback dialler
 * takes addresses and "localhost", and judges addresses: to look a name up would
 * itself be a question that leaves the loopback. */
#include "core/net/dial.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/base/mem.h"
#include "core/net/names.h"

enum { ATTEMPT_MS = 250, LAST_MS = 1000 };

bool
dial_is_loopback(const struct sockaddr *address)
{
	const struct sockaddr_in *v4 = (const void *)address;
	const struct sockaddr_in6 *v6 = (const void *)address;

	if (address->sa_family == AF_INET)
		return ntohl(v4->sin_addr.s_addr) >> 24 == 127;
	if (address->sa_family != AF_INET6)
		return false;
	return IN6_IS_ADDR_LOOPBACK(&v6->sin6_addr) ||
	       (IN6_IS_ADDR_V4MAPPED(&v6->sin6_addr) &&
		   v6->sin6_addr.s6_addr[12] == 127);
}

/* ---- The race ------------------------------------------------------------------ */

struct race {
	const struct addresses *to;
	struct pollfd fd[NAMES_ADDRESSES]; /* -1: not begun, or out */
	int begun, running;
	int why; /* errno of the last one that failed */
};

static void
begin(struct race *race)
{
	int i = race->begun++;
	const struct sockaddr *to = (const void *)&race->to->address[i];
	int fd = socket(
	    to->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	race->fd[i] = (struct pollfd){.fd = fd, .events = POLLOUT};
	if (fd >= 0 &&
	    (connect(fd, to, race->to->len[i]) == 0 || errno == EINPROGRESS)) {
		race->running++;
		return;
	}
	race->why = errno;
	if (fd >= 0)
		close(fd);
	race->fd[i].fd = -1;
}

static void
drop(struct race *race, int i, int why)
{
	race->why = why;
	close(race->fd[i].fd);
	race->fd[i].fd = -1;
	race->running--;
}

/* Waits for the running ones; the index of the winner, or -1. */
static int
watch(struct race *race, int timeout_ms)
{
	if (poll(race->fd, (nfds_t)race->begun, timeout_ms) <= 0)
		return -1;
	for (int i = 0; i < race->begun; i++) {
		socklen_t len = sizeof(int);
		int why = 0;

		if (race->fd[i].fd < 0 || !race->fd[i].revents)
			continue;
		if (getsockopt(
			race->fd[i].fd, SOL_SOCKET, SO_ERROR, &why, &len) < 0)
			why = errno;
		if (why == 0)
			return i;
		drop(race, i, why);
	}
	return -1;
}

/* The one that is left when nothing else can be begun is not waited for: its
 * owner does that anyway. */
static int
run_race(struct race *race)
{
	int64_t end = 0, now;
	int winner = -1;

	while (winner < 0) {
		bool more = race->begun < race->to->count;

		if (!more && race->running <= 1)
			break;
		now = clock_steady_ms(clock_real());
		if (more && (race->running == 0 || now >= end)) {
			begin(race);
			end = now + (race->begun < race->to->count ? ATTEMPT_MS
								   : LAST_MS);
		} else if (now >= end) {
			break;
		} else {
			winner = watch(race, (int)(end - now));
		}
	}
	for (int i = 0; i < race->begun && winner < 0; i++) {
		if (race->fd[i].fd >= 0)
			winner = i;
	}
	return winner;
}

int
dial_race(const struct addresses *to, const char *host, uint16_t port,
    int *fd_out, struct err *err)
{
	struct race race = {.to = to, .why = EADDRNOTAVAIL};
	int winner = run_race(&race);

	for (int i = 0; i < race.begun; i++) {
		if (i != winner && race.fd[i].fd >= 0)
			close(race.fd[i].fd);
	}
	if (winner < 0) {
		err_sys(err, E_NET_CONNECT, race.why);
		err_fact(err, "host", span_of(host));
		return err_fact_int(err, "port", port);
	}
	*fd_out = race.fd[winner].fd;
	return winner;
}

/* ---- Diallers -------------------------------------------------------------------- */

struct real {
	struct dialler base;
	struct names *names;
	atomic_int users;
};

static int
real_dial(struct dialler *dialler, const char *host, uint16_t port, int *fd_out,
    struct err *err)
{
	struct real *real = (struct real *)dialler;
	struct addresses to;
	int winner;

	if (names_find(real->names, host, port, &to, err) < 0)
		return -1;
	winner = dial_race(&to, host, port, fd_out, err);
	if (winner > 0)
		names_prefer(real->names, host, port, &to.address[winner]);
	return winner < 0 ? -1 : 0;
}

static void
real_keep(struct dialler *dialler, int by)
{
	struct real *real = (struct real *)dialler;

	if (atomic_fetch_add(&real->users, by) + by > 0)
		return;
	names_free(&real->names);
	free(real);
}

struct dialler *
dialler_new(void)
{
	struct real *real = mem_new(sizeof *real);

	real->base.dial = real_dial;
	real->base.keep = real_keep;
	real->names = names_new();
	atomic_init(&real->users, 1);
	return &real->base;
}

void
dialler_free(struct dialler **dialler)
{
	if (*dialler)
		(*dialler)->keep(*dialler, -1);
	*dialler = NULL;
}

static int
refuse(const char *host, const char *address, struct err *err)
{
	err_set(err, E_NET_DIAL_LOOPBACK);
	err_fact(err, "host", span_of(host));
	return err_fact(err, "address", span_of(address));
}

static bool
is_literal(const char *host)
{
	struct in6_addr address;

	return inet_pton(AF_INET, host, &address) == 1 ||
	       inet_pton(AF_INET6, host, &address) == 1;
}

static int
loopback_dial(struct dialler *dialler, const char *host, uint16_t port,
    int *fd_out, struct err *err)
{
	bool is_local = span_equal_nocase(span_of(host), SPAN("localhost"));
	struct addresses to;

	(void)dialler;
	if (!is_local && !is_literal(host))
		return refuse(host, "?", err);
	if (names_look_up(is_local ? "127.0.0.1" : host, port, &to, err) < 0)
		return -1;
	for (int i = 0; i < to.count; i++) {
		if (!dial_is_loopback((struct sockaddr *)&to.address[i]))
			return refuse(host, host, err);
	}
	return dial_race(&to, host, port, fd_out, err) < 0 ? -1 : 0;
}

struct dialler *
dialler_loopback_only(void)
{
	static struct dialler loopback = {.dial = loopback_dial};

	return &loopback;
}

/* ---- Not waiting ------------------------------------------------------------------- */

/* Shared by the one who waits and the thread that dials; who comes last frees
 * it. */
struct call {
	struct dialler *dialler;
	/* of the dialler, which need not live longer when it has none */
	void (*keep)(struct dialler *dialler, int by);
	char *host;
	uint16_t port;
	int done_fd;          /* eventfd */
	pthread_mutex_t lock; /* of all below */
	int users;
	int rc, fd;
	struct err err;
};

static void
hang_up(struct call *call)
{
	int left;

	pthread_mutex_lock(&call->lock);
	left = --call->users;
	pthread_mutex_unlock(&call->lock);
	if (left)
		return;
	if (call->fd >= 0)
		close(call->fd);
	if (call->done_fd >= 0)
		close(call->done_fd);
	if (call->keep)
		call->keep(call->dialler, -1);
	pthread_mutex_destroy(&call->lock);
	free(call->host);
	free(call);
}

static void *
calling(void *arg)
{
	struct call *call = arg;
	struct err err = {0};
	int fd = -1;
	int rc = call->dialler->dial(
	    call->dialler, call->host, call->port, &fd, &err);

	pthread_mutex_lock(&call->lock);
	call->rc = rc;
	call->fd = fd;
	call->err = err;
	pthread_mutex_unlock(&call->lock);
	eventfd_write(call->done_fd, 1);
	hang_up(call);
	return NULL;
}

/* What came of it, into the hands of the one who waited. */
static int
answer(struct call *call, int *fd_out, struct err *err)
{
	int rc;

	pthread_mutex_lock(&call->lock);
	rc = call->rc;
	*fd_out = call->fd;
	call->fd = -1;
	if (rc < 0 && err)
		*err = call->err;
	pthread_mutex_unlock(&call->lock);
	return rc;
}

static struct call *
call_new(struct dialler *dialler, const char *host, uint16_t port)
{
	struct call *call = mem_new(sizeof *call);

	call->dialler = dialler;
	call->keep = dialler->keep;
	call->host = mem_text(span_of(host));
	call->port = port;
	call->done_fd = eventfd(0, EFD_CLOEXEC);
	call->fd = -1;
	call->users = 2;
	pthread_mutex_init(&call->lock, NULL);
	if (dialler->keep)
		dialler->keep(dialler, 1);
	return call;
}

/* An errno value; without a thread its place is empty. */
static int
start(struct call *call)
{
	pthread_attr_t attr;
	pthread_t thread;
	int rc = EMFILE;

	pthread_attr_init(&attr);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	if (call->done_fd >= 0)
		rc = pthread_create(&thread, &attr, calling, call);
	pthread_attr_destroy(&attr);
	if (rc != 0)
		call->users--;
	return rc;
}

int
dial_unless(struct dialler *dialler, const char *host, uint16_t port,
    int cancel_fd, int *fd_out, struct err *err)
{
	struct call *call = call_new(dialler, host, port);
	struct pollfd fds[2] = {{.fd = call->done_fd, .events = POLLIN},
	    {.fd = cancel_fd, .events = POLLIN}};
	int rc = start(call);

	if (rc != 0) {
		rc = err_sys(err, E_THREAD, rc);
	} else {
		while (poll(fds, 2, -1) < 0 && errno == EINTR)
			;
		rc = fds[0].revents ? answer(call, fd_out, err)
				    : err_set(err, E_CANCELLED);
	}
	hang_up(call);
	return rc;
}
