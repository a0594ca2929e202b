/* What a text of a contact may hold: nothing that could steer a terminal or a
 * header, and nothing that a reader cannot see. */
#include "core/base/text.h"

#include "core/base/utf8.h"

void
text_cut(char *out, size_t size, struct span s)
{
	size_t len = 0;

	while (s.len) {
		struct span before = s;
		uint32_t cp;

		utf8_next(&s, &cp);
		before.len -= s.len;
		if (cp == 0)
			before = SPAN("\xe2\x90\x80");
		if (before.len >= size - len)
			break;
		memcpy(out + len, before.ptr, before.len);
		len += before.len;
	}
	out[len] = '\0';
}

struct span
text_trim(struct span s)
{
	static const struct span wide = {"\xe3\x80\x80", 3};

	for (;;) {
		if (s.len && (s.ptr[0] == ' ' || s.ptr[0] == '\t'))
			s = span_slice(s, 1, s.len);
		else if (span_starts(s, wide))
			s = span_slice(s, wide.len, s.len);
		else
			break;
	}
	for (;;) {
		if (s.len &&
		    (s.ptr[s.len - 1] == ' ' || s.ptr[s.len - 1] == '\t'))
			s.len--;
		else if (span_ends(s, wide))
			s.len -= wide.len;
		else
			return s;
	}
}

bool
text_is_blank(struct span s)
{
	s = text_trim(span_trim(text_trim(s)));
	return s.len == 0;
}

static enum text_fault
judge(uint32_t cp)
{
	if (cp < 0xa0)
		return TEXT_CONTROL;
	if ((cp >= 0xe000 && cp <= 0xf8ff) || cp >= 0xf0000)
		return TEXT_CHARACTER; /* for private use: gaiji, old emoji */
	if ((cp >= 0x202a && cp <= 0x202e) || (cp >= 0x2066 && cp <= 0x2069))
		return TEXT_CHARACTER;
	if (cp == 0xfeff || cp == 0xfffd || (cp & 0xfffe) == 0xfffe ||
	    (cp >= 0xfdd0 && cp <= 0xfdef) || cp == 0x2028 || cp == 0x2029)
		return TEXT_CHARACTER;
	return TEXT_FINE;
}

/* Skips what is plain, line ends and tabs being plain when lines are; ASCII
 * fast, because every cell of a file passes here. */
static enum text_fault
check(struct span s, const char *plain_controls)
{
	while (s.len) {
		unsigned char c = (unsigned char)*s.ptr;
		enum text_fault fault;
		uint32_t cp;

		if ((c >= 0x20 && c < 0x7f) ||
		    (c && c < 0x20 && strchr(plain_controls, c))) {
			s = span_make(s.ptr + 1, s.len - 1);
			continue;
		}
		if (utf8_next(&s, &cp) != UTF8_GOOD)
			return TEXT_CHARACTER;
		fault = judge(cp);
		if (fault != TEXT_FINE)
			return fault;
	}
	return TEXT_FINE;
}

enum text_fault
text_check_line(struct span s)
{
	return check(s, "");
}

enum text_fault
text_check_lines(struct span s)
{
	return check(s, "\t\r\n");
}

void
text_one_line(struct buf *out, struct span s, size_t limit)
{
	size_t end = out->len + limit;
	uint32_t cp;

	while (utf8_next(&s, &cp)) {
		char bytes[UTF8_MAX];
		size_t len;

		if (cp < 0x20 || (cp >= 0x7f && cp < 0xa0))
			cp = ' ';
		len = utf8_encode(cp, bytes);
		if (len > end - out->len)
			return;
		buf_add(out, span_make(bytes, len));
	}
}
