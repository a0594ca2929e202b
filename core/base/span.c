/* Spans: comparing, searching and cutting borrowed bytes. */
#include "core/base/span.h"

#include <strings.h>

bool
span_equal(struct span a, struct span b)
{
	return a.len == b.len && (a.len == 0 || !memcmp(a.ptr, b.ptr, a.len));
}

static unsigned char
ascii_lower(char c)
{
	return (unsigned char)(c >= 'A' && c <= 'Z' ? c + 32 : c);
}

bool
span_equal_nocase(struct span a, struct span b)
{
	if (a.len != b.len)
		return false;
	for (size_t i = 0; i < a.len; i++) {
		if (ascii_lower(a.ptr[i]) != ascii_lower(b.ptr[i]))
			return false;
	}
	return true;
}

bool
span_ends(struct span s, struct span suffix)
{
	return s.len >= suffix.len &&
	       span_equal(span_slice(s, s.len - suffix.len, s.len), suffix);
}

size_t
span_search(struct span s, struct span needle)
{
	const char *hit;

	if (needle.len == 0 || s.len < needle.len)
		return needle.len == 0 ? 0 : s.len;
	hit = memmem(s.ptr, s.len, needle.ptr, needle.len);
	return hit ? (size_t)(hit - s.ptr) : s.len;
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct span
span_trim(struct span s)
{
	while (s.len && is_blank(s.ptr[0]))
		s = span_slice(s, 1, s.len);
	while (s.len && is_blank(s.ptr[s.len - 1]))
		s.len--;
	return s;
}

struct span
span_cut(struct span *rest, char c)
{
	size_t at = span_index(*rest, c);
	struct span head = span_slice(*rest, 0, at);

	*rest = span_slice(*rest, at + 1, rest->len);
	return head;
}

void
span_text(char *to, size_t room, struct span s)
{
	s = span_slice(s, 0, room - 1);
	if (s.len)
		memcpy(to, s.ptr, s.len);
	to[s.len] = '\0';
}

int
span_hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

int
span_hex_octet(struct span s, size_t at)
{
	int high, low;

	if (at >= s.len || s.len - at < 2)
		return -1;
	high = span_hex_digit(s.ptr[at]);
	low = span_hex_digit(s.ptr[at + 1]);
	return high < 0 || low < 0 ? -1 : high * 16 + low;
}

bool
span_int(struct span s, int64_t *out)
{
	int64_t value = 0;

	if (s.len == 0)
		return false;
	for (size_t i = 0; i < s.len; i++) {
		if (s.ptr[i] < '0' || s.ptr[i] > '9' ||
		    __builtin_mul_overflow(value, 10, &value) ||
		    __builtin_add_overflow(value, s.ptr[i] - '0', &value))
			return false;
	}
	*out = value;
	return true;
}
