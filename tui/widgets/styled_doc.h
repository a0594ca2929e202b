/* An HTML part as blocks of text with roles, before they are laid out.  For
 * styled.c only. */
#ifndef TUI_WIDGETS_STYLED_DOC_H
#define TUI_WIDGETS_STYLED_DOC_H

#include "core/base/buf.h"
#include "tui/theme.h"

enum {
	DOC_COLUMNS_MAX = 16,
	DOC_CELLS_MAX = 10 * 1000,
	DOC_BLOCKS_MAX = 50 * 1000
};

enum doc_kind { DOC_TEXT, DOC_HEAD_1, DOC_HEAD_2, DOC_RULE, DOC_TABLE };
enum doc_align { DOC_START, DOC_CENTER, DOC_END };

/* Octets from..to of a buffer. */
struct stretch {
	size_t from, to;
};

/* Has its own rows. */
struct doc_block {
	enum doc_kind kind;
	bool gap;                    /* an empty row before it */
	struct stretch text;         /* of doc.text */
	struct stretch first, later; /* of doc.prefix: before its rows */
	size_t table;                /* DOC_TABLE: which */
};

/* A cell's text may have LF. */
struct doc_cell {
	struct stretch text;
	int row, col;
	enum doc_align align;
	bool head;
};

struct doc_table {
	size_t cell_from, cell_to;
	int rows, cols;
};

/* In the caller's storage, zeroed at first, ended with doc_done(). */
struct doc {
	struct buf text;   /* safe text */
	struct buf roles;  /* one octet for each of text */
	struct buf prefix; /* quote signs, list signs, blanks */
	struct buf links;  /* targets, each ended by LF: as written, foreign */
	size_t link_count;
	struct doc_block *block;
	size_t block_count;
	struct doc_cell *cell;
	size_t cell_count;
	struct doc_table *table;
	size_t table_count;
	bool is_cut; /* something was beyond a limit */
};

/* Reads HTML: foreign bytes, at most as many as styled.h allows. */
void doc_read(struct doc *doc, struct span html);

/* Frees everything, wiping the text. */
void doc_done(struct doc *doc);

#endif
