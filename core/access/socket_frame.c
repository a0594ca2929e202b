/* What goes over the socket, as octets.  A peer is foreign even when it has our
 * uid: it may be another version, or no Sekisho at all. */
#include <stdio.h>

#include "core/access/socket.h"
#include "core/base/utf8.h"

enum { AT_VERSION = 2, AT_KIND = 3, AT_LENGTH = 4 };

void
socket_frame_add(struct buf *out, enum socket_kind kind, struct span body)
{
	char head[SOCKET_HEAD] = {'S', 'K', SOCKET_VERSION, (char)kind};

	if (body.len > SOCKET_BODY_MAX)
		body.len = SOCKET_BODY_MAX;
	for (int i = 0; i < 4; i++)
		head[AT_LENGTH + i] = (char)(body.len >> (8 * i) & 0xff);
	buf_add(out, span_make(head, sizeof head));
	buf_add(out, body);
}

static size_t
length_of(struct span head)
{
	size_t len = 0;

	for (int i = 3; i >= 0; i--)
		len = len << 8 | (unsigned char)head.ptr[AT_LENGTH + i];
	return len;
}

int
socket_frame_take(struct span input, struct socket_frame *out, struct err *err)
{
	size_t len;
	int version;

	if (input.len >= AT_VERSION &&
	    (input.ptr[0] != 'S' || input.ptr[1] != 'K'))
		return err_set(err, E_SOCKET_FRAME);
	if (input.len < SOCKET_HEAD)
		return 0;
	version = (unsigned char)input.ptr[AT_VERSION];
	if (version != SOCKET_VERSION) {
		err_set(err, E_SOCKET_VERSION);
		err_fact_int(err, "found", version);
		return err_fact_int(err, "known", SOCKET_VERSION);
	}
	len = length_of(input);
	if ((unsigned char)input.ptr[AT_KIND] >= SOCKET_KINDS ||
	    len > SOCKET_BODY_MAX)
		return err_set(err, E_SOCKET_FRAME);
	if (input.len < SOCKET_HEAD + len)
		return 0;
	out->kind = (enum socket_kind)input.ptr[AT_KIND];
	out->body = span_slice(input, SOCKET_HEAD, SOCKET_HEAD + len);
	return (int)(SOCKET_HEAD + len);
}

/* ---- Facts ------------------------------------------------------------------ */

void
fact_add(struct buf *out, const char *name, struct span value)
{
	buf_printf(out, "%s=", name);
	for (size_t i = 0; i < value.len; i++) {
		unsigned char c = (unsigned char)value.ptr[i];

		buf_char(out, c < 0x20 || c == 0x7f ? ' ' : value.ptr[i]);
	}
	buf_char(out, '\n');
}

void
fact_add_int(struct buf *out, const char *name, int64_t value)
{
	buf_printf(out, "%s=%lld\n", name, (long long)value);
}

struct span
fact_find(struct span facts, const char *name)
{
	struct span wanted = span_of(name);

	while (facts.len) {
		struct span value = span_cut(&facts, '\n');

		if (span_equal(span_cut(&value, '='), wanted))
			return value;
	}
	return SPAN("");
}

int64_t
fact_int(struct span facts, const char *name, int64_t max, int64_t fallback)
{
	int64_t value;

	if (!span_int(fact_find(facts, name), &value) || value > max)
		return fallback;
	return value;
}

void
socket_put_err(struct buf *out, const struct err *why)
{
	fact_add(out, "err", span_of(err_name(why->code)));
	for (unsigned i = 0; i < why->fact_count; i++)
		fact_add(out, why->fact[i].name, span_of(why->fact[i].value));
}

void
socket_take_err(struct span facts, struct err *out)
{
	char name[ERR_NAME_MAX + 1];

	err_set(out, err_code_of(fact_find(facts, "err")));
	while (facts.len) {
		struct span value = span_cut(&facts, '\n');
		struct span key = span_cut(&value, '=');

		if (span_equal(key, SPAN("err")) || key.len > ERR_NAME_MAX ||
		    !key.len)
			continue;
		span_text(name, sizeof name, key);
		err_fact(out, name, value);
	}
}
