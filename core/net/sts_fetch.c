/* The policy's way to us: addresses from our resolver, a connection by our
 * dialler, the certificate checked for mta-sts.DOMAIN.  No redirects, no
 * cookies, no second request. */
#include <poll.h>
#include <stdatomic.h>

#include "core/base/buf.h"
#include "core/base/clock.h"
#include "core/net/mx.h"
#include "core/net/stream.h"
#include "core/net/sts.h"

enum { HTTPS_PORT = 443, SLICE_MS = 100, CONNECT_MS = 20000, READ_ROOM = 4096 };

/* One attempt at one address. */
struct attempt {
	const struct sts_fetch *how;
	const char *host; /* mta-sts.DOMAIN */
	struct stream *stream;
	int64_t until_ms;
	struct buf bytes; /* of the response */
};

static int
failed(const struct sts_fetch *how, const char *why, struct err *err)
{
	err_set(err, E_STS_FETCH);
	err_fact(err, "domain", span_of(how->domain));
	return err_fact(err, "why", span_of(why));
}

static int64_t
real_ms(void)
{
	return clock_steady_ms(clock_real());
}

/* Waits for the socket; -1 when the time is over or somebody wants us to end. */
static int
wait_for(struct attempt *attempt, enum stream_got got, struct err *err)
{
	const struct sts_fetch *how = attempt->how;
	struct pollfd fd = {
	    .fd = stream_fd(attempt->stream),
	    .events = got == STREAM_WANT_READ ? POLLIN : POLLOUT,
	};

	while (real_ms() < attempt->until_ms) {
		if (how->cancel && atomic_load(how->cancel))
			return err_set(err, E_CANCELLED);
		if (poll(&fd, 1, SLICE_MS) > 0)
			return 0;
	}
	return failed(how, "time", err);
}

/* What a call on the stream came to, as the error of a fetch. */
static int
stream_failed(struct attempt *attempt, const struct err *why, struct err *err)
{
	const char *text = err_find(why, "why");

	if (why->code == E_TLS_VERIFY || why->code == E_TLS_HANDSHAKE)
		return failed(attempt->how, *text ? text : "tls", err);
	return failed(attempt->how, "connection", err);
}

static int
begin(struct attempt *attempt, struct err *err)
{
	struct tls_expect expect = {
	    .level = TLS_LEVEL_VERIFY, .host = attempt->host};
	struct err why = {0};
	enum stream_got got;

	while ((got = stream_connected(attempt->stream, &why)) != STREAM_DONE) {
		if (got == STREAM_CLOSED || got == STREAM_FAILED)
			return stream_failed(attempt, &why, err);
		if (wait_for(attempt, STREAM_WANT_WRITE, err) < 0)
			return -1;
	}
	while ((got = stream_start_tls(attempt->stream, attempt->how->tls,
		    &expect, &why)) != STREAM_DONE) {
		if (got == STREAM_CLOSED || got == STREAM_FAILED)
			return stream_failed(attempt, &why, err);
		if (wait_for(attempt, got, err) < 0)
			return -1;
	}
	return 0;
}

static int
say(struct attempt *attempt, struct span request, struct err *err)
{
	struct err why = {0};
	enum stream_got got;
	size_t put;

	while (request.len) {
		put = 0;
		got = stream_write(attempt->stream, request, &put, &why);
		if (got == STREAM_CLOSED || got == STREAM_FAILED)
			return stream_failed(attempt, &why, err);
		if (got != STREAM_DONE && wait_for(attempt, got, err) < 0)
			return -1;
		request = span_slice(request, put, request.len);
	}
	return 0;
}

/* Reads until the response is whole. */
static int
hear(struct attempt *attempt, struct buf *body, struct err *err)
{
	enum { RESPONSE_MAX = STS_HEADERS_MAX + 2 * STS_POLICY_MAX };
	enum sts_http_got http = STS_HTTP_MORE;
	const char *why = "";
	struct err broken = {0};

	while (http == STS_HTTP_MORE) {
		char bytes[READ_ROOM];
		size_t len = 0;
		enum stream_got got = stream_read(
		    attempt->stream, bytes, sizeof bytes, &len, &broken);

		if (got == STREAM_FAILED)
			return stream_failed(attempt, &broken, err);
		if ((got == STREAM_WANT_READ || got == STREAM_WANT_WRITE) &&
		    wait_for(attempt, got, err) < 0)
			return -1;
		buf_add(&attempt->bytes, span_make(bytes, len));
		if (attempt->bytes.len > RESPONSE_MAX)
			return failed(attempt->how, "length", err);
		if (len || got == STREAM_CLOSED)
			http = sts_http_read(buf_span(&attempt->bytes),
			    got == STREAM_CLOSED ? STS_HTTP_CLOSED
						 : STS_HTTP_OPEN,
			    body, &why);
	}
	return http == STS_HTTP_BAD ? failed(attempt->how, why, err) : 0;
}

/* Fetches from one address; body is empty after a failure. */
static int
fetch_from(struct attempt *attempt, const char *address, struct buf *body,
    struct err *err)
{
	const struct sts_fetch *how = attempt->how;
	struct buf request = BUF_INIT;
	struct err why = {0};
	int fd = -1, rc = -1;

	if (how->dialler->dial(how->dialler, address, HTTPS_PORT, &fd, &why) <
	    0) {
		failed(how,
		    why.code == E_NET_DIAL_LOOPBACK ? "loopback" : "connection",
		    err);
		return -1;
	}
	attempt->stream = stream_new(&fd, attempt->host, HTTPS_PORT);
	buf_printf(&request,
	    "GET /.well-known/mta-sts.txt HTTP/1.1\r\nHost: %s\r\n"
	    "User-Agent: sekisho\r\nAccept: text/plain\r\n"
	    "Connection: close\r\n\r\n",
	    attempt->host);
	buf_clear(&attempt->bytes);
	if (begin(attempt, err) == 0 &&
	    say(attempt, buf_span(&request), err) == 0)
		rc = hear(attempt, body, err);
	if (rc < 0)
		buf_clear(body);
	buf_done(&request);
	stream_free(&attempt->stream);
	return rc;
}

static int
find_addresses(const struct sts_fetch *how, const char *host,
    struct mx_addresses *out, struct err *err)
{
	struct dns_answer v6 = {0}, v4 = {0};
	struct err why = {0};
	int rc = -1;

	if (how->resolver->ask(how->resolver,
		&(struct dns_question){host, DNS_AAAA, how->cancel}, &v6,
		err) < 0 ||
	    how->resolver->ask(how->resolver,
		&(struct dns_question){host, DNS_A, how->cancel}, &v4, err) < 0)
		goto out;
	mx_addresses(host, &v6, &v4, 1, out, &why);
	rc = out->count ? 0 : failed(how, "address", err);
out:
	dns_answer_done(&v6);
	dns_answer_done(&v4);
	return rc;
}

int
sts_fetch(const struct sts_fetch *how, struct buf *out, struct err *err)
{
	int64_t until_ms = real_ms() + STS_LIMIT_MS;
	struct buf host = BUF_INIT, body = BUF_INIT;
	struct attempt attempt = {.how = how};
	struct mx_addresses found;
	struct err why = {0};
	int rc = -1;

	buf_printf(&host, "mta-sts.%s", how->domain);
	attempt.host = host.ptr;
	if (find_addresses(how, host.ptr, &found, &why) < 0)
		goto out;
	for (size_t i = 0; rc < 0 && i < found.count; i++) {
		attempt.until_ms = real_ms() + CONNECT_MS;
		if (attempt.until_ms > until_ms)
			attempt.until_ms = until_ms;
		rc = fetch_from(&attempt, found.address[i].text, &body, &why);
		if (why.code == E_CANCELLED)
			break;
	}
	if (rc == 0)
		buf_add(out, buf_span(&body));
out:
	if (rc < 0 && err)
		*err = why;
	buf_done(&attempt.bytes);
	buf_done(&body);
	buf_done(&host);
	return rc;
}
