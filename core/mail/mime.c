/* Writing the MIME tree.  Both encodings used here are 7-bit and never produce
 * the "=_" that our boundaries begin with, so a boundary cannot occur inside a
 * part and no body needs to be searched for it. */
#include "core/mail/mime.h"

#include "core/base/utf8.h"
#include "core/mail/encode.h"

enum { ASCII_PERCENT = 85 };

static enum mime_encoding
choose(size_t len, size_t high)
{
	return (len - high) * 100 >= len * ASCII_PERCENT ? MIME_QP
							 : MIME_BASE64;
}

enum mime_encoding
mime_choose(struct span text)
{
	return choose(text.len, encode_count_high(text));
}

/* What one look at a text tells. */
struct look {
	size_t high;   /* octets of 0x80 and above */
	bool doubtful; /* there may be a control that no text holds */
};

static inline bool
is_doubtful(char c)
{
	return ((unsigned char)c < ' ' && c != '\t' && c != '\n') || c == 0x7f;
}

typedef unsigned char octets __attribute__((vector_size(16)));

/* All octets are looked at, in sixteens: nearly every text is good, and long
 * enough for that to matter. */
static struct look
look_at(struct span text)
{
	enum { ROUNDS_MAX = 255 }; /* until an octet of a sum is full */
	struct look look = {.high = 0};
	octets seen = {0};
	size_t at = 0;

	while (at + sizeof seen <= text.len) {
		octets high = {0}, now;

		for (int i = 0; i < ROUNDS_MAX && at + sizeof now <= text.len;
		    i++) {
			memcpy(&now, text.ptr + at, sizeof now);
			seen |= (octets)((now < ' ') & (now != '\t') &
					 (now != '\n'));
			seen |= (octets)(now == 0x7f);
			high += now >> 7;
			at += sizeof now;
		}
		for (size_t i = 0; i < sizeof high; i++)
			look.high += high[i];
	}
	for (size_t i = 0; i < sizeof seen; i++)
		look.doubtful |= seen[i] != 0;
	for (; at < text.len; at++) {
		look.doubtful |= is_doubtful(text.ptr[at]);
		look.high += (unsigned char)text.ptr[at] >> 7;
	}
	return look;
}

/* Index of the first octet that no text part may hold, text.len when none. */
static size_t
bad_control(struct span text)
{
	for (size_t i = 0; i < text.len; i++) {
		if (!is_doubtful(text.ptr[i]))
			continue;
		if (text.ptr[i] != '\r' || i + 1 == text.len ||
		    text.ptr[i + 1] != '\n')
			return i;
	}
	return text.len;
}

/* Looks at one of the texts and chooses how to encode it. */
static int
check_text(const struct mime_alternative *mime, const char *part,
    struct span text, enum mime_encoding *encoding, struct err *err)
{
	struct look look = look_at(text);
	size_t at = look.doubtful ? bad_control(text) : text.len;

	*encoding = choose(text.len, look.high);
	if (at == text.len &&
	    (look.high == 0 || mime->known == MIME_UTF8 || utf8_is_valid(text)))
		return 0;
	err_set(err, E_MIME_TEXT);
	err_fact(err, "part", span_of(part));
	return err_fact_int(err, "offset", (int64_t)at);
}

static bool
is_token(struct span token)
{
	for (size_t i = 0; i < token.len; i++) {
		char c = token.ptr[i];

		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
			(c >= '0' && c <= '9') || c == '-' || c == '_'))
			return false;
	}
	return token.len >= MIME_TOKEN_MIN && token.len <= MIME_TOKEN_MAX;
}

static void
add_delimiter(struct buf *out, struct span token, const char *tail)
{
	buf_text(out, "--=_");
	buf_add(out, token);
	buf_text(out, tail);
}

static void
add_part(struct buf *out, const char *type, struct span text,
    enum mime_encoding encoding)
{
	buf_text(out, "Content-Type: ");
	buf_text(out, type);
	buf_text(out, "\r\nContent-Transfer-Encoding: ");
	switch (encoding) {
	case MIME_QP:
		buf_text(out, "quoted-printable\r\n\r\n");
		encode_qp(out, text);
		/* Belongs to the delimiter, not to the text. */
		buf_text(out, "\r\n");
		break;
	case MIME_BASE64:
		buf_text(out, "base64\r\n\r\n");
		encode_base64_text(out, text);
		break;
	}
}

int
mime_alternative(
    struct buf *out, const struct mime_alternative *mime, struct err *err)
{
	enum mime_encoding plain, html;

	if (!is_token(mime->token)) {
		err_set(err, E_BUG);
		return err_fact(err, "where", SPAN("mime boundary"));
	}
	if (check_text(mime, "plain", mime->plain, &plain, err) < 0 ||
	    check_text(mime, "html", mime->html, &html, err) < 0)
		return -1;
	buf_text(out, "Content-Type: multipart/alternative;\r\n"
		      " boundary=\"=_");
	buf_add(out, mime->token);
	buf_text(out, "\"\r\nContent-Transfer-Encoding: 7bit\r\n\r\n");
	add_delimiter(out, mime->token, "\r\n");
	add_part(
	    out, "text/plain; charset=UTF-8; format=fixed", mime->plain, plain);
	add_delimiter(out, mime->token, "\r\n");
	add_part(out, "text/html; charset=UTF-8", mime->html, html);
	add_delimiter(out, mime->token, "--\r\n");
	return 0;
}
