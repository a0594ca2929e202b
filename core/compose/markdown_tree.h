/* The tree of a text: libcmark's, with tables, Japanese emphasis and the marks
 * of sections put in.  Only the files markdown*.c know it. */
#ifndef CORE_COMPOSE_MARKDOWN_TREE_H
#define CORE_COMPOSE_MARKDOWN_TREE_H

#include <cmark.h>

#include "core/compose/markdown.h"

enum {
	TABLE_COLUMNS_MAX = 30,
	TABLE_CELLS_MAX = 20000, /* of one text, empty ones included */
	BLOCK_DEPTH_MAX = 2 * PLAIN_DEPTH_MAX + 4
};

enum block_kind { BLOCK_PLAIN, BLOCK_TABLE, BLOCK_ROW, BLOCK_CELL, BLOCK_MARK };

enum table_align { ALIGN_NONE, ALIGN_START, ALIGN_CENTER, ALIGN_END };

/* The mark of a section between two lines of a code block. */
struct code_mark {
	size_t line; /* content lines before it */
	struct span token;
	struct code_mark *next;
};

/* What libcmark does not know of a block: the user data of its node, in the
 * tree's arena.  Tables, rows, cells and marks are custom blocks (marks of
 * items are items) with such data. */
struct block {
	enum block_kind kind;
	int first, last;  /* lines of the parsed text; 0: libcmark knows */
	unsigned columns; /* of a table */
	enum table_align *align; /* of a table or a cell */
	bool is_header;          /* of a row */
	int column;              /* where its text begins, when not 0 */
	struct span token;       /* of a mark */
	struct code_mark *code_mark, **code_end; /* of a code block */
	int number, digits; /* of an ordered list: the next one, its width */
	bool counts;        /* numbers are known only when it is filled */
};

/* The lines of a text as libcmark counts them. */
struct lines {
	struct span text;
	size_t *start; /* count + 1 offsets */
	int count;
};

/* Finds the lines of a text, which is borrowed; ends with lines_done(). */
void lines_init(struct lines *lines, struct span text);

/* Frees the offsets. */
void lines_done(struct lines *lines);

/* Line number n, from 1, without its line end; empty when there is none. */
struct span lines_at(const struct lines *lines, int n);

struct markdown_tree {
	struct merge_set *set; /* borrowed */
	struct arena *arena;   /* of the blocks */
	cmark_node *document;
	struct buf text; /* what was parsed */
	struct lines lines;
	struct line_mark *mark; /* lines with nothing but a mark */
	size_t mark_count;
	int *origin; /* lines of the scanned text by line of text, or NULL */
};

/* Parses tokens.  E_MARKDOWN (why: depth, cells, section; line). */
int markdown_parse(struct span tokens, struct merge_set *set,
    enum markdown_syntax syntax, struct markdown_tree *tree, struct err *err);

/* Frees what a tree holds. */
void markdown_tree_done(struct markdown_tree *tree);

/* What is known of a node, NULL when nothing is. */
struct block *block_of(cmark_node *node);

/* The same, made when there is none. */
struct block *block_need(struct markdown_tree *tree, cmark_node *node);

/* What kind of block of ours a node is, BLOCK_PLAIN for libcmark's. */
enum block_kind block_kind(cmark_node *node);

/* First and last line of a leaf block or of one of ours. */
int block_first(cmark_node *node);
int block_last(const struct lines *lines, cmark_node *node);

/* True for a code block between fences, false for an indented one. */
bool block_is_fenced(const struct lines *lines, cmark_node *code);

/* The line of the written source that a line of the parsed text was. */
int markdown_source_line(const struct markdown_tree *tree, int line);

/* The line of the written source on which a node stands. */
int markdown_line(const struct markdown_tree *tree, cmark_node *node);

/* Appends all paragraphs and headings of a document to *out, *count of them;
 * the caller frees *out. */
void markdown_leaves(cmark_node *document, cmark_node ***out, size_t *count);

/* ---- markdown_emphasis.c ----------------------------------------------- */

/* Parses text, reading stars beside Japanese as a reader of Japanese does where
 * CommonMark leaves some of them as text; the caller frees the document. */
cmark_node *markdown_emphasis(struct span text, const struct merge_set *set);

/* ---- markdown_section.c ------------------------------------------------ */

/* Finds the lines of the scanned text that hold nothing but the mark of a
 * section. */
void markdown_marks_find(struct markdown_tree *tree, struct span tokens);

/* Writes the text of the tree without these lines, but with the marks that were
 * found to belong into other lines. */
void markdown_marks_cut(struct markdown_tree *tree, struct span tokens);

/* Puts the marks into the tree, or finds that some belong into lines of
 * paragraphs and the text must be cut and parsed again (once is enough).
 * E_MARKDOWN (why: section; field, line, column). */
enum marks_placed { MARKS_PLACED, MARKS_AGAIN };
int markdown_marks_place(
    struct markdown_tree *tree, struct err *err, enum marks_placed *out);

/* ---- markdown_table.c -------------------------------------------------- */

/* Puts tables in the place of the paragraphs that are some.  E_MARKDOWN (why:
 * cells; line). */
int markdown_tables(struct markdown_tree *tree, struct err *err);

#endif
