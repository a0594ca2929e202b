/* Decides what a mark looks like.  The grammar is Mustache's as far as it goes
 * here; what Mustache knows and we refuse has a fault of its own, so that the
 * author is told why, and not that a name is wrong. */
#include "core/compose/merge_tag.h"

#include "core/base/utf8.h"

static bool
is_blank_cp(uint32_t cp)
{
	return cp == ' ' || cp == '\t' || cp == '\n' || cp == '\r' ||
	       cp == 0xa0 || cp == 0x3000;
}

struct span
merge_trim(struct span s)
{
	uint32_t cp;
	struct span rest = s;

	while (utf8_next(&rest, &cp) != UTF8_END && is_blank_cp(cp))
		s = rest;
	rest = s;
	while (utf8_last(&rest, &cp) != UTF8_END && is_blank_cp(cp))
		s = rest;
	return s;
}

bool
merge_is_blank(struct span value)
{
	uint32_t cp;

	while (utf8_next(&value, &cp) != UTF8_END) {
		if (!is_blank_cp(cp))
			return false;
	}
	return true;
}

/* Letters and digits of any script, '_', '-' and inner spaces.  Other ASCII
 * punctuation is syntax, or kept free for it. */
static bool
is_name_cp(uint32_t cp)
{
	if (cp < 0x80)
		return (cp >= 'a' && cp <= 'z') || (cp >= 'A' && cp <= 'Z') ||
		       (cp >= '0' && cp <= '9') || cp == '_' || cp == '-' ||
		       cp == ' ';
	if (cp < 0xa1 || cp == UTF8_REPLACEMENT || cp >= 0xe0000)
		return false;
	if ((cp >= 0x2000 && cp <= 0x206f) || (cp >= 0xd800 && cp <= 0xf8ff) ||
	    (cp >= 0xfe00 && cp <= 0xfe0f))
		return false;
	return true;
}

static bool
is_name_part(struct span name)
{
	uint32_t cp;
	enum utf8_got got;

	if (name.len == 0 || merge_trim(name).len != name.len)
		return false;
	while ((got = utf8_next(&name, &cp)) != UTF8_END) {
		if (got == UTF8_BAD || !is_name_cp(cp))
			return false;
	}
	return true;
}

/* "." alone, or parts with dots between them. */
static bool
is_name(struct span name)
{
	if (span_equal(name, SPAN(".")))
		return true;
	if (span_ends(name, SPAN(".")))
		return false;
	while (name.len > 0) {
		if (!is_name_part(span_cut(&name, '.')))
			return false;
	}
	return true;
}

/* The kind that the character behind the braces says; *fault is set for what
 * Mustache has and we have not. */
static enum merge_kind
kind_of(char c, const char **fault)
{
	switch (c) {
	case '#':
		return MERGE_SECTION;
	case '^':
		return MERGE_INVERTED;
	case '/':
		return MERGE_CLOSE;
	case '!':
		return MERGE_COMMENT;
	case '{':
	case '&':
		*fault = "unescaped";
		return MERGE_VALUE;
	case '>':
		*fault = "partial";
		return MERGE_VALUE;
	case '=':
		*fault = "delimiter";
		return MERGE_VALUE;
	case '<':
	case '$':
		*fault = "block";
		return MERGE_VALUE;
	default:
		return MERGE_VALUE;
	}
}

/* inside: what stands between the braces, without the sign of the kind. */
static void
read_inside(struct span inside, struct merge_tag *out)
{
	size_t bar = span_index(inside, '|');
	struct span head = span_slice(inside, 0, bar);
	size_t colon = span_index(head, ':');

	out->has_fallback = bar < inside.len;
	out->fallback = span_trim(span_slice(inside, bar + 1, inside.len));
	if (colon < head.len)
		out->format = merge_trim(span_slice(head, colon + 1, bar));
	out->name = merge_trim(span_slice(head, 0, colon));
	if (out->name.len > MERGE_NAME_MAX ||
	    out->fallback.len > MERGE_FALLBACK_MAX)
		out->fault = "length";
	else if (out->name.len == 0 || !is_name(out->name))
		out->fault = "name";
	else if (out->kind != MERGE_VALUE && out->has_fallback)
		out->fault = "fallback";
	else if (out->kind != MERGE_VALUE && out->format.ptr)
		out->fault = "format";
}

void
merge_tag_read(struct span text, struct merge_tag *out)
{
	struct span inside = span_slice(text, 2, text.len);
	size_t end = span_search(inside, SPAN("}}"));
	const char *fault = NULL;
	char sign = '\0';

	*out = (struct merge_tag){.kind = MERGE_VALUE, .len = 2};
	if (inside.len > 0)
		sign = *inside.ptr;
	out->kind = kind_of(sign, &fault);
	if (out->kind != MERGE_COMMENT) {
		size_t line = span_index(span_slice(inside, 0, end), '\n');
		size_t again =
		    span_search(span_slice(inside, 0, end), SPAN("{{"));

		if (end == inside.len || line < end) {
			out->fault = "open";
			return;
		}
		if (again < end && !fault) {
			out->fault = "nested";
			return;
		}
	} else if (end == inside.len) {
		out->fault = "open";
		return;
	}
	out->len = end + 4;
	inside = span_slice(inside, 0, end);
	if (fault) {
		out->name = merge_trim(span_slice(inside, 1, end));
		out->fault = fault;
		return;
	}
	if (out->kind == MERGE_COMMENT)
		return;
	if (out->kind != MERGE_VALUE)
		inside = span_slice(inside, 1, end);
	read_inside(inside, out);
}
