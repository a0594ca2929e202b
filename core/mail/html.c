/* Tags, attributes and entities.  What this reader decides is only where a tag
 * ends and which bytes are text: quotes are respected, comments are skipped,
 * an unfinished tag takes the rest, as browsers do. */
#include "core/mail/html.h"

#include "core/base/utf8.h"

enum { ENTITY_MAX = 9 }; /* octets of a name */

/* ---- Entities ---------------------------------------------------------- */

static uint32_t
entity_number(struct span name)
{
	const char *digits = "0123456789abcdef";
	uint32_t value = 0, base = 10;

	name = span_slice(name, 1, name.len);
	if (name.len > 0 && (*name.ptr == 'x' || *name.ptr == 'X')) {
		base = 16;
		name = span_slice(name, 1, name.len);
	}
	for (size_t i = 0; i < name.len; i++) {
		char c = name.ptr[i];
		if (c >= 'A' && c <= 'F')
			c = (char)(c - 'A' + 'a');
		const char *at = c ? strchr(digits, c) : NULL;
		if (!at || (uint32_t)(at - digits) >= base || value > 0x10ffff)
			return 0;
		value = value * base + (uint32_t)(at - digits);
	}
	return value;
}

/* The character that an entity name stands for, 0 when unknown. */
static uint32_t
entity(struct span name)
{
	static const struct {
		const char *name;
		uint32_t cp;
	} known[] = {
	    {"amp", '&'},
	    {"lt", '<'},
	    {"gt", '>'},
	    {"quot", '"'},
	    {"apos", '\''},
	    {"nbsp", 0xa0},
	    {"shy", 0xad},
	    {"zwnj", 0x200c},
	    {"zwj", 0x200d},
	    {"copy", 0xa9},
	    {"yen", 0xa5},
	    {"ndash", 0x2013},
	    {"mdash", 0x2014},
	    {"hellip", 0x2026},
	};

	if (name.len > 1 && *name.ptr == '#')
		return entity_number(name);
	for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
		if (span_equal(name, span_of(known[i].name)))
			return known[i].cp;
	}
	return 0;
}

void
html_decode(struct span text, struct buf *out)
{
	while (text.len > 0) {
		size_t at = span_index(text, '&');
		buf_add(out, span_slice(text, 0, at));
		text = span_slice(text, at, text.len);
		if (text.len == 0)
			return;
		struct span near = span_slice(text, 0, ENTITY_MAX + 2);
		size_t end = span_index(near, ';');
		uint32_t cp =
		    end < near.len ? entity(span_slice(near, 1, end)) : 0;
		if (cp == 0) {
			buf_char(out, '&');
			end = 0;
		} else {
			buf_utf8(out, cp);
		}
		text = span_slice(text, end + 1, text.len);
	}
}

/* ---- Tags -------------------------------------------------------------- */

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}

static bool
is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* Where the tag that is read from at ends: a '>' within quotes does not end
 * it. */
static size_t
tag_end(struct span text, size_t at)
{
	while (at < text.len) {
		struct span rest = span_slice(text, at, text.len);
		struct span within = span_slice(rest, 0, span_index(rest, '>'));
		size_t two = span_index(within, '"'),
		       one = span_index(span_slice(within, 0, two), '\'');
		size_t from = one < two ? one : two;

		if (from == within.len)
			return at + from;
		at += from + 1;
		rest = span_slice(text, at, text.len);
		at += span_index(rest, within.ptr[from]) + 1;
	}
	return text.len;
}

bool
html_tag_take(struct span *rest, struct html_tag *tag)
{
	size_t at, name;

	if (span_starts(*rest, SPAN("!--"))) {
		size_t end = span_search(*rest, SPAN("-->"));
		*tag = (struct html_tag){.closes = false};
		*rest = span_slice(*rest, end + 3, rest->len);
		return true;
	}
	tag->closes = rest->len > 0 && *rest->ptr == '/';
	name = tag->closes ? 1 : 0;
	if (name >= rest->len ||
	    (!is_letter(rest->ptr[name]) && rest->ptr[name] != '!'))
		return false;
	at = tag_end(*rest, name);
	struct span whole = span_slice(*rest, name, at);
	size_t end = 0;
	while (end < whole.len && !is_blank(whole.ptr[end]) &&
	       whole.ptr[end] != '/')
		end++;
	tag->name = span_slice(whole, 0, end);
	tag->attributes = span_slice(whole, end, whole.len);
	*rest = span_slice(*rest, at + 1, rest->len);
	return true;
}

static void
skip_blanks(struct span *s)
{
	while (s->len > 0 && (is_blank(*s->ptr) || *s->ptr == '/'))
		*s = span_slice(*s, 1, s->len);
}

/* Takes name and value of one attribute; false at the end. */
static bool
take_attribute(struct span *rest, struct span *name, struct span *value)
{
	size_t end = 0;

	skip_blanks(rest);
	while (end < rest->len && !is_blank(rest->ptr[end]) &&
	       rest->ptr[end] != '=' && rest->ptr[end] != '/')
		end++;
	*name = span_slice(*rest, 0, end);
	*rest = span_slice(*rest, end, rest->len);
	*value = SPAN("");
	struct span after = *rest;
	skip_blanks(&after);
	if (after.len == 0 || *after.ptr != '=')
		return name->len > 0;
	*rest = span_slice(after, 1, after.len);
	skip_blanks(rest);
	if (rest->len > 0 && (*rest->ptr == '"' || *rest->ptr == '\'')) {
		char quote = *rest->ptr;
		*rest = span_slice(*rest, 1, rest->len);
		*value = span_cut(rest, quote);
		return true;
	}
	for (end = 0; end < rest->len && !is_blank(rest->ptr[end]);)
		end++;
	*value = span_slice(*rest, 0, end);
	*rest = span_slice(*rest, end, rest->len);
	return true;
}

bool
html_attribute(const struct html_tag *tag, const char *wanted, struct buf *out)
{
	struct span rest = tag->attributes, name, value;

	while (rest.len > 0 && take_attribute(&rest, &name, &value)) {
		if (!span_equal_nocase(name, span_of(wanted)))
			continue;
		html_decode(value, out);
		return true;
	}
	return false;
}

/* ---- Text -------------------------------------------------------------- */

static void
collapse_decoded(struct span text, struct buf *out)
{
	char *start, *to;

	buf_reserve(out, text.len);
	start = out->ptr;
	to = start + out->len;
	for (size_t i = 0; i < text.len; i++) {
		char c = text.ptr[i];

		if (!is_blank(c))
			*to++ = c;
		else if (to > start && to[-1] != ' ' && to[-1] != '\n')
			*to++ = ' ';
	}
	out->len = (size_t)(to - start);
	*to = '\0';
}

void
html_collapse(struct span text, struct buf *out)
{
	struct buf decoded = BUF_INIT;

	if (span_index(text, '&') == text.len) {
		collapse_decoded(text, out);
		return;
	}
	html_decode(text, &decoded);
	collapse_decoded(buf_span(&decoded), out);
	buf_done(&decoded);
}

void
html_skip_unseen(const struct html_tag *tag, struct span *rest)
{
	static const struct span hidden[] = {{"head", sizeof "head" - 1},
	    {"style", sizeof "style" - 1}, {"script", sizeof "script" - 1},
	    {"title", sizeof "title" - 1}};
	struct html_tag inner;

	for (size_t i = 0; i < sizeof hidden / sizeof *hidden; i++) {
		if (tag->closes || !html_tag_is(tag, hidden[i]))
			continue;
		while (rest->len > 0) {
			span_cut(rest, '<');
			if (html_tag_take(rest, &inner) && inner.closes &&
			    html_tag_is(&inner, hidden[i]))
				return;
		}
	}
}

/* Where needle, in lower case, stands in any case of letters, or text.len.
 * Nearly always there is no capital to try. */
static size_t
search_nocase(struct span text, struct span needle)
{
	size_t at = span_search(text, needle);

	if (at < text.len ||
	    span_index(text, (char)(*needle.ptr - 'a' + 'A')) == text.len)
		return at;
	for (size_t i = 0; i + needle.len <= text.len; i++) {
		if (span_equal_nocase(
			span_slice(text, i, i + needle.len), needle))
			return i;
	}
	return text.len;
}

bool
html_tag_hides(const struct html_tag *tag)
{
	struct buf style = BUF_INIT;
	struct span rest;
	bool hidden = false;

	if (search_nocase(tag->attributes, SPAN("display")) ==
		tag->attributes.len ||
	    !html_attribute(tag, "style", &style))
		goto out;
	rest = buf_span(&style);
	while (rest.len > 0 && !hidden) {
		struct span value = span_cut(&rest, ';');
		struct span name = span_trim(span_cut(&value, ':'));

		hidden = span_equal_nocase(name, SPAN("display")) &&
			 search_nocase(value, SPAN("none")) < value.len;
	}
out:
	buf_done(&style);
	return hidden;
}

/* Elements without content have no end tag to look for. */
static bool
is_void(const struct html_tag *tag)
{
	static const char *const names[] = {
	    "area", "br", "hr", "img", "input", "link", "meta", "wbr"};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		if (html_tag_is(tag, span_of(names[i])))
			return true;
	}
	return false;
}

void
html_skip_hidden(const struct html_tag *tag, struct span *rest)
{
	struct html_tag inner;
	int depth = 1;

	if (tag->closes || is_void(tag) || !html_tag_hides(tag))
		return;
	while (rest->len > 0 && depth > 0) {
		span_cut(rest, '<');
		if (html_tag_take(rest, &inner) &&
		    html_tag_is(&inner, tag->name))
			depth += inner.closes ? -1 : 1;
	}
}
