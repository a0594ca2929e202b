/* A strict reader of the HTML that Markdown becomes: nothing but our elements
 * and attributes, every value quoted, every address of an allowed kind,
 * everything closed in order.  It shares no code with the writer. */
#ifndef TESTS_FUZZ_STRICT_HTML_H
#define TESTS_FUZZ_STRICT_HTML_H

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "core/base/span.h"

enum { STRICT_DEPTH = 4096 };

static inline bool
strict_is_one_of(const char *const *known, struct span name)
{
	for (; *known; known++) {
		if (span_equal(span_of(*known), name))
			return true;
	}
	return false;
}

/* Takes name="value" with the blank before it off *rest. */
static inline bool
strict_attribute(struct span *rest, struct span *name, struct span *value)
{
	size_t at;

	if (!span_starts(*rest, SPAN(" ")))
		return false;
	*rest = span_slice(*rest, 1, rest->len);
	at = span_search(*rest, SPAN("=\""));
	if (at == rest->len)
		return false;
	*name = span_slice(*rest, 0, at);
	*rest = span_slice(*rest, at + 2, rest->len);
	at = span_index(*rest, '"');
	if (at == rest->len)
		return false;
	*value = span_slice(*rest, 0, at);
	*rest = span_slice(*rest, at + 1, rest->len);
	return true;
}

static inline bool
strict_is_safe(struct span name, struct span value)
{
	static const char *const known[] = {"style", "class", "title", "alt",
	    "scope", "start", "role", "align", "valign", "width", "height",
	    "cellpadding", "cellspacing", "border", "bgcolor", "href", "src",
	    "dir", "lang", "target", NULL};
	static const char *const link[] = {
	    "https://", "http://", "mailto:", "tel:", NULL};
	static const char *const image[] = {
	    "https://", "http://", "cid:", NULL};
	const char *const *scheme = NULL;

	if (!strict_is_one_of(known, name) ||
	    span_index(value, '<') < value.len)
		return false;
	if (span_equal(name, SPAN("href")))
		scheme = link;
	if (span_equal(name, SPAN("src")))
		scheme = image;
	for (; scheme && *scheme; scheme++) {
		if (span_starts(value, span_of(*scheme)))
			return true;
	}
	return scheme == NULL;
}

/* Text: every & begins one of our entities, and there is no >. */
static inline bool
strict_text(struct span text)
{
	static const char *const known[] = {
	    "&amp;", "&lt;", "&gt;", "&quot;", "&#39;", "&nbsp;", NULL};

	if (span_index(text, '>') < text.len)
		return false;
	while (text.len > 0) {
		bool found = false;

		text = span_slice(text, span_index(text, '&'), text.len);
		for (size_t i = 0; known[i]; i++)
			found |= span_starts(text, span_of(known[i]));
		if (text.len > 0 && !found)
			return false;
		text = span_slice(text, 1, text.len);
	}
	return true;
}

/* Why html is not what we write, a static string, or NULL. */
static inline const char *
strict_html(struct span html)
{
	static const char *const known[] = {"p", "h1", "h2", "h3", "h4", "h5",
	    "h6", "ul", "ol", "li", "blockquote", "pre", "code", "a", "table",
	    "thead", "tbody", "tr", "th", "td", "strong", "em", "span", NULL};
	static const char *const empty[] = {"br", "hr", "img", NULL};
	static struct span open[STRICT_DEPTH];
	size_t depth = 0;

	while (html.len > 0) {
		struct span tag, name, attribute, value;
		bool closes;
		size_t at = span_index(html, '<');

		if (!strict_text(span_slice(html, 0, at)))
			return "text";
		if (at == html.len)
			break;
		html = span_slice(html, at + 1, html.len);
		at = span_index(html, '>');
		if (at == html.len)
			return "unfinished tag";
		tag = span_slice(html, 0, at);
		html = span_slice(html, at + 1, html.len);
		closes = span_starts(tag, SPAN("/"));
		tag = span_slice(tag, closes, tag.len);
		name = span_slice(tag, 0, span_index(tag, ' '));
		tag = span_slice(tag, name.len, tag.len);
		if (closes) {
			if (depth == 0 || tag.len > 0 ||
			    !span_equal(open[--depth], name))
				return "end tag";
			continue;
		}
		while (tag.len > 0) {
			if (!strict_attribute(&tag, &attribute, &value) ||
			    !strict_is_safe(attribute, value))
				return "attribute";
		}
		if (strict_is_one_of(empty, name))
			continue;
		if (!strict_is_one_of(known, name) || depth == STRICT_DEPTH)
			return "element";
		open[depth++] = name;
	}
	return depth == 0 ? NULL : "not closed";
}

#endif
