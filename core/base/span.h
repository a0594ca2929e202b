/* Spans: borrowed bytes with a length.  Never NUL-terminated by assumption. */
#ifndef CORE_BASE_SPAN_H
#define CORE_BASE_SPAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Bytes that belong to somebody else; ptr may be NULL only when len is 0. */
struct span {
	const char *ptr;
	size_t len;
};

/* A span over a string literal, usable in constant initialisers. */
#define SPAN(literal) ((struct span){(literal), sizeof(literal) - 1})
/* The two printf arguments that "%.*s" wants. */
#define SPAN_ARG(s) (int)(s).len, (s).ptr

/* A span over a NUL-terminated string; NULL gives the empty span. */
static inline struct span
span_of(const char *text)
{
	return (struct span){text, text ? strlen(text) : 0};
}

/* A span over len bytes at ptr. */
static inline struct span
span_make(const void *ptr, size_t len)
{
	return (struct span){ptr, len};
}

/* True when a and b hold the same bytes. */
bool span_equal(struct span a, struct span b);

/* True when a and b are equal but for the case of ASCII letters. */
bool span_equal_nocase(struct span a, struct span b);

/* True when s begins with prefix, byte for byte. */
static inline bool
span_starts(struct span s, struct span prefix)
{
	return s.len >= prefix.len &&
	       (prefix.len == 0 || !memcmp(s.ptr, prefix.ptr, prefix.len));
}

/* True when s ends with suffix, byte for byte. */
bool span_ends(struct span s, struct span suffix);

/* Index of the first byte c in s, or s.len when there is none. */
static inline size_t
span_index(struct span s, char c)
{
	const char *hit = s.len ? memchr(s.ptr, c, s.len) : NULL;

	return hit ? (size_t)(hit - s.ptr) : s.len;
}

/* Index of the first occurrence of needle in s, or s.len when absent. */
size_t span_search(struct span s, struct span needle);

/* Bytes from..to of s (to exclusive); both are cut to s.len. */
static inline struct span
span_slice(struct span s, size_t from, size_t to)
{
	if (to > s.len)
		to = s.len;
	if (from > to)
		from = to;
	return span_make(s.ptr ? s.ptr + from : NULL, to - from);
}

/* s without ASCII white space (SP TAB CR LF) at both ends. */
struct span span_trim(struct span s);

/* Cuts *rest at the first c: returns what stands before it and moves *rest
 * behind it.  Without a c the whole rest is returned and *rest is empty. */
struct span span_cut(struct span *rest, char c);

/* Copies s, cut to room - 1 octets, as a string. */
void span_text(char *to, size_t room, struct span s);

/* The value of a hexadecimal digit of either case, or -1. */
int span_hex_digit(char c);

/* The octet 0..255 that the two hexadecimal digits at s[at] and s[at + 1] give,
 * or -1 when there are none. */
int span_hex_octet(struct span s, size_t at);

/* Reads an unsigned decimal number that fills the whole span.  False on an
 * empty span, another character, or a value above INT64_MAX. */
bool span_int(struct span s, int64_t *out);

#endif
