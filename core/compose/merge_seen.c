/* Finds marks in a text that is being written.  Faults are told mark by mark,
 * because the author of a half-written text wants to see all of them. */
#include <stdlib.h>

#include "core/base/mem.h"
#include "core/compose/merge_tag.h"

struct seen {
	struct mark_seen *mark;
	size_t count, room;
	unsigned open; /* the innermost section */
	unsigned depth;
};

/* The section that a closing mark ends, or MERGE_NO_MARK: one that is crossed
 * ends the outer one, so that a single mistake is not found twice. */
static unsigned
find_open(const struct seen *seen, struct span name)
{
	unsigned i = seen->open;

	while (i != MERGE_NO_MARK && !span_equal(seen->mark[i].name, name))
		i = seen->mark[i].parent;
	return i;
}

static void
close_section(struct seen *seen, unsigned number)
{
	struct mark_seen *mark = &seen->mark[number];
	unsigned section = find_open(seen, mark->name);

	if (section == MERGE_NO_MARK) {
		mark->fault = "unopened";
		return;
	}
	if (section != seen->open)
		mark->fault = "crossed";
	while (seen->open != section) {
		seen->mark[seen->open].fault = "unclosed";
		seen->open = seen->mark[seen->open].parent;
		seen->depth--;
	}
	seen->mark[section].partner = number;
	mark->partner = section;
	mark->parent = seen->open = seen->mark[section].parent;
	seen->depth--;
}

static void
nest(struct seen *seen, unsigned number)
{
	struct mark_seen *mark = &seen->mark[number];

	if (mark->fault)
		return;
	if (mark->kind == MERGE_CLOSE) {
		close_section(seen, number);
	} else if (mark->kind == MERGE_SECTION ||
		   mark->kind == MERGE_INVERTED) {
		if (seen->depth == MERGE_DEPTH_MAX) {
			mark->fault = "depth";
			return;
		}
		seen->open = number;
		seen->depth++;
	}
}

static const char *
fault_of(const struct merge_tag *tag)
{
	struct merge_format format;

	if (!tag->fault && tag->format.ptr &&
	    !merge_format_read(tag->format, MERGE_LANGUAGE_EN, &format))
		return "format";
	return tag->fault;
}

static void
add(struct seen *seen, const struct merge_tag *tag, size_t at)
{
	if (seen->count == seen->room) {
		seen->room = seen->room ? seen->room * 2 : 16;
		seen->mark =
		    mem_grow(seen->mark, seen->room * sizeof *seen->mark);
	}
	seen->mark[seen->count++] = (struct mark_seen){
	    .from = at,
	    .to = at + tag->len,
	    .kind = tag->kind,
	    .fault = fault_of(tag),
	    .name = tag->name,
	    .format = tag->format,
	    .fallback = tag->fallback,
	    .has_fallback = tag->has_fallback,
	    .partner = MERGE_NO_MARK,
	    .parent = seen->open,
	};
	nest(seen, (unsigned)seen->count - 1);
}

void
mark_find_all(struct span text, struct mark_seen **out, size_t *count)
{
	struct seen seen = {.open = MERGE_NO_MARK};
	size_t at = 0;

	while (at < text.len) {
		struct span rest = span_slice(text, at, text.len);
		struct merge_tag tag;

		if (*rest.ptr == '\\') {
			at += span_starts(rest, SPAN("\\{{")) ? 3 : 2;
		} else if (span_starts(rest, SPAN("{{"))) {
			merge_tag_read(rest, &tag);
			add(&seen, &tag, at);
			at += tag.len;
		} else {
			at++;
		}
	}
	for (unsigned i = seen.open; i != MERGE_NO_MARK;
	    i = seen.mark[i].parent)
		seen.mark[i].fault = "unclosed";
	*out = seen.mark;
	*count = seen.count;
}
