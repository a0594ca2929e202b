/* Merge fields while a text is written: what may be used, what is meant by the
 * letters behind two braces, and the colours of Markdown.  Colouring looks at
 * one line and is only a help; what a mark means is decided by core. */
#include <stdlib.h>

#include "core/base/mem.h"
#include "tui/screens/text.h"
#include "tui/text/i18n.h"

static const char *const built_in[] = {"name", "address"};
enum { BUILT_IN = sizeof built_in / sizeof *built_in };

static const struct list_column columns[] = {{"", 0, 10, 0, FIT_END}};

static struct span
name_of(const struct marks *marks, size_t number)
{
	if (number < BUILT_IN)
		return span_of(built_in[number]);
	return span_of(marks->name[number - BUILT_IN]);
}

static int64_t
row_count(struct list_source *source)
{
	struct marks *marks =
	    (struct marks *)((char *)source - offsetof(struct marks, source));

	return (int64_t)marks->matching_count;
}

static bool
row(struct list_source *source, int64_t index, struct list_row *out)
{
	struct marks *marks =
	    (struct marks *)((char *)source - offsetof(struct marks, source));
	size_t number = marks->matching[index];

	out->key = (int64_t)number;
	out->cell[0] = name_of(marks, number);
	out->cell_role[0] = ROLE_MERGE;
	return true;
}

void
marks_done(struct marks *marks)
{
	list_free(&marks->list);
	field_names_free(&marks->name, marks->count);
	free(marks->matching);
	buf_done(&marks->partial);
}

void
marks_take(struct marks *marks, char ***taken, size_t count)
{
	list_free(&marks->list);
	field_names_free(&marks->name, marks->count);
	marks->name = *taken;
	marks->count = count;
	marks->known = true;
	*taken = NULL;
}

/* What stands behind the last open braces; false when none are open. */
static bool
open_mark(struct span before, struct span *partial)
{
	size_t at = before.len;

	while (at > 0) {
		char c = before.ptr[at - 1];

		if (c == '}' || c == '|')
			return false;
		if (c == '{' && at > 1 && before.ptr[at - 2] == '{') {
			*partial = span_slice(before, at, before.len);
			return true;
		}
		at--;
	}
	return false;
}

static void
match(struct marks *marks)
{
	size_t all = BUILT_IN + marks->count;

	marks->matching =
	    mem_grow(marks->matching, all * sizeof *marks->matching);
	marks->matching_count = 0;
	for (size_t i = 0; i < all; i++) {
		if (span_starts(name_of(marks, i), buf_span(&marks->partial)))
			marks->matching[marks->matching_count++] = i;
	}
}

void
marks_look(struct marks *marks, struct span before)
{
	struct span partial = {NULL, 0};

	if (!open_mark(before, &partial)) {
		marks->refused = false;
		list_free(&marks->list);
		return;
	}
	buf_clear(&marks->partial);
	buf_add(&marks->partial, partial);
	match(marks);
	if (marks->refused || marks->matching_count == 0) {
		list_free(&marks->list);
		return;
	}
	if (marks->list) {
		list_refresh(marks->list);
		return;
	}
	marks->source.count = row_count;
	marks->source.row = row;
	marks->list = list_new(&marks->source, columns, 1);
}

void
marks_completion(const struct marks *marks, struct buf *out)
{
	struct span name;
	int64_t number;

	if (!marks->list || !list_cursor(marks->list, &number))
		return;
	name = name_of(marks, (size_t)number);
	buf_add(out, span_slice(name, marks->partial.len, name.len));
	buf_text(out, "}}");
}

/* ---- Colours -------------------------------------------------------------- */

static void
paint(uint8_t *roles, size_t from, size_t to, enum role role)
{
	memset(roles + from, (int)role, to - from);
}

static bool
is_known(const struct marks *marks, struct span name)
{
	for (size_t i = 0; i < BUILT_IN + marks->count; i++) {
		if (span_equal(name, name_of(marks, i)))
			return true;
	}
	return !marks->known;
}

static void
paint_marks(const struct marks *marks, struct span line, uint8_t *roles)
{
	size_t at = 0, open, len;
	struct span rest, inside;

	for (;;) {
		rest = span_slice(line, at, line.len);
		open = at + span_search(rest, SPAN("{{"));
		if (open >= line.len)
			return;
		rest = span_slice(line, open + 2, line.len);
		len = span_search(rest, SPAN("}}"));
		inside = span_slice(rest, 0, len);
		at = open + 2 + len + (len < rest.len ? 2 : 0);
		paint(roles, open, at,
		    is_known(marks, span_trim(span_cut(&inside, '|')))
			? ROLE_MERGE
			: ROLE_ERR);
	}
}

/* The target of [text](target). */
static void
paint_links(struct span line, uint8_t *roles)
{
	size_t at = 0, open, len;
	struct span rest;

	for (;;) {
		rest = span_slice(line, at, line.len);
		open = at + span_search(rest, SPAN("]("));
		if (open >= line.len)
			return;
		rest = span_slice(line, open + 2, line.len);
		len = span_index(rest, ')');
		at = open + 2 + len;
		paint(roles, open + 2, at, ROLE_MD_LINK);
	}
}

void
marks_paint(
    void *payload, struct span text, size_t from, size_t to, uint8_t *roles)
{
	struct span line = span_slice(text, from, to);
	struct span trimmed = line;
	enum role whole = ROLE_TEXT;

	while (trimmed.len > 0 && trimmed.ptr[0] == ' ')
		trimmed = span_slice(trimmed, 1, trimmed.len);
	if (span_starts(trimmed, SPAN("#")))
		whole = ROLE_MD_HEADING;
	else if (span_starts(trimmed, SPAN(">")))
		whole = ROLE_MD_QUOTE;
	else if (span_starts(trimmed, SPAN("```")) ||
		 line.len - trimmed.len >= 4)
		whole = ROLE_MD_CODE;
	paint(roles, 0, line.len, whole);
	paint_links(line, roles);
	paint_marks(payload, line, roles);
}
