/* What begins like a formula gets one apostrophe more than it has, so that one
 * apostrophe less always gives what it was. */
#include "core/base/cell.h"

#include <string.h>

static bool
begins(struct span text)
{
	/* the last four are = + - @ of full width */
	static const char *const signs[] = {"=", "+", "-", "@", "\t", "\r",
	    "\n", "\xef\xbc\x9d", "\xef\xbc\x8b", "\xef\xbc\x8d",
	    "\xef\xbc\xa0"};

	for (size_t i = 0; i < sizeof signs / sizeof *signs; i++) {
		if (span_starts(text, span_of(signs[i])))
			return true;
	}
	return false;
}

bool
cell_is_formula(struct span text)
{
	size_t at = 0;

	while (at < text.len && text.ptr[at] == '\'')
		at++;
	return begins(span_slice(text, at, text.len));
}

static bool
needs_quotes(char delimiter, struct span text)
{
	return memchr(text.ptr, delimiter, text.len) ||
	       memchr(text.ptr, '"', text.len) ||
	       memchr(text.ptr, '\n', text.len) ||
	       memchr(text.ptr, '\r', text.len) || text.ptr[0] == ' ' ||
	       text.ptr[text.len - 1] == ' ';
}

void
cell_put(struct buf *out, char delimiter, struct span text)
{
	bool formula = cell_is_formula(text);

	if (text.len == 0)
		return;
	if (!needs_quotes(delimiter, text)) {
		if (formula)
			buf_char(out, '\'');
		buf_add(out, text);
		return;
	}
	buf_text(out, formula ? "\"'" : "\"");
	for (size_t i = 0; i < text.len; i++) {
		if (text.ptr[i] == '"')
			buf_char(out, '"');
		buf_char(out, text.ptr[i]);
	}
	buf_char(out, '"');
}

struct span
cell_plain(struct span text)
{
	if (text.len && text.ptr[0] == '\'' && cell_is_formula(text))
		return span_slice(text, 1, text.len);
	return text;
}
