/* A socket, perhaps with TLS on it; the same five answers either way. */
#include "core/net/stream.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/net/dial.h"

struct stream {
	int fd;
	char *host;
	uint16_t port;
	struct tls_session *tls; /* NULL: clear */
};

/* The whole turn is one write, so waiting for more of it (Nagle) could only
 * cost: 40 ms a message with delayed acknowledgements. */
struct stream *
stream_new(int *fd, const char *host, uint16_t port)
{
	struct stream *stream = mem_new(sizeof *stream);
	int on = 1;

	stream->fd = *fd;
	*fd = -1;
	stream->host = mem_text(span_of(host));
	stream->port = port;
	setsockopt(stream->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	return stream;
}

int
stream_fd(const struct stream *stream)
{
	return stream->fd;
}

static enum stream_got
failed(struct stream *stream, enum err_code code, int sys, struct err *err)
{
	err_sys(err, code, sys);
	err_fact(err, "host", span_of(stream->host));
	err_fact_int(err, "port", stream->port);
	return STREAM_FAILED;
}

enum stream_got
stream_connected(struct stream *stream, struct err *err)
{
	struct sockaddr_storage peer;
	socklen_t len = sizeof peer;
	int sys = 0;
	socklen_t sys_len = sizeof sys;

	if (getsockopt(stream->fd, SOL_SOCKET, SO_ERROR, &sys, &sys_len) < 0)
		sys = errno;
	if (sys)
		return failed(stream, E_NET_CONNECT, sys, err);
	if (getpeername(stream->fd, (struct sockaddr *)&peer, &len) == 0)
		return STREAM_DONE;
	if (errno == ENOTCONN)
		return STREAM_WANT_WRITE;
	return failed(stream, E_NET_CONNECT, errno, err);
}

bool
stream_is_loopback(const struct stream *stream)
{
	struct sockaddr_storage peer;
	socklen_t len = sizeof peer;

	return getpeername(stream->fd, (struct sockaddr *)&peer, &len) == 0 &&
	       dial_is_loopback((struct sockaddr *)&peer);
}

static void
add_address(const struct sockaddr_storage *at, socklen_t len, struct buf *out)
{
	char host[64], port[8];

	if (getnameinfo((const struct sockaddr *)at, len, host, sizeof host,
		port, sizeof port, NI_NUMERICHOST | NI_NUMERICSERV) != 0)
		return;
	buf_printf(
	    out, at->ss_family == AF_INET6 ? "[%s]:%s" : "%s:%s", host, port);
}

void
stream_peer(const struct stream *stream, struct buf *out)
{
	struct sockaddr_storage peer;
	socklen_t len = sizeof peer;

	if (getpeername(stream->fd, (struct sockaddr *)&peer, &len) == 0)
		add_address(&peer, len, out);
}

void
stream_local(const struct stream *stream, struct buf *out)
{
	struct sockaddr_storage local;
	socklen_t len = sizeof local;

	if (getsockname(stream->fd, (struct sockaddr *)&local, &len) == 0)
		add_address(&local, len, out);
}

static enum stream_got
from_tls(enum tls_got got)
{
	switch (got) {
	case TLS_DONE:
		return STREAM_DONE;
	case TLS_WANT_READ:
		return STREAM_WANT_READ;
	case TLS_WANT_WRITE:
		return STREAM_WANT_WRITE;
	case TLS_CLOSED:
		return STREAM_CLOSED;
	case TLS_FAILED:
		break;
	}
	return STREAM_FAILED;
}

enum stream_got
stream_start_tls(struct stream *stream, struct tls_context *context,
    const struct tls_expect *expect, struct err *err)
{
	if (!stream->tls &&
	    tls_session_new(context, expect, stream->fd, &stream->tls, err) < 0)
		return STREAM_FAILED;
	return from_tls(tls_session_handshake(stream->tls, err));
}

size_t
stream_binding(const struct stream *stream, enum tls_binding *kind,
    unsigned char into[TLS_BINDING_MAX])
{
	return stream->tls ? tls_session_binding(stream->tls, kind, into) : 0;
}

enum stream_got
stream_read(struct stream *stream, void *into, size_t room, size_t *got,
    struct err *err)
{
	ssize_t n;

	if (stream->tls)
		return from_tls(
		    tls_session_read(stream->tls, into, room, got, err));
	n = recv(stream->fd, into, room, 0);
	if (n > 0) {
		*got = (size_t)n;
		return STREAM_DONE;
	}
	if (n == 0)
		return STREAM_CLOSED;
	if (errno == EAGAIN || errno == EINTR)
		return STREAM_WANT_READ;
	return failed(stream, E_NET_IO, errno, err);
}

bool
stream_pending(const struct stream *stream)
{
	return stream->tls && tls_session_pending(stream->tls);
}

enum stream_got
stream_write(
    struct stream *stream, struct span data, size_t *put, struct err *err)
{
	ssize_t n;

	if (stream->tls)
		return from_tls(tls_session_write(stream->tls, data, put, err));
	n = send(stream->fd, data.ptr, data.len, MSG_NOSIGNAL);
	if (n >= 0) {
		*put = (size_t)n;
		return STREAM_DONE;
	}
	if (errno == EAGAIN || errno == EINTR)
		return STREAM_WANT_WRITE;
	return failed(stream, E_NET_IO, errno, err);
}

void
stream_tls_record(const struct stream *stream, struct tls_record *out)
{
	if (stream->tls)
		tls_session_record(stream->tls, out);
	else
		*out = (struct tls_record){.state = TLS_STATE_CLEAR};
}

void
stream_free(struct stream **stream)
{
	if (!*stream)
		return;
	if ((*stream)->tls)
		tls_session_shut((*stream)->tls);
	tls_session_free(&(*stream)->tls);
	close((*stream)->fd);
	free((*stream)->host);
	free(*stream);
	*stream = NULL;
}
