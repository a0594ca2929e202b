/* Reads parts the way a person or a filter would: what the HTML shows, and
 * which URLs a part holds.  Knows nothing of how we write HTML, so that the
 * checks built on it do not repeat the writer's mistakes. */
#include "core/compose/compose.h"

#include "core/base/utf8.h"

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
	};

	if (name.len > 1 && *name.ptr == '#')
		return entity_number(name);
	for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
		if (span_equal(name, span_of(known[i].name)))
			return known[i].cp;
	}
	return 0;
}

static void
add_decoded(struct span text, struct buf *out)
{
	while (text.len > 0) {
		size_t at = span_index(text, '&');
		buf_add(out, span_slice(text, 0, at));
		text = span_slice(text, at, text.len);
		if (text.len == 0)
			return;
		size_t end = span_index(text, ';');
		uint32_t cp = end < text.len && end <= 10
				  ? entity(span_slice(text, 1, end))
				  : 0;
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

struct tag {
	struct span name; /* lower or upper case as written, without '/' */
	struct span attributes;
	bool closes;
};

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

/* Takes a tag off *rest, which begins behind its '<'.  False when this is no
 * tag; an unfinished one takes all. */
static bool
take_tag(struct span *rest, struct tag *tag)
{
	size_t at = 0, name;
	char quote = '\0';

	if (span_starts(*rest, SPAN("!--"))) {
		size_t end = span_search(*rest, SPAN("-->"));
		*tag = (struct tag){.closes = false};
		*rest = span_slice(*rest, end + 3, rest->len);
		return true;
	}
	tag->closes = rest->len > 0 && *rest->ptr == '/';
	name = tag->closes ? 1 : 0;
	if (name >= rest->len ||
	    (!is_letter(rest->ptr[name]) && rest->ptr[name] != '!'))
		return false;
	for (at = name; at < rest->len; at++) {
		char c = rest->ptr[at];
		if (quote) {
			if (c == quote)
				quote = '\0';
		} else if (c == '"' || c == '\'') {
			quote = c;
		} else if (c == '>') {
			break;
		}
	}
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

static inline bool
is_tag(const struct tag *tag, struct span name)
{
	return tag->name.len == name.len && span_equal_nocase(tag->name, name);
}

/* Appends the decoded attribute; false when the tag has none. */
static bool
add_attribute(const struct tag *tag, const char *wanted, struct buf *out)
{
	struct span rest = tag->attributes, name, value;

	while (rest.len > 0 && take_attribute(&rest, &name, &value)) {
		if (!span_equal_nocase(name, span_of(wanted)))
			continue;
		add_decoded(value, out);
		return true;
	}
	return false;
}

/* ---- What HTML shows --------------------------------------------------- */

static bool
is_block(const struct tag *tag)
{
	static const struct span block[] = {{"p", sizeof "p" - 1},
	    {"div", sizeof "div" - 1}, {"h1", sizeof "h1" - 1},
	    {"h2", sizeof "h2" - 1}, {"h3", sizeof "h3" - 1},
	    {"h4", sizeof "h4" - 1}, {"h5", sizeof "h5" - 1},
	    {"h6", sizeof "h6" - 1}, {"li", sizeof "li" - 1},
	    {"ul", sizeof "ul" - 1}, {"ol", sizeof "ol" - 1},
	    {"blockquote", sizeof "blockquote" - 1}, {"pre", sizeof "pre" - 1},
	    {"hr", sizeof "hr" - 1}, {"tr", sizeof "tr" - 1},
	    {"table", sizeof "table" - 1}, {"br", sizeof "br" - 1},
	    {"body", sizeof "body" - 1}, {"td", sizeof "td" - 1}};

	for (size_t i = 0; i < sizeof block / sizeof *block; i++) {
		if (is_tag(tag, block[i]))
			return true;
	}
	return false;
}

static void
line_end(struct buf *out)
{
	while (out->len > 0 && out->ptr[out->len - 1] == ' ')
		out->len--;
	if (out->len > 0 && out->ptr[out->len - 1] != '\n')
		buf_char(out, '\n');
}

/* Appends text with its white space collapsed, as a browser shows it. */
static void
add_decoded_collapsed(struct span text, struct buf *out)
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

static void
add_collapsed(struct span text, struct buf *out)
{
	struct buf decoded = BUF_INIT;

	if (span_index(text, '&') == text.len) {
		add_decoded_collapsed(text, out);
		return;
	}
	add_decoded(text, &decoded);
	add_decoded_collapsed(buf_span(&decoded), out);
	buf_done(&decoded);
}

/* Elements whose content nobody sees as text: takes all up to the end tag. */
static void
skip_hidden(const struct tag *tag, struct span *rest)
{
	static const struct span hidden[] = {{"head", sizeof "head" - 1},
	    {"style", sizeof "style" - 1}, {"script", sizeof "script" - 1},
	    {"title", sizeof "title" - 1}};
	struct tag inner;

	for (size_t i = 0; i < sizeof hidden / sizeof *hidden; i++) {
		if (tag->closes || !is_tag(tag, hidden[i]))
			continue;
		while (rest->len > 0) {
			span_cut(rest, '<');
			if (take_tag(rest, &inner) && inner.closes &&
			    is_tag(&inner, hidden[i]))
				return;
		}
	}
}

struct open_link {
	struct buf href;
	size_t text_from;
	bool is_open;
};

static void
link_tag(const struct tag *tag, struct open_link *link, struct buf *out)
{
	if (!tag->closes) {
		buf_clear(&link->href);
		link->is_open = add_attribute(tag, "href", &link->href);
		link->text_from = out->len;
		return;
	}
	struct span shown =
	    span_slice(buf_span(out), link->text_from, out->len);
	if (link->is_open &&
	    !span_equal(span_trim(shown), buf_span(&link->href))) {
		buf_text(out, " <");
		buf_add(out, buf_span(&link->href));
		buf_char(out, '>');
	}
	link->is_open = false;
}

int
html_to_text(struct span html, struct buf *out, struct err *err)
{
	struct open_link link = {.href = BUF_INIT};
	struct tag tag;

	if (!utf8_is_valid(html)) {
		err_set(err, E_MIME_TEXT);
		return err_fact(err, "part", SPAN("html"));
	}
	while (html.len > 0) {
		size_t at = span_index(html, '<');
		add_collapsed(span_slice(html, 0, at), out);
		if (at == html.len)
			break;
		html = span_slice(html, at + 1, html.len);
		if (!take_tag(&html, &tag)) {
			buf_char(out, '<');
			continue;
		}
		skip_hidden(&tag, &html);
		if (is_tag(&tag, SPAN("a")))
			link_tag(&tag, &link, out);
		else if (is_tag(&tag, SPAN("img")) && !tag.closes)
			add_attribute(&tag, "alt", out);
		else if (is_block(&tag))
			line_end(out);
	}
	line_end(out);
	buf_done(&link.href);
	return 0;
}

/* ---- URLs -------------------------------------------------------------- */

/* Octets of the scheme that begins text, 0 when none does. */
static size_t
scheme_at(struct span text)
{
	static const struct span scheme[] = {
	    {"https://", 8}, {"http://", 7}, {"mailto:", 7}, {"tel:", 4}};
	char first = (char)(text.len > 0 ? *text.ptr | 0x20 : 0);

	if (first != 'h' && first != 'm' && first != 't')
		return 0;
	for (size_t i = 0; i < sizeof scheme / sizeof *scheme; i++) {
		struct span wanted = scheme[i];

		if (text.len > wanted.len &&
		    span_equal_nocase(span_slice(text, 0, wanted.len), wanted))
			return wanted.len;
	}
	return 0;
}

static bool
is_url_char(char c)
{
	return (unsigned char)c > 0x20 && (unsigned char)c < 0x7f && c != '<' &&
	       c != '>' && c != '"';
}

/* A URL that fills the rest of a line behind "[n] " is a link's target and is
 * taken whole; in a sentence its closing punctuation is not part of it. */
static struct span
trim_url(struct span url, bool alone)
{
	while (
	    !alone && url.len > 0 && strchr(".,;:!?)'", url.ptr[url.len - 1]))
		url.len--;
	return url;
}

static bool
is_note_start(struct span before)
{
	size_t at = 0;

	while (
	    at < before.len && (before.ptr[at] == ' ' || before.ptr[at] == '>'))
		at++;
	return at < before.len && before.ptr[at] == '[' &&
	       span_ends(before, SPAN("] "));
}

static void
text_urls(struct span line, struct buf *out)
{
	size_t at = 0, end;

	/* no scheme is without one, and most lines are */
	if (span_index(line, ':') == line.len)
		return;
	while (at < line.len) {
		struct span rest = span_slice(line, at, line.len);
		size_t scheme = scheme_at(rest);
		if (scheme == 0 || (at > 0 && is_letter(line.ptr[at - 1]))) {
			at++;
			continue;
		}
		for (end = scheme;
		    end < rest.len && is_url_char(rest.ptr[end]);)
			end++;
		bool alone =
		    end == rest.len && is_note_start(span_slice(line, 0, at));
		buf_add(out, trim_url(span_slice(rest, 0, end), alone));
		buf_char(out, '\n');
		at += end;
	}
}

/* Adds the URLs of visible text, but not again the target of the link whose
 * text it is (the last line of out). */
static void
visible_urls(struct span text, struct buf *out)
{
	struct buf found = BUF_INIT;
	struct span rest;

	text_urls(text, &found);
	rest = buf_span(&found);
	while (rest.len > 0) {
		struct span url = span_cut(&rest, '\n');
		struct span before = buf_span(out);

		if (span_ends(before, SPAN("\n")))
			before.len--;
		if (span_ends(before, url) &&
		    (before.len == url.len ||
			before.ptr[before.len - url.len - 1] == '\n'))
			continue;
		buf_add(out, url);
		buf_char(out, '\n');
	}
	buf_done(&found);
}

/* Targets of links, and the URLs that stand in the text itself: a reader of
 * the part sees both. */
static void
html_urls(struct span html, struct buf *out)
{
	struct buf text = BUF_INIT;
	struct tag tag;

	while (html.len > 0) {
		size_t from;
		buf_clear(&text);
		add_collapsed(span_cut(&html, '<'), &text);
		visible_urls(buf_span(&text), out);
		from = out->len;
		if (!take_tag(&html, &tag))
			continue;
		skip_hidden(&tag, &html);
		if (!tag.closes && is_tag(&tag, SPAN("a")) &&
		    add_attribute(&tag, "href", out) && out->len > from)
			buf_char(out, '\n');
	}
	buf_done(&text);
}

void
part_urls(struct span part, struct buf *out)
{
	struct span head = span_trim(span_slice(part, 0, 200));

	if (span_starts(head, SPAN("<"))) {
		html_urls(part, out);
		return;
	}
	while (part.len > 0) {
		struct span line = span_cut(&part, '\n');
		if (span_ends(line, SPAN("\r")))
			line.len--;
		text_urls(line, out);
	}
}
