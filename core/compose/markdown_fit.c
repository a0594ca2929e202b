/* Which words of a table stay whole?  On a phone a table is squeezed, and a
 * number that is broken in two is read as two; where broken words are allowed,
 * browsers break them long before they must.  So words are kept whole in as many
 * columns as find room on the narrowest screen, judged by the usual widths of
 * letters, those with the longest words last.  In the others a broken word is
 * better than a page that must be pushed sideways. */
#include "core/compose/markdown_walk.h"

#include "core/base/utf8.h"

enum {
	ROOM = 318,    /* pixels of a text on a phone */
	PADDING = 12,  /* of a cell there */
	SIZE = 14,     /* of its letters */
	BROKEN = 50,   /* what a column with broken words is left with */
	MARK_EMS = 500 /* hundredths: what a value in a number's column takes */
};

/* The advance of a character in hundredths of its size. */
static int
ems(uint32_t cp)
{
	if (cp < 0x80 && strchr(" ,.:;'|!fijlrtI()[]/-", (int)cp))
		return 33;
	if (cp >= 'A' && cp <= 'Z')
		return cp == 'M' || cp == 'W' ? 90 : 70;
	if (cp == 'm' || cp == 'w')
		return 83;
	return utf8_cp_width(cp) == 2 ? 100 : 56;
}

/* Widths of words, fed text by text. */
struct ruler {
	const struct merge_set *set;
	bool is_head; /* Japanese words of heads are whole too */
	int word, widest;
};

static void
end_word(struct ruler *ruler)
{
	if (ruler->word > ruler->widest)
		ruler->widest = ruler->word;
	ruler->word = 0;
}

static void
measure(struct ruler *ruler, struct span text)
{
	uint32_t cp;

	while (utf8_next(&text, &cp) != UTF8_END) {
		bool breaks = cp == ' ' || cp == '\n' || cp == 0x3000;

		if (!ruler->is_head && utf8_cp_width(cp) == 2)
			breaks = true;
		if (breaks)
			end_word(ruler);
		ruler->word += cp == ' ' || cp == '\n' ? 0 : ems(cp);
		if (breaks)
			end_word(ruler);
	}
}

/* A token is as wide as a value may be expected to be. */
static void
measure_tokens(struct ruler *ruler, struct span text)
{
	while (text.len > 0) {
		size_t at = merge_find(ruler->set, text);

		measure(ruler, span_slice(text, 0, at));
		text = span_slice(text, at, text.len);
		if (text.len == 0)
			break;
		ruler->word += MARK_EMS;
		text = span_slice(text, MERGE_TOKEN_LEN, text.len);
	}
}

static cmark_node *
next_within(cmark_node *node, cmark_node *top)
{
	if (cmark_node_first_child(node))
		return cmark_node_first_child(node);
	while (node != top && !cmark_node_next(node))
		node = cmark_node_parent(node);
	return node == top ? NULL : cmark_node_next(node);
}

static int
widest_word(const struct merge_set *set, cmark_node *cell)
{
	struct ruler ruler = {.set = set,
	    .is_head = block_of(cmark_node_parent(cell))->is_header};

	for (cmark_node *node = cell; node; node = next_within(node, cell)) {
		const char *text = cmark_node_get_literal(node);

		if (text)
			measure_tokens(&ruler, span_of(text));
		else if (cmark_node_get_type(node) == CMARK_NODE_SOFTBREAK)
			end_word(&ruler);
	}
	end_word(&ruler);
	/* heads are bold */
	return ruler.is_head ? ruler.widest * 108 / 100 : ruler.widest;
}

/* The width of the widest word of every column. */
static void
measure_columns(const struct merge_set *set, cmark_node *table, int widest[])
{
	unsigned columns = block_of(table)->columns;

	for (cmark_node *row = cmark_node_first_child(table); row;
	    row = cmark_node_next(row)) {
		cmark_node *cell = cmark_node_first_child(row);

		for (unsigned i = 0; cell && i < columns; i++) {
			int width = widest_word(set, cell) * SIZE / 100;

			if (width > widest[i])
				widest[i] = width;
			cell = cmark_node_next(cell);
		}
	}
}

bool
table_fit(const struct merge_set *set, cmark_node *table, bool whole[])
{
	int widest[TABLE_COLUMNS_MAX] = {0}, needed = 0;
	unsigned columns = block_of(table)->columns, left = columns;

	measure_columns(set, table, widest);
	for (unsigned i = 0; i < columns; i++) {
		whole[i] = true;
		needed += widest[i] + PADDING;
	}
	while (needed > ROOM && left > 0) {
		unsigned most = 0;

		for (unsigned i = 1; i < columns; i++) {
			if (!whole[most] ||
			    (whole[i] && widest[i] > widest[most]))
				most = i;
		}
		whole[most] = false;
		left--;
		if (widest[most] > BROKEN)
			needed -= widest[most] - BROKEN;
	}
	return left > 0;
}

static bool
has_mark(const struct merge_set *set, cmark_node *cell)
{
	for (cmark_node *node = cell; node; node = next_within(node, cell)) {
		struct span text = span_of(cmark_node_get_literal(node));

		if (merge_find(set, text) < text.len)
			return true;
	}
	return false;
}

bool
cell_may_break(
    const struct merge_set *set, cmark_node *cell, const bool whole[])
{
	unsigned column = 0;

	for (cmark_node *it = cell; (it = cmark_node_previous(it));)
		column++;
	if (!whole[column])
		return true;
	return *block_of(cell)->align != ALIGN_END && has_mark(set, cell);
}
