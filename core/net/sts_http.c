/* Just enough of HTTP/1.1 for one small file: a status, two fields that matter,
 * and the three ways a body can be measured.  What is not understood is refused
 * rather than guessed, so that two readers cannot see two bodies. */
#include "core/base/buf.h"
#include "core/net/sts.h"

enum { STATUS_MIN = 12, CHUNK_DIGITS_MAX = 6 };

/* How the body is measured. */
enum measure { MEASURE_CLOSE, MEASURE_LENGTH, MEASURE_CHUNKS };

struct head {
	enum measure measure;
	size_t length;
	bool lengths, codings, types; /* seen */
	bool plain;
};

static enum sts_http_got
bad(const char *reason, const char **why)
{
	*why = reason;
	return STS_HTTP_BAD;
}

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
is_status_line(struct span line)
{
	return line.len >= STATUS_MIN && span_starts(line, SPAN("HTTP/1.")) &&
	       line.ptr[8] == ' ' && (line.len == 12 || line.ptr[12] == ' ');
}

static bool
is_plain(struct span type)
{
	return span_equal_nocase(
	    span_trim(span_cut(&type, ';')), SPAN("text/plain"));
}

/* NULL, or why the response cannot be used. */
static const char *
take_field(struct span line, struct head *head)
{
	bool colon = span_index(line, ':') < line.len;
	struct span name = span_cut(&line, ':');
	struct span value = span_trim(line);
	int64_t length;

	if (!colon || !name.len || span_trim(name).len != name.len)
		return "syntax";
	if (span_equal_nocase(name, SPAN("content-length"))) {
		if (head->lengths || !span_int(value, &length))
			return "length";
		if (length > STS_POLICY_MAX)
			return "length";
		head->lengths = true;
		head->length = (size_t)length;
	} else if (span_equal_nocase(name, SPAN("transfer-encoding"))) {
		if (head->codings || !span_equal_nocase(value, SPAN("chunked")))
			return "coding";
		head->codings = true;
	} else if (span_equal_nocase(name, SPAN("content-encoding"))) {
		return "coding";
	} else if (span_equal_nocase(name, SPAN("content-type"))) {
		if (head->types)
			return "type";
		head->types = true;
		head->plain = is_plain(value);
	}
	return NULL;
}

/* Reads the head; DONE when rest is the body. */
static enum sts_http_got
read_head(struct span *rest, struct head *head, const char **why)
{
	struct span line;
	const char *reason;

	if (!take_line(rest, &line))
		return STS_HTTP_MORE;
	if (!is_status_line(line))
		return bad("syntax", why);
	if (!span_equal(span_slice(line, 9, 12), SPAN("200")))
		return bad("status", why);
	while (take_line(rest, &line)) {
		if (!line.len) {
			if (!head->plain)
				return bad("type", why);
			if (head->codings && head->lengths)
				return bad("length", why);
			head->measure = head->codings   ? MEASURE_CHUNKS
					: head->lengths ? MEASURE_LENGTH
							: MEASURE_CLOSE;
			return STS_HTTP_DONE;
		}
		reason = take_field(line, head);
		if (reason)
			return bad(reason, why);
	}
	return STS_HTTP_MORE;
}

/* The size of a chunk in front of its extensions; false when it is none. */
static bool
read_size(struct span line, size_t *out)
{
	struct span digits = span_trim(span_cut(&line, ';'));

	*out = 0;
	if (!digits.len || digits.len > CHUNK_DIGITS_MAX)
		return false;
	for (size_t i = 0; i < digits.len; i++) {
		int value = span_hex_digit(digits.ptr[i]);

		if (value < 0)
			return false;
		*out = *out * 16 + (size_t)value;
	}
	return true;
}

/* Trailers are passed over; the empty line behind them ends it all. */
static enum sts_http_got
read_trailers(struct span rest)
{
	struct span line;

	while (take_line(&rest, &line)) {
		if (!line.len)
			return STS_HTTP_DONE;
	}
	return STS_HTTP_MORE;
}

static enum sts_http_got
read_chunks(struct span rest, struct buf *body, const char **why)
{
	struct span line;
	size_t size;

	while (take_line(&rest, &line)) {
		if (!read_size(line, &size))
			return bad("coding", why);
		if (!size)
			return read_trailers(rest);
		if (body->len + size > STS_POLICY_MAX)
			return bad("length", why);
		if (rest.len < size)
			return STS_HTTP_MORE;
		buf_add(body, span_slice(rest, 0, size));
		rest = span_slice(rest, size, rest.len);
		if (!take_line(&rest, &line))
			return STS_HTTP_MORE;
		if (line.len)
			return bad("coding", why);
	}
	return STS_HTTP_MORE;
}

static enum sts_http_got
read_body(struct span rest, const struct head *head, struct buf *body,
    enum sts_http_whole whole, const char **why)
{
	switch (head->measure) {
	case MEASURE_CHUNKS:
		return read_chunks(rest, body, why);
	case MEASURE_LENGTH:
		if (rest.len < head->length)
			return STS_HTTP_MORE;
		buf_add(body, span_slice(rest, 0, head->length));
		return STS_HTTP_DONE;
	case MEASURE_CLOSE:
		break;
	}
	if (rest.len > STS_POLICY_MAX)
		return bad("length", why);
	if (whole == STS_HTTP_OPEN)
		return STS_HTTP_MORE;
	buf_add(body, rest);
	return STS_HTTP_DONE;
}

enum sts_http_got
sts_http_read(struct span bytes, enum sts_http_whole whole, struct buf *body,
    const char **why)
{
	struct head head = {0};
	struct span rest = bytes;
	enum sts_http_got got;

	*why = "";
	buf_clear(body);
	got = read_head(&rest, &head, why);
	if (got == STS_HTTP_DONE)
		got = read_body(rest, &head, body, whole, why);
	else if (got == STS_HTTP_MORE && bytes.len > STS_HEADERS_MAX)
		return bad("length", why);
	if (got == STS_HTTP_MORE && whole == STS_HTTP_CLOSED)
		return bad("syntax", why);
	return got;
}
