/* Asks once and believes little: a certificate must fit, a head must be short,
 * and of a body no more is read than tells two of them apart. */
#include "core/net/fetch.h"

#include <poll.h>
#include <stdatomic.h>

#include "core/base/clock.h"
#include "core/net/stream.h"

enum { HTTPS_PORT = 443, SLICE_MS = 100, READ_ROOM = 4096, HOST_MAX = 255 };

/* ---- The response ------------------------------------------------------------ */

/* Cuts a line off rest, without its CRLF; false when it has not come whole. */
static bool
take_line(struct span *rest, struct span *line)
{
	size_t end = span_index(*rest, '\n');

	if (end == rest->len)
		return false;
	*line = span_slice(*rest, 0, end);
	*rest = span_slice(*rest, end + 1, rest->len);
	if (line->len && line->ptr[line->len - 1] == '\r')
		line->len--;
	return true;
}

static bool
read_status(struct span line, int *status)
{
	int64_t number;

	if (line.len < 12 || !span_starts(line, SPAN("HTTP/1.")) ||
	    line.ptr[8] != ' ' || (line.len > 12 && line.ptr[12] != ' ') ||
	    !span_int(span_slice(line, 9, 12), &number) || number < 100)
		return false;
	*status = (int)number;
	return true;
}

static bool
take_field(struct span line, struct fetch_answer *out, int64_t *length)
{
	struct span name = span_cut(&line, ':'), value = span_trim(line);

	if (!name.len || span_trim(name).len != name.len)
		return false;
	if (span_equal_nocase(name, SPAN("content-type")))
		span_text(out->type, sizeof out->type,
		    span_trim(span_cut(&value, ';')));
	else if (span_equal_nocase(name, SPAN("content-length")))
		return span_int(value, length);
	return true;
}

/* Interim answers (100) stand before the one that counts. */
static enum fetch_got
read_head(struct span *rest, struct fetch_answer *out, int64_t *length)
{
	struct span line;

	do {
		*length = -1;
		out->type[0] = '\0';
		if (!take_line(rest, &line))
			return FETCH_MORE;
		if (!read_status(line, &out->status))
			return FETCH_BAD;
		do {
			if (!take_line(rest, &line))
				return FETCH_MORE;
			if (line.len && !take_field(line, out, length))
				return FETCH_BAD;
		} while (line.len);
	} while (out->status < 200);
	return FETCH_DONE;
}

enum fetch_got
fetch_read(struct span bytes, enum fetch_method method, enum fetch_whole whole,
    struct fetch_answer *out)
{
	struct span rest = bytes;
	int64_t length;
	enum fetch_got got;

	buf_clear(&out->body);
	got = read_head(&rest, out, &length);
	if (got == FETCH_MORE &&
	    (whole == FETCH_CLOSED || bytes.len > FETCH_HEAD_MAX))
		return FETCH_BAD;
	if (got != FETCH_DONE || method == FETCH_HEAD || out->status == 204 ||
	    out->status == 304)
		return got;
	buf_add(&out->body, span_slice(rest, 0, FETCH_BODY_MAX));
	if (whole == FETCH_CLOSED || rest.len >= FETCH_BODY_MAX ||
	    (length >= 0 && (int64_t)rest.len >= length))
		return FETCH_DONE;
	return FETCH_MORE;
}

void
fetch_done(struct fetch_answer *answer)
{
	buf_done(&answer->body);
}

/* ---- The connection ------------------------------------------------------------ */

struct exchange_http {
	const struct fetch *how;
	char host[HOST_MAX + 1];
	uint16_t port;
	struct span path;
	struct stream *stream;
	int64_t until_ms;
};

static int
failed(const struct exchange_http *it, const char *why, struct err *err)
{
	err_set(err, E_NET_FETCH);
	err_fact(err, "host", span_of(it->host));
	return err_fact(err, "why", span_of(why));
}

static int64_t
real_ms(void)
{
	return clock_steady_ms(clock_real());
}

/* Waits for the socket; -1 when the time is over or somebody wants an end. */
static int
wait_for(struct exchange_http *it, enum stream_got got, struct err *err)
{
	struct pollfd fd = {
	    .fd = stream_fd(it->stream),
	    .events = got == STREAM_WANT_READ ? POLLIN : POLLOUT,
	};

	while (real_ms() < it->until_ms) {
		if (it->how->cancel && atomic_load(it->how->cancel))
			return err_set(err, E_CANCELLED);
		if (poll(&fd, 1, SLICE_MS) > 0)
			return 0;
	}
	return failed(it, "time", err);
}

static int
stream_failed(
    const struct exchange_http *it, const struct err *why, struct err *err)
{
	const char *text = err_find(why, "why");

	if (why->code == E_TLS_VERIFY || why->code == E_TLS_HANDSHAKE)
		return failed(it, *text ? text : "tls", err);
	return failed(it, "connection", err);
}

static int
begin(struct exchange_http *it, struct err *err)
{
	struct tls_expect expect = {
	    .level = TLS_LEVEL_VERIFY, .host = it->host};
	struct err why = {0};
	enum stream_got got;

	while ((got = stream_connected(it->stream, &why)) != STREAM_DONE) {
		if (got == STREAM_CLOSED || got == STREAM_FAILED)
			return stream_failed(it, &why, err);
		if (wait_for(it, STREAM_WANT_WRITE, err) < 0)
			return -1;
	}
	while ((got = stream_start_tls(
		    it->stream, it->how->tls, &expect, &why)) != STREAM_DONE) {
		if (got == STREAM_CLOSED || got == STREAM_FAILED)
			return stream_failed(it, &why, err);
		if (wait_for(it, got, err) < 0)
			return -1;
	}
	return 0;
}

static int
say(struct exchange_http *it, struct span request, struct err *err)
{
	struct err why = {0};
	enum stream_got got;
	size_t put;

	while (request.len) {
		put = 0;
		got = stream_write(it->stream, request, &put, &why);
		if (got == STREAM_CLOSED || got == STREAM_FAILED)
			return stream_failed(it, &why, err);
		if (got != STREAM_DONE && wait_for(it, got, err) < 0)
			return -1;
		request = span_slice(request, put, request.len);
	}
	return 0;
}

static int
hear(struct exchange_http *it, struct fetch_answer *out, struct err *err)
{
	struct buf bytes = BUF_INIT;
	struct err broken = {0};
	enum fetch_got got = FETCH_MORE;
	int rc = 0;

	while (got == FETCH_MORE && rc == 0) {
		char room[READ_ROOM];
		size_t len = 0;
		enum stream_got read =
		    stream_read(it->stream, room, sizeof room, &len, &broken);

		if (read == STREAM_FAILED)
			rc = stream_failed(it, &broken, err);
		else if (read == STREAM_WANT_READ || read == STREAM_WANT_WRITE)
			rc = wait_for(it, read, err);
		buf_add(&bytes, span_make(room, len));
		if (rc == 0 && (len || read == STREAM_CLOSED))
			got = fetch_read(buf_span(&bytes), it->how->method,
			    read == STREAM_CLOSED ? FETCH_CLOSED : FETCH_OPEN,
			    out);
	}
	buf_done(&bytes);
	if (rc == 0 && got == FETCH_BAD)
		rc = failed(it, "syntax", err);
	return rc;
}

/* ---- The request ----------------------------------------------------------------- */

/* Nothing in a URL may end the line that it stands in. */
static bool
is_clean(struct span url)
{
	for (size_t i = 0; i < url.len; i++) {
		if ((unsigned char)url.ptr[i] <= ' ' || url.ptr[i] == 0x7f ||
		    (url.ptr[i] & 0x80))
			return false;
	}
	return true;
}

static bool
read_url(struct exchange_http *it, struct span url)
{
	struct span host;
	size_t end = 0;
	int64_t port = HTTPS_PORT;

	if (!is_clean(url) || url.len < 9 ||
	    !span_equal_nocase(span_slice(url, 0, 8), SPAN("https://")))
		return false;
	url = span_slice(url, 8, url.len);
	while (end < url.len && !strchr("/?#", url.ptr[end]))
		end++;
	host = span_slice(url, 0, end);
	it->path = span_slice(url, end, url.len);
	it->path = span_slice(it->path, 0, span_index(it->path, '#'));
	if (span_index(host, ':') < host.len) {
		struct span number = host;

		host = span_cut(&number, ':');
		if (!span_int(number, &port) || port < 1 || port > 65535)
			return false;
	}
	span_text(it->host, sizeof it->host, host);
	it->port = (uint16_t)port;
	return host.len > 0 && host.len <= HOST_MAX && strlen(it->host) &&
	       span_index(host, '@') == host.len;
}

static void
write_request(const struct exchange_http *it, struct buf *out)
{
	static const char *const verbs[] = {
	    [FETCH_HEAD] = "HEAD", [FETCH_GET] = "GET", [FETCH_POST] = "POST"};

	buf_text(out, verbs[it->how->method]);
	buf_char(out, ' ');
	if (!span_starts(it->path, SPAN("/")))
		buf_char(out, '/');
	buf_add(out, it->path);
	buf_printf(out, " HTTP/1.1\r\nHost: %s", it->host);
	if (it->port != HTTPS_PORT)
		buf_printf(out, ":%u", (unsigned)it->port);
	buf_text(out, "\r\nUser-Agent: sekisho\r\nAccept: */*\r\n"
		      "Connection: close\r\n");
	if (it->how->method == FETCH_POST) {
		buf_printf(out,
		    "Content-Type: application/x-www-form-urlencoded\r\n"
		    "Content-Length: %zu\r\n",
		    it->how->form.len);
	}
	buf_text(out, "\r\n");
	if (it->how->method == FETCH_POST)
		buf_add(out, it->how->form);
}

int
fetch(const struct fetch *how, struct fetch_answer *out, struct err *err)
{
	struct exchange_http it = {.how = how};
	struct buf request = BUF_INIT;
	struct err why = {0};
	int fd = -1, rc = -1;

	*out = (struct fetch_answer){.status = 0};
	if (!read_url(&it, how->url))
		return failed(&it, "url", err);
	if (how->cancel && atomic_load(how->cancel))
		return err_set(err, E_CANCELLED);
	if (how->dialler->dial(how->dialler, it.host, it.port, &fd, &why) < 0)
		return failed(&it,
		    why.code == E_NET_DIAL_LOOPBACK ? "loopback" : "connection",
		    err);
	it.until_ms =
	    real_ms() + (how->limit_ms ? how->limit_ms : FETCH_LIMIT_MS);
	it.stream = stream_new(&fd, it.host, it.port);
	write_request(&it, &request);
	if (begin(&it, err) == 0 && say(&it, buf_span(&request), err) == 0)
		rc = hear(&it, out, err);
	buf_done(&request);
	stream_free(&it.stream);
	return rc;
}
