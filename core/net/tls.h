/* TLS client over a non-blocking socket, through OpenSSL. */
#ifndef CORE_NET_TLS_H
#define CORE_NET_TLS_H

#include <stddef.h>
#include <stdint.h>

#include "core/base/crypt.h"
#include "core/base/err.h"
#include "core/net/target.h"

enum {
	TLS_VERSION_MAX = 15,
	TLS_CIPHER_MAX = 63,
	TLS_WHY_MAX = 127,
	TLS_NAME_MAX = 255,
	TLS_POLICY_MAX = 31
};

enum tls_state {
	TLS_STATE_CLEAR,      /* no TLS */
	TLS_STATE_UNVERIFIED, /* encrypted, peer not authenticated */
	TLS_STATE_VERIFIED    /* chain and name, a pin or TLSA matched */
};

/* What is kept of a connection's TLS, per attempt. */
struct tls_record {
	enum tls_state state;
	enum tls_level level;              /* that was asked for */
	char policy[TLS_POLICY_MAX + 1];   /* what decided: "verify", "dane" */
	char version[TLS_VERSION_MAX + 1]; /* "TLSv1.3" */
	char cipher[TLS_CIPHER_MAX + 1];
	char name[TLS_NAME_MAX + 1]; /* that the certificate proved, or "" */
	char why[TLS_WHY_MAX + 1];   /* verification error, "" when verified */
	bool has_peer;               /* there was a certificate */
	bool resumed;       /* from an earlier session of the context */
	struct digest peer; /* SHA-256 of the certificate (DER) */
	struct digest spki; /* SHA-256 of its public key: the pin */
	int64_t not_before_ms, not_after_ms; /* its validity; 0: unknown */
};

/* Authorities, and sessions to be resumed: made once, shared by the sessions
 * of all threads.  A session is resumed only by one that expects the same. */
struct tls_context;

/* Makes a context; ca_file (PEM) replaces the system's authorities when not
 * NULL.  The caller frees *out.  E_TLS_SETUP with what, path. */
int tls_context_new(
    const char *ca_file, struct tls_context **out, struct err *err);

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

/* A client session on the connected socket fd (borrowed); expect->host is a
 * name or an address literal (SNI only for names).  The caller frees *out
 * before closing fd.  E_TLS_SETUP. */
int tls_session_new(struct tls_context *context,
    const struct tls_expect *expect, int fd, struct tls_session **out,
    struct err *err);

/* Goes on with the handshake.  When the peer is not who it must be E_TLS_PIN
 * (host, pin) at a level with pins, else E_TLS_VERIFY (host, why); else
 * E_TLS_HANDSHAKE (host, why). */
enum tls_got tls_session_handshake(
    struct tls_session *session, struct err *err);

enum tls_binding {
	TLS_BINDING_EXPORTER, /* "tls-exporter", RFC 9266: TLS 1.3 */
	TLS_BINDING_END_POINT /* "tls-server-end-point", RFC 5929: TLS 1.2 */
};

enum { TLS_BINDING_MAX = 64 };

/* Channel binding data of a finished handshake for SCRAM-PLUS; 0 octets when
 * it has none. */
size_t tls_session_binding(const struct tls_session *session,
    enum tls_binding *kind, unsigned char into[TLS_BINDING_MAX]);

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
