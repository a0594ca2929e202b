/* The two canonical forms of RFC 6376 section 3.4.  Only CRLF ends a line
 * here; whoever signs has refused messages with bare line feeds. */
#include "core/mail/dkim.h"

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static bool
is_space(char c)
{
	return is_blank(c) || c == '\r' || c == '\n';
}

/* Appends text, which has no blanks around it, with each run of blanks and of
 * the line ends that fold as one space. */
static void
add_reduced(struct span text, struct buf *out)
{
	char *to;
	bool gap = false;

	buf_reserve(out, text.len);
	to = out->ptr + out->len;
	for (size_t i = 0; i < text.len; i++) {
		char c = text.ptr[i];

		if (is_space(c)) {
			gap = true;
			continue;
		}
		if (gap)
			*to++ = ' ';
		gap = false;
		*to++ = c;
	}
	out->len = (size_t)(to - out->ptr);
	*to = '\0';
}

static void
add_lower(struct span text, struct buf *out)
{
	buf_reserve(out, text.len);
	for (size_t i = 0; i < text.len; i++) {
		char c = text.ptr[i];

		buf_char(out, (char)(c >= 'A' && c <= 'Z' ? c + 32 : c));
	}
}

void
dkim_canon_field(struct span whole, enum dkim_canon how, struct buf *out)
{
	size_t colon = span_index(whole, ':');

	switch (how) {
	case DKIM_SIMPLE:
		buf_add(out, whole);
		if (!span_ends(whole, SPAN("\r\n")))
			buf_text(out, "\r\n");
		break;
	case DKIM_RELAXED:
		add_lower(span_trim(span_slice(whole, 0, colon)), out);
		buf_char(out, ':');
		add_reduced(
		    span_trim(span_slice(whole, colon + 1, whole.len)), out);
		buf_text(out, "\r\n");
		break;
	}
}

/* Appends one body line without its end: runs of blanks become one space,
 * those at the end nothing. */
static void
add_relaxed_line(struct span line, struct buf *out)
{
	size_t at = 0, end;

	while (line.len && is_blank(line.ptr[line.len - 1]))
		line.len--;
	/* Encoded bodies have no blanks at all. */
	if (span_index(line, ' ') == line.len &&
	    span_index(line, '\t') == line.len) {
		buf_add(out, line);
		return;
	}
	while (at < line.len) {
		for (end = at; end < line.len && !is_blank(line.ptr[end]);)
			end++;
		buf_add(out, span_slice(line, at, end));
		if (end < line.len)
			buf_char(out, ' ');
		while (end < line.len && is_blank(line.ptr[end]))
			end++;
		at = end;
	}
}

/* Takes one line, without CRLF, off *rest. */
static struct span
next_line(struct span *rest)
{
	size_t end = 0, from = 0;

	do {
		end =
		    from + span_index(span_slice(*rest, from, rest->len), '\n');
		from = end + 1;
	} while (end < rest->len && (end == 0 || rest->ptr[end - 1] != '\r'));
	if (end < rest->len) {
		struct span line = span_slice(*rest, 0, end - 1);

		*rest = span_slice(*rest, end + 1, rest->len);
		return line;
	}
	struct span line = *rest;

	*rest = span_slice(*rest, rest->len, rest->len);
	return line;
}

void
dkim_canon_body(struct span body, enum dkim_canon how, struct buf *out)
{
	size_t start = out->len, keep = out->len;

	buf_reserve(out, body.len + 2);
	while (body.len) {
		struct span line = next_line(&body);
		size_t before = out->len;

		if (how == DKIM_RELAXED)
			add_relaxed_line(line, out);
		else
			buf_add(out, line);
		if (out->len > before)
			keep = out->len + 2;
		buf_text(out, "\r\n");
	}
	/* Empty lines at the end do not count. */
	out->len = keep;
	if (out->len == start && how == DKIM_SIMPLE)
		buf_text(out, "\r\n");
	if (out->ptr)
		out->ptr[out->len] = '\0';
}

bool
dkim_is_relaxed(struct span body)
{
	typedef unsigned char octets __attribute__((vector_size(16)));
	octets seen = {0}, now, next;
	bool changed = false;
	size_t at = 0;

	if (!span_ends(body, SPAN("\r\n")))
		return body.len == 0;
	if (body.len == 2 || span_ends(body, SPAN("\n\r\n")))
		return false;
	for (; at + sizeof now < body.len; at += sizeof now) {
		memcpy(&now, body.ptr + at, sizeof now);
		memcpy(&next, body.ptr + at + 1, sizeof next);
		seen |=
		    (octets)((now == ' ') & ((next == ' ') | (next == '\r')));
		seen |= (octets)(now == '\t');
	}
	for (size_t i = 0; i < sizeof seen; i++)
		changed |= seen[i] != 0;
	/* the last octet is the line feed */
	for (; at + 1 < body.len; at++)
		changed |= body.ptr[at] == '\t' ||
			   (body.ptr[at] == ' ' && is_space(body.ptr[at + 1]));
	return !changed;
}
