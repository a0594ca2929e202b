/* The plain-text part: built as logical lines with their prefixes, wrapped for
 * each recipient after the values are in, because values differ in width. */
#ifndef CORE_COMPOSE_PLAIN_H
#define CORE_COMPOSE_PLAIN_H

#include <stdbool.h>

#include "core/compose/merge.h"

enum {
	PLAIN_COLUMNS = 76,
	PLAIN_OCTETS_MAX = 990, /* below the 998 of RFC 5322 section 2.1.1 */
	PLAIN_DEPTH_MAX = 16    /* containers in each other */
};

/* A plain part under construction. */
struct plain {
	struct merge_text text;
	struct merge_set *set; /* borrowed */
	struct buf first;      /* prefix of the next line, when pending */
	struct buf rest;       /* prefix of all further lines */
	size_t saved[PLAIN_DEPTH_MAX];
	unsigned depth;
	bool pending;
	bool need_blank;
};

/* Begins an empty part; ends with plain_done(). */
void plain_init(struct plain *plain, struct merge_set *set);

/* Frees what the part holds. */
void plain_done(struct plain *plain);

/* Enters a container whose first line begins with first and the others with
 * rest, both of the same width.  -1 when there are too many. */
int plain_push(struct plain *plain, const char *first, const char *rest);

/* Leaves the container entered last. */
void plain_pop(struct plain *plain);

/* Asks for an empty line where one is due before what comes next. */
void plain_gap(struct plain *plain);

/* Begins a paragraph: an empty line where one is due, then the prefix. */
void plain_begin(struct plain *plain);

/* Adds text with tokens; LF is a hard line break. */
void plain_add(struct plain *plain, struct span tokens);

/* Ends the paragraph. */
void plain_end(struct plain *plain);

/* Underlines the line ended last with c, as wide as it is. */
void plain_underline(struct plain *plain, char c);

/* Adds a line that is never wrapped, behind an indent; plain_gap() before the
 * first one of a block. */
void plain_verbatim_line(
    struct plain *plain, struct span line, const char *indent);

/* Writes what announces an item now, on a line of its own, because it is not
 * certain that anything follows in the item. */
void plain_settle_prefix(struct plain *plain);

/* Begins a table; align has a letter for each column: l, c or r.  Text is added
 * to its cells with plain_add(), each cell ended, each row ended; the first row
 * are the heads. */
void plain_table_begin(struct plain *plain, const char *align);
void plain_cell_end(struct plain *plain);
void plain_row_end(struct plain *plain);
void plain_table_end(struct plain *plain);

/* Sets the next number of a list (a letter, 'a' for the outermost) whose items
 * are known only when it is filled; in their prefix stands PLAIN_ITEM and the
 * letter. */
void plain_counter(struct plain *plain, char list, int start);
#define PLAIN_ITEM "\021"

/* Wraps the paragraphs that hold no marks, once for all recipients; call it
 * when everything is added. */
void plain_settle(struct plain *plain);

/* Wraps a filled part into lines of 76 columns where words allow, of never
 * more than 998 octets: no closing mark at the start of a line, no opening
 * one at its end, URLs in one piece.  Blanks at line ends are dropped. */
void plain_wrap(struct span filled, struct buf *out);

#endif
