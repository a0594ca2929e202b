/* Pipe tables, which libcmark does not know.  A table is found in the lines of
 * a paragraph: a line, below it one of dashes and pipes with as many cells, and
 * rows to the paragraph's end; what stands above the first of these lines stays
 * a paragraph.  So block structure is libcmark's decision alone.  Cells are read
 * by libcmark too, each as a paragraph of a second document that ends with the
 * whole text, because links may be defined there; emphasis or code cannot reach
 * from one cell into another.
 *
 * A row with more cells than its table is an error, where others drop what is
 * too much: a mail with a hole in it is an accident. */
#include "core/compose/markdown_tree.h"

#include <stdlib.h>

#define CELL "CELL" /* with the prefix of the set's tokens: begins a cell */

/* A paragraph that holds a table. */
struct found {
	cmark_node *paragraph;
	int first, head, last; /* lines; first < head: words stand above */
	unsigned columns;
	enum table_align align[TABLE_COLUMNS_MAX];
};

struct search {
	struct markdown_tree *tree;
	struct found *found;
	size_t count;
	size_t cells;      /* of all tables */
	struct buf second; /* the document of the cells */
	cmark_node *next;  /* its next block */
	struct err *err;
};

/* ---- Rows -------------------------------------------------------------- */

static struct span
trim(struct span s)
{
	while (s.len > 0 && (*s.ptr == ' ' || *s.ptr == '\t'))
		s = span_slice(s, 1, s.len);
	while (
	    s.len > 0 && (s.ptr[s.len - 1] == ' ' || s.ptr[s.len - 1] == '\t'))
		s.len--;
	return s;
}

/* Offset of the first pipe that is not escaped, or row.len. */
static size_t
find_pipe(struct span row)
{
	for (size_t i = 0; i < row.len; i++) {
		if (row.ptr[i] == '\\')
			i++;
		else if (row.ptr[i] == '|')
			return i;
	}
	return row.len;
}

/* Takes the next cell off *row, which begins behind its pipe; false at the
 * end. */
static bool
take_cell(struct span *row, struct span *cell)
{
	size_t end = find_pipe(*row);

	if (row->len == 0)
		return false;
	*cell = trim(span_slice(*row, 0, end));
	*row = span_slice(*row, end + 1, row->len);
	return true;
}

static struct span
open_row(struct span row)
{
	row = trim(row);
	return span_starts(row, SPAN("|")) ? span_slice(row, 1, row.len) : row;
}

static unsigned
count_cells(struct span row)
{
	unsigned count = 0;
	struct span cell;

	row = open_row(row);
	while (take_cell(&row, &cell))
		count++;
	return count;
}

static bool
read_align(struct span cell, enum table_align *out)
{
	bool left = span_starts(cell, SPAN(":"));
	bool right = cell.len > 1 && span_ends(cell, SPAN(":"));

	cell = span_slice(cell, left, cell.len - right);
	if (cell.len == 0)
		return false;
	for (size_t i = 0; i < cell.len; i++) {
		if (cell.ptr[i] != '-')
			return false;
	}
	*out = left && right ? ALIGN_CENTER
	       : right       ? ALIGN_END
	       : left        ? ALIGN_START
			     : ALIGN_NONE;
	return true;
}

/* Reads the line below the heads; the number of its cells, 0 when it is none. */
static unsigned
read_delimiters(struct span row, enum table_align align[TABLE_COLUMNS_MAX])
{
	unsigned count = 0;
	struct span cell;

	if (span_index(row, '|') == row.len)
		return 0;
	row = open_row(row);
	while (take_cell(&row, &cell)) {
		if (count == TABLE_COLUMNS_MAX ||
		    !read_align(cell, &align[count++]))
			return 0;
	}
	return count;
}

/* ---- Finding ----------------------------------------------------------- */

/* Takes the signs of the quotes around a block off one of its lines.  False
 * when one is missing: the line belongs to the paragraph all the same, but no
 * table goes on like that. */
static bool
strip_quotes(cmark_node *node, struct span *line)
{
	unsigned quotes = 0;

	for (node = cmark_node_parent(node); node;
	    node = cmark_node_parent(node))
		quotes += cmark_node_get_type(node) == CMARK_NODE_BLOCK_QUOTE;
	while (quotes-- > 0) {
		*line = trim(*line);
		if (!span_starts(*line, SPAN(">")))
			return false;
		*line = span_slice(*line, 1, line->len);
	}
	*line = trim(*line);
	return true;
}

/* A line of a paragraph, without what stands around the paragraph. */
static bool
paragraph_line(
    const struct lines *lines, cmark_node *paragraph, int n, struct span *out)
{
	*out = lines_at(lines, n);
	if (n > cmark_node_get_start_line(paragraph))
		return strip_quotes(paragraph, out);
	*out = trim(span_slice(*out,
	    (size_t)cmark_node_get_start_column(paragraph) - 1, out->len));
	return true;
}

static bool
find_in(const struct lines *lines, cmark_node *paragraph, struct found *out)
{
	int last = cmark_node_get_end_line(paragraph);
	struct span head, line;

	out->paragraph = paragraph;
	out->first = cmark_node_get_start_line(paragraph);
	out->last = last;
	for (int n = out->first + 1; n <= last; n++) {
		if (!paragraph_line(lines, paragraph, n, &line))
			return false;
		if (line.len == 0 || !strchr("|-:", *line.ptr))
			continue;
		out->columns = read_delimiters(line, out->align);
		if (out->columns == 0 ||
		    !paragraph_line(lines, paragraph, n - 1, &head) ||
		    count_cells(head) != out->columns)
			continue;
		out->head = n - 1;
		for (; n <= last; n++) {
			if (!paragraph_line(lines, paragraph, n, &line))
				return false;
		}
		return true;
	}
	return false;
}

static void
find_all(struct search *search)
{
	const struct lines *lines = &search->tree->lines;
	cmark_node **leaf;
	size_t count, room = 0;
	struct found found;

	markdown_leaves(search->tree->document, &leaf, &count);
	for (size_t i = 0; i < count; i++) {
		if (cmark_node_get_type(leaf[i]) != CMARK_NODE_PARAGRAPH ||
		    !find_in(lines, leaf[i], &found))
			continue;
		if (search->count == room) {
			room = room ? 2 * room : 8;
			search->found = mem_grow(
			    search->found, room * sizeof *search->found);
		}
		search->found[search->count++] = found;
	}
	free(leaf);
}

/* ---- The document of the cells ----------------------------------------- */

static int
fail(struct search *search, int line)
{
	err_set(search->err, E_MARKDOWN);
	err_fact(search->err, "why", SPAN("cells"));
	return err_fact_int(
	    search->err, "line", markdown_source_line(search->tree, line));
}

static void
write_mark(struct search *search)
{
	buf_text(&search->second, search->tree->set->prefix);
	buf_text(&search->second, CELL);
}

/* An escaped pipe is a pipe, in code too. */
static void
write_cell(struct search *search, struct span cell)
{
	write_mark(search);
	buf_char(&search->second, ' ');
	for (size_t i = 0; i < cell.len; i++) {
		if (cell.ptr[i] == '\\' && i + 1 < cell.len) {
			if (cell.ptr[i + 1] != '|')
				buf_char(&search->second, '\\');
			i++;
		}
		buf_char(&search->second, cell.ptr[i]);
	}
	buf_text(&search->second, "\n\n");
}

static int
write_row(struct search *search, const struct found *found, int line)
{
	struct span row, cell = SPAN("");
	unsigned count = 0;

	paragraph_line(&search->tree->lines, found->paragraph, line, &row);
	row = open_row(row);
	while (take_cell(&row, &cell)) {
		if (++count > found->columns)
			return fail(search, line);
		write_cell(search, cell);
	}
	for (; count < found->columns; count++)
		write_cell(search, SPAN(""));
	search->cells += found->columns;
	return search->cells > TABLE_CELLS_MAX ? fail(search, line) : 0;
}

static int
write_cells(struct search *search)
{
	struct span line;

	for (size_t i = 0; i < search->count; i++) {
		const struct found *found = &search->found[i];

		for (int n = found->first; n < found->head; n++) {
			paragraph_line(
			    &search->tree->lines, found->paragraph, n, &line);
			buf_add(&search->second, line);
			buf_char(&search->second, '\n');
		}
		buf_char(&search->second, '\n');
		for (int n = found->head; n <= found->last; n++) {
			if (n != found->head + 1 &&
			    write_row(search, found, n) < 0)
				return -1;
		}
	}
	write_mark(search);
	buf_text(&search->second, "\n\n");
	buf_add(&search->second, search->tree->lines.text);
	return 0;
}

/* ---- Building ---------------------------------------------------------- */

static bool
is_cell(const struct search *search, cmark_node *node)
{
	cmark_node *child =
	    node && cmark_node_get_type(node) == CMARK_NODE_PARAGRAPH
		? cmark_node_first_child(node)
		: NULL;
	struct span text =
	    span_of(child ? cmark_node_get_literal(child) : NULL);

	return span_starts(text, span_of(search->tree->set->prefix)) &&
	       span_starts(span_slice(text, 4, text.len), SPAN(CELL));
}

static cmark_node *
new_block(struct search *search, enum block_kind kind, int line)
{
	cmark_node *node = cmark_node_new(CMARK_NODE_CUSTOM_BLOCK);
	struct block *block = block_need(search->tree, node);

	block->kind = kind;
	block->first = block->last = line;
	return node;
}

/* Moves the content of the next paragraph into a cell. */
static void
fill_cell(struct search *search, cmark_node *cell)
{
	cmark_node *paragraph = search->next;
	cmark_node *child = cmark_node_first_child(paragraph);
	struct span text = span_of(cmark_node_get_literal(child));
	char *rest;

	search->next = cmark_node_next(paragraph);
	text = span_slice(text, 4 + sizeof CELL - 1, text.len);
	if (span_starts(text, SPAN(" ")))
		text = span_slice(text, 1, text.len);
	rest = mem_text(text);
	cmark_node_set_literal(child, rest);
	if (text.len == 0) {
		cmark_node_unlink(child);
		cmark_node_free(child);
	}
	free(rest);
	while ((child = cmark_node_first_child(paragraph)) != NULL) {
		cmark_node_unlink(child);
		cmark_node_append_child(cell, child);
	}
}

static void
build_row(struct search *search, const struct found *found, int line,
    cmark_node *table)
{
	cmark_node *row = new_block(search, BLOCK_ROW, line);
	struct block *block = block_of(row);

	if (line == found->head) {
		block->is_header = true;
		block->last = line + 1;
	}
	cmark_node_append_child(table, row);
	for (unsigned i = 0; i < found->columns; i++) {
		cmark_node *cell = new_block(search, BLOCK_CELL, line);

		block_of(cell)->align = &block_of(table)->align[i];
		cmark_node_append_child(row, cell);
		fill_cell(search, cell);
	}
}

/* Puts a table in the place of its paragraph. */
static void
build(struct search *search, const struct found *found)
{
	cmark_node *table = new_block(search, BLOCK_TABLE, found->head);
	struct block *block = block_of(table);
	cmark_node *above = NULL;

	block->last = found->last;
	block->columns = found->columns;
	block->align = arena_take(
	    search->tree->arena, found->columns * sizeof *block->align);
	memcpy(
	    block->align, found->align, found->columns * sizeof *block->align);
	while (!is_cell(search, search->next)) {
		above = search->next;
		search->next = cmark_node_next(above);
		cmark_node_unlink(above);
		cmark_node_insert_before(found->paragraph, above);
		block = block_need(search->tree, above);
		block->first = found->first;
		block->last = found->head - 1;
		block->column = cmark_node_get_start_column(found->paragraph);
	}
	for (int n = found->head; n <= found->last; n++) {
		if (n != found->head + 1)
			build_row(search, found, n, table);
	}
	cmark_node_insert_before(found->paragraph, table);
	cmark_node_unlink(found->paragraph);
	cmark_node_free(found->paragraph);
}

int
markdown_tables(struct markdown_tree *tree, struct err *err)
{
	struct search search = {.tree = tree, .err = err};
	cmark_node *second = NULL;
	int rc = -1;

	find_all(&search);
	if (search.count > 0) {
		if (write_cells(&search) < 0)
			goto out;
		second = markdown_emphasis(buf_span(&search.second), tree->set);
		search.next = cmark_node_first_child(second);
		for (size_t i = 0; i < search.count; i++)
			build(&search, &search.found[i]);
	}
	rc = 0;
out:
	if (second)
		cmark_node_free(second);
	free(search.found);
	buf_done(&search.second);
	return rc;
}
