/* The walk along the tree of a text, which writes both parts.  Only the files
 * markdown*.c know it. */
#ifndef CORE_COMPOSE_MARKDOWN_WALK_H
#define CORE_COMPOSE_MARKDOWN_WALK_H

#include "core/compose/markdown_tree.h"

/* A link target that has a number in the plain part. */
struct note {
	size_t from, len; /* in walk.notes */
};

/* A section that is open, and the node in which it was opened. */
struct open_section {
	unsigned mark;
	cmark_node *in;
};

struct walk {
	const struct markdown *source;
	struct markdown_tree *tree;
	struct merge_text *html;
	struct plain *plain;
	struct err *err;
	struct buf notes; /* all targets, one behind the other */
	struct note *note;
	size_t note_count;
	struct buf url;  /* of the open link */
	struct buf text; /* of the open link or image */
	unsigned image;  /* open images */
	unsigned lists;  /* open numbered lists */
	bool button;     /* the open paragraph is one */
	bool fits; /* some columns of the open table keep their words whole */
	bool whole[TABLE_COLUMNS_MAX]; /* which */
	uint32_t last; /* last character written, 0 = none or a mark */
	struct open_section section[MERGE_DEPTH_MAX];
	unsigned sections;
};

/* Fails with E_MARKDOWN and the line of a node. */
int walk_fail(struct walk *walk, cmark_node *node, const char *why);

/* Writes HTML as it is. */
void walk_html(struct walk *walk, const char *text);

/* Writes "<name" with the attributes of the theme, still open. */
void walk_open(struct walk *walk, const char *name, enum mail_element element);

/* False when text holds a control: libcmark decodes "&#1;". */
bool walk_is_clean(struct span text);

/* Follows the sections that text, which stands in a node, opens and closes.
 * E_MARKDOWN (why: section) when one is closed elsewhere than it was opened. */
int walk_sections(struct walk *walk, cmark_node *in, struct span text);

/* ---- markdown_inline.c ------------------------------------------------- */

/* Writes an inline element, or its begin or end. */
int walk_inline(struct walk *walk, cmark_node *node, cmark_event_type event);

/* True for a paragraph that holds nothing but one strong link. */
bool walk_is_button(cmark_node *paragraph);

/* Writes the numbered targets, one line each, below the text. */
void walk_notes(struct walk *walk);

/* ---- markdown_fit.c ---------------------------------------------------- */

/* Tells which columns of a table find room on a phone without a word being
 * broken; false when none does. */
bool table_fit(const struct merge_set *set, cmark_node *table, bool whole[]);

/* True when the words of a cell of such a table may be broken: its column has
 * no room, or it holds a mark whose value may be longer than a number. */
bool cell_may_break(
    const struct merge_set *set, cmark_node *cell, const bool whole[]);

#endif
