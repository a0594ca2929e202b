/* Parses a text: libcmark reads CommonMark, the other files of this name put
 * in what a mail needs besides.  Without our syntax the tree is libcmark's as
 * it is. */
#include "core/compose/markdown_tree.h"

#include <stdlib.h>

/* ---- Lines ------------------------------------------------------------- */

/* Octets of the line that begins at, its line end (LF, CRLF, CR) included. */
static size_t
line_len(struct span text, size_t at)
{
	size_t end = at;

	while (end < text.len && text.ptr[end] != '\n' && text.ptr[end] != '\r')
		end++;
	if (end + 1 < text.len && text.ptr[end] == '\r' &&
	    text.ptr[end + 1] == '\n')
		end++;
	return (end < text.len ? end + 1 : end) - at;
}

void
lines_init(struct lines *lines, struct span text)
{
	size_t room = 64, at = 0;

	*lines = (struct lines){.text = text};
	lines->start = mem_array(room, sizeof *lines->start);
	while (at < text.len) {
		if ((size_t)lines->count + 2 > room) {
			room *= 2;
			lines->start =
			    mem_grow(lines->start, room * sizeof *lines->start);
		}
		lines->start[lines->count++] = at;
		at += line_len(text, at);
	}
	lines->start[lines->count] = text.len;
}

void
lines_done(struct lines *lines)
{
	free(lines->start);
	*lines = (struct lines){.start = NULL};
}

struct span
lines_at(const struct lines *lines, int n)
{
	struct span line;

	if (n < 1 || n > lines->count)
		return SPAN("");
	line = span_slice(lines->text, lines->start[n - 1], lines->start[n]);
	while (line.len > 0 && (line.ptr[line.len - 1] == '\n' ||
				   line.ptr[line.len - 1] == '\r'))
		line.len--;
	return line;
}

/* ---- Nodes ------------------------------------------------------------- */

struct block *
block_of(cmark_node *node)
{
	return cmark_node_get_user_data(node);
}

struct block *
block_need(struct markdown_tree *tree, cmark_node *node)
{
	struct block *block = block_of(node);

	if (!block) {
		block = arena_take(tree->arena, sizeof *block);
		cmark_node_set_user_data(node, block);
	}
	return block;
}

enum block_kind
block_kind(cmark_node *node)
{
	const struct block *block = block_of(node);

	return block ? block->kind : BLOCK_PLAIN;
}

int
block_first(cmark_node *node)
{
	const struct block *block = block_of(node);

	return block && block->first ? block->first
				     : cmark_node_get_start_line(node);
}

bool
block_is_fenced(const struct lines *lines, cmark_node *code)
{
	int column = cmark_node_get_start_column(code);
	struct span line = lines_at(lines, block_first(code));
	struct span text = span_of(cmark_node_get_literal(code));

	line = span_slice(line, column > 0 ? (size_t)column - 1 : 0, line.len);
	if (!span_starts(line, SPAN("```")) && !span_starts(line, SPAN("~~~")))
		return false;
	/* an indented block may show fences: then they are in it */
	return !span_equal(span_cut(&text, '\n'), line);
}

static int
code_last(const struct lines *lines, cmark_node *node)
{
	struct span text = span_of(cmark_node_get_literal(node));
	int count = 0;

	if (block_is_fenced(lines, node))
		return cmark_node_get_end_line(node);
	while (text.len > 0) {
		span_cut(&text, '\n');
		count++;
	}
	return cmark_node_get_start_line(node) + count - 1;
}

/* The line that makes a paragraph a heading: nothing but = or -. */
static bool
is_underline(struct span line)
{
	size_t at = 0;

	while (at < line.len && strchr(" \t>", line.ptr[at]))
		at++;
	line = span_trim(span_slice(line, at, line.len));
	for (at = 0; at < line.len; at++) {
		if (line.ptr[at] != *line.ptr || !strchr("=-", *line.ptr))
			return false;
	}
	return line.len > 0;
}

static int
heading_last(const struct lines *lines, cmark_node *node)
{
	int end = cmark_node_get_end_line(node);

	for (int n = cmark_node_get_start_line(node) + 1; n <= end; n++) {
		if (is_underline(lines_at(lines, n)))
			return n;
	}
	return end;
}

/* libcmark counts blank lines or the next line to some blocks. */
int
block_last(const struct lines *lines, cmark_node *node)
{
	const struct block *block = block_of(node);

	if (block && block->last)
		return block->last;
	switch (cmark_node_get_type(node)) {
	case CMARK_NODE_CODE_BLOCK:
		return code_last(lines, node);
	case CMARK_NODE_HEADING:
		return heading_last(lines, node);
	case CMARK_NODE_THEMATIC_BREAK:
	case CMARK_NODE_ITEM:
		return block_first(node);
	default:
		return cmark_node_get_end_line(node);
	}
}

int
markdown_source_line(const struct markdown_tree *tree, int line)
{
	if (tree->origin && line > 0 && line <= tree->lines.count)
		line = tree->origin[line];
	return merge_source_line(tree->set, line);
}

/* The content of a cell was parsed elsewhere: what we know goes first. */
int
markdown_line(const struct markdown_tree *tree, cmark_node *node)
{
	int line = 0;

	for (; node; node = cmark_node_parent(node)) {
		const struct block *block = block_of(node);

		if (block && block->first)
			return markdown_source_line(tree, block->first);
		if (line == 0)
			line = cmark_node_get_start_line(node);
	}
	return markdown_source_line(tree, line);
}

void
markdown_leaves(cmark_node *document, cmark_node ***out, size_t *count)
{
	cmark_iter *iter = cmark_iter_new(document);
	cmark_event_type event;
	size_t room = 0;

	*out = NULL;
	*count = 0;
	while ((event = cmark_iter_next(iter)) != CMARK_EVENT_DONE) {
		cmark_node *node = cmark_iter_get_node(iter);
		cmark_node_type type = cmark_node_get_type(node);

		if (event != CMARK_EVENT_ENTER ||
		    (type != CMARK_NODE_PARAGRAPH &&
			type != CMARK_NODE_HEADING))
			continue;
		if (*count == room) {
			room = room ? 2 * room : 64;
			*out = mem_grow(*out, room * sizeof **out);
		}
		(*out)[(*count)++] = node;
	}
	cmark_iter_free(iter);
}

/* ---- Parsing ----------------------------------------------------------- */

/* Whoever climbs from a block to its ancestors counts on this limit. */
static int
check_depth(struct markdown_tree *tree, struct err *err)
{
	cmark_iter *iter = cmark_iter_new(tree->document);
	cmark_event_type event;
	int depth = 0, rc = 0;

	while (rc == 0 && (event = cmark_iter_next(iter)) != CMARK_EVENT_DONE) {
		cmark_node *node = cmark_iter_get_node(iter);
		cmark_node_type type = cmark_node_get_type(node);

		if (type != CMARK_NODE_ITEM && type != CMARK_NODE_BLOCK_QUOTE)
			continue;
		depth += event == CMARK_EVENT_ENTER ? 1 : -1;
		if (depth <= PLAIN_DEPTH_MAX)
			continue;
		err_set(err, E_MARKDOWN);
		err_fact(err, "why", SPAN("depth"));
		rc = err_fact_int(err, "line", markdown_line(tree, node));
	}
	cmark_iter_free(iter);
	return rc;
}

/* The second reading puts every mark in its place, unless marks within lines
 * make other blocks of them. */
enum { TIMES_MAX = 3 };

static void
forget_document(struct markdown_tree *tree)
{
	if (tree->document)
		cmark_node_free(tree->document);
	tree->document = NULL;
	lines_done(&tree->lines);
	buf_clear(&tree->text);
}

/* One reading of a text for mail. */
static int
parse_mail(struct markdown_tree *tree, struct span tokens, struct err *err,
    enum marks_placed *placed)
{
	forget_document(tree);
	if (tree->mark_count > 0)
		markdown_marks_cut(tree, tokens);
	else
		buf_add(&tree->text, tokens);
	lines_init(&tree->lines, buf_span(&tree->text));
	tree->document = markdown_emphasis(buf_span(&tree->text), tree->set);
	*placed = MARKS_PLACED;
	if (check_depth(tree, err) < 0 || markdown_tables(tree, err) < 0)
		return -1;
	return tree->mark_count > 0 ? markdown_marks_place(tree, err, placed)
				    : 0;
}

int
markdown_parse(struct span tokens, struct merge_set *set,
    enum markdown_syntax syntax, struct markdown_tree *tree, struct err *err)
{
	enum marks_placed placed;
	int times = 0;

	*tree = (struct markdown_tree){.set = set, .arena = arena_new()};
	if (syntax == MARKDOWN_COMMONMARK) {
		buf_add(&tree->text, tokens);
		lines_init(&tree->lines, buf_span(&tree->text));
		tree->document = cmark_parse_document(
		    tokens.ptr, tokens.len, CMARK_OPT_DEFAULT);
		return check_depth(tree, err);
	}
	markdown_marks_find(tree, tokens);
	do {
		if (parse_mail(tree, tokens, err, &placed) < 0)
			return -1;
	} while (placed == MARKS_AGAIN && ++times < TIMES_MAX);
	if (placed == MARKS_PLACED)
		return 0;
	err_set(err, E_MARKDOWN);
	err_fact(err, "why", SPAN("section"));
	return err_fact_int(err, "line", 1);
}

void
markdown_tree_done(struct markdown_tree *tree)
{
	forget_document(tree);
	buf_done(&tree->text);
	free(tree->origin);
	free(tree->mark);
	arena_free(&tree->arena);
	tree->origin = NULL;
	tree->mark = NULL;
}
