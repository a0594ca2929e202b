/* Name to connected socket.  The loopback dialler judges addresses, not
 * names: whatever the resolver says, nothing else is ever dialled. */
#include "core/net/dial.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

enum { STEP_MS = 1000 };

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

static int
resolve(const char *host, uint16_t port, struct addrinfo **out, struct err *err)
{
	struct addrinfo want = {
	    .ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV};
	char service[8];
	int rc;

	snprintf(service, sizeof service, "%u", port);
	rc = getaddrinfo(host, service, &want, out);
	if (rc == 0)
		return 0;
	err_sys(err, E_NET_RESOLVE, rc == EAI_SYSTEM ? errno : 0);
	err_fact(err, "host", span_of(host));
	return err_fact(err, "why", span_of(gai_strerror(rc)));
}

/* Starts one connection; -1 with errno. */
static int
begin(const struct addrinfo *to)
{
	int fd, saved;

	fd = socket(to->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC,
	    to->ai_protocol);
	if (fd < 0)
		return -1;
	if (connect(fd, to->ai_addr, to->ai_addrlen) == 0 ||
	    errno == EINPROGRESS)
		return fd;
	saved = errno;
	close(fd);
	errno = saved;
	return -1;
}

/* 0 when fd connects within STEP_MS, else -1 with errno. */
static int
settle(int fd)
{
	struct pollfd wait = {.fd = fd, .events = POLLOUT};
	socklen_t len = sizeof errno;
	int why = ETIMEDOUT;

	if (poll(&wait, 1, STEP_MS) == 1 &&
	    getsockopt(fd, SOL_SOCKET, SO_ERROR, &why, &len) < 0)
		why = errno;
	errno = why;
	return why ? -1 : 0;
}

/* The last address is left connecting: its owner waits for it anyway. */
static int
dial_list(const struct addrinfo *list)
{
	int fd = -1, saved;

	for (const struct addrinfo *to = list; to; to = to->ai_next) {
		fd = begin(to);
		if (fd >= 0 && (!to->ai_next || settle(fd) == 0))
			return fd;
		if (fd < 0)
			continue;
		saved = errno;
		close(fd);
		errno = saved;
	}
	return -1;
}

static int
connect_to(const char *host, uint16_t port, const struct addrinfo *list,
    int *fd_out, struct err *err)
{
	int fd = dial_list(list);

	if (fd < 0) {
		err_sys(err, E_NET_CONNECT, errno);
		err_fact(err, "host", span_of(host));
		return err_fact_int(err, "port", port);
	}
	*fd_out = fd;
	return 0;
}

static int
real_dial(struct dialler *dialler, const char *host, uint16_t port, int *fd_out,
    struct err *err)
{
	struct addrinfo *list = NULL;
	int rc;

	(void)dialler;
	if (resolve(host, port, &list, err) < 0)
		return -1;
	rc = connect_to(host, port, list, fd_out, err);
	freeaddrinfo(list);
	return rc;
}

static int
refuse(const char *host, const struct addrinfo *to, struct err *err)
{
	char text[INET6_ADDRSTRLEN] = "";

	getnameinfo(to->ai_addr, to->ai_addrlen, text, sizeof text, NULL, 0,
	    NI_NUMERICHOST);
	err_set(err, E_NET_DIAL_LOOPBACK);
	err_fact(err, "host", span_of(host));
	return err_fact(err, "address", span_of(text));
}

static int
loopback_dial(struct dialler *dialler, const char *host, uint16_t port,
    int *fd_out, struct err *err)
{
	struct addrinfo *list = NULL, *to;
	int rc;

	(void)dialler;
	if (resolve(host, port, &list, err) < 0)
		return -1;
	for (to = list; to && dial_is_loopback(to->ai_addr); to = to->ai_next)
		;
	rc = to ? refuse(host, to, err)
		: connect_to(host, port, list, fd_out, err);
	freeaddrinfo(list);
	return rc;
}

struct dialler *
dialler_real(void)
{
	static struct dialler real = {real_dial};

	return &real;
}

struct dialler *
dialler_loopback_only(void)
{
	static struct dialler loopback = {loopback_dial};

	return &loopback;
}
