/* The client's half of the dialogue as text.  Everything that could let one
 * message or address run into the next command is refused here: control
 * octets in addresses, and line ends that two servers may read differently. */
#include "core/net/smtp_text.h"

#include <stdio.h>

int
smtp_check_address(struct span address, struct err *err)
{
	bool quoted = false;
	size_t i;

	for (i = 0; i < address.len; i++) {
		char c = address.ptr[i];

		if (c < ' ' || c > '~')
			break;
		if (c == '"')
			quoted = !quoted;
		if (quoted && c == '\\' && i + 1 < address.len &&
		    address.ptr[i + 1] >= ' ')
			i++;
		else if (!quoted && (c == ' ' || c == '<' || c == '>'))
			break;
	}
	if (i >= address.len && !quoted && address.len <= SMTP_PATH_MAX)
		return 0;
	err_set(err, E_ADDRESS_SYNTAX);
	return err_fact(err, "address", address);
}

static int
bad_body(struct err *err, const char *why, size_t offset)
{
	err_set(err, E_SMTP_BODY);
	err_fact(err, "why", span_of(why));
	return err_fact_int(err, "offset", (int64_t)offset);
}

/* Bare CR or LF is how one message is smuggled in another: the next server
 * may see an end of data where this one saw text. */
static int
check_lines(struct span data, struct err *err)
{
	size_t at = 0, end, cr;

	while (at < data.len) {
		struct span rest = span_slice(data, at, data.len);

		end = span_index(rest, '\n');
		cr = span_index(span_slice(rest, 0, end), '\r');
		if (end == rest.len && cr == end)
			return 0;
		if (cr + 1 < end || end == rest.len)
			return bad_body(err, "bare CR", at + cr);
		if (cr == end)
			return bad_body(err, "bare LF", at + end);
		at += end + 1;
	}
	return 0;
}

int
smtp_check(const struct smtp_envelope *envelope, const struct smtp_caps *caps,
    const char *host, struct err *err)
{
	struct span data = envelope->data;
	size_t nul = span_index(data, '\0');

	if (smtp_check_address(envelope->sender, err) < 0)
		return -1;
	if (envelope->recipient.len == 0) {
		err_set(err, E_ADDRESS_SYNTAX);
		return err_fact(err, "address", envelope->recipient);
	}
	if (smtp_check_address(envelope->recipient, err) < 0 ||
	    check_lines(data, err) < 0)
		return -1;
	if (nul < data.len)
		return bad_body(err, "NUL", nul);
	if (envelope->body == SMTP_BODY_8BIT &&
	    !(caps->bits & SMTP_CAP_8BITMIME)) {
		err_set(err, E_SMTP_8BIT);
		return err_fact(err, "host", span_of(host));
	}
	if (caps->size_max > 0 && (int64_t)data.len > caps->size_max) {
		err_set(err, E_SMTP_SIZE);
		err_fact(err, "host", span_of(host));
		err_fact_int(err, "size", (int64_t)data.len);
		return err_fact_int(err, "limit", caps->size_max);
	}
	return 0;
}

/* RFC 3461 section 4: "+" and "=" and all but visible ASCII as +XX. */
static void
write_xtext(struct buf *out, struct span text)
{
	static const char hex[] = "0123456789ABCDEF";

	for (size_t i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.ptr[i];

		if (c >= '!' && c <= '~' && c != '+' && c != '=') {
			buf_char(out, (char)c);
			continue;
		}
		buf_char(out, '+');
		buf_char(out, hex[c >> 4]);
		buf_char(out, hex[c & 15]);
	}
}

static bool
wants_dsn(const struct smtp_envelope *envelope, const struct smtp_caps *caps)
{
	return (caps->bits & SMTP_CAP_DSN) && envelope->dsn == SMTP_DSN_FAILURE;
}

void
smtp_write_mail(struct buf *out, const struct smtp_envelope *envelope,
    const struct smtp_caps *caps)
{
	char size[32];

	buf_add(out, SPAN("MAIL FROM:<"));
	buf_add(out, envelope->sender);
	buf_char(out, '>');
	if ((caps->bits & SMTP_CAP_SIZE) && envelope->data.len) {
		snprintf(size, sizeof size, " SIZE=%zu", envelope->data.len);
		buf_text(out, size);
	}
	if (envelope->body == SMTP_BODY_8BIT)
		buf_add(out, SPAN(" BODY=8BITMIME"));
	if (wants_dsn(envelope, caps)) {
		buf_add(out, SPAN(" RET=HDRS"));
		if (envelope->envid.len) {
			buf_add(out, SPAN(" ENVID="));
			write_xtext(out, envelope->envid);
		}
	}
	buf_add(out, SPAN("\r\n"));
}

void
smtp_write_rcpt(struct buf *out, const struct smtp_envelope *envelope,
    const struct smtp_caps *caps)
{
	buf_add(out, SPAN("RCPT TO:<"));
	buf_add(out, envelope->recipient);
	buf_char(out, '>');
	if (wants_dsn(envelope, caps)) {
		buf_add(out, SPAN(" NOTIFY=FAILURE ORCPT=rfc822;"));
		write_xtext(out, envelope->recipient);
	}
	buf_add(out, SPAN("\r\n"));
}

void
smtp_write_data(struct buf *out, struct span data)
{
	size_t from = 0, at = 0;

	buf_reserve(out, data.len + 16);
	while (at < data.len) {
		if (data.ptr[at] == '.') {
			buf_add(out, span_slice(data, from, at + 1));
			from = at;
		}
		at += span_index(span_slice(data, at, data.len), '\n') + 1;
	}
	buf_add(out, span_slice(data, from, data.len));
	if (out->len == 0 || out->ptr[out->len - 1] != '\n')
		buf_add(out, SPAN("\r\n"));
	buf_add(out, SPAN(".\r\n"));
}
