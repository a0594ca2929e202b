/* A connection from either end.  The socket's folder is opened first and the
 * socket is then named below /proc/self/fd, so that the length of a path does
 * not matter: sun_path has room for 107 octets. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "core/access/socket_io.h"
#include "core/base/clock.h"
#include "core/base/mem.h"

enum { SAY_MS = 2000, PASSWD_ROOM = 64 * 1024, READ_ROOM = 16 * 1024 };

int
socket_folder(const char *dir, struct sockaddr_un *out)
{
	int folder = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);

	*out = (struct sockaddr_un){.sun_family = AF_UNIX};
	if (folder >= 0)
		snprintf(out->sun_path, sizeof out->sun_path,
		    "/proc/self/fd/%d/" SOCKET_FILE, folder);
	return folder;
}

/* No process has left a socket, or the one that did has gone. */
static bool
means_nobody(int sys)
{
	return sys == ENOENT || sys == ECONNREFUSED || sys == ENOTDIR;
}

int
socket_call(const char *dir, struct socket_line *out, struct err *err)
{
	struct sockaddr_un address;
	int folder = socket_folder(dir, &address), fd = -1, sys = 0;

	*out = SOCKET_LINE_INIT;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (folder < 0 || fd < 0 ||
	    connect(fd, (struct sockaddr *)&address, sizeof address) < 0)
		sys = errno;
	if (folder >= 0)
		close(folder);
	if (!sys) {
		out->fd = fd;
		return 0;
	}
	if (fd >= 0)
		close(fd);
	err_sys(err, means_nobody(sys) ? E_SOCKET_NONE : E_SOCKET_CALL, sys);
	return err_fact(err, "path", span_of(dir));
}

int
socket_pair(struct socket_line *a, struct socket_line *b, struct err *err)
{
	int fd[2];

	*a = *b = SOCKET_LINE_INIT;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fd) < 0)
		return err_sys(err, E_SOCKET_CALL, errno);
	a->fd = fd[0];
	b->fd = fd[1];
	return 0;
}

void
socket_line_done(struct socket_line *line)
{
	if (line->fd >= 0)
		close(line->fd);
	buf_done(&line->in);
	*line = SOCKET_LINE_INIT;
}

/* ---- Out -------------------------------------------------------------------- */

ssize_t
socket_push(int fd, struct span bytes, const int *fds)
{
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(SOCKET_FDS * sizeof(int))];
	} control = {.room = {0}};
	struct iovec part = {
	    .iov_base = (void *)(uintptr_t)bytes.ptr, .iov_len = bytes.len};
	struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};

	if (fds) {
		message.msg_control = control.room;
		message.msg_controllen = sizeof control.room;
		control.head.cmsg_level = SOL_SOCKET;
		control.head.cmsg_type = SCM_RIGHTS;
		control.head.cmsg_len = CMSG_LEN(SOCKET_FDS * sizeof(int));
		memcpy(CMSG_DATA(&control.head), fds, SOCKET_FDS * sizeof(int));
	}
	return sendmsg(fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
}

static int
closed(struct err *err, int sys)
{
	return err_sys(err, E_SOCKET_CLOSED, sys);
}

/* The descriptors go with the first octet. */
static int
push_all(int fd, struct span rest, const int *fds, struct err *err)
{
	int64_t until = clock_steady_ms(clock_real()) + SAY_MS, left;
	struct pollfd out = {.fd = fd, .events = POLLOUT};

	while (rest.len) {
		ssize_t sent = socket_push(fd, rest, fds);

		if (sent > 0) {
			rest = span_slice(rest, (size_t)sent, rest.len);
			fds = NULL;
			continue;
		}
		if (sent < 0 && errno != EAGAIN && errno != EINTR)
			return closed(err, errno);
		left = until - clock_steady_ms(clock_real());
		if (left <= 0 || poll(&out, 1, (int)left) < 0)
			return closed(err, ETIMEDOUT);
	}
	return 0;
}

int
socket_hand(struct socket_line *line, enum socket_kind kind, struct span body,
    const int fds[SOCKET_FDS], struct err *err)
{
	struct buf frame = BUF_INIT;
	int rc;

	socket_frame_add(&frame, kind, body);
	rc = push_all(line->fd, buf_span(&frame), fds, err);
	buf_done(&frame);
	return rc;
}

int
socket_say(struct socket_line *line, enum socket_kind kind, struct span body,
    struct err *err)
{
	return socket_hand(line, kind, body, NULL, err);
}

/* ---- In --------------------------------------------------------------------- */

static int
take_frame(struct socket_line *line, struct socket_frame *out, struct err *err)
{
	int used = socket_frame_take(buf_span(&line->in), out, err);

	if (used <= 0)
		return used;
	line->used = (size_t)used;
	return 1;
}

/* What comes without room for descriptors loses them: nobody can leave one
 * here. */
int
socket_hear(struct socket_line *line, struct socket_frame *out, struct err *err)
{
	ssize_t got;
	int rc;

	buf_drop(&line->in, line->used);
	line->used = 0;
	while ((rc = take_frame(line, out, err)) == 0) {
		buf_reserve(&line->in, READ_ROOM);
		got = recv(line->fd, line->in.ptr + line->in.len, READ_ROOM,
		    MSG_DONTWAIT);
		if (got < 0 && (errno == EAGAIN || errno == EINTR))
			return 0;
		if (got <= 0)
			return closed(err, got < 0 ? errno : 0);
		line->in.len += (size_t)got;
		line->in.ptr[line->in.len] = '\0';
	}
	return rc;
}

int
socket_wait(struct socket_line *line, int timeout_ms, struct socket_frame *out,
    struct err *err)
{
	int64_t until = clock_steady_ms(clock_real()) + timeout_ms, left;
	struct pollfd in = {.fd = line->fd, .events = POLLIN};
	int rc;

	while ((rc = socket_hear(line, out, err)) == 0) {
		left = until - clock_steady_ms(clock_real());
		if (timeout_ms >= 0 && left <= 0)
			return 0;
		if (poll(&in, 1, timeout_ms < 0 ? -1 : (int)left) < 0 &&
		    errno != EINTR)
			return closed(err, errno);
	}
	return rc;
}

int
socket_peer(int fd, struct socket_peer *out, struct err *err)
{
	struct ucred who;
	socklen_t len = sizeof who;
	struct passwd entry, *found = NULL;
	char *room;

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &len) < 0)
		return err_sys(err, E_SOCKET_CALL, errno);
	room = mem_new(PASSWD_ROOM);
	*out = (struct socket_peer){.uid = who.uid, .pid = who.pid};
	if (getpwuid_r(who.uid, &entry, room, PASSWD_ROOM, &found) == 0 &&
	    found)
		span_text(out->name, sizeof out->name, span_of(found->pw_name));
	else
		snprintf(
		    out->name, sizeof out->name, "%lu", (unsigned long)who.uid);
	free(room);
	return 0;
}
