/* Cuts a text at its tokens, once, so that filling only copies.  Sections are
 * matched here a second time, piece by piece: what the writer of a part has
 * torn apart (a link's target stands before its words in HTML) would jump to
 * the wrong place, and is found out before anything is filled. */
#include <stdlib.h>

#include "core/compose/merge_piece.h"

void
merge_text_done(struct merge_text *text)
{
	buf_done(&text->literal);
	free(text->piece);
	*text = MERGE_TEXT_INIT;
}

void
merge_text_raw(struct merge_text *text, struct span bytes)
{
	buf_add(&text->literal, bytes);
}

/* Notes the first mark that does not nest. */
static void
note_torn(struct merge_text *text, unsigned mark)
{
	if (text->torn == 0)
		text->torn = mark + 1;
}

/* The mark of the section that is open; shells are none. */
static unsigned
innermost(const struct merge_text *text)
{
	unsigned open = text->open;

	while (open > 0 && text->piece[open - 1].mark == MERGE_SHELL)
		open = text->piece[open - 1].partner;
	return open > 0 ? text->piece[open - 1].mark : MERGE_NO_MARK;
}

/* A closing piece ends the innermost section or none: the marks between would
 * be filled with the values of another item. */
static void
close_section(struct merge_text *text, unsigned number)
{
	const struct merge_piece *piece = &text->piece[number];
	unsigned open = text->open;

	if (open == 0 || text->piece[open - 1].mark != piece->partner) {
		note_torn(text,
		    piece->mark == MERGE_SHELL ? innermost(text) : piece->mark);
		return;
	}
	text->open = text->piece[open - 1].partner;
	text->piece[open - 1].partner = number;
}

static void
add_piece(struct merge_text *text, struct merge_piece piece)
{
	unsigned number = (unsigned)text->count;

	if (text->count == text->room) {
		text->room = text->room ? text->room * 2 : 16;
		text->piece =
		    mem_grow(text->piece, text->room * sizeof *text->piece);
	}
	piece.at = text->literal.len;
	if (piece.kind == MERGE_SECTION || piece.kind == MERGE_INVERTED)
		piece.partner = text->open;
	text->piece[text->count++] = piece;
	if (piece.kind == MERGE_CLOSE)
		close_section(text, number);
	else if (piece.kind != MERGE_VALUE)
		text->open = number + 1;
}

unsigned
merge_text_torn(const struct merge_text *text)
{
	if (text->torn > 0)
		return text->torn - 1;
	return innermost(text);
}

void
merge_text_add(struct merge_text *text, struct merge_set *set,
    struct span tokens, enum merge_context literal, enum merge_context value)
{
	while (tokens.len > 0) {
		size_t at = merge_find(set, tokens);
		const struct merge_mark *mark;
		enum merge_kind kind;
		unsigned number;

		merge_escape(
		    literal, span_slice(tokens, 0, at), &text->literal);
		tokens = span_slice(tokens, at, tokens.len);
		kind = merge_token_kind(set, tokens, &number);
		if (kind == MERGE_NONE)
			continue;
		mark = &set->mark[number];
		if (kind != MERGE_CLOSE && mark->parent != innermost(text))
			note_torn(text, number);
		add_piece(text, (struct merge_piece){
				    .mark = number,
				    .kind = (unsigned short)kind,
				    .context = (unsigned short)value,
				    .partner = mark->partner,
				});
		if (kind == MERGE_VALUE &&
		    (value == MERGE_ATTR || value == MERGE_URL))
			set->field[mark->field].one_line = true;
		tokens = span_slice(tokens, MERGE_TOKEN_LEN, tokens.len);
	}
}

void
merge_text_open_shell(struct merge_text *text, size_t octets)
{
	add_piece(text, (struct merge_piece){.mark = MERGE_SHELL,
			    .kind = MERGE_SECTION,
			    .shell = (unsigned)octets});
}

void
merge_text_close_shell(struct merge_text *text, size_t octets)
{
	add_piece(text, (struct merge_piece){.mark = MERGE_SHELL,
			    .kind = MERGE_CLOSE,
			    .partner = MERGE_SHELL,
			    .shell = (unsigned)octets});
}

void
merge_text_token(struct merge_text *text)
{
	add_piece(text,
	    (struct merge_piece){.mark = MERGE_TOKEN, .kind = MERGE_VALUE});
}

/* Index of the first mark at or behind an offset. */
static size_t
first_piece(const struct merge_text *text, size_t from)
{
	size_t low = 0, high = text->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (text->piece[middle].at < from)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

bool
merge_text_has_mark(const struct merge_text *text, size_t from, size_t to)
{
	size_t first = first_piece(text, from);

	return first < text->count && text->piece[first].at < to;
}

void
merge_text_move(struct merge_text *to_text, const struct merge_text *text,
    size_t from, size_t to)
{
	struct span literal = buf_span(&text->literal);
	size_t done = from, last = to == literal.len ? to + 1 : to;

	for (size_t i = first_piece(text, from);
	    i < text->count && text->piece[i].at < last; i++) {
		const struct merge_piece *piece = &text->piece[i];

		merge_text_raw(to_text, span_slice(literal, done, piece->at));
		add_piece(to_text, *piece);
		done = piece->at;
	}
	merge_text_raw(to_text, span_slice(literal, done, to));
	if (to_text->torn == 0)
		to_text->torn = text->torn;
}
