/* TLS as a client.  Never below 1.2; names are checked against DNS-ID or
 * IP-ID only, never the subject (RFC 9525).  The result of verification is
 * recorded at every level, whether or not the level insists on it. */
#include "core/net/tls.h"

#include <arpa/inet.h>
#include <errno.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>

#include "core/base/mem.h"

struct tls_context {
	SSL_CTX *ssl;
	BIO_METHOD *wire;
	enum tls_level level;
};

struct tls_session {
	SSL *ssl;
	enum tls_level level;
	char *host;
	bool broken; /* no close_notify after a fatal error */
};

/* ---- a socket BIO that raises no SIGPIPE ---- */

static int
wire_write(BIO *bio, const char *bytes, int len)
{
	int fd = (int)(intptr_t)BIO_get_data(bio);
	ssize_t put = send(fd, bytes, (size_t)len, MSG_NOSIGNAL);

	BIO_clear_retry_flags(bio);
	if (put < 0 && (errno == EAGAIN || errno == EINTR))
		BIO_set_retry_write(bio);
	return (int)put;
}

static int
wire_read(BIO *bio, char *into, int room)
{
	int fd = (int)(intptr_t)BIO_get_data(bio);
	ssize_t got = recv(fd, into, (size_t)room, 0);

	BIO_clear_retry_flags(bio);
	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		BIO_set_retry_read(bio);
	if (got == 0)
		BIO_set_flags(bio, BIO_FLAGS_IN_EOF);
	return (int)got;
}

static long
wire_ctrl(BIO *bio, int what, long number, void *pointer)
{
	(void)number, (void)pointer;
	if (what == BIO_CTRL_EOF)
		return BIO_test_flags(bio, BIO_FLAGS_IN_EOF) != 0;
	return what == BIO_CTRL_FLUSH || what == BIO_CTRL_PUSH;
}

static BIO_METHOD *
wire_method(void)
{
	BIO_METHOD *wire = BIO_meth_new(
	    BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "sekisho socket");

	if (wire) {
		BIO_meth_set_write(wire, wire_write);
		BIO_meth_set_read(wire, wire_read);
		BIO_meth_set_ctrl(wire, wire_ctrl);
	}
	return wire;
}

/* ---- contexts ---- */

static const char *
reason(void)
{
	const char *text = ERR_reason_error_string(ERR_peek_last_error());

	return text ? text : "";
}

static int
setup_failed(struct err *err, const char *what, const char *path)
{
	err_set(err, E_TLS_SETUP);
	err_fact(err, "what", span_of(what));
	err_fact(err, "path", span_of(path));
	err_fact(err, "why", span_of(reason()));
	ERR_clear_error();
	return -1;
}

static bool
is_strict(enum tls_level level)
{
	return level == TLS_LEVEL_VERIFY || level == TLS_LEVEL_IMPLICIT;
}

int
tls_context_new(enum tls_level level, const char *ca_file,
    struct tls_context **out, struct err *err)
{
	struct tls_context *context = mem_new(sizeof *context);
	int rc = -1;

	ERR_clear_error();
	context->level = level;
	context->wire = wire_method();
	context->ssl = SSL_CTX_new(TLS_client_method());
	if (!context->ssl || !context->wire ||
	    !SSL_CTX_set_min_proto_version(context->ssl, TLS1_2_VERSION)) {
		setup_failed(err, "context", "");
		goto out;
	}
	SSL_CTX_set_options(context->ssl, SSL_OP_IGNORE_UNEXPECTED_EOF |
					      SSL_OP_NO_RENEGOTIATION |
					      SSL_OP_NO_COMPRESSION);
	SSL_CTX_set_mode(context->ssl, SSL_MODE_ENABLE_PARTIAL_WRITE |
					   SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	/* one recv() for a record instead of two */
	SSL_CTX_set_read_ahead(context->ssl, 1);
	SSL_CTX_set_verify(context->ssl,
	    is_strict(level) ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, NULL);
	if (ca_file
		? !SSL_CTX_load_verify_locations(context->ssl, ca_file, NULL)
		: !SSL_CTX_set_default_verify_paths(context->ssl)) {
		setup_failed(err, "authorities", ca_file ? ca_file : "");
		goto out;
	}
	*out = context;
	context = NULL;
	rc = 0;
out:
	tls_context_free(&context);
	return rc;
}

void
tls_context_free(struct tls_context **context)
{
	if (!*context)
		return;
	SSL_CTX_free((*context)->ssl);
	BIO_meth_free((*context)->wire);
	free(*context);
	*context = NULL;
}

/* ---- sessions ---- */

/* Tells OpenSSL whom to expect: a name (with SNI) or an address. */
static bool
expect(SSL *ssl, char *host)
{
	X509_VERIFY_PARAM *param = SSL_get0_param(ssl);
	unsigned char address[sizeof(struct in6_addr)];

	X509_VERIFY_PARAM_set_hostflags(
	    param, X509_CHECK_FLAG_NEVER_CHECK_SUBJECT |
		       X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
	if (inet_pton(AF_INET, host, address) == 1)
		return X509_VERIFY_PARAM_set1_ip(param, address, 4);
	if (inet_pton(AF_INET6, host, address) == 1)
		return X509_VERIFY_PARAM_set1_ip(param, address, 16);
	return X509_VERIFY_PARAM_set1_host(param, host, 0) &&
	       SSL_set_tlsext_host_name(ssl, host);
}

int
tls_session_new(struct tls_context *context, const char *host, int fd,
    struct tls_session **out, struct err *err)
{
	struct tls_session *session = mem_new(sizeof *session);
	BIO *bio = NULL;
	int rc = -1;

	ERR_clear_error();
	session->level = context->level;
	session->host = mem_text(span_of(host));
	session->ssl = SSL_new(context->ssl);
	bio = BIO_new(context->wire);
	if (!session->ssl || !bio || !expect(session->ssl, session->host)) {
		setup_failed(err, "session", host);
		goto out;
	}
	BIO_set_data(bio, (void *)(intptr_t)fd);
	BIO_set_init(bio, 1);
	SSL_set_bio(session->ssl, bio, bio);
	bio = NULL;
	SSL_set_connect_state(session->ssl);
	*out = session;
	session = NULL;
	rc = 0;
out:
	BIO_free(bio);
	tls_session_free(&session);
	return rc;
}

/* What a result of an SSL_ function means, without wording an error. */
static enum tls_got
sort_out(struct tls_session *session, int result)
{
	switch (SSL_get_error(session->ssl, result)) {
	case SSL_ERROR_NONE:
		return TLS_DONE;
	case SSL_ERROR_WANT_READ:
		return TLS_WANT_READ;
	case SSL_ERROR_WANT_WRITE:
		return TLS_WANT_WRITE;
	case SSL_ERROR_ZERO_RETURN:
		return TLS_CLOSED;
	case SSL_ERROR_SYSCALL:
		session->broken = true;
		return errno == 0 ? TLS_CLOSED : TLS_FAILED;
	default:
		session->broken = true;
		return TLS_FAILED;
	}
}

static void
handshake_failed(struct tls_session *session, int sys, struct err *err)
{
	long verify = SSL_get_verify_result(session->ssl);
	const char *why = reason();

	if (is_strict(session->level) && verify != X509_V_OK) {
		err_set(err, E_TLS_VERIFY);
		why = X509_verify_cert_error_string(verify);
	} else {
		err_sys(err, E_TLS_HANDSHAKE, sys);
		if (!*why)
			why = "connection closed";
	}
	err_fact(err, "host", span_of(session->host));
	err_fact(err, "why", span_of(why));
	ERR_clear_error();
}

enum tls_got
tls_session_handshake(struct tls_session *session, struct err *err)
{
	enum tls_got got;

	ERR_clear_error();
	errno = 0;
	got = sort_out(session, SSL_do_handshake(session->ssl));
	if (got == TLS_CLOSED || got == TLS_FAILED) {
		handshake_failed(session, errno, err);
		session->broken = true;
		return TLS_FAILED;
	}
	return got;
}

static enum tls_got
io_result(struct tls_session *session, int result, struct err *err)
{
	enum tls_got got = sort_out(session, result);

	if (got == TLS_FAILED) {
		err_sys(err, E_NET_IO, errno);
		err_fact(err, "host", span_of(session->host));
		err_fact(err, "why", span_of(reason()));
		ERR_clear_error();
	}
	return got;
}

enum tls_got
tls_session_read(struct tls_session *session, void *into, size_t room,
    size_t *got, struct err *err)
{
	ERR_clear_error();
	errno = 0;
	return io_result(
	    session, SSL_read_ex(session->ssl, into, room, got), err);
}

bool
tls_session_pending(const struct tls_session *session)
{
	return SSL_has_pending(session->ssl) == 1;
}

enum tls_got
tls_session_write(
    struct tls_session *session, struct span data, size_t *put, struct err *err)
{
	ERR_clear_error();
	errno = 0;
	return io_result(
	    session, SSL_write_ex(session->ssl, data.ptr, data.len, put), err);
}

void
tls_session_shut(struct tls_session *session)
{
	if (session->broken || !SSL_is_init_finished(session->ssl))
		return;
	ERR_clear_error();
	SSL_shutdown(session->ssl);
	ERR_clear_error();
}

static int64_t
time_of(const ASN1_TIME *time)
{
	struct tm tm;

	if (!time || !ASN1_TIME_to_tm(time, &tm))
		return 0;
	return (int64_t)timegm(&tm) * 1000;
}

void
tls_session_record(const struct tls_session *session, struct tls_record *out)
{
	const SSL *ssl = session->ssl;
	X509 *peer = SSL_get1_peer_certificate(ssl);
	long verify = SSL_get_verify_result(ssl);
	const char *cipher = SSL_get_cipher_name(ssl);

	*out = (struct tls_record){.state = TLS_STATE_CLEAR};
	if (SSL_is_init_finished(ssl)) {
		out->state = peer && verify == X509_V_OK ? TLS_STATE_VERIFIED
							 : TLS_STATE_UNVERIFIED;
		snprintf(out->version, sizeof out->version, "%s",
		    SSL_get_version(ssl));
		snprintf(out->cipher, sizeof out->cipher, "%s",
		    cipher ? cipher : "");
	}
	if (verify != X509_V_OK)
		snprintf(out->why, sizeof out->why, "%s",
		    X509_verify_cert_error_string(verify));
	if (!peer)
		return;
	X509_digest(peer, EVP_sha256(), out->peer.bytes, NULL);
	out->not_before_ms = time_of(X509_get0_notBefore(peer));
	out->not_after_ms = time_of(X509_get0_notAfter(peer));
	X509_free(peer);
}

void
tls_session_free(struct tls_session **session)
{
	if (!*session)
		return;
	SSL_free((*session)->ssl);
	free((*session)->host);
	free(*session);
	*session = NULL;
}
