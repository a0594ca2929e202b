/* Sections across blocks.  A line that holds nothing but the mark of a section
 * is taken out before libcmark reads the text, as the Mustache specification
 * has it, so a mark parts no list, no table and no paragraph.  It is put back
 * into the tree by its place between the lines: both marks of a section between
 * the children of one node, which is the deepest that has room for both.  What
 * lies between is then repeated or left out as a whole.
 *
 * Inside a paragraph there are no lines any more; there the mark is written in
 * front of the next line, and the text is read once more.  A section that begins
 * in one element and ends in another has no such place and is an error. */
#include "core/compose/markdown_tree.h"

#include <stdlib.h>

enum mark_place {
	PLACE_TREE,   /* between two children of a node */
	PLACE_BEFORE, /* in front of the text of a line */
	PLACE_AFTER   /* behind a line */
};

/* A line with nothing but a mark. */
struct line_mark {
	unsigned mark;
	struct span token;
	int gap;                   /* lines that are left before it */
	struct line_mark *partner; /* NULL: it stands within a line */
	enum mark_place place;
	int line;                  /* for BEFORE and AFTER */
	size_t column;             /* octets of it that stay in front */
	cmark_node *parent, *next; /* for TREE; next NULL: at the end */
};

/* ---- Taking out -------------------------------------------------------- */

/* The token of a line that holds nothing else, but for blanks and the signs of
 * quotations. */
static bool
line_token(const struct merge_set *set, struct span line, struct span *token)
{
	enum merge_kind kind;
	struct span rest;
	size_t at = 0;

	while (at < line.len && strchr(" \t>", line.ptr[at]))
		at++;
	rest = span_slice(line, at, line.len);
	kind = merge_token_kind(set, rest, NULL);
	*token = span_slice(rest, 0, MERGE_TOKEN_LEN);
	return (kind == MERGE_SECTION || kind == MERGE_INVERTED ||
		   kind == MERGE_CLOSE) &&
	       span_trim(span_slice(rest, MERGE_TOKEN_LEN, rest.len)).len == 0;
}

static void
find_partners(struct markdown_tree *tree)
{
	const struct merge_set *set = tree->set;
	struct line_mark **of = mem_array(set->mark_count + 1, sizeof *of);

	for (size_t i = 0; i < tree->mark_count; i++)
		of[tree->mark[i].mark] = &tree->mark[i];
	for (size_t i = 0; i < tree->mark_count; i++) {
		unsigned partner = set->mark[tree->mark[i].mark].partner;

		if (partner < set->mark_count)
			tree->mark[i].partner = of[partner];
	}
	free(of);
}

void
markdown_marks_find(struct markdown_tree *tree, struct span tokens)
{
	struct lines lines;
	struct span token;
	size_t room = 0;
	int left = 0;

	lines_init(&lines, tokens);
	for (int n = 1; n <= lines.count; n++) {
		struct line_mark *mark;

		if (!line_token(tree->set, lines_at(&lines, n), &token)) {
			left++;
			continue;
		}
		if (tree->mark_count == room) {
			room = room ? 2 * room : 16;
			tree->mark =
			    mem_grow(tree->mark, room * sizeof *tree->mark);
		}
		mark = &tree->mark[tree->mark_count++];
		*mark = (struct line_mark){.token = token, .gap = left};
		merge_token_kind(tree->set, token, &mark->mark);
	}
	lines_done(&lines);
	if (tree->mark_count > 0)
		find_partners(tree);
}

/* Appends a line with the marks that are written into it. */
static void
write_line(
    struct markdown_tree *tree, struct span line, const int *first, int *next)
{
	size_t done = 0;

	for (int i = *first; i >= 0; i = next[i]) {
		const struct line_mark *mark = &tree->mark[i];

		if (mark->place == PLACE_AFTER)
			continue;
		buf_add(&tree->text, span_slice(line, done, mark->column));
		done = mark->column > done ? mark->column : done;
		buf_add(&tree->text, mark->token);
	}
	buf_add(&tree->text, span_slice(line, done, line.len));
	for (int i = *first; i >= 0; i = next[i]) {
		if (tree->mark[i].place == PLACE_AFTER)
			buf_add(&tree->text, tree->mark[i].token);
	}
	buf_char(&tree->text, '\n');
}

void
markdown_marks_cut(struct markdown_tree *tree, struct span tokens)
{
	struct lines lines;
	struct span token;
	int *first, *next, left = 0;

	lines_init(&lines, tokens);
	first = mem_array((size_t)lines.count + 2, sizeof *first);
	next = mem_array(tree->mark_count, sizeof *next);
	for (int n = 0; n <= lines.count + 1; n++)
		first[n] = -1;
	for (int i = (int)tree->mark_count - 1; i >= 0; i--) {
		if (tree->mark[i].place == PLACE_TREE)
			continue;
		next[i] = first[tree->mark[i].line];
		first[tree->mark[i].line] = i;
	}
	if (!tree->origin)
		tree->origin =
		    mem_array((size_t)lines.count + 2, sizeof *tree->origin);
	for (int n = 1; n <= lines.count; n++) {
		if (line_token(tree->set, lines_at(&lines, n), &token))
			continue;
		tree->origin[++left] = n;
		write_line(tree, lines_at(&lines, n), &first[left], next);
	}
	free(first);
	free(next);
	lines_done(&lines);
}

/* ---- Finding the place ------------------------------------------------- */

struct placing {
	struct markdown_tree *tree;
	cmark_node **before; /* by gap: the leaf that ends before it */
	cmark_node **after;  /* the leaf that follows */
	struct err *err;
	bool again; /* a mark was put into a line */
};

static bool
is_leaf(cmark_node *node)
{
	switch (cmark_node_get_type(node)) {
	case CMARK_NODE_PARAGRAPH:
	case CMARK_NODE_HEADING:
	case CMARK_NODE_CODE_BLOCK:
	case CMARK_NODE_HTML_BLOCK:
	case CMARK_NODE_THEMATIC_BREAK:
		return true;
	case CMARK_NODE_ITEM:
		return !cmark_node_first_child(node);
	default:
		return block_kind(node) == BLOCK_ROW;
	}
}

/* Notes which leaf each line belongs to, then what is next to each gap. */
static void
survey(struct placing *placing)
{
	struct markdown_tree *tree = placing->tree;
	int count = tree->lines.count;
	cmark_iter *iter = cmark_iter_new(tree->document);
	cmark_event_type event;

	placing->before = mem_array((size_t)count + 1, sizeof *placing->before);
	placing->after = mem_array((size_t)count + 1, sizeof *placing->after);
	while ((event = cmark_iter_next(iter)) != CMARK_EVENT_DONE) {
		cmark_node *node = cmark_iter_get_node(iter);

		if (event != CMARK_EVENT_ENTER || !is_leaf(node))
			continue;
		for (int n = block_first(node);
		    n <= block_last(&tree->lines, node) && n <= count; n++)
			placing->before[n] = node;
	}
	cmark_iter_free(iter);
	for (int n = count; n > 0; n--)
		placing->after[n - 1] =
		    placing->before[n] ? placing->before[n] : placing->after[n];
	for (int n = 1; n <= count; n++) {
		if (!placing->before[n])
			placing->before[n] = placing->before[n - 1];
	}
}

/* True when node is above or outside it. */
static bool
is_within(cmark_node *node, cmark_node *above)
{
	while (node && node != above)
		node = cmark_node_parent(node);
	return node && node == above;
}

static cmark_node *
common(struct placing *placing, cmark_node *a, cmark_node *b)
{
	if (!a || !b)
		return placing->tree->document;
	while (!is_within(b, a))
		a = cmark_node_parent(a);
	return a;
}

/* The child of parent that holds node, or NULL. */
static cmark_node *
child_holding(cmark_node *parent, cmark_node *node)
{
	while (node && cmark_node_parent(node) != parent)
		node = cmark_node_parent(node);
	return node;
}

static int
fail(struct placing *placing, const struct line_mark *mark)
{
	return merge_fail(placing->tree->set, mark->mark, E_MARKDOWN, "section",
	    placing->err);
}

/* Octets of a line that stand before the text of its paragraph. */
static size_t
text_column(struct placing *placing, cmark_node *paragraph, int line)
{
	struct span text = lines_at(&placing->tree->lines, line);
	const struct block *block = block_of(paragraph);
	size_t at = 0;

	if (line == block_first(paragraph))
		return (size_t)(block && block->column
				    ? block->column
				    : cmark_node_get_start_column(paragraph)) -
		       1;
	while (at < text.len && strchr(" \t>", text.ptr[at]))
		at++;
	return at;
}

/* Puts a mark into a line of a paragraph. */
static int
put_into_line(
    struct placing *placing, struct line_mark *mark, cmark_node *paragraph)
{
	int first = block_first(paragraph);
	int last = block_last(&placing->tree->lines, paragraph);

	if (cmark_node_get_type(paragraph) != CMARK_NODE_PARAGRAPH)
		return fail(placing, mark);
	placing->again = true;
	if (mark->gap >= last) {
		mark->place = PLACE_AFTER;
		mark->line = last;
		return 0;
	}
	mark->place = PLACE_BEFORE;
	mark->line = mark->gap < first ? first : mark->gap + 1;
	mark->column = text_column(placing, paragraph, mark->line);
	return 0;
}

/* The deepest node that has room for both marks of a section between its
 * children, or the leaf in which they stand; NULL when there is none. */
static cmark_node *
find_room(struct placing *placing, const struct line_mark *open,
    const struct line_mark *close)
{
	cmark_node *first = placing->after[open->gap];
	cmark_node *last = placing->before[close->gap];
	cmark_node *a = common(placing, placing->before[open->gap], first);
	cmark_node *b = common(placing, last, placing->after[close->gap]);

	if (a == b)
		return a;
	if (is_within(b, a))
		return is_within(first, b) ? b : NULL;
	if (is_within(a, b))
		return is_within(last, a) ? a : NULL;
	return NULL;
}

/* The same, but when the section holds one list with marks and nothing else,
 * it is the items that are repeated, not the list. */
static cmark_node *
find_parent(struct placing *placing, const struct line_mark *open,
    const struct line_mark *close)
{
	cmark_node *room = find_room(placing, open, close);
	cmark_node *child;

	if (!room || is_leaf(room) || close->mark == open->mark + 1)
		return room;
	child = child_holding(room, placing->after[open->gap]);
	return child &&
		       child ==
			   child_holding(room, placing->before[close->gap]) &&
		       cmark_node_get_type(child) == CMARK_NODE_LIST
		   ? child
		   : room;
}

/* True when a section holds one fence of a code block and not the other. */
static bool
cuts_fence(struct placing *placing, cmark_node *code,
    const struct line_mark *open, const struct line_mark *close)
{
	return cmark_node_get_type(code) == CMARK_NODE_CODE_BLOCK &&
	       block_is_fenced(&placing->tree->lines, code) &&
	       (open->gap < block_first(code) ||
		   close->gap >= block_last(&placing->tree->lines, code));
}

static int
place_pair(
    struct placing *placing, struct line_mark *open, struct line_mark *close)
{
	cmark_node *parent = find_parent(placing, open, close);

	if (!parent || block_kind(parent) == BLOCK_ROW ||
	    cuts_fence(placing, parent, open, close))
		return fail(placing, close);
	open->parent = close->parent = parent;
	if (cmark_node_get_type(parent) == CMARK_NODE_CODE_BLOCK)
		return 0;
	if (is_leaf(parent))
		return put_into_line(placing, open, parent) < 0
			   ? -1
			   : put_into_line(placing, close, parent);
	open->next = child_holding(parent, placing->after[open->gap]);
	close->next = child_holding(parent, placing->after[close->gap]);
	if (open->next && block_kind(open->next) == BLOCK_ROW &&
	    block_of(open->next)->is_header)
		return fail(placing, open);
	return 0;
}

/* The partner of this mark stands within a line. */
static int
place_single(struct placing *placing, struct line_mark *mark)
{
	bool closes = placing->tree->set->mark[mark->mark].kind == MERGE_CLOSE;
	cmark_node *leaf =
	    closes ? placing->before[mark->gap] : placing->after[mark->gap];

	return leaf ? put_into_line(placing, mark, leaf) : fail(placing, mark);
}

/* ---- Putting in -------------------------------------------------------- */

/* Between two lines of a code block. */
static void
put_into_code(struct markdown_tree *tree, const struct line_mark *mark)
{
	struct block *block = block_need(tree, mark->parent);
	struct code_mark *at = arena_take(tree->arena, sizeof *at);
	int line = mark->gap - block_first(mark->parent) +
		   !block_is_fenced(&tree->lines, mark->parent);

	at->line = line > 0 ? (size_t)line : 0;
	at->token = mark->token;
	if (!block->code_mark)
		block->code_end = &block->code_mark;
	*block->code_end = at;
	block->code_end = &at->next;
}

static void
put_into_tree(struct markdown_tree *tree, const struct line_mark *mark)
{
	bool item = cmark_node_get_type(mark->parent) == CMARK_NODE_LIST;
	cmark_node *node =
	    cmark_node_new(item ? CMARK_NODE_ITEM : CMARK_NODE_CUSTOM_BLOCK);
	struct block *block = block_need(tree, node);

	block->kind = BLOCK_MARK;
	block->token = mark->token;
	if (mark->next)
		cmark_node_insert_before(mark->next, node);
	else
		cmark_node_append_child(mark->parent, node);
}

int
markdown_marks_place(
    struct markdown_tree *tree, struct err *err, enum marks_placed *out)
{
	struct placing placing = {.tree = tree, .err = err};
	int rc = 0;

	survey(&placing);
	for (size_t i = 0; rc == 0 && i < tree->mark_count; i++) {
		struct line_mark *mark = &tree->mark[i];

		if (mark->place != PLACE_TREE)
			continue;
		if (!mark->partner)
			rc = place_single(&placing, mark);
		else if (mark->partner > mark)
			rc = place_pair(&placing, mark, mark->partner);
	}
	*out = placing.again ? MARKS_AGAIN : MARKS_PLACED;
	for (size_t i = 0; rc == 0 && !placing.again && i < tree->mark_count;
	    i++) {
		const struct line_mark *mark = &tree->mark[i];

		if (mark->place != PLACE_TREE)
			continue;
		if (is_leaf(mark->parent))
			put_into_code(tree, mark);
		else
			put_into_tree(tree, mark);
	}
	free(placing.before);
	free(placing.after);
	return rc;
}
