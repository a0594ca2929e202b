/* Macro strings are cut into pieces, the same way for checking and for filling
 * in, so that what was found good can always be filled in. */
#include "core/net/spf_macro.h"

#include <arpa/inet.h>

enum { PARTS_MAX = 128 }; /* section 7.3: at least so many are kept apart */

enum piece_kind {
	PIECE_END,
	PIECE_LITERAL,
	PIECE_MARK,
	PIECE_MACRO,
	PIECE_BAD
};

struct piece {
	enum piece_kind kind;
	struct span literal; /* LITERAL, MARK: what stands in its place */
	char letter;         /* MACRO, in lower case */
	bool escape;         /* it stood in upper case */
	bool reverse;
	size_t keep; /* parts from the right; 0: all */
	struct span delimiters;
};

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* ---- Pieces ---------------------------------------------------------------- */

static bool
is_mark(char c)
{
	return c == '%' || c == '_' || c == '-';
}

/* How many parts to keep; false for a zero. */
static bool
take_keep(struct span *rest, size_t *keep)
{
	bool said = false;

	while (rest->len && is_digit(*rest->ptr)) {
		said = true;
		*keep = *keep * 10 + (size_t)(*rest->ptr - '0');
		if (*keep > PARTS_MAX)
			*keep = PARTS_MAX;
		*rest = span_slice(*rest, 1, rest->len);
	}
	return !said || *keep;
}

/* What stands between "%{" and "}". */
static bool
read_macro(struct span inner, struct piece *out)
{
	if (!inner.len || !is_letter(*inner.ptr))
		return false;
	out->escape = *inner.ptr >= 'A' && *inner.ptr <= 'Z';
	out->letter = (char)(*inner.ptr | 0x20);
	if (span_index(SPAN("slodiphcrtv"), out->letter) == 11)
		return false;
	inner = span_slice(inner, 1, inner.len);
	if (!take_keep(&inner, &out->keep))
		return false;
	if (inner.len && (*inner.ptr | 0x20) == 'r') {
		out->reverse = true;
		inner = span_slice(inner, 1, inner.len);
	}
	out->delimiters = inner.len ? inner : SPAN(".");
	for (size_t i = 0; i < inner.len; i++) {
		if (span_index(SPAN(".-+,/_="), inner.ptr[i]) == 7)
			return false;
	}
	return true;
}

/* A piece that begins with "%". */
static void
take_percent(struct span *rest, struct piece *out)
{
	static const char marks[][4] = {"%", " ", "%20"};
	size_t end = span_index(*rest, '}');
	char c = rest->len > 1 ? rest->ptr[1] : '\0';

	if (is_mark(c)) {
		out->kind = PIECE_MARK;
		out->literal = span_of(marks[c == '%' ? 0 : c == '_' ? 1 : 2]);
		*rest = span_slice(*rest, 2, rest->len);
	} else if (c == '{' && end < rest->len &&
		   read_macro(span_slice(*rest, 2, end), out)) {
		out->kind = PIECE_MACRO;
		*rest = span_slice(*rest, end + 1, rest->len);
	} else {
		out->kind = PIECE_BAD;
	}
}

static enum piece_kind
take_piece(struct span *rest, struct piece *out)
{
	size_t end = span_index(*rest, '%');

	*out = (struct piece){.kind = PIECE_END};
	if (!rest->len)
		return PIECE_END;
	if (!end) {
		take_percent(rest, out);
		return out->kind;
	}
	out->kind = PIECE_LITERAL;
	out->literal = span_slice(*rest, 0, end);
	*rest = span_slice(*rest, end, rest->len);
	return out->kind;
}

/* ---- Checking -------------------------------------------------------------- */

static bool
is_plain(struct span text, enum spf_macro_place place)
{
	for (size_t i = 0; i < text.len; i++) {
		char c = text.ptr[i];

		if (c > '~' || c < ' ' || (c == ' ' && place == SPF_IN_RECORD))
			return false;
	}
	return true;
}

bool
spf_macro_valid(struct span text, enum spf_macro_place place)
{
	struct piece piece;
	enum piece_kind kind;

	while ((kind = take_piece(&text, &piece)) != PIECE_END) {
		if (kind == PIECE_BAD)
			return false;
		if (kind == PIECE_LITERAL && !is_plain(piece.literal, place))
			return false;
		if (kind == PIECE_MACRO && place == SPF_IN_RECORD &&
		    span_index(SPAN("crt"), piece.letter) < 3)
			return false;
	}
	return true;
}

/* Letters, digits and hyphens; not at the ends; not digits alone. */
static bool
is_top_label(struct span label)
{
	bool other = false;

	if (!label.len || *label.ptr == '-' || label.ptr[label.len - 1] == '-')
		return false;
	for (size_t i = 0; i < label.len; i++) {
		char c = label.ptr[i];

		if (!is_letter(c) && !is_digit(c) && c != '-')
			return false;
		other = other || !is_digit(c);
	}
	return other;
}

static bool
ends_in_top_label(struct span tail)
{
	size_t dot;

	if (tail.len && tail.ptr[tail.len - 1] == '.')
		tail.len--;
	for (dot = tail.len; dot && tail.ptr[dot - 1] != '.'; dot--)
		;
	return dot && is_top_label(span_slice(tail, dot, tail.len));
}

bool
spf_domain_valid(struct span text)
{
	struct span rest = text, tail = {0};
	struct piece piece;
	enum piece_kind kind, last = PIECE_END;

	if (!spf_macro_valid(text, SPF_IN_RECORD))
		return false;
	while ((kind = take_piece(&rest, &piece)) != PIECE_END) {
		last = kind;
		tail = piece.literal;
	}
	if (last == PIECE_LITERAL)
		return ends_in_top_label(tail);
	return last != PIECE_END;
}

bool
spf_macro_has(struct span text, char letter)
{
	struct piece piece;
	enum piece_kind kind;

	while ((kind = take_piece(&text, &piece)) != PIECE_END) {
		if (kind == PIECE_BAD)
			return false;
		if (kind == PIECE_MACRO &&
		    (letter == '*' || piece.letter == letter))
			return true;
	}
	return false;
}

/* ---- Filling in ------------------------------------------------------------ */

/* The address in the form that names are made of: "192.0.2.1", "2.0.0.1.0.D
 * and so on. */
static void
add_dotted(const struct spf_macros *with, struct buf *out)
{
	for (size_t i = 0; i < with->ip_len; i++) {
		if (i)
			buf_char(out, '.');
		if (with->ip_len == 4)
			buf_int(out, with->ip[i]);
		else
			buf_printf(
			    out, "%X.%X", with->ip[i] >> 4, with->ip[i] & 15);
	}
}

static void
add_readable(const struct spf_macros *with, struct buf *out)
{
	char text[INET6_ADDRSTRLEN];

	if (inet_ntop(with->ip_len == 4 ? AF_INET : AF_INET6, with->ip, text,
		sizeof text))
		buf_text(out, text);
}

static void
add_value(char letter, const struct spf_macros *with, struct buf *out)
{
	switch (letter) {
	case 's':
		buf_add(out, with->sender);
		break;
	case 'l':
		buf_add(out, with->local);
		break;
	case 'o':
		buf_add(out, with->sender_domain);
		break;
	case 'd':
		buf_add(out, with->domain);
		break;
	case 'h':
		buf_add(out, with->ehlo);
		break;
	case 'p':
		buf_add(out, with->host);
		break;
	case 'r':
		buf_add(out, with->receiver);
		break;
	case 't':
		buf_int(out, with->now_s);
		break;
	case 'v':
		buf_text(out, with->ip_len == 4 ? "in-addr" : "ip6");
		break;
	case 'c':
		add_readable(with, out);
		break;
	default:
		add_dotted(with, out);
	}
}

/* Cuts value at the delimiters; what is beyond PARTS_MAX stays in the last. */
static size_t
split(struct span value, struct span delimiters, struct span part[PARTS_MAX])
{
	size_t count = 0, from = 0;

	for (size_t i = 0; i < value.len && count + 1 < PARTS_MAX; i++) {
		if (span_index(delimiters, value.ptr[i]) == delimiters.len)
			continue;
		part[count++] = span_slice(value, from, i);
		from = i + 1;
	}
	part[count++] = span_slice(value, from, value.len);
	return count;
}

static void
transform(const struct piece *piece, struct span value, struct buf *out)
{
	struct span part[PARTS_MAX];
	size_t count = split(value, piece->delimiters, part);
	size_t first =
	    piece->keep && piece->keep < count ? count - piece->keep : 0;

	for (size_t i = first; i < count; i++) {
		if (i > first)
			buf_char(out, '.');
		buf_add(out, part[piece->reverse ? count - 1 - i : i]);
	}
}

static void
add_escaped(struct span value, struct buf *out)
{
	for (size_t i = 0; i < value.len; i++) {
		char c = value.ptr[i];

		if (is_letter(c) || is_digit(c) ||
		    span_index(SPAN("-._~"), c) < 4)
			buf_char(out, c);
		else
			buf_printf(out, "%%%02X", (unsigned char)c);
	}
}

static void
add_macro(
    const struct piece *piece, const struct spf_macros *with, struct buf *out)
{
	struct buf value = BUF_INIT, changed = BUF_INIT;

	add_value(piece->letter, with, &value);
	transform(piece, buf_span(&value), &changed);
	if (piece->escape)
		add_escaped(buf_span(&changed), out);
	else
		buf_add(out, buf_span(&changed));
	buf_done(&value);
	buf_done(&changed);
}

void
spf_macro_expand(
    struct span text, const struct spf_macros *with, struct buf *out)
{
	struct piece piece;
	enum piece_kind kind;

	while ((kind = take_piece(&text, &piece)) != PIECE_END) {
		if (kind == PIECE_BAD)
			return;
		if (kind == PIECE_MACRO)
			add_macro(&piece, with, out);
		else
			buf_add(out, piece.literal);
	}
}
