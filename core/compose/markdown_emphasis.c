/* Emphasis beside Japanese.  CommonMark decides by spaces and punctuation
 * whether stars open or close, and Japanese has no spaces: in "**重要：**お知らせ"
 * the second stars close nothing.  The rule here: where stars touch a Japanese,
 * Chinese or Korean character on either side, punctuation beside them counts
 * as a letter.  To have libcmark itself read by that rule, such stars get a word
 * of letters on both sides, and it is taken out of the tree again.
 *
 * A paragraph is read again only when CommonMark has left stars in it as text
 * (or has put emphasis of one kind into itself, which nobody writes), and the
 * second reading stays only when it leaves fewer.  See docs/decisions. */
#include "core/compose/markdown_tree.h"

#include <stdio.h>
#include <stdlib.h>

#include "core/base/utf8.h"

#define HINT     "HINT"
#define HINT_LEN 8 /* with the prefix of the set's tokens */

/* ---- Hints ------------------------------------------------------------- */

/* Scripts without spaces, their punctuation and forms, and Hangul, whose
 * particles follow a word without one. */
static bool
is_east_asian(uint32_t cp)
{
	return (cp >= 0x1100 && cp <= 0x11ff) ||
	       (cp >= 0x2e80 && cp <= 0xa4cf) ||
	       (cp >= 0xa960 && cp <= 0xa97f) ||
	       (cp >= 0xac00 && cp <= 0xd7ff) ||
	       (cp >= 0xf900 && cp <= 0xfaff) ||
	       (cp >= 0xfe30 && cp <= 0xfe4f) ||
	       (cp >= 0xff00 && cp <= 0xffef) ||
	       (cp >= 0x20000 && cp <= 0x3ffff);
}

/* 0 counts as a line's end. */
static bool
is_space(uint32_t cp)
{
	return cp <= ' ' || cp == 0xa0 || cp == 0x3000 || cp == 0x1680 ||
	       cp == 0x202f || cp == 0x205f || (cp >= 0x2000 && cp <= 0x200a);
}

static bool
has_east_asian(struct span text)
{
	uint32_t cp;

	while (utf8_next(&text, &cp) != UTF8_END) {
		if (is_east_asian(cp))
			return true;
	}
	return false;
}

static void
add_hint(const struct merge_set *set, struct buf *out)
{
	buf_text(out, set->prefix);
	buf_text(out, HINT);
}

/* Appends the stars that begin *rest, with hints where the rule asks for them;
 * before is the character in front of them. */
static void
add_stars(const struct merge_set *set, struct span *rest, uint32_t before,
    struct buf *out)
{
	size_t len = 0;
	uint32_t after = 0;
	struct span behind;
	bool hint;

	while (len < rest->len && rest->ptr[len] == '*')
		len++;
	behind = span_slice(*rest, len, rest->len);
	utf8_next(&behind, &after);
	hint = !is_space(before) && !is_space(after) &&
	       (is_east_asian(before) || is_east_asian(after));
	if (hint)
		add_hint(set, out);
	buf_add(out, span_slice(*rest, 0, len));
	if (hint)
		add_hint(set, out);
	*rest = span_slice(*rest, len, rest->len);
}

/* Appends a line with hints.  In a code span a backslash escapes nothing; a
 * hint too many there is taken out again as all others. */
static void
add_line(const struct merge_set *set, struct span line, struct buf *out)
{
	uint32_t before = 0;

	while (line.len > 0) {
		struct span from = line;

		if (*line.ptr == '*') {
			add_stars(set, &line, before, out);
			before = '*';
			continue;
		}
		utf8_next(&line, &before);
		if (before == '\\' && line.len > 0 && *line.ptr == '*')
			utf8_next(&line, &before);
		buf_add(out, span_slice(from, 0, from.len - line.len));
	}
}

static void
strip_hints(const struct merge_set *set, struct span text, struct buf *out)
{
	char hint[HINT_LEN + 1];

	snprintf(hint, sizeof hint, "%s%s", set->prefix, HINT);
	buf_clear(out);
	while (text.len > 0) {
		size_t at = span_search(text, span_of(hint));

		buf_add(out, span_slice(text, 0, at));
		text = span_slice(text, at + HINT_LEN, text.len);
	}
	buf_add(out, SPAN(""));
}

/* Takes the hints out of everything below a block. */
static void
clean(cmark_node *block, const struct merge_set *set)
{
	cmark_iter *iter = cmark_iter_new(block);
	cmark_event_type event;
	struct buf out = BUF_INIT;

	while ((event = cmark_iter_next(iter)) != CMARK_EVENT_DONE) {
		cmark_node *node = cmark_iter_get_node(iter);
		cmark_node_type type = cmark_node_get_type(node);

		if (event != CMARK_EVENT_ENTER)
			continue;
		if (cmark_node_get_literal(node)) {
			strip_hints(
			    set, span_of(cmark_node_get_literal(node)), &out);
			cmark_node_set_literal(node, out.ptr);
		}
		if (type != CMARK_NODE_LINK && type != CMARK_NODE_IMAGE)
			continue;
		strip_hints(set, span_of(cmark_node_get_url(node)), &out);
		cmark_node_set_url(node, out.ptr);
		strip_hints(set, span_of(cmark_node_get_title(node)), &out);
		cmark_node_set_title(node, out.ptr);
	}
	cmark_iter_free(iter);
	buf_done(&out);
}

/* ---- Comparing two readings -------------------------------------------- */

struct reading {
	size_t stars;  /* left as text */
	size_t nested; /* emphasis of one kind directly in itself */
	size_t others; /* links, images, code, HTML */
};

static void
measure_node(cmark_node *node, struct reading *out)
{
	cmark_node_type type = cmark_node_get_type(node);
	struct span text;

	switch (type) {
	case CMARK_NODE_TEXT:
		text = span_of(cmark_node_get_literal(node));
		for (size_t i = 0; i < text.len; i++)
			out->stars += text.ptr[i] == '*';
		break;
	case CMARK_NODE_STRONG:
	case CMARK_NODE_EMPH:
		out->nested +=
		    cmark_node_get_type(cmark_node_parent(node)) == type;
		break;
	case CMARK_NODE_LINK:
	case CMARK_NODE_IMAGE:
	case CMARK_NODE_CODE:
	case CMARK_NODE_HTML_INLINE:
		out->others++;
		break;
	default:
		break;
	}
}

static struct reading
measure(cmark_node *block)
{
	cmark_iter *iter = cmark_iter_new(block);
	struct reading out = {0};
	cmark_event_type event;

	while ((event = cmark_iter_next(iter)) != CMARK_EVENT_DONE) {
		if (event == CMARK_EVENT_ENTER)
			measure_node(cmark_iter_get_node(iter), &out);
	}
	cmark_iter_free(iter);
	return out;
}

static bool
is_better(struct reading now, struct reading before)
{
	if (now.others != before.others)
		return false;
	return now.stars < before.stars ||
	       (now.stars == before.stars && now.nested < before.nested);
}

/* Moves the inline content of one block to another, which loses its own. */
static void
move_children(cmark_node *from, cmark_node *to)
{
	cmark_node *child;

	while ((child = cmark_node_first_child(to)) != NULL) {
		cmark_node_unlink(child);
		cmark_node_free(child);
	}
	while ((child = cmark_node_first_child(from)) != NULL) {
		cmark_node_unlink(child);
		cmark_node_append_child(to, child);
	}
}

/* ---- Reading twice ----------------------------------------------------- */

struct twice {
	const struct merge_set *set;
	struct lines lines;
	cmark_node **leaf;
	struct reading *reading; /* as leaf */
	bool *again;             /* as leaf: read a second time */
	size_t count;
};

/* Appends the text with hints in the blocks that are read again; false when
 * there are none. */
static bool
write_hinted(struct twice *twice, struct buf *out)
{
	bool any = false;
	int line = 1;

	for (size_t i = 0; i < twice->count; i++) {
		int first = cmark_node_get_start_line(twice->leaf[i]);
		int last = block_last(&twice->lines, twice->leaf[i]);
		bool local = false;

		for (int n = first; n <= last && !local; n++)
			local = has_east_asian(lines_at(&twice->lines, n));
		if (!local || first < line ||
		    twice->reading[i].stars + twice->reading[i].nested == 0)
			continue;
		twice->again[i] = any = true;
		for (; line < first; line++) {
			buf_add(out, lines_at(&twice->lines, line));
			buf_char(out, '\n');
		}
		for (; line <= last; line++) {
			add_line(
			    twice->set, lines_at(&twice->lines, line), out);
			buf_char(out, '\n');
		}
	}
	for (; line <= twice->lines.count; line++) {
		buf_add(out, lines_at(&twice->lines, line));
		buf_char(out, '\n');
	}
	return any;
}

static void
adopt(struct twice *twice, cmark_node *second)
{
	cmark_node **leaf = NULL;
	size_t count;

	markdown_leaves(second, &leaf, &count);
	for (size_t i = 0; count == twice->count && i < count; i++) {
		if (!twice->again[i] ||
		    !is_better(measure(leaf[i]), twice->reading[i]))
			continue;
		clean(leaf[i], twice->set);
		move_children(leaf[i], twice->leaf[i]);
	}
	free(leaf);
}

cmark_node *
markdown_emphasis(struct span text, const struct merge_set *set)
{
	cmark_node *document =
	    cmark_parse_document(text.ptr, text.len, CMARK_OPT_DEFAULT);
	struct twice twice = {.set = set};
	struct buf hinted = BUF_INIT;

	if (span_index(text, '*') == text.len)
		return document;
	lines_init(&twice.lines, text);
	markdown_leaves(document, &twice.leaf, &twice.count);
	twice.reading = mem_array(twice.count + 1, sizeof *twice.reading);
	twice.again = mem_array(twice.count + 1, sizeof *twice.again);
	for (size_t i = 0; i < twice.count; i++)
		twice.reading[i] = measure(twice.leaf[i]);
	if (write_hinted(&twice, &hinted)) {
		cmark_node *second = cmark_parse_document(
		    hinted.ptr, hinted.len, CMARK_OPT_DEFAULT);
		adopt(&twice, second);
		cmark_node_free(second);
	}
	free(twice.leaf);
	free(twice.reading);
	free(twice.again);
	lines_done(&twice.lines);
	buf_done(&hinted);
	return document;
}
