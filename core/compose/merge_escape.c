/* Decides how a value is written where it lands, so that it stays data there. */
#include "core/compose/merge.h"

static const char *
html_entity(char c)
{
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	case '\'':
		return "&#39;";
	default:
		return NULL;
	}
}

/* Both HTML contexts get the full set: a value that is safe in one place must
 * not become dangerous when a mail program moves it to another. */
static void
escape_html(struct span value, const char *line_end, struct buf *out)
{
	size_t from = 0;

	for (size_t i = 0; i < value.len; i++) {
		const char *entity = html_entity(value.ptr[i]);
		if (value.ptr[i] == '\n')
			entity = line_end;
		if (!entity)
			continue;
		buf_add(out, span_slice(value, from, i));
		buf_text(out, entity);
		from = i + 1;
	}
	buf_add(out, span_slice(value, from, value.len));
}

static bool
is_unreserved(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' ||
	       c == '~';
}

static void
escape_url(struct span value, struct buf *out)
{
	static const char hex[] = "0123456789ABCDEF";

	for (size_t i = 0; i < value.len; i++) {
		unsigned char c = (unsigned char)value.ptr[i];
		const char triple[] = {'%', hex[c >> 4], hex[c & 15]};

		if (is_unreserved(value.ptr[i]))
			buf_char(out, value.ptr[i]);
		else
			buf_add(out, span_make(triple, sizeof triple));
	}
}

void
merge_escape(enum merge_context context, struct span value, struct buf *out)
{
	switch (context) {
	case MERGE_PLAIN:
	case MERGE_HEADER:
	case MERGE_CONTEXTS:
		buf_add(out, value);
		return;
	case MERGE_HTML:
		escape_html(value, "<br>\n", out);
		return;
	case MERGE_ATTR:
		escape_html(value, " ", out);
		return;
	case MERGE_URL:
		escape_url(value, out);
		return;
	}
}
