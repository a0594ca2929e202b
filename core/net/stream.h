/* A non-blocking TCP connection with TLS when asked for. */
#ifndef CORE_NET_STREAM_H
#define CORE_NET_STREAM_H

#include "core/net/tls.h"

struct stream;

enum stream_got {
	STREAM_DONE,
	STREAM_WANT_READ,  /* wait for POLLIN */
	STREAM_WANT_WRITE, /* wait for POLLOUT */
	STREAM_CLOSED,     /* end of file */
	STREAM_FAILED      /* err says why */
};

/* Takes over the socket of a dialler (*fd becomes -1): non-blocking, no Nagle.
 * host is copied, for errors.  The caller frees it. */
struct stream *stream_new(int *fd, const char *host, uint16_t port);

/* The socket, for poll. */
int stream_fd(const struct stream *stream);

/* Ends connecting, after POLLOUT.  E_NET_CONNECT. */
enum stream_got stream_connected(struct stream *stream, struct err *err);

/* True when the peer's address is 127/8 or ::1. */
bool stream_is_loopback(const struct stream *stream);

/* Appends the peer's address and port, "192.0.2.1:587". */
void stream_peer(const struct stream *stream, struct buf *out);

/* Appends our own address and port, likewise. */
void stream_local(const struct stream *stream, struct buf *out);

/* Starts TLS on, or goes on with, the handshake; expect as in
 * tls_session_new(). */
enum stream_got stream_start_tls(struct stream *stream,
    struct tls_context *context, const struct tls_expect *expect,
    struct err *err);

/* Channel binding data as tls_session_binding(); 0 octets without TLS. */
size_t stream_binding(const struct stream *stream, enum tls_binding *kind,
    unsigned char into[TLS_BINDING_MAX]);

/* Reads up to room octets; *got on STREAM_DONE.  E_NET_IO. */
enum stream_got stream_read(struct stream *stream, void *into, size_t room,
    size_t *got, struct err *err);

/* True when stream_read() has octets that poll does not know of. */
bool stream_pending(const struct stream *stream);

/* Writes from data; *put on STREAM_DONE.  E_NET_IO. */
enum stream_got stream_write(
    struct stream *stream, struct span data, size_t *put, struct err *err);

/* The TLS of this stream; state CLEAR when there is none. */
void stream_tls_record(const struct stream *stream, struct tls_record *out);

/* Closes (with close_notify) and frees; accepts NULL, sets *stream to NULL. */
void stream_free(struct stream **stream);

#endif
