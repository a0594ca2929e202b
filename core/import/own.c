/* Our own files among foreign ones.  Only a file with our headers is read so: in
 * another one an apostrophe is what somebody has typed. */
#include "core/import/own.h"

#include "core/base/cell.h"
#include "core/base/text.h"

static bool
is_header(struct span cell, const char *name)
{
	return span_equal(text_trim(cell), span_of(name));
}

size_t
own_mark(const struct span *header, size_t count)
{
	size_t at = 0;

	while (at < count && !is_header(header[at], OWN_MARK))
		at++;
	return at;
}

enum own_file
own_file_of(const struct span *header, size_t count)
{
	if (count > OWN_REJECTS_COLUMNS && is_header(header[0], OWN_LINE) &&
	    is_header(header[1], OWN_REASON))
		return OWN_REJECTS;
	return own_mark(header, count) < count ? OWN_EXPORT : OWN_NONE;
}

bool
own_is_watermark(const struct csv_row *row, size_t mark)
{
	return mark < row->count &&
	       span_starts(text_trim(row->cell[mark]), SPAN(OWN_WATERMARK));
}

void
own_unwrap(enum own_file own, struct csv_row *row)
{
	size_t first = own == OWN_REJECTS ? OWN_REJECTS_COLUMNS : 0;

	for (size_t i = first; own != OWN_NONE && i < row->count; i++)
		row->cell[i] = cell_plain(row->cell[i]);
}
