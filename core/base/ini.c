/* The INI dialect of our theme files.  It only cuts lines; what may stand in
 * them is the caller's business. */
#include "core/base/ini.h"

#include "core/base/utf8.h"

void
ini_init(struct ini *ini, struct span text)
{
	*ini = (struct ini){.rest = text};
	if (span_starts(text, SPAN("\xef\xbb\xbf")))
		ini->rest = span_slice(text, 3, text.len);
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static struct span
without_comment(struct span line)
{
	for (size_t i = 0; i < line.len; i++) {
		if (line.ptr[i] != '#')
			continue;
		if (i == 0)
			return span_slice(line, 0, 0);
		if (is_blank(line.ptr[i - 1]) &&
		    (i + 1 == line.len || is_blank(line.ptr[i + 1])))
			return span_slice(line, 0, i);
	}
	return line;
}

enum ini_got
ini_next(struct ini *ini, struct span *name, struct span *value)
{
	while (ini->rest.len > 0) {
		struct span line = span_cut(&ini->rest, '\n');

		ini->line++;
		ini->line_start = line.ptr;
		line = span_trim(without_comment(line));
		if (line.len == 0)
			continue;
		*name = line;
		*value = span_slice(line, line.len, line.len);
		if (line.ptr[0] == '[')
			return INI_SECTION;
		if (span_index(line, '=') == line.len)
			return INI_BAD;
		*name = span_trim(span_cut(&line, '='));
		*value = span_trim(line);
		return INI_VALUE;
	}
	return INI_END;
}

int
ini_column(const struct ini *ini, struct span at)
{
	struct span before =
	    span_make(ini->line_start, (size_t)(at.ptr - ini->line_start));

	return (int)utf8_count(before) + 1;
}
