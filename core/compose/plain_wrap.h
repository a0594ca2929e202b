/* What the plain part looks like between building and wrapping, and the lines
 * that wrapping makes of it.  Only the files plain*.c know it.
 *
 * A paragraph is PREFIX, prefix of its further lines, PREFIX_2, prefix of its
 * first line, TEXT, the text, LF; the text may hold LF, a hard line end.  A table
 * is TABLE, the two prefixes in the same way, one letter (l, c, r) for each
 * column, ROW_END, then cells ended by CELL_END and rows ended by ROW_END,
 * TABLE_END, LF.  VERBATIM begins a line that is never wrapped, GAP one that
 * asks for an empty line, COUNTER one that sets a list's number; UNDERLINE
 * stands for as many signs as the paragraph before it is wide.  NUMBER in the
 * prefix of an item stands for the list's next number.  Neither sources nor
 * values may hold controls, so nobody else can write these. */
#ifndef CORE_COMPOSE_PLAIN_WRAP_H
#define CORE_COMPOSE_PLAIN_WRAP_H

#include "core/compose/plain.h"

#define PLAIN_VERBATIM  '\001'
#define PLAIN_PREFIX    '\002'
#define PLAIN_PREFIX_2  '\003'
#define PLAIN_UNDERLINE '\004'
#define PLAIN_TEXT      '\005'
#define PLAIN_GAP       '\006'
#define PLAIN_TABLE     '\007'
#define PLAIN_CELL_END  '\010'
#define PLAIN_ROW_END   '\016'
#define PLAIN_TABLE_END '\017'
#define PLAIN_COUNTER   '\020'
#define PLAIN_NUMBER    '\021'

/* A part that is being wrapped. */
struct wrap {
	struct buf *out;
	struct span rest; /* prefix of continuation lines */
	int rest_cells;
	size_t begin;     /* of the part in out */
	size_t paragraph; /* where it begins in out */
	bool gap;         /* an empty line is due, with this prefix */
	struct span gap_rest;
	bool counts; /* there may be numbers in prefixes */
	int number[PLAIN_DEPTH_MAX + 1];
	struct buf prefix; /* with its number */
};

/* Wraps one hard line behind its prefix; the next ones go behind rest. */
void plain_wrap_line(struct wrap *wrap, struct span prefix, struct span text);

/* Lays a table out: body is what stands between the prefixes and TABLE_END. */
void plain_lay_table(struct wrap *wrap, struct span first, struct span body);

#endif
