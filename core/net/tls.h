/* TLS client over a non-blocking socket, through OpenSSL. */
#ifndef CORE_NET_TLS_H
#define CORE_NET_TLS_H

#include <stddef.h>
#include <stdint.h>

#include "core/base/crypt.h"
#include "core/base/err.h"
#include "core/net/target.h"

enum { TLS_VERSION_MAX = 15, TLS_CIPHER_MAX = 63, TLS_WHY_MAX = 127 };

enum tls_state {
	TLS_STATE_CLEAR,      /* no TLS */
	TLS_STATE_UNVERIFIED, /* encrypted, peer not authenticated */
	TLS_STATE_VERIFIED    /* chain and name checked */
};

/* What is kept of a connection's TLS, per attempt. */
struct tls_record {
	enum tls_state state;
	char version[TLS_VERSION_MAX + 1]; /* "TLSv1.3" */
	char cipher[TLS_CIPHER_MAX + 1];
	char why[TLS_WHY_MAX + 1]; /* verification error, "" when verified */
	struct digest peer;        /* SHA-256 of the certificate (DER) */
	int64_t not_before_ms, not_after_ms; /* its validity; 0: unknown */
};

/* The settings of one relay, loaded once and shared by its sessions and
 * threads. */
struct tls_context;

/* Makes a context for level; ca_file (PEM) replaces the system's authorities
 * when not NULL.  The caller frees *out.  E_TLS_SETUP with what, path. */
int tls_context_new(enum tls_level level, const char *ca_file,
    struct tls_context **out, struct err *err);

/* Frees a context, whose sessions must be freed before.  Accepts NULL, sets
 * *context to NULL. */
void tls_context_free(struct tls_context **context);

/* What a call on a session came to. */
enum tls_got {
	TLS_DONE,
	TLS_WANT_READ,
	TLS_WANT_WRITE,
	TLS_CLOSED, /* the peer ended the connection */
	TLS_FAILED  /* err says why */
};

struct tls_session;

/* A client session on the connected socket fd (borrowed), expecting the name
 * or address literal host (SNI only for names).  The caller frees *out before
 * closing fd.  E_TLS_SETUP. */
int tls_session_new(struct tls_context *context, const char *host, int fd,
    struct tls_session **out, struct err *err);

/* Goes on with the handshake.  E_TLS_VERIFY (host, why) when the peer is not
 * who it must be, else E_TLS_HANDSHAKE (host, why). */
enum tls_got tls_session_handshake(
    struct tls_session *session, struct err *err);

/* Reads up to room octets; *got says how many on TLS_DONE.  E_NET_IO. */
enum tls_got tls_session_read(struct tls_session *session, void *into,
    size_t room, size_t *got, struct err *err);

/* True when octets are decrypted already, so that poll will not tell. */
bool tls_session_pending(const struct tls_session *session);

/* Writes from data; *put says how many octets left completely (whole TLS
 * records) on TLS_DONE.  After TLS_WANT_* call again with the same data or
 * more behind it.  E_NET_IO. */
enum tls_got tls_session_write(struct tls_session *session, struct span data,
    size_t *put, struct err *err);

/* Sends close_notify when that is possible at once. */
void tls_session_shut(struct tls_session *session);

/* Fills out after a finished (or failed) handshake. */
void tls_session_record(
    const struct tls_session *session, struct tls_record *out);

/* Frees a session; accepts NULL, sets *session to NULL. */
void tls_session_free(struct tls_session **session);

#endif
