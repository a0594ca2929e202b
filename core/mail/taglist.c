/* Cutting tag lists.  A piece that is no tag is told rather than passed over:
 * what that means differs from record to record. */
#include "core/mail/taglist.h"

static bool
is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool
is_name(struct span name)
{
	if (!name.len || !is_letter(*name.ptr))
		return false;
	for (size_t i = 0; i < name.len; i++) {
		char c = name.ptr[i];

		if (!is_letter(c) && !(c >= '0' && c <= '9') && c != '_')
			return false;
	}
	return true;
}

int
taglist_next(struct span *rest, struct tag *out)
{
	struct span piece = {0};

	while (rest->len && !piece.len)
		piece = span_trim(span_cut(rest, ';'));
	if (!piece.len)
		return 0;
	if (span_index(piece, '=') == piece.len)
		return -1;
	out->name = span_trim(span_cut(&piece, '='));
	out->value = span_trim(piece);
	return is_name(out->name) ? 1 : -1;
}

size_t
taglist_find(struct span list, const char *name, struct span *value)
{
	struct tag tag;
	size_t count = 0;
	int got;

	while ((got = taglist_next(&list, &tag)) != 0) {
		if (got < 0 || !span_equal(tag.name, span_of(name)))
			continue;
		if (!count++)
			*value = tag.value;
	}
	return count;
}

bool
taglist_is(struct span list, struct span version)
{
	struct span first = span_cut(&list, ';');

	if (span_index(first, '=') == first.len)
		return false;
	return span_equal(span_trim(span_cut(&first, '=')), SPAN("v")) &&
	       span_equal(span_trim(first), version);
}
