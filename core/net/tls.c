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
#include "core/net/tls_cache.h"

struct tls_context {
	SSL_CTX *ssl;
	BIO_METHOD *wire;
	struct tls_cache *cache;
};

struct tls_session {
	struct tls_context *context; /* borrowed */
	SSL *ssl;
	enum tls_level level;
	char policy[TLS_POLICY_MAX + 1];
	char *host;
	bool is_strict; /* no connection but to a peer that is proven */
	bool by_key;    /* a pinned key makes up for a faulty chain */
	const struct digest *pins; /* borrowed */
	size_t pin_count;
	struct digest key; /* of the cache */
	bool broken;       /* no close_notify after a fatal error */
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

/* OpenSSL tells of each ticket it is sent. */
static int
keep_session(SSL *ssl, SSL_SESSION *ticket)
{
	struct tls_session *session = SSL_get_app_data(ssl);

	tls_cache_put(session->context->cache, &session->key, ticket,
	    SSL_session_reused(ssl) ? TLS_CACHE_RESUMED : TLS_CACHE_VERIFIED);
	return 0; /* the reference stays OpenSSL's */
}

static void
set_up(SSL_CTX *ssl)
{
	SSL_CTX_set_options(ssl, SSL_OP_IGNORE_UNEXPECTED_EOF |
				     SSL_OP_NO_RENEGOTIATION |
				     SSL_OP_NO_COMPRESSION);
	SSL_CTX_set_mode(ssl, SSL_MODE_ENABLE_PARTIAL_WRITE |
				  SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	/* one recv() for a record instead of two */
	SSL_CTX_set_read_ahead(ssl, 1);
	SSL_CTX_set_session_cache_mode(
	    ssl, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
	SSL_CTX_sess_set_new_cb(ssl, keep_session);
}

int
tls_context_new(const char *ca_file, struct tls_context **out, struct err *err)
{
	struct tls_context *context = mem_new(sizeof *context);
	int rc = -1;

	ERR_clear_error();
	context->wire = wire_method();
	context->cache = tls_cache_new();
	context->ssl = SSL_CTX_new(TLS_client_method());
	if (!context->ssl || !context->wire ||
	    !SSL_CTX_set_min_proto_version(context->ssl, TLS1_2_VERSION) ||
	    SSL_CTX_dane_enable(context->ssl) <= 0) {
		setup_failed(err, "context", "");
		goto out;
	}
	set_up(context->ssl);
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
	tls_cache_free(&(*context)->cache);
	free(*context);
	*context = NULL;
}

/* ---- sessions ---- */

/* Tells OpenSSL whom to expect: a name (with SNI) or an address. */
static bool
expect_host(SSL *ssl, char *host)
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

/* DANE (RFC 7672): usages 0 and 1 do not exist for SMTP; of records that are
 * all unusable there remains that the connection is encrypted. */
static bool
expect_dane(struct tls_session *session, const struct tls_expect *expect)
{
	int usable = 0;

	if (SSL_dane_enable(session->ssl, session->host) <= 0)
		return false;
	SSL_dane_set_flags(session->ssl, DANE_FLAG_NO_DANE_EE_NAMECHECKS);
	for (size_t i = 0; i < expect->tlsa_count; i++) {
		const struct tls_tlsa *tlsa = &expect->tlsa[i];

		if (tlsa->usage != 2 && tlsa->usage != 3)
			continue;
		if (SSL_dane_tlsa_add(session->ssl, tlsa->usage, tlsa->selector,
			tlsa->matching, (const unsigned char *)tlsa->data.ptr,
			tlsa->data.len) > 0)
			usable++;
	}
	ERR_clear_error();
	session->is_strict = usable > 0;
	if (!session->is_strict)
		snprintf(
		    session->policy, sizeof session->policy, "dane-unusable");
	return true;
}

/* At PIN also without any pin: the key that is there can then be told. */
static bool
is_pinned(const struct tls_expect *expect)
{
	return expect->level == TLS_LEVEL_PIN ||
	       (expect->level == TLS_LEVEL_IMPLICIT && expect->pin_count);
}

/* With pins the chain is looked at after the handshake: a key that matches
 * makes up for any fault of it. */
static bool
set_expected(struct tls_session *session, const struct tls_expect *expect)
{
	enum tls_level level = expect->level;
	bool good;

	session->level = level;
	session->is_strict = level == TLS_LEVEL_VERIFY ||
			     level == TLS_LEVEL_IMPLICIT ||
			     level == TLS_LEVEL_PIN;
	snprintf(session->policy, sizeof session->policy, "%s",
	    expect->policy ? expect->policy : tls_level_name(level));
	session->by_key = is_pinned(expect);
	if (session->by_key) {
		session->pins = expect->pins;
		session->pin_count = expect->pin_count;
	}
	good = level == TLS_LEVEL_DANE
		   ? expect_dane(session, expect)
		   : expect_host(session->ssl, session->host);
	if (good && expect->also)
		good = X509_VERIFY_PARAM_add1_host(
		    SSL_get0_param(session->ssl), expect->also, 0);
	SSL_set_verify(session->ssl,
	    session->is_strict && !session->by_key ? SSL_VERIFY_PEER
						   : SSL_VERIFY_NONE,
	    NULL);
	return good;
}

/* Offers the newest session to resume. */
static void
offer_session(
    struct tls_session *session, const struct tls_expect *expect, int fd)
{
	SSL_SESSION *old;

	tls_cache_key(expect, fd, &session->key);
	old = tls_cache_take(session->context->cache, &session->key);
	if (old)
		SSL_set_session(session->ssl, old);
	SSL_SESSION_free(old);
}

int
tls_session_new(struct tls_context *context, const struct tls_expect *expect,
    int fd, struct tls_session **out, struct err *err)
{
	struct tls_session *session = mem_new(sizeof *session);
	BIO *bio = NULL;
	int rc = -1;

	ERR_clear_error();
	session->context = context;
	session->host = mem_text(span_of(expect->host));
	session->ssl = SSL_new(context->ssl);
	bio = BIO_new(context->wire);
	if (!session->ssl || !bio || !set_expected(session, expect)) {
		setup_failed(err, "session", expect->host);
		goto out;
	}
	SSL_set_app_data(session->ssl, session);
	offer_session(session, expect, fd);
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

	if (session->is_strict && !session->by_key && verify != X509_V_OK) {
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

/* SHA-256 over the certificate's SubjectPublicKeyInfo. */
static bool
key_digest(const X509 *peer, struct digest *out)
{
	unsigned char *der = NULL;
	int len = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(peer), &der);

	if (len > 0)
		crypt_sha256(span_make(der, (size_t)len), out);
	OPENSSL_free(der);
	return len > 0;
}

static bool
is_pin(const struct tls_session *session, const struct digest *key)
{
	for (size_t i = 0; i < session->pin_count; i++) {
		if (digest_equal(&session->pins[i], key))
			return true;
	}
	return false;
}

static bool
has_pinned_key(const struct tls_session *session)
{
	X509 *peer = SSL_get0_peer_certificate(session->ssl);
	struct digest key;

	return peer && key_digest(peer, &key) && is_pin(session, &key);
}

static enum tls_got
refuse_key(struct tls_session *session, struct err *err)
{
	X509 *peer = SSL_get0_peer_certificate(session->ssl);
	unsigned char text[4 * (SHA256_LEN + 2) / 3 + 1] = "";
	struct digest key;

	if (peer && key_digest(peer, &key))
		EVP_EncodeBlock(text, key.bytes, SHA256_LEN);
	err_set(err, E_TLS_PIN);
	err_fact(err, "host", span_of(session->host));
	err_fact(err, "pin", span_of((char *)text));
	session->broken = true;
	return TLS_FAILED;
}

/* A resumed session is not verified anew, but the result it was made with is
 * kept in it, and so is the certificate. */
static enum tls_got
check_peer(struct tls_session *session, struct err *err)
{
	long verify = SSL_get_verify_result(session->ssl);

	if (!session->is_strict)
		return TLS_DONE;
	if (verify == X509_V_OK && SSL_get0_peer_certificate(session->ssl))
		return TLS_DONE;
	if (session->by_key)
		return has_pinned_key(session) ? TLS_DONE
					       : refuse_key(session, err);
	handshake_failed(session, 0, err);
	session->broken = true;
	return TLS_FAILED;
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
	return got == TLS_DONE ? check_peer(session, err) : got;
}

/* The hash of the certificate's signature, SHA-256 for older ones. */
static size_t
end_point(const X509 *peer, unsigned char into[TLS_BINDING_MAX])
{
	unsigned len = TLS_BINDING_MAX;
	int hash = NID_undef;
	const EVP_MD *md;

	if (!OBJ_find_sigid_algs(X509_get_signature_nid(peer), &hash, NULL))
		return 0;
	if (hash == NID_md5 || hash == NID_sha1)
		hash = NID_sha256;
	md = EVP_get_digestbynid(hash);
	return md && X509_digest(peer, md, into, &len) ? len : 0;
}

size_t
tls_session_binding(const struct tls_session *session, enum tls_binding *kind,
    unsigned char into[TLS_BINDING_MAX])
{
	static const char label[] = "EXPORTER-Channel-Binding";
	X509 *peer = SSL_get0_peer_certificate(session->ssl);

	if (!SSL_is_init_finished(session->ssl))
		return 0;
	if (SSL_version(session->ssl) < TLS1_3_VERSION) {
		*kind = TLS_BINDING_END_POINT;
		return peer ? end_point(peer, into) : 0;
	}
	*kind = TLS_BINDING_EXPORTER;
	return SSL_export_keying_material(session->ssl, into, SHA256_LEN, label,
		   sizeof label - 1, NULL, 0, 1) == 1
		   ? SHA256_LEN
		   : 0;
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

/* Facts of the certificate; true when its key is one of the pins. */
static bool
record_peer(const struct tls_session *session, struct tls_record *out)
{
	X509 *peer = SSL_get0_peer_certificate(session->ssl);

	if (!peer)
		return false;
	out->has_peer = true;
	X509_digest(peer, EVP_sha256(), out->peer.bytes, NULL);
	out->not_before_ms = time_of(X509_get0_notBefore(peer));
	out->not_after_ms = time_of(X509_get0_notAfter(peer));
	return key_digest(peer, &out->spki) && is_pin(session, &out->spki);
}

/* The name that was proven; a resumed session proves the one it expects. */
static void
record_name(const struct tls_session *session, struct tls_record *out)
{
	const char *name =
	    X509_VERIFY_PARAM_get0_peername(SSL_get0_param(session->ssl));

	snprintf(
	    out->name, sizeof out->name, "%s", name ? name : session->host);
}

void
tls_session_record(const struct tls_session *session, struct tls_record *out)
{
	const SSL *ssl = session->ssl;
	long verify = SSL_get_verify_result(ssl);
	const char *cipher = SSL_get_cipher_name(ssl);
	bool pinned;

	*out = (struct tls_record){
	    .state = TLS_STATE_CLEAR, .level = session->level};
	memcpy(out->policy, session->policy, sizeof out->policy);
	pinned = record_peer(session, out);
	if (verify != X509_V_OK)
		snprintf(out->why, sizeof out->why, "%s",
		    X509_verify_cert_error_string(verify));
	if (!SSL_is_init_finished(ssl))
		return;
	out->state = TLS_STATE_UNVERIFIED;
	if (out->has_peer && verify == X509_V_OK) {
		out->state = TLS_STATE_VERIFIED;
		record_name(session, out);
	} else if (pinned) {
		out->state = TLS_STATE_VERIFIED;
	}
	out->resumed = SSL_session_reused(ssl) == 1;
	snprintf(out->version, sizeof out->version, "%s", SSL_get_version(ssl));
	snprintf(out->cipher, sizeof out->cipher, "%s", cipher ? cipher : "");
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
